/* track: what the readings of one host and expectation amount to over time, by pure rules. */
#include "db/track/track.h"

#include "core/str.h"

void track_init(struct track *track)
{
    *track = (struct track){.decided = VERDICT_UNKNOWN};
}

bool track_is_good(enum verdict_code code)
{
    return code == VERDICT_BOUND || code == VERDICT_BOUND_OWNER_UNKNOWN;
}

struct verdict_history track_history(const struct track *track, int64_t boot_no, int64_t pid)
{
    bool same_pid = pid > 0 && track->pid == pid && track->pid_boot == boot_no;
    return (struct verdict_history){
        .ever_bound = track->ever_bound,
        .ever_installed = track->ever_installed,
        .same_pid_since_ms = same_pid ? track->pid_since_ms : 0,
        .pending_since_ms = track->pending_boot == boot_no ? track->pending_since_ms : 0,
        .last_startup = track->last_startup,
    };
}

/* Which pid is the service's is a part of the judgement: the first look tells it. */
void track_judge(const struct track *track, int64_t boot_no, struct verdict_question *question,
                 struct verdict *ret)
{
    question->history = track_history(track, boot_no, 0);
    verdict_judge(question, ret);
    struct verdict_history history = track_history(track, boot_no, ret->pid);
    if (history.same_pid_since_ms != 0) {
        question->history = history;
        verdict_judge(question, ret);
    }
}

static const struct service *service_of(const struct track_reading *reading)
{
    enum outcome outcome = reading->snapshot->sections[SECTION_SERVICES].outcome;
    bool usable = outcome == OUTCOME_COMPLETE || outcome == OUTCOME_DENIED;
    return usable ? snapshot_service(reading->snapshot, reading->expectation->service) : NULL;
}

static void set_bool(bool *place, bool value, struct track_change *change)
{
    if (*place != value) {
        *place = value;
        change->effects |= TRACK_CHANGED;
    }
}

static void set_i64(int64_t *place, int64_t value, struct track_change *change)
{
    if (*place != value) {
        *place = value;
        change->effects |= TRACK_CHANGED;
    }
}

static void note_service(struct track *track, const struct track_reading *reading,
                         struct track_change *change)
{
    const struct service *service = service_of(reading);
    if (service == NULL) {
        return;
    }
    if (service->visible || service->canary == PRESENCE_PRESENT) {
        set_bool(&track->ever_installed, true, change);
    }
    if (service->startup == STARTUP_AUTOMATIC_DELAYED) {
        set_bool(&track->delayed_before, true, change);
    }
    if (service->startup != STARTUP_UNKNOWN && service->startup != track->last_startup) {
        track->last_startup = service->startup;
        change->effects |= TRACK_CHANGED;
    }
}

static void note_pid(struct track *track, const struct track_reading *reading,
                     const struct verdict *verdict, struct track_change *change)
{
    int64_t pid = verdict->pid;
    if (pid < 0 || (pid == track->pid && track->pid_boot == reading->boot_no)) {
        return;
    }
    set_i64(&track->pid, pid, change);
    set_i64(&track->pid_boot, reading->boot_no, change);
    set_i64(&track->pid_since_ms, pid > 0 ? reading->time_ms : 0, change);
}

static void note_pending(struct track *track, const struct track_reading *reading,
                         const struct verdict *verdict, struct track_change *change)
{
    if (verdict_is_decisive(verdict->code)) {
        set_i64(&track->pending_since_ms, 0, change);
        set_i64(&track->pending_boot, 0, change);
    } else if (track->pending_since_ms == 0 || track->pending_boot != reading->boot_no) {
        set_i64(&track->pending_since_ms, reading->time_ms, change);
        set_i64(&track->pending_boot, reading->boot_no, change);
    }
}

/* The service's process is younger than boot and settle allow, while another service's started
 * with the boot: somebody has restarted it before this first look at the boot. */
static bool looks_restarted(const struct track_reading *reading, const struct verdict *verdict)
{
    const struct snapshot *snapshot = reading->snapshot;
    int64_t boot_ms = snapshot->boot.boot_time_ms;
    if (snapshot->sections[SECTION_BOOT].outcome != OUTCOME_COMPLETE || boot_ms <= 0 ||
        verdict->process_created_ms <= 0) {
        return false;
    }
    int64_t settled = boot_ms + verdict_boot_settle_ms(snapshot->auto_start_delay_ms);
    if (verdict->process_created_ms <= settled + reading->expectation->settle_running_ms) {
        return false;
    }
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct service *sibling = &snapshot->services[i];
        const struct process *process = sibling->pid > 0 && sibling->pid != verdict->pid
                                            ? snapshot_process(snapshot, sibling->pid)
                                            : NULL;
        if (process != NULL && process->created_ms > 0 && process->created_ms <= settled) {
            return true;
        }
    }
    return false;
}

