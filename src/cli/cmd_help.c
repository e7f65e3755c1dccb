/* cmd_help: --help, --version, help and version. */
#include "cli/commands.h"
#include "command/help.h"

#include <stdio.h>

enum { HELP_MAX = 1 << 20 };

int cmd_help(const struct command_line *line, struct err *err)
{
    struct buf text;
    buf_init(&text, HELP_MAX);
    int result = help_answer(line, &text, err);
    if (result == 0) {
        (void)fwrite(text.data, 1, text.len, stdout);
    }
    buf_done(&text);
    return result;
}
