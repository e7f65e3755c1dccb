"""Every small wrong of tests/mutants turns the test red that its patch names."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))
from mutants import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
