/* completion: what a shell offers while a command line is typed, from the table of commands. */
#ifndef PVSAUDIT_COMMAND_COMPLETION_H
#define PVSAUDIT_COMMAND_COMPLETION_H

#include "command/command.h"
#include "core/buf.h"
#include "core/err.h"

/* A script for bash to source; it needs nothing but bash itself. */
int completion_bash(enum program program, struct buf *to, struct err *err);

#endif
