/* cmd_why_text: what was seen, in sentences that a help desk can read out. */
#include "cli/cmd_why_text.h"

#include "cli/cmd_why_around.h"
#include "cli/overview.h"
#include "cli/phrase.h"
#include "core/str.h"
#include "out/escape.h"

#include <string.h>

enum { HELD_SHOWN = 8 };

/* Everything that one telling needs. */
struct telling {
    struct arena *arena;
    const struct why *why;
    FILE *to;
    bool color;
    int64_t now_ms;
    const char *zone; /* the host's */
};

static const char *safe(const struct telling *telling, const char *text)
{
    const char *shown = escape_text(telling->arena, text);
    return shown == NULL ? "-" : shown;
}

static const char *when(const struct telling *telling, int64_t ms)
{
    return phrase_time(telling->arena, ms, telling->zone);
}

static const char *ago(const struct telling *telling, int64_t ms)
{
    char age[CLOCK_TEXT];
    clock_age(telling->now_ms > ms ? telling->now_ms - ms : 0, age);
    return arena_printf(telling->arena, "%s, %s ago", when(telling, ms), age);
}

static void tell_machine(const struct telling *telling)
{
    const struct machine_identity *machine = &telling->why->snapshot.machine;
    const struct why *why = telling->why;
    (void)fprintf(telling->to, "%s", safe(telling, why->host));
    if (why->site != NULL) {
        (void)fprintf(telling->to, ", site %s", safe(telling, why->site));
    }
    if (why->farm != NULL) {
        (void)fprintf(telling->to, ", farm %s", safe(telling, why->farm));
    }
    if (machine->os_name != NULL) {
        (void)fprintf(telling->to, ": %s", safe(telling, machine->os_name));
    }
    if (machine->os_build != NULL) {
        (void)fprintf(telling->to, " %s", safe(telling, machine->os_build));
    }
    if (machine->pvs_build != NULL) {
        (void)fprintf(telling->to, ", PVS %s", safe(telling, machine->pvs_build));
    }
    (void)fputc('\n', telling->to);
    if (why->dropped) {
        (void)fprintf(telling->to, "It is no longer in the inventory of the newest scan.\n");
    }
}

static void tell_visit(const struct telling *telling)
{
    const struct visit *newest = &telling->why->newest;
    const struct visit *read = &telling->why->snapshot.visit;
    if (newest->time_ms > 0 && !newest->read) {
        (void)fprintf(telling->to, "Not read: unknown: %s (%s)%s%s\n", reason_name(newest->reason),
                      ago(telling, newest->time_ms), newest->detail == NULL ? "" : ": ",
                      newest->detail == NULL
                          ? ""
                          : safe(telling, reason_detail(newest->reason, newest->detail)));
    }
    if (read->time_ms == 0) {
        (void)fprintf(telling->to, "It was never read.\n");
        return;
    }
    (void)fprintf(telling->to, "%s: %s", newest->read ? "Read" : "Last read",
                  ago(telling, read->time_ms));
    if (read->transport != NULL) {
        (void)fprintf(telling->to, ", over %s", safe(telling, read->transport));
    }
    if (read->principal != NULL) {
        (void)fprintf(telling->to, " as %s", safe(telling, read->principal));
    }
    if (read->mechanism != NULL) {
        (void)fprintf(telling->to, " (%s)", safe(telling, read->mechanism));
    }
    (void)fputc('\n', telling->to);
}

static void tell_replaced(const struct telling *telling)
{
    const struct why *why = telling->why;
    if (why->replaced_ms == 0) {
        return;
    }
    (void)fprintf(telling->to, "Another machine has this name since %s",
                  when(telling, why->replaced_ms));
    if (why->replaced_name != NULL || why->replaced_id != NULL) {
        (void)fprintf(
            telling->to, "; the one before was %s",
            safe(telling, why->replaced_name != NULL ? why->replaced_name : why->replaced_id));
    }
    (void)fprintf(telling->to, ". What was seen of that one does not count here.\n");
}

static void tell_boot(const struct telling *telling)
{
    const struct why *why = telling->why;
    if (why->boot_time_ms <= 0) {
        (void)fprintf(telling->to, "Boot: not known\n");
        return;
    }
    (void)fprintf(telling->to, "Boot: %s", when(telling, why->boot_time_ms));
    if (why->boot_first_seen_ms > 0) {
        (void)fprintf(telling->to, ", first seen %s", when(telling, why->boot_first_seen_ms));
    }
    if (why->previous_boot_ms > 0) {
        (void)fprintf(telling->to, "; the boot before: %s", when(telling, why->previous_boot_ms));
    }
    (void)fprintf(telling->to, "; %lld boot%s seen\n", (long long)why->boots_seen,
                  why->boots_seen == 1 ? "" : "s");
}

