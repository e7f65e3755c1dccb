/* twin: several names of one machine, of which one counts for each expectation; pure. */
#include "model/twin.h"

#include "core/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WEIGHT_NOTHING = -1, WEIGHT_UNKNOWN = 4, WEIGHT_PROBLEM = 5 };

static bool same_group(const struct twin *a, const struct twin *b)
{
    return str_eq(a->machine, b->machine) && str_ieq(a->expectation, b->expectation);
}

static bool expects(enum verdict_code code)
{
    return code != VERDICT_NOT_EXPECTED && code != VERDICT_NOT_INSTALLED;
}

bool twin_is_problem(const struct twin *twin)
{
    return verdict_is_problem(twin->code) || twin->problem_ms != 0;
}

static int weight_of_reading(const struct twin *twin)
{
    if (twin_is_problem(twin)) {
        return WEIGHT_PROBLEM;
    }
    switch (twin->code) {
    case VERDICT_UNKNOWN:
        return WEIGHT_UNKNOWN;
    case VERDICT_PENDING:
        return 3;
    case VERDICT_BOUND_OWNER_UNKNOWN:
        return 2;
    case VERDICT_BOUND:
        return 1;
    default:
        return 0;
    }
}

/* What the readings of a group came to. */
struct group {
    bool judged; /* one of them was made where it is expected */
    int64_t settled_ms; /* the newest of these that is decisive; 0 = none */
};

static struct group look_at(const struct twin *rows, size_t count)
{
    struct group group = {.judged = false};
    for (size_t i = 0; i < count; i++) {
        const struct twin *row = &rows[i];
        if (!row->read || !expects(row->code)) {
            continue;
        }
        group.judged = true;
        if (verdict_is_decisive(row->code) && row->time_ms > group.settled_ms) {
            group.settled_ms = row->time_ms;
        }
    }
    return group;
}

static int weight_of(const struct group *group, const struct twin *row)
{
    if (row->read) {
        return weight_of_reading(row);
    }
    if (row->problem_ms > group->settled_ms) {
        return WEIGHT_PROBLEM;
    }
    return row->declared && !group->judged ? WEIGHT_UNKNOWN : WEIGHT_NOTHING;
}

static const struct twin *heaviest(const struct twin *rows, size_t count)
{
    struct group group = look_at(rows, count);
    const struct twin *best = &rows[0];
    for (size_t i = 1; i < count; i++) {
        int more = weight_of(&group, &rows[i]) - weight_of(&group, best);
        if (more > 0 || (more == 0 && rows[i].read && !best->read)) {
            best = &rows[i];
        }
    }
    return best;
}

static int by_group_and_name(const void *left, const void *right)
{
    const struct twin *a = left;
    const struct twin *b = right;
    int order = strcmp(a->machine, b->machine);
    order = order != 0 ? order : strcasecmp(a->expectation, b->expectation);
    return order != 0 ? order : strcmp(a->name, b->name);
}

void twin_settle(struct twin *rows, size_t count)
{
    if (count > 0) {
        qsort(rows, count, sizeof(*rows), by_group_and_name);
    }
    for (size_t i = 0, next = 0; i < count; i = next) {
        for (next = i + 1; next < count && same_group(&rows[i], &rows[next]); next++) {
        }
        const struct twin *best = heaviest(rows + i, next - i);
        for (size_t k = i; k < next; k++) {
            rows[k].counted_as = &rows[k] == best ? NULL : best;
        }
    }
}
