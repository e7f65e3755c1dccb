/* gate: the rules, path by path and stage by stage. */
#include "model/gate.h"

#include "core/str.h"

#include <string.h>

struct judging {
    const struct gate_question *question;
    struct gate_judgement *judgement;
    bool *down; /* by server: asked about, or another name of such a machine */
    size_t *downs; /* the servers of which that is so */
    size_t down_count;
    const struct gate_server **counted; /* proven in the stage that is looked at */
};

const char *gate_answer_name(enum gate_answer answer)
{
    static const char *const names[GATE_ANSWER_COUNT] = {
        [GATE_GO] = "GO",
        [GATE_GO_WITH_WARNING] = "GO WITH WARNING",
        [GATE_CANNOT_TELL] = "CANNOT TELL",
        [GATE_NO_GO] = "NO-GO",
    };
    return names[answer];
}

const char *gate_part_name(enum gate_part part)
{
    static const char *const names[GATE_PART_COUNT] = {
        [GATE_PROVEN] = "proven",
        [GATE_COUNTED] = "counted-already",
        [GATE_DOWN] = "taken-down",
        [GATE_OTHER_FARM] = "other-farm",
        [GATE_INACTIVE] = "inactive",
        [GATE_HELD] = "held",
        [GATE_NOT_BOUND] = "not-proven",
        [GATE_UNREAD] = "unread",
        [GATE_NOT_TOLD_APART] = "not-told-apart",
        [GATE_ADDRESS] = "virtual-address",
    };
    return names[part];
}

