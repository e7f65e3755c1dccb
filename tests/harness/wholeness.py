"""What must hold of a history at any instant: whole hosts, what a replay concludes, nothing invented."""
import os
import shutil
import sqlite3
import subprocess
from collections import defaultdict

from . import history
from .programs import program

DERIVED = ["host_state", "machine", "build", "boot", "watch", "span", "gap", "finding"]
TEXTS = ["detail", "declaration", "access", "sections", "machine", "boot", "services", "processes",
         "addresses", "udp", "tcp", "registry", "extra"]

# What only a half visit leaves behind; each counts what must not be there.
HALVES = {
    "hosts without a visit":
        "SELECT count(*) FROM host WHERE id NOT IN (SELECT host_id FROM observation)",
    "texts that no row names":
        "SELECT count(*) FROM content WHERE id NOT IN (" + " UNION ".join(
            [f"SELECT {name}_id FROM observation WHERE {name}_id IS NOT NULL" for name in TEXTS] +
            [f"SELECT {name}_id FROM scan WHERE {name}_id IS NOT NULL"
             for name in ("scope", "expectations", "boot_paths")]) + ")",
    "blobs that no row names":
        "SELECT count(*) FROM volatile WHERE id NOT IN "
        "(SELECT volatile_id FROM observation WHERE volatile_id IS NOT NULL)",
    "evidence of no visit":
        "SELECT count(*) FROM evidence e WHERE NOT EXISTS (SELECT 1 FROM observation o WHERE "
        "o.host_id = e.host_id AND o.time_ms = e.time_ms AND o.kind = e.kind "
        "AND o.source_id = e.source_id)",
    "visits without a standing of their host":
        "SELECT count(*) FROM observation o LEFT JOIN host_state s ON s.host_id = o.host_id "
        "WHERE s.newest_ms IS NULL OR s.newest_ms < o.time_ms",
    "scans whose counts are not those of their visits":
        "SELECT count(*) FROM scan c WHERE (c.visits, c.visits_read) IS NOT "
        "(SELECT count(*), total(was_read) FROM observation o WHERE o.scan_id = c.id)",
}

# Moments that rows conclude about, and that no visit of the host had.
TIMES = {
    "span": ["first_ms", "last_ms"],
    "gap": ["first_ms", "last_ms"],
    "finding": ["first_bad_ms", "last_bad_ms", "ended_ms"],
    "boot": ["first_ms", "last_ms", "previous_ms"],
    "machine": ["first_ms"],
    "build": ["first_ms"],
    "host_state": ["newest_ms", "first_ms", "read_ms"],
}

# What was concluded of each host, without the times, which differ from scan to scan.
CONCLUSIONS = [
    "SELECT h.name, 'machine', x.machine_no, x.machine_id, x.computer_name, x.host_key "
    "FROM machine x JOIN host h ON h.id = x.host_id",
    "SELECT h.name, 'build', x.os_name, x.os_build, x.pvs_build "
    "FROM build x JOIN host h ON h.id = x.host_id",
    "SELECT h.name, 'boot', x.boot_no, x.machine_no, x.boot_id, x.weak "
    "FROM boot x JOIN host h ON h.id = x.host_id",
    "SELECT h.name, 'span', e.name, x.boot_no, x.machine_no, x.opening, x.restarted, x.reverted, "
    "x.conflict, x.verdict, x.expected_by, x.port, x.pid, x.service_state, x.startup, x.canary, "
    "x.exit_code, x.holder_address, x.holder_port, x.holder_pid, x.holder_image, x.closed "
    "FROM span x JOIN host h ON h.id = x.host_id JOIN expectation e ON e.id = x.expectation_id",
    "SELECT h.name, 'gap', e.name, x.reason, x.code "
    "FROM gap x JOIN host h ON h.id = x.host_id JOIN expectation e ON e.id = x.expectation_id",
    "SELECT h.name, 'finding', e.name, x.finding, x.boot_no, x.boot_known, x.bad_boot, x.ended "
    "FROM finding x JOIN host h ON h.id = x.host_id JOIN expectation e ON e.id = x.expectation_id",
    "SELECT h.name, 'address', x.slot, x.address "
    "FROM host_address x JOIN host h ON h.id = x.host_id",
]
READINGS = ("SELECT h.name, 'reading', o.kind, o.was_read, o.complete, o.reason, o.code, " +
            ", ".join(f"(SELECT hash FROM content WHERE id = o.{name}_id)" for name in TEXTS
                      if name not in ("detail", "extra")) +
            ", o.volatile_id IS NULL FROM observation o JOIN host h ON h.id = o.host_id")


def of_hosts(path, statements):
    """{host: its rows}, sorted; rows that are there twice count twice."""
    found = defaultdict(list)
    for statement in statements:
        for row in history.rows(path, statement):
            found[row[0]].append(row[1:])
    return {host: sorted(rows, key=repr) for host, rows in found.items()}


def conclusions(path):
    return of_hosts(path, CONCLUSIONS)


