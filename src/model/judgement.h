/* judgement: a verdict in the making, which rule after rule looks at. */
#ifndef PVSAUDIT_MODEL_JUDGEMENT_H
#define PVSAUDIT_MODEL_JUDGEMENT_H

#include "model/expected.h"
#include "model/verdict.h"

struct judgement {
    const struct verdict_question *question;
    const struct expectation *expectation;
    const struct snapshot *snapshot;
    const struct service *service; /* NULL: the snapshot has no row of it */
    enum service_state state; /* where the service manager is closed, what the processes show */
    struct expected expected; /* from rule 2 on */
    struct verdict *verdict;
};

/* A rule decides (true) or leaves the judgement to the next one. */
typedef bool judgement_rule(struct judgement *judgement);

/* Each of these decides, and returns true so that a rule can end with it. */
bool judgement_decide(struct judgement *judgement, enum verdict_code code);
/* holder: the endpoint that decided, NULL = none. */
bool judgement_decide_by(struct judgement *judgement, enum verdict_code code,
                         const struct endpoint *holder);
bool judgement_unknown(struct judgement *judgement, enum reason reason, const char *detail);
/* The section that would have been needed is not complete. */
bool judgement_unread(struct judgement *judgement, enum section_id id);
/* pending, or restarting where that has been so for too long. */
bool judgement_pending(struct judgement *judgement);

bool judgement_has(const struct judgement *judgement, enum section_id id); /* complete */

/* The last rule: a running service and its port. Always decides. */
bool judgement_running(struct judgement *judgement);

/* NTP, NetBIOS, IKE, mDNS, PVS streaming: UDP ports of which every Windows server holds one. */
enum { JUDGEMENT_USUAL = 5 };
extern const uint16_t judgement_usual[JUDGEMENT_USUAL];
bool judgement_is_usual(const struct endpoint *endpoint);

#endif
