/* ps_item: Get-Item and Get-ItemProperty: files and registry keys of a simulated server. */
#include "farm/powershell/ps_item.h"

#include "core/str.h"
#include "farm/server/registry.h"
#include "farm/wmi/wmi.h"

#include <string.h>

static struct ps_value read_property(const struct wmi_row *row, const char *name)
{
    const struct wmi_property *property =
        wmi_find_property(&wmi_data_file, name, (enum os_version)row->scope->server->os);
    struct wmi_value value = wmi_get_value(property, row);
    return value.null               ? (struct ps_value){0}
           : value.type == WMI_TIME ? ps_time(value.ms, value.micros * 10, false, 0)
                                    : ps_text(value.text);
}

static struct ps_value object_of(struct arena *arena, const char *class_name,
                                 struct ps_property *properties, size_t count)
{
    struct ps_object *object = arena_alloc(arena, sizeof(*object));
    if (object == NULL) {
        return (struct ps_value){0};
    }
    *object = (struct ps_object){class_name, properties, count};
    return (struct ps_value){.type = VALUE_OBJECT, .object = object};
}

/* The four numbers of a version such as 7.41.0.26. */
static struct ps_value version_info(struct arena *arena, const char *version)
{
    static const char *const names[] = {"FileMajorPart", "FileMinorPart", "FileBuildPart",
                                        "FilePrivatePart"};
    struct ps_property *parts = arena_array(arena, 4, sizeof(*parts));
    for (size_t i = 0; parts != NULL && i < 4; i++) {
        uint64_t number = 0;
        size_t len = version == NULL ? 0 : strcspn(version, ".");
        (void)str_u64((struct slice){version, len}, UINT32_MAX, &number);
        version = version == NULL || version[len] == '\0' ? NULL : version + len + 1;
        parts[i] = (struct ps_property){names[i], ps_number((int64_t)number)};
    }
    return parts == NULL ? (struct ps_value){0}
                         : object_of(arena, "System.Diagnostics.FileVersionInfo", parts, 4);
}

static struct ps_value file(const struct wmi_row *row)
{
    struct arena *arena = row->scope->arena;
    struct ps_property *properties = arena_array(arena, 3, sizeof(*properties));
    if (properties == NULL) {
        return (struct ps_value){0};
    }
    properties[0] = (struct ps_property){"FullName", read_property(row, "Name")};
    properties[1] = (struct ps_property){"LastWriteTimeUtc", read_property(row, "LastModified")};
    properties[2] = (struct ps_property){"VersionInfo",
                                         version_info(arena, read_property(row, "Version").text)};
    return object_of(arena, "System.IO.FileInfo", properties, 3);
}

static bool fits(const char *name, const char *path)
{
    size_t len = strlen(path);
    bool all = len > 0 && path[len - 1] == '*';
    return all ? strncasecmp(name, path, len - 1) == 0 : str_ieq(name, path);
}

/* Where a server that hangs at its files falls silent; the first place counts. */
static void note_question(struct console *console)
{
    if (console->misbehaviour == MISBEHAVE_HANG_FILES && !console->asked_of_files) {
        console->asked_of_files = true;
        console->flood_at = (long)console->out.len;
    }
}

bool ps_item_list(struct console *console, const char *path, struct ps_value *ret)
{
    struct wmi_scope *scope = arena_alloc(&console->arena, sizeof(*scope));
    struct wmi_list list = {0};
    bool all = strchr(path, '*') != NULL;
    note_question(console);
    if (scope == NULL) {
        return false;
    }
    *scope = wmi_scope_of(console->fleet, console->server, console->rights, console->misbehaviour,
                          &console->arena);
    if (wmi_list_rows(&wmi_data_file, scope, &list) != 0) {
        return false;
    }
    struct ps_value *items = arena_array(&console->arena, list.count, sizeof(*items));
    const struct wmi_row *rows = list.rows;
    size_t count = 0;
    for (size_t i = 0; items != NULL && i < list.count; i++) {
        if (fits(read_property(&rows[i], "Name").text, path)) {
            items[count++] = file(&rows[i]);
        }
    }
    *ret = count == 1 ? items[0]
                      : (struct ps_value){.type = VALUE_LIST, .items = items, .count = count};
    return count > 0 || all;
}

bool ps_item_key(struct console *console, const char *path, struct ps_value *ret)
{
    static const char drive[] = "HKLM:\\";
    struct registry registry;
    if (strncasecmp(path, drive, strlen(drive)) != 0 ||
        registry_list(console->fleet, console->server, &console->arena, &registry) != 0) {
        return false;
    }
    struct ps_property *properties =
        arena_array(&console->arena, registry.count, sizeof(*properties));
    size_t count = 0;
    for (size_t i = 0; properties != NULL && i < registry.count; i++) {
        const struct registry_value *value = &registry.values[i];
        if (str_ieq(value->key, path + strlen(drive)) && value->name != NULL) {
            properties[count++] = (struct ps_property){value->name, ps_text(value->data)};
        }
    }
    *ret = object_of(&console->arena, "PSCustomObject", properties, count);
    return count > 0;
}
