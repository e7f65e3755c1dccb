/* summary: from counts to an exit code, a sentence and a plugin's line. */
#include "out/summary.h"

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
    bool nothing = summary->hosts == 0 && summary->inactive == 0;
    if (summary->unknown > 0 || summary->pending > 0 || summary->stale || nothing || all_refused ||
        (unread && summary->unreachable == UNREACHABLE_WARN)) {
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
    if (summary->unread > 0) {
        (void)snprintf(unread, sizeof(unread), ", %zu of %zu hosts not read", summary->unread,
                       summary->hosts);
    }
    (void)snprintf(to, size, "%s, %zu unknown%s%s%s", problems, summary->unknown, pending, unread,
                   age);
    return to;
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
    (void)snprintf(
        to, size,
        "PVSAUDIT %s - %s | problems=%zu unknown=%zu pending=%zu unread=%zu hosts=%zu bound=%zu",
        answers[row].word, summary_text(summary, text, sizeof(text)), summary->problems,
        summary->unknown, summary->pending, summary->unread, summary->hosts, summary->fine);
    return answers[row].plugin;
}
