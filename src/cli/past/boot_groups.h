/* boot_groups: boots counted by what they have in common. */
#ifndef PVSAUDIT_CLI_PAST_BOOT_GROUPS_H
#define PVSAUDIT_CLI_PAST_BOOT_GROUPS_H

#include "command/command_line.h"
#include "core/arena.h"
#include "db/query/past/boots.h"

struct counted_boots {
    const char *expectation, *service;
    enum proto proto;
    uint16_t port;
    const char *value; /* of what they have in common; NULL = not known */
    struct boot_tally tally;
};

struct boot_groups {
    enum answer_by by;
    struct counted_boots *items; /* by expectation and value, after boot_groups_sort */
    size_t count;
};

/* -1: out of memory. */
int boot_groups_add(struct boot_groups *groups, struct arena *arena, const struct boot_row *row);
void boot_groups_sort(struct boot_groups *groups);
const char *boot_groups_title(enum answer_by by); /* "STARTUP TYPE" */
const char *boot_groups_name(enum answer_by by); /* "startup" */

#endif
