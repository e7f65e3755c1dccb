/* demo: the whole story on a loopback farm of simulated servers. */
#include "collector/demo.h"

#include "collector/demo_process.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, DAY_MS = 24 * 3600 * 1000, REBOOT_BEFORE_MS = 40 * 60 * 1000 };

/* The files of a demo, all in its folder. */
struct demo {
    char scenario[PATH_BYTES];
    char inventory[PATH_BYTES];
    char settings[PATH_BYTES];
    char state[PATH_BYTES];
    char control[PATH_BYTES];
    char history[PATH_BYTES];
    char repaired[PATH_BYTES];
    bool quiet;
};

static int path_of(char to[PATH_BYTES], const char *dir, const char *name, struct err *err)
{
    if (snprintf(to, PATH_BYTES, "%s/%s", dir, name) >= PATH_BYTES) {
        return err_set(err, ERR_USAGE, "demo", "the folder's name is too long");
    }
    return 0;
}

static int name_files(struct demo *demo, const char *dir, struct err *err)
{
    return path_of(demo->scenario, dir, "farm.yaml", err) != 0 ||
                   path_of(demo->inventory, dir, "hosts.yaml", err) != 0 ||
                   path_of(demo->settings, dir, "settings.yaml", err) != 0 ||
                   path_of(demo->state, dir, "state", err) != 0 ||
                   path_of(demo->control, dir, "farm.sock", err) != 0 ||
                   path_of(demo->history, dir, "history.db", err) != 0 ||
                   path_of(demo->repaired, dir, "repaired.db", err) != 0
               ? -1
               : 0;
}

static int write_file(const char *path, const char *text, struct err *err)
{
    FILE *file = fopen(path, "we");
    int failed = file == NULL || fputs(text, file) < 0;
    failed = (file != NULL && fclose(file) != 0) || failed;
    return failed ? err_set(err, ERR_IO, "demo", "cannot write %s: %s", path, strerror(errno)) : 0;
}

static int make_folders(const char *dir, struct err *err)
{
    char part[PATH_BYTES];
    size_t len = strlen(dir);
    for (size_t i = 1; i <= len && len < sizeof(part); i++) {
        if (dir[i] == '/' || dir[i] == '\0') {
            memcpy(part, dir, i);
            part[i] = '\0';
            if (mkdir(part, 0755) != 0 && errno != EEXIST) {
                return err_set(err, ERR_IO, "demo", "cannot make %s: %s", part, strerror(errno));
            }
        }
    }
    return 0;
}

static void remove_history(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".scan"};
    char file[PATH_BYTES + 8];
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        (void)snprintf(file, sizeof(file), "%s%s", path, endings[i]);
        (void)unlink(file);
    }
}

static int prepare(struct demo *demo, const char *dir, struct err *err)
{
    struct buf settings;
    if (make_folders(dir, err) != 0) {
        return -1;
    }
    remove_history(demo->history);
    remove_history(demo->repaired);
    (void)unlink(demo->control);
    buf_init(&settings, 2 * PATH_BYTES);
    (void)buf_printf(&settings, "state_dir: \"%s\"\n", demo->state);
    int rc = write_file(demo->settings, settings.data, err);
    buf_done(&settings);
    return rc != 0 ? rc : write_file(demo->scenario, demo_embedded[0].text, err);
}

static int ctl(struct demo *demo, const char *const *words, size_t count, struct err *err)
{
    const char *argv[32] = {"pvsfarm", "ctl", demo->control};
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        argv[3 + i] = words[i];
    }
    if (demo_process_run(argv, true, &status, err) != 0) {
        return -1;
    }
    return status == 0 ? 0 : err_set(err, ERR_INTERNAL, "demo", "pvsfarm ctl %s failed", words[0]);
}

static int ctl_clock(struct demo *demo, int64_t ms, struct err *err)
{
    char when[CLOCK_TEXT];
    clock_rfc3339(ms, when);
    return ctl(demo, (const char *[]){"clock", when}, 2, err);
}

/* as_of NULL: the real clock. */
static int scan(struct demo *demo, const char *history, const char *as_of, int expected,
                struct err *err)
{
    const char *argv[16] = {"pvsaudit-collect",
                            "scan",
                            "--config",
                            demo->settings,
                            "-i",
                            demo->inventory,
                            "--db",
                            history,
                            "-q"};
    int status = 0;
    if (as_of != NULL) {
        argv[9] = "--as-of";
        argv[10] = as_of;
    }
    if (demo_process_run(argv, false, &status, err) != 0) {
        return -1;
    }
    return status == expected ? 0
                              : err_set(err, ERR_INTERNAL, "demo",
                                        "the scan ended with %d, not with %d", status, expected);
}

