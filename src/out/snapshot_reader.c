/* snapshot_reader: a line as a visit, strictly: every member has its type and its bounds. */
#include "out/snapshot_json.h"

#include "core/str.h"
#include "out/snapshot_fields.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 << 20, DECLARED_MAX = 1024, EXTRA_MAX = 64 * 1024 };

static int get_registry_number(const json_t *object, struct registry_value *value, const char *path,
                               struct err *err)
{
    const json_t *number = json_object_get(object, "number");
    const char *text = json_string_value(number);
    if (number == NULL || json_is_null(number)) {
        return 0;
    }
    value->is_number = true;
    if (json_is_integer(number) && json_integer_value(number) >= 0) {
        value->number = (uint64_t)json_integer_value(number);
        return 0;
    }
    if (text != NULL && str_u64((struct slice){text, strlen(text)}, UINT64_MAX, &value->number)) {
        return 0;
    }
    return json_field_error(err, path, "number", "must be a number of at most 64 bits");
}

static int get_list(const json_t *object, const char *prefix, const struct snapshot_list *list,
                    struct snapshot *ret, struct err *err)
{
    const json_t *array = json_object_get(object, list->name);
    size_t count = json_array_size(array);
    if (array == NULL || json_is_null(array)) {
        return 0;
    }
    if (!json_is_array(array) || count > list->max) {
        return json_field_error(err, prefix, list->name, "must be a list of at most %zu rows",
                                list->max);
    }
    for (size_t i = 0; i < count; i++) {
        char path[JSON_PATH_MAX];
        const json_t *row = json_array_get(array, i);
        (void)snprintf(path, sizeof(path), "%s%s%s[%zu]", prefix, prefix[0] == '\0' ? "" : ".",
                       list->name, i);
        void *to = list->add(ret);
        if (to == NULL) {
            return err_memory(err);
        }
        if (json_fields_get(row, list->fields, to, &ret->arena, path, err) < 0) {
            return -1;
        }
        if (list->has_number && get_registry_number(row, to, path, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int get_sections(const json_t *object, struct snapshot *ret, struct err *err)
{
    const json_t *sections = json_object_get(object, "sections");
    if (sections == NULL || json_is_null(sections)) {
        return 0;
    }
    if (!json_is_object(sections)) {
        return json_field_error(err, "", "sections", "must be an object");
    }
    for (int i = 0; i < SECTION_COUNT; i++) {
        char path[JSON_PATH_MAX];
        const json_t *section = json_object_get(sections, section_name((enum section_id)i));
        (void)snprintf(path, sizeof(path), "sections.%s", section_name((enum section_id)i));
        if (section != NULL && json_fields_get(section, snapshot_section_fields, &ret->sections[i],
                                               &ret->arena, path, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int get_part(const json_t *object, const char *name, const struct json_field *fields,
                    void *to, struct arena *arena, struct err *err)
{
    const json_t *part = json_object_get(object, name);
    if (part == NULL || json_is_null(part)) {
        return 0;
    }
    return json_fields_get(part, fields, to, arena, name, err);
}

static int get_expect(json_t *expect, struct arena *arena, struct host *host, struct err *err)
{
    size_t count = json_object_size(expect);
    if (count > DECLARED_MAX || (expect != NULL && !json_is_object(expect))) {
        return json_field_error(err, "declared", "expect",
                                "must be an object of at most %d members", DECLARED_MAX);
    }
    struct declaration *declarations = arena_array(arena, count + 1, sizeof(*declarations));
    const char *id = NULL;
    json_t *value = NULL;
    size_t i = 0;
    if (declarations == NULL) {
        return err_memory(err);
    }
    json_object_foreach(expect, id, value)
    {
        if (!json_is_boolean(value)) {
            return json_field_error(err, "declared.expect", id, "must be true or false");
        }
        declarations[i].expectation = arena_strdup(arena, id);
        declarations[i].declared = json_is_true(value) ? DECLARED_EXPECTED : DECLARED_NOT_EXPECTED;
        declarations[i].origin = (struct origin){.file = "", .where = "declared"};
        if (declarations[i++].expectation == NULL) {
            return err_memory(err);
        }
    }
    host->declarations = declarations;
    host->declaration_count = count;
    return 0;
}

static int get_pxe_addresses(const json_t *list, struct arena *arena, struct host *host,
                             struct err *err)
{
    size_t count = json_array_size(list);
    if (count > DECLARED_MAX || (list != NULL && !json_is_array(list))) {
        return json_field_error(err, "declared", "pxe_addresses",
                                "must be a list of at most %d rows", DECLARED_MAX);
    }
    struct ip *addresses = arena_array(arena, count + 1, sizeof(*addresses));
    if (addresses == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL || !ip_parse((struct slice){text, strlen(text)}, &addresses[i])) {
            return json_field_error(err, "declared", "pxe_addresses",
                                    "row %zu is not an IP address", i);
        }
    }
    host->pxe_addresses = addresses;
    host->pxe_address_count = count;
    return 0;
}

static int get_declared(const json_t *object, struct snapshot *snapshot, struct host *ret,
                        bool *ret_has, struct err *err)
{
    const json_t *declared = json_object_get(object, "declared");
    struct host host = {.name = snapshot->visit.host, .address = snapshot->visit.address};
    *ret_has = false;
    *ret = host;
    if (declared == NULL || json_is_null(declared)) {
        return 0;
    }
    host.os = str_eq(snapshot->visit.os, host_os_name(HOST_LINUX)) ? HOST_LINUX : HOST_WINDOWS;
    if (json_fields_get(declared, snapshot_declared_fields, &host, &snapshot->arena, "declared",
                        err) < 0 ||
        get_expect(json_object_get(declared, "expect"), &snapshot->arena, &host, err) < 0 ||
        get_pxe_addresses(json_object_get(declared, "pxe_addresses"), &snapshot->arena, &host,
                          err) < 0) {
        return -1;
    }
    *ret = host;
    *ret_has = true;
    return 0;
}

static bool is_known(const char *name)
{
    static const char *const parts[] = {"sections", "machine", "boot", "declared"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (str_eq(name, parts[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < SNAPSHOT_LISTS; i++) {
        if (str_eq(name, snapshot_lists[i].name)) {
            return true;
        }
    }
    return json_fields_know(snapshot_visit_fields, name) ||
           json_fields_know(snapshot_own_fields, name);
}

static int append(const char *bytes, size_t len, void *data)
{
    return buf_append(data, bytes, len);
}

/* What a later version writes is carried along unread. */
static int get_extra(json_t *object, struct snapshot *ret, struct err *err)
{
    json_t *extra = json_object();
    const char *name = NULL;
    json_t *value = NULL;
    int result = extra == NULL ? err_memory(err) : 0;
    json_object_foreach(object, name, value)
    {
        if (result == 0 && !is_known(name) && json_object_set(extra, name, value) < 0) {
            result = err_memory(err);
        }
    }
    if (result == 0 && json_object_size(extra) > 0) {
        struct buf text;
        buf_init(&text, EXTRA_MAX);
        if (json_dump_callback(extra, append, &text, JSON_COMPACT) < 0) {
            result = json_field_error(err, "", "unknown members", "more than %d bytes", EXTRA_MAX);
        } else {
            ret->extra = arena_strdup(&ret->arena, text.data);
            result = ret->extra == NULL ? err_memory(err) : 0;
        }
        buf_done(&text);
    }
    json_decref(extra);
    return result;
}

/* Nothing is expected of a system that we do not know: it would look fine. */
static int check_os(const struct visit *visit, struct err *err)
{
    const char *os = visit->os;
    if (os == NULL || str_eq(os, host_os_name(HOST_WINDOWS)) ||
        str_eq(os, host_os_name(HOST_LINUX))) {
        return 0;
    }
    return json_field_error(err, "", "os", "%.40s is neither windows nor linux", os);
}

static int get_all(json_t *object, struct snapshot *ret, struct host *ret_declared, bool *ret_has,
                   struct err *err)
{
    if (json_fields_get(object, snapshot_visit_fields, &ret->visit, &ret->arena, "", err) < 0 ||
        check_os(&ret->visit, err) < 0 ||
        json_fields_get(object, snapshot_own_fields, ret, &ret->arena, "", err) < 0 ||
        get_sections(object, ret, err) < 0 ||
        get_part(object, "machine", snapshot_machine_fields, &ret->machine, &ret->arena, err) < 0 ||
        get_part(object, "boot", snapshot_boot_fields, &ret->boot, &ret->arena, err) < 0 ||
        get_list(json_object_get(object, "boot"), "boot", &snapshot_witness_list, ret, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < SNAPSHOT_LISTS; i++) {
        if (get_list(object, "", &snapshot_lists[i], ret, err) < 0) {
            return -1;
        }
    }
    if (ret->visit.host[0] == '\0') {
        return json_field_error(err, "", "host", "is empty");
    }
    if (get_extra(object, ret, err) < 0) {
        return -1;
    }
    return get_declared(object, ret, ret_declared, ret_has, err);
}

int snapshot_json_parse(const char *bytes, size_t len, struct snapshot *ret,
                        struct host *ret_declared, bool *ret_has_declared, struct err *err)
{
    json_error_t where;
    if (len > LINE_MAX_BYTES) {
        return err_set(err, ERR_LIMIT, "snapshot", "a line of %zu bytes, at most %d are taken", len,
                       LINE_MAX_BYTES);
    }
    json_t *object = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &where);
    if (object == NULL) {
        return err_set(err, ERR_FORMAT, "snapshot", "not JSON: %.150s at column %d", where.text,
                       where.column);
    }
    struct snapshot snapshot;
    struct host declared;
    bool has = false;
    snapshot_init(&snapshot);
    int result = get_all(object, &snapshot, &declared, &has, err);
    json_decref(object);
    if (result < 0) {
        snapshot_done(&snapshot);
        return -1;
    }
    *ret = snapshot;
    *ret_declared = declared;
    *ret_has_declared = has;
    return 0;
}
