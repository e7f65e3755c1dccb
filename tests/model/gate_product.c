/* gate_product: prints the gate's answer to every combination of situations, one CSV line each. */
#include "model/gate.h"

#include <stdio.h>

enum { NOT_BEFORE_MS = 1000000, PEERS = 3, SERVERS = 8, NAME = 8 };

/* The columns, in order, and the words of each. */
enum dimension { WHERE, MIN, ASKED, OTHER, PEER_1, PEER_2, PEER_3, DIMENSIONS };

enum { AT_PXE, AT_TFTP, AT_OPTION_66, AT_OPTIONS_LOGIN };
enum { ASKED_ONE, ASKED_UNNAMED };
enum { OTHER_NONE, OTHER_GO, OTHER_WARNING, OTHER_UNREAD, OTHER_NOBODY };
enum {
    PROVEN,
    NOT_BOUND,
    PENDING,
    OWNER_UNKNOWN,
    UNREAD,
    STALE,
    UNKNOWN,
    OTHER_FARM,
    HELD,
    HELD_ALIAS,
    INACTIVE,
    DOWN,
    DOWN_ALIAS,
    FIRST_ALIAS,
    NAMELESS,
    ADDRESS,
    WORDS_MAX
};

static const char *const peer_words[WORDS_MAX] = {
    "proven",     "not-bound",   "pending",  "owner-unknown", "unread",   "stale",
    "unknown",    "other-farm",  "held",     "held-alias",    "inactive", "down",
    "down-alias", "first-alias", "nameless", "address"};
static const char *const where_words[] = {"pxe", "tftp", "option-66", "options-login", NULL};
static const char *const min_words[] = {"1", "2", "3", NULL};
static const char *const asked_words[] = {"one", "one-and-unnamed", NULL};
static const char *const other_words[] = {"none", "go", "warning", "unread", "nobody", NULL};

static const struct {
    const char *name;
    const char *const *words;
    unsigned count;
} columns[DIMENSIONS] = {
    [WHERE] = {"where", where_words, 4},         [MIN] = {"min", min_words, 3},
    [ASKED] = {"asked", asked_words, 2},         [OTHER] = {"other", other_words, 5},
    [PEER_1] = {"peer1", peer_words, WORDS_MAX}, [PEER_2] = {"peer2", peer_words, WORDS_MAX},
    [PEER_3] = {"peer3", peer_words, WORDS_MAX},
};

typedef unsigned combination[DIMENSIONS];

static const char *const ids[SERVERS] = {"id-s",    "id-1", "id-2", "id-3",
                                         "id-held", "id-x", "id-y", "id-z"};
static const char *const names[SERVERS] = {"s", "p1", "p2", "p3", "held", "x", "y", "z"};

static void read_as(struct gate_server *server, enum verdict_code verdict, int64_t time_ms)
{
    for (int i = 0; i < BOOT_STAGE_COUNT; i++) {
        server->readings[i] = (struct gate_reading){
            .judged = true, .verdict = verdict, .time_ms = time_ms, .boot_ms = 1};
    }
}

static void take_identity(struct gate_server *server, const struct gate_server *of)
{
    server->machine_id = of->machine_id;
    server->computer_name = of->computer_name;
}

static void fill_peer(struct gate_server servers[SERVERS], int place, unsigned word)
{
    struct gate_server *peer = &servers[place];
    read_as(peer, VERDICT_BOUND, NOT_BEFORE_MS);
    switch (word) {
    case NOT_BOUND:
        read_as(peer, VERDICT_NOT_BOUND, NOT_BEFORE_MS);
        break;
    case PENDING:
        read_as(peer, VERDICT_PENDING, NOT_BEFORE_MS + 1);
        break;
    case OWNER_UNKNOWN:
        read_as(peer, VERDICT_BOUND_OWNER_UNKNOWN, NOT_BEFORE_MS + 1);
        break;
    case UNREAD:
        for (int i = 0; i < BOOT_STAGE_COUNT; i++) {
            peer->readings[i].judged = false;
        }
        break;
    case STALE:
        read_as(peer, VERDICT_BOUND, NOT_BEFORE_MS - 1);
        break;
    case UNKNOWN:
        read_as(peer, VERDICT_UNKNOWN, NOT_BEFORE_MS);
        break;
    case OTHER_FARM:
        peer->farm = "north";
        break;
    case HELD:
        peer->held_by = "CHG1";
        break;
    case HELD_ALIAS:
        take_identity(peer, &servers[4]);
        break;
    case INACTIVE:
        peer->inactive = true;
        break;
    case DOWN:
        peer->down = true;
        break;
    case DOWN_ALIAS:
        take_identity(peer, &servers[0]);
        break;
    case FIRST_ALIAS:
        take_identity(peer, &servers[1]);
        break;
    case NAMELESS:
        peer->machine_id = NULL;
        peer->computer_name = NULL;
        break;
    default:
        break;
    }
}

