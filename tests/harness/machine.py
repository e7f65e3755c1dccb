"""A Linux machine in namespaces: it boots, reboots, loses and gets its network, and runs a real sshd.

Each boot is a time namespace, so that uptime and the ages of processes are those of the boot, with a
boot id of its own. What a machine keeps over a reboot lies in its folder; /run is new each time.
"""
import os
import subprocess
import time
import uuid

from .namespaces import MACHINE, Namespaces
from .sshd import Sshd

# A machine has no systemd: /run/systemd of the system that it is played on is not seen.
BOOT = """\
folder=$1
mount -t tmpfs run /run
mkdir -p /run/sshd /run/lock "$folder/lib" "$folder/log" "$folder/etc"
mount --bind "$folder/lib" /var/lib
mount --bind "$folder/log" /var/log
mount --bind "$folder/boot_id" /proc/sys/kernel/random/boot_id
[ ! -e /etc/machine-id ] || mount --bind "$folder/machine-id" /etc/machine-id
echo "$2" >/proc/sys/kernel/hostname
ip link set lo up
shift 2
for own in "$@"; do
    mkdir -p "$folder$own"
    mount --bind "$folder$own" "$own"
done
"""


def wait_until(true, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Network:
    """What machines are plugged into, a namespace of its own: the collector works from here."""

    def __init__(self):
        self.machines = 0

    def __enter__(self):
        self.namespaces = Namespaces(["--net"], "ip link set lo up")
        self.enter = self.namespaces.enter("--net")
        return self

    def __exit__(self, *_):
        self.namespaces.close()

    def plug(self, number, cable, address, here, namespaces):
        """The near end gets an address and is up; the far end is the machine's, and down."""
        subprocess.run([*self.enter, "sh", "-ec",
                        'ip link add "$1" type veth peer name "$2" netns "$5"\n'
                        'ip addr add "$4/24" dev "$1"\n'
                        'ip link set "$1" up\n'
                        'nsenter --target "$5" --net ip addr add "$3/24" dev "$2"',
                        "sh", f"{cable}.{number}", cable, address, here, str(namespaces.pid)],
                       check=True, timeout=30)

    def unplug(self, number, cable):
        """Whether it was plugged or not: a boot may have come to nothing."""
        subprocess.run([*self.enter, "ip", "link", "del", f"{cable}.{number}"], check=False,
                       stderr=subprocess.DEVNULL, timeout=30)


class Machine:
    """`with Network() as network, Machine(folder, "dhcp01", network) as machine:` and then boot().

    eth0 is the interface that its services are for, and down at the start of a boot; admin0 is the
    one that its sshd is reached by, and always up. own: folders of /etc that are the machine's.
    """

    def __init__(self, folder, name, network, own=()):
        self.folder = str(folder)
        self.name = name
        self.network = network
        self.own = own
        network.machines += 1
        self.number = network.machines
        self.address = f"10.77.{self.number}.1"
        self.neighbour = f"10.77.{self.number}.2"
        self.admin_address = f"10.78.{self.number}.1"
        self.namespaces = None
        self.sshd = None
        os.makedirs(self.folder, exist_ok=True)
        self._write("machine-id", uuid.uuid4().hex)
        for etc in own:
            os.makedirs(self.folder + etc, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.halt()

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text + "\n")

    def boot(self):
        """A boot that began this very second."""
        self.boot_id = str(uuid.uuid4())
        self._write("boot_id", self.boot_id)
        boottime = -int(time.clock_gettime(time.CLOCK_BOOTTIME))
        self.namespaces = Namespaces([*MACHINE, "--boottime", str(boottime)], BOOT, self.folder,
                                     self.name, *self.own)
        self.enter = self.namespaces.enter("--mount", "--uts", "--ipc", "--net", "--pid", "--time",
                                           "--root")
        self.network.plug(self.number, "eth0", self.address, self.neighbour, self.namespaces)
        self.network.plug(self.number, "admin0", self.admin_address, f"10.78.{self.number}.2",
                          self.namespaces)
        self.interface_up("admin0")
        self.sshd = Sshd(f"{self.folder}/sshd", [self.admin_address], port=2222,
                         enter=self.enter)
        self.sshd.__enter__()

    def halt(self):
        """All of its processes end at once, as by the power switch; what it keeps is kept."""
        if self.namespaces is None:
            return
        for cable in ("eth0", "admin0"):
            self.network.unplug(self.number, cable)
        self.namespaces.close()
        self.namespaces = None
        if self.sshd is not None:
            self.sshd.__exit__()

    def reboot(self):
        self.halt()
        self.boot()

    def run(self, *words):
        """What a program says that runs in the machine."""
        return subprocess.run([*self.enter, *map(str, words)], check=True, capture_output=True,
                              text=True, timeout=30, stdin=subprocess.DEVNULL).stdout

    def interface_up(self, name="eth0"):
        """Up, and running: what is started now finds its interface ready."""
        self.run("ip", "link", "set", name, "up")
        wait_until(lambda: "state UP" in self.run("ip", "-o", "link", "show", "dev", name),
                   f"{name} of {self.name} is up")

    def interface_down(self, name="eth0"):
        self.run("ip", "link", "set", name, "down")

    def age(self, pid):
        """Seconds since that process of the machine started, by its own clock."""
        uptime, stat, ticks = self.run(
            "sh", "-ec", 'cat /proc/uptime "/proc/$1/stat"; getconf CLK_TCK', "sh",
            pid).splitlines()
        return float(uptime.split()[0]) - int(stat.rsplit(")", 1)[1].split()[19]) / int(ticks)

    def path(self, inside):
        """Where a file of the machine is seen from outside, while it runs."""
        return f"/proc/{self.namespaces.pid}/root{inside}"

    def host_lines(self, **values):
        """One host of an Ansible inventory, indented for `all: hosts:`."""
        return self.sshd.host_lines(self.name, self.admin_address, **values)
