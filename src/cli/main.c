/* main: pvsaudit, the program that answers questions from the history. */
#include "cli/collector_exec.h"
#include "cli/commands.h"
#include "command/help.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"
#include "out/answer.h"
#include "out/output.h"
#include "out/summary.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>

static const struct {
    enum command_id id;
    int (*run)(const struct command_line *line, struct err *err); /* exit code, or -1 and err */
} runners[] = {
    {COMMAND_MISSING, cmd_missing},
    {COMMAND_STATUS, cmd_status},
    {COMMAND_WHY, cmd_why},
    {COMMAND_NETSTAT, cmd_netstat},
    {COMMAND_HISTORY, cmd_history},
    {COMMAND_DIFF, cmd_diff},
    {COMMAND_COMPARE, cmd_compare},
    {COMMAND_BOOTS, cmd_boots},
    {COMMAND_DRIFT, cmd_drift},
    {COMMAND_SCANS, cmd_scans},
    {COMMAND_COVERAGE, cmd_coverage},
    {COMMAND_GATE, cmd_gate},
    {COMMAND_VERIFY, cmd_verify},
    {COMMAND_DECISIONS, cmd_decisions},
    {COMMAND_HOSTS_CHECK, cmd_hosts_check},
    {COMMAND_HOSTS_LIST, cmd_hosts_list},
    {COMMAND_HOSTS_ORIGIN, cmd_hosts_origin},
    {COMMAND_HOSTS_IMPORT, cmd_hosts_import},
    {COMMAND_HOSTS_AGAINST, cmd_hosts_against},
    {COMMAND_SQL, cmd_sql},
    {COMMAND_DB_EXPORT, cmd_db_export},
};

static int run_command(const struct command_line *line, int argc, char **argv, struct err *err)
{
    if (help_wanted(line)) {
        return help_print(line, stdout, err);
    }
    if (line->command->run_by_collect) {
        return collector_exec(argc, argv, err);
    }
    for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++) {
        if (line->command->id == runners[i].id) {
            return runners[i].run(line, err);
        }
    }
    return err_set(err, ERR_INTERNAL, "main", "the command %s is not wired", line->command->name);
}

/* A monitoring system reads one line and its own codes, also of a failure. */
static int failed(const struct command_line *line, const struct err *err)
{
    log_line(LOG_ERROR, NULL, "%s", err->text);
    if (line->format == FORMAT_NAGIOS) {
        const struct summary summary = {.failure = err->code, .cause = err->text};
        char text[512];
        int code = summary_nagios(&summary, text, sizeof(text));
        (void)printf("%s\n", text);
        return code;
    }
    return err_exit_code(err->code);
}

int main(int argc, char **argv)
{
    struct command_line line;
    struct err err = {0};
    output_reserve();
    /* Only for the widths of characters; everything else stays the same everywhere. */
    if (setlocale(LC_CTYPE, "") == NULL || !str_eq(nl_langinfo(CODESET), "UTF-8")) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
    log_open("pvsaudit", LOG_WARNING);
    if (command_line_parse(PROGRAM_PVSAUDIT, argc, argv, clock_now_ms(&(struct clock){0}), &line,
                           &err) != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        return err_exit_code(err.code);
    }
    log_open("pvsaudit", log_level_of(line.quiet, line.verbose));
    int code = run_command(&line, argc, argv, &err);
    if (code < 0) {
        code = failed(&line, &err);
    }
    if (code != EXIT_FAILED && answer_written(stdout, &err) != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        code = line.format == FORMAT_NAGIOS ? EXIT_CANNOT_TELL : EXIT_FAILED;
    }
    command_line_done(&line);
    return code;
}
