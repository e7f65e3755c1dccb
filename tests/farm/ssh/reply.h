/* reply: the bytes that answer one exec, with what a misbehaving server makes of them. */
#ifndef PVSAUDIT_FARM_SSH_REPLY_H
#define PVSAUDIT_FARM_SSH_REPLY_H

#include "core/buf.h"
#include "farm/server/fleet.h"

enum { REPLY_CHUNK = 32768 };

/* First out's bytes, a flood in between where there is one, then err's. */
struct reply {
    struct buf out, err; /* owned */
    enum misbehaviour misbehaviour;
    size_t flood_at; /* in out */
    uint64_t flood_left; /* bytes, or rows, still to be made up */
    uint64_t flood_row;
    size_t out_at, err_at;
    size_t cut_at; /* SIZE_MAX: whole */
    int status;
    char chunk[REPLY_CHUNK];
    size_t chunk_at, chunk_len;
};

/* Takes the buffers over. */
void reply_init(struct reply *reply, struct buf *out, struct buf *err, long flood_at,
                enum misbehaviour misbehaviour, int status);
void reply_done(struct reply *reply);

/* The bytes that come next, at most max; 0 = no more. They stay valid until reply_advance. */
size_t reply_peek(struct reply *reply, size_t max, const char **ret_bytes, bool *ret_is_err);
void reply_advance(struct reply *reply, size_t bytes);
/* True where the connection breaks instead of ending. */
bool reply_is_cut(const struct reply *reply);

#endif
