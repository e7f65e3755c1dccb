/* wsman_request: the envelopes that are sent to a WS-Management service, as text. */
#include "collector/transport/wsman/wsman_request.h"

#include "collector/transport/wsman/wsman_names.h"
#include "core/str.h"

#include <string.h>

/* Text content or an attribute's value. */
static int put_text(struct buf *to, const char *text)
{
    size_t left = strlen(text);
    for (const char *p = text; left > 0;) {
        size_t len = str_utf8_length(p, left);
        unsigned char c = (unsigned char)*p;
        if (len == 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r')) {
            to->failed = true;
            return -1;
        }
        const char *entity = c == '&'   ? "&amp;"
                             : c == '<' ? "&lt;"
                             : c == '>' ? "&gt;"
                             : c == '"' ? "&quot;"
                                        : NULL;
        (void)(entity != NULL ? buf_puts(to, entity) : buf_append(to, p, len));
        p += len;
        left -= len;
    }
    return to->failed ? -1 : 0;
}

static void put_element(struct buf *to, const char *name, const char *text)
{
    (void)buf_printf(to, "<%s>", name);
    (void)put_text(to, text);
    (void)buf_printf(to, "</%s>", name);
}

static void put_required(struct buf *to, const char *name, const char *text)
{
    (void)buf_printf(to, "<%s s:mustUnderstand=\"true\">", name);
    (void)put_text(to, text);
    (void)buf_printf(to, "</%s>", name);
}

/* What one kind of envelope adds to the header that all have. */
struct envelope {
    const char *action, *action_end; /* the two halves of the action; the second may be NULL */
    const char *resource_prefix, *resource;
    const char *option, *option_value; /* NULL: none */
    const char *shell_id; /* NULL: none */
};

static void put_head(struct buf *to, const struct wsman_header *header,
                     const struct envelope *envelope)
{
    (void)buf_puts(to, "<s:Envelope xmlns:s=\"" WSMAN_NS_SOAP "\" xmlns:a=\"" WSMAN_NS_ADDRESSING
                       "\" xmlns:w=\"" WSMAN_NS_WSMAN "\" xmlns:n=\"" WSMAN_NS_ENUMERATION
                       "\" xmlns:rsp=\"" WSMAN_NS_SHELL "\"><s:Header>");
    (void)buf_puts(to, "<a:Action s:mustUnderstand=\"true\">");
    (void)put_text(to, envelope->action);
    (void)put_text(to, envelope->action_end == NULL ? "" : envelope->action_end);
    (void)buf_puts(to, "</a:Action>");
    put_required(to, "a:To", header->to);
    (void)buf_puts(to, "<w:ResourceURI s:mustUnderstand=\"true\">");
    (void)put_text(to, envelope->resource_prefix);
    (void)put_text(to, envelope->resource);
    (void)buf_puts(to, "</w:ResourceURI>");
    put_required(to, "a:MessageID", header->message_id);
    (void)buf_printf(to, "<w:MaxEnvelopeSize s:mustUnderstand=\"true\">%u</w:MaxEnvelopeSize>",
                     (unsigned)header->max_envelope);
    (void)buf_printf(to, "<w:OperationTimeout>PT%uS</w:OperationTimeout>",
                     (unsigned)header->timeout_s);
    (void)buf_puts(to, "<w:Locale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/>");
    (void)buf_puts(to, "<a:ReplyTo><a:Address s:mustUnderstand=\"true\">" WSMAN_ANONYMOUS
                       "</a:Address></a:ReplyTo>");
    if (envelope->option != NULL) {
        (void)buf_printf(to,
                         "<w:OptionSet s:mustUnderstand=\"true\"><w:Option Name=\"%s\">%s"
                         "</w:Option></w:OptionSet>",
                         envelope->option, envelope->option_value);
    }
    if (envelope->shell_id != NULL) {
        (void)buf_puts(to, "<w:SelectorSet><w:Selector Name=\"ShellId\">");
        (void)put_text(to, envelope->shell_id);
        (void)buf_puts(to, "</w:Selector></w:SelectorSet>");
    }
    (void)buf_puts(to, "</s:Header><s:Body>");
}

static int put_tail(struct buf *to)
{
    (void)buf_puts(to, "</s:Body></s:Envelope>");
    return to->failed ? -1 : 0;
}

int wsman_identify(struct buf *to)
{
    return buf_puts(to, "<s:Envelope xmlns:s=\"" WSMAN_NS_SOAP "\" xmlns:wsmid=\"" WSMAN_NS_IDENTITY
                        "\"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>");
}

int wsman_enumerate(struct buf *to, const struct wsman_header *header, const char *resource,
                    const char *filter)
{
    const struct envelope envelope = {.action = WSMAN_NS_ENUMERATION "/Enumerate",
                                      .resource_prefix = WSMAN_WMI,
                                      .resource = resource};
    put_head(to, header, &envelope);
    (void)buf_printf(to, "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>%d</w:MaxElements>",
                     WSMAN_MAX_ELEMENTS);
    if (filter != NULL) {
        (void)buf_puts(to, "<w:Filter Dialect=\"" WSMAN_WQL "\">");
        (void)put_text(to, filter);
        (void)buf_puts(to, "</w:Filter>");
    }
    (void)buf_puts(to, "</n:Enumerate>");
    return put_tail(to);
}

