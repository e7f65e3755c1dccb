/* main: pvsfarm, a farm of simulated Windows servers on the loopback network. */
#include "core/log.h"
#include "core/str.h"
#include "farm/control/command.h"
#include "farm/control/ctl.h"
#include "farm/farm.h"
#include "farm/options.h"
#include "farm/scenario/scenario.h"
#include "farm/server/knob.h"
#include "farm/server/misbehave.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

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
    for (size_t i = OCCASION_ANY + 1; i < OCCASION_COUNT; i++) {
        (void)printf("occasion %s %s\n", misbehave_occasions[i].name, misbehave_occasions[i].what);
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
        (void)fputs(options_usage, stderr);
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

int main(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    log_open("pvsfarm", LOG_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && (str_eq(argv[1], "--help") || str_eq(argv[1], "-h"))) {
        (void)fputs(options_usage, stdout);
        return 0;
    }
    if (argc > 1 && str_eq(argv[1], "ctl")) {
        return run_ctl(argc, argv);
    }
    if (argc == 2 && str_eq(argv[1], "keys")) {
        return print_keys();
    }
    pid_t parent = getppid();
    if (options_parse(argc, argv, &options, &err) != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        (void)fputs(options_usage, stderr);
        return 2;
    }
    if (options.die_with_parent && (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)) {
        return 1;
    }
    return farm_run(&options);
}
