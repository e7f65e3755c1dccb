"""What is refused: a broken seal, no seal, a wrong certificate; and nothing is sent after that."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.kdc import Kdc  # noqa: E402

SCENARIO = """\
farm: emea
realm: EXAMPLE.TEST
accounts:
  - {name: audit, password: "correct horse"}
servers:
  - {names: "ntlm[1:8]", site: north, transport: winrm, scheme: http, auth: ntlm, os: 2019, uptime: 9d}
  - {names: "kerb[1:8]", site: south, transport: winrm, scheme: http, auth: kerberos, os: 2019, uptime: 9d}
  - {names: "tls[1:8]", site: west, transport: winrm, scheme: https, auth: ntlm, os: 2019, uptime: 9d}
"""
# host, what the server does, the reason that is told, requests that the server gets at most: the legs of
# the handshake (NTLM two, Kerberos one) and the one envelope whose answer is wrong
ROWS = [
    ("ntlm1", "tampered", "partial", 3),
    ("kerb1", "tampered", "partial", 2),
    ("ntlm2", "wrong-length", "partial", 3),
    ("kerb2", "wrong-length", "partial", 2),
    ("ntlm3", "unsealed", "partial", 3),
    ("kerb3", "unsealed", "partial", 2),
    ("ntlm4", "no-seal", "auth", 1),
    ("ntlm5", "skipped-message", "partial", 3),
    ("kerb5", "skipped-message", "partial", 2),
    ("tls1", "wrong-ca", "tls", 0),
    ("tls2", "wrong-cert-name", "tls", 0),
    ("tls3", "expired-cert", "tls", 0),
]


def play(folder, kdc):
    different = 0
    with Farm(folder, SCENARIO, settings="retry_after: 1s\n", extra=("--keytab", f"{kdc.folder}/farm.keytab"),
              environment=kdc.environment) as farm:
        for host, words, _, _ in ROWS:
            farm.ctl("misbehave", host, words)
        result = farm.scan("-l", ",".join(row[0] for row in ROWS), env=kdc.environment, timeout=200)
        rows = {row["host"]: row for row in farm.ask("status", "--json").rows if row["expectation"] == "BNPXE"}
        counts = {host: farm.counts(host) for host, _, _, _ in ROWS}
        good = farm.scan("-l", "ntlm8,kerb8,tls8", env=kdc.environment, timeout=60)
    for host, words, reason, most in ROWS:
        seen, requests = rows[host]["reason"], counts[host]["requests"]
        wrong = seen != reason or requests > most
        different += wrong
        print(f"{host:6} {words:16} unknown: {seen:8} {requests} requests: {rows[host]['detail'][:110]}"
              f"{f'   EXPECTED {reason}, at most {most}' if wrong else ''}")
    print(f"exit {result.code}; the servers that behave: exit {good.code}")
    met = different == 0 and result.code == 3 and good.code == 0
    print(f"refuse: {len(ROWS)} rows, {different} different, {'met' if met else 'UNMET'}")
    return 0 if met else 1


def main():
    with tempfile.TemporaryDirectory() as folder, Kdc(f"{folder}/kdc") as kdc:
        kdc.user("audit", "correct horse")
        kdc.keytab(f"{kdc.folder}/farm.keytab", [f"HTTP/kerb{n}" for n in range(1, 9)])
        return play(folder, kdc)


if __name__ == "__main__":
    sys.exit(main())
