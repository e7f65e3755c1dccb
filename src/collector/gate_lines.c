/* gate_lines: a gate's judgement as lines for the program that prints it. */
#include "collector/gate_told.h"

#include "core/str.h"
#include "out/gate_columns.h"
#include "out/relay.h"

struct lines {
    const struct gate_told *told;
    const struct gate_judgement *judgement;
    FILE *to;
};

static int put_row(const struct lines *lines, const struct gate_row *row)
{
    struct arena arena = {NULL};
    const char *by = gate_told_proven(lines->judgement, row, &arena);
    const struct answer_cell cells[GATE_ROW_COLUMNS] = {
        [GATE_ROW_PATH] = answer_text(row->path->name),
        [GATE_ROW_METHOD] = answer_text(boot_method_name(row->path->method)),
        [GATE_ROW_ASSUMED] = answer_bool(row->path->assumed),
        [GATE_ROW_STAGE] = answer_text(boot_stage_name(row->stage)),
        [GATE_ROW_ANSWER] = answer_text(gate_answer_name(row->answer)),
        [GATE_ROW_PROVEN] = answer_number((int64_t)row->proven),
        [GATE_ROW_MIN] = answer_number((int64_t)row->path->min),
        [GATE_ROW_UNREAD] = answer_number((int64_t)row->unread),
        [GATE_ROW_PINNED] = answer_bool(row->pinned),
        [GATE_ROW_PROVEN_BY] = answer_text(row->proven == 0 ? NULL : by),
    };
    int rc = by == NULL
                 ? -1
                 : relay_put(lines->to, relay_rows, gate_row_columns, cells, GATE_ROW_COLUMNS);
    arena_done(&arena);
    return rc;
}

/* The worst of the path's rows, which stand together. */
static enum gate_answer path_answer(const struct gate_judgement *judgement, size_t first)
{
    const struct boot_path *path = judgement->rows[first].path;
    enum gate_answer worst = GATE_GO;
    for (size_t i = first; i < judgement->row_count && judgement->rows[i].path == path; i++) {
        worst = judgement->rows[i].answer > worst ? judgement->rows[i].answer : worst;
    }
    return worst;
}

static int put_path(const struct lines *lines, size_t first)
{
    const struct boot_path *path = lines->judgement->rows[first].path;
    const struct answer_cell cells[GATE_PATH_COLUMNS] = {
        [GATE_PATH_NAME] = answer_text(path->name),
        [GATE_PATH_METHOD] = answer_text(boot_method_name(path->method)),
        [GATE_PATH_ASSUMED] = answer_bool(path->assumed),
        [GATE_PATH_MIN] = answer_number((int64_t)path->min),
        [GATE_PATH_ANSWER] = answer_text(gate_answer_name(path_answer(lines->judgement, first))),
    };
    return relay_put(lines->to, gate_paths_kind, gate_path_columns, cells, GATE_PATH_COLUMNS);
}

static int put_evidence(const struct lines *lines, const struct gate_evidence *seen)
{
    const struct gate_reading *reading =
        seen->server == NULL ? NULL : &seen->server->readings[seen->stage];
    bool known = reading != NULL && reading->time_ms > 0;
    char text[128];
    const struct answer_cell cells[GATE_EVIDENCE_COLUMNS] = {
        [GATE_SEEN_PATH] = answer_text(seen->path->name),
        [GATE_SEEN_STAGE] = answer_text(boot_stage_name(seen->stage)),
        [GATE_SEEN_HOST] = answer_text(seen->name),
        [GATE_SEEN_PART] = answer_text(gate_part_name(seen->part)),
        [GATE_SEEN_VERDICT] = known ? answer_text(verdict_text(reading->verdict, reading->reason,
                                                               NULL, text, sizeof(text)))
                                    : answer_none(),
        [GATE_SEEN_STARTUP] =
            known ? answer_text(startup_type_name(reading->startup)) : answer_none(),
        [GATE_SEEN_READ] = known ? answer_time(reading->time_ms, NULL) : answer_none(),
        [GATE_SEEN_BOOT] = known ? answer_time(reading->boot_ms, NULL) : answer_none(),
        [GATE_SEEN_OTHER] = answer_text(seen->other),
        [GATE_SEEN_HELD_BY] = answer_text(seen->server == NULL ? NULL : seen->server->held_by),
    };
    return relay_put(lines->to, gate_evidence_kind, gate_evidence_columns, cells,
                     GATE_EVIDENCE_COLUMNS);
}

static int put_text(const struct lines *lines, const char *kind, const char *text)
{
    const struct answer_cell cell = answer_text(text);
    return relay_put(lines->to, kind, &gate_text_column, &cell, 1);
}

