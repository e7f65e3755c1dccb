/* wmi: how the sections of a Windows server's WMI become those of a snapshot. Private to the wmi*.c
 * files. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WMI_WMI_H
#define PVSAUDIT_COLLECTOR_PROBE_WMI_WMI_H

#include "collector/probe/plan.h"
#include "collector/probe/sections.h"
#include "core/arena.h"
#include "model/snapshot.h"

enum { WMI_NAME = 64 }; /* of a section */

/* The values of key i of the plan that its rules look at: the k-th name; NULL: no more. */
const char *wmi_rule_value(const struct plan *plan, size_t i, size_t k);

/* "PREFIX:NAME" */
const char *wmi_section(char to[WMI_NAME], const char *prefix, const char *name);
/* "reg-key:1", "reg-value:1:0" */
const char *wmi_key_section(char to[WMI_NAME], size_t key);
const char *wmi_value_section(char to[WMI_NAME], size_t key, size_t value);

struct wmi {
    const struct sections *sections;
    const struct plan *plan;
    struct snapshot *snapshot;
    bool light; /* the services were looked at once where that was enough */
};

/* Whether the list of services has a row of that name, and the row. */
struct wmi_item;
bool wmi_service_row(const struct sections *sections, const char *section, const char *name,
                     struct wmi_item *ret);
/* The section with the services before the endpoints: the full one, or that for an old Windows. */
const char *wmi_services_section(const struct sections *sections);
/* Each running service of the plan holds a port of its expectation. */
bool wmi_ports_held(const struct sections *sections, const struct plan *plan);
/* Every row of a watched UDP port says whose it is. */
bool wmi_owners_known(const struct sections *sections, const struct plan *plan);

/* Each fills rows of the snapshot and sets one or two of its sections; processes before services.
 * -1: out of memory. */
int wmi_take_endpoints(const struct wmi *wmi);
int wmi_take_boot(const struct wmi *wmi);
int wmi_take_processes(const struct wmi *wmi); /* and the boot's witnesses */
int wmi_take_services(const struct wmi *wmi);
int wmi_take_addresses(const struct wmi *wmi);
int wmi_take_registry(const struct wmi *wmi);
int wmi_take_machine(const struct wmi *wmi);
int wmi_take_service_witnesses(const struct wmi *wmi); /* of a light visit */
int wmi_take_around(const struct wmi *wmi); /* two sections, both optional */

/* What is asked for the files: those that are there are in the answer. NULL: out of memory. */
const char *wmi_files_query(const struct sections *sections, struct arena *arena);

#endif
