"""What the commands say about a small history that was fed by hand, beside golden outputs.

PVSAUDIT_GOLDEN=write rewrites tests/golden: then read the difference, line by line.
"""
import csv
import io
import json
import os
import subprocess
from datetime import datetime, timedelta, timezone

import jsonschema
import pytest

from harness.programs import ROOT, program, run

GOLDEN = os.path.join(ROOT, "tests", "golden")
SCHEMAS = os.path.join(ROOT, "docs", "schema")
NIGHT = datetime(2024, 3, 5, 22, 0, 0, tzinfo=timezone.utc)
LATER = "2024-03-05T22:30:00Z"
WIZARD = "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"


def text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def service(name, pid, startup="Automatic", state="Running"):
    return {"name": name, "display_name": name, "canary": "present", "visible": True,
            "state": state, "startup": startup, "pid": pid, "pid_after": pid, "exit_code": 0}


def unread(host, when, reason="timeout", **declared):
    return {"host": host, "time": text(when), "source": "local", "kind": "full", "os": "windows",
            "read": False, "reason": reason, "detail": f"no answer of {host} within 5 s",
            "transport": "ssh", "declared": {"state": "active", **declared}}


def visit(host, when, boot, pxe=True, startup="Automatic", pid=1712, rival=None, state="active",
          site="emea", expect=None, pxe_state="Running"):
    """A server as netstat, sc and the rest would show it; pxe: whether BNPXE holds UDP 67."""
    base = 1000 + int(boot.timestamp()) % 97
    running = pxe_state == "Running"
    endpoints = [{"proto": "udp", "address": "0.0.0.0", "port": 69, "pid": pid + 8},
                 {"proto": "udp", "address": "0.0.0.0", "port": 123, "pid": 900},
                 {"proto": "udp", "address": "::", "port": 123, "pid": 900},
                 {"proto": "tcp", "address": "0.0.0.0", "port": 135, "pid": 800}]
    if pxe and running:
        endpoints.append({"proto": "udp", "address": "0.0.0.0", "port": 67, "pid": pid})
    if rival:
        endpoints.append({"proto": "udp", "address": "0.0.0.0", "port": 67, "pid": 4808})
    processes = [{"pid": pid + 8, "parent": 600, "created": text(boot + timedelta(seconds=4)),
                  "name": "BNTFTP.exe"},
                 {"pid": 4808, "parent": 600, "created": text(boot + timedelta(seconds=90)),
                  "name": rival or "svchost.exe"}]
    if running:
        processes.append({"pid": pid, "parent": 600, "created": text(boot + timedelta(seconds=3)),
                          "name": "BNPXE.exe"})
    return {
        "host": host, "time": text(when), "source": "local", "kind": "full", "os": "windows",
        "read": True, "duration_ms": 1500, "transport": "ssh", "address": "127.0.0.1",
        "mechanism": "publickey", "principal": "audit", "account": "audit",
        "sections": {name: {"outcome": "complete", "source": "netstat"} for name in
                     ("udp", "tcp", "services", "boot", "processes", "addresses", "registry",
                      "machine")},
        "machine": {"id": f"guid-{host}", "computer_name": host.upper(),
                    "os_name": "Windows Server 2019", "os_build": "10.0.17763"},
        "boot": {"boot_time": text(boot), "host_clock": text(when),
                 "uptime_ms": int((when - boot).total_seconds() * 1000), "weak": False,
                 "witnesses": [{"name": "lsass.exe", "pid": base,
                                "created": text(boot + timedelta(seconds=1))}]},
        "auto_start_delay_ms": 120000, "dynamic_first": 49152, "dynamic_last": 65535,
        "services": [service("BNPXE", pid if running else 0, startup, pxe_state),
                     service("BNTFTP", pid + 8)],
        "endpoints": endpoints, "processes": processes,
        "addresses": [{"ip": "127.0.0.1", "prefix": 8}],
        "registry": [{"key": WIZARD, "name": "DHCPType", "number": 0x40000000},
                     {"key": WIZARD, "name": "PXEType", "number": 1}],
        "declared": {"site": site, "farm": "farm1", "state": state,
                     "expect": expect or {"BNPXE": True, "BNTFTP": True}},
    }


def story():
    """Three nights. The startup type of pvs17 goes back, and it loses UDP 67 at a reboot, pvs18 to another process and is not read then,
    pvs19 lost it and has it back, pvs20 boots from ISO, pvs21 is stopped in maintenance, the name
    and a process of pvs22 carry an escape sequence."""
    first, second = NIGHT - timedelta(days=2), NIGHT - timedelta(days=1)
    old, new = NIGHT - timedelta(days=9), NIGHT - timedelta(minutes=40)
    iso = {"BNPXE": False, "BNTFTP": False}
    yield visit("pvs17", first, old, pid=1600)
    yield visit("pvs18", first, old)
    yield visit("pvs19", first, old)
    yield visit("pvs20", first, old, pxe=False, site="iso", expect=iso)
    yield visit("pvs21", first, old)
    yield visit("pvs22\x1b[31m", first, old)
    reboot = second - timedelta(minutes=40)
    yield visit("pvs17", second, old, startup="Automatic (Delayed Start)", pid=1600)
    yield visit("pvs18", second, old, pxe=False, rival="dhcp\x1b]0;x\x07.exe")
    yield visit("pvs19", second, reboot, pxe=False)
    yield visit("pvs20", second, old, pxe=False, site="iso", expect=iso)
    yield visit("pvs21", second, old)
    yield visit("pvs22\x1b[31m", second, old)
    yield visit("pvs17", NIGHT, new, pxe=False)
    yield unread("pvs18", NIGHT, site="emea", farm="farm1",
                 expect={"BNPXE": True, "BNTFTP": True})
    again = visit("pvs19", NIGHT, reboot, pid=5000)
    for process in again["processes"]:
        if process["pid"] == 5000:
            process["created"] = text(NIGHT - timedelta(hours=12))
    yield again
    yield visit("pvs20", NIGHT, old, pxe=False, site="iso", expect=iso)
    yield visit("pvs21", NIGHT, old, state="maintenance", pxe_state="Stopped")
    yield visit("pvs22\x1b[31m", NIGHT, old)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    lines = folder / "visits.ndjson"
    lines.write_text("".join(json.dumps(line) + "\n" for line in story()), encoding="utf-8")
    database = folder / "history.db"
    result = run("pvsaudit-collect", "ingest", lines, "--db", database, "--as-of",
                 "2024-03-05T22:05:00Z", env=environment())
    assert result.code == 0, result
    return database


