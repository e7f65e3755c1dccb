/* linux_services: the watched services of a Linux host, from systemd or from pid files. */
#include "collector/probe/field.h"
#include "collector/probe/linux/linux.h"
#include "collector/probe/linux/systemd.h"

#include <string.h>

static const struct reading cut = {OUTCOME_PARTIAL, 0, "the answer was cut"};
static const struct reading strange = {OUTCOME_PARTIAL, 0, "what systemctl printed cannot be read"};

/* One unit for each service of the plan, in its order, and nothing behind them. */
static bool next_pair(struct slice *before, struct slice *after, struct systemd_unit *ret_before,
                      struct systemd_unit *ret_after)
{
    return systemd_next(before, ret_before) == SYSTEMD_UNIT &&
           systemd_next(after, ret_after) == SYSTEMD_UNIT;
}

static int add_unit(const struct linux_host *host, size_t i, const struct systemd_unit *before,
                    const struct systemd_unit *after)
{
    struct service *service = snapshot_add_service(host->snapshot);
    if (service == NULL) {
        return -1;
    }
    service->name = arena_strdup(&host->snapshot->arena, host->plan->services[i]);
    service->canary = before->loaded ? PRESENCE_PRESENT : PRESENCE_ABSENT;
    service->visible = before->loaded;
    if (before->loaded) {
        /* A unit that began to stop in between is not judged as a running one. */
        service->state = before->state == SERVICE_RUNNING ? after->state : before->state;
        service->startup = before->startup;
        service->pid = before->main_pid;
        service->pid_after = after->main_pid;
        service->exit_code = before->exit_status;
    }
    return service->name == NULL ? -1 : 0;
}

static int take_units(const struct linux_host *host, const struct answer_section *before,
                      struct reading *ret)
{
    const struct answer_section *after = sections_find(host->sections, "units:after");
    struct systemd_unit unit;
    struct systemd_unit unit_after;
    *ret = sections_reading(host->sections, before);
    if (ret->outcome == OUTCOME_COMPLETE) {
        *ret = sections_reading(host->sections, after);
    }
    if (ret->outcome != OUTCOME_COMPLETE) {
        return 0;
    }
    struct slice rest = before->body;
    struct slice rest_after = after->body;
    for (size_t i = 0; i < host->plan->service_count; i++) {
        if (!next_pair(&rest, &rest_after, &unit, &unit_after)) {
            *ret = strange;
            return 0;
        }
        if (add_unit(host, i, &unit, &unit_after) != 0) {
            return -1;
        }
    }
    bool more = systemd_next(&rest, &unit) != SYSTEMD_END ||
                systemd_next(&rest_after, &unit) != SYSTEMD_END;
    *ret = more ? strange : reading_complete;
    return 0;
}

/* The kernel keeps the first 15 bytes of an executable's name. */
static bool is_called(const struct process *process, const char *name)
{
    return name != NULL && process->name != NULL && strncmp(process->name, name, 15) == 0 &&
           (strlen(name) > 15 ? strlen(process->name) == 15 : str_eq(process->name, name));
}

/* The process of that name whose parent is not called so: a daemon's helpers are its children. */
static const struct process *find_by_name(const struct snapshot *snapshot, const char *name)
{
    enum { NAMESAKES_MAX = 256 };
    const struct process *found = NULL;
    size_t namesakes = 0;
    for (size_t i = 0; i < snapshot->process_count && namesakes < NAMESAKES_MAX; i++) {
        const struct process *process = &snapshot->processes[i];
        if (!is_called(process, name)) {
            continue;
        }
        namesakes++;
        const struct process *parent = snapshot_process(snapshot, process->parent);
        bool helper = parent != NULL && is_called(parent, name);
        if (!helper && (found == NULL || process->created_ms < found->created_ms)) {
            found = process;
        }
    }
    return found;
}

/* "pid 812" of the pid file, "installed" where the program was found. */
static void read_pid_file(struct slice output, int64_t *ret_pid, bool *ret_installed)
{
    struct slice line;
    *ret_pid = 0;
    *ret_installed = false;
    while (slice_line(&output, &line, NULL)) {
        struct slice word;
        uint64_t pid = 0;
        *ret_installed = *ret_installed || slice_eq(slice_trim(line), "installed");
        if (slice_token(&line, &word) && slice_eq(word, "pid") &&
            str_u64(slice_trim(line), INT32_MAX, &pid)) {
            *ret_pid = (int64_t)pid;
        }
    }
}

static const struct process *find_process(const struct snapshot *snapshot, int64_t pid,
                                          const char *name)
{
    const struct process *process = pid > 0 ? snapshot_process(snapshot, pid) : NULL;
    if (process != NULL && (name == NULL || is_called(process, name))) {
        return process;
    }
    return find_by_name(snapshot, name);
}

static int take_pid_file(const struct linux_host *host, size_t i, struct slice output)
{
    const char *name = host->plan->expectations[i]->process;
    const struct snapshot *snapshot = host->snapshot;
    int64_t pid = 0;
    bool installed = false;
    read_pid_file(output, &pid, &installed);
    const struct process *process = find_process(snapshot, pid, name);
    struct service *service = snapshot_add_service(host->snapshot);
    if (service == NULL) {
        return -1;
    }
    service->name = arena_strdup(&host->snapshot->arena, host->plan->services[i]);
    service->canary = process != NULL || installed || pid > 0 ? PRESENCE_PRESENT
                      : name != NULL                          ? PRESENCE_ABSENT
                                                              : PRESENCE_UNREAD;
    service->visible = service->canary == PRESENCE_PRESENT;
    if (service->visible) {
        service->state = process != NULL ? SERVICE_RUNNING : SERVICE_STOPPED;
        service->pid = service->pid_after = process != NULL ? process->pid : 0;
        /* Born after the clock was read, so perhaps after the endpoints were. */
        if (process != NULL && process->created_ms > snapshot->boot.host_clock_ms) {
            service->pid = 0;
        }
    }
    return service->name == NULL ? -1 : 0;
}

static int take_pid_files(const struct linux_host *host, struct reading *ret)
{
    enum outcome processes = host->snapshot->sections[SECTION_PROCESSES].outcome;
    *ret = reading_complete;
    for (size_t i = 0; i < host->plan->service_count; i++) {
        const struct answer_section *section =
            sections_find_of(host->sections, "pidfile", host->plan->services[i]);
        if (section == NULL || !section->ended || processes != OUTCOME_COMPLETE) {
            *ret = section != NULL && section->ended
                       ? (struct reading){OUTCOME_PARTIAL, 0, "the processes were not read"}
                       : cut;
            return 0;
        }
        if (take_pid_file(host, i, section->body) != 0) {
            return -1;
        }
    }
    return 0;
}

int linux_take_services(struct linux_host *host)
{
    const struct answer_section *units = sections_find(host->sections, "units:before");
    struct reading reading = reading_complete;
    int rc = 0;
    if (host->plan->service_count == 0) {
        /* Nobody was asked for: complete, and empty. */
    } else if (units != NULL) {
        rc = take_units(host, units, &reading);
    } else {
        rc = take_pid_files(host, &reading);
    }
    if (host->plan->service_count == 0 && !host->sections->whole) {
        reading = cut;
    }
    snapshot_set_section(host->snapshot, SECTION_SERVICES, reading.outcome,
                         units != NULL ? "systemd" : "proc", reading.code, reading.detail);
    return rc;
}
