/* wmi_services: the watched services of a Windows server, from Win32_Service and the registry.
 *
 * A service that the account may not query is silently left out of the list, so a row that is not
 * there proves nothing: the service's key tells whether it is installed. */
#include "collector/probe/field.h"
#include "collector/probe/windows/sc.h"
#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_item.h"
#include "collector/probe/wmi/wmi_rows.h"

const char *wmi_services_section(const struct sections *sections)
{
    return !wmi_is_complete(sections, "services") && wmi_was_asked(sections, "services-old")
               ? "services-old"
               : "services";
}

bool wmi_service_row(const struct sections *sections, const char *section, const char *name,
                     struct wmi_item *ret)
{
    const struct answer_section *found = sections_find(sections, section);
    struct slice rest = found == NULL ? (struct slice){"", 0} : found->body;
    bool bad = false;
    while (wmi_item_next(&rest, ret, &bad)) {
        struct slice row_name;
        if (wmi_value(ret, "Name", &row_name) && slice_ieq(row_name, name)) {
            return true;
        }
    }
    return false;
}

static enum service_state parse_state(const struct wmi_item *row)
{
    static const enum service_state states[] = {
        SERVICE_STOPPED, SERVICE_START_PENDING,    SERVICE_STOP_PENDING, SERVICE_RUNNING,
        SERVICE_PAUSED,  SERVICE_CONTINUE_PENDING, SERVICE_PAUSE_PENDING};
    struct slice text;
    for (size_t i = 0; wmi_value(row, "State", &text) && i < sizeof(states) / sizeof(states[0]);
         i++) {
        if (slice_ieq(text, service_state_name(states[i]))) {
            return states[i];
        }
    }
    return SERVICE_STATE_UNKNOWN;
}

static enum startup_type parse_startup(const struct wmi_item *row, bool delayed)
{
    struct slice text;
    if (!wmi_value(row, "StartMode", &text)) {
        return STARTUP_UNKNOWN;
    }
    if (slice_ieq(text, "Auto")) {
        return delayed ? STARTUP_AUTOMATIC_DELAYED : STARTUP_AUTOMATIC;
    }
    return slice_ieq(text, "Manual")     ? STARTUP_MANUAL
           : slice_ieq(text, "Disabled") ? STARTUP_DISABLED
                                         : STARTUP_UNKNOWN;
}

/* A value of the service's key; false: it is not there, or was not to be had. */
static bool key_number(const struct wmi *wmi, const char *prefix, const char *service,
                       uint64_t *ret)
{
    char name[WMI_NAME];
    struct wmi_item item;
    return wmi_returned(wmi->sections, wmi_section(name, prefix, service), &item) == 0 &&
           wmi_number(&item, "uValue", UINT32_MAX, ret);
}

/* The row's own word, else the key's; an old Windows has only the key. *ret_known: one of them
 * could be read, or the value is known not to be there. */
static bool is_delayed(const struct wmi *wmi, const struct wmi_item *row, const char *service,
                       bool *ret_known)
{
    char name[WMI_NAME];
    struct slice text;
    uint64_t number = 0;
    if (row != NULL && wmi_value(row, "DelayedAutoStart", &text)) {
        *ret_known = true;
        return slice_ieq(text, "true");
    }
    int64_t returned = wmi_returned(wmi->sections, wmi_section(name, "reg-delayed", service), NULL);
    *ret_known = returned == 0 || returned == 1 || returned == 2;
    return key_number(wmi, "reg-delayed", service, &number) && number == 1;
}

static int copy_value(const struct wmi *wmi, const struct wmi_item *row, const char *property,
                      const char **to)
{
    struct slice value;
    if (!wmi_value(row, property, &value) || value.len == 0) {
        return 0;
    }
    *to = wmi_text(&wmi->snapshot->arena, value);
    return *to == NULL ? -1 : 0;
}

static int fill_listed(const struct wmi *wmi, const struct wmi_item *row, struct service *service)
{
    uint64_t number = 0;
    bool known = false;
    service->canary = PRESENCE_PRESENT;
    service->visible = true;
    service->state = parse_state(row);
    if (wmi_number(row, "ProcessId", UINT32_MAX, &number)) {
        service->pid = (int64_t)number;
    }
    if (wmi_number(row, "ExitCode", UINT32_MAX, &number)) {
        service->exit_code = (int64_t)number;
    }
    bool delayed = is_delayed(wmi, row, service->name, &known);
    service->startup = parse_startup(row, delayed);
    if (service->startup == STARTUP_AUTOMATIC && !known) {
        service->startup = STARTUP_UNKNOWN; /* perhaps delayed */
    }
    return copy_value(wmi, row, "DisplayName", &service->display_name) != 0 ||
                   copy_value(wmi, row, "PathName", &service->image) != 0 ||
                   copy_value(wmi, row, "StartName", &service->account) != 0
               ? -1
               : 0;
}

