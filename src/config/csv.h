/* csv: rows of cells as spreadsheets and PowerShell's Export-Csv write them. */
#ifndef PVSAUDIT_CONFIG_CSV_H
#define PVSAUDIT_CONFIG_CSV_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { CSV_CELLS_MAX = 256 };

struct csv {
    struct arena arena; /* owns everything below */
    const char *at, *end; /* of what is left, UTF-8 */
    char separator; /* , ; or a tab: what the first row has most of */
    size_t line; /* of the next row */
    const char **cells; /* of the row that was read last */
    size_t count;
    size_t row_line; /* where it began */
};

/* UTF-8 with or without a byte order mark, or UTF-16 with one; a line #TYPE at the beginning is
 * skipped. bytes are copied. ERR_CONFIG: NUL bytes, half a character. csv_done also after that. */
int csv_open(const char *bytes, size_t len, struct csv *ret, struct err *err);
void csv_done(struct csv *csv);

/* The next row that is not empty: 1; 0 at the end. Quoted cells may hold separators, line ends and
 * doubled quotes; blanks around a cell that is not quoted are not part of it. ERR_CONFIG with the
 * line: a quote that does not end, text behind one, too many cells. */
int csv_next(struct csv *csv, struct err *err);

#endif
