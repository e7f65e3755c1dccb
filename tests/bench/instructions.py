"""Instructions that parsing takes, counted by callgrind: a figure that no other load disturbs.

Each count is the difference of two runs of different length, so that starting the program falls
out. The limits stand beside it in instructions.txt; a count above its limit is red.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import program  # noqa: E402

LIMITS = os.path.join(os.path.dirname(__file__), "instructions.txt")


def netstat(rows):
    lines = ["", "Active Connections", "",
             "  Proto  Local Address          Foreign Address        State           PID"]
    for number in range(rows):
        lines.append(f"  UDP    10.0.{number // 250 % 250}.{number % 250}:{1024 + number % 60000}"
                     f"          *:*                                    {1000 + number % 5000}")
    return "\r\n".join(lines) + "\r\n"


def reg(rows):
    lines = ["", "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\BNPXE"]
    for number in range(rows):
        lines.append(f"    Value{number}    REG_DWORD    0x{number:x}")
    return "\r\n".join(lines) + "\r\n"


def ss(rows):
    return "".join(f"UNCONN 0      0            10.0.{n // 250 % 250}.{n % 250}:{1024 + n % 60000}"
                   f"      0.0.0.0:*    users:((\"kea-dhcp4\",pid={n % 5000 + 2},fd=7))\n"
                   for n in range(rows))


FORMS = {"netstat": netstat, "reg": reg, "ss": ss}


def count(folder, form, text):
    path = os.path.join(folder, "input")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
         program("pvsaudit-collect"), "parse", form, path, "--csv"],
        capture_output=True, text=True, timeout=300)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"callgrind of {form}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return int(found.group(1))


def main():
    limits = {}
    with open(LIMITS, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#") and line.strip():
                name, limit = line.split()
                limits[name] = int(limit)
    red = 0
    with tempfile.TemporaryDirectory() as folder:
        for form, make in FORMS.items():
            small, large = count(folder, form, make(500)), count(folder, form, make(2500))
            each = (large - small) / 2000
            over = each > limits[form]
            red += over
            print(f"   {form:8} {each:8.0f} instructions a row, printed as CSV "
                  f"(limit {limits[form]}){'  ABOVE' if over else ''}")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
