"""A farm is scanned and recorded, the recordings scrubbed and replayed: the same history but for names."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.programs import NTLM_LEAKS, ROOT, Site  # noqa: E402

LOST, REFUSED = ("pvs03", "pvs17"), "pvs05"


def in_order(value):
    """Lists of a snapshot are in the order of addresses, which are others now."""
    if isinstance(value, dict):
        return {name: in_order(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def visits(text):
    return {row["host"]: in_order(row) for row in map(json.loads, text.splitlines())}


def main():
    with open(os.path.join(ROOT, "demo", "farm.yaml"), encoding="utf-8") as file:
        scenario = file.read()
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)
        with Farm(folder, scenario, settings="retry_after: 0s\n") as farm:
            for host in LOST:
                farm.ctl("lose", host, "now")
            farm.ctl("misbehave", REFUSED, "deny-auth")
            farm.scan("-q", "--record", path("tape"), env=NTLM_LEAKS)
            names = sorted(farm.hosts)
        with open(path("export"), "w", encoding="utf-8") as file:
            file.write(farm.ask("db", "export").out)
        scrubbed = subprocess.run(
            [os.path.join(ROOT, "tools", "scrub-recording"), "--also", farm.inventory,
             path("hosts"), "--also", path("export"), path("expected"), path("tape"),
             path("scrubbed")], capture_output=True, text=True, timeout=200)
        print(scrubbed.stdout + scrubbed.stderr, end="")
        os.mkdir(path("again"))
        site = Site(path("again"), path("hosts"))
        site.scan("-q", "--replay", path("scrubbed"))
        with open(path("expected"), encoding="utf-8") as file:
            expected = visits(file.read())
        seen = visits(site.ask("db", "export").out)
        whole = "".join(open(os.path.join(path("scrubbed"), name), encoding="utf-8").read().lower()
                        for name in os.listdir(path("scrubbed")))
        left = [name for name in names if name in whole]
        same = sum(1 for host, visit in expected.items() if seen.get(host) == visit)
        counts = [sum(1 for verdict in one.verdicts().values() if verdict == "not-bound")
                  for one in (farm.site, site)]
        verdicts = [sorted(one.verdicts().values()) for one in (farm.site, site)]
    print(f"names that are left in the scrubbed recordings: {len(left)} of {len(names)}")
    print(f"not bound: {counts[0]} in the scan, {counts[1]} in its replay")
    met = (scrubbed.returncode == 0 and not left and len(expected) == len(names) == same
           and counts[0] == counts[1] == len(LOST) and verdicts[0] == verdicts[1])
    print(f"replay: {same} of {len(names)} visits give the same history but for names, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
