/* xml_tree: a small XML document as a tree, with its namespaces resolved. */
#ifndef PVSAUDIT_FARM_WSMAN_XML_TREE_H
#define PVSAUDIT_FARM_WSMAN_XML_TREE_H

#include "core/arena.h"
#include "core/str.h"

struct xml_attribute {
    struct xml_attribute *next;
    const char *space, *name, *value; /* space "" where it has none */
};

struct xml_node {
    struct xml_node *next, *children;
    const char *space, *name;
    const char *text; /* all character data directly inside of it, "" for none */
    struct xml_attribute *attributes;
};

/* The tree lives in the arena; NULL for what is not well-formed, has a DOCTYPE, is nested more than
 * 32 deep or has more than 4,096 elements, and without memory. UTF-8, or UTF-16 with its mark. */
const struct xml_node *xml_parse(struct arena *arena, const char *bytes, size_t len);

/* The first child of that name; NULL for none and for a NULL node. */
const struct xml_node *xml_child(const struct xml_node *node, const char *space, const char *name);
/* "" for none and for a NULL node; without the blanks around it. */
struct slice xml_text(const struct xml_node *node);
const char *xml_attribute(const struct xml_node *node, const char *name); /* NULL for none */

#endif
