/* wsman: WS-Management as WinRM speaks it: a request in, an answer out. */
#include "farm/wsman/wsman.h"

#include "core/clock.h"
#include "farm/wsman/enumerate.h"
#include "farm/wsman/enumeration.h"
#include "farm/wsman/get.h"
#include "farm/wsman/invoke.h"
#include "farm/wsman/winrs.h"

enum { STATUS_FINE = 200, ENVELOPE_LEAST = 8192 };

void wsman_init(struct wsman *wsman, struct fleet *fleet)
{
    *wsman = (struct wsman){.fleet = fleet};
}

void wsman_done(struct wsman *wsman)
{
    enumeration_close_all(wsman);
    winrs_close_all(wsman);
}

void wsman_sweep(struct wsman *wsman)
{
    int64_t now_ms = clock_monotonic_ms();
    enumeration_sweep(wsman, now_ms);
    winrs_sweep(wsman, now_ms);
}

/* Who has not logged in is told no version. */
static void identify(struct exchange *x)
{
    const struct server *server = x->server;
    const struct edition *edition = &editions[server->os];
    (void)buf_puts(x->answer, "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"" NS_SOAP
                              "\"><s:Header/><s:Body><wsmid:IdentifyResponse "
                              "xmlns:wsmid=\"" NS_IDENTITY "\"><wsmid:ProtocolVersion>" NS_WSMAN
                              "</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation"
                              "</wsmid:ProductVendor><wsmid:ProductVersion>");
    if (x->account == NULL) {
        (void)buf_printf(x->answer, "OS: 0.0.0 SP: 0.0 Stack: %s", edition->stack);
    } else {
        (void)buf_printf(x->answer, "OS: %s.%u SP: %s Stack: %s", edition->kernel, server->build,
                         edition->service_pack, edition->stack);
    }
    (void)buf_puts(x->answer, "</wsmid:ProductVersion></wsmid:IdentifyResponse>");
    envelope_end(x->answer);
}

static const struct {
    const char *action;
    void (*handle)(struct exchange *x);
    bool shell; /* for the shell's resource URI alone */
    enum occasion moment;
} actions[] = {
    {NS_ENUMERATION "/Enumerate", enumerate_start, false, OCCASION_ENUMERATE},
    {NS_ENUMERATION "/Pull", enumerate_pull, false, OCCASION_PULL},
    {NS_ENUMERATION "/Release", enumerate_release, false, OCCASION_RELEASE},
    {NS_TRANSFER "/Get", get_instance, false, OCCASION_ANY},
    {NS_TRANSFER "/Create", winrs_create, true, OCCASION_CREATE},
    {NS_TRANSFER "/Delete", winrs_delete, true, OCCASION_DELETE},
    {NS_SHELL "/Command", winrs_start, true, OCCASION_COMMAND},
    {NS_SHELL "/Receive", winrs_receive, true, OCCASION_RECEIVE},
    {NS_SHELL "/Send", winrs_send, true, OCCASION_ANY},
    {NS_SHELL "/Signal", winrs_signal, true, OCCASION_SIGNAL},
};

static void dispatch(struct exchange *x)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (!str_eq(x->envelope.action, actions[i].action)) {
            continue;
        }
        if (actions[i].shell && !winrs_is_meant(x)) {
            break;
        }
        if (x->envelope.body == NULL && !str_eq(x->envelope.action, NS_TRANSFER "/Get") &&
            !str_eq(x->envelope.action, NS_TRANSFER "/Delete")) {
            exchange_fault(x, &(struct fault){.id = FAULT_BODY});
            return;
        }
        actions[i].handle(x);
        return;
    }
    if (invoke_is_meant(x)) {
        invoke_method(x);
        return;
    }
    exchange_fault(x, &(struct fault){.id = FAULT_ACTION});
}

static enum fault_id problem_of(struct exchange *x, const char *bytes, size_t len)
{
    switch (envelope_parse(x->arena, bytes, len, &x->envelope)) {
    case ENVELOPE_FINE:
        break;
    case ENVELOPE_NO_XML:
        return FAULT_XML;
    case ENVELOPE_NO_SOAP:
        return FAULT_BODY;
    case ENVELOPE_NO_HEADER:
        return FAULT_HEADER;
    }
    uint64_t asked = x->envelope.max_envelope;
    bool fits = asked == 0 || (asked >= ENVELOPE_LEAST && asked <= x->server->winrm.max_envelope);
    return fits ? FAULT_NONE : FAULT_ENVELOPE_ASKED;
}

enum occasion wsman_read(struct exchange *x, const char *bytes, size_t len)
{
    x->status = STATUS_FINE;
    x->delay_ms = 0;
    x->problem = problem_of(x, bytes, len);
    if (x->problem != FAULT_NONE) {
        return OCCASION_ANY;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (str_eq(x->envelope.action, actions[i].action)) {
            return actions[i].moment;
        }
    }
    return invoke_is_meant(x) ? OCCASION_INVOKE : OCCASION_ANY;
}

void wsman_handle(struct exchange *x)
{
    enum fault_id problem = x->problem;
    if (x->misbehaviour == MISBEHAVE_OTHER_MESSAGE) {
        x->envelope.message_id = "uuid:00000000-0000-4000-8000-000000000000";
    }
    if (problem == FAULT_NONE && x->misbehaviour == MISBEHAVE_QUOTA) {
        problem = FAULT_OPERATIONS;
    } else if (problem == FAULT_NONE && x->misbehaviour == MISBEHAVE_TIMED_OUT) {
        problem = FAULT_TIMED_OUT;
    }
    bool asks_who = x->envelope.body != NULL && str_eq(x->envelope.body->space, NS_IDENTITY) &&
                    str_eq(x->envelope.body->name, "Identify");
    if (problem == FAULT_NONE && !asks_who && x->account == NULL) {
        problem = FAULT_ACCESS_DENIED;
    }
    if (problem != FAULT_NONE) {
        exchange_fault(x, &(struct fault){.id = problem});
    } else if (asks_who) {
        identify(x);
    } else {
        dispatch(x);
    }
}
