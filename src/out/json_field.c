/* json_field: one writer and one strict reader for every kind of field. */
#include "out/json_field.h"

#include "core/clock.h"
#include "core/ip.h"
#include "core/str.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t TIME_MAX_MS = INT64_C(253402300799999); /* the year 9999 */

int json_field_error(struct err *err, const char *path, const char *name, const char *format, ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return err_set(err, ERR_FORMAT, "snapshot", "%s%s%.100s: %s", path,
                   path[0] == '\0' || name[0] == '\0' ? "" : ".", name, what);
}

json_t *json_text_put(const char *text)
{
    size_t len = strlen(text);
    if (str_utf8_valid(text, len)) {
        return json_stringn(text, len);
    }
    json_t *hex = NULL;
    char *digits = len > JSON_TEXT_MAX ? NULL : malloc(2 * len + 1);
    for (size_t i = 0; digits != NULL && i < len; i++) {
        (void)snprintf(digits + 2 * i, 3, "%02x", (unsigned)(unsigned char)text[i]);
    }
    if (digits != NULL) {
        hex = json_pack("{s:s}", "hex", digits);
    }
    free(digits);
    return hex;
}

static int hex_get(const char *digits, struct arena *arena, const char *path, const char *name,
                   const char **ret, struct err *err)
{
    size_t len = strlen(digits);
    char *text = len > 2 * (size_t)JSON_TEXT_MAX ? NULL : arena_alloc(arena, len / 2 + 1);
    if (text == NULL || len % 2 != 0) {
        return json_field_error(err, path, name, "hex of %zu digits", len);
    }
    for (size_t i = 0; i < len / 2; i++) {
        uint64_t byte = 0;
        struct slice pair = {digits + 2 * i, 2};
        if (pair.data[1] == 'x' || pair.data[1] == 'X' || !str_hex64(pair, &byte) || byte == 0) {
            return json_field_error(err, path, name, "%.2s is not a byte in hex", pair.data);
        }
        text[i] = (char)(unsigned char)byte;
    }
    *ret = text;
    return 0;
}

int json_text_get(const json_t *value, struct arena *arena, const char *path, const char *name,
                  const char **ret, struct err *err)
{
    const json_t *hex = json_object_get(value, "hex");
    if (json_is_string(hex) && json_object_size(value) == 1) {
        return hex_get(json_string_value(hex), arena, path, name, ret, err);
    }
    if (!json_is_string(value)) {
        return json_field_error(err, path, name, "must be text");
    }
    size_t len = json_string_length(value);
    if (len > JSON_TEXT_MAX) {
        return json_field_error(err, path, name, "text of %zu bytes, at most %d are taken", len,
                                JSON_TEXT_MAX);
    }
    const char *text = arena_strndup(arena, json_string_value(value), len);
    if (text == NULL) {
        return err_memory(err);
    }
    *ret = text;
    return 0;
}

static json_t *ip_put(const struct ip *ip)
{
    char text[IP_TEXT];
    ip_text(ip, text);
    return json_string(text);
}

static json_t *time_put(int64_t ms)
{
    char text[CLOCK_TEXT];
    clock_rfc3339(ms, text);
    return json_string(text);
}

/* The number behind a field of any numeric kind. */
static int64_t field_number(const struct json_field *field, const void *place)
{
    int64_t wide = 0;
    uint16_t port = 0;
    uint8_t prefix = 0;
    unsigned word = 0;
    switch (field->kind) {
    case FIELD_PORT:
        memcpy(&port, place, sizeof(port));
        return port;
    case FIELD_PREFIX:
        memcpy(&prefix, place, sizeof(prefix));
        return prefix;
    case FIELD_WORD:
        memcpy(&word, place, sizeof(word));
        return word;
    case FIELD_BOOL:
        return *(const bool *)place ? 1 : 0;
    case FIELD_TEXT:
    case FIELD_IP:
        return 0;
    case FIELD_NUMBER:
    case FIELD_TIME:
        break;
    }
    memcpy(&wide, place, sizeof(wide));
    return wide;
}

/* NULL with *ret_skip: there is nothing to say. */
static json_t *field_put(const struct json_field *field, const void *place, bool *ret_skip)
{
    const char *text = NULL;
    int64_t number = field_number(field, place);
    *ret_skip = false;
    switch (field->kind) {
    case FIELD_TEXT:
        memcpy(&text, place, sizeof(text));
        *ret_skip = text == NULL && !field->required;
        return *ret_skip ? NULL : json_text_put(text == NULL ? "" : text);
    case FIELD_IP:
        return ip_put(place);
    case FIELD_BOOL:
        return json_boolean(number != 0);
    case FIELD_TIME:
        *ret_skip = number <= 0 || number > TIME_MAX_MS;
        return *ret_skip ? NULL : time_put(number);
    case FIELD_WORD:
    case FIELD_NUMBER:
    case FIELD_PORT:
    case FIELD_PREFIX:
        break;
    }
    *ret_skip = number == field->unknown && !field->required;
    if (*ret_skip) {
        return NULL;
    }
    return field->kind == FIELD_WORD ? json_string(field->words->of_number((unsigned)number))
                                     : json_integer(number);
}

