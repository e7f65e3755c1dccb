/* gate_waves: many servers as waves, each of which may be taken down at once. */
#include "collector/gate_waves.h"

#include "collector/gate_told.h"
#include "out/gate_columns.h"
#include "out/relay.h"
#include "out/summary.h"

#include <string.h>

struct splitting {
    const struct gate_waves *waves;
    struct arena arena;
    bool *asked;
    size_t *wave_of; /* by server: 0 = none */
    enum gate_answer *answers; /* by wave, the first being 1 */
    size_t count;
    struct boot_path *paths; /* those that name the server that is being placed */
    size_t path_count;
    size_t refused, doubtful; /* servers in no wave; a wave that is not fit for all that */
    FILE *to;
};

static size_t server_count(const struct splitting *splitting)
{
    return splitting->waves->scope->inventory->count;
}

static bool names(const struct boot_path *path, const char *server)
{
    return boot_path_names(path, BOOT_STAGE_PXE, server) ||
           boot_path_names(path, BOOT_STAGE_TFTP, server) ||
           boot_path_names(path, BOOT_STAGE_LOGIN, server);
}

static bool is_on_paths(const struct splitting *splitting, const char *server)
{
    for (size_t i = 0; i < splitting->path_count; i++) {
        if (names(&splitting->paths[i], server)) {
            return true;
        }
    }
    return false;
}

/* Whether the path names the machine, by whatever name of it. */
static bool names_machine(const struct gate_scope *scope, const struct boot_path *path,
                          const struct gate_server *server)
{
    if (names(path, server->name)) {
        return true;
    }
    for (size_t i = 0; i < scope->inventory->count; i++) {
        if (gate_compare(&scope->servers[i], server) == GATE_SAME &&
            names(path, scope->servers[i].name)) {
            return true;
        }
    }
    return false;
}

/* On the others it makes no difference. */
static void find_paths(struct splitting *splitting, size_t server)
{
    const struct gate_scope *scope = splitting->waves->scope;
    splitting->path_count = 0;
    for (size_t i = 0; i < scope->path_count; i++) {
        if (names_machine(scope, &scope->paths[i], &scope->servers[server])) {
            splitting->paths[splitting->path_count++] = scope->paths[i];
        }
    }
}

static int judge(const struct splitting *splitting, const struct boot_path *paths, size_t count,
                 struct gate_judgement *ret)
{
    const struct gate_question question = {
        .paths = paths,
        .path_count = count,
        .servers = splitting->waves->scope->servers,
        .server_count = server_count(splitting),
        .not_before_ms = splitting->waves->not_before_ms,
    };
    return gate_judge(&question, ret);
}

/* The server that is being placed and, of the wave, whoever shares a path with it. */
static int answer_of(const struct splitting *splitting, size_t wave, size_t server,
                     enum gate_answer *ret)
{
    struct gate_server *servers = splitting->waves->scope->servers;
    struct gate_judgement judgement;
    for (size_t i = 0; i < server_count(splitting); i++) {
        servers[i].down = i == server || (wave != 0 && splitting->wave_of[i] == wave &&
                                          is_on_paths(splitting, servers[i].name));
    }
    if (judge(splitting, splitting->paths, splitting->path_count, &judgement) != 0) {
        return -1;
    }
    *ret = judgement.answer;
    gate_judgement_done(&judgement);
    return 0;
}

static int put_line(struct splitting *splitting, size_t wave, enum gate_answer answer,
                    const char *servers, const char *sentence)
{
    const struct answer_cell cells[GATE_WAVE_COLUMNS] = {
        [GATE_WAVE_NUMBER] = wave == 0 ? answer_none() : answer_number((int64_t)wave),
        [GATE_WAVE_ANSWER] = answer_text(gate_answer_name(answer)),
        [GATE_WAVE_SERVERS] = answer_text(servers),
        [GATE_WAVE_SENTENCE] = answer_text(sentence),
    };
    return servers == NULL || sentence == NULL
               ? -1
               : relay_put(splitting->to, relay_rows, gate_wave_columns, cells, GATE_WAVE_COLUMNS);
}

