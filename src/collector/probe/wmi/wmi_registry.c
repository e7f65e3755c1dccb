/* wmi_registry: keys and values of a Windows server by StdRegProv, and what it is: its identity. */
#include "collector/probe/field.h"
#include "collector/probe/windows/windows.h"
#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_item.h"
#include "collector/probe/wmi/wmi_rows.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_DELAY_MS = 120000 }; /* of a host that has no AutoStartDelay */

const char *wmi_section(char to[WMI_NAME], const char *prefix, const char *name)
{
    (void)snprintf(to, WMI_NAME, "%s:%s", prefix, name);
    return to;
}

const char *wmi_key_section(char to[WMI_NAME], size_t key)
{
    (void)snprintf(to, WMI_NAME, "reg-key:%zu", key);
    return to;
}

const char *wmi_value_section(char to[WMI_NAME], size_t key, size_t value)
{
    (void)snprintf(to, WMI_NAME, "reg-value:%zu:%zu", key, value);
    return to;
}

/* Each name once, in the order in which the rules of the watched expectations have them. */
const char *wmi_rule_value(const struct plan *plan, size_t i, size_t k)
{
    const char *seen[64];
    size_t count = 0;
    for (size_t s = 0; s < plan->service_count; s++) {
        const struct expectation *expectation = plan->expectations[s];
        if (expectation == NULL || !str_ieq(expectation->registry_key, plan->keys[i])) {
            continue;
        }
        for (size_t r = 0; r < expectation->rule_count; r++) {
            const struct registry_rule *rule = &expectation->rules[r];
            for (size_t c = 0; c < rule->condition_count && count < 64; c++) {
                const char *name = rule->conditions[c].name;
                bool known = false;
                for (size_t n = 0; n < count; n++) {
                    known = known || str_ieq(seen[n], name);
                }
                if (!known && count++ == k) {
                    return name;
                }
                if (!known) {
                    seen[count - 1] = name;
                }
            }
        }
    }
    return NULL;
}

static struct registry_value *add(const struct wmi *wmi, size_t key, const char *name)
{
    struct registry_value *value = snapshot_add_registry(wmi->snapshot);
    if (value != NULL) {
        value->key = arena_strdup(&wmi->snapshot->arena, wmi->plan->keys[key]);
        value->name = arena_strdup(&wmi->snapshot->arena, name);
    }
    return value == NULL || value->key == NULL || value->name == NULL ? NULL : value;
}

static void worsen(struct reading *reading, int64_t returned)
{
    if (returned == 5 && reading->outcome == OUTCOME_COMPLETE) {
        *reading = (struct reading){OUTCOME_DENIED, 5, "a key cannot be read"};
    } else if (returned != 5) {
        *reading = (struct reading){OUTCOME_PARTIAL, returned, "a key was not answered"};
    }
}

/* A value that is not there is no row; 1 is what Windows returns for it. */
static int take_value(const struct wmi *wmi, size_t key, size_t k, const char *name,
                      struct reading *reading)
{
    char section[WMI_NAME];
    struct wmi_item item;
    uint64_t number = 0;
    int64_t returned = wmi_returned(wmi->sections, wmi_value_section(section, key, k), &item);
    if (returned == 1 || returned == 2) {
        return 0;
    }
    if (returned != 0 || !wmi_number(&item, "uValue", UINT32_MAX, &number)) {
        worsen(reading, returned);
        return 0;
    }
    struct registry_value *value = add(wmi, key, name);
    if (value == NULL) {
        return -1;
    }
    value->is_number = true;
    value->number = number;
    value->text = arena_printf(&wmi->snapshot->arena, "0x%llx", (unsigned long long)number);
    return value->text == NULL ? -1 : 0;
}

static int take_key(const struct wmi *wmi, size_t key, struct reading *reading)
{
    char section[WMI_NAME];
    const char *name = NULL;
    int64_t returned = wmi_returned(wmi->sections, wmi_key_section(section, key), NULL);
    if (returned != 0 && returned != 2) {
        worsen(reading, returned);
        return 0;
    }
    struct registry_value *value = add(wmi, key, "");
    if (value == NULL) {
        return -1;
    }
    value->text = returned == 0 ? "present" : "absent";
    for (size_t k = 0; returned == 0 && (name = wmi_rule_value(wmi->plan, key, k)) != NULL; k++) {
        if (take_value(wmi, key, k, name, reading) != 0) {
            return -1;
        }
    }
    return 0;
}

