"""What servers do wrong in each state of a conversation over SSH and WinRM: expected beside observed."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.misbehaviour import Matrix, load, states  # noqa: E402


def print_row(row, seen, wrong):
    expected = row.verdict if row.reason == "-" else f"{row.verdict}: {row.reason}"
    observed = seen.verdict if seen.reason == "-" else f"{seen.verdict}: {seen.reason}"
    print(f"{row.transport:5} {row.stage:11} {row.fault:36} {row.server:12} {expected:20} {observed:20} "
          f"{seen.duration:6} ms  open {seen.enumerations}+{seen.shells}{'   WRONG: ' + '; '.join(wrong) if wrong else ''}")


def main():
    rows = load()
    different = 0
    print(f"{'':5} {'state':11} {'what the server does':36} {'server':12} {'expected':20} {'observed':20}")
    with tempfile.TemporaryDirectory() as folder, Matrix(folder, rows) as matrix:
        for row in rows:
            wrong = matrix.wrong(row)
            different += bool(wrong)
            print_row(row, matrix.seen[row.host][0], wrong)
        without = [f"{transport} {state}" for transport in ("ssh", "winrm") for state in states(transport)
                   if not any(row.stage == state and row.transport == transport for row in rows)]
        delayed, peak_kb, limit = matrix.delayed(), max(matrix.peak_kb), matrix.peak_limit()
        slowest = max(seen.duration for good in matrix.good.values() for seen in good)
        left = [row for row in rows if row.left != "nothing"]
        ends = matrix.everything_ends()
        healed = list(matrix.heal().values())
    print(f"states without a row: {', '.join(without) or 'none'}")
    print(f"two scans: {matrix.seconds:.1f} s, at most {peak_kb // 1024} MB; {len(matrix.good)} servers that behave were "
          f"read in at most {slowest} ms")
    print(f"{len(left)} rows leave open what nobody can name, or close; it ends by itself: {'yes' if ends else 'NO'}")
    print(f"all of them behave again: {healed.count(('bound', '-'))} of {len(healed)} read")
    met = (different == 0 and not without and not delayed and peak_kb < limit and ends
           and healed.count(("bound", "-")) == len(healed))
    print(f"misbehaviour: {len(rows)} rows, {different} different, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
