/* player: a folder of recordings, which answer in place of the hosts. */
#ifndef PVSAUDIT_COLLECTOR_RECORDING_PLAYER_H
#define PVSAUDIT_COLLECTOR_RECORDING_PLAYER_H

#include "core/err.h"
#include "model/recording.h"

#include <stdbool.h>

struct player;

/* Looks through the folder: whose visits it holds, and when they were. ERR_CONFIG: there is none in
 * it, or one cannot be read: the sentence names the file. */
int player_open(const char *folder, struct player **ret, struct err *err);
void player_close(struct player *player); /* NULL is allowed */
int64_t player_first_ms(const struct player *player); /* the earliest try or visit */
/* Whether a visit of this host is left that was not played yet. */
bool player_has(const struct player *player, const char *host);
/* The next of the host's visits, in the order of their times; *ret is the caller's to free with
 * recording_done. ERR_UNREAD: there is none (more). */
int player_next(struct player *player, const char *host, struct recording *ret, struct err *err);
size_t player_left(const struct player *player); /* visits that nobody has asked for */

/* The answer that the recording holds to this question: the first one that was not given yet. NULL:
 * it holds none. Of an envelope it does not matter to whom it goes and how it is numbered. */
struct recording_exchange *player_find(struct recording_try *one, struct slice asked);

#endif
