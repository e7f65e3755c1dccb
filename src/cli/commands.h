/* commands: the functions behind the rows of the table of commands. */
#ifndef PVSAUDIT_CLI_COMMANDS_H
#define PVSAUDIT_CLI_COMMANDS_H

#include "command/command_line.h"
#include "core/err.h"

/* Each prints its answer on standard output and returns the exit code, or -1 with err set. */
int cmd_missing(const struct command_line *line, struct err *err);
int cmd_status(const struct command_line *line, struct err *err);
int cmd_why(const struct command_line *line, struct err *err);
int cmd_netstat(const struct command_line *line, struct err *err);
int cmd_history(const struct command_line *line, struct err *err);
int cmd_diff(const struct command_line *line, struct err *err);
int cmd_compare(const struct command_line *line, struct err *err);
int cmd_boots(const struct command_line *line, struct err *err);
int cmd_drift(const struct command_line *line, struct err *err);
int cmd_scans(const struct command_line *line, struct err *err);
int cmd_coverage(const struct command_line *line, struct err *err);
int cmd_gate(const struct command_line *line, struct err *err);
int cmd_verify(const struct command_line *line, struct err *err);
int cmd_decisions(const struct command_line *line, struct err *err);
int cmd_hosts_check(const struct command_line *line, struct err *err);
int cmd_hosts_list(const struct command_line *line, struct err *err);
int cmd_hosts_origin(const struct command_line *line, struct err *err);
int cmd_hosts_import(const struct command_line *line, struct err *err);
int cmd_hosts_against(const struct command_line *line, struct err *err);
int cmd_sql(const struct command_line *line, struct err *err);
int cmd_db_export(const struct command_line *line, struct err *err);

#endif