def environment(**more):
    return {"TZ": "UTC", "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", **more}


def ask(history, *words, **options):
    return run("pvsaudit", *words, "--db", history, "--as-of", LATER, env=environment(), **options)


def schema(name):
    with open(os.path.join(SCHEMAS, f"{name}.schema.json"), encoding="utf-8") as file:
        return json.load(file)


def shapes(answer_schema, member):
    """What a row may look like: one shape, or one of several."""
    items = answer_schema["properties"]["rows"]["items"]
    assert member == "rows" or answer_schema["properties"][member]["items"] == {
        "$ref": "#/properties/rows/items"}
    return items.get("oneOf", [items])


def expect_schema(name, answer):
    """It is valid, and everything in it is described."""
    wanted = schema(name)
    assert answer["rows"]
    jsonschema.validate(answer, wanted, format_checker=jsonschema.FormatChecker())
    assert answer.keys() <= wanted["properties"].keys()
    for member in [key for key, value in answer.items() if isinstance(value, list)]:
        for row in answer[member]:
            assert any(row.keys() <= shape["properties"].keys()
                       for shape in shapes(wanted, member)), row


def expect_golden(name, observed):
    path = os.path.join(GOLDEN, name)
    if os.environ.get("PVSAUDIT_GOLDEN") == "write":
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(observed)
    with open(path, encoding="utf-8", newline="") as file:
        assert observed == file.read()


@pytest.mark.parametrize("name, words, code", [
    ("missing.txt", ["missing"], 1),
    ("missing_since.txt", ["missing", "--since", "30d"], 1),
    ("status.txt", ["status"], 1),
    ("status_by_site.txt", ["status", "--by", "site"], 1),
    ("why_lost_at_boot.txt", ["why", "pvs17"], 1),
    ("why_unread.txt", ["why", "pvs18"], 1),
    ("why_iso.txt", ["why", "pvs20"], 0),
    ("why_recovered.txt", ["why", "pvs19"], 0),
    ("netstat.txt", ["netstat", "pvs17"], 0),
    ("netstat_before.txt", ["netstat", "pvs17", "--at", "2024-03-05T00:00:00Z"], 0),
    ("missing.json", ["missing", "--json"], 1),
    ("status.csv", ["status", "--csv"], 1),
    ("nagios.txt", ["missing", "--format", "nagios"], 2),
])
def test_golden(history, name, words, code):
    result = ask(history, *words)
    assert result.code == code, result
    expect_golden(name, result.out)


@pytest.mark.parametrize("name, words", [
    ("missing", ["missing", "--since", "30d"]), ("status", ["status"]), ("why", ["why", "pvs17"]),
    ("why", ["why", "pvs18"]), ("why", ["why", "pvs19"]), ("why", ["why", "pvs20"]),
    ("netstat", ["netstat", "pvs17"]), ("status-by-site", ["status", "--by", "site"]),
    ("hosts-list", ["hosts", "list"])])
def test_json_keeps_to_its_schema(history, name, words):
    expect_schema(name, ask(history, *words, "--json").json)


@pytest.mark.parametrize("name, words", [
    ("hosts-check", ["hosts", "check"]), ("hosts-list", ["hosts", "list"]),
    ("hosts-origin", ["hosts", "origin", "pvs01"])])
def test_json_of_an_inventory_keeps_to_its_schema(name, words):
    """The inventory of every key that there is."""
    inventory = os.path.join(ROOT, "tests", "fixtures", "inventory", "every_key.yaml")
    result = run("pvsaudit", *words, "-i", inventory, "--json", env=environment())
    assert result.code == 0, result
    expect_schema(name, result.json)


@pytest.mark.parametrize("form", ["netstat", "ss", "reg", "sc"])
def test_json_of_a_parser_keeps_to_its_schema(form):
    folder = os.path.join(ROOT, "tests", "fixtures", form)
    seen = 0
    for name in sorted(os.listdir(folder)):
        if name.endswith(".txt"):
            result = run("pvsaudit-collect", "parse", form, os.path.join(folder, name), "--json",
                         env=environment())
            assert result.code in (0, 3), result
            seen += len(result.rows)
            if result.rows:
                expect_schema("parse", result.json)
    assert seen > 0


