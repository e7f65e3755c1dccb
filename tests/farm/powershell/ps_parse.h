/* ps_parse: a small, honest part of PowerShell's language as a tree. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_PARSE_H
#define PVSAUDIT_FARM_POWERSHELL_PS_PARSE_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Understood: assignments, expression statements, Verb-Noun commands with -Name value, if / elseif
 * / else, foreach (.. in ..), try / catch, exit; + - and comparisons, -and -or -not, members,
 * methods, [Type]::Member, 'text', "text with $name", numbers. Pipelines, functions and hash tables
 * are errors that say so: nothing is silently skipped. */

enum ps_kind {
    PS_TEXT, /* text */
    PS_EXPANDABLE, /* text, with variables in it */
    PS_NUMBER,
    PS_VARIABLE, /* text: the name */
    PS_TYPE, /* text: the name between brackets */
    PS_MEMBER, /* left . text */
    PS_STATIC, /* left :: text */
    PS_CALL, /* left . text (items) */
    PS_BINARY, /* left op right */
    PS_NOT, /* left */
    PS_NEGATIVE, /* left */
    PS_COMMAND, /* text; items: arguments, each PS_PARAMETER or a value */
    PS_PARAMETER, /* text: the name without its dash */
    PS_ASSIGN, /* text = left */
    PS_ADD_ASSIGN,
    PS_IF, /* left: condition, items[0] then, items[1] else */
    PS_FOREACH, /* text in left, items[0] body */
    PS_TRY, /* items[0], items[1] catch */
    PS_EXIT, /* left or NULL */
    PS_BLOCK, /* items */
};

enum ps_operator { OP_ADD, OP_SUBTRACT, OP_EQ, OP_NE, OP_GT, OP_GE, OP_LT, OP_LE, OP_AND, OP_OR };

struct ps_node {
    enum ps_kind kind;
    enum ps_operator op;
    const char *text;
    int64_t number;
    struct ps_node *left, *right;
    struct ps_node **items;
    size_t count;
};

/* The tree lives in the arena. NULL: *ret_error says what was not understood. */
struct ps_node *ps_parse(const char *script, struct arena *arena, const char **ret_error);

#endif
