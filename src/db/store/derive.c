/* derive: what a reading means for its host: machine, boot, spans, gaps, findings. */
#include "db/store/derive.h"

#include "core/str.h"
#include "db/reading/observation.h"
#include "db/store/host_row.h"
#include "db/store/track_row.h"
#include "db/track/boot.h"
#include "model/declaration.h"
#include "model/overlay.h"

#include <string.h>

struct derivation {
    struct store_file *file;
    struct db *db;
    const struct derive_visit *visit;
    const struct snapshot *snapshot;
    const struct snapshot *judged; /* a light one over the last full one; else the same */
    struct arena *arena;
    struct err *err;
    struct host_row host;
    struct track_row *tracks;
    size_t track_count;
    bool boot_known, boot_broken; /* as in struct track_reading */
    struct derive_outcome *outcome;
};

/* Newer than everything the host has: by time, then kind, then source. */
static bool is_newer(const struct derivation *derivation)
{
    const struct host_row *host = &derivation->host;
    const struct visit *visit = &derivation->snapshot->visit;
    if (visit->time_ms != host->newest_ms) {
        return visit->time_ms > host->newest_ms;
    }
    if ((int64_t)visit->kind != host->newest_kind) {
        return (int64_t)visit->kind > host->newest_kind;
    }
    return derivation->visit->source_id > host->newest_source_id;
}

static void note_visit(struct derivation *derivation)
{
    struct host_row *host = &derivation->host;
    const struct visit *visit = &derivation->snapshot->visit;
    const struct host *declared = derivation->visit->declared;
    host->newest_ms = visit->time_ms;
    host->newest_kind = (int64_t)visit->kind;
    host->newest_source_id = derivation->visit->source_id;
    host->first_ms = host->there ? host->first_ms : visit->time_ms;
    if (visit->os != NULL) {
        host->os = visit->os;
    } else if (declared != NULL && host->os == NULL) {
        host->os = host_os_name(declared->os);
    }
    if (visit->transport != NULL) {
        host->transport = visit->transport;
    }
    host->site = declared == NULL ? host->site : declared->site;
    host->farm = declared == NULL ? host->farm : declared->farm;
    host->state = declared == NULL ? host->state : host_state_name(declared->state);
    if (host->state == NULL) {
        host->state = host_state_name(HOST_ACTIVE);
    }
}

/* Both are known and differ. */
static bool differ(const char *a, const char *b)
{
    return a != NULL && b != NULL && !str_eq(a, b);
}

/* The machine's own id decides where both readings have one; else name and key together. */
static bool is_other_machine(const char *id, const char *name, const char *key,
                             const struct machine_identity *now)
{
    if (id != NULL && now->id != NULL) {
        return !str_eq(id, now->id);
    }
    return differ(name, now->computer_name) && differ(key, now->host_key);
}

static int put_machine(struct derivation *derivation, int64_t first_ms, const char *id,
                       const char *name, const char *key)
{
    struct db *db = derivation->db;
    sqlite3_stmt *statement = db_use(db, SQL_MACHINE_PUT);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(db, statement, ":no", derivation->host.machine_no);
    db_bind_i64(db, statement, ":first", first_ms);
    db_bind_text(db, statement, ":id", id);
    db_bind_text(db, statement, ":name", name);
    db_bind_text(db, statement, ":key", key);
    return db_run(db, statement, derivation->err);
}

/* The name belongs to another machine now: what was known of the old one ends. */
static int replace_machine(struct derivation *derivation)
{
    for (size_t i = 0; i < derivation->track_count; i++) {
        struct track_row *row = &derivation->tracks[i];
        struct track_change change;
        track_replace(&row->track, derivation->snapshot->visit.time_ms, &change);
        if (track_row_save(derivation->file, derivation->visit->host_id, row, &change,
                           derivation->err) != 0) {
            return -1;
        }
    }
    derivation->host.mark = (struct boot_mark){.uptime_ms = -1};
    derivation->host.build_ms = 0;
    derivation->host.read_ms = 0;
    derivation->host.full_ms = 0;
    return 0;
}

static const char *either(const char *now, const char *before)
{
    return now != NULL ? now : before;
}

