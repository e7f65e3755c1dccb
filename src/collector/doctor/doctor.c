/* doctor: one host is visited and watched, and each step that failed is told with its cure. */
#include "collector/doctor/doctor.h"

#include "collector/doctor/doctor_chart.h"
#include "collector/doctor/doctor_cure.h"
#include "collector/plan.h"
#include "collector/scan.h"
#include "out/answer.h"
#include "out/remedy.h"
#include "out/summary.h"

enum { COLUMN_COUNT = 8 };

static const struct answer_column columns[COLUMN_COUNT] = {
    {"host", NULL, ANSWER_TEXT, false},        {"step", "STEP", ANSWER_TEXT, false},
    {"outcome", "OUTCOME", ANSWER_TEXT, true}, {"ms", "MS", ANSWER_INT, false},
    {"seen", "SEEN", ANSWER_TEXT, false},      {"code", NULL, ANSWER_INT, false},
    {"cure", NULL, ANSWER_TEXT, false},        {"remedy", NULL, ANSWER_TEXT, false},
};

/* The visit as it is watched, and what became of it. */
struct patient {
    struct doctor_chart chart;
    struct remedy_list remedies;
    bool read, complete;
    enum reason reason;
    int64_t time_ms;
};

static int on_reading(void *data, const struct host *host, struct snapshot *snapshot,
                      struct slice raw, bool *ret_pending, struct err *err)
{
    struct patient *patient = data;
    (void)host;
    (void)raw;
    (void)ret_pending;
    doctor_chart_settle(&patient->chart, snapshot);
    patient->read = snapshot->visit.read;
    patient->complete = doctor_rights_complete(snapshot);
    patient->reason = snapshot->visit.reason;
    patient->time_ms = snapshot->visit.time_ms;
    return patient->chart.failed ? err_memory(err) : 0;
}

static int on_flush(void *data, struct err *err)
{
    (void)data;
    (void)err;
    return 0;
}

/* What was not complete for want of what another row tells is cured there. */
static bool wants_cure(const struct doctor_row *row)
{
    bool bad = row->outcome == DOCTOR_FAILED || row->outcome == DOCTOR_DENIED;
    return bad && (!str_eq(row->step, "visit") || row->reason != REASON_NONE);
}

static enum answer_mark mark_of(const struct doctor_row *row)
{
    static const enum answer_mark marks[] = {[DOCTOR_NOT_REACHED] = MARK_NONE,
                                             [DOCTOR_OK] = MARK_FINE,
                                             [DOCTOR_FAILED] = MARK_PROBLEM,
                                             [DOCTOR_DENIED] = MARK_UNKNOWN,
                                             [DOCTOR_SKIPPED] = MARK_NONE};
    return marks[row->outcome];
}

static int put_row(struct patient *patient, struct answer *answer, const struct doctor_row *row,
                   struct err *err)
{
    const struct host *host = patient->chart.host;
    const struct doctor_cure *cure =
        wants_cure(row) ? doctor_cure_find(&patient->chart, row) : NULL;
    const char *remedy =
        wants_cure(row) ? doctor_cure_text(&patient->chart.arena, cure, row, host) : NULL;
    const struct answer_cell cells[COLUMN_COUNT] = {
        answer_text(host->name),
        answer_text(row->step),
        answer_text(doctor_outcome_name(row->outcome)),
        row->ms < 0 ? answer_none() : answer_number(row->ms),
        answer_text(row->seen),
        row->code == 0 ? answer_none() : answer_number(row->code),
        answer_text(cure == NULL ? NULL : cure->id),
        answer_text(remedy),
    };
    if (remedy_add(&patient->remedies, row->step, remedy, NULL) != 0) {
        return err_memory(err);
    }
    return answer_row(answer, cells, mark_of(row), err);
}

static int print(struct patient *patient, const struct command_line *line, struct err *err)
{
    const struct answer_meta meta = {
        .as_of_ms = patient->time_ms, .hosts = 1, .hosts_read = patient->read ? 1 : 0};
    bool table = line->format == FORMAT_TABLE;
    struct answer *answer = answer_new(stdout, line->format, answer_color(line->color, stdout),
                                       columns, COLUMN_COUNT, table ? NULL : &meta);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < patient->chart.count && result == 0; i++) {
        result = put_row(patient, answer, &patient->chart.rows[i], err);
    }
    result = answer == NULL ? result : answer_close(answer, result, NULL, err);
    if (result == 0 && table) {
        remedy_print(&patient->remedies, stdout);
    }
    return result;
}

static int exit_code(const struct patient *patient, bool interrupted)
{
    if (interrupted) {
        return EXIT_INTERRUPTED;
    }
    if (patient->read) {
        return patient->complete ? EXIT_FINE : EXIT_PROBLEM;
    }
    return patient->reason == REASON_AUTH ? EXIT_REFUSED : EXIT_CANNOT_TELL;
}

static int check_one(const struct plan *plan, const char *name, struct err *err)
{
    if (plan->scope_count > 1) {
        return err_set(err, ERR_USAGE, "doctor",
                       "`%.64s` is %zu hosts of the inventory; name one of them", name,
                       plan->scope_count);
    }
    if (plan->count == 0) {
        return err_set(err, ERR_USAGE, "doctor",
                       "%.64s is retired in the inventory (pvsaudit_state) and is not visited",
                       name);
    }
    return 0;
}

static int examine(struct plan *plan, const struct command_line *line, bool *ret_stuck,
                   struct err *err)
{
    struct patient patient = {.read = false};
    const struct visit_observer observer = {doctor_chart_step, &patient.chart};
    const struct scan_sink sink = {on_reading, on_flush, &patient};
    const struct scan_options options = {
        .clock = {.shift_ms =
                      line->as_of_ms == 0 ? 0 : line->as_of_ms - clock_now_ms(&(struct clock){0})},
        .source = plan->settings.source,
        .quiet = true,
        .trace = line->verbose > 1,
        .observer = &observer,
    };
    struct scan_result result = {0};
    int code = -1;
    doctor_chart_init(&patient.chart, plan->entries[0].host);
    int rc = scan_run(plan, &options, &sink, &result, err);
    if (rc == 0 && result.interrupted && patient.time_ms == 0) {
        doctor_chart_interrupt(&patient.chart);
    }
    if (rc == 0 && print(&patient, line, err) == 0) {
        code = exit_code(&patient, result.interrupted);
    }
    *ret_stuck = result.stuck;
    remedy_list_done(&patient.remedies);
    doctor_chart_done(&patient.chart);
    return code;
}

int doctor_run(const struct command_line *line, bool *ret_stuck, struct err *err)
{
    struct plan plan = {0};
    struct command_line one = *line;
    if (line->limit != NULL) {
        return err_set(err, ERR_USAGE, "doctor",
                       "doctor looks at the HOST that it is given; leave "
                       "-l out");
    }
    one.limit = line->arguments[0];
    int code = plan_load(&plan, &one, err) == 0 && check_one(&plan, one.limit, err) == 0
                   ? examine(&plan, line, ret_stuck, err)
                   : -1;
    if (!*ret_stuck) {
        plan_done(&plan);
    }
    return code;
}
