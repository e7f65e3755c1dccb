/* relayed: a command whose answer pvsaudit-collect finds and this program prints. */
#include "cli/relayed.h"

#include "cli/collector_child.h"
#include "core/arena.h"
#include "core/clock.h"
#include "out/escape.h"
#include "out/gate_columns.h"
#include "out/summary.h"

enum { COLUMNS_MAX = 32 };

static int print_rows(const struct relayed *relayed, const struct relayed_form *form,
                      struct err *err)
{
    struct answer_cell cells[COLUMNS_MAX];
    size_t columns = form->row_column_count < COLUMNS_MAX ? form->row_column_count : COLUMNS_MAX;
    struct answer *answer =
        answer_new(stdout, relayed->line->format, false, form->row_columns, columns, NULL);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < relay_count(relayed->relay, relay_rows) && result == 0; i++) {
        relay_cells(relayed->relay, relay_rows, i, form->row_columns, columns, cells);
        result = answer_row(answer, cells, MARK_NONE, err);
    }
    return answer_close(answer, result, NULL, err);
}

static int print(const struct relayed *relayed, const struct relayed_form *form, struct err *err)
{
    switch (relayed->line->format) {
    case FORMAT_JSON:
        return relay_print(relayed->relay, form->kinds, stdout, err);
    case FORMAT_NDJSON:
    case FORMAT_CSV:
        return print_rows(relayed, form, err);
    default:
        return relayed->line->quiet ? 0 : form->print(relayed, err);
    }
}

/* What the child ended with is what it said, or nothing is believed. */
static int check_code(const struct relayed *relayed, int code, struct err *err)
{
    const struct answer_cell said = relayed_answer(relayed, FRONT_CODE);
    if (said.known && said.number == code) {
        return 0;
    }
    return err_set(err, ERR_INTERNAL, "child",
                   "pvsaudit-collect answered and then ended with code %d", code);
}

int relayed_run(const struct command_line *line, const struct relayed_form *form, struct err *err)
{
    struct relay *relay = relay_new();
    const struct relayed relayed = {line, relay, form->answer_columns};
    int code = 0;
    if (relay == NULL) {
        return err_memory(err);
    }
    int result = collector_child(line->words, line->word_count, relay, &code, err);
    if (result != 0 && code != 0) {
        relay_free(relay);
        return code; /* it has said why */
    }
    if (result == 0) {
        result = check_code(&relayed, code, err);
    }
    if (result == 0) {
        result = print(&relayed, form, err);
    }
    relay_free(relay);
    return result == 0 ? code : -1;
}

struct answer_cell relayed_answer(const struct relayed *relayed, unsigned column)
{
    return relay_cell(relayed->relay, relay_answer, 0, &relayed->answer_columns[column]);
}

const char *relayed_text(const struct relayed *relayed, unsigned column)
{
    const struct answer_cell cell = relayed_answer(relayed, column);
    return cell.known ? cell.text : "";
}

static int64_t number(const struct relayed *relayed, unsigned column)
{
    const struct answer_cell cell = relayed_answer(relayed, column);
    return cell.known ? cell.number : 0;
}

void relayed_print_head(const struct relayed *relayed, enum answer_mark mark)
{
    const struct answer_meta meta = {
        .last_complete_scan_ms = number(relayed, FRONT_SCAN),
        .now_ms = relayed->line->as_of_ms != 0 ? relayed->line->as_of_ms
                                               : clock_now_ms(&(struct clock){0}),
        .stale = number(relayed, FRONT_STALE) != 0,
        .hosts = (size_t)number(relayed, FRONT_HOSTS),
        .hosts_read = (size_t)number(relayed, FRONT_READ),
    };
    struct arena arena = {NULL};
    char first[256];
    char word[128];
    bool color = answer_color(relayed->line->color, stdout);
    const char *sentence = escape_text(&arena, relayed_text(relayed, FRONT_SENTENCE));
    const char *answer = escape_text(&arena, relayed_text(relayed, FRONT_ANSWER));
    answer_first_line(&meta, first, sizeof(first));
    (void)printf("%s\n%s: %s\n", first,
                 answer_paint(color, mark, answer == NULL ? "" : answer, word, sizeof(word)),
                 sentence == NULL ? "" : sentence);
    arena_done(&arena);
}

static bool take_cells(const struct relayed *relayed, const struct relayed_table *table, size_t i,
                       struct answer_cell *cells)
{
    relay_cells(relayed->relay, table->kind, i, table->columns, table->count, cells);
    return table->wants == NULL || table->wants(cells);
}

static bool has_rows(const struct relayed *relayed, const struct relayed_table *table)
{
    struct answer_cell cells[COLUMNS_MAX];
    for (size_t i = 0; i < relay_count(relayed->relay, table->kind); i++) {
        if (take_cells(relayed, table, i, cells)) {
            return true;
        }
    }
    return false;
}

int relayed_print_table(const struct relayed *relayed, const struct relayed_table *table,
                        struct err *err)
{
    struct answer_cell cells[COLUMNS_MAX];
    if (table->count > COLUMNS_MAX || !has_rows(relayed, table)) {
        return 0;
    }
    (void)putchar('\n');
    struct answer *answer =
        answer_new(stdout, FORMAT_TABLE, answer_color(relayed->line->color, stdout), table->columns,
                   table->count, NULL);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < relay_count(relayed->relay, table->kind) && result == 0; i++) {
        if (take_cells(relayed, table, i, cells)) {
            result = answer_row(answer, cells, table->mark(cells), err);
        }
    }
    return answer_close(answer, result, NULL, err);
}

void relayed_print_texts(const struct relayed *relayed, const char *kind, const char *title)
{
    struct arena arena = {NULL};
    for (size_t i = 0; i < relay_count(relayed->relay, kind); i++) {
        const struct answer_cell cell = relay_cell(relayed->relay, kind, i, &gate_text_column);
        const char *text = cell.known ? escape_text(&arena, cell.text) : NULL;
        (void)printf("%s%s  %s\n", i == 0 ? title : "", i == 0 ? ":\n" : "",
                     text == NULL ? "" : text);
    }
    arena_done(&arena);
}