static struct span span_of(const struct track *track, const struct track_reading *reading,
                           const struct verdict *verdict, struct arena *arena)
{
    struct span span = {
        .first_ms = reading->time_ms,
        .last_ms = reading->time_ms,
        .boot_no = reading->boot_no,
        .machine_no = reading->machine_no,
        .restarted = track_is_good(verdict->code) && track->restarted_boot == reading->boot_no,
        .reverted = track->delayed_before && verdict->startup == STARTUP_AUTOMATIC,
        .conflict = verdict->conflict,
        .verdict = verdict->code,
        .detail = verdict->detail,
        .expected_by = verdict->expected_by,
        .port = verdict->port,
        .pid = verdict->pid,
        .process_created_ms = verdict->process_created_ms,
        .service_state = verdict->service_state,
        .startup = verdict->startup,
        .canary = verdict->canary,
        .exit_code = verdict->exit_code,
        .holder_pid = -1,
    };
    if (verdict->holder.port != 0) {
        char address[IP_TEXT];
        const struct process *process =
            verdict->holder.pid > 0 ? snapshot_process(reading->snapshot, verdict->holder.pid)
                                    : NULL;
        ip_text(&verdict->holder.address, address);
        span.holder_address = arena_strdup(arena, address);
        span.holder_port = verdict->holder.port;
        span.holder_pid = verdict->holder.pid;
        span.holder_created_ms = verdict->holder.created_ms;
        span.holder_image = process == NULL ? NULL : process->name;
    }
    return span;
}

static bool continues(const struct span *old, const struct span *now)
{
    return old->first_ms != 0 && old->boot_no == now->boot_no &&
           old->machine_no == now->machine_no && old->restarted == now->restarted &&
           old->reverted == now->reverted && old->conflict == now->conflict &&
           old->verdict == now->verdict && str_eq(old->detail, now->detail) &&
           old->expected_by == now->expected_by && old->port == now->port && old->pid == now->pid &&
           old->process_created_ms == now->process_created_ms &&
           old->service_state == now->service_state && old->startup == now->startup &&
           old->canary == now->canary && old->exit_code == now->exit_code &&
           str_eq(old->holder_address, now->holder_address) &&
           old->holder_port == now->holder_port && old->holder_pid == now->holder_pid &&
           old->holder_created_ms == now->holder_created_ms &&
           str_eq(old->holder_image, now->holder_image);
}

static void close_span(struct track *track, const char *closed, struct track_change *change)
{
    if (track->span.first_ms != 0) {
        change->effects |= TRACK_SPAN_CLOSED;
        change->closed_ms = track->span.first_ms;
        change->closed = closed;
    }
}

static void note_span(struct track *track, struct span *span, bool opening,
                      struct track_change *change)
{
    if (continues(&track->span, span)) {
        track->span.last_ms = span->last_ms;
        change->effects |= TRACK_SPAN_LONGER;
        return;
    }
    close_span(track, track->span.boot_no == span->boot_no ? "changed" : "reboot", change);
    span->opening = opening;
    track->span = *span;
    change->effects |= TRACK_SPAN_NEW | TRACK_CHANGED;
}

static void note_gap(struct track *track, const struct track_reading *reading,
                     const struct verdict *verdict, struct track_change *change)
{
    struct gap *gap = &track->gap;
    bool newest = gap->first_ms != 0 && gap->last_ms > track->span.last_ms;
    if (newest && gap->reason == verdict->reason && gap->code == verdict->native_code &&
        str_eq(gap->detail, verdict->detail)) {
        gap->last_ms = reading->time_ms;
        change->effects |= TRACK_GAP_LONGER;
        return;
    }
    *gap = (struct gap){
        .first_ms = reading->time_ms,
        .last_ms = reading->time_ms,
        .reason = verdict->reason,
        .detail = verdict->detail,
        .code = verdict->native_code,
    };
    change->effects |= TRACK_GAP_NEW | TRACK_CHANGED;
}