/* A whole wave, or a server that is in none, as a line. */
static int tell(struct splitting *splitting, size_t wave, size_t server)
{
    struct gate_scope *scope = splitting->waves->scope;
    struct gate_judgement judgement;
    for (size_t i = 0; i < server_count(splitting); i++) {
        scope->servers[i].down = i == server || (wave != 0 && splitting->wave_of[i] == wave);
    }
    if (judge(splitting, scope->paths, scope->path_count, &judgement) != 0) {
        return -1;
    }
    splitting->refused += wave != 0 && judgement.answer == GATE_NO_GO;
    splitting->doubtful += wave != 0 && judgement.answer == GATE_CANNOT_TELL;
    const char *servers = gate_scope_asked(scope, &splitting->arena);
    int rc = put_line(splitting, wave, judgement.answer, servers,
                      servers == NULL ? NULL
                                      : gate_told_sentence(&judgement, servers, &splitting->arena));
    gate_judgement_done(&judgement);
    return rc;
}

static int place(struct splitting *splitting, size_t server)
{
    enum gate_answer alone = GATE_CANNOT_TELL;
    find_paths(splitting, server);
    if (answer_of(splitting, 0, server, &alone) != 0) {
        return -1;
    }
    splitting->refused += alone == GATE_NO_GO;
    splitting->doubtful += alone == GATE_CANNOT_TELL;
    if (alone > GATE_GO_WITH_WARNING) {
        return 0;
    }
    for (size_t wave = 1; wave <= splitting->count; wave++) {
        enum gate_answer together = GATE_CANNOT_TELL;
        enum gate_answer allowed =
            alone > splitting->answers[wave] ? alone : splitting->answers[wave];
        if (answer_of(splitting, wave, server, &together) != 0) {
            return -1;
        }
        if (together <= allowed) {
            splitting->wave_of[server] = wave;
            splitting->answers[wave] =
                together > splitting->answers[wave] ? together : splitting->answers[wave];
            return 0;
        }
    }
    splitting->wave_of[server] = ++splitting->count;
    splitting->answers[splitting->count] = alone;
    return 0;
}

static int split(struct splitting *splitting)
{
    for (size_t i = 0; i < server_count(splitting); i++) {
        if (splitting->asked[i] && place(splitting, i) != 0) {
            return -1;
        }
    }
    for (size_t wave = 1; wave <= splitting->count; wave++) {
        if (tell(splitting, wave, SIZE_MAX) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < server_count(splitting); i++) {
        if (splitting->asked[i] && splitting->wave_of[i] == 0 && tell(splitting, 0, i) != 0) {
            return -1;
        }
    }
    return 0;
}

static int finish(struct splitting *splitting, const struct answer_meta *meta, struct err *err)
{
    const struct gate_waves *waves = splitting->waves;
    size_t left = splitting->refused + splitting->doubtful;
    struct gate_told told = {
        .answer = splitting->refused > 0    ? "NO-GO"
                  : splitting->doubtful > 0 ? "CANNOT TELL"
                                            : "PLANNING ONLY",
        .judged = "plan",
        .servers = waves->servers,
        .planning_only = true,
        .exit_code = splitting->refused > 0                            ? EXIT_PROBLEM
                     : splitting->doubtful > 0 || waves->planning_only ? EXIT_CANNOT_TELL
                                                                       : EXIT_FINE,
    };
    told.sentence =
        arena_printf(&splitting->arena,
                     "%s in %zu wave%s; %zu server%s in none: ask the gate again before each wave",
                     waves->servers, splitting->count, splitting->count == 1 ? "" : "s", left,
                     left == 1 ? "" : "s");
    return told.sentence == NULL || gate_told_print(&told, NULL, meta, splitting->to, err) != 0
               ? -1
               : told.exit_code;
}

int gate_waves_answer(const struct gate_waves *waves, const struct answer_meta *meta, FILE *to,
                      struct err *err)
{
    struct splitting splitting = {.waves = waves, .to = to};
    size_t count = server_count(&splitting);
    splitting.asked = arena_array(&splitting.arena, count + 1, sizeof(bool));
    splitting.wave_of = arena_array(&splitting.arena, count + 1, sizeof(size_t));
    splitting.answers = arena_array(&splitting.arena, count + 2, sizeof(enum gate_answer));
    splitting.paths =
        arena_array(&splitting.arena, waves->scope->path_count + 1, sizeof(struct boot_path));
    bool failed = splitting.asked == NULL || splitting.wave_of == NULL ||
                  splitting.answers == NULL || splitting.paths == NULL;
    for (size_t i = 0; i < count && !failed; i++) {
        splitting.asked[i] = waves->scope->servers[i].down;
    }
    failed = failed || split(&splitting) != 0;
    for (size_t i = 0; i < count && splitting.asked != NULL; i++) {
        waves->scope->servers[i].down = splitting.asked[i];
    }
    int code = failed ? err_memory(err) : finish(&splitting, meta, err);
    arena_done(&splitting.arena);
    return code;
}
