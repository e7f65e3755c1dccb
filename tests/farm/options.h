/* options: the command line of the farm. */
#ifndef PVSAUDIT_FARM_OPTIONS_H
#define PVSAUDIT_FARM_OPTIONS_H

#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed from argv; NULL for what was not given. */
struct options {
    const char *scenario, *inventory, *control, *listen, *keytab;
    uint64_t seed;
    bool seeded, die_with_parent;
    int ready_fd; /* -1: none */
};

extern const char options_usage[];

int options_parse(int argc, char **argv, struct options *options, struct err *err);

#endif
