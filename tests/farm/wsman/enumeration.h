/* enumeration: the enumerations that are open: items that wait to be pulled. */
#ifndef PVSAUDIT_FARM_WSMAN_ENUMERATION_H
#define PVSAUDIT_FARM_WSMAN_ENUMERATION_H

#include "farm/wsman/exchange.h"

struct enumeration {
    struct enumeration *next;
    struct wsman *wsman;
    struct server *server;
    char account[FLEET_NAME];
    char id[ENVELOPE_UUID]; /* another one after every answer */
    char before[ENVELOPE_UUID]; /* the one that it has replaced */
    struct buf items; /* one behind the other */
    size_t *ends; /* where each item ends in it */
    size_t count, capacity, at; /* at: the next one to be sent */
    int64_t used_ms; /* monotonic: when it was last asked for */
};

/* A new one, not yet open: enumeration_free, or enumeration_open and then enumeration_close. */
struct enumeration *enumeration_new(const struct exchange *x);
void enumeration_free(struct enumeration *enumeration);
/* Marks the end of an item that was appended to items; -1 without memory. */
int enumeration_end_item(struct enumeration *enumeration);

void enumeration_open(struct enumeration *enumeration);
void enumeration_close(struct enumeration *enumeration); /* frees it */
/* The open one of that id, account and server, or NULL; before: or of the id before. */
struct enumeration *enumeration_find(const struct exchange *x, struct slice id, bool before);
size_t enumeration_count(const struct exchange *x);

/* The items that come next: at most so many, of so many bytes in all, but one at least. */
struct slice enumeration_deal(struct enumeration *enumeration, size_t most, size_t bytes);

/* Those that nobody has asked for in their server's time are dropped. */
void enumeration_sweep(struct wsman *wsman, int64_t now_ms);
void enumeration_close_all(struct wsman *wsman);

#endif