/* true in *ret_new: the first machine of the name, or another one than before. */
static int note_machine(struct derivation *derivation, bool *ret_new)
{
    struct db *db = derivation->db;
    struct host_row *host = &derivation->host;
    const struct machine_identity *now = &derivation->snapshot->machine;
    int64_t time_ms = derivation->snapshot->visit.time_ms;
    *ret_new = host->machine_no == 0;
    if (host->machine_no != 0 && host->machine_text_id == derivation->visit->machine_text_id) {
        return 0;
    }
    host->machine_text_id = derivation->visit->machine_text_id;
    if (*ret_new) {
        host->machine_no = 1;
        return put_machine(derivation, time_ms, now->id, now->computer_name, now->host_key);
    }
    sqlite3_stmt *statement = db_use(db, SQL_MACHINE_GET);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(db, statement, ":no", host->machine_no);
    int rc = db_step(db, statement, derivation->err);
    if (rc < 0) {
        return -1;
    }
    int64_t first_ms = rc == 0 ? time_ms : db_i64(statement, 0);
    const char *id = rc == 0 ? NULL : db_text(statement, 1, derivation->arena);
    const char *name = rc == 0 ? NULL : db_text(statement, 2, derivation->arena);
    const char *key = rc == 0 ? NULL : db_text(statement, 3, derivation->arena);
    (void)sqlite3_reset(statement);
    if (!is_other_machine(id, name, key, now)) {
        return put_machine(derivation, first_ms, either(now->id, id),
                           either(now->computer_name, name), either(now->host_key, key));
    }
    *ret_new = true;
    host->machine_no++;
    return replace_machine(derivation) != 0
               ? -1
               : put_machine(derivation, time_ms, now->id, now->computer_name, now->host_key);
}

/* Also where this visit did not tell. */
static int tell_machine(struct derivation *derivation)
{
    struct db *db = derivation->db;
    const struct host_row *host = &derivation->host;
    const struct machine_identity *now = &derivation->snapshot->machine;
    struct derive_outcome *outcome = derivation->outcome;
    outcome->machine = machine_identity_text(derivation->arena, now->id, now->computer_name);
    if (outcome->machine != NULL || host->machine_no == 0) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, SQL_MACHINE_GET);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(db, statement, ":no", host->machine_no);
    int rc = db_step(db, statement, derivation->err);
    if (rc > 0) {
        outcome->machine =
            machine_identity_text(derivation->arena, db_text(statement, 1, derivation->arena),
                                  db_text(statement, 2, derivation->arena));
    }
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

static int put_build(struct derivation *derivation)
{
    struct db *db = derivation->db;
    const struct machine_identity *now = &derivation->snapshot->machine;
    sqlite3_stmt *statement = db_use(db, SQL_BUILD_PUT);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(db, statement, ":first", derivation->host.build_ms);
    db_bind_text(db, statement, ":os_name", now->os_name);
    db_bind_text(db, statement, ":os_build", now->os_build);
    db_bind_text(db, statement, ":pvs_build", now->pvs_build);
    return db_run(db, statement, derivation->err);
}

/* A row for each OS and product build that the host was seen with. before: machine_text_id. */
static int note_build(struct derivation *derivation, int64_t before)
{
    struct db *db = derivation->db;
    struct host_row *host = &derivation->host;
    const struct machine_identity *now = &derivation->snapshot->machine;
    bool silent = now->os_name == NULL && now->os_build == NULL && now->pvs_build == NULL;
    if (silent || (host->build_ms != 0 && before == host->machine_text_id)) {
        return 0;
    }
    if (host->build_ms != 0) {
        sqlite3_stmt *statement = db_use(db, SQL_BUILD_GET);
        db_bind_i64(db, statement, ":host", derivation->visit->host_id);
        db_bind_i64(db, statement, ":first", host->build_ms);
        int rc = db_step(db, statement, derivation->err);
        if (rc < 0) {
            return -1;
        }
        bool same = rc > 0 && str_eq(db_text(statement, 0, derivation->arena), now->os_name) &&
                    str_eq(db_text(statement, 1, derivation->arena), now->os_build) &&
                    str_eq(db_text(statement, 2, derivation->arena), now->pvs_build);
        (void)sqlite3_reset(statement);
        if (same) {
            return 0;
        }
    }
    host->build_ms = derivation->snapshot->visit.time_ms;
    return put_build(derivation);
}

