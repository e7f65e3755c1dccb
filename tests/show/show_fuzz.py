"""Every parser of foreign bytes, fuzzed for ten minutes, and the share of its lines its corpus reaches."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))
from fuzz import main  # noqa: E402

LONGEST = 80 * 60  # of all parsers together, two at a time

if __name__ == "__main__":
    if "--seconds" not in sys.argv:
        sys.argv += ["--most", "600", "--total", str(LONGEST)]
    sys.argv.append("--coverage")
    sys.exit(main())
