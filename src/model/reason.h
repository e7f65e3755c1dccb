/* reason: why a host could not be read; the reasons of verdict `unknown`. */
#ifndef PVSAUDIT_MODEL_REASON_H
#define PVSAUDIT_MODEL_REASON_H

#include <stdbool.h>

/* Why a visit ended without being read; also the reasons of verdict `unknown`. */
enum reason {
    REASON_NONE,
    REASON_UNREACHABLE,
    REASON_REFUSED,
    REASON_DNS,
    REASON_TLS,
    REASON_HOST_KEY,
    REASON_AUTH,
    REASON_DENIED,
    REASON_WRONG_HOST,
    REASON_PARTIAL,
    REASON_TIMEOUT,
    REASON_THROTTLED,
    REASON_CLOCK,
    REASON_CREDENTIAL_STOPPED,
    REASON_SKIPPED,
    REASON_STALE,
    REASON_COUNT
};

/* "host-key", as the documents spell it; _parse takes the same spelling. */
const char *reason_name(enum reason reason);
bool reason_parse(const char *name, enum reason *ret);
/* What is to be said after the reason's name: "auth: no key" behind "auth" is "no key". NULL stays
 * NULL. */
const char *reason_detail(enum reason reason, const char *detail);

#endif
