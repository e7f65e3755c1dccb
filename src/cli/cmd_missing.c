/* cmd_missing: every expected endpoint that is not bound now, those lost at a boot first. */
#include "cli/commands.h"
#include "cli/overview.h"
#include "cli/phrase.h"
#include "core/str.h"
#include "out/escape.h"
#include "out/fold.h"
#include "out/remedy.h"

enum { COLUMNS = 28, EVIDENCE_MAX = 20 };

static const struct answer_column columns[COLUMNS] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {NULL, "SERVICE", ANSWER_TEXT, false},
    {NULL, "PORT", ANSWER_TEXT, false},
    {"farm", NULL, ANSWER_TEXT, false},
    {"expectation", NULL, ANSWER_TEXT, false},
    {"service", NULL, ANSWER_TEXT, false},
    {"proto", NULL, ANSWER_TEXT, false},
    {"port", NULL, ANSWER_PORT, false},
    {"finding", "FINDING", ANSWER_TEXT, true},
    {"verdict", "VERDICT", ANSWER_TEXT, true},
    {"unread_reason", "LAST VISIT", ANSWER_TEXT, false},
    {"state", "STATE", ANSWER_TEXT, false},
    {"boot_time", NULL, ANSWER_TIME, false},
    {"last_good", NULL, ANSWER_TIME, false},
    {"first_bad", "SINCE", ANSWER_TIME, false},
    {"service_state", NULL, ANSWER_TEXT, false},
    {"startup_type", NULL, ANSWER_TEXT, false},
    {"recovered_at", NULL, ANSWER_TIME, false},
    {"recovered_by", NULL, ANSWER_TEXT, false},
    {"host_state", NULL, ANSWER_TEXT, false},
    {"startup_reverted", NULL, ANSWER_BOOL, false},
    {"startup_was", NULL, ANSWER_TEXT, false},
    {"startup_until", NULL, ANSWER_TIME, false},
    {"owner_changed", NULL, ANSWER_BOOL, false},
    {"owner_was", NULL, ANSWER_TEXT, false},
    {"remedy", NULL, ANSWER_TEXT, false},
    {"source", NULL, ANSWER_TEXT, false},
};

static enum answer_mark mark_of(const struct missing_row *row)
{
    if (row->host_state != HOST_ACTIVE) {
        return MARK_NONE;
    }
    return row->recovered ? MARK_FINE : MARK_PROBLEM;
}

static const char *remedy_of(struct question *question, const struct missing_row *row)
{
    return remedy_text(&question->arena, row->verdict,
                       question_is_linux(question, row->expectation), row->service, row->remedy);
}

static int put_row(struct answer *answer, struct question *question, const struct missing_row *row,
                   struct err *err)
{
    struct arena *arena = &question->arena;
    const char *zone = question_zone(question, row->host, row->timezone);
    bool unread = row->unread_reason != REASON_NONE;
    const struct answer_cell cells[COLUMNS] = {
        answer_text(row->host),
        answer_text(row->site),
        answer_text(phrase_service(arena, row->display_name, row->service)),
        answer_text(phrase_port_short(arena, row->proto, row->port)),
        answer_text(row->farm),
        answer_text(row->expectation),
        answer_text(row->service),
        answer_text(proto_name(row->proto)),
        answer_number(row->port),
        answer_text(row->finding == FINDING_NONE ? NULL : finding_name(row->finding)),
        answer_text(verdict_name(row->verdict)),
        answer_text(unread ? reason_name(row->unread_reason) : NULL),
        answer_text(row->recovered ? "recovered" : "missing"),
        answer_time(row->boot_time_ms, zone),
        answer_time(row->last_good_ms, zone),
        answer_time(row->first_bad_ms, zone),
        answer_text(service_state_name(row->service_state)),
        answer_text(startup_type_name(row->startup)),
        answer_time(row->recovered_at_ms, zone),
        answer_text(row->recovered ? recovery_name(row->recovered_by) : NULL),
        answer_text(host_state_name(row->host_state)),
        answer_bool(row->changes.startup_reverted),
        answer_text(row->changes.startup_was == STARTUP_UNKNOWN
                        ? NULL
                        : startup_type_name(row->changes.startup_was)),
        answer_time(row->changes.startup_until_ms, zone),
        answer_bool(row->changes.owner_was != NULL),
        answer_text(row->changes.owner_was),
        answer_text(remedy_of(question, row)),
        answer_text(row->source),
    };
    return answer_row(answer, cells, mark_of(row), err);
}

