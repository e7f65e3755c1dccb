"""What a visit costs, against other clients at the same servers in the same run; see RESULTS.md.

usage: fleet.py [--out FILE] [--quick]

CPU is user and system time of the client for a host: what starting the program costs falls out as the
difference of two runs of different size. Times of a shared machine say little; ratios of one run do.
"""
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.foreign import PYTHON, legacy_openssl  # noqa: E402
from harness.kdc import Kdc  # noqa: E402
from harness.programs import program  # noqa: E402

PEER = os.path.join(os.path.dirname(__file__), "peer_pywinrm.py")
PASSWORD = "correct horse"
SERVERS = 400
SCENARIO = f"""\
farm: emea
realm: EXAMPLE.TEST
accounts:
  - {{name: audit, password: "{PASSWORD}", key: true}}
servers:
  - {{names: "basic[001:{SERVERS}]", site: a, transport: winrm, scheme: http, auth: basic, offers: [basic], unencrypted: true, os: 2019, uptime: 9d}}
  - {{names: "tls[001:{SERVERS}]", site: b, transport: winrm, scheme: https, auth: basic, offers: [basic], os: 2019, uptime: 9d}}
  - {{names: "ntlm[001:{SERVERS}]", site: c, transport: winrm, scheme: http, auth: ntlm, os: 2019, uptime: 9d}}
  - {{names: "kerb[001:{SERVERS}]", site: d, transport: winrm, scheme: http, auth: kerberos, os: 2019, uptime: 9d}}
  - {{names: "ssh[001:{SERVERS}]", site: e, transport: ssh, os: 2019, uptime: 9d}}
"""


def measure(command, environment=None, wait=300):
    """(CPU seconds, wall seconds, peak KB) of one command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})},
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    words = process.stderr.read().decode(errors="replace")
    process.stderr.close()
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{command[:4]}: exit {process.returncode}: {words[-500:]}")
    del before, wait
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss


class Fleet:
    def __init__(self, farm, kdc, folder):
        self.farm, self.kdc, self.folder = farm, kdc, folder
        self.runs = 0

    def ours(self, kind, hosts, concurrency=64):
        self.runs += 1
        database = f"{self.folder}/bench{self.runs}.db"
        last = f"{hosts:03}"
        command = [program("pvsaudit-collect"), "scan", "-q", "--config", self.farm.site.settings, "--db", database,
                   "-i", self.farm.inventory, "-l", f"{kind}[001:{last}]", "--concurrency", str(concurrency)]
        return measure(command, self.kdc.environment)

    def cpu_ms(self, kind, few=50, many=SERVERS, concurrency=64):
        """For a host: the difference of a large and a small run."""
        small = min(self.ours(kind, few, concurrency)[0] for _ in range(2))
        large = min(self.ours(kind, many, concurrency)[0] for _ in range(2))
        return 1000 * (large - small) / (many - few)

    def peer_ms(self, kind, transport, few=5, many=25):
        bundle = self.trust() if kind == "tls" else f"{self.farm.folder}/ca.pem"

        def run(hosts):
            keys = [self.farm.hosts[f"{kind}{number:03}"] for number in range(1, hosts + 1)]
            path = f"{self.folder}/peer.json"
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"transport": transport, "user": "audit", "password": PASSWORD,
                           "ca": bundle,
                           "urls": [f"{key['pvsaudit_scheme']}://{key['ansible_host']}:{key['pvsaudit_port']}/wsman"
                                    for key in keys]}, file)
            return measure([PYTHON, "-W", "ignore", PEER, path], legacy_openssl(self.folder))[0]
        return 1000 * (run(many) - run(few)) / (many - few)

    def trust(self):
        """What the system trusts and the farm's authority: a file for the peer, a folder for us."""
        folder, bundle = f"{self.folder}/certs", f"{self.folder}/bundle.pem"
        if not os.path.exists(folder):
            os.makedirs(folder)
            with open(bundle, "wb") as file:
                for path in ("/etc/ssl/certs/ca-certificates.crt", f"{self.farm.folder}/ca.pem"):
                    with open(path, "rb") as source:
                        file.write(source.read())
            with open(bundle, encoding="ascii", errors="replace") as file:
                for number, text in enumerate(file.read().split("-----END CERTIFICATE-----")[:-1]):
                    with open(f"{folder}/{number:03}.pem", "w", encoding="ascii", errors="replace") as single:
                        single.write(text.lstrip() + "-----END CERTIFICATE-----\n")
            subprocess.run(["openssl", "rehash", folder], check=True, stderr=subprocess.DEVNULL)
            with open(self.farm.inventory, encoding="utf-8") as file:
                text = file.read()
            with open(self.farm.inventory, "w", encoding="utf-8") as file:
                file.write(text.replace(f"{self.farm.folder}/ca.pem", folder))
        return bundle

    def memory_kb(self, kind, few=20, many=SERVERS):
        small, large = self.ours(kind, few, few)[2], self.ours(kind, many, many)[2]
        return (large - small) / (many - few)


