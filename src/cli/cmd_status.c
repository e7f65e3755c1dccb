/* cmd_status: each expectation's verdict now, and how old the reading is. */
#include "cli/cmd_status_site.h"
#include "cli/commands.h"
#include "cli/overview.h"
#include "cli/phrase.h"
#include "core/str.h"
#include "out/remedy.h"

enum { COLUMNS = 35 };

static const struct answer_column columns[COLUMNS] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {NULL, "SERVICE", ANSWER_TEXT, false},
    {NULL, "PORT", ANSWER_TEXT, false},
    {NULL, "VERDICT", ANSWER_TEXT, true},
    {NULL, "READ", ANSWER_DURATION, false},
    {NULL, "NOTE", ANSWER_TEXT, false},
    {"farm", NULL, ANSWER_TEXT, false},
    {"expectation", NULL, ANSWER_TEXT, false},
    {"service", NULL, ANSWER_TEXT, false},
    {"proto", NULL, ANSWER_TEXT, false},
    {"port", NULL, ANSWER_PORT, false},
    {"verdict", NULL, ANSWER_TEXT, false},
    {"reason", NULL, ANSWER_TEXT, false},
    {"detail", NULL, ANSWER_TEXT, false},
    {"as_of", NULL, ANSWER_TIME, false},
    {"last_good", NULL, ANSWER_TIME, false},
    {"last_decisive", NULL, ANSWER_TIME, false},
    {"last_decisive_verdict", NULL, ANSWER_TEXT, false},
    {"service_state", NULL, ANSWER_TEXT, false},
    {"startup_type", NULL, ANSWER_TEXT, false},
    {"pid", NULL, ANSWER_INT, false},
    {"boot_time", NULL, ANSWER_TIME, false},
    {"host_state", NULL, ANSWER_TEXT, false},
    {"informational", NULL, ANSWER_BOOL, false},
    {"conflict", NULL, ANSWER_BOOL, false},
    {"restarted_after_boot", NULL, ANSWER_BOOL, false},
    {"startup_reverted", NULL, ANSWER_BOOL, false},
    {"startup_was", NULL, ANSWER_TEXT, false},
    {"startup_until", NULL, ANSWER_TIME, false},
    {"owner_changed", NULL, ANSWER_BOOL, false},
    {"owner_was", NULL, ANSWER_TEXT, false},
    {"code", NULL, ANSWER_INT, false},
    {"last_read", NULL, ANSWER_TIME, false},
    {"source", NULL, ANSWER_TEXT, false},
};

static const char *main_note(struct question *question, const struct status_row *row)
{
    struct arena *arena = &question->arena;
    if (row->host_state != HOST_ACTIVE) {
        return host_state_name(row->host_state);
    }
    if (row->same_machine_as != NULL) {
        return arena_printf(arena, "the same machine as %s: counted once", row->same_machine_as);
    }
    if (overview_is_problem(row) && !verdict_is_problem(row->verdict)) {
        return arena_printf(arena, "still open: %s %s", verdict_name(row->last_decisive),
                            phrase_time(arena, row->last_decisive_ms,
                                        question_zone(question, row->host, row->timezone)));
    }
    if (row->restarted_after_boot) {
        return "restarted-after-boot: probably repaired by hand";
    }
    if (row->conflict) {
        return "expectation-conflict: see why";
    }
    return row->informational ? "informational" : "";
}

/* Why nothing is known, and since when. */
static const char *unknown_note(struct question *question, const struct status_row *row)
{
    struct arena *arena = &question->arena;
    char age[CLOCK_TEXT];
    const char *code =
        row->code == 0 ? "" : arena_printf(arena, "; code %lld", (long long)row->code);
    if (row->last_good_ms == 0) {
        return arena_printf(arena, "%s; never bound", code);
    }
    clock_age(question->now_ms - row->last_good_ms, age);
    return arena_printf(arena, "%s; last bound %s ago", code, age);
}

/* What the verdict alone does not tell; with -v also what only informs. */
static const char *note_of(struct question *question, const struct status_row *row)
{
    struct arena *arena = &question->arena;
    const char *note = main_note(question, row);
    if (question->line->verbose == 0) {
        return note;
    }
    const char *zone = question_zone(question, row->host, row->timezone);
    bool changed = row->changes.startup_was != STARTUP_UNKNOWN;
    note = arena_printf(arena, "%s%s%s%s%s", note, changed ? "; Startup type: " : "",
                        changed ? phrase_startup(arena, row->startup, &row->changes, zone) : "",
                        phrase_changes(arena, &row->changes),
                        row->verdict == VERDICT_UNKNOWN ? unknown_note(question, row) : "");
    return note != NULL && str_starts(note, "; ") ? note + 2 : note;
}

static struct answer_cell port_cell(struct arena *arena, const struct status_row *row)
{
    return answer_text(row->port == 0 ? NULL : phrase_port_short(arena, row->proto, row->port));
}

