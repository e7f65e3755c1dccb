/* linux_shell: what a Linux host is asked through its shell, and how its answer is put together.
 *
 * Everything is POSIX sh. What a program prints on stderr stays there. */
#include "collector/probe/linux/linux_shell.h"

#include "collector/probe/light.h"
#include "collector/probe/linux/linux.h"
#include "collector/probe/linux/systemd.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static const char environment[] =
    "LC_ALL=C;export LC_ALL;PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin;export PATH\n"
    "echo @@begin hostname;uname -n;echo @@end hostname $?\n"
    "echo @@begin bootid;cat /proc/sys/kernel/random/boot_id;echo @@end bootid $?\n"
    "echo @@begin clock;date +%s.%N&&cat /proc/uptime&&grep '^btime ' /proc/stat&&"
    "echo ticks $(getconf CLK_TCK 2>/dev/null);echo @@end clock $?\n";

static const char machine[] =
    "echo @@begin os;uname -srm&&cat /etc/os-release;echo @@end os $?\n"
    "echo @@begin machineid;cat /etc/machine-id;echo @@end machineid $?\n"
    "echo @@begin range;cat /proc/sys/net/ipv4/ip_local_port_range;echo @@end range $?\n";

static const char udp[] = "echo @@begin udp;ss -H -uanp;echo @@end udp $?\n";
static const char tcp[] = "echo @@begin tcp;ss -H -tlnp;echo @@end tcp $?\n";

/* read takes one line of each file: a name with a line break in it cannot write lines of ours. */
static const char processes[] =
    "echo @@begin processes;for f in /proc/[0-9]*/stat;do read -r l <$f&&printf '%s\\n' \"$l\";"
    "done 2>/dev/null;echo @@end processes 0\n";
static const char addresses[] = "echo @@begin addresses;ip -o addr show;echo @@end addresses $?\n";

static void ask_units(const struct plan *plan, const char *when, struct buf *to)
{
    (void)buf_printf(to, "echo @@begin units:%s;systemctl show -p " SYSTEMD_PROPERTIES, when);
    for (size_t i = 0; i < plan->service_count; i++) {
        (void)buf_printf(to, " %s.service", plan->services[i]);
    }
    (void)buf_printf(to, ";echo @@end units:%s $?\n", when);
}

static int ask_pid_files(const struct plan *plan, struct buf *to, struct err *err)
{
    for (size_t i = 0; i < plan->service_count; i++) {
        const struct expectation *expectation = plan->expectations[i];
        const char *file = expectation->pid_file;
        const char *process = expectation->process;
        (void)buf_printf(to, "echo @@begin pidfile:%s\n", plan->services[i]);
        if (file != NULL && !plan_path_is_safe(file)) {
            return err_set(err, ERR_CONFIG, "probe",
                           "the pid file '%s' cannot be asked for: a "
                           "full path of letters, digits and . _ - @ / + only",
                           file);
        }
        if (process != NULL && !plan_name_is_safe(process)) {
            return err_set(err, ERR_CONFIG, "probe",
                           "the process '%s' cannot be asked for: "
                           "letters, digits and . _ - @ only",
                           process);
        }
        if (file != NULL) {
            (void)buf_printf(to, "p=;[ -r %s ]&&read -r p <%s;printf 'pid %%s\\n' \"$p\"\n", file,
                             file);
        }
        if (process != NULL) {
            (void)buf_printf(to, "command -v %s >/dev/null 2>&1&&echo installed\n", process);
        }
        (void)buf_printf(to, "echo @@end pidfile:%s 0\n", plan->services[i]);
    }
    return 0;
}

/* Without systemd the processes tell what runs: then they are asked for in a light visit too. */
static int put_command(const struct plan *plan, bool light, struct buf *to, struct err *err)
{
    (void)buf_puts(to, environment);
    (void)buf_puts(to, light ? "" : machine);
    if (plan->service_count > 0) {
        (void)buf_puts(to, "if [ -d /run/systemd/system ];then\n");
        ask_units(plan, "before", to);
        (void)buf_puts(to, "fi\n");
    }
    (void)buf_puts(to, udp);
    (void)buf_puts(to, light ? "" : tcp);
    if (plan->service_count > 0) {
        (void)buf_puts(to, "if [ -d /run/systemd/system ];then\n");
        ask_units(plan, "after", to);
        (void)buf_puts(to, "else\n");
        if (ask_pid_files(plan, to, err) != 0) {
            return -1;
        }
        (void)buf_puts(to, light ? processes : "");
        (void)buf_puts(to, "fi\n");
    }
    (void)buf_puts(to, light ? "" : processes);
    (void)buf_puts(to, light ? "" : addresses);
    (void)buf_puts(to, "echo @@end all 0\n");
    return 0;
}

static int ask_linux(const struct expectation *const *watched, size_t count, bool light,
                     struct buf *to, struct err *err)
{
    struct plan plan;
    size_t start = to->len;
    if (plan_build(&plan, "linux", watched, count, err) != 0 ||
        put_command(&plan, light, to, err) != 0) {
        return -1;
    }
    if (to->failed || to->len - start > LINE_MAX_BYTES) {
        return err_set(err, ERR_LIMIT, "probe", "the question about %zu services is too long",
                       plan.service_count);
    }
    return 0;
}

static int linux_command(const struct expectation *const *watched, size_t count, struct buf *to,
                         struct err *err)
{
    return ask_linux(watched, count, false, to, err);
}

static int light_command(const struct expectation *const *watched, size_t count, struct buf *to,
                         struct err *err)
{
    return ask_linux(watched, count, true, to, err);
}

static int take_all(const char *bytes, size_t len, const struct expectation *const *watched,
                    size_t count, bool light, struct snapshot *ret_snapshot, struct err *err)
{
    static int (*const takers[])(struct linux_host *) = {linux_take_endpoints, linux_take_boot,
                                                         linux_take_processes, linux_take_services,
                                                         linux_take_addresses, linux_take_machine};
    struct sections sections;
    struct plan plan;
    if (plan_build(&plan, "linux", watched, count, err) != 0) {
        return -1;
    }
    sections_parse((struct slice){bytes, len}, &sections);
    struct linux_host host = {&sections, &plan, ret_snapshot, 100};
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (takers[i](&host) != 0) {
            return err_memory(err);
        }
    }
    snapshot_set_section(ret_snapshot, SECTION_REGISTRY, OUTCOME_UNSUPPORTED, NULL, 0,
                         "Linux has no registry");
    if (light) {
        light_keep(ret_snapshot, &plan);
    }
    snapshot_normalise(ret_snapshot);
    return 0;
}

static int linux_parse(const char *bytes, size_t len, const struct expectation *const *watched,
                       size_t count, struct snapshot *ret_snapshot, struct err *err)
{
    return take_all(bytes, len, watched, count, false, ret_snapshot, err);
}

static int light_parse(const char *bytes, size_t len, const struct expectation *const *watched,
                       size_t count, struct snapshot *ret_snapshot, struct err *err)
{
    return take_all(bytes, len, watched, count, true, ret_snapshot, err);
}

const struct probe probe_linux = {
    .name = "linux",
    .os = HOST_LINUX,
    .transport = HOST_SSH,
    .command = linux_command,
    .parse = linux_parse,
};

const struct probe probe_linux_light = {
    .name = "linux-light",
    .os = HOST_LINUX,
    .transport = HOST_SSH,
    .kind = VISIT_LIGHT,
    .command = light_command,
    .parse = light_parse,
};
