"""hosts retire and rename: what a person changes in a history, and what is never lost by it."""
import fcntl
import json
import sqlite3
from datetime import timedelta

import jsonschema
import pytest
import yaml
from test_cli import LATER, NIGHT, environment, schema, text, visit

from harness import history
from harness.farm import Farm
from harness.programs import run

DAY = timedelta(days=1)
OLD_BOOT = NIGHT - timedelta(days=9)


def ingest(database, lines, *words):
    lines = [json.dumps(line) + "\n" for line in lines]
    result = run("pvsaudit-collect", "ingest", "-", "--db", database, "--as-of", LATER, *words,
                 stdin="".join(lines), env=environment())
    assert result.code == 0, result


def ask(database, *words, as_of=LATER):
    return run("pvsaudit", *words, "--db", database, "--as-of", as_of, env=environment())


def rows(database, *words):
    return ask(database, *words, "--json").rows


def as_machine(line, guid, **more):
    """The same server under another name: the machine it says it is, and other addresses."""
    line["machine"] = {**line["machine"], "id": guid, "computer_name": "PVS"}
    line.update(more)
    return line


def server(name, when, boot=OLD_BOOT, guid="guid-one", addresses=("10.0.0.5",), **more):
    line = as_machine(visit(name, when, boot, **more), guid)
    line["addresses"] = [{"ip": ip, "prefix": 24} for ip in addresses]
    for ip in addresses:
        line["endpoints"].append({"proto": "udp", "address": ip, "port": 6910, "pid": 1712})
    return line


def in_order(lines):
    return sorted(lines, key=lambda line: (line["time"], line["host"]))


def exported(database):
    return in_order(json.loads(line) for line in ask(database, "db", "export").out.splitlines())


def called(lines, old, new):
    """The same visits, as if the host had had the other name."""
    return in_order({**line, "host": new if line["host"] == old else line["host"]} for line in lines)


@pytest.fixture
def database(tmp_path):
    """pvs01 was lost at a boot and is open; pvs02 is bound."""
    path = tmp_path / "history.db"
    reboot = NIGHT - timedelta(hours=2)
    ingest(path, [server("pvs01", NIGHT - DAY), server("pvs02", NIGHT - DAY, guid="guid-two"),
                  server("pvs01", NIGHT, boot=reboot, pxe=False),
                  server("pvs02", NIGHT, guid="guid-two")])
    return path


def test_a_retired_host_is_listed_and_touches_no_code(database):
    assert ask(database, "missing").code == 1
    result = ask(database, "hosts", "retire", "pvs01")
    assert result.code == 0 and "retired" in result.out
    assert ask(database, "missing").code == 0
    assert ask(database, "status").code == 0
    assert {row["host"]: row["state"] for row in rows(database, "hosts", "list")} == {
        "pvs01": "retired", "pvs02": "active"}
    assert ask(database, "why", "pvs01").code == 0
    # What was known before it was retired stays what was known then.
    assert ask(database, "missing", as_of=text(NIGHT + timedelta(minutes=1))).code == 1


def test_a_visit_after_it_takes_the_host_back(database):
    ask(database, "hosts", "retire", "pvs01")
    ingest(database, [server("pvs01", NIGHT + timedelta(minutes=29), boot=NIGHT - timedelta(hours=2),
                             pxe=False)])
    assert ask(database, "missing").code == 0  # LATER is when it was retired: a minute after that visit
    later = text(NIGHT + DAY)
    line = server("pvs01", NIGHT + DAY, boot=NIGHT - timedelta(hours=2), pxe=False)
    result = run("pvsaudit-collect", "ingest", "-", "--db", database, "--as-of", later,
                 stdin=json.dumps(line) + "\n", env=environment())
    assert result.code == 0
    assert ask(database, "missing", as_of=later).code == 1


def test_retiring_can_be_taken_back(database):
    ask(database, "hosts", "retire", "pvs*")
    assert [row["state"] for row in rows(database, "hosts", "list")] == ["retired", "retired"]
    assert ask(database, "hosts", "retire", "--undo", "pvs01").code == 0
    assert ask(database, "missing").code == 1


