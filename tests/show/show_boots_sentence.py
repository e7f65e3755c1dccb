"""Does delayed start work here? Four nights of 115 servers, and the sentence that they support."""
import os
import sys
import tempfile
from datetime import timedelta

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm, rfc3339  # noqa: E402

SENTENCE = "Automatic (Delayed Start): 0 of 212 boots lost UDP 67; Automatic: 9 of 240"
SCENARIO = """\
farm: emea
accounts:
  - name: audit
    key: true
servers:
  - {names: "slow[01:53]", site: lyon, os: [2019, 2022], uptime: 5d, startup: delayed, expect: [BNPXE]}
  - {names: "fast[01:62]", site: emea, os: [2019, 2022], uptime: 5d, expect: [BNPXE]}
"""
# Each night after the first everybody reboots: 53 x 4 = 212 boots, and 62 x 4 = 248, of which 8 are
# repaired by hand before anybody looks: 240.
LOST = (("fast[01:03]",), ("fast[04:06]",), ("fast[07:09]",))
REPAIRED = (("fast[11:13]",), ("fast[14:16]",), ("fast[17:18]",))


def night(farm, number):
    if number > 0:
        farm.pass_time(hours=18)
        farm.ctl("lose", *LOST[number - 1])
        farm.ctl("lose", *REPAIRED[number - 1])
        farm.ctl("reboot", "all")
        farm.pass_time(hours=3)
        farm.ctl("restart", *REPAIRED[number - 1])
        farm.pass_time(hours=3)
    result = farm.scan()
    print(f"night {number + 1}: exit {result.code}, {result.out.splitlines()[-1] if result.out else ''}")
    return result.code == (1 if number else 0)


def rows(farm, *words):
    when = rfc3339(farm.now + timedelta(seconds=59))
    return farm.ask("boots", "--as-of", when, "--json", *words).rows


def wilson(hits, count, z=1.959963984540054):
    """By the roots of (p - hits/count)^2 = z^2 p (1 - p) / count, as Wilson has it."""
    a, b, c = 1 + z * z / count, -(2 * hits / count + z * z / count), (hits / count) ** 2
    root = (b * b - 4 * a * c) ** 0.5
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def check(farm):
    met = True
    for row in rows(farm):
        low, high = wilson(row["lost"], row["boots"])
        near = abs(row["loss_low"] - low) < 2e-6 and abs(row["loss_high"] - high) < 2e-6
        print(f"  {row['value']}: {row['boots']} boots, {row['lost']} lost, {row['suspect']} suspect, "
              f"{100 * row['loss_low']:.2f} to {100 * row['loss_high']:.2f} %"
              f"{'' if near else '   NOT WILSON'}")
        met = met and near and row["sentence"] == SENTENCE
    suspect = sum(row["suspect"] for row in rows(farm))
    few = rows(farm, "-l", "fast01,fast02,fast03,fast04")[0]
    print(f"  suspect in all: {suspect}; of four servers, {few['boots']} boots: {few['sentence']}")
    near = [row for row in rows(farm, "--by", "boot") if row["started_after_ms"] is not None]
    print(f"  nearest to its boot: {near[0]['host']}, {near[0]['started_after_ms']} ms; "
          f"{len(near)} starts are known")
    return met and suspect == 8 and few["sentence"] is None and \
        near[0]["startup_type"] == "Automatic"


def main():
    with tempfile.TemporaryDirectory() as folder, Farm(folder, SCENARIO) as farm:
        met = True
        for number in range(4):
            # What was repaired by hand or never lost is bound again after the next boot.
            met = night(farm, number) and met
        met = check(farm) and met
        sentence = rows(farm)[0]["sentence"]
    print(f"boots-sentence: {sentence}, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
