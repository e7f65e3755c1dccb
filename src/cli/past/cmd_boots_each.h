/* cmd_boots_each: `boots --by boot`, and the near misses: each boot, those closest first whose
 * service started soonest after it. */
#ifndef PVSAUDIT_CLI_PAST_CMD_BOOTS_EACH_H
#define PVSAUDIT_CLI_PAST_CMD_BOOTS_EACH_H

#include "cli/question.h"
#include "db/query/past/boots.h"

enum { BOOT_LIST_CLOSEST = 10 };

struct boot_list {
    size_t max; /* keep so many of the closest near misses; 0 = keep every boot */
    struct boot_row *rows;
    size_t count;
};

/* Copies what it keeps into arena. -1: out of memory. */
int boot_list_add(struct boot_list *list, struct arena *arena, const struct boot_row *row);
void boot_list_sort(struct boot_list *list);
int boot_list_print(struct question *question, const struct boot_list *list, struct err *err);
void boot_list_print_closest(struct question *question, const struct boot_list *list);

#endif
