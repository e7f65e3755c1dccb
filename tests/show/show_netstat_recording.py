"""A real Windows 10 netstat: every row as its recorder has it, 161 after de-duplication."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import recordings, run  # noqa: E402


def comparable(row):
    """The recorder keeps brackets and scopes; a state that is missing is empty or null."""
    def plain(address):
        return None if address is None else address.strip("[]").split("%")[0].rstrip("]")
    return (row["proto"], plain(row["local_address"]), row["local_port"],
            plain(row["foreign_address"]), row["foreign_port"], row["state"] or "", row["pid"])


def main():
    folder = recordings()
    if folder is None:
        print("PVSAUDIT_RECORDINGS is not set: the recordings are not here")
        return 1
    base = os.path.join(folder, "netstat-windows", "jc_windows-10_netstat-aon")
    result = run("pvsaudit-collect", "parse", "netstat", base + ".out", "--json")
    ours = [comparable(row) for row in result.rows]
    with open(base + ".json", encoding="utf-8") as file:
        theirs = [comparable(row) for row in json.load(file)]
    same = ours == theirs
    if not same:
        for number, (a, b) in enumerate(zip(ours, theirs)):
            if a != b:
                print(f"row {number}: ours {a}, the recorder's {b}")
                break
    distinct = {(row[0], row[1], row[2], row[6]) for row in ours}
    owners = sorted((row[1], row[3]) for row in distinct if row[0] == "UDP" and row[2] == "67")
    print(f"rows {len(ours)}, as the recorder has them: {'yes' if same else 'no'}")
    print(f"UDP 67: {', '.join(f'{address} by {pid}' for address, pid in owners)}")
    met = (result.code == 0 and same and len(ours) == 208 and len(distinct) == 161
           and owners == [("0.0.0.0", 34064), ("172.26.240.1", 4808)])
    print(f"netstat-recording: {len(ours)} rows, {len(distinct)} after de-duplication, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
