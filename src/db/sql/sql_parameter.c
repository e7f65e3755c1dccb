/* sql_parameter: NAME=VALUE, with the type that the value looks like or the name says. */
#include "db/sql/sql_parameter.h"

#include "core/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [SQL_INTEGER] = "integer", [SQL_REAL] = "real", [SQL_TEXT] = "text"};

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!isalnum((unsigned char)name.data[i]) && name.data[i] != '_') {
            return false;
        }
    }
    return name.len > 0 && name.len < SQL_PARAMETER_NAME;
}

/* Digits with at most one point and one exponent: strtod alone also takes blanks, 0x1 and nan. */
static bool is_real(const char *text, double *ret)
{
    if (text[strspn(text, "0123456789+-.eE")] != '\0' || strpbrk(text, "0123456789") == NULL) {
        return false;
    }
    char *end = NULL;
    errno = 0;
    double value = strtod(text, &end);
    if (*end != '\0' || errno == ERANGE || !isfinite(value)) {
        return false;
    }
    *ret = value;
    return true;
}

/* SQL_NULL: the name says no type. */
static bool find_type(struct slice word, enum sql_type *ret)
{
    *ret = SQL_NULL;
    for (int type = SQL_INTEGER; type <= SQL_TEXT && word.data != NULL; type++) {
        if (slice_eq(word, type_names[type])) {
            *ret = (enum sql_type)type;
        }
    }
    return word.data == NULL || *ret != SQL_NULL;
}

static bool take_value(const char *text, enum sql_type wanted, struct sql_value *ret)
{
    struct sql_value value = {.type = SQL_TEXT, .bytes = text, .len = strlen(text)};
    bool any = wanted == SQL_NULL;
    if ((any || wanted == SQL_INTEGER) &&
        str_i64((struct slice){text, value.len}, &value.integer)) {
        value.type = SQL_INTEGER;
    } else if ((any || wanted == SQL_REAL) && is_real(text, &value.real)) {
        value.type = SQL_REAL;
    }
    *ret = value;
    return any || value.type == wanted;
}

int sql_parameter_parse(const char *text, struct sql_parameter *ret, struct err *err)
{
    struct sql_parameter row = {.used = false};
    const char *equals = strchr(text, '=');
    size_t len = equals == NULL ? 0 : (size_t)(equals - text);
    const char *colon = memchr(text, ':', len);
    struct slice name = {text, colon == NULL ? len : (size_t)(colon - text)};
    struct slice word = {NULL, 0};
    enum sql_type type = SQL_NULL;
    if (colon != NULL) {
        word = (struct slice){colon + 1, len - name.len - 1};
    }
    if (!is_name(name) || !find_type(word, &type)) {
        return err_set(err, ERR_USAGE, "sql",
                       "%.100s is not NAME=VALUE or NAME:TYPE=VALUE, with a TYPE of integer, real "
                       "or text and a NAME of letters, digits and _",
                       text);
    }
    memcpy(row.name, name.data, name.len);
    if (!take_value(equals + 1, type, &row.value)) {
        return err_set(err, ERR_USAGE, "sql", "%s: %.100s is not of the type %s", row.name,
                       equals + 1, type_names[type]);
    }
    *ret = row;
    return 0;
}

struct sql_parameter *sql_parameter_find(struct sql_parameter *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

int sql_parameter_check(const struct sql_parameter *rows, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].used) {
            return err_set(err, ERR_USAGE, "sql",
                           "no statement has a parameter :%s, which --param gives a value",
                           rows[i].name);
        }
    }
    return 0;
}
