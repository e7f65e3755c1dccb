/* scenario: the YAML file that says which servers the farm has. */
#ifndef PVSAUDIT_FARM_SCENARIO_SCENARIO_H
#define PVSAUDIT_FARM_SCENARIO_SCENARIO_H

#include "farm/listen.h"
#include "farm/server/fleet.h"

struct scenario {
    struct server *servers; /* owned */
    size_t count;
    uint64_t seed;
    int64_t start_ms; /* the farm's first now; 0 = the real one */
    uint32_t listen_base; /* the servers' loopback addresses follow this one */
    uint32_t network; /* their own addresses follow this one */
    uint32_t client_ip;
    struct listen_ports ports; /* 0: the kernel's choice */
    char realm[FLEET_NAME]; /* of Kerberos; "": none */
    unsigned host_keys;
    unsigned workers;
    struct account accounts[FLEET_ACCOUNTS];
    size_t account_count;
};

/* The keys outside of a server group; the keys of a group are names and the knobs. */
struct scenario_key {
    const char *name, *form, *what;
};

extern const struct scenario_key scenario_keys[];
extern const size_t scenario_key_count;
extern const struct scenario_key scenario_account_keys[];
extern const size_t scenario_account_key_count;

/* Errors name file, line and column. */
int scenario_load(struct scenario *scenario, const char *path, struct err *err);
void scenario_done(struct scenario *scenario);

/* "127.80.0.0/16" -> its first address; false unless it lies in 127/8. */
bool scenario_parse_listen(const char *text, uint32_t *ret_base);

#endif
