/* input: a whole file, or standard input, with a limit. */
#ifndef PVSAUDIT_COLLECTOR_INPUT_H
#define PVSAUDIT_COLLECTOR_INPUT_H

#include "core/buf.h"
#include "core/err.h"

#include <stdio.h>

/* "-" is standard input. ERR_USAGE: cannot be opened; ERR_LIMIT: above the buffer's maximum. */
int input_read(const char *path, struct buf *to, struct err *err);
/* For line by line; close with input_close. */
int input_open(const char *path, FILE **ret, struct err *err);
void input_close(FILE *file);

#endif
