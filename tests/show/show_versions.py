"""Windows Server 2008 R2 to 2025 over WinRM and SSH: the snapshot of each beside one that was written by hand."""
import collections
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.programs import NTLM_LEAKS  # noqa: E402

FIXTURES = os.path.join(os.path.dirname(__file__), "..", "fixtures", "versions")
VERSIONS = ["2008 R2", "2012", "2012 R2", "2016", "2019", "2022", "2025"]
# What differs from run to run and cannot be written down; each must have its form, and is then named by it.
VOLATILE_OF_A_VISIT = ("host", "time", "duration_ms", "address")
DYNAMIC_FIRST, FIXED = 49152, {53000}  # UDP ports of the dynamic range, but for the one that is always the same
DAY_MS = 24 * 3600 * 1000


def fixture_name(transport, version):
    return f"{transport}-{version.replace(' ', '').lower()}"


def scenario():
    text = ("farm: emea\naccounts:\n  - {name: audit, password: \"correct horse\", key: true}\nservers:\n")
    for version in VERSIONS:
        for transport, keys in (("winrm", "transport: winrm, scheme: http, auth: ntlm"), ("ssh", "transport: ssh")):
            name = fixture_name(transport, version).replace("-", "")
            text += (f"  - {{names: {name}, site: lab, {keys}, os: \"{version}\", uptime: 9d, "
                     f"addresses: [10.1.0.5/24]}}\n")
    return text


def of_form(value, form, name):
    """The name of its form, or the value itself where it has another."""
    return name if re.fullmatch(form, str(value)) else value


def time(value):
    return of_form(value, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", "time")


def address(value):
    return "fe80" if value.startswith("fe80::") else value


def since(row):
    return " since" if time(row.get("created")) == "time" else ""


def is_dynamic(row):
    return row["proto"] == "udp" and row["port"] >= DYNAMIC_FIRST and row["port"] not in FIXED


def shape(line):
    """The snapshot with its volatile members named, pids by their images, and each endpoint and process as words."""
    images = {row["pid"]: row["name"] for row in line["processes"]}
    seen = {key: value for key, value in line.items() if key not in VOLATILE_OF_A_VISIT}
    machine, boot = seen["machine"], seen["boot"]
    machine["id"] = of_form(machine["id"], r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "GUID")
    if "host_key" in machine:
        machine["host_key"] = of_form(machine["host_key"], r"SHA256:[A-Za-z0-9+/]{43}", "SHA256")
    for key in ("boot_time", "host_clock"):
        if key in boot:
            boot[key] = time(boot[key])
    if "uptime_ms" in boot:
        boot["uptime_ms"] = f"{boot['uptime_ms'] // DAY_MS} d"
    boot["witnesses"] = [row["name"] + since(row) for row in boot["witnesses"] if images[row["pid"]] == row["name"]]
    for service in seen["services"]:
        for key in ("pid", "pid_after"):
            if key in service:
                service[key] = images.get(service[key], service[key])
    seen["dynamic_udp_endpoints"] = sum(map(is_dynamic, line["endpoints"]))
    seen["endpoints"] = sorted(f"{row['proto']} {address(row['address'])} {row['port']} "
                               f"{images.get(row.get('pid'), 'nobody')}{since(row)}"
                               for row in line["endpoints"] if not is_dynamic(row))
    seen["processes"] = sorted(
        row["name"] + (f" of {images[row['parent']]}" if row.get("parent") in images else "") + since(row)
        for row in line["processes"])
    seen["files"] = [{**row, "modified": time(row["modified"])} if "modified" in row else row
                     for row in seen.get("files", [])]
    seen["addresses"] = [{**row, "ip": address(row["ip"])} for row in seen["addresses"]]
    return seen


def differences(wanted, seen, path=""):
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key in sorted(wanted.keys() | seen.keys()):
            yield from differences(wanted.get(key), seen.get(key), f"{path}.{key}" if path else key)
    elif isinstance(wanted, list) and isinstance(seen, list) and all(isinstance(row, str) for row in wanted + seen):
        before, after = collections.Counter(wanted), collections.Counter(seen)
        yield from (f"{path}: lacks {row}" for row in (before - after).elements())
        yield from (f"{path}: has also {row}" for row in (after - before).elements())
    elif isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for number, (one, other) in enumerate(zip(wanted, seen)):
            yield from differences(one, other, f"{path}[{number}]")
    elif wanted != seen:
        yield f"{path}: {json.dumps(wanted)} is expected, {json.dumps(seen)} was seen"


def members(value):
    """How many values a fixture names."""
    if isinstance(value, (dict, list)):
        return sum(map(members, value.values() if isinstance(value, dict) else value))
    return 1


def main():
    with tempfile.TemporaryDirectory() as folder, Farm(folder, scenario()) as farm:
        code = farm.scan(env=NTLM_LEAKS).code
        lines = [json.loads(line) for line in farm.ask("db", "export").out.splitlines()]
        open_there = farm.counts()
    seen = {line["host"]: line for line in lines}
    same = compared = 0
    for transport in ("winrm", "ssh"):
        for version in VERSIONS:
            name = fixture_name(transport, version)
            with open(f"{FIXTURES}/{name}.json", encoding="utf-8") as file:
                wanted = json.load(file)
            line = seen[name.replace("-", "")]
            sources = ", ".join(f"{key} by {section['source']}" for key, section in wanted["sections"].items())
            found = list(differences(wanted, shape(line)))
            same += not found
            compared += members(wanted)
            print(f"{transport:5} {version:8} {members(wanted):4} members, {len(found)} differ; {sources}")
            for text in found[:20]:
                print(f"      {text}")
    left = open_there["open_enumerations"] + open_there["open_shells"]
    met = code == 0 and same == 2 * len(VERSIONS) and left == 0
    print(f"versions: {same} of {2 * len(VERSIONS)} snapshots as written by hand, {compared} members compared, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
