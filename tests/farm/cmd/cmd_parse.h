/* cmd_parse: a line of cmd.exe into commands, by the order of cmd's own phases. */
#ifndef PVSAUDIT_FARM_CMD_CMD_PARSE_H
#define PVSAUDIT_FARM_CMD_CMD_PARSE_H

#include "core/arena.h"
#include "core/buf.h"

#include <stdbool.h>

/* Phase 1 replaces %NAME% in the whole line before anything is parsed; phase 2 (cmd_parse) finds
 * quotes, carets, separators, groups and redirections; phase 5 (cmd_expand_late) replaces !NAME!
 * in one command right before it runs, only where delayed expansion is on. */

enum cmd_kind { CMD_SIMPLE, CMD_GROUP, CMD_IF, CMD_THEN, CMD_AND, CMD_OR, CMD_PIPE };

/* Applied from left to right. */
struct cmd_redirect {
    struct cmd_redirect *next;
    int handle; /* 0, 1, 2 */
    int from_handle; /* 2>&1: 1; else -1 */
    bool append;
    const char *path; /* as written, without quotes */
};

enum cmd_test {
    TEST_EQUAL_SIGNS,
    TEST_EQU,
    TEST_NEQ,
    TEST_LSS,
    TEST_LEQ,
    TEST_GTR,
    TEST_GEQ,
    TEST_DEFINED,
    TEST_ERRORLEVEL,
    TEST_EXIST
};

struct cmd_node {
    enum cmd_kind kind;
    struct cmd_node *left, *right; /* CMD_GROUP: left; CMD_IF: left, and right for else */
    const char *text; /* CMD_SIMPLE: carets removed, redirections cut out */
    struct cmd_redirect *redirects;
    bool negated, ignore_case; /* CMD_IF, as the rest */
    enum cmd_test test;
    const char *a, *b;
};

typedef const char *cmd_lookup(void *data, const char *name);

/* The answer lives in the arena. On failure *ret_unexpected is the token that cmd complains of, or
 * "" for a general syntax error. *ret_node is NULL for an empty line. */
int cmd_parse(const char *line, struct arena *arena, struct cmd_node **ret_node,
              const char **ret_unexpected);

/* A name that is not set stays as it stands, as on a command line. %NAME:a=b% and %NAME:~n,m% too.
 */
void cmd_expand_percent(const char *line, cmd_lookup *lookup, void *data, struct buf *to);
/* A name that is not set becomes nothing; where there is an !, carets are taken off once more. */
void cmd_expand_late(const char *text, cmd_lookup *lookup, void *data, struct buf *to);

#endif
