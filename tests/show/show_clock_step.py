"""A server whose clock is stepped by hours was not rebooted."""
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
    farm.ctl("set", "pvs01", "clock_step=+3h")
    farm.ctl("set", "pvs02", "clock_step=-2h")
    situation.scan("after the steps", 0)
    situation.expect("boots known of each host", boots(farm.site.db), first)
    for host in ("pvs01", "pvs02"):
        situation.verdict(host, "bound")
    farm.pass_time(hours=23)
    farm.ctl("reboot", "pvs01")
    farm.pass_time(hours=1)
    situation.scan("after a real reboot of pvs01", 0)
    situation.expect("boots known of pvs01", boots(farm.site.db)["pvs01"], first["pvs01"] + 1)
    situation.verdict("pvs01", "bound")


if __name__ == "__main__":
    sys.exit(show("clock-step", play))