def test_every_command_that_answers_in_json_has_a_schema():
    """Its test is above, in test_scan, test_doctor, test_past or test_gate, or below with the export that
    ingest reads."""
    known = {"missing", "status", "why", "netstat", "hosts check", "hosts list", "hosts origin",
             "scan", "doctor", "ingest", "parse", "db export", "history", "diff", "compare", "boots",
             "drift", "scans", "coverage", "gate", "verify", "decisions", "sql", "hosts retire", "hosts rename",
             "hosts --against"}
    silent = {"demo", "help", "version", "hosts import"}
    listed = set()
    for name in ("pvsaudit", "pvsaudit-collect"):
        commands = run(name, "help", env=environment()).out.split("Commands:\n")[1].split("\n\n")[0]
        for line in commands.splitlines():
            if line.startswith("  ") and line[2] != " ":
                words = line.split("  ")[1].split()
                listed.add(" ".join(word for word in words if word.islower()))
    assert listed == known | silent


def test_the_schemas_are_themselves_right_and_can_say_no():
    names = [name.removesuffix(".schema.json") for name in os.listdir(SCHEMAS)]
    assert "missing" in names
    for name in names:
        jsonschema.Draft7Validator.check_schema(schema(name))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"rows": []}, schema("missing"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**next(story()), "kind": "deep"}, schema("snapshot"))


def test_why_tells_the_recovery_as_missing_since_does(history):
    rows = {row["expectation"]: row for row in ask(history, "why", "pvs19", "--json").rows}
    row = rows["BNPXE"]
    assert (row["verdict"], row["finding"], row["first_bad"]) == ("bound", None, None)
    assert (row["recovered_by"], row["recovered_finding"], row["recovered_verdict"]) == (
        "recovered-by-restart", "lost-at-boot", "not-bound")
    assert (row["recovered_at"], row["recovered_first_bad"], row["recovered_last_bad"]) == (
        "2024-03-05T22:00:00Z", "2024-03-04T22:00:00Z", "2024-03-04T22:00:00Z")
    since = [one for one in ask(history, "missing", "--since", "30d", "--json").rows
             if one["host"] == "pvs19"][0]
    assert {name: row[name] for name in ("recovered_at", "recovered_by")} == {
        name: since[name] for name in ("recovered_at", "recovered_by")}
    assert all(rows["BNTFTP"][name] is None for name in rows["BNTFTP"]
               if name.startswith("recovered_"))
    then = run("pvsaudit", "why", "pvs19", "--json", "--db", history, "--as-of",
               "2024-03-05T21:00:00Z", env=environment()).rows[0]
    assert then["recovered_at"] is None and then["finding"] == "lost-at-boot"


def test_json_says_the_same_whenever_it_is_asked(history):
    def rows(when):
        return run("pvsaudit", "missing", "--json", "--db", history, "--as-of", when,
                   env=environment()).rows
    assert rows("2024-03-05T22:10:00Z") == rows("2024-03-06T10:00:00Z")


@pytest.mark.parametrize("words", [
    ["missing", "--since", "2024-01-01"], ["status"], ["why", "pvs17"], ["why", "pvs18"]])
def test_rows_are_judged_as_of_the_newest_reading_and_only_their_age_by_the_clock(history, words):
    today = run("pvsaudit", *words, "--json", "--db", history, env=environment())
    assert today.json["as_of"] == text(NIGHT)
    assert today.rows == ask(history, *words, "--json").rows
    table = run("pvsaudit", *words, "--db", history, env=environment()).out
    assert "STALE" in table.splitlines()[0]


@pytest.mark.parametrize("words", [["status"], ["status", "--by", "site"], ["why", "pvs20"]])
def test_a_table_of_old_readings_looks_stale_and_machine_output_stays_the_same(history, words):
    limit = [] if words[0] == "why" else ["-l", "pvs20"]
    today = run("pvsaudit", *words, *limit, "--db", history, env=environment())
    assert today.code == 3 and "STALE" in today.out.splitlines()[0], today
    machine = run("pvsaudit", *words, *limit, "--json", "--db", history, env=environment())
    assert machine.rows == ask(history, *words, *limit, "--json").rows and machine.code == 3
    if words == ["status"]:
        assert today.out.count("unknown: stale") == 2 and "too old" in today.out
        assert {row["verdict"] for row in machine.rows} == {"not-expected", "unknown"}
    if "site" in words:
        assert machine.rows[0]["not_expected"] == 2 and machine.rows[0]["unknown"] == 0
        assert today.out.splitlines()[2].split()[5:8] == ["2", "0", "0"], today
    assert ask(history, "status", "-l", "pvs20").code == 0


def feed(database, *lines):
    result = run("pvsaudit-collect", "ingest", "-", "--db", database, "--as-of",
                 "2024-03-05T22:05:00Z", env=environment(),
                 stdin="".join(json.dumps(line) + "\n" for line in lines))
    assert result.code == 0, result
    return database


def test_two_names_of_one_machine_are_listed_and_counted_once(tmp_path):
    old = NIGHT - timedelta(days=9)
    twins = [visit(host, NIGHT, old, pxe=False) for host in ("pvs01", "pvs02")]
    for twin in twins:
        twin["machine"].update(id="guid-of-both", computer_name="PVS01")
    database = feed(tmp_path / "twins.db", *twins)
    for command in ("missing", "status"):
        answer = ask(database, command, "--json")
        bad = [row["host"] for row in answer.rows if row["expectation"] == "BNPXE"]
        assert bad == ["pvs01", "pvs02"] and answer.json["summary"]["problems"] == 1, answer
        assert "the same machine as pvs01" in ask(database, command).out