static enum finding classify(const struct track *track, const struct track_reading *reading,
                             enum verdict_code code)
{
    if (code == VERDICT_SERVICE_REMOVED) {
        return FINDING_SERVICE_REMOVED;
    }
    if (track->good_ms == 0) {
        return FINDING_NEVER_BOUND;
    }
    bool first_of_boot = track->opened_boot != reading->boot_no;
    bool good_before = track->decided_ms != 0 && track_is_good(track->decided);
    bool other_boot = track->good_boot != reading->boot_no;
    return other_boot && first_of_boot && good_before ? FINDING_LOST_AT_BOOT
                                                      : FINDING_LOST_MID_BOOT;
}

static void end_finding(struct track *track, int64_t time_ms, enum finding_end end,
                        struct track_change *change)
{
    change->finding = track->finding;
    change->finding.ended_ms = time_ms;
    change->finding.ended = end;
    change->effects |= TRACK_FINDING_CHANGED | TRACK_CHANGED;
    track->finding = (struct finding_run){.first_bad_ms = 0};
}

static void note_problem(struct track *track, const struct track_reading *reading,
                         enum verdict_code code, struct track_change *change)
{
    struct finding_run *run = &track->finding;
    if (run->first_bad_ms == 0) {
        *run = (struct finding_run){
            .first_bad_ms = reading->time_ms,
            .finding = classify(track, reading, code),
            .boot_no = reading->boot_no,
            .boot_known = reading->boot_known,
            .last_good_ms = track->good_ms,
        };
        change->effects |= TRACK_FINDING_NEW | TRACK_CHANGED;
    } else {
        change->effects |= TRACK_FINDING_CHANGED;
    }
    run->last_bad_ms = reading->time_ms;
    run->bad_boot = reading->boot_no;
    change->finding = *run;
}

static void note_finding(struct track *track, const struct track_reading *reading,
                         enum verdict_code code, struct track_change *change)
{
    bool open = track->finding.first_bad_ms != 0;
    if (verdict_is_problem(code)) {
        note_problem(track, reading, code, change);
    } else if (open && track_is_good(code)) {
        bool same_boot = track->finding.bad_boot == reading->boot_no;
        end_finding(track, reading->time_ms, same_boot ? END_BY_RESTART : END_BY_REBOOT, change);
    } else if (open && verdict_is_decisive(code)) {
        end_finding(track, reading->time_ms, END_NOT_EXPECTED, change);
    }
}

static void note_decision(struct track *track, const struct track_reading *reading,
                          enum verdict_code code)
{
    if (track_is_good(code)) {
        track->good_ms = reading->time_ms;
        track->good_boot = reading->boot_no;
    }
    if (verdict_is_decisive(code)) {
        track->decided = code;
        track->decided_ms = reading->time_ms;
        track->opened_boot = reading->boot_no;
    }
}

void track_apply(struct track *track, const struct track_reading *reading,
                 const struct verdict *verdict, struct arena *arena, struct track_change *ret)
{
    *ret = (struct track_change){.effects = 0};
    note_service(track, reading, ret);
    if (verdict->code == VERDICT_UNKNOWN) {
        note_gap(track, reading, verdict, ret);
        return;
    }
    bool opening = verdict_is_decisive(verdict->code) && track->opened_boot != reading->boot_no;
    if (opening && track_is_good(verdict->code) && looks_restarted(reading, verdict)) {
        set_i64(&track->restarted_boot, reading->boot_no, ret);
    }
    note_pid(track, reading, verdict, ret);
    note_pending(track, reading, verdict, ret);
    note_finding(track, reading, verdict->code, ret);
    struct span span = span_of(track, reading, verdict, arena);
    note_span(track, &span, opening, ret);
    note_decision(track, reading, verdict->code);
    set_bool(&track->ever_bound, track->ever_bound || verdict->code == VERDICT_BOUND, ret);
}

struct open_problem track_open(const struct track *track)
{
    const struct finding_run *run = &track->finding;
    if (run->first_bad_ms == 0) {
        return (struct open_problem){.since_ms = 0};
    }
    struct open_problem open = {
        .since_ms = run->first_bad_ms,
        .finding = run->finding,
        .verdict = VERDICT_RESTARTING, /* the one problem that is not decisive */
    };
    if (verdict_is_problem(track->span.verdict)) {
        open.verdict = track->span.verdict;
    } else if (verdict_is_problem(track->decided)) {
        open.verdict = track->decided;
    }
    return open;
}

void track_replace(struct track *track, int64_t time_ms, struct track_change *ret)
{
    *ret = (struct track_change){.effects = TRACK_CHANGED};
    close_span(track, "replaced", ret);
    if (track->finding.first_bad_ms != 0) {
        end_finding(track, time_ms, END_REPLACED, ret);
    }
    track_init(track);
}
