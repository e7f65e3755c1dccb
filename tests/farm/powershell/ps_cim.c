/* ps_cim: Get-CimInstance: the WMI classes that a simulated server has. */
#include "farm/powershell/ps_cim.h"

#include "core/str.h"
#include "farm/server/process.h"
#include "farm/server/service.h"

#include <stdio.h>

struct maker {
    struct console *console;
    struct moment moment;
    struct ps_property *properties;
    size_t count, capacity;
};

int32_t ps_cim_offset_min(const struct console *console)
{
    static const int32_t offsets[] = {
        [LANGUAGE_EN] = -300, [LANGUAGE_DE] = 60, [LANGUAGE_JA] = 540};
    return offsets[console->server->language];
}

static struct ps_value local_time(const struct maker *m, int64_t ms, int32_t micros)
{
    return ps_time(ms, micros * 10, true, ps_cim_offset_min(m->console));
}

static void begin(struct maker *m, size_t capacity)
{
    m->properties = arena_array(&m->console->arena, capacity, sizeof(*m->properties));
    m->count = 0;
    m->capacity = m->properties == NULL ? 0 : capacity;
}

static void put(struct maker *m, const char *name, struct ps_value value)
{
    if (m->count < m->capacity) {
        m->properties[m->count++] = (struct ps_property){name, value};
    }
}

static struct ps_value finish(struct maker *m, const char *class_name)
{
    struct ps_object *object = arena_alloc(&m->console->arena, sizeof(*object));
    if (object == NULL) {
        return (struct ps_value){0};
    }
    *object = (struct ps_object){class_name, m->properties, m->count};
    return (struct ps_value){.type = VALUE_OBJECT, .object = object};
}

static struct ps_value list_of(struct ps_value *items, size_t count)
{
    if (count == 1) {
        return items[0]; /* PowerShell unrolls a single row */
    }
    return (struct ps_value){.type = VALUE_LIST, .items = items, .count = count};
}

static struct ps_value operating_system(struct maker *m)
{
    static const char *const captions[] = {
        "Microsoft Windows Server 2012 R2 Standard", "Microsoft Windows Server 2016 Standard",
        "Microsoft Windows Server 2019 Standard", "Microsoft Windows Server 2022 Standard",
        "Microsoft Windows Server 2025 Standard"};
    static const int64_t languages[] = {1033, 1031, 1041};
    struct arena *arena = &m->console->arena;
    const struct server *server = m->console->server;
    char hostname[FLEET_NAME];
    server_hostname(server, hostname);
    bool other = m->console->misbehaviour == MISBEHAVE_WRONG_HOSTNAME;
    begin(m, 12);
    put(m, "Caption", ps_text(captions[server->os]));
    put(m, "Version",
        ps_text(
            arena_printf(arena, "%s.%u", server->os == OS_2012R2 ? "6.3" : "10.0", server->build)));
    put(m, "BuildNumber", ps_text(arena_printf(arena, "%u", server->build)));
    put(m, "CSName", ps_text(other ? "OTHERSERVER" : arena_strdup(arena, hostname)));
    put(m, "LastBootUpTime", local_time(m, m->moment.boot_ms, 0));
    put(m, "LocalDateTime", local_time(m, m->moment.wall_ms, 0));
    put(m, "CurrentTimeZone", ps_number(ps_cim_offset_min(m->console)));
    put(m, "OSLanguage", ps_number(languages[server->language]));
    put(m, "ProductType", ps_number(3));
    return finish(m, "Win32_OperatingSystem");
}

static struct ps_value processes(struct maker *m)
{
    struct console *console = m->console;
    struct process rows[PROCESS_COUNT];
    size_t count = process_list(console->fleet, console->server, &m->moment, rows);
    struct ps_value *items = arena_array(&console->arena, count, sizeof(*items));
    for (size_t i = 0; items != NULL && i < count; i++) {
        int32_t micros =
            (int32_t)(server_dice(console->fleet, console->server, 600, rows[i].pid) % 1000);
        begin(m, 6);
        put(m, "Name", ps_text(arena_strdup(&console->arena, rows[i].image)));
        put(m, "ProcessId", ps_number(rows[i].pid));
        put(m, "ParentProcessId", ps_number(rows[i].parent));
        put(m, "Handle", ps_text(arena_printf(&console->arena, "%u", rows[i].pid)));
        put(m, "ExecutablePath", (struct ps_value){0});
        put(m, "CreationDate",
            rows[i].created_wall_ms == 0 ? (struct ps_value){0}
                                         : local_time(m, rows[i].created_wall_ms, micros));
        items[i] = finish(m, "Win32_Process");
    }
    return items == NULL ? (struct ps_value){0} : list_of(items, count);
}

static const char *state_name(enum service_run state)
{
    return state == RUN_RUNNING ? "Running" : state == RUN_STOPPED ? "Stopped" : "Start Pending";
}

/* Services without the right to query are silently not in the list. */
static struct ps_value services(struct maker *m)
{
    static const char *const modes[] = {"Auto", "Auto", "Manual", "Disabled"};
    struct console *console = m->console;
    struct ps_value *items = arena_array(&console->arena, SERVICE_COUNT, sizeof(*items));
    size_t count = 0;
    for (int service = 0; items != NULL && service < SERVICE_COUNT; service++) {
        struct service_now now = service_look(console->fleet, console->server, &m->moment, service);
        if (!now.installed || !console_may(console, RIGHT_SC)) {
            continue;
        }
        begin(m, 10);
        put(m, "Name", ps_text(service_rows[service].name));
        put(m, "DisplayName", ps_text(service_rows[service].display));
        put(m, "State", ps_text(state_name(now.state)));
        put(m, "StartMode", ps_text(modes[now.start]));
        put(m, "DelayedAutoStart",
            console->server->os == OS_2012R2 ? (struct ps_value){0}
                                             : ps_bool(now.start == START_DELAYED));
        put(m, "ProcessId", ps_number(now.pid));
        put(m, "ExitCode", ps_number(now.exit_code));
        put(m, "PathName", ps_text(service_rows[service].image_path));
        put(m, "StartName", ps_text(service_rows[service].account));
        items[count++] = finish(m, "Win32_Service");
    }
    return list_of(items, count);
}

int64_t ps_cim_list(struct console *console, const char *class_name, struct ps_value *ret)
{
    static const struct {
        const char *name;
        struct ps_value (*list)(struct maker *m);
    } classes[] = {{"Win32_OperatingSystem", operating_system},
                   {"Win32_Process", processes},
                   {"Win32_Service", services}};
    struct maker m = {.console = console, .moment = server_moment(console->fleet, console->server)};
    if (!console_may(console, RIGHT_CIM)) {
        return CIM_DENIED;
    }
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (str_ieq(classes[i].name, class_name)) {
            *ret = classes[i].list(&m);
            return 0;
        }
    }
    return CIM_INVALID_CLASS;
}
