"""The matrix of misbehaviour: one server of a farm for each row, all of them read in two scans."""
import collections
import csv
import json
import os
import re
import socket
import subprocess
import time
from datetime import timedelta

import yaml

from .agent import Agent
from .farm import Farm, rfc3339
from .kdc import Kdc
from .peak import kilobytes, measured
from .programs import NTLM_LEAKS, ROOT, program

TABLE = os.path.join(ROOT, "tests", "integration", "misbehaviour.tsv")
STATES = {"ssh": "src/collector/transport/ssh/ssh_state.c", "winrm": "src/collector/transport/winrm/winrm_state.c"}
Gone = collections.namedtuple("Gone", "realm address port")
Row = collections.namedtuple("Row", "host transport stage fault server verdict reason left")

SERVERS = {
    "key": {"transport": "ssh"},
    "agent": {"transport": "ssh"},
    "password": {"transport": "ssh", "account": "operator"},
    "keyboard": {"transport": "ssh", "account": "operator", "keyboard": "true"},
    "http": {"transport": "winrm", "scheme": "http", "auth": "ntlm"},
    "https": {"transport": "winrm", "scheme": "https", "auth": "ntlm"},
    "https-basic": {"transport": "winrm", "scheme": "https", "auth": "basic", "offers": "[negotiate, basic]"},
    # One item first and then Pulls, and no owners of sockets but in a shell's netstat.
    "http-old": {"transport": "winrm", "scheme": "http", "auth": "ntlm", "os": "2012 R2"},
    "https-old": {"transport": "winrm", "scheme": "https", "auth": "ntlm", "os": "2012 R2"},
    "http-chunked": {"transport": "winrm", "scheme": "http", "auth": "ntlm", "wire": "[chunked]"},
    "https-wide": {"transport": "winrm", "scheme": "https", "auth": "ntlm", "wire": "[utf-16]"},
    "kerberos": {"transport": "winrm", "scheme": "http", "auth": "kerberos"},
    "kerberos-old": {"transport": "winrm", "scheme": "http", "auth": "kerberos", "os": "2012 R2"},
}
# Hosts that behave, read in the same scans.
HEALTHY = {"good-ssh": "key", "good-http": "http", "good-https": "https", "good-old": "http-old"}


def is_sanitized():
    with open(program("pvsaudit-collect"), "rb") as file:
        return b"__asan_init" in file.read()


# What waits for a deadline is read with short ones; nothing else may come near its own.
HASTY = {"connect": 1000, "handshake": 1500, "auth": 1500, "exec": 1500, "visit": 15000}
PATIENT = {"connect": 20000, "handshake": 60000, "auth": 60000, "exec": 60000, "visit": 120000}
if is_sanitized():
    HASTY = {stage: 3 * ms for stage, ms in HASTY.items()}
# Who waits costs nothing; of the others so few that the farewell's three seconds are enough.
AT_ONCE = {"hasty": 80, "patient": 12}
FAREWELL_MS = 3000  # what is open is closed within so much after a failure
LATE_MS = 2000  # of a machine with other things to do
# Of the collector, while a dozen hosts send it 100 MB or more at once: about 105,000 in a release build.
PEAK_KB = 250_000
PEAK_KB_SANITIZED = 1_500_000
GOOD_MS = 10_000  # a host that behaves, in the midst of all others


def load():
    with open(TABLE, encoding="utf-8") as file:
        lines = list(csv.reader(file, delimiter="\t"))[1:]
    return [Row(f"row{number:03}", *line) for number, line in enumerate(lines, 1)]


def states(transport):
    """The names in the table of states, read off its source."""
    with open(os.path.join(ROOT, STATES[transport]), encoding="utf-8") as file:
        return re.findall(r'^    \[[A-Z]+_\w+\] = \{"([A-Z_]+)",', file.read(), re.M)


def scenario(rows):
    # Whoever is refused has an account of its own: some refusals stop a password for all.
    refused = {row.host for row in rows if row.reason == "auth" and row.server in ("password", "keyboard", "http", "https-basic")}
    lines = ["seed: 5", "realm: EXAMPLE.TEST", "accounts:", "  - {name: audit, key: true, password: correct horse}",
             "  - {name: operator, key: false, password: battery staple}"]
    lines += [f"  - {{name: {host}, key: false, password: of its own}}" for host in sorted(refused)]
    lines.append("servers:")
    hosts = {row.host: (row.server, row.fault) for row in rows}
    hosts.update({host: (server, "none") for host, server in HEALTHY.items()})
    for host, (server, fault) in hosts.items():
        keys = {"site": "lab", "uptime": "9d", "os": "2019", **SERVERS[server]}
        key, _, value = fault.partition(":")
        if key in ("reach", "wire"):
            keys[key] = f"[{value}]" if key == "wire" else value
        if host in refused:
            keys["account"] = host
        lines.append(f"  - {{names: {host}, " + ", ".join(f"{k}: {v}" for k, v in keys.items()) + "}")
    return "\n".join(lines) + "\n"


