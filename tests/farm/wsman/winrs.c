/* winrs: the cmd shells that are open, their commands, and what may be done with them. */
#include "farm/wsman/winrs.h"

#include "core/clock.h"
#include "farm/cmd/cmd_run.h"
#include "farm/codec/base64.h"
#include "farm/wsman/winrs_store.h"
#include "farm/wsman/xml_write.h"

#include <string.h>

#define SHELL_CMD NS_SHELL "/cmd"
#define STATE NS_SHELL "/CommandState/"

enum { FRAME_BYTES = 3000 };

bool winrs_is_meant(const struct exchange *x)
{
    return str_ieq(x->envelope.resource, SHELL_CMD) || str_ieq(x->envelope.resource, NS_SHELL);
}

/* The shell that is meant, or a fault in the answer. */
static struct winrs *find(struct exchange *x)
{
    struct winrs *shell = winrs_find(x);
    if (shell == NULL) {
        exchange_fault(x, &(struct fault){.id = FAULT_SELECTORS, .source = FAULT_OF_SHELL});
    }
    return shell;
}

static struct winrs_command *find_command(struct exchange *x, struct winrs *shell,
                                          const struct xml_node *named)
{
    struct winrs_command *command = winrs_command_find(shell, xml_attribute(named, "CommandId"));
    if (command == NULL) {
        exchange_fault(x, &(struct fault){.id = FAULT_PARAMETER, .source = FAULT_OF_SHELL});
    }
    return command;
}

/* ---- Create ---- */

static void read_variables(struct exchange *x, struct winrs *shell)
{
    const struct xml_node *environment = xml_child(x->envelope.body, NS_SHELL, "Environment");
    const struct xml_node *node = environment == NULL ? NULL : environment->children;
    for (; node != NULL && shell->variable_count < ENVELOPE_NAMES; node = node->next) {
        const char *name = xml_attribute(node, "Name");
        if (name != NULL) {
            shell->variables[shell->variable_count++] = (struct envelope_name){
                arena_strdup(&shell->arena, name), arena_strdup(&shell->arena, node->text)};
        }
    }
}

static void put_created(struct exchange *x, const struct winrs *shell)
{
    struct buf *to = x->answer;
    envelope_begin(to, NS_TRANSFER "/CreateResponse", x->envelope.message_id);
    (void)buf_puts(to, "<x:ResourceCreated>");
    xml_leaf(to, "a:Address", x->envelope.to);
    (void)buf_printf(to,
                     "<a:ReferenceParameters><w:ResourceURI>" SHELL_CMD "</w:ResourceURI>"
                     "<w:SelectorSet><w:Selector Name=\"ShellId\">%s</w:Selector></w:SelectorSet>"
                     "</a:ReferenceParameters></x:ResourceCreated>"
                     "<rsp:Shell><rsp:ShellId>%s</rsp:ShellId><rsp:ResourceUri>" SHELL_CMD
                     "</rsp:ResourceUri>",
                     shell->id, shell->id);
    xml_leaf(to, "rsp:Owner", shell->account);
    xml_leaf(to, "rsp:ClientIP", x->client);
    (void)buf_printf(to, "<rsp:IdleTimeOut>PT%lld.000S</rsp:IdleTimeOut>",
                     (long long)(winrs_idle_ms(shell) / 1000));
    (void)buf_puts(to, "<rsp:InputStreams>stdin</rsp:InputStreams>"
                       "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
                       "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>"
                       "<rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>");
    envelope_end(to);
}

