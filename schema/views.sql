-- Readable views over the history. They need nothing but a stock SQLite (JSON functions included),
-- and show every time twice: as milliseconds since 1970, and as UTC text.

DROP VIEW IF EXISTS scans;
CREATE VIEW scans AS
SELECT c.id AS scan, s.name AS source, CASE c.kind WHEN 0 THEN 'full' ELSE 'light' END AS kind,
       c.coverage, c.outcome,
       c.start_ms, strftime('%Y-%m-%dT%H:%M:%SZ', c.start_ms / 1000, 'unixepoch') AS started,
       c.end_ms, strftime('%Y-%m-%dT%H:%M:%SZ', c.end_ms / 1000, 'unixepoch') AS ended,
       c.shift_ms, c.visits, c.visits_read, c.visits - c.visits_read AS visits_unread,
       c.skewed AS hosts_with_skewed_clock,
       c.skewed * 2 > c.visits_read AND c.visits_read > 1 AS collector_clock_suspect,
       c.version, c.host_limit, c.inventory
FROM scan c JOIN source s ON s.id = c.source_id;

DROP VIEW IF EXISTS visits;
CREATE VIEW visits AS
SELECT h.name AS host, o.time_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', o.time_ms / 1000, 'unixepoch') AS time,
       CASE o.kind WHEN 0 THEN 'full' ELSE 'light' END AS kind,
       s.name AS source, o.scan_id AS scan, o.was_read, o.reason, o.code, d.text AS detail,
       o.duration_ms,
       json_extract(a.text, '$[0][0]') AS os, json_extract(a.text, '$[0][1]') AS transport,
       json_extract(a.text, '$[0][2]') AS address, json_extract(a.text, '$[0][3]') AS mechanism,
       json_extract(a.text, '$[0][4]') AS principal, json_extract(a.text, '$[0][5]') AS account,
       (o.complete & 1) <> 0 AS udp_complete, (o.complete & 2) <> 0 AS tcp_complete,
       (o.complete & 4) <> 0 AS services_complete, (o.complete & 8) <> 0 AS boot_complete,
       o.uptime_ms
FROM observation o
JOIN host h ON h.id = o.host_id
JOIN source s ON s.id = o.source_id
LEFT JOIN content d ON d.id = o.detail_id
LEFT JOIN content a ON a.id = o.access_id;

DROP VIEW IF EXISTS boots;
CREATE VIEW boots AS
SELECT h.name AS host, b.boot_no, b.machine_no, b.boot_time_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', b.boot_time_ms / 1000, 'unixepoch') AS boot_time,
       b.first_ms, strftime('%Y-%m-%dT%H:%M:%SZ', b.first_ms / 1000, 'unixepoch') AS first_read,
       b.last_ms, strftime('%Y-%m-%dT%H:%M:%SZ', b.last_ms / 1000, 'unixepoch') AS last_read,
       b.previous_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', b.previous_ms / 1000, 'unixepoch') AS last_read_before,
       b.weak AS from_event_log, c.name AS source
FROM boot b JOIN host h ON h.id = b.host_id JOIN source c ON c.id = h.source_id;

-- What each boot of each server came to: the first decisive reading of every expectation.
DROP VIEW IF EXISTS boot_outcome;
CREATE VIEW boot_outcome AS
SELECT h.name AS host, t.site, t.farm, e.name AS expectation, p.boot_no,
       b.boot_time_ms, strftime('%Y-%m-%dT%H:%M:%SZ', b.boot_time_ms / 1000, 'unixepoch')
           AS boot_time,
       p.first_ms AS decided_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', p.first_ms / 1000, 'unixepoch') AS decided,
       p.verdict, p.startup AS startup_type, p.service_state, p.restarted AS restarted_after_boot,
       (SELECT os_build FROM build u WHERE u.host_id = p.host_id AND u.first_ms <= p.first_ms
        ORDER BY u.first_ms DESC LIMIT 1) AS os_build,
       (SELECT pvs_build FROM build u WHERE u.host_id = p.host_id AND u.first_ms <= p.first_ms
        ORDER BY u.first_ms DESC LIMIT 1) AS pvs_build,
       c.name AS source
FROM span p
JOIN host h ON h.id = p.host_id
JOIN source c ON c.id = h.source_id
JOIN expectation e ON e.id = p.expectation_id
LEFT JOIN boot b ON b.host_id = p.host_id AND b.boot_no = p.boot_no
LEFT JOIN host_state t ON t.host_id = p.host_id
WHERE p.opening = 1;

