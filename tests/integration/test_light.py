"""Light visits over both transports: few requests, and nothing that they did not read is touched."""
import json
import os
import sqlite3
from datetime import timedelta

import pytest

from harness.farm import Farm, rfc3339
from harness.programs import NTLM_LEAKS, Site, run

SCENARIO = """
farm: emea
seed: 5
accounts:
  - name: audit
    key: true
    password: simulated
servers:
  - names: ssh[01:02]
    site: frankfurt
    language: [en, de]
  - names: win[01:03]
    site: frankfurt
    transport: winrm
    auth: ntlm
    os: [2019, 2016, 2022]
  - names: old01
    site: frankfurt
    transport: winrm
    auth: ntlm
    os: 2012 R2
  - names: oldssh01
    site: frankfurt
    os: 2012 R2
    shell: powershell
  - names: iso01
    site: lyon
    transport: winrm
    auth: ntlm
    pxe: false
    expect: []
"""


@pytest.fixture
def farm(tmp_path):
    """A farm that was read in full an hour ago."""
    with Farm(tmp_path, SCENARIO, settings="retry_after: 0s\n") as one:
        one.clock(one.now - timedelta(hours=12))
        result = one.scan("-q", env=NTLM_LEAKS)
        assert result.code == 0, result
        one.pass_time(hours=1)
        yield one


def light(farm, *arguments):
    return farm.scan("--light", *arguments, env=NTLM_LEAKS)


def rows(farm, question):
    with sqlite3.connect(farm.site.db) as db:
        return db.execute(question).fetchall()


def ask(farm, *arguments):
    return farm.ask(*arguments, "--as-of", rfc3339(farm.now), "-i", farm.inventory)


def test_three_small_requests(farm):
    before = farm.counts("win01")["requests"]
    tape = os.path.join(farm.folder, "tape")
    assert light(farm, "-l", "win01", "--record", tape).code == 0
    with open(os.path.join(tape, "win01.jsonl"), encoding="utf-8") as file:
        asked = [json.loads(line)["asked"] for line in file.read().splitlines()[2:]]
    assert len(asked) == 3
    for one, what in zip(asked, ("Win32_OperatingSystem", "Win32_Service where Name=",
                                 "MSFT_NetUDPEndpoint where LocalPort=67")):
        assert what in one
    # and the legs of NTLM
    assert farm.counts("win01")["requests"] - before == 3 + 2


def test_all_kinds_of_servers_are_confirmed(farm):
    verdicts = farm.site.verdicts()
    result = light(farm)
    assert result.code == 0, result
    assert farm.site.verdicts() == verdicts
    confirmed = rows(farm, "SELECT h.name, e.name FROM span s JOIN host h ON h.id = s.host_id"
                           " JOIN expectation e ON e.id = s.expectation_id"
                           " WHERE s.last_ms > s.first_ms ORDER BY 1, 2")
    assert confirmed == [(host, service) for host in sorted(farm.hosts)
                         for service in ("BNPXE", "BNTFTP")]
    assert rows(farm, "SELECT count(*) FROM gap") == [(0,)]
    assert rows(farm, "SELECT kind, outcome FROM scan ORDER BY id") == [(0, "complete"),
                                                                       (1, "complete")]


def test_a_loss_is_found_on_every_transport(farm):
    lost = ["ssh02", "win02", "old01", "oldssh01"]
    farm.ctl("lose", *lost, "BNPXE", "now")
    result = light(farm)
    assert result.code == 1, result
    assert {host for host, verdict in farm.site.verdicts("BNPXE").items()
            if verdict == "not-bound"} == set(lost)
    missing = ask(farm, "missing", "--json").rows
    assert {row["host"]: row["finding"] for row in missing} == dict.fromkeys(lost, "lost-mid-boot")
    assert "Restart-Service BNPXE" in ask(farm, "why", "win02").out
    farm.pass_time(minutes=15)
    farm.ctl("restart", "win02", "BNPXE")
    assert light(farm).code == 1
    recovered = ask(farm, "missing", "--since", "1h", "--json").rows
    assert [row["host"] for row in recovered if row["state"] == "recovered"] == ["win02"]


