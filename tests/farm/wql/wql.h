/* wql: queries of WMI's query language: parsed, and matched against instances. */
#ifndef PVSAUDIT_FARM_WQL_WQL_H
#define PVSAUDIT_FARM_WQL_WQL_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wql_kind { WQL_AND, WQL_OR, WQL_NOT, WQL_COMPARE };
enum wql_operator { WQL_EQ, WQL_NE, WQL_LT, WQL_LE, WQL_GT, WQL_GE, WQL_LIKE, WQL_IS, WQL_IS_NOT };
enum wql_type { WQL_NULL, WQL_TEXT, WQL_NUMBER, WQL_BOOL };

struct wql_value {
    enum wql_type type;
    const char *text;
    int64_t number; /* NUMBER, BOOL */
};

struct wql_node {
    enum wql_kind kind;
    struct wql_node *left, *right; /* NOT: left */
    enum wql_operator operator;
    const char *property; /* COMPARE: property operator value */
    struct wql_value value;
};

struct wql {
    const char *class_name;
    const char **names; /* the selected properties; NULL for * */
    size_t name_count;
    const struct wql_node *where; /* NULL: every instance */
};

/* "select NAME, ... | * from CLASS [where ...]". Everything lives in the arena; NULL for whatever
 * WMI would call an invalid query, and without memory. */
const struct wql *wql_parse(struct arena *arena, const char *text);

/* What an instance holds; false where it has no such property. */
typedef bool wql_lookup(void *data, const char *property, struct wql_value *ret);

/* Letter case does not count. A comparison with NULL is never true, but for IS. */
bool wql_match(const struct wql_node *where, wql_lookup *lookup, void *data);
/* % any run, _ any character, [a-f], [^a-f]. */
bool wql_like(const char *pattern, const char *text);

/* Calls each for every property that the condition names, until it returns false. */
bool wql_each_property(const struct wql_node *where, bool (*each)(void *data, const char *name),
                       void *data);

#endif