static int put_boot(struct derivation *derivation, const struct boot_mark *mark)
{
    struct db *db = derivation->db;
    const struct host_row *host = &derivation->host;
    const struct snapshot *snapshot = derivation->snapshot;
    int64_t time_ms = snapshot->visit.time_ms;
    sqlite3_stmt *statement = db_use(db, SQL_BOOT_PUT);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(db, statement, ":no", host->boot_no);
    db_bind_i64(db, statement, ":machine_no", host->machine_no);
    db_bind_known(db, statement, ":boot_time", mark == NULL ? 0 : boot_time_of(snapshot, mark), 0);
    db_bind_i64(db, statement, ":first", time_ms);
    db_bind_i64(db, statement, ":last", time_ms);
    db_bind_known(db, statement, ":previous", host->read_ms, 0);
    db_bind_text(db, statement, ":boot_id", mark == NULL ? NULL : mark->boot_id);
    db_bind_i64(db, statement, ":weak", snapshot->boot.weak);
    return db_run(db, statement, derivation->err);
}

static int lengthen_boot(struct derivation *derivation, const struct boot_mark *mark)
{
    struct db *db = derivation->db;
    sqlite3_stmt *statement = db_use(db, SQL_BOOT_LONGER);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(db, statement, ":no", derivation->host.boot_no);
    db_bind_i64(db, statement, ":last", derivation->snapshot->visit.time_ms);
    /* Keep the first reading's value: these only fill what was not known yet. */
    db_bind_known(db, statement, ":boot_time",
                  mark == NULL ? 0 : boot_time_of(derivation->snapshot, mark), 0);
    db_bind_text(db, statement, ":boot_id", mark == NULL ? NULL : mark->boot_id);
    return db_run(db, statement, derivation->err);
}

static int note_boot(struct derivation *derivation, bool new_machine)
{
    struct host_row *host = &derivation->host;
    struct boot_mark now = {.uptime_ms = -1};
    bool told = boot_mark_of(derivation->snapshot, &now);
    bool first = host->mark.reading_ms == 0;
    enum boot_change change = told && first ? BOOT_FIRST : BOOT_UNKNOWN;
    if (told && !first) {
        change = boot_compare(&host->mark, &now, &derivation->outcome->skewed);
    }
    derivation->boot_known = change != BOOT_UNKNOWN;
    derivation->boot_broken = told && change == BOOT_UNKNOWN;
    if (told) {
        derivation->boot_broken = derivation->boot_broken && !boot_keeps(&host->mark, &now, change);
        host->mark = boot_advance(&host->mark, &now, change);
    }
    derivation->outcome->changed =
        derivation->outcome->changed || new_machine || change != BOOT_SAME;
    if (new_machine || change == BOOT_NEW) {
        host->boot_no++;
        return put_boot(derivation, told ? &now : NULL);
    }
    return lengthen_boot(derivation, change == BOOT_UNKNOWN ? NULL : &now);
}

static struct track_row *find_track(struct derivation *derivation, const char *expectation)
{
    for (size_t i = 0; i < derivation->track_count; i++) {
        if (str_ieq(derivation->tracks[i].expectation, expectation)) {
            return &derivation->tracks[i];
        }
    }
    return NULL;
}

static int new_track(struct derivation *derivation, const char *expectation, struct track_row **ret)
{
    struct track_row *row = arena_alloc(derivation->arena, sizeof(*row));
    if (row == NULL) {
        return err_memory(derivation->err);
    }
    row->expectation = expectation;
    track_init(&row->track);
    *ret = row;
    return store_file_expectation(derivation->file, expectation, &row->expectation_id,
                                  derivation->err);
}

static void ask(const struct derivation *derivation, const struct expectation *expectation,
                struct verdict_question *ret)
{
    const struct host *declared = derivation->visit->declared;
    *ret = (struct verdict_question){
        .expectation = expectation,
        .snapshot = derivation->judged,
        .declared =
            declared == NULL ? DECLARED_SILENT : host_declared(declared, expectation->id, NULL),
        .pxe_addresses = declared == NULL ? NULL : declared->pxe_addresses,
        .pxe_address_count = declared == NULL ? 0 : declared->pxe_address_count,
    };
}

/* The service itself was seen, or seen not to be there. */
static bool saw_service(const struct snapshot *snapshot, const char *name)
{
    const struct service *service = snapshot_service(snapshot, name);
    return snapshot->sections[SECTION_SERVICES].outcome == OUTCOME_COMPLETE && service != NULL &&
           (service->visible || service->canary == PRESENCE_ABSENT);
}

/* What it needed was not asked for, or not shown: a light reading touches nothing that it did not
 * read. Of which boot it is belongs to that. */
