"""The long things, one after another, each with its time; what is left of 90 minutes is fuzzing.

usage: soak.py [STEP...]
"""
import glob
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHOWS = os.path.join(ROOT, "tests", "show")
SECONDS = 90 * 60
SEEDS = 20
MARGIN = 180  # what the fuzzers' builds and the corpora take
FUZZ_LEAST, FUZZ_MOST = 60, 600  # seconds a parser


def call(*command, **environment):
    """(met, the last line of what it said); all of it is printed where it is not met."""
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace",
                          env=dict(os.environ, **environment))
    lines = done.stdout.strip().splitlines() or [""]
    if done.returncode != 0:
        print("\n".join(lines[-200:]), flush=True)
    return done.returncode == 0, lines[-1]


def shows():
    return sorted(os.path.basename(path)[len("show_"):-len(".py")].replace("_", "-")
                  for path in glob.glob(os.path.join(SHOWS, "show_*.py")))


def takes_a_seed(name):
    with open(os.path.join(SHOWS, f"show_{name.replace('-', '_')}.py"), encoding="utf-8") as file:
        return re.search(r"harness\.situation import|--seed", file.read()) is not None


def without_randomised_places():
    """A prefix that keeps ThreadSanitizer's shadow free where the kernel scatters mappings widely."""
    prefix = ["setarch", "-R"]
    try:
        return prefix if subprocess.run([*prefix, "true"], check=False).returncode == 0 else []
    except OSError:
        return []


def threads():
    """The suite under ThreadSanitizer."""
    for command in (["cmake", "--preset", "tsan"],
                    ["cmake", "--build", "--preset", "tsan", "--", "--quiet"]):
        met, last = call(*command)
        if not met:
            return met, last
    options = f"halt_on_error=1 suppressions={ROOT}/tests/sanitizers/thread.supp"
    return call(*without_randomised_places(), sys.executable, "tools/suite.py", "build-tsan",
                TSAN_OPTIONS=options)


def seeds():
    """Every show that takes a seed, with many."""
    runs = red = 0
    names = [name for name in shows() if takes_a_seed(name)]
    for name in names:
        for seed in range(1, SEEDS + 1):
            met, last = call(sys.executable, f"tests/show/show_{name.replace('-', '_')}.py",
                             "--seed", str(seed), PVSAUDIT_BUILD=os.path.join(ROOT, "build"))
            runs += 1
            red += not met
            if not met:
                print(f"{name} --seed {seed}: {last}", flush=True)
    return red == 0, f"{len(names)} shows, {SEEDS} seeds each, {red} of {runs} unmet"


def show(name):
    return lambda: call("./run", "show", name)


def fuzz(started):
    """What is left of the time, shared by the parsers, two at a time."""
    left = SECONDS - MARGIN - (time.monotonic() - started)
    count = len(glob.glob(os.path.join(ROOT, "tests", "fuzz", "fuzz_*.c")))
    each = int(min(FUZZ_MOST, max(FUZZ_LEAST, left * 2 / count)))
    return call("./run", "show", "fuzz", "--seconds", str(each))


def steps(started):
    found = [("threads", threads), ("seeds", seeds), ("mutants", lambda: call("./run", "mutants"))]
    for name in ("kills", "disk-full", "no-daemon", "demo-fresh"):
        if name in shows():
            found.append((name, show(name)))
    return found + [("fuzz", lambda: fuzz(started))]


def main():
    started = time.monotonic()
    asked = sys.argv[1:]
    known = steps(started)
    unknown = set(asked) - {name for name, _ in known}
    if unknown:
        raise SystemExit(f"soak: no step {' '.join(unknown)}; there are: "
                         + " ".join(name for name, _ in known))
    red = []
    chosen = [step for step in known if not asked or step[0] in asked]
    for name, step in chosen:
        begun = time.monotonic()
        met, last = step()
        red += [] if met else [name]
        print(f"== {name}: {(time.monotonic() - begun) / 60:.1f} min, "
              f"{'met' if met else 'UNMET'}: {last}", flush=True)
    minutes = (time.monotonic() - started) / 60
    late = minutes * 60 > SECONDS
    print(f"soak: {len(chosen)} steps, {len(red)} unmet {' '.join(red)}, {minutes:.0f} min, "
          f"{'met' if not red and not late else 'UNMET'}")
    return 0 if not red and not late else 1


if __name__ == "__main__":
    sys.exit(main())
