/* doctor_chart: the steps of one visit, in order, and what became of each. */
#include "collector/doctor/doctor_chart.h"

#include "core/clock.h"

#include <string.h>

enum { APART_MAX_MS = 5 * 60 * 1000 }; /* Kerberos allows no more (RFC 4120, 1.6) */

/* Which visits have a step. */
enum { SSH = 1, HTTP = 2, HTTPS = 4, WINRM = HTTP | HTTPS, LINUX = 8, ANY = SSH | WINRM };

static const struct {
    const char *step;
    unsigned ways;
} steps[] = {
    {"name", ANY},
    {"connect", ANY},
    {"handshake", SSH},
    {"host-key", SSH},
    {"tls", WINRM},
    {"mechanisms", ANY},
    {"clock", WINRM},
    {"login", ANY},
    {"seal", WINRM},
    {"identify", WINRM},
    {"Win32_OperatingSystem", WINRM},
    {"Win32_Service", WINRM},
    {"MSFT_NetUDPEndpoint", WINRM},
    {"MSFT_NetTCPConnection", WINRM},
    {"Win32_Process", WINRM},
    {"Win32_NetworkAdapterConfiguration", WINRM},
    {"MSFT_NetUDPSetting", WINRM},
    {"StdRegProv", WINRM},
    {"command", SSH},
    {"clock", SSH}, /* read with the boot: there is no Date before the login */
    {"udp", SSH},
    {"tcp", SSH},
    {"services", SSH},
    {"boot", SSH},
    {"processes", SSH},
    {"addresses", SSH},
    {"registry", SSH},
    {"machine", SSH},
    {"visit", ANY},
};

const char *doctor_outcome_name(enum doctor_outcome outcome)
{
    static const char *const names[] = {[DOCTOR_NOT_REACHED] = "not-reached",
                                        [DOCTOR_OK] = "ok",
                                        [DOCTOR_FAILED] = "failed",
                                        [DOCTOR_DENIED] = "denied",
                                        [DOCTOR_SKIPPED] = "skipped"};
    return names[outcome];
}

static struct doctor_row *add(struct doctor_chart *chart, const char *step)
{
    void *items = chart->rows;
    struct doctor_row *row = arena_push(&chart->arena, &items, &chart->count, sizeof(*row));
    chart->rows = items;
    if (row == NULL) {
        chart->failed = true;
        return NULL;
    }
    row->step = arena_strdup(&chart->arena, step);
    row->ms = -1;
    return row;
}

static void skip(struct doctor_chart *chart, const char *step, const char *why)
{
    struct doctor_row *row = doctor_chart_find(chart, step);
    if (row != NULL) {
        row->outcome = DOCTOR_SKIPPED;
        row->seen = why;
    }
}

void doctor_chart_init(struct doctor_chart *chart, const struct host *host)
{
    unsigned way = host->transport == HOST_SSH ? SSH : host->scheme == SCHEME_HTTP ? HTTP : HTTPS;
    *chart = (struct doctor_chart){.host = host, .last_ms = clock_monotonic_ms()};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if ((steps[i].ways & way) != 0) {
            (void)add(chart, steps[i].step);
        }
    }
    if (way == HTTP) {
        skip(chart, "tls", "plain http");
    }
    if (host->auth == AUTH_CERTIFICATE) {
        skip(chart, "mechanisms", "our certificate is shown unasked");
    }
}

void doctor_chart_done(struct doctor_chart *chart)
{
    arena_done(&chart->arena);
}

struct doctor_row *doctor_chart_find(struct doctor_chart *chart, const char *step)
{
    for (size_t i = 0; i < chart->count; i++) {
        if (str_eq(chart->rows[i].step, step)) {
            return &chart->rows[i];
        }
    }
    return NULL;
}

