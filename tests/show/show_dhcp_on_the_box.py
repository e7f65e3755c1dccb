"""The DHCP server on the same box owns 67: 4011 by the PXE service counts."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402


def play(situation):
    farm = situation.farm
    farm.ctl("set", "pvs01", "dhcp=true")
    situation.scan("the night before", 0)
    row = situation.verdict("pvs01", "bound")
    situation.expect("the port that was judged", row.get("port"), 4011)
    farm.pass_time(hours=23)
    farm.ctl("lose", "pvs01")
    farm.ctl("reboot", "pvs01")
    farm.pass_time(hours=1)
    situation.scan("the night after", 1)
    row = situation.verdict("pvs01", "not-bound")
    situation.expect("the port that was judged", row.get("port"), 4011)
    situation.missing({"pvs01": "lost-at-boot"}, 1)


if __name__ == "__main__":
    sys.exit(show("dhcp-on-the-box", play))