static bool is_known(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* Clones share the id, and another domain may have the name: one that differs is enough. */
enum gate_sameness gate_compare(const struct gate_server *a, const struct gate_server *b)
{
    bool ids = is_known(a->machine_id) && is_known(b->machine_id);
    bool names = is_known(a->computer_name) && is_known(b->computer_name);
    if (a == b) {
        return GATE_SAME;
    }
    if ((ids && !str_ieq(a->machine_id, b->machine_id)) ||
        (names && !str_ieq(a->computer_name, b->computer_name))) {
        return GATE_DISTINCT;
    }
    return ids && names ? GATE_SAME : GATE_UNSURE;
}

static size_t place_of(const struct judging *judging, const struct gate_server *server)
{
    return (size_t)(server - judging->question->servers);
}

static const struct gate_server *find(const struct judging *judging, const char *name)
{
    for (size_t i = 0; i < judging->question->server_count; i++) {
        if (str_eq(judging->question->servers[i].name, name)) {
            return &judging->question->servers[i];
        }
    }
    return NULL;
}

/* First those that are asked about: every server is compared with these alone. */
static void mark_down(struct judging *judging)
{
    const struct gate_question *question = judging->question;
    for (size_t i = 0; i < question->server_count; i++) {
        if (question->servers[i].down) {
            judging->down[i] = true;
            judging->downs[judging->down_count++] = i;
        }
    }
    size_t asked = judging->down_count;
    for (size_t i = 0; i < question->server_count; i++) {
        for (size_t k = 0; k < asked && !judging->down[i]; k++) {
            if (gate_compare(&question->servers[i], &question->servers[judging->downs[k]]) ==
                GATE_SAME) {
                judging->down[i] = true;
                judging->downs[judging->down_count++] = i;
            }
        }
    }
}

/* ---- one server in one stage ---- */

static bool has_hold(const struct gate_server *server)
{
    return server->held_by != NULL;
}

static bool is_inactive(const struct gate_server *server)
{
    return server->inactive;
}

/* What holds for one name of a machine holds for all of them. */
static bool any_name(const struct judging *judging, const struct gate_server *server,
                     bool (*holds)(const struct gate_server *server))
{
    const struct gate_question *question = judging->question;
    for (size_t i = 0; i < question->server_count; i++) {
        if (holds(&question->servers[i]) &&
            gate_compare(&question->servers[i], server) == GATE_SAME) {
            return true;
        }
    }
    return false;
}

static bool is_fresh(const struct gate_question *question, const struct gate_reading *reading)
{
    return reading->judged && reading->verdict != VERDICT_UNKNOWN && reading->time_ms > 0 &&
           reading->time_ms >= question->not_before_ms;
}

static const struct gate_server *perhaps_down(const struct judging *judging,
                                              const struct gate_server *server)
{
    for (size_t i = 0; i < judging->down_count; i++) {
        const struct gate_server *down = &judging->question->servers[judging->downs[i]];
        if (down != server && gate_compare(down, server) != GATE_DISTINCT) {
            return down;
        }
    }
    return NULL;
}

static const struct gate_server *perhaps_counted(const struct judging *judging, size_t counted,
                                                 const struct gate_server *server)
{
    for (size_t i = 0; i < counted; i++) {
        if (gate_compare(judging->counted[i], server) != GATE_DISTINCT) {
            return judging->counted[i];
        }
    }
    return NULL;
}

/* What the server is to the stage; ret_other as in struct gate_evidence. */
static enum gate_part look_at(const struct judging *judging, const struct gate_server *server,
                              const char *farm, enum boot_stage stage, size_t counted,
                              const struct gate_server **ret_other)
{
    const struct gate_reading *reading = &server->readings[stage];
    if (judging->down[place_of(judging, server)]) {
        *ret_other = server->down ? NULL : perhaps_down(judging, server);
        return GATE_DOWN;
    }
    if (!str_eq(server->farm, farm)) {
        return GATE_OTHER_FARM;
    }
    if (any_name(judging, server, is_inactive)) {
        return GATE_INACTIVE;
    }
    if (any_name(judging, server, has_hold)) {
        return GATE_HELD;
    }
    if (!is_fresh(judging->question, reading)) {
        return GATE_UNREAD;
    }
    if (reading->verdict != VERDICT_BOUND) {
        return GATE_NOT_BOUND;
    }
    *ret_other = perhaps_down(judging, server);
    if (*ret_other != NULL) {
        return GATE_NOT_TOLD_APART;
    }
    *ret_other = perhaps_counted(judging, counted, server);
    return *ret_other != NULL ? GATE_COUNTED : GATE_PROVEN;
}

/* ---- one stage ---- */

static struct gate_evidence *add_evidence(struct gate_judgement *judgement)
{
    void *items = judgement->evidence;
    struct gate_evidence *evidence =
        arena_push(&judgement->arena, &items, &judgement->evidence_count, sizeof(*evidence));
    judgement->evidence = items;
    return evidence;
}

static int judge_server(struct judging *judging, struct gate_row *row, const char *name,
                        const char *farm)
{
    const struct gate_server *server = find(judging, name);
    const struct gate_server *other = NULL;
    struct gate_evidence *evidence = add_evidence(judging->judgement);
    if (evidence == NULL) {
        return -1;
    }
    *evidence = (struct gate_evidence){
        .path = row->path, .stage = row->stage, .name = name, .server = server};
    evidence->part = server == NULL
                         ? GATE_ADDRESS
                         : look_at(judging, server, farm, row->stage, row->proven, &other);
    evidence->other = other == NULL ? NULL : other->name;
    switch (evidence->part) {
    case GATE_PROVEN:
        judging->counted[row->proven++] = server;
        break;
    case GATE_UNREAD:
    case GATE_NOT_TOLD_APART:
    case GATE_ADDRESS:
        row->unread++;
        break;
    case GATE_DOWN:
        row->pinned = row->pinned ||
                      (row->path->method == BOOT_BY_DHCP_OPTIONS && row->stage == BOOT_STAGE_TFTP);
        break;
    default:
        break;
    }
    return 0;
}

static enum gate_answer answer_of(const struct gate_row *row)
{
    if (row->pinned) {
        return GATE_NO_GO;
    }
    if (row->proven > 0) {
        return row->proven >= row->path->min ? GATE_GO : GATE_GO_WITH_WARNING;
    }
    return row->unread > 0 ? GATE_CANNOT_TELL : GATE_NO_GO;
}

static int judge_stage(struct judging *judging, const struct boot_path *path, enum boot_stage stage,
                       const char *farm)
{
    struct gate_judgement *judgement = judging->judgement;
    const struct boot_servers *servers = &path->stages[stage];
    struct gate_row row = {.path = path, .stage = stage};
    for (size_t i = 0; i < servers->count; i++) {
        if (judge_server(judging, &row, servers->names[i], farm) != 0) {
            return -1;
        }
    }
    row.answer = answer_of(&row);
    void *items = judgement->rows;
    struct gate_row *place =
        arena_push(&judgement->arena, &items, &judgement->row_count, sizeof(*place));
    judgement->rows = items;
    if (place == NULL) {
        return -1;
    }
    *place = row;
    judgement->answer = row.answer > judgement->answer ? row.answer : judgement->answer;
    return 0;
}

/* ---- the paths ---- */

static bool names(const struct boot_path *path, const struct gate_server *server)
{
    return boot_path_names(path, BOOT_STAGE_PXE, server->name) ||
           boot_path_names(path, BOOT_STAGE_TFTP, server->name) ||
           boot_path_names(path, BOOT_STAGE_LOGIN, server->name);
}

/* A path of several farms is judged for each that loses a server. */
static bool is_farm_done(const struct judging *judging, const struct boot_path *path, size_t n)
{
    const struct gate_server *servers = judging->question->servers;
    for (size_t k = 0; k < n; k++) {
        const struct gate_server *before = &servers[judging->downs[k]];
        if (names(path, before) && str_eq(before->farm, servers[judging->downs[n]].farm)) {
            return true;
        }
    }
    return false;
}

static int judge_path(struct judging *judging, const struct boot_path *path)
{
    for (size_t n = 0; n < judging->down_count; n++) {
        const struct gate_server *down = &judging->question->servers[judging->downs[n]];
        if (!names(path, down) || is_farm_done(judging, path, n)) {
            continue;
        }
        for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
            if (path->stages[stage].count > 0 &&
                judge_stage(judging, path, (enum boot_stage)stage, down->farm) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* Under this name, or under another of the machine. */
static bool is_checked(const struct judging *judging, const struct gate_server *server)
{
    const struct gate_question *question = judging->question;
    for (size_t k = 0; k < question->server_count; k++) {
        if (gate_compare(&question->servers[k], server) != GATE_SAME) {
            continue;
        }
        for (size_t i = 0; i < question->path_count; i++) {
            if (names(&question->paths[i], &question->servers[k])) {
                return true;
            }
        }
    }
    return false;
}

/* Nothing checked is no GO. */
static void find_unchecked(struct judging *judging)
{
    const struct gate_question *question = judging->question;
    struct gate_judgement *judgement = judging->judgement;
    for (size_t i = 0; i < question->server_count; i++) {
        if (question->servers[i].down && !is_checked(judging, &question->servers[i])) {
            judgement->unchecked[judgement->unchecked_count++] = &question->servers[i];
        }
    }
    if ((judgement->unchecked_count > 0 || judgement->row_count == 0) &&
        judgement->answer < GATE_CANNOT_TELL) {
        judgement->answer = GATE_CANNOT_TELL;
    }
}

int gate_judge(const struct gate_question *question, struct gate_judgement *ret)
{
    struct gate_judgement judgement = {.answer = GATE_GO};
    size_t room = question->server_count + 1;
    struct judging judging = {
        .question = question,
        .judgement = &judgement,
        .down = arena_array(&judgement.arena, room, sizeof(bool)),
        .downs = arena_array(&judgement.arena, room, sizeof(size_t)),
        .counted = arena_array(&judgement.arena, room, sizeof(struct gate_server *)),
    };
    judgement.unchecked = arena_array(&judgement.arena, room, sizeof(struct gate_server *));
    bool failed = judging.down == NULL || judging.downs == NULL || judging.counted == NULL ||
                  judgement.unchecked == NULL;
    if (!failed) {
        mark_down(&judging);
    }
    for (size_t i = 0; i < question->path_count && !failed; i++) {
        failed = judge_path(&judging, &question->paths[i]) != 0;
    }
    if (failed) {
        gate_judgement_done(&judgement);
        return -1;
    }
    find_unchecked(&judging);
    *ret = judgement;
    return 0;
}

void gate_judgement_done(struct gate_judgement *judgement)
{
    if (judgement != NULL) {
        arena_done(&judgement->arena);
        *judgement = (struct gate_judgement){.answer = GATE_CANNOT_TELL};
    }
}
