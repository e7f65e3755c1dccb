/* gate_told: what a gate's judgement is in words. */
#include "collector/gate_told.h"

#include "core/str.h"
#include "out/fold.h"

#include <string.h>

enum { PEERS_SHOWN = 6, DETAIL = 160 };

/* ---- one server ---- */

static const char *unread_phrase(const struct gate_reading *reading, struct arena *arena)
{
    char text[DETAIL];
    if (reading->time_ms == 0) {
        return "was never read";
    }
    if (reading->verdict != VERDICT_UNKNOWN) {
        return "has no reading that is new enough";
    }
    return arena_printf(arena, "could not be read (%s)",
                        verdict_text(reading->verdict, reading->reason, NULL, text, sizeof(text)));
}

/* "pvs02 is not-bound"; NULL: nothing that needs to be told. */
static const char *peer_phrase(const struct gate_evidence *seen, struct arena *arena)
{
    const struct gate_reading *reading =
        seen->server == NULL ? NULL : &seen->server->readings[seen->stage];
    switch (seen->part) {
    case GATE_DOWN:
        return seen->other == NULL
                   ? NULL
                   : arena_printf(arena, "%s is the same machine as %s", seen->name, seen->other);
    case GATE_OTHER_FARM:
        return arena_printf(arena, "%s is of another farm", seen->name);
    case GATE_INACTIVE:
        return arena_printf(arena, "%s is out of service by the inventory", seen->name);
    case GATE_HELD:
        return arena_printf(arena, "%s is held%s%s", seen->name,
                            seen->server->held_by == NULL ? "" : " by ",
                            seen->server->held_by == NULL ? "" : seen->server->held_by);
    case GATE_NOT_BOUND:
        return arena_printf(arena, "%s is %s", seen->name, verdict_name(reading->verdict));
    case GATE_UNREAD:
        return arena_printf(arena, "%s %s", seen->name, unread_phrase(reading, arena));
    case GATE_NOT_TOLD_APART:
        return arena_printf(arena, "%s cannot be told apart from %s", seen->name, seen->other);
    case GATE_ADDRESS:
        return arena_printf(arena, "%s is a virtual address, which nobody can read", seen->name);
    case GATE_PROVEN:
    case GATE_COUNTED:
    case GATE_PART_COUNT:
        break;
    }
    return NULL;
}

static bool is_of_row(const struct gate_evidence *seen, const struct gate_row *row)
{
    return seen->path == row->path && seen->stage == row->stage;
}

/* ": pvs02 is not-bound, pvs03 is held by CHG1"; "" where there is no peer. */
static const char *peers_phrase(const struct gate_judgement *judgement, const struct gate_row *row,
                                struct arena *arena)
{
    const char *text = "";
    size_t told = 0;
    for (size_t i = 0; i < judgement->evidence_count && text != NULL; i++) {
        const struct gate_evidence *seen = &judgement->evidence[i];
        const char *peer = is_of_row(seen, row) ? peer_phrase(seen, arena) : NULL;
        if (peer != NULL && told++ < PEERS_SHOWN) {
            text = arena_printf(arena, "%s%s%s", text, told == 1 ? ": " : ", ", peer);
        }
    }
    return told <= PEERS_SHOWN || text == NULL
               ? text
               : arena_printf(arena, "%s and %zu more", text, told - PEERS_SHOWN);
}

const char *gate_told_proven(const struct gate_judgement *judgement, const struct gate_row *row,
                             struct arena *arena)
{
    const char **names = arena_array(arena, judgement->evidence_count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < judgement->evidence_count && names != NULL; i++) {
        const struct gate_evidence *seen = &judgement->evidence[i];
        if (is_of_row(seen, row) && seen->part == GATE_PROVEN) {
            names[count++] = seen->name;
        }
    }
    return names == NULL ? NULL : fold_names(arena, names, count);
}

/* ---- the sentence ---- */

static const struct gate_row *worst_row(const struct gate_judgement *judgement)
{
    for (size_t i = 0; i < judgement->row_count; i++) {
        if (judgement->rows[i].answer == judgement->answer) {
            return &judgement->rows[i];
        }
    }
    return NULL;
}

