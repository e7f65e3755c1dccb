/* exchange: one WS-Management request to a server, and its answer in the making. */
#include "farm/wsman/exchange.h"

#include "farm/wsman/enumeration.h"
#include "farm/wsman/winrs.h"

enum { STATUS_FAULT = 500 };

void exchange_fault(struct exchange *x, const struct fault *fault)
{
    char machine[FLEET_NAME];
    server_hostname(x->server, machine);
    buf_clear(x->answer);
    bool old_form =
        x->server->os == OS_2008R2 || (x->server->winrm.wire & WIRE_PROVIDER_FAULTS) != 0;
    fault_write(x->answer, fault, old_form, machine, x->envelope.message_id);
    x->status = STATUS_FAULT;
}

uint32_t exchange_rights(const struct exchange *x)
{
    return x->account == NULL ? 0 : (uint32_t)(x->account->rights & x->server->rights);
}

size_t exchange_room(const struct exchange *x)
{
    uint64_t asked = x->envelope.max_envelope;
    return asked == 0 || asked > x->server->winrm.max_envelope ? x->server->winrm.max_envelope
                                                               : (size_t)asked;
}

size_t exchange_operations(const struct exchange *x)
{
    return enumeration_count(x) + winrs_count(x);
}
