/* plan: what a scan is going to do: settings, expectations, hosts and their credentials. */
#include "collector/plan.h"

#include "collector/realms.h"
#include "core/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    FILES_OF_OURS = 64, /* the history, the resolver, the terminal ... */
    FILES_LEAST = 32, /* with which one host can be visited */
    FILES_A_HOST = 3, /* two addresses raced for a moment, and an agent */
};

int plan_load_settings(struct plan *plan, const struct command_line *line, struct err *err)
{
    return settings_load(line->config, line->db, &plan->settings, err) != 0 ||
                   expectation_file_load_all(&plan->settings, line, &plan->expectations, err) != 0
               ? -1
               : 0;
}

static int load_inventory(struct plan *plan, const struct command_line *line, struct err *err)
{
    const char *path = line->inventory != NULL ? line->inventory : plan->settings.inventory;
    if (path == NULL) {
        return err_set(err, ERR_USAGE, "inventory",
                       "no inventory is named: give -i FILE, or `inventory` in the settings");
    }
    if (inventory_load(path, &plan->expectations, &plan->inventory, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < plan->inventory.warning_count; i++) {
        log_line(LOG_WARNING, NULL, "%s", plan->inventory.warnings[i]);
    }
    return 0;
}

/* The deep copy is not needed: the scope's strings are the inventory's. */
static int take_hosts(struct plan *plan, const bool *selected, struct err *err)
{
    size_t count = plan->inventory.count;
    free(plan->entries);
    free(plan->scope);
    plan->count = 0;
    plan->scope_count = 0;
    plan->entries = calloc(count + 1, sizeof(*plan->entries));
    plan->scope = calloc(count + 1, sizeof(*plan->scope));
    if (plan->entries == NULL || plan->scope == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const struct host *host = &plan->inventory.hosts[i];
        if (selected[i]) {
            plan->scope[plan->scope_count++] = *host;
            if (host->state != HOST_RETIRED) {
                plan->entries[plan->count++].host = host;
            }
        }
    }
    return 0;
}

static int load_credentials(struct plan *plan, struct err *err)
{
    if (plan->credentials == NULL) {
        plan->credentials = credential_store_new(plan->settings.password_command_ms);
    }
    if (plan->credentials == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (credential_store_get(plan->credentials, plan->entries[i].host,
                                 &plan->entries[i].credential, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int load_logins(struct plan *plan, struct err *err)
{
    bool first = plan->credentials == NULL;
    if (first && realms_choose(&plan->settings, plan->inventory.hosts, plan->inventory.count,
                               REALMS_SYSTEM_FILE, err) != 0) {
        return -1;
    }
    return load_credentials(plan, err);
}

static int load_nobody(struct plan *plan)
{
    plan->nobody = (struct credential){.auth = AUTH_AGENT, .user = ""};
    for (size_t i = 0; i < plan->count; i++) {
        plan->entries[i].credential = &plan->nobody;
    }
    return 0;
}

static int fit_concurrency(struct plan *plan, const struct command_line *line, struct err *err)
{
    int64_t asked = line->concurrency > 0 ? line->concurrency : plan->settings.concurrency;
    struct rlimit files = {0, 0};
    plan->concurrency = asked > 0 ? (size_t)asked : 1;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return 0;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < FILES_LEAST) {
        return err_set(err, ERR_IO, "plan",
                       "the limit of open files is %llu, and a scan needs %d at least: raise it "
                       "(ulimit -n)",
                       (unsigned long long)files.rlim_cur, FILES_LEAST);
    }
    size_t fits = files.rlim_cur <= FILES_OF_OURS + FILES_A_HOST
                      ? 1
                      : (size_t)(files.rlim_cur - FILES_OF_OURS) / FILES_A_HOST;
    if (fits < plan->concurrency && fits < plan->count) {
        log_line(LOG_WARNING, NULL,
                 "at most %zu hosts at a time instead of %zu: the limit of open files is %llu "
                 "(ulimit -n)",
                 fits, plan->concurrency, (unsigned long long)files.rlim_cur);
    }
    plan->concurrency = fits < plan->concurrency ? fits : plan->concurrency;
    return 0;
}

int plan_load_inventory(struct plan *plan, const struct command_line *line, struct err *err)
{
    return plan_load_settings(plan, line, err) != 0 ? -1 : load_inventory(plan, line, err);
}

int plan_choose(struct plan *plan, const struct command_line *line, const bool *selected,
                struct err *err)
{
    if (take_hosts(plan, selected, err) != 0 ||
        (line->replay == NULL ? load_logins(plan, err) : load_nobody(plan)) != 0) {
        return -1;
    }
    return fit_concurrency(plan, line, err);
}

int plan_load(struct plan *plan, const struct command_line *line, struct err *err)
{
    if (plan_load_inventory(plan, line, err) != 0) {
        return -1;
    }
    bool *selected = calloc(plan->inventory.count + 1, sizeof(*selected));
    int rc = selected == NULL ? err_memory(err)
                              : inventory_select(&plan->inventory, line->limit, selected, err);
    if (rc == 0) {
        rc = plan_choose(plan, line, selected, err);
    }
    free(selected);
    return rc;
}

void plan_done(struct plan *plan)
{
    free(plan->entries);
    free(plan->scope);
    credential_store_free(plan->credentials);
    inventory_done(&plan->inventory);
    expectation_set_done(&plan->expectations);
    settings_done(&plan->settings);
    memset(plan, 0, sizeof(*plan));
}
