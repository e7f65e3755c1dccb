/* test_report: what counts in a scan: machines with two names, and what is still open. */
#include "collector/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void read_host(struct report *report, const struct host *host, const char *machine_id,
                      const char *computer_name)
{
    static const struct expectation expectation = {.id = "BNPXE", .service = "BNPXE"};
    const struct verdict verdict = {.code = VERDICT_NOT_BOUND};
    const struct open_problem open = {
        .since_ms = 1000, .finding = FINDING_NEVER_BOUND, .verdict = VERDICT_NOT_BOUND};
    struct snapshot snapshot = {.visit = {.read = true, .time_ms = 1000},
                                .machine = {.id = machine_id, .computer_name = computer_name}};
    struct err err = {0};
    assert_int_equal(report_reading(report, host, &snapshot, &err), 0);
    assert_int_equal(report_verdict(report, &expectation, &verdict, &open, &err), 0);
}

static void two_names_of_one_machine_are_counted_once(void **state)
{
    static const struct host hosts[] = {{.name = "pvs01"},
                                        {.name = "pvs02"},
                                        {.name = "pvs03"},
                                        {.name = "pvs04"},
                                        {.name = "pvs05"}};
    static const char *const ids[] = {"guid-a", "GUID-A", NULL, NULL, "guid-a"};
    static const char *const names[] = {"PVS01", "pvs01", "PVS01", "PVS01", "CLONE"};
    struct report *report = report_new();
    struct summary summary = {0};
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        read_host(report, &hosts[i], ids[i], names[i]);
    }
    assert_int_equal(report_find_twins(report, &err), 0);
    report_summary(report, &summary);
    assert_int_equal(summary.hosts, 5);
    /* A machine without an identity is one of its own, and so is a clone. */
    assert_int_equal(summary.problems, 4);
    report_free(report);
}

/* A host of which a problem is open, as tonight's visit has it. */
static void visit_broken(struct report *report, const struct host *host, bool read,
                         enum verdict_code code, enum expectation_watch watch)
{
    static struct expectation kinds[2] = {
        {.id = "BNPXE", .service = "BNPXE", .remedy = "Restart-Service BNPXE"},
        {.id = "soapserver", .service = "soapserver", .watch = WATCH_INFORM}};
    const struct verdict verdict = {.code = code, .reason = REASON_TIMEOUT, .detail = "too slow"};
    const struct open_problem open = {.since_ms = INT64_C(1795384800000),
                                      .finding = FINDING_LOST_AT_BOOT,
                                      .verdict = VERDICT_NOT_BOUND};
    struct snapshot snapshot = {.visit = {.read = read,
                                          .time_ms = 1000,
                                          .reason = read ? REASON_NONE : REASON_TIMEOUT,
                                          .detail = read ? NULL : "no answer"}};
    struct err err = {0};
    assert_int_equal(report_reading(report, host, &snapshot, &err), 0);
    assert_int_equal(report_verdict(report, &kinds[watch == WATCH_INFORM], &verdict, &open, &err),
                     0);
}

static void what_is_still_open_counts_whatever_tonight_says(void **state)
{
    static const struct {
        struct host host;
        bool read;
        enum verdict_code code;
        enum expectation_watch watch;
        size_t problems, unknown, pending, unread;
        int exit_code;
    } rows[] = {
        {{.name = "a"}, false, VERDICT_UNKNOWN, WATCH_ALWAYS, 1, 0, 0, 1, 1},
        {{.name = "b"}, true, VERDICT_UNKNOWN, WATCH_ALWAYS, 1, 0, 0, 0, 1},
        {{.name = "c"}, true, VERDICT_PENDING, WATCH_ALWAYS, 1, 0, 0, 0, 1},
        {{.name = "d"}, true, VERDICT_STOPPED, WATCH_ALWAYS, 1, 0, 0, 0, 1},
        {{.name = "e"}, false, VERDICT_UNKNOWN, WATCH_INFORM, 0, 0, 0, 1, 3},
        {{.name = "f", .state = HOST_MAINTENANCE},
         false,
         VERDICT_UNKNOWN,
         WATCH_ALWAYS,
         0,
         0,
         0,
         0,
         0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct report *report = report_new();
        struct summary summary = {0};
        visit_broken(report, &rows[i].host, rows[i].read, rows[i].code, rows[i].watch);
        report_summary(report, &summary);
        assert_int_equal(summary.problems, rows[i].problems);
        assert_int_equal(summary.unknown, rows[i].unknown);
        assert_int_equal(summary.pending, rows[i].pending);
        assert_int_equal(summary.unread, rows[i].unread);
        assert_int_equal(summary_exit_code(&summary), rows[i].exit_code);
        report_free(report);
    }
}

static void a_table_shows_what_is_still_open_beside_tonights_reason(void **state)
{
    static const struct host hosts[] = {{.name = "pvs01"},
                                        {.name = "pvs02", .timezone = "Asia/Kolkata"}};
    struct report *report = report_new();
    struct summary summary = {0};
    const struct answer_meta meta = {.hosts = 2};
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    (void)state;
    (void)setenv("TZ", "UTC0", 1);
    visit_broken(report, &hosts[0], false, VERDICT_UNKNOWN, WATCH_ALWAYS);
    visit_broken(report, &hosts[1], true, VERDICT_PENDING, WATCH_ALWAYS);
    report_summary(report, &summary);
    assert_int_equal(report_print(report, to, FORMAT_TABLE, false, &meta, &summary, &err), 0);
    (void)fclose(to);
    static const char *const lines[] = {
        "pvs01 -    -           unknown -            timeout: no answer\n",
        "pvs01 -    BNPXE       unknown lost-at-boot still open: not-bound since "
        "2026-11-22 22:00:00 UTC\n",
        "pvs02 -    BNPXE       pending lost-at-boot still open: not-bound since "
        "2026-11-23 03:30:00 IST\n",
        "Remedy (pvs[01,02]): Restart-Service BNPXE\n",
        "2 problems, 0 unknown, 1 of 2 hosts not read\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (strstr(text, lines[i]) == NULL) {
            fail_msg("not there: %s%s", lines[i], text);
        }
    }
    free(text);
    report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_names_of_one_machine_are_counted_once),
        cmocka_unit_test(what_is_still_open_counts_whatever_tonight_says),
        cmocka_unit_test(a_table_shows_what_is_still_open_beside_tonights_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
