/* sql_watch: what ends a statement from outside: Ctrl-C, and a deadline that nothing evades. */
#ifndef PVSAUDIT_CLI_SQL_SQL_WATCH_H
#define PVSAUDIT_CLI_SQL_SQL_WATCH_H

#include <signal.h>
#include <stdint.h>

/* From here on Ctrl-C only sets the flag; until sql_watch_end. */
void sql_watch_begin(void);
void sql_watch_end(void);
extern volatile sig_atomic_t sql_watch_interrupted;

/* SQLite looks at its deadline between two steps; a single one may take for ever. Where the work
 * has not come back five seconds after left_ms, the program says so and ends with exit code 5. */
void sql_watch_arm(int64_t left_ms);
void sql_watch_disarm(void);

#endif
