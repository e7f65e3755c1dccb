/* summary: the counts of a run or an answer and the exit code that follows from them; pure. */
#ifndef PVSAUDIT_OUT_SUMMARY_H
#define PVSAUDIT_OUT_SUMMARY_H

#include "command/command_line.h"
#include "core/err.h"
#include "model/snapshot.h"
#include "model/verdict.h"
#include "out/answer.h"

#include <stdbool.h>
#include <stddef.h>

enum exit_code {
    EXIT_FINE = 0, /* every expected endpoint is bound by its service */
    EXIT_PROBLEM = 1, /* a problem was found */
    EXIT_USAGE = 2, /* usage, configuration, or a history that cannot be used */
    EXIT_CANNOT_TELL = 3, /* partial or stale data, not settled yet, hosts unread */
    EXIT_REFUSED = 4, /* a scan: every host refused the credential */
    EXIT_FAILED = 5, /* I/O, full, locked, internal */
    EXIT_INTERRUPTED = 130,
};

/* Only hosts in state active are counted, and no informational expectation. */
struct summary {
    enum err_code failure; /* what ended the run, else ERR_NONE */
    bool interrupted;
    bool visits; /* of a scan, not of a question */
    bool stale; /* the last complete scan is too old, or there is none */
    bool never_scanned; /* of stale: there is none */
    size_t hosts; /* in scope */
    size_t inactive; /* in scope, but in maintenance or retired */
    size_t unread; /* of hosts: the newest visit was not read, or there is none */
    size_t refused; /* of unread: the host refused the credential */
    size_t problems; /* expectations with a problem, open ones of unread hosts among them */
    size_t unknown; /* expectations of hosts that were read, that could not be judged */
    size_t fine; /* expectations that are bound */
    size_t pending; /* expectations that are not settled yet */
    enum unreachable unreachable;
};

/* Count one expectation of a host that was read. Pending is neither a problem nor bound yet. */
void summary_verdict(struct summary *summary, enum verdict_code code);
/* Count one host that was not read. */
void summary_unread(struct summary *summary, enum reason reason);

/* What ended the run (2, 5), interrupted (130), a scan of which every host refused the credential
 * (4); else a problem (1) beats not knowing (3) beats 0. What is not settled yet, and nothing in
 * scope at all, is not knowing. */
int summary_exit_code(const struct summary *summary);

/* What an answer says of them. */
struct answer_counts summary_counts(const struct summary *summary);

/* One line for people: "1 problem, 2 unknown, 3 of 40 hosts not read". Returns to. */
const char *summary_text(const struct summary *summary, char *to, size_t size);

/* Plugin form: "PVSAUDIT CRITICAL - 1 problem, ... | problems=1 unknown=0 pending=0
 * unread=0 hosts=40 bound=79"; to
 * is without LF. Returns the plugin's code: 0 OK, 2 CRITICAL, 3 UNKNOWN. */
int summary_nagios(const struct summary *summary, char *to, size_t size);

#endif
