/* sql_parameter: values that a person gives to the parameters of a statement, by their names. */
#ifndef PVSAUDIT_DB_SQL_SQL_PARAMETER_H
#define PVSAUDIT_DB_SQL_SQL_PARAMETER_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sql_type { SQL_NULL, SQL_INTEGER, SQL_REAL, SQL_TEXT, SQL_BLOB };

struct sql_value {
    enum sql_type type;
    int64_t integer;
    double real;
    const char *bytes; /* of a text or a blob; may hold NULs */
    size_t len;
};

enum { SQL_PARAMETER_NAME = 64 };

struct sql_parameter {
    char name[SQL_PARAMETER_NAME]; /* without : @ or $ */
    struct sql_value value; /* borrows from the text that was parsed */
    bool used; /* a statement had it */
};

/* "NAME=VALUE": a whole number is one, a decimal number a real, anything else a text;
 * "NAME:TYPE=VALUE" (integer, real, text) says it. ERR_USAGE. */
int sql_parameter_parse(const char *text, struct sql_parameter *ret, struct err *err);
/* The row of this name, or NULL. */
struct sql_parameter *sql_parameter_find(struct sql_parameter *rows, size_t count,
                                         const char *name);
/* ERR_USAGE where one was given that no statement has. */
int sql_parameter_check(const struct sql_parameter *rows, size_t count, struct err *err);

#endif
