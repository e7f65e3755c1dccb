/* query_missing: what is expected and not bound, lost at a boot first, and what has come back. */
#include "db/query/query.h"

#include "core/str.h"
#include "db/query/fleet_machine.h"
#include "db/query/standing.h"

#include <stdlib.h>
#include <string.h>

#define NO_ROW SIZE_MAX /* of a twin that has no row in the answer */

/* For how long after its last visit the open problem of a dropped host is still told. */
static const int64_t DROPPED_TOLD_MS = INT64_C(30) * 24 * 3600 * 1000;

void missing_list_done(struct missing_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct missing_list){.count = 0};
    }
}

/* Whether the newest finding belongs into the answer. */
static bool is_asked_for(const struct finding_run *run, int64_t since_ms)
{
    if (run->first_bad_ms == 0) {
        return false;
    }
    if (run->ended_ms == 0) {
        return true;
    }
    bool lately = run->first_bad_ms >= since_ms || run->ended_ms >= since_ms;
    return since_ms != 0 && standing_recovery(run) != RECOVERY_NONE && lately;
}

struct asked {
    struct query *query;
    const struct query_frame *frame;
    const struct fleet_host *host;
    const struct expectation *expectation;
    const struct standing *standing;
    struct missing_list *list;
    struct missing_row **rows; /* of list: those that count, or the dropped ones */
    size_t *count;
    struct err *err;
};

static void describe(const struct asked *asked, struct missing_row *row)
{
    const struct expectation *expectation = asked->expectation;
    struct arena *arena = &asked->list->arena;
    row->host = arena_strdup(arena, asked->host->label);
    row->source = arena_strdup(arena, asked->host->source);
    row->site = arena_strdup(arena, asked->host->site);
    row->farm = arena_strdup(arena, asked->host->farm);
    row->timezone = arena_strdup(arena, asked->host->declared.timezone);
    row->expectation = arena_strdup(arena, expectation->id);
    row->service = arena_strdup(arena, expectation->service);
    row->display_name = arena_strdup(arena, expectation->display_name);
    row->proto = expectation->proto;
    row->port = expectation->port;
    row->host_state = asked->host->state;
    row->remedy = arena_strdup(arena, expectation->remedy);
    row->prevention = arena_strdup(arena, expectation->prevention);
}

static void show_problem(const struct asked *asked, struct missing_row *row)
{
    const struct standing *standing = asked->standing;
    const struct span *problem = &standing->problem;
    const struct finding_run *run = &standing->finding;
    row->finding = run->finding;
    row->first_bad_ms = run->first_bad_ms;
    row->last_good_ms = run->last_good_ms;
    row->verdict = problem->verdict;
    row->verdict_detail = arena_strdup(&asked->list->arena, problem->detail);
    row->last_bad_ms = problem->last_ms;
    row->service_state = problem->service_state;
    row->startup = problem->startup;
    row->pid = problem->pid;
    row->port = problem->port != 0 ? problem->port : row->port;
    row->changes = standing_changes(standing, &asked->list->arena);
    row->conflict = standing->span.conflict;
    bool rival = problem->verdict == VERDICT_PORT_IN_USE || problem->verdict == VERDICT_NOT_BOUND;
    row->rival_pid = rival ? problem->holder_pid : -1;
    row->rival_image = rival ? arena_strdup(&asked->list->arena, problem->holder_image) : NULL;
}

static void show_end(const struct asked *asked, struct missing_row *row)
{
    const struct standing *standing = asked->standing;
    const struct finding_run *run = &standing->finding;
    row->recovered = run->ended_ms != 0;
    if (row->recovered) {
        row->recovered_at_ms = run->ended_ms;
        row->recovered_by = standing_recovery(run);
    }
    if (standing->verdict == VERDICT_UNKNOWN) {
        row->unread_reason = standing->reason;
        row->unread_detail = arena_strdup(&asked->list->arena, standing->detail);
    } else if (standing->verdict == VERDICT_PENDING) {
        row->unread_detail = verdict_name(VERDICT_PENDING);
    }
}

