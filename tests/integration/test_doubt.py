"""What is not known of a host is never fine: the exit code says so whatever the rows look like."""
import json
import sqlite3
import subprocess
import time
from datetime import datetime, timedelta, timezone

import jsonschema
import pytest

from harness.programs import program, run
from test_cli import environment, schema, visit

NIGHT = datetime(2024, 3, 5, 22, 0, 0, tzinfo=timezone.utc)
OLD = NIGHT - timedelta(days=9)
INVENTORY = "all:\n  hosts:\n    pvs01:\n    pvs02:\n"


def lines(*visits):
    return "".join(json.dumps(line) + "\n" for line in visits)


def ingest(database, *visits, when=None):
    clock = ["--as-of", when.strftime("%Y-%m-%dT%H:%M:%SZ")] if when else []
    result = run("pvsaudit-collect", "ingest", "-", "--db", database, *clock, env=environment(),
                 stdin=lines(*visits))
    assert result.code == 0, result


def ask(database, *words, when=NIGHT):
    return run("pvsaudit", *words, "--db", database, "--as-of",
               when.strftime("%Y-%m-%dT%H:%M:%SZ"), env=environment())


def fleet_scan(database, scope, when):
    """The scan that brought pvs01 becomes one of the whole fleet that had these hosts in scope."""
    text = json.dumps([[name, "windows", None, None, "active"] for name in scope],
                      separators=(",", ":"))
    with sqlite3.connect(database) as file:
        scope_id = file.execute("INSERT INTO content (hash, text) VALUES (?, ?) RETURNING id",
                                (len(scope), text)).fetchone()[0]
        file.execute("INSERT INTO scan (source_id, kind, coverage, outcome, start_ms, end_ms,"
                     " scope_id, expectations_id) SELECT source_id, 0, 'fleet', 'complete', ?, ?, ?,"
                     " expectations_id FROM scan LIMIT 1",
                     (int(when.timestamp() * 1000), int(when.timestamp() * 1000), scope_id))


def test_a_host_that_the_inventory_has_again_and_nobody_visited_since_is_not_read(tmp_path):
    database, inventory = tmp_path / "history.db", tmp_path / "hosts.yaml"
    inventory.write_text(INVENTORY, encoding="utf-8")
    ingest(database, visit("pvs01", NIGHT, OLD),
           visit("pvs02", NIGHT - timedelta(days=1), OLD))
    fleet_scan(database, ["pvs01"], NIGHT)
    assert ask(database, "status").code == 0, "pvs02 is nobody's"
    result = ask(database, "status", "--json", "-i", inventory)
    rows = [(row["host"], row["verdict"]) for row in result.rows if not row["informational"]]
    assert rows == [("pvs01", "bound"), ("pvs01", "bound"), ("pvs02", "unknown")]
    assert result.json["coverage"]["hosts_unread"] == 1 and result.code == 3
    assert "1 of 2 hosts not read" in ask(database, "missing", "-i", inventory).out


def dropped_fleet(database):
    """pvs02 and pvs03 were not bound last night; tonight's inventory has pvs01 alone."""
    last = NIGHT - timedelta(days=1)
    ingest(database, visit("pvs01", NIGHT, OLD), visit("pvs02", last, OLD, pxe=False),
           visit("pvs03", last, OLD, pxe=False))
    fleet_scan(database, ["pvs01"], NIGHT)


def test_an_open_problem_of_a_host_that_the_inventory_dropped_is_said_and_counts_nowhere(tmp_path):
    database = tmp_path / "history.db"
    dropped_fleet(database)
    since = "BNPXE not-bound since 2024-03-04 22:00:00 UTC"
    table = ask(database, "missing")
    assert table.code == 0, table
    assert table.out.splitlines()[1:] == [
        "2 hosts with an open problem are no longer in the inventory of the newest scan: "
        f"pvs02 ({since}), pvs03 ({since})", "no problem, 0 unknown"]
    answer = ask(database, "missing", "--json")
    jsonschema.validate(answer.json, schema("missing"))
    assert answer.code == 0 and answer.rows == [] and answer.json["summary"]["problems"] == 0
    assert [(row["host"], row["verdict"], row["first_bad"]) for row in answer.json["dropped"]] == [
        (host, "not-bound", "2024-03-04T22:00:00Z") for host in ("pvs02", "pvs03")]
    one = ask(database, "missing", "-l", "pvs03")
    assert ("1 host with an open problem is no longer in the inventory of the newest scan: "
            f"pvs03 ({since})\n") in one.out
    for form in ("--ndjson", "--csv", "--format=nagios"):
        assert "pvs02" not in ask(database, "missing", form).out
    why = ask(database, "why", "pvs02")
    assert "It is no longer in the inventory of the newest scan." in why.out
    assert "UDP 67: not-bound" in why.out or "Still open: it was not-bound" in why.out
    assert [row["dropped"] for row in ask(database, "why", "pvs02", "--json").rows][0] is True
    assert "no longer" not in ask(database, "why", "pvs01").out
    before = ask(database, "missing", when=NIGHT - timedelta(hours=1))
    assert before.code == 1 and "no longer" not in before.out, "they were in the inventory then"


