/* ps_cim: Get-CimInstance: the WMI classes of a simulated server as PowerShell's objects. */
#include "farm/powershell/ps_cim.h"

#include "core/str.h"
#include "farm/wmi/wmi.h"

int32_t ps_cim_offset_min(const struct console *console)
{
    return wmi_offset_min(console->server);
}

static struct ps_value text_list(struct arena *arena, const struct wmi_value *value)
{
    struct ps_value *items = arena_array(arena, value->count, sizeof(*items));
    for (size_t i = 0; items != NULL && i < value->count; i++) {
        items[i] = ps_text(value->items[i]);
    }
    return items == NULL
               ? (struct ps_value){0}
               : (struct ps_value){.type = VALUE_LIST, .items = items, .count = value->count};
}

static struct ps_value convert(const struct wmi_scope *scope, const struct wmi_value *value)
{
    if (value->null) {
        return (struct ps_value){0};
    }
    switch (value->type) {
    case WMI_TEXT:
        return ps_text(value->text);
    case WMI_NUMBER:
        return ps_number(value->number);
    case WMI_BOOL:
        return ps_bool(value->number != 0);
    case WMI_TIME:
        return ps_time(value->ms, value->micros * 10, true, wmi_offset_min(scope->server));
    case WMI_LIST:
        return text_list(scope->arena, value);
    }
    return (struct ps_value){0};
}

static struct ps_value instance(const struct wmi_class *class, const struct wmi_row *row)
{
    const struct wmi_scope *scope = row->scope;
    struct ps_object *object = arena_alloc(scope->arena, sizeof(*object));
    struct ps_property *properties =
        arena_array(scope->arena, class->property_count, sizeof(*properties));
    if (object == NULL || properties == NULL) {
        return (struct ps_value){0};
    }
    *object = (struct ps_object){class->name, properties, 0};
    for (size_t i = 0; i < class->property_count; i++) {
        const struct wmi_property *property = &class->properties[i];
        if (property->since <= (enum os_version)scope->server->os) {
            struct wmi_value value = wmi_get_value(property, row);
            properties[object->count++] =
                (struct ps_property){property->name, convert(scope, &value)};
        }
    }
    return (struct ps_value){.type = VALUE_OBJECT, .object = object};
}

static struct ps_value instances(const struct wmi_class *class, const struct wmi_scope *scope)
{
    struct wmi_list list;
    if (wmi_list_rows(class, scope, &list) != 0) {
        return (struct ps_value){0};
    }
    struct wmi_row *rows = list.rows;
    struct ps_value *items = arena_array(scope->arena, list.count, sizeof(*items));
    for (size_t i = 0; items != NULL && i < list.count; i++) {
        items[i] = instance(class, &rows[i]);
    }
    if (items == NULL || list.count == 1) {
        return items == NULL ? (struct ps_value){0} : items[0]; /* a single row is unrolled */
    }
    return (struct ps_value){.type = VALUE_LIST, .items = items, .count = list.count};
}

int64_t ps_cim_list(struct console *console, const char *name_space, const char *class_name,
                    struct ps_value *ret)
{
    struct wmi_scope *scope = arena_alloc(&console->arena, sizeof(*scope));
    const struct wmi_class *class = wmi_find_class(name_space, class_name);
    enum right right = RIGHT_CIM;
    if (wmi_find_namespace(name_space, (enum os_version)console->server->os, &right) == NULL) {
        return CIM_INVALID_NAMESPACE;
    }
    if (scope == NULL || !console_may(console, RIGHT_CIM) || !console_may(console, right)) {
        return CIM_DENIED;
    }
    if (class == NULL) {
        return CIM_INVALID_CLASS;
    }
    *scope = wmi_scope_of(console->fleet, console->server, console->rights, console->misbehaviour,
                          &console->arena);
    *ret = instances(class, scope);
    return 0;
}
