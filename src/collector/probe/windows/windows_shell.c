/* windows_shell: what a Windows host is asked through cmd.exe, and how its answer is put together.
 *
 * The line has neither quotes nor dollar signs of its own, so that it survives PowerShell as the
 * default shell as well. /v:on lets !ERRORLEVEL! be the code of the command just before it, where
 * %ERRORLEVEL% would be expanded when the whole line is read. */
#include "collector/probe/windows/windows_shell.h"

#include "collector/probe/light.h"
#include "collector/probe/windows/cim.h"
#include "collector/probe/windows/netstat.h"
#include "collector/probe/windows/windows.h"

#include <string.h>

enum { LINE_MAX_BYTES = 8190 };

#define END_ALL "echo @@end all 0\""
#define SERVICES_KEY "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

/* {} is the service. The endpoints are asked for between before and after. */
struct shell_question {
    const char *section, *command;
};

static const struct shell_question first[] = {{"ver", "ver"}, {"hostname", "hostname"}};
static const struct shell_question before_endpoints[] = {{"before", "sc.exe queryex "}};
static const struct shell_question after_endpoints[] = {
    {"after", "sc.exe queryex "}, {"config", "sc.exe qc "}, {"canary", "reg query " SERVICES_KEY}};
static const struct shell_question endpoints[] = {{"netstat", "netstat.exe -ano"}};
static const struct shell_question range[] = {{"range", "netsh int ipv4 show dynamicport udp"}};
static const struct shell_question light_first[] = {{"hostname", "hostname"}};
static const struct shell_question light_endpoints[] = {{"netstat", "netstat.exe -ano -p UDP"},
                                                        {"netstat6", "netstat.exe -ano -p UDPv6"}};
static const struct shell_question light_after[] = {{"after", "sc.exe queryex "}};
static const struct shell_question light_machine[] = {{"samss", "sc.exe queryex SamSs"}};
static const struct shell_question machine[] = {
    {"samss", "sc.exe queryex SamSs"},
    {"interfaces", "reg query " SERVICES_KEY "Tcpip\\Parameters\\Interfaces /s"},
    {"absent", "reg query " WINDOWS_ABSENT_KEY},
    {"delay", "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control /v AutoStartDelay"},
    {"guid", "reg query HKLM\\SOFTWARE\\Microsoft\\Cryptography /v MachineGuid"},
    {"dynamic", "netsh int ipv4 show dynamicport udp"},
};
static const struct shell_question without_cim[] = {
    {"tasklist", "(if not !r!==0 tasklist.exe /fo csv /nh)"},
    {"bootevent", "(if not !r!==0 wevtutil.exe qe System /c:1 /rd:true /f:xml "
                  "/q:*[System[Provider[@Name='Microsoft-Windows-Kernel-General']"
                  "and^(EventID=12^)]])"},
};

#define ASK(questions, to) ask((questions), sizeof(questions) / sizeof((questions)[0]), (to))
#define ASK_EACH(questions, plan, to) \
    ask_each((questions), sizeof(questions) / sizeof((questions)[0]), (plan), (to))

static void ask(const struct shell_question *questions, size_t count, struct buf *to)
{
    for (size_t i = 0; i < count; i++) {
        (void)buf_printf(to, "echo @@begin %s&%s 2>&1&echo @@end %s !ERRORLEVEL!&",
                         questions[i].section, questions[i].command, questions[i].section);
    }
}

/* sc qc takes the size of its answer as well. */
static void ask_each(const struct shell_question *questions, size_t count, const struct plan *plan,
                     struct buf *to)
{
    for (size_t i = 0; i < plan->service_count; i++) {
        const char *service = plan->services[i];
        for (size_t k = 0; k < count; k++) {
            const char *section = questions[k].section;
            (void)buf_printf(to, "echo @@begin %s:%s&%s%s%s 2>&1&echo @@end %s:%s !ERRORLEVEL!&",
                             section, service, questions[k].command, service,
                             str_eq(section, "config") ? " 4096" : "", section, service);
        }
    }
}

static void ask_keys(const struct plan *plan, struct buf *to)
{
    for (size_t i = 0; i < plan->key_count; i++) {
        char name[32];
        const char *section = windows_key_section(plan, i, name, sizeof(name));
        (void)buf_printf(to, "echo @@begin %s&reg query %s 2>&1&echo @@end %s !ERRORLEVEL!&",
                         section, plan->keys[i], section);
    }
}

/* PowerShell may wait for the end of its input, which we send only after the answer: <nul. */
static void ask_cim(bool light, struct buf *to)
{
    (void)buf_puts(to, "echo @@begin cim&powershell.exe -NoProfile -NonInteractive "
                       "-EncodedCommand ");
    (void)cim_encode(light, to);
    (void)buf_puts(to, " <nul 2>&1&set r=!ERRORLEVEL!&echo @@end cim !r!&");
}

/* Optional: where there is no more room on the line it is left out. */
static void ask_around(struct buf *to, size_t start)
{
    struct buf question;
    buf_init(&question, LINE_MAX_BYTES);
    (void)buf_puts(&question, "echo @@begin " PROBE_OPTIONAL "&powershell.exe -NoProfile "
                              "-NonInteractive -EncodedCommand ");
    (void)windows_around_encode(&question);
    (void)buf_puts(&question, " <nul 2>&1&echo @@end " PROBE_OPTIONAL " !ERRORLEVEL!&");
    if (!question.failed && to->len - start + question.len + strlen(END_ALL) <= LINE_MAX_BYTES) {
        (void)buf_append(to, question.data, question.len);
    }
    buf_done(&question);
}

