/* recording_json: a recording as a file of JSON lines, both ways; docs/RECORDINGS.md has the form.
 */
#include "out/recording_json.h"

#include "out/json_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, TRIES_MAX = 64, EXCHANGES_MAX = 65536 };

static const char *reason_of(unsigned number)
{
    return reason_name((enum reason)number);
}

static bool reason_to(const char *word, unsigned *ret)
{
    enum reason reason;
    bool known = reason_parse(word, &reason);
    *ret = known ? (unsigned)reason : *ret;
    return known;
}

static const char *kind_of(unsigned number)
{
    return visit_kind_name((enum visit_kind)number);
}

static bool kind_to(const char *word, unsigned *ret)
{
    enum visit_kind kind;
    bool known = visit_kind_parse(word, &kind);
    *ret = known ? (unsigned)kind : *ret;
    return known;
}

static const char *os_of(unsigned number)
{
    return host_os_name((enum host_os)number);
}

static bool os_to(const char *word, unsigned *ret)
{
    *ret = str_eq(word, host_os_name(HOST_LINUX)) ? HOST_LINUX : HOST_WINDOWS;
    return str_eq(word, os_of(*ret));
}

static const char *transport_of(unsigned number)
{
    return host_transport_name((enum host_transport)number);
}

static bool transport_to(const char *word, unsigned *ret)
{
    *ret = str_eq(word, host_transport_name(HOST_WINRM)) ? HOST_WINRM : HOST_SSH;
    return str_eq(word, transport_of(*ret));
}

static const struct json_words reason_words = {"a reason", reason_of, reason_to};
static const struct json_words kind_words = {"a kind of visit", kind_of, kind_to};
static const struct json_words os_words = {"windows or linux", os_of, os_to};
static const struct json_words transport_words = {"ssh or winrm", transport_of, transport_to};

#define TEXT(type, member)                                                           \
    {                                                                                \
        .name = #member, .kind = FIELD_TEXT, .offset = offsetof(struct type, member) \
    }
#define NUMBER(type, member, none)                                                      \
    {                                                                                   \
        .name = #member, .kind = FIELD_NUMBER, .offset = offsetof(struct type, member), \
        .unknown = (none)                                                               \
    }

static const struct json_field head_fields[] = {
    TEXT(recording, program),
    {"host", FIELD_TEXT, offsetof(struct recording, host), true, 0, NULL},
    {"os", FIELD_WORD, offsetof(struct recording, os), true, 0, &os_words},
    {"transport", FIELD_WORD, offsetof(struct recording, transport), true, 0, &transport_words},
    {"kind", FIELD_WORD, offsetof(struct recording, kind), true, 0, &kind_words},
    {"time", FIELD_TIME, offsetof(struct recording, time_ms), true, 0, NULL},
    NUMBER(recording, duration_ms, 0),
    {"reason", FIELD_WORD, offsetof(struct recording, reason), false, REASON_NONE, &reason_words},
    NUMBER(recording, code, 0),
    TEXT(recording, detail),
    {.name = NULL},
};

static const struct json_field try_fields[] = {
    {"time", FIELD_TIME, offsetof(struct recording_try, time_ms), true, 0, NULL},
    {"reason", FIELD_WORD, offsetof(struct recording_try, reason), false, REASON_NONE,
     &reason_words},
    {"transient", FIELD_BOOL, offsetof(struct recording_try, transient), false, 0, NULL},
    NUMBER(recording_try, code, 0),
    TEXT(recording_try, stage),
    TEXT(recording_try, detail),
    TEXT(recording_try, address),
    TEXT(recording_try, mechanism),
    TEXT(recording_try, principal),
    TEXT(recording_try, host_key),
    TEXT(recording_try, banner),
    TEXT(recording_try, exit_signal),
    NUMBER(recording_try, exit_status, -1),
    {.name = NULL},
};

/* ---- writing ---- */