def stream_visit(holder, parent):
    """StreamService runs as pid 3000; 3000, or 3344 with this parent, holds UDP 6910."""
    boot = NIGHT - timedelta(days=9)
    line = visit("pvs01", NIGHT, boot)
    line["services"].append(service("StreamService", 3000))
    line["processes"] += [
        {"pid": 3000, "parent": 600, "created": text(boot + timedelta(seconds=5)),
         "name": "StreamService.exe"},
        {"pid": 3100, "parent": 3000, "created": text(boot + timedelta(seconds=6)),
         "name": "Between.exe"},
        {"pid": 3344, "parent": parent, "created": text(boot + timedelta(seconds=7)),
         "name": "StreamProcess.exe"}]
    line["endpoints"].append({"proto": "udp", "address": "0.0.0.0", "port": 6910, "pid": holder})
    line["declared"]["expect"]["StreamService"] = True
    return line


@pytest.mark.parametrize("holder, parent, lines", [
    (3000, 600, ["  Its process holds: UDP 0.0.0.0:6910"]),
    (3344, 3000, ["  0.0.0.0:6910 is held by its child StreamProcess.exe, pid 3344"]),
    (3344, 3100, ["  0.0.0.0:6910 is held by its descendant StreamProcess.exe, pid 3344"]),
    (3344, 600, ["  Its process holds: no port",
                 "  0.0.0.0:6910 is held by pid 3344 (StreamProcess.exe)"]),
    (0, 600, ["  0.0.0.0:6910 is held by a process that is not known"])])
def test_why_says_who_holds_the_port(tmp_path, holder, parent, lines):
    database = feed(tmp_path / "stream.db", stream_visit(holder, parent))
    told = ask(database, "why", "pvs01").out.split("Citrix PVS Stream Service")[1]
    told = told.split("\n\n")[0].splitlines()
    assert [line for line in told if "process holds" in line or "is held by" in line] == lines


IN_ZONES = {"pvs01": ("Asia/Kolkata", "2024-03-06 03:30:00 IST"),
            "pvs02": ("America/Sao_Paulo", "2024-03-05 19:00:00 -03"),
            "pvs03": (None, "2024-03-05 22:00:00 UTC")}


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    """The same night in three places: lost then, and not read an hour later."""
    lines = []
    for host, (zone, _) in IN_ZONES.items():
        line = visit(host, NIGHT, NIGHT - timedelta(days=9), pxe=False)
        later = unread(host, NIGHT + timedelta(minutes=4), site="emea", farm="farm1",
                       expect={"BNPXE": True, "BNTFTP": True})
        for one in (line, later):
            one["declared"]["timezone"] = zone
        lines += [line, later]
    return feed(tmp_path_factory.mktemp("zones") / "zones.db", *lines)


@pytest.mark.parametrize("host", IN_ZONES)
def test_times_of_a_host_are_shown_in_its_own_zone(zones, host):
    shown = IN_ZONES[host][1]
    missing = ask(zones, "missing").out.splitlines()
    row, evidence = [line for line in missing if line.startswith(host)]
    assert row.endswith(shown) and f"first seen not-bound {shown};" in evidence
    status = [line for line in ask(zones, "status").out.splitlines() if line.startswith(host)]
    assert status[0].endswith(f"still open: not-bound {shown}")
    why = ask(zones, "why", host).out
    assert f"Last read: {shown}, 30 min ago" in why and f"Missing since: {shown}" in why
    assert f"{host} as read {shown}\n" in ask(zones, "netstat", host).out
    listed = [line for line in ask(zones, "hosts", "list").out.splitlines()
              if line.startswith(host)]
    assert shown in listed[0]
    for words in (["missing"], ["status"], ["why", host], ["netstat", host]):
        assert ask(zones, *words).out.startswith("last complete scan 26 min ago (2024-03-05 "
                                                 "22:04:00 UTC)")


def test_an_inventory_at_hand_says_which_zone_a_host_has_now(zones, tmp_path):
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text("all:\n  hosts:\n    pvs01: {pvsaudit_timezone: Europe/Paris}\n    pvs02:\n",
                         encoding="utf-8")
    rows = {line.split()[0]: line for line in ask(zones, "missing", "-i", inventory).out.splitlines()
            if line.startswith("pvs") and "udp/67" in line}
    assert rows["pvs01"].endswith("2024-03-05 23:00:00 CET")
    assert rows["pvs02"].endswith("2024-03-05 22:00:00 UTC")


def test_machine_output_is_utc_in_every_zone(zones):
    for words in (["missing", "--json"], ["missing", "--csv"], ["status", "--json"],
                  ["why", "pvs01", "--json"], ["netstat", "pvs01", "--json"],
                  ["hosts", "list", "--json"]):
        here = ask(zones, *words)
        there = run("pvsaudit", *words, "--db", zones, "--as-of", LATER,
                    env=environment(TZ="Asia/Tokyo"))
        assert here.out == there.out and "T22:00:00Z" in here.out


def test_a_time_that_is_asked_for_without_a_zone_is_one_of_the_asker(zones):
    def at(when, zone):
        return run("pvsaudit", "netstat", "pvs01", "--at", when, "--db", zones,
                   env=environment(TZ=zone))
    assert at("2024-03-05 22:01", "UTC").code == 0
    assert at("2024-03-06 07:01", "Asia/Tokyo").code == 0
    assert at("2024-03-06 06:59", "Asia/Tokyo").code == 3, "before the first visit"
    assert at("2024-03-05T22:01Z", "Asia/Tokyo").code == 0


