/* farm: a whole farm from its scenario until it is told to stop. */
#include "farm/farm.h"

#include "core/clock.h"
#include "core/log.h"
#include "farm/control/control.h"
#include "farm/inventory/inventory.h"
#include "farm/scenario/scenario.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = HANDOVER_WORKERS, DESCRIPTORS_KEPT = 300 };

struct farm {
    uv_loop_t loop;
    uv_signal_t signals[2];
    struct scenario scenario;
    struct fleet fleet;
    struct listeners listeners;
    struct sshd sshd;
    struct winrmd winrmd;
    struct control control;
    bool controlled, stopping, listening;
    pid_t workers[WORKERS_MAX];
    unsigned worker_count;
    int ready_fd;
    char users[PATH_MAX]; /* the file with the NTLM acceptor's hashes */
};

static void farm_stop(void *data)
{
    struct farm *farm = data;
    if (farm->stopping) {
        return;
    }
    farm->stopping = true;
    sshd_stop(&farm->sshd);
    winrmd_stop(&farm->winrmd);
    if (farm->controlled) {
        control_close(&farm->control);
    }
    for (size_t i = 0; i < 2; i++) {
        uv_close((uv_handle_t *)&farm->signals[i], NULL);
    }
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    farm_stop(signal->data);
}

static int start_loop(struct farm *farm, struct err *err)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    int rc = uv_loop_init(&farm->loop);
    if (rc != 0) {
        return err_set(err, ERR_INTERNAL, "", "no loop: %s", uv_strerror(rc));
    }
    for (size_t i = 0; i < 2; i++) {
        (void)uv_signal_init(&farm->loop, &farm->signals[i]);
        farm->signals[i].data = farm;
        (void)uv_signal_start(&farm->signals[i], on_signal, numbers[i]);
    }
    return 0;
}

/* One of the processes that serve begins to. */
static int serve(struct farm *farm, unsigned worker, struct err *err)
{
    const struct listeners *l = &farm->listeners;
    if (l->ssh.count > 0 && sshd_start(&farm->sshd, &farm->loop, &l->ssh, err) != 0) {
        return -1;
    }
    return l->http.count > 0
               ? winrmd_start(&farm->winrmd, &farm->loop, worker, &l->http, &l->https, err)
               : 0;
}

/* A worker's whole life: the shared memory and the listeners are those of its parent. */
static int worker_main(struct farm *farm, unsigned worker, pid_t parent)
{
    struct err err = {0};
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (farm->ready_fd >= 0) {
        (void)close(farm->ready_fd); /* whoever waits for it shall see its end */
    }
    if (getppid() != parent || start_loop(farm, &err) != 0 || serve(farm, worker, &err) != 0) {
        log_line(LOG_ERROR, NULL, "a worker cannot serve: %s", err.text);
        return 1;
    }
    (void)uv_run(&farm->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&farm->loop);
    return 0;
}

static int start_workers(struct farm *farm, unsigned count, struct err *err)
{
    pid_t parent = getpid();
    for (unsigned i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid < 0) {
            return err_set(err, ERR_IO, "workers", "cannot fork: %s", strerror(errno));
        }
        if (pid == 0) {
            farm->worker_count = 0;
            _exit(worker_main(farm, i, parent));
        }
        farm->workers[farm->worker_count++] = pid;
    }
    return 0;
}

static void stop_workers(struct farm *farm)
{
    for (unsigned i = 0; i < farm->worker_count; i++) {
        (void)kill(farm->workers[i], SIGTERM);
        (void)waitpid(farm->workers[i], NULL, 0);
    }
    farm->worker_count = 0;
}

/* As many as one connection to every server at once takes, else what the scenario wants. */
static unsigned workers_needed(const struct farm *farm)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return farm->scenario.workers;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= farm->fleet.count + DESCRIPTORS_KEPT) {
        return farm->scenario.workers;
    }
    size_t room = limit.rlim_cur > 2 * DESCRIPTORS_KEPT ? limit.rlim_cur - DESCRIPTORS_KEPT
                                                        : DESCRIPTORS_KEPT;
    size_t wanted = (farm->fleet.count + room - 1) / room;
    wanted = wanted < farm->scenario.workers ? farm->scenario.workers : wanted;
    return wanted > WORKERS_MAX ? WORKERS_MAX : (unsigned)wanted;
}