int wsman_pull(struct buf *to, const struct wsman_header *header, const char *resource,
               const char *context)
{
    const struct envelope envelope = {
        .action = WSMAN_NS_ENUMERATION "/Pull", .resource_prefix = WSMAN_WMI, .resource = resource};
    put_head(to, header, &envelope);
    (void)buf_puts(to, "<n:Pull>");
    put_element(to, "n:EnumerationContext", context);
    (void)buf_printf(to, "<n:MaxElements>%d</n:MaxElements></n:Pull>", WSMAN_MAX_ELEMENTS);
    return put_tail(to);
}

int wsman_release(struct buf *to, const struct wsman_header *header, const char *resource,
                  const char *context)
{
    const struct envelope envelope = {.action = WSMAN_NS_ENUMERATION "/Release",
                                      .resource_prefix = WSMAN_WMI,
                                      .resource = resource};
    put_head(to, header, &envelope);
    (void)buf_puts(to, "<n:Release>");
    put_element(to, "n:EnumerationContext", context);
    (void)buf_puts(to, "</n:Release>");
    return put_tail(to);
}

/* method and the names of the arguments are our own words. */
int wsman_invoke(struct buf *to, const struct wsman_header *header, const char *resource,
                 const char *method, const struct question_argument *arguments, size_t count)
{
    struct buf action;
    buf_init(&action, 1024);
    (void)buf_printf(&action, WSMAN_WMI "%s/", resource);
    if (action.failed) {
        buf_done(&action);
        to->failed = true;
        return -1;
    }
    const struct envelope envelope = {.action = action.data,
                                      .action_end = method,
                                      .resource_prefix = WSMAN_WMI,
                                      .resource = resource};
    put_head(to, header, &envelope);
    buf_done(&action);
    (void)buf_printf(to, "<p:%s_INPUT xmlns:p=\"" WSMAN_WMI, method);
    (void)put_text(to, resource);
    (void)buf_puts(to, "\">");
    for (size_t i = 0; i < count; i++) {
        (void)buf_printf(to, "<p:%s>", arguments[i].name);
        (void)put_text(to, arguments[i].value);
        (void)buf_printf(to, "</p:%s>", arguments[i].name);
    }
    (void)buf_printf(to, "</p:%s_INPUT>", method);
    return put_tail(to);
}

static void put_shell_head(struct buf *to, const struct wsman_header *header, const char *action,
                           const char *shell_id, const char *option, const char *value)
{
    const struct envelope envelope = {.action = action,
                                      .resource_prefix = "",
                                      .resource = WSMAN_CMD,
                                      .option = option,
                                      .option_value = value,
                                      .shell_id = shell_id};
    put_head(to, header, &envelope);
}

int wsman_shell_create(struct buf *to, const struct wsman_header *header)
{
    put_shell_head(to, header, WSMAN_NS_TRANSFER "/Create", NULL, "WINRS_CODEPAGE", "65001");
    /* Where the answer is lost nobody can delete the shell; two hours is what Windows gives it. */
    (void)buf_puts(to, "<rsp:Shell><rsp:IdleTimeOut>PT180.000S</rsp:IdleTimeOut>"
                       "<rsp:InputStreams>stdin</rsp:InputStreams>"
                       "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>");
    return put_tail(to);
}

int wsman_shell_command(struct buf *to, const struct wsman_header *header, const char *shell_id,
                        const char *command)
{
    put_shell_head(to, header, WSMAN_NS_SHELL "/Command", shell_id, "WINRS_SKIP_CMD_SHELL",
                   "FALSE");
    (void)buf_puts(to, "<rsp:CommandLine>");
    put_element(to, "rsp:Command", command);
    (void)buf_puts(to, "</rsp:CommandLine>");
    return put_tail(to);
}

int wsman_shell_receive(struct buf *to, const struct wsman_header *header, const char *shell_id,
                        const char *command_id)
{
    put_shell_head(to, header, WSMAN_NS_SHELL "/Receive", shell_id,
                   "WSMAN_CMDSHELL_OPTION_KEEPALIVE", "TRUE");
    (void)buf_puts(to, "<rsp:Receive><rsp:DesiredStream CommandId=\"");
    (void)put_text(to, command_id);
    (void)buf_puts(to, "\">stdout stderr</rsp:DesiredStream></rsp:Receive>");
    return put_tail(to);
}

int wsman_shell_terminate(struct buf *to, const struct wsman_header *header, const char *shell_id,
                          const char *command_id)
{
    put_shell_head(to, header, WSMAN_NS_SHELL "/Signal", shell_id, NULL, NULL);
    (void)buf_puts(to, "<rsp:Signal CommandId=\"");
    (void)put_text(to, command_id);
    (void)buf_puts(to, "\"><rsp:Code>" WSMAN_NS_SHELL "/signal/terminate</rsp:Code></rsp:Signal>");
    return put_tail(to);
}

int wsman_shell_delete(struct buf *to, const struct wsman_header *header, const char *shell_id)
{
    put_shell_head(to, header, WSMAN_NS_TRANSFER "/Delete", shell_id, NULL, NULL);
    return put_tail(to);
}
