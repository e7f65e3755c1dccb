/* verdict: the judgement of one expectation on one reading, by pure rules (docs/VERDICTS.md). */
#include "model/verdict.h"

#include "core/str.h"
#include "model/expected.h"
#include "model/judgement.h"
#include "model/settle.h"

#include <stdio.h>
#include <string.h>

/* 1. Not read. */
static bool rule_visit(struct judgement *judgement)
{
    const struct visit *visit = &judgement->snapshot->visit;
    if (visit->read) {
        return false;
    }
    judgement->verdict->native_code = visit->code;
    enum reason reason = visit->reason == REASON_NONE ? REASON_PARTIAL : visit->reason;
    return judgement_unknown(judgement, reason, visit->detail);
}

/* 2. Expected here? A services section that was cut may lack what would have said so. */
static bool rule_expected(struct judgement *judgement)
{
    expected_decide(judgement->question, &judgement->expected);
    const struct expected *expected = &judgement->expected;
    judgement->verdict->expected_by = expected->by;
    judgement->verdict->conflict = expected->conflict;
    judgement->verdict->port = expected->port;
    if (expected->answer == ANSWER_NO) {
        return judgement_decide(judgement, VERDICT_NOT_EXPECTED);
    }
    if (!expected_services_usable(judgement->snapshot)) {
        return judgement_unread(judgement, SECTION_SERVICES);
    }
    if (expected->answer == ANSWER_UNREAD) {
        return judgement_unknown(judgement, REASON_DENIED, "expectation");
    }
    return false;
}

/* path ends in the file name, whatever quotes surround it. */
static bool is_file_of(const char *path, const char *name)
{
    struct slice rest = {path, strlen(path)};
    size_t len = strlen(name);
    while (rest.len > 0 && rest.data[rest.len - 1] == '"') {
        rest.len--;
    }
    if (len == 0 || rest.len < len) {
        return false;
    }
    struct slice tail = {rest.data + rest.len - len, len};
    char before = (char)(rest.len == len ? '\\' : tail.data[-1]);
    return slice_ieq(tail, name) && (before == '\\' || before == '/' || before == '"');
}

static bool is_of_service(const struct judgement *judgement, const struct process *process)
{
    const char *image = judgement->service->image;
    if (process->name == NULL || process->pid <= 0) {
        return false;
    }
    if (image != NULL && is_file_of(image, process->name)) {
        return true;
    }
    const char *name = judgement->expectation->process;
    return name != NULL && str_ieq(name, process->name);
}

/* The service manager is closed to us, and the service is there: a live process of its executable
 * stands for Running, none for Stopped and never started. Several of them stand for nothing. */
static bool judge_by_processes(struct judgement *judgement)
{
    const struct snapshot *snapshot = judgement->snapshot;
    const struct process *found = NULL;
    size_t count = 0;
    bool named = judgement->service->image != NULL || judgement->expectation->process != NULL;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        if (is_of_service(judgement, &snapshot->processes[i])) {
            found = &snapshot->processes[i];
            count++;
        }
    }
    if (!judgement_has(judgement, SECTION_PROCESSES) || !named || count > 1) {
        return judgement_unknown(judgement, REASON_DENIED, section_name(SECTION_SERVICES));
    }
    struct verdict *verdict = judgement->verdict;
    judgement->state = found != NULL ? SERVICE_RUNNING : SERVICE_STOPPED;
    verdict->pid = found != NULL ? found->pid : 0;
    verdict->exit_code = found != NULL ? -1 : SETTLE_NEVER_STARTED;
    return false;
}

/* 3. Is the service there, and may we see it? What the service manager shows is there, whatever
 * else was read. */
static bool rule_service(struct judgement *judgement)
{
    const struct verdict_question *question = judgement->question;
    const struct service *service = judgement->service;
    if (service == NULL || (!service->visible && service->canary == PRESENCE_UNREAD)) {
        judgement->verdict->native_code = judgement->snapshot->sections[SECTION_SERVICES].code;
        return judgement_unknown(judgement, REASON_DENIED, section_name(SECTION_SERVICES));
    }
    if (!service->visible && service->canary == PRESENCE_ABSENT) {
        bool missed = question->history.ever_installed || question->declared == DECLARED_EXPECTED;
        return judgement_decide(judgement,
                                missed ? VERDICT_SERVICE_REMOVED : VERDICT_NOT_INSTALLED);
    }
    if (!service->visible) {
        return judge_by_processes(judgement);
    }
    if (service->state == SERVICE_STATE_UNKNOWN || service->state == SERVICE_STATE_DENIED) {
        return judgement_unread(judgement, SECTION_SERVICES);
    }
    return false;
}

/* 4. Switched off. */
static bool rule_disabled(struct judgement *judgement)
{
    const struct verdict *verdict = judgement->verdict;
    bool off = verdict->startup == STARTUP_DISABLED && judgement->state != SERVICE_RUNNING;
    return off && judgement_decide(judgement, VERDICT_DISABLED);
}

