/* answer: what a command found, as typed rows, printed as a table, JSON, NDJSON or CSV. */
#ifndef PVSAUDIT_OUT_ANSWER_H
#define PVSAUDIT_OUT_ANSWER_H

#include "command/command_line.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { ANSWER_RATE_ONE = 1000000 };

enum answer_type {
    ANSWER_TEXT,
    ANSWER_INT,
    ANSWER_PORT,
    ANSWER_TIME, /* ms since 1970: local with the zone in a table, RFC 3339 UTC elsewhere */
    ANSWER_DURATION, /* ms: "5 h" in a table, whole seconds elsewhere */
    ANSWER_RATE, /* millionths: "3.8 %" in a table, 0.0375 elsewhere */
    ANSWER_BOOL, /* "yes"/"no" in a table, true/false elsewhere */
    ANSWER_VALUE, /* as each cell says: a whole number, a real, a text or a blob */
    ANSWER_FIGURE, /* the same, and a table sets it to the right */
};

/* A column without a title is in machine output only; one without a name is in tables only. */
struct answer_column {
    const char *name; /* "local_address" */
    const char *title; /* "LOCAL ADDRESS" */
    enum answer_type type;
    bool colored; /* shows the row's mark in colour, besides its words */
};

enum answer_kind { KIND_TEXT, KIND_WHOLE, KIND_REAL };

struct answer_cell {
    bool known; /* false: null, an empty CSV cell, "-" in a table */
    enum answer_kind kind; /* of an ANSWER_VALUE */
    int64_t number;
    double real;
    const char *text; /* borrowed until answer_row returns; escaped by the writer */
    const char *zone; /* of a time in a table, borrowed alike; NULL = the zone of the process */
};

enum answer_mark { MARK_NONE, MARK_FINE, MARK_PROBLEM, MARK_UNKNOWN };

/* What stands around the rows: the first line of a table, the members of a JSON object. */
struct answer_meta {
    int64_t as_of_ms; /* 0 = nothing was ever observed */
    int64_t last_complete_scan_ms; /* 0 = there was none */
    int64_t now_ms; /* for the age in a table's first line only */
    bool stale;
    size_t hosts, hosts_read; /* coverage */
};

struct answer;

enum { ANSWER_COLUMN_MAX = 128 };

/* columns and meta are borrowed until answer_free; meta NULL: no history stands behind the rows.
 * FORMAT_NAGIOS prints no rows. NULL: out of memory. */
struct answer *answer_new(FILE *to, enum output_format format, bool color,
                          const struct answer_column *columns, size_t column_count,
                          const struct answer_meta *meta);
void answer_free(struct answer *answer);

struct answer_cell answer_none(void);
struct answer_cell answer_text(const char *text); /* NULL = not known */
struct answer_cell answer_number(int64_t number);
struct answer_cell answer_positive(int64_t number); /* 0 and below = not known: times, pids */
struct answer_cell answer_time(int64_t ms, const char *zone); /* 0 and below = not known */
struct answer_cell answer_bool(bool value);
struct answer_cell answer_whole(int64_t number); /* of an ANSWER_VALUE, as the next */
struct answer_cell answer_real(double real); /* 15 digits; "Infinity" where it is */

/* One cell a column. Tables are kept until answer_end, but printed as they come above 10,000 rows
 * or 16 MiB, with the widths of the first 1,000. */
int answer_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark,
               struct err *err);

/* What follows is a list of its own with the same columns, beside `rows`: a member of the JSON
 * object. The other formats have the rows alone and leave it out. */
int answer_list(struct answer *answer, const char *name, struct err *err);

/* The counts that the exit code came from; members of the JSON object, a last line nowhere. */
struct answer_counts {
    size_t problems, unknown, pending, hosts_unread;
};
/* Finish; counts may be NULL. ERR_IO, ERR_FULL: the output could not be written. */
int answer_end(struct answer *answer, const struct answer_counts *counts, struct err *err);
/* answer_end where result, of what went before, is 0, and answer_free; what came of both. */
int answer_close(struct answer *answer, int result, const struct answer_counts *counts,
                 struct err *err);
/* Flush whatever was printed, also outside of an answer; the same errors. */
int answer_written(FILE *to, struct err *err);

/* The first line of a table, without LF: "last complete scan 5 h ago (2026-11-22 22:00:00 CET), 40
 * of 40 hosts read". to is always terminated. */
void answer_first_line(const struct answer_meta *meta, char *to, size_t size);

/* Whether colour is wanted: --color, else NO_COLOR, TERM and whether `to` is a terminal. */
bool answer_color(enum color_choice choice, FILE *to);
/* The word itself, or the word between the escape sequences of its mark. Returns to. */
const char *answer_paint(bool color, enum answer_mark mark, const char *word, char *to,
                         size_t size);

#endif
