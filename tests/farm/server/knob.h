/* knob: the settings of one server, the same in a scenario file and in `pvsfarm ctl set`. */
#ifndef PVSAUDIT_FARM_SERVER_KNOB_H
#define PVSAUDIT_FARM_SERVER_KNOB_H

#include "farm/server/fleet.h"

/* fleet is NULL while a scenario is loaded: then nothing has happened yet. */
typedef int knob_setter(struct server *server, const char *value, const struct fleet *fleet,
                        int service, struct err *err);

struct knob {
    const char *name;
    const char *form; /* what its value looks like */
    const char *what;
    knob_setter *set;
    bool per_service; /* may be written NAME.SERVICE; alone it means BNPXE */
    bool scenario_only;
};

extern const struct knob knobs[];
extern const size_t knob_count;

/* What a server is before anything is set. */
void knob_defaults(struct server *server);
int knob_set(struct server *server, const char *name, const char *value, const struct fleet *fleet,
             struct err *err);
bool knob_known(const char *name);

/* "10.1.0.5/24"; the prefix is optional (24). */
bool knob_parse_address(const char *text, struct server_address *ret);

#endif