def test_a_reboot_between_two_full_scans_is_seen(farm):
    farm.ctl("lose", "win03")
    farm.ctl("reboot", "win03", "ssh01")
    farm.pass_time(minutes=30)
    # how old the process is, is not asked: the same one must be there twice
    assert light(farm).code == 3
    farm.pass_time(minutes=15)
    assert light(farm).code == 1
    assert {row["host"]: row["finding"] for row in ask(farm, "missing", "--json").rows} == \
        {"win03": "lost-at-boot"}
    assert rows(farm, "SELECT h.name, count(*) FROM boot b JOIN host h ON h.id = b.host_id"
                      " GROUP BY 1 HAVING count(*) > 1 ORDER BY 1") == [("ssh01", 2), ("win03", 2)]


def test_only_full_scans_are_complete(farm):
    complete = ask(farm, "status", "--json").json["last_complete_scan"]
    light(farm)
    answer = ask(farm, "status", "--json").json
    assert answer["last_complete_scan"] == complete
    assert answer["as_of"] > complete


def test_the_endpoints_shown_are_those_of_the_full_reading(farm):
    before = ask(farm, "netstat", "win01", "--json").rows
    light(farm)
    assert ask(farm, "netstat", "win01", "--json").rows == before
    assert len(before) > 50


def test_what_says_the_same_takes_no_row(farm):
    for _ in range(4):
        assert light(farm).code == 0
        farm.pass_time(minutes=15)
    assert rows(farm, "SELECT kind, count(*) FROM observation GROUP BY kind") == [(0, 8), (1, 8)]


def test_an_export_gives_the_same_history_again(farm, tmp_path):
    farm.ctl("lose", "win02", "BNPXE", "now")
    for _ in range(3):
        light(farm)
        farm.pass_time(minutes=15)
    exported = farm.ask("db", "export").out
    again = tmp_path / "again"
    again.mkdir()
    site = Site(again, farm.inventory)
    done = run("pvsaudit-collect", "ingest", "-", "--db", site.db, "--source", "local",
               stdin=exported)
    assert done.code == 0, done
    assert sorted(site.ask("db", "export").out.splitlines()) == sorted(exported.splitlines())
    derived = ("SELECT h.name, e.name, s.first_ms, s.last_ms, s.verdict, s.pid, s.closed FROM span s"
               " JOIN host h ON h.id = s.host_id JOIN expectation e ON e.id = s.expectation_id"
               " ORDER BY 1, 2, 3")
    with sqlite3.connect(site.db) as db:
        assert db.execute(derived).fetchall() == rows(farm, derived)


@pytest.mark.parametrize("rights", ["tier-a", "no-cim", "no-standardcimv2", "no-sc", "filtered",
                                    "remote-management-users", "no-winrm"])
def test_what_is_denied_changes_nothing(farm, rights):
    """The account loses rights after the full scan: what it cannot read is not missing now."""
    before = rows(farm, "SELECT verdict, count(*) FROM span GROUP BY 1 ORDER BY 1")
    farm.ctl("set", "all", f"rights={rights}")
    light(farm)
    assert rows(farm, "SELECT verdict, count(*) FROM span GROUP BY 1 ORDER BY 1") == before
    assert rows(farm, "SELECT count(*) FROM gap") == [(0,)]
    assert rows(farm, "SELECT count(*) FROM finding") == [(0,)]
    assert ask(farm, "missing", "--json").rows == []


def test_a_light_scan_is_replayed(farm, tmp_path):
    tape = tmp_path / "tape"
    light(farm, "--record", tape)
    site = Site(tmp_path, farm.inventory)
    site.db = str(tmp_path / "other.db")
    result = site.scan("--replay", tape)
    assert "the recording is of a light visit" in result.out
    site.db = str(tmp_path / "another.db")
    assert "the recording" not in site.scan("--replay", tape, "--light").out
    kinds = {json.loads(line)["kind"] for line in site.ask("db", "export").out.splitlines()}
    assert kinds == {"light"}
