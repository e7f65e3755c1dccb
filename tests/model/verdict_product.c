/* verdict_product: prints the verdict of every combination of situations, one CSV line each. */
#include "model/verdict.h"

#include <stdio.h>
#include <string.h>

#define NOW_MS INT64_C(1000000000000)
#define KEY "HKLM\\SOFTWARE\\Product"

enum {
    SERVICE_PID = 1000,
    CHILD_PID = 1001,
    OTHER_PID = 2000,
    ENDED_PID = 3000,
    SYSTEM_PID = 4,
    NO_PID = 0,
    PORT = 67,
    WORDS_MAX = 13,
};

/* The columns, in order, and the words of each. */
enum dimension {
    VISIT,
    STATE,
    STARTUP,
    EXPECTED,
    ENDPOINTS,
    OWNER,
    AGE,
    SECOND,
    UPTIME,
    EXIT_CODE,
    SECTIONS,
    DIMENSIONS
};

enum { VISIT_READ, VISIT_TIMEOUT };
enum {
    STATE_RUNNING,
    STATE_STOPPED,
    STATE_PAUSED,
    STATE_START_PENDING,
    STATE_STOP_PENDING,
    STATE_CONTINUE_PENDING,
    STATE_PAUSE_PENDING,
    STATE_UNKNOWN,
    STATE_ABSENT,
    STATE_UNREAD,
    STATE_DENIED_ALIVE,
    STATE_DENIED_NONE
};
enum {
    BY_INVENTORY,
    BY_INVENTORY_NO,
    BY_REGISTRY,
    BY_STARTUP,
    BY_HISTORY,
    BY_NOBODY_REGISTRY_UNREAD
};
enum { AT_NONE, AT_WILDCARD, AT_SPECIFIC, AT_LOOPBACK, AT_LINKLOCAL, AT_GONE, AT_TWO, AT_PART };
enum { OWNED_SELF, OWNED_CHILD, OWNED_OTHER, OWNED_ENDED, OWNED_UNKNOWN };
enum { AGE_UNKNOWN, AGE_YOUNG, AGE_OLD };
enum { SECOND_NONE, SECOND_SAME_PID, SECOND_PENDING_LONG };
enum { ALL_COMPLETE, UDP_PARTIAL, SERVICES_PARTIAL, ADDRESSES_DENIED, PROCESSES_DENIED };

static const char *const words[DIMENSIONS][WORDS_MAX] = {
    [VISIT] = {"read", "timeout"},
    [STATE] = {"running", "stopped", "paused", "start-pending", "stop-pending", "continue-pending",
               "pause-pending", "unknown", "absent", "unread", "denied-alive", "denied-none"},
    [STARTUP] = {"automatic", "delayed", "manual", "disabled", "unreadable"},
    [EXPECTED] = {"inventory-yes", "inventory-no", "registry", "automatic", "history",
                  "registry-unread"},
    [ENDPOINTS] = {"none", "wildcard", "specific", "loopback", "linklocal", "gone",
                   "elsewhere-and-foreign", "declared-part"},
    [OWNER] = {"self", "child", "other", "ended", "unknown"},
    [AGE] = {"unknown", "young", "old"},
    [SECOND] = {"none", "same-pid", "pending-long"},
    [UPTIME] = {"unknown", "200", "400", "2400"},
    [EXIT_CODE] = {"0", "1077"},
    [SECTIONS] = {"complete", "udp-partial", "services-partial", "addresses-denied",
                  "processes-denied"},
};

/* Which word of each dimension a combination has. */
typedef size_t combination[DIMENSIONS];

/* The same combination in other words, or one that cannot be told from another: nobody owns no
 * endpoint, only a stopped service has an exit code, and of a visit that was not read nothing but
 * its reason is known. */
