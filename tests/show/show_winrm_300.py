"""300 servers over WinRM, a third each by sealed NTLM, sealed Kerberos and https; three lost UDP 67."""
import os
import sys
import tempfile
from datetime import timedelta

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm, rfc3339  # noqa: E402
from harness.kdc import Kdc  # noqa: E402
from harness.wiretap import Wiretap  # noqa: E402

SCENARIO = """\
farm: emea
realm: EXAMPLE.TEST
accounts:
  - {name: audit, password: "correct horse"}
servers:
  - {names: "ntlm[001:100]", site: north, transport: winrm, scheme: http, auth: ntlm, os: [2019, 2022, 2016, 2012 R2], uptime: 9d}
  - {names: "kerb[001:100]", site: south, transport: winrm, scheme: http, auth: kerberos, os: [2019, 2022, 2025], uptime: 9d}
  - {names: "tls[001:100]", site: west, transport: winrm, scheme: https, auth: ntlm, cbt: strict, os: [2019, 2022], uptime: 9d}
"""
LOST = ["kerb042", "ntlm007", "tls099"]
BENT = {"ntlm050": "skipped-message", "kerb050": "tampered", "ntlm051": "html-503", "kerb051": "late-401",
        "ntlm052": "deny-auth", "kerb052": "wrong-length", "ntlm056": "expired-context"}


def ports(farm, scheme):
    return {keys["pvsaudit_port"] for keys in farm.hosts.values() if keys["pvsaudit_scheme"] == scheme}


def read(farm):
    """{host: was read} of the newest visits."""
    return {row["host"]: row["verdict"] != "unknown" for row in farm.ask("status", "--json", "--as-of", rfc3339(farm.now + timedelta(minutes=5))).rows
            if row["expectation"] == "BNPXE"}


def play(folder, kdc):
    fine = True
    with Farm(folder, SCENARIO, extra=("--keytab", f"{kdc.folder}/farm.keytab"),
              environment=kdc.environment) as farm, Wiretap(folder, ports(farm, "http")) as tap:
        first = farm.scan(env=kdc.environment, timeout=200)
        seen = sum(read(farm).values())
        print(f"the first night: exit {first.code}, {seen} of 300 read")
        fine = fine and first.code == 0 and seen == 300
        farm.pass_time(hours=23)
        farm.ctl("lose", *LOST)
        farm.ctl("reboot", *LOST, "kerb001", "ntlm001", "tls001")
        farm.pass_time(hours=1)
        second = farm.scan(env=kdc.environment, timeout=200)
        missing = farm.ask("missing", "--json")
        names = sorted(row["host"] for row in missing.rows)
        findings = {row["finding"] for row in missing.rows}
        print(f"the second night: exit {second.code}; missing: {', '.join(names)} ({', '.join(sorted(findings))})")
        fine = fine and second.code == 1 and names == LOST and findings == {"lost-at-boot"}
        for host, words in BENT.items():
            farm.ctl("misbehave", host, words)
        farm.pass_time(minutes=10)
        third = farm.scan("-l", ",".join(BENT), env=kdc.environment, timeout=200)
        readable = read(farm)
        unread = [host for host in BENT if not readable[host]]
        print(f"{len(BENT)} servers misbehave: exit {third.code}, not read: {len(unread)}")
        # Who was refused is not read; exit 3 says that it cannot be told.
        fine = fine and third.code == 3 and len(unread) == len(BENT)
        mechanisms = farm.counts()["auth"]["audit"]
        counts = farm.counts()
    words = tap.count("Envelope")
    print(f"logins: {', '.join(f'{key} {value}' for key, value in mechanisms.items() if isinstance(value, dict))}")
    print(f"open on the farm: {counts['open_enumerations']} enumerations, {counts['open_shells']} shells")
    print(f"{tap.size()} bytes of the http port, {tap.dropped or 'none'} dropped: 'Envelope' stands in {words}")
    met = (fine and words == 0 and tap.size() > 1_000_000 and not tap.dropped
           and counts["open_enumerations"] == 0 and counts["open_shells"] == 0)
    print(f"winrm-300: 300 read, {len(names)} of {len(LOST)} named, {words} in the clear, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


def main():
    with tempfile.TemporaryDirectory() as folder, Kdc(f"{folder}/kdc") as kdc:
        kdc.user("audit", "correct horse")
        kdc.keytab(f"{kdc.folder}/farm.keytab", [f"HTTP/kerb{n:03}" for n in range(1, 101)])
        return play(folder, kdc)


if __name__ == "__main__":
    sys.exit(main())
