/* test_summary: which exit code wins, one row for each precedence. */
#include "out/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_precedence_has_its_code(void **state)
{
    static const struct {
        const char *what;
        struct summary summary;
        int code;
    } cases[] = {
        {"all is well", {.hosts = 40, .fine = 80}, 0},
        {"a problem", {.hosts = 40, .problems = 1}, 1},
        {"an expectation that cannot be judged", {.hosts = 40, .unknown = 1}, 3},
        {"stale", {.hosts = 40, .stale = true}, 3},
        {"not settled yet", {.hosts = 40, .pending = 1, .fine = 79}, 3},
        {"a problem beats not settled", {.hosts = 40, .pending = 1, .problems = 1}, 1},
        {"a host unread", {.hosts = 40, .unread = 1}, 3},
        {"a problem beats not knowing", {.hosts = 40, .problems = 1, .unknown = 2, .unread = 3}, 1},
        {"a problem beats stale", {.hosts = 40, .problems = 1, .stale = true}, 1},
        {"unread, fail", {.hosts = 40, .unread = 1, .unreachable = UNREACHABLE_FAIL}, 1},
        {"unread, ignore", {.hosts = 40, .unread = 1, .unreachable = UNREACHABLE_IGNORE}, 0},
        {"ignore hides no unknown",
         {.hosts = 40, .unread = 1, .unknown = 1, .unreachable = UNREACHABLE_IGNORE},
         3},
        {"ignore hides no problem",
         {.hosts = 40, .unread = 1, .problems = 1, .unreachable = UNREACHABLE_IGNORE},
         1},
        {"ignore hides no age",
         {.hosts = 40, .stale = true, .unread = 1, .unreachable = UNREACHABLE_IGNORE},
         3},
        {"fail, and nothing unread", {.hosts = 40, .unreachable = UNREACHABLE_FAIL}, 0},
        {"all refused the credential, in a scan",
         {.visits = true, .hosts = 2, .unread = 2, .refused = 2},
         4},
        {"all refused in a scan beats everything that was found",
         {.visits = true, .hosts = 2, .unread = 2, .refused = 2, .problems = 1},
         4},
        {"not all refused in a scan, and a problem",
         {.visits = true, .hosts = 2, .unread = 1, .refused = 1, .problems = 1},
         1},
        {"all refused, in a question", {.hosts = 2, .unread = 2, .refused = 2}, 3},
        {"an open problem of hosts that all refused",
         {.hosts = 2, .unread = 2, .refused = 2, .problems = 1},
         1},
        {"all but one refused", {.hosts = 3, .unread = 3, .refused = 2}, 3},
        {"one refused", {.hosts = 3, .unread = 1, .refused = 1}, 3},
        {"interrupted beats a problem", {.hosts = 3, .problems = 1, .interrupted = true}, 130},
        {"interrupted beats refused",
         {.visits = true, .hosts = 1, .unread = 1, .refused = 1, .interrupted = true},
         130},
        {"a full disk beats a problem", {.failure = ERR_FULL, .hosts = 3, .problems = 1}, 5},
        {"a bad history beats refused",
         {.failure = ERR_HISTORY, .visits = true, .hosts = 1, .unread = 1, .refused = 1},
         2},
        {"wrong usage", {.failure = ERR_USAGE}, 2},
        {"a wrong file", {.failure = ERR_CONFIG, .hosts = 3}, 2},
        {"locked", {.failure = ERR_LOCKED, .hosts = 3}, 5},
        {"cancelled", {.failure = ERR_CANCELLED, .hosts = 3}, 130},
        {"nothing in scope proves nothing", {.hosts = 0}, 3},
        {"nobody was read, ignore",
         {.hosts = 2, .unread = 2, .unreachable = UNREACHABLE_IGNORE},
         3},
        {"nobody was read, ignore, and an open problem",
         {.hosts = 2, .unread = 2, .problems = 1, .unreachable = UNREACHABLE_IGNORE},
         1},
        {"all in maintenance", {.hosts = 0, .inactive = 4}, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int code = summary_exit_code(&cases[i].summary);
        if (code != cases[i].code) {
            fail_msg("%s: %d, not %d", cases[i].what, code, cases[i].code);
        }
    }
}

static void unread_hosts_count_refusals_of_the_credential(void **state)
{
    struct summary summary = {.hosts = 3};
    (void)state;
    summary_unread(&summary, REASON_AUTH);
    summary_unread(&summary, REASON_CREDENTIAL_STOPPED);
    summary_unread(&summary, REASON_TIMEOUT);
    assert_int_equal(summary.unread, 3);
    assert_int_equal(summary.refused, 2);
}

static void every_verdict_is_counted_once_or_not_at_all(void **state)
{
    /* p: a problem, u: cannot tell, f: fine, w: not yet, -: nothing */
    static const char wanted[VERDICT_COUNT + 1] = "ffpppppppw--u";
    (void)state;
    for (int i = 0; i < VERDICT_COUNT; i++) {
        struct summary summary = {.hosts = 1};
        summary_verdict(&summary, (enum verdict_code)i);
        char got = summary.problems == 1  ? 'p'
                   : summary.unknown == 1 ? 'u'
                   : summary.fine == 1    ? 'f'
                   : summary.pending == 1 ? 'w'
                                          : '-';
        assert_int_equal(got, wanted[i]);
        assert_true(summary.problems + summary.unknown + summary.fine + summary.pending <= 1);
    }
}

static void the_sentence_counts_everything(void **state)
{
    const struct summary one = {.hosts = 40, .problems = 1, .unknown = 2, .unread = 3};
    const struct summary none = {.hosts = 40};
    const struct summary old = {.hosts = 40, .problems = 2, .stale = true};
    const struct summary never = {.hosts = 40, .stale = true, .never_scanned = true};
    const struct summary soon = {.hosts = 40, .pending = 2};
    const struct summary gone = {.hosts = 2, .unread = 2};
    const struct summary empty = {.hosts = 0};
    char text[256];
    (void)state;
    assert_string_equal(summary_text(&gone, text, sizeof(text)),
                        "no problem, 0 unknown, 2 of 2 hosts not read: nothing was checked");
    assert_string_equal(summary_text(&empty, text, sizeof(text)),
                        "no problem, 0 unknown, no host: nothing was checked");
    assert_string_equal(summary_text(&soon, text, sizeof(text)),
                        "no problem, 0 unknown, 2 pending");
    assert_string_equal(summary_text(&one, text, sizeof(text)),
                        "1 problem, 2 unknown, 3 of 40 hosts not read");
    assert_string_equal(summary_text(&none, text, sizeof(text)), "no problem, 0 unknown");
    assert_string_equal(summary_text(&old, text, sizeof(text)),
                        "2 problems, 0 unknown, the last complete scan is too old");
    assert_string_equal(summary_text(&never, text, sizeof(text)),
                        "no problem, 0 unknown, no complete scan yet");
}

static void a_plugin_has_codes_of_its_own(void **state)
{
    const struct summary bad = {.hosts = 40, .problems = 1, .fine = 79};
    const struct summary fine = {.hosts = 40, .fine = 80};
    const struct summary old = {.hosts = 40, .fine = 80, .stale = true};
    const struct summary refused = {.hosts = 1, .unread = 1, .refused = 1};
    const struct summary open = {.hosts = 1, .unread = 1, .refused = 1, .problems = 1};
    const struct summary soon = {.hosts = 40, .fine = 79, .pending = 1};
    const struct summary broken = {.failure = ERR_IO};
    const struct summary stopped = {.interrupted = true};
    char text[256];
    (void)state;
    assert_int_equal(summary_nagios(&bad, text, sizeof(text)), 2);
    assert_string_equal(text, "PVSAUDIT CRITICAL - 1 problem, 0 unknown | problems=1 unknown=0 "
                              "pending=0 unread=0 hosts=40 bound=79");
    assert_int_equal(summary_nagios(&fine, text, sizeof(text)), 0);
    assert_non_null(strstr(text, "PVSAUDIT OK - "));
    assert_int_equal(summary_nagios(&old, text, sizeof(text)), 3);
    assert_int_equal(summary_nagios(&refused, text, sizeof(text)), 3);
    assert_int_equal(summary_nagios(&open, text, sizeof(text)), 2);
    assert_int_equal(summary_nagios(&soon, text, sizeof(text)), 3);
    assert_non_null(strstr(text, "pending=1"));
    assert_int_equal(summary_nagios(&broken, text, sizeof(text)), 3);
    assert_int_equal(summary_nagios(&stopped, text, sizeof(text)), 3);
    const struct summary told = {
        .hosts = 40, .fine = 80, .last_complete_ms = 1000, .now_ms = 1000 + 5 * 3600000};
    assert_int_equal(summary_nagios(&told, text, sizeof(text)), 0);
    assert_non_null(strstr(text, "PVSAUDIT OK - last complete scan 5 h ago, no problem, "));
    const struct summary failed = {.failure = ERR_USAGE, .cause = "no host\tis named a|b\n"};
    assert_int_equal(summary_nagios(&failed, text, sizeof(text)), 3);
    assert_string_equal(text, "PVSAUDIT UNKNOWN - no host is named a b ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_precedence_has_its_code),
        cmocka_unit_test(unread_hosts_count_refusals_of_the_credential),
        cmocka_unit_test(every_verdict_is_counted_once_or_not_at_all),
        cmocka_unit_test(the_sentence_counts_everything),
        cmocka_unit_test(a_plugin_has_codes_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
