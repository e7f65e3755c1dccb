/* inventory_origin: every effective value of a host, and the place that it comes from. */
#include "config/inventory/inventory_internal.h"

#include "core/str.h"

#include <stdio.h>

struct rows {
    struct arena *arena;
    const struct host *host;
    const struct entry *entry;
    struct inventory_value *items;
    size_t count;
};

static int row_add(struct rows *rows, const char *key, const char *value,
                   const struct candidate *next, struct origin origin)
{
    struct inventory_value *row =
        arena_push(rows->arena, (void **)&rows->items, &rows->count, sizeof(*row));
    if (row == NULL || value == NULL) {
        return -1;
    }
    *row = (struct inventory_value){.key = key, .value = value, .origin = origin};
    if (next != NULL && next->variable != NULL) {
        const struct tree_node *at = next->variable->at;
        const char *text = inventory_value_text(rows->arena, next->variable->value);
        const char *other = next->variable->key->name;
        bool same_key = str_eq(other, key);
        row->overrides =
            text == NULL
                ? NULL
                : arena_printf(rows->arena, "%s:%u:%u (%s): %s%s%s", at->file, at->line, at->column,
                               next->where, same_key ? "" : other, same_key ? "" : " ", text);
        return row->overrides == NULL ? -1 : 0;
    }
    return 0;
}

/* What holds where nobody says anything; NULL = nothing does. */
static const char *default_text(struct arena *arena, const struct host *host,
                                enum inventory_field field)
{
    switch (field) {
    case FIELD_ADDRESS:
        return host->address;
    case FIELD_TRANSPORT:
        return host_transport_name(host->transport);
    case FIELD_OS:
        return host_os_name(host->os);
    case FIELD_PORT:
        return arena_printf(arena, "%u", (unsigned)host->port);
    case FIELD_AUTH:
        return host->auth == AUTH_DEFAULT ? NULL : host_auth_name(host->auth);
    case FIELD_STATE:
        return host_state_name(host->state);
    default:
        return NULL;
    }
}

static const char *field_key(enum inventory_field field)
{
    for (size_t i = 0; i < inventory_key_count; i++) {
        if (inventory_key_table[i].field == field) {
            return inventory_key_table[i].name;
        }
    }
    return "";
}

static int field_add(struct rows *rows, const struct resolved *resolved, enum inventory_field field)
{
    const struct candidate *winner = &resolved->winner[field];
    if (winner->variable != NULL) {
        const struct tree_node *at = winner->variable->at;
        return row_add(rows, winner->variable->key->name,
                       inventory_value_text(rows->arena, winner->variable->value),
                       &resolved->next[field],
                       (struct origin){at->file, at->line, at->column, winner->where});
    }
    const char *text = default_text(rows->arena, rows->host, field);
    if (text == NULL) {
        return 0;
    }
    struct origin origin = {NULL, 0, 0, "default"};
    if (field == FIELD_PORT && rows->entry->port != 0) {
        const struct tree_node *at = rows->entry->at;
        origin = (struct origin){at->file, at->line, at->column, "host"};
    }
    return row_add(rows, field_key(field), text, NULL, origin);
}

/* One row more for what the levels of pvsaudit_expect amount to, each with the place that decided.
 */
static int declaration_add(struct rows *rows, const struct declaration *declaration)
{
    const char *key = arena_printf(rows->arena, "pvsaudit_expect[%s]", declaration->expectation);
    if (key == NULL) {
        return -1;
    }
    return row_add(rows, key,
                   declaration->declared == DECLARED_EXPECTED ? "expected" : "not expected", NULL,
                   declaration->origin);
}

int inventory_origins(const struct inventory *inventory, const struct host *host,
                      const struct inventory_value **ret_rows, size_t *ret_count, struct err *err)
{
    struct inventory_internal *in = inventory->internal;
    const struct entry *entry = &in->entries[host - inventory->hosts];
    struct rows rows = {.arena = &in->rows, .host = host, .entry = entry};
    struct resolved resolved;
    inventory_resolve(in, entry, &resolved);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (field_add(&rows, &resolved, (enum inventory_field)field) != 0) {
            return err_memory(err);
        }
    }
    for (size_t i = 0; i < host->declaration_count; i++) {
        if (declaration_add(&rows, &host->declarations[i]) != 0) {
            return err_memory(err);
        }
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return 0;
}