void winrs_create(struct exchange *x)
{
    const struct winrm_settings *settings = &x->server->winrm;
    struct fault fault = {.id = FAULT_NONE, .source = FAULT_OF_WMI};
    if ((exchange_rights(x) & RIGHT_SHELL) == 0) {
        fault = (struct fault){.id = FAULT_ACCESS_DENIED};
    } else if (winrs_count(x) >= settings->max_shells) {
        fault.id = FAULT_SHELLS;
        fault.limit = settings->max_shells;
    } else if (exchange_operations(x) >= settings->max_operations) {
        fault.id = FAULT_OPERATIONS;
        fault.limit = settings->max_operations;
    }
    struct winrs *shell = fault.id == FAULT_NONE ? winrs_open(x) : NULL;
    if (shell == NULL) {
        fault.id = fault.id == FAULT_NONE ? FAULT_TIMED_OUT : fault.id;
        exchange_fault(x, &fault);
        return;
    }
    const char *page = envelope_option(&x->envelope, "WINRS_CODEPAGE");
    uint64_t number = 0;
    if (page != NULL && str_u64((struct slice){page, strlen(page)}, 65535, &number)) {
        shell->code_page = (unsigned)number;
    }
    (void)envelope_duration(xml_text(xml_child(x->envelope.body, NS_SHELL, "IdleTimeOut")),
                            &shell->idle_ms);
    read_variables(x, shell);
    put_created(x, shell);
}

/* ---- Command ---- */

/* The command and its arguments, each as it stands there, with a blank in between. */
static const char *read_arguments(struct exchange *x)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    for (const struct xml_node *node = x->envelope.body->children; node != NULL;
         node = node->next) {
        if (str_eq(node->name, "Arguments")) {
            (void)buf_printf(&text, " %s", node->text);
        }
    }
    const char *copy = arena_strdup(x->arena, text.data == NULL ? "" : text.data);
    buf_done(&text);
    return copy;
}

static bool run(struct exchange *x, const struct winrs *shell, struct winrs_command *command,
                const char *name, const char *arguments)
{
    struct console console;
    const char *skip = envelope_option(&x->envelope, "WINRS_SKIP_CMD_SHELL");
    console_init(&console, x->wsman->fleet, x->server, shell->account, x->account->rights);
    console.misbehaviour = x->misbehaviour;
    console.code_page = shell->code_page == 0 ? console.code_page : shell->code_page;
    for (size_t i = 0; i < shell->variable_count; i++) {
        console_set(&console, shell->variables[i].name, shell->variables[i].value);
    }
    bool found = true;
    if (skip != NULL && str_ieq(skip, "TRUE")) {
        found = cmd_run_program(&console, name, arguments, &command->status);
    } else {
        const char *line = arena_printf(x->arena, "%s%s", name, arguments);
        command->status =
            line == NULL ? 1 : cmd_run(&console, line, false, &console.out, &console.err, "");
    }
    (void)buf_append(&command->out, console.out.data, console.out.len);
    (void)buf_append(&command->err, console.err.data, console.err.len);
    console_done(&console);
    return found;
}

void winrs_start(struct exchange *x)
{
    struct winrs *shell = find(x);
    if (shell == NULL) {
        return;
    }
    struct slice name = xml_text(xml_child(x->envelope.body, NS_SHELL, "Command"));
    const char *copy = arena_strndup(x->arena, name.data, name.len);
    struct winrs_command *command = name.len == 0 ? NULL : winrs_command_new(shell);
    if (command == NULL || copy == NULL) {
        exchange_fault(x, &(struct fault){.id = FAULT_BODY});
        return;
    }
    (void)atomic_fetch_add(&x->wsman->fleet->shared->execs, 1);
    (void)atomic_fetch_add(&x->server->execs, 1);
    if (!run(x, shell, command, copy, read_arguments(x))) {
        winrs_command_free(shell, command);
        exchange_fault(x, &(struct fault){.id = FAULT_FILE, .source = FAULT_OF_SHELL});
        return;
    }
    command->ready_ms = clock_monotonic_ms() + x->server->latency_ms;
    envelope_begin(x->answer, NS_SHELL "/CommandResponse", x->envelope.message_id);
    (void)buf_printf(x->answer,
                     "<rsp:CommandResponse><rsp:CommandId>%s</rsp:CommandId></rsp:CommandResponse>",
                     command->id);
    envelope_end(x->answer);
}

/* ---- Receive ---- */

static void put_stream(struct exchange *x, const struct winrs_command *command, const char *name,
                       const char *bytes, size_t len)
{
    (void)buf_printf(x->answer, "<rsp:Stream Name=\"%s\" CommandId=\"%s\">", name, command->id);
    base64_encode(bytes, len, x->answer);
    if (x->misbehaviour == MISBEHAVE_CUT_BASE64 && x->answer->len > 0) {
        x->answer->len--; /* one digit short */
    }
    (void)buf_puts(x->answer, "</rsp:Stream>");
}