static int64_t read_delay(const struct wmi *wmi)
{
    struct wmi_item item;
    uint64_t seconds = 0;
    int64_t returned = wmi_returned(wmi->sections, "reg-delay", &item);
    if (returned == 1 || returned == 2) {
        return DEFAULT_DELAY_MS;
    }
    return returned == 0 && wmi_number(&item, "uValue", UINT32_MAX, &seconds)
               ? (int64_t)seconds * 1000
               : -1;
}

int wmi_take_registry(const struct wmi *wmi)
{
    struct reading reading = reading_complete;
    for (size_t key = 0; key < wmi->plan->key_count; key++) {
        if (take_key(wmi, key, &reading) != 0) {
            return -1;
        }
    }
    wmi->snapshot->auto_start_delay_ms = read_delay(wmi);
    snapshot_set_section(wmi->snapshot, SECTION_REGISTRY, reading.outcome, "stdregprov",
                         reading.code, reading.detail);
    return 0;
}

static bool first_row(const struct sections *sections, const char *name, struct wmi_item *ret)
{
    const struct answer_section *section = sections_find(sections, name);
    struct slice rest = section == NULL ? (struct slice){"", 0} : section->body;
    bool bad = false;
    return wmi_is_complete(sections, name) && wmi_item_next(&rest, ret, &bad) && !bad;
}

/* By netsh where netstat was asked for as well: an old Windows has no such class. */
static void take_dynamic_ports(const struct wmi *wmi)
{
    struct wmi_item row;
    uint64_t first = 0;
    uint64_t count = 0;
    windows_take_dynamic_ports(wmi->sections, "range", wmi->snapshot);
    if (first_row(wmi->sections, "dynamic", &row) &&
        wmi_number(&row, "DynamicPortRangeStartPort", UINT16_MAX, &first) &&
        wmi_number(&row, "DynamicPortRangeNumberOfPorts", 65536, &count) && first > 0 &&
        count > 0 && first + count <= 65536) {
        wmi->snapshot->dynamic_first = (uint16_t)first;
        wmi->snapshot->dynamic_last = (uint16_t)(first + count - 1);
    }
}

static const char *text_of(const struct wmi *wmi, const struct wmi_item *row, const char *name,
                           bool *failed)
{
    struct slice value;
    if (!wmi_value(row, name, &value) || slice_trim(value).len == 0) {
        return NULL;
    }
    const char *text = wmi_text(&wmi->snapshot->arena, slice_trim(value));
    *failed = *failed || text == NULL;
    return text;
}

static struct reading judge(const struct wmi *wmi, bool os, int64_t guid)
{
    if (!os) {
        struct reading reading = wmi_reading(wmi->sections, "os");
        return reading.outcome != OUTCOME_COMPLETE
                   ? reading
                   : (struct reading){OUTCOME_PARTIAL, 0, "the version or name cannot be read"};
    }
    if (guid == 0) {
        return reading_complete;
    }
    return guid == -1 ? (struct reading){OUTCOME_PARTIAL, 0, "the MachineGuid was not answered"}
                      : (struct reading){OUTCOME_DENIED, guid, "the MachineGuid cannot be read"};
}

int wmi_take_machine(const struct wmi *wmi)
{
    struct machine_identity *machine = &wmi->snapshot->machine;
    struct wmi_item row;
    struct wmi_item value;
    bool failed = false;
    bool os = first_row(wmi->sections, "os", &row);
    int64_t guid = wmi_returned(wmi->sections, "reg-guid", &value);
    if (os) {
        machine->os_build = text_of(wmi, &row, "Version", &failed);
        machine->computer_name = text_of(wmi, &row, "CSName", &failed);
        os = machine->os_build != NULL && machine->computer_name != NULL;
    }
    if (machine->os_build != NULL) {
        machine->os_name =
            windows_product((struct slice){machine->os_build, strlen(machine->os_build)});
    }
    if (guid == 0) {
        machine->id = text_of(wmi, &value, "sValue", &failed);
        guid = machine->id == NULL ? -1 : 0;
    }
    take_dynamic_ports(wmi);
    struct reading reading = judge(wmi, os, guid);
    snapshot_set_section(wmi->snapshot, SECTION_MACHINE, reading.outcome, "wmi", reading.code,
                         reading.detail);
    return failed ? -1 : 0;
}