def test_an_export_keeps_the_zone_of_a_host(zones):
    declared = {}
    for line in ask(zones, "db", "export").out.splitlines():
        jsonschema.validate(json.loads(line), schema("snapshot"))
        declared[json.loads(line)["host"]] = json.loads(line)["declared"]
    assert {host: one.get("timezone") for host, one in declared.items()} == {
        host: zone for host, (zone, _) in IN_ZONES.items()}


LATE = "Automatic (Delayed Start)"


def changed_settings(old):
    """a: delayed and put back, still bound. b: switched off. c: its port is another program's."""
    nights = [NIGHT - timedelta(days=2), NIGHT - timedelta(days=1), NIGHT]
    for when, startup in zip(nights, ("Automatic", LATE, "Automatic")):
        yield visit("a", when, old, startup=startup)
    yield visit("b", nights[0], old)
    yield visit("b", nights[2], old, startup="Disabled", pxe_state="Stopped")
    yield visit("c", nights[0], old)
    yield visit("c", nights[2], old, pxe=False, rival="dhcpd.exe")


def test_what_somebody_changed_is_told_where_it_is_asked_for(tmp_path):
    database = feed(tmp_path / "changed.db", *changed_settings(NIGHT - timedelta(days=9)))
    was_late = "Startup type: Automatic (was Automatic (Delayed Start) until 2024-03-04 22:00:00 UTC)"
    was_on = "Startup type: Disabled (was Automatic until 2024-03-03 22:00:00 UTC)"
    owner = "owner-changed: at the last good reading BNPXE.exe held it"
    since = ask(database, "missing", "--since", "7d").out
    assert f"startup-type-reverted, not missing yet: a, BNPXE, {was_late}\n" in since
    assert "startup-type-reverted" not in ask(database, "missing").out
    for text in (since, ask(database, "missing").out):
        assert was_on in text and owner in text
    wordy = ask(database, "status", "-v").out
    assert wordy.count("startup-type-reverted") == 1
    assert was_late in wordy and was_on in wordy and owner in wordy
    assert f"{was_late}; startup-type-reverted" in ask(database, "why", "a").out
    assert was_on in ask(database, "why", "b").out and owner in ask(database, "why", "c").out
    for command in (["status"], ["missing"], *(["why", host] for host in "abc")):
        for row in ask(database, *command, "--json").rows:
            changed = (row["startup_reverted"], row["startup_was"], row["startup_until"],
                       row["owner_changed"], row["owner_was"])
            expected = {"a": (True, LATE, "2024-03-04T22:00:00Z", False, None),
                        "b": (False, "Automatic", "2024-03-03T22:00:00Z", False, None),
                        "c": (False, None, None, True, "BNPXE.exe")}
            if row["expectation"] == "BNPXE":
                assert changed == expected[row["host"]], (command, row)


def test_read_is_the_age_of_the_reading_and_unknown_has_its_code(tmp_path):
    old = NIGHT - timedelta(days=9)
    lost = unread("a", NIGHT, "refused", site="emea", expect={"BNPXE": True})
    lost["code"] = 111
    never = unread("b", NIGHT, site="emea", expect={"BNPXE": True})
    database = feed(tmp_path / "code.db", visit("a", NIGHT - timedelta(hours=5), old), lost, never)
    plain = ask(database, "status").out
    lines = {line.split()[0]: line for line in plain.splitlines() if "BNPXE" in line}
    assert "unknown: refused" in lines["a"] and " 5 h " in lines["a"]
    assert "unknown: timeout" in lines["b"] and lines["b"].rstrip().endswith("-")
    wordy = ask(database, "status", "-v").out
    assert "code 111; last bound 5 h ago" in wordy and "never bound" in wordy
    row = next(row for row in ask(database, "status", "--json").rows if row["host"] == "a")
    assert (row["code"], row["last_good"], row["last_read"], row["as_of"]) == (
        111, "2024-03-05T17:00:00Z", "2024-03-05T17:00:00Z", "2024-03-05T22:00:00Z")


def test_a_named_second_counts_whole(tmp_path):
    late = visit("a", NIGHT, NIGHT - timedelta(days=9), pxe=False)
    late["time"] = "2024-03-05T22:00:00.700Z"
    database = feed(tmp_path / "second.db", late)
    for command in (["missing"], ["status"], ["why", "a"], ["netstat", "a"], ["db", "export"]):
        for second, seen in (("22:00:00", True), ("21:59:59", False), ("22:00:00.600", False)):
            result = run("pvsaudit", *command, "--db", database, "--as-of",
                         f"2024-03-05T{second}Z", env=environment())
            text = result.out + result.err
            known = result.out.count("BNPXE") > 0 or "22:00:00" in result.out.split("\n", 1)[-1]
            assert known == seen, (command, second, text)
    answer = run("pvsaudit", "status", "--json", "--db", database, "--as-of",
                 "2024-03-05T22:00:00Z", env=environment())
    assert answer.json["as_of"] == "2024-03-05T22:00:00Z"


