"""The README's two commands on fresh Debian 12 and 13, as root and as a user with sudo, twice each."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.chroot import SUITES, Chroot, why_not  # noqa: E402


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
    with Chroot(suite) as chroot:
        before = chroot.enabled(), chroot.sockets()
        chroot.clone(user)
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
        after = chroot.enabled(), chroot.sockets()
        if before != after:
            red += 1
            print(f"daemons before and after differ: {before} {after}")
    return red


def main():
    if why_not() is not None:
        print(f"demo-fresh: {why_not()}, UNMET")
        return 1
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
