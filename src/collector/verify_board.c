/* verify_board: every server of a change, and what became of it. */
#include "collector/verify_board.h"

#include "core/clock.h"
#include "core/str.h"
#include "out/summary.h"

int verify_board_load(struct verify_board *board, const struct inventory *inventory,
                      const bool *selected, struct err *err)
{
    board->inventory = inventory;
    board->hosts = arena_array(&board->arena, inventory->count + 1, sizeof(*board->hosts));
    board->places = arena_array(&board->arena, inventory->count + 1, sizeof(*board->places));
    if (board->hosts == NULL || board->places == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < inventory->count; i++) {
        if (selected[i] && inventory->hosts[i].state != HOST_RETIRED) {
            board->hosts[board->count].host = &inventory->hosts[i];
            board->places[i] = ++board->count;
        }
    }
    return 0;
}

void verify_board_done(struct verify_board *board)
{
    arena_done(&board->arena);
    arena_done(&board->round);
    *board = (struct verify_board){.count = 0};
}

/* ---- a round ---- */

static struct verify_host *host_at(const struct verify_board *board, size_t place)
{
    return board->places[place] == 0 ? NULL : &board->hosts[board->places[place] - 1];
}

void verify_board_forget(struct verify_board *board)
{
    for (size_t i = 0; i < board->count; i++) {
        struct verify_host *host = &board->hosts[i];
        host->services = NULL;
        host->service_count = 0;
        host->worst = NULL;
        host->reading = (struct board_reading){.read = false};
    }
    arena_done(&board->round);
}

int verify_board_take(struct verify_board *board, size_t place, const struct verify_seen *seen)
{
    struct verify_host *host = host_at(board, place);
    if (host == NULL || seen->informs) {
        return 0;
    }
    void *items = host->services;
    struct verify_service *service =
        arena_push(&board->round, &items, &host->service_count, sizeof(*service));
    host->services = items;
    if (service == NULL) {
        return -1;
    }
    *service = (struct verify_service){.seen = *seen};
    service->seen.expectation = arena_strdup(&board->round, seen->expectation);
    service->service = (struct board_service){
        .now = seen->verdict, .before = VERDICT_UNKNOWN, .repaired = seen->repaired};
    host->reading = seen->reading;
    return service->seen.expectation == NULL && seen->expectation != NULL ? -1 : 0;
}

static struct board_service *service_of(struct verify_board *board, size_t place,
                                        const char *expectation)
{
    struct verify_host *host = host_at(board, place);
    for (size_t i = 0; host != NULL && i < host->service_count; i++) {
        if (str_ieq(host->services[i].seen.expectation, expectation)) {
            return &host->services[i].service;
        }
    }
    return NULL;
}

void verify_board_take_before(struct verify_board *board, size_t place, const char *expectation,
                              enum verdict_code verdict)
{
    struct board_service *service = service_of(board, place, expectation);
    if (service != NULL) {
        service->before = verdict;
    }
}

void verify_board_take_repair(struct verify_board *board, size_t place, const char *expectation)
{
    struct board_service *service = service_of(board, place, expectation);
    if (service != NULL) {
        service->repaired = true;
    }
}

static bool is_proven(enum board_state state)
{
    return state == BOARD_PROVEN || state == BOARD_REPAIRED;
}

/* The time runs from the first reading of this boot that shows it, while none shows otherwise. */
static void judge_stable(struct verify_host *host, int64_t stable_ms)
{
    if (!is_proven(host->state)) {
        host->proven_since_ms = 0;
    } else if (host->proven_since_ms == 0 || host->proven_boot_ms != host->reading.boot_ms) {
        host->proven_since_ms = host->reading.time_ms;
        host->proven_boot_ms = host->reading.boot_ms;
    }
    host->stable =
        host->proven_since_ms != 0 && host->reading.time_ms - host->proven_since_ms >= stable_ms;
}