/* As much of one stream as there is room for; returns what it took. */
static size_t put_some(struct exchange *x, const struct winrs_command *command, const char *name,
                       const struct buf *from, size_t at, size_t room)
{
    size_t left = from->len - at;
    size_t n = left < room ? left : room;
    if (n > 0) {
        put_stream(x, command, name, from->data + at, n);
    }
    return n;
}

static void put_state(struct exchange *x, const struct winrs_command *command, bool done)
{
    if (!done || x->misbehaviour == MISBEHAVE_NEVER_DONE) {
        (void)buf_printf(x->answer,
                         "<rsp:CommandState CommandId=\"%s\" State=\"" STATE
                         "Running\"></rsp:CommandState>",
                         command->id);
        return;
    }
    (void)buf_printf(x->answer,
                     "<rsp:Stream Name=\"stdout\" CommandId=\"%s\" End=\"true\"></rsp:Stream>"
                     "<rsp:Stream Name=\"stderr\" CommandId=\"%s\" End=\"true\"></rsp:Stream>"
                     "<rsp:CommandState CommandId=\"%s\" State=\"" STATE "Done\">"
                     "<rsp:ExitCode>%u</rsp:ExitCode></rsp:CommandState>",
                     command->id, command->id, command->id, (unsigned)command->status);
}

void winrs_receive(struct exchange *x)
{
    struct winrs *shell = find(x);
    struct winrs_command *command =
        shell == NULL
            ? NULL
            : find_command(x, shell, xml_child(x->envelope.body, NS_SHELL, "DesiredStream"));
    if (command == NULL) {
        return;
    }
    int64_t wait = command->ready_ms - clock_monotonic_ms();
    x->delay_ms = wait < 0 ? 0 : wait;
    if (wait > x->envelope.timeout_ms) {
        x->delay_ms = x->envelope.timeout_ms;
        exchange_fault(x, &(struct fault){.id = FAULT_TIMED_OUT});
        return;
    }
    size_t room = exchange_room(x) > 2 * FRAME_BYTES ? exchange_room(x) - FRAME_BYTES : FRAME_BYTES;
    room = room / 4 * 3;
    envelope_begin(x->answer, NS_SHELL "/ReceiveResponse", x->envelope.message_id);
    (void)buf_puts(x->answer, "<rsp:ReceiveResponse>");
    size_t sent = put_some(x, command, "stdout", &command->out, command->out_at, room);
    command->out_at += sent;
    command->err_at += put_some(x, command, "stderr", &command->err, command->err_at, room - sent);
    put_state(x, command,
              command->out_at == command->out.len && command->err_at == command->err.len);
    (void)buf_puts(x->answer, "</rsp:ReceiveResponse>");
    envelope_end(x->answer);
}

/* ---- the rest ---- */

static void put_empty(struct exchange *x, const char *action, const char *element)
{
    envelope_begin(x->answer, action, x->envelope.message_id);
    (void)buf_puts(x->answer, element);
    envelope_end(x->answer);
}

/* Nothing that this farm runs reads its input. */
void winrs_send(struct exchange *x)
{
    if (find(x) != NULL) {
        put_empty(x, NS_SHELL "/SendResponse", "<rsp:SendResponse/>");
    }
}

void winrs_signal(struct exchange *x)
{
    struct winrs *shell = find(x);
    struct winrs_command *command = shell == NULL ? NULL : find_command(x, shell, x->envelope.body);
    if (command == NULL) {
        return;
    }
    struct slice code = xml_text(xml_child(x->envelope.body, NS_SHELL, "Code"));
    if (slice_eq(code, NS_SHELL "/signal/terminate")) {
        winrs_command_free(shell, command);
    } else {
        command->ready_ms = 0; /* ctrl_c ends what it is doing */
    }
    put_empty(x, NS_SHELL "/SignalResponse", "<rsp:SignalResponse/>");
}

void winrs_delete(struct exchange *x)
{
    struct winrs *shell = find(x);
    if (shell != NULL) {
        winrs_close(shell);
        put_empty(x, NS_TRANSFER "/DeleteResponse", "");
    }
}
