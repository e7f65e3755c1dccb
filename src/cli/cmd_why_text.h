/* cmd_why_text: the sentences of `why`. */
#ifndef PVSAUDIT_CLI_CMD_WHY_TEXT_H
#define PVSAUDIT_CLI_CMD_WHY_TEXT_H

#include "cli/question.h"

#include <stdio.h>

void why_print_text(struct question *question, const struct why *why, FILE *to, bool color);

#endif
