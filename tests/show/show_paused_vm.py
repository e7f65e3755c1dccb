"""A VM that was paused for hours was not rebooted."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402
from harness.history import boots  # noqa: E402


def play(situation):
    farm = situation.farm
    situation.scan("the first night", 0)
    first = boots(farm.site.db)
    farm.pass_time(hours=24)
    farm.ctl("set", "pvs04", "pause=6h")
    situation.scan("after a pause of six hours", 0)
    situation.expect("boots known of each host", boots(farm.site.db), first)
    situation.verdict("pvs04", "bound")
    farm.pass_time(hours=24)
    situation.scan("the night after", 0)
    situation.expect("boots known of each host", boots(farm.site.db), first)
    situation.verdict("pvs04", "bound")
    situation.missing({}, 0, "--since", "30d")


if __name__ == "__main__":
    sys.exit(show("paused-vm", play))
