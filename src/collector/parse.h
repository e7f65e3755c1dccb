/* parse: runs one pure parser on a file and prints what it makes of it. */
#ifndef PVSAUDIT_COLLECTOR_PARSE_H
#define PVSAUDIT_COLLECTOR_PARSE_H

#include "core/err.h"
#include "model/expectation.h"
#include "out/answer.h"

#include <stdbool.h>

/* form: "netstat", "sc", "reg", "ss" or "answer"; path "-" is standard input. *ret_complete tells
 * whether the parser took the bytes for a whole answer. ERR_USAGE: no such form. */
int parse_run(const char *form, const char *path, const struct expectation_set *expectations,
              enum output_format format, bool color, bool *ret_complete, struct err *err);

#endif
