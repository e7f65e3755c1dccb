"""The program's verdict over the whole product of situations agrees with a second opinion written apart from it."""

import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from itertools import chain, islice, zip_longest
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests" / "model"))

from verdict_table import DIMS, EXPECTED_BY, VERDICTS, judge  # noqa: E402

PROGRAM = Path(os.environ.get("PVSAUDIT_BUILD", REPO / "build")) / "bin" / "verdict_product"
COLUMNS = [*DIMS, "verdict", "expected_by"]
FEWEST = 100_000
SHOWN = 20
DEADLINE_S = 180


def place_values():
    """For each dimension a number for each word, so that their sum is another one for every combination."""
    step, values = 1, []
    for words in DIMS.values():
        values.append({word: i * step for i, word in enumerate(words)})
        step *= len(words)
    return values, step


class Comparison:
    """What was seen in the program's lines, and where they differ."""

    def __init__(self):
        self.values, size = place_values()
        self.seen = bytearray(size)
        self.lines = 0
        self.combinations = 0
        self.words = [set() for _ in DIMS]
        self.verdicts = Counter()
        self.expected_by = Counter()
        self.differences = Counter()
        self.examples = defaultdict(list)
        self.malformed = []

    def take(self, line):
        self.lines += 1
        fields = line.rstrip("\n").split(",")
        try:
            *words, verdict, expected_by = fields
            place = sum(values[word] for values, word in zip(self.values, words, strict=True))
        except (KeyError, ValueError):
            self.malformed.append(line.rstrip("\n"))
            return
        if not self.seen[place]:
            self.seen[place] = 1
            self.combinations += 1
            for seen, word in zip(self.words, words):
                seen.add(word)
        self.verdicts[verdict] += 1
        self.expected_by[expected_by] += 1
        row = dict(zip(DIMS, words))
        got, wanted = (verdict, expected_by), judge(row)
        if got != wanted:
            self.differences[got, wanted] += 1
            if len(self.examples[got, wanted]) < SHOWN:
                self.examples[got, wanted].append(f"{row}: program {got}, table {wanted}")

    def complaints(self):
        said = []
        if self.malformed:
            said.append(f"{len(self.malformed)} lines with a wrong number of columns or a word nobody knows:")
            said += self.malformed[:SHOWN]
        if self.differences:
            said.append(f"{sum(self.differences.values())} differences; some of each kind:")
            said += islice(filter(None, chain.from_iterable(zip_longest(*self.examples.values()))), SHOWN)
            said.append("kinds, the most frequent first:")
            said += [f"{n:8} program {got}, table {wanted}" for (got, wanted), n in self.differences.most_common(SHOWN)]
        if self.combinations < FEWEST:
            said.append(f"only {self.combinations} combinations, fewer than {FEWEST}")
        for name, seen in zip(DIMS, self.words):
            said += [f"{name} is never {word}" for word in DIMS[name] if word not in seen]
        said += [f"the verdict is never {verdict}" for verdict in VERDICTS if not self.verdicts[verdict]]
        said += [f"expected_by is never {name}" for name in EXPECTED_BY if not self.expected_by[name]]
        return said


def test_every_combination_has_the_verdict_of_the_table(capsys):
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built (PVSAUDIT_BUILD names the build directory)")
    comparison = Comparison()
    with tempfile.TemporaryFile("w+") as stderr, \
            subprocess.Popen([PROGRAM], stdout=subprocess.PIPE, stderr=stderr, text=True, encoding="ascii") as program:
        watchdog = threading.Timer(DEADLINE_S, program.kill)
        watchdog.start()
        try:
            header = program.stdout.readline().rstrip("\n").split(",")
            if header == COLUMNS:
                for line in program.stdout:
                    comparison.take(line)
        finally:
            watchdog.cancel()
            if sys.exc_info()[0] is not None or header != COLUMNS:
                program.kill()
            program.stdout.close()
            program.wait()
        stderr.seek(0)
        diagnostics = stderr.read()
    assert header == COLUMNS
    with capsys.disabled():
        print(f"\n{comparison.lines} lines compared, {comparison.combinations} combinations")
    complaints = comparison.complaints()
    assert not complaints, "\n".join(complaints)
    assert program.returncode == 0, diagnostics
