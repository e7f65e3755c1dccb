"""A scan is killed at random moments and at its n-th write: whole hosts, nothing lost or invented."""
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import process  # noqa: E402
from harness.farm import Farm  # noqa: E402
from harness.fleet import SETTINGS, Fleet, scenario  # noqa: E402
from harness.kills import Kills  # noqa: E402

MOMENTS, SERVERS = 50, 2000
SERVERS_BY_WRITE, EACH, WRITES = 200, 10, 24
CONCURRENCY, DESCRIPTORS_BESIDES = 500, 32  # hosts visited at once where nothing is set
WHOLE_EVERY = 15  # how often the scan after a kill is one of the whole fleet
SOME = ("-l", "pvs00[01:20]")


def again_with(number):
    return () if number % WHOLE_EVERY == 0 else SOME


def report(kills, what):
    print(f"{what}: {kills.killed} kills; {kills.read} hosts were read by then, {kills.kept} kept; "
          f"{kills.recovered} scans after them, {kills.aborted} marked as aborted; "
          f"{len(kills.faults)} faults", flush=True)
    return kills


def by_moment(folder, seed):
    chance = random.Random(seed)
    with Farm(folder, scenario(SERVERS), seed, SETTINGS) as farm:
        fleet = Fleet(farm, SERVERS, seed)
        print(f"an undisturbed scan of {SERVERS} servers takes {fleet.lasts_s:.1f} s", flush=True)
        kills = Kills(fleet, "moment")
        while kills.killed < MOMENTS:
            kills.at_moment(chance.uniform(0, fleet.lasts_s), again_with(kills.killed))
    print(f"descriptors that were open when it was killed: at most {kills.descriptors}", flush=True)
    if kills.descriptors > CONCURRENCY + DESCRIPTORS_BESIDES:
        kills.faults.append("descriptors are left open")
    return report(kills, f"{SERVERS} servers, at random moments")


def by_write(folder, seed, with_past):
    chance = random.Random(seed)
    with Farm(folder, scenario(SERVERS_BY_WRITE), seed, SETTINGS) as farm:
        fleet = Fleet(farm, SERVERS_BY_WRITE, seed, with_past)
        kills = Kills(fleet, "write")
        changes = kills.count_changes()
        step = changes / WRITES
        first = chance.uniform(0, step)
        numbers = [*range(1, EACH + 1), *(1 + int(first + n * step) for n in range(WRITES))]
        print(f"an undisturbed scan of {SERVERS_BY_WRITE} servers changes its files {changes} "
              f"times; a kill at each of the first {EACH} and at every {step:.0f}th", flush=True)
        for turn, number in enumerate(numbers):
            kills.at_change(number, turn % 2 == 1, again_with(turn))
    return report(kills, f"{SERVERS_BY_WRITE} servers, at writes and syncs, "
                         f"{'with a past' if with_past else 'from nothing'}")


def main():
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 1
    rounds = []
    with process.adopting():
        for play, arguments in ((by_moment, ()), (by_write, (True,)), (by_write, (False,))):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(play(folder, seed, *arguments))
    killed = sum(kills.killed for kills in rounds)
    faults = sum(len(kills.faults) for kills in rounds)
    # A scan does not change its files equally often each time: the last numbers may not be reached.
    enough = all(kills.killed >= EACH + WRITES * 3 // 4 for kills in rounds)
    met = faults == 0 and enough
    print(f"kills: {killed} scans killed, nothing lost, nothing invented, met" if met else
          f"kills: {killed} scans killed, {faults} faults, UNMET")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
