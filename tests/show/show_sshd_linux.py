"""This machine itself, read over its own sshd: `netstat HOST` equals ss of the same moment."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import Site  # noqa: E402
from harness.sshd import Sshd  # noqa: E402


def ss_rows():
    """{(proto, address, port, pid)} from ss, read here by its columns; pid None: not visible."""
    rows = set()
    for proto, flags in (("udp", "-uanp"), ("tcp", "-tlnp")):
        text = subprocess.run(["ss", "-H", flags], capture_output=True, text=True, check=True,
                              timeout=30).stdout
        for line in text.splitlines():
            local = line.split()[3]
            address, port = local.rsplit(":", 1)
            address = address.split("%")[0].strip("[]") if "%" in address else address.strip("[]")
            pids = [int(pid) for pid in re.findall(r"pid=(\d+)", line)] or [None]
            rows.update((proto, address, int(port), pid) for pid in pids)
    return rows


def main():
    with tempfile.TemporaryDirectory() as folder:
        inventory = os.path.join(folder, "hosts.yaml")
        with Sshd(f"{folder}/sshd", ["127.0.0.1"]) as sshd:
            with open(inventory, "w", encoding="utf-8") as file:
                file.write("all:\n  hosts:\n" + sshd.host_lines("here", "127.0.0.1"))
            site = Site(folder, inventory)
            before = ss_rows()
            scan = site.scan()
            after = ss_rows()
        result = site.ask("netstat", "here", "--json")
        if scan.code not in (0, 3) or result.code not in (0, 3):
            print(scan, result)
        ours = {(row["proto"], row["local_address"], row["local_port"], row["pid"])
                for row in result.rows}
        steady = before & after
        lacking = steady - ours
        invented = ours - (before | after)
        for row in sorted(lacking, key=str):
            print("ss has it, netstat HOST has not:", row)
        for row in sorted(invented, key=str):
            print("netstat HOST has it, ss has not:", row)
        met = scan.code in (0, 3) and not lacking and not invented and len(ours) > 0
        print(f"sshd-linux: {len(ours)} endpoints, {len(lacking)} lacking, {len(invented)} too many, "
              f"{'met' if met else 'UNMET'}")
        return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
