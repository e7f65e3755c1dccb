/* doctor_rights: which rights were lacking, by the sections of what a visit read; what it saw. */
#include "collector/doctor/doctor_chart.h"

#include "core/buf.h"

enum { TEXT_MAX = 4096 };

/* A section that Linux has not is no gap, nor is one that decides nothing and was not asked for. */
static bool is_gap(const struct snapshot *snapshot, int id)
{
    enum outcome outcome = snapshot->sections[id].outcome;
    bool spared = outcome == OUTCOME_NOT_ASKED && section_is_optional((enum section_id)id);
    return outcome != OUTCOME_COMPLETE && outcome != OUTCOME_UNSUPPORTED && !spared;
}

bool doctor_rights_complete(const struct snapshot *snapshot)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        if (is_gap(snapshot, i) && !section_is_optional((enum section_id)i)) {
            return false;
        }
    }
    return snapshot->visit.read;
}

static enum doctor_outcome outcome_of(const struct section *section)
{
    static const enum doctor_outcome outcomes[OUTCOME_COUNT] = {
        [OUTCOME_NOT_ASKED] = DOCTOR_NOT_REACHED, [OUTCOME_COMPLETE] = DOCTOR_OK,
        [OUTCOME_PARTIAL] = DOCTOR_FAILED,        [OUTCOME_DENIED] = DOCTOR_DENIED,
        [OUTCOME_UNSUPPORTED] = DOCTOR_SKIPPED,   [OUTCOME_FAILED] = DOCTOR_FAILED};
    return outcomes[section->outcome];
}

/* "netstat", or "netstat: the list was cut" */
static void take_section(struct doctor_chart *chart, struct doctor_row *row,
                         const struct section *section)
{
    bool both = section->source != NULL && section->detail != NULL;
    row->outcome = outcome_of(section);
    row->code = section->code;
    row->fault = section->outcome == OUTCOME_DENIED ? "denied" : NULL;
    row->seen = both ? arena_printf(&chart->arena, "%s: %s", section->source, section->detail)
                     : arena_strdup(&chart->arena,
                                    section->source != NULL ? section->source : section->detail);
}

static void take_sections(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        struct doctor_row *row = doctor_chart_find(chart, section_name((enum section_id)i));
        if (row != NULL) {
            take_section(chart, row, &snapshot->sections[i]);
        }
    }
}

/* A service that an account may not query is left out of every list, silently: only the registry
 * tells that it is there. */
static void take_hidden(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    bool wmi = chart->host->transport == HOST_WINRM;
    struct doctor_row *row = doctor_chart_find(chart, wmi ? "Win32_Service" : "services");
    struct buf names;
    buf_init(&names, TEXT_MAX);
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct service *service = &snapshot->services[i];
        if (service->canary == PRESENCE_PRESENT && !service->visible) {
            (void)buf_printf(&names, "%s%s", names.len == 0 ? "" : ", ", service->name);
        }
    }
    if (row != NULL && names.len > 0 && row->outcome == DOCTOR_OK) {
        row->outcome = DOCTOR_DENIED;
        row->fault = "hidden";
        row->seen =
            arena_printf(&chart->arena, "installed, and their state is hidden: %s", names.data);
    }
    buf_done(&names);
}

/* StdRegProv answers, and what it answers may be that a key is closed. */
static void take_registry(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    static const enum section_id both[] = {SECTION_REGISTRY, SECTION_MACHINE};
    struct doctor_row *row = doctor_chart_find(chart, "StdRegProv");
    for (size_t i = 0; row != NULL && i < 2; i++) {
        const struct section *section = &snapshot->sections[both[i]];
        bool closed = section->outcome == OUTCOME_DENIED && section->code == 5;
        if (closed && row->outcome == DOCTOR_OK) {
            take_section(chart, row, section);
            row->fault = "closed";
        }
    }
}

static void put_gaps(const struct snapshot *snapshot, struct buf *to)
{
    const char *separator = "; not complete: ";
    for (int i = 0; i < SECTION_COUNT; i++) {
        const struct section *section = &snapshot->sections[i];
        if (is_gap(snapshot, i)) {
            (void)buf_printf(to, "%s%s (%s)", separator, section_name((enum section_id)i),
                             outcome_name(section->outcome));
            separator = ", ";
        }
    }
}

static size_t visible_services(const struct snapshot *snapshot)
{
    size_t count = 0;
    for (size_t i = 0; i < snapshot->service_count; i++) {
        count += snapshot->services[i].visible;
    }
    return count;
}

/* The greeting (of http) and Identify are ours, and no visit makes them. */
static size_t cost_of(const struct doctor_chart *chart)
{
    const struct host *host = chart->host;
    bool binds = host->scheme == SCHEME_HTTPS && host->auth != AUTH_BASIC;
    bool greets = host->auth != AUTH_CERTIFICATE && !binds;
    size_t ours = host->transport == HOST_SSH ? 0 : greets ? 2 : 1;
    return chart->requests > ours ? chart->requests - ours : chart->requests;
}

static void take_visit(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    struct doctor_row *row = doctor_chart_find(chart, "visit");
    struct buf seen;
    size_t cost = cost_of(chart);
    if (row == NULL) {
        return;
    }
    buf_init(&seen, TEXT_MAX);
    (void)buf_printf(&seen,
                     "%zu endpoints, %zu processes, %zu services, %zu addresses by %zu request%s "
                     "and one login",
                     snapshot->endpoint_count, snapshot->process_count, visible_services(snapshot),
                     snapshot->address_count, cost, cost == 1 ? "" : "s");
    put_gaps(snapshot, &seen);
    row->outcome = doctor_rights_complete(snapshot) ? DOCTOR_OK : DOCTOR_FAILED;
    row->ms = snapshot->visit.duration_ms;
    row->seen = arena_strdup(&chart->arena, seen.data);
    buf_done(&seen);
}

void doctor_rights_settle(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    take_sections(chart, snapshot);
    take_hidden(chart, snapshot);
    take_registry(chart, snapshot);
    take_visit(chart, snapshot);
}