def test_what_a_collector_left_behind_is_retired_by_its_source(database):
    """The collector was called `ingest`'s default before, and scans as `dc1` now."""
    ingest(database, [dict(server("pvs01", NIGHT + timedelta(minutes=5), pxe=True), source="dc1"),
                      dict(server("pvs02", NIGHT + timedelta(minutes=5), guid="guid-two"), source="dc1")])
    assert ask(database, "missing").code == 1  # local:pvs01, as it was left
    result = ask(database, "hosts", "retire", "local:*", "--json")
    jsonschema.validate(result.json, schema("hosts-change"))
    assert [(row["host"], row["source"], row["state"]) for row in result.rows] == [
        ("pvs01", "local", "retired"), ("pvs02", "local", "retired")]
    assert ask(database, "missing").code == 0
    shared = ask(database, "hosts", "retire", "pvs01")
    assert shared.code == 2 and "dc1:pvs01, local:pvs01" in shared.err


def test_a_retired_source_makes_no_history_old(tmp_path):
    """What several collectors feed is as old as the one furthest behind; not once it is retired."""
    path = tmp_path / "history.db"
    ingest(path, [server("pvs01", NIGHT - 5 * DAY)])
    ingest(path, [dict(server("pvs02", NIGHT, guid="guid-two"), source="dc1")])
    assert ask(path, "status", "--json").json["last_complete_scan"] == text(NIGHT - 5 * DAY)
    ask(path, "hosts", "retire", "local:pvs01")
    assert ask(path, "status", "--json").json["last_complete_scan"] == text(NIGHT)


@pytest.mark.parametrize("words, said", [
    (["hosts", "retire", "pvs03"], "no host of this name in the history; did you mean pvs0"),
    (["hosts", "retire", "x*"], "x* matches no host"),
    (["hosts", "retire"], "needs HOST..."),
    (["hosts", "rename", "pvs01"], "needs OLD NEW"),
    (["hosts", "rename", "pvs09", "pvs10"], "no host of this name"),
    (["hosts", "rename", "pvs01", "pvs01"], "has that name already"),
    (["hosts", "rename", "pvs01", "pvs02"], "not one server"),
    (["hosts"], "hosts needs one of: check, list, origin, import, retire, rename"),
    (["hosts", "retier", "pvs01"], "did you mean retire"),
])
def test_a_wrong_change_changes_nothing(database, words, said):
    before = history.rows(database, "SELECT * FROM host")
    result = ask(database, *words)
    assert result.code == 2 and said in result.err, result
    both = ask(database, "hosts", "retire", "pvs01", "pvs77")
    assert both.code == 2
    assert history.rows(database, "SELECT * FROM host") == before


def test_no_history_is_made_by_it(tmp_path):
    assert ask(tmp_path / "none.db", "hosts", "retire", "pvs01").code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_nobody_visited_under_its_new_name_is_just_called_so(database):
    before = exported(database)
    result = ask(database, "hosts", "rename", "pvs01", "pvs51", "--json")
    assert [(row["host"], row["was"], row["visits_joined"]) for row in result.rows] == [
        ("pvs51", "pvs01", 0)]
    assert exported(database) == called(before, "pvs01", "pvs51")
    assert [(row["host"], row["finding"]) for row in rows(database, "missing")] == [
        ("pvs51", "lost-at-boot")]


def test_two_names_of_one_machine_become_one_host(database):
    """Bound under the old name, lost at a boot, and under the new name, with addresses that are
    numbered otherwise there, bound again by a restart: one story, as if it had had one name."""
    reboot = NIGHT - timedelta(hours=2)
    again = server("pvs51", NIGHT + timedelta(minutes=20), boot=reboot, pid=5000,
                   addresses=("10.0.0.9", "10.0.0.5"))
    for process in again["processes"]:
        if process["pid"] == 5000:
            process["created"] = text(NIGHT + timedelta(minutes=10))
    ingest(database, [again])
    before = exported(database)
    result = ask(database, "hosts", "rename", "pvs01", "pvs51", "--json")
    jsonschema.validate(result.json, schema("hosts-change"))
    assert result.code == 0 and result.rows[0]["visits_joined"] == 1, result
    after = exported(database)
    assert after == called(before, "pvs01", "pvs51")
    (row,) = rows(database, "missing", "--since", "7d")
    assert (row["host"], row["finding"], row["state"], row["recovered_by"]) == (
        "pvs51", "lost-at-boot", "recovered", "recovered-by-restart")
    assert history.is_whole(database)
    assert history.rows(database, "SELECT name FROM host ORDER BY name") == [("pvs02",), ("pvs51",)]
    # As if it had had that name from the first visit on.
    fresh = database.parent / "fresh.db"
    ingest(fresh, after)
    for view in ("boots", "boot_outcome", "lost_after_reboot", "timeline", "binding_now"):
        for path in (fresh, database):
            assert history.rows(path, f"SELECT count(*) FROM {view}")[0][0] > 0
        assert sorted(history.rows(database, f"SELECT * FROM {view}"), key=repr) == \
            sorted(history.rows(fresh, f"SELECT * FROM {view}"), key=repr), view


