"""An upgrade of 40 servers puts the startup type of 14 back; the first bad boot after it."""
import json
import os
import sys
import tempfile
from datetime import timedelta

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm, rfc3339  # noqa: E402
from harness.programs import run  # noqa: E402

OLD, NEW = "7.33.0.11", "7.41.3.2"
SCENARIO = """\
farm: emea
accounts:
  - name: audit
    key: true
servers:
  - {names: "pvs[01:40]", site: emea, os: [2019, 2022], uptime: 9d, startup: delayed, expect: [BNPXE]}
"""


def scan(farm, what, code):
    result = farm.scan()
    print(f"{what}: exit code of scan {result.code}")
    return result.code == code


def play(farm):
    """The upgrade reboots all; pvs01 to pvs03 lose UDP 67 then, pvs04 and pvs05 a night later."""
    met = scan(farm, "the night before", 0)
    farm.pass_time(hours=20)
    farm.ctl("set", "pvs[01:14]", "startup=auto")
    farm.ctl("lose", "pvs[01:03]")
    farm.ctl("reboot", "all")
    farm.pass_time(hours=4)
    upgraded = rfc3339(farm.now - timedelta(hours=1))
    met = scan(farm, "the night after the upgrade", 1) and met
    farm.pass_time(hours=20)
    farm.ctl("lose", "pvs[04:05]")
    farm.ctl("reboot", "pvs[01:20]")
    farm.pass_time(hours=4)
    return scan(farm, "a night later", 1) and met, upgraded


def told_builds(farm, folder, upgraded):
    """The readings, carried to another history with the build that each server ran."""
    lines = [json.loads(line) for line in farm.ask("db", "export").out.splitlines()]
    for line in lines:
        line["machine"]["pvs_build"] = NEW if line["time"] > upgraded else OLD
    path = f"{folder}/told.db"
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = run("pvsaudit-collect", "ingest", "-", "--db", path, "--as-of", rfc3339(farm.now),
               stdin=text)
    return path if done.code == 0 else None


def check(path, when):
    answer = run("pvsaudit", "drift", OLD, NEW, "--db", path, "--as-of", when, "--json")
    startup = [row for row in answer.rows if row["setting"] == "startup type"]
    builds = [row for row in answer.rows if row["setting"] == "PVS build"]
    reverted = sorted(row["host"] for row in startup)
    print(f"  {len(builds)} servers upgraded; startup type changed on {len(startup)}: "
          f"{reverted[0]} to {reverted[-1]}")
    met = len(builds) == 40 and reverted == [f"pvs{n:02}" for n in range(1, 15)] and \
        {(row["before"], row["after"], row["upgraded"], row["item"]) for row in startup} == {
            ("Automatic (Delayed Start)", "Automatic", True, "BNPXE")}
    bad = {row["host"]: (row["bad_boot_verdict"], row["bad_boot_read"]) for row in startup
           if row["bad_boot_read"]}
    nights = sorted({read for _, read in bad.values()})
    for host, (verdict, read) in sorted(bad.items()):
        print(f"  first bad boot of {host}: {verdict}, read {read}")
    first = sorted(host for host, (_, read) in bad.items() if read == nights[0])
    met = met and len(nights) == 2 and first == ["pvs01", "pvs02", "pvs03"] and \
        sorted(bad) == ["pvs01", "pvs02", "pvs03", "pvs04", "pvs05"] and \
        {verdict for verdict, _ in bad.values()} == {"not-bound"}
    by_time = run("pvsaudit", "drift", "--db", path, "--as-of", when, "--json").rows
    met = met and [row["host"] for row in by_time if row["setting"] == "startup type"] == reverted
    print(next(line for line in run("pvsaudit", "drift", OLD, NEW, "--db", path, "--as-of",
                                    when).out.splitlines() if line.startswith("startup type")))
    return met, len(startup), len(bad)


def main():
    with tempfile.TemporaryDirectory() as folder, Farm(folder, SCENARIO) as farm:
        met, upgraded = play(farm)
        path = told_builds(farm, folder, upgraded)
        same, startup, bad = check(path, rfc3339(farm.now + timedelta(seconds=59)))
        met = met and same
    print(f"drift-upgrade: startup type put back on {startup} of 40 servers, a bad boot after it on "
          f"{bad}, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