def waits(row):
    """It is a deadline that ends the visit."""
    return row.reason == "timeout" and not row.fault.startswith("timed-out") or row.fault in ("reach:blackhole", "kdc:silent")


Seen = collections.namedtuple("Seen", "verdict reason detail duration moves enumerations shells requests")


class Matrix:
    """`with Matrix(folder, rows) as matrix:` has played every row; then see seen, good, peak_kb ..."""

    def __init__(self, folder, rows):
        self.folder = str(folder)
        self.rows = rows
        self.kdc = Kdc(f"{self.folder}/kdc")
        self.farm = Farm(folder, scenario(rows), extra=("--keytab", f"{self.folder}/kdc/farm.keytab"),
                         environment=self.kdc.environment)
        self.agent = Agent(f"{self.folder}/agent")
        self.seen, self.good, self.peak_kb, self.codes, self.seconds = {}, {}, [], [], 0.0

    def __enter__(self):
        self._fill_realm()
        self.kdc.__enter__()
        self.agent.__enter__()
        self.farm.__enter__()
        self._write_inventory()
        for row in self.rows:
            if row.fault.partition(":")[0] not in ("reach", "wire", "kdc"):
                self.farm.ctl("misbehave", row.host, row.fault)
        began = time.monotonic()
        self._play([row for row in self.rows if waits(row)], HASTY)
        self._play([row for row in self.rows if not waits(row)], PATIENT)
        self.seconds = time.monotonic() - began
        return self

    def __exit__(self, *_):
        self.farm.__exit__()
        self.agent.__exit__()
        self.kdc.__exit__()
        self.silent.close()

    def _fill_realm(self):
        """The KDC knows us and the servers; of two other realms one KDC refuses and one says nothing."""
        self.kdc.user("audit", "correct horse")
        services = [f"HTTP/{row.host}" for row in self.rows if row.server.startswith("kerberos")]
        self.kdc.keytab(f"{self.kdc.folder}/farm.keytab", services or ["HTTP/nobody"])
        self.silent = socket.create_server(("127.0.0.1", 0))
        gone = Gone("GONE.TEST", "127.0.0.1", 1)
        silent = Gone("SILENT.TEST", "127.0.0.1", self.silent.getsockname()[1])
        with open(self.kdc.config, "w", encoding="utf-8") as file:
            file.write(Kdc.section([self.kdc, gone, silent]))

    def _write_inventory(self):
        """What a scenario cannot say: agents, and realms whose KDC is not there."""
        subprocess.run(["ssh-add", "-q", f"{self.folder}/client_key"], check=True, timeout=30,
                       env=dict(os.environ, SSH_AUTH_SOCK=self.agent.path))
        with open(self.farm.inventory, encoding="utf-8") as file:
            inventory = yaml.safe_load(file)
        hosts = inventory["all"]["children"]["lab"]["hosts"]
        for row in self.rows:
            if row.fault.startswith("kdc:"):
                hosts[row.host]["pvsaudit_realm"] = f"{row.fault[4:].upper()}.TEST"
            if row.server == "agent":
                hosts[row.host].update(pvsaudit_auth="agent", pvsaudit_key_file=None)
                del hosts[row.host]["pvsaudit_key_file"]
        key = inventory["all"]["vars"].pop("pvsaudit_key_file", None)
        for host, entry in hosts.items():
            server = next((row.server for row in self.rows if row.host == host), HEALTHY.get(host))
            if server == "key" and key is not None:
                entry["pvsaudit_key_file"] = key
        with open(self.farm.inventory, "w", encoding="utf-8") as file:
            yaml.safe_dump(inventory, file)

    def scan(self, hosts, deadlines):
        """Exit code, lines of stderr, peak of resident memory in KB."""
        settings = os.path.join(self.folder, "fire.yaml")
        at_once = AT_ONCE["hasty" if deadlines is HASTY else "patient"]
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"state_dir: {self.folder}/state\nretry_after: 5m\nconcurrency: {at_once}\ndeadlines:\n")
            file.writelines(f"  {key}: {value}ms\n" for key, value in deadlines.items())
        trace = os.path.join(self.folder, "trace")
        command = [program("pvsaudit-collect"), "scan", "--config", settings, "--db", self.farm.site.db, "-i",
                   self.farm.inventory, "--as-of", rfc3339(self.farm.now), "-vv", "-l", ",".join(hosts)]
        with open(trace, "w", encoding="utf-8") as errors:
            child = subprocess.run(measured(self.folder + "/peak", command), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=errors, check=False,
                                   env={**os.environ, **NTLM_LEAKS, **self.kdc.environment,
                                        "SSH_AUTH_SOCK": self.agent.path})
        with open(trace, encoding="utf-8", errors="replace") as file:
            return child.returncode, file.read().splitlines(), kilobytes(self.folder + "/peak")

    def read(self):
        """{host: (verdict, reason, detail)} and {host: duration in ms} of the newest readings."""
        rows = {row["host"]: (row["verdict"], row["reason"] or "-", row["detail"] or "")
                for row in self.farm.ask("status", "--json", "--as-of", rfc3339(self.farm.now + timedelta(minutes=5))).rows if row["expectation"] == "BNPXE"}
        lines = map(json.loads, self.farm.ask("db", "export").out.splitlines())
        return rows, {line["host"]: line["duration_ms"] for line in lines}

    def counts(self):
        return {line["host"]: line for line in map(json.loads, self.farm.ctl("counts", "all").splitlines())}

    def heal(self):
        """Everything behaves again and is read: {host: (verdict, reason)}, of those that can be reached."""
        self.farm.ctl("misbehave", "all", "none")
        self.farm.ctl("set", "all", "enumeration_timeout=4m", "idle_timeout=2h")
        self.farm.pass_time(minutes=10)
        reached = [row.host for row in self.rows if not row.fault.startswith(("reach:", "kdc:"))]
        self.codes.append(self.scan(reached, PATIENT)[0])
        readings, _ = self.read()
        return {host: readings[host][:2] for host in reached}

    def _play(self, rows, deadlines):
        self.farm.pass_time(minutes=10)
        code, lines, peak_kb = self.scan([row.host for row in rows] + list(HEALTHY), deadlines)
        self.codes.append(code)
        self.peak_kb.append(peak_kb)
        readings, durations = self.read()
        counts = self.counts()
        moves = collections.defaultdict(list)
        for line in lines:
            found = re.search(r"(\S+): \d+ ms: \[(\w+)\] -> \[(\w+)\]", line)
            if found:
                moves[found.group(1)].append((found.group(2), found.group(3)))
        for host in [row.host for row in rows] + list(HEALTHY):
            seen = Seen(*readings.get(host, ("none", "none", "")), durations.get(host), moves[host],
                        counts[host]["open_enumerations"], counts[host]["open_shells"], counts[host]["requests"])
            (self.good.setdefault(host, []) if host in HEALTHY else self.seen.setdefault(host, [])).append(seen)

    def peak_limit(self):
        return PEAK_KB_SANITIZED if is_sanitized() else PEAK_KB

    def delayed(self):
        """Healthy hosts that were not read, or late."""
        return {host: seen for host, seen in self.good.items()
                if any(one.verdict != "bound" or one.duration > GOOD_MS for one in seen)}

    def wrong(self, row):
        """Sentences: what is not as the row says; none where all is."""
        seen, = self.seen[row.host]
        limit = (HASTY if waits(row) else PATIENT)["visit"] + FAREWELL_MS + LATE_MS
        left = {"nothing": (0, 0), "enumeration": (1, 0), "shell": (0, 1)}[row.left]
        said = []
        if (seen.verdict, seen.reason) != (row.verdict, row.reason):
            said.append(f"{seen.verdict}: {seen.reason} ({seen.detail})")
        if not self.met_at(row, seen):
            said.append(f"not met in {row.stage}: {' '.join(to for _, to in seen.moves)}")
        if (seen.enumerations, seen.shells) != left:
            said.append(f"{seen.enumerations} enumerations and {seen.shells} shells are open")
        if seen.duration is None or seen.duration > limit:
            said.append(f"it took {seen.duration} ms")
        return said

    @staticmethod
    def met_at(row, seen):
        """The visit was in that state, and where it failed it was in that state that it did."""
        after = {"ENDING", "RELEASING", "DELETING", "CONNECTING"}
        if row.verdict == "bound" or row.reason == "wrong-host" or row.stage in ("ENDING", "DONE"):
            return any(row.stage in move for move in seen.moves)
        stages = {row.stage, "CONNECTING"} if row.fault == "refuse" else {row.stage}
        # Rows that cannot be understood are found only once everything was asked.
        whole = row.fault in ("bad-numbers", "garbage", "million-rows")
        return any(before in stages and (to in after or whole) for before, to in seen.moves)

    def everything_ends(self, timeout_s=15):
        """What nobody can name ends by the server's own timeouts."""
        self.farm.ctl("set", "all", "enumeration_timeout=1s", "idle_timeout=1s")
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            counts = self.farm.counts()
            if counts["open_enumerations"] == 0 and counts["open_shells"] == 0:
                return True
            time.sleep(0.1)
        return False