static bool is_repeated(const combination at)
{
    if (at[ENDPOINTS] == AT_NONE && at[OWNER] != OWNED_SELF) {
        return true;
    }
    if (at[STATE] != STATE_STOPPED && at[EXIT_CODE] != 0) {
        return true;
    }
    return at[VISIT] == VISIT_TIMEOUT &&
           (at[AGE] != AGE_UNKNOWN || at[SECOND] != SECOND_NONE || at[UPTIME] != 0);
}

static struct ip v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct ip){.family = 4, .bytes = {a, b, c, d}};
}

static void add_service(const combination at, struct snapshot *snapshot)
{
    static const enum service_state states[] = {
        [STATE_RUNNING] = SERVICE_RUNNING,
        [STATE_STOPPED] = SERVICE_STOPPED,
        [STATE_PAUSED] = SERVICE_PAUSED,
        [STATE_START_PENDING] = SERVICE_START_PENDING,
        [STATE_STOP_PENDING] = SERVICE_STOP_PENDING,
        [STATE_CONTINUE_PENDING] = SERVICE_CONTINUE_PENDING,
        [STATE_PAUSE_PENDING] = SERVICE_PAUSE_PENDING,
        [STATE_UNKNOWN] = SERVICE_STATE_UNKNOWN,
    };
    static const enum startup_type startups[] = {STARTUP_AUTOMATIC, STARTUP_AUTOMATIC_DELAYED,
                                                 STARTUP_MANUAL, STARTUP_DISABLED, STARTUP_UNKNOWN};
    struct service *service = snapshot_add_service(snapshot);
    service->name = "BNPXE";
    service->startup = at[STATE] == STATE_ABSENT ? STARTUP_UNKNOWN : startups[at[STARTUP]];
    service->visible = at[STATE] <= STATE_UNKNOWN;
    service->canary = at[STATE] == STATE_ABSENT   ? PRESENCE_ABSENT
                      : at[STATE] == STATE_UNREAD ? PRESENCE_UNREAD
                                                  : PRESENCE_PRESENT;
    if (service->visible) {
        service->state = states[at[STATE]];
        service->pid = at[STATE] == STATE_STOPPED ? 0 : SERVICE_PID;
        service->pid_after = service->pid;
        service->exit_code = at[EXIT_CODE] == 0 ? 0 : 1077;
    }
}

static void add_process(struct snapshot *snapshot, int64_t pid, int64_t parent, int64_t created_ms,
                        const char *name)
{
    struct process *process = snapshot_add_process(snapshot);
    *process = (struct process){pid, parent, created_ms, name};
}

static void add_processes(const combination at, struct snapshot *snapshot)
{
    static const int64_t ages_ms[] = {
        [AGE_UNKNOWN] = NOW_MS, [AGE_YOUNG] = 10000, [AGE_OLD] = 3600000};
    int64_t created_ms = NOW_MS - ages_ms[at[AGE]];
    bool alive =
        at[STATE] != STATE_STOPPED && at[STATE] != STATE_ABSENT && at[STATE] != STATE_DENIED_NONE;
    if (at[SECTIONS] == PROCESSES_DENIED) {
        return;
    }
    add_process(snapshot, SYSTEM_PID, 0, NOW_MS - 7200000, "System");
    if (alive) {
        add_process(snapshot, SERVICE_PID, SYSTEM_PID, created_ms, "BNPXE.exe");
    }
    add_process(snapshot, CHILD_PID, SERVICE_PID, created_ms, "Child.exe");
    add_process(snapshot, OTHER_PID, SYSTEM_PID, NOW_MS - 7200000, "svchost.exe");
}

static void add_endpoint(struct snapshot *snapshot, struct ip address, uint16_t port, int64_t pid)
{
    struct endpoint *endpoint = snapshot_add_endpoint(snapshot);
    endpoint->address = address;
    endpoint->port = port;
    endpoint->pid = pid;
}

