"""What the rows of the sshd matrix stand on: keys, servers, and a scan of one host for each row."""
import contextlib
import ctypes
import getpass
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from ..programs import Site
from ..sshd import Sshd, keygen, openssh_version, public_of

ADDRESS = "127.0.0.1"
PASSPHRASE = "open sesame"
DEADLINES = ("connect", "handshake", "auth", "exec", "visit")
GENEROUS_MS = 20000  # of a deadline that a row does not wait for
SHORT_MS = 200  # of one that it does
AFTER_MS = 1000  # where the server must have got somewhere before it is over
HANG_S = 3 * GENEROUS_MS // 1000  # two visits, and what they may be late
WORKERS = 3
SLACK_MS = 10000  # what a busy machine and the sanitizers may add

# group and name say what is asked; arrange(bench, stack) makes the Case; expect tells what must come.
Row = namedtuple("Row", "group name arrange expect root", defaults=(False,))

# One host of a scan: an sshd, and what the inventory, the environment and the settings say of it.
# port: where it is asked, if not at the sshd's own; known: lines for known_hosts, if not the key of
# the sshd; pins: those of the state folder; short: the deadline that is short, and how short.
Case = namedtuple("Case", "sshd values env arguments port known pins short short_ms",
                  defaults=({}, {}, (), None, None, None, None, SHORT_MS))

# outcome: "read by publickey", "unknown: auth", "not started"; tries: connections that were begun;
# words: what the sentence, or what is logged of a host that was read, must have in it.
Expect = namedtuple("Expect", "outcome tries words")
Seen = namedtuple("Seen", "outcome tries sentence duration_ms log")


def read(mechanism="publickey", *words, tries=1):
    return Expect(f"read by {mechanism}", tries, words)


def unread(reason, *words):
    """Told at once: asking again would not change it."""
    return Expect(f"unknown: {reason}", 1, words)


def unread_twice(reason, *words):
    """A failure that may pass: tried once more."""
    return Expect(f"unknown: {reason}", 2, words)


def not_started(*words):
    """The scan ends before it begins, with exit code 2: wrong configuration."""
    return Expect("not started", 0, words)


def libssh2_version():
    library = ctypes.CDLL("libssh2.so.1")
    library.libssh2_version.restype = ctypes.c_char_p
    major, minor = library.libssh2_version(0).split(b".")[:2]
    return int(major), int(minor)


LIBSSH2 = libssh2_version()
OPENSSH = openssh_version()
LEAKS = {"LSAN_OPTIONS": "detect_leaks=0"}  # for what libssh2 is known to lose
RSA_SHA2 = LIBSSH2 >= (1, 11)


def may_unshare():
    return os.getuid() == 0 and shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "-m", "true"], capture_output=True, timeout=30).returncode == 0


def _deadlines(case):
    generous = dict.fromkeys(DEADLINES, GENEROUS_MS) | {"visit": 3 * GENEROUS_MS}  # for two tries
    return ", ".join(f"{name}: {case.short_ms if name == case.short else ms}ms"
                     for name, ms in generous.items())