static bool is_undecided(const struct derivation *derivation, const struct verdict *verdict,
                         const char *service)
{
    const struct snapshot *snapshot = derivation->snapshot;
    return snapshot->visit.kind == VISIT_LIGHT &&
           (verdict->code == VERDICT_UNKNOWN || !saw_service(snapshot, service) ||
            snapshot->sections[SECTION_BOOT].outcome != OUTCOME_COMPLETE);
}

/* Of what a reading changes, that which only says that it is so still. */
enum { CONFIRMS = TRACK_SPAN_LONGER | TRACK_GAP_LONGER | TRACK_FINDING_CHANGED };

static int judge(struct derivation *derivation, const struct expectation *expectation,
                 struct store_judgement *ret)
{
    struct track_row *row = find_track(derivation, expectation->id);
    struct verdict_question question;
    struct track_change change;
    if (row == NULL && new_track(derivation, expectation->id, &row) != 0) {
        return -1;
    }
    struct track_reading reading = {
        .time_ms = derivation->snapshot->visit.time_ms,
        .boot_no = derivation->host.boot_no,
        .machine_no = derivation->host.machine_no,
        .boot_known = derivation->boot_known,
        .boot_broken = derivation->boot_broken,
        .snapshot = derivation->judged,
        .expectation = expectation,
    };
    ask(derivation, expectation, &question);
    track_judge(&row->track, reading.boot_no, reading.boot_known, &question, &ret->verdict);
    ret->expectation = expectation;
    ret->open = track_open(&row->track);
    if (!derivation->snapshot->visit.read ||
        is_undecided(derivation, &ret->verdict, expectation->service)) {
        return 0;
    }
    track_apply(&row->track, &reading, &ret->verdict, derivation->arena, &change);
    derivation->outcome->changed =
        derivation->outcome->changed || (change.effects & ~(unsigned)CONFIRMS) != 0;
    ret->open = track_open(&row->track);
    derivation->outcome->opened_finding =
        derivation->outcome->opened_finding || (change.effects & TRACK_FINDING_NEW) != 0;
    return track_row_save(derivation->file, derivation->visit->host_id, row, &change,
                          derivation->err);
}

/* A visit that waits for the replay of its host: until then nobody knows. */
static int judge_later(struct derivation *derivation, const struct expectation *expectation,
                       struct store_judgement *ret)
{
    (void)derivation;
    ret->expectation = expectation;
    ret->verdict = (struct verdict){.code = VERDICT_UNKNOWN,
                                    .reason = REASON_SKIPPED,
                                    .detail = "not judged: the history has a newer visit"};
    return 0;
}

typedef int judge_one(struct derivation *derivation, const struct expectation *expectation,
                      struct store_judgement *ret);

static int judge_all(struct derivation *derivation, judge_one *judge_expectation)
{
    const struct expectation_set *set = derivation->visit->expectations;
    struct derive_outcome *outcome = derivation->outcome;
    outcome->judgements =
        arena_array(derivation->arena, set->count + 1, sizeof(*outcome->judgements));
    if (outcome->judgements == NULL) {
        return err_memory(derivation->err);
    }
    for (size_t i = 0; i < set->count; i++) {
        bool asked =
            derivation->snapshot->visit.kind == VISIT_FULL || expectation_is_light(&set->items[i]);
        if (!asked || !declaration_applies(&set->items[i], derivation->host.os,
                                           derivation->visit->declared)) {
            continue;
        }
        if (judge_expectation(derivation, &set->items[i], &outcome->judgements[outcome->count]) !=
            0) {
            return -1;
        }
        outcome->count++;
    }
    return 0;
}

static int read_machine_and_boot(struct derivation *derivation)
{
    struct host_row *host = &derivation->host;
    bool new_machine = false;
    int64_t text_before = host->machine_text_id;
    if (note_machine(derivation, &new_machine) != 0 || note_build(derivation, text_before) != 0 ||
        note_boot(derivation, new_machine) != 0) {
        return -1;
    }
    host->read_ms = derivation->snapshot->visit.time_ms;
    if (derivation->snapshot->visit.kind == VISIT_FULL) {
        host->full_ms = host->read_ms;
    }
    return 0;
}

static bool is_same_boot(const struct snapshot *full, const struct snapshot *light)
{
    struct boot_mark then = {.uptime_ms = -1};
    struct boot_mark now = {.uptime_ms = -1};
    bool skewed = false;
    return boot_mark_of(full, &then) && boot_mark_of(light, &now) &&
           boot_compare(&then, &now, &skewed) == BOOT_SAME;
}

