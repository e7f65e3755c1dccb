/* verdict: the judgement of one expectation on one reading, by pure rules (docs/VERDICTS.md). */
#ifndef PVSAUDIT_MODEL_VERDICT_H
#define PVSAUDIT_MODEL_VERDICT_H

#include "model/expectation.h"
#include "model/host.h"
#include "model/snapshot.h"

enum verdict_code {
    VERDICT_BOUND,
    VERDICT_BOUND_OWNER_UNKNOWN,
    VERDICT_NOT_BOUND,
    VERDICT_PORT_IN_USE,
    VERDICT_WRONG_ADDRESS,
    VERDICT_STOPPED,
    VERDICT_DISABLED,
    VERDICT_SERVICE_REMOVED,
    VERDICT_RESTARTING,
    VERDICT_PENDING,
    VERDICT_NOT_EXPECTED,
    VERDICT_NOT_INSTALLED,
    VERDICT_UNKNOWN,
    VERDICT_COUNT
};

/* What earlier readings of the same host and expectation say; all of them strictly before the
 * snapshot that is judged. */
struct verdict_history {
    bool ever_bound; /* some earlier reading was `bound` by its own pid */
    bool ever_installed; /* some earlier reading had the canary present or the service visible */
    int64_t same_pid_since_ms; /* earliest reading of this boot with the pid that the service has
                                  now, unbroken; 0 = none */
    int64_t pending_since_ms; /* first reading of this boot that was pending with no decisive
                                 reading after it; 0 = none */
    enum startup_type
        last_startup; /* of the last reading that could tell; STARTUP_UNKNOWN = none */
};

struct verdict_question {
    const struct expectation *expectation;
    const struct snapshot *snapshot; /* normalised */
    enum declared declared;
    const struct ip *pxe_addresses; /* what the inventory declares; only for proto udp port 67/4011
                                       and 69: every expectation with family IPv4 is held to them */
    size_t pxe_address_count;
    struct verdict_history history;
};

/* Which source decided that the endpoint is expected here, or not. */
enum expected_by {
    EXPECTED_BY_NOBODY, /* not decided (unknown) */
    EXPECTED_BY_INVENTORY,
    EXPECTED_BY_REGISTRY,
    EXPECTED_BY_STARTUP, /* startup type Automatic */
    EXPECTED_BY_HISTORY, /* ever bound by its own pid */
    EXPECTED_BY_NONE, /* all sources read, none says so: not expected */
};

struct verdict {
    enum verdict_code code;
    enum reason reason; /* for VERDICT_UNKNOWN, else REASON_NONE */
    const char *detail; /* static text or borrowed from the snapshot: "udp", "boot", "expectation",
                           "services", or the visit's detail; NULL = none */
    int64_t native_code; /* of the visit or section, else 0 */
    enum expected_by expected_by;
    bool conflict; /* sources of expectation disagree: finding expectation-conflict */
    uint16_t port; /* the port that was judged: the expectation's, or 4011 by its rule */
    int64_t pid; /* the service's pid, -1 = not known */
    int64_t process_created_ms;
    struct endpoint holder; /* the endpoint that decided (own, rival, unknown); port 0 = none */
    enum service_state service_state; /* as the service manager told it, or denied */
    enum startup_type startup;
    enum presence canary;
    int64_t exit_code;
};

/* Total: every question has an answer. */
void verdict_judge(const struct verdict_question *question, struct verdict *ret);

/* A reading that settles what is so in this boot: anything but pending, restarting and unknown.
 * (not-expected and not-installed are decisive too.) */
bool verdict_is_decisive(enum verdict_code code);
/* not-bound, port-in-use, wrong-address, stopped, disabled, service-removed, restarting. */
bool verdict_is_problem(enum verdict_code code);
const char *verdict_name(enum verdict_code code); /* "not-bound" */
bool verdict_parse(const char *name, enum verdict_code *ret);
const char *expected_by_name(enum expected_by by);
/* "not-bound", "unknown: partial (udp)" into to; returns to. */
const char *verdict_text(enum verdict_code code, enum reason reason, const char *detail, char *to,
                         size_t size);

/* What happened over time; rows of `missing`. */
enum finding {
    FINDING_NONE,
    FINDING_LOST_AT_BOOT,
    FINDING_LOST_MID_BOOT,
    FINDING_LOST, /* bound before; of which boot this or that reading was is not known */
    FINDING_NEVER_BOUND,
    FINDING_SERVICE_REMOVED,
    FINDING_COUNT
};
const char *finding_name(enum finding finding); /* "lost-at-boot" */

/* A problem that no reading has settled since. */
struct open_problem {
    int64_t since_ms; /* first reading that showed it; 0 = none is open */
    enum finding finding;
    enum verdict_code verdict; /* of the last reading that settled it */
};

enum recovery {
    RECOVERY_NONE,
    RECOVERY_BY_RESTART,
    RECOVERY_BY_REBOOT,
    RECOVERY_UNKNOWN, /* whether a boot lies between is not known */
    RECOVERY_COUNT
};
const char *recovery_name(enum recovery recovery); /* "recovered-by-restart" */

/* The settle time before a stopped automatic service, or a running one whose process age is not
 * known, may be judged: max(300 s, AutoStartDelay + 180 s); an unreadable delay is 120 s. */
int64_t verdict_boot_settle_ms(int64_t auto_start_delay_ms);

#endif