static void add_endpoints(const combination at, struct snapshot *snapshot)
{
    static const int64_t pids[] = {[OWNED_SELF] = SERVICE_PID,
                                   [OWNED_CHILD] = CHILD_PID,
                                   [OWNED_OTHER] = OTHER_PID,
                                   [OWNED_ENDED] = ENDED_PID,
                                   [OWNED_UNKNOWN] = NO_PID};
    const struct ip addresses[] = {
        [AT_WILDCARD] = v4(0, 0, 0, 0),   [AT_SPECIFIC] = v4(10, 0, 0, 5),
        [AT_LOOPBACK] = v4(127, 0, 0, 1), [AT_LINKLOCAL] = v4(169, 254, 7, 7),
        [AT_GONE] = v4(10, 9, 9, 9),      [AT_TWO] = v4(127, 0, 0, 1),
        [AT_PART] = v4(10, 0, 0, 5),
    };
    if (at[ENDPOINTS] != AT_NONE) {
        add_endpoint(snapshot, addresses[at[ENDPOINTS]], PORT, pids[at[OWNER]]);
    }
    if (at[ENDPOINTS] == AT_TWO) {
        add_endpoint(snapshot, v4(10, 9, 9, 9), PORT, OTHER_PID);
    }
    add_endpoint(snapshot, v4(0, 0, 0, 0), 123, OTHER_PID);
    add_endpoint(snapshot, v4(10, 0, 0, 5), 137, SYSTEM_PID);
}

static void add_address(struct snapshot *snapshot, struct ip ip, uint8_t prefix)
{
    struct host_address *address = snapshot_add_address(snapshot);
    *address = (struct host_address){ip, prefix};
}

static void add_addresses(const combination at, struct snapshot *snapshot)
{
    if (at[SECTIONS] == ADDRESSES_DENIED) {
        return;
    }
    add_address(snapshot, v4(10, 0, 0, 5), 24);
    add_address(snapshot, v4(169, 254, 7, 7), 16);
    add_address(snapshot, v4(127, 0, 0, 1), 8);
    if (at[ENDPOINTS] == AT_PART) {
        add_address(snapshot, v4(10, 0, 0, 6), 24);
    }
}

static void add_registry(const combination at, struct snapshot *snapshot)
{
    if (at[EXPECTED] == BY_NOBODY_REGISTRY_UNREAD) {
        return;
    }
    struct registry_value *value = snapshot_add_registry(snapshot);
    value->key = KEY;
    value->name = "PXEType";
    value->is_number = true;
    value->number = at[EXPECTED] == BY_REGISTRY ? 1 : 0;
}

static void set_outcomes(const combination at, struct snapshot *snapshot)
{
    for (int id = 0; id < SECTION_COUNT; id++) {
        snapshot->sections[id].outcome = OUTCOME_COMPLETE;
    }
    if (at[STATE] >= STATE_UNREAD) {
        snapshot->sections[SECTION_SERVICES].outcome = OUTCOME_DENIED;
    }
    if (at[EXPECTED] == BY_NOBODY_REGISTRY_UNREAD) {
        snapshot->sections[SECTION_REGISTRY].outcome = OUTCOME_DENIED;
    }
    static const struct {
        enum section_id id;
        enum outcome outcome;
    } cuts[] = {[ALL_COMPLETE] = {SECTION_MACHINE, OUTCOME_COMPLETE},
                [UDP_PARTIAL] = {SECTION_UDP, OUTCOME_PARTIAL},
                [SERVICES_PARTIAL] = {SECTION_SERVICES, OUTCOME_PARTIAL},
                [ADDRESSES_DENIED] = {SECTION_ADDRESSES, OUTCOME_DENIED},
                [PROCESSES_DENIED] = {SECTION_PROCESSES, OUTCOME_DENIED}};
    snapshot->sections[cuts[at[SECTIONS]].id].outcome = cuts[at[SECTIONS]].outcome;
}