/* Ask a question the way a user would, saying the command first. */
static int question(struct demo *demo, const char *history, const char *command,
                    const char *argument, int expected, struct err *err)
{
    const char *argv[16] = {"pvsaudit", command, "--config", demo->settings, "--db", history};
    int status = 0;
    argv[6] = argument;
    (void)printf("\n$ pvsaudit %s%s%s --db %s\n", command, argument == NULL ? "" : " ",
                 argument == NULL ? "" : argument, history);
    if (demo_process_run(argv, false, &status, err) != 0) {
        return -1;
    }
    return status == expected
               ? 0
               : err_set(err, ERR_INTERNAL, "demo", "pvsaudit %s ended with %d, not with %d",
                         command, status, expected);
}

static int first_night(struct demo *demo, int64_t now_ms, struct err *err)
{
    char when[CLOCK_TEXT];
    char local[CLOCK_TEXT];
    clock_rfc3339(now_ms - DAY_MS, when);
    clock_local(now_ms - DAY_MS, local);
    (void)printf("The first night (%s): 40 servers, 12 of them a site that boots from ISO.\n",
                 local);
    return ctl_clock(demo, now_ms - DAY_MS, err) != 0 ? -1
                                                      : scan(demo, demo->history, when, 0, err);
}

static int second_night(struct demo *demo, int64_t now_ms, struct err *err)
{
    static const char *const rebooted[] = {"reboot", "pvs03", "pvs08", "pvs12", "pvs17",
                                           "pvs21",  "pvs25", "pvs31", "pvs38"};
    char local[CLOCK_TEXT];
    clock_local(now_ms, local);
    (void)printf("\nThe second night (%s): eight servers were rebooted. On one of them the PXE "
                 "service\nstarted before the network was ready. It says Running.\n",
                 local);
    if (ctl_clock(demo, now_ms - REBOOT_BEFORE_MS, err) != 0 ||
        ctl(demo, (const char *[]){"lose", "pvs17"}, 2, err) != 0 ||
        ctl(demo, rebooted, sizeof(rebooted) / sizeof(rebooted[0]), err) != 0 ||
        ctl_clock(demo, clock_now_ms(&(struct clock){0}), err) != 0) {
        return -1;
    }
    return scan(demo, demo->history, NULL, 1, err) != 0 ||
                   question(demo, demo->history, "missing", NULL, 1, err) != 0 ||
                   question(demo, demo->history, "why", "pvs17", 1, err) != 0
               ? -1
               : 0;
}

static int copy_file(const char *from, const char *to, struct err *err)
{
    char bytes[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    ssize_t n = in < 0 || out < 0 ? -1 : 1;
    while (n > 0) {
        n = read(in, bytes, sizeof(bytes));
        if (n > 0 && write(out, bytes, (size_t)n) != n) {
            n = -1;
        }
    }
    int code = errno;
    if (in >= 0) {
        (void)close(in);
    }
    if (out >= 0) {
        (void)close(out);
    }
    return n == 0 ? 0 : err_set(err, ERR_IO, "demo", "cannot copy %s: %s", from, strerror(code));
}

static int repaired(struct demo *demo, struct err *err)
{
    (void)printf("\nOn a copy of the history: the service of pvs17 is restarted, and the fleet is "
                 "read again.\n");
    return copy_file(demo->history, demo->repaired, err) != 0 ||
                   ctl(demo, (const char *[]){"restart", "pvs17"}, 2, err) != 0 ||
                   scan(demo, demo->repaired, NULL, 0, err) != 0 ||
                   question(demo, demo->repaired, "missing", NULL, 0, err) != 0
               ? -1
               : 0;
}

static void say_goodbye(const struct demo *demo, bool keep)
{
    (void)printf("\nThe servers of this demo are simulated. %s.\nCommands to try:\n",
                 keep ? "They keep running until Ctrl-C" : "They are stopped now");
    static const char *const commands[] = {"missing --json",
                                           "status --by site",
                                           "status",
                                           "netstat pvs17",
                                           "netstat pvs17 --at yesterday",
                                           "why pvs31"};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)printf("  build/bin/pvsaudit %s --db %s\n", commands[i], demo->history);
    }
}

static int play(struct demo *demo, struct err *err)
{
    int64_t now_ms = clock_now_ms(&(struct clock){0});
    return first_night(demo, now_ms, err) != 0 || second_night(demo, now_ms, err) != 0 ||
                   repaired(demo, err) != 0
               ? -1
               : 0;
}

int demo_run(const char *dir, bool keep, bool quiet, struct err *err)
{
    struct demo demo = {.quiet = quiet};
    pid_t farm = 0;
    if (name_files(&demo, dir, err) != 0 || prepare(&demo, dir, err) != 0) {
        return -1;
    }
    const char *argv[] = {"pvsfarm",
                          "--scenario",
                          demo.scenario,
                          "--inventory-out",
                          demo.inventory,
                          "--control",
                          demo.control,
                          "--ready-fd",
                          "3",
                          "--die-with-parent",
                          NULL};
    if (demo_process_start_farm(argv, &farm, err) != 0) {
        return -1;
    }
    int rc = play(&demo, err);
    if (rc == 0) {
        say_goodbye(&demo, keep);
    }
    if (rc == 0 && keep) {
        (void)fflush(stdout);
        (void)pause();
    }
    demo_process_stop(farm);
    return rc;
}