int json_fields_put(json_t *object, const struct json_field *fields, const void *from)
{
    for (const struct json_field *field = fields; field->name != NULL; field++) {
        bool skip = false;
        json_t *value = field_put(field, (const char *)from + field->offset, &skip);
        if (!skip && json_object_set_new(object, field->name, value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int number_get(const json_t *value, const struct json_field *field, int64_t min, int64_t max,
                      const char *what, const char *path, int64_t *ret, struct err *err)
{
    if (!json_is_integer(value)) {
        return json_field_error(err, path, field->name, "must be %s", what);
    }
    int64_t number = json_integer_value(value);
    if (number < min || number > max) {
        return json_field_error(err, path, field->name, "%" PRId64 " is not %s", number, what);
    }
    *ret = number;
    return 0;
}

static int small_get(const json_t *value, const struct json_field *field, void *place,
                     const char *path, struct err *err)
{
    bool is_port = field->kind == FIELD_PORT;
    int64_t number = 0;
    if (number_get(value, field, 0, is_port ? UINT16_MAX : 128,
                   is_port ? "a port" : "a prefix length", path, &number, err) < 0) {
        return -1;
    }
    uint16_t port = (uint16_t)number;
    uint8_t prefix = (uint8_t)number;
    memcpy(place, is_port ? (const void *)&port : (const void *)&prefix, is_port ? 2 : 1);
    return 0;
}

static int word_get(const json_t *value, const struct json_field *field, void *place,
                    const char *path, struct err *err)
{
    unsigned number = 0;
    const char *word = json_string_value(value);
    if (word == NULL || !field->words->to_number(word, &number)) {
        return json_field_error(err, path, field->name, "%.60s is not %s",
                                word == NULL ? "this" : word, field->words->what);
    }
    memcpy(place, &number, sizeof(number));
    return 0;
}

static int time_get(const json_t *value, const struct json_field *field, void *place,
                    const char *path, struct err *err)
{
    int64_t ms = 0;
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    /* With its zone: a time of a machine is never local. */
    if (text == NULL || len < 20 || strchr(text, 'T') == NULL ||
        (text[len - 1] != 'Z' && text[len - 6] != '+' && text[len - 6] != '-') ||
        !clock_parse((struct slice){text, len}, &ms) || ms <= 0 || ms > TIME_MAX_MS) {
        return json_field_error(err, path, field->name, "%.60s is not a time with its zone",
                                text == NULL ? "this" : text);
    }
    memcpy(place, &ms, sizeof(ms));
    return 0;
}

static int ip_get(const json_t *value, const struct json_field *field, void *place,
                  const char *path, struct err *err)
{
    const char *text = json_string_value(value);
    if (text == NULL ||
        !ip_parse((struct slice){text, json_string_length(value)}, (struct ip *)place)) {
        return json_field_error(err, path, field->name, "%.60s is not an IP address",
                                text == NULL ? "this" : text);
    }
    return 0;
}

static int field_get(const json_t *value, const struct json_field *field, void *place,
                     struct arena *arena, const char *path, struct err *err)
{
    const char *text = NULL;
    int64_t number = 0;
    switch (field->kind) {
    case FIELD_TEXT:
        if (json_text_get(value, arena, path, field->name, &text, err) < 0) {
            return -1;
        }
        memcpy(place, &text, sizeof(text));
        return 0;
    case FIELD_NUMBER:
        if (number_get(value, field, field->unknown < 0 ? 0 : INT64_MIN, INT64_MAX, "a number",
                       path, &number, err) < 0) {
            return -1;
        }
        memcpy(place, &number, sizeof(number));
        return 0;
    case FIELD_PORT:
    case FIELD_PREFIX:
        return small_get(value, field, place, path, err);
    case FIELD_WORD:
        return word_get(value, field, place, path, err);
    case FIELD_TIME:
        return time_get(value, field, place, path, err);
    case FIELD_IP:
        return ip_get(value, field, place, path, err);
    case FIELD_BOOL:
        break;
    }
    if (!json_is_boolean(value)) {
        return json_field_error(err, path, field->name, "must be true or false");
    }
    *(bool *)place = json_is_true(value);
    return 0;
}

int json_fields_get(const json_t *object, const struct json_field *fields, void *to,
                    struct arena *arena, const char *path, struct err *err)
{
    if (!json_is_object(object)) {
        return json_field_error(err, path, "", "must be an object");
    }
    for (const struct json_field *field = fields; field->name != NULL; field++) {
        const json_t *value = json_object_get(object, field->name);
        if ((value == NULL || json_is_null(value)) && field->required) {
            return json_field_error(err, path, field->name, "is lacking");
        }
        if (value != NULL && !json_is_null(value) &&
            field_get(value, field, (char *)to + field->offset, arena, path, err) < 0) {
            return -1;
        }
    }
    return 0;
}

bool json_fields_know(const struct json_field *fields, const char *name)
{
    for (const struct json_field *field = fields; field->name != NULL; field++) {
        if (str_eq(field->name, name)) {
            return true;
        }
    }
    return false;
}
