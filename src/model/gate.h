/* gate: whether servers may be taken down: boot paths, readings and holds in, an answer out; pure.
 */
#ifndef PVSAUDIT_MODEL_GATE_H
#define PVSAUDIT_MODEL_GATE_H

#include "core/arena.h"
#include "model/boot_path.h"
#include "model/verdict.h"

/* From good to bad: the worst stage is the answer. */
enum gate_answer { GATE_GO, GATE_GO_WITH_WARNING, GATE_CANNOT_TELL, GATE_NO_GO, GATE_ANSWER_COUNT };
const char *gate_answer_name(enum gate_answer answer); /* "GO WITH WARNING" */

/* What the newest visit of a server says of one stage. */
struct gate_reading {
    bool judged; /* the visit was read, and the stage's service was judged */
    enum verdict_code verdict;
    enum reason reason;
    const char *detail;
    enum startup_type startup;
    int64_t time_ms; /* of the visit; 0 = there was none */
    int64_t boot_ms; /* of the boot in which it was; 0 = not known */
};

struct gate_server {
    const char *name, *farm;
    const char *machine_id, *computer_name; /* as last known, NULL = not known */
    bool down; /* it is asked whether this one may be taken down */
    bool inactive; /* in maintenance or retired by the inventory: nobody's responder */
    const char *held_by; /* the change of a hold in force, NULL = none */
    struct gate_reading readings[BOOT_STAGE_COUNT];
};

struct gate_question {
    const struct boot_path *paths;
    size_t path_count;
    const struct gate_server *servers;
    size_t server_count;
    int64_t not_before_ms; /* an older reading proves nothing; 0 = every one counts */
};

/* What a server is to a stage. */
enum gate_part {
    GATE_PROVEN,
    GATE_COUNTED, /* proven, and the same machine as another that counts */
    GATE_DOWN,
    GATE_OTHER_FARM,
    GATE_INACTIVE,
    GATE_HELD,
    GATE_NOT_BOUND, /* read, and no responder: its verdict says why */
    GATE_UNREAD, /* not read, too long ago, or not so that it could be judged */
    GATE_NOT_TOLD_APART, /* bound, and perhaps the very machine that is taken down */
    GATE_ADDRESS, /* a virtual address: nobody can read it */
    GATE_PART_COUNT
};
const char *gate_part_name(enum gate_part part); /* "not-bound" */

struct gate_row {
    const struct boot_path *path;
    enum boot_stage stage;
    enum gate_answer answer;
    bool pinned; /* DHCP option 66 names a server that is taken down */
    size_t proven, unread; /* machines left that respond; servers left of which it is not known */
};

struct gate_evidence {
    const struct boot_path *path;
    enum boot_stage stage;
    const char *name;
    const struct gate_server *server; /* NULL: a virtual address */
    enum gate_part part;
    const char *other; /* the server that it is the same machine as, or perhaps is */
};

struct gate_judgement {
    struct arena arena;
    enum gate_answer answer;
    struct gate_row *rows; /* one for each stage of each path that names a server taken down */
    size_t row_count;
    struct gate_evidence *evidence;
    size_t evidence_count;
    const struct gate_server **unchecked; /* taken down, and no path names them */
    size_t unchecked_count;
};

/* Strings and servers are borrowed from the question. -1: out of memory. */
int gate_judge(const struct gate_question *question, struct gate_judgement *ret);
void gate_judgement_done(struct gate_judgement *judgement);

/* Two names of one machine: known to be, known not to be, or it cannot be told. */
enum gate_sameness { GATE_DISTINCT, GATE_SAME, GATE_UNSURE };
enum gate_sameness gate_compare(const struct gate_server *a, const struct gate_server *b);

#endif
