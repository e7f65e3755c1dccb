/* misbehave: the names of what a server may do wrong, and when. */
#ifndef PVSAUDIT_FARM_SERVER_MISBEHAVE_H
#define PVSAUDIT_FARM_SERVER_MISBEHAVE_H

#include "farm/server/fleet.h"

struct misbehave_row {
    const char *name, *what;
};

extern const struct misbehave_row misbehave_rows[MISBEHAVE_COUNT];
extern const struct misbehave_row misbehave_occasions[OCCASION_COUNT];

/* "cut"; "cut@pull" at that moment alone; "quota@pull+hang@release" for both; "cut:2" for the next
 * two connections only. */
int misbehave_set(struct server *server, const char *text, struct err *err);
/* What this new connection meets; counts a limited misbehaviour down. */
struct misdeeds misbehave_next(struct server *server);

/* The one without a moment; the one of exactly this moment; and what holds at this moment. */
enum misbehaviour misbehave_always(const struct misdeeds *misdeeds);
enum misbehaviour misbehave_only(const struct misdeeds *misdeeds, enum occasion occasion);
enum misbehaviour misbehave_at(const struct misdeeds *misdeeds, enum occasion occasion);

#endif
