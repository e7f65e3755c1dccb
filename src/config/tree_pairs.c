/* tree_pairs: a mapping's keys are unique, and its merge keys merged. */
#include "config/tree_pairs.h"

#include "config/tree_read.h"

#include <stdlib.h>
#include <string.h>

struct mapping {
    struct arena *arena;
    size_t *nodes;
    struct err *err;
};

bool tree_nodes_spend(size_t *nodes, const struct tree_node *at, size_t count, struct err *err)
{
    if (count > TREE_NODES_MAX || *nodes > TREE_NODES_MAX - count) {
        (void)tree_fail(err, at,
                        "more than %d values, aliases counted as if written out; split the file",
                        (int)TREE_NODES_MAX);
        return false;
    }
    *nodes += count;
    return true;
}

void tree_adopt(struct tree_node *node, const struct tree_node *child)
{
    node->weight += child->weight;
    if (child->height + 1 > node->height) {
        node->height = child->height + 1;
    }
}

static int pair_compare(const void *a, const void *b)
{
    const struct tree_pair *const *x = a;
    const struct tree_pair *const *y = b;
    int order = strcmp((*x)->key->text, (*y)->key->text);
    return order != 0 ? order : (*x < *y ? -1 : *x > *y);
}

static const struct tree_pair **pairs_sorted(struct mapping *m, const struct tree_node *node)
{
    const struct tree_pair **sorted =
        arena_array(m->arena, node->count + 1, sizeof(const struct tree_pair *));
    if (sorted == NULL) {
        (void)err_memory(m->err);
        return NULL;
    }
    for (size_t i = 0; i < node->count; i++) {
        sorted[i] = &node->pairs[i];
    }
    if (node->count > 1) {
        qsort(sorted, node->count, sizeof(const struct tree_pair *), pair_compare);
    }
    return sorted;
}

static int repeated_check(struct mapping *m, const struct tree_node *node)
{
    const struct tree_pair **sorted = pairs_sorted(m, node);
    if (sorted == NULL) {
        return -1;
    }
    for (size_t i = 1; i < node->count; i++) {
        const struct tree_node *first = sorted[i - 1]->key;
        const struct tree_node *second = sorted[i]->key;
        if (strcmp(first->text, second->text) == 0) {
            return tree_fail(m->err, second,
                             "the key `%.64s` is here a second time, first at %u:%u; keep one",
                             second->text, first->line, first->column);
        }
    }
    return 0;
}

static bool sorted_has(const struct tree_pair *const *sorted, size_t count, const char *key)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(sorted[middle]->key->text, key);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static int merge_one(struct mapping *m, struct tree_node *node, const struct tree_node *from)
{
    if (from->kind != TREE_MAP) {
        return tree_fail(m->err, from, "<< merges mappings only; write the values out");
    }
    if (!tree_nodes_spend(m->nodes, from, node->count + from->weight, m->err)) {
        return -1;
    }
    size_t own = node->count;
    const struct tree_pair **sorted = pairs_sorted(m, node);
    struct tree_pair *pairs = arena_array(m->arena, own + from->count + 1, sizeof(*pairs));
    if (sorted == NULL || pairs == NULL) {
        return err_memory(m->err);
    }
    if (own > 0) {
        memcpy(pairs, node->pairs, own * sizeof(*pairs));
    }
    for (size_t i = 0; i < from->count; i++) {
        if (!sorted_has(sorted, own, from->pairs[i].key->text)) {
            pairs[node->count++] = from->pairs[i];
            tree_adopt(node, from->pairs[i].key);
            tree_adopt(node, from->pairs[i].value);
        }
    }
    node->pairs = pairs;
    return 0;
}

static int merge_all(struct mapping *m, struct tree_node *node)
{
    size_t at = 0;
    while (at < node->count && strcmp(node->pairs[at].key->text, "<<") != 0) {
        at++;
    }
    if (at == node->count) {
        return 0;
    }
    const struct tree_node *from = node->pairs[at].value;
    struct tree_pair *pairs = arena_array(m->arena, node->count, sizeof(*pairs));
    if (pairs == NULL) {
        return err_memory(m->err);
    }
    memcpy(pairs, node->pairs, at * sizeof(*pairs));
    memcpy(pairs + at, node->pairs + at + 1, (node->count - at - 1) * sizeof(*pairs));
    node->pairs = pairs;
    node->count--;
    if (from->kind != TREE_LIST) {
        return merge_one(m, node, from);
    }
    for (size_t i = 0; i < from->count; i++) {
        if (merge_one(m, node, from->items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

int tree_pairs_finish(struct arena *arena, struct tree_node *node, size_t *nodes, struct err *err)
{
    struct mapping m = {arena, nodes, err};
    return repeated_check(&m, node) != 0 ? -1 : merge_all(&m, node);
}
