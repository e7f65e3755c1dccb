/* board: what became of a server in a maintenance window. */
#include "model/board.h"

const char *board_state_name(enum board_state state)
{
    static const char *const names[BOARD_STATE_COUNT] = {
        [BOARD_PROVEN] = "proven",     [BOARD_REPAIRED] = "repaired",
        [BOARD_PENDING] = "pending",   [BOARD_NOT_REBOOTED] = "not-rebooted",
        [BOARD_NOT_READ] = "not-read", [BOARD_NOT_BOUND_BEFORE] = "not-bound-before",
        [BOARD_LOST] = "lost",
    };
    return names[state];
}

static enum board_state rebooted(const struct board_service *service)
{
    if (verdict_is_problem(service->now)) {
        return verdict_is_problem(service->before) ? BOARD_NOT_BOUND_BEFORE : BOARD_LOST;
    }
    switch (service->now) {
    case VERDICT_PENDING:
        return BOARD_PENDING;
    case VERDICT_BOUND:
        return service->repaired ? BOARD_REPAIRED : BOARD_PROVEN;
    case VERDICT_NOT_EXPECTED:
    case VERDICT_NOT_INSTALLED:
        return BOARD_PROVEN;
    default:
        return BOARD_NOT_READ;
    }
}

enum board_state board_judge(int64_t since_ms, const struct board_reading *reading,
                             const struct board_service *service)
{
    if (!reading->read || reading->time_ms < since_ms || reading->boot_ms == 0) {
        return BOARD_NOT_READ;
    }
    return reading->boot_ms < since_ms ? BOARD_NOT_REBOOTED : rebooted(service);
}

bool board_is_problem(enum board_state state, enum verdict_code now)
{
    return state == BOARD_LOST || state == BOARD_NOT_BOUND_BEFORE ||
           (state == BOARD_NOT_REBOOTED && verdict_is_problem(now));
}
