/* relay: an answer that one program finds and the other prints: lines of JSON over a pipe. */
#include "out/relay.h"

#include "core/clock.h"
#include "core/str.h"
#include "out/answer_writer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char relay_answer[] = "answer";
const char relay_rows[] = "rows";

enum { JSON_FORM = JSON_COMPACT | JSON_ENSURE_ASCII };

struct relay {
    json_t *lists; /* kind -> its lines */
    size_t lines;
};

int relay_put(FILE *to, const char *kind, const struct answer_column *columns,
              const struct answer_cell *cells, size_t count)
{
    struct buf scratch;
    json_t *line = json_pack("{s:s}", "kind", kind);
    int rc = line == NULL ? -1 : 0;
    buf_init(&scratch, ANSWER_LINE_MAX);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (columns[i].name != NULL) {
            rc = json_object_set_new(line, columns[i].name,
                                     answer_cell_json(&columns[i], &cells[i], &scratch));
        }
    }
    if (rc == 0) {
        (void)json_dumpf(line, to, JSON_FORM);
        (void)fputc('\n', to);
    }
    buf_done(&scratch);
    json_decref(line);
    return rc;
}

struct relay *relay_new(void)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    if (relay != NULL) {
        relay->lists = json_object();
    }
    if (relay == NULL || relay->lists == NULL) {
        free(relay);
        return NULL;
    }
    return relay;
}

void relay_free(struct relay *relay)
{
    if (relay != NULL) {
        json_decref(relay->lists);
        free(relay);
    }
}

static json_t *list_of(const struct relay *relay, const char *kind)
{
    return json_object_get(relay->lists, kind);
}

static int keep(struct relay *relay, json_t *line, struct err *err)
{
    const char *kind = json_string_value(json_object_get(line, "kind"));
    if (kind == NULL || list_of(relay, relay_answer) != NULL) {
        return err_set(err, ERR_FORMAT, "relay", "pvsaudit-collect said %s",
                       kind == NULL ? "something without a kind" : "more after its answer");
    }
    json_t *list = list_of(relay, kind);
    if (list == NULL) {
        list = json_array();
        if (list == NULL || json_object_set_new(relay->lists, kind, list) != 0) {
            return err_memory(err);
        }
    }
    return json_array_append(list, line) == 0 ? 0 : err_memory(err);
}

int relay_take(struct relay *relay, const char *line, size_t len, struct err *err)
{
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    int rc = 0;
    if (!json_is_object(object)) {
        rc = err_set(err, ERR_FORMAT, "relay", "pvsaudit-collect said something that is no answer");
    } else if (relay->lines++ >= RELAY_LINES_MAX) {
        rc = err_set(err, ERR_LIMIT, "relay", "pvsaudit-collect said more than %d lines",
                     RELAY_LINES_MAX);
    } else {
        rc = keep(relay, object, err);
    }
    json_decref(object);
    return rc;
}

int relay_read(struct relay *relay, FILE *from, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    int rc = 0;
    for (ssize_t len = 0; rc == 0 && (len = getline(&line, &size, from)) > 0;) {
        rc = len > RELAY_LINE_MAX
                 ? err_set(err, ERR_LIMIT, "relay", "a line of pvsaudit-collect is too long")
                 : relay_take(relay, line, (size_t)len, err);
    }
    free(line);
    if (rc == 0 && list_of(relay, relay_answer) == NULL) {
        rc = err_set(err, ERR_PARTIAL, "relay", "pvsaudit-collect ended without an answer");
    }
    return rc;
}

size_t relay_count(const struct relay *relay, const char *kind)
{
    return json_array_size(list_of(relay, kind));
}

