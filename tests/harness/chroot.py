"""Fresh Debian systems in a chroot each: a copy of a debootstrapped tree, gone at the end."""
import os
import shutil
import subprocess
import tempfile

from .programs import ROOT

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
CACHE = os.environ.get("PVSAUDIT_CHROOTS", "/var/tmp/pvsaudit-chroots")
SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}


def base_of(suite):
    """A minbase tree with git, made once; nothing is ever run in it."""
    base = os.path.join(CACHE, suite)
    if not os.path.exists(base + ".made"):
        os.makedirs(CACHE, exist_ok=True)
        # What an interrupted run left mounted must not be removed with the tree.
        subprocess.run(["umount", "-l", base + "/proc"], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(base, ignore_errors=True)
        print(f"debootstrap {suite} ...", flush=True)
        subprocess.run(["debootstrap", "--variant=minbase", "--include=git,ca-certificates,sudo",
                        suite, base, MIRROR], check=True, stdout=subprocess.DEVNULL)
        with open(base + ".made", "w", encoding="utf-8"):
            pass
    return base


def why_not():
    """What lacks to make one here, or None."""
    if os.geteuid() != 0:
        return "it needs root: it makes chroots"
    if shutil.which("debootstrap") is None:
        return "it needs debootstrap (apt-get install debootstrap)"
    return None


class Chroot:
    """`with Chroot(suite) as chroot:`; /srv/pvsaudit.git is a clone of this repository."""

    def __init__(self, suite):
        self.root = tempfile.mkdtemp(prefix=f"pvsaudit-{suite}-", dir="/var/tmp")
        os.chmod(self.root, 0o755)
        subprocess.run(["cp", "-a", base_of(suite) + "/.", self.root], check=True)
        shutil.copy("/etc/resolv.conf", self.root + "/etc/resolv.conf")
        # Machines in namespaces need a root that is a mount point.
        for mount in (["mount", "--bind", self.root, self.root],
                      ["mount", "-t", "proc", "proc", self.root + "/proc"],
                      ["mount", "-t", "sysfs", "-o", "ro", "sys", self.root + "/sys"],
                      ["mount", "--bind", "/dev", self.root + "/dev"],
                      ["mount", "--bind", "/dev/pts", self.root + "/dev/pts"]):
            subprocess.run(mount, check=True)
        subprocess.run(["git", "clone", "-q", "--bare", ROOT, self.root + "/srv/pvsaudit.git"],
                       check=True)
        subprocess.run(["chmod", "-R", "a+rX", self.root + "/srv"], check=True)
        self.run("root", "useradd -m -s /bin/sh tester && "
                         "echo 'tester ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/tester", check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def clone(self, user):
        """The repository in the user's home folder, as a person would have it."""
        self.run("root", f"chown -R {user} /srv/pvsaudit.git", check=True)
        self.run(user, "git clone -q /srv/pvsaudit.git pvsaudit", check=True)

    def run(self, user, script, check=False, timeout=3600):
        home = "/root" if user == "root" else f"/home/{user}"
        command = ["chroot", self.root, "/usr/bin/env", "-i",
                   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   f"HOME={home}", "LANG=C.UTF-8"]
        if user != "root":
            command += ["setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups"]
        command += ["/bin/sh", "-c", f"cd {home} && {script}"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                              timeout=timeout, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return done

    def enabled(self):
        """What starts with the system: systemd's links, and those of the runlevels."""
        found = []
        for folder in ("etc/systemd/system", "etc/systemd/user", "etc/rcS.d", "etc/rc2.d",
                       "etc/rc3.d", "etc/rc4.d", "etc/rc5.d"):
            for place, folders, names in os.walk(os.path.join(self.root, folder)):
                paths = [os.path.join(place, name) for name in folders + names]
                found += [os.path.relpath(path, self.root) for path in paths
                          if os.path.islink(path)]
        return sorted(found)

    def processes(self):
        """{pid: command line} of what runs in this system."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/root") == self.root:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        found[pid] = file.read().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it has ended
        return found

    def sockets(self):
        """The listening sockets of the processes of this system."""
        pids = set(self.processes())
        found = []
        listed = subprocess.run(["ss", "-Hltunp"], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            if any(f"pid={pid}," in line for pid in pids):
                found.append(" ".join(line.split()[i] for i in (0, 4)))
        return sorted(found)

    def close(self):
        for place in ("/dev/pts", "/dev", "/sys", "/proc", ""):
            subprocess.run(["umount", "-l", self.root + place], check=False)
        shutil.rmtree(self.root, ignore_errors=True)
