/* tasklist: names and pids from Windows' `tasklist /fo csv /nh`. */
#include "collector/probe/windows/tasklist.h"

#include "collector/probe/field.h"

#include <string.h>

/* Cut one quoted field and a comma behind it off *rest. No field holds a quote. */
static bool take_field(struct slice *rest, struct slice *ret)
{
    if (rest->len < 2 || rest->data[0] != '"') {
        return false;
    }
    const char *end = memchr(rest->data + 1, '"', rest->len - 1);
    if (end == NULL) {
        return false;
    }
    *ret = (struct slice){rest->data + 1, (size_t)(end - rest->data) - 1};
    size_t skip = ret->len + 2;
    skip += skip < rest->len && rest->data[skip] == ',' ? 1 : 0;
    rest->data += skip;
    rest->len -= skip;
    return true;
}

static int add_process(struct slice name, uint64_t pid, struct snapshot *snapshot)
{
    struct process *process = snapshot_add_process(snapshot);
    if (process == NULL) {
        return -1;
    }
    process->pid = (int64_t)pid;
    process->name = field_copy(&snapshot->arena, name);
    return process->name == NULL ? -1 : 0;
}

int tasklist_parse(struct slice output, struct snapshot *snapshot, struct reading *ret)
{
    struct reading reading = reading_complete;
    struct slice line;
    bool ended = false;
    size_t rows = 0;
    while (slice_line(&output, &line, &ended)) {
        struct slice rest = slice_trim(line);
        struct slice name;
        struct slice number;
        uint64_t pid = 0;
        if (rest.len == 0) {
            continue;
        }
        if (!ended || line.len > FIELD_LINE_MAX || !take_field(&rest, &name) ||
            !take_field(&rest, &number) || !str_u64(number, UINT32_MAX, &pid)) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
        } else if (rows++ >= FIELD_ROWS_MAX) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "too many rows"};
        } else if (add_process(name, pid, snapshot) != 0) {
            return -1;
        }
    }
    if (rows == 0 && reading.outcome == OUTCOME_COMPLETE) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "no rows"};
    }
    *ret = reading;
    return 0;
}