static void print_rival(struct arena *arena, const struct missing_row *row)
{
    if (row->rival_pid > 0) {
        (void)printf("; the port is held by pid %lld (%s)", (long long)row->rival_pid,
                     row->rival_image == NULL ? "a process that is gone"
                                              : escape_text(arena, row->rival_image));
    }
}

/* What was seen, one line a problem. */
static void print_evidence(struct question *question, const struct missing_row *row)
{
    struct arena *arena = &question->arena;
    const char *zone = question_zone(question, row->host, row->timezone);
    (void)printf("%s: ", escape_text(arena, row->host));
    if (row->boot_time_ms > 0) {
        (void)printf("booted %s; ", phrase_time(arena, row->boot_time_ms, zone));
    }
    (void)printf("last bound %s; first seen %s %s", phrase_time(arena, row->last_good_ms, zone),
                 verdict_name(row->verdict), phrase_time(arena, row->first_bad_ms, zone));
    if (row->verdict == VERDICT_SERVICE_REMOVED) {
        (void)printf("; %s is not installed", escape_text(arena, row->service));
    } else {
        (void)printf(
            "; %s, Startup type: %s",
            phrase_state(arena, escape_text(arena, row->service), row->service_state, row->pid),
            phrase_startup(arena, row->startup, &row->changes, zone));
    }
    print_rival(arena, row);
    (void)printf("%s", phrase_changes(arena, &row->changes));
    if (row->conflict) {
        (void)printf("; expectation-conflict: the sources do not agree that it is expected");
    }
    if (row->unread_reason != REASON_NONE) {
        (void)printf(
            "; since then unknown: %s%s%s", reason_name(row->unread_reason),
            row->unread_detail == NULL ? "" : ": ",
            row->unread_detail == NULL
                ? ""
                : escape_text(arena, reason_detail(row->unread_reason, row->unread_detail)));
    }
    if (row->recovered) {
        (void)printf("; %s, seen %s", recovery_name(row->recovered_by),
                     phrase_time(arena, row->recovered_at_ms, zone));
    }
    if (row->same_machine_as != NULL) {
        (void)printf("; the same machine as %s: counted once",
                     escape_text(arena, row->same_machine_as));
    }
    if (row->host_state != HOST_ACTIVE) {
        (void)printf("; the host is in state %s", host_state_name(row->host_state));
    }
    (void)putchar('\n');
}

static void print_unread(struct arena *arena, const struct overview *overview)
{
    const char **names = arena_array(arena, overview->count + 1, sizeof(char *));
    size_t count = 0;
    for (size_t i = 0; names != NULL && i < overview->count; i++) {
        if (overview->rows[i].host_state == HOST_ACTIVE && overview->rows[i].unread) {
            names[count++] = overview->rows[i].host;
        }
    }
    if (count > 0) {
        (void)printf("Not read: %s\n", escape_text(arena, fold_names(arena, names, count)));
    }
}

/* What is not missing yet: the next boot may be too early for it. */
static void print_reverted(struct question *question, const struct overview *overview)
{
    struct arena *arena = &question->arena;
    for (size_t i = 0; i < overview->count && question->line->since_ms != 0; i++) {
        const struct status_row *row = &overview->rows[i];
        if (row->changes.startup_reverted && row->host_state == HOST_ACTIVE &&
            !row->informational && row->same_machine_as == NULL && !overview_is_problem(row)) {
            const char *zone = question_zone(question, row->host, row->timezone);
            (void)printf("startup-type-reverted, not missing yet: %s, %s, Startup type: %s\n",
                         escape_text(arena, row->host), escape_text(arena, row->service),
                         phrase_startup(arena, row->startup, &row->changes, zone));
        }
    }
}

