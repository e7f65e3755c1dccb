/* query_sql: every statement of the reader, in one table. */
#include "db/query/query_sql.h"

#include "db/reading/observation.h"
#include "db/track/track_columns.h"

#define FROM_OBSERVATION \
    "FROM observation o JOIN host h ON h.id = o.host_id JOIN source s ON s.id = o.source_id"
/* The newest light row of a host, where it was repeated: by its key, of which host_state knows. */
#define REPEATED_BEFORE                                                                  \
    " JOIN host_state t ON t.host_id = o.host_id WHERE o.host_id = :host AND o.kind = 1" \
    " AND o.time_ms = t.light_ms AND o.until_ms <= :time"
#define NEWEST_FIRST " ORDER BY o.time_ms DESC, o.kind DESC, o.source_id DESC LIMIT 1"

/* Of a host h and a visit o of it: nobody retired it later, by :time. */
#define NOT_RETIRED "(h.retired_ms IS NULL OR h.retired_ms > :time OR h.retired_ms < o.time_ms)"

const struct statement_text query_sql[ASK_COUNT] = {
    [ASK_CONTENT_BY_HASH] = {"content by hash", "SELECT id, text FROM content WHERE hash = :hash"},
    [ASK_CONTENT_BY_ID] = {"content by id", "SELECT text FROM content WHERE id = :id"},
    [ASK_SLOTS_OF_HOST] = {"addresses of a host",
                           "SELECT address FROM host_address WHERE host_id = :host ORDER BY slot"},
    [ASK_VOLATILE_BY_ID] = {"volatile by id", "SELECT bytes FROM volatile WHERE id = :id"},
    [ASK_HOSTS] = {"hosts", "SELECT h.id, h.name, h.source_id, s.name FROM host h"
                            " JOIN source s ON s.id = h.source_id ORDER BY h.name, s.name"},
    [ASK_HOSTS_BY_NAME] = {"hosts by name", "SELECT id FROM host WHERE name = :name LIMIT 2"},
    [ASK_NEWEST_OF_HOST] = {"newest visit of a host",
                            "SELECT" OBSERVATION_COLUMNS FROM_OBSERVATION
                            " WHERE o.host_id = :host AND o.time_ms <= :time"
                            " UNION ALL SELECT" OBSERVATION_REPEATED FROM_OBSERVATION
                                REPEATED_BEFORE OBSERVATION_NEWEST},
    [ASK_READ_OF_HOST] = {"newest reading of a host",
                          "SELECT" OBSERVATION_COLUMNS FROM_OBSERVATION
                          " WHERE o.host_id = :host AND o.time_ms <= :time"
                          " AND o.was_read = 1"
                          " UNION ALL SELECT" OBSERVATION_REPEATED FROM_OBSERVATION REPEATED_BEFORE
                          " AND o.was_read = 1" OBSERVATION_NEWEST},
    [ASK_FULL_OF_HOST] = {"newest full reading of a host",
                          "SELECT" OBSERVATION_COLUMNS FROM_OBSERVATION
                          " WHERE o.host_id = :host AND o.time_ms <= :time"
                          " AND o.was_read = 1 AND o.kind = 0" NEWEST_FIRST},
    [ASK_READ_TIME] = {"time of a reading",
                       "SELECT time_ms FROM observation WHERE host_id = :host"
                       " AND time_ms <= :time AND was_read = 1"
                       " UNION ALL SELECT o.until_ms FROM observation o" REPEATED_BEFORE
                       " AND o.was_read = 1"
                       " ORDER BY 1 DESC LIMIT 1"},
    [ASK_FULL_TIME] = {"time of a full reading",
                       "SELECT time_ms FROM observation WHERE host_id = :host"
                       " AND time_ms <= :time AND was_read = 1 AND kind = 0"
                       " ORDER BY time_ms DESC LIMIT 1"},
    [ASK_FIRST_TIME] = {"time of the first visit",
                        "SELECT min(time_ms) FROM observation WHERE host_id = :host"},
    [ASK_VISITS_OF_HOST] = {"visits of a host",
                            "SELECT" OBSERVATION_COLUMNS FROM_OBSERVATION
                            " WHERE o.host_id = :host AND o.time_ms BETWEEN :from AND :to"
                            " UNION ALL SELECT" OBSERVATION_REPEATED FROM_OBSERVATION
                            " WHERE o.host_id = :host AND o.until_ms BETWEEN :from AND :to"
                            " AND o.until_ms IS NOT NULL" OBSERVATION_ORDER},
    [ASK_VISITS_OF_ALL] = {"visits of all",
                           "SELECT" OBSERVATION_COLUMNS FROM_OBSERVATION
                           " WHERE o.time_ms BETWEEN :from AND :to"
                           " UNION ALL SELECT" OBSERVATION_REPEATED FROM_OBSERVATION
                           " WHERE o.until_ms BETWEEN :from AND :to"
                           " AND o.until_ms IS NOT NULL ORDER BY 5, 2, 3, 4"},
    [ASK_FLEET_SCANS] = {"scans of the fleet",
                         "SELECT c.source_id, s.name, c.start_ms, c.scope_id, c.expectations_id"
                         " FROM scan c JOIN source s ON s.id = c.source_id"
                         " WHERE c.coverage = 'fleet' AND c.kind = 0 AND c.start_ms <= :time"
                         " ORDER BY c.start_ms, c.id"},
    [ASK_COMPLETE_SCAN] = {"complete scan of the fleet",
                           "SELECT start_ms, end_ms, scope_id, source_id FROM scan"
                           " WHERE outcome = 'complete' AND coverage = 'fleet' AND kind = 0"
                           " AND start_ms <= :time AND end_ms <= :time"
                           " ORDER BY start_ms DESC, id DESC LIMIT 1"},
    [ASK_COMPLETE_INGESTS] = {"complete ingest runs",
                              "SELECT id, start_ms, min(end_ms, :time) AS last_ms, scope_id"
                              " FROM scan WHERE outcome = 'complete' AND coverage = 'ingest'"
                              " AND source_id = :source AND start_ms <= :time"
                              " ORDER BY last_ms DESC, id DESC"},
    [ASK_NEWEST_OF_SCAN] = {"newest visit of a host in a scan",
                            "SELECT time_ms FROM observation"
                            " WHERE host_id = (SELECT id FROM host WHERE name = :name"
                            " AND source_id = :source)"
                            " AND time_ms BETWEEN :from AND :to AND scan_id = :scan AND kind = 0"
                            " ORDER BY time_ms DESC LIMIT 1"},
    [ASK_KNOWN_HOSTS] = {"hosts known by a time",
                         "SELECT name FROM host h WHERE h.source_id = :source"
                         " AND EXISTS (SELECT 1 FROM observation o WHERE o.host_id = h.id"
                         " AND o.time_ms <= :time AND " NOT_RETIRED ") ORDER BY name"},
    [ASK_RETIRED] = {"retired by a person", "SELECT retired_ms FROM host WHERE id = :host"
                                            " AND retired_ms BETWEEN :newest AND :time"},
    [ASK_RENAMED_SINCE] = {"renamed since", "SELECT r.old_name, h.name FROM renaming r"
                                            " JOIN host h ON h.id = r.host_id"
                                            " WHERE r.source_id = :source AND r.time_ms >= :from"
                                            " ORDER BY r.time_ms DESC"},
    [ASK_RETIRED_SINCE] = {"retired since", "SELECT name FROM host h WHERE h.source_id = :source"
                                            " AND h.retired_ms BETWEEN :from AND :time"
                                            " AND NOT EXISTS (SELECT 1 FROM observation o"
                                            " WHERE o.host_id = h.id AND o.time_ms <= :time"
                                            " AND o.time_ms > h.retired_ms)"},
    [ASK_KNOWN_SOURCES] = {"sources known by a time",
                           "SELECT id FROM source s WHERE EXISTS (SELECT 1 FROM host h"
                           " JOIN observation o ON o.host_id = h.id"
                           " WHERE h.source_id = s.id AND o.time_ms <= :time"
                           " AND " NOT_RETIRED ")"},
    [ASK_SCAN_EXPECTATIONS] = {"scan's expectations",
                               "SELECT expectations_id FROM scan WHERE id = :scan"},
    [ASK_OS_OF_HOST] = {"os of a host", "SELECT os FROM host_state WHERE host_id = :host"},
    [ASK_EXPECTATIONS] = {"expectations", "SELECT id, name FROM expectation"},
    [ASK_SPANS_BEFORE] = {"spans", "SELECT" SPAN_COLUMNS "FROM span s WHERE s.host_id = :host"
                                   " AND s.expectation_id = :expectation AND s.first_ms <= :time"
                                   " ORDER BY s.first_ms DESC"},
    [ASK_GAP_BEFORE] = {"gap", "SELECT" GAP_COLUMNS "FROM gap g WHERE g.host_id = :host"
                               " AND g.expectation_id = :expectation AND g.first_ms <= :time"
                               " ORDER BY g.first_ms DESC LIMIT 1"},
    [ASK_FINDING_BEFORE] = {"finding",
                            "SELECT" FINDING_COLUMNS "FROM finding f WHERE f.host_id = :host"
                            " AND f.expectation_id = :expectation AND f.first_bad_ms <= :time"
                            " ORDER BY f.first_bad_ms DESC LIMIT 1"},
    [ASK_BOOT_BEFORE] = {"boot at a time",
                         "SELECT boot_no, boot_time_ms, first_ms, machine_no FROM boot"
                         " WHERE host_id = :host AND first_ms <= :time"
                         " ORDER BY boot_no DESC LIMIT 1"},
    [ASK_BOOT] = {"boot", "SELECT boot_no, boot_time_ms, first_ms, machine_no FROM boot"
                          " WHERE host_id = :host AND boot_no = :no"},
    [ASK_MACHINE_BEFORE] = {"machine at a time", "SELECT machine_id, computer_name FROM machine"
                                                 " WHERE host_id = :host AND first_ms <= :time"
                                                 " ORDER BY machine_no DESC LIMIT 1"},
    [ASK_MACHINES_OF_HOST] = {"machines of a host",
                              "SELECT first_ms, machine_id, computer_name FROM machine"
                              " WHERE host_id = :host AND first_ms <= :time"
                              " ORDER BY machine_no DESC LIMIT 2"},
    [ASK_BOOTS_OF_HOST] = {"boots of a host",
                           "SELECT boot_no, boot_time_ms, first_ms, last_ms, previous_ms FROM boot"
                           " WHERE host_id = :host AND first_ms <= :time ORDER BY boot_no"},
    [ASK_BUILDS_OF_HOST] = {"builds of a host",
                            "SELECT first_ms, os_name, os_build, pvs_build FROM build"
                            " WHERE host_id = :host AND first_ms <= :time ORDER BY first_ms"},
    [ASK_OPENINGS_OF_HOST] = {"first decisive readings of a host's boots",
                              "SELECT p.expectation_id, p.boot_no, p.first_ms, p.verdict,"
                              " p.startup, p.restarted, p.process_created_ms, p.holder_created_ms,"
                              " (SELECT o.boot_time_ms FROM observation o"
                              " WHERE o.host_id = p.host_id AND o.time_ms = p.first_ms"
                              " AND o.was_read = 1 ORDER BY o.kind DESC LIMIT 1)"
                              " FROM span p WHERE p.host_id = :host AND p.opening = 1"
                              " AND p.first_ms <= :time ORDER BY p.expectation_id, p.first_ms"},
    [ASK_FIRST_JUDGED] = {"first judgement of an expectation",
                          "SELECT min(ifnull((SELECT min(first_ms) FROM span WHERE host_id = :host"
                          " AND expectation_id = :expectation), :time + 1),"
                          " ifnull((SELECT min(first_ms) FROM gap WHERE host_id = :host"
                          " AND expectation_id = :expectation), :time + 1))"},
    [ASK_HOLD_AT] = {"hold in force at a time",
                     "SELECT change FROM hold WHERE host_id = :host AND until_ms >= :time"
                     " AND from_ms <= :time AND (released_ms IS NULL OR released_ms >= :time)"
                     " ORDER BY from_ms DESC LIMIT 1"},
    [ASK_READ_BETWEEN] = {"full readings of a host between two times",
                          "SELECT" OBSERVATION_COLUMNS FROM_OBSERVATION
                          " WHERE o.host_id = :host AND o.time_ms BETWEEN :from AND :to"
                          " AND o.was_read = 1 AND o.kind = 0 ORDER BY o.time_ms, o.source_id"},
    [ASK_OUTCOMES_BETWEEN] = {"what came of the visits of a host between two times",
                              "SELECT o.time_ms, o.was_read, o.complete, o.reason, d.text"
                              " FROM observation o LEFT JOIN content d ON d.id = o.detail_id"
                              " WHERE o.host_id = :host AND o.time_ms BETWEEN :from AND :to"
                              " ORDER BY o.time_ms, o.kind, o.source_id"},
    [ASK_VISIT_OUTCOMES] = {"what came of the visits of a host",
                            "SELECT o.time_ms, o.was_read, o.reason, d.text FROM observation o"
                            " LEFT JOIN content d ON d.id = o.detail_id"
                            " WHERE o.host_id = :host AND o.time_ms <= :time"
                            " ORDER BY o.time_ms, o.kind, o.source_id"},
    [ASK_SPANS_OF_HOST] = {"spans of a host", "SELECT s.expectation_id," SPAN_COLUMNS
                                              "FROM span s WHERE s.host_id = :host"
                                              " AND s.first_ms <= :time"},
    [ASK_GAPS_OF_HOST] = {"gaps of a host", "SELECT g.expectation_id," GAP_COLUMNS
                                            "FROM gap g WHERE g.host_id = :host"
                                            " AND g.first_ms <= :time"},
    [ASK_FINDINGS_OF_HOST] = {"findings of a host", "SELECT f.expectation_id," FINDING_COLUMNS
                                                    "FROM finding f WHERE f.host_id = :host"
                                                    " AND f.first_bad_ms <= :time"},
    [ASK_MACHINES_BETWEEN] = {"machines that a host was",
                              "SELECT first_ms, machine_id, computer_name FROM machine"
                              " WHERE host_id = :host AND first_ms <= :time ORDER BY machine_no"},
    [ASK_SCANS] = {"scans", "SELECT s.name, c.kind, c.coverage, c.outcome, c.start_ms, c.end_ms,"
                            " c.shift_ms, c.visits, c.visits_read, c.skewed, c.version,"
                            " c.host_limit, c.inventory FROM scan c"
                            " JOIN source s ON s.id = c.source_id"
                            " WHERE c.start_ms BETWEEN :from AND :to"
                            " ORDER BY c.start_ms, c.id"},
    [ASK_DECISIONS] =
        {"decisions",
         "SELECT d.id, d.time_ms, d.kind, d.asked_by, d.change, d.answer, d.sentence, h.name,"
         " o.until_ms, o.released_ms, o.released_by FROM decision d"
         " LEFT JOIN hold o ON o.id = d.hold_id LEFT JOIN host h ON h.id = o.host_id"
         " WHERE d.time_ms BETWEEN :from AND :to AND (:change IS NULL OR d.change = :change)"
         " ORDER BY d.time_ms, d.id"},
    [ASK_READINGS_OF_DECISION] = {"readings of a decision",
                                  "SELECT h.name, r.time_ms FROM decision_reading r"
                                  " JOIN host h ON h.id = r.host_id WHERE r.decision_id = :decision"
                                  " ORDER BY h.name, r.time_ms"},
};
