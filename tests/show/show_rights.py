"""Accounts that lack rights: what is told of a healthy, a lost and a removed service, and never more than is known."""
import os
import sys
import tempfile
from datetime import timedelta

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm, rfc3339  # noqa: E402
from harness.programs import NTLM_LEAKS  # noqa: E402

HEALTHY, LOST, REMOVED = "h", "l", "r"
RUNNING, DENIED = "bound, Running", "bound, denied"
DEAF, DEAF_DENIED = "not-bound, Running", "not-bound, denied"
GONE, CLOSED = "service-removed", "unknown: denied (services)"

# What an account may do, the rights of the farm that it lacks, and what is told of the three servers. An empty
# key of a service is an answer only where keys can be read; sc.exe's 1060 is one for everybody who may connect.
WINRM = [
    ("an administrator", "admin", RUNNING, DEAF, GONE),
    ("tier A: WMI alone", "tier-a", DENIED, DEAF_DENIED, GONE),
    ("tier B: and PVS's services", "tier-b", RUNNING, DEAF, GONE),
    ("Remote Management Users alone", "remote-management-users", CLOSED, CLOSED, CLOSED),
    ("local administrator, filtered by UAC", "filtered", CLOSED, CLOSED, CLOSED),
    ("not root\\cimv2", "no-cimv2", CLOSED, CLOSED, GONE),
    ("not root\\standardcimv2", "no-standardcimv2", RUNNING, DEAF, GONE),
    ("nor a shell", "no-standardcimv2,no-shell", "unknown: partial (udp)", "unknown: partial (udp)", GONE),
    ("not root\\default", "no-default", RUNNING, DEAF, CLOSED),
    ("SCM leaves rows out", "no-sc", DENIED, DEAF_DENIED, GONE),
    ("nor root\\default", "no-sc,no-default", CLOSED, CLOSED, CLOSED),
    ("no WMI: by the shell", "no-cim", RUNNING, DEAF, GONE),
    ("no WMI, SCM denied: by the shell", "no-cim,no-sc", DENIED, DEAF_DENIED, GONE),
    ("no WMI, no shell", "no-cim,no-shell", CLOSED, CLOSED, CLOSED),
]
SSH = [
    ("an administrator", "admin", RUNNING, DEAF, GONE),
    ("tier A", "tier-a", DENIED, DEAF_DENIED, GONE),
    ("tier B", "tier-b", RUNNING, DEAF, GONE),
    ("an ordinary user", "remote-management-users", DENIED, DEAF_DENIED, GONE),
    ("and no registry", "filtered", CLOSED, CLOSED, GONE),
    ("SCM answers 5", "no-sc", DENIED, DEAF_DENIED, GONE),
    ("nor the registry", "no-sc,no-reg", CLOSED, CLOSED, GONE),
    ("no WMI", "no-cim", RUNNING, DEAF, GONE),
    ("no WMI, SCM denied", "no-cim,no-sc", DENIED, DEAF_DENIED, GONE),
    ("no shell: exec is refused", "exec", "unknown: denied (exec)", "unknown: denied (exec)",
     "unknown: denied (exec)"),
]
ROWS = [("winrm", *row) for row in WINRM] + [("ssh", *row) for row in SSH]


def names(transport, number):
    return {case: f"{transport}{number:02}-{case}" for case in (HEALTHY, LOST, REMOVED)}


def scenario():
    text = "farm: emea\naccounts:\n  - {name: audit, password: \"correct horse\", key: true}\nservers:\n"
    for case in (HEALTHY, LOST, REMOVED):
        text += (f"  - {{names: \"winrm[01:{len(WINRM):02}]-{case}\", site: north, transport: winrm, scheme: http, "
                 f"auth: ntlm, uptime: 9d}}\n"
                 f"  - {{names: \"ssh[01:{len(SSH):02}]-{case}\", site: south, uptime: 9d}}\n")
    return text


def ask(farm, question):
    return farm.ask(question, "--as-of", rfc3339(farm.now + timedelta(seconds=59)), "--json").rows


def told(farm):
    """{host: what is told of BNPXE}, of the newest reading."""
    rows = {row["host"]: row for row in ask(farm, "status") if row["expectation"] == "BNPXE"}
    words = {}
    for host, row in rows.items():
        detail = f" ({row['detail'].split(':')[0]})" if row.get("detail") and row["verdict"] == "unknown" else ""
        reason = f": {row['reason']}{detail}" if row["verdict"] == "unknown" else ""
        state = f", {row['service_state']}" if row["verdict"] in ("bound", "not-bound") else ""
        words[host] = f"{row['verdict']}{reason}{state}"
    return words


def numbered():
    count = {"winrm": 0, "ssh": 0}
    for transport, what, rights, *expected in ROWS:
        count[transport] += 1
        yield names(transport, count[transport]), transport, what, rights, expected


def bend(farm):
    """Take the rights away; then let one service be deaf and remove another."""
    for hosts, _, _, rights, _ in numbered():
        for host in hosts.values():
            farm.ctl(*(("misbehave", host, "no-exec") if rights == "exec" else ("set", host, f"rights={rights}")))
        farm.ctl("lose", hosts[LOST], "now")
        farm.ctl("set", hosts[REMOVED], "installed=false")


def judge(words):
    """Print the table; how many cells are as expected, and how many tell more than is known."""
    good = wrong = 0
    print(f"{'':6} {'rights':36} {'service':8} {'expected':26} observed")
    for hosts, transport, what, _, expected in numbered():
        for case, wanted in zip((HEALTHY, LOST, REMOVED), expected):
            seen = words[hosts[case]]
            lies = {HEALTHY: ("bound", "unknown"), LOST: ("not-bound", "unknown"), REMOVED: (GONE, "unknown")}[case]
            wrong += not seen.startswith(lies)
            good += seen == wanted
            name = {HEALTHY: "healthy", LOST: "lost", REMOVED: "removed"}[case]
            print(f"{transport:6} {what:36} {name:8} {wanted:26} {'same' if seen == wanted else seen + '   DIFFERS'}")
    return good, wrong


def main():
    with tempfile.TemporaryDirectory() as folder, Farm(folder, scenario()) as farm:
        first = farm.scan(env=NTLM_LEAKS)
        before = set(told(farm).values())
        bend(farm)
        farm.pass_time(hours=2)
        second = farm.scan(env=NTLM_LEAKS)
        good, wrong = judge(told(farm))
        missing = {row["host"] for row in ask(farm, "missing") if row["expectation"] == "BNPXE"}
    proven = {hosts[case] for hosts, _, _, _, expected in numbered()
              for case, wanted in zip((HEALTHY, LOST, REMOVED), expected) if wanted.startswith(("not-bound", GONE))}
    print(f"with all rights: exit {first.code}, {', '.join(sorted(before))}")
    print(f"without them: exit {second.code}; missing names {len(missing)} servers, {len(missing - proven)} of them "
          f"without proof, and leaves out {len(proven - missing)}")
    met = (first.code == 0 and before == {RUNNING} and second.code == 1 and good == 3 * len(ROWS) and wrong == 0 and
           missing == proven)
    print(f"rights: {good} of {3 * len(ROWS)} as expected, {wrong} denied and told as something else, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
