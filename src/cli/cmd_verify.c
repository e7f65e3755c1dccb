/* cmd_verify: the board after maintenance, as pvsaudit-collect has found it. */
#include "cli/commands.h"
#include "cli/relayed.h"
#include "core/arena.h"
#include "core/str.h"
#include "out/escape.h"
#include "out/gate_columns.h"
#include "out/remedy.h"

static enum answer_mark mark_of(const char *answer)
{
    return str_eq(answer, "PROVEN") || str_eq(answer, "REPAIRED") ? MARK_FINE
           : str_eq(answer, "NOT BOUND")                          ? MARK_PROBLEM
                                                                  : MARK_UNKNOWN;
}

static enum answer_mark row_mark(const struct answer_cell *cells)
{
    const char *state = cells[VERIFY_ROW_STATE].known ? cells[VERIFY_ROW_STATE].text : "";
    if (str_eq(state, "lost") || str_eq(state, "not-bound-before")) {
        return MARK_PROBLEM;
    }
    return str_eq(state, "proven") || str_eq(state, "repaired") ? MARK_FINE : MARK_UNKNOWN;
}

static int print_remedies(const struct relayed *relayed, struct err *err)
{
    struct remedy_list remedies = {0};
    int result = 0;
    for (size_t i = 0; i < relay_count(relayed->relay, relay_rows) && result == 0; i++) {
        const struct answer_cell remedy =
            relay_cell(relayed->relay, relay_rows, i, &verify_row_columns[VERIFY_ROW_REMEDY]);
        const struct answer_cell host =
            relay_cell(relayed->relay, relay_rows, i, &verify_row_columns[VERIFY_ROW_HOST]);
        if (remedy.known && host.known) {
            result = remedy_add(&remedies, host.text, remedy.text, NULL);
        }
    }
    remedy_print(&remedies, stdout);
    remedy_list_done(&remedies);
    return result == 0 ? 0 : err_memory(err);
}

static void print_released(const struct relayed *relayed)
{
    struct arena arena = {NULL};
    const char *released = escape_text(&arena, relayed_text(relayed, VERIFY_RELEASED));
    if (released != NULL && released[0] != '\0') {
        (void)printf("released: %s\n", released);
    }
    arena_done(&arena);
}

static int print_verify(const struct relayed *relayed, struct err *err)
{
    relayed_print_head(relayed, mark_of(relayed_text(relayed, FRONT_ANSWER)));
    print_released(relayed);
    const struct relayed_table board = {relay_rows, verify_row_columns, VERIFY_ROW_COLUMNS,
                                        row_mark, NULL};
    int result = relayed_print_table(relayed, &board, err);
    return result == 0 ? print_remedies(relayed, err) : result;
}

int cmd_verify(const struct command_line *line, struct err *err)
{
    static const char *const kinds[] = {NULL};
    const struct relayed_form form = {
        .answer_columns = verify_answer_columns,
        .row_columns = verify_row_columns,
        .row_column_count = VERIFY_ROW_COLUMNS,
        .kinds = kinds,
        .print = print_verify,
    };
    return relayed_run(line, &form, err);
}