/* The last full reading of this machine, in *ret; *ret_found false: there is none. */
static int load_full(struct derivation *derivation, struct snapshot *ret, bool *ret_found)
{
    const struct observation_source source = {.db = derivation->db,
                                              .content = derivation->file->content,
                                              .slots_of_host = SQL_SLOTS_OF_HOST,
                                              .volatile_by_id = SQL_VOLATILE_BY_ID};
    struct observation row;
    struct slots slots;
    *ret_found = false;
    if (derivation->host.full_ms == 0) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(derivation->db, SQL_OBSERVATION_FULL);
    db_bind_i64(derivation->db, statement, ":host", derivation->visit->host_id);
    db_bind_i64(derivation->db, statement, ":time", derivation->host.full_ms);
    int rc = db_step(derivation->db, statement, derivation->err);
    if (rc <= 0) {
        return rc;
    }
    rc = observation_take(&source, statement, derivation->arena, &row, derivation->err);
    (void)sqlite3_reset(statement);
    if (rc != 0 || observation_slots(&source, derivation->visit->host_id, derivation->arena, &slots,
                                     derivation->err) != 0) {
        return -1;
    }
    *ret_found = true;
    return observation_decode(&source, &row, &slots, ret, derivation->err);
}

static int judge_light(struct derivation *derivation)
{
    struct snapshot full;
    struct snapshot over;
    bool found = false;
    snapshot_init(&full);
    int rc = load_full(derivation, &full, &found);
    if (rc == 0 && overlay_make(derivation->snapshot, found ? &full : NULL,
                                found && is_same_boot(&full, derivation->snapshot),
                                derivation->arena, &over) != 0) {
        rc = err_memory(derivation->err);
    }
    if (rc == 0) {
        derivation->judged = &over;
        rc = judge_all(derivation, judge);
        derivation->judged = derivation->snapshot;
    }
    snapshot_done(&full);
    return rc;
}

static int put_off(struct derivation *derivation)
{
    struct db *db = derivation->db;
    derivation->outcome->result = DERIVE_LATER;
    if (judge_all(derivation, judge_later) != 0) {
        return -1;
    }
    if (derivation->host.rebuild) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, SQL_HOST_STATE_MARK);
    db_bind_i64(db, statement, ":host", derivation->visit->host_id);
    return db_run(db, statement, derivation->err);
}

int derive_visit(struct store_file *file, const struct derive_visit *visit, struct arena *arena,
                 struct derive_outcome *ret, struct err *err)
{
    struct derivation derivation = {
        .file = file,
        .db = &file->db,
        .visit = visit,
        .snapshot = visit->snapshot,
        .judged = visit->snapshot,
        .arena = arena,
        .err = err,
        .outcome = ret,
    };
    *ret = (struct derive_outcome){.result = DERIVE_DONE};
    if (host_row_load(&file->db, visit->host_id, arena, &derivation.host, err) != 0) {
        return -1;
    }
    if (derivation.host.there && (derivation.host.rebuild || !is_newer(&derivation))) {
        ret->changed = true;
        return put_off(&derivation);
    }
    const struct visit *now = &visit->snapshot->visit;
    bool light = now->read && now->kind == VISIT_LIGHT;
    ret->changed = !derivation.host.there;
    ret->changed_before_ms = derivation.host.changed_ms;
    note_visit(&derivation);
    if (track_row_load(file, visit->host_id, arena, &derivation.tracks, &derivation.track_count,
                       err) != 0 ||
        (visit->snapshot->visit.read && read_machine_and_boot(&derivation) != 0) ||
        (light ? judge_light(&derivation) : judge_all(&derivation, judge)) != 0 ||
        tell_machine(&derivation) != 0) {
        return -1;
    }
    if (ret->changed) {
        derivation.host.changed_ms = now->time_ms;
    }
    return host_row_save(&file->db, visit->host_id, &derivation.host, err);
}

int derive_wipe(struct store_file *file, int64_t host_id, struct err *err)
{
    for (unsigned id = SQL_WIPE_HOST_STATE; id <= SQL_WIPE_FINDING; id++) {
        sqlite3_stmt *statement = db_use(&file->db, id);
        db_bind_i64(&file->db, statement, ":host", host_id);
        if (db_run(&file->db, statement, err) != 0) {
            return -1;
        }
    }
    return 0;
}
