/* handover: connections passed to the process that plays their server. */
#ifndef PVSAUDIT_FARM_WINRM_HANDOVER_H
#define PVSAUDIT_FARM_WINRM_HANDOVER_H

#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { HANDOVER_WORKERS = 64 };

/* A server lives in one process, so that its enumerations and shells do; whichever process accepts
 * a connection gives it to that one. Made before the processes part. */
struct handover {
    unsigned count; /* of processes; 0: there is one, and it keeps all */
    int ends[HANDOVER_WORKERS][2]; /* [0]: the process itself reads; [1]: others write */
};

struct handed {
    int fd;
    uint32_t server;
    bool https;
};

int handover_open(struct handover *handover, unsigned count, struct err *err);
void handover_close(struct handover *handover);
unsigned handover_owner(const struct handover *handover, uint32_t server);
/* False where it could not be passed on; the descriptor is the caller's either way. */
bool handover_send(const struct handover *handover, const struct handed *handed);
/* False where nothing waits. */
bool handover_receive(const struct handover *handover, unsigned worker, struct handed *ret);

#endif