int windows_plan(struct plan *ret, const struct expectation *const *watched, size_t count,
                 struct err *err)
{
    /* The DHCP server is always asked for: beside it the PXE service works on another port. */
    if (plan_build(ret, "windows", watched, count, err) != 0 ||
        plan_add_service(ret, "DHCPServer", NULL, err) != 0 ||
        plan_add_key(ret, WINDOWS_WIZARD_KEY, err) != 0) {
        return -1;
    }
    return 0;
}

int windows_light_plan(struct plan *ret, const struct expectation *const *watched, size_t count,
                       struct err *err)
{
    return plan_build(ret, "windows", watched, count, err);
}

int windows_shell_netstat(bool light, struct buf *to)
{
    (void)buf_puts(to, "cmd.exe /d /v:on /s /c \"chcp 65001>nul&");
    light ? ASK(light_endpoints, to) : ASK(endpoints, to);
    if (!light) {
        ASK(range, to);
    }
    (void)buf_puts(to, "rem\"");
    return to->failed ? -1 : 0;
}

static int check_length(const struct plan *plan, const struct buf *to, size_t start,
                        struct err *err)
{
    if (to->failed || to->len - start > LINE_MAX_BYTES) {
        return err_set(err, ERR_LIMIT, "probe",
                       "the question about %zu services is longer than cmd.exe takes (%d bytes)",
                       plan->service_count, LINE_MAX_BYTES);
    }
    return 0;
}

static int light_command(const struct expectation *const *watched, size_t count, struct buf *to,
                         struct err *err)
{
    struct plan plan;
    size_t start = to->len;
    if (windows_light_plan(&plan, watched, count, err) != 0) {
        return -1;
    }
    (void)buf_puts(to, "cmd.exe /d /v:on /s /c \"chcp 65001>nul&");
    ASK(light_first, to);
    ASK_EACH(before_endpoints, &plan, to);
    ASK(light_endpoints, to);
    ASK_EACH(light_after, &plan, to);
    ASK(light_machine, to);
    ask_cim(true, to);
    (void)buf_puts(to, END_ALL);
    return check_length(&plan, to, start, err);
}

static int shell_command(const struct expectation *const *watched, size_t count, struct buf *to,
                         struct err *err)
{
    struct plan plan;
    size_t start = to->len;
    if (windows_plan(&plan, watched, count, err) != 0) {
        return -1;
    }
    (void)buf_puts(to, "cmd.exe /d /v:on /s /c \"chcp 65001>nul&");
    ASK(first, to);
    ASK_EACH(before_endpoints, &plan, to);
    ASK(endpoints, to);
    ASK_EACH(after_endpoints, &plan, to);
    ASK(machine, to);
    ask_keys(&plan, to);
    ask_cim(false, to);
    ASK(without_cim, to);
    ask_around(to, start);
    (void)buf_puts(to, END_ALL);
    return check_length(&plan, to, start, err);
}

static int shell_parse(const char *bytes, size_t len, const struct expectation *const *watched,
                       size_t count, struct snapshot *ret_snapshot, struct err *err)
{
    static int (*const takers[])(const struct windows *) = {
        windows_take_endpoints, windows_take_services, windows_take_boot_and_processes,
        windows_take_addresses, windows_take_registry, windows_take_machine,
        windows_take_around};
    struct sections sections;
    struct plan plan;
    if (windows_plan(&plan, watched, count, err) != 0) {
        return -1;
    }
    sections_parse((struct slice){bytes, len}, &sections);
    const struct windows windows = {&sections, &plan, ret_snapshot, false};
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (takers[i](&windows) != 0) {
            return err_memory(err);
        }
    }
    snapshot_normalise(ret_snapshot);
    return 0;
}

/* A host without IPv6 has no rows there. */
static int take_second_endpoints(const struct windows *windows)
{
    const struct answer_section *section = sections_find(windows->sections, "netstat6");
    struct reading reading = sections_reading(windows->sections, section);
    struct reading tcp;
    if (reading.outcome == OUTCOME_COMPLETE && slice_trim(section->body).len > 0) {
        size_t before = windows->snapshot->endpoint_count;
        if (netstat_parse(section->body, windows->snapshot, &reading, &tcp) != 0) {
            return -1;
        }
        bool empty = windows->snapshot->endpoint_count == before;
        reading = empty ? reading_complete : reading;
    }
    if (reading.outcome != OUTCOME_COMPLETE &&
        windows->snapshot->sections[SECTION_UDP].outcome == OUTCOME_COMPLETE) {
        snapshot_set_section(windows->snapshot, SECTION_UDP, reading.outcome, "netstat",
                             reading.code, reading.detail);
    }
    return 0;
}

static int light_parse(const char *bytes, size_t len, const struct expectation *const *watched,
                       size_t count, struct snapshot *ret_snapshot, struct err *err)
{
    static int (*const takers[])(const struct windows *) = {
        windows_take_endpoints, take_second_endpoints, windows_take_services,
        windows_take_boot_and_processes, windows_take_machine};
    struct sections sections;
    struct plan plan;
    if (windows_light_plan(&plan, watched, count, err) != 0) {
        return -1;
    }
    sections_parse((struct slice){bytes, len}, &sections);
    const struct windows windows = {&sections, &plan, ret_snapshot, true};
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (takers[i](&windows) != 0) {
            return err_memory(err);
        }
    }
    light_keep(ret_snapshot, &plan);
    snapshot_normalise(ret_snapshot);
    return 0;
}

const struct probe probe_windows_shell_light = {
    .name = "windows-shell-light",
    .os = HOST_WINDOWS,
    .transport = HOST_SSH,
    .kind = VISIT_LIGHT,
    .command = light_command,
    .parse = light_parse,
};

const struct probe probe_windows_shell = {
    .name = "windows-shell",
    .os = HOST_WINDOWS,
    .transport = HOST_SSH,
    .command = shell_command,
    .parse = shell_parse,
};
