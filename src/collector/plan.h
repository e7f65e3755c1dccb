/* plan: what a scan is going to do: settings, expectations, hosts and their credentials. */
#ifndef PVSAUDIT_COLLECTOR_PLAN_H
#define PVSAUDIT_COLLECTOR_PLAN_H

#include "collector/credential.h"
#include "collector/schedule.h"
#include "command/command_line.h"
#include "config/expectation_file.h"
#include "config/inventory/inventory.h"
#include "config/settings.h"
#include "core/err.h"

#include <stddef.h>

struct plan {
    struct settings settings;
    struct expectation_set expectations;
    struct inventory inventory;
    struct credential_store *credentials;
    struct credential nobody; /* of a replay: it lets nobody in anywhere */
    struct schedule_entry *entries; /* selected and not retired */
    size_t count;
    struct host *scope; /* the selected hosts, retired ones too: what the history records */
    size_t scope_count;
    size_t concurrency; /* what fits the limit of open files */
};

/* Settings and expectations only: what `ingest` and `parse` need. */
int plan_load_settings(struct plan *plan, const struct command_line *line, struct err *err);
/* These and the inventory. */
int plan_load_inventory(struct plan *plan, const struct command_line *line, struct err *err);
/* Then the hosts that are to be visited; selected tells of inventory.hosts[i]. May be
 * called again, while no scan of the plan runs. */
int plan_choose(struct plan *plan, const struct command_line *line, const bool *selected,
                struct err *err);
/* Everything, and the krb5.conf that Kerberos reads: before the first thread. Warnings and a
 * lowered concurrency are written to the log. */
int plan_load(struct plan *plan, const struct command_line *line, struct err *err);
void plan_done(struct plan *plan); /* a zeroed or half-built plan is fine */

#endif
