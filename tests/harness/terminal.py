"""A program at a terminal of its own: what it shows, what is typed, and how it ended."""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

from .programs import program

SEQUENCES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    """`with Terminal("pvsaudit", ...) as terminal:`; the program is killed where it does not end."""

    def __init__(self, name, *arguments, env=None):
        self.shown = b""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.environ.update({"TERM": "xterm", **(env or {})})
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 50, 200, 0, 0))
            os.execv(program(name), [name, *map(str, arguments)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        if self.child is not None:
            os.kill(self.child, 9)
            os.waitpid(self.child, 0)

    def type(self, text):
        os.write(self.fd, text.encode())

    def _read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self.fd, 65536)
        except OSError:  # EIO: the other end is closed
            return False
        self.shown += chunk
        return bool(chunk)

    def until(self, text, seconds=10):
        """What was shown up to the text, which is taken away; without sequences that steer."""
        end = time.monotonic() + seconds
        while True:
            plain = SEQUENCES.sub(b"", self.shown)
            place = plain.find(text.encode())
            if place >= 0:
                self.shown = plain[place + len(text.encode()):]
                return plain[:place + len(text.encode())].decode(errors="replace")
            assert time.monotonic() < end and self._read(end - time.monotonic()), \
                f"{text!r} was not shown: {plain.decode(errors='replace')}"

    def ended(self, seconds=20):
        """The exit code, once everything is read."""
        end = time.monotonic() + seconds
        while self._read(max(0.0, end - time.monotonic())):
            pass
        assert time.monotonic() < end, "the program has not ended"
        _, status = os.waitpid(self.child, 0)
        self.child = None
        return os.waitstatus_to_exitcode(status)
