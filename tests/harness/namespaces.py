"""Namespaces of the tests' own: they live as long as the one process that holds them."""
import subprocess

MACHINE = ("--mount-proc", "--mount", "--pid", "--net", "--uts", "--ipc", "--time")

# The holder reads until its input ends, which it does when whoever started it is gone, however it
# went; a namespace of processes ends with its first process.
HOLD = "\necho ready\ncat >/dev/null\n:"


def refusal():
    """Why this user or this system may not have what a machine needs; None where it may."""
    script = ("mount --bind /dev/null /proc/sys/kernel/random/boot_id\n"
              "ip link add one type veth peer name two")
    done = subprocess.run(["unshare", *MACHINE, "--fork", "--kill-child", "sh", "-ec", script],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    return None if done.returncode == 0 else (done.stderr.strip() or "unshare was refused")


class Namespaces:
    """Made with the script run in them as their first process; close() ends all that is inside."""

    def __init__(self, kinds, script="", *arguments):
        self.holder = subprocess.Popen(
            ["unshare", *kinds, "--fork", "--kill-child", "sh", "-ec", script + HOLD, "sh",
             *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            complaint = self.holder.stderr.read()
            self.close()
            raise RuntimeError(f"namespaces were not made: {complaint}")
        found = subprocess.run(["pgrep", "-P", str(self.holder.pid)], capture_output=True,
                               text=True, check=True, timeout=30)
        self.pid = int(found.stdout)

    def enter(self, *words):
        """The words that run a program in there, before its own."""
        return ["nsenter", "--target", str(self.pid), *words, "--"]

    def close(self):
        for end in (self.holder.stdin, self.holder.stdout, self.holder.stderr):
            end.close()
        self.holder.wait(timeout=20)
