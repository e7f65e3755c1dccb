/* answer: cells, the first line, and the choice of the writer. */
#include "out/answer.h"

#include "core/clock.h"
#include "core/str.h"
#include "out/answer_writer.h"
#include "out/escape.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int silent_begin(struct answer *answer)
{
    (void)answer;
    return 0;
}

static int silent_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark)
{
    (void)answer;
    (void)cells;
    (void)mark;
    return 0;
}

static int silent_end(struct answer *answer, const struct answer_counts *counts)
{
    (void)answer;
    (void)counts;
    return 0;
}

static const struct answer_writer answer_writer_silent = {silent_begin, silent_row, NULL,
                                                          silent_end};

static const struct answer_writer *const writers[] = {
    [FORMAT_TABLE] = &answer_writer_table,   [FORMAT_JSON] = &answer_writer_json,
    [FORMAT_NDJSON] = &answer_writer_ndjson, [FORMAT_CSV] = &answer_writer_csv,
    [FORMAT_NAGIOS] = &answer_writer_silent,
};

struct answer *answer_new(FILE *to, enum output_format format, bool color,
                          const struct answer_column *columns, size_t column_count,
                          const struct answer_meta *meta)
{
    struct answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        return NULL;
    }
    *answer = (struct answer){.writer = writers[format],
                              .to = to,
                              .color = color,
                              .columns = columns,
                              .column_count = column_count,
                              .meta = meta};
    buf_init(&answer->line, ANSWER_LINE_MAX);
    if (answer->writer->begin(answer) < 0) {
        answer_free(answer);
        return NULL;
    }
    return answer;
}

void answer_free(struct answer *answer)
{
    if (answer != NULL) {
        answer_table_free(answer->table);
        buf_done(&answer->line);
        free(answer);
    }
}

struct answer_cell answer_none(void)
{
    return (struct answer_cell){.known = false};
}

struct answer_cell answer_text(const char *text)
{
    return (struct answer_cell){.known = text != NULL, .text = text};
}

struct answer_cell answer_number(int64_t number)
{
    return (struct answer_cell){.known = true, .number = number};
}

struct answer_cell answer_positive(int64_t number)
{
    return (struct answer_cell){.known = number > 0, .number = number};
}

struct answer_cell answer_time(int64_t ms, const char *zone)
{
    return (struct answer_cell){.known = ms > 0, .number = ms, .zone = zone};
}

struct answer_cell answer_bool(bool value)
{
    return answer_number(value ? 1 : 0);
}

struct answer_cell answer_whole(int64_t number)
{
    return (struct answer_cell){.known = true, .kind = KIND_WHOLE, .number = number};
}

struct answer_cell answer_real(double real)
{
    return (struct answer_cell){.known = true, .kind = KIND_REAL, .real = real};
}

/* A real looks like one: 1.0, not 1. */
static void real_text(double real, char to[CLOCK_TEXT])
{
    if (isinf(real)) {
        (void)snprintf(to, CLOCK_TEXT, "%sInfinity", real < 0 ? "-" : "");
        return;
    }
    (void)snprintf(to, CLOCK_TEXT, "%.15g", real);
    if (strpbrk(to, ".e") == NULL) {
        (void)snprintf(to, CLOCK_TEXT, "%.1f", real);
    }
}

const char *answer_value_text(const struct answer_cell *cell, char to[CLOCK_TEXT])
{
    switch (cell->kind) {
    case KIND_WHOLE:
        (void)snprintf(to, CLOCK_TEXT, "%" PRId64, cell->number);
        return to;
    case KIND_REAL:
        real_text(cell->real, to);
        return to;
    case KIND_TEXT:
        break;
    }
    return cell->text;
}

