/* expected: whether an endpoint is expected on this host at all, who says so, and on which port. */
#ifndef PVSAUDIT_MODEL_EXPECTED_H
#define PVSAUDIT_MODEL_EXPECTED_H

#include "model/verdict.h"

/* What one source of expectation says. */
enum expected_answer {
    ANSWER_UNREAD, /* it could not be read: it says nothing, and nothing is known from that */
    ANSWER_NO,
    ANSWER_YES,
};

struct expected {
    enum expected_answer answer; /* ANSWER_UNREAD: not decided */
    enum expected_by by;
    bool conflict; /* one source says yes and another, read, says no */
    uint16_t port; /* to be judged */
    bool port_in_doubt; /* a rule may name another port, and the registry could not be read */
};

/* The inventory decides where it speaks; else registry, startup type and history, in this order.
 * Total; reads nothing but the question. */
void expected_decide(const struct verdict_question *question, struct expected *ret);

/* Rows of the services section may be used: it is complete, or the service manager was denied and
 * what is there came from the registry and the process list. */
bool expected_services_usable(const struct snapshot *snapshot);

#endif
