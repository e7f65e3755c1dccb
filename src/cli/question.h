/* question: what every question of the history needs: settings, inventory, scope, and its age. */
#ifndef PVSAUDIT_CLI_QUESTION_H
#define PVSAUDIT_CLI_QUESTION_H

#include "command/command_line.h"
#include "config/inventory/inventory.h"
#include "config/settings.h"
#include "core/arena.h"
#include "db/query/query.h"
#include "model/expectation.h"
#include "out/answer.h"

enum question_scope {
    QUESTION_FLEET, /* --limit and the inventory's unseen hosts count */
    QUESTION_HOST, /* one host that is named: no limit */
};

struct question {
    const struct command_line *line;
    struct arena arena;
    struct settings settings;
    struct expectation_set expectations;
    struct inventory inventory;
    bool has_inventory;
    bool *selected; /* of inventory.hosts; NULL = no inventory */
    struct query *query;
    int64_t now_ms; /* T, else this clock: how old an answer is */
    struct query_frame frame; /* after question_open its now_ms is that of a table; of machine
                                 output the answer's as_of: rows are the same whenever they are
                                 asked for */
    struct query_meta meta; /* without the unseen */
    struct answer_meta answer_meta;
    const struct host **unseen; /* selected, and never seen by the history */
    size_t unseen_count;
};

/* The whole life of a question: loads, opens, answers, closes. The answer's exit code, or -1. */
int question_run(const struct command_line *line, enum question_scope scope,
                 int (*answer)(struct question *question, struct err *err), struct err *err);

/* A zeroed question; question_done also after a failure. Settings and expectations only. */
int question_load_settings(struct question *question, const struct command_line *line,
                           struct err *err);
/* The same, and the inventory. */
int question_load(struct question *question, const struct command_line *line, struct err *err);
/* After question_load: opens the history. ERR_USAGE where --limit matches nothing. */
int question_open(struct question *question, enum question_scope scope, struct err *err);
void question_done(struct question *question);

/* A writer on standard output, in the form that was asked for; columns are borrowed. NULL: out of
 * memory. */
struct answer *question_answer(struct question *question, const struct answer_column *columns,
                               size_t count);

/* Whether an expectation is one of Linux hosts. */
bool question_is_linux(const struct question *question, const char *expectation);
/* The zone that a host's times are shown in: the inventory's where it has the host, else recorded,
 * what the inventory said at the host's newest visit. NULL: the zone of the process. */
const char *question_zone(const struct question *question, const char *host, const char *recorded);
/* Whether --limit wants this host. */
bool question_wants(void *question, const char *host, const char *site, const char *farm);

#endif
