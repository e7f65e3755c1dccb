/* query: the reader of the history: the questions that the commands ask. */
#ifndef PVSAUDIT_DB_QUERY_QUERY_H
#define PVSAUDIT_DB_QUERY_QUERY_H

#include "core/arena.h"
#include "core/err.h"
#include "model/host.h"
#include "model/snapshot.h"
#include "model/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opened read-only (mode=ro, query_only; immutable only as docs/HISTORY.md allows). ERR_HISTORY:
 * absent, empty, foreign, damaged, newer, or with a -wal that cannot be used. */
struct query;
int query_open(const char *path, struct query **ret, struct err *err);
void query_close(struct query *query);

/* The timezone of a row is what the inventory said at the host's newest visit, NULL = nothing. */

/* What every question shares. */
struct query_frame {
    int64_t as_of_ms; /* 0 = everything that is known; a whole second counts to its end */
    int64_t now_ms; /* the asker's clock: only for staleness, never in an answer's rows */
    int64_t stale_after_ms;
    /* NULL = every host; site and farm may be NULL */
    bool (*wants)(void *data, const char *host, const char *site, const char *farm);
    void *data;
};

/* T as it counts: tables print times to the second, and the one that is named counts whole. 0 stays
 * 0. */
int64_t query_end_of(int64_t ms);

/* The first line of every answer. */
struct query_meta {
    int64_t as_of_ms; /* T, else the newest observation */
    int64_t last_complete_scan_ms; /* start of the last scan of the whole fleet that was not
                                      aborted, as known at as_of; 0 = none */
    int64_t last_complete_scan_end_ms;
    bool stale; /* that scan is older than stale_after at now (or at as_of) */
    size_t hosts; /* hosts in the scope of the last scan, in state active; a machine with two names
                     is one, by the first name */
    size_t hosts_read; /* of these, the newest visit was read */
    size_t hosts_unread; /* of these, it was not, or there is none */
};
int query_meta(struct query *query, const struct query_frame *frame, struct query_meta *ret,
               struct err *err);

/* What changed over time: findings that inform. */
struct changes {
    bool startup_reverted; /* startup-type-reverted */
    enum startup_type startup_was; /* the type before; STARTUP_UNKNOWN = no other was ever seen */
    int64_t startup_until_ms; /* last reading that showed that; 0 = not known */
    const char *owner_was; /* owner-changed: the image at the last good reading; NULL = it is not */
};

/* Strings of the rows live in the list's arena. In every row host is the host's name, or
 * SOURCE:NAME where several collectors have a host of that name: it is one host's and no other's.
 */
struct missing_row {
    const char *host, *source, *site, *farm, *timezone, *expectation, *service, *display_name;
    enum proto proto;
    uint16_t port;
    enum finding finding; /* lost-at-boot, lost-mid-boot, lost, never-bound, service-removed */
    enum verdict_code verdict; /* last decisive problem (or restarting) */
    const char *verdict_detail;
    bool recovered; /* state: "recovered", else "missing" */
    enum reason unread_reason; /* the newest visit was not decisive: why (REASON_NONE = it was) */
    const char *unread_detail;
    int64_t boot_time_ms; /* of the boot in which it was lost; 0 = boot not known */
    int64_t last_good_ms; /* last reading that was bound; 0 = never */
    int64_t first_bad_ms, last_bad_ms;
    enum service_state service_state;
    enum startup_type startup;
    int64_t pid, rival_pid;
    const char *rival_image;
    int64_t recovered_at_ms; /* first reading that was bound again; 0 */
    enum recovery recovered_by;
    enum host_state host_state; /* as the inventory had it: maintenance and retired touch no code */
    const char *remedy, *prevention;
    struct changes changes; /* as of the newest reading that could tell */
    bool conflict; /* expectation-conflict */
    const char *same_machine_as; /* the name under which the machine, which has several (in this
                                    state), counts for this expectation: the worst that was read;
                                    NULL: this row counts */
};
struct missing_list {
    struct arena arena;
    struct missing_row *rows; /* lost-at-boot first, then by host and expectation */
    size_t count;
    struct missing_row *dropped; /* what was open of hosts that the newest scan of the whole fleet
                                    does not have any more, for 30 days after their last visit */
    size_t dropped_count;
};
/* since_ms 0: only what is missing as of the frame; else also what was lost or recovered since. */
int query_missing(struct query *query, const struct query_frame *frame, int64_t since_ms,
                  struct missing_list *ret, struct err *err);
void missing_list_done(struct missing_list *list);

struct status_row {
    const char *host, *source, *site, *farm, *timezone, *expectation, *service, *display_name;
    enum proto proto;
    uint16_t port;
    enum verdict_code verdict; /* of the newest visit; a stale one is unknown: stale */
    enum reason reason;
    const char *detail;
    int64_t code; /* native, of that reason; 0 = none */
    int64_t as_of_ms; /* time of the newest visit */
    int64_t read_ms; /* time of the newest that was read; 0 = none */
    bool read; /* the newest visit was read */
    int64_t last_good_ms; /* last reading that was bound; 0 */
    int64_t last_decisive_ms;
    enum verdict_code last_decisive;
    enum service_state service_state;
    enum startup_type startup;
    int64_t pid, boot_time_ms;
    enum host_state host_state;
    bool informational; /* watch: inform; touches no exit code */
    bool conflict, restarted_after_boot;
    struct changes changes;
    const char *transport;
    const char *same_machine_as; /* as in struct missing_row */
    const char *alias_of; /* the name that stands for its machine where hosts are counted, NULL on
                             it: one that was read, the first of these */
    bool unread; /* the newest visit of its machine was not read, or there is none; false where
                    alias_of is not NULL */
};
struct status_list {
    struct arena arena;
    struct status_row *rows; /* by site, host, expectation */
    size_t count;
};
int query_status(struct query *query, const struct query_frame *frame, struct status_list *ret,
                 struct err *err);
