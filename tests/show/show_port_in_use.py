"""Another process took UDP 67 before the service: port-in-use, exit 1."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402


def play(situation):
    farm = situation.farm
    situation.scan("the night before", 0)
    farm.pass_time(hours=23)
    farm.ctl("set", "pvs03", "rival=svchost.exe@0.0.0.0")
    farm.ctl("lose", "pvs03")
    farm.ctl("reboot", "pvs03")
    farm.pass_time(hours=1)
    situation.scan("the night after", 1)
    situation.verdict("pvs03", "port-in-use")
    situation.verdict("pvs03", "bound", "BNTFTP")
    rows = situation.missing({"pvs03": "lost-at-boot"}, 1)
    situation.expect("verdict of missing", [row["verdict"] for row in rows], ["port-in-use"])
    situation.last = "BNPXE port-in-use, exit 1"


if __name__ == "__main__":
    sys.exit(show("port-in-use", play))
