"""An account with WMI rights only: not-bound is told all the same, the service's state is denied."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.situation import show  # noqa: E402

SCENARIO = """\
farm: emea
accounts:
  - {name: audit, password: "correct horse", rights: tier-a}
servers:
  - {names: "pvs[01:04]", site: frankfurt, transport: winrm, scheme: http, auth: ntlm, os: [2019, 2022, 2016, 2012 R2], uptime: 9d}
"""


def service_of(farm, host):
    row = next(row for row in farm.ask("why", host, "--json").rows if row["expectation"] == "BNPXE")
    return row


def play(situation):
    farm = situation.farm
    situation.scan("the first night", 0)
    for host in ("pvs01", "pvs02", "pvs03"):
        situation.verdict(host, "bound")
    farm.pass_time(hours=23)
    farm.ctl("lose", "pvs01")
    farm.ctl("reboot", "pvs01", "pvs02")
    farm.pass_time(hours=1)
    situation.scan("the second night", 1)
    situation.missing({"pvs01": "lost-at-boot"}, 1)
    situation.verdict("pvs02", "bound")
    row = situation.verdict("pvs01", "not-bound")
    situation.expect("missing: state of the service", row.get("service_state"), "denied")
    situation.expect("why: state of the service", service_of(farm, "pvs01").get("service_state"), "denied")
    text = farm.ask("why", "pvs01").out
    situation.expect("why tells that the state is denied", "denied" in text, True)
    print(text)


if __name__ == "__main__":
    sys.exit(show("tier-a", play, SCENARIO))
