"""What goes over loopback on some ports, by tcpdump, and what must not be in it."""
import os
import signal
import subprocess
import time


class Wiretap:
    """`with Wiretap(folder, ports) as tap:`; afterwards tap.counts(b"word") looks through all bytes."""

    def __init__(self, folder, ports):
        self.path = os.path.join(str(folder), "wire.pcap")
        self.filter = " or ".join(f"tcp port {port}" for port in ports)

    def __enter__(self):
        self.process = subprocess.Popen(
            ["tcpdump", "-i", "lo", "-s", "0", "-B", "65536", "-U", "-w", self.path, self.filter],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while b"listening on" not in self.process.stderr.readline():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("tcpdump does not start: it needs root")
        return self

    def __exit__(self, *_):
        time.sleep(0.5)  # tcpdump reads the kernel's buffer every so often, and tells nobody
        self.process.send_signal(signal.SIGINT)
        words = self.process.stderr.read().decode()
        self.process.wait(timeout=20)
        self.dropped = [line for line in words.splitlines()
                        if "dropped by kernel" in line and not line.startswith("0 ")]

    def size(self):
        return os.path.getsize(self.path)

    def count(self, word):
        """How often a word stands in any packet, in ASCII or UTF-16, whatever its case."""
        with open(self.path, "rb") as file:
            data = file.read().lower()
        word = word.lower()
        return data.count(word.encode()) + data.count(word.encode("utf-16-le"))