def test_evidence_holds_and_readings_of_decisions_go_along(database):
    ingest(database, [server("pvs51", NIGHT + timedelta(minutes=20), pxe=False,
                             boot=NIGHT - timedelta(hours=2))])
    with sqlite3.connect(database) as history_file:
        (new,) = history_file.execute("SELECT id FROM host WHERE name = 'pvs51'").fetchone()
        history_file.execute("INSERT INTO hold (host_id, change, from_ms, until_ms, held_by) "
                             "VALUES (?, 'CHG1', 1, 2, 'somebody')", [new])
        history_file.execute("INSERT INTO evidence (host_id, time_ms, kind, source_id, raw_bytes, "
                             "bytes) VALUES (?, 5, 0, 1, 1, x'00')", [new])
    assert ask(database, "hosts", "rename", "pvs01", "pvs51").code == 0
    for table in ("hold", "evidence"):
        assert history.rows(database, f"SELECT h.name FROM {table} t JOIN host h ON h.id = t.host_id") \
            == [("pvs51",)]
    assert history.is_whole(database)


@pytest.mark.parametrize("guid, said", [("guid-three", "not one server"), (None, "is not known")])
def test_another_machine_is_never_joined(database, guid, said):
    line = server("pvs51", NIGHT + timedelta(minutes=20))
    line["machine"] = {"id": guid, "computer_name": "PVS51"} if guid else {}
    ingest(database, [line])
    before = exported(database)
    result = ask(database, "hosts", "rename", "pvs01", "pvs51")
    assert result.code == 2 and said in result.err, result
    assert exported(database) == before


def test_a_scan_that_runs_is_not_disturbed(database):
    with open(f"{database}.scan", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert ask(database, "hosts", "rename", "pvs01", "pvs51").code == 5
    assert ask(database, "hosts", "rename", "pvs01", "pvs51").code == 0


SCENARIO = """\
farm: emea
accounts:
  - {name: audit, key: true}
servers:
  - {names: "pvs[01:03]", site: frankfurt, os: 2019, uptime: 9d}
"""


def test_scan_and_hosts_check_propose_it_and_the_fleet_follows(tmp_path):
    """pvs03 is called pvs33 in the inventory of the second night; scopes of the first night name pvs03."""
    with Farm(tmp_path, SCENARIO) as farm:
        assert farm.scan().code == 0
        farm.pass_time(hours=24)
        with open(farm.site.inventory, encoding="utf-8") as file:
            inventory = yaml.safe_load(file)
        for group in inventory["all"]["children"].values():
            if "pvs03" in group["hosts"]:
                group["hosts"]["pvs33"] = {**group["hosts"].pop("pvs03"),
                                           "pvsaudit_computer_name": "PVS03"}
        with open(farm.site.inventory, "w", encoding="utf-8") as file:
            yaml.safe_dump(inventory, file)
        proposal = "`pvsaudit hosts rename pvs03 pvs33`"
        scanned = farm.scan()
        assert scanned.code == 0 and proposal in scanned.err, scanned
        checked = farm.ask("hosts", "check", "-i", farm.site.inventory)
        assert checked.code == 0 and proposal in checked.err, checked
        assert farm.ask("hosts", "rename", "pvs03", "pvs33").code == 0
        assert proposal not in farm.ask("hosts", "check", "-i", farm.site.inventory).err
        farm.pass_time(hours=24)
        assert proposal not in farm.scan().err
        hosts = {row["host"] for row in farm.ask("status", "--json").rows}
        assert hosts == {"pvs01", "pvs02", "pvs33"}
        assert len([line for line in farm.ask("db", "export").out.splitlines()
                    if json.loads(line)["host"] == "pvs33"]) == 3


def test_a_renamed_host_is_not_looked_for_under_its_old_name(tmp_path):
    """Nothing was scanned since: the newest scope still says pvs03."""
    with Farm(tmp_path, SCENARIO) as farm:
        assert farm.scan().code == 0
        assert farm.ask("hosts", "rename", "pvs03", "pvs33").code == 0
        status = farm.ask("status", "--json")
        assert {row["host"] for row in status.rows} == {"pvs01", "pvs02", "pvs33"}
        assert {row["verdict"] for row in status.rows if row["host"] == "pvs33"} <= {
            "bound", "not-expected", "not-installed"}
