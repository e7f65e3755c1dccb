/* expectation: which service should hold which port, as data, and what is said when it does not. */
#ifndef PVSAUDIT_MODEL_EXPECTATION_H
#define PVSAUDIT_MODEL_EXPECTATION_H

#include "core/arena.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum expectation_owner {
    OWNER_SELF, /* the service's own process holds the port */
    OWNER_CHILD, /* a descendant of the service's process, or itself */
};

enum expectation_watch {
    WATCH_ALWAYS, /* judged on every host of its os */
    WATCH_DECLARED, /* judged only where the inventory names it */
    WATCH_INFORM, /* shown, never a problem: touches no exit code */
};

/* One condition on a registry value (a DWORD) of the rule's key. */
struct registry_condition {
    const char *name;
    uint64_t number;
};

/* First rule whose conditions all hold decides; port, where not 0, counts in place of the
 * expectation's own (PVS with the DHCP server on the box: 4011). */
struct registry_rule {
    const struct registry_condition *conditions;
    size_t condition_count;
    bool expected;
    uint16_t port;
};

struct expectation {
    const char *profile; /* "pvs" */
    const char *id; /* what --json calls `expectation`: "BNPXE" */
    const char *os; /* "windows" | "linux" */
    const char *service; /* short name: "BNPXE"; unit name without .service on Linux */
    const char *display_name; /* "Citrix PVS PXE Service" */
    const char *process; /* executable's name, "BNPXE.exe"; finds it where the SCM is denied,
                            and on Linux without systemd; NULL = unknown */
    const char *pid_file; /* Linux without systemd; NULL = none */
    enum proto proto;
    uint16_t port;
    enum expectation_owner owner;
    enum expectation_watch watch;
    int64_t settle_running_ms;
    const char *registry_key; /* whose rules tell whether it is expected; NULL = no such source */
    const struct registry_rule *rules;
    size_t rule_count;
    const char *remedy; /* one line: how to cure it now */
    const char *prevention; /* one line: how to keep it from coming back; NULL = none */
};

/* Whether a light visit looks at it: a UDP port that counts, of the service's own process. */
bool expectation_is_light(const struct expectation *expectation);

/* All loaded expectations, of every profile; owns its memory by the arena. */
struct expectation_set {
    struct arena arena;
    struct expectation *items;
    size_t count;
};

void expectation_set_done(struct expectation_set *set);
/* By id, or by profile/id; case folded; NULL = none. */
const struct expectation *expectation_find(const struct expectation_set *set, const char *name);

/* One line of text that says everything a judgement needs, the same for equal expectations: fields
 * separated by TAB, backslash escapes for TAB, LF and backslash. What the history stores as "in
 * force". decode allocates from arena. */
char *expectation_encode(struct arena *arena, const struct expectation *expectation);
bool expectation_decode(struct arena *arena, const char *text, struct expectation *ret);

#endif
