"""A disk of a chosen size: a tmpfs in a mount namespace of this program's own."""
import os
import subprocess
import sys

INSIDE = "PVSAUDIT_TESTS_OWN_MOUNTS"
UNSHARE = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]


def refusal():
    """Why this user or this system may not mount a disk of its own; None where it may."""
    done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "-o", "size=16k", "probe", "/mnt"],
                          capture_output=True, text=True, timeout=30)
    return None if done.returncode == 0 else (done.stderr.strip() or "unshare was refused")


def in_own_namespace():
    """Runs this program again where its mounts are its own; returns in there."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, *sys.argv])


class Disk:
    """`with Disk(folder, kib):` mounts it over a folder; it holds so many files, its root among them."""

    ENOUGH_KIB, ENOUGH_FILES = 64 * 1024, 1000

    def __init__(self, folder, kib=ENOUGH_KIB, files=ENOUGH_FILES):
        self.folder = str(folder)
        self.size = f"size={kib}k,nr_inodes={files}"

    def __str__(self):
        return self.size

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", self.size, "tmpfs", self.folder],
                       check=True, timeout=30)
        return self

    def free_some(self):
        enough = f"remount,size={self.ENOUGH_KIB}k,nr_inodes={self.ENOUGH_FILES}"
        # Named in full: from the folder alone mount adds the owner that it finds, a user unknown in here.
        subprocess.run(["mount", "-t", "tmpfs", "-o", enough, "tmpfs", self.folder], check=True, timeout=30)

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder], check=True, timeout=30)
