"""Twenty questions to the gate, each with its answer, its sentence and its exit code."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.gates import Gates  # noqa: E402
from harness.situation import show  # noqa: E402

FRANKFURT = ", ".join(f"c{case}{letter}" for case, letters in {
    "01": "abc", "02": "ab", "03": "ab", "04": "ab", "05": "ab", "06": "ab", "08": "ab", "09": "a", "10": "ab",
    "11": "abc", "12": "a", "15": "a", "16": "ab", "18": "abcd"}.items() for letter in letters)
SCENARIO = f"""\
farm: emea
accounts:
  - name: audit
    key: true
    password: simulated servers have no secrets
servers:
  - names: [{FRANKFURT}]
    site: frankfurt
    os: [2019, 2022, 2016]
    uptime: 9d
  - names: [c01b, c02b, c03b, c04b, c05b, c06b, c08b, c10b, c16b, c18b]
    transport: winrm
    auth: ntlm
  - names: [c07a, c07b]
    site: lyon
    pxe: false
    expect: []
  - {{names: c07b, transport: winrm, auth: ntlm}}
  - {{names: c09b, site: frankfurt, farm: apac}}
  - {{names: c11b, reach: refused}}
  - {{names: c11c, transport: winrm, auth: ntlm, reach: refused}}
  - {{names: c16b, addresses: [10.1.0.5/24, 10.2.0.5/16], bind: 10.2.0.5}}
