"""A maintenance night of sixty servers: the board tells lost, not bound before, repaired, not rebooted, unread and proven."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import rfc3339  # noqa: E402
from harness.gates import Gates  # noqa: E402
from harness.situation import show  # noqa: E402

SCENARIO = """\
farm: emea
accounts:
  - name: audit
    key: true
    password: simulated servers have no secrets
servers:
  - {names: "pvs[01:30]", site: frankfurt, os: [2019, 2022, 2016], uptime: 9d}
  - {names: "pvs[31:60]", site: lyon, os: [2019, 2022, 2016], uptime: 9d, transport: winrm, auth: ntlm}
"""
ALL = {f"pvs{number:02}" for number in range(1, 61)}
BEFORE = {"pvs01", "pvs31", "pvs32"}
LOST = {"pvs02", "pvs03", "pvs33", "pvs34"}
REPAIRED = {"pvs04", "pvs05", "pvs35"}
NOT_REBOOTED = {"pvs06", "pvs07", "pvs08", "pvs36", "pvs37"}
UNREAD = {"pvs09", "pvs38"}
PROVEN = ALL - BEFORE - LOST - REPAIRED - NOT_REBOOTED - UNREAD


def states(result):
    found = {}
    for row in result.rows:
        found.setdefault(row["state"], set()).add(row["host"])
    return found


def play(situation):
    farm = situation.farm
    gates = Gates(farm, [])
    farm.ctl("lose", *BEFORE, "now")
    farm.pass_time(minutes=10)
    situation.scan("the evening before", 1, "-q")
    farm.pass_time(hours=2)
    began = rfc3339(farm.now)
    farm.ctl("lose", *LOST, *BEFORE, *REPAIRED)
    farm.pass_time(minutes=30)
    farm.ctl("reboot", *(ALL - NOT_REBOOTED))
    farm.ctl("misbehave", *UNREAD, "cut")
    farm.pass_time(minutes=20)
    farm.ctl("restart", *REPAIRED)
    board = gates.ask("verify", "--since", began, "--no-wait", "--json", minutes=20)
    expected = {"lost": LOST, "not-bound-before": BEFORE, "repaired": REPAIRED, "not-rebooted": NOT_REBOOTED, "not-read": UNREAD,
                "proven": PROVEN}
    for state, servers in expected.items():
        seen = states(board).get(state, set())
        print(f"  {state:16} {len(seen):2}")
        situation.expect(f"{state}: servers on the wrong side", sorted(seen ^ servers), [])
    situation.expect("exit code", board.code, 1)
    print(f"  {board.json['sentence']}")
    farm.ctl("restart", *LOST, *BEFORE)
    farm.ctl("reboot", *NOT_REBOOTED)
    farm.ctl("misbehave", *UNREAD, "none")
    last = gates.ask("verify", "--since", began, "--stable", "1s", "--deadline", "60s", "--json", minutes=20)
    print(f"  after repairs: {last.json['sentence']}")
    situation.expect("after repairs: states", set(states(last)), {"proven", "repaired"})
    situation.expect("after repairs: repaired", states(last)["repaired"], BEFORE | LOST | REPAIRED)
    situation.expect("after repairs: exit code, without the deadline", last.code, 0)
    situation.last = f"{len(board.rows)} servers in {len(states(board))} states"


if __name__ == "__main__":
    sys.exit(show("verify-board", play, SCENARIO))
