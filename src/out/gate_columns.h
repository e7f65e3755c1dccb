/* gate_columns: what the lines of gate and verify are made of, for the program that finds an answer
 * and the one that prints it. */
#ifndef PVSAUDIT_OUT_GATE_COLUMNS_H
#define PVSAUDIT_OUT_GATE_COLUMNS_H

#include "out/answer.h"

/* Of every answer, the members at the front of it. */
enum answer_front {
    FRONT_AS_OF,
    FRONT_SCAN,
    FRONT_STALE,
    FRONT_HOSTS,
    FRONT_READ,
    FRONT_CODE,
    FRONT_ANSWER,
    FRONT_SENTENCE,
    FRONT_COUNT
};

enum gate_answer_column {
    GATE_SERVERS = FRONT_COUNT,
    GATE_JUDGED,
    GATE_PLANNING,
    GATE_CHANGE,
    GATE_HELD_UNTIL,
    GATE_REASON,
    GATE_ANSWER_COLUMNS
};
extern const struct answer_column gate_answer_columns[GATE_ANSWER_COLUMNS];

enum gate_row_column {
    GATE_ROW_PATH,
    GATE_ROW_METHOD,
    GATE_ROW_ASSUMED,
    GATE_ROW_STAGE,
    GATE_ROW_ANSWER,
    GATE_ROW_PROVEN,
    GATE_ROW_MIN,
    GATE_ROW_UNREAD,
    GATE_ROW_PINNED,
    GATE_ROW_PROVEN_BY,
    GATE_ROW_COLUMNS
};
extern const struct answer_column gate_row_columns[GATE_ROW_COLUMNS];

enum gate_path_column {
    GATE_PATH_NAME,
    GATE_PATH_METHOD,
    GATE_PATH_ASSUMED,
    GATE_PATH_MIN,
    GATE_PATH_ANSWER,
    GATE_PATH_COLUMNS
};
extern const struct answer_column gate_path_columns[GATE_PATH_COLUMNS];
extern const char gate_paths_kind[];

enum gate_evidence_column {
    GATE_SEEN_PATH,
    GATE_SEEN_STAGE,
    GATE_SEEN_HOST,
    GATE_SEEN_PART,
    GATE_SEEN_VERDICT,
    GATE_SEEN_STARTUP,
    GATE_SEEN_READ,
    GATE_SEEN_BOOT,
    GATE_SEEN_OTHER,
    GATE_SEEN_HELD_BY,
    GATE_EVIDENCE_COLUMNS
};
extern const struct answer_column gate_evidence_columns[GATE_EVIDENCE_COLUMNS];
extern const char gate_evidence_kind[];

/* A wave of --plan. */
enum gate_wave_column {
    GATE_WAVE_NUMBER,
    GATE_WAVE_ANSWER,
    GATE_WAVE_SERVERS,
    GATE_WAVE_SENTENCE,
    GATE_WAVE_COLUMNS
};
extern const struct answer_column gate_wave_columns[GATE_WAVE_COLUMNS];

/* A list of sentences; the kinds of what was not checked and of what should be known. */
extern const struct answer_column gate_text_column;
extern const char gate_not_checked_kind[], gate_notes_kind[];

/* The board of verify. */
enum verify_answer_column {
    VERIFY_SINCE = FRONT_COUNT,
    VERIFY_CHANGE,
    VERIFY_WAITED,
    VERIFY_PROVEN,
    VERIFY_LOST,
    VERIFY_BEFORE,
    VERIFY_REPAIRED,
    VERIFY_NOT_REBOOTED,
    VERIFY_NOT_READ,
    VERIFY_PENDING,
    VERIFY_RELEASED,
    VERIFY_ANSWER_COLUMNS
};
extern const struct answer_column verify_answer_columns[VERIFY_ANSWER_COLUMNS];

enum verify_row_column {
    VERIFY_ROW_HOST,
    VERIFY_ROW_SITE,
    VERIFY_ROW_STATE,
    VERIFY_ROW_SERVICE,
    VERIFY_ROW_VERDICT,
    VERIFY_ROW_BEFORE,
    VERIFY_ROW_BOOT,
    VERIFY_ROW_READ,
    VERIFY_ROW_CHANGE,
    VERIFY_ROW_NOTE,
    VERIFY_ROW_REMEDY,
    VERIFY_ROW_COLUMNS
};
extern const struct answer_column verify_row_columns[VERIFY_ROW_COLUMNS];

#endif