static int open_fleet(struct farm *farm, const struct options *options, struct err *err)
{
    static const struct clock real = {0};
    struct scenario *scenario = &farm->scenario;
    if (options->listen != NULL &&
        !scenario_parse_listen(options->listen, &scenario->listen_base)) {
        return err_set(err, ERR_USAGE, "", "--listen %s: no range in 127.0.0.0/8", options->listen);
    }
    memcpy(farm->fleet.accounts, scenario->accounts, sizeof(farm->fleet.accounts));
    farm->fleet.account_count = scenario->account_count;
    farm->fleet.client_ip = scenario->client_ip;
    int64_t start = scenario->start_ms != 0 ? scenario->start_ms : clock_now_ms(&real);
    return fleet_open(&farm->fleet, scenario->servers, scenario->count,
                      options->seeded ? options->seed : scenario->seed, start, err);
}

static int say_ready(int fd, struct err *err)
{
    if (fd >= 0 && (write(fd, "ready\n", 6) != 6 || close(fd) != 0)) {
        return err_set(err, ERR_IO, "", "--ready-fd %d: %s", fd, strerror(errno));
    }
    return 0;
}

static int open_services(struct farm *farm, unsigned workers, struct err *err)
{
    const struct scenario *scenario = &farm->scenario;
    uint32_t base = scenario->listen_base;
    if (listeners_open(&farm->listeners, &farm->fleet, base, &scenario->ports, err) != 0) {
        return -1;
    }
    farm->listening = true;
    return sshd_init(&farm->sshd, &farm->fleet, base, scenario->host_keys, err) != 0 ||
                   winrmd_init(&farm->winrmd, &farm->fleet, base, workers, err) != 0
               ? -1
               : 0;
}

static int write_inventory(struct farm *farm, const struct options *options, struct err *err)
{
    struct inventory_source source = {.fleet = &farm->fleet,
                                      .sshd = &farm->sshd,
                                      .winrmd = &farm->winrmd,
                                      .listeners = &farm->listeners,
                                      .listen_base = farm->scenario.listen_base,
                                      .realm = farm->scenario.realm};
    farm->winrmd.users = farm->users;
    farm->winrmd.keytab = options->keytab;
    return inventory_write(options->inventory, &source, farm->users, err);
}

static int farm_open(struct farm *farm, const struct options *options, struct err *err)
{
    if (scenario_load(&farm->scenario, options->scenario, err) != 0 ||
        open_fleet(farm, options, err) != 0) {
        return -1;
    }
    unsigned workers = workers_needed(farm);
    if (open_services(farm, workers, err) != 0 || write_inventory(farm, options, err) != 0 ||
        start_workers(farm, workers, err) != 0 || start_loop(farm, err) != 0) {
        return -1;
    }
    int rc = control_open(&farm->control, &farm->loop, &farm->fleet, options->control, farm_stop,
                          farm, err);
    farm->controlled = rc == 0;
    if (rc == 0 && workers == 0) {
        rc = serve(farm, 0, err);
    }
    rc = rc == 0 ? say_ready(options->ready_fd, err) : rc;
    if (rc != 0) {
        farm_stop(farm);
        (void)uv_run(&farm->loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&farm->loop);
    }
    return rc;
}

static void farm_close(struct farm *farm)
{
    stop_workers(farm);
    if (farm->listening) {
        listeners_close(&farm->listeners);
    }
    sshd_done(&farm->sshd);
    winrmd_done(&farm->winrmd);
    fleet_close(&farm->fleet);
    scenario_done(&farm->scenario);
}

int farm_run(const struct options *options)
{
    struct err err = {0};
    struct farm *farm = calloc(1, sizeof(*farm));
    if (farm == NULL) {
        return 5;
    }
    farm->ready_fd = options->ready_fd;
    int rc = farm_open(farm, options, &err);
    if (rc != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        rc = err_exit_code(err.code);
    } else {
        (void)uv_run(&farm->loop, UV_RUN_DEFAULT);
        rc = uv_loop_close(&farm->loop) == 0 ? 0 : 5; /* a handle that was forgotten */
    }
    farm_close(farm);
    free(farm);
    return rc;
}
