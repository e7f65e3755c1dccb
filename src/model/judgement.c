/* judgement: a verdict in the making, which rule after rule looks at. */
#include "model/judgement.h"

#include "model/settle.h"

bool judgement_decide(struct judgement *judgement, enum verdict_code code)
{
    judgement->verdict->code = code;
    return true;
}

bool judgement_decide_by(struct judgement *judgement, enum verdict_code code,
                         const struct endpoint *holder)
{
    if (holder != NULL) {
        judgement->verdict->holder = *holder;
    }
    return judgement_decide(judgement, code);
}

bool judgement_unknown(struct judgement *judgement, enum reason reason, const char *detail)
{
    judgement->verdict->reason = reason;
    judgement->verdict->detail = detail;
    return judgement_decide(judgement, VERDICT_UNKNOWN);
}

bool judgement_unread(struct judgement *judgement, enum section_id id)
{
    judgement->verdict->native_code = judgement->snapshot->sections[id].code;
    return judgement_unknown(judgement, REASON_PARTIAL, section_name(id));
}

bool judgement_pending(struct judgement *judgement)
{
    bool restarting = settle_is_restarting(judgement->question);
    return judgement_decide(judgement, restarting ? VERDICT_RESTARTING : VERDICT_PENDING);
}

bool judgement_has(const struct judgement *judgement, enum section_id id)
{
    return judgement->snapshot->sections[id].outcome == OUTCOME_COMPLETE;
}
