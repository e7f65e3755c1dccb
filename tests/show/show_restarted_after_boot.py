"""Repaired by hand before anybody looked: bound, and said to be suspect."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402


def play(situation):
    farm = situation.farm
    situation.scan("the night before", 0)
    farm.pass_time(hours=20)
    farm.ctl("lose", "pvs02")
    farm.ctl("reboot", "pvs02")
    farm.pass_time(hours=2)
    farm.ctl("restart", "pvs02")
    farm.pass_time(hours=2)
    situation.scan("the night after", 0)
    row = situation.verdict("pvs02", "bound")
    situation.expect("restarted after boot", row.get("restarted_after_boot"), True)
    row = situation.verdict("pvs01", "bound")
    situation.expect("a server that was not rebooted", row.get("restarted_after_boot"), False)
    why = farm.ask("why", "pvs02", "--as-of", situation.when)
    situation.expect("why says restarted-after-boot", "restarted-after-boot" in why.out, True)
    situation.missing({}, 0)
    situation.last = "BNPXE bound, restarted-after-boot"


if __name__ == "__main__":
    sys.exit(show("restarted-after-boot", play))
