/* report: what a scan found, counted for its exit code and told at its end. */
#include "collector/report.h"

#include "core/arena.h"
#include "core/log.h"
#include "core/str.h"
#include "out/fold.h"
#include "out/remedy.h"

#include <stdlib.h>
#include <string.h>

struct report_row {
    const struct expectation *expectation; /* NULL: the host was not read */
    enum verdict_code code;
    enum reason reason;
    const char *detail;
    bool lost_at_boot;
};

struct report_host {
    const struct host *host;
    bool read;
    enum reason reason;
    const char *detail;
    const char *address, *machine_id;
    bool twin; /* another name of a machine that is counted already */
    int64_t time_ms, duration_ms;
    struct report_row *rows;
    size_t row_count;
};

struct report {
    struct arena arena;
    struct report_host *hosts;
    size_t host_count;
    struct report_host *current;
};

struct report *report_new(void)
{
    return calloc(1, sizeof(struct report));
}

void report_free(struct report *report)
{
    if (report != NULL) {
        arena_done(&report->arena);
        free(report);
    }
}

static struct report_host *host_of(struct report *report, const struct host *host)
{
    for (size_t i = report->host_count; i > 0; i--) {
        if (report->hosts[i - 1].host == host) {
            return &report->hosts[i - 1];
        }
    }
    void *items = report->hosts;
    struct report_host *added =
        arena_push(&report->arena, &items, &report->host_count, sizeof(*added));
    report->hosts = items;
    return added;
}

/* Servers that were cloned share their id: one of them must never stand for another, so the name
 * that a machine has of itself is part of what it is known by. NULL: not known. */
static const char *identity_of(struct arena *arena, const struct machine_identity *machine)
{
    if (machine->id == NULL || machine->computer_name == NULL) {
        return NULL;
    }
    return arena_printf(arena, "%s %s", machine->id, machine->computer_name);
}

int report_reading(struct report *report, const struct host *host, const struct snapshot *snapshot,
                   struct err *err)
{
    struct report_host *row = host_of(report, host);
    if (row == NULL) {
        return err_memory(err);
    }
    *row = (struct report_host){
        .host = host,
        .read = snapshot->visit.read,
        .reason = snapshot->visit.reason,
        .detail = arena_strdup(&report->arena, snapshot->visit.detail),
        .address = arena_strdup(&report->arena, snapshot->visit.address),
        .machine_id = identity_of(&report->arena, &snapshot->machine),
        .time_ms = snapshot->visit.time_ms,
        .duration_ms = snapshot->visit.duration_ms,
    };
    report->current = row;
    return 0;
}

int64_t report_newest_ms(const struct report *report)
{
    int64_t newest_ms = 0;
    for (size_t i = 0; i < report->host_count; i++) {
        int64_t time_ms = report->hosts[i].time_ms;
        newest_ms = time_ms > newest_ms ? time_ms : newest_ms;
    }
    return newest_ms;
}

int report_verdict(struct report *report, const struct expectation *expectation,
                   const struct verdict *verdict, bool lost_at_boot, struct err *err)
{
    struct report_host *host = report->current;
    void *items = host->rows;
    struct report_row *row = arena_push(&report->arena, &items, &host->row_count, sizeof(*row));
    host->rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    row->expectation = expectation;
    row->code = verdict->code;
    row->reason = verdict->reason;
    row->detail = arena_strdup(&report->arena, verdict->detail);
    row->lost_at_boot = lost_at_boot;
    return 0;
}

static int by_machine(const void *left, const void *right)
{
    const struct report_host *a = *(struct report_host *const *)left;
    const struct report_host *b = *(struct report_host *const *)right;
    int order = strcmp(a->machine_id, b->machine_id);
    return order != 0 ? order : strcmp(a->host->name, b->host->name);
}

static void warn_of_twins(struct report *report, struct report_host **hosts, size_t count,
                          const char **names)
{
    for (size_t i = 0; i < count; i++) {
        hosts[i]->twin = i > 0;
        names[i] = hosts[i]->host->name;
    }
    if (count > 1) {
        const char *folded = fold_names(&report->arena, names, count);
        log_line(LOG_WARNING, NULL, "%s are one machine: counted once",
                 folded == NULL ? names[0] : folded);
    }
}

int report_find_twins(struct report *report, struct err *err)
{
    struct arena *arena = &report->arena;
    struct report_host **hosts = arena_array(arena, report->host_count + 1, sizeof(*hosts));
    const char **names = arena_array(arena, report->host_count + 1, sizeof(*names));
    size_t count = 0;
    if (hosts == NULL || names == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < report->host_count; i++) {
        struct report_host *host = &report->hosts[i];
        if (host->read && host->machine_id != NULL && host->host->state == HOST_ACTIVE) {
            hosts[count++] = host;
        }
    }
    qsort(hosts, count, sizeof(struct report_host *), by_machine);
    for (size_t i = 0, next = 0; i < count; i = next) {
        for (next = i + 1; next < count && str_eq(hosts[next]->machine_id, hosts[i]->machine_id);
             next++) {
        }
        warn_of_twins(report, hosts + i, next - i, names);
    }
    return 0;
}

