/* remedy: what cures a problem, said once with the hosts that need it. */
#ifndef PVSAUDIT_OUT_REMEDY_H
#define PVSAUDIT_OUT_REMEDY_H

#include "core/arena.h"
#include "model/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The cure of one verdict in one line; general is the expectation's own, for a service that runs
 * and does not hold its port. */
const char *remedy_text(struct arena *arena, enum verdict_code code, bool linux_host,
                        const char *service, const char *general);

/* Starting later only prevents a start that was too early: NULL for any other verdict. A service
 * that starts late already is told what else there is. */
const char *remedy_prevention(enum verdict_code code, enum startup_type startup,
                              const char *general);

/* Remedies, said once each with the hosts that need them, folded. */
struct remedy_list {
    struct arena arena;
    struct remedy_row {
        const char *remedy, *prevention;
        const char **hosts;
        size_t host_count;
    } * rows;
    size_t count;
};
int remedy_add(struct remedy_list *list, const char *host, const char *remedy,
               const char *prevention); /* -1: out of memory */
void remedy_print(struct remedy_list *list, FILE *to);
void remedy_list_done(struct remedy_list *list);

#endif
