"""Real sshd on 200 loopback addresses read by key, and five that fail for five reasons."""
import json
import os
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import Site  # noqa: E402
from harness.sshd import Sshd, free_port, keygen  # noqa: E402

GOOD = 200
# The hanging host keeps its place for more than a minute: all others must be read in that time. Two
# hundred addresses of one machine are one machine's work, so few are asked at a time.
SETTINGS = ("concurrency: 16\nretry_after: 1s\n"
            "deadlines: {connect: 5s, handshake: 40s, auth: 20s, exec: 30s, visit: 60s}\n")


class SilentServer:
    """Accepts connections and never says a word."""

    def __init__(self, address):
        self.listener = socket.socket()
        self.listener.bind((address, 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        self.taken = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                self.taken.append(self.listener.accept()[0])
            except OSError:
                return

    def close(self):
        self.listener.close()
        for connection in self.taken:
            connection.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        return play(folder)


def play(folder):
    addresses = [f"127.0.{10 + i // 250}.{1 + i % 250}" for i in range(GOOD)]
    cut = os.path.join(folder, "cut.sh")
    with open(cut, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\necho @@begin os\nhead -c 300000 /dev/zero | tr '\\0' x\nkill -9 $PPID\n")
    os.chmod(cut, 0o755)
    password = os.path.join(folder, "password.txt")
    with open(password, "w", encoding="utf-8") as file:
        file.write("not the password\n")
    os.chmod(password, 0o600)
    silent = SilentServer("127.0.20.2")
    inventory = os.path.join(folder, "hosts.yaml")
    with Sshd(f"{folder}/good", addresses) as good, \
            Sshd(f"{folder}/changed", ["127.0.20.1"]) as changed, \
            Sshd(f"{folder}/cutting", ["127.0.20.4"], [f"ForceCommand {cut}"]) as cutting, \
            Sshd(f"{folder}/password", ["127.0.20.5"],
                 ["PasswordAuthentication yes", "PubkeyAuthentication no"]) as wrong:
        other = keygen(f"{folder}/another")
        with open(other + ".pub", encoding="utf-8") as file:
            public = " ".join(file.read().split()[:2])
        with open(changed.known_hosts, "w", encoding="utf-8") as file:
            file.write(f"[127.0.20.1]:{changed.port} {public}\n")
        text = "all:\n  hosts:\n"
        text += changed.host_lines("changed", "127.0.20.1")
        text += good.host_lines("hanging", "127.0.20.2", ansible_port=silent.port)
        text += good.host_lines("refusing", "127.0.20.3", ansible_port=free_port("127.0.20.3"))
        text += cutting.host_lines("cutting", "127.0.20.4")
        text += wrong.host_lines("wrong", "127.0.20.5", pvsaudit_auth="password",
                                 pvsaudit_key_file=None, pvsaudit_password_file=password)
        for number, address in enumerate(addresses, 1):
            text += good.host_lines(f"host{number:03}", address)
        with open(inventory, "w", encoding="utf-8") as file:
            file.write(text)
        site = Site(folder, inventory, SETTINGS)
        result = site.scan("--json", timeout=200)
    silent.close()
    if result.code not in (1, 3):
        print(result)
    visits = {}
    exported = site.ask("db", "export")
    for line in exported.out.splitlines():
        visit = json.loads(line)
        visits[visit["host"]] = visit
    read = [name for name, visit in visits.items() if name.startswith("host") and visit["read"]]
    print(f"read by key: {len(read)} of {GOOD}")
    expected = {"changed": "host-key", "hanging": "timeout", "refusing": "refused",
                "cutting": "partial", "wrong": "auth"}
    fine = len(read) == GOOD and result.code == 3
    for name, reason in expected.items():
        visit = visits.get(name, {})
        fine = fine and visit.get("reason") == reason
        print(f"{name:9} {visit.get('reason'):9} (expected {reason}): {visit.get('detail')}")
    slow = max((visits[name]["duration_ms"] for name in read), default=0)
    hang = visits.get("hanging", {}).get("duration_ms", 0)
    print(f"slowest of the 200: {slow} ms; the hanging one was given up after {hang} ms")
    last_read = max((visits[name]["time"] for name in read), default="")
    not_delayed = last_read < visits.get("hanging", {}).get("time", "")
    print(f"all 200 were read before the hanging one was given up: {'yes' if not_delayed else 'no'}")
    met = fine and not_delayed
    print(f"sshd-200: {len(read)} read, {len(set(expected.values()))} reasons, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
