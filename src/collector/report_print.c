/* report_print: what a scan found, told at its end. */
#include "collector/report_internal.h"

#include "core/clock.h"
#include "out/remedy.h"

enum { COLUMN_COUNT = 13 };

static const struct answer_column columns[COLUMN_COUNT] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {"expectation", "EXPECTATION", ANSWER_TEXT, false},
    {"verdict", "VERDICT", ANSWER_TEXT, true},
    {"reason", NULL, ANSWER_TEXT, false},
    {"finding", "FINDING", ANSWER_TEXT, false},
    {"detail", "DETAIL", ANSWER_TEXT, false},
    {"open_verdict", NULL, ANSWER_TEXT, false},
    {"open_since", NULL, ANSWER_TIME, false},
    {"read", NULL, ANSWER_BOOL, false},
    {"address", NULL, ANSWER_TEXT, false},
    {"time", NULL, ANSWER_TIME, false},
    {"duration_ms", NULL, ANSWER_INT, false},
};

static bool is_informational(const struct report_row *row)
{
    return row->expectation != NULL && row->expectation->watch == WATCH_INFORM;
}

static enum answer_mark mark_of(const struct report_host *host, const struct report_row *row)
{
    if (host->host->state != HOST_ACTIVE || is_informational(row)) {
        return MARK_NONE;
    }
    if (verdict_is_problem(report_problem(row))) {
        return MARK_PROBLEM;
    }
    if (row->code == VERDICT_UNKNOWN || row->code == VERDICT_PENDING) {
        return MARK_UNKNOWN;
    }
    return row->code == VERDICT_BOUND ? MARK_FINE : MARK_NONE;
}

/* "still open: not-bound since 2026-11-22 22:00:00 CET"; NULL: tonight's reading says it itself. */
static const char *still_open(struct arena *arena, const struct report_host *host,
                              const struct report_row *row)
{
    char since[CLOCK_TEXT];
    if (row->open.since_ms == 0 || verdict_is_problem(row->code)) {
        return NULL;
    }
    clock_local_in(row->open.since_ms, host->host->timezone, since);
    return arena_printf(arena, "still open: %s since %s", verdict_name(row->open.verdict), since);
}

/* Why it could not be told, what decided it. */
static const char *detail_of(struct arena *arena, bool table, const struct report_row *row)
{
    bool unknown = row->code == VERDICT_UNKNOWN;
    bool told = row->expectation == NULL || unknown || verdict_is_problem(row->code);
    const char *detail = told ? row->detail : NULL;
    if (!table || !unknown) {
        return detail;
    }
    detail = reason_detail(row->reason, detail);
    return arena_printf(arena, "%s%s%s", reason_name(row->reason), detail == NULL ? "" : ": ",
                        detail == NULL ? "" : detail);
}

/* In a table the reason of an unread host stands in a row of its own. */
static const char *details_of(struct arena *arena, bool table, const struct report_host *host,
                              const struct report_row *row)
{
    const char *open = table ? still_open(arena, host, row) : NULL;
    const char *detail = detail_of(arena, table, row);
    if (open == NULL || detail == NULL || !host->read) {
        return open != NULL ? open : detail;
    }
    return arena_printf(arena, "%s; %s", open, detail);
}

static int print_row(struct answer *answer, struct arena *arena, bool table,
                     const struct report_host *host, const struct report_row *row, struct err *err)
{
    bool open = row->open.since_ms != 0;
    const struct answer_cell cells[COLUMN_COUNT] = {
        answer_text(host->host->name),
        answer_text(host->host->site),
        answer_text(row->expectation == NULL ? NULL : row->expectation->id),
        answer_text(verdict_name(row->code)),
        answer_text(row->code == VERDICT_UNKNOWN ? reason_name(row->reason) : NULL),
        answer_text(open ? finding_name(row->open.finding) : NULL),
        answer_text(details_of(arena, table, host, row)),
        answer_text(open ? verdict_name(row->open.verdict) : NULL),
        answer_positive(row->open.since_ms),
        answer_bool(host->read),
        answer_text(host->address),
        answer_positive(host->time_ms),
        answer_number(host->duration_ms),
    };
    return answer_row(answer, cells, mark_of(host, row), err);
}

static bool worth_a_look(const struct report_row *row)
{
    return verdict_is_problem(row->code) || row->code == VERDICT_UNKNOWN ||
           row->code == VERDICT_PENDING;
}

/* Of a host that was not read: that it was not, and what is still open there. */
static bool is_shown(bool table, const struct report_host *host, const struct report_row *row)
{
    if (!host->read) {
        return row->open.since_ms != 0 && !is_informational(row) && !row->twin;
    }
    return !table || worth_a_look(row);
}

static int print_host(struct answer *answer, struct arena *arena, bool table,
                      const struct report_host *host, struct err *err)
{
    const struct report_row unread = {
        .code = VERDICT_UNKNOWN, .reason = host->reason, .detail = host->detail};
    if (!host->read && print_row(answer, arena, table, host, &unread, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < host->row_count; i++) {
        if (is_shown(table, host, &host->rows[i]) &&
            print_row(answer, arena, table, host, &host->rows[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool anything_to_print(const struct report *report)
{
    for (size_t i = 0; i < report->host_count; i++) {
        const struct report_host *host = &report->hosts[i];
        bool look = !host->read;
        for (size_t k = 0; k < host->row_count; k++) {
            look = look || worth_a_look(&host->rows[k]);
        }
        if (look) {
            return true;
        }
    }
    return false;
}

static int print_remedies(const struct report *report, FILE *to)
{
    struct arena arena = {NULL};
    struct remedy_list remedies = {0};
    int rc = 0;
    for (size_t i = 0; i < report->host_count; i++) {
        const struct report_host *host = &report->hosts[i];
        for (size_t k = 0; k < host->row_count && host->host->state == HOST_ACTIVE && rc == 0;
             k++) {
            const struct report_row *row = &host->rows[k];
            const struct expectation *expectation = row->expectation;
            enum verdict_code code = report_problem(row);
            if (verdict_is_problem(code) && !is_informational(row) && !row->twin) {
                rc = remedy_add(&remedies, host->host->name,
                                remedy_text(&arena, code, host->host->os == HOST_LINUX,
                                            expectation->service, expectation->remedy),
                                remedy_prevention(code, row->startup, expectation->prevention));
            }
        }
    }
    remedy_print(&remedies, to);
    remedy_list_done(&remedies);
    arena_done(&arena);
    return rc;
}

int report_print(const struct report *report, FILE *to, enum output_format format, bool color,
                 const struct answer_meta *meta, const struct summary *summary, struct err *err)
{
    struct arena arena = {NULL};
    bool table = format == FORMAT_TABLE;
    int rc = 0;
    if (table) {
        char line[256];
        answer_first_line(meta, line, sizeof(line));
        (void)fprintf(to, "%s\n", line);
    }
    if (!table || anything_to_print(report)) {
        struct answer *answer =
            answer_new(to, format, color, columns, COLUMN_COUNT, table ? NULL : meta);
        rc = answer == NULL ? err_memory(err) : 0;
        for (size_t i = 0; i < report->host_count && rc == 0; i++) {
            rc = print_host(answer, &arena, table, &report->hosts[i], err);
        }
        const struct answer_counts counts = summary_counts(summary);
        rc = answer_close(answer, rc, &counts, err);
    }
    if (rc == 0 && table) {
        char text[256];
        rc = print_remedies(report, to) == 0 ? 0 : err_memory(err);
        (void)fprintf(to, "%s\n", summary_text(summary, text, sizeof(text)));
    }
    arena_done(&arena);
    return rc;
}
