"""DHCP and TFTP servers in a machine of the tests: the real Kea and dnsmasq, with plain settings."""
import contextlib
import json
import os
import subprocess

from .machine import wait_until


class Daemon:
    """A program in the foreground of a machine; it has started when its log says so."""

    def __init__(self, machine, command, pid_file, log, started, lock_folder="/run/lock"):
        self.machine = machine
        self.command = command
        self.lock_folder = lock_folder
        self.said = os.path.join(machine.folder, command[0] + ".said")
        self.pid_file = pid_file
        self.log_file = log
        self.started = started
        self.process = None

    def start(self):
        """With a log of its own for each start."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.machine.path(self.log_file))
        self.machine.run("mkdir", "-p", os.path.dirname(self.pid_file), self.lock_folder,
                         os.path.dirname(self.log_file))
        with open(self.said, "w", encoding="utf-8") as said:
            self.process = subprocess.Popen([*self.machine.enter, *self.command],
                                            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                            env=dict(os.environ, KEA_LOCKFILE_DIR=self.lock_folder))
        wait_until(lambda: self.started in self.log() or not self.is_alive(),
                   f"{self.command[0]} starts")
        if not self.is_alive():
            with open(self.said, encoding="utf-8") as said:
                raise RuntimeError(f"{self.command[0]} has ended: {said.read()}{self.log()}")

    def stop(self):
        self.machine.run("kill", self.pid)
        self.process.wait(timeout=20)

    def restart(self):
        self.stop()
        self.start()

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        """As the machine numbers it."""
        with open(self.machine.path(self.pid_file), encoding="utf-8") as file:
            return int(file.read())

    def log(self):
        try:
            with open(self.machine.path(self.log_file), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""


def kea(machine, socket_type="udp", **interfaces):
    """kea-dhcp4 for eth0, where Debian's package keeps its files; machine: with its own /etc/kea.

    interfaces: more settings of interfaces-config, with _ in place of -.
    """
    settings = {
        "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": socket_type,
                              **{key.replace("_", "-"): value
                                 for key, value in interfaces.items()}},
        "lease-database": {"type": "memfile", "persist": False},
        "subnet4": [{"id": 1, "subnet": f"10.77.{machine.number}.0/24",
                     "pools": [{"pool": f"10.77.{machine.number}.100-10.77.{machine.number}.199"}]}],
        "loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [
            {"output": "/var/log/kea/kea-dhcp4.log", "flush": True}]}],
    }
    with open(machine.folder + "/etc/kea/kea-dhcp4.conf", "w", encoding="utf-8") as file:
        json.dump({"Dhcp4": settings}, file, indent=2)
    return Daemon(machine, ["kea-dhcp4", "-c", "/etc/kea/kea-dhcp4.conf"],
                  "/run/kea/kea-dhcp4.kea-dhcp4.pid", "/var/log/kea/kea-dhcp4.log",
                  "DHCP4_STARTED", "/run/lock/kea")


def dnsmasq(machine, *options):
    """dnsmasq without DNS, with the options that make it serve TFTP or DHCP."""
    return Daemon(machine, ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
                            "--user=root", "--pid-file=/run/dnsmasq/dnsmasq.pid",
                            "--dhcp-leasefile=/run/dnsmasq/leases",
                            "--log-facility=/var/log/dnsmasq.log", *options],
                  "/run/dnsmasq/dnsmasq.pid", "/var/log/dnsmasq.log", "started, version")


def tftp(machine):
    return dnsmasq(machine, "--enable-tftp", "--tftp-root=/etc/kea")
