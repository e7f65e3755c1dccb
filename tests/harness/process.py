"""Processes and descriptors as /proc shows them: what is running, and what was left behind."""
import contextlib
import ctypes
import os
import time

PR_SET_CHILD_SUBREAPER = 36


def children(pid=None):
    """Pids of the children of a process, this one if none is given; what has ended and was not waited for counts too."""
    pid = pid or os.getpid()
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


@contextlib.contextmanager
def adopting():
    """Within it, this process becomes the parent of whatever its children leave behind."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def left_behind(known, deadline_s):
    """Commands of the children besides `known` that have not ended by the deadline; adopts the dead."""
    deadline = time.monotonic() + deadline_s
    while True:
        others = [pid for pid in children() if pid not in known]
        for pid in others:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        others = [pid for pid in children() if pid not in known]
        if not others or time.monotonic() > deadline:
            return [f"{pid}: {command_of(pid)}" for pid in others]
        time.sleep(0.02)


def descriptors(pid):
    """{descriptor: what it is}; of a process that is ending just now: none."""
    found = {}
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except (PermissionError, FileNotFoundError):  # its files are root's from then on
        names = []
    for name in names:
        with contextlib.suppress(OSError):
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
    return found
