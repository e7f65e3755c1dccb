/* overview: joins the history's rows with the inventory's unseen hosts and counts them. */
#include "cli/overview.h"

#include "core/str.h"

#include <stdio.h>
#include <string.h>

bool overview_is_problem(const struct status_row *row)
{
    bool settled = verdict_is_decisive(row->verdict) || verdict_is_problem(row->verdict);
    return verdict_is_problem(row->verdict) ||
           (!settled && row->last_decisive_ms != 0 && verdict_is_problem(row->last_decisive));
}

enum verdict_code overview_problem(const struct status_row *row)
{
    return overview_is_problem(row) && !verdict_is_problem(row->verdict) ? row->last_decisive
                                                                         : row->verdict;
}

bool overview_is_unread(const struct status_row *row)
{
    static const enum reason read_reasons[] = {REASON_NONE, REASON_PARTIAL, REASON_DENIED,
                                               REASON_STALE};
    if (row->as_of_ms == 0) {
        return true;
    }
    /* Whatever could not be told of a host that was read is unknown, and counted as that. */
    if (row->read) {
        return false;
    }
    for (size_t i = 0; i < sizeof(read_reasons) / sizeof(read_reasons[0]); i++) {
        if (row->verdict != VERDICT_UNKNOWN || row->reason == read_reasons[i]) {
            return false;
        }
    }
    return true;
}

enum answer_mark overview_mark(const struct status_row *row)
{
    if (row->host_state != HOST_ACTIVE || row->informational) {
        return MARK_NONE;
    }
    if (overview_is_problem(row)) {
        return MARK_PROBLEM;
    }
    if (row->verdict == VERDICT_UNKNOWN || row->verdict == VERDICT_PENDING) {
        return MARK_UNKNOWN;
    }
    return row->verdict == VERDICT_BOUND ? MARK_FINE : MARK_NONE;
}

static void count_row(struct summary *summary, const struct status_row *row)
{
    if (row->informational || row->same_machine_as != NULL) {
        return;
    }
    if (overview_is_problem(row)) {
        summary->problems++;
    } else if (!overview_is_unread(row)) {
        summary_verdict(summary, row->verdict);
    }
}

static bool is_refused(const struct status_row *row)
{
    return row->verdict == VERDICT_UNKNOWN &&
           (row->reason == REASON_AUTH || row->reason == REASON_CREDENTIAL_STOPPED);
}

static void count(const struct question *question, struct overview *overview)
{
    struct summary *summary = &overview->summary;
    size_t active = 0;
    for (size_t i = 0; i < overview->count; i++) {
        const struct status_row *row = &overview->rows[i];
        bool first = i == 0 || !str_eq(row->host, overview->rows[i - 1].host);
        if (row->host_state != HOST_ACTIVE) {
            summary->inactive += first;
            continue;
        }
        active += first;
        summary->refused += first && is_refused(row);
        count_row(summary, row);
    }
    /* A history that was only fed by ingest has no scope of its own. */
    summary->hosts = question->answer_meta.hosts > active ? question->answer_meta.hosts : active;
    summary->unread = question->answer_meta.hosts - question->answer_meta.hosts_read;
    summary->stale = question->answer_meta.stale;
    summary->never_scanned = question->answer_meta.last_complete_scan_ms == 0;
    summary->unreachable = question->line->unreachable;
}

static struct status_row unseen_row(const struct host *host, const struct expectation *expectation)
{
    struct status_row row = {
        .host = host->name,
        .site = host->site,
        .farm = host->farm,
        .timezone = host->timezone,
        .verdict = VERDICT_UNKNOWN,
        .reason = REASON_STALE,
        .detail = "never read",
        .host_state = host->state,
        .pid = -1,
        .transport = host_transport_name(host->transport),
    };
    if (expectation != NULL) {
        row.expectation = expectation->id;
        row.service = expectation->service;
        row.display_name = expectation->display_name;
        row.proto = expectation->proto;
        row.port = expectation->port;
        row.informational = expectation->watch == WATCH_INFORM;
    }
    return row;
}

/* One row for each expectation that the inventory declares; one for the host where it declares
 * none. */
static size_t put_unseen(const struct question *question, const struct host *host,
                         struct status_row *to)
{
    size_t count = 0;
    for (size_t i = 0; i < host->declaration_count; i++) {
        const struct declaration *declared = &host->declarations[i];
        const struct expectation *expectation =
            expectation_find(&question->expectations, declared->expectation);
        if (declared->declared == DECLARED_EXPECTED && expectation != NULL) {
            to[count++] = unseen_row(host, expectation);
        }
    }
    if (count == 0) {
        to[count++] = unseen_row(host, NULL);
    }
    return count;
}

static int load(struct question *question, struct overview *ret, struct err *err)
{
    struct overview overview = {0};
    if (query_status(question->query, &question->frame, &overview.list, err) != 0) {
        return -1;
    }
    size_t room = overview.list.count;
    for (size_t i = 0; i < question->unseen_count; i++) {
        room += question->unseen[i]->declaration_count + 1;
    }
    overview.rows = arena_array(&question->arena, room + 1, sizeof(*overview.rows));
    if (overview.rows == NULL) {
        status_list_done(&overview.list);
        return err_memory(err);
    }
    if (overview.list.count > 0) {
        memcpy(overview.rows, overview.list.rows, overview.list.count * sizeof(*overview.rows));
    }
    overview.count = overview.list.count;
    for (size_t i = 0; i < question->unseen_count; i++) {
        overview.count += put_unseen(question, question->unseen[i], overview.rows + overview.count);
    }
    count(question, &overview);
    *ret = overview;
    return 0;
}

static int exit_code(const struct question *question, const struct overview *overview)
{
    char text[512];
    if (question->line->format != FORMAT_NAGIOS) {
        return summary_exit_code(&overview->summary);
    }
    int code = summary_nagios(&overview->summary, text, sizeof(text));
    (void)printf("%s\n", text);
    return code;
}

int overview_run(const struct command_line *line,
                 int (*print)(struct question *question, struct overview *overview,
                              struct err *err),
                 struct err *err)
{
    struct question question = {0};
    struct overview overview = {0};
    int code = -1;
    if (question_load(&question, line, err) == 0 &&
        question_open(&question, QUESTION_FLEET, err) == 0 &&
        load(&question, &overview, err) == 0 && print(&question, &overview, err) == 0) {
        code = exit_code(&question, &overview);
    }
    status_list_done(&overview.list);
    question_done(&question);
    return code;
}
