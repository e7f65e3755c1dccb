/* cmd_status_site: the table of `status --by site`. */
#ifndef PVSAUDIT_CLI_CMD_STATUS_SITE_H
#define PVSAUDIT_CLI_CMD_STATUS_SITE_H

#include "cli/overview.h"

int status_print_sites(struct question *question, const struct overview *overview,
                       const struct answer_counts *counts, struct err *err);

#endif
