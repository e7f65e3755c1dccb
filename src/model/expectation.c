/* expectation: which service should hold which port, as data. */
#include "model/expectation.h"

#include "core/str.h"

#include <string.h>

void expectation_set_done(struct expectation_set *set)
{
    if (set != NULL) {
        arena_done(&set->arena);
        memset(set, 0, sizeof(*set));
    }
}

bool expectation_is_light(const struct expectation *expectation)
{
    return expectation->watch != WATCH_INFORM && expectation->proto == PROTO_UDP &&
           expectation->owner == OWNER_SELF;
}

/* name is "BNPXE" or "pvs/BNPXE". */
static bool is_named(const struct expectation *expectation, const char *name)
{
    if (str_ieq(expectation->id, name)) {
        return true;
    }
    const char *slash = strchr(name, '/');
    if (slash == NULL || expectation->profile == NULL) {
        return false;
    }
    struct slice profile = {name, (size_t)(slash - name)};
    return slice_ieq(profile, expectation->profile) && str_ieq(slash + 1, expectation->id);
}

const struct expectation *expectation_find(const struct expectation_set *set, const char *name)
{
    for (size_t i = 0; name != NULL && i < set->count; i++) {
        if (is_named(&set->items[i], name)) {
            return &set->items[i];
        }
    }
    return NULL;
}