/* What was not read to its end, and which right is lacking. */
static void tell_sections(const struct telling *telling)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        const struct section *section = &telling->why->snapshot.sections[i];
        bool lacking = section->outcome == OUTCOME_UNSUPPORTED;
        if (section->outcome == OUTCOME_COMPLETE || section->outcome == OUTCOME_NOT_ASKED ||
            (lacking && section_is_optional((enum section_id)i))) {
            continue;
        }
        (void)fprintf(telling->to, "Not complete: %s is %s", section_name((enum section_id)i),
                      outcome_name(section->outcome));
        if (section->source != NULL) {
            (void)fprintf(telling->to, " by %s", safe(telling, section->source));
        }
        if (section->code != 0) {
            (void)fprintf(telling->to, ", code %lld", (long long)section->code);
        }
        if (section->detail != NULL) {
            (void)fprintf(telling->to, " (%s)", safe(telling, section->detail));
        }
        if (section->outcome == OUTCOME_DENIED) {
            (void)fprintf(telling->to, "; remedy: %s", phrase_denied_remedy((enum section_id)i));
        }
        (void)fputc('\n', telling->to);
    }
}

/* "UDP 69 and UDP 6969", the other expected ports that are bound; NULL = none. */
static const char *others_bound(const struct telling *telling, const struct why_service *service)
{
    const char *text = NULL;
    for (size_t i = 0; i < telling->why->service_count; i++) {
        const struct status_row *other = &telling->why->services[i].status;
        if (other != &service->status && other->verdict == VERDICT_BOUND &&
            other->boot_time_ms == service->status.boot_time_ms) {
            const char *port = phrase_port(telling->arena, other->proto, other->port);
            text = text == NULL ? port : arena_printf(telling->arena, "%s and %s", text, port);
        }
    }
    return text;
}

/* "pid 1712, started 3 s after boot" */
static const char *process_text(const struct telling *telling, int64_t pid, int64_t created_ms,
                                int64_t boot_ms)
{
    const char *after = phrase_after_boot(telling->arena, created_ms, boot_ms);
    if (pid <= 0) {
        return "pid not known";
    }
    return arena_printf(telling->arena, "pid %lld%s%s", (long long)pid,
                        after == NULL ? "" : ", started ", after == NULL ? "" : after);
}

static void tell_story(const struct telling *telling, const struct why_service *service)
{
    const struct status_row *row = &service->status;
    if (overview_is_problem(row) && !verdict_is_problem(row->verdict)) {
        (void)fprintf(telling->to,
                      "  Still open: it was %s at the last reading that settled it, %s\n",
                      verdict_name(row->last_decisive), ago(telling, row->last_decisive_ms));
    }
    if (row->verdict != VERDICT_NOT_BOUND && row->verdict != VERDICT_PORT_IN_USE) {
        return;
    }
    (void)fprintf(
        telling->to, "  %s",
        phrase_state(telling->arena, safe(telling, row->service), row->service_state, row->pid));
    if (row->service_state == SERVICE_RUNNING || row->pid > 0) {
        (void)fprintf(
            telling->to, " (%s)",
            process_text(telling, row->pid, service->process_created_ms, row->boot_time_ms));
    }
    (void)fprintf(telling->to, " and does not hold %s",
                  phrase_port(telling->arena, row->proto, row->port));
    const char *others = others_bound(telling, service);
    if (others != NULL) {
        (void)fprintf(telling->to, "; %s %s bound in the same boot", others,
                      strstr(others, " and ") != NULL ? "are" : "is");
    }
    if (service->good_ms > 0) {
        (void)fprintf(telling->to, ". It was bound until %s", when(telling, service->good_ms));
    }
    (void)fprintf(telling->to, ".\n");
}

static void tell_expected(const struct telling *telling, const struct why_service *service)
{
    static const char *const sentences[] = {
        [EXPECTED_BY_NOBODY] = "cannot be told: no source that could be read says so",
        [EXPECTED_BY_INVENTORY] = "the inventory says so (pvsaudit_expect)",
        [EXPECTED_BY_REGISTRY] = "the registry says so (what the Configuration Wizard wrote)",
        [EXPECTED_BY_STARTUP] = "the service's startup type is Automatic",
        [EXPECTED_BY_HISTORY] = "the service has held the port before",
        [EXPECTED_BY_NONE] = "no source says so: registry, startup type and history were read",
    };
    (void)fprintf(
        telling->to, "  %s here: %s%s\n", service->not_expected ? "Not expected" : "Expected",
        sentences[service->expected_by],
        service->status.conflict ? "; expectation-conflict: another source disagrees, declare "
                                   "pvsaudit_expect in the inventory"
                                 : "");
}

