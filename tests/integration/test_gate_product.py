"""The gate's answer over the whole product of situations agrees with a second opinion written apart from it."""
import csv
import os
import subprocess
import sys
from collections import Counter
from math import prod
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests" / "model"))

from gate_table import DIMS, WORST_FIRST, judge  # noqa: E402

PROGRAM = Path(os.environ.get("PVSAUDIT_BUILD", REPO / "build")) / "bin" / "gate_product"
SHOWN = 20


def test_every_combination_has_the_answer_of_the_table(capsys):
    done = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    answers, wrong, seen = Counter(), [], set()
    for row in csv.DictReader(done.stdout.splitlines()):
        answer = row.pop("answer")
        answers[answer] += 1
        seen.add(tuple(row[name] for name in DIMS))
        if answer != judge(row) and len(wrong) < SHOWN:
            wrong.append(f"{row}: program {answer}, table {judge(row)}")
    with capsys.disabled():
        print(f"\n{len(seen)} combinations: {dict(answers)}")
    assert not wrong, "\n".join(wrong)
    assert len(seen) == sum(answers.values()) == prod(len(words) for words in DIMS.values())
    assert set(answers) == set(WORST_FIRST)
