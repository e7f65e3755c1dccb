/* invoke: methods of WMI classes: StdRegProv, which reads the registry. */
#include "farm/wsman/invoke.h"

#include "farm/server/registry.h"
#include "farm/wsman/resource.h"
#include "farm/wsman/xml_write.h"

#include <string.h>

/* What StdRegProv returns: Win32 errors, and one of WMI's. */
enum { FOUND = 0, NOT_FOUND = 2, DENIED = 5 };
static const uint32_t type_mismatch = 2147749893U;
static const uint64_t local_machine = 2147483650U;

struct call {
    struct exchange *x;
    struct registry registry;
    const char *key, *value; /* as asked */
    struct buf *to;
};

/* ---- looking ---- */

static bool is_below(const char *key, const char *asked)
{
    size_t len = strlen(asked);
    return strncasecmp(key, asked, len) == 0 && (key[len] == '\\' || len == 0);
}

static bool key_exists(const struct call *call)
{
    for (size_t i = 0; i < call->registry.count; i++) {
        const char *key = call->registry.values[i].key;
        if (str_ieq(key, call->key) || is_below(key, call->key)) {
            return true;
        }
    }
    return false;
}

static const struct registry_value *find_value(const struct call *call)
{
    for (size_t i = 0; i < call->registry.count; i++) {
        const struct registry_value *value = &call->registry.values[i];
        if (str_ieq(value->key, call->key) && value->name != NULL &&
            str_ieq(value->name, call->value)) {
            return value;
        }
    }
    return NULL;
}

static const char *argument(const struct call *call, const char *name)
{
    const struct xml_node *node = call->x->envelope.body->children;
    while (node != NULL && !str_eq(node->name, name)) {
        node = node->next;
    }
    struct slice text = xml_text(node);
    const char *copy = arena_strndup(call->x->arena, text.data, text.len);
    return copy == NULL ? "" : copy;
}

/* ---- the methods: each writes its output parameters and says what is returned ---- */

static uint32_t nothing(const struct call *call, const char *name, uint32_t why)
{
    (void)buf_printf(call->to, "<p:%s xsi:nil=\"true\"/>", name);
    return why;
}

static uint32_t get_number(struct call *call)
{
    uint64_t number = 0;
    const struct registry_value *value = find_value(call);
    if (value == NULL || !str_hex64((struct slice){value->data, strlen(value->data)}, &number) ||
        !str_eq(value->type, "REG_DWORD")) {
        return nothing(call, "uValue", value == NULL ? NOT_FOUND : type_mismatch);
    }
    (void)buf_printf(call->to, "<p:uValue>%llu</p:uValue>", (unsigned long long)number);
    return FOUND;
}

static uint32_t get_text(struct call *call, const char *type)
{
    const struct registry_value *value = find_value(call);
    if (value == NULL || !str_eq(value->type, type)) {
        return nothing(call, "sValue", value == NULL ? NOT_FOUND : type_mismatch);
    }
    xml_leaf(call->to, "p:sValue", value->data);
    return FOUND;
}

static uint32_t get_string(struct call *call)
{
    return get_text(call, "REG_SZ");
}

static uint32_t get_expanded(struct call *call)
{
    return get_text(call, "REG_EXPAND_SZ");
}

/* reg.exe's \0 between the texts. */
static uint32_t get_multi(struct call *call)
{
    const struct registry_value *value = find_value(call);
    if (value == NULL || !str_eq(value->type, "REG_MULTI_SZ")) {
        return nothing(call, "sValue", value == NULL ? NOT_FOUND : type_mismatch);
    }
    for (const char *at = value->data; *at != '\0';) {
        const char *end = strstr(at, "\\0");
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        const char *text = arena_strndup(call->x->arena, at, len);
        xml_leaf(call->to, "p:sValue", text == NULL ? "" : text);
        at += len + (end == NULL ? 0 : 2);
    }
    return *value->data == '\0' ? nothing(call, "sValue", FOUND) : FOUND;
}

static uint32_t enum_key(struct call *call)
{
    const char *last = "";
    size_t last_len = 0, len = strlen(call->key), count = 0;
    if (!key_exists(call)) {
        return nothing(call, "sNames", NOT_FOUND);
    }
    for (size_t i = 0; i < call->registry.count; i++) {
        const char *key = call->registry.values[i].key;
        if (!is_below(key, call->key)) {
            continue;
        }
        const char *child = key + len + (len == 0 ? 0 : 1);
        size_t n = strcspn(child, "\\");
        if (n == last_len && strncasecmp(child, last, n) == 0) {
            continue;
        }
        const char *name = arena_strndup(call->x->arena, child, n);
        xml_leaf(call->to, "p:sNames", name == NULL ? "" : name);
        last = child;
        last_len = n;
        count++;
    }
    return count == 0 ? nothing(call, "sNames", FOUND) : FOUND;
}

static unsigned type_number(const char *type)
{
    return str_eq(type, "REG_SZ")          ? 1
           : str_eq(type, "REG_EXPAND_SZ") ? 2
           : str_eq(type, "REG_BINARY")    ? 3
           : str_eq(type, "REG_DWORD")     ? 4
                                           : 7;
}

