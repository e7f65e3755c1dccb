/* cmd_run: cmd.exe at work on one line. */
#ifndef PVSAUDIT_FARM_CMD_CMD_RUN_H
#define PVSAUDIT_FARM_CMD_CMD_RUN_H

#include "farm/cmd/console.h"

/* out and err: NULL = nul. late: /v:on. Returns what cmd.exe exits with. */
int cmd_run(struct console *console, const char *line, bool late, struct buf *out, struct buf *err,
            const char *input);

/* A program without a shell around it; false where Windows does not find it. */
bool cmd_run_program(struct console *console, const char *name, const char *arguments,
                     int *ret_status);

/* What cmd.exe makes of the text after /c: with /s, or unless it is one quoted program name, the
 * first and the last quote go. The answer lives in the arena. */
const char *cmd_strip_quotes(struct arena *arena, const char *text, bool always);

#endif
