/* wsman: WS-Management as WinRM speaks it: a request in, an answer out. */
#ifndef PVSAUDIT_FARM_WSMAN_WSMAN_H
#define PVSAUDIT_FARM_WSMAN_WSMAN_H

#include "farm/wsman/exchange.h"

void wsman_init(struct wsman *wsman, struct fleet *fleet);
void wsman_done(struct wsman *wsman);
/* What nobody has used for long is dropped; called every second or so. */
void wsman_sweep(struct wsman *wsman);

/* The caller has filled in everything but envelope, problem, status and delay_ms. Returns what kind
 * of request it is. */
enum occasion wsman_read(struct exchange *x, const char *bytes, size_t len);
/* Then, with the misbehaviour of that moment. Without an account only Identify is answered. */
void wsman_handle(struct exchange *x);

#endif
