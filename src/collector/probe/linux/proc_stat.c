/* proc_stat: the processes of a Linux host, from the lines of its /proc/PID/stat files. */
#include "collector/probe/linux/proc_stat.h"

#include "collector/probe/field.h"

#include <string.h>

enum { START_FIELD = 22 }; /* proc(5): state is field 3, parent 4, starttime 22 */

static bool parse_tail(struct slice tail, struct proc_stat *stat)
{
    struct slice word;
    uint64_t parent = 0;
    for (unsigned field = 3; slice_token(&tail, &word); field++) {
        if (field == 3) {
            stat->state = word.data[0];
        } else if (field == 4) {
            if (!str_u64(word, INT32_MAX, &parent)) {
                return false;
            }
            stat->parent = (int64_t)parent;
        } else if (field == START_FIELD) {
            return str_u64(word, INT64_MAX, &stat->start_tick);
        }
    }
    return false;
}

bool proc_stat_parse(struct slice line, struct proc_stat *ret)
{
    struct proc_stat stat = {.parent = -1};
    struct slice rest = line;
    struct slice word;
    uint64_t pid = 0;
    if (!slice_token(&rest, &word) || !str_u64(word, INT32_MAX, &pid) || rest.len < 2 ||
        rest.data[1] != '(') {
        return false;
    }
    rest = (struct slice){rest.data + 2, rest.len - 2};
    stat.pid = (int64_t)pid;
    const char *end = rest.len == 0 ? NULL : memrchr(rest.data, ')', rest.len);
    if (end == NULL) {
        stat.name = rest;
        *ret = stat;
        return rest.len <= 15;
    }
    size_t len = (size_t)(end - rest.data);
    stat.name = (struct slice){rest.data, len};
    if (!parse_tail((struct slice){end + 1, rest.len - len - 1}, &stat)) {
        return false;
    }
    *ret = stat;
    return true;
}

static int add_process(const struct proc_stat *stat, int64_t boot_ms, uint64_t ticks_per_second,
                       struct snapshot *snapshot)
{
    struct process *process = snapshot_add_process(snapshot);
    if (process == NULL) {
        return -1;
    }
    process->pid = stat->pid;
    process->parent = stat->parent;
    /* Ticks of more than a thousand years are nobody's. */
    if (boot_ms > 0 && stat->start_tick > 0 && stat->start_tick < UINT64_C(1) << 42) {
        process->created_ms = boot_ms + (int64_t)(stat->start_tick * 1000 / ticks_per_second);
    }
    process->name = field_copy(&snapshot->arena, stat->name);
    return process->name == NULL ? -1 : 0;
}

int proc_stat_take(struct slice output, int64_t boot_ms, uint64_t ticks_per_second,
                   struct snapshot *snapshot, struct reading *ret)
{
    struct reading reading = reading_complete;
    struct slice line;
    bool ended = false;
    size_t rows = 0;
    while (slice_line(&output, &line, &ended)) {
        struct proc_stat stat;
        if (slice_trim(line).len == 0) {
            continue;
        }
        if (!ended || line.len > FIELD_LINE_MAX || !proc_stat_parse(line, &stat)) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
        } else if (rows++ >= FIELD_ROWS_MAX) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "too many rows"};
        } else if (stat.state != 'Z' &&
                   add_process(&stat, boot_ms, ticks_per_second, snapshot) != 0) {
            return -1;
        }
    }
    if (rows == 0 && reading.outcome == OUTCOME_COMPLETE) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "no rows"};
    }
    *ret = reading;
    return 0;
}