static int put_not_checked(const struct lines *lines)
{
    static const char *const always[] = {
        "whether target devices reach the ports: bound means that the service holds the socket",
        "streaming capacity of the servers that stay",
        "vDisk replication, and vDisks in maintenance or private mode",
        "subnet affinity",
        "what the DHCP server hands out",
    };
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (put_text(lines, gate_not_checked_kind, always[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A stage that the path does not have is not judged, and that is said. */
static int put_missing_stages(const struct lines *lines, const struct boot_path *path)
{
    for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
        char text[256];
        if (path->stages[stage].count > 0) {
            continue;
        }
        (void)snprintf(text, sizeof(text), "%s of %.100s: %s",
                       boot_stage_name((enum boot_stage)stage), path->name,
                       path->assumed ? "no server of the site is expected to serve it"
                                     : "the path declares no servers for it");
        if (put_text(lines, gate_not_checked_kind, text) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_judgement(const struct lines *lines)
{
    const struct gate_judgement *judgement = lines->judgement;
    for (size_t i = 0; i < judgement->row_count; i++) {
        bool first = i == 0 || judgement->rows[i].path != judgement->rows[i - 1].path;
        if ((first && (put_path(lines, i) != 0 ||
                       put_missing_stages(lines, judgement->rows[i].path) != 0)) ||
            put_row(lines, &judgement->rows[i]) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < judgement->evidence_count; i++) {
        if (put_evidence(lines, &judgement->evidence[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_answer(const struct lines *lines, const struct answer_meta *meta)
{
    const struct gate_told *told = lines->told;
    const struct answer_cell cells[GATE_ANSWER_COLUMNS] = {
        [FRONT_AS_OF] = answer_time(meta->as_of_ms, NULL),
        [FRONT_SCAN] = answer_time(meta->last_complete_scan_ms, NULL),
        [FRONT_STALE] = answer_bool(meta->stale),
        [FRONT_HOSTS] = answer_number((int64_t)meta->hosts),
        [FRONT_READ] = answer_number((int64_t)meta->hosts_read),
        [FRONT_CODE] = answer_number(told->exit_code),
        [FRONT_ANSWER] = answer_text(told->answer),
        [FRONT_SENTENCE] = answer_text(told->sentence),
        [GATE_SERVERS] = answer_text(told->servers),
        [GATE_JUDGED] = answer_text(told->judged),
        [GATE_PLANNING] = answer_bool(told->planning_only),
        [GATE_CHANGE] = answer_text(told->change),
        [GATE_HELD_UNTIL] = answer_time(told->held_until_ms, NULL),
        [GATE_REASON] = answer_text(told->override_reason),
    };
    return relay_put(lines->to, relay_answer, gate_answer_columns, cells, GATE_ANSWER_COLUMNS);
}

int gate_told_print(const struct gate_told *told, const struct gate_judgement *judgement,
                    const struct answer_meta *meta, FILE *to, struct err *err)
{
    const struct lines lines = {.told = told, .judgement = judgement, .to = to};
    int rc = put_not_checked(&lines);
    if (rc == 0 && judgement != NULL) {
        rc = put_judgement(&lines);
    }
    for (size_t i = 0; i < told->note_count && rc == 0; i++) {
        rc = put_text(&lines, gate_notes_kind, told->notes[i]);
    }
    if (rc == 0) {
        rc = put_answer(&lines, meta);
    }
    return rc != 0 ? err_memory(err) : answer_written(to, err);
}

static bool is_read(enum gate_part part)
{
    return part == GATE_PROVEN || part == GATE_COUNTED || part == GATE_NOT_BOUND ||
           part == GATE_NOT_TOLD_APART;
}

/* A server counts once, however many stages it is seen in. */
static bool is_first(const struct gate_judgement *judgement, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (judgement->evidence[k].server == judgement->evidence[i].server) {
            return false;
        }
    }
    return true;
}

void gate_told_count(const struct gate_judgement *judgement, struct answer_meta *meta)
{
    for (size_t i = 0; i < judgement->evidence_count; i++) {
        const struct gate_evidence *seen = &judgement->evidence[i];
        bool to_read = is_read(seen->part) || seen->part == GATE_UNREAD;
        if (seen->server == NULL || !to_read || !is_first(judgement, i)) {
            continue;
        }
        const struct gate_reading *reading = &seen->server->readings[seen->stage];
        meta->hosts++;
        meta->hosts_read += is_read(seen->part);
        meta->as_of_ms = reading->time_ms > meta->as_of_ms ? reading->time_ms : meta->as_of_ms;
    }
}
