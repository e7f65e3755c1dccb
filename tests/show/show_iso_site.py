"""A site that boots from ISO expects no PXE: not-expected, exit 0."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402

SCENARIO = """\
farm: emea
accounts:
  - name: audit
    key: true
servers:
  - names: iso[01:03]
    site: lyon
    pxe: [false, manual, false]
    expect: []
    os: [2022, 2019, 2016]
    uptime: 16d
"""


def play(situation):
    farm = situation.farm
    situation.scan("the night", 0)
    for host in ("iso01", "iso02", "iso03"):
        situation.verdict(host, "not-expected")
        situation.verdict(host, "not-expected", "BNTFTP")
    farm.pass_time(hours=1)
    farm.ctl("reboot", "iso01")
    farm.pass_time(hours=23)
    situation.scan("the night after a reboot", 0)
    situation.verdict("iso01", "not-expected")
    situation.missing({}, 0)


if __name__ == "__main__":
    sys.exit(show("iso-site", play, SCENARIO))