static void fill_snapshot(const combination at, struct snapshot *snapshot)
{
    static const int64_t uptimes_ms[] = {-1, 200000, 400000, 2400000};
    snapshot->visit.time_ms = NOW_MS;
    snapshot->visit.read = at[VISIT] == VISIT_READ;
    if (!snapshot->visit.read) {
        snapshot->visit.reason = REASON_TIMEOUT;
        return;
    }
    snapshot->boot.host_clock_ms = NOW_MS;
    snapshot->boot.uptime_ms = uptimes_ms[at[UPTIME]];
    snapshot->auto_start_delay_ms = 120000;
    set_outcomes(at, snapshot);
    add_service(at, snapshot);
    add_processes(at, snapshot);
    add_endpoints(at, snapshot);
    add_addresses(at, snapshot);
    add_registry(at, snapshot);
    snapshot_normalise(snapshot);
}

static struct verdict_history history_of(const combination at)
{
    struct verdict_history history = {0};
    history.ever_bound = at[EXPECTED] == BY_HISTORY;
    history.ever_installed = history.ever_bound;
    if (at[SECOND] == SECOND_SAME_PID) {
        history.same_pid_since_ms = NOW_MS - 90000;
    }
    if (at[SECOND] == SECOND_PENDING_LONG) {
        history.pending_since_ms = NOW_MS - 1200000;
    }
    return history;
}

static void judge(const combination at, struct verdict *ret)
{
    static const struct registry_condition yes[] = {{"PXEType", 1}};
    static const struct registry_condition no[] = {{"PXEType", 0}};
    static const struct registry_rule rules[] = {{yes, 1, true, 0}, {no, 1, false, 0}};
    const struct expectation expectation = {
        .profile = "pvs",
        .id = "BNPXE",
        .os = "windows",
        .service = "BNPXE",
        .process = "BNPXE.exe",
        .proto = PROTO_UDP,
        .port = PORT,
        .owner = at[OWNER] == OWNED_CHILD ? OWNER_CHILD : OWNER_SELF,
        .watch = WATCH_ALWAYS,
        .settle_running_ms = 60000,
        .registry_key = KEY,
        .rules = rules,
        .rule_count = 2,
    };
    const struct ip declared[] = {v4(10, 0, 0, 5), v4(10, 0, 0, 6)};
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    fill_snapshot(at, &snapshot);
    struct verdict_question question = {
        .expectation = &expectation,
        .snapshot = &snapshot,
        .declared = at[EXPECTED] == BY_INVENTORY      ? DECLARED_EXPECTED
                    : at[EXPECTED] == BY_INVENTORY_NO ? DECLARED_NOT_EXPECTED
                                                      : DECLARED_SILENT,
        .pxe_addresses = declared,
        .pxe_address_count = at[ENDPOINTS] == AT_PART ? 2 : 0,
        .history = history_of(at),
    };
    verdict_judge(&question, ret);
    snapshot_done(&snapshot);
}

static void print(const combination at)
{
    char text[128];
    struct verdict verdict;
    judge(at, &verdict);
    for (int i = 0; i < DIMENSIONS; i++) {
        (void)fputs(words[i][at[i]], stdout);
        (void)putchar(',');
    }
    (void)printf("%s,%s\n",
                 verdict_text(verdict.code, verdict.reason, verdict.detail, text, sizeof(text)),
                 expected_by_name(verdict.expected_by));
}

/* Turn to the next combination, the last column first; false after the last one. */
static bool turn(combination at)
{
    for (int i = DIMENSIONS; i-- > 0;) {
        if (at[i] + 1 < WORDS_MAX && words[i][at[i] + 1] != NULL) {
            at[i]++;
            return true;
        }
        at[i] = 0;
    }
    return false;
}

int main(void)
{
    combination at = {0};
    (void)puts("visit,state,startup,expected,endpoints,owner,age,second,uptime,exit,sections,"
               "verdict,expected_by");
    do {
        if (!is_repeated(at)) {
            print(at);
        }
    } while (turn(at));
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
}