struct answer_cell relay_cell(const struct relay *relay, const char *kind, size_t i,
                              const struct answer_column *column)
{
    const json_t *line = json_array_get(list_of(relay, kind), i);
    const json_t *value = column->name == NULL ? NULL : json_object_get(line, column->name);
    const char *text = json_string_value(value);
    int64_t ms = 0;
    switch (column->type) {
    case ANSWER_TEXT:
        return answer_text(text);
    case ANSWER_TIME:
        return text != NULL && clock_parse((struct slice){text, strlen(text)}, &ms)
                   ? answer_time(ms, NULL)
                   : answer_none();
    case ANSWER_BOOL:
        return json_is_boolean(value) ? answer_bool(json_is_true(value)) : answer_none();
    case ANSWER_DURATION:
        return json_is_integer(value) ? answer_number(json_integer_value(value) * 1000)
                                      : answer_none();
    case ANSWER_RATE:
        return json_is_number(value)
                   ? answer_number((int64_t)(json_number_value(value) * ANSWER_RATE_ONE + 0.5))
                   : answer_none();
    case ANSWER_VALUE: /* of sql alone, which reads the history itself */
    case ANSWER_FIGURE:
        return answer_none();
    case ANSWER_INT:
    case ANSWER_PORT:
        break;
    }
    return json_is_integer(value) ? answer_number(json_integer_value(value)) : answer_none();
}

void relay_cells(const struct relay *relay, const char *kind, size_t i,
                 const struct answer_column *columns, size_t count, struct answer_cell *to)
{
    for (size_t c = 0; c < count; c++) {
        to[c] = relay_cell(relay, kind, i, &columns[c]);
    }
}

/* ---- the object of --json ---- */

static void put_value(FILE *to, const char *name, const json_t *value)
{
    (void)fprintf(to, ",\n\"%s\":", name);
    (void)json_dumpf(value, to, JSON_FORM | JSON_ENCODE_ANY);
}

/* The members of the answer, without those that stand at the front of every answer. */
static void put_answer(FILE *to, json_t *answer)
{
    static const char *const before[] = {"kind",  "as_of",      "last_complete_scan",
                                         "hosts", "hosts_read", "stale"};
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(answer, name, value)
    {
        bool is_before = false;
        for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
            is_before = is_before || str_eq(name, before[i]);
        }
        if (!is_before) {
            put_value(to, name, value);
        }
    }
}

/* Lines of one text each are a list of texts. */
static void put_list(FILE *to, const char *name, const json_t *list)
{
    (void)fprintf(to, ",\n\"%s\":[", name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *line = json_array_get(list, i);
        const json_t *text = json_object_get(line, "text");
        (void)fputs(i == 0 ? "\n" : ",\n", to);
        if (json_object_size(line) == 2 && text != NULL) {
            (void)json_dumpf(text, to, JSON_FORM | JSON_ENCODE_ANY);
        } else {
            (void)json_object_del(line, "kind");
            (void)json_dumpf(line, to, JSON_FORM);
        }
    }
    (void)fputs(json_array_size(list) == 0 ? "]" : "\n]", to);
}

static void put_front(FILE *to, const json_t *answer)
{
    json_int_t hosts = json_integer_value(json_object_get(answer, "hosts"));
    json_int_t read = json_integer_value(json_object_get(answer, "hosts_read"));
    (void)fputs("{\"as_of\":", to);
    (void)json_dumpf(json_object_get(answer, "as_of"), to, JSON_FORM | JSON_ENCODE_ANY);
    put_value(to, "last_complete_scan", json_object_get(answer, "last_complete_scan"));
    (void)fprintf(to,
                  ",\n\"coverage\":{\"hosts\":%" JSON_INTEGER_FORMAT
                  ",\"hosts_read\":%" JSON_INTEGER_FORMAT ",\"hosts_unread\":%" JSON_INTEGER_FORMAT
                  "}",
                  hosts, read, hosts - read);
}

int relay_print(const struct relay *relay, const char *const *kinds, FILE *to, struct err *err)
{
    json_t *answer = json_array_get(list_of(relay, relay_answer), 0);
    put_front(to, answer);
    put_answer(to, answer);
    put_list(to, relay_rows, list_of(relay, relay_rows));
    for (size_t i = 0; kinds[i] != NULL; i++) {
        put_list(to, kinds[i], list_of(relay, kinds[i]));
    }
    (void)fputs("}\n", to);
    return answer_written(to, err);
}