static void fill_after(const struct wmi *wmi, struct service *service)
{
    struct wmi_item row;
    uint64_t pid = 0;
    if (!wmi_service_row(wmi->sections, "services-after", service->name, &row) ||
        !wmi_number(&row, "ProcessId", UINT32_MAX, &pid)) {
        return;
    }
    service->pid_after = (int64_t)pid;
    /* A service that began to stop in between is not judged as a running one. */
    if (service->state == SERVICE_RUNNING) {
        service->state = parse_state(&row);
    }
}

/* Not listed: its key tells whether it is installed, and how it would start. A key without Start is
 * what an uninstaller leaves behind. */
static int fill_from_key(const struct wmi *wmi, struct service *service)
{
    char name[WMI_NAME];
    struct wmi_item item;
    uint64_t start = 0;
    bool known = false;
    int64_t key =
        wmi_returned(wmi->sections, wmi_section(name, "reg-service", service->name), NULL);
    if (key != 0) {
        service->canary = key == 2 ? PRESENCE_ABSENT : PRESENCE_UNREAD;
        return 0;
    }
    int64_t has_start =
        wmi_returned(wmi->sections, wmi_section(name, "reg-start", service->name), NULL);
    if (!key_number(wmi, "reg-start", service->name, &start)) {
        service->canary = has_start == 1 || has_start == 2 ? PRESENCE_ABSENT : PRESENCE_UNREAD;
        return 0;
    }
    service->canary = PRESENCE_PRESENT;
    bool delayed = is_delayed(wmi, NULL, service->name, &known);
    service->startup = sc_startup(start, delayed);
    if (service->startup == STARTUP_AUTOMATIC && !known) {
        service->startup = STARTUP_UNKNOWN;
    }
    if (wmi_returned(wmi->sections, wmi_section(name, "reg-image", service->name), &item) == 0) {
        return copy_value(wmi, &item, "sValue", &service->image);
    }
    return 0;
}

/* The list as a whole: one that was refused says as much as one that leaves rows out, as long as
 * the keys can be read. */
static struct reading judge(const struct wmi *wmi, bool all_keys)
{
    if (!(all_keys && !wmi->light) && !wmi->sections->whole) {
        return (struct reading){OUTCOME_PARTIAL, 0, "the answer was cut"};
    }
    struct reading before = wmi_reading(wmi->sections, wmi_services_section(wmi->sections));
    bool once = wmi->light && !wmi_was_asked(wmi->sections, "services-after");
    struct reading after = once ? reading_complete : wmi_reading(wmi->sections, "services-after");
    if (before.outcome == OUTCOME_DENIED && all_keys) {
        return reading_complete;
    }
    return before.outcome != OUTCOME_COMPLETE || after.outcome == OUTCOME_COMPLETE ? before : after;
}

int wmi_take_services(const struct wmi *wmi)
{
    const char *section = wmi_services_section(wmi->sections);
    bool all_keys = true;
    for (size_t i = 0; i < wmi->plan->service_count; i++) {
        struct wmi_item row;
        struct service *service = snapshot_add_service(wmi->snapshot);
        if (service == NULL) {
            return -1;
        }
        service->name = arena_strdup(&wmi->snapshot->arena, wmi->plan->services[i]);
        if (service->name == NULL) {
            return -1;
        }
        bool listed = wmi_service_row(wmi->sections, section, service->name, &row);
        if ((listed ? fill_listed(wmi, &row, service) : fill_from_key(wmi, service)) != 0) {
            return -1;
        }
        if (listed) {
            fill_after(wmi, service);
        }
        all_keys = all_keys && service->canary != PRESENCE_UNREAD;
    }
    struct reading reading = judge(wmi, all_keys);
    snapshot_set_section(wmi->snapshot, SECTION_SERVICES, reading.outcome, "wmi", reading.code,
                         reading.detail);
    return 0;
}
