"""Fuzzes the parsers from their corpora, two at a time, and measures what a corpus alone reaches.

usage: fuzz.py [--seconds N | --total N [--most N]] [--coverage] [PARSER...]

--seconds is for each parser, --total for all of them together, --most of it for one. The first
comment of tests/fuzz/fuzz_NAME.c says after "Covers:" which files the parser consists of, after
"Beside:" which of their functions parse nothing (they open a file, or put a question together), and
after "Seeds:" which folder of fixtures belongs to the corpus, besides tests/fuzz/corpus/NAME.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FUZZ = os.path.join(ROOT, "build-fuzz")
COVERAGE = os.path.join(ROOT, "build-coverage")
AT_ONCE = 2

# Lines of a parser that its corpus must reach. What is left are failures of memory and counts
# that no seed of a few kilobytes can hold; less than this means a kind of input without a seed.
FLOOR = 85

# Where bytes of hosts and of files are read: each .c file here belongs to a parser that is fuzzed,
# or stands below with the reason why not.
ROOMS = ["src/collector/probe", "src/collector/transport", "src/config",
         "src/out/json_field.c", "src/out/snapshot_reader.c", "src/out/snapshot_fields.c",
         "src/out/recording_json.c",
         "src/db/reading/codec_decode.c", "src/db/reading/in_force.c", "src/db/reading/slots.c",
         "src/db/reading/tuple.c", "src/db/reading/varint.c", "src/model/declaration.c",
         "src/model/expectation_line.c"]
NO_PARSERS = {
    "src/collector/probe/light.c": "takes out of what was parsed",
    "src/collector/probe/plan.c": "checks names of ours",
    "src/collector/probe/probe.c": "a table",
    "src/collector/probe/linux/linux_shell.c": "puts the question, and calls the parsers",
    "src/collector/probe/windows/windows_shell.c": "puts the question, and calls the parsers",
    "src/collector/transport/deadlines.c": "times of ours",
    "src/collector/transport/known_hosts/known_hosts_files.c": "tables by the paths of their files",
    "src/collector/transport/known_hosts/known_hosts_pin.c": "writes",
    "src/collector/transport/race.c": "connects",
    "src/collector/transport/replay.c": "hands on what was parsed",
    "src/collector/transport/reach.c": "sentences on what connecting said",
    "src/collector/transport/ssh": "moves what libssh2 has read",
    "src/collector/transport/ssh_key/ssh_key_digest.c": "hashes",
    "src/collector/transport/ssh_key/ssh_key_hmac.c": "hashes",
    "src/collector/transport/ssh_key/ssh_key_locked.c": "libssh2 opens it",
    "src/collector/transport/ssh_link/ssh_link.c": "moves what libssh2 has read",
    "src/collector/transport/ssh_link/ssh_methods.c": "lists of ours",
    "src/collector/transport/winrm": "moves what libcurl and GSSAPI have read",
    "src/collector/transport/wsman/wsman_request.c": "writes",
    "src/config/inventory/inventory_import.c": "writes what the inventory's own parsers have read",
    "src/config/text_file.c": "reads a file whole",
}


class Parser:
    def __init__(self, name):
        self.name = name
        with open(os.path.join(ROOT, f"tests/fuzz/fuzz_{name}.c"), encoding="utf-8") as file:
            comment = file.read().split("*/")[0]
        self.covers = self._list(comment, "Covers")
        self.beside = self._list(comment, "Beside")
        self.folders = [f"tests/fuzz/corpus/{name}"] + self._list(comment, "Seeds")

    @staticmethod
    def _list(comment, word):
        found = re.search(rf"{word}:((?:[\s*]+[\w./]+)+?)[\s*]*(?:[A-Z]\w+:|$)", comment)
        return re.findall(r"[\w./]+", found[1]) if found else []

    def gather(self, to):
        """Put the corpus into one folder."""
        for number, folder in enumerate(self.folders):
            for path in sorted(glob.glob(os.path.join(ROOT, folder, "*"))):
                if not path.endswith((".expect", ".md")):
                    shutil.copy(path, os.path.join(to, f"{number}-{os.path.basename(path)}"))


def names():
    return sorted(os.path.basename(path)[len("fuzz_"):-len(".c")]
                  for path in glob.glob(os.path.join(ROOT, "tests", "fuzz", "fuzz_*.c")))


def uncovered_files(parsers):
    """Files where bytes of others are read that no parser names."""
    named = {path for parser in parsers for path in parser.covers} | set(NO_PARSERS)
    found = []
    for room in ROOMS:
        whole = os.path.join(ROOT, room)
        paths = [whole] if whole.endswith(".c") else glob.glob(whole + "/**/*.c", recursive=True)
        found += [os.path.relpath(path, ROOT) for path in paths]
    return sorted(path for path in found
                  if path not in named and os.path.dirname(path) not in named)


def build(preset, parsers):
    for command in (["cmake", "--preset", preset],
                    ["cmake", "--build", "--preset", preset, "--target",
                     *(f"fuzz_{parser.name}" for parser in parsers), "--", "--quiet"]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace")
        if done.returncode != 0:
            raise SystemExit(f"fuzz: {' '.join(command)}\n{done.stdout[-3000:]}")


def fuzz(parser, seconds):
    """(executions, seconds, "" or the end of what libFuzzer said)"""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        parser.gather(work)
        done = subprocess.run(
            [os.path.join(FUZZ, "bin", f"fuzz_{parser.name}"), f"-max_total_time={seconds}",
             "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536", f"-artifact_prefix={FUZZ}/",
             "-print_final_stats=1", work], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace",
            timeout=seconds + 300)
    found = re.search(r"stat::number_of_executed_units: *(\d+)", done.stdout)
    return (int(found[1]) if found else 0, time.monotonic() - started,
            done.stdout[-4000:] if done.returncode != 0 or not found else "")


def coverage(parser):
    """{file: (lines reached, lines)} by the corpus, without the functions that parse nothing."""
    program = os.path.join(COVERAGE, "bin", f"fuzz_{parser.name}")
    with tempfile.TemporaryDirectory() as work:
        corpus = os.path.join(work, "corpus")
        raw, merged = os.path.join(work, "raw"), os.path.join(work, "merged")
        os.mkdir(corpus)
        parser.gather(corpus)
        replayed = subprocess.run([program, corpus], timeout=300, check=False,
                                  env=dict(os.environ, LLVM_PROFILE_FILE=raw))
        if replayed.returncode != 0:
            return {path: (0, 1) for path in parser.covers}  # the fuzzing will say more
        subprocess.run(["llvm-profdata", "merge", "-sparse", raw, "-o", merged], check=True)
        table = subprocess.run(
            ["llvm-cov", "report", program, f"-instr-profile={merged}", "-show-functions",
             *(os.path.join(ROOT, path) for path in parser.covers)], check=True,
            stdout=subprocess.PIPE, text=True, timeout=300).stdout
    found = {path: (0, 0) for path in parser.covers}
    path = None
    for line in table.splitlines():
        words = line.split()
        if line.startswith("File '"):
            path = os.path.relpath(line[len("File '"):line.index("':")], ROOT)
        # Name, regions, missed, share, lines, missed, share
        elif len(words) >= 7 and words[0] not in ("Name", "TOTAL"):
            if words[0].split(":")[-1] not in parser.beside:
                lines, missed = int(words[4]), int(words[5])
                found[path] = (found[path][0] + lines - missed, found[path][1] + lines)
    return found


def share(reached, lines):
    return 100 * reached // lines if lines else 0


def report(parser, result, reached):
    """Prints a row; False where something is not as it must be."""
    executions, seconds, trouble = result
    row = f"{parser.name:16}{executions:12,} executions in {seconds:4.0f} s"
    met = trouble == ""
    if reached is not None:
        total = share(sum(r for r, _ in reached.values()), sum(n for _, n in reached.values()))
        met = met and total >= FLOOR
        weakest = min(reached, key=lambda path: share(*reached[path]), default="no file")
        row += (f"   corpus reaches {total:3} % of {len(reached)} files, least "
                f"{share(*reached.get(weakest, (0, 0)))} % of {os.path.basename(weakest)}")
    print(row + ("" if met else "   UNMET"), flush=True)
    if trouble:
        print(trouble, flush=True)
    return met


def run(parsers, seconds, with_coverage):
    """How many parsers are as they must be."""
    build("fuzz", parsers)
    reached = {}
    if with_coverage:
        build("coverage", parsers)
        reached = {parser.name: coverage(parser) for parser in parsers}
    met = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = [pool.submit(fuzz, parser, seconds) for parser in parsers]
        for parser, result in zip(parsers, results):
            met += report(parser, result.result(), reached.get(parser.name))
    return met


def main():
    options = argparse.ArgumentParser(prog="fuzz")
    options.add_argument("--seconds", type=int)
    options.add_argument("--total", type=int, default=30)
    options.add_argument("--most", type=int, default=3600)
    options.add_argument("--coverage", action="store_true")
    options.add_argument("parsers", nargs="*")
    asked = options.parse_args()
    for name in asked.parsers:
        if name not in names():
            raise SystemExit(f"fuzz: no parser '{name}'; there are: {' '.join(names())}")
    parsers = [Parser(name) for name in asked.parsers or names()]
    share_of_each = max(1, asked.total * AT_ONCE // len(parsers))
    seconds = asked.seconds or min(share_of_each, asked.most)
    if asked.coverage and shutil.which("llvm-cov") is None:
        raise SystemExit("fuzz: coverage needs llvm-cov (apt-get install llvm)")
    met = run(parsers, seconds, asked.coverage)
    bare = uncovered_files(parsers) if asked.coverage and not asked.parsers else []
    for path in bare:
        print(f"{path}: no parser covers it")
    fine = met == len(parsers) and not bare
    print(f"fuzz: {met} of {len(parsers)} parsers, {seconds} s each, "
          f"{'corpora reach %d %%, ' % FLOOR if asked.coverage else ''}"
          f"{'met' if fine else 'UNMET'}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