/* Bytes that are no UTF-8 without NUL: {"hex": "c328"}. */
static json_t *bytes_put(struct slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (str_utf8_valid(bytes.data, bytes.len)) {
        return json_stringn(bytes.data, bytes.len);
    }
    char *text = malloc(2 * bytes.len + 1);
    if (text == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i] = digits[(unsigned char)bytes.data[i] >> 4];
        text[2 * i + 1] = digits[(unsigned char)bytes.data[i] & 15];
    }
    json_t *hex = json_pack("{s:s#}", "hex", text, 2 * bytes.len);
    free(text);
    return hex;
}

/* Takes the object over. */
static int put_line(json_t *object, int rc, struct buf *to)
{
    char *text = rc == 0 ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (text == NULL || buf_puts(to, text) != 0 || buf_putc(to, '\n') != 0) {
        rc = -1;
    }
    free(text);
    json_decref(object);
    return rc;
}

static int put_exchange(const struct recording_exchange *exchange, struct buf *to)
{
    json_t *object = json_object();
    int rc = json_object_set_new(object, "asked", bytes_put(exchange->asked));
    rc = rc == 0 ? json_object_set_new(object, "status", json_integer(exchange->status)) : rc;
    rc = rc == 0 ? json_object_set_new(object, "answer", bytes_put(exchange->answer)) : rc;
    if (exchange->errors.len > 0 && rc == 0) {
        rc = json_object_set_new(object, "errors", bytes_put(exchange->errors));
    }
    return put_line(object, rc, to);
}

static int put_try(const struct recording_try *one, struct buf *to)
{
    json_t *object = json_object();
    int rc =
        json_object_set_new(object, "exchanges", json_integer((json_int_t)one->exchange_count));
    rc = rc == 0 ? json_fields_put(object, try_fields, one) : rc;
    rc = put_line(object, rc, to);
    for (size_t i = 0; i < one->exchange_count && rc == 0; i++) {
        rc = put_exchange(&one->exchanges[i], to);
    }
    return rc;
}

int recording_json_write(const struct recording *recording, struct buf *to)
{
    json_t *object = json_object();
    int rc = json_object_set_new(object, "recording", json_integer(VERSION));
    rc = rc == 0
             ? json_object_set_new(object, "tries", json_integer((json_int_t)recording->try_count))
             : rc;
    rc = rc == 0 ? json_fields_put(object, head_fields, recording) : rc;
    rc = put_line(object, rc, to);
    for (size_t i = 0; i < recording->try_count && rc == 0; i++) {
        rc = put_try(&recording->tries[i], to);
    }
    return rc;
}

/* ---- reading ---- */

struct reader {
    struct slice rest;
    unsigned line;
    struct arena *arena;
    struct err *err;
};

static int bad(const struct reader *reader, const char *what)
{
    return err_set(reader->err, ERR_FORMAT, "recording", "line %u: %s", reader->line, what);
}

static json_t *next_line(struct reader *reader)
{
    struct slice line;
    bool ended = false;
    reader->line++;
    if (!slice_line(&reader->rest, &line, &ended) || !ended) {
        (void)err_set(reader->err, ERR_PARTIAL, "recording", "it ends in line %u, too early",
                      reader->line);
        return NULL;
    }
    json_t *object = json_loadb(line.data, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        (void)bad(reader, "this is no JSON object");
        return NULL;
    }
    return object;
}

