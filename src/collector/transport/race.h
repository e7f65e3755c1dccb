/* race: a TCP connection to the first of a host's addresses that answers (RFC 8305). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_RACE_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_RACE_H

#include <stddef.h>
#include <sys/socket.h>
#include <uv.h>

enum { RACE_STEP_MS = 250, RACE_MAX = 16 };

struct race;

/* Addresses are tried in order, the next one 250 ms later or as soon as one has failed; more than
 * 16 are not tried. found is called once, never from inside start: fd is a connected non-blocking
 * socket that is now the caller's and index its address; or fd is -1, and error the errno that says
 * most, of address index. There is no deadline: cancel with race_close. addresses must live
 * until then. NULL: no memory. */
struct race *race_start(uv_loop_t *loop, const struct sockaddr_storage *addresses, size_t count,
                        void (*found)(void *data, int fd, size_t index, int error), void *data);
/* The errno that says most so far, or ETIMEDOUT while nothing was said; its address in *ret_index.
 */
int race_error(const struct race *race, size_t *ret_index);
/* Stop trying and free; closed is called once, from the loop, when no handle is left. */
void race_close(struct race *race, void (*closed)(void *data), void *data);

#endif