/* The port is there, and not in the service's own process: a child's, or nobody can tell whose. */
static bool is_held_elsewhere(const struct telling *telling, const struct why_service *service)
{
    int64_t pid = service->status.pid;
    return service->status.verdict == VERDICT_BOUND_OWNER_UNKNOWN ||
           (service->holder.port != 0 &&
            snapshot_descends(&telling->why->snapshot, service->holder.pid, pid));
}

/* Sockets of the service's own process. */
static void tell_held(const struct telling *telling, const struct why_service *service)
{
    const struct snapshot *snapshot = &telling->why->snapshot;
    size_t shown = 0;
    if (service->status.pid <= 0) {
        return;
    }
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        if (endpoint->pid != service->status.pid) {
            continue;
        }
        if (shown++ < HELD_SHOWN) {
            (void)fprintf(telling->to, "%s %s %s", shown == 1 ? "  Its process holds:" : ",",
                          endpoint->proto == PROTO_UDP ? "UDP" : "TCP",
                          phrase_socket(telling->arena, endpoint));
        }
    }
    if (shown > HELD_SHOWN) {
        (void)fprintf(telling->to, " and %zu more", shown - HELD_SHOWN);
    }
    if (shown > 0) {
        (void)fputc('\n', telling->to);
    } else if (!is_held_elsewhere(telling, service)) {
        (void)fprintf(telling->to, "  Its process holds: no port\n");
    }
}

/* "its child StreamProcess.exe, pid 2210", "pid 4808 (svchost.exe)" */
static const char *holder_text(const struct telling *telling, const struct why_service *service)
{
    const struct snapshot *snapshot = &telling->why->snapshot;
    int64_t pid = service->holder.pid;
    const char *image = service->holder_image == NULL ? "" : safe(telling, service->holder_image);
    if (pid <= 0) {
        return "a process that is not known";
    }
    if (snapshot_descends(snapshot, pid, service->status.pid)) {
        bool child = snapshot_process(snapshot, pid)->parent == service->status.pid;
        return arena_printf(telling->arena, "its %s %s%spid %lld", child ? "child" : "descendant",
                            image, image[0] == '\0' ? "" : ", ", (long long)pid);
    }
    return image[0] == '\0' ? arena_printf(telling->arena, "pid %lld", (long long)pid)
                            : arena_printf(telling->arena, "pid %lld (%s)", (long long)pid, image);
}

/* The socket that decided, where it is not simply the service's own. */
static void tell_holder(const struct telling *telling, const struct why_service *service)
{
    if (service->holder.port == 0 ||
        (service->holder.pid > 0 && service->holder.pid == service->status.pid)) {
        return;
    }
    (void)fprintf(telling->to, "  %s is held by %s\n",
                  phrase_socket(telling->arena, &service->holder), holder_text(telling, service));
}

/* ", bound 0.3 s after it started"; "" where one of the two times is not known. */
static const char *bound_text(const struct telling *telling, const struct endpoint *holder,
                              int64_t pid, int64_t process_ms)
{
    bool own = holder->port != 0 && holder->pid == pid && process_ms > 0;
    if (!own || holder->created_ms < process_ms) {
        return "";
    }
    return arena_printf(telling->arena, ", bound %s after it started",
                        phrase_seconds(telling->arena, holder->created_ms - process_ms));
}

static void tell_good(const struct telling *telling, const struct why_service *service)
{
    if (service->good_ms == 0) {
        (void)fprintf(telling->to, "  Last good reading: never\n");
        return;
    }
    (void)fprintf(telling->to, "  Last good reading: %s", ago(telling, service->good_ms));
    if (service->good_boot_ms > 0) {
        (void)fprintf(telling->to, ", in the boot of %s", when(telling, service->good_boot_ms));
    }
    (void)fprintf(telling->to, ": %s",
                  process_text(telling, service->good_pid, service->good_process_created_ms,
                               service->good_boot_ms));
    if (service->good_holder.port != 0) {
        (void)fprintf(telling->to, ", held %s%s",
                      phrase_socket(telling->arena, &service->good_holder),
                      bound_text(telling, &service->good_holder, service->good_pid,
                                 service->good_process_created_ms));
    }
    (void)fprintf(telling->to, ", Startup type: %s\n", startup_type_name(service->good_startup));
}

