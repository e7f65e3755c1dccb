/* summary: from counts to an exit code, a sentence and a plugin's line. */
#include "out/summary.h"

#include "core/clock.h"

#include <stdio.h>
#include <string.h>

void summary_unread(struct summary *summary, enum reason reason)
{
    summary->unread++;
    summary->refused += reason == REASON_AUTH || reason == REASON_CREDENTIAL_STOPPED;
}

void summary_verdict(struct summary *summary, enum verdict_code code)
{
    if (verdict_is_problem(code)) {
        summary->problems++;
    } else if (code == VERDICT_UNKNOWN) {
        summary->unknown++;
    } else if (code == VERDICT_PENDING) {
        summary->pending++;
    } else if (code == VERDICT_BOUND || code == VERDICT_BOUND_OWNER_UNKNOWN) {
        summary->fine++;
    }
}

/* Nobody was looked at: that proves nothing, whatever unread hosts are to amount to. */
static bool is_nothing(const struct summary *summary)
{
    return summary->hosts == 0 ? summary->inactive == 0 : summary->unread >= summary->hosts;
}

int summary_exit_code(const struct summary *summary)
{
    if (summary->failure == ERR_CANCELLED || summary->interrupted) {
        return EXIT_INTERRUPTED;
    }
    if (summary->failure != ERR_NONE) {
        return err_exit_code(summary->failure);
    }
    bool all_refused = summary->hosts > 0 && summary->refused >= summary->hosts;
    if (all_refused && summary->visits) {
        return EXIT_REFUSED;
    }
    bool unread = summary->unread > 0;
    if (summary->problems > 0 || (unread && summary->unreachable == UNREACHABLE_FAIL)) {
        return EXIT_PROBLEM;
    }
    if (summary->unknown > 0 || summary->pending > 0 || summary->stale || all_refused ||
        is_nothing(summary) || (unread && summary->unreachable == UNREACHABLE_WARN)) {
        return EXIT_CANNOT_TELL;
    }
    return EXIT_FINE;
}

struct answer_counts summary_counts(const struct summary *summary)
{
    return (struct answer_counts){
        .problems = summary->problems,
        .unknown = summary->unknown,
        .pending = summary->pending,
        .hosts_unread = summary->unread,
    };
}

const char *summary_text(const struct summary *summary, char *to, size_t size)
{
    char problems[48];
    char pending[48] = "";
    char unread[64] = "";
    const char *age = summary->never_scanned ? ", no complete scan yet"
                      : summary->stale       ? ", the last complete scan is too old"
                                             : "";
    if (summary->problems == 0) {
        (void)snprintf(problems, sizeof(problems), "no problem");
    } else {
        (void)snprintf(problems, sizeof(problems), "%zu problem%s", summary->problems,
                       summary->problems == 1 ? "" : "s");
    }
    if (summary->pending > 0) {
        (void)snprintf(pending, sizeof(pending), ", %zu pending", summary->pending);
    }
    if (summary->hosts == 0 && summary->inactive == 0) {
        (void)snprintf(unread, sizeof(unread), ", no host");
    } else if (summary->unread > 0) {
        (void)snprintf(unread, sizeof(unread), ", %zu of %zu hosts not read", summary->unread,
                       summary->hosts);
    }
    (void)snprintf(to, size, "%s, %zu unknown%s%s%s%s", problems, summary->unknown, pending, unread,
                   is_nothing(summary) ? ": nothing was checked" : "", age);
    return to;
}

/* A bar would end the text, and what follows be read as figures. */
static void put_cause(const char *cause, char *to, size_t size)
{
    size_t len = 0;
    for (; cause[len] != '\0' && len + 1 < size; len++) {
        bool plain = cause[len] >= ' ' && cause[len] != 0x7f && cause[len] != '|';
        to[len] = plain || (cause[len] & 0x80) != 0 ? cause[len] : ' ';
    }
    to[len] = '\0';
}

int summary_nagios(const struct summary *summary, char *to, size_t size)
{
    static const struct {
        int plugin;
        const char *word;
    } answers[] = {
        [EXIT_FINE] = {0, "OK"},         [EXIT_PROBLEM] = {2, "CRITICAL"},
        [EXIT_USAGE] = {3, "UNKNOWN"},   [EXIT_CANNOT_TELL] = {3, "UNKNOWN"},
        [EXIT_REFUSED] = {3, "UNKNOWN"}, [EXIT_FAILED] = {3, "UNKNOWN"},
    };
    int code = summary_exit_code(summary);
    int row = code >= 0 && code <= EXIT_FAILED ? code : EXIT_FAILED;
    char text[256];
    char age[CLOCK_TEXT] = "";
    if (summary->cause != NULL) {
        put_cause(summary->cause, text, sizeof(text));
        (void)snprintf(to, size, "PVSAUDIT %s - %s", answers[row].word, text);
        return answers[row].plugin;
    }
    if (summary->last_complete_ms > 0) {
        int64_t ms = summary->now_ms - summary->last_complete_ms;
        clock_age(ms < 0 ? 0 : ms, age);
    }
    (void)snprintf(to, size,
                   "PVSAUDIT %s - %s%s%s%s | problems=%zu unknown=%zu pending=%zu unread=%zu "
                   "hosts=%zu bound=%zu",
                   answers[row].word, age[0] == '\0' ? "" : "last complete scan ", age,
                   age[0] == '\0' ? "" : " ago, ", summary_text(summary, text, sizeof(text)),
                   summary->problems, summary->unknown, summary->pending, summary->unread,
                   summary->hosts, summary->fine);
    return answers[row].plugin;
}
