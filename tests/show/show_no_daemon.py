"""Listening sockets and enabled units of a fresh Debian 12 and 13 are the same before and after the tests."""
import concurrent.futures
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.chroot import SUITES, Chroot, why_not  # noqa: E402


def difference(what, before, after):
    """Sentences on what came and what went."""
    return ([f"{what} that came: {item}" for item in after if item not in before]
            + [f"{what} that went: {item}" for item in before if item not in after])


def play(suite):
    """(what was seen, in lines; whether it is as it must be)"""
    with Chroot(suite) as chroot:
        enabled, sockets = chroot.enabled(), chroot.sockets()
        chroot.clone("root")
        done = chroot.run("root", "cd pvsaudit && ./run test")
        left = chroot.processes()
        last = (done.stdout.strip().splitlines() or [""])[-1]
        wrong = (difference("unit", enabled, chroot.enabled())
                 + difference("socket", sockets, chroot.sockets())
                 + [f"left running: {pid} {command}" for pid, command in left.items()])
        daemons = [name for name in ("sshd", "kea-dhcp4", "dnsmasq", "krb5kdc")
                   if chroot.run("root", f"command -v {name}").returncode == 0]
        if done.returncode != 0 or " 0 failed" not in last:
            wrong.append("the tests failed:\n" + (done.stdout + done.stderr)[-6000:])
        lines = [f"{SUITES[suite]}: {last}",
                 f"{SUITES[suite]}: daemons installed: {', '.join(daemons)}",
                 f"{SUITES[suite]}: {len(enabled)} enabled units and {len(sockets)} listening "
                 f"sockets before, {len(chroot.enabled())} and {len(chroot.sockets())} after, "
                 f"{len(left)} processes left"]
        return lines + wrong, not wrong


def main():
    if why_not() is not None:
        print(f"no-daemon: {why_not()}, UNMET")
        return 1
    met = True
    with concurrent.futures.ThreadPoolExecutor(len(SUITES)) as pool:
        for lines, fine in pool.map(play, SUITES):
            print("\n".join(lines), flush=True)
            met = met and fine
    print(f"no-daemon: {len(SUITES)} fresh systems, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
