/* query_status: every expectation of every host, as its newest visit has it. */
#include "db/query/query_status.h"

#include "core/str.h"
#include "db/query/fleet_machine.h"

#include <stdlib.h>
#include <string.h>

void status_list_done(struct status_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct status_list){.count = 0};
    }
}

int query_status_fill(struct query *query, const struct query_frame *frame,
                      const struct fleet_host *host, const struct expectation *expectation,
                      const struct standing *standing, struct arena *arena, struct status_row *ret,
                      struct err *err)
{
    struct query_boot boot = {.no = 0};
    if (host->visited && query_boot_at(query, host->id, query_time(frame), &boot, err) < 0) {
        return -1;
    }
    *ret = (struct status_row){
        .host = arena_strdup(arena, host->label),
        .source = arena_strdup(arena, host->source),
        .site = arena_strdup(arena, host->site),
        .farm = arena_strdup(arena, host->farm),
        .timezone = arena_strdup(arena, host->declared.timezone),
        .expectation = arena_strdup(arena, expectation->id),
        .service = arena_strdup(arena, expectation->service),
        .display_name = arena_strdup(arena, expectation->display_name),
        .proto = expectation->proto,
        .port = standing->span.first_ms != 0 && standing->span.port != 0 ? standing->span.port
                                                                         : expectation->port,
        .verdict = standing->verdict,
        .reason = standing->reason,
        .detail = arena_strdup(arena, standing->detail),
        .code = standing->code,
        .read_ms = standing->as_of_ms < host->read_ms ? standing->as_of_ms : host->read_ms,
        .as_of_ms = standing->as_of_ms,
        .read = host->visited && host->newest.visit.read,
        .last_good_ms = standing->good.first_ms != 0 ? standing->good.last_ms : 0,
        .last_decisive_ms = standing->decisive.first_ms != 0 ? standing->decisive.last_ms : 0,
        .last_decisive =
            standing->decisive.first_ms != 0 ? standing->decisive.verdict : VERDICT_UNKNOWN,
        .service_state = standing->span.service_state,
        .startup = standing->span.startup,
        .pid = standing->span.pid,
        .boot_time_ms = boot.time_ms,
        .host_state = host->state,
        .informational = expectation->watch == WATCH_INFORM,
        .conflict = standing->span.conflict,
        .restarted_after_boot = standing->span.restarted,
        .changes = standing_changes(standing, arena),
        .transport = arena_strdup(arena, host->transport),
        .alias_of = arena_strdup(arena, host->same_machine_as),
        .unread = host->same_machine_as == NULL && !(host->visited && host->newest.visit.read),
    };
    return ret->host == NULL ? err_memory(err) : 0;
}

static int add_row(struct query *query, const struct query_frame *frame,
                   const struct fleet_host *host, const struct expectation *expectation,
                   struct status_list *list, struct machine_twins *twins, struct err *err)
{
    struct standing standing;
    void *items = list->rows;
    struct status_row *row = arena_push(&list->arena, &items, &list->count, sizeof(*row));
    list->rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    if (standing_load(query, frame, host, expectation, &list->arena, &standing, err) != 0 ||
        query_status_fill(query, frame, host, expectation, &standing, &list->arena, row, err) !=
            0) {
        return -1;
    }
    return fleet_machine_note(twins, &list->arena, frame, host, expectation, &standing,
                              list->count - 1, err);
}

static int compare(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int by_site(const void *left, const void *right)
{
    const struct status_row *a = left;
    const struct status_row *b = right;
    int order = compare(a->site, b->site);
    order = order != 0 ? order : compare(a->host, b->host);
    return order != 0 ? order : compare(a->expectation, b->expectation);
}

static int add_fleet(struct query *query, const struct query_frame *frame,
                     const struct fleet *fleet, struct status_list *list, struct err *err)
{
    struct machine_twins twins = {.count = 0};
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_host *host = &fleet->hosts[i];
        for (size_t k = 0; k < host->expectations->count; k++) {
            const struct expectation *expectation = &host->expectations->items[k];
            if (fleet_applies(host, expectation) &&
                add_row(query, frame, host, expectation, list, &twins, err) != 0) {
                return -1;
            }
        }
    }
    twin_settle(twins.rows, twins.count);
    for (size_t i = 0; i < twins.count; i++) {
        const struct twin *other = twins.rows[i].counted_as;
        list->rows[twins.rows[i].row].same_machine_as =
            other == NULL ? NULL : arena_strdup(&list->arena, other->name);
    }
    return 0;
}

int query_status(struct query *query, const struct query_frame *frame, struct status_list *ret,
                 struct err *err)
{
    struct status_list list = {.count = 0};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load(query, frame, &fleet, err);
    if (rc == 0) {
        rc = add_fleet(query, frame, &fleet, &list, err);
    }
    query_end(query);
    fleet_done(&fleet);
    if (rc != 0) {
        status_list_done(&list);
        return -1;
    }
    if (list.count > 0) {
        qsort(list.rows, list.count, sizeof(*list.rows), by_site);
    }
    *ret = list;
    return 0;
}