/* "MSFT_NetUDPEndpoint" of a resource that ends in it, or of a query from it. */
static const char *class_of(struct doctor_chart *chart, const struct question *question)
{
    if (question->kind == QUESTION_COMMAND) {
        return "shell";
    }
    const char *from = question->filter == NULL ? NULL : strstr(question->filter, " from ");
    const char *slash = strrchr(question->resource, '/');
    const char *name = from != NULL ? from + 6 : slash == NULL ? question->resource : slash + 1;
    return arena_strndup(&chart->arena, name, strcspn(name, " "));
}

static const char *namespace_of(struct doctor_chart *chart, const struct question *question)
{
    const char *slash = question->resource == NULL ? NULL : strrchr(question->resource, '/');
    return slash == NULL ? NULL
                         : arena_strndup(&chart->arena, question->resource,
                                         (size_t)(slash - question->resource));
}

/* A row for what is asked of some hosts alone (the shell) stands before the visit's. */
static struct doctor_row *find_or_add(struct doctor_chart *chart, const char *step)
{
    struct doctor_row *row = doctor_chart_find(chart, step);
    if (row != NULL || add(chart, step) == NULL) {
        return row;
    }
    struct doctor_row *last = &chart->rows[chart->count - 1];
    struct doctor_row moved = *last;
    *last = last[-1];
    last[-1] = moved;
    return last - 1;
}

static int64_t lap(struct doctor_chart *chart)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t ms = now_ms - chart->last_ms;
    chart->last_ms = now_ms;
    return ms;
}

/* "auth: the server ...; look at the password" without the name of the stage: what was seen, and
 * what it says to do. */
static void split(struct doctor_chart *chart, struct doctor_row *row, const char *detail)
{
    size_t stage = strspn(detail, "abcdefghijklmnopqrstuvwxyz-");
    const char *text = str_starts(detail + stage, ": ") ? detail + stage + 2 : detail;
    const char *advice = NULL;
    for (const char *p = strstr(text, "; "); p != NULL; p = strstr(p + 2, "; ")) {
        advice = p;
    }
    row->seen = advice == NULL ? arena_strdup(&chart->arena, text)
                               : arena_strndup(&chart->arena, text, (size_t)(advice - text));
    row->advice = advice == NULL ? NULL : arena_strdup(&chart->arena, advice + 2);
}

/* Some classes are asked several times, with what an old Windows lacks and without: a right that
 * is lacking stays told, and what an older form got is got. */
static void take_answer(struct doctor_chart *chart, struct doctor_row *row,
                        const struct transport_step *step)
{
    bool lacks = str_eq(step->fault, "filter") || str_eq(step->fault, "no-class");
    bool bad = row->outcome == DOCTOR_DENIED || row->outcome == DOCTOR_FAILED;
    if (bad || (lacks && row->outcome == DOCTOR_OK)) {
        return;
    }
    row->fault = step->fault;
    row->code = step->code;
    row->advice = NULL;
    row->seen = arena_strdup(&chart->arena, step->seen[0] == '\0' ? row->resource : step->seen);
    if (step->fault != NULL) {
        split(chart, row, step->seen);
    }
    row->outcome = step->fault == NULL             ? DOCTOR_OK
                   : lacks                         ? DOCTOR_SKIPPED
                   : str_eq(step->fault, "denied") ? DOCTOR_DENIED
                                                   : DOCTOR_FAILED;
}

static void take_clock(struct doctor_chart *chart, struct doctor_row *row, int64_t ahead_ms)
{
    int64_t apart_ms = ahead_ms < 0 ? -ahead_ms : ahead_ms;
    row->outcome = apart_ms > APART_MAX_MS ? DOCTOR_FAILED : DOCTOR_OK;
    row->code = 0;
    row->seen = arena_printf(&chart->arena, "%lld s %s ours", (long long)(apart_ms + 500) / 1000,
                             ahead_ms < 0 ? "behind" : "ahead of");
}

