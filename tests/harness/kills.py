"""Scans of a fleet that are killed, each on a history of its own, and what must hold after each."""
import os
import re
import signal
import sqlite3
import subprocess
from datetime import datetime, timezone

from . import history, process, wholeness
from .programs import preload, program

BATCH = 50  # hosts that one commit may hold
READ = re.compile(r": info: (\S+): (?:read in|not read)")


def machine_time(ms):
    """Milliseconds since 1970 as machine output has them."""
    text = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{ms % 1000:03}Z" if ms % 1000 else f"{text}Z"


def changes_of(prefix, at=None, torn=False, total=None):
    """The environment in which a program ends at its n-th change to files named so, or counts them."""
    environment = {**preload("last_write"), "LAST_WRITE_FILES": os.path.realpath(prefix)}
    if at is not None:
        environment["LAST_WRITE_AT"] = str(at)
    if torn:
        environment["LAST_WRITE_TORN"] = "1"
    if total is not None:
        environment["LAST_WRITE_TOTAL"] = total
    return environment


class Kills:
    """Counts the scans that were killed and the hosts they kept; `faults` says what did not hold."""

    def __init__(self, fleet, name):
        self.fleet = fleet
        self.farm = fleet.farm
        self.path = os.path.join(self.farm.folder, f"{name}.db")
        self.log = os.path.join(self.farm.folder, f"{name}.log")
        self.total = os.path.join(self.farm.folder, f"{name}.total")
        self.killed = self.kept = self.read = self.aborted = self.recovered = self.descriptors = 0
        self.faults = []

    def _start(self, environment=()):
        site = self.farm.site
        self.fleet.copy_before(self.path)
        site.db = self.path
        with open(self.log, "wb") as log:
            return subprocess.Popen(
                [program("pvsaudit"), "scan", "--config", site.settings, "--db", site.db, "-i",
                 site.inventory, "-v"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=log, env={**os.environ, **dict(environment)})

    def count_changes(self):
        """How often an undisturbed scan changes the files of its history."""
        if self._start(changes_of(self.path, total=self.total)).wait(timeout=120) not in (0, 1):
            raise RuntimeError(f"the scan that was to be counted failed, see {self.log}")
        with open(self.total, encoding="ascii") as file:
            return int(file.read())

    def at_moment(self, seconds, again_with):
        """Kill a scan so long after its start; again_with: arguments of the next one."""
        scan = self._start()
        try:
            scan.wait(timeout=seconds)
            return False  # it was faster
        except subprocess.TimeoutExpired:
            self.descriptors = max(self.descriptors, len(process.descriptors(scan.pid)))
            scan.send_signal(signal.SIGKILL)
        scan.wait(timeout=20)
        self._judge(f"killed after {seconds:.3f} s", again_with)
        return True

    def at_change(self, number, torn, again_with):
        """Kill a scan at its n-th change; torn: a write of it half done."""
        scan = self._start(changes_of(self.path, at=number, torn=torn))
        if scan.wait(timeout=120) != -signal.SIGKILL:
            return False
        self._judge(f"killed {'within' if torn else 'after'} change {number}", again_with)
        return True

    def _judge(self, what, again_with):
        self.killed += 1
        try:
            faults = self._question_faults() + self.fleet.judge.faults(self.path) + \
                self._loss_faults()
            faults += self._next_scan_faults(again_with) if not faults else []
        except sqlite3.DatabaseError as error:
            faults = [f"SQLite: {error}"]
        left = process.left_behind({self.farm.process.pid}, 5)
        faults += [f"left behind: {command}" for command in left]
        self.faults += [f"{what}: {fault}" for fault in faults]
        for fault in self.faults[-len(faults):] if faults else []:
            print(f"  {fault[:1000]}", flush=True)

    def _visited(self):
        return self.fleet.judge.visited(self.path) if wholeness.has_tables(self.path) else set()

    def _loss_faults(self):
        """No more may be lost than the batch that was open."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            read = set(READ.findall(file.read()))
        visited = self._visited()
        self.read += len(read)
        self.kept += len(visited)
        faults = [f"{len(visited - read)} hosts are kept that were not read"] if visited - read else []
        if len(read - visited) > BATCH:
            faults.append(f"of {len(read)} hosts that were read only {len(visited)} are kept")
        return faults

    def _last_complete(self):
        """The start of the last scan of the fleet that came to its end, as machine output has it."""
        starts = history.rows(self.path, "SELECT max(start_ms) FROM scan WHERE outcome = 'complete'")
        return None if starts[0][0] is None else machine_time(starts[0][0])

    def _question_faults(self):
        """Before anything else opens the file: what is asked is answered from whole scans, or not at all."""
        answer = self.farm.ask("missing", "--json")
        if not wholeness.has_tables(self.path):
            return [] if answer.code == 2 and "`pvsaudit scan`" in answer.err else \
                [f"`missing` on a history without tables: {answer}"]
        visited = self._visited()
        ended = self._outcomes() == ["complete"]
        expected = self.fleet.judge.expected_open(visited)
        # Without the end of tonight's scan the last complete one is stale, or there is none.
        code = 1 if expected else 0 if ended else 3
        if answer.code != code:
            return [f"`missing` ends with {answer.code} and not {code}: {answer}"]
        faults = []
        seen = {(row["host"], row["expectation"], row["finding"]) for row in answer.rows}
        if seen != expected:
            faults.append(f"`missing` lacks {sorted(expected - seen)[:3]}, "
                          f"invents {sorted(seen - expected)[:3]}")
        if answer.json["last_complete_scan"] != self._last_complete():
            faults.append(f"the last complete scan is {answer.json['last_complete_scan']}, "
                          f"not {self._last_complete()}")
        if ended and visited != set(self.fleet.judge.finished):
            faults.append(f"it is complete with {len(visited)} hosts")
        return faults

    def _outcomes(self):
        return [outcome for outcome, in history.rows(
            self.path, f"SELECT outcome FROM scan WHERE id > {self.fleet.judge.scans_before} "
                       "ORDER BY id")]

    def _next_scan_faults(self, arguments):
        """The next scan marks the dead one and completes; a whole one ends as the undisturbed twin."""
        since = self._outcomes() if wholeness.has_tables(self.path) else []
        result = self.farm.site.scan("-q", *arguments)
        self.recovered += 1
        if result.code not in (0, 1, 3):
            return [f"the next scan fails: {result}"]
        outcomes = self._outcomes()
        self.aborted += outcomes.count("aborted")
        faults = []
        if outcomes != [word.replace("running", "aborted") for word in since] + ["complete"]:
            faults.append(f"the scans since were {since}, and after the next one are {outcomes}")
        faults += self.fleet.judge.faults(self.path, undisturbed=False)
        if not arguments:
            hosts = set(self.fleet.judge.finished)
            if self._visited() != hosts:
                faults.append(f"the next scan left out {sorted(hosts - self._visited())[:5]}")
        return faults
