/* cmd_gate: whether servers may be taken down, as pvsaudit-collect has found it. */
#include "cli/commands.h"
#include "cli/relayed.h"
#include "core/clock.h"
#include "core/str.h"
#include "out/gate_columns.h"

static enum answer_mark mark_of(const char *answer)
{
    if (str_starts(answer, "GO")) {
        return MARK_FINE;
    }
    return str_eq(answer, "NO-GO") ? MARK_PROBLEM : MARK_UNKNOWN;
}

static enum answer_mark row_mark(const struct answer_cell *cells)
{
    return mark_of(cells[GATE_ROW_ANSWER].known ? cells[GATE_ROW_ANSWER].text : "");
}

static enum answer_mark wave_mark(const struct answer_cell *cells)
{
    return mark_of(cells[GATE_WAVE_ANSWER].known ? cells[GATE_WAVE_ANSWER].text : "");
}

static enum answer_mark evidence_mark(const struct answer_cell *cells)
{
    const char *part = cells[GATE_SEEN_PART].known ? cells[GATE_SEEN_PART].text : "";
    return str_eq(part, "proven")       ? MARK_FINE
           : str_eq(part, "not-proven") ? MARK_PROBLEM
           : str_eq(part, "unread")     ? MARK_UNKNOWN
                                        : MARK_NONE;
}

static void print_hold(const struct relayed *relayed)
{
    const struct answer_cell until = relayed_answer(relayed, GATE_HELD_UNTIL);
    char text[CLOCK_TEXT];
    if (until.known) {
        clock_local(until.number, text);
        (void)printf("held for %s until %s; verify releases it\n",
                     relayed_text(relayed, GATE_CHANGE), text);
    } else if (relayed->line->hold) {
        (void)printf("nothing is held\n");
    }
}

/* Whom the table of stages does not name already. */
static bool is_told(const struct answer_cell *cells)
{
    const char *part = cells[GATE_SEEN_PART].known ? cells[GATE_SEEN_PART].text : "";
    return !str_eq(part, "proven") && (!str_eq(part, "taken-down") || cells[GATE_SEEN_OTHER].known);
}

static int print_gate(const struct relayed *relayed, struct err *err)
{
    const struct command_line *line = relayed->line;
    const struct relayed_table waves = {relay_rows, gate_wave_columns, GATE_WAVE_COLUMNS, wave_mark,
                                        NULL};
    const struct relayed_table rows = {relay_rows, gate_row_columns, GATE_ROW_COLUMNS, row_mark,
                                       NULL};
    const struct relayed_table evidence = {gate_evidence_kind, gate_evidence_columns,
                                           GATE_EVIDENCE_COLUMNS, evidence_mark,
                                           line->verbose > 0 ? NULL : is_told};
    relayed_print_head(relayed, mark_of(relayed_text(relayed, FRONT_ANSWER)));
    print_hold(relayed);
    int result = relayed_print_table(relayed, line->plan ? &waves : &rows, err);
    if (result == 0) {
        result = relayed_print_table(relayed, &evidence, err);
    }
    (void)putchar('\n');
    relayed_print_texts(relayed, gate_notes_kind, "To be known");
    relayed_print_texts(relayed, gate_not_checked_kind, "Not checked");
    return result;
}

int cmd_gate(const struct command_line *line, struct err *err)
{
    static const char *const kinds[] = {gate_paths_kind, gate_not_checked_kind, gate_evidence_kind,
                                        gate_notes_kind, NULL};
    const struct relayed_form form = {
        .answer_columns = gate_answer_columns,
        .row_columns = line->plan ? gate_wave_columns : gate_row_columns,
        .row_column_count = line->plan ? GATE_WAVE_COLUMNS : GATE_ROW_COLUMNS,
        .kinds = kinds,
        .print = print_gate,
    };
    return relayed_run(line, &form, err);
}