def test_why_says_what_is_not_installed_and_which_machine_was_replaced(tmp_path):
    old, before = NIGHT - timedelta(days=9), NIGHT - timedelta(days=1)
    gone = visit("a", NIGHT, old)
    gone["services"][0].update(canary="absent", visible=False, state="Unknown", startup="Unknown",
                               pid=0, pid_after=0)
    other = visit("b", NIGHT, old)
    other["machine"].update(id="guid-new", computer_name="B2")
    database = feed(tmp_path / "gone.db", visit("a", before, old), visit("b", before, old), gone,
                    other)
    text = ask(database, "why", "a").out
    assert "service-removed" in text and "  Service: not installed\n" in text, text
    assert "Another machine" not in text, text
    assert "; BNPXE is not installed\n" in ask(database, "missing").out
    assert ("Another machine has this name since 2024-03-05 22:00:00 UTC; the one before was B. "
            "What was seen of that one does not count here.\n") in ask(database, "why", "b").out


def test_netstat_of_a_host_that_was_never_read_cannot_tell(tmp_path):
    database = feed(tmp_path / "never.db", unread("a", NIGHT))
    result = ask(database, "netstat", "a")
    assert result.code == 3 and "a: no full visit of it was" in result.err, result
    assert ask(database, "netstat", "nobody").code == 2


def twins(*lines):
    for line in lines:
        if line["read"]:
            line["machine"].update(id="guid-of-both", computer_name="PVS01")
    return lines


NOT_HERE = {"BNPXE": False, "BNTFTP": False}


def a_declared_name_and_one_of_another_team(old):
    """Only the second name, by the alphabet, expects PXE: it is missing."""
    yield visit("a", NIGHT, old, pxe=False, expect=NOT_HERE)
    yield visit("b", NIGHT, old, pxe=False)


def one_name_is_not_read_and_the_other_is_bound(old):
    yield visit("a", NIGHT - timedelta(hours=1), old)
    yield unread("a", NIGHT, site="emea", expect={"BNPXE": True})
    yield visit("b", NIGHT, old)


def one_name_is_not_read_and_the_other_is_missing(old):
    yield visit("a", NIGHT - timedelta(hours=1), old)
    yield unread("a", NIGHT, site="emea", expect={"BNPXE": True})
    yield visit("b", NIGHT, old, pxe=False)


def an_old_problem_of_one_name_is_settled_by_the_other(old):
    yield visit("a", NIGHT - timedelta(hours=1), old, pxe=False)
    yield unread("a", NIGHT, site="emea", expect={"BNPXE": True})
    yield visit("b", NIGHT, old)


def an_old_problem_that_the_other_name_does_not_look_at_stays(old):
    yield visit("a", NIGHT - timedelta(hours=1), old, pxe=False)
    yield unread("a", NIGHT, site="emea", expect={"BNPXE": True})
    yield visit("b", NIGHT, old, expect=NOT_HERE)


def neither_name_is_read(old):
    yield visit("a", NIGHT - timedelta(hours=1), old)
    yield visit("b", NIGHT - timedelta(hours=1), old)
    yield unread("a", NIGHT, site="emea", expect={"BNPXE": True})
    yield unread("b", NIGHT, site="emea", expect={"BNPXE": True})


@pytest.mark.parametrize("play, missing, not_bound, unread_hosts, code", [
    (a_declared_name_and_one_of_another_team, ["b"], 1, 0, 1),
    (one_name_is_not_read_and_the_other_is_bound, [], 0, 0, 0),
    (one_name_is_not_read_and_the_other_is_missing, ["b"], 1, 0, 1),
    (an_old_problem_of_one_name_is_settled_by_the_other, [], 0, 0, 0),
    (an_old_problem_that_the_other_name_does_not_look_at_stays, ["a"], 1, 0, 1),
    (neither_name_is_read, [], 0, 1, 3)])
def test_names_of_one_machine_amount_to_one_server(tmp_path, play, missing, not_bound,
                                                   unread_hosts, code):
    database = feed(tmp_path / "twins.db", *twins(*play(NIGHT - timedelta(days=9))))
    answers = {"missing": ask(database, "missing", "--json"),
               "status": ask(database, "status", "--json"),
               "sites": ask(database, "status", "--by", "site", "--json")}
    assert [row["host"] for row in answers["missing"].rows] == missing
    for name, answer in answers.items():
        assert answer.code == code, (name, answer)
        assert answer.json["summary"]["problems"] == not_bound, (name, answer)
        assert answer.json["summary"]["hosts_unread"] == unread_hosts, (name, answer)
        assert answer.json["coverage"]["hosts"] == 1, (name, answer)
        assert "a,b are one machine: counted once" in answer.err
    sites = answers["sites"].rows
    assert [sum(row[name] for row in sites) for name in ("hosts", "hosts_unread", "not_bound")] \
        == [1, unread_hosts, not_bound]
    assert ("Not read:" in ask(database, "missing").out) == (unread_hosts > 0)


@pytest.mark.parametrize("words, code", [
    (["missing"], 1), (["status"], 1), (["why", "pvs01"], 1), (["why", "pvs02"], 3),
    (["missing", "--format", "nagios"], 2), (["missing", "-l", "pvs02"], 3)])
def test_a_question_of_hosts_that_refused_the_credential_is_never_exit_4(tmp_path, words, code):
    old = NIGHT - timedelta(days=9)
    database = feed(tmp_path / "refused.db",
                    visit("pvs01", NIGHT - timedelta(hours=1), old, pxe=False),
                    visit("pvs02", NIGHT - timedelta(hours=1), old),
                    unread("pvs01", NIGHT, "auth"), unread("pvs02", NIGHT, "auth"))
    assert ask(database, *words).code == code


@pytest.mark.parametrize("form, code", [("--json", 2), ("--csv", 2), ("--ndjson", 0)])
def test_an_export_is_always_lines_of_json(history, form, code):
    assert ask(history, "db", "export", form).code == code


