/* cmd_sql: a person's own questions, as SQL: one line, standard input, or a prompt. */
#include "cli/commands.h"
#include "cli/question.h"
#include "cli/sql/sql_run.h"
#include "cli/sql/sql_shell.h"
#include "cli/sql/sql_watch.h"
#include "core/buf.h"
#include "out/summary.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 60 * 1000, ROWS_MAX = 1000000 };

/* They would narrow every other answer: a statement must say it itself. */
static int refuse_frame(const struct command_line *line, struct err *err)
{
    if (line->as_of_ms == 0 && line->limit == NULL) {
        return 0;
    }
    return err_set(err, ERR_USAGE, "",
                   "sql reads the whole history: %s does not apply, put it into the statement; "
                   "see: pvsaudit sql --help",
                   line->limit != NULL ? "--limit" : "--as-of");
}

static int take_parameters(struct question *question, struct sql_run *run, struct err *err)
{
    const struct command_line *line = question->line;
    run->parameters =
        arena_array(&question->arena, line->parameter_count + 1, sizeof(*run->parameters));
    if (run->parameters == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < line->parameter_count; i++) {
        struct sql_parameter *row = &run->parameters[i];
        if (sql_parameter_parse(line->parameters[i], row, err) != 0) {
            return -1;
        }
        if (sql_parameter_find(run->parameters, i, row->name) != NULL) {
            return err_set(err, ERR_USAGE, "sql", "--param %s is given twice", row->name);
        }
        run->parameter_count++;
    }
    return 0;
}

/* All of standard input, NUL-terminated. */
static int read_input(struct buf *to, struct err *err)
{
    char bytes[4096];
    ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
    while (got > 0 && !to->failed) {
        (void)buf_append(to, bytes, (size_t)got);
        got = read(STDIN_FILENO, bytes, sizeof(bytes));
    }
    if (got < 0) {
        return errno == EINTR ? err_set(err, ERR_CANCELLED, "sql", "interrupted")
                              : err_set(err, ERR_IO, "sql", "standard input: %s", strerror(errno));
    }
    if (to->failed) {
        return err_set(err, ERR_LIMIT, "sql", "standard input is longer than %d bytes",
                       SQL_TEXT_MAX);
    }
    if (to->data != NULL && memchr(to->data, '\0', to->len) != NULL) {
        return err_set(err, ERR_USAGE, "sql", "standard input has a NUL in it");
    }
    return 0;
}

static int run_text(struct sql_run *run, struct err *err)
{
    const struct command_line *line = run->question->line;
    struct buf input;
    buf_init(&input, SQL_TEXT_MAX);
    int rc = 0;
    const char *text = line->argument_count > 0 ? line->arguments[0] : NULL;
    if (text == NULL) {
        rc = read_input(&input, err);
        text = input.data == NULL ? "" : input.data;
    }
    if (rc == 0) {
        rc = sql_run_text(run, text, NULL, err);
    }
    buf_done(&input);
    return rc;
}

static int run(struct sql_run *run, struct err *err)
{
    const struct question *question = run->question;
    const struct command_line *line = question->line;
    char first[256];
    if (line->format == FORMAT_TABLE) {
        answer_first_line(&question->answer_meta, first, sizeof(first));
        (void)puts(first);
    }
    if (line->argument_count == 0 && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
        return sql_shell_run(run, err);
    }
    return run_text(run, err) == 0 ? sql_parameter_check(run->parameters, run->parameter_count, err)
                                   : -1;
}

static int answer_sql(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    const struct sql_options options = {
        .timeout_ms = line->timeout_ms == 0 ? TIMEOUT_MS : line->timeout_ms,
        .interrupted = &sql_watch_interrupted,
    };
    struct sql_run sql_run = {.question = question,
                              .rows_max = line->max_rows == 0 ? ROWS_MAX : line->max_rows};
    if (take_parameters(question, &sql_run, err) != 0 ||
        sql_open(question->settings.db, question->query, &options, &sql_run.sql, err) != 0) {
        return -1;
    }
    sql_watch_begin();
    int rc = run(&sql_run, err);
    sql_watch_end();
    sql_close(sql_run.sql);
    if (rc != 0) {
        return -1;
    }
    return question->answer_meta.stale ? EXIT_CANNOT_TELL : EXIT_FINE;
}

int cmd_sql(const struct command_line *line, struct err *err)
{
    return refuse_frame(line, err) != 0 ? -1 : question_run(line, QUESTION_HOST, answer_sql, err);
}
