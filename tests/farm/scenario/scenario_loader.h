/* scenario_loader: what the halves of the scenario parser share. */
#ifndef PVSAUDIT_FARM_SCENARIO_SCENARIO_LOADER_H
#define PVSAUDIT_FARM_SCENARIO_SCENARIO_LOADER_H

#include "farm/scenario/scenario.h"

#include <yaml.h>

struct scenario_loader {
    struct scenario *scenario;
    const char *path;
    yaml_document_t document;
    struct err *err;
    size_t capacity;
    const char *farm; /* the default of every group */
    /* the group at work */
    size_t *members;
    size_t member_count;
};

/* The sentence with file, line and column of the node in front; returns -1. */
int scenario_fail(struct scenario_loader *l, const yaml_node_t *node, const char *sentence);
int scenario_unknown_key(struct scenario_loader *l, const yaml_node_t *node,
                         const char *const *names, size_t count);
yaml_node_t *scenario_node(struct scenario_loader *l, int id);
const char *scenario_scalar(const yaml_node_t *node); /* NULL for a list or mapping */

/* One group of servers: names and settings. */
int scenario_load_group(struct scenario_loader *l, const yaml_node_t *node);

#endif
