/* option_values: the given options of a command line, and their values as numbers and times. */
#ifndef PVSAUDIT_COMMAND_OPTION_VALUES_H
#define PVSAUDIT_COMMAND_OPTION_VALUES_H

#include "command/command_line.h"

struct option_values {
    struct command_line *line;
    bool given[OPTION_COUNT];
    const char *values[OPTION_COUNT];
    int64_t now_ms;
};

/* Turn the texts into the members of line; ERR_USAGE names the option and what it takes. */
int option_values_take(struct option_values *parse, struct err *err);
/* ERR_USAGE with what and where to find help; returns -1. */
int option_values_usage(const struct command_line *line, struct err *err, const char *what);

#endif
