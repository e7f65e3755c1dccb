/* tree: a YAML or JSON document as a tree whose nodes know their file, line and column. */
#ifndef PVSAUDIT_CONFIG_TREE_H
#define PVSAUDIT_CONFIG_TREE_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TREE_DEPTH_MAX = 64, /* nested lists and mappings */
    TREE_NODES_MAX = 4000000, /* counted as if every alias were written out */
    TREE_ANCHORS_MAX = 1000,
    TREE_BYTES_MAX = 64 << 20,
};

enum tree_kind { TREE_NULL, TREE_TEXT, TREE_LIST, TREE_MAP };

struct tree_pair {
    const struct tree_node *key; /* always TREE_TEXT, never empty, unique in its mapping */
    const struct tree_node *value;
};

/* Aliases are shared nodes, so a tree is not to be changed. Merge keys (<<) are already merged:
 * what a mapping says itself stands before what it merges in. */
struct tree_node {
    enum tree_kind kind;
    unsigned line, column; /* from 1 */
    const char *file;
    const char *text; /* TREE_TEXT: NUL-terminated UTF-8 without NUL inside; else NULL */
    const struct tree_node *const *items; /* TREE_LIST */
    const struct tree_pair *pairs; /* TREE_MAP, in the order of the file */
    size_t count; /* of items or pairs */
    size_t weight; /* nodes below and itself, aliases written out */
    unsigned height; /* levels below */
};

/* One document; an empty file is a TREE_NULL. Everything lives in arena; name is copied into it.
 * ERR_CONFIG "name:line:column: what; remedy": syntax, tags, repeated keys, a second document, a
 * loop of aliases, or more than the limits above. */
int tree_parse(const char *name, const char *bytes, size_t len, struct arena *arena,
               const struct tree_node **ret, struct err *err);

#endif