def test_ndjson_and_csv_have_the_rows_of_json(history):
    rows = ask(history, "status", "--json").rows
    assert [json.loads(line) for line in
            ask(history, "status", "--ndjson").out.splitlines()] == rows
    cells = list(csv.DictReader(io.StringIO(ask(history, "status", "--csv").out)))
    assert [row["verdict"] for row in cells] == [row["verdict"] for row in rows]
    assert [row["as_of"] for row in cells] == [row["as_of"] for row in rows]


@pytest.mark.parametrize("words", [
    ["missing", "--since", "30d"], ["status"], ["status", "--by", "site"], ["why", "pvs18"],
    ["why", "pvs22\x1b[31m"], ["netstat", "pvs18"], ["hosts", "list"], ["status", "--csv"],
    ["netstat", "pvs18", "--json"], ["db", "export"]])
def test_text_of_a_host_never_reaches_a_terminal_raw(history, words):
    result = ask(history, *words)
    assert result.out
    for character in result.out + result.err:
        assert character >= " " or character in "\n\r", result


def test_limit_without_an_inventory_is_a_list_of_globs(history):
    def hosts(limit):
        return {row["host"] for row in ask(history, "status", "--json", "-l", limit).rows}
    assert hosts("pvs17") == {"pvs17"}
    assert hosts("pvs1*,!pvs18") == {"pvs17", "pvs19"}
    result = ask(history, "status", "-l", "nobody")
    assert result.code == 2 and "nobody" in result.err


def test_limit_without_an_inventory_takes_sites_and_farms_too(history):
    def hosts(*limit):
        return {row["host"] for row in ask(history, "status", "--json", *limit).rows}
    assert hosts("-l", "iso") == {"pvs20"}
    assert hosts("-l", "farm1") == hosts()
    assert hosts("-l", "farm1,!emea") == {"pvs20"}
    assert ask(history, "status", "-l", "iso", "--json").json["coverage"]["hosts"] == 1
    exported = ask(history, "db", "export", "-l", "iso").out.splitlines()
    assert {json.loads(line)["host"] for line in exported} == {"pvs20"}
    result = ask(history, "status", "-l", "pvs_emea", "--format", "nagios")
    assert result.code == 3 and len(result.out.splitlines()) == 1
    assert result.out.startswith("PVSAUDIT UNKNOWN - pvs_emea matches no host, site or farm")
    assert "-i FILE" in result.out


INVENTORY = """\
all:
  vars:
    ansible_user: audit
    ansible_connection: ssh
  children:
    emea:
      vars: {pvsaudit_site: emea, pvsaudit_expect: [BNPXE]}
      hosts:
        pvs17: {ansible_host: 127.0.0.17}
        pvs30: {ansible_host: 127.0.0.30}
"""


def test_hosts_of_the_inventory_that_were_never_read_are_unknown(history, tmp_path):
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(INVENTORY, encoding="utf-8")
    result = ask(history, "status", "--json", "-i", inventory, "-l", "pvs30")
    rows = result.rows
    assert [(row["host"], row["expectation"], row["verdict"], row["reason"], row["detail"])
            for row in rows] == [("pvs30", "BNPXE", "unknown", "stale", "never read")]
    assert rows[0]["as_of"] is None and result.code == 3
    jsonschema.validate(result.json, schema("status"))
    assert result.json["coverage"]["hosts_unread"] >= 1
    assert ask(history, "status", "-i", inventory, "-l", "pvs30", "--unreachable=fail").code == 1
    table = ask(history, "status", "-i", inventory, "-l", "emea").out
    assert "unknown: stale (never read)" in table


def test_hosts_check_list_and_origin(tmp_path):
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(INVENTORY, encoding="utf-8")
    result = run("pvsaudit", "hosts", "check", "-i", inventory, env=environment())
    assert result.code == 0, result
    assert "2 hosts, no error" in result.out and "emea" in result.out
    rows = run("pvsaudit", "hosts", "list", "-i", inventory, "--json", env=environment()).rows
    assert [(row["host"], row["address"], row["transport"], row["user"]) for row in rows] == [
        ("pvs17", "127.0.0.17", "ssh", "audit"), ("pvs30", "127.0.0.30", "ssh", "audit")]
    rows = run("pvsaudit", "hosts", "origin", "pvs17", "pvsaudit_site", "--json", "-i", inventory,
               env=environment()).rows
    assert rows[0]["value"] == "emea" and rows[0]["line"] == 7
    result = run("pvsaudit", "hosts", "origin", "pvs71", "-i", inventory, env=environment())
    assert result.code == 2 and "did you mean pvs17" in result.err


@pytest.mark.parametrize("words", [["hosts", "check"], ["hosts", "origin", "a"]])
def test_a_command_that_needs_an_inventory_says_so(words):
    result = run("pvsaudit", *words, env=environment())
    assert result.code == 2 and "-i FILE" in result.err


def test_a_wrong_inventory_is_named_with_its_place(tmp_path):
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(INVENTORY.replace("pvsaudit_site", "pvsaudit_sitte"), encoding="utf-8")
    result = run("pvsaudit", "hosts", "check", "-i", inventory, env=environment())
    assert result.code == 2, result
    assert "hosts.yaml:7:" in result.err and "pvsaudit_site" in result.err


