/* collector_child: pvsaudit-collect as a child whose answer this program prints. */
#ifndef PVSAUDIT_CLI_COLLECTOR_CHILD_H
#define PVSAUDIT_CLI_COLLECTOR_CHILD_H

#include "core/err.h"
#include "out/relay.h"

/* Starts it with the words of our own command line and reads its lines. It is in front of the
 * terminal with us: Ctrl-C is for it, and we wait for what it has to say; SIGTERM is passed on.
 * *ret_code: how it ended, 128 + n by signal n. ret is whole only where 0 is returned; -1: it could
 * not be started, or what it said is no answer, though it ended well. */
int collector_child(char *const *words, size_t count, struct relay *ret, int *ret_code,
                    struct err *err);

#endif
