/* gate_columns: names, titles and types. */
#include "out/gate_columns.h"

#define FRONT                                                        \
    [FRONT_AS_OF] = {"as_of", NULL, ANSWER_TIME, false},             \
    [FRONT_SCAN] = {"last_complete_scan", NULL, ANSWER_TIME, false}, \
    [FRONT_STALE] = {"stale", NULL, ANSWER_BOOL, false},             \
    [FRONT_HOSTS] = {"hosts", NULL, ANSWER_INT, false},              \
    [FRONT_READ] = {"hosts_read", NULL, ANSWER_INT, false},          \
    [FRONT_CODE] = {"exit_code", NULL, ANSWER_INT, false},           \
    [FRONT_ANSWER] = {"answer", NULL, ANSWER_TEXT, false},           \
    [FRONT_SENTENCE] = {"sentence", NULL, ANSWER_TEXT, false}

const struct answer_column gate_answer_columns[GATE_ANSWER_COLUMNS] = {
    FRONT,
    [GATE_SERVERS] = {"servers", NULL, ANSWER_TEXT, false},
    [GATE_JUDGED] = {"judged", NULL, ANSWER_TEXT, false},
    [GATE_PLANNING] = {"planning_only", NULL, ANSWER_BOOL, false},
    [GATE_CHANGE] = {"change", NULL, ANSWER_TEXT, false},
    [GATE_HELD_UNTIL] = {"held_until", NULL, ANSWER_TIME, false},
    [GATE_REASON] = {"override_reason", NULL, ANSWER_TEXT, false},
};

const struct answer_column gate_row_columns[GATE_ROW_COLUMNS] = {
    [GATE_ROW_PATH] = {"path", "PATH", ANSWER_TEXT, false},
    [GATE_ROW_METHOD] = {"method", "METHOD", ANSWER_TEXT, false},
    [GATE_ROW_ASSUMED] = {"assumed", NULL, ANSWER_BOOL, false},
    [GATE_ROW_STAGE] = {"stage", "STAGE", ANSWER_TEXT, false},
    [GATE_ROW_ANSWER] = {"answer", "ANSWER", ANSWER_TEXT, true},
    [GATE_ROW_PROVEN] = {"proven", "PROVEN LEFT", ANSWER_INT, false},
    [GATE_ROW_MIN] = {"min", "MIN", ANSWER_INT, false},
    [GATE_ROW_UNREAD] = {"unread", "UNREAD", ANSWER_INT, false},
    [GATE_ROW_PINNED] = {"pinned", NULL, ANSWER_BOOL, false},
    [GATE_ROW_PROVEN_BY] = {"proven_by", "PROVEN BY", ANSWER_TEXT, false},
};

const struct answer_column gate_path_columns[GATE_PATH_COLUMNS] = {
    [GATE_PATH_NAME] = {"name", NULL, ANSWER_TEXT, false},
    [GATE_PATH_METHOD] = {"method", NULL, ANSWER_TEXT, false},
    [GATE_PATH_ASSUMED] = {"assumed", NULL, ANSWER_BOOL, false},
    [GATE_PATH_MIN] = {"min", NULL, ANSWER_INT, false},
    [GATE_PATH_ANSWER] = {"answer", NULL, ANSWER_TEXT, false},
};
const char gate_paths_kind[] = "paths";

const struct answer_column gate_evidence_columns[GATE_EVIDENCE_COLUMNS] = {
    [GATE_SEEN_PATH] = {"path", "PATH", ANSWER_TEXT, false},
    [GATE_SEEN_STAGE] = {"stage", "STAGE", ANSWER_TEXT, false},
    [GATE_SEEN_HOST] = {"host", "SERVER", ANSWER_TEXT, false},
    [GATE_SEEN_PART] = {"counts_as", "COUNTS AS", ANSWER_TEXT, true},
    [GATE_SEEN_VERDICT] = {"verdict", "VERDICT", ANSWER_TEXT, false},
    [GATE_SEEN_STARTUP] = {"startup_type", NULL, ANSWER_TEXT, false},
    [GATE_SEEN_READ] = {"read_at", "READ AT", ANSWER_TIME, false},
    [GATE_SEEN_BOOT] = {"boot_time", "BOOTED", ANSWER_TIME, false},
    [GATE_SEEN_OTHER] = {"same_machine_as", "SAME AS", ANSWER_TEXT, false},
    [GATE_SEEN_HELD_BY] = {"held_by", "HELD BY", ANSWER_TEXT, false},
};
const char gate_evidence_kind[] = "evidence";

const struct answer_column gate_wave_columns[GATE_WAVE_COLUMNS] = {
    [GATE_WAVE_NUMBER] = {"wave", "WAVE", ANSWER_INT, false},
    [GATE_WAVE_ANSWER] = {"answer", "ANSWER", ANSWER_TEXT, true},
    [GATE_WAVE_SERVERS] = {"servers", "SERVERS", ANSWER_TEXT, false},
    [GATE_WAVE_SENTENCE] = {"sentence", "WHY", ANSWER_TEXT, false},
};

const struct answer_column gate_text_column = {"text", NULL, ANSWER_TEXT, false};
const char gate_not_checked_kind[] = "not_checked";
const char gate_notes_kind[] = "notes";

const struct answer_column verify_answer_columns[VERIFY_ANSWER_COLUMNS] = {
    FRONT,
    [VERIFY_SINCE] = {"since", NULL, ANSWER_TIME, false},
    [VERIFY_CHANGE] = {"change", NULL, ANSWER_TEXT, false},
    [VERIFY_WAITED] = {"waited", NULL, ANSWER_BOOL, false},
    [VERIFY_PROVEN] = {"proven", NULL, ANSWER_INT, false},
    [VERIFY_LOST] = {"lost", NULL, ANSWER_INT, false},
    [VERIFY_BEFORE] = {"not_bound_before", NULL, ANSWER_INT, false},
    [VERIFY_REPAIRED] = {"repaired", NULL, ANSWER_INT, false},
    [VERIFY_NOT_REBOOTED] = {"not_rebooted", NULL, ANSWER_INT, false},
    [VERIFY_NOT_READ] = {"not_read", NULL, ANSWER_INT, false},
    [VERIFY_PENDING] = {"pending", NULL, ANSWER_INT, false},
    [VERIFY_RELEASED] = {"released", NULL, ANSWER_TEXT, false},
};

const struct answer_column verify_row_columns[VERIFY_ROW_COLUMNS] = {
    [VERIFY_ROW_HOST] = {"host", "SERVER", ANSWER_TEXT, false},
    [VERIFY_ROW_SITE] = {"site", "SITE", ANSWER_TEXT, false},
    [VERIFY_ROW_STATE] = {"state", "STATE", ANSWER_TEXT, true},
    [VERIFY_ROW_SERVICE] = {"expectation", "SERVICE", ANSWER_TEXT, false},
    [VERIFY_ROW_VERDICT] = {"verdict", "NOW", ANSWER_TEXT, false},
    [VERIFY_ROW_BEFORE] = {"verdict_before", "BEFORE", ANSWER_TEXT, false},
    [VERIFY_ROW_BOOT] = {"boot_time", "BOOTED", ANSWER_TIME, false},
    [VERIFY_ROW_READ] = {"read_at", "READ AT", ANSWER_TIME, false},
    [VERIFY_ROW_CHANGE] = {"held_by", "HELD BY", ANSWER_TEXT, false},
    [VERIFY_ROW_NOTE] = {"note", "NOTE", ANSWER_TEXT, false},
    [VERIFY_ROW_REMEDY] = {"remedy", NULL, ANSWER_TEXT, false},
};