static uint32_t enum_values(struct call *call)
{
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < call->registry.count; i++) {
            const struct registry_value *value = &call->registry.values[i];
            if (!str_ieq(value->key, call->key) || value->name == NULL) {
                continue;
            }
            count++;
            if (pass == 0) {
                xml_leaf(call->to, "p:sNames", value->name);
            } else {
                (void)buf_printf(call->to, "<p:Types>%u</p:Types>", type_number(value->type));
            }
        }
    }
    if (count == 0) {
        uint32_t why = key_exists(call) ? FOUND : NOT_FOUND;
        (void)nothing(call, "sNames", why);
        return nothing(call, "Types", why);
    }
    return FOUND;
}

/* Reading is granted wherever it is not denied as a whole; all the rest to administrators. */
static uint32_t check_access(struct call *call)
{
    enum { QUERY_VALUE = 1, ENUMERATE = 8, NOTIFY = 16, READ_CONTROL = 0x20000, DEFAULT = 3 };
    const char *text = argument(call, "uRequired");
    uint64_t asked = DEFAULT;
    (void)str_u64((struct slice){text, strlen(text)}, UINT32_MAX, &asked);
    bool exists = key_exists(call), admin = exchange_rights(call->x) == RIGHT_ALL;
    uint64_t reading = QUERY_VALUE | ENUMERATE | NOTIFY | READ_CONTROL;
    bool granted = exists && (admin || (asked & ~reading) == 0);
    (void)buf_printf(call->to, "<p:bGranted>%s</p:bGranted>", granted ? "true" : "false");
    return !exists ? NOT_FOUND : granted ? FOUND : DENIED;
}

static const struct method {
    const char *name, *output; /* output: what is NULL where the registry is denied */
    uint32_t (*run)(struct call *call);
} methods[] = {
    {"GetDWORDValue", "uValue", get_number},
    {"GetStringValue", "sValue", get_string},
    {"GetExpandedStringValue", "sValue", get_expanded},
    {"GetMultiStringValue", "sValue", get_multi},
    {"EnumKey", "sNames", enum_key},
    {"EnumValues", "sNames", enum_values},
    {"CheckAccess", "bGranted", check_access},
};

/* ---- the exchange ---- */

static const struct method *find_method(const struct exchange *x)
{
    const char *name = strrchr(x->envelope.action, '/');
    for (size_t i = 0; name != NULL && i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (str_eq(name + 1, methods[i].name)) {
            return &methods[i];
        }
    }
    return NULL;
}

bool invoke_is_meant(const struct exchange *x)
{
    size_t len = strlen(x->envelope.resource);
    return len > 0 && strncasecmp(x->envelope.action, x->envelope.resource, len) == 0 &&
           x->envelope.action[len] == '/';
}

static uint32_t run(struct call *call, const struct method *method)
{
    const char *hive = argument(call, "hDefKey");
    uint64_t number = local_machine;
    (void)str_u64((struct slice){hive, strlen(hive)}, UINT32_MAX, &number);
    call->key = argument(call, "sSubKeyName");
    call->value = argument(call, "sValueName");
    if ((exchange_rights(call->x) & RIGHT_REG) == 0) {
        return nothing(call, method->output, DENIED);
    }
    bool listed =
        registry_list(call->x->wsman->fleet, call->x->server, call->x->arena, &call->registry) == 0;
    return listed && number == local_machine ? method->run(call)
                                             : nothing(call, method->output, NOT_FOUND);
}

static struct fault check(const struct exchange *x, struct resource *resource)
{
    if (!resource_parse(x, resource)) {
        return (struct fault){.id = FAULT_RESOURCE};
    }
    struct fault fault = resource_check(x, resource);
    if (fault.id == FAULT_NONE &&
        (!str_ieq(resource->class_name, "StdRegProv") || find_method(x) == NULL)) {
        fault = (struct fault){.id = FAULT_METHOD, .source = FAULT_OF_WMI};
    } else if (fault.id == FAULT_NONE && x->envelope.body == NULL) {
        fault = (struct fault){.id = FAULT_BODY};
    }
    return fault;
}

void invoke_method(struct exchange *x)
{
    struct resource resource;
    struct fault fault = check(x, &resource);
    if (fault.id != FAULT_NONE) {
        exchange_fault(x, &fault);
        return;
    }
    const struct method *method = find_method(x);
    struct call call = {.x = x, .to = x->answer};
    envelope_begin(x->answer, arena_printf(x->arena, "%sResponse", x->envelope.action),
                   x->envelope.message_id);
    (void)buf_printf(x->answer,
                     "<p:%s_OUTPUT xmlns:xsi=\"" NS_XSI "\" xmlns:p=\"%s\" xmlns:cim=\"" NS_CIM
                     "\" xsi:type=\"p:%s_OUTPUT\">",
                     method->name, x->envelope.resource, method->name);
    uint32_t returned = run(&call, method);
    (void)buf_printf(x->answer, "<p:ReturnValue>%u</p:ReturnValue></p:%s_OUTPUT>", returned,
                     method->name);
    envelope_end(x->answer);
}
