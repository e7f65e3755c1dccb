"""Each failure that doctor has a cure for, brought about: a transcript of the step and of its remedy."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.ward import CASES, Ward, ids  # noqa: E402


def excerpt(text):
    """A transcript without the steps that were not reached, nor what is well."""
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or words[1] not in ("ok", "not-reached", "skipped"):
            yield line


def tell(case, patient):
    text, answer = patient.doctor(), patient.doctor("--json")
    row = next((row for row in answer.rows if row["step"] == case.step), {})
    met = ((row.get("cure"), row.get("outcome"), answer.code, text.code) ==
           (case.cure, case.outcome, case.code, case.code) and bool(row.get("remedy")))
    last = [row["step"] for row in answer.rows if row["outcome"] == "ok"]
    print(f"\n{case.cure}: {patient.name}, exit {text.code}, works up to: {last[-1] if last else 'nothing'}"
          f"{'' if met else f'   EXPECTED {case.cure} at {case.step}, exit {case.code}'}")
    for line in excerpt(text.out):
        print("  " + line)
    return met


def main():
    met = 0
    with tempfile.TemporaryDirectory() as folder, Ward(folder) as ward:
        for cure in ids():
            if cure not in CASES:
                print(f"\n{cure}: nothing brings it about")
                continue
            with CASES[cure].play(ward) as patient:
                met += tell(CASES[cure], patient)
        refused = sum(row["refused"] for row in ward.farm.counts()["auth"].values())
        left = ward.farm.counts()
    print(f"\nlogins that the farm refused: {refused}; left open there: {left['open_enumerations']} enumerations, "
          f"{left['open_shells']} shells")
    whole = met == len(ids()) and left["open_enumerations"] == 0 and left["open_shells"] == 0
    print(f"doctor: {met} of {len(ids())} cures told where their failure was met, {'met' if whole else 'UNMET'}")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
