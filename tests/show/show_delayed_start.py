"""Automatic (Delayed Start): pending after the boot, which is not known yet; then bound, never
missing."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402


def play(situation):
    farm = situation.farm
    farm.ctl("set", "pvs01", "startup=delayed")
    situation.scan("the night before", 0)
    situation.verdict("pvs01", "bound")
    farm.pass_time(hours=24)
    farm.ctl("reboot", "pvs01")
    farm.pass_time(seconds=75)
    situation.scan("75 s after the boot", 3)
    row = situation.verdict("pvs01", "pending")
    situation.expect("startup type", row.get("startup_type"), "Automatic (Delayed Start)")
    situation.missing({}, 3)
    farm.pass_time(minutes=10)
    situation.scan("ten minutes later", 0)
    situation.verdict("pvs01", "bound")
    situation.missing({}, 0, "--since", "30d")


if __name__ == "__main__":
    sys.exit(show("delayed-start", play))
