"""What a large known_hosts costs: the collector's CPU a host, against the same scan with one line."""
import os
import random
import resource
import subprocess

from ..programs import Site
from ..sshd import Sshd, public_of

ENTRIES = 10000
ADDRESSES = [f"127.0.40.{number}" for number in range(1, 161)]
ROUNDS = 5
LIMIT_MS = 1.0


def _plain(sshd, public):
    """The hosts' lines among those of strangers."""
    names = ADDRESSES + [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"
                         for n in range(ENTRIES - len(ADDRESSES))]
    random.Random(1).shuffle(names)
    return "".join(f"[{name}]:{sshd.port} {public}\n" for name in names)


def _files(folder, sshd, public):
    texts = {"one": f"[127.0.40.*]:{sshd.port} {public}\n", "plain": _plain(sshd, public)}
    texts["hashed"] = texts["plain"]
    for name, text in texts.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if name == "hashed":
            subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, timeout=60,
                           capture_output=True)
        yield name, path


def _cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def _site(folder, sshd, name, known):
    inventory = os.path.join(folder, name + ".yaml")
    with open(inventory, "w", encoding="utf-8") as file:
        file.write("all:\n  hosts:\n" + "".join(
            sshd.host_lines(f"host{number}", address, pvsaudit_known_hosts=known)
            for number, address in enumerate(ADDRESSES)))
    site = os.path.join(folder, "site-" + name)
    os.mkdir(site)
    return Site(site, inventory, "concurrency: 16\nretry_after: 0s\n"
                "deadlines: {connect: 20s, handshake: 60s, auth: 60s, exec: 60s, visit: 100s}\n")


def _scan_ms(site):
    """CPU a host of one scan, which goes as far as a refused key: there every host was known."""
    before = _cpu_ms()
    result = site.scan("-v", timeout=200)
    spent = _cpu_ms() - before
    known = result.err.count("not read: auth: ")
    if known != len(ADDRESSES):
        raise RuntimeError(f"{known} of {len(ADDRESSES)} hosts were known: {result.err[-2000:]}")
    return spent / len(ADDRESSES)


def measure(folder):
    """{"one", "plain", "hashed": milliseconds a host}, the least of some rounds."""
    with Sshd(os.path.join(folder, "sshd"), ADDRESSES, ["DenyUsers *"]) as sshd:
        public = public_of(sshd.host_key)
        sites = {name: _site(folder, sshd, name, path)
                 for name, path in _files(folder, sshd, public)}
        rounds = [{name: _scan_ms(site) for name, site in sites.items()} for _ in range(ROUNDS)]
        return {name: min(each[name] for each in rounds) for name in sites}
