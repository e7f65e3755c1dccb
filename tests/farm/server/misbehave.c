/* misbehave: the names of what a server may do wrong. */
#include "farm/server/misbehave.h"

#include "core/str.h"

#include <string.h>

const struct misbehave_row misbehave_rows[MISBEHAVE_COUNT] = {
    [BEHAVES] = {"none", "behaves again"},
    [MISBEHAVE_REFUSE] = {"refuse", "takes the connection and resets it at once"},
    [MISBEHAVE_HANG_BANNER] = {"hang-banner", "accepts and says nothing"},
    [MISBEHAVE_HANG_KEX] = {"hang-kex", "sends its banner and nothing after it"},
    [MISBEHAVE_HANG_AUTH] = {"hang-auth", "falls silent when the client wants to log in"},
    [MISBEHAVE_HANG_EXEC] = {"hang-exec", "accepts the command and never answers"},
    [MISBEHAVE_DRIP] = {"drip", "one byte of the answer a second"},
    [MISBEHAVE_CUT] = {"cut", "half of the answer, then the connection breaks"},
    [MISBEHAVE_BIG] = {"big", "100 MB more after netstat's rows"},
    [MISBEHAVE_ENDLESS] = {"endless", "netstat's rows never end"},
    [MISBEHAVE_GARBAGE] = {"garbage",
                           "control characters, escapes, NULs, invalid UTF-8 in between"},
    [MISBEHAVE_MILLION_ROWS] = {"million-rows", "a million well-formed UDP rows in netstat"},
    [MISBEHAVE_BAD_NUMBERS] = {"bad-numbers", "negative and overflowing ports and pids"},
    [MISBEHAVE_WRONG_HOST_KEY] = {"wrong-host-key", "shows another host key"},
    [MISBEHAVE_DENY_AUTH] = {"deny-auth", "refuses every key and password"},
    [MISBEHAVE_NO_EXEC] = {"no-exec", "refuses the exec request"},
    [MISBEHAVE_EXIT_SIGNAL] = {"exit-signal", "ends the command by a signal"},
    [MISBEHAVE_NO_EXIT_STATUS] = {"no-exit-status", "closes the channel without an exit status"},
    [MISBEHAVE_WRONG_HOSTNAME] = {"wrong-hostname", "gives another computer's name"},
};

int misbehave_set(struct server *server, const char *text, struct err *err)
{
    size_t len = strcspn(text, ":");
    uint64_t times = 0;
    if (text[len] == ':' &&
        !str_u64((struct slice){text + len + 1, strlen(text + len + 1)}, 1000000, &times)) {
        return err_set(err, ERR_USAGE, "", "'%s': after the colon comes a count", text);
    }
    for (size_t i = 0; i < MISBEHAVE_COUNT; i++) {
        if (slice_eq((struct slice){text, len}, misbehave_rows[i].name)) {
            server->misbehaviour = (uint8_t)i;
            server->misbehave_left = (uint32_t)times;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "", "'%s' is no misbehaviour", text);
}

enum misbehaviour misbehave_next(struct server *server)
{
    enum misbehaviour now = (enum misbehaviour)server->misbehaviour;
    if (server->misbehave_left > 0 && --server->misbehave_left == 0) {
        server->misbehaviour = BEHAVES;
    }
    return now;
}
