/* help_words: how commands and options are written in help and in manual pages. */
#ifndef PVSAUDIT_COMMAND_HELP_WORDS_H
#define PVSAUDIT_COMMAND_HELP_WORDS_H

#include "command/command.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { HELP_EXIT_CODES = 0x1dd }; /* of a program: all but mere doing and a scan's own */

/* The n-th of these rows, in the order of their codes; NULL: there are no more. */
const struct exit_row *help_exit_row(unsigned which, size_t n);
void help_option_words(const struct command_option *row, char *to, size_t size);
void help_command_words(const struct command *row, bool arguments, char *to, size_t size);
int help_unknown_topic(enum program program, const char *word, struct err *err);

#endif
