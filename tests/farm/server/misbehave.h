/* misbehave: the names of what a server may do wrong. */
#ifndef PVSAUDIT_FARM_SERVER_MISBEHAVE_H
#define PVSAUDIT_FARM_SERVER_MISBEHAVE_H

#include "farm/server/fleet.h"

struct misbehave_row {
    const char *name, *what;
};

extern const struct misbehave_row misbehave_rows[MISBEHAVE_COUNT];

/* "cut", or "cut:2" for the next two connections only. */
int misbehave_set(struct server *server, const char *text, struct err *err);
/* What this new connection meets; counts a limited misbehaviour down. */
enum misbehaviour misbehave_next(struct server *server);

#endif
