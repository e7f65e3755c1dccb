/* report: what a scan found, counted for its exit code. */
#include "collector/report.h"

#include "collector/report_internal.h"
#include "core/log.h"
#include "core/str.h"
#include "out/fold.h"

#include <stdlib.h>
#include <string.h>

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
        .machine_id = machine_identity_text(&report->arena, snapshot->machine.id,
                                            snapshot->machine.computer_name),
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
                   const struct verdict *verdict, const struct open_problem *open, struct err *err)
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
    row->open = *open;
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

enum verdict_code report_problem(const struct report_row *row)
{
    return row->open.since_ms != 0 && !verdict_is_problem(row->code) ? row->open.verdict
                                                                     : row->code;
}

/* What is open counts, whatever tonight's reading alone would say. */
static void count_row(const struct report_host *host, const struct report_row *row,
                      struct summary *summary)
{
    enum verdict_code code = report_problem(row);
    if (row->expectation->watch != WATCH_INFORM && (host->read || verdict_is_problem(code))) {
        summary_verdict(summary, code);
    }
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
        }
        for (size_t k = 0; k < host->row_count && !host->twin; k++) {
            count_row(host, &host->rows[k], &summary);
        }
    }
    *ret = summary;
}
