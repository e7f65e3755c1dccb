/* verify_lines: the board as lines for the program that prints it. */
#include "collector/verify_board.h"

#include "core/str.h"
#include "out/fold.h"
#include "out/gate_columns.h"
#include "out/relay.h"
#include "out/remedy.h"

struct lines {
    struct verify_board *board;
    const struct verify_told *told;
    FILE *to;
};

static const char *note_of(const struct verify_host *host)
{
    if (host->host->state != HOST_ACTIVE) {
        return "in maintenance by the inventory: counts for nothing";
    }
    switch (host->state) {
    case BOARD_LOST:
        return host->worst->service.before == VERDICT_UNKNOWN
                   ? "whether it was bound before is not known"
                   : NULL;
    case BOARD_REPAIRED:
        return "bound only after a restart or another boot";
    case BOARD_NOT_REBOOTED:
        return verdict_is_problem(host->worst->service.now) ? "a port is missing all the same"
                                                            : NULL;
    case BOARD_PROVEN:
        return host->stable ? NULL : "not for long enough yet";
    default:
        return NULL;
    }
}

static const char *remedy_of(const struct lines *lines, const struct verify_host *host)
{
    const struct verify_service *worst = host->worst;
    if (worst == NULL || !verdict_is_problem(worst->service.now)) {
        return NULL;
    }
    const struct expectation *expectation =
        expectation_find(lines->told->expectations, worst->seen.expectation);
    return expectation == NULL
               ? NULL
               : remedy_text(&lines->board->arena, worst->service.now, host->host->os == HOST_LINUX,
                             expectation->service, expectation->remedy);
}

static int put_row(const struct lines *lines, const struct verify_host *host)
{
    const struct verify_service *worst = host->worst;
    char now[128] = "";
    if (worst != NULL) {
        (void)verdict_text(worst->seen.verdict, worst->seen.reason, NULL, now, sizeof(now));
    }
    bool settled = worst != NULL && worst->service.before != VERDICT_UNKNOWN;
    const struct answer_cell cells[VERIFY_ROW_COLUMNS] = {
        [VERIFY_ROW_HOST] = answer_text(host->host->name),
        [VERIFY_ROW_SITE] = answer_text(host->host->site),
        [VERIFY_ROW_STATE] = answer_text(board_state_name(host->state)),
        [VERIFY_ROW_SERVICE] = answer_text(worst == NULL ? NULL : worst->seen.expectation),
        [VERIFY_ROW_VERDICT] = answer_text(worst == NULL ? NULL : now),
        [VERIFY_ROW_BEFORE] = answer_text(settled ? verdict_name(worst->service.before) : NULL),
        [VERIFY_ROW_BOOT] = answer_time(host->reading.boot_ms, host->host->timezone),
        [VERIFY_ROW_READ] = answer_time(host->reading.time_ms, host->host->timezone),
        [VERIFY_ROW_CHANGE] = answer_text(host->held_by),
        [VERIFY_ROW_NOTE] = answer_text(note_of(host)),
        [VERIFY_ROW_REMEDY] = answer_text(remedy_of(lines, host)),
    };
    return relay_put(lines->to, relay_rows, verify_row_columns, cells, VERIFY_ROW_COLUMNS);
}

static int64_t count_of(const struct verify_board *board, enum board_state state)
{
    int64_t count = 0;
    for (size_t i = 0; i < board->count; i++) {
        count += board->hosts[i].state == state;
    }
    return count;
}

static const char *released_of(struct verify_board *board)
{
    const char **names = arena_array(&board->arena, board->count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < board->count && names != NULL; i++) {
        if (board->hosts[i].released) {
            names[count++] = board->hosts[i].host->name;
        }
    }
    return count == 0 ? NULL : fold_names(&board->arena, names, count);
}

static int put_answer(const struct lines *lines, const struct answer_meta *meta)
{
    struct verify_board *board = lines->board;
    const struct answer_cell cells[VERIFY_ANSWER_COLUMNS] = {
        [FRONT_AS_OF] = answer_time(meta->as_of_ms, NULL),
        [FRONT_SCAN] = answer_time(meta->last_complete_scan_ms, NULL),
        [FRONT_STALE] = answer_bool(meta->stale),
        [FRONT_HOSTS] = answer_number((int64_t)meta->hosts),
        [FRONT_READ] = answer_number((int64_t)meta->hosts_read),
        [FRONT_CODE] = answer_number(lines->told->exit_code),
        [FRONT_ANSWER] = answer_text(verify_board_answer(board)),
        [FRONT_SENTENCE] = answer_text(lines->told->sentence),
        [VERIFY_SINCE] = answer_time(board->since_ms, NULL),
        [VERIFY_CHANGE] = answer_text(lines->told->change),
        [VERIFY_WAITED] = answer_bool(lines->told->waited),
        [VERIFY_PROVEN] = answer_number(count_of(board, BOARD_PROVEN)),
        [VERIFY_LOST] = answer_number(count_of(board, BOARD_LOST)),
        [VERIFY_BEFORE] = answer_number(count_of(board, BOARD_NOT_BOUND_BEFORE)),
        [VERIFY_REPAIRED] = answer_number(count_of(board, BOARD_REPAIRED)),
        [VERIFY_NOT_REBOOTED] = answer_number(count_of(board, BOARD_NOT_REBOOTED)),
        [VERIFY_NOT_READ] = answer_number(count_of(board, BOARD_NOT_READ)),
        [VERIFY_PENDING] = answer_number(count_of(board, BOARD_PENDING)),
        [VERIFY_RELEASED] = answer_text(released_of(board)),
    };
    return relay_put(lines->to, relay_answer, verify_answer_columns, cells, VERIFY_ANSWER_COLUMNS);
}

/* The worst first. */
static int put_rows(const struct lines *lines)
{
    for (int state = BOARD_STATE_COUNT - 1; state >= 0; state--) {
        for (size_t i = 0; i < lines->board->count; i++) {
            const struct verify_host *host = &lines->board->hosts[i];
            if ((int)host->state == state && put_row(lines, host) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int verify_board_print(struct verify_board *board, const struct verify_told *told,
                       struct answer_meta *meta, FILE *to, struct err *err)
{
    const struct lines lines = {.board = board, .told = told, .to = to};
    for (size_t i = 0; i < board->count; i++) {
        const struct board_reading *reading = &board->hosts[i].reading;
        meta->hosts++;
        meta->hosts_read += reading->read;
        meta->as_of_ms = reading->time_ms > meta->as_of_ms ? reading->time_ms : meta->as_of_ms;
    }
    if (put_rows(&lines) != 0 || put_answer(&lines, meta) != 0) {
        return err_memory(err);
    }
    return answer_written(to, err);
}