void report_summary(const struct report *report, struct summary *ret)
{
    struct summary summary = {0};
    for (size_t i = 0; i < report->host_count; i++) {
        const struct report_host *host = &report->hosts[i];
        if (host->host->state != HOST_ACTIVE) {
            summary.inactive++;
            continue;
        }
        summary.hosts++;
        if (!host->read) {
            summary_unread(&summary, host->reason);
            continue;
        }
        for (size_t k = 0; k < host->row_count && !host->twin; k++) {
            if (host->rows[k].expectation->watch != WATCH_INFORM) {
                summary_verdict(&summary, host->rows[k].code);
            }
        }
    }
    *ret = summary;
}

enum { COLUMN_COUNT = 11 };

static const struct answer_column columns[COLUMN_COUNT] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {"expectation", "EXPECTATION", ANSWER_TEXT, false},
    {"verdict", "VERDICT", ANSWER_TEXT, true},
    {"reason", NULL, ANSWER_TEXT, false},
    {"finding", "FINDING", ANSWER_TEXT, false},
    {"detail", "DETAIL", ANSWER_TEXT, false},
    {"read", NULL, ANSWER_BOOL, false},
    {"address", NULL, ANSWER_TEXT, false},
    {"time", NULL, ANSWER_TIME, false},
    {"duration_ms", NULL, ANSWER_INT, false},
};

static enum answer_mark mark_of(const struct report_host *host, const struct report_row *row)
{
    bool informs = row->expectation != NULL && row->expectation->watch == WATCH_INFORM;
    if (host->host->state != HOST_ACTIVE || informs) {
        return MARK_NONE;
    }
    if (verdict_is_problem(row->code)) {
        return MARK_PROBLEM;
    }
    if (row->code == VERDICT_UNKNOWN || row->code == VERDICT_PENDING) {
        return MARK_UNKNOWN;
    }
    return row->code == VERDICT_BOUND ? MARK_FINE : MARK_NONE;
}

static int print_row(struct answer *answer, const struct report_host *host,
                     const struct report_row *row, struct err *err)
{
    bool unknown = row->code == VERDICT_UNKNOWN;
    const struct answer_cell cells[COLUMN_COUNT] = {
        answer_text(host->host->name),
        answer_text(host->host->site),
        answer_text(row->expectation == NULL ? NULL : row->expectation->id),
        answer_text(verdict_name(row->code)),
        answer_text(unknown ? reason_name(row->reason) : NULL),
        answer_text(row->lost_at_boot ? finding_name(FINDING_LOST_AT_BOOT) : NULL),
        answer_text(row->expectation != NULL && !unknown && !verdict_is_problem(row->code)
                        ? NULL
                        : row->detail),
        answer_bool(host->read),
        answer_text(host->address),
        answer_positive(host->time_ms),
        answer_number(host->duration_ms),
    };
    return answer_row(answer, cells, mark_of(host, row), err);
}

static int print_unread(struct answer *answer, struct arena *arena, bool table,
                        const struct report_host *host, struct err *err)
{
    struct report_row row = {.code = VERDICT_UNKNOWN, .reason = host->reason};
    row.detail = !table ? host->detail
                        : arena_printf(arena, "%s: %s", reason_name(host->reason),
                                       host->detail == NULL ? "" : host->detail);
    return print_row(answer, host, &row, err);
}

static bool worth_a_look(const struct report_row *row)
{
    return verdict_is_problem(row->code) || row->code == VERDICT_UNKNOWN ||
           row->code == VERDICT_PENDING;
}

static int print_host(struct answer *answer, struct arena *arena, bool table,
                      const struct report_host *host, struct err *err)
{
    if (!host->read) {
        return print_unread(answer, arena, table, host, err);
    }
    for (size_t i = 0; i < host->row_count; i++) {
        struct report_row row = host->rows[i];
        if (table && row.code == VERDICT_UNKNOWN) {
            row.detail =
                arena_printf(arena, "%s%s%s", reason_name(row.reason),
                             row.detail == NULL ? "" : ": ", row.detail == NULL ? "" : row.detail);
        }
        if ((!table || worth_a_look(&row)) && print_row(answer, host, &row, err) != 0) {
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
            if (verdict_is_problem(row->code) && expectation->watch != WATCH_INFORM) {
                rc = remedy_add(&remedies, host->host->name,
                                remedy_text(&arena, row->code, host->host->os == HOST_LINUX,
                                            expectation->service, expectation->remedy),
                                remedy_prevention(row->code, expectation->prevention));
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
    if (!table || anything_to_print(report)) {
        struct answer *answer =
            answer_new(to, format, color, columns, COLUMN_COUNT, table ? NULL : meta);
        rc = answer == NULL ? err_memory(err) : 0;
        for (size_t i = 0; i < report->host_count && rc == 0; i++) {
            rc = print_host(answer, &arena, table, &report->hosts[i], err);
        }
        const struct answer_counts counts = {
            .problems = summary->problems,
            .unknown = summary->unknown,
            .pending = summary->pending,
            .hosts_unread = summary->unread,
        };
        if (rc == 0) {
            rc = answer_end(answer, &counts, err);
        }
        answer_free(answer);
    }
    if (rc == 0 && table) {
        char text[256];
        rc = print_remedies(report, to) == 0 ? 0 : err_memory(err);
        (void)fprintf(to, "%s\n", summary_text(summary, text, sizeof(text)));
    }
    arena_done(&arena);
    return rc;
}
