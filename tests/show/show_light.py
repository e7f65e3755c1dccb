"""Bytes and requests of a light visit against a full one, on both transports, and what it takes in the history."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.programs import NTLM_LEAKS, program  # noqa: E402

SCENARIO = """
farm: emea
seed: 3
accounts:
  - name: audit
    key: true
    password: simulated
servers:
  - names: ssh01
    os: 2019
  - names: win01
    os: 2019
    transport: winrm
    auth: ntlm
  - names: old01
    os: 2012 R2
    transport: winrm
    auth: ntlm
"""
REQUESTS, BYTES_A_HOST_SCAN, HOSTS, SCANS_A_DAY = 3, 0.2, 1000, 288


def weigh(folder):
    """{host: (exchanges, bytes asked, bytes answered)}"""
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        found[lines[0]["host"]] = (len(lines) - 2, sum(len(line["asked"]) for line in lines[2:]),
                                   sum(len(line["answer"]) for line in lines[2:]))
    return found


def history_bytes(folder, days, kind):
    """Of a fleet's history after so many days, without free pages."""
    path = os.path.join(folder, f"{kind}-{days}.db")
    subprocess.run([program("light_history"), path, str(HOSTS), str(days), kind], check=True,
                   timeout=240)
    with sqlite3.connect(path) as db:
        db.isolation_level = None
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return os.path.getsize(path)


def main():
    met = True
    with tempfile.TemporaryDirectory() as folder:
        with Farm(folder, SCENARIO) as farm:
            farm.scan("-q", "--record", os.path.join(folder, "full"), env=NTLM_LEAKS)
            farm.pass_time(minutes=15)
            farm.scan("-q", "--light", "--record", os.path.join(folder, "light"), env=NTLM_LEAKS)
            wrong = [key for key, verdict in farm.site.verdicts().items()
                     if key[1] in ("BNPXE", "BNTFTP") and verdict not in ("bound", "unknown")]
        full, light = weigh(os.path.join(folder, "full")), weigh(os.path.join(folder, "light"))
        print(f"{'host':8}{'':14}{'full':>12}{'light':>12}")
        for host, what in (("win01", "WinRM, 2019"), ("old01", "WinRM, 2012 R2"),
                           ("ssh01", "SSH, 2019")):
            for row, label in ((0, "requests" if host != "ssh01" else "commands"),
                               (1, "bytes asked"), (2, "bytes answered")):
                print(f"{host:8}{label:14}{full[host][row]:12}{light[host][row]:12}  {what}")
            met = met and light[host][2] < full[host][2] / 2 and light[host][1] < full[host][1]
        met = met and light["win01"][0] == REQUESTS and not wrong
        # The second day alone: on the first one each host has its first light row.
        sizes = {(kind, days): history_bytes(folder, days, kind)
                 for kind in ("full", "light") for days in (1, 2)}
    grown = {kind: sizes[kind, 2] - sizes[kind, 1] for kind in ("full", "light")}
    scans = HOSTS * (SCANS_A_DAY - 1)
    each = (grown["light"] - grown["full"]) / scans
    print(f"{HOSTS} hosts, a light scan every five minutes, 1 of 14 hosts rebooting a day: "
          f"{grown['light'] - grown['full']} bytes more a day for {scans} light visits; "
          f"a full visit {grown['full'] / HOSTS:.0f} bytes")
    met = met and each <= BYTES_A_HOST_SCAN
    print(f"light: {light['win01'][0]} requests and {light['win01'][2]} bytes of answers against "
          f"{full['win01'][0]} and {full['win01'][2]}; {each:.2f} bytes a host-scan "
          f"(at most {BYTES_A_HOST_SCAN}), {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