def test_export_feeds_a_history_that_answers_the_same(history, tmp_path):
    exported = ask(history, "db", "export")
    assert exported.code == 0, exported
    lines = exported.out.splitlines()
    assert len(lines) == len(list(story()))
    for line in lines:
        jsonschema.validate(json.loads(line), schema("snapshot"))
    visits = tmp_path / "visits.ndjson"
    visits.write_text(exported.out, encoding="utf-8")
    copy = tmp_path / "copy.db"
    result = run("pvsaudit-collect", "ingest", visits, "--db", copy, "--as-of",
                 "2024-03-05T22:05:00Z", env=environment())
    assert result.code == 0, result
    for words in (["missing", "--json", "--since", "30d"], ["status", "--json"]):
        assert ask(copy, *words).rows == ask(history, *words).rows
    assert ask(copy, "db", "export").out == exported.out


def test_members_of_a_later_version_are_exported_as_they_came(tmp_path):
    later = {"later": {"b": [1, 2.5, None, "\u0001é\u2028"], "a": {}}, "zone": "x", "alpha": True}
    unknown = {**unread("pvs02", NIGHT, site="emea", farm="farm1"), "later": "y"}
    exports = []
    lines = "".join(json.dumps(line) + "\n" for line in
                    ({**visit("pvs01", NIGHT, NIGHT - timedelta(days=1)), **later}, unknown))
    for name in ("first.db", "second.db"):
        result = run("pvsaudit-collect", "ingest", "-", "--db", tmp_path / name,
                     env=environment(), stdin=lines)
        assert result.code == 0, result
        lines = ask(tmp_path / name, "db", "export").out
        exports.append(lines)
    first = [json.loads(line) for line in exports[0].splitlines()]
    assert {name: first[0][name] for name in later} == later and first[1]["later"] == "y"
    assert exports[1] == exports[0]


@pytest.mark.parametrize("words, code", [
    ([], 2), (["mising"], 2), (["missing", "--sinse", "7d"], 2), (["why"], 2), (["--help"], 0),
    (["help", "why"], 0), (["--version"], 0), (["version"], 0), (["hosts", "--help"], 0)])
def test_usage_and_help_have_their_codes(words, code):
    result = run("pvsaudit", *words, env=environment())
    assert result.code == code, result
    assert (result.out if code == 0 else result.err).strip()


def test_a_history_that_is_absent_is_exit_2_and_no_file_is_made(tmp_path):
    database = tmp_path / "nothing.db"
    result = run("pvsaudit", "missing", "--db", database, env=environment())
    assert result.code == 2 and "nothing.db" in result.err, result
    assert not database.exists()
    plugin = run("pvsaudit", "missing", "--db", database, "--format", "nagios", env=environment())
    assert plugin.code == 3 and plugin.out.startswith("PVSAUDIT UNKNOWN")


def test_a_host_that_nobody_knows_is_exit_2(history):
    for words in (["why", "pvs71"], ["netstat", "pvs71"]):
        result = ask(history, *words)
        assert result.code == 2 and "pvs71" in result.err, result


@pytest.mark.parametrize("words", [["status", "--csv"], ["missing"], ["why", "pvs17"], ["help"]],
                         ids=lambda words: words[0])
def test_an_answer_that_a_full_disk_has_no_room_for_is_exit_5_and_says_so(history, words):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([program("pvsaudit"), *words, "--db", str(history)],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
                              env={**os.environ, **environment()})
    assert done.returncode == 5, done.stderr
    assert done.stderr == ("pvsaudit: error: the answer could not be written: "
                           "No space left on device\n")


@pytest.mark.parametrize("words, code", [
    (["pvsaudit", "status"], 5), (["pvsaudit", "missing"], 5), (["pvsaudit", "why", "pvs17"], 5),
    (["pvsaudit", "netstat", "pvs17"], 5), (["pvsaudit", "status", "--json"], 5),
    (["pvsaudit", "missing", "--format=nagios"], 3), (["pvsaudit", "db", "export"], 5),
    (["pvsaudit", "help"], 5), (["pvsaudit", "--version"], 5),
    (["pvsaudit-collect", "help"], 5), (["pvsaudit-collect", "--version"], 5)])
@pytest.mark.parametrize("closed", [False, True], ids=["full", "closed"])
def test_an_output_that_cannot_be_written_is_said(history, words, code, closed):
    target = ">&-" if closed else ">/dev/full"
    done = subprocess.run(["sh", "-c", f'"$0" "$@" {target}', program(words[0]), *words[1:],
                           "--db", str(history)], stderr=subprocess.PIPE, text=True, timeout=30,
                          env={**os.environ, **environment()})
    assert done.returncode == code, done
    said = done.stderr.splitlines()
    assert len(said) == 1 and "could not be written" in said[0], done
    assert said[0].endswith("Bad file descriptor" if closed else "No space left on device"), done


def test_colour_only_adds_to_the_words(history):
    plain = ask(history, "status", "--color", "never").out
    painted = ask(history, "status", "--color", "always").out
    assert "\x1b[" in painted and "\x1b[" not in plain
    import re
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_the_other_program_is_found_beside_this_one_and_not_in_path(tmp_path):
    fake = tmp_path / "pvsaudit-collect"
    fake.write_text("#!/bin/sh\necho taken from PATH\n", encoding="utf-8")
    fake.chmod(0o755)
    result = run("pvsaudit", "scan", "-i", tmp_path / "none.yaml",
                 env=environment(PATH=f"{tmp_path}:{os.environ['PATH']}"))
    assert "taken from PATH" not in result.out
    assert result.code == 2 and "none.yaml" in result.err, result
