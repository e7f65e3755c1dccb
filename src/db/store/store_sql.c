/* store_sql: every statement of the writer, in one table. */
#include "db/store/store_sql.h"

#include "db/reading/observation.h"
#include "db/track/track_columns.h"

const struct statement_text store_sql[SQL_STORE_COUNT] = {
    [SQL_CONTENT_BY_HASH] = {"content by hash", "SELECT id, text FROM content WHERE hash = :hash"},
    [SQL_CONTENT_INSERT] = {"content insert",
                            "INSERT INTO content (hash, text) VALUES (:hash, :text)"},
    [SQL_CONTENT_BY_ID] = {"content by id", "SELECT text FROM content WHERE id = :id"},
    [SQL_SOURCE_BY_NAME] = {"source by name", "SELECT id FROM source WHERE name = :name"},
    [SQL_SOURCE_INSERT] = {"source insert", "INSERT INTO source (name) VALUES (:name)"},
    [SQL_HOST_BY_NAME] = {"host by name",
                          "SELECT id FROM host WHERE name = :name AND source_id = :source"},
    [SQL_HOST_INSERT] = {"host insert",
                         "INSERT INTO host (name, source_id) VALUES (:name, :source)"},
    [SQL_HOSTS_NAMED] = {"hosts by name", "SELECT h.id, h.name, h.source_id, s.name FROM host h"
                                          " JOIN source s ON s.id = h.source_id"
                                          " ORDER BY h.name, s.name"},
    [SQL_HOST_RETIRE] = {"host retire", "UPDATE host SET retired_ms = :time WHERE id = :host"},
    [SQL_HOST_RENAME] = {"host rename", "UPDATE host SET name = :name, retired_ms = NULL"
                                        " WHERE id = :host"},
    [SQL_HOST_DROP] = {"host drop", "DELETE FROM host WHERE id = :host"},
    [SQL_RENAMING_INSERT] = {"renaming insert",
                             "INSERT OR REPLACE INTO renaming (source_id, old_name, time_ms,"
                             " host_id) VALUES (:source, :name, :time, :host)"},
    [SQL_MACHINES_OF_HOST] = {"machines", "SELECT machine_id, computer_name FROM machine"
                                          " WHERE host_id = :host ORDER BY machine_no DESC"},
    [SQL_OBSERVATIONS_DROP] = {"observations drop",
                               "DELETE FROM observation WHERE host_id = :host"},
    [SQL_MOVE_EVIDENCE] = {"evidence move",
                           "UPDATE evidence SET host_id = :to WHERE host_id = :host"},
    [SQL_MOVE_HOLD] = {"hold move", "UPDATE hold SET host_id = :to WHERE host_id = :host"},
    [SQL_MOVE_DECISION_READING] = {"decision's reading move",
                                   "UPDATE decision_reading SET host_id = :to"
                                   " WHERE host_id = :host"},
    [SQL_MOVE_RENAMING] = {"renaming move",
                           "UPDATE renaming SET host_id = :to WHERE host_id = :host"},
    [SQL_DROP_ADDRESSES] = {"addresses drop", "DELETE FROM host_address WHERE host_id = :host"},
    [SQL_EXPECTATION_BY_NAME] = {"expectation by name",
                                 "SELECT id FROM expectation WHERE name = :name"},
    [SQL_EXPECTATION_INSERT] = {"expectation insert",
                                "INSERT INTO expectation (name) VALUES (:name)"},
    [SQL_SLOTS_OF_HOST] = {"addresses of a host",
                           "SELECT address FROM host_address WHERE host_id = "
                           ":host ORDER BY slot"},
    [SQL_SLOT_INSERT] = {"address insert", "INSERT INTO host_address (host_id, slot, address) "
                                           "VALUES (:host, :slot, :address)"},
    [SQL_SCAN_INSERT] =
        {"scan insert",
         "INSERT INTO scan (source_id, kind, coverage, outcome, start_ms, shift_ms, version,"
         " host_limit, inventory, scope_id, expectations_id, boot_paths_id)"
         " VALUES (:source, :kind, :coverage, 'running', :start, :shift, :version, :limit,"
         " :inventory, :scope, :expectations, :boot_paths)"},
    [SQL_SCAN_COUNT] = {"scan count",
                        "UPDATE scan SET visits = :visits, visits_read = :read, skewed = :skewed"
                        " WHERE id = :scan"},
    [SQL_SCAN_END] = {"scan end",
                      "UPDATE scan SET outcome = :outcome, start_ms = :start, end_ms = :end,"
                      " scope_id = ifnull(:scope, scope_id), visits = :visits,"
                      " visits_read = :read, skewed = :skewed WHERE id = :scan"},
    [SQL_SCAN_HOST] = {"scan's host", "SELECT h.name, s.os, s.site, s.farm, s.state FROM host h"
                                      " JOIN host_state s ON s.host_id = h.id WHERE h.id = :host"},
    [SQL_SCAN_DROP] = {"scan drop", "DELETE FROM scan WHERE id = :scan"},
    [SQL_SCAN_ABORT_DEAD] = {"scan abort",
                             "UPDATE scan SET outcome = 'aborted' WHERE source_id = :source"
                             " AND outcome = 'running'"},
    [SQL_SCAN_EXPECTATIONS] = {"scan's expectations",
                               "SELECT expectations_id FROM scan WHERE id = :scan"},
    [SQL_NEWEST_VISIT] = {"newest visit", "SELECT max(newest_ms) FROM host_state"},
    [SQL_OBSERVATION_EXISTS] = {"observation look-up",
                                "SELECT 1 FROM observation WHERE host_id = :host AND"
                                " time_ms = :time AND kind = :kind AND source_id = :source"
                                " UNION ALL SELECT 1 FROM (SELECT until_ms FROM observation"
                                " WHERE host_id = :host AND time_ms < :time AND kind = :kind"
                                " AND source_id = :source ORDER BY time_ms DESC LIMIT 1)"
                                " WHERE :kind = 1 AND until_ms = :time"},
    [SQL_OBSERVATION_LIGHT] =
        {"newest light observation",
         "SELECT time_ms, until_ms, boot_time_ms, host_clock_ms, uptime_ms,"
         " was_read = :read AND complete = :complete AND reason IS :reason AND code = :code"
         " AND detail_id IS :detail AND declaration_id IS :declaration AND access_id IS :access"
         " AND sections_id IS :sections AND machine_id IS :machine AND boot_id IS :boot"
         " AND services_id IS :services AND processes_id IS :processes"
         " AND addresses_id IS :addresses AND udp_id IS :udp AND tcp_id IS :tcp"
         " AND registry_id IS :registry AND extra_id IS :extra AND volatile_id IS :volatile"
         " AND (SELECT c.expectations_id FROM scan c WHERE c.id = scan_id)"
         " IS (SELECT c.expectations_id FROM scan c WHERE c.id = :scan)"
         " FROM observation WHERE host_id = :host AND time_ms <= :time AND kind = :kind"
         " AND source_id = :source ORDER BY time_ms DESC LIMIT 1"},
    [SQL_OBSERVATION_LONGER] = {"observation longer",
                                "UPDATE observation SET until_ms = :until"
                                " WHERE host_id = :host AND time_ms = :time AND kind = 1"
                                " AND source_id = :source"},
    [SQL_OBSERVATION_FULL] =
        {"full observation",
         "SELECT" OBSERVATION_COLUMNS
         "FROM observation o JOIN host h ON h.id = o.host_id JOIN source s ON s.id = o.source_id"
         " WHERE o.host_id = :host AND o.time_ms = :time AND o.kind = 0"},
    [SQL_OBSERVATION_INSERT] =
        {"observation insert",
         "INSERT INTO observation (host_id, time_ms, kind, source_id, scan_id, duration_ms,"
         " was_read, complete, reason, code, boot_time_ms, host_clock_ms, uptime_ms, detail_id,"
         " declaration_id, access_id, sections_id, machine_id, boot_id, services_id,"
         " processes_id, addresses_id, udp_id, tcp_id, registry_id, extra_id, volatile_id)"
         " VALUES (:host, :time, :kind, :source, :scan, :duration, :read, :complete, :reason,"
         " :code, :boot_time, :host_clock, :uptime, :detail, :declaration, :access, :sections,"
         " :machine, :boot, :services, :processes, :addresses, :udp, :tcp, :registry,"
         " :extra, :volatile)"},
    [SQL_OBSERVATIONS_OF_HOST] =
        {"observations of a host",
         "SELECT" OBSERVATION_COLUMNS
         "FROM observation o JOIN host h ON h.id = o.host_id JOIN source s ON s.id = o.source_id"
         " WHERE o.host_id = :host"
         " UNION ALL SELECT" OBSERVATION_REPEATED
         "FROM observation o JOIN host h ON h.id = o.host_id JOIN source s ON s.id = o.source_id"
         " WHERE o.host_id = :host AND o.until_ms IS NOT NULL" OBSERVATION_ORDER},
    [SQL_VOLATILE_BEFORE] = {"volatile before",
                             "SELECT v.id, v.bytes FROM observation o"
                             " JOIN volatile v ON v.id = o.volatile_id"
                             " WHERE o.host_id = :host AND o.time_ms <= :time"
                             " AND o.kind = :kind ORDER BY o.time_ms DESC LIMIT 1"},
    [SQL_VOLATILE_INSERT] = {"volatile insert", "INSERT INTO volatile (bytes) VALUES (:bytes)"},
    [SQL_VOLATILE_BY_ID] = {"volatile by id", "SELECT bytes FROM volatile WHERE id = :id"},
    [SQL_EVIDENCE_INSERT] =
        {"evidence insert",
         "INSERT OR IGNORE INTO evidence (host_id, time_ms, kind, source_id, raw_bytes, bytes)"
         " VALUES (:host, :time, :kind, :source, :raw_bytes, :bytes)"},
    [SQL_EVIDENCE_DROP] = {"evidence drop", "DELETE FROM evidence WHERE time_ms < :before"},
    [SQL_EVIDENCE_TRIM] = {"evidence trim",
                           "DELETE FROM evidence WHERE id IN (SELECT id FROM (SELECT id,"
                           " sum(length(bytes)) OVER (ORDER BY time_ms DESC, id DESC) AS newer"
                           " FROM evidence) WHERE newer > :max)"},
    [SQL_HOST_STATE] =
        {"host state",
         "SELECT rebuild, newest_ms, newest_kind, newest_source_id, first_ms, read_ms, os, site,"
         " farm, state, transport, machine_no, build_ms, machine_text_id, boot_no,"
         " boot_reading_ms, boot_clock_ms, boot_uptime_ms, boot_facts, boot_suspect,"
         " full_ms, changed_ms, light_ms"
         " FROM host_state WHERE host_id = :host"},
    [SQL_HOST_STATE_PUT] =
        {"host state put",
         "INSERT OR REPLACE INTO host_state (host_id, rebuild, newest_ms, newest_kind,"
         " newest_source_id, first_ms, read_ms, os, site, farm, state, transport, machine_no,"
         " build_ms, machine_text_id, boot_no, boot_reading_ms, boot_clock_ms, boot_uptime_ms, "
         "boot_facts,"
         " boot_suspect, full_ms, changed_ms, light_ms) VALUES (:host, :rebuild, :newest, "
         ":newest_kind, "
         ":newest_source, :first,"
         " :read, :os, :site, :farm, :state, :transport, :machine_no, :build, :machine_text, "
         ":boot_no,"
         " :boot_reading, :boot_clock, :boot_uptime, :boot_facts, :boot_suspect, :full,"
         " :changed, :light)"},
    [SQL_HOST_STATE_LIGHT] = {"host's newest light row",
                              "UPDATE host_state SET light_ms = ifnull((SELECT max(time_ms)"
                              " FROM observation WHERE host_id = :host AND kind = 1), 0)"
                              " WHERE host_id = :host"},
    [SQL_HOST_STATE_NEW_LIGHT] = {"host's new light row",
                                  "UPDATE host_state SET light_ms = max(light_ms, :time)"
                                  " WHERE host_id = :host"},
    [SQL_HOST_STATE_MARK] = {"host mark", "UPDATE host_state SET rebuild = 1"
                                          " WHERE host_id = :host"},
    [SQL_HOSTS_TO_REBUILD] = {"hosts to rebuild",
                              "SELECT host_id FROM host_state WHERE rebuild <> 0"},
    [SQL_HOSTS_ALL] = {"hosts", "SELECT id FROM host ORDER BY id"},
    [SQL_MACHINE_GET] = {"machine",
                         "SELECT first_ms, machine_id, computer_name, host_key FROM machine"
                         " WHERE host_id = :host AND machine_no = :no"},
    [SQL_MACHINE_PUT] =
        {"machine put", "INSERT OR REPLACE INTO machine (host_id, machine_no, first_ms, machine_id,"
                        " computer_name, host_key) VALUES (:host, :no, :first, :id, :name, :key)"},
    [SQL_BUILD_GET] = {"build", "SELECT os_name, os_build, pvs_build FROM build"
                                " WHERE host_id = :host AND first_ms = :first"},
    [SQL_BUILD_PUT] =
        {"build put",
         "INSERT OR REPLACE INTO build (host_id, first_ms, os_name, os_build, pvs_build)"
         " VALUES (:host, :first, :os_name, :os_build, :pvs_build)"},
    [SQL_BOOT_PUT] =
        {"boot put",
         "INSERT OR REPLACE INTO boot (host_id, boot_no, machine_no, boot_time_ms, first_ms,"
         " last_ms, previous_ms, boot_id, weak) VALUES (:host, :no, :machine_no, :boot_time,"
         " :first, :last, :previous, :boot_id, :weak)"},
    [SQL_BOOT_LONGER] = {"boot longer",
                         "UPDATE boot SET last_ms = :last, boot_time_ms = ifnull(boot_time_ms,"
                         " :boot_time), boot_id = ifnull(boot_id, :boot_id)"
                         " WHERE host_id = :host AND boot_no = :no"},
    /* The columns that track_row_load reads, in its order. */
    [SQL_TRACKS_OF_HOST] =
        {"tracks of a host",
         "SELECT e.name, w.expectation_id, w.ever_bound, w.ever_installed,"
         " w.last_startup, w.startup_was, w.startup_until_ms, w.startup_kept, w.startup_before,"
         " w.reverted, w.owner, w.owner_was, w.owner_boot, w.pid, w.pid_boot, w.pid_since_ms, "
         "w.pending_boot, w.pending_since_ms,"
         " w.good_ms, w.good_boot, w.decided, w.decided_ms, w.opened_boot, "
         "w.restarted_boot," SPAN_COLUMNS "," GAP_COLUMNS "," FINDING_COLUMNS
         " FROM watch w JOIN expectation e ON e.id = w.expectation_id"
         " LEFT JOIN span s ON s.host_id = w.host_id AND s.expectation_id = w.expectation_id"
         "  AND s.first_ms = w.span_ms"
         " LEFT JOIN gap g ON g.host_id = w.host_id AND g.expectation_id = w.expectation_id"
         "  AND g.first_ms = w.gap_ms"
         " LEFT JOIN finding f ON f.host_id = w.host_id AND f.expectation_id = w.expectation_id"
         "  AND f.first_bad_ms = w.finding_ms"
         " WHERE w.host_id = :host"},
    [SQL_TRACK_PUT] =
        {"track put",
         "INSERT OR REPLACE INTO watch (host_id, expectation_id, ever_bound, ever_installed,"
         " last_startup, startup_was, startup_until_ms, startup_kept, startup_before, reverted,"
         " owner, owner_was, owner_boot, pid, pid_boot, pid_since_ms, pending_boot,"
         " pending_since_ms, good_ms, good_boot, decided, decided_ms, opened_boot,"
         " restarted_boot, span_ms, gap_ms, finding_ms) VALUES (:host, :expectation, :ever_bound,"
         " :ever_installed, :last_startup, :startup_was, :startup_until, :startup_kept,"
         " :startup_before, :reverted, :owner, :owner_was, :owner_boot, :pid, :pid_boot, "
         ":pid_since,"
         " :pending_boot, :pending_since, :good, :good_boot, :decided, :decided_ms,"
         " :opened_boot, :restarted_boot, :span, :gap, :finding)"},
    [SQL_SPAN_CLOSE] = {"span close", "UPDATE span SET closed = :closed WHERE host_id = :host AND"
                                      " expectation_id = :expectation AND first_ms = :first"},
    [SQL_SPAN_PUT] =
        {"span put",
         "INSERT OR REPLACE INTO span (host_id, expectation_id, first_ms, last_ms, boot_no,"
         " machine_no, opening, restarted, reverted, conflict, verdict, detail, expected_by,"
         " port, pid, process_created_ms, service_state, startup, startup_was,"
         " startup_until_ms, canary, exit_code, holder_address, holder_port, holder_pid,"
         " holder_created_ms, holder_image, owner_was, closed)"
         " VALUES (:host, :expectation, :first, :last, :boot_no, :machine_no, :opening,"
         " :restarted, :reverted, :conflict, :verdict, :detail, :expected_by, :port, :pid,"
         " :process_created, :service_state, :startup, :startup_was, :startup_until,"
         " :canary, :exit_code, :holder_address, :holder_port, :holder_pid, :holder_created,"
         " :holder_image, :owner_was, NULL)"},
    [SQL_SPAN_LONGER] = {"span longer", "UPDATE span SET last_ms = :last WHERE host_id = :host AND"
                                        " expectation_id = :expectation AND first_ms = :first"},
    [SQL_GAP_PUT] = {"gap put",
                     "INSERT OR REPLACE INTO gap (host_id, expectation_id, first_ms, last_ms,"
                     " reason, detail, code) VALUES (:host, :expectation, :first, :last, :reason,"
                     " :detail, :code)"},
    [SQL_GAP_LONGER] = {"gap longer", "UPDATE gap SET last_ms = :last WHERE host_id = :host AND"
                                      " expectation_id = :expectation AND first_ms = :first"},
    [SQL_FINDING_PUT] =
        {"finding put",
         "INSERT OR REPLACE INTO finding (host_id, expectation_id, first_bad_ms, last_bad_ms,"
         " finding, boot_no, boot_known, bad_boot, last_good_ms, ended_ms, ended)"
         " VALUES (:host, :expectation, :first, :last, :finding, :boot_no, :boot_known,"
         " :bad_boot, :last_good, :ended_ms, :ended)"},
    [SQL_HOLDS_IN_FORCE] =
        {"holds in force",
         "SELECT o.id, h.name, o.change, o.held_by, o.from_ms, o.until_ms FROM hold o"
         " JOIN host h ON h.id = o.host_id WHERE h.source_id = :source"
         " AND o.released_ms IS NULL AND o.until_ms > :now ORDER BY o.id"},
    [SQL_HOLD_INSERT] = {"hold insert",
                         "INSERT INTO hold (host_id, change, from_ms, until_ms, held_by, reason)"
                         " VALUES (:host, :change, :from, :until, :by, :reason)"},
    [SQL_HOLD_RELEASE] = {"hold release", "UPDATE hold SET released_ms = :now, released_by = :by"
                                          " WHERE id = :hold AND released_ms IS NULL"},
    [SQL_DECISION_INSERT] =
        {"decision insert",
         "INSERT INTO decision (time_ms, kind, asked_by, change, answer, sentence, hold_id)"
         " VALUES (:time, :kind, :by, :change, :answer, :sentence, :hold)"},
    [SQL_DECISION_READING] =
        {"decision's reading",
         "INSERT OR IGNORE INTO decision_reading (decision_id, host_id, time_ms, kind, source_id)"
         " VALUES (:decision, :host, :time, :kind, :source)"},
    [SQL_WIPE_HOST_STATE] = {"wipe host state", "DELETE FROM host_state WHERE host_id = :host"},
    [SQL_WIPE_MACHINE] = {"wipe machine", "DELETE FROM machine WHERE host_id = :host"},
    [SQL_WIPE_BUILD] = {"wipe build", "DELETE FROM build WHERE host_id = :host"},
    [SQL_WIPE_BOOT] = {"wipe boot", "DELETE FROM boot WHERE host_id = :host"},
    [SQL_WIPE_WATCH] = {"wipe watch", "DELETE FROM watch WHERE host_id = :host"},
    [SQL_WIPE_SPAN] = {"wipe span", "DELETE FROM span WHERE host_id = :host"},
    [SQL_WIPE_GAP] = {"wipe gap", "DELETE FROM gap WHERE host_id = :host"},
    [SQL_WIPE_FINDING] = {"wipe finding", "DELETE FROM finding WHERE host_id = :host"},
};