void verify_board_judge(struct verify_board *board, int64_t stable_ms)
{
    for (size_t i = 0; i < board->count; i++) {
        struct verify_host *host = &board->hosts[i];
        host->state = host->service_count == 0 ? BOARD_NOT_READ : BOARD_PROVEN;
        for (size_t k = 0; k < host->service_count; k++) {
            const struct verify_service *service = &host->services[k];
            enum board_state state =
                board_judge(board->since_ms, &host->reading, &service->service);
            if (host->worst == NULL || state > host->state ||
                (state == host->state && verdict_is_problem(service->service.now) &&
                 !verdict_is_problem(host->worst->service.now))) {
                host->state = state;
                host->worst = service;
            }
        }
        judge_stable(host, stable_ms);
    }
}

void verify_board_unfinished(const struct verify_board *board, bool *wanted)
{
    for (size_t i = 0; i < board->inventory->count; i++) {
        const struct verify_host *host = host_at(board, i);
        wanted[i] = host != NULL && !host->stable;
    }
}

bool verify_board_is_done(const struct verify_board *board)
{
    for (size_t i = 0; i < board->count; i++) {
        if (!board->hosts[i].stable) {
            return false;
        }
    }
    return true;
}

/* ---- holds ---- */

static struct verify_host *find(const struct verify_board *board, const struct host *host)
{
    return host_at(board, (size_t)(host - board->inventory->hosts));
}

bool verify_board_has(const struct verify_board *board, const struct host *host)
{
    return find(board, host) != NULL;
}

bool verify_board_is_released(const struct verify_board *board, const struct host *host)
{
    const struct verify_host *found = find(board, host);
    return found != NULL && found->stable;
}

int verify_board_note_hold(struct verify_board *board, const struct host *host, const char *change)
{
    struct verify_host *found = find(board, host);
    found->held_by = found->held_by == NULL
                         ? arena_strdup(&board->arena, change)
                         : arena_printf(&board->arena, "%s, %s", found->held_by, change);
    return found->held_by == NULL ? -1 : 0;
}

int verify_board_note_release(struct verify_board *board, const struct host *host)
{
    find(board, host)->released = true;
    return 0;
}

/* ---- what it amounts to ---- */

static bool counts(const struct verify_host *host)
{
    return host->host->state == HOST_ACTIVE;
}

static bool is_problem(const struct verify_host *host)
{
    return host->worst != NULL && board_is_problem(host->state, host->worst->service.now);
}

int verify_board_exit_code(const struct verify_board *board)
{
    int code = EXIT_FINE;
    for (size_t i = 0; i < board->count; i++) {
        const struct verify_host *host = &board->hosts[i];
        if (counts(host) && is_problem(host)) {
            return EXIT_PROBLEM;
        }
        if (counts(host) && !host->stable) {
            code = EXIT_CANNOT_TELL;
        }
    }
    return code;
}

static size_t count_state(const struct verify_board *board, enum board_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < board->count; i++) {
        count += board->hosts[i].state == state;
    }
    return count;
}

const char *verify_board_answer(const struct verify_board *board)
{
    switch (verify_board_exit_code(board)) {
    case EXIT_FINE:
        return count_state(board, BOARD_REPAIRED) > 0 ? "REPAIRED" : "PROVEN";
    case EXIT_PROBLEM:
        return "NOT BOUND";
    default:
        return "NOT PROVEN YET";
    }
}

const char *verify_board_sentence(const struct verify_board *board, struct arena *arena)
{
    static const struct {
        enum board_state state;
        const char *text;
    } parts[] = {
        {BOARD_LOST, "lost a port in the change"},
        {BOARD_NOT_BOUND_BEFORE, "not bound, as before the change"},
        {BOARD_REPAIRED, "repaired since"},
        {BOARD_NOT_REBOOTED, "not rebooted"},
        {BOARD_NOT_READ, "not read"},
        {BOARD_PENDING, "not settled yet"},
    };
    char since[CLOCK_TEXT];
    clock_rfc3339(board->since_ms, since);
    const char *text = arena_printf(arena, "%zu of %zu rebooted since %s and bound",
                                    count_state(board, BOARD_PROVEN), board->count, since);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && text != NULL; i++) {
        size_t count = count_state(board, parts[i].state);
        if (count > 0) {
            text = arena_printf(arena, "%s, %zu %s", text, count, parts[i].text);
        }
    }
    return text;
}
