/* json_field: members of a JSON object as a table of fields of a struct, both ways. */
#ifndef PVSAUDIT_OUT_JSON_FIELD_H
#define PVSAUDIT_OUT_JSON_FIELD_H

#include "core/arena.h"
#include "core/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_field_kind {
    FIELD_TEXT, /* const char *; unknown: NULL */
    FIELD_NUMBER, /* int64_t */
    FIELD_PORT, /* uint16_t */
    FIELD_PREFIX, /* uint8_t */
    FIELD_WORD, /* an enum, by words */
    FIELD_BOOL, /* bool; always written */
    FIELD_TIME, /* int64_t, ms since 1970, as RFC 3339; unknown: 0 */
    FIELD_IP, /* struct ip */
};

/* The spelling of an enum; of_number and to_number wrap the model's own functions. */
struct json_words {
    const char *what; /* "an outcome" */
    const char *(*of_number)(unsigned number);
    bool (*to_number)(const char *word, unsigned *ret);
};

struct json_field {
    const char *name;
    enum json_field_kind kind;
    size_t offset;
    bool required; /* a line without it is refused; it is always written */
    int64_t unknown; /* a number that is not written, and stands where there is none */
    const struct json_words *words;
};

enum { JSON_TEXT_MAX = 64 * 1024, JSON_PATH_MAX = 128 };

/* Tables end with a row without a name. -1: out of memory. */
int json_fields_put(json_t *object, const struct json_field *fields, const void *from);
/* Members that are absent or null leave *to alone. ERR_FORMAT names path and member. Texts are
 * copied to arena. */
int json_fields_get(const json_t *object, const struct json_field *fields, void *to,
                    struct arena *arena, const char *path, struct err *err);
bool json_fields_know(const struct json_field *fields, const char *name);

/* Text that may hold bytes that are not UTF-8: then {"hex": "c328"}. */
json_t *json_text_put(const char *text);
int json_text_get(const json_t *value, struct arena *arena, const char *path, const char *name,
                  const char **ret, struct err *err);

/* "PATH.NAME: what"; returns -1. */
int json_field_error(struct err *err, const char *path, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
