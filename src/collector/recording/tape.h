/* tape: what one visit records while it is under way, or plays in place of its host. */
#ifndef PVSAUDIT_COLLECTOR_RECORDING_TAPE_H
#define PVSAUDIT_COLLECTOR_RECORDING_TAPE_H

#include "collector/recording/player.h"
#include "collector/recording/recorder.h"
#include "collector/transport/transport.h"

/* A zeroed tape records and plays nothing. */
struct tape {
    struct recorder *recorder; /* at most one of the two */
    struct player *player;
    struct recording recording;
    size_t tries; /* of a recording that is played: how many were taken */
    struct recording_try *one; /* the connection that is under way */
    bool missing; /* a question was asked that it does not hold */
    bool failed; /* memory ran out */
};

/* recorder and player may be NULL. ERR_UNREAD: the recordings hold no (further) visit of the host;
 * ERR_CONFIG: not of this transport, or not of this kind. */
int tape_start(struct tape *tape, struct recorder *recorder, struct player *player,
               const struct host *host, enum visit_kind kind, struct err *err);
void tape_done(struct tape *tape);

/* A connection begins. false: the recording that is played holds no further one. */
bool tape_connect(struct tape *tape, int64_t now_ms);
/* transport_ask's heard and played. */
void tape_heard(struct tape *tape, const struct transport_exchange *exchange);
bool tape_play(struct tape *tape, struct slice asked, struct transport_exchange *ret);
/* It has ended so; of a recording: as it ended then. */
void tape_answered(struct tape *tape, struct transport_answer *answer);
/* The visit is over. Played: visit becomes of the time that it was recorded at. Recorded: it is
 * written down; what goes wrong there is the recorder's to tell. */
void tape_end(struct tape *tape, struct visit *visit);

#endif
