/* wql_match: does an instance meet a query's condition? */
#include "farm/wql/wql.h"

#include "core/str.h"

#include <ctype.h>
#include <string.h>

static bool in_set(const char **pattern, char c)
{
    const char *at = *pattern + 1;
    bool negated = *at == '^', found = false;
    at += negated ? 1 : 0;
    int low = 0, letter = tolower((unsigned char)c);
    while (*at != ']' && *at != '\0') {
        low = tolower((unsigned char)*at);
        bool range = at[1] == '-' && at[2] != ']' && at[2] != '\0';
        int high = range ? tolower((unsigned char)at[2]) : low;
        found |= letter >= low && letter <= high;
        at += range ? 3 : 1;
    }
    *pattern = *at == ']' ? at + 1 : at;
    return found != negated;
}

bool wql_like(const char *pattern, const char *text)
{
    const char *again = NULL, *from = NULL; /* behind the last %, and where it began to match */
    while (*text != '\0') {
        if (*pattern == '%') {
            again = ++pattern;
            from = text;
            continue;
        }
        const char *next = pattern;
        bool fits = false;
        if (*pattern == '[') {
            fits = in_set(&next, *text);
        } else if (*pattern != '\0') {
            fits = *pattern == '_' ||
                   tolower((unsigned char)*pattern) == tolower((unsigned char)*text);
            next++;
        }
        if (fits) {
            pattern = next;
            text++;
        } else if (again != NULL) {
            pattern = again;
            text = ++from;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "%")] == '\0';
}

/* -1, 0, 1 in *ret; false where the two cannot be compared. A number may be written as text. */
static bool order(const struct wql_value *a, const struct wql_value *b, int *ret)
{
    int64_t x = a->number, y = b->number;
    if (a->type == WQL_NULL || b->type == WQL_NULL) {
        return false;
    }
    if (a->type == WQL_TEXT && b->type == WQL_TEXT) {
        int by_text = strcasecmp(a->text, b->text);
        *ret = (by_text > 0) - (by_text < 0);
        return true;
    }
    if ((a->type == WQL_TEXT && !str_i64((struct slice){a->text, strlen(a->text)}, &x)) ||
        (b->type == WQL_TEXT && !str_i64((struct slice){b->text, strlen(b->text)}, &y))) {
        bool truth = b->type == WQL_TEXT && a->type == WQL_BOOL;
        y = truth && str_ieq(b->text, "true") ? 1 : 0;
        if (!truth || !(y == 1 || str_ieq(b->text, "false"))) {
            return false;
        }
    }
    *ret = (x > y) - (x < y);
    return true;
}

static bool compare(const struct wql_node *node, const struct wql_value *held)
{
    int sign = 0;
    switch (node->operator) {
    case WQL_IS:
        return held->type == WQL_NULL;
    case WQL_IS_NOT:
        return held->type != WQL_NULL;
    case WQL_LIKE:
        return held->type == WQL_TEXT && wql_like(node->value.text, held->text);
    case WQL_EQ:
        return node->value.type == WQL_NULL ? held->type == WQL_NULL
                                            : order(held, &node->value, &sign) && sign == 0;
    case WQL_NE:
        return node->value.type == WQL_NULL ? held->type != WQL_NULL
                                            : order(held, &node->value, &sign) && sign != 0;
    case WQL_LT:
        return order(held, &node->value, &sign) && sign < 0;
    case WQL_LE:
        return order(held, &node->value, &sign) && sign <= 0;
    case WQL_GT:
        return order(held, &node->value, &sign) && sign > 0;
    case WQL_GE:
        return order(held, &node->value, &sign) && sign >= 0;
    }
    return false;
}

bool wql_match(const struct wql_node *where, wql_lookup *lookup, void *data)
{
    struct wql_value held;
    if (where == NULL) {
        return true;
    }
    switch (where->kind) {
    case WQL_AND:
        return wql_match(where->left, lookup, data) && wql_match(where->right, lookup, data);
    case WQL_OR:
        return wql_match(where->left, lookup, data) || wql_match(where->right, lookup, data);
    case WQL_NOT:
        return !wql_match(where->left, lookup, data);
    case WQL_COMPARE:
        return lookup(data, where->property, &held) && compare(where, &held);
    }
    return false;
}

bool wql_each_property(const struct wql_node *where, bool (*each)(void *data, const char *name),
                       void *data)
{
    if (where == NULL) {
        return true;
    }
    if (where->kind == WQL_COMPARE) {
        return each(data, where->property);
    }
    return wql_each_property(where->left, each, data) &&
           (where->right == NULL || wql_each_property(where->right, each, data));
}
