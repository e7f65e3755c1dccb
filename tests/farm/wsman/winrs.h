/* winrs: the cmd shells that are open, their commands, and what may be done with them. */
#ifndef PVSAUDIT_FARM_WSMAN_WINRS_H
#define PVSAUDIT_FARM_WSMAN_WINRS_H

#include "farm/wsman/exchange.h"

/* The actions on .../windows/shell/cmd; each fills the answer. */
void winrs_create(struct exchange *x);
void winrs_start(struct exchange *x);
void winrs_receive(struct exchange *x);
void winrs_send(struct exchange *x);
void winrs_signal(struct exchange *x);
void winrs_delete(struct exchange *x);

/* Whether the resource URI is the shell's. */
bool winrs_is_meant(const struct exchange *x);
size_t winrs_count(const struct exchange *x); /* of this account on this server */
/* Idle ones are dropped. */
void winrs_sweep(struct wsman *wsman, int64_t now_ms);
void winrs_close_all(struct wsman *wsman);

#endif