def rows_winrm(fleet):
    rows = []
    for kind, transport, name, target in (("basic", "plaintext", "WinRM http", 1 / 5),
                                          ("tls", "ssl", "WinRM https", 1 / 20),
                                          ("ntlm", "ntlm", "WinRM NTLM, sealed", 1 / 6)):
        theirs = fleet.peer_ms(kind, transport)
        ours = fleet.cpu_ms(kind)
        rows.append((f"{name}: CPU a host", f"{ours:.2f} ms", f"python3-winrm {theirs:.1f} ms",
                     f"1/{theirs / ours:.1f}", f"<= 1/{1 / target:.0f}", ours / theirs <= target))
    sealed, plain = fleet.cpu_ms("kerb"), fleet.cpu_ms("basic")
    parts = plain + kerberos_parts_ms(fleet)
    rows.append(("WinRM Kerberos, sealed: CPU a host", f"{sealed:.2f} ms",
                 f"its parts (plain http, a ticket, a seal) {parts:.2f} ms", f"{sealed / parts:.2f}x", "<= 1.5x",
                 sealed <= 1.5 * parts))
    return rows


def kerberos_parts_ms(fleet):
    """A service ticket and a context a host, by python3-gssapi, without the time of starting it."""
    script = ("import sys, gssapi\n"
              "for n in range(1, int(sys.argv[1]) + 1):\n"
              "    name = gssapi.Name(f'HTTP@kerb{n:03}', gssapi.NameType.hostbased_service)\n"
              "    context = gssapi.SecurityContext(name=name, usage='initiate')\n"
              "    context.step()\n")

    def run(hosts):
        fleet.kdc.kinit("audit", PASSWORD)
        return measure([PYTHON, "-c", script, str(hosts)], fleet.kdc.environment)[0]
    return 1000 * (run(300) - run(20)) / 280


def rows_memory(fleet):
    rows = []
    for kind, name, target in (("ssh", "SSH", 64), ("basic", "WinRM http", 40), ("tls", "WinRM https", 130),
                               ("ntlm", "WinRM NTLM", 90)):
        kilobytes = fleet.memory_kb(kind)
        rows.append((f"{name}: memory for a host in flight", f"{kilobytes:.0f} KB", "", "", f"<= {target} KB",
                     kilobytes <= target))
    return rows


def rows_flat(fleet):
    rows = []
    for kind, name in (("ssh", "SSH"), ("ntlm", "WinRM NTLM")):
        few, many = fleet.cpu_ms(kind, concurrency=25), fleet.cpu_ms(kind, concurrency=SERVERS)
        rows.append((f"{name}: CPU a host, {SERVERS} in flight against 25", f"{many:.2f} ms", f"{few:.2f} ms",
                     f"{many / few:.2f}x", "<= 1.25x", many <= 1.25 * few))
    return rows


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"model name\s*:\s*(.*)", file.read())
    return (f"{found.group(1) if found else platform.machine()}, {os.cpu_count()} cores, "
            f"Linux {platform.release().split('-')[0]}")


def table(rows):
    lines = ["| what | ours | against | ratio | target | met |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row[:5])} | {'yes' if row[5] else '**no**'} |" for row in rows]
    return "\n".join(lines)


def main():
    out = sys.argv[sys.argv.index("--out") + 1] if "--out" in sys.argv else None
    rows = []
    with tempfile.TemporaryDirectory() as folder, Kdc(f"{folder}/kdc") as kdc:
        kdc.user("audit", PASSWORD)
        kdc.keytab(f"{kdc.folder}/farm.keytab", [f"HTTP/kerb{n:03}" for n in range(1, SERVERS + 1)])
        with Farm(folder, SCENARIO, extra=("--keytab", f"{kdc.folder}/farm.keytab"),
                  environment=kdc.environment) as farm:
            allow_basic(farm)
            fleet = Fleet(farm, kdc, folder)
            for part in (rows_winrm, rows_memory, rows_flat):
                rows += part(fleet)
                print(table(rows[-4:]), flush=True)
    text = (f"# The fleet's figures\n\n{machine()}; {datetime.now(timezone.utc):%Y-%m-%d}. The servers are simulated, "
            f"on the same machine as their clients.\n\n{table(rows)}\n")
    if out:
        with open(out, "w", encoding="utf-8") as file:
            file.write(text)
    print(f"fleet: {sum(row[5] for row in rows)} of {len(rows)} targets met")
    return 0


def allow_basic(farm):
    with open(farm.inventory, encoding="utf-8") as file:
        text = file.read()
    text = text.replace("    pvsaudit_os: 'windows'\n", "    pvsaudit_os: 'windows'\n    pvsaudit_allow_unencrypted: 'true'\n")
    with open(farm.inventory, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())