static int add_row(const struct asked *asked)
{
    struct missing_list *list = asked->list;
    struct query_boot boot = {.no = 0};
    const struct finding_run *run = &asked->standing->finding;
    if (run->boot_known &&
        query_boot(asked->query, asked->host->id, run->boot_no, &boot, asked->err) < 0) {
        return -1;
    }
    void *items = *asked->rows;
    struct missing_row *row = arena_push(&list->arena, &items, asked->count, sizeof(*row));
    *asked->rows = items;
    if (row == NULL) {
        return err_memory(asked->err);
    }
    describe(asked, row);
    show_problem(asked, row);
    show_end(asked, row);
    row->boot_time_ms = boot.time_ms;
    return row->host == NULL ? err_memory(asked->err) : 0;
}

static int add_host(struct query *query, const struct query_frame *frame,
                    const struct fleet_host *host, int64_t since_ms, struct missing_list *list,
                    struct machine_twins *twins, struct err *err)
{
    for (size_t i = 0; i < host->expectations->count; i++) {
        const struct expectation *expectation = &host->expectations->items[i];
        struct standing standing;
        if (expectation->watch == WATCH_INFORM || !fleet_applies(host, expectation)) {
            continue;
        }
        if (standing_load(query, frame, host, expectation, &list->arena, &standing, err) != 0) {
            return -1;
        }
        struct asked asked = {.query = query,
                              .frame = frame,
                              .host = host,
                              .expectation = expectation,
                              .standing = &standing,
                              .list = list,
                              .rows = host->counts ? &list->rows : &list->dropped,
                              .count = host->counts ? &list->count : &list->dropped_count,
                              .err = err};
        bool wanted = is_asked_for(&standing.finding, since_ms);
        size_t row = wanted ? *asked.count : NO_ROW;
        if ((wanted && add_row(&asked) != 0) ||
            (host->counts && fleet_machine_note(twins, &list->arena, frame, host, expectation,
                                                &standing, row, err) != 0)) {
            return -1;
        }
    }
    return 0;
}

/* A dropped host is told of for a while, unless it was retired or has another name now. */
static bool is_told(const struct query_frame *frame, const struct fleet_host *host)
{
    return host->counts || (host->state != HOST_RETIRED && host->same_machine_as == NULL &&
                            !query_is_older(frame, host->newest.visit.time_ms, DROPPED_TOLD_MS));
}

/* What is settled under another name of the machine is not missing. */
static void settle_twins(struct missing_list *list, struct machine_twins *twins)
{
    twin_settle(twins->rows, twins->count);
    for (size_t i = 0; i < twins->count; i++) {
        const struct twin *other = twins->rows[i].counted_as;
        if (other == NULL || twins->rows[i].row == NO_ROW) {
            continue;
        }
        struct missing_row *row = &list->rows[twins->rows[i].row];
        row->same_machine_as = arena_strdup(&list->arena, other->name);
        if (!row->recovered && !twin_is_problem(other)) {
            row->host = NULL;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->rows[i].host != NULL) {
            list->rows[kept++] = list->rows[i];
        }
    }
    list->count = kept;
}

static int add_fleet(struct query *query, const struct query_frame *frame,
                     const struct fleet *fleet, int64_t since_ms, struct missing_list *list,
                     struct err *err)
{
    struct machine_twins twins = {.count = 0};
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_host *host = &fleet->hosts[i];
        if (is_told(frame, host) &&
            add_host(query, frame, host, host->counts ? since_ms : 0, list, &twins, err) != 0) {
            return -1;
        }
    }
    settle_twins(list, &twins);
    return 0;
}

static int by_weight(const void *left, const void *right)
{
    const struct missing_row *a = left;
    const struct missing_row *b = right;
    int order = (a->finding != FINDING_LOST_AT_BOOT) - (b->finding != FINDING_LOST_AT_BOOT);
    order = order != 0 ? order : strcmp(a->host, b->host);
    return order != 0 ? order : strcmp(a->expectation, b->expectation);
}

int query_missing(struct query *query, const struct query_frame *frame, int64_t since_ms,
                  struct missing_list *ret, struct err *err)
{
    struct missing_list list = {.count = 0};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load_all(query, frame, &fleet, err);
    if (rc == 0) {
        rc = fleet_machine_find(query, frame, &fleet, err);
    }
    if (rc == 0) {
        rc = add_fleet(query, frame, &fleet, since_ms, &list, err);
    }
    query_end(query);
    fleet_done(&fleet);
    if (rc != 0) {
        missing_list_done(&list);
        return -1;
    }
    if (list.count > 0) {
        qsort(list.rows, list.count, sizeof(*list.rows), by_weight);
    }
    *ret = list;
    return 0;
}
