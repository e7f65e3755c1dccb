"""One situation on the farm: what happened, the verdict that it got, the exit code."""
import sys
import tempfile

from .farm import Farm

PXE_SITE = """\
farm: emea
accounts:
  - name: audit
    key: true
servers:
  - names: pvs[01:04]
    site: frankfurt
    os: [2019, 2022, 2016, 2012 R2]
    language: [en, de, ja]
    uptime: 9d
"""


class Situation:
    """Steps print what is seen beside what is expected; one difference and the situation is unmet."""

    def __init__(self, name, farm):
        self.name = name
        self.farm = farm
        self.met = True
        self.last = ""

    def expect(self, what, observed, expected):
        same = observed == expected
        self.met = self.met and same
        print(f"  {what}: {observed}{'' if same else f'   EXPECTED {expected}'}", flush=True)

    def scan(self, what, code, *arguments):
        result = self.farm.scan(*arguments)
        self.expect(f"{what}: exit code of scan", result.code, code)
        if result.code != code:
            print(result)
        return result

    def verdict(self, host, expected, expectation="BNPXE"):
        rows = [row for row in self.farm.ask("status", "--as-of", self.when, "--json").rows
                if row["host"] == host and row["expectation"] == expectation]
        observed = rows[0]["verdict"] if rows else "no row"
        if observed == "unknown":
            observed = f"unknown: {rows[0]['reason']}"
        self.expect(f"{host} {expectation}", observed, expected)
        self.last = f"{expectation} {observed}"
        return rows[0] if rows else {}

    def missing(self, expected, code, *arguments):
        """{host: finding} of `missing`, and its exit code."""
        result = self.farm.ask("missing", "--as-of", self.when, "--json", *arguments)
        self.expect("missing", {row["host"]: row["finding"] for row in result.rows}, expected)
        self.expect("exit code of missing", result.code, code)
        return result.rows

    @property
    def when(self):
        from datetime import timedelta

        from .farm import rfc3339
        return rfc3339(self.farm.now + timedelta(seconds=59))


def show(name, play, scenario=PXE_SITE):
    """main() of a show: play on a farm of its own, print, 0 where it is met."""
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 1
    with tempfile.TemporaryDirectory() as folder, Farm(folder, scenario, seed) as farm:
        situation = Situation(name, farm)
        play(situation)
    print(f"{name}: {situation.last}, {'met' if situation.met else 'UNMET'}")
    return 0 if situation.met else 1
