"""A real Kea, deaf after a boot that was too fast: five nights, the shipped expectations."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.kea_nights import NIGHTS, Seen, Stage  # noqa: E402
from harness.namespaces import refusal  # noqa: E402

HEADS = ("NIGHT", "WHAT HAPPENS", "", "UDP 67", "UDP 69", "FINDING", "SCAN", "MISSING",
         "DHCPDISCOVER")
WIDTHS = (5, 51, 8, 9, 6, 21, 4, 7, 14)


def line(cells):
    print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip(),
          flush=True)


def print_reading(reading):
    line((reading.night, reading.happened, "expected", *reading.expected))
    line(("", "", "observed", *reading.observed))
    if reading.observed != reading.expected:
        differ = [name for name in Seen._fields
                  if getattr(reading.observed, name) != getattr(reading.expected, name)]
        print(f"       UNMET: {', '.join(differ)}", flush=True)


def play(folder):
    with Stage(folder) as stage:
        for night in NIGHTS:
            before = len(stage.readings)
            night(stage)
            for reading in stage.readings[before:]:
                print_reading(reading)
        return stage.readings


def main():
    refused = refusal()
    if refused is not None:
        print(f"this needs namespaces, as root: {refused}")
        print("kea-deaf: nothing was played, UNMET")
        return 1
    print("SCAN and MISSING are the exit codes of scan and missing; DHCPDISCOVER is what comes back "
          "to a client.")
    line(HEADS)
    with tempfile.TemporaryDirectory() as folder:
        readings = play(folder)
    right = sum(reading.observed == reading.expected for reading in readings)
    met = right == len(readings) and {reading.night for reading in readings} == set(range(1, 6))
    print(f"kea-deaf: five nights, {right} of {len(readings)} readings as expected, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