static const char *unchecked_sentence(const struct gate_judgement *judgement, const char *servers,
                                      struct arena *arena)
{
    const char **names = arena_array(arena, judgement->unchecked_count + 1, sizeof(*names));
    for (size_t i = 0; i < judgement->unchecked_count && names != NULL; i++) {
        names[i] = judgement->unchecked[i]->name;
    }
    const char *folded =
        names == NULL ? NULL : fold_names(arena, names, judgement->unchecked_count);
    return folded == NULL ? NULL
                          : arena_printf(arena,
                                         "whether %s may be taken down cannot be told: nothing was "
                                         "checked for %s, which no boot path names and no path of "
                                         "a site can be assumed for (pvsaudit_boot_paths, "
                                         "pvsaudit_site)",
                                         servers, folded);
}

static const char *paths_phrase(const struct gate_judgement *judgement, struct arena *arena)
{
    const struct boot_path *first = judgement->rows[0].path;
    size_t count = 1;
    for (size_t i = 1; i < judgement->row_count; i++) {
        count += judgement->rows[i].path != judgement->rows[i - 1].path;
    }
    return count == 1 ? first->name : arena_printf(arena, "%zu boot paths", count);
}

static const char *row_sentence(const struct gate_judgement *judgement, const struct gate_row *row,
                                const char *servers, struct arena *arena)
{
    const char *stage = boot_stage_name(row->stage);
    const char *path = row->path->name;
    switch (judgement->answer) {
    case GATE_GO:
        return arena_printf(arena,
                            "%s may be taken down: every stage of %s keeps the proven responders "
                            "that it needs",
                            servers, paths_phrase(judgement, arena));
    case GATE_GO_WITH_WARNING:
        return arena_printf(arena,
                            "%s may be taken down, but then %s of %s has %zu proven responder%s "
                            "(%s), fewer than its %zu%s",
                            servers, stage, path, row->proven, row->proven == 1 ? "" : "s",
                            gate_told_proven(judgement, row, arena), row->path->min,
                            peers_phrase(judgement, row, arena));
    case GATE_CANNOT_TELL:
        return arena_printf(arena,
                            "whether %s may be taken down cannot be told: no proven responder is "
                            "left for %s of %s%s",
                            servers, stage, path, peers_phrase(judgement, row, arena));
    default:
        break;
    }
    if (row->pinned) {
        return arena_printf(arena,
                            "%s must not be taken down: DHCP option 66 of %s names it, and its "
                            "target devices ask nobody else",
                            servers, path);
    }
    return arena_printf(arena,
                        "%s must not be taken down: no proven responder is left for %s of %s%s",
                        servers, stage, path, peers_phrase(judgement, row, arena));
}

const char *gate_told_sentence(const struct gate_judgement *judgement, const char *servers,
                               struct arena *arena)
{
    const struct gate_row *row = worst_row(judgement);
    return row == NULL ? unchecked_sentence(judgement, servers, arena)
                       : row_sentence(judgement, row, servers, arena);
}

/* ---- notes ---- */

static int add_note(struct arena *arena, struct gate_told *told, const char *text)
{
    void *items = told->notes;
    const char **note = arena_push(arena, &items, &told->note_count, sizeof(*note));
    told->notes = items;
    if (note == NULL || text == NULL) {
        return -1;
    }
    *note = text;
    return 0;
}

static int note_evidence(const struct gate_evidence *seen, struct arena *arena,
                         struct gate_told *told)
{
    if (seen->part != GATE_PROVEN ||
        seen->server->readings[seen->stage].startup != STARTUP_DISABLED) {
        return 0;
    }
    return add_note(arena, told,
                    arena_printf(arena,
                                 "%s is bound for %s, but its startup type is Disabled: after its "
                                 "own next boot it is nobody's responder",
                                 seen->name, boot_stage_name(seen->stage)));
}

int gate_told_notes(const struct gate_judgement *judgement, struct arena *arena,
                    struct gate_told *told)
{
    const struct boot_path *before = NULL;
    for (size_t i = 0; i < judgement->row_count; i++) {
        const struct boot_path *path = judgement->rows[i].path;
        if (path != before && path->assumed &&
            add_note(arena, told,
                     arena_printf(arena,
                                  "no boot path names these servers: %s was assumed, with a min of "
                                  "%zu; declare pvsaudit_boot_paths",
                                  path->name, path->min)) != 0) {
            return -1;
        }
        before = path;
    }
    for (size_t i = 0; i < judgement->evidence_count; i++) {
        if (note_evidence(&judgement->evidence[i], arena, told) != 0) {
            return -1;
        }
    }
    return 0;
}
