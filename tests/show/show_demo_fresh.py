"""The README's two commands on fresh Debian 12 and 13, as root and as a user with sudo, twice each."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
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


class Chroot:
    """A copy of a base tree in a mount namespace of its own; gone at the end."""

    def __init__(self, suite):
        self.root = tempfile.mkdtemp(prefix=f"pvsaudit-{suite}-", dir="/var/tmp")
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

    def run(self, user, script, check=False):
        home = "/root" if user == "root" else f"/home/{user}"
        command = ["chroot", self.root, "/usr/bin/env", "-i",
                   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   f"HOME={home}", "LANG=C.UTF-8"]
        if user != "root":
            command += ["setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups"]
        command += ["/bin/sh", "-c", f"cd {home} && {script}"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                              timeout=3600, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return done

    def daemons(self):
        """Enabled units and the listening sockets of this system, to compare before and after."""
        units = subprocess.run(["find", self.root + "/etc/systemd/system", "-type", "l"],
                               capture_output=True, text=True).stdout
        sockets = []
        for line in subprocess.run(["ss", "-Hltunp"], capture_output=True,
                                   text=True).stdout.splitlines():
            pids = re.findall(r"pid=(\d+)", line)
            if any(self._is_ours(pid) for pid in pids):
                sockets.append(line.split()[4])
        return sorted(units.split()), sorted(sockets)

    def _is_ours(self, pid):
        try:
            return os.readlink(f"/proc/{pid}/root") == self.root
        except OSError:
            return False

    def close(self):
        for place in ("/dev/pts", "/dev", "/sys", "/proc", ""):
            subprocess.run(["umount", "-l", self.root + place], check=False)
        shutil.rmtree(self.root, ignore_errors=True)


def judge(step, done, seconds, again):
    """What must hold of one command's run; a list of complaints."""
    wrong = []
    text = done.stdout + done.stderr
    if done.returncode != 0:
        wrong.append(f"exit {done.returncode}")
    if again and "installing:" in text:
        wrong.append("it installed something the second time")
    if step == "demo":
        if seconds > 300:
            wrong.append("it took more than five minutes")
        if "pvs17" not in text or "lost-at-boot" not in text:
            wrong.append("it did not name the server that lost its port")
    if step == "test" and " 0 failed" not in text.strip().splitlines()[-1]:
        wrong.append("tests failed")
    return wrong


def play(suite, user):
    red = 0
    chroot = Chroot(suite)
    try:
        before = chroot.daemons()
        chroot.run("root", f"chown -R {user} /srv/pvsaudit.git", check=True)
        cloned = chroot.run(user, "git clone -q /srv/pvsaudit.git pvsaudit")
        if cloned.returncode != 0:
            print(cloned.stderr)
            return 1
        for again in (False, True):
            for step in ("demo", "test"):
                started = time.monotonic()
                done = chroot.run(user, f"cd pvsaudit && ./run {step}")
                seconds = time.monotonic() - started
                wrong = judge(step, done, seconds, again)
                red += bool(wrong)
                last = (done.stdout.strip().splitlines() or [""])[-1]
                print(f"{SUITES[suite]}, {user:6}, {'second' if again else 'first '} ./run {step}: "
                      f"{seconds:4.0f} s, {'; '.join(wrong) or 'fine'}: {last[:80]}", flush=True)
                if wrong:
                    print((done.stdout + done.stderr)[-6000:], flush=True)
        after = chroot.daemons()
        if before != after:
            red += 1
            print(f"daemons before and after differ: {set(after[0]) ^ set(before[0])} "
                  f"{set(after[1]) ^ set(before[1])}")
    finally:
        chroot.close()
    return red


def main():
    if os.geteuid() != 0:
        print("demo-fresh needs root: it makes chroots")
        return 1
    if shutil.which("debootstrap") is None:
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "debootstrap"],
                       check=True, stdout=subprocess.DEVNULL)
    only = sys.argv[sys.argv.index("--only") + 1].split(",") if "--only" in sys.argv else None
    red = runs = 0
    for suite in SUITES:
        for user in ("root", "tester"):
            if only is None or f"{suite}/{user}" in only:
                red += play(suite, user)
                runs += 1
    print(f"demo-fresh: {runs} fresh systems, demo and test twice each, {red} red, "
          f"{'met' if red == 0 else 'UNMET'}")
    return 0 if red == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
