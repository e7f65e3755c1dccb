/* sql_shell: statements that a person types at a prompt, one after the other. */
#ifndef PVSAUDIT_CLI_SQL_SQL_SHELL_H
#define PVSAUDIT_CLI_SQL_SQL_SHELL_H

#include "cli/sql/sql_run.h"

/* Until .quit or the end of input; what fails is told and ends nothing. -1: the prompt itself could
 * not be opened. The lines are kept in sql_history of the state directory. */
int sql_shell_run(struct sql_run *run, struct err *err);

#endif
