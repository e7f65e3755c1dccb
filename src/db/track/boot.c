/* boot: whether two readings of a host are of one boot: uptime and a witness, never a difference of
 * times. */
#include "db/track/boot.h"

#include "core/str.h"
#include "db/reading/tuple.h"

/* What the witnesses say. */
enum testimony {
    TESTIMONY_NONE, /* none was there both times */
    TESTIMONY_SAME,
    TESTIMONY_OTHER,
};

/* What the clocks and the uptime say. */
enum sign {
    SIGN_NONE, /* the host was up all the time */
    SIGN_REBOOT, /* it has not been up for as long as has passed */
    SIGN_UNCERTAIN, /* uptime not known, or the clocks disagree: the witness decides */
};

static int64_t uptime_of(const struct boot *boot)
{
    if (boot->uptime_ms >= 0) {
        return boot->uptime_ms;
    }
    bool both = boot->host_clock_ms > 0 && boot->boot_time_ms > 0;
    return both && boot->host_clock_ms >= boot->boot_time_ms
               ? boot->host_clock_ms - boot->boot_time_ms
               : -1;
}

bool boot_mark_of(const struct snapshot *snapshot, struct boot_mark *ret)
{
    const struct boot *boot = &snapshot->boot;
    if (!snapshot->visit.read || snapshot->sections[SECTION_BOOT].outcome != OUTCOME_COMPLETE) {
        return false;
    }
    struct boot_mark mark = {
        .reading_ms = snapshot->visit.time_ms,
        .clock_ms = boot->host_clock_ms,
        .uptime_ms = uptime_of(boot),
        .boot_id = boot->boot_id,
        .witnesses = boot->witnesses,
        .witness_count = boot->witness_count,
    };
    if (mark.uptime_ms < 0 && mark.boot_id == NULL && mark.witness_count == 0) {
        return false;
    }
    *ret = mark;
    return true;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

static const struct boot_witness *witness(const struct boot_mark *mark, const char *name)
{
    for (size_t i = 0; i < mark->witness_count; i++) {
        if (str_ieq(mark->witnesses[i].name, name)) {
            return &mark->witnesses[i];
        }
    }
    return NULL;
}

static enum testimony ask_witness(const struct boot_witness *a, const struct boot_witness *b)
{
    if (b == NULL || a->name == NULL) {
        return TESTIMONY_NONE;
    }
    bool pids = a->pid > 0 && b->pid > 0;
    bool times = a->created_ms > 0 && b->created_ms > 0;
    if (pids && a->pid != b->pid) {
        return TESTIMONY_OTHER;
    }
    if (times && distance(a->created_ms, b->created_ms) > BOOT_WITNESS_TOLERANCE_MS) {
        return TESTIMONY_OTHER;
    }
    return pids || times ? TESTIMONY_SAME : TESTIMONY_NONE;
}

/* The kernel's own id is the best witness; else the first process that differs. */
static enum testimony ask_witnesses(const struct boot_mark *before, const struct boot_mark *now)
{
    enum testimony testimony = TESTIMONY_NONE;
    if (before->boot_id != NULL && now->boot_id != NULL) {
        return str_eq(before->boot_id, now->boot_id) ? TESTIMONY_SAME : TESTIMONY_OTHER;
    }
    for (size_t i = 0; i < before->witness_count && testimony != TESTIMONY_OTHER; i++) {
        const struct boot_witness *then = &before->witnesses[i];
        enum testimony says = ask_witness(then, witness(now, then->name));
        testimony = says == TESTIMONY_NONE ? testimony : says;
    }
    return testimony;
}

/* Whether each witness of the one is in the other, with its creation time where it had one: a light
 * reading knows fewer. */
static bool knows_as_much(const struct boot_mark *before, const struct boot_mark *now)
{
    for (size_t i = 0; i < before->witness_count; i++) {
        const struct boot_witness *then = &before->witnesses[i];
        const struct boot_witness *here = then->name == NULL ? NULL : witness(now, then->name);
        if (here == NULL || (then->created_ms > 0 && here->created_ms <= 0)) {
            return false;
        }
    }
    return true;
}

/* The kernel has another id, or a witness that differs came to be when the host booted. */
static bool began_with_boot(const struct boot_mark *before, const struct boot_mark *now)
{
    if (before->boot_id != NULL && now->boot_id != NULL) {
        return !str_eq(before->boot_id, now->boot_id);
    }
    int64_t boot_ms = now->clock_ms > 0 ? now->clock_ms - now->uptime_ms : 0;
    for (size_t i = 0; i < now->witness_count && boot_ms > 0; i++) {
        const struct boot_witness *here = &now->witnesses[i];
        if (here->name != NULL && here->created_ms > 0 &&
            distance(here->created_ms, boot_ms) <= BOOT_WITNESS_LATE_MS &&
            ask_witness(here, witness(before, here->name)) == TESTIMONY_OTHER) {
            return true;
        }
    }
    return false;
}

/* A reboot at once after a reading leaves hardly a gap in the uptime: then it takes a witness that
 * began with the boot. */
static enum sign look_for_sign(const struct boot_mark *before, const struct boot_mark *now,
                               bool skewed)
{
    if (before->suspect) {
        return SIGN_REBOOT;
    }
    if (now->uptime_ms < 0 || skewed) {
        return SIGN_UNCERTAIN;
    }
    int64_t ours = now->reading_ms - before->reading_ms;
    bool both = before->clock_ms > 0 && now->clock_ms > 0;
    int64_t theirs = both ? now->clock_ms - before->clock_ms : ours;
    int64_t elapsed = ours < theirs ? ours : theirs;
    bool certain = now->uptime_ms < elapsed - BOOT_TOLERANCE_MS;
    bool at_once = now->uptime_ms < elapsed && began_with_boot(before, now);
    return certain || at_once ? SIGN_REBOOT : SIGN_NONE;
}

enum boot_change boot_compare(const struct boot_mark *before, const struct boot_mark *now,
                              bool *ret_skewed)
{
    static const enum boot_change changes[3][3] = {
        [SIGN_NONE] = {[TESTIMONY_NONE] = BOOT_SAME,
                       [TESTIMONY_SAME] = BOOT_SAME,
                       [TESTIMONY_OTHER] = BOOT_SAME},
        [SIGN_REBOOT] = {[TESTIMONY_NONE] = BOOT_UNKNOWN,
                         [TESTIMONY_SAME] = BOOT_UNKNOWN,
                         [TESTIMONY_OTHER] = BOOT_NEW},
        [SIGN_UNCERTAIN] = {[TESTIMONY_NONE] = BOOT_UNKNOWN,
                            [TESTIMONY_SAME] = BOOT_SAME,
                            [TESTIMONY_OTHER] = BOOT_NEW},
    };
    bool both = before->clock_ms > 0 && now->clock_ms > 0;
    *ret_skewed = both && distance(now->reading_ms - before->reading_ms,
                                   now->clock_ms - before->clock_ms) > BOOT_TOLERANCE_MS;
    return changes[look_for_sign(before, now, *ret_skewed)][ask_witnesses(before, now)];
}

bool boot_keeps(const struct boot_mark *before, const struct boot_mark *now,
                enum boot_change change)
{
    return change == BOOT_UNKNOWN && now->boot_id == NULL && now->witness_count > 0 &&
           !knows_as_much(before, now);
}

struct boot_mark boot_advance(const struct boot_mark *before, const struct boot_mark *now,
                              enum boot_change change)
{
    struct boot_mark mark = *now;
    if (change == BOOT_FIRST || change == BOOT_NEW) {
        return mark;
    }
    if (boot_keeps(before, now, change)) {
        return *before;
    }
    bool answered = ask_witnesses(before, now) != TESTIMONY_NONE;
    bool signed_for = look_for_sign(before, now, false) == SIGN_REBOOT;
    mark.suspect = change == BOOT_UNKNOWN && !answered && signed_for;
    bool less = change == BOOT_SAME && !knows_as_much(before, now);
    if (now->boot_id == NULL && (now->witness_count == 0 || less)) {
        mark.boot_id = before->boot_id;
        mark.witnesses = before->witnesses;
        mark.witness_count = before->witness_count;
    }
    return mark;
}

int64_t boot_time_of(const struct snapshot *snapshot, const struct boot_mark *mark)
{
    return mark->uptime_ms >= 0 ? mark->reading_ms - mark->uptime_ms : snapshot->boot.boot_time_ms;
}

void boot_facts_write(const struct boot_mark *mark, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    tuple_row(&writer);
    tuple_text(&writer, mark->boot_id);
    tuple_row_end(&writer);
    for (size_t i = 0; i < mark->witness_count; i++) {
        tuple_row(&writer);
        tuple_text(&writer, mark->witnesses[i].name);
        tuple_int(&writer, mark->witnesses[i].pid);
        tuple_int(&writer, mark->witnesses[i].created_ms);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

bool boot_facts_read(const char *text, struct arena *arena, struct boot_mark *ret)
{
    struct tuple_reader reader;
    struct boot_witness *witnesses = NULL;
    size_t count = 0;
    tuple_open(&reader, arena, text);
    if (tuple_next(&reader) && !tuple_next_text(&reader, &ret->boot_id)) {
        return false;
    }
    while (tuple_next(&reader)) {
        void *items = witnesses;
        struct boot_witness *row = arena_push(arena, &items, &count, sizeof(*row));
        witnesses = items;
        if (row == NULL || !tuple_next_text(&reader, &row->name) ||
            !tuple_next_int(&reader, &row->pid) || !tuple_next_int(&reader, &row->created_ms)) {
            return false;
        }
    }
    ret->witnesses = witnesses;
    ret->witness_count = count;
    return tuple_close(&reader);
}
