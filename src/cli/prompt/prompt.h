/* prompt: lines that a person types at a terminal, with a history and completion of words. */
#ifndef PVSAUDIT_CLI_PROMPT_PROMPT_H
#define PVSAUDIT_CLI_PROMPT_PROMPT_H

#include "core/arena.h"
#include "core/err.h"

#include <signal.h>
#include <stddef.h>

struct prompt_options {
    const char *program; /* "pvsaudit" */
    const char *history; /* the file that keeps the lines, mode 0600; NULL = they are not kept */
    const volatile sig_atomic_t *interrupted; /* what a handler of SIGINT without SA_RESTART sets */
    /* The words that may stand where the last one of `before` is being typed, whole, sorted and
     * NULL-ended, in arena; *ret_typed: how many bytes of it are there. NULL = none. */
    const char **(*complete)(void *data, const char *before, struct arena *arena,
                             size_t *ret_typed);
    void *data;
};

/* options is borrowed. A history that cannot be kept is told on standard error, and no error. */
struct prompt;
int prompt_open(const struct prompt_options *options, struct prompt **ret, struct err *err);
void prompt_close(struct prompt *prompt);

enum prompt_result { PROMPT_LINE, PROMPT_END, PROMPT_INTERRUPTED };

/* The next line without its LF, borrowed until the next call. */
enum prompt_result prompt_read(struct prompt *prompt, const char *label, const char **ret_line);

#endif
