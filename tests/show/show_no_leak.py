"""20,000 visits in one process over SSH, sealed NTLM and https: what is still held then, against after 2,000."""
import contextlib
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm, rfc3339  # noqa: E402
from harness.programs import preload, program  # noqa: E402

SSH, NTLM, HTTPS = 15000, 2500, 2500
EARLY, ALL = 2000, SSH + NTLM + HTTPS
# Spread over the scan by their names, so that each kind is under way at all times.
SCENARIO = f"""\
farm: emea
accounts:
  - {{name: audit, password: "correct horse", key: true}}
servers:
  - {{names: "pvs[00001:{ALL}]", transport: [ssh, ssh, ssh, winrm, ssh, ssh, ssh, winrm], scheme: [http, http, http, http, http, http, http, https], auth: ntlm, os: [2019, 2022, 2025], uptime: 9d}}
"""
# The credential of NTLM is acquired once, and gss-ntlmssp gives none of it back: about 8 KB.
CREDENTIAL_KB = 8
BYTES_A_VISIT, BLOCKS_A_VISIT = 1024, 2
DESCRIPTORS = 50  # libcurl closes the socket of a visit that is over within a second


def visits(database):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT count(*) FROM observation").fetchone()[0]


class Watch:
    """A scan in a process of its own, looked at while it runs."""

    def __init__(self, farm, folder):
        self.farm, self.heap = farm, f"{folder}/heap"
        command = [program("pvsaudit-collect"), "scan", "-q", "--config", farm.site.settings, "--db", farm.site.db,
                   "-i", farm.inventory, "--as-of", rfc3339(farm.now)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **preload("live_heap"), "LIVE_HEAP": self.heap})
        self.samples = []  # (visits, blocks, bytes, bytes of SQLite's pages, KB resident, descriptors)

    def sample(self):
        folder = f"/proc/{self.process.pid}"
        with open(f"{folder}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
        with open(self.heap, "rb") as file:
            heap = struct.unpack("3q", file.read(24))
        self.samples.append((visits(self.farm.site.db), *heap, resident, len(os.listdir(f"{folder}/fd"))))

    def run(self):
        while self.process.poll() is None:
            with contextlib.suppress(OSError, sqlite3.Error, struct.error):
                self.sample()
            time.sleep(0.2)  # between two samples, nothing waits for it
        return self.process.returncode

    def window(self, first, last):
        """Of each column the mean between so many visits, and the largest count of descriptors."""
        rows = [row for row in self.samples if first <= row[0] <= last]
        return [sum(column) / len(rows) for column in zip(*rows)] + [max(row[5] for row in rows)]


def compare(watch):
    early, late = watch.window(EARLY - 500, EARLY + 500), watch.window(ALL - 1500, ALL - 200)
    between = late[0] - early[0]
    print(f"{'visits':>8} {'blocks':>9} {'KB of the heap':>15} {'KB of SQLite pages':>19} {'KB resident':>12} "
          f"{'descriptors':>12}")
    for row in (early, late):
        print(f"{row[0]:8.0f} {row[1]:9.0f} {row[2] / 1024:15.0f} {row[3] / 1024:19.0f} {row[4]:12.0f} {row[6]:12}")
    a_visit = (late[2] - early[2]) / between
    blocks = (late[1] - early[1]) / between
    print(f"each visit between them has left {a_visit:.0f} bytes in {blocks:.1f} blocks: its row of the summary, "
          f"freed when that is told; {CREDENTIAL_KB} KB that gss-ntlmssp keeps of its one credential lie before them")
    return a_visit, blocks, late[6] - early[6]


def main():
    with tempfile.TemporaryDirectory() as folder, Farm(folder, SCENARIO, settings="concurrency: 100\n") as farm:
        began = time.monotonic()
        watch = Watch(farm, folder)
        code = watch.run()
        lasted = time.monotonic() - began
        counts = farm.counts()
        seen = visits(farm.site.db)
    print(f"exit {code}, {seen} visits in {lasted:.0f} s, {counts['connections']} connections, "
          f"{counts['requests']} requests, {counts['execs']} execs")
    a_visit, blocks, descriptors = compare(watch)
    left = [counts[key] for key in ("open_sessions", "open_enumerations", "open_shells")]
    print(f"open on the farm: {left[0]} sessions, {left[1]} enumerations, {left[2]} shells")
    met = (code == 0 and seen == ALL and left == [0, 0, 0] and a_visit <= BYTES_A_VISIT and
           blocks <= BLOCKS_A_VISIT and descriptors <= DESCRIPTORS)
    print(f"no-leak: {seen} visits, {a_visit:.0f} bytes and {blocks:.1f} blocks a visit, {descriptors:+d} descriptors, "
          f"{sum(left)} open on the farm, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