-- Ports that were bound before a reboot and not after it, and what became of them.
DROP VIEW IF EXISTS lost_after_reboot;
CREATE VIEW lost_after_reboot AS
SELECT h.name AS host, t.site, t.farm, e.name AS expectation, f.boot_no,
       b.boot_time_ms, strftime('%Y-%m-%dT%H:%M:%SZ', b.boot_time_ms / 1000, 'unixepoch')
           AS boot_time,
       f.last_good_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', f.last_good_ms / 1000, 'unixepoch') AS last_good,
       f.first_bad_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', f.first_bad_ms / 1000, 'unixepoch') AS first_bad,
       f.last_bad_ms, strftime('%Y-%m-%dT%H:%M:%SZ', f.last_bad_ms / 1000, 'unixepoch')
           AS last_bad,
       CASE WHEN f.ended_ms IS NULL THEN 'missing' ELSE f.ended END AS state,
       f.ended_ms, strftime('%Y-%m-%dT%H:%M:%SZ', f.ended_ms / 1000, 'unixepoch') AS ended,
       p.verdict, p.service_state, p.startup AS startup_type, c.name AS source
FROM finding f
JOIN host h ON h.id = f.host_id
JOIN source c ON c.id = h.source_id
JOIN expectation e ON e.id = f.expectation_id
LEFT JOIN boot b ON b.host_id = f.host_id AND b.boot_no = f.boot_no
LEFT JOIN host_state t ON t.host_id = f.host_id
LEFT JOIN span p ON p.host_id = f.host_id AND p.expectation_id = f.expectation_id
                AND p.first_ms = f.first_bad_ms
WHERE f.finding = 'lost-at-boot';

-- The stable bindings of every server's newest reading; ephemeral ports and pids of anything but
-- watched services lie in the readings' blobs (`pvsaudit netstat HOST` shows them).
DROP VIEW IF EXISTS binding_now;
CREATE VIEW binding_now AS
WITH newest AS (
    SELECT t.host_id, t.full_ms AS read_ms, o.udp_id, o.tcp_id
    FROM host_state t JOIN observation o ON o.host_id = t.host_id AND o.time_ms = t.full_ms AND o.kind = 0
    WHERE o.was_read = 1
), listed AS (
    SELECT n.host_id, n.read_ms, 'udp' AS proto, j.value AS row
    FROM newest n JOIN content c ON c.id = n.udp_id JOIN json_each(c.text) j
    UNION ALL
    SELECT n.host_id, n.read_ms, 'tcp' AS proto, j.value AS row
    FROM newest n JOIN content c ON c.id = n.tcp_id JOIN json_each(c.text) j
)
SELECT h.name AS host, l.read_ms AS time_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', l.read_ms / 1000, 'unixepoch') AS time,
       l.proto, ifnull(a.address, json_extract(l.row, '$[1]')) AS local_address,
       json_extract(l.row, '$[0]') AS local_port, json_extract(l.row, '$[2]') AS image,
       nullif(json_extract(l.row, '$[3]'), '') AS services, c.name AS source
FROM listed l
JOIN host h ON h.id = l.host_id
JOIN source c ON c.id = h.source_id
LEFT JOIN host_address a ON a.host_id = l.host_id
     AND json_extract(l.row, '$[1]') NOT GLOB '*[^0-9]*'
     AND a.slot = CAST(json_extract(l.row, '$[1]') AS INTEGER);

-- Everything that happened to a server, in order: boots, what each expectation was found to be,
-- findings and their ends.
DROP VIEW IF EXISTS timeline;
CREATE VIEW timeline AS
SELECT h.name AS host, x.time_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', x.time_ms / 1000, 'unixepoch') AS time,
       x.what, e.name AS expectation, x.said, x.until_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', x.until_ms / 1000, 'unixepoch') AS until,
       c.name AS source
FROM (
    SELECT host_id, NULL AS expectation_id, first_ms AS time_ms, 'boot' AS what,
           strftime('booted at %Y-%m-%dT%H:%M:%SZ', boot_time_ms / 1000, 'unixepoch') AS said,
           last_ms AS until_ms
    FROM boot
    UNION ALL
    SELECT host_id, NULL, first_ms, 'machine',
           ifnull(computer_name, '?') || ' ' || ifnull(machine_id, ''), NULL
    FROM machine
    UNION ALL
    SELECT host_id, NULL, first_ms, 'build',
           ifnull(os_name, '?') || ' ' || ifnull(os_build, '') || ' ' || ifnull(pvs_build, ''),
           NULL
    FROM build
    UNION ALL
    SELECT host_id, expectation_id, first_ms, 'reading',
           verdict || ' (' || service_state || ', ' || startup || ')', last_ms
    FROM span
    UNION ALL
    SELECT host_id, expectation_id, first_ms, 'gap',
           'unknown: ' || reason || ifnull(' (' || detail || ')', ''), last_ms
    FROM gap
    UNION ALL
    SELECT host_id, expectation_id, first_bad_ms, 'finding', finding, last_bad_ms FROM finding
    UNION ALL
    SELECT host_id, expectation_id, ended_ms, 'end of finding', ended, NULL
    FROM finding WHERE ended_ms IS NOT NULL
) x
JOIN host h ON h.id = x.host_id
JOIN source c ON c.id = h.source_id
LEFT JOIN expectation e ON e.id = x.expectation_id;
