/* tape: what one visit records while it is under way, or plays in place of its host. */
#include "collector/recording/tape.h"

#include "collector/recording/held_sections.h"

static int check(const struct recording *recording, const struct host *host, enum visit_kind kind,
                 struct err *err)
{
    if (recording->os != host->os || recording->transport != host->transport) {
        return err_set(err, ERR_CONFIG, "replay",
                       "the recording is of %s over %s, and the inventory has %s over %s",
                       host_os_name(recording->os), host_transport_name(recording->transport),
                       host_os_name(host->os), host_transport_name(host->transport));
    }
    if (recording->kind != kind) {
        return err_set(err, ERR_CONFIG, "replay", "the recording is of a %s visit",
                       visit_kind_name(recording->kind));
    }
    return 0;
}

int tape_start(struct tape *tape, struct recorder *recorder, struct player *player,
               const struct host *host, enum visit_kind kind, struct err *err)
{
    *tape = (struct tape){.recorder = recorder, .player = player};
    if (player != NULL) {
        if (player_next(player, host->name, &tape->recording, err) != 0) {
            return -1;
        }
        int rc = check(&tape->recording, host, kind, err);
        if (rc != 0) {
            tape_done(tape);
        }
        return rc;
    }
    tape->recording.program = PVSAUDIT_VERSION;
    tape->recording.host = host->name;
    tape->recording.os = host->os;
    tape->recording.transport = host->transport;
    tape->recording.kind = kind;
    return 0;
}

void tape_done(struct tape *tape)
{
    recording_done(&tape->recording);
    *tape = (struct tape){.tries = 0};
}

bool tape_connect(struct tape *tape, int64_t now_ms)
{
    struct recording *recording = &tape->recording;
    tape->missing = false;
    if (tape->player != NULL) {
        bool more = tape->tries < recording->try_count;
        tape->one = more ? &recording->tries[tape->tries++] : NULL;
        return more;
    }
    if (tape->recorder != NULL) {
        tape->one = recording_add_try(recording);
        tape->failed = tape->failed || tape->one == NULL;
    }
    if (tape->one != NULL) {
        tape->one->time_ms = now_ms;
    }
    return true;
}

void tape_heard(struct tape *tape, const struct transport_exchange *exchange)
{
    const struct recording_exchange copied = {.asked = exchange->asked,
                                              .answer = exchange->answer,
                                              .errors = exchange->errors,
                                              .status = exchange->status};
    if (recording_add_exchange(&tape->recording, &copied) != 0) {
        tape->failed = true;
    }
}

/* Another command than then: what both ask alike is held. */
static bool play_sections(struct tape *tape, struct slice asked, struct transport_exchange *ret)
{
    struct recording_exchange *only = tape->one->exchanges;
    if (tape->recording.transport != HOST_SSH || tape->one->exchange_count != 1 || only->played) {
        return false;
    }
    ret->asked = asked;
    ret->answer = held_sections(only->asked, asked, only->answer, &tape->recording.arena);
    ret->errors = only->errors;
    ret->status = only->status;
    only->played = ret->answer.data != NULL;
    return only->played;
}

bool tape_play(struct tape *tape, struct slice asked, struct transport_exchange *ret)
{
    const struct recording_exchange *found = player_find(tape->one, asked);
    bool held = found != NULL || play_sections(tape, asked, ret);
    tape->missing = tape->missing || !held;
    if (found != NULL) {
        *ret = (struct transport_exchange){.asked = found->asked,
                                           .answer = found->answer,
                                           .errors = found->errors,
                                           .status = found->status};
    }
    return held;
}

static bool is_left(const struct recording_try *one)
{
    for (size_t i = 0; i < one->exchange_count; i++) {
        if (!one->exchanges[i].played) {
            return true;
        }
    }
    return false;
}

/* What failed then fails now, unless something else is asked than then. */
static void play_end(const struct tape *tape, struct transport_answer *answer)
{
    const struct recording_try *one = tape->one;
    answer->address = one->address;
    answer->mechanism = one->mechanism;
    answer->principal = one->principal;
    answer->host_key = one->host_key;
    answer->banner = one->banner;
    if (one->reason != REASON_NONE && !(tape->missing && is_left(one))) {
        answer->reason = one->reason;
        answer->transient = one->transient;
        answer->code = one->code;
        answer->stage = one->stage;
        answer->detail = one->detail;
    }
}

void tape_answered(struct tape *tape, struct transport_answer *answer)
{
    struct arena *arena = &tape->recording.arena;
    struct recording_try *one = tape->one;
    if (one == NULL) {
        return;
    }
    if (tape->player != NULL) {
        play_end(tape, answer);
        return;
    }
    one->reason = answer->reason;
    one->transient = answer->transient;
    one->code = answer->code;
    one->stage = arena_strdup(arena, answer->stage);
    one->detail = arena_strdup(arena, answer->detail);
    one->address = arena_strdup(arena, answer->address);
    one->mechanism = arena_strdup(arena, answer->mechanism);
    one->principal = arena_strdup(arena, answer->principal);
    one->host_key = arena_strdup(arena, answer->host_key);
    one->banner = arena_strdup(arena, answer->banner);
    one->exit_signal = arena_strdup(arena, answer->exit_signal);
    one->exit_status = answer->exit_status;
}

void tape_end(struct tape *tape, struct visit *visit)
{
    struct recording *recording = &tape->recording;
    if (tape->player != NULL) {
        visit->time_ms = recording->time_ms;
        visit->duration_ms = recording->duration_ms;
    } else if (tape->recorder != NULL && visit->reason != REASON_SKIPPED) {
        recording->time_ms = visit->time_ms;
        recording->duration_ms = visit->duration_ms;
        if (recording->try_count == 0) {
            recording->reason = visit->reason;
            recording->code = visit->code;
            recording->detail = arena_strdup(&recording->arena, visit->detail);
        }
        recorder_keep(tape->recorder, tape->failed ? NULL : recording);
    }
}
