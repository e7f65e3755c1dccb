/* get: WS-Transfer Get of one WMI instance. */
#include "farm/wsman/get.h"

#include "farm/wsman/item.h"
#include "farm/wsman/resource.h"

static bool key_fits(const struct exchange *x, const struct wmi_class *class,
                     const struct wmi_row *row, const char *wanted)
{
    const struct wmi_property *key =
        wmi_find_property(class, class->key, (enum os_version)x->server->os);
    struct wmi_value value = wmi_get_value(key, row);
    const char *held = value.type == WMI_NUMBER
                           ? arena_printf(x->arena, "%lld", (long long)value.number)
                           : value.text;
    return held != NULL && str_ieq(held, wanted);
}

static const struct wmi_row *find_row(const struct exchange *x, const struct wmi_class *class,
                                      const struct wmi_list *list)
{
    const struct wmi_row *rows = list->rows;
    const char *wanted = envelope_selector(&x->envelope, class->key);
    for (size_t i = 0; i < list->count; i++) {
        if (*class->key == '\0' || (wanted != NULL && key_fits(x, class, &rows[i], wanted))) {
            return &rows[i];
        }
    }
    return NULL;
}

void get_instance(struct exchange *x)
{
    struct resource resource;
    struct wmi_list list = {0};
    struct fault fault = {.id = FAULT_RESOURCE};
    if (resource_parse(x, &resource)) {
        fault = resource_check(x, &resource);
    }
    if (fault.id != FAULT_NONE) {
        exchange_fault(x, &fault);
        return;
    }
    const struct wmi_class *class = wmi_find_class(resource.name_space, resource.class_name);
    struct wmi_scope scope =
        wmi_scope_of(x->wsman->fleet, x->server, exchange_rights(x), x->misbehaviour, x->arena);
    const struct wmi_row *row = class != NULL && wmi_list_rows(class, &scope, &list) == 0
                                    ? find_row(x, class, &list)
                                    : NULL;
    if (row == NULL) {
        exchange_fault(x, &(struct fault){.id = FAULT_RESOURCE, .source = FAULT_OF_WMI});
        return;
    }
    envelope_begin(x->answer, NS_TRANSFER "/GetResponse", x->envelope.message_id);
    item_write(x->answer, class, row, NULL, 0, x->server->winrm.wire);
    envelope_end(x->answer);
}