def readings(path):
    return of_hosts(path, [READINGS])


def copy(path, to):
    """As the file is now, if there is one; what a killed program left beside it belongs to it."""
    for ending in ("", "-wal", "-journal"):
        if os.path.exists(path + ending) and (ending == "" or os.path.getsize(path + ending) > 0):
            shutil.copy(path + ending, to + ending)
    return to


def remove(path):
    for ending in ("", "-wal", "-shm", "-journal", ".scan"):
        if os.path.exists(path + ending):
            os.remove(path + ending)


def has_tables(path):
    """Whether it was made to its end: only until then there is a journal beside it."""
    return os.path.exists(path) and not os.path.exists(path + "-journal") and \
        history.rows(path, "SELECT count(*) FROM sqlite_schema") != [(0,)]


def replay_faults(path):
    """Derived rows that a replay of the truth would not conclude, or would conclude besides."""
    replayed = path + ".replayed"
    remove(replayed)
    copy(path, replayed)
    done = subprocess.run([program("history_replay"), replayed], capture_output=True, text=True,
                          timeout=60)
    if done.returncode != 0:
        return [f"it cannot be replayed: {done.stderr.strip()}"]
    faults = []
    with sqlite3.connect(f"file:{replayed}?mode=ro", uri=True) as opened:
        opened.execute("ATTACH ? AS seen", (f"file:{path}?mode=ro",))
        for table in DERIVED:
            for ours, theirs, what in (("seen", "main", "is not concluded by a replay"),
                                       ("main", "seen", "is only there after a replay")):
                for row in opened.execute(f"SELECT * FROM {ours}.{table} EXCEPT "
                                          f"SELECT * FROM {theirs}.{table} LIMIT 3"):
                    faults.append(f"{table} {row} {what}")
    opened.close()
    remove(replayed)
    return faults


def half_faults(path):
    """Traces of half a visit, and of moments that were none."""
    if not history.is_whole(path):
        return ["it fails SQLite's integrity check or its check of foreign keys"]
    faults = []
    for what, statement in HALVES.items():
        count = history.rows(path, statement)[0][0]
        if count != 0:
            faults.append(f"{count} {what}")
    for table, columns in TIMES.items():
        for column in columns:
            count = history.rows(
                path, f"SELECT count(*) FROM {table} x WHERE {column} IS NOT NULL AND {column} <> 0 "
                      f"AND NOT EXISTS (SELECT 1 FROM observation o WHERE o.host_id = x.host_id "
                      f"AND o.time_ms = x.{column})")[0][0]
            if count != 0:
                faults.append(f"{count} rows of {table} with a {column} that no visit had")
    return faults


class Wholeness:
    """Judges histories by what was known before a scan and what its undisturbed twin came to."""

    def __init__(self, before, finished):
        """before: a history, or None where there was none; finished: that of the twin."""
        self.scans_before = 0 if before is None else \
            history.rows(before, "SELECT max(id) FROM scan")[0][0]
        self.known = {} if before is None else conclusions(before)
        self.known_readings = {} if before is None else readings(before)
        self.finished = conclusions(finished)
        self.finished_readings = readings(finished)

    def visited(self, path):
        """The hosts that scans since `before` have visited."""
        return {name for name, in history.rows(
            path, "SELECT DISTINCT h.name FROM observation o JOIN host h ON h.id = o.host_id "
                  f"WHERE o.scan_id > {self.scans_before}")}

    def expected(self, visited):
        """{host: conclusions}: of hosts that were visited those of the twin, else those before."""
        hosts = visited | set(self.known)
        return {host: (self.finished if host in visited else self.known)[host] for host in hosts}

    def expected_open(self, visited):
        """{(host, expectation, finding)} of what `missing` must name."""
        return {(host, row[1], row[2]) for host, rows in self.expected(visited).items()
                for row in rows if row[0] == "finding" and row[-1] is None}

    def _differences(self, seen, visited, known, finished, what):
        faults = []
        for host in sorted(set(seen) | visited | set(known)):
            expected = (finished if host in visited else known).get(host, [])
            if seen.get(host, []) != expected:
                lacking = [row for row in expected if row not in seen.get(host, [])]
                invented = [row for row in seen.get(host, []) if row not in expected]
                faults.append(f"{what} of {host}: lacking {lacking[:2]}, invented {invented[:2]}")
        return faults[:3]

    def faults(self, path, undisturbed=True):
        """What is wrong with a history, in sentences.

        undisturbed: no scan came since the one in question; only then are all readings those of the
        twin, and only then is it replayed, which takes long.
        """
        if not has_tables(path):
            return [] if self.scans_before == 0 else ["its tables are gone"]
        faults = half_faults(path)
        if faults:
            return faults
        visited = self.visited(path)
        faults = self._differences(conclusions(path), visited, self.known, self.finished,
                                   "conclusions")
        if undisturbed:
            faults += replay_faults(path)
            faults += self._differences(readings(path), visited, self.known_readings,
                                        self.finished_readings, "readings")
        return faults
