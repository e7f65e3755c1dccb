/* cmd_why_around: what was seen around the services and decides nothing. */
#ifndef PVSAUDIT_CLI_CMD_WHY_AROUND_H
#define PVSAUDIT_CLI_CMD_WHY_AROUND_H

#include "core/arena.h"
#include "model/snapshot.h"

#include <stdio.h>

/* A line each, of what is known: a DHCP server on the box, the boot files and their dates, what
 * Windows takes the networks for. */
void why_print_around(const struct snapshot *snapshot, const char *zone, struct arena *arena,
                      FILE *to);

#endif
