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

struct verdict_history track_history(const struct track *track, int64_t boot_no, bool boot_known,
                                     int64_t pid)
{
    bool same_pid = pid > 0 && track->pid == pid && track->pid_boot == boot_no;
    return (struct verdict_history){
        .ever_bound = track->ever_bound,
        .ever_installed = track->ever_installed,
        .same_pid_since_ms = same_pid ? track->pid_since_ms : 0,
        .pending_since_ms =
            boot_known && track->pending_boot == boot_no ? track->pending_since_ms : 0,
        .last_startup = track->last_startup,
    };
}

/* Which pid is the service's is a part of the judgement: the first look tells it. */
void track_judge(const struct track *track, int64_t boot_no, bool boot_known,
                 struct verdict_question *question, struct verdict *ret)
{
    question->history = track_history(track, boot_no, boot_known, 0);
    verdict_judge(question, ret);
    struct verdict_history history = track_history(track, boot_no, boot_known, ret->pid);
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

/* Switched off and on again is not changed back; and who returns to a delayed start takes the cure,
 * whatever it was before. */
static void note_startup(struct track *track, enum startup_type startup)
{
    if (track->last_startup != STARTUP_UNKNOWN) {
        bool seen = track->span.startup == track->last_startup;
        track->startup_was = track->last_startup;
        track->startup_until_ms = seen ? track->span.last_ms : 0;
    }
    track->last_startup = startup;
    if (startup != STARTUP_DISABLED && startup != track->startup_kept) {
        track->reverted = startup == track->startup_before && startup != STARTUP_AUTOMATIC_DELAYED;
        track->startup_before = track->startup_kept;
        track->startup_kept = startup;
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
    if (service->startup != STARTUP_UNKNOWN && service->startup != track->last_startup) {
        note_startup(track, service->startup);
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

static const char *holder_image(const struct track_reading *reading, const struct verdict *verdict)
{
    const struct process *process = verdict->holder.port != 0 && verdict->holder.pid > 0
                                        ? snapshot_process(reading->snapshot, verdict->holder.pid)
                                        : NULL;
    return process == NULL ? NULL : process->name;
}

static void note_owner(struct track *track, const struct track_reading *reading,
                       const struct verdict *verdict, struct track_change *change)
{
    const char *image = holder_image(reading, verdict);
    if (verdict->code != VERDICT_BOUND || image == NULL || str_ieq(image, track->owner)) {
        return;
    }
    if (track->owner != NULL) {
        track->owner_was = track->owner;
        track->owner_boot = reading->boot_no;
    }
    track->owner = image;
    change->effects |= TRACK_CHANGED;
}

/* Who held it at the last good reading, where that is not who holds it now. */
static const char *other_owner(const struct track *track, const struct track_reading *reading,
                               enum verdict_code code)
{
    if (code == VERDICT_PORT_IN_USE) {
        return track->owner;
    }
    return code == VERDICT_BOUND && track->owner_boot == reading->boot_no ? track->owner_was : NULL;
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
        .reverted = track->reverted && verdict->startup == track->startup_kept,
        .conflict = verdict->conflict,
        .verdict = verdict->code,
        .detail = verdict->detail,
        .expected_by = verdict->expected_by,
        .port = verdict->port,
        .pid = verdict->pid,
        .process_created_ms = verdict->process_created_ms,
        .service_state = verdict->service_state,
        .startup = verdict->startup,
        .startup_was = verdict->startup == STARTUP_UNKNOWN ? STARTUP_UNKNOWN : track->startup_was,
        .startup_until_ms = verdict->startup == STARTUP_UNKNOWN ? 0 : track->startup_until_ms,
        .canary = verdict->canary,
        .exit_code = verdict->exit_code,
        .holder_pid = -1,
        .holder_image = holder_image(reading, verdict),
        .owner_was = other_owner(track, reading, verdict->code),
    };
    if (verdict->holder.port != 0) {
        char address[IP_TEXT];
        ip_text(&verdict->holder.address, address);
        span.holder_address = arena_strdup(arena, address);
        span.holder_port = verdict->holder.port;
        span.holder_pid = verdict->holder.pid;
        span.holder_created_ms = verdict->holder.created_ms;
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
           old->startup_was == now->startup_was && old->startup_until_ms == now->startup_until_ms &&
           old->canary == now->canary && old->exit_code == now->exit_code &&
           str_eq(old->holder_address, now->holder_address) &&
           old->holder_port == now->holder_port && old->holder_pid == now->holder_pid &&
           old->holder_created_ms == now->holder_created_ms &&
           str_eq(old->holder_image, now->holder_image) && str_eq(old->owner_was, now->owner_was);
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
    if (reading->boot_known && track->good_boot == reading->boot_no) {
        return FINDING_LOST_MID_BOOT;
    }
    return reading->boot_known && first_of_boot && good_before ? FINDING_LOST_AT_BOOT
                                                               : FINDING_LOST;
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

static enum finding_end recovery_of(const struct track *track, const struct track_reading *reading)
{
    if (!reading->boot_known || track->finding.bad_boot == 0) {
        return END_RECOVERED;
    }
    return track->finding.bad_boot == reading->boot_no ? END_BY_RESTART : END_BY_REBOOT;
}

static void note_finding(struct track *track, const struct track_reading *reading,
                         enum verdict_code code, struct track_change *change)
{
    bool open = track->finding.first_bad_ms != 0;
    if (verdict_is_problem(code)) {
        note_problem(track, reading, code, change);
    } else if (open && track_is_good(code)) {
        end_finding(track, reading->time_ms, recovery_of(track, reading), change);
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

/* Nobody knows whether what was seen before was of this boot. */
static void forget_boot(struct track *track, struct track_change *change)
{
    set_i64(&track->good_boot, 0, change);
    set_i64(&track->pending_since_ms, 0, change);
    set_i64(&track->pending_boot, 0, change);
    if (track->finding.first_bad_ms != 0 && track->finding.bad_boot != 0) {
        track->finding.bad_boot = 0;
        change->finding = track->finding;
        change->effects |= TRACK_FINDING_CHANGED;
    }
}

void track_apply(struct track *track, const struct track_reading *reading,
                 const struct verdict *verdict, struct arena *arena, struct track_change *ret)
{
    *ret = (struct track_change){.effects = 0};
    if (reading->boot_broken) {
        forget_boot(track, ret);
    }
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
    note_owner(track, reading, verdict, ret);
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