class Bench:
    """`with Bench() as bench:` keeps keys and servers, made when first asked for, until the end."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.keys = {}
        self.sshds = {}
        self.files = {}  # that take the place of a system file
        self.lock = threading.RLock()  # rows run beside each other

    def __enter__(self):
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="pvsaudit-"))
        os.chmod(self.folder, 0o755)  # an account of its own reads its keys here
        self.authorized = os.path.join(self.folder, "authorized_keys")
        self.user = getpass.getuser()
        self.counter = 0
        with open(self.authorized, "w", encoding="utf-8"):
            pass
        return self

    def __exit__(self, *_):
        self.stack.close()

    def path(self, name):
        """A file name that no other row has."""
        with self.lock:
            self.counter += 1
            return os.path.join(self.folder, f"{self.counter}-{name}")

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def key(self, kind="ed25519", *options, passphrase="", authorized=True):
        """A client's key; kind as "ecdsa-384"."""
        identity = (kind, options, passphrase, authorized)
        with self.lock:
            if identity not in self.keys:
                self.keys[identity] = self._make_key(*identity)
            return self.keys[identity]

    def _make_key(self, kind, options, passphrase, authorized):
        kind, _, bits = kind.partition("-")
        path = self.path(kind)
        keygen(path, kind, passphrase, *(("-b", bits) if bits else ()), *options)
        if authorized:
            self.authorize(path)
        return path

    def authorize(self, key, options=""):
        with self.lock, open(self.authorized, "a", encoding="utf-8") as file:
            file.write(f"{options}{public_of(key)}\n")

    def host_key(self, kind="ed25519"):
        return self.key(kind, authorized=False)

    def sshd(self, *lines, host_keys=("ed25519",), enter=(), fresh=False):
        """An sshd with these lines in its configuration; shared by rows that ask for the same."""
        identity = (lines, host_keys, tuple(enter))
        with self.lock:
            if fresh or identity not in self.sshds:
                self.sshds[identity] = self.stack.enter_context(Sshd(
                    self.path("sshd"), [ADDRESS], [*lines, f"AuthorizedKeysFile {self.authorized}"],
                    host_keys=[self.host_key(kind) for kind in host_keys], enter=enter))
            return self.sshds[identity]

    def line(self, port, kind="ed25519", marker=""):
        """A line of known_hosts."""
        return f"{marker}[{ADDRESS}]:{port} {public_of(self.host_key(kind))}\n"

    def _inventory(self, case, port):
        known = case.known if case.known is not None else "".join(
            f"[{ADDRESS}]:{port} {public_of(key)}\n" for key in case.sshd.host_keys)
        values = {"ansible_port": port, "pvsaudit_key_file": self.key(),
                  "pvsaudit_known_hosts": self.write("known_hosts", known)}
        values.update(case.values)
        return self.write("hosts.yaml",
                          "all:\n  hosts:\n" + case.sshd.host_lines("host", ADDRESS, **values))

    def scan(self, case):
        port = case.port or case.sshd.port
        folder = self.path("site")
        os.makedirs(os.path.join(folder, "state"))
        if case.pins is not None:
            with open(os.path.join(folder, "state", "known_hosts"), "w", encoding="utf-8") as file:
                file.write(case.pins)
        site = Site(folder, self._inventory(case, port),
                    f"retry_after: 0s\ndeadlines: {{{_deadlines(case)}}}\n")
        return site, site.scan("-v", "-v", *case.arguments, env=case.env, timeout=HANG_S)


def look(site, result):
    """What a scan came to."""
    tries = result.err.count("[CONNECTING] -> ")
    lines = site.ask("db", "export").out.splitlines()
    if result.code == 2:
        return Seen("not started", 0, result.err.strip().splitlines()[-1], 0, result.err)
    raw = "\x1b" in result.err + result.out
    if result.code not in (0, 1, 3, 4) or len(lines) != 1 or "Sanitizer" in result.err or raw:
        return Seen(f"exit {result.code}, {len(lines)} visits", tries, "", 0, result.err)
    visit = json.loads(lines[0])
    outcome = f"read by {visit['mechanism']}" if visit["read"] else f"unknown: {visit['reason']}"
    return Seen(outcome, tries, visit.get("detail") or "", visit.get("duration_ms", 0), result.err)


def run(bench, row):
    """(row, what was seen, what is wrong with it: a list of complaints)"""
    with contextlib.ExitStack() as stack:
        case = row.arrange(bench, stack)
        try:
            seen = look(*bench.scan(case))
        except subprocess.TimeoutExpired as hang:
            seen = Seen("hangs", 0, "", 0, (hang.stderr or b"").decode(errors="replace"))
    expect = row.expect
    wrong = []
    if (seen.outcome, seen.tries) != (expect.outcome, expect.tries):
        wrong.append("another outcome")
    text = seen.log if seen.outcome.startswith("read") else seen.sentence
    wrong += [f'no "{word}" in it' for word in expect.words if word not in text]
    longest = (case.short_ms * seen.tries if case.short else 0) + SLACK_MS
    if seen.duration_ms > longest:
        wrong.append(f"{seen.duration_ms} ms, more than {longest}")
    return row, seen, wrong


def run_all(rows):
    """Yields what run() returns, in the order of the rows; some run beside each other."""
    with Bench() as bench, ThreadPoolExecutor(WORKERS) as workers:
        yield from workers.map(lambda row: run(bench, row), rows)


def told(outcome, tries):
    return outcome + {0: "", 1: "", 2: ", tried twice"}.get(tries, f", tried {tries} times")
