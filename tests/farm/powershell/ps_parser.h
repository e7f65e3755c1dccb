/* ps_parser: what both halves of the PowerShell parser share. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_PARSER_H
#define PVSAUDIT_FARM_POWERSHELL_PS_PARSER_H

#include "farm/powershell/ps_parse.h"

enum { PS_DEEPEST = 100 };

struct ps_parser {
    const char *at;
    struct arena *arena;
    const char *error;
    unsigned depth;
};

/* Keeps the first sentence; returns NULL, so that a caller can write: return ps_fail(...). */
struct ps_node *ps_fail(struct ps_parser *p, const char *what);
struct ps_node *ps_node_new(struct ps_parser *p, enum ps_kind kind, struct ps_node *left);
/* False where item is NULL. */
bool ps_add_item(struct ps_parser *p, struct ps_node *node, struct ps_node *item);
void ps_skip_blanks(struct ps_parser *p); /* on this line, comments too */
void ps_skip_all_blanks(struct ps_parser *p); /* line ends too */
size_t ps_name_length(const char *at);
const char *ps_take_name(struct ps_parser *p);
bool ps_take_char(struct ps_parser *p, char c);

struct ps_node *ps_parse_postfix(struct ps_parser *p);
struct ps_node *ps_parse_expression(struct ps_parser *p);
struct ps_node *ps_parse_pipeline(struct ps_parser *p); /* a command, or an expression */

#endif
