-- The history, version 1: what was seen (truth), and what was concluded from it (derived).
-- What each table means in plain words: schema/README.md. Times are milliseconds since 1970, UTC.
PRAGMA application_id = 1347834689;
PRAGMA user_version = 1;

-- Truth: append-only.

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    name TEXT NOT NULL,
    retired_ms INTEGER,
    UNIQUE (name, source_id)
) STRICT;

CREATE TABLE renaming (
    source_id INTEGER NOT NULL REFERENCES source (id),
    old_name TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    host_id INTEGER NOT NULL REFERENCES host (id),
    PRIMARY KEY (source_id, old_name, time_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE expectation (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE content (
    id INTEGER PRIMARY KEY,
    hash INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX content_by_hash ON content (hash);

CREATE TABLE volatile (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE host_address (
    host_id INTEGER NOT NULL REFERENCES host (id),
    slot INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (host_id, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    coverage TEXT NOT NULL CHECK (coverage IN ('fleet', 'limited', 'ingest')),
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'complete', 'interrupted', 'aborted')),
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,
    shift_ms INTEGER NOT NULL DEFAULT 0,
    version TEXT,
    host_limit TEXT,
    inventory TEXT,
    scope_id INTEGER REFERENCES content (id),
    expectations_id INTEGER REFERENCES content (id),
    boot_paths_id INTEGER REFERENCES content (id),
    visits INTEGER NOT NULL DEFAULT 0,
    visits_read INTEGER NOT NULL DEFAULT 0,
    skewed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX scan_by_start ON scan (start_ms);

CREATE TABLE observation (
    host_id INTEGER NOT NULL REFERENCES host (id),
    time_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    source_id INTEGER NOT NULL REFERENCES source (id),
    scan_id INTEGER NOT NULL REFERENCES scan (id),
    duration_ms INTEGER NOT NULL,
    was_read INTEGER NOT NULL CHECK (was_read IN (0, 1)),
    complete INTEGER NOT NULL,
    reason TEXT,
    code INTEGER NOT NULL,
    boot_time_ms INTEGER,
    host_clock_ms INTEGER,
    uptime_ms INTEGER,
    detail_id INTEGER REFERENCES content (id),
    declaration_id INTEGER REFERENCES content (id),
    access_id INTEGER REFERENCES content (id),
    sections_id INTEGER REFERENCES content (id),
    machine_id INTEGER REFERENCES content (id),
    boot_id INTEGER REFERENCES content (id),
    services_id INTEGER REFERENCES content (id),
    processes_id INTEGER REFERENCES content (id),
    addresses_id INTEGER REFERENCES content (id),
    udp_id INTEGER REFERENCES content (id),
    tcp_id INTEGER REFERENCES content (id),
    registry_id INTEGER REFERENCES content (id),
    extra_id INTEGER REFERENCES content (id),
    volatile_id INTEGER REFERENCES volatile (id),
    until_ms INTEGER CHECK (until_ms IS NULL OR (kind = 1 AND until_ms > time_ms)),
    PRIMARY KEY (host_id, time_ms, kind, source_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    host_id INTEGER NOT NULL REFERENCES host (id),
    time_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES source (id),
    raw_bytes INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (host_id, time_ms, kind, source_id)
) STRICT;
CREATE INDEX evidence_by_age ON evidence (time_ms);

-- A hold says that a change has claimed a server; a decision says who was told what, on which
-- readings. Both name readings by source, host, time and kind: ids never leave a file.

CREATE TABLE hold (
    id INTEGER PRIMARY KEY,
    host_id INTEGER NOT NULL REFERENCES host (id),
    change TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    released_ms INTEGER,
    released_by TEXT,
    held_by TEXT NOT NULL,
    reason TEXT
) STRICT;
CREATE INDEX hold_by_host ON hold (host_id, until_ms);

CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    time_ms INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('gate', 'verify', 'hold', 'release', 'override')),
    asked_by TEXT NOT NULL,
    change TEXT,
    answer TEXT NOT NULL,
    sentence TEXT NOT NULL,
    hold_id INTEGER REFERENCES hold (id)
) STRICT;

CREATE TABLE decision_reading (
    decision_id INTEGER NOT NULL REFERENCES decision (id),
    host_id INTEGER NOT NULL REFERENCES host (id),
    time_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES source (id),
    PRIMARY KEY (decision_id, host_id, time_ms, kind, source_id)
) STRICT, WITHOUT ROWID;

-- Derived: can be dropped and replayed from the truth.

CREATE TABLE host_state (
    host_id INTEGER PRIMARY KEY REFERENCES host (id),
    rebuild INTEGER NOT NULL,
    newest_ms INTEGER NOT NULL,
    newest_kind INTEGER NOT NULL,
    newest_source_id INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    read_ms INTEGER NOT NULL,
    full_ms INTEGER NOT NULL,
    light_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    os TEXT,
    site TEXT,
    farm TEXT,
    state TEXT,
    transport TEXT,
    machine_no INTEGER NOT NULL,
    build_ms INTEGER NOT NULL,
    machine_text_id INTEGER NOT NULL,
    boot_no INTEGER NOT NULL,
    boot_reading_ms INTEGER NOT NULL,
    boot_clock_ms INTEGER NOT NULL,
    boot_uptime_ms INTEGER NOT NULL,
    boot_facts TEXT,
    boot_suspect INTEGER NOT NULL
) STRICT;
CREATE INDEX host_state_to_rebuild ON host_state (rebuild) WHERE rebuild <> 0;

CREATE TABLE machine (
    host_id INTEGER NOT NULL REFERENCES host (id),
    machine_no INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    machine_id TEXT,
    computer_name TEXT,
    host_key TEXT,
    PRIMARY KEY (host_id, machine_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX machine_by_identity ON machine (machine_id) WHERE machine_id IS NOT NULL;

CREATE TABLE build (
    host_id INTEGER NOT NULL REFERENCES host (id),
    first_ms INTEGER NOT NULL,
    os_name TEXT,
    os_build TEXT,
    pvs_build TEXT,
    PRIMARY KEY (host_id, first_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE boot (
    host_id INTEGER NOT NULL REFERENCES host (id),
    boot_no INTEGER NOT NULL,
    machine_no INTEGER NOT NULL,
    boot_time_ms INTEGER,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    previous_ms INTEGER,
    boot_id TEXT,
    weak INTEGER NOT NULL,
    PRIMARY KEY (host_id, boot_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE watch (
    host_id INTEGER NOT NULL REFERENCES host (id),
    expectation_id INTEGER NOT NULL REFERENCES expectation (id),
    ever_bound INTEGER NOT NULL,
    ever_installed INTEGER NOT NULL,
    last_startup TEXT NOT NULL,
    startup_was TEXT NOT NULL,
    startup_until_ms INTEGER NOT NULL,
    startup_kept TEXT NOT NULL,
    startup_before TEXT NOT NULL,
    reverted INTEGER NOT NULL,
    owner TEXT,
    owner_was TEXT,
    owner_boot INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    pid_boot INTEGER NOT NULL,
    pid_since_ms INTEGER NOT NULL,
    pending_boot INTEGER NOT NULL,
    pending_since_ms INTEGER NOT NULL,
    good_ms INTEGER NOT NULL,
    good_boot INTEGER NOT NULL,
    decided TEXT NOT NULL,
    decided_ms INTEGER NOT NULL,
    opened_boot INTEGER NOT NULL,
    restarted_boot INTEGER NOT NULL,
    span_ms INTEGER NOT NULL,
    gap_ms INTEGER NOT NULL,
    finding_ms INTEGER NOT NULL,
    PRIMARY KEY (host_id, expectation_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE span (
    host_id INTEGER NOT NULL REFERENCES host (id),
    expectation_id INTEGER NOT NULL REFERENCES expectation (id),
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    boot_no INTEGER NOT NULL,
    machine_no INTEGER NOT NULL,
    opening INTEGER NOT NULL,
    restarted INTEGER NOT NULL,
    reverted INTEGER NOT NULL,
    conflict INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    detail TEXT,
    expected_by TEXT NOT NULL,
    port INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    process_created_ms INTEGER NOT NULL,
    service_state TEXT NOT NULL,
    startup TEXT NOT NULL,
    startup_was TEXT NOT NULL,
    startup_until_ms INTEGER NOT NULL,
    canary TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    holder_address TEXT,
    holder_port INTEGER NOT NULL,
    holder_pid INTEGER NOT NULL,
    holder_created_ms INTEGER NOT NULL,
    holder_image TEXT,
    owner_was TEXT,
    closed TEXT CHECK (closed IN ('changed', 'reboot', 'replaced')),
    PRIMARY KEY (host_id, expectation_id, first_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
    host_id INTEGER NOT NULL REFERENCES host (id),
    expectation_id INTEGER NOT NULL REFERENCES expectation (id),
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    code INTEGER NOT NULL,
    PRIMARY KEY (host_id, expectation_id, first_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    host_id INTEGER NOT NULL REFERENCES host (id),
    expectation_id INTEGER NOT NULL REFERENCES expectation (id),
    first_bad_ms INTEGER NOT NULL,
    last_bad_ms INTEGER NOT NULL,
    finding TEXT NOT NULL,
    boot_no INTEGER NOT NULL,
    boot_known INTEGER NOT NULL,
    bad_boot INTEGER NOT NULL,
    last_good_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    ended TEXT CHECK (ended IN ('recovered-by-restart', 'recovered-by-reboot', 'recovered',
                                'not-expected', 'replaced')),
    PRIMARY KEY (host_id, expectation_id, first_bad_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_open ON finding (first_bad_ms) WHERE ended_ms IS NULL;
CREATE INDEX finding_by_end ON finding (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX finding_by_start ON finding (first_bad_ms);
