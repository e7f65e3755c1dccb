"""gate, verify and decisions from the outside: answers, exit codes, holds, signals, and a child that lies."""
import fcntl
import getpass
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
from datetime import timedelta

import jsonschema
import pytest
import yaml

from harness.farm import Farm, rfc3339
from harness.gates import Gates
from harness.programs import ROOT, program

SHOWS = os.path.join(ROOT, "tests", "show")
SCENARIO = """\
farm: emea
accounts:
  - name: audit
    key: true
    password: simulated servers have no secrets
servers:
  - {names: "pvs[01:02]", site: paris, uptime: 9d, os: [2019, 2022]}
  - {names: "pvs[03:04]", site: paris, uptime: 9d, os: [2016, 2022], transport: winrm, auth: ntlm}
"""
ALL = ["pvs01", "pvs02", "pvs03", "pvs04"]
PATH = {"name": "paris", "method": "pxe", "pxe": ALL, "tftp": ALL, "login_servers": ALL}


def load_show(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(SHOWS, f"show_{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def schema_of(name):
    with open(os.path.join(ROOT, "docs", "schema", f"{name}.schema.json"), encoding="utf-8") as file:
        return json.load(file)


def expect_schema(name, answer):
    """It is valid, and everything in it is described."""
    wanted = schema_of(name)
    jsonschema.validate(answer, wanted, format_checker=jsonschema.FormatChecker())
    assert answer.keys() == wanted["properties"].keys()
    for member, rows in answer.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            items = wanted["properties"][member]["items"]
            shapes = items.get("oneOf", [items])
            assert all(any(row.keys() == shape["properties"].keys() for shape in shapes) for row in rows)


@pytest.fixture()
def gates(tmp_path):
    with Farm(tmp_path, SCENARIO) as farm:
        yield Gates(farm, [PATH])


def hold(gates, server, change, *words):
    return gates.gate(server, "--hold", "--change", change, "--until", "4h", *words)


def kinds(gates):
    return [row["kind"] for row in gates.farm.ask("decisions", "--json").rows]


def test_two_gates_at_once_are_never_both_go(tmp_path):
    race = load_show("gate_race")
    with Farm(tmp_path, race.scenario(8)) as farm:
        assert race.play(farm, 8) == 0


def test_only_the_peers_are_visited_and_a_young_reading_spares_a_visit(gates):
    first = gates.gate("pvs01")
    assert (first.json["answer"], first.code) == ("GO", 0)
    before = {host: gates.farm.counts(host)["connections"] for host in ALL}
    again = gates.gate("pvs02", "--max-age", "15m")
    assert again.json["answer"] == "GO" and again.json["coverage"]["hosts_read"] == 3
    after = {host: gates.farm.counts(host)["connections"] for host in ALL}
    assert {host for host in ALL if after[host] > before[host]} == set()
    live = gates.gate("pvs02")
    assert live.json["answer"] == "GO"
    now = {host: gates.farm.counts(host)["connections"] for host in ALL}
    assert {host for host in ALL if now[host] > after[host]} == {"pvs01", "pvs03", "pvs04"}


def test_an_old_reading_is_no_proof_however_good(gates):
    assert gates.gate("pvs01").json["answer"] == "GO"
    gates.farm.ctl("misbehave", "pvs02", "pvs03", "pvs04", "cut")
    answer = gates.gate("pvs01", "--max-age", "15m", minutes=30)
    assert (answer.json["answer"], answer.code) == ("CANNOT TELL", 3)
    assert {row["counts_as"] for row in answer.json["evidence"]} == {"taken-down", "unread"}


def test_answers_keep_to_their_schemas(gates):
    expect_schema("gate", hold(gates, "pvs01", "CHG1").json)
    expect_schema("gate", gates.gate("--plan", "-l", "paris").json)
    gates.farm.ctl("reboot", "pvs01")
    expect_schema("verify", gates.ask("verify", "--change", "CHG1", "--no-wait", "--json", minutes=10).json)
    expect_schema("decisions", gates.farm.ask("decisions", "--json").json)


def test_rows_as_lines_and_as_cells(gates):
    lines = gates.ask("gate", "pvs01", "--ndjson")
    assert [json.loads(line)["stage"] for line in lines.out.splitlines()] == ["PXE", "TFTP", "login"]
    cells = gates.ask("gate", "pvs01", "--csv")
    assert cells.out.startswith("path,method,assumed,stage,answer") and len(cells.out.splitlines()) == 4


@pytest.mark.parametrize("words, what", [
    ([], "needs the servers"),
    (["pvs01", "--hold"], "--hold needs --change and --until"),
    (["pvs01", "--until", "4h"], "when a --hold ends"),
    (["pvs01", "--hold", "--change", "C", "--until", "2020-01-01"], "still to come"),
    (["pvs01", "--cached", "--override", "why"], "only plan"),
    (["pvs01", "--cached", "--max-age", "1h"], "--cached visits nobody"),
    (["--plan"], "--limit"),
    (["pvs01", "-l", "paris"], "as arguments"),
    (["pvs77"], "no host or group is called `pvs77`"),
])
def test_wrong_usage_is_refused_and_nothing_is_decided(gates, words, what):
    answer = gates.gate(*words)
    assert answer.code == 2 and what in answer.err and answer.out == ""
    assert "gate" not in kinds(gates) if os.path.exists(gates.farm.site.db) else True


def test_a_hold_is_made_with_a_go_alone(gates):
    gates.farm.ctl("lose", "pvs02", "pvs03", "pvs04", "now")
    refused = hold(gates, "pvs01", "CHG1")
    assert (refused.json["answer"], refused.json["held_until"]) == ("NO-GO", None)
    assert kinds(gates) == ["gate"]
    forced = hold(gates, "pvs01", "CHG1", "--override", "the site is closed")
    assert (forced.json["answer"], forced.code, forced.json["judged"]) == ("GO WITH OUTAGE", 0, "NO-GO")
    assert kinds(gates) == ["gate", "override", "hold"]
    rows = gates.farm.ask("decisions", "--change", "CHG1", "--json").rows
    assert "the site is closed" in rows[1]["sentence"] and rows[2]["held"] == "pvs01"


def test_an_override_of_a_go_changes_nothing(gates):
    answer = gates.gate("pvs01", "--override", "just in case").json
    assert (answer["answer"], answer["override_reason"]) == ("GO", None)


def test_a_name_whose_address_has_become_a_peers_does_not_vouch_for_itself(tmp_path):
    """pvs01 was another machine when it was last read; now its name leads to pvs02."""
    with Farm(tmp_path, SCENARIO) as farm:
        servers = ["pvs01", "pvs02"]
        paths = [{"name": "paris", "method": "pxe", "pxe": servers, "tftp": servers, "login_servers": servers, "min": 1}]
        before = Gates(farm, paths)
        farm.pass_time(minutes=1)
        assert farm.scan().code == 0
        assert before.gate("pvs01").json["answer"] == "GO"

        def move(groups, hosts):
            hosts["pvs01"][1]["ansible_host"] = hosts["pvs02"][1]["ansible_host"]
        after = Gates(farm, paths, move)
        answer = after.gate("pvs01").json
        assert (answer["answer"], "pvs02 is the same machine as pvs01" in answer["sentence"]) == ("NO-GO", True)


def test_who_asked_by_sudo_is_kept(gates, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "alice")
    gates.gate("pvs01")
    assert gates.farm.ask("decisions", "--json").rows[0]["asked_by"] == f"{getpass.getuser()} (by sudo: alice)"


def test_a_gate_waits_for_a_scan_that_is_running(gates):
    assert gates.gate("pvs01").json["answer"] == "GO"
    with open(gates.farm.site.db + ".scan", "r+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Who visits nobody need not wait.
        assert gates.gate("pvs01", "--max-age", "15m").json["answer"] == "GO"
        child = subprocess.Popen(
            [program("pvsaudit"), "gate", "pvs01", "--json", "-i", gates.inventory, "--as-of", rfc3339(gates.farm.now + timedelta(minutes=9)),
             "--config", gates.farm.site.settings, "--db", gates.farm.site.db], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert "another scan is running" in child.stderr.readline()
        fcntl.flock(lock, fcntl.LOCK_UN)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, json.loads(out)["answer"]) == (0, "GO"), err


def test_verify_releases_the_holds_of_its_change_alone(gates):
    assert hold(gates, "pvs01", "CHG1").json["answer"] == "GO"
    assert hold(gates, "pvs02", "CHG2").json["answer"] == "GO"
    gates.farm.ctl("reboot", "pvs01", "pvs02")
    board = gates.ask("verify", "--change", "CHG1", "--no-wait", "--json", minutes=10)
    assert (board.code, board.json["released"]) == (0, "pvs01")
    held = {row["host"]: row["held_by"] for row in gates.gate("pvs03").json["evidence"]}
    assert held == {"pvs01": None, "pvs02": "CHG2", "pvs03": None, "pvs04": None}
    nobody = gates.ask("verify", "--change", "CHG1", "--no-wait", "--json")
    assert nobody.code == 2 and "no server of the inventory is held for CHG1" in nobody.err


def test_a_hold_ends_by_itself(gates):
    assert gates.gate("pvs02", "--hold", "--change", "CHG2", "--until", "30m").json["answer"] == "GO"
    assert "held" in {row["counts_as"] for row in gates.gate("pvs01").json["evidence"]}
    assert "held" not in {row["counts_as"] for row in gates.gate("pvs01", minutes=40).json["evidence"]}


def test_a_server_that_did_not_come_back_stays_held(gates):
    hold(gates, "pvs01", "CHG1")
    gates.farm.ctl("lose", "pvs01")
    gates.farm.ctl("reboot", "pvs01")
    board = gates.ask("verify", "--change", "CHG1", "--stable", "1s", "--deadline", "1s", "--json", minutes=10)
    assert (board.code, board.json["released"]) == (1, None)
    assert [(row["host"], row["state"], row["held_by"]) for row in board.rows] == [("pvs01", "lost", "CHG1")]
    assert board.rows[0]["remedy"] == "Restart-Service BNPXE"


def test_a_plan_is_in_waves_that_the_gate_itself_would_pass(gates):
    plan = gates.gate("--plan", "-l", "paris")
    assert (plan.json["answer"], plan.code) == ("PLANNING ONLY", 0)
    assert plan.json["coverage"] == {"hosts": 4, "hosts_read": 4, "hosts_unread": 0}
    assert [(row["wave"], row["answer"], row["servers"]) for row in plan.rows] == [
        (1, "GO", "pvs[01,02]"), (2, "GO", "pvs[03,04]")]
    assert gates.gate("pvs01", "pvs02").json["answer"] == "GO"
    assert gates.gate("pvs01", "pvs02", "pvs03").json["answer"] == "GO WITH WARNING"
    assert "hold" not in kinds(gates)


def interrupted(gates, number, to_group):
    gates.farm.ctl("misbehave", "pvs02", "hang-exec")
    child = subprocess.Popen(
        [program("pvsaudit"), "gate", "pvs01", "--json", "-v", "-i", gates.inventory, "--config", gates.farm.site.settings,
         "--db", gates.farm.site.db], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    # Two peers are read at once and told (-v): then the third is waited for.
    said = [child.stderr.readline() for _ in range(2)]
    assert all("read in" in line for line in said), said
    (os.killpg if to_group else os.kill)(child.pid, number)
    out, err = child.communicate(timeout=60)
    return child.returncode, out, err


@pytest.mark.parametrize("number, to_group", [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_interrupted_gate_decides_nothing(gates, number, to_group):
    code, out, err = interrupted(gates, number, to_group)
    assert (code, out) == (130, ""), err
    assert "interrupted: nothing was decided" in err
    assert kinds(gates) == []


def waiting(gates, *words):
    return subprocess.Popen(
        [program("pvsaudit"), "verify", "--since", "2020-01-01", "--json", "-v", "-i", gates.inventory, "--config",
         gates.farm.site.settings, "--db", gates.farm.site.db, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True)


def read_until(child, host, times):
    for line in child.stderr:
        times -= f"{host}: read in" in line
        if times == 0:
            return


def test_verify_is_over_as_soon_as_every_server_is_proven(gates):
    """A port that is lost in the second round and back in a later one: proven anew from then on."""
    child = waiting(gates, "--stable", "2s", "--deadline", "100s")
    read_until(child, "pvs02", 1)
    gates.farm.ctl("lose", "pvs02", "now")
    read_until(child, "pvs02", 2)
    gates.farm.ctl("restart", "pvs02")
    out, err = child.communicate(timeout=90)
    answer = json.loads(out)
    assert (child.returncode, answer["answer"]) == (0, "REPAIRED"), err
    assert {row["host"]: row["state"] for row in answer["rows"]} == {
        "pvs01": "proven", "pvs02": "repaired", "pvs03": "proven", "pvs04": "proven"}


def test_ctrl_c_between_two_rounds_prints_the_board_as_it_is(gates):
    child = waiting(gates, "--stable", "1h", "--deadline", "2h")
    for _ in range(4):
        assert "read in" in child.stderr.readline()
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    answer = json.loads(out)
    assert child.returncode == 130 == answer["exit_code"], err
    assert {row["state"] for row in answer["rows"]} == {"proven"}
    assert {row["note"] for row in answer["rows"]} == {"not for long enough yet"}


def test_the_login_port_of_a_server_that_a_path_names_for_it_is_part_of_the_board(gates):
    gates.farm.pass_time(minutes=1)
    assert gates.farm.scan().code == 0
    began = rfc3339(gates.farm.now)
    gates.farm.pass_time(minutes=1)
    gates.farm.ctl("reboot", *ALL)
    gates.farm.ctl("set", "pvs02", "pvs04", "state.StreamService=stopped")
    board = gates.ask("verify", "--since", began, "--no-wait", "--json", minutes=15)
    assert {(row["host"], row["state"], row["expectation"]) for row in board.rows} == {
        ("pvs01", "proven", "BNPXE"), ("pvs02", "lost", "StreamService"), ("pvs03", "proven", "BNPXE"),
        ("pvs04", "lost", "StreamService")}
    assert board.code == 1


@pytest.mark.parametrize("words, what", [
    ([], "needs --since"),
    (["--since", "1h", "--no-wait", "--stable", "5m"], "--no-wait leaves nothing to wait for"),
    (["--since", "1h", "-l", "pvs9"], "no host or group is called `pvs9`"),
])
def test_wrong_usage_of_verify_is_refused(gates, words, what):
    answer = gates.ask("verify", *words)
    assert answer.code == 2 and what in answer.err


LIARS = {
    "says GO and fails": 'echo \'{"kind":"answer","exit_code":0,"answer":"GO","sentence":"go"}\'; exit 5',
    "says GO and dies": 'echo \'{"kind":"answer","exit_code":0,"answer":"GO","sentence":"go"}\'; kill -9 $$',
    "says NO-GO and ends well": 'echo \'{"kind":"answer","exit_code":1,"answer":"NO-GO","sentence":"no"}\'; exit 0',
    "says nothing": "exit 0",
    "says no JSON": "echo GO; exit 0",
    "says more after its answer": 'echo \'{"kind":"answer","exit_code":0,"answer":"GO"}\'; echo \'{"kind":"rows"}\'; exit 0',
    "ends in its answer": 'printf \'{"kind":"answer","exit_code":0\'; exit 0',
}


@pytest.mark.parametrize("what", LIARS)
def test_a_child_that_is_cut_short_or_broken_is_never_a_go(tmp_path, what):
    shutil.copy(program("pvsaudit"), tmp_path / "pvsaudit")
    child = tmp_path / "pvsaudit-collect"
    child.write_text(f"#!/bin/sh\n{LIARS[what]}\n", encoding="utf-8")
    child.chmod(0o755)
    done = subprocess.run([tmp_path / "pvsaudit", "gate", "pvs01"], capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL)
    assert done.returncode not in (0, 1), done
    assert "GO" not in done.stdout


def test_hosts_check_drafts_paths_that_the_inventory_takes(tmp_path):
    """What it prints is put into the inventory as it stands: then nothing is drafted, and the gate assumes nothing."""
    iso = '  - {names: "iso[01:02]", site: lyon, pxe: false, expect: [], uptime: 9d}\n'
    with Farm(tmp_path, SCENARIO + iso) as farm:
        gates = Gates(farm, [])
        nothing = farm.ask("hosts", "check", "-i", gates.inventory)
        assert (nothing.code, "pvsaudit_boot_paths" in nothing.out) == (0, False)
        farm.pass_time(minutes=1)
        assert farm.scan().code == 0
        draft = farm.ask("hosts", "check", "-i", gates.inventory).out.partition("pvsaudit_boot_paths:")
        assert yaml.safe_load("".join(draft[1:])) == {"pvsaudit_boot_paths": [
            {"name": "paris", "method": "pxe", "pxe": ALL, "tftp": ALL, "login_servers": ALL, "min": 2},
            {"name": "lyon", "method": "bdm-iso", "login_servers": ["iso01", "iso02"], "min": 2}]}
        with open(gates.inventory, encoding="utf-8") as file:
            inventory = file.read().replace("pvsaudit_boot_paths: []\n", "".join(draft[1:]))
        with open(gates.inventory, "w", encoding="utf-8") as file:
            file.write(inventory)
        again = farm.ask("hosts", "check", "-i", gates.inventory)
        assert (again.code, "pvsaudit_boot_paths" in again.out) == (0, False)
        answer = gates.gate("iso01").json
        assert (answer["answer"], answer["notes"]) == ("GO WITH WARNING", [])
        assert [(row["path"], row["stage"]) for row in answer["rows"]] == [("lyon", "login")]


FENCE = re.compile(r"^```maintenance\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MASKS = [(re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| [A-Z]{1,4})?"), "TIME"), (re.compile(r"\d+ (s|min|h|d) ago"), "AGE ago")]


def masked(text):
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    text = text.replace(getpass.getuser(), "root")
    return [re.sub(r"  +", " ", line).rstrip() for line in text.strip().splitlines()]


def test_the_night_that_the_guide_tells(tmp_path, monkeypatch):
    """Its commands, in its order, on a farm of four servers: what is printed there is what comes out."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    with open(os.path.join(ROOT, "docs", "GUIDE.md"), encoding="utf-8") as file:
        told = FENCE.findall(file.read())
    with Farm(tmp_path, SCENARIO) as farm:
        gates = Gates(farm, [PATH])
        farm.pass_time(minutes=1)
        assert farm.scan().code == 0
        between = [lambda: None, lambda: None,
                   lambda: (farm.ctl("lose", "pvs01"), farm.ctl("reboot", "pvs01", "pvs02"), farm.pass_time(minutes=10)),
                   lambda: farm.ctl("restart", "pvs01"), lambda: None]
        assert len(told) == len(between)
        for body, happens in zip(told, between):
            happens()
            command, _, output = body.partition("\n")
            words = command.removeprefix("$ pvsaudit ").split()
            if words[0] == "decisions":
                done = farm.ask(*words)
            else:
                done = gates.ask(*words, minutes=5)
            assert masked(done.out + done.err) == masked(output), f"{command}\n{done.out}{done.err}"