/* The process went away, or came, while the endpoints were read. 0 is no process; a running
 * service with pid 0 is one whose pid is not known. */
static bool pid_changed(const struct judgement *judgement)
{
    const struct service *service = judgement->service;
    bool running = judgement->state == SERVICE_RUNNING;
    if (!service->visible || service->pid < (running ? 1 : 0) || service->pid_after < 0) {
        return false;
    }
    return service->pid != service->pid_after;
}

/* 5. On its way. */
static bool rule_pending(struct judgement *judgement)
{
    static const bool is_pending[SERVICE_STATE_COUNT] = {
        [SERVICE_START_PENDING] = true,
        [SERVICE_STOP_PENDING] = true,
        [SERVICE_CONTINUE_PENDING] = true,
        [SERVICE_PAUSE_PENDING] = true,
    };
    bool pending = is_pending[judgement->state] || pid_changed(judgement);
    return pending && judgement_pending(judgement);
}

/* 6. Stopped or Paused. */
static bool rule_stopped(struct judgement *judgement)
{
    const struct verdict *verdict = judgement->verdict;
    if (judgement->state == SERVICE_RUNNING) {
        return false;
    }
    if (verdict->startup == STARTUP_MANUAL) {
        return judgement_decide(judgement, VERDICT_STOPPED);
    }
    int64_t uptime = settle_uptime_ms(judgement->snapshot);
    if (uptime < 0) {
        return judgement_unread(judgement, SECTION_BOOT);
    }
    bool settled = uptime >= settle_stopped_ms(judgement->snapshot, verdict->exit_code);
    return judgement_decide(judgement, settled ? VERDICT_STOPPED : VERDICT_PENDING);
}

/* The first rule that decides; the last one always does. */
static judgement_rule *const rules[] = {rule_visit,       rule_expected, rule_service,
                                        rule_disabled,    rule_pending,  rule_stopped,
                                        judgement_running};

static void describe_service(struct judgement *judgement)
{
    struct verdict *verdict = judgement->verdict;
    const struct service *service = judgement->service;
    verdict->pid = -1;
    verdict->exit_code = -1;
    if (service == NULL) {
        return;
    }
    verdict->startup = service->startup;
    verdict->canary = service->canary;
    enum outcome asked = judgement->snapshot->sections[SECTION_SERVICES].outcome;
    bool silent = asked == OUTCOME_COMPLETE || asked == OUTCOME_DENIED;
    if (!service->visible && service->canary == PRESENCE_PRESENT && silent) {
        verdict->service_state = SERVICE_STATE_DENIED;
    }
    if (service->visible) {
        judgement->state = service->state;
        verdict->service_state = service->state;
        verdict->pid = service->pid;
        verdict->exit_code = service->exit_code;
    }
}

void verdict_judge(const struct verdict_question *question, struct verdict *ret)
{
    struct judgement judgement = {
        .question = question,
        .expectation = question->expectation,
        .snapshot = question->snapshot,
        .verdict = ret,
    };
    memset(ret, 0, sizeof(*ret));
    ret->port = question->expectation->port;
    judgement.service = snapshot_service(question->snapshot, question->expectation->service);
    describe_service(&judgement);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && !rules[i](&judgement); i++) {
    }
    const struct process *process =
        ret->pid <= 0 ? NULL : snapshot_process(question->snapshot, ret->pid);
    ret->process_created_ms = process == NULL ? 0 : process->created_ms;
}

bool verdict_is_decisive(enum verdict_code code)
{
    return code != VERDICT_PENDING && code != VERDICT_RESTARTING && code != VERDICT_UNKNOWN;
}

bool verdict_is_problem(enum verdict_code code)
{
    static const bool problems[VERDICT_COUNT] = {
        [VERDICT_NOT_BOUND] = true,  [VERDICT_PORT_IN_USE] = true, [VERDICT_WRONG_ADDRESS] = true,
        [VERDICT_STOPPED] = true,    [VERDICT_DISABLED] = true,    [VERDICT_SERVICE_REMOVED] = true,
        [VERDICT_RESTARTING] = true,
    };
    return code < VERDICT_COUNT && problems[code];
}

const char *verdict_text(enum verdict_code code, enum reason reason, const char *detail, char *to,
                         size_t size)
{
    const char *name = verdict_name(code);
    if (code != VERDICT_UNKNOWN || reason == REASON_NONE) {
        (void)snprintf(to, size, "%s", name);
    } else if (detail == NULL || *detail == '\0') {
        (void)snprintf(to, size, "%s: %s", name, reason_name(reason));
    } else {
        (void)snprintf(to, size, "%s: %s (%s)", name, reason_name(reason), detail);
    }
    return to;
}