/* The newest problem, where the port is back. */
static void tell_recovery(const struct telling *telling, const struct why_service *service)
{
    const struct why_recovery *recovery = &service->recovery;
    if (recovery->at_ms == 0) {
        return;
    }
    (void)fprintf(telling->to, "  Recovered: %s, seen %s; it was %s (%s)",
                  recovery_name(recovery->by), ago(telling, recovery->at_ms),
                  verdict_name(recovery->verdict), finding_name(recovery->finding));
    const char *first = when(telling, recovery->first_bad_ms);
    if (recovery->first_bad_ms == recovery->last_bad_ms) {
        (void)fprintf(telling->to, " at the reading of %s\n", first);
    } else {
        (void)fprintf(telling->to, " at the readings from %s to %s\n", first,
                      when(telling, recovery->last_bad_ms));
    }
}

static void tell_state(const struct telling *telling, const struct why_service *service)
{
    const struct status_row *row = &service->status;
    if (service->not_installed) {
        (void)fprintf(telling->to, "  Service: not installed\n");
        return;
    }
    bool denied = row->service_state == SERVICE_STATE_DENIED;
    (void)fprintf(telling->to, "  Service: %s%s, %s, Startup type: %s",
                  service_state_name(row->service_state), denied ? " to this account" : "",
                  process_text(telling, row->pid, service->process_created_ms, row->boot_time_ms),
                  phrase_startup(telling->arena, row->startup, &row->changes, telling->zone));
    if (service->exit_code > 0 && !denied) {
        (void)fprintf(telling->to, ", exit code %lld%s", (long long)service->exit_code,
                      service->exit_code == 1077 ? " (never started in this boot)" : "");
    }
    (void)fprintf(telling->to, "%s%s\n", phrase_changes(telling->arena, &row->changes),
                  row->restarted_after_boot
                      ? "; restarted-after-boot: younger than its boot, probably repaired by hand"
                      : "");
}

static void tell_service(const struct telling *telling, const struct why_service *service)
{
    const struct status_row *row = &service->status;
    char painted[600];
    const char *verdict = phrase_verdict(telling->arena, row->verdict, row->reason, row->detail);
    (void)fprintf(
        telling->to, "\n%s, %s: %s",
        phrase_service(telling->arena, row->display_name, row->service),
        phrase_port(telling->arena, row->proto, row->port),
        answer_paint(telling->color, overview_mark(row), verdict, painted, sizeof(painted)));
    if (service->finding != FINDING_NONE) {
        (void)fprintf(telling->to, " (%s)", finding_name(service->finding));
    }
    (void)fprintf(telling->to, "%s\n", row->informational ? ", informational" : "");
    tell_story(telling, service);
    tell_expected(telling, service);
    tell_state(telling, service);
    tell_held(telling, service);
    tell_holder(telling, service);
    tell_good(telling, service);
    tell_recovery(telling, service);
    if (service->first_bad_ms > 0) {
        (void)fprintf(telling->to, "  Missing since: %s\n", ago(telling, service->first_bad_ms));
    }
    if (overview_is_problem(row) && service->remedy != NULL) {
        (void)fprintf(telling->to, "  Remedy: %s\n", safe(telling, service->remedy));
    }
    if (overview_is_problem(row) && service->prevention != NULL) {
        (void)fprintf(telling->to, "  Prevention: %s\n", safe(telling, service->prevention));
    }
}

void why_print_text(struct question *question, const struct why *why, FILE *to, bool color)
{
    const struct telling telling = {.arena = &question->arena,
                                    .why = why,
                                    .to = to,
                                    .color = color,
                                    .now_ms = question->now_ms,
                                    .zone = question_zone(question, why->host, why->timezone)};
    char line[256];
    answer_first_line(&question->answer_meta, line, sizeof(line));
    (void)fprintf(to, "%s\n", line);
    tell_machine(&telling);
    tell_visit(&telling);
    tell_replaced(&telling);
    tell_boot(&telling);
    why_print_around(&why->snapshot, telling.zone, telling.arena, to);
    tell_sections(&telling);
    for (size_t i = 0; i < why->service_count; i++) {
        tell_service(&telling, &why->services[i]);
    }
    if (why->service_count == 0) {
        (void)fprintf(to, "\nNothing is known to be expected of this host.\n");
    }
    (void)fprintf(to, "\n%s\n", phrase_bound_note);
}
