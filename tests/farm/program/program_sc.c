/* program_sc: sc.exe query, queryex and qc. */
#include "core/str.h"
#include "farm/program/program.h"
#include "farm/server/service.h"
#include "farm/server/text.h"

#include <stdio.h>
#include <string.h>

enum { SC_DENIED = 5, SC_NO_SERVICE = 1060, SC_USAGE = 1639 };

/* "        LABEL              : value": the label fills 19 characters. */
static void print_label(struct call *call, enum text_id id)
{
    const char *label = text_get(console_language(call->console), id);
    size_t wide = 0;
    for (const char *at = label; *at != '\0'; at++) {
        wide += ((unsigned char)*at & 0xc0U) != 0x80U;
    }
    console_printf(call->console, call->out, "        %s%*s: ", label,
                   wide < 19 ? (int)(19 - wide) : 1, "");
}

static void print_field(struct call *call, enum text_id id, const char *value)
{
    print_label(call, id);
    console_print(call->console, call->out, value);
    console_print(call->console, call->out, "\r\n");
}

static const char *type_name(unsigned type)
{
    switch (type) {
    case 0x10:
        return "WIN32_OWN_PROCESS";
    case 0x20:
        return "WIN32_SHARE_PROCESS";
    default:
        return "WIN32_OWN_PROCESS (interactive)";
    }
}

static int refuse(struct call *call, const char *function, int code)
{
    struct console *console = call->console;
    enum language language = console_language(console);
    console_printf(console, call->out, "[SC] %s FAILED %d:\r\n\r\n%s\r\n\r\n", function, code,
                   text_get(language, code == SC_DENIED ? TEXT_SC_DENIED : TEXT_SC_NO_SERVICE));
    return code;
}

static void print_state(struct call *call, enum service_run state)
{
    static const struct {
        const char *name, *accepts;
    } states[] = {
        [RUN_STOPPED] = {"STOPPED", "(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)"},
        [RUN_START_PENDING] = {"START_PENDING", "(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)"},
        [RUN_RUNNING] = {"RUNNING", "(STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)"},
    };
    char text[64];
    (void)snprintf(text, sizeof(text), "%d  %s ", (int)state, states[state].name);
    print_field(call, TEXT_SC_STATE, text);
    if (state != RUN_STOPPED) {
        console_printf(call->console, call->out, "%32s%s\r\n", "", states[state].accepts);
    }
}

static void print_pid(struct call *call, uint32_t pid)
{
    char text[32];
    bool bad = call->console->misbehaviour == MISBEHAVE_BAD_NUMBERS;
    (void)snprintf(text, sizeof(text), bad ? "-%u" : "%u", pid);
    print_field(call, TEXT_SC_PID, text);
}

static void print_service(struct call *call, int service, const struct service_now *now,
                          bool extended)
{
    const struct service_row *row = &service_rows[service];
    enum language language = console_language(call->console);
    char text[64];
    console_printf(call->console, call->out, "\r\n%s: %s \r\n", text_get(language, TEXT_SC_NAME),
                   row->name);
    (void)snprintf(text, sizeof(text), "%x  %s  ", row->type, type_name(row->type));
    print_field(call, TEXT_SC_TYPE, text);
    print_state(call, now->state);
    (void)snprintf(text, sizeof(text), "%u  (0x%x)", now->exit_code, now->exit_code);
    print_field(call, TEXT_SC_WIN32_EXIT, text);
    print_field(call, TEXT_SC_SERVICE_EXIT, "0  (0x0)");
    print_field(call, TEXT_SC_CHECKPOINT, now->state == RUN_START_PENDING ? "0x1" : "0x0");
    print_field(call, TEXT_SC_WAIT_HINT, now->state == RUN_START_PENDING ? "0x7530" : "0x0");
    if (extended) {
        print_pid(call, now->pid);
        print_field(call, TEXT_SC_FLAGS, "");
    }
}

static struct service_now look(struct call *call, int service)
{
    struct console *console = call->console;
    struct moment moment = server_moment(console->fleet, console->server);
    if (service == SERVICE_BNPXE) {
        console->server->looks++;
    }
    return service_look(console->fleet, console->server, &moment, service);
}

static int query_all(struct call *call, bool extended)
{
    for (int service = 0; service < SERVICE_COUNT; service++) {
        struct service_now now = look(call, service);
        if (now.installed && now.state != RUN_STOPPED &&
            console_may(call->console, service_right(service))) {
            print_service(call, service, &now, extended);
        }
    }
    return 0;
}

static int query(struct call *call, const char *name, bool extended)
{
    int service = service_find(name);
    struct service_now now = {0};
    if (service >= 0) {
        now = look(call, service);
    }
    if (!now.installed) {
        return refuse(call, "EnumQueryServicesStatus:OpenService", SC_NO_SERVICE);
    }
    if (!console_may(call->console, service_right(service))) {
        return refuse(call, "EnumQueryServicesStatus:OpenService", SC_DENIED);
    }
    print_service(call, service, &now, extended);
    return 0;
}

static void print_config(struct call *call, int service, enum start_type start)
{
    static const char *const starts[] = {[START_AUTO] = "2   AUTO_START",
                                         [START_DELAYED] = "2   AUTO_START  (DELAYED)",
                                         [START_MANUAL] = "3   DEMAND_START",
                                         [START_DISABLED] = "4   DISABLED"};
    const struct service_row *row = &service_rows[service];
    enum language language = console_language(call->console);
    char text[64];
    console_printf(call->console, call->out, "%s\r\n\r\n%s: %s\r\n",
                   text_get(language, TEXT_SC_CONFIG_DONE), text_get(language, TEXT_SC_NAME),
                   row->name);
    (void)snprintf(text, sizeof(text), "%x  %s ", row->type, type_name(row->type));
    print_field(call, TEXT_SC_TYPE, text);
    print_field(call, TEXT_SC_START_TYPE, starts[start]);
    print_field(call, TEXT_SC_ERROR_CONTROL, "1   NORMAL");
    print_field(call, TEXT_SC_BINARY, row->image_path);
    print_field(call, TEXT_SC_GROUP, "");
    print_field(call, TEXT_SC_TAG, "0");
    print_field(call, TEXT_SC_DISPLAY, row->display);
    print_field(call, TEXT_SC_DEPENDENCIES, "");
    print_field(call, TEXT_SC_ACCOUNT, row->account);
}

static int query_config(struct call *call, const char *name)
{
    int service = service_find(name);
    struct service_now now = {0};
    if (service >= 0) {
        now = look(call, service);
    }
    if (!now.installed) {
        return refuse(call, "OpenService", SC_NO_SERVICE);
    }
    if (!console_may(call->console, service_right(service))) {
        return refuse(call, "OpenService", SC_DENIED);
    }
    print_config(call, service, now.start);
    return 0;
}

int program_sc(struct call *call)
{
    const char *verb = call->argc > 1 ? call->argv[1] : "";
    const char *name = call->argc > 2 ? call->argv[2] : NULL;
    bool extended = str_ieq(verb, "queryex");
    if (extended || str_ieq(verb, "query")) {
        bool all = name == NULL || strchr(name, '=') != NULL;
        return all ? query_all(call, extended) : query(call, name, extended);
    }
    if (str_ieq(verb, "qc") && name != NULL) {
        return query_config(call, name);
    }
    console_print(call->console, call->out,
                  "DESCRIPTION:\r\n        SC is a command line program used for communicating "
                  "with the\r\n        Service Control Manager and services.\r\n");
    return SC_USAGE;
}
