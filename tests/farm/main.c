/* main: pvsfarm, a farm of simulated Windows servers on the loopback network. */
#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"
#include "farm/control/command.h"
#include "farm/control/control.h"
#include "farm/control/ctl.h"
#include "farm/inventory.h"
#include "farm/scenario/scenario.h"
#include "farm/server/knob.h"
#include "farm/server/misbehave.h"
#include "farm/ssh/sshd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, DESCRIPTORS_KEPT = 300 };

struct options {
    const char *scenario, *inventory, *control, *listen;
    uint64_t seed;
    bool seeded, die_with_parent;
    int ready_fd;
};

struct farm {
    uv_loop_t loop;
    uv_signal_t signals[2];
    struct scenario scenario;
    struct fleet fleet;
    struct sshd sshd;
    struct listen listen;
    struct control control;
    bool controlled, stopping, serving;
    pid_t workers[WORKERS_MAX];
    unsigned worker_count;
    int ready_fd;
};

static const char usage[] =
    "usage: pvsfarm --scenario FILE --inventory-out FILE --control SOCKET [--seed N]\n"
    "               [--listen 127.X.Y.Z/BITS] [--ready-fd N] [--die-with-parent]\n"
    "       pvsfarm ctl SOCKET COMMAND [WORD...]\n"
    "       pvsfarm keys\n";

static int parse_options(int argc, char **argv, struct options *options, struct err *err)
{
    *options = (struct options){.ready_fd = -1};
    for (int i = 1; i < argc; i++) {
        uint64_t number = 0;
        if (str_eq(argv[i], "--die-with-parent")) {
            options->die_with_parent = true;
            continue;
        }
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (value == NULL) {
            return err_set(err, ERR_USAGE, "", "%s: unknown, or its value is missing", argv[i]);
        }
        struct slice text = {value, strlen(value)};
        if (str_eq(argv[i], "--scenario")) {
            options->scenario = value;
        } else if (str_eq(argv[i], "--inventory-out")) {
            options->inventory = value;
        } else if (str_eq(argv[i], "--control")) {
            options->control = value;
        } else if (str_eq(argv[i], "--listen")) {
            options->listen = value;
        } else if (str_eq(argv[i], "--seed") && str_u64(text, UINT64_MAX, &options->seed)) {
            options->seeded = true;
        } else if (str_eq(argv[i], "--ready-fd") && str_u64(text, 65535, &number)) {
            options->ready_fd = (int)number;
        } else {
            return err_set(err, ERR_USAGE, "", "%s %s: not understood", argv[i], value);
        }
        i++;
    }
    if (options->scenario == NULL || options->inventory == NULL || options->control == NULL) {
        return err_set(err, ERR_USAGE, "", "--scenario, --inventory-out and --control are needed");
    }
    return 0;
}

/* ---- the words that the documentation must have ---- */

static int print_keys(void)
{
    for (size_t i = 0; i < scenario_key_count; i++) {
        (void)printf("scenario %s %s\n", scenario_keys[i].name, scenario_keys[i].form);
    }
    for (size_t i = 0; i < scenario_account_key_count; i++) {
        (void)printf("account %s %s\n", scenario_account_keys[i].name,
                     scenario_account_keys[i].form);
    }
    (void)printf("server names NAME | NAME[01:28] | LIST\n");
    for (size_t i = 0; i < knob_count; i++) {
        (void)printf("server %s %s\n", knobs[i].name, knobs[i].form);
    }
    for (size_t i = 0; i < MISBEHAVE_COUNT; i++) {
        (void)printf("misbehaviour %s %s\n", misbehave_rows[i].name, misbehave_rows[i].what);
    }
    for (size_t i = 0; i < command_count; i++) {
        (void)printf("command %s %s\n", commands[i].name, commands[i].form);
    }
    (void)printf("command stop\n");
    return 0;
}

static int run_ctl(int argc, char **argv)
{
    struct buf answer;
    struct err err = {0};
    if (argc < 4) {
        (void)fputs(usage, stderr);
        return 2;
    }
    buf_init(&answer, 64 << 20);
    int status = ctl_ask(argv[2], argv + 3, argc - 3, &answer, &err);
    if (status < 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
    } else if (answer.len > 0) {
        (void)fwrite(answer.data, 1, answer.len, status == 0 ? stdout : stderr);
    }
    buf_done(&answer);
    return status == 0 ? 0 : status == 1 ? 2 : 5;
}

/* ---- serving ---- */

static void farm_stop(void *data)
{
    struct farm *farm = data;
    if (farm->stopping) {
        return;
    }
    farm->stopping = true;
    sshd_stop(&farm->sshd);
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

/* A worker's whole life: the shared memory and the listeners are those of its parent. */
static int worker_main(struct farm *farm, pid_t parent)
{
    struct err err = {0};
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (farm->ready_fd >= 0) {
        (void)close(farm->ready_fd); /* whoever waits for it shall see its end */
    }
    if (getppid() != parent || start_loop(farm, &err) != 0 ||
        sshd_start(&farm->sshd, &farm->loop, &farm->listen, &err) != 0) {
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
            _exit(worker_main(farm, parent));
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

static int farm_open(struct farm *farm, const struct options *options, struct err *err)
{
    struct scenario *scenario = &farm->scenario;
    if (scenario_load(scenario, options->scenario, err) != 0 ||
        open_fleet(farm, options, err) != 0) {
        return -1;
    }
    unsigned workers = workers_needed(farm);
    if (sshd_init(&farm->sshd, &farm->fleet, scenario->listen_base, scenario->host_keys, err) !=
            0 ||
        listen_open(&farm->listen, scenario->listen_base, scenario->count, scenario->port, err) !=
            0) {
        return -1;
    }
    farm->serving = true;
    if (inventory_write(options->inventory, &farm->sshd, &farm->listen, err) != 0 ||
        start_workers(farm, workers, err) != 0 || start_loop(farm, err) != 0) {
        return -1;
    }
    int rc = control_open(&farm->control, &farm->loop, &farm->fleet, options->control, farm_stop,
                          farm, err);
    farm->controlled = rc == 0;
    if (rc == 0 && workers == 0) {
        rc = sshd_start(&farm->sshd, &farm->loop, &farm->listen, err);
    }
    rc = rc == 0 ? say_ready(options->ready_fd, err) : rc;
    if (rc != 0) {
        farm_stop(farm);
        (void)uv_run(&farm->loop, UV_RUN_DEFAULT);
    }
    return rc;
}

static void farm_close(struct farm *farm)
{
    stop_workers(farm);
    if (farm->serving) {
        listen_close(&farm->listen);
    }
    sshd_done(&farm->sshd);
    fleet_close(&farm->fleet);
    scenario_done(&farm->scenario);
}

static int run_farm(const struct options *options)
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

int main(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    log_open("pvsfarm", LOG_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && (str_eq(argv[1], "--help") || str_eq(argv[1], "-h"))) {
        (void)fputs(usage, stdout);
        return 0;
    }
    if (argc > 1 && str_eq(argv[1], "ctl")) {
        return run_ctl(argc, argv);
    }
    if (argc == 2 && str_eq(argv[1], "keys")) {
        return print_keys();
    }
    pid_t parent = getppid();
    if (parse_options(argc, argv, &options, &err) != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        (void)fputs(usage, stderr);
        return 2;
    }
    if (options.die_with_parent && (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)) {
        return 1;
    }
    return run_farm(&options);
}
