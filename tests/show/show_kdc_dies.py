"""The KDC stops in mid-scan: who had a ticket is read, the rest is unknown: auth, nobody else waits."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm, rfc3339  # noqa: E402
from harness.kdc import Kdc  # noqa: E402
from harness.programs import program  # noqa: E402

SCENARIO = """\
farm: emea
realm: EXAMPLE.TEST
accounts:
  - {name: audit, password: "correct horse"}
servers:
  - {names: "kerb[001:120]", site: south, transport: winrm, scheme: http, auth: kerberos, os: 2019, uptime: 9d, latency: 50ms}
  - {names: "ntlm[001:120]", site: north, transport: winrm, scheme: http, auth: ntlm, os: 2019, uptime: 9d, latency: 50ms}
"""
SETTINGS = "concurrency: 16\nretry_after: 1s\ndeadlines: {auth: 2s}\n"


def start_scan(farm, kdc):
    environment = {**os.environ, **kdc.environment}
    return subprocess.Popen([program("pvsaudit-collect"), "scan", "--config", farm.site.settings, "--db",
                             farm.site.db, "-i", farm.inventory, "--as-of", rfc3339(farm.now)],
                            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stop_after(farm, kdc, logins):
    """The KDC dies once so many have logged in with its tickets."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if farm.counts()["auth"]["audit"].get("kerberos", {}).get("accepted", 0) >= logins:
            kdc.stop()
            return True
        time.sleep(0.01)
    return False


def play(folder, kdc):
    with Farm(folder, SCENARIO, settings=SETTINGS, extra=("--keytab", f"{kdc.folder}/farm.keytab"),
              environment=kdc.environment) as farm:
        scan = start_scan(farm, kdc)
        stopped = stop_after(farm, kdc, 20)
        code = scan.wait(timeout=200)
        rows = [row for row in farm.ask("status", "--json").rows if row["expectation"] == "BNPXE"]
        logins = farm.counts()["auth"]["audit"]
    kerberos = [row for row in rows if row["host"].startswith("kerb")]
    ntlm = [row for row in rows if row["host"].startswith("ntlm")]
    bound = [row for row in kerberos if row["verdict"] == "bound"]
    lost = [row for row in kerberos if row["verdict"] == "unknown"]
    said = [row for row in lost if row["reason"] == "auth" and "KDC unreachable" in (row["detail"] or "")]
    others = [row for row in ntlm if row["verdict"] == "bound"]
    print(f"the KDC stopped in mid-scan: {'yes' if stopped else 'no'}; exit {code}")
    print(f"by Kerberos: {len(bound)} read, {len(lost)} unknown, of those {len(said)} auth (KDC unreachable)")
    if said:
        print(f"  {said[0]['detail']}")
    print(f"by NTLM: {len(others)} of {len(ntlm)} read; logins: {logins}")
    met = (stopped and code == 3 and len(bound) >= 20 and len(lost) > 0 and len(bound) + len(lost) == 120
           and len(said) == len(lost) and len(others) == 120 and logins["ntlm"]["accepted"] == 120
           and logins["ntlm"]["refused"] == 0)
    print(f"kdc-dies: {len(bound)} read with a ticket, {len(said)} told why not, {len(others)} others read, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


def main():
    with tempfile.TemporaryDirectory() as folder, Kdc(f"{folder}/kdc") as kdc:
        kdc.user("audit", "correct horse")
        kdc.keytab(f"{kdc.folder}/farm.keytab", [f"HTTP/kerb{n:03}" for n in range(1, 121)])
        return play(folder, kdc)


if __name__ == "__main__":
    sys.exit(main())
