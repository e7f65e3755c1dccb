/* reg: the keys and values that Windows' `reg query` prints. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_REG_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_REG_H

#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

enum reg_line {
    REG_END,
    REG_KEY, /* a line with a key: only `key` is set */
    REG_VALUE, /* a value of `key` */
    REG_OTHER, /* anything else: an error's text, a further line of a text with line breaks */
    REG_BAD, /* a value whose number is none, a line that is too long, a last line that was cut */
};

/* Slices point into the output. */
struct reg_row {
    struct slice key; /* "HKEY_LOCAL_MACHINE\SOFTWARE\...": the key that was printed last */
    struct slice name; /* "Start"; the default value's is localised, "(Default)" */
    struct slice type; /* "REG_DWORD" */
    struct slice data; /* as printed; REG_MULTI_SZ has the two characters \0 between its texts */
    bool is_number; /* REG_DWORD, REG_QWORD */
    uint64_t number;
};

/* row.key must be empty before the first call, and row is to be kept between calls. */
enum reg_line reg_next(struct slice *rest, struct reg_row *row);

/* The first value of that name (ASCII case folded) under whatever key the output names first.
 * false: none, or it cannot be read. */
bool reg_find(struct slice output, const char *name, struct reg_row *ret);

/* Cut the next text off REG_MULTI_SZ data; false at the end. */
bool reg_multi_next(struct slice *data, struct slice *ret);

#endif
