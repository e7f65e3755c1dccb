/* enumerate: WS-Enumeration of WMI classes: Enumerate, Pull, Release. */
#include "farm/wsman/enumerate.h"

#include "core/clock.h"
#include "farm/wmi/wmi.h"
#include "farm/wql/wql.h"
#include "farm/wsman/enumeration.h"
#include "farm/wsman/item.h"
#include "farm/wsman/resource.h"

#include <string.h>

#define DIALECT_WQL "http://schemas.microsoft.com/wbem/wsman/1/WQL"

enum { ELEMENTS_MOST = 32000, FRAME_BYTES = 2048, PULL_BYTES = 75000, CONTEXT_BYTES = 100000 };

/* What is asked for: a whole class, or a query. */
struct question {
    struct resource resource;
    const struct wmi_class *class;
    const struct wql *wql; /* NULL: everything */
    const char *query; /* as written, "" for none */
};

/* ---- the question ---- */

static struct fault filter_fault(const struct question *q, const char *message)
{
    return (struct fault){
        .id = FAULT_FILTER, .source = FAULT_OF_WMI, .message = message, .query = q->query};
}

static const struct xml_node *find_filter(const struct exchange *x)
{
    const struct xml_node *filter = xml_child(x->envelope.body, NS_WSMAN, "Filter");
    return filter != NULL ? filter : xml_child(x->envelope.body, NS_ENUMERATION, "Filter");
}

struct property_check {
    const struct wmi_class *class;
    enum os_version os;
};

static bool property_exists(void *data, const char *name)
{
    const struct property_check *check = data;
    return wmi_find_property(check->class, name, check->os) != NULL;
}

/* A property that this Windows version lacks makes the whole query invalid. */
static bool properties_exist(const struct exchange *x, const struct question *q)
{
    struct property_check check = {q->class, (enum os_version)x->server->os};
    for (size_t i = 0; i < q->wql->name_count; i++) {
        if (!property_exists(&check, q->wql->names[i])) {
            return false;
        }
    }
    return wql_each_property(q->wql->where, property_exists, &check);
}

static struct fault read_query(struct exchange *x, struct question *q,
                               const struct xml_node *filter)
{
    const char *dialect = xml_attribute(filter, "Dialect");
    if (dialect == NULL || !str_ieq(dialect, DIALECT_WQL)) {
        return (struct fault){.id = FAULT_DIALECT};
    }
    struct slice text = xml_text(filter);
    q->query = arena_strndup(x->arena, text.data, text.len);
    q->wql = q->query == NULL ? NULL : wql_parse(x->arena, q->query);
    if (q->wql == NULL) {
        return filter_fault(q, "The WQL query is invalid. ");
    }
    q->class = wmi_find_class(q->resource.name_space, q->wql->class_name);
    if (q->class == NULL) {
        return filter_fault(q, "The specified class does not exist in the given namespace. ");
    }
    return properties_exist(x, q) ? (struct fault){.id = FAULT_NONE}
                                  : filter_fault(q, "The WQL query is invalid. ");
}

static struct fault read_question(struct exchange *x, struct question *q)
{
    const struct xml_node *filter = find_filter(x);
    *q = (struct question){.query = ""};
    if (!resource_parse(x, &q->resource)) {
        return (struct fault){.id = FAULT_RESOURCE};
    }
    struct fault fault = resource_check(x, &q->resource);
    if (fault.id != FAULT_NONE) {
        return fault;
    }
    if (str_eq(q->resource.class_name, "*")) {
        return filter == NULL ? (struct fault){.id = FAULT_FILTER_REQUIRED}
                              : read_query(x, q, filter);
    }
    q->class = wmi_find_class(q->resource.name_space, q->resource.class_name);
    if (q->class == NULL) {
        return (struct fault){.id = FAULT_RESOURCE, .source = FAULT_OF_WMI};
    }
    return filter == NULL ? (struct fault){.id = FAULT_NONE}
                          : filter_fault(q, "A WQL query needs a resource URI that ends in *. ");
}

/* ---- the items ---- */

struct lookup {
    const struct wmi_class *class;
    const struct wmi_row *row;
};

static bool look_up(void *data, const char *name, struct wql_value *ret)
{
    const struct lookup *lookup = data;
    enum os_version os = (enum os_version)lookup->row->scope->server->os;
    const struct wmi_property *property = wmi_find_property(lookup->class, name, os);
    if (property == NULL) {
        return false;
    }
    struct wmi_value value = wmi_get_value(property, lookup->row);
    *ret = (struct wql_value){.text = value.text, .number = value.number};
    ret->type = value.null                 ? WQL_NULL
                : value.type == WMI_TEXT   ? WQL_TEXT
                : value.type == WMI_NUMBER ? WQL_NUMBER
                : value.type == WMI_BOOL   ? WQL_BOOL
                                           : WQL_NULL;
    return true;
}