static int put_row(struct answer *answer, struct question *question, const struct status_row *row,
                   struct err *err)
{
    struct arena *arena = &question->arena;
    bool unknown = row->verdict == VERDICT_UNKNOWN;
    int64_t age_ms = question->now_ms - row->read_ms;
    const struct answer_cell cells[COLUMNS] = {
        answer_text(row->host),
        answer_text(row->site),
        answer_text(phrase_service(arena, row->display_name, row->service)),
        port_cell(arena, row),
        answer_text(phrase_verdict(arena, row->verdict, row->reason, row->detail)),
        row->read_ms == 0 ? answer_none() : answer_number(age_ms < 0 ? 0 : age_ms),
        answer_text(note_of(question, row)),
        answer_text(row->farm),
        answer_text(row->expectation),
        answer_text(row->service),
        answer_text(row->port == 0 ? NULL : proto_name(row->proto)),
        answer_positive(row->port),
        answer_text(verdict_name(row->verdict)),
        answer_text(unknown ? reason_name(row->reason) : NULL),
        answer_text(row->detail),
        answer_positive(row->as_of_ms),
        answer_positive(row->last_good_ms),
        answer_positive(row->last_decisive_ms),
        answer_text(row->last_decisive_ms == 0 ? NULL : verdict_name(row->last_decisive)),
        answer_text(service_state_name(row->service_state)),
        answer_text(startup_type_name(row->startup)),
        answer_positive(row->pid),
        answer_positive(row->boot_time_ms),
        answer_text(host_state_name(row->host_state)),
        answer_bool(row->informational),
        answer_bool(row->conflict),
        answer_bool(row->restarted_after_boot),
        answer_bool(row->changes.startup_reverted),
        answer_text(row->changes.startup_was == STARTUP_UNKNOWN
                        ? NULL
                        : startup_type_name(row->changes.startup_was)),
        answer_time(row->changes.startup_until_ms, NULL),
        answer_bool(row->changes.owner_was != NULL),
        answer_text(row->changes.owner_was),
        unknown && row->code != 0 ? answer_number(row->code) : answer_none(),
        answer_positive(row->read_ms),
        answer_text(row->source),
    };
    return answer_row(answer, cells, overview_mark(row), err);
}

/* What touches no exit code is left out of tables, unless -v asks for it. */
static bool is_hidden(const struct command_line *line, const struct status_row *row)
{
    return row->informational && line->format == FORMAT_TABLE && line->verbose == 0 &&
           line->by != BY_SITE;
}

static int print_footer(struct question *question, const struct overview *overview, struct err *err)
{
    struct remedy_list remedies = {0};
    char text[256];
    size_t hidden = 0;
    int result = 0;
    for (size_t i = 0; i < overview->count && result == 0; i++) {
        const struct status_row *row = &overview->rows[i];
        hidden += is_hidden(question->line, row);
        const struct expectation *expectation =
            row->expectation == NULL ? NULL
                                     : expectation_find(&question->expectations, row->expectation);
        if (expectation != NULL && !row->informational && row->host_state == HOST_ACTIVE &&
            row->same_machine_as == NULL && overview_is_problem(row)) {
            enum verdict_code code = overview_problem(row);
            bool linux_host = question_is_linux(question, row->expectation);
            result = remedy_add(
                &remedies, row->host,
                remedy_text(&question->arena, code, linux_host, row->service, expectation->remedy),
                remedy_prevention(code, row->startup, expectation->prevention));
        }
    }
    remedy_print(&remedies, stdout);
    if (hidden > 0) {
        (void)printf("%zu informational row%s not shown; -v shows them\n", hidden,
                     hidden == 1 ? "" : "s");
    }
    (void)printf("%s\n%s\n", summary_text(&overview->summary, text, sizeof(text)),
                 phrase_bound_note);
    remedy_list_done(&remedies);
    return result == 0 ? 0 : err_memory(err);
}

static int print_rows(struct question *question, const struct overview *overview,
                      const struct answer_counts *counts, struct err *err)
{
    const struct command_line *line = question->line;
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < overview->count && result == 0; i++) {
        if (!is_hidden(line, &overview->rows[i])) {
            result = put_row(answer, question, &overview->rows[i], err);
        }
    }
    return answer_close(answer, result, counts, err);
}

static int print(struct question *question, struct overview *overview, struct err *err)
{
    const struct answer_counts counts = summary_counts(&overview->summary);
    int result = question->line->by == BY_SITE
                     ? status_print_sites(question, overview, &counts, err)
                     : print_rows(question, overview, &counts, err);
    if (result == 0 && question->line->format == FORMAT_TABLE) {
        result = print_footer(question, overview, err);
    }
    return result;
}

int cmd_status(const struct command_line *line, struct err *err)
{
    return overview_run(line, print, err);
}
