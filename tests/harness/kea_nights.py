"""Five nights of a real Kea that is deaf after a boot, each reading beside what it should say."""
import os
import time
from collections import namedtuple
from datetime import datetime, timedelta, timezone

from .daemon import kea, tftp
from .dhcp_client import discover
from .farm import rfc3339
from .machine import Machine, Network
from .programs import ROOT, Site

# udp67 and udp69: verdicts. finding: of `missing --since 12h`. scan and missing: exit codes.
# discover: what comes back to a client of the network.
Seen = namedtuple("Seen", "udp67 udp69 finding scan missing discover")
Reading = namedtuple("Reading", "night happened expected observed")

HEALTHY = Seen("bound", "bound", "-", 0, 0, "OFFER")
PENDING = Seen("pending", "bound", "-", 3, 3, "nobody listens")
DEAF = Seen("not-bound", "bound", "missing: lost-at-boot", 1, 1, "nobody listens")


class Stage:
    """One machine with Kea and a dnsmasq for TFTP, its network, and the history of a collector.

    settle: seconds in place of the 60 that the shipped expectations give a process.
    """

    def __init__(self, folder, settle=None, socket_type="udp", **interfaces):
        self.network = Network()
        self.machine = Machine(os.path.join(folder, "machine"), "dhcp01", self.network,
                               ["/etc/kea"])
        self.kea = kea(self.machine, socket_type, **interfaces)
        self.tftp = tftp(self.machine)
        self.site = Site(folder, os.path.join(folder, "hosts.yaml"))
        self.settle = settle or 60
        self.expectations = []
        self.expect = "[kea/kea-dhcp4, dnsmasq-tftp]"
        if settle is not None:
            self.expect = "[quick/kea-dhcp4, dnsmasq-tftp]"
            self.expectations = ["--expectations", self._quick(folder)]
        self.began = self.now = datetime.now(timezone.utc)
        self.readings = []

    def __enter__(self):
        self.network.__enter__()
        return self

    def __exit__(self, *_):
        self.machine.halt()
        self.network.__exit__()

    def _quick(self, folder):
        """The shipped expectation, but for its name and its settle time."""
        with open(os.path.join(ROOT, "expectations", "kea.yaml"), encoding="utf-8") as file:
            text = file.read()
        path = os.path.join(folder, "quick.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("profile: kea", "profile: quick")
                       .replace("settle_running: 60s", f"settle_running: {self.settle}s"))
        return path

    def boot_deaf(self):
        """The failure: Kea is a moment faster than its interface."""
        self.machine.reboot()
        self.kea.start()
        self.tftp.start()
        self.machine.interface_up()

    def boot_well(self):
        self.machine.reboot()
        self.machine.interface_up()
        self.kea.start()
        self.tftp.start()

    def let_settle(self):
        while (left := self.settle - self.machine.age(self.kea.pid)) >= 0:
            time.sleep(left + 0.02)

    def clock(self, night, minutes=0):
        """Nights are a day apart for the collector; for the machine they are moments."""
        self.now = self.began + timedelta(days=night, minutes=minutes)

    def scan(self):
        with open(self.site.inventory, "w", encoding="utf-8") as file:
            file.write("all:\n  hosts:\n" + self.machine.host_lines(pvsaudit_expect=self.expect))
        return self.site.scan("--as-of", rfc3339(self.now), *self.expectations,
                              enter=self.network.enter)

    def ask(self, *arguments):
        return self.site.ask(*arguments, "--as-of", rfc3339(self.now + timedelta(seconds=59)))

    def discover(self):
        return discover(self.network, self.machine.neighbour, self.machine.address)

    def look(self):
        """What a scan, the questions after it and a client see now."""
        scan = self.scan()
        verdicts = {row["expectation"]: row["verdict"] for row in self.ask("status", "--json").rows}
        found = [row["recovered_by"] or f"{row['state']}: {row['finding']}"
                 for row in self.ask("missing", "--since", "12h", "--json").rows]
        return Seen(verdicts.get("kea-dhcp4"), verdicts.get("dnsmasq-tftp"),
                    ", ".join(found) or "-", scan.code, self.ask("missing").code,
                    self.discover())

    def read(self, happened, expected):
        night = 1 + (self.now - self.began).days
        self.readings.append(Reading(night, happened, expected, self.look()))


def healthy(stage):
    stage.clock(0)
    stage.boot_well()
    stage.read("boots, and Kea finds its interface up", HEALTHY)


def deaf(stage):
    stage.clock(1)
    stage.boot_deaf()
    if stage.settle >= 60:
        stage.read("reboots, and Kea is faster than its interface", PENDING)
        stage.clock(1, 10)
    stage.let_settle()
    stage.read("its interface is up, Kea has had its time", DEAF)


def restarted(stage):
    stage.clock(2)
    stage.kea.restart()
    stage.read("Kea is restarted", HEALTHY._replace(finding="recovered-by-restart"))


def rebooted(stage):
    stage.clock(3)
    stage.boot_deaf()
    stage.let_settle()
    stage.read("reboots into it once more", DEAF)
    stage.clock(3, 10)
    stage.boot_well()
    stage.read("reboots, and all goes well", HEALTHY._replace(finding="recovered-by-reboot"))


def delayed(stage):
    stage.clock(4)
    stage.machine.reboot()
    stage.machine.interface_up()
    stage.tftp.start()
    stage.read("reboots, its interface is up, Kea is to start later", PENDING)
    stage.clock(4, 5)
    stage.kea.start()
    stage.read("Kea is started", HEALTHY)


NIGHTS = (healthy, deaf, restarted, rebooted, delayed)
