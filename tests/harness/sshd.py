"""Real OpenSSH servers on loopback addresses, started and stopped by pid, with keys of their own."""
import contextlib
import getpass
import os
import re
import signal
import socket
import subprocess
import time

ADDRESSES_EACH = 16  # what one sshd listens on at most


def keygen(path, kind="ed25519", passphrase="", *options):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", path,
                    *options], check=True, timeout=60)
    return path


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def penalises():
    """From 9.8 on sshd shuts out for a while whoever failed often, and here everybody is loopback."""
    version = subprocess.run(["ssh", "-V"], capture_output=True, text=True, timeout=30).stderr
    found = re.match(r"OpenSSH_(\d+)\.(\d+)", version)
    return bool(found) and (int(found[1]), int(found[2])) >= (9, 8)


class Sshd:
    """`with Sshd(folder, addresses) as sshd:` serves this user by key on every address."""

    def __init__(self, folder, addresses, extra=(), port=None, enter=()):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.addresses = list(addresses)
        self.extra = list(extra)
        self.port = port or free_port(self.addresses[0])
        self.enter = list(enter)  # the words that start a program in a machine of the tests
        self.user = getpass.getuser()
        self.key = os.path.join(self.folder, "client")
        self.host_key = os.path.join(self.folder, "host")
        self.known_hosts = os.path.join(self.folder, "known_hosts")
        self.processes = []

    def _config(self, number, addresses):
        path = os.path.join(self.folder, f"sshd_config.{number}")
        lines = list(self.extra)  # sshd takes the first value of a keyword
        lines += [f"ListenAddress {address}:{self.port}" for address in addresses]
        lines += [
            f"HostKey {self.host_key}",
            f"PidFile {self.folder}/sshd.{number}.pid",
            f"AuthorizedKeysFile {self.key}.pub",
            "UsePAM no", "StrictModes no", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "PermitRootLogin yes", "MaxStartups 500",
            "LogLevel ERROR",
        ]
        if penalises():
            lines.append("PerSourcePenalties no")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def __enter__(self):
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        for key in (self.key, self.host_key):
            if not os.path.exists(key):
                keygen(key)
        with open(self.host_key + ".pub", encoding="utf-8") as file:
            public = " ".join(file.read().split()[:2])
        with open(self.known_hosts, "w", encoding="utf-8") as file:
            for address in self.addresses:
                file.write(f"[{address}]:{self.port} {public}\n")
        for number, first in enumerate(range(0, len(self.addresses), ADDRESSES_EACH)):
            with contextlib.suppress(FileNotFoundError):  # of a boot before
                os.unlink(os.path.join(self.folder, f"sshd.{number}.pid"))
            config = self._config(number, self.addresses[first:first + ADDRESSES_EACH])
            log = open(os.path.join(self.folder, f"sshd.{number}.log"), "wb")
            self.processes.append(subprocess.Popen(
                [*self.enter, "/usr/sbin/sshd", "-D", "-e", "-f", config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log))
            log.close()
        for number in range(len(self.processes)):
            self._wait_for(os.path.join(self.folder, f"sshd.{number}.pid"))
        return self

    def _wait_for(self, pid_file):
        """sshd writes it once it listens on all its addresses."""
        deadline = time.monotonic() + 20
        while not os.path.exists(pid_file):
            if time.monotonic() > deadline or any(p.poll() is not None for p in self.processes):
                self.__exit__()
                raise RuntimeError("sshd did not start: " + self.log())
            time.sleep(0.02)

    def log(self):
        text = ""
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name), errors="replace") as file:
                    text += file.read()
        return text

    def __exit__(self, *_):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(timeout=20)
        self.processes = []

    def host_lines(self, name, address, **values):
        """One host of an Ansible inventory, indented for `all: hosts:`."""
        settings = {
            "ansible_host": address, "ansible_port": self.port, "ansible_user": self.user,
            "pvsaudit_transport": "ssh", "pvsaudit_os": "linux", "pvsaudit_auth": "key",
            "pvsaudit_key_file": self.key, "pvsaudit_known_hosts": self.known_hosts,
        }
        settings.update(values)
        lines = [f"    {name}:"]
        lines += [f"      {key}: {value}" for key, value in settings.items() if value is not None]
        return "\n".join(lines) + "\n"
