/* plan: which services and registry keys are asked for, each once, by names that are safe to ask.
 */
#ifndef PVSAUDIT_COLLECTOR_PROBE_PLAN_H
#define PVSAUDIT_COLLECTOR_PROBE_PLAN_H

#include "core/err.h"
#include "model/expectation.h"

#include <stdbool.h>
#include <stddef.h>

enum { PLAN_SERVICES_MAX = 40, PLAN_KEYS_MAX = 16 };

/* services[i] comes from expectations[i], which is NULL for a service that is always asked for. */
struct plan {
    const char *services[PLAN_SERVICES_MAX];
    const struct expectation *expectations[PLAN_SERVICES_MAX];
    size_t service_count;
    const char *keys[PLAN_KEYS_MAX];
    size_t key_count;
};

/* Of the watched expectations of that system, in their order. The names go on a command line
 * without quotes, so a service is made of letters, digits and . _ - @ and a key of these and
 * backslashes. -1 with the offending name otherwise. */
int plan_build(struct plan *ret, const char *os, const struct expectation *const *watched,
               size_t count, struct err *err);

/* Ask for this as well; the name must be a safe one. */
int plan_add_service(struct plan *plan, const char *name, const struct expectation *expectation,
                     struct err *err);
int plan_add_key(struct plan *plan, const char *key, struct err *err);

/* A name as a service's; a full path without blanks and without anything that a shell reads. */
bool plan_name_is_safe(const char *name);
bool plan_path_is_safe(const char *path);

#endif
