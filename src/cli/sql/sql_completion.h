/* sql_completion: the tables, columns and words of SQL that may stand where a word is typed. */
#ifndef PVSAUDIT_CLI_SQL_SQL_COMPLETION_H
#define PVSAUDIT_CLI_SQL_SQL_COMPLETION_H

#include "core/arena.h"
#include "db/sql/sql_names.h"

struct sql_completion {
    const struct sql_name *names;
    size_t count;
    const char *pending; /* the lines of the statement before this one; NULL = none */
};

/* The words that fit the last one of `before`: after FROM and JOIN tables alone, else also the
 * columns of the tables that the statement names (of all, where it names none yet); after TABLE. or
 * an alias and a point, columns. As struct prompt_options has it; data is a struct sql_completion.
 */
const char **sql_completion_words(void *data, const char *before, struct arena *arena,
                                  size_t *ret_typed);

#endif
