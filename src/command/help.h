/* help: the text of --help, --version and the manual pages, written from the table of commands. */
#ifndef PVSAUDIT_COMMAND_HELP_H
#define PVSAUDIT_COMMAND_HELP_H

#include "command/command_line.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdio.h>

/* true where the line asks for help or the version (the options, or the commands of these names):
 * then help_answer gives all there is to print on standard output. */
bool help_wanted(const struct command_line *line);
/* ERR_USAGE: no such command to help with (names the nearest). */
int help_answer(const struct command_line *line, struct buf *to, struct err *err);
int help_print(const struct command_line *line, FILE *to, struct err *err);

#endif