def test_a_dropped_host_is_told_of_for_thirty_days(tmp_path):
    database = tmp_path / "history.db"
    dropped_fleet(database)
    last = NIGHT - timedelta(days=1)
    assert "no longer" in ask(database, "missing", when=last + timedelta(days=30)).out
    assert "no longer" not in ask(database, "missing", when=last + timedelta(days=30, seconds=1)).out


def test_a_machine_that_has_another_name_now_is_not_told_of_as_dropped(tmp_path):
    database = tmp_path / "history.db"
    last = NIGHT - timedelta(days=1)
    renamed = visit("pvs01", NIGHT, OLD)
    renamed["machine"].update(id="guid-pvs00", computer_name="PVS00")
    ingest(database, visit("pvs00", last, OLD, pxe=False), renamed)
    fleet_scan(database, ["pvs01"], NIGHT)
    result = ask(database, "missing", "--json")
    assert result.code == 0 and result.json["dropped"] == [] and result.rows == []
    table = ask(database, "status").out
    assert "counted once" not in table, "the name that is gone does not stand for the new one"


def test_a_visit_of_the_future_proves_nothing(tmp_path):
    database = tmp_path / "history.db"
    now = datetime.now(timezone.utc)
    ahead = now + timedelta(days=400)
    ingest(database, visit("pvs01", ahead, now), when=ahead)
    for command in ("status", "missing"):
        result = run("pvsaudit", command, "--db", database, env=environment())
        assert result.code == 3 and "2 unknown" in result.out, result
    result = run("pvsaudit", "status", "--json", "--db", database, env=environment())
    assert {(row["verdict"], row["reason"]) for row in result.rows} == {("unknown", "clock")}


def test_a_visit_of_the_future_is_refused_with_its_line(tmp_path):
    database = tmp_path / "history.db"
    now = datetime.now(timezone.utc)
    ahead = now + timedelta(days=400, hours=1)
    result = run("pvsaudit-collect", "ingest", "-", "--db", database, env=environment(),
                 stdin=lines(visit("pvs01", now, OLD), visit("pvs02", ahead, OLD),
                             visit("pvs03", now, OLD)))
    assert result.code == 2, result
    assert "-:2:" in result.err and "400 d ahead of this clock" in result.err
    assert "check the clock of its collector, or give --as-of" in result.err
    with sqlite3.connect(database) as file:
        assert file.execute("SELECT name FROM host").fetchall() == [("pvs01",)]


def test_a_visit_of_a_clock_that_is_a_little_ahead_counts(tmp_path):
    database = tmp_path / "history.db"
    now = datetime.now(timezone.utc)
    ingest(database, visit("pvs01", now + timedelta(minutes=3), now - timedelta(days=1)))
    result = run("pvsaudit", "status", "--db", database, env=environment())
    assert result.code == 0, result


def test_what_was_pending_is_not_yet_a_problem_and_half_an_hour_later_unknown(tmp_path):
    database = tmp_path / "history.db"
    ingest(database, visit("pvs01", NIGHT, NIGHT - timedelta(seconds=30), pxe=False))
    soon = ask(database, "status", when=NIGHT + timedelta(minutes=29))
    assert "no problem, 0 unknown, 1 pending" in soon.out and soon.code == 3
    for command in ("status", "missing"):
        late = ask(database, command, when=NIGHT + timedelta(minutes=31))
        assert "no problem, 1 unknown" in late.out and late.code == 3, late
    table = ask(database, "status", when=NIGHT + timedelta(hours=9)).out
    assert "unknown: stale (was pending)" in table and "pending\n" not in table


def test_a_visit_that_was_not_judged_before_a_kill_is_unknown(tmp_path):
    database = tmp_path / "history.db"
    late = [visit("pvs01", NIGHT, OLD, pxe=False)]
    others = [visit(f"pvs{i}", NIGHT, OLD) for i in range(10, 70)]
    ingest(database, visit("pvs01", NIGHT - timedelta(hours=2), OLD))
    with subprocess.Popen([program("pvsaudit-collect"), "ingest", "-", "--db", str(database)],
                          stdin=subprocess.PIPE, text=True) as writer:
        writer.stdin.write(lines(visit("pvs01", NIGHT - timedelta(hours=3), OLD), *late, *others))
        writer.stdin.flush()
        deadline = time.monotonic() + 20
        with sqlite3.connect(database, timeout=10) as file:
            while file.execute("SELECT count(*) FROM observation").fetchone()[0] < 50:
                assert time.monotonic() < deadline
        writer.kill()
    result = ask(database, "status", "-l", "pvs01")
    assert "unknown: skipped (not judged)" in result.out
    assert "no problem, 2 unknown" in result.out and result.code == 3, result
    assert "Not read" not in ask(database, "missing", "-l", "pvs01").out
    ingest(database, visit("pvs01", NIGHT - timedelta(hours=4), OLD))
    assert ask(database, "status", "-l", "pvs01").code == 1, "judged with the next one"


def of_source(source, when, **more):
    machine = more.pop("machine")
    line = visit("pvs01", when, OLD, **more)
    line["source"] = source
    line["machine"].update(id=machine)
    return line


