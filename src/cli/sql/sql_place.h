/* sql_place: where in a text a mistake is: line, column, and a mark below it. */
#ifndef PVSAUDIT_CLI_SQL_SQL_PLACE_H
#define PVSAUDIT_CLI_SQL_SQL_PLACE_H

#include "core/err.h"

#include <stddef.h>

/* Puts "line L, column C: " in front of err and shows the line on standard error, the place marked.
 * The mistake is at byte start + offset of text; offset -1: nobody knows, and nothing is done. */
void sql_place_show(const char *text, size_t start, int offset, struct err *err);

#endif
