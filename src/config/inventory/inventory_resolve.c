/* inventory_resolve: which value of a field counts for a host, of all that its levels say. */
#include "config/inventory/inventory_internal.h"

#include "config/text_file.h"

#include <string.h>

static void offer(struct resolved *ret, const struct variable *variable, const char *where)
{
    if (variable->key->field >= FIELD_COUNT) {
        return;
    }
    struct candidate *winner = &ret->winner[variable->key->field];
    struct candidate *next = &ret->next[variable->key->field];
    if (winner->variable == NULL || variable->key->rank >= winner->variable->key->rank) {
        *next = *winner;
        *winner = (struct candidate){variable, where};
    } else if (next->variable == NULL || variable->key->rank >= next->variable->key->rank) {
        *next = (struct candidate){variable, where};
    }
}

void inventory_resolve(const struct inventory_internal *in, const struct entry *entry,
                       struct resolved *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < entry->lineage.count; i++) {
        const struct group *group = &in->groups[entry->lineage.items[i]];
        for (size_t k = 0; k < group->vars.count; k++) {
            offer(ret, &group->vars.items[k], group->where);
        }
    }
    for (size_t k = 0; k < entry->vars.count; k++) {
        offer(ret, &entry->vars.items[k], "host");
    }
}

const struct tree_node *resolved_node(const struct resolved *resolved, enum inventory_field field)
{
    const struct variable *variable = resolved->winner[field].variable;
    return variable == NULL || variable->value->kind == TREE_NULL ? NULL : variable->value;
}

const char *resolved_text(const struct resolved *resolved, enum inventory_field field)
{
    const struct tree_node *node = resolved_node(resolved, field);
    return node == NULL ? NULL : node->text;
}

size_t resolved_choice(const struct resolved *resolved, enum inventory_field field, size_t none)
{
    const char *text = resolved_text(resolved, field);
    const char *const *choices =
        text == NULL ? NULL : resolved->winner[field].variable->key->choices;
    for (size_t i = 0; choices != NULL && choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0) {
            return i;
        }
    }
    return none;
}

int inventory_file_set(struct host_build *b, enum inventory_field field, const char **ret)
{
    const char *path = resolved_text(b->resolved, field);
    if (path == NULL) {
        return 0;
    }
    *ret = text_file_path(b->in->arena, b->in->file, path);
    return *ret == NULL ? err_memory(b->in->err) : 0;
}