void status_list_done(struct status_list *list);

/* `why`: the rows behind the verdicts of one host. */
struct why_service {
    struct status_row status;
    enum expected_by expected_by;
    bool not_expected;
    struct endpoint holder; /* port 0 = none */
    const char *holder_image;
    int64_t process_created_ms;
    int64_t exit_code;
    bool not_installed; /* the newest reading that could tell */
    enum finding finding; /* of the open problem, FINDING_NONE = none */
    int64_t first_bad_ms;
    struct why_recovery {
        int64_t at_ms; /* first reading that was bound again; 0 = the newest problem is open, ended
                          otherwise, or there was none */
        enum recovery by;
        enum finding finding;
        enum verdict_code verdict; /* the last one that showed it */
        int64_t first_bad_ms, last_bad_ms;
    } recovery;
    /* the last reading that was bound, as it was then */
    int64_t good_ms, good_boot_ms, good_pid, good_process_created_ms;
    struct endpoint good_holder;
    enum startup_type good_startup;
    const char *remedy, *prevention;
};
struct why {
    struct arena arena;
    const char *host, *source, *site, *farm, *timezone;
    bool dropped; /* the newest scan of the whole fleet does not have it any more */
    struct snapshot snapshot; /* the newest visit that was read, decoded; visit.time_ms 0 = none */
    struct snapshot full; /* where that was a light one: what lies under it; borrowed from */
    struct visit newest; /* the newest visit, read or not */
    int64_t replaced_ms; /* since then another machine has the name; 0 = it is the first one */
    const char *replaced_name, *replaced_id; /* of the one before, NULL = not known */
    int64_t boot_first_seen_ms, boot_time_ms, previous_boot_ms;
    int64_t boots_seen;
    struct why_service *services;
    size_t service_count;
};
/* ERR_USAGE: no such host in the history (names the nearest), or several collectors have one. Where
 * a host is asked for, it is NAME or SOURCE:NAME. */
int query_why(struct query *query, const struct query_frame *frame, const char *host,
              struct why *ret, struct err *err);
void why_done(struct why *why);

/* The newest full visit of host that was read at or before at_ms (0: newest), decoded. ERR_USAGE:
 * no such host in the history; ERR_UNREAD: no such visit. *ret_zone is the zone that the inventory
 * gave the host then, NULL = none; it lives as long as *ret. */
int query_snapshot(struct query *query, const char *host, int64_t at_ms, struct snapshot *ret,
                   const char **ret_zone, struct err *err);

/* Every visit in order of time, decoded, with the declaration in force; for export. host NULL =
 * all. The callback borrows both; a result other than 0 ends the walk and is returned. */
int query_visits(struct query *query, const char *host, int64_t from_ms, int64_t to_ms,
                 int (*row)(void *data, const struct snapshot *snapshot,
                            const struct host *declared),
                 void *data, struct err *err);

/* Names of all hosts in the history, and two names of one machine. */
struct host_row {
    const char *host, *name, *source, *site, *farm, *timezone, *os, *machine_id, *computer_name,
        *transport;
    int64_t first_seen_ms, last_seen_ms, last_read_ms;
    enum host_state state;
    const char *same_machine_as; /* another name with this identity, or NULL */
    bool counts; /* the questions about the fleet have it; false: an inventory has dropped it */
    const char *formerly; /* a host that does not count any more, was last visited before this one,
                             and has its machine id: perhaps its earlier name; NULL = none */
};
struct host_list {
    struct arena arena;
    struct host_row *rows;
    size_t count;
};
/* The sentence of host_row.formerly, which it takes twice, and the host's name. */
#define HOST_FORMERLY                                                                          \
    "it has the machine id of %s, which no inventory has any more: if it is the same server, " \
    "`pvsaudit hosts rename %s %s` joins their histories"
int query_hosts(struct query *query, const struct query_frame *frame, struct host_list *ret,
                struct err *err);
void host_list_done(struct host_list *list);

/* Who was told what; the oldest first. Times of 0: without that end. */
struct decision_row {
    int64_t id, time_ms;
    const char *kind, *asked_by, *change, *answer, *sentence;
    const char *hold_host; /* of a hold and its release; NULL */
    int64_t hold_until_ms, released_ms;
    const char *released_by;
    const char *readings; /* "pvs01@2026-11-25T22:00:00Z, ..."; NULL = on none */
    int64_t reading_count;
};
struct decision_list {
    struct arena arena;
    struct decision_row *rows;
    size_t count;
};
int query_decisions(struct query *query, int64_t from_ms, int64_t to_ms, const char *change,
                    struct decision_list *ret, struct err *err);
void decision_list_done(struct decision_list *list);

#endif