static size_t count_hosts(const struct missing_row *rows, size_t count)
{
    size_t hosts = 0;
    for (size_t i = 0; i < count; i++) {
        hosts += i == 0 || !str_eq(rows[i].host, rows[i - 1].host);
    }
    return hosts;
}

/* What nobody looks at any more is said, and touches no exit code. */
static void print_dropped(struct question *question, const struct missing_list *list)
{
    struct arena *arena = &question->arena;
    size_t hosts = count_hosts(list->dropped, list->dropped_count);
    for (size_t i = 0; i < list->dropped_count && i < EVIDENCE_MAX; i++) {
        const struct missing_row *row = &list->dropped[i];
        const char *zone = question_zone(question, row->host, row->timezone);
        if (i == 0) {
            (void)printf("%zu host%s with an open problem %s no longer in the inventory of the "
                         "newest scan: ",
                         hosts, hosts == 1 ? "" : "s", hosts == 1 ? "is" : "are");
        }
        if (i > 0 && str_eq(row->host, row[-1].host)) {
            (void)printf("; ");
        } else {
            (void)printf("%s%s (", i == 0 ? "" : "), ", escape_text(arena, row->host));
        }
        (void)printf("%s %s since %s", escape_text(arena, row->expectation),
                     verdict_name(row->verdict), phrase_time(arena, row->first_bad_ms, zone));
    }
    if (list->dropped_count > 0) {
        (void)printf(")%s\n", list->dropped_count > EVIDENCE_MAX ? " ..." : "");
    }
}

static int print_footer(struct question *question, const struct missing_list *list,
                        const struct overview *overview, struct err *err)
{
    struct arena *arena = &question->arena;
    struct remedy_list remedies = {0};
    char text[256];
    int result = 0;
    if (list->count > 0) {
        (void)putchar('\n');
    }
    for (size_t i = 0; i < list->count && result == 0; i++) {
        const struct missing_row *row = &list->rows[i];
        if (i < EVIDENCE_MAX) {
            print_evidence(question, row);
        }
        if (!row->recovered) {
            result = remedy_add(&remedies, row->host, remedy_of(question, row),
                                remedy_prevention(row->verdict, row->startup, row->prevention));
        }
    }
    if (list->count > EVIDENCE_MAX) {
        (void)printf("... and %zu more; pvsaudit why HOST tells about each\n",
                     list->count - EVIDENCE_MAX);
    }
    remedy_print(&remedies, stdout);
    print_reverted(question, overview);
    print_unread(arena, overview);
    print_dropped(question, list);
    (void)printf("%s\n", summary_text(&overview->summary, text, sizeof(text)));
    remedy_list_done(&remedies);
    return result == 0 ? 0 : err_memory(err);
}

/* What is open here counts, whatever the newest reading alone would say. */
static void count_open(const struct missing_list *list, struct summary *summary)
{
    size_t open = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct missing_row *row = &list->rows[i];
        open += !row->recovered && row->host_state == HOST_ACTIVE && row->same_machine_as == NULL;
    }
    summary->problems = open > summary->problems ? open : summary->problems;
}

static int print_rows(struct question *question, const struct missing_list *list,
                      const struct summary *summary, struct err *err)
{
    const struct answer_counts counts = summary_counts(summary);
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < list->count && result == 0; i++) {
        result = put_row(answer, question, &list->rows[i], err);
    }
    if (result == 0) {
        result = answer_list(answer, "dropped", err);
    }
    for (size_t i = 0; i < list->dropped_count && result == 0; i++) {
        result = put_row(answer, question, &list->dropped[i], err);
    }
    return answer_close(answer, result, &counts, err);
}

static int print(struct question *question, struct overview *overview, struct err *err)
{
    struct missing_list list = {0};
    if (query_missing(question->query, &question->frame, question->line->since_ms, &list, err) !=
        0) {
        return -1;
    }
    count_open(&list, &overview->summary);
    int result = print_rows(question, &list, &overview->summary, err);
    if (result == 0 && question->line->format == FORMAT_TABLE) {
        result = print_footer(question, &list, overview, err);
    }
    missing_list_done(&list);
    return result;
}

int cmd_missing(const struct command_line *line, struct err *err)
{
    return overview_run(line, print, err);
}