static int fill(struct enumeration *enumeration, const struct exchange *x, const struct question *q,
                const struct wmi_list *list)
{
    const struct wmi_row *rows = list->rows;
    const char *const *names = q->wql == NULL ? NULL : q->wql->names;
    size_t name_count = q->wql == NULL ? 0 : q->wql->name_count;
    for (size_t i = 0; i < list->count; i++) {
        struct lookup lookup = {q->class, &rows[i]};
        if (q->wql != NULL && !wql_match(q->wql->where, look_up, &lookup)) {
            continue;
        }
        item_write(&enumeration->items, q->class, &rows[i], names, name_count,
                   x->server->winrm.wire);
        if (enumeration_end_item(enumeration) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A flapping service changes its process whenever somebody looks at the services. */
static void count_look(const struct exchange *x, const struct question *q)
{
    if (q->class == &wmi_service) {
        x->server->looks++;
    }
}

static struct enumeration *collect(struct exchange *x, const struct question *q)
{
    struct wmi_list list;
    struct arena arena = {0};
    count_look(x, q);
    struct wmi_scope scope =
        wmi_scope_of(x->wsman->fleet, x->server, exchange_rights(x), x->misbehaviour, &arena);
    struct enumeration *enumeration = enumeration_new(x);
    if (enumeration != NULL &&
        (wmi_list_rows(q->class, &scope, &list) != 0 || fill(enumeration, x, q, &list) != 0)) {
        enumeration_free(enumeration);
        enumeration = NULL;
    }
    arena_done(&arena);
    return enumeration;
}

/* ---- the answer ---- */

static uint32_t batching(const struct server *server)
{
    uint32_t wire = server->winrm.wire & (WIRE_ONE_FIRST | WIRE_FILLED | WIRE_WHOLE);
    return wire != 0 ? wire : server->os <= OS_2012R2 ? WIRE_ONE_FIRST : WIRE_FILLED;
}

static size_t elements_asked(const struct exchange *x, const char *space)
{
    uint64_t most = 1;
    (void)str_u64(xml_text(xml_child(x->envelope.body, space, "MaxElements")), UINT32_MAX, &most);
    return most > ELEMENTS_MOST ? ELEMENTS_MOST : (size_t)most;
}

static struct slice deal(const struct exchange *x, struct enumeration *e, bool first, size_t most)
{
    size_t room = exchange_room(x);
    uint32_t form = batching(x->server);
    size_t bytes = room > FRAME_BYTES ? room - FRAME_BYTES : 1;
    if ((form & WIRE_WHOLE) != 0) {
        return enumeration_deal(e, SIZE_MAX, SIZE_MAX);
    }
    if ((form & WIRE_ONE_FIRST) != 0) {
        bytes = bytes < PULL_BYTES ? bytes : PULL_BYTES;
        most = first ? 1 : most;
    }
    return enumeration_deal(e, most, bytes);
}

static bool too_large(const struct exchange *x, struct slice items)
{
    return (batching(x->server) & WIRE_WHOLE) == 0 && items.len + FRAME_BYTES > exchange_room(x);
}

/* The context is a new one in every answer, and gone with the last. */
static void put_context(struct exchange *x, struct enumeration *e, bool first, bool done)
{
    if (!done && x->misbehaviour == MISBEHAVE_LONG_CONTEXT) {
        (void)buf_puts(x->answer, "<n:EnumerationContext>uuid:");
        for (int i = 0; i < CONTEXT_BYTES; i++) {
            (void)buf_putc(x->answer, 'x');
        }
        (void)buf_puts(x->answer, "</n:EnumerationContext>");
    } else if (!done) {
        (void)str_copy(e->before, sizeof(e->before), e->id);
        envelope_uuid(e->id);
        (void)buf_printf(x->answer, "<n:EnumerationContext>uuid:%s</n:EnumerationContext>", e->id);
    } else if (first) {
        (void)buf_puts(x->answer, "<n:EnumerationContext></n:EnumerationContext>");
    }
}

static void put_end(struct exchange *x, bool first)
{
    uint32_t wire = x->server->winrm.wire;
    bool in_w = (wire & WIRE_END_W) != 0 || (first && (wire & WIRE_END_N) == 0);
    (void)buf_puts(x->answer, in_w ? "<w:EndOfSequence/>" : "<n:EndOfSequence/>");
}

/* Takes the enumeration: afterwards it is open, or gone. */
static void answer(struct exchange *x, struct enumeration *e, bool first, bool with_items,
                   size_t most)
{
    const char *element = first ? "EnumerateResponse" : "PullResponse";
    struct slice items = with_items ? deal(x, e, first, most) : (struct slice){"", 0};
    if (too_large(x, items)) {
        enumeration_close(e);
        exchange_fault(x, &(struct fault){.id = FAULT_ENVELOPE_EXCEEDED});
        return;
    }
    bool forever =
        x->misbehaviour == MISBEHAVE_ENDLESS_CONTEXT || x->misbehaviour == MISBEHAVE_SAME_ITEM;
    bool done = with_items && e->at == e->count && !forever;
    envelope_begin(x->answer, arena_printf(x->arena, NS_ENUMERATION "/%s", element),
                   x->envelope.message_id);
    (void)buf_printf(x->answer, "<n:%s>", element);
    put_context(x, e, first, done);
    if (with_items) {
        const char *space = first ? "w" : "n";
        (void)buf_printf(x->answer, "<%s:Items>", space);
        (void)buf_append(x->answer, items.data, items.len);
        (void)buf_printf(x->answer, "</%s:Items>", space);
    }
    if (done) {
        put_end(x, first);
    } else if (x->misbehaviour == MISBEHAVE_FALSE_END) {
        (void)buf_puts(x->answer, "<q:EndOfSequence xmlns:q=\"urn:other\"/>");
    }
    (void)buf_printf(x->answer, "</n:%s>", element);
    envelope_end(x->answer);
    if (x->misbehaviour == MISBEHAVE_SAME_ITEM) {
        e->at = 0;
    }
    if (done) {
        enumeration_close(e);
    } else if (first) {
        enumeration_open(e);
    }
}

void enumerate_start(struct exchange *x)
{
    struct question question;
    struct fault fault = read_question(x, &question);
    if (fault.id == FAULT_NONE && exchange_operations(x) >= x->server->winrm.max_operations) {
        fault = (struct fault){.id = FAULT_OPERATIONS,
                               .source = FAULT_OF_WMI,
                               .limit = x->server->winrm.max_operations};
    }
    bool optimised = xml_child(x->envelope.body, NS_WSMAN, "OptimizeEnumeration") != NULL;
    size_t most = elements_asked(x, NS_WSMAN);
    if (fault.id == FAULT_NONE && most == 0) {
        fault = (struct fault){.id = FAULT_BATCH};
    }
    if (fault.id != FAULT_NONE) {
        exchange_fault(x, &fault);
        return;
    }
    x->hangs = x->misbehaviour == MISBEHAVE_HANG_FILES && question.class == &wmi_data_file;
    struct enumeration *enumeration = collect(x, &question);
    x->delay_ms = x->server->latency_ms;
    if (enumeration == NULL || x->delay_ms > x->envelope.timeout_ms) {
        enumeration_free(enumeration);
        x->delay_ms = x->envelope.timeout_ms;
        exchange_fault(x, &(struct fault){.id = FAULT_TIMED_OUT});
        return;
    }
    answer(x, enumeration, true, optimised, most);
}

/* The enumeration that the body's context names, or a fault in the answer. before: also by the
 * context before its last one, whose answer may have been lost. */
static struct enumeration *find(struct exchange *x, bool before)
{
    const struct xml_node *context =
        xml_child(x->envelope.body, NS_ENUMERATION, "EnumerationContext");
    struct enumeration *enumeration = enumeration_find(x, xml_text(context), before);
    if (enumeration == NULL || x->misbehaviour == MISBEHAVE_EXPIRED_CONTEXT) {
        if (enumeration != NULL) {
            enumeration_close(enumeration);
        }
        exchange_fault(x, &(struct fault){.id = FAULT_CONTEXT});
        return NULL;
    }
    enumeration->used_ms = clock_monotonic_ms();
    return enumeration;
}

void enumerate_pull(struct exchange *x)
{
    struct enumeration *enumeration = find(x, false);
    size_t most = elements_asked(x, NS_ENUMERATION);
    if (enumeration == NULL) {
        return;
    }
    if (most == 0) {
        exchange_fault(x, &(struct fault){.id = FAULT_BATCH});
        return;
    }
    answer(x, enumeration, false, true, most);
}

void enumerate_release(struct exchange *x)
{
    struct enumeration *enumeration = find(x, true);
    if (enumeration != NULL) {
        enumeration_close(enumeration);
        envelope_begin(x->answer, NS_ENUMERATION "/ReleaseResponse", x->envelope.message_id);
        envelope_end(x->answer);
    }
}
