/* boot_result: what boots came to, counted, and the sentence that the counts support. */
#include "model/boot_result.h"

static const char *const names[BOOT_RESULT_COUNT] = {
    [BOOT_RESULT_BOUND] = "bound",           [BOOT_RESULT_LOST] = "lost",
    [BOOT_RESULT_SUSPECT] = "suspect",       [BOOT_RESULT_OFF] = "off",
    [BOOT_RESULT_UNDECIDED] = "undecided",   [BOOT_RESULT_UNIDENTIFIED] = "unidentified",
    [BOOT_RESULT_UNEXPECTED] = "unexpected",
};

const char *boot_result_name(enum boot_result result)
{
    return names[result];
}

static enum boot_result result_of(enum verdict_code verdict, bool restarted)
{
    switch (verdict) {
    case VERDICT_BOUND:
    case VERDICT_BOUND_OWNER_UNKNOWN:
        return restarted ? BOOT_RESULT_SUSPECT : BOOT_RESULT_BOUND;
    case VERDICT_NOT_BOUND:
    case VERDICT_PORT_IN_USE:
    case VERDICT_WRONG_ADDRESS:
    case VERDICT_STOPPED:
        return BOOT_RESULT_LOST;
    case VERDICT_DISABLED:
    case VERDICT_SERVICE_REMOVED:
        return BOOT_RESULT_OFF;
    case VERDICT_NOT_EXPECTED:
    case VERDICT_NOT_INSTALLED:
        return BOOT_RESULT_UNEXPECTED;
    default:
        return BOOT_RESULT_UNDECIDED;
    }
}

enum boot_result boot_result_of(enum verdict_code verdict, bool restarted, bool boot_known)
{
    enum boot_result result = result_of(verdict, restarted);
    bool counted = result != BOOT_RESULT_UNEXPECTED && result != BOOT_RESULT_UNDECIDED;
    return counted && !boot_known ? BOOT_RESULT_UNIDENTIFIED : result;
}

size_t boot_tally_base(const struct boot_tally *tally)
{
    return tally->counts[BOOT_RESULT_BOUND] + tally->counts[BOOT_RESULT_LOST];
}

int boot_sentence(struct arena *arena, const struct boot_group *groups, size_t count,
                  const char *port, const char **ret)
{
    const char *text = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct boot_tally *tally = groups[i].tally;
        size_t base = boot_tally_base(tally);
        size_t lost = tally->counts[BOOT_RESULT_LOST];
        if (base < BOOT_SENTENCE_MIN) {
            continue;
        }
        text = text == NULL
                   ? arena_printf(arena, "%s: %zu of %zu boots lost %s", groups[i].label, lost,
                                  base, port)
                   : arena_printf(arena, "%s; %s: %zu of %zu", text, groups[i].label, lost, base);
        if (text == NULL) {
            return -1;
        }
    }
    *ret = text;
    return 0;
}
