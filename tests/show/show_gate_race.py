"""Two gates at the same instant for the two servers of one path, a hundred times: never two GOs, and one server held."""
import os
import subprocess
import sys
import tempfile
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.gates import Gates  # noqa: E402
from harness.programs import program  # noqa: E402

ROUNDS = 100


def scenario(rounds):
    return f"""\
farm: emea
accounts:
  - name: audit
    key: true
    password: simulated servers have no secrets
servers:
  - names: a[001:{rounds:03}]
    site: frankfurt
    uptime: 9d
  - names: b[001:{rounds:03}]
    site: frankfurt
    transport: winrm
    auth: ntlm
    uptime: 9d
"""
MEANING = {0: "GO", 1: "NO-GO", 3: "CANNOT TELL"}


def path(number):
    servers = [f"a{number:03}", f"b{number:03}"]
    return {"name": f"pair {number}", "method": "pxe", "pxe": servers, "tftp": servers, "login_servers": servers, "min": 1}


def ask(farm, gates, server, *more):
    return subprocess.Popen(
        [program("pvsaudit"), "gate", server, "-q", "-i", gates.inventory, "--config", farm.site.settings, "--db", farm.site.db,
         "--hold", "--change", f"CHG-{server}", "--until", "4h", *more], stdout=subprocess.DEVNULL)


def play(farm, rounds):
    gates = Gates(farm, [path(number) for number in range(1, rounds + 1)])
    print(f"one scan of {2 * rounds} servers: exit {farm.site.scan().code}")
    seen = Counter()
    for number in range(1, rounds + 1):
        # Every other round asks nobody: then nothing but the decision itself keeps the two apart.
        more = ["--max-age", "1h"] if number % 2 else []
        both = [ask(farm, gates, f"{letter}{number:03}", *more) for letter in ("ab" if number % 4 < 2 else "ba")]
        codes = sorted(child.wait(timeout=120) for child in both)
        seen[tuple(codes)] += 1
    for codes, count in sorted(seen.items()):
        print(f"{count:4} rounds: {' and '.join(MEANING.get(code, f'exit {code}') for code in codes)}")
    held = [row["held"] for row in farm.ask("decisions", "--json").rows if row["kind"] == "hold"]
    pairs = Counter(name[1:] for name in held)
    print(f"held: {len(held)} servers of {len(pairs)} paths, at most {max(pairs.values(), default=0)} of one path")
    both_go = seen[(0, 0)]
    met = seen == {(0, 1): rounds} and len(held) == len(pairs) == rounds
    print(f"gate-race: {rounds} rounds, both GO in {both_go}, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Farm(folder, scenario(ROUNDS)) as farm:
        sys.exit(play(farm, ROUNDS))