def test_a_problem_of_one_collector_is_not_hidden_by_anothers_host_of_the_same_name(tmp_path):
    database, copy = tmp_path / "history.db", tmp_path / "copy.db"
    ingest(database, of_source("dc1", NIGHT, machine="one", pxe=False))
    ingest(database, of_source("dc2", NIGHT + timedelta(minutes=1), machine="two"))
    when = NIGHT + timedelta(minutes=2)
    result = ask(database, "missing", when=when)
    assert result.code == 1 and "dc1:pvs01" in result.out, result
    answer = ask(database, "status", "--json", when=when)
    assert {(row["host"], row["source"], row["verdict"]) for row in answer.rows
            if row["expectation"] == "BNPXE"} == {
        ("dc1:pvs01", "dc1", "not-bound"), ("dc2:pvs01", "dc2", "bound")}
    for command in ("why", "netstat"):
        result = ask(database, command, "pvs01", when=when)
        assert result.code == 2 and "say which one: dc1:pvs01, dc2:pvs01" in result.err, result
        assert "dc2:pvs01" in ask(database, command, "dc2:pvs01", when=when).out
    exported = run("pvsaudit", "db", "export", "--db", database, env=environment()).out
    result = run("pvsaudit-collect", "ingest", "-", "--db", copy, env=environment(), stdin=exported)
    assert result.code == 0, result
    assert run("pvsaudit", "db", "export", "--db", copy, env=environment()).out == exported
    assert exported.count("\n") == 2


def without_boot(when, **more):
    """Neither the uptime nor the age of a process could be read."""
    line = visit("pvs01", when, OLD, **more)
    for section in ("boot", "processes"):
        line["sections"][section] = {"outcome": "denied"}
    del line["boot"]
    line["processes"] = []
    return line


def verdict_of_pxe(database, when):
    return {row["verdict"] for row in ask(database, "status", "--json", when=when).rows
            if row["expectation"] == "BNPXE"}


def test_where_no_boot_can_be_read_the_second_reading_of_one_pid_decides(tmp_path):
    same, other = tmp_path / "same.db", tmp_path / "other.db"
    night_before = NIGHT - timedelta(days=1)
    ingest(same, without_boot(night_before), without_boot(NIGHT, pxe=False))
    assert verdict_of_pxe(same, NIGHT) == {"not-bound"}
    ingest(other, without_boot(night_before), without_boot(NIGHT, pxe=False, pid=1800))
    assert verdict_of_pxe(other, NIGHT) == {"pending"}
    minute = NIGHT + timedelta(seconds=59)
    ingest(other, without_boot(minute, pxe=False, pid=1800))
    assert verdict_of_pxe(other, minute) == {"pending"}, "BNPXE has 60 s"
    minute += timedelta(seconds=1)
    ingest(other, without_boot(minute, pxe=False, pid=1800))
    assert verdict_of_pxe(other, minute) == {"not-bound"}


@pytest.mark.parametrize("member,value,said", [
    ("os", "plan9", "os: plan9 is neither windows nor linux"),
    ("os", "Windows", "os: Windows is neither windows nor linux"),
    ("declared", {"state": "active", "expect": {"BNPXEE": True}},
     "declared.expect.BNPXEE: there is no expectation of this name here"),
])
def test_a_line_that_nothing_would_judge_is_refused_with_its_line_and_member(tmp_path, member,
                                                                           value, said):
    database = tmp_path / "history.db"
    strange = visit("pvs02", NIGHT, OLD, pxe=False) | {member: value}
    result = run("pvsaudit-collect", "ingest", "-", "--db", database, env=environment(),
                 stdin=lines(visit("pvs01", NIGHT, OLD), strange))
    assert result.code == 2 and f"-:2: {said}" in result.err, result
    if member == "os":
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(strange, schema("snapshot"))


def test_a_line_without_an_os_is_judged_as_windows(tmp_path):
    database = tmp_path / "history.db"
    line = visit("pvs01", NIGHT, OLD, pxe=False)
    del line["os"]
    jsonschema.validate(line, schema("snapshot"))
    ingest(database, line)
    assert ask(database, "missing").code == 1


def test_why_of_a_host_that_was_not_read_says_what_the_inventory_says(tmp_path):
    database = tmp_path / "history.db"
    expect = {"BNPXE": False, "BNTFTP": True}
    unread = visit("pvs01", NIGHT, OLD, expect=expect)
    unread = {key: unread[key] for key in ("host", "source", "time", "kind", "os", "declared")} | {
        "read": False, "reason": "timeout"}
    never = unread | {"host": "pvs02"}
    ingest(database, visit("pvs01", NIGHT - timedelta(hours=1), OLD, expect=expect), unread, never)
    for host in ("pvs01", "pvs02"):
        text = ask(database, "why", host).out
        pxe, tftp = (text[text.index(f"({name})"):] for name in ("BNPXE", "BNTFTP"))
        assert "Not expected here: the inventory says so" in pxe[:pxe.index("BNTFTP")], text
        assert "  Expected here: the inventory says so" in tftp[:tftp.index("\n\n")], text