int answer_cell_show(const struct answer_column *column, const struct answer_cell *cell,
                     struct buf *to)
{
    char text[CLOCK_TEXT];
    if (!cell->known) {
        return buf_putc(to, '-');
    }
    switch (column->type) {
    case ANSWER_TEXT:
        return escape_append(to, cell->text, strlen(cell->text));
    case ANSWER_TIME:
        clock_local_in(cell->number, cell->zone, text);
        return buf_puts(to, text);
    case ANSWER_DURATION:
        clock_age(cell->number, text);
        return buf_puts(to, text);
    case ANSWER_BOOL:
        return buf_puts(to, cell->number != 0 ? "yes" : "no");
    case ANSWER_RATE:
        return buf_printf(to, "%.1f %%", (double)cell->number * 100 / ANSWER_RATE_ONE);
    case ANSWER_VALUE:
    case ANSWER_FIGURE: {
        const char *shown = answer_value_text(cell, text);
        return escape_append(to, shown, strlen(shown));
    }
    case ANSWER_INT:
    case ANSWER_PORT:
        break;
    }
    return buf_printf(to, "%" PRId64, cell->number);
}

int answer_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark,
               struct err *err)
{
    if (answer->beside_rows && answer->writer->list == NULL) {
        return 0;
    }
    if (answer->writer->row(answer, cells, mark) < 0) {
        return err_memory(err);
    }
    answer->row_count++;
    return 0;
}

int answer_list(struct answer *answer, const char *name, struct err *err)
{
    answer->beside_rows = true;
    if (answer->writer->list == NULL) {
        return 0;
    }
    if (answer->writer->list(answer, name) < 0) {
        return err_memory(err);
    }
    answer->row_count = 0;
    return 0;
}

/* Where a write in the middle of an answer has failed, why is forgotten by now: one byte more is
 * told it again. */
static int failure_of(FILE *to)
{
    return write(fileno(to), "\n", 1) < 0 ? errno : EIO;
}

int answer_written(FILE *to, struct err *err)
{
    errno = 0;
    if (fflush(to) == 0 && !ferror(to)) {
        return 0;
    }
    int code = errno == 0 ? failure_of(to) : errno;
    return err_set(err, code == ENOSPC ? ERR_FULL : ERR_IO, "output",
                   "the answer could not be written: %s", strerror(code));
}

int answer_end(struct answer *answer, const struct answer_counts *counts, struct err *err)
{
    if (answer->writer->end(answer, counts) < 0) {
        return err_memory(err);
    }
    return answer_written(answer->to, err);
}

int answer_close(struct answer *answer, int result, const struct answer_counts *counts,
                 struct err *err)
{
    if (result == 0) {
        result = answer_end(answer, counts, err);
    }
    answer_free(answer);
    return result;
}

void answer_first_line(const struct answer_meta *meta, char *to, size_t size)
{
    char age[CLOCK_TEXT];
    char when[CLOCK_TEXT];
    if (meta->last_complete_scan_ms <= 0) {
        (void)snprintf(to, size, "no complete scan yet, %zu of %zu hosts read", meta->hosts_read,
                       meta->hosts);
        return;
    }
    int64_t ms = meta->now_ms - meta->last_complete_scan_ms;
    clock_age(ms < 0 ? 0 : ms, age);
    clock_local(meta->last_complete_scan_ms, when);
    (void)snprintf(to, size, "last complete scan %s ago (%s), %zu of %zu hosts read%s", age, when,
                   meta->hosts_read, meta->hosts, meta->stale ? "; STALE: scan again" : "");
}

bool answer_color(enum color_choice choice, FILE *to)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (choice != COLOR_AUTO) {
        return choice == COLOR_ALWAYS;
    }
    return (no_color == NULL || no_color[0] == '\0') && term != NULL && !str_eq(term, "dumb") &&
           isatty(fileno(to)) == 1;
}

const char *answer_paint(bool color, enum answer_mark mark, const char *word, char *to, size_t size)
{
    static const char *const sequences[] = {
        [MARK_NONE] = "",
        [MARK_FINE] = "\033[32m",
        [MARK_PROBLEM] = "\033[1;31m",
        [MARK_UNKNOWN] = "\033[33m",
    };
    bool painted = color && mark != MARK_NONE;
    (void)snprintf(to, size, "%s%s%s", painted ? sequences[mark] : "", word,
                   painted ? "\033[0m" : "");
    return to;
}
