/* answer_json: rows as JSON objects, written as they come; only ASCII, so that no text of a host
 * can steer a terminal. */
#include "core/clock.h"
#include "core/str.h"
#include "out/answer_writer.h"
#include "out/escape.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { JSON_FORM = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15) };

static json_t *time_value(int64_t ms)
{
    char text[CLOCK_TEXT];
    if (ms <= 0) {
        return json_null();
    }
    clock_rfc3339(ms, text);
    return json_string(text);
}

/* Bytes that are not UTF-8 are shown as \xNN; JSON has no other way to say them. */
static json_t *text_value(const char *text, struct buf *scratch)
{
    if (str_utf8_valid(text, strlen(text))) {
        return json_string(text);
    }
    buf_clear(scratch);
    return escape_append(scratch, text, strlen(text)) < 0 ? NULL : json_string(scratch->data);
}

/* JSON has no infinite number: it is told as a text. */
static json_t *any_value(const struct answer_cell *cell, struct buf *scratch)
{
    char text[CLOCK_TEXT];
    if (cell->kind == KIND_WHOLE) {
        return json_integer(cell->number);
    }
    if (cell->kind == KIND_REAL && isfinite(cell->real)) {
        return json_real(cell->real);
    }
    return text_value(answer_value_text(cell, text), scratch);
}

struct json_t *answer_cell_json(const struct answer_column *column, const struct answer_cell *cell,
                                struct buf *scratch)
{
    if (!cell->known) {
        return json_null();
    }
    switch (column->type) {
    case ANSWER_TEXT:
        return text_value(cell->text, scratch);
    case ANSWER_TIME:
        return time_value(cell->number);
    case ANSWER_BOOL:
        return json_boolean(cell->number != 0);
    case ANSWER_RATE:
        return json_real((double)cell->number / ANSWER_RATE_ONE);
    case ANSWER_DURATION:
        return json_integer(cell->number / 1000);
    case ANSWER_VALUE:
    case ANSWER_FIGURE:
        return any_value(cell, scratch);
    case ANSWER_INT:
    case ANSWER_PORT:
        break;
    }
    return json_integer(cell->number);
}

static int put_object(struct answer *answer, const struct answer_cell *cells)
{
    json_t *row = json_object();
    int result = row == NULL ? -1 : 0;
    for (size_t i = 0; i < answer->column_count && result == 0; i++) {
        const struct answer_column *column = &answer->columns[i];
        if (column->name != NULL) {
            result = json_object_set_new(row, column->name,
                                         answer_cell_json(column, &cells[i], &answer->line));
        }
    }
    if (result == 0) {
        (void)json_dumpf(row, answer->to, JSON_FORM); /* answer_end looks at the stream */
    }
    json_decref(row);
    return result;
}

static int put_member(struct answer *answer, const char *name, json_t *value, const char *end)
{
    if (value == NULL) {
        return -1;
    }
    (void)fprintf(answer->to, "\"%s\":", name);
    (void)json_dumpf(value, answer->to, JSON_FORM | JSON_ENCODE_ANY);
    (void)fputs(end, answer->to);
    json_decref(value);
    return 0;
}

static int json_begin(struct answer *answer)
{
    const struct answer_meta *meta = answer->meta;
    json_t *coverage = meta == NULL
                           ? json_null()
                           : json_pack("{s:I, s:I, s:I}", "hosts", (json_int_t)meta->hosts,
                                       "hosts_read", (json_int_t)meta->hosts_read, "hosts_unread",
                                       (json_int_t)(meta->hosts - meta->hosts_read));
    (void)fputs("{", answer->to);
    if (put_member(answer, "as_of", time_value(meta == NULL ? 0 : meta->as_of_ms), ",\n") < 0 ||
        put_member(answer, "last_complete_scan",
                   time_value(meta == NULL ? 0 : meta->last_complete_scan_ms), ",\n") < 0) {
        json_decref(coverage);
        return -1;
    }
    int result = put_member(answer, "coverage", coverage, ",\n");
    (void)fputs("\"rows\":[", answer->to);
    return result;
}

static int json_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark)
{
    (void)mark;
    (void)fputs(answer->row_count == 0 ? "\n" : ",\n", answer->to);
    return put_object(answer, cells);
}

static int json_list(struct answer *answer, const char *name)
{
    (void)fprintf(answer->to, "%s],\n\"%s\":[", answer->row_count == 0 ? "" : "\n", name);
    return 0;
}

static int json_end(struct answer *answer, const struct answer_counts *counts)
{
    int result = 0;
    (void)fputs(answer->row_count == 0 ? "]" : "\n]", answer->to);
    if (counts != NULL) {
        (void)fputs(",\n", answer->to);
        result = put_member(
            answer, "summary",
            json_pack("{s:I, s:I, s:I, s:I}", "problems", (json_int_t)counts->problems, "unknown",
                      (json_int_t)counts->unknown, "pending", (json_int_t)counts->pending,
                      "hosts_unread", (json_int_t)counts->hosts_unread),
            "");
    }
    (void)fputs("}\n", answer->to);
    return result;
}

static int ndjson_begin(struct answer *answer)
{
    (void)answer;
    return 0;
}

static int ndjson_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark)
{
    (void)mark;
    int result = put_object(answer, cells);
    (void)fputs("\n", answer->to);
    return result;
}

static int ndjson_end(struct answer *answer, const struct answer_counts *counts)
{
    (void)answer;
    (void)counts;
    return 0;
}

const struct answer_writer answer_writer_json = {json_begin, json_row, json_list, json_end};
const struct answer_writer answer_writer_ndjson = {ndjson_begin, ndjson_row, NULL, ndjson_end};
