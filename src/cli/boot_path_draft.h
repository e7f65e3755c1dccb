/* boot_path_draft: boot paths as an inventory could declare them, from what was seen. */
#ifndef PVSAUDIT_CLI_BOOT_PATH_DRAFT_H
#define PVSAUDIT_CLI_BOOT_PATH_DRAFT_H

#include "cli/question.h"

#include <stdio.h>

/* After question_load: a draft for each site with servers that no declared path names, as YAML with
 * comments around it. Nothing where there is no history, or nothing to draft. */
int boot_path_draft_print(struct question *question, FILE *to, struct err *err);

#endif
