/* phrase: names and sentences as the help desk knows them, safe to print. */
#ifndef PVSAUDIT_CLI_PHRASE_H
#define PVSAUDIT_CLI_PHRASE_H

#include "core/arena.h"
#include "core/clock.h"
#include "db/query/query.h"
#include "model/snapshot.h"
#include "model/verdict.h"

#include <stdio.h>

/* "Citrix PVS PXE Service (BNPXE)"; "-" where neither is known. */
const char *phrase_service(struct arena *arena, const char *display_name, const char *service);
/* "BNPXE is Running"; "BNPXE's state is denied, its process lives" (pid: of it; 0: none lives).
 * service: already fit to be printed. */
const char *phrase_state(struct arena *arena, const char *service, enum service_state state,
                         int64_t pid);
/* "UDP 67", "udp/67" */
const char *phrase_port(struct arena *arena, enum proto proto, uint16_t port);
const char *phrase_port_short(struct arena *arena, enum proto proto, uint16_t port);
/* "0.0.0.0:67", "[fe80::1]:67" */
const char *phrase_socket(struct arena *arena, const struct endpoint *endpoint);
/* "unknown: partial (udp)"; a detail that is a sentence is left to `why`. */
const char *phrase_verdict(struct arena *arena, enum verdict_code code, enum reason reason,
                           const char *detail);
/* "2026-11-22 22:00:00 CET" in the zone, NULL = the process's; "never" for 0. */
const char *phrase_time(struct arena *arena, int64_t ms, const char *zone);
/* "Disabled (was Automatic until 2026-11-22 22:00:00 CET)" */
const char *phrase_startup(struct arena *arena, enum startup_type startup,
                           const struct changes *changes, const char *zone);
/* "; owner-changed: ..." and its kin; "" where nothing changed. */
const char *phrase_changes(struct arena *arena, const struct changes *changes);
/* "3 s after boot"; NULL where it cannot be told. */
const char *phrase_after_boot(struct arena *arena, int64_t created_ms, int64_t boot_ms);
/* "2.3 s"; NULL for what is negative: not known. */
const char *phrase_seconds(struct arena *arena, int64_t ms);
/* What to do about a section that was denied; NULL: nothing is known. */
const char *phrase_denied_remedy(enum section_id section);

/* What "bound" does not prove. */
extern const char phrase_bound_note[];

#endif