"""


def path(name, servers, **keys):
    return {"name": name, "method": "pxe", "pxe": servers, "tftp": servers, "login_servers": servers, **keys}


PATHS = [
    path("two", ["c01a", "c01b", "c01c"]),
    path("one-of-two", ["c02a", "c02b"]),
    path("deaf", ["c03a", "c03b"]),
    path("booting", ["c04a", "c04b"]),
    path("rebooted", ["c05a", "c05b"]),
    path("all", ["c06a", "c06b"]),
    {"name": "options", "method": "dhcp-options", "tftp": ["c08a"], "login_servers": ["c08a", "c08b"], "min": 1},
    path("farms", ["c09a", "c09b"], min=1),
    path("held", ["c10a", "c10b"], min=1),
    path("far", ["c11a", "c11b", "c11c"]),
    path("names", ["c15a", "c15x"], min=1),
    path("backup", ["c16a", "c16b"], min=1),
    path("disabled", ["c18a", "c18b"], min=1),
    path("disabled-next", ["c18c", "c18d"], min=1),
]

# Case, words, answer, exit code, and what its sentence or notes must say.
CASES = [
    (1, "two proven peers", ["c01a"], "GO", 0, "c01a may be taken down"),
    (2, "one proven peer left of min 2", ["c02a"], "GO WITH WARNING", 0, "1 proven responder (c02b), fewer than its 2"),
    (3, "the only peer is not bound though Running", ["c03a"], "NO-GO", 1, "PXE of deaf: c03b is not-bound"),
    (5, "bound in an older reading, rebooted since", ["c05a"], "NO-GO", 1, "PXE of rebooted: c05b is not-bound"),
    (6, "all servers of a path at once", ["c06a", "c06b"], "NO-GO", 1, "c06a,c06b must not be taken down"),
    (7, "a site that boots from ISO: its last login server", ["c07a"], "NO-GO", 1, "login of site lyon of farm emea: c07b is"),
    (8, "DHCP option 66 names the server", ["c08a"], "NO-GO", 1, "DHCP option 66 of options names it"),
    (9, "a peer of another farm", ["c09a"], "NO-GO", 1, "c09b is of another farm"),
    (10, "a peer held by another change", ["c10a"], "NO-GO", 1, "c10b is held by CHG10"),
    (11, "peers unreachable", ["c11a"], "CANNOT TELL", 3, "c11b could not be read (unknown: refused)"),
    (12, "no boot path and no site", ["c12a"], "CANNOT TELL", 3, "nothing was checked for c12a"),
    (14, "--cached, old readings say GO", ["c01a", "--cached"], "PLANNING ONLY", 3, "by old readings, GO"),
    (14, "--cached, even they say NO-GO", ["c03a", "--cached"], "NO-GO", 1, "by old readings, NO-GO"),
    (15, "two names of one machine", ["c15a"], "NO-GO", 1, "c15x is the same machine as c15a"),
    (15, "the other of the two names", ["c15x"], "NO-GO", 1, "c15a is the same machine as c15x"),
    (16, "bound on the backup network only", ["c16a"], "NO-GO", 1, "PXE of backup: c16b is wrong-address"),
    (17, "--override", ["c03a", "--override", "agreed with the help desk"], "GO WITH OUTAGE", 0, "overridden (agreed with the help desk), NO-GO"),
    (18, "a peer whose startup type is Disabled, booted", ["c18a"], "NO-GO", 1, "PXE of disabled: c18b is disabled"),
    (18, "a peer that is Disabled and not booted yet", ["c18c"], "GO", 0, "c18d is bound for PXE, but its startup type is Disabled"),
]


def alter(groups, hosts):
    """What a farm cannot have: a name without a site, a second name of a server, an address that must be served."""
    groups["homeless"] = {"hosts": {"c12a": groups["frankfurt"]["hosts"].pop("c12a")}}
    frankfurt = groups["frankfurt"]["hosts"]
    frankfurt["c15x"] = {**frankfurt["c15a"], "pvsaudit_computer_name": "C15A"}
    frankfurt["c16b"]["pvsaudit_pxe_addresses"] = ["10.1.0.5"]


def check(situation, number, what, result, answer, code, words):
    said = result.json if result.out else {"answer": None, "sentence": result.err.strip()}
    print(f"({number}) {what}: {said['answer']}, exit {result.code}\n    {said['sentence']}")
    text = " ".join([said["sentence"], *said.get("notes", [])])
    if (said["answer"], result.code) != (answer, code) or words not in text:
        situation.expect(f"({number})", (said["answer"], result.code, text), (answer, code, words))
    if result.out and len(said["not_checked"]) < 5:
        situation.expect(f"({number}) tells what was not checked", said["not_checked"], "five at least")
    situation.last = f"{situation.cases} questions"


def play(situation):
    farm = situation.farm
    gates = Gates(farm, PATHS, alter)
    situation.cases = len(CASES) + 2
    farm.pass_time(minutes=1)
    print(f"a night before: exit {farm.scan().code}")
    farm.pass_time(hours=8)
    farm.ctl("lose", "c03b", "now")
    farm.ctl("lose", "c05b")
    farm.ctl("set", "c18b", "startup=disabled")
    farm.ctl("set", "c18d", "startup=disabled")
    farm.ctl("set", "c07b", "state.StreamService=stopped")
    farm.ctl("reboot", "c05b", "c18b")
    held = gates.gate("c10b", "--hold", "--change", "CHG10", "--until", "8h", minutes=10)
    situation.expect("c10b is held for CHG10", (held.json["answer"], held.code), ("GO", 0))
    for number, what, words, answer, code, sentence in CASES:
        check(situation, number, what, gates.gate(*words), answer, code, sentence)
    farm.ctl("set", "c04b", "startup=delayed")
    farm.ctl("reboot", "c04b")
    farm.pass_time(seconds=30)
    check(situation, 4, "a peer pending after its boot", gates.gate("c04a", minutes=0), "NO-GO", 1, "PXE of booting: c04b is pending")
    check(situation, 13, "a server outside the inventory", gates.gate("c99a"), None, 2, "no host or group is called `c99a`")
    kinds = [row["kind"] for row in farm.ask("decisions", "--json").rows]
    situation.expect("decisions: gate, hold, override", (kinds.count("gate"), kinds.count("hold"), kinds.count("override")),
                     (len(CASES) + 1, 1, 1))


if __name__ == "__main__":
    sys.exit(show("gate-cases", play, SCENARIO))
