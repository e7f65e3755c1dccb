/* verify_board: every server of a change, what became of it, and how that is told. */
#ifndef PVSAUDIT_COLLECTOR_VERIFY_BOARD_H
#define PVSAUDIT_COLLECTOR_VERIFY_BOARD_H

#include "config/inventory/inventory.h"
#include "core/arena.h"
#include "core/err.h"
#include "model/board.h"
#include "out/answer.h"

#include <stdio.h>

/* How one expectation of a server stands in its newest visit. */
struct verify_seen {
    const char *expectation;
    enum verdict_code verdict;
    enum reason reason;
    enum startup_type startup;
    bool informs; /* touches nothing */
    bool repaired; /* younger than its siblings */
    struct board_reading reading;
};

struct verify_host {
    const struct host *host;
    struct board_reading reading;
    struct verify_service {
        struct verify_seen seen;
        struct board_service service;
    } * services;
    size_t service_count;
    const struct verify_service *worst; /* NULL: nothing is known of it */
    enum board_state state;
    bool stable; /* proven for long enough */
    int64_t proven_since_ms, proven_boot_ms; /* the first of the readings that say so, unbroken */
    const char *held_by; /* the changes that still hold it, NULL = none */
    bool released;
};

struct verify_board {
    struct arena arena;
    struct arena round; /* of what was seen in the newest round */
    int64_t since_ms;
    struct verify_host *hosts;
    size_t count;
    size_t *places; /* by place in the inventory: 1 + that in hosts, 0 = not on the board */
    const struct inventory *inventory;
};

/* since_ms is set; retired servers are left out. */
int verify_board_load(struct verify_board *board, const struct inventory *inventory,
                      const bool *selected, struct err *err);
void verify_board_done(struct verify_board *board);

/* A round: forget, take what is known, judge. host: its place in the inventory. -1: no memory. */
void verify_board_forget(struct verify_board *board);
int verify_board_take(struct verify_board *board, size_t host, const struct verify_seen *seen);
void verify_board_take_before(struct verify_board *board, size_t host, const char *expectation,
                              enum verdict_code verdict);
void verify_board_take_repair(struct verify_board *board, size_t host, const char *expectation);
/* A server is stable once it was proven for stable_ms. */
void verify_board_judge(struct verify_board *board, int64_t stable_ms);

/* Those that are not stable yet. */
void verify_board_unfinished(const struct verify_board *board, bool *wanted);
bool verify_board_is_done(const struct verify_board *board);

bool verify_board_has(const struct verify_board *board, const struct host *host);
bool verify_board_is_released(const struct verify_board *board, const struct host *host);
int verify_board_note_hold(struct verify_board *board, const struct host *host, const char *change);
int verify_board_note_release(struct verify_board *board, const struct host *host);

const char *verify_board_answer(const struct verify_board *board);
const char *verify_board_sentence(const struct verify_board *board, struct arena *arena);
int verify_board_exit_code(const struct verify_board *board);

struct verify_told {
    const char *sentence, *change;
    const struct expectation_set *expectations; /* for the remedies */
    bool waited;
    int exit_code;
};
/* All lines of the answer; fills the counts of meta. */
int verify_board_print(struct verify_board *board, const struct verify_told *told,
                       struct answer_meta *meta, FILE *to, struct err *err);

#endif
