/* command: what the control socket can be told, as words in and text out. */
#ifndef PVSAUDIT_FARM_CONTROL_COMMAND_H
#define PVSAUDIT_FARM_CONTROL_COMMAND_H

#include "core/buf.h"
#include "core/err.h"
#include "farm/server/fleet.h"

struct command {
    const char *name, *form, *what;
    int (*run)(struct fleet *fleet, char **words, size_t count, struct buf *answer,
               struct err *err);
};

extern const struct command commands[];
extern const size_t command_count;

/* words[0] is the command's name. Nothing is changed unless all of it is understood. */
int command_run(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                struct err *err);

#endif
