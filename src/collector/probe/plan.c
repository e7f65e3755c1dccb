/* plan: which services and registry keys are asked for, each once, by names that are safe to ask.
 */
#include "collector/probe/plan.h"

#include "core/str.h"

#include <string.h>

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "._-@";
static const char key_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "._-@\\";
static const char path_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "._-@/+";

static bool is_made_of(const char *text, const char *bytes)
{
    return text[0] != '\0' && text[0] != '-' && strlen(text) <= 200 &&
           text[strspn(text, bytes)] == '\0';
}

bool plan_name_is_safe(const char *name)
{
    return is_made_of(name, name_bytes);
}

bool plan_path_is_safe(const char *path)
{
    return path[0] == '/' && is_made_of(path, path_bytes);
}

int plan_add_service(struct plan *plan, const char *name, const struct expectation *expectation,
                     struct err *err)
{
    for (size_t i = 0; i < plan->service_count; i++) {
        if (str_ieq(plan->services[i], name)) {
            return 0;
        }
    }
    if (!plan_name_is_safe(name)) {
        return err_set(err, ERR_CONFIG, "probe",
                       "the service name '%s' cannot be asked for: letters, digits and . _ - @ "
                       "only",
                       name);
    }
    if (plan->service_count == PLAN_SERVICES_MAX) {
        return err_set(err, ERR_LIMIT, "probe", "more than %d services are expected of one host",
                       PLAN_SERVICES_MAX);
    }
    plan->services[plan->service_count] = name;
    plan->expectations[plan->service_count++] = expectation;
    return 0;
}

int plan_add_key(struct plan *plan, const char *key, struct err *err)
{
    for (size_t i = 0; i < plan->key_count; i++) {
        if (str_ieq(plan->keys[i], key)) {
            return 0;
        }
    }
    if (!is_made_of(key, key_bytes)) {
        return err_set(err, ERR_CONFIG, "probe",
                       "the registry key '%s' cannot be asked for: letters, digits, . _ - @ and "
                       "backslashes only",
                       key);
    }
    if (plan->key_count == PLAN_KEYS_MAX) {
        return err_set(err, ERR_LIMIT, "probe", "more than %d registry keys are asked of one host",
                       PLAN_KEYS_MAX);
    }
    plan->keys[plan->key_count++] = key;
    return 0;
}

int plan_build(struct plan *ret, const char *os, const struct expectation *const *watched,
               size_t count, struct err *err)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < count; i++) {
        const struct expectation *expectation = watched[i];
        if (!str_eq(expectation->os, os)) {
            continue;
        }
        if (plan_add_service(ret, expectation->service, expectation, err) != 0 ||
            (expectation->registry_key != NULL &&
             plan_add_key(ret, expectation->registry_key, err) != 0)) {
            return -1;
        }
    }
    return 0;
}
