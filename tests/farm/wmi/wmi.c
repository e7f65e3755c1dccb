/* wmi: the WMI classes that a simulated server has, and their instances at a moment. */
#include "farm/wmi/wmi.h"

#include "core/str.h"

#include <string.h>

static const struct wmi_class *const classes[] = {
    &wmi_operating_system,      &wmi_computer_system,    &wmi_service,      &wmi_process,
    &wmi_adapter_configuration, &wmi_data_file,          &wmi_udp_endpoint, &wmi_tcp_connection,
    &wmi_udp_setting,           &wmi_connection_profile,
};

const struct wmi_class *wmi_find_class(const char *name_space, const char *name)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (str_ieq(classes[i]->name, name) && str_ieq(classes[i]->name_space, name_space)) {
            return classes[i];
        }
    }
    return NULL;
}

const char *wmi_find_namespace(const char *name, enum os_version os, enum right *ret_right)
{
    static const struct {
        const char *name;
        enum right right;
        enum os_version since;
    } spaces[] = {{"root/cimv2", RIGHT_CIMV2, OS_2008R2},
                  {"root/standardcimv2", RIGHT_STANDARDCIMV2, OS_2012},
                  {"root/default", RIGHT_DEFAULT, OS_2008R2}};
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        if (str_ieq(spaces[i].name, name) && spaces[i].since <= os) {
            *ret_right = spaces[i].right;
            return spaces[i].name;
        }
    }
    return NULL;
}

const struct wmi_property *wmi_find_property(const struct wmi_class *class, const char *name,
                                             enum os_version os)
{
    for (size_t i = 0; i < class->property_count; i++) {
        if (str_ieq(class->properties[i].name, name)) {
            return class->properties[i].since <= os ? &class->properties[i] : NULL;
        }
    }
    return NULL;
}

struct wmi_scope wmi_scope_of(const struct fleet *fleet, const struct server *server,
                              uint32_t rights, enum misbehaviour misbehaviour, struct arena *arena)
{
    return (struct wmi_scope){.fleet = fleet,
                              .server = server,
                              .rights = rights & server->rights,
                              .misbehaviour = misbehaviour,
                              .moment = server_moment(fleet, server),
                              .arena = arena};
}

int wmi_list_rows(const struct wmi_class *class, const struct wmi_scope *scope,
                  struct wmi_list *list)
{
    *list = (struct wmi_list){.scope = scope};
    return class->list(list);
}

struct wmi_row *wmi_add_row(struct wmi_list *list)
{
    struct wmi_row *row =
        arena_push(list->scope->arena, &list->rows, &list->count, sizeof(struct wmi_row));
    if (row != NULL) {
        row->scope = list->scope;
        row->index = list->count - 1;
    }
    return row;
}

static struct wmi_value read_constant(const struct wmi_property *property)
{
    const char *text = property->constant;
    int64_t number = 0;
    switch (text == NULL ? WMI_TIME : property->type) {
    case WMI_TEXT:
        return wmi_text(text);
    case WMI_BOOL:
        return wmi_bool(str_eq(text, "true"));
    case WMI_NUMBER:
        return str_i64((struct slice){text, strlen(text)}, &number) ? wmi_number(number)
                                                                    : wmi_none(WMI_NUMBER);
    case WMI_TIME:
    case WMI_LIST:
        break;
    }
    return wmi_none(property->type);
}

struct wmi_value wmi_get_value(const struct wmi_property *property, const struct wmi_row *row)
{
    return property->get == NULL ? read_constant(property) : property->get(row);
}

struct wmi_value wmi_text(const char *text)
{
    return (struct wmi_value){.type = WMI_TEXT, .null = text == NULL, .text = text};
}

struct wmi_value wmi_number(int64_t number)
{
    return (struct wmi_value){.type = WMI_NUMBER, .number = number};
}

struct wmi_value wmi_bool(bool value)
{
    return (struct wmi_value){.type = WMI_BOOL, .number = value ? 1 : 0};
}

struct wmi_value wmi_time(int64_t ms, int32_t micros)
{
    return (struct wmi_value){.type = WMI_TIME, .ms = ms, .micros = micros};
}

struct wmi_value wmi_none(enum wmi_type type)
{
    return (struct wmi_value){.type = type, .null = true};
}

int32_t wmi_offset_min(const struct server *server)
{
    static const int32_t offsets[] = {
        [LANGUAGE_EN] = -300, [LANGUAGE_DE] = 60, [LANGUAGE_JA] = 540};
    return offsets[server->language];
}
