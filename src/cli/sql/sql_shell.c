/* sql_shell: lines are gathered until they are a whole statement, and executed. */
#include "cli/sql/sql_shell.h"

#include "cli/prompt/prompt.h"
#include "cli/sql/sql_completion.h"
#include "cli/sql/sql_watch.h"
#include "core/buf.h"
#include "core/log.h"
#include "core/str.h"

#include <stdio.h>

struct shell {
    struct sql_run *run;
    struct arena arena;
    struct sql_completion completion;
    struct prompt *prompt;
    struct buf pending; /* a statement that has not ended yet */
};

static void take_line(struct shell *shell, const char *line, bool *ret_quit)
{
    struct err err = {.code = ERR_NONE};
    if (buf_printf(&shell->pending, "%s\n", line) < 0) {
        log_line(LOG_ERROR, NULL, "sql: the statement is longer than %d bytes", SQL_TEXT_MAX);
        buf_done(&shell->pending);
        buf_init(&shell->pending, SQL_TEXT_MAX);
        return;
    }
    const char *text = shell->pending.data;
    if (text[0] != '.' && !sql_is_whole(text)) {
        return;
    }
    shell->run->answers = 0;
    if (sql_run_text(shell->run, text, ret_quit, &err) != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
    }
    (void)fflush(stdout);
    clearerr(stdout); /* an interrupted write is no reason to end */
    buf_clear(&shell->pending);
}

static void read_lines(struct shell *shell)
{
    bool quit = false;
    while (!quit) {
        const char *line = NULL;
        bool begun = shell->pending.len > 0;
        sql_watch_interrupted = 0;
        shell->completion.pending = begun ? shell->pending.data : NULL;
        switch (prompt_read(shell->prompt, begun ? "     ...> " : "pvsaudit> ", &line)) {
        case PROMPT_LINE:
            take_line(shell, line, &quit);
            break;
        case PROMPT_INTERRUPTED:
            buf_clear(&shell->pending);
            break;
        case PROMPT_END:
            quit = true;
            break;
        }
    }
}

int sql_shell_run(struct sql_run *run, struct err *err)
{
    struct shell shell = {.run = run};
    struct sql_name *names = NULL;
    buf_init(&shell.pending, SQL_TEXT_MAX);
    const struct prompt_options options = {
        .program = "pvsaudit",
        .history = arena_printf(&shell.arena, "%s/sql_history", run->question->settings.state_dir),
        .interrupted = &sql_watch_interrupted,
        .complete = sql_completion_words,
        .data = &shell.completion,
    };
    int rc = sql_names_load(run->sql, &shell.arena, &names, &shell.completion.count, err);
    if (rc == 0) {
        shell.completion.names = names;
        rc = prompt_open(&options, &shell.prompt, err);
    }
    if (rc == 0) {
        read_lines(&shell);
    }
    prompt_close(shell.prompt);
    buf_done(&shell.pending);
    arena_done(&shell.arena);
    return rc;
}
