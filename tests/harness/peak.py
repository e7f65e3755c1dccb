"""Runs a command and writes its largest resident memory, in KB, into a file.

usage: peak.py FILE COMMAND [ARGUMENT...]

What a process is told of a child counts what itself had in memory when it started it; this one has little.
"""
import os
import resource
import subprocess
import sys


def measured(file, command):
    """The command that runs command so."""
    return [sys.executable, __file__, str(file), *map(str, command)]


def kilobytes(file):
    with open(file, encoding="ascii") as measure:
        return int(measure.read())


def main():
    code = subprocess.run(sys.argv[2:], check=False).returncode
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
    if code < 0:
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())
