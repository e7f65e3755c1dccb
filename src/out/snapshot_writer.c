/* snapshot_writer: a visit as a line: the tables of snapshot_fields, sections, what is declared. */
#include "out/snapshot_json.h"

#include "core/str.h"
#include "out/snapshot_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const void *list_rows(const struct snapshot *snapshot, const struct snapshot_list *list,
                             size_t *ret_count)
{
    const void *rows = NULL;
    memcpy(&rows, (const char *)snapshot + list->items_offset, sizeof(rows));
    memcpy(ret_count, (const char *)snapshot + list->count_offset, sizeof(*ret_count));
    return rows;
}

/* Registry numbers may use all 64 bits, which JSON's integers here do not have. */
static int put_registry_number(json_t *object, const struct registry_value *value)
{
    char text[32];
    if (!value->is_number) {
        return 0;
    }
    (void)snprintf(text, sizeof(text), "%" PRIu64, value->number);
    return json_object_set_new(object, "number",
                               value->number <= INT64_MAX ? json_integer((json_int_t)value->number)
                                                          : json_string(text));
}

static int put_list(json_t *object, const struct snapshot *snapshot,
                    const struct snapshot_list *list)
{
    size_t count = 0;
    const char *rows = list_rows(snapshot, list, &count);
    if (count == 0) {
        return 0;
    }
    json_t *array = json_array();
    int result = json_object_set_new(object, list->name, array);
    for (size_t i = 0; i < count && result == 0; i++) {
        const void *from = rows + i * list->row_size;
        json_t *row = json_object();
        result = json_array_append_new(array, row);
        if (result == 0) {
            result = json_fields_put(row, list->fields, from);
        }
        if (result == 0 && list->has_number) {
            result = put_registry_number(row, from);
        }
    }
    return result;
}

static int put_part(json_t *object, const char *name, const struct json_field *fields,
                    const void *from)
{
    json_t *part = json_object();
    if (json_object_set_new(object, name, part) < 0) {
        return -1;
    }
    return json_fields_put(part, fields, from);
}

static int put_sections(json_t *object, const struct snapshot *snapshot)
{
    json_t *sections = json_object();
    int result = json_object_set_new(object, "sections", sections);
    for (int i = 0; i < SECTION_COUNT && result == 0; i++) {
        if (snapshot->sections[i].outcome != OUTCOME_NOT_ASKED) {
            result = put_part(sections, section_name((enum section_id)i), snapshot_section_fields,
                              &snapshot->sections[i]);
        }
    }
    return result;
}

static int put_declared(json_t *object, const struct host *host)
{
    json_t *expect = json_object();
    json_t *addresses = json_array();
    int result = expect == NULL || addresses == NULL ? -1 : 0;
    if (result == 0) {
        result = put_part(object, "declared", snapshot_declared_fields, host);
    }
    json_t *declared = json_object_get(object, "declared");
    for (size_t i = 0; i < host->declaration_count && result == 0; i++) {
        const struct declaration *one = &host->declarations[i];
        if (one->declared != DECLARED_SILENT) {
            result = json_object_set_new(expect, one->expectation,
                                         json_boolean(one->declared == DECLARED_EXPECTED));
        }
    }
    for (size_t i = 0; i < host->pxe_address_count && result == 0; i++) {
        char text[IP_TEXT];
        ip_text(&host->pxe_addresses[i], text);
        result = json_array_append_new(addresses, json_string(text));
    }
    if (result == 0) {
        result = json_object_set(declared, "expect", expect);
    }
    if (result == 0) {
        result = json_object_set(declared, "pxe_addresses", addresses);
    }
    json_decref(expect);
    json_decref(addresses);
    return result;
}

/* Members of a later version, as they came. */
static int put_extra(json_t *object, const char *extra)
{
    if (extra == NULL) {
        return 0;
    }
    json_t *members = json_loads(extra, JSON_REJECT_DUPLICATES, NULL);
    int result = json_object_update_missing(object, members);
    json_decref(members);
    return result;
}

static int put_all(json_t *object, const struct snapshot *snapshot, const struct host *declared)
{
    if (json_fields_put(object, snapshot_visit_fields, &snapshot->visit) < 0 ||
        json_fields_put(object, snapshot_own_fields, snapshot) < 0 ||
        put_sections(object, snapshot) < 0 ||
        put_part(object, "machine", snapshot_machine_fields, &snapshot->machine) < 0 ||
        put_part(object, "boot", snapshot_boot_fields, &snapshot->boot) < 0 ||
        put_list(json_object_get(object, "boot"), snapshot, &snapshot_witness_list) < 0) {
        return -1;
    }
    for (size_t i = 0; i < SNAPSHOT_LISTS; i++) {
        if (put_list(object, snapshot, &snapshot_lists[i]) < 0) {
            return -1;
        }
    }
    if (declared != NULL && put_declared(object, declared) < 0) {
        return -1;
    }
    return put_extra(object, snapshot->extra);
}

int snapshot_json_write(const struct snapshot *snapshot, const struct host *declared,
                        struct buf *to)
{
    json_t *object = json_object();
    int result = object == NULL ? -1 : put_all(object, snapshot, declared);
    char *text = result == 0 ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    result = text == NULL ? -1 : buf_printf(to, "%s\n", text);
    to->failed = to->failed || result < 0;
    free(text);
    json_decref(object);
    return result;
}
