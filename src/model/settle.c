/* settle: how long a service may take before what is missing is a finding. */
#include "model/settle.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    BOOT_SETTLE_MS = 300 * SECOND_MS,
    AFTER_DELAY_MS = 180 * SECOND_MS,
    DEFAULT_DELAY_MS = 120 * SECOND_MS,
    NEVER_STARTED_MS = 30 * MINUTE_MS,
    RESTARTING_MS = 10 * MINUTE_MS,
};

/* A registry value is anything up to 49 days: a day is as long as anybody waits. */
static const int64_t longest_delay_ms = (int64_t)24 * 60 * MINUTE_MS;

int64_t verdict_boot_settle_ms(int64_t auto_start_delay_ms)
{
    int64_t delay = auto_start_delay_ms < 0 ? DEFAULT_DELAY_MS : auto_start_delay_ms;
    delay = delay > longest_delay_ms ? longest_delay_ms : delay;
    return delay + AFTER_DELAY_MS > BOOT_SETTLE_MS ? delay + AFTER_DELAY_MS : BOOT_SETTLE_MS;
}

int64_t settle_stopped_ms(const struct snapshot *snapshot, int64_t exit_code)
{
    int64_t settle = verdict_boot_settle_ms(snapshot->auto_start_delay_ms);
    if (exit_code == SETTLE_NEVER_STARTED && settle < NEVER_STARTED_MS) {
        settle = NEVER_STARTED_MS;
    }
    return settle;
}

int64_t settle_uptime_ms(const struct snapshot *snapshot)
{
    bool read = snapshot->sections[SECTION_BOOT].outcome == OUTCOME_COMPLETE;
    return read && snapshot->boot.uptime_ms >= 0 ? snapshot->boot.uptime_ms : -1;
}

int64_t settle_process_age_ms(const struct snapshot *snapshot, int64_t pid)
{
    if (pid <= 0 || snapshot->sections[SECTION_PROCESSES].outcome != OUTCOME_COMPLETE) {
        return -1;
    }
    const struct process *process = snapshot_process(snapshot, pid);
    if (process == NULL || process->created_ms <= 0) {
        return -1;
    }
    int64_t now =
        snapshot->boot.host_clock_ms > 0 ? snapshot->boot.host_clock_ms : snapshot->visit.time_ms;
    /* Created in the future: the clocks disagree, and the age is not known. */
    return now >= process->created_ms ? now - process->created_ms : -1;
}

static bool seen_for(const struct verdict_question *question, int64_t since_ms, int64_t span_ms)
{
    int64_t now = question->snapshot->visit.time_ms;
    return since_ms > 0 && now >= since_ms && now - since_ms >= span_ms;
}

bool settle_running(const struct verdict_question *question, int64_t pid)
{
    const struct snapshot *snapshot = question->snapshot;
    int64_t settle = question->expectation->settle_running_ms;
    int64_t age = settle_process_age_ms(snapshot, pid);
    if (age >= 0) {
        return age >= settle;
    }
    int64_t uptime = settle_uptime_ms(snapshot);
    bool up_long =
        uptime < 0 || uptime >= verdict_boot_settle_ms(snapshot->auto_start_delay_ms) + settle;
    return up_long && seen_for(question, question->history.same_pid_since_ms, settle);
}

bool settle_is_restarting(const struct verdict_question *question)
{
    return seen_for(question, question->history.pending_since_ms,
                    question->expectation->settle_running_ms + RESTARTING_MS);
}