void doctor_chart_step(void *data, const struct transport_step *step)
{
    struct doctor_chart *chart = data;
    const char *name = step->name;
    int64_t ms = lap(chart);
    if (step->question != NULL) {
        name = class_of(chart, step->question);
    } else if (str_eq(name, "ask")) {
        name = "command";
    }
    struct doctor_row *row = find_or_add(chart, name);
    if (row == NULL) {
        return;
    }
    bool asking = str_eq(step->name, "asking");
    chart->asking = asking ? row->step : NULL;
    if (step->question != NULL && row->resource == NULL) {
        row->resource = namespace_of(chart, step->question);
    }
    if (asking) {
        return;
    }
    chart->requests = step->requests;
    row->ms = (row->ms < 0 ? 0 : row->ms) + ms;
    if (str_eq(name, "clock")) {
        take_clock(chart, row, step->code);
    } else {
        take_answer(chart, row, step);
    }
}

/* ---- the end ---- */

/* Where the visit stands. */
static struct doctor_row *first_open(struct doctor_chart *chart)
{
    if (chart->asking != NULL) {
        return doctor_chart_find(chart, chart->asking);
    }
    for (size_t i = 0; i < chart->count; i++) {
        bool told = str_eq(chart->rows[i].step, "clock"); /* known by chance alone */
        if (chart->rows[i].outcome == DOCTOR_NOT_REACHED && !told) {
            return &chart->rows[i];
        }
    }
    return doctor_chart_find(chart, "visit");
}

static struct doctor_row *ended_at(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    bool elsewhere = snapshot->visit.reason == REASON_WRONG_HOST;
    bool unasked = chart->host->transport == HOST_SSH && snapshot->visit.reason == REASON_DENIED;
    if (elsewhere) {
        return doctor_chart_find(chart, "visit");
    }
    if (unasked) {
        return doctor_chart_find(chart, "command");
    }
    struct doctor_row *row = first_open(chart);
    /* The first envelope proves the seal, and fails for other reasons too. */
    bool sealing = snapshot->visit.detail != NULL && strstr(snapshot->visit.detail, "seal") != NULL;
    bool other = row != NULL && str_eq(row->step, "seal") && !sealing;
    return other ? doctor_chart_find(chart, "identify") : row;
}

static void end_at(struct doctor_chart *chart, struct doctor_row *row, const struct visit *visit)
{
    if (row == NULL) {
        return;
    }
    row->ms = row->ms < 0 ? lap(chart) : row->ms;
    row->outcome = visit->reason == REASON_DENIED ? DOCTOR_DENIED : DOCTOR_FAILED;
    row->reason = visit->reason;
    row->code = visit->code;
    split(chart, row, visit->detail == NULL ? "" : visit->detail);
}

/* The host's own clock, read with its boot, says more than the Date of an HTTP answer. */
static void settle_clock(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    struct doctor_row *row = doctor_chart_find(chart, "clock");
    if (row == NULL) {
        return;
    }
    if (snapshot->sections[SECTION_BOOT].outcome == OUTCOME_COMPLETE &&
        snapshot->boot.host_clock_ms > 0) {
        take_clock(chart, row, snapshot->boot.host_clock_ms - snapshot->visit.time_ms);
    } else if (snapshot->visit.read && row->outcome == DOCTOR_NOT_REACHED) {
        row->outcome = DOCTOR_SKIPPED;
        row->seen = "the host's clock was not read";
    }
}

void doctor_chart_interrupt(struct doctor_chart *chart)
{
    struct doctor_row *row = first_open(chart);
    if (row != NULL) {
        row->ms = lap(chart);
        row->seen = "interrupted";
    }
}

void doctor_chart_settle(struct doctor_chart *chart, const struct snapshot *snapshot)
{
    if (!snapshot->visit.read) {
        end_at(chart, ended_at(chart, snapshot), &snapshot->visit);
        return;
    }
    settle_clock(chart, snapshot);
    doctor_rights_settle(chart, snapshot);
}
