/* control: the farm's control socket: what `pvsfarm ctl` says is done here. */
#ifndef PVSAUDIT_FARM_CONTROL_CONTROL_H
#define PVSAUDIT_FARM_CONTROL_CONTROL_H

#include "core/err.h"
#include "farm/server/fleet.h"

#include <uv.h>

/* A request is its words, each ended by a NUL, then the end of the stream. The answer is '0' or
 * '1' (an error) and text, then the end. */

struct control {
    struct fleet *fleet;
    uv_pipe_t pipe;
    struct control_client *clients;
    void (*stop)(
        void *data); /* "stop" was asked for; its client waits for the end of the process */
    void *data;
};

/* A socket file that nobody listens on is replaced. Mode 0600. */
int control_open(struct control *control, uv_loop_t *loop, struct fleet *fleet, const char *path,
                 void (*stop)(void *data), void *data, struct err *err);
void control_close(struct control *control); /* removes the socket file */

#endif
