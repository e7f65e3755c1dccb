/* sql_run: one statement after the other, and what of it a person has to know where it fails. */
#include "cli/sql/sql_run.h"

#include "cli/sql/sql_answer.h"
#include "cli/sql/sql_place.h"
#include "cli/sql/sql_watch.h"
#include "core/str.h"
#include "db/sql/sql_names.h"

#include <stdio.h>
#include <string.h>

static const char help_text[] =
    ".tables          what can be asked\n"
    ".schema [NAME]   the columns of everything, or of NAME\n"
    ".help            this text\n"
    ".quit            end (or Ctrl-D)\n"
    "Anything else is SQL, ended by a semicolon. TAB completes, Ctrl-C stops a statement.\n";

static int start(struct sql_run *run, const char *text, struct sql_parameter *parameters,
                 size_t count, size_t *ret_used, struct err *err)
{
    sql_watch_arm(sql_left_ms(run->sql));
    int rc = sql_start(run->sql, text, parameters, count, ret_used, err);
    sql_watch_disarm();
    return rc;
}

/* The statements that stand behind the prompt's own commands. */
static int run_own(struct sql_run *run, const char *text, struct sql_parameter *parameters,
                   size_t count, struct err *err)
{
    size_t used = 0;
    int rc = start(run, text, parameters, count, &used, err);
    if (rc > 0) {
        rc = sql_answer_print(run, err);
    }
    sql_stop(run->sql);
    return rc;
}

static int run_schema(struct sql_run *run, struct slice name, struct err *err)
{
    struct sql_parameter parameter = {
        .name = "name", .value = {.type = SQL_TEXT, .bytes = name.data, .len = name.len}};
    if (name.len == 0) {
        return run_own(run, sql_names_columns, NULL, 0, err);
    }
    return run_own(run, sql_names_columns_of, &parameter, 1, err);
}

static int run_command(struct sql_run *run, const char *text, bool *ret_quit, struct err *err)
{
    struct slice rest = slice_trim((struct slice){text, strlen(text)});
    struct slice word;
    (void)slice_token(&rest, &word);
    struct slice argument = slice_trim(rest);
    if (slice_eq(word, ".tables") && argument.len == 0) {
        return run_own(run, sql_names_tables, NULL, 0, err);
    }
    if (slice_eq(word, ".schema")) {
        return run_schema(run, argument, err);
    }
    if (slice_eq(word, ".help")) {
        (void)fputs(help_text, stdout);
        return 0;
    }
    if (slice_eq(word, ".quit")) {
        *ret_quit = true;
        return 0;
    }
    return err_set(err, ERR_USAGE, "sql",
                   "no command %.*s; there are .tables, .schema, .help and "
                   ".quit",
                   (int)(word.len < 60 ? word.len : 60), word.data);
}

int sql_run_text(struct sql_run *run, const char *text, bool *ret_quit, struct err *err)
{
    bool quit = false;
    const char *rest = text + strspn(text, " \t\r\n");
    if (*rest == '.') {
        int rc = run_command(run, rest, &quit, err);
        if (ret_quit != NULL) {
            *ret_quit = quit;
        }
        return rc;
    }
    while (*rest != '\0') {
        size_t used = 0;
        int rc = start(run, rest, run->parameters, run->parameter_count, &used, err);
        if (rc < 0) {
            sql_place_show(text, (size_t)(rest - text), sql_error_offset(run->sql), err);
        } else if (rc > 0) {
            rc = sql_answer_print(run, err);
        }
        sql_stop(run->sql);
        if (rc < 0) {
            return -1;
        }
        rest += used;
    }
    return 0;
}
