/* manual: the pages of the table of commands in man(7) form. */
#ifndef PVSAUDIT_COMMAND_MANUAL_H
#define PVSAUDIT_COMMAND_MANUAL_H

#include "command/command.h"
#include "core/buf.h"
#include "core/err.h"

/* The manual page of a command with all its verbs ("hosts"), in man(7) macros; name NULL: of the
 * program with all its commands. */
int manual_page(enum program program, const char *name, struct buf *to, struct err *err);

#endif
