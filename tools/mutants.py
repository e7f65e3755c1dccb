"""Breaks the sources in one small way after another, and demands that the named test notices.

usage: mutants.py [NAME]    (a part of a patch's name picks some)

tests/mutants/NN-name.patch says in its first line what it gets wrong. Each line "Red: TEST" names a
test that must fail: "test_boot every_pair" is a program of tests/unit and a test in it,
"tests/integration/test_scan.py::test_name" is pytest's. A diff of src follows, for `git apply`.
"""
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPY = os.path.join(ROOT, "build-mutants")  # a tree of its own; only what changed is built again
BUILD = os.path.join(COPY, "build-dev")
TEST_SECONDS = 120

GREEN, RED, ABSENT = "green", "red", "not run"


class Unmet(Exception):
    """Why a mutant proves nothing; the sentence is for the table."""


class Mutant:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len(".patch")]
        with open(path, encoding="utf-8") as file:
            head = file.read().split("\ndiff --git ")[0].splitlines()
        self.what = head[0]
        self.tests = [line[len("Red: "):] for line in head if line.startswith("Red: ")]


def call(command, seconds=600, **options):
    """(exit code, output); 124 where it did not end in time."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, timeout=seconds,
                              **options)
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout


def put(source, target):
    """Copy where the bytes differ: an equal file keeps its time, and is not built again."""
    with open(source, "rb") as file:
        wanted = file.read()
    if os.path.exists(target):
        with open(target, "rb") as file:
            if file.read() == wanted:
                return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(wanted)
    shutil.copymode(source, target)


def copy_tree():
    """The sources as they are in this folder, committed or not."""
    code, listed = call(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT)
    if code != 0:
        raise SystemExit(f"mutants: git ls-files: {listed}")
    wanted = {name for name in listed.splitlines() if os.path.isfile(os.path.join(ROOT, name))}
    for folder, folders, names in os.walk(COPY):
        folders[:] = [name for name in folders if os.path.join(folder, name) != BUILD]
        for name in names:
            if os.path.relpath(os.path.join(folder, name), COPY) not in wanted:
                os.remove(os.path.join(folder, name))
    for name in sorted(wanted):
        put(os.path.join(ROOT, name), os.path.join(COPY, name))


def build(tests):
    """What these tests need."""
    targets = sorted({test.split()[0] for test in tests if "::" not in test})
    if any("::" in test for test in tests):
        targets += ["pvsaudit", "pvsaudit-collect", "pvsfarm", "verdict_product"]
    code, output = call(["cmake", "--build", BUILD, "--target", *targets, "--", "--quiet"])
    if code != 0:
        raise Unmet("does not build: " + next((line for line in output.splitlines()
                                               if "error" in line), output[-200:]))


def run_unit(test):
    program, name = test.split()
    _, output = call([os.path.join(BUILD, "bin", program)], TEST_SECONDS, cwd=BUILD)
    if re.search(rf"\[ +OK \] {name}$", output, re.MULTILINE):
        return GREEN
    return RED if re.search(rf"\[ +RUN +\] {name}$", output, re.MULTILINE) else ABSENT


def run_pytest(test):
    report = os.path.join(BUILD, "mutant.xml")
    environment = dict(os.environ, PVSAUDIT_BUILD=BUILD, PYTHONDONTWRITEBYTECODE="1")
    code, _ = call([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml",
                    report, test], TEST_SECONDS, cwd=COPY, env=environment)
    if code == 124:
        return RED
    if code not in (0, 1):
        return ABSENT
    counts = [group.attrib for group in ElementTree.parse(report).getroot().iter("testsuite")]
    if code == 1:
        return RED if any(int(count["failures"]) for count in counts) else ABSENT
    return GREEN if not any(int(count["skipped"]) for count in counts) else ABSENT


def run(test):
    return run_pytest(test) if "::" in test else run_unit(test)


def look_at_healthy(mutants):
    """{test: how it ends on the sources as they are}"""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    build(tests)
    return {test: run(test) for test in tests}


def apply(mutant):
    """The files that it changed. It may have moved, and the outer lines of its context may differ."""
    command = ["git", "apply", "-C1", "--whitespace=nowarn", mutant.path]
    # Without a repository above it git takes the paths from this folder on.
    environment = dict(os.environ, GIT_CEILING_DIRECTORIES=ROOT)
    code, output = call(command, cwd=COPY, env=environment)
    if code != 0:
        raise Unmet("does not apply: " + output.strip().splitlines()[0])
    _, listed = call(["git", "apply", "--numstat", mutant.path], cwd=COPY, env=environment)
    names = [line.split("\t")[2] for line in listed.splitlines()]
    if any(not name.startswith("src/") for name in names):
        raise Unmet("changes something else than src")
    return names


def try_mutant(mutant, healthy):
    """What the table says of it."""
    changed = []
    if not mutant.tests:
        raise Unmet("names no test")
    for test in mutant.tests:
        if healthy[test] != GREEN:
            raise Unmet(f"{test} is {healthy[test]} without it")
    try:
        changed = apply(mutant)
        build(mutant.tests)
        for test in mutant.tests:
            if run(test) == GREEN:
                raise Unmet(f"SURVIVED {test}")
    finally:
        for name in changed:
            put(os.path.join(ROOT, name), os.path.join(COPY, name))
    return RED


def prepare():
    os.makedirs(BUILD, exist_ok=True)
    lock = open(os.path.join(BUILD, "mutants.lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit("mutants: another run is at work in this folder") from None
    copy_tree()
    code, output = call(["cmake", "--preset", "dev"], cwd=COPY)
    if code != 0:
        raise SystemExit(f"mutants: cmake: {output}")
    return lock


def main():
    picked = sys.argv[1] if len(sys.argv) > 1 else ""
    paths = sorted(glob.glob(os.path.join(ROOT, "tests", "mutants", "*.patch")))
    mutants = [Mutant(path) for path in paths if picked in os.path.basename(path)]
    if not mutants:
        print(f"mutants: there is none named '{picked}'")
        return 1
    lock = prepare()
    started = time.monotonic()
    healthy = look_at_healthy(mutants)
    print(f"{len(healthy)} tests on the sources as they are: {time.monotonic() - started:.0f} s",
          flush=True)
    red = 0
    for mutant in mutants:
        started = time.monotonic()
        try:
            found = try_mutant(mutant, healthy)
        except Unmet as why:
            found = str(why)
        red += found == RED
        print(f"{mutant.name:34} {time.monotonic() - started:4.1f} s  {found}  "
              f"{' + '.join(mutant.tests)}", flush=True)
    lock.close()
    print(f"mutants: {red} of {len(mutants)} red, {'met' if red == len(mutants) else 'UNMET'}")
    return 0 if red == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
