"""The disk is full at every 16 KiB step: said in a sentence, the history whole, the next scan works."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import disk, process, wholeness  # noqa: E402
from harness.farm import Farm  # noqa: E402
from harness.fleet import SETTINGS, Fleet, scenario  # noqa: E402

SERVERS, STEP_KIB = 120, 16
FULL, REMEDY = "no space is left on the disk", "free some, then run it again"


class FullDisks:
    """One fleet scanned onto disks of growing size, each on a history of its own."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.farm = fleet.farm
        self.folder = os.path.join(self.farm.folder, "disk")
        self.path = os.path.join(self.folder, "history.db")
        self.seen = os.path.join(self.farm.folder, "seen.db")
        self.steps = self.answered = self.faults = 0
        self.kept = set()

    def grow(self, step_kib):
        """The smallest disk holds what is there before the scan; the sizes of the first and the last."""
        before = self.fleet.before
        bytes_there = 0 if before is None else os.path.getsize(before)
        first = kib = bytes_there // (step_kib * 1024) * step_kib + step_kib
        while not self._play(disk.Disk(self.folder, kib=kib)):
            kib += step_kib
        return first, kib

    def grow_by_files(self):
        """The same where there is space, and no more files can be made."""
        files = 1 if self.fleet.before is None else 2
        while not self._play(disk.Disk(self.folder, files=files)):
            files += 1

    def _fault(self, what):
        self.faults += 1
        print(f"  {self.disk}: {str(what)[:1000]}", flush=True)

    def _play(self, smaller):
        self.disk = smaller
        self.farm.site.db = self.path
        with smaller:
            self.fleet.copy_before(self.path)
            result = self.farm.site.scan("-q")
            if result.code in (0, 1):
                self._judge(is_whole_fleet=True)
                return True
            self.steps += 1
            self._look_at_sentence(result)
            self._judge()
            self._ask()
            smaller.free_some()
            self._scan_again()
        return False

    def _look_at_sentence(self, result):
        """One line: what, where, what to do."""
        lines = result.err.strip().splitlines()
        if result.code != 5 or len(lines) != 1 or result.out or \
                not all(part in lines[0] for part in (self.path, FULL, REMEDY)):
            self._fault(result)

    def _judge(self, is_whole_fleet=False, undisturbed=True):
        """On a copy: the judge needs space."""
        wholeness.remove(self.seen)
        wholeness.copy(self.path, self.seen)
        judge = self.fleet.judge
        for fault in judge.faults(self.seen, undisturbed):
            self._fault(fault)
        visited = judge.visited(self.seen) if wholeness.has_tables(self.seen) else set()
        if not is_whole_fleet:
            self.kept.add(len(visited))
        elif visited != set(judge.finished):
            self._fault(f"a scan that fits brought {len(visited)} hosts")

    def _ask(self):
        """A question works, or says why not; what is answered is true."""
        judge = self.fleet.judge
        answer = self.farm.ask("missing", "--json")
        if answer.code == 5 and FULL in answer.err and self.path in answer.err:
            return
        if not wholeness.has_tables(self.seen):
            if answer.code != 2 or "`pvsaudit scan` first" not in answer.err:
                self._fault(answer)
            return
        self.answered += 1
        expected = judge.expected_open(judge.visited(self.seen))
        if answer.code != (1 if expected else 3):
            self._fault(f"`missing` ends with {answer.code}, {len(expected)} are open")
        elif {(row["host"], row["expectation"], row["finding"]) for row in answer.rows} != expected:
            self._fault(f"`missing` says {answer.out}, and not {expected}")

    def _scan_again(self):
        result = self.farm.site.scan("-q")
        if result.code not in (0, 1):
            self._fault(f"with space again: {result}")
        self._judge(is_whole_fleet=True, undisturbed=False)
        left = process.left_behind({self.farm.process.pid}, 5)
        if left:
            self._fault(f"left behind: {left}")


def play(servers, step_kib, seed, with_past):
    with tempfile.TemporaryDirectory() as folder, \
            Farm(folder, scenario(servers), seed, SETTINGS) as farm:
        disks = FullDisks(Fleet(farm, servers, seed, with_past))
        first, fits = disks.grow(step_kib)
        by_size = disks.steps
        disks.grow_by_files()
    what = "a history with a past" if with_past else "from nothing"
    print(f"{what}, {servers} servers: full on {by_size} disks from {first} KiB on, fits on {fits} "
          f"KiB; full on {disks.steps - by_size} disks that take no more files; hosts kept: "
          f"{', '.join(map(str, sorted(disks.kept)))}; questions answered on {disks.answered} full "
          f"disks; {disks.faults} faults", flush=True)
    return disks


def number_after(option, otherwise):
    return int(sys.argv[sys.argv.index(option) + 1]) if option in sys.argv else otherwise


def main():
    disk.in_own_namespace()
    seed, servers = number_after("--seed", 1), number_after("--servers", SERVERS)
    step_kib = number_after("--step", STEP_KIB)
    with process.adopting():
        played = [play(servers, step_kib, seed, with_past) for with_past in (False, True)]
    steps, faults = sum(d.steps for d in played), sum(d.faults for d in played)
    met = faults == 0 and all(d.steps > 0 for d in played)
    print(f"disk-full: {steps} full disks, the history whole on each, met" if met else
          f"disk-full: {steps} full disks, {faults} faults, UNMET")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
