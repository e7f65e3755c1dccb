/* tree_pairs: a mapping's keys are unique, and its merge keys merged; for tree.c only. */
#ifndef PVSAUDIT_CONFIG_TREE_PAIRS_H
#define PVSAUDIT_CONFIG_TREE_PAIRS_H

#include "config/tree.h"

/* Add count to *nodes; false and an error where the document is larger than we take. */
bool tree_nodes_spend(size_t *nodes, const struct tree_node *at, size_t count, struct err *err);
/* A child's weight and height, added to those of the node that holds it. */
void tree_adopt(struct tree_node *node, const struct tree_node *child);
/* The pairs of a mapping that has been read: an error for a repeated key, then << merged. */
int tree_pairs_finish(struct arena *arena, struct tree_node *node, size_t *nodes, struct err *err);

#endif
