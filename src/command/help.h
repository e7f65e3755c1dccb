/* help: the text of --help, --version and the manual pages, written from the table of commands. */
#ifndef PVSAUDIT_COMMAND_HELP_H
#define PVSAUDIT_COMMAND_HELP_H

#include "command/command_line.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

/* true where the line asks for help or the version (the options, or the commands of these names):
 * then help_answer gives all there is to print on standard output. */
bool help_wanted(const struct command_line *line);
/* ERR_USAGE: no such command to help with (names the nearest). */
int help_answer(const struct command_line *line, struct buf *to, struct err *err);

/* The manual page of a command with all its verbs ("hosts"), in man(7) macros; name NULL: of the
 * program with all its commands. */
int help_man(enum program program, const char *name, struct buf *to, struct err *err);

/* Pieces that both forms need. */
enum { HELP_EXIT_CODES = 0x1dd }; /* of a program: all but mere doing and a scan's own */
void help_option_words(const struct command_option *row, char *to, size_t size);
void help_command_words(const struct command *row, bool arguments, char *to, size_t size);
int help_unknown_topic(enum program program, const char *word, struct err *err);

#endif