static void fill_servers(const combination at, struct gate_server servers[SERVERS])
{
    for (int i = 0; i < SERVERS; i++) {
        servers[i] = (struct gate_server){
            .name = names[i], .farm = "south", .machine_id = ids[i], .computer_name = names[i]};
    }
    servers[0].down = true;
    servers[4].held_by = "CHG2";
    servers[7].down = at[ASKED] == ASKED_UNNAMED;
    fill_peer(servers, 1, at[PEER_1]);
    fill_peer(servers, 2, at[PEER_2]);
    fill_peer(servers, 3, at[PEER_3]);
    bool reads = at[OTHER] == OTHER_GO || at[OTHER] == OTHER_WARNING;
    read_as(&servers[5], reads ? VERDICT_BOUND : VERDICT_STOPPED, NOT_BEFORE_MS);
    read_as(&servers[6], at[OTHER] == OTHER_GO ? VERDICT_BOUND : VERDICT_DISABLED, NOT_BEFORE_MS);
    servers[6].readings[BOOT_STAGE_LOGIN].judged = at[OTHER] != OTHER_UNREAD;
    servers[6].readings[BOOT_STAGE_PXE].judged = at[OTHER] != OTHER_UNREAD;
}

static enum gate_answer judge(const combination at)
{
    static const char *const others[] = {"s", "x", "y"};
    static const enum boot_stage stages[] = {BOOT_STAGE_PXE, BOOT_STAGE_TFTP, BOOT_STAGE_TFTP,
                                             BOOT_STAGE_LOGIN};
    const char *listed[1 + PEERS] = {"s", "p1", "p2", "p3"};
    struct gate_server servers[SERVERS];
    struct boot_path paths[2] = {{.name = "path", .min = at[MIN] + 1}};
    bool options = at[WHERE] == AT_OPTION_66 || at[WHERE] == AT_OPTIONS_LOGIN;
    fill_servers(at, servers);
    for (int i = 1; i <= PEERS; i++) {
        listed[i] = at[PEER_1 + i - 1] == ADDRESS ? "10.0.0.9" : listed[i];
    }
    paths[0].method = options ? BOOT_BY_DHCP_OPTIONS : BOOT_BY_PXE;
    paths[0].stages[stages[at[WHERE]]] = (struct boot_servers){listed, 1 + PEERS};
    paths[1] = (struct boot_path){.name = "other", .min = 2};
    paths[1].stages[BOOT_STAGE_PXE] = (struct boot_servers){others, 3};
    const struct gate_question question = {
        .paths = paths,
        .path_count = at[OTHER] == OTHER_NONE ? 1 : 2,
        .servers = servers,
        .server_count = SERVERS,
        .not_before_ms = NOT_BEFORE_MS,
    };
    struct gate_judgement judgement;
    if (gate_judge(&question, &judgement) != 0) {
        return GATE_ANSWER_COUNT;
    }
    enum gate_answer answer = judgement.answer;
    gate_judgement_done(&judgement);
    return answer;
}

static bool turn(combination at)
{
    for (int i = DIMENSIONS; i-- > 0;) {
        if (at[i] + 1 < columns[i].count) {
            at[i]++;
            return true;
        }
        at[i] = 0;
    }
    return false;
}

int main(void)
{
    combination at = {0};
    for (int i = 0; i < DIMENSIONS; i++) {
        (void)printf("%s,", columns[i].name);
    }
    (void)puts("answer");
    do {
        for (int i = 0; i < DIMENSIONS; i++) {
            (void)printf("%s,", columns[i].words[at[i]]);
        }
        enum gate_answer answer = judge(at);
        (void)puts(answer == GATE_ANSWER_COUNT ? "failed" : gate_answer_name(answer));
    } while (turn(at));
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
}