static int get_count(const struct reader *reader, const json_t *object, const char *name,
                     json_int_t max, size_t *ret)
{
    const json_t *value = json_object_get(object, name);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > max) {
        return err_set(reader->err, ERR_FORMAT, "recording", "line %u: %s is no count",
                       reader->line, name);
    }
    *ret = (size_t)number;
    return 0;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_get(const char *digits, struct arena *arena, struct slice *ret)
{
    size_t len = strlen(digits);
    char *bytes = arena_alloc(arena, len / 2 + 1);
    if (bytes == NULL || len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < len / 2; i++) {
        int high = digit_of(digits[2 * i]);
        int low = digit_of(digits[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = (char)(unsigned char)(high * 16 + low);
    }
    *ret = (struct slice){bytes, len / 2};
    return true;
}

static int get_bytes(const struct reader *reader, const json_t *object, const char *name,
                     struct slice *ret)
{
    const json_t *value = json_object_get(object, name);
    const json_t *hex = json_object_get(value, "hex");
    if (value == NULL) {
        *ret = (struct slice){"", 0};
        return 0;
    }
    if (json_is_string(value)) {
        ret->len = json_string_length(value);
        ret->data = arena_strndup(reader->arena, json_string_value(value), ret->len);
        return ret->data == NULL ? err_memory(reader->err) : 0;
    }
    if (!json_is_string(hex) || !hex_get(json_string_value(hex), reader->arena, ret)) {
        return err_set(reader->err, ERR_FORMAT, "recording",
                       "line %u: %s is neither a text nor hexadecimal digits", reader->line, name);
    }
    return 0;
}

static int get_exchange(struct reader *reader, struct recording_exchange *ret)
{
    json_t *object = next_line(reader);
    if (object == NULL) {
        return -1;
    }
    const json_t *status = json_object_get(object, "status");
    ret->status = json_integer_value(status);
    int rc = json_is_integer(status) ? 0 : bad(reader, "status is no number");
    if (rc == 0 && (get_bytes(reader, object, "asked", &ret->asked) != 0 ||
                    get_bytes(reader, object, "answer", &ret->answer) != 0 ||
                    get_bytes(reader, object, "errors", &ret->errors) != 0)) {
        rc = -1;
    }
    json_decref(object);
    return rc;
}

static int get_try(struct reader *reader, struct recording_try *ret)
{
    char path[JSON_PATH_MAX];
    json_t *object = next_line(reader);
    if (object == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "line %u", reader->line);
    int rc = get_count(reader, object, "exchanges", EXCHANGES_MAX, &ret->exchange_count);
    if (rc == 0) {
        rc = json_fields_get(object, try_fields, ret, reader->arena, path, reader->err);
    }
    json_decref(object);
    if (rc != 0) {
        return -1;
    }
    ret->exchanges = arena_array(reader->arena, ret->exchange_count + 1, sizeof(*ret->exchanges));
    if (ret->exchanges == NULL) {
        return err_memory(reader->err);
    }
    for (size_t i = 0; i < ret->exchange_count && rc == 0; i++) {
        rc = get_exchange(reader, &ret->exchanges[i]);
    }
    return rc;
}

static int get_head(struct reader *reader, struct recording *ret, size_t *ret_tries)
{
    json_t *object = next_line(reader);
    if (object == NULL) {
        return -1;
    }
    const json_t *version = json_object_get(object, "recording");
    int rc = 0;
    if (!json_is_integer(version)) {
        rc = bad(reader, "this is no recording of a visit");
    } else if (json_integer_value(version) != VERSION) {
        rc = err_set(reader->err, ERR_FORMAT, "recording",
                     "it is of version %lld, and this program reads version %d",
                     (long long)json_integer_value(version), VERSION);
    }
    if (rc == 0 &&
        (get_count(reader, object, "tries", TRIES_MAX, ret_tries) != 0 ||
         json_fields_get(object, head_fields, ret, reader->arena, "line 1", reader->err) != 0)) {
        rc = -1;
    }
    json_decref(object);
    return rc;
}

static int get_tries(struct reader *reader, size_t count, struct recording *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct recording_try *one = recording_add_try(ret);
        if (one == NULL) {
            return err_memory(reader->err);
        }
        if (get_try(reader, one) != 0) {
            return -1;
        }
    }
    return reader->rest.len == 0 ? 0 : bad(reader, "more follows than it announces");
}

static int parse(struct slice file, bool whole, struct recording *ret, struct err *err)
{
    size_t tries = 0;
    *ret = (struct recording){.try_count = 0};
    struct reader reader = {.rest = file, .arena = &ret->arena, .err = err};
    int rc = get_head(&reader, ret, &tries);
    if (rc == 0 && whole) {
        rc = get_tries(&reader, tries, ret);
    }
    if (rc != 0) {
        recording_done(ret);
    }
    return rc;
}

int recording_json_parse(struct slice file, struct recording *ret, struct err *err)
{
    return parse(file, true, ret, err);
}

int recording_json_parse_head(struct slice line, struct recording *ret, struct err *err)
{
    return parse(line, false, ret, err);
}
