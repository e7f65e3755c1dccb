"""The scan against the farm: what hosts do wrong, what they send, and what the run leaves."""
import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from datetime import datetime, timedelta

import pytest
import yaml

from harness import history, process
from harness.farm import Farm, rfc3339
from harness.programs import preload, program
from harness.situation import PXE_SITE
from test_cli import expect_schema

QUICK = ("deadlines: {connect: 1s, handshake: 1s, auth: 1s, exec: 2s, visit: 4s}\n"
         "retry_after: 0s\noutput_max: 4M\n")
MANY = PXE_SITE.replace("pvs[01:04]", "pvs[001:060]")


@pytest.fixture
def farm(tmp_path):
    with Farm(tmp_path, PXE_SITE, settings=QUICK) as running:
        yield running


def later(farm):
    return rfc3339(farm.now + timedelta(seconds=59))


def visits(farm):
    """{host: its newest visit} as exported."""
    newest = {}
    for line in farm.ask("db", "export").out.splitlines():
        visit = json.loads(line)
        newest[visit["host"]] = visit
    return newest


def test_a_healthy_farm_is_bound_and_exit_0(farm):
    result = farm.scan()
    assert result.code == 0, result
    verdicts = farm.site.verdicts("BNPXE")
    assert verdicts == {f"pvs0{n}": "bound" for n in range(1, 5)}


def test_json_of_a_scan_names_every_host_and_expectation(farm):
    result = farm.scan("--json")
    rows = {(row["host"], row["expectation"]): row["verdict"] for row in result.rows}
    assert rows[("pvs01", "BNPXE")] == "bound" and rows[("pvs04", "BNTFTP")] == "bound"
    assert result.json["coverage"]["hosts"] == 4
    assert result.json["as_of"] == max((row["time"] for row in result.rows), key=lambda time: time.rstrip("Z"))
    assert all(0 <= row["duration_ms"] < 60000 for row in result.rows)
    assert result.json["last_complete_scan"] is not None
    assert (farm.scan("--json", "-l", "pvs01").json["last_complete_scan"]
            == result.json["last_complete_scan"])


def test_json_of_a_scan_keeps_to_its_schema(farm):
    expect_schema("scan", farm.scan("--json").json)
    farm.ctl("lose", "pvs02", "now")
    farm.pass_time(hours=1)
    expect_schema("scan", farm.scan("--json").json)
    farm.ctl("misbehave", "pvs02", "refuse")
    farm.ctl("misbehave", "pvs03", "deny-auth")
    farm.pass_time(hours=1)
    expect_schema("scan", farm.scan("--json", "-l", "pvs02,pvs03").json)


def test_the_table_of_a_scan_ends_with_the_remedies(farm):
    farm.ctl("lose", "pvs02", "now")
    result = farm.scan("--color", "always")
    assert result.code == 1, result
    lines = result.out.splitlines()
    assert lines[-1].startswith("1 problem")
    assert any(line.startswith("Remedy (pvs02): Restart-Service BNPXE") for line in lines), result
    assert "\x1b[31mnot-bound" in result.out


@pytest.mark.parametrize("kind, reason", [
    ("refuse", {"throttled"}),
    ("cut", {"partial"}),
    ("big", {"partial"}),
    ("endless", {"partial", "timeout"}),
    ("wrong-host-key", {"host-key"}),
    ("deny-auth", {"auth"}),
    ("no-exec", {"denied"}),
    ("exit-signal", {"partial"}),
    ("no-exit-status", {"partial"}),
])
def test_a_host_that_cannot_be_read_is_unknown_with_its_reason(farm, kind, reason):
    farm.ctl("misbehave", "pvs02", kind)
    result = farm.scan()
    assert result.code == 3, result
    seen = visits(farm)
    assert not seen["pvs02"]["read"] and seen["pvs02"]["reason"] in reason, seen["pvs02"]
    assert seen["pvs02"]["detail"]
    assert all(seen[host]["read"] for host in ("pvs01", "pvs03", "pvs04"))
    assert farm.site.verdicts("BNPXE")["pvs02"] == "unknown"


def test_a_port_that_refuses_is_refused_and_one_that_resets_throttled(tmp_path):
    """Each of twenty: whether the reset comes before or after our first look is a race."""
    scenario = PXE_SITE.replace("pvs[01:04]", "pvs[01:20]") + """\
  - names: shut[01:20]
    reach: refused
    uptime: 9d
"""
    with Farm(tmp_path, scenario, settings=QUICK) as farm:
        farm.ctl("misbehave", "pvs*", "refuse")
        assert farm.scan().code == 3
        reasons = {(host[:3], visit["reason"]) for host, visit in visits(farm).items()}
        assert reasons == {("pvs", "throttled"), ("shu", "refused")}


@pytest.mark.parametrize("kind, stage", [("hang-banner", "handshake"), ("hang-kex", "handshake"),
                                         ("hang-auth", "auth"), ("hang-exec", "exec")])
def test_a_host_that_hangs_meets_the_deadline_of_its_stage(tmp_path, kind, stage):
    with Farm(tmp_path, PXE_SITE,
              settings=f"deadlines: {{{stage}: 200ms}}\nretry_after: 0s\n") as farm:
        farm.ctl("misbehave", "pvs02", kind)
        assert farm.scan("-l", "pvs02").code == 3
        visit = visits(farm)["pvs02"]
        assert not visit["read"] and visit["reason"] == "timeout", visit
        assert visit["detail"].startswith(f"{stage}: "), visit


@pytest.mark.parametrize("kind", ["garbage", "million-rows", "bad-numbers"])
def test_hostile_output_is_bounded_and_never_raw(farm, kind):
    farm.ctl("misbehave", "pvs02", kind)
    result = farm.scan()
    assert result.code == 3, result
    rows = [row for row in farm.ask("status", "--json").rows
            if row["host"] == "pvs02" and row["expectation"] == "BNPXE"]
    assert [row["verdict"] for row in rows] == ["unknown"], rows
    assert rows[0]["reason"] == "partial", rows
    for command in (["status"], ["why", "pvs02"], ["netstat", "pvs02"], ["missing"]):
        answer = farm.ask(*command)
        text = answer.out + answer.err
        assert not any(ord(c) < 32 and c != "\n" for c in text), command


def test_bytes_that_come_between_two_looks_are_noticed(tmp_path):
    """A look that finds nothing is made at every other call: whatever the next one takes must be seen."""
    with Farm(tmp_path, MANY, settings=QUICK) as farm:
        for _ in range(2):
            result = farm.scan("--json", env=preload("stutter"))
            assert result.code == 0, result
            # What was not seen costs the deadline of two seconds, and is asked again.
            assert max(row["duration_ms"] for row in result.rows) < 2000
            farm.pass_time(minutes=1)


def test_a_wrong_host_is_noticed(farm):
    farm.ctl("misbehave", "pvs02", "wrong-hostname")
    farm.scan()
    seen = visits(farm)["pvs02"]
    assert not seen["read"] and seen["reason"] == "wrong-host"
    assert "pvsaudit_computer_name" in seen["detail"]


def test_two_names_that_swapped_addresses_are_wrong_hosts(farm, tmp_path):
    with open(farm.inventory, encoding="utf-8") as file:
        text = file.read()
    swapped = text.replace("pvs01:", "@@").replace("pvs02:", "pvs01:").replace("@@", "pvs02:")
    with open(farm.inventory, "w", encoding="utf-8") as file:
        file.write(swapped)
    result = farm.scan()
    assert result.code == 3, result
    seen = visits(farm)
    assert {seen[host]["reason"] for host in ("pvs01", "pvs02")} == {"wrong-host"}
    assert seen["pvs03"]["read"]


def test_the_first_line_of_a_scan_tells_the_last_complete_one(farm):
    part = farm.scan("-l", "pvs01").out.splitlines()
    assert part[0] == "no complete scan yet, 1 of 1 hosts read"
    assert farm.scan().out.startswith("last complete scan 0 s ago (")
    farm.pass_time(minutes=30)
    part = farm.scan("-l", "pvs01").out
    assert part.startswith("last complete scan 30 min ago (") and "), 1 of 1 hosts read" in part


def test_nothing_checked_is_never_fine(farm):
    farm.ctl("misbehave", "pvs02", "hang-banner")
    result = farm.scan("-l", "pvs02", "--unreachable=ignore")
    assert result.code == 3 and "1 of 1 hosts not read: nothing was checked" in result.out
    assert farm.scan("-l", "pvs0[1:2]", "--unreachable=ignore").code == 0
    retire(farm, "pvs03")
    result = farm.scan("-l", "pvs03")
    assert result.code == 3 and "no host is visited: pvs03 is retired" in result.err, result


@pytest.mark.parametrize("kind", ["no-exec", "cut"])
def test_a_failed_visit_is_an_unread_host_whatever_its_reason(farm, kind):
    """denied and partial, too: in the first line, in the list and by site it is the same number."""
    farm.scan()
    farm.ctl("misbehave", "pvs02", kind)
    farm.pass_time(minutes=10)
    result = farm.scan("--json")
    assert result.code == 3 and result.json["coverage"]["hosts_unread"] == 1, result
    farm.pass_time(minutes=10)
    assert farm.scan("--unreachable=ignore").code == 0
    then = ("--as-of", later(farm))
    for command in (["status"], ["missing"], ["status", "--by", "site"]):
        answer = farm.ask(*command, "--json", *then)
        assert answer.json["coverage"]["hosts_unread"] == 1 and answer.code == 3, answer
        assert answer.json["summary"]["hosts_unread"] == 1, answer
        assert farm.ask(*command, "--unreachable=ignore", *then).code == 0
        assert farm.ask(*command, "--unreachable=fail", *then).code == 1
    assert sum(row["hosts_unread"] for row in
               farm.ask("status", "--by", "site", "--json", *then).rows) == 1
    assert "Not read: pvs02\n" in farm.ask("missing", *then).out


@pytest.mark.parametrize("startup, words", [("auto", "Automatic (Delayed Start) by Group Policy"),
                                            ("delayed", "raise AutoStartDelay")])
def test_the_prevention_is_not_what_is_set_already(farm, startup, words):
    farm.ctl("set", "pvs02", f"startup={startup}")
    farm.ctl("lose", "pvs02")
    farm.ctl("reboot", "pvs02")
    farm.pass_time(minutes=30)
    result = farm.scan()
    assert result.code == 1 and f"Prevention (pvs02): " in result.out, result
    for text in (result.out, farm.ask("missing").out, farm.ask("status").out,
                 farm.ask("why", "pvs02").out):
        lines = [line for line in text.splitlines() if "Prevention" in line]
        assert len(lines) == 1 and words in lines[0], text
        assert (startup == "auto") == ("by Group Policy" in lines[0])


def test_the_finding_of_a_scan_is_that_of_missing(farm):
    farm.ctl("lose", "pvs01", "now")
    farm.scan()
    farm.ctl("lose", "pvs02", "now")
    farm.ctl("lose", "pvs03")
    farm.ctl("reboot", "pvs03")
    farm.pass_time(minutes=40)
    scanned = {row["host"]: row["finding"] for row in farm.scan("--json").rows if row["finding"]}
    asked = {row["host"]: row["finding"]
             for row in farm.ask("missing", "--json", "--as-of", later(farm)).rows}
    assert scanned == asked == {"pvs01": "never-bound", "pvs02": "lost-mid-boot",
                                "pvs03": "lost-at-boot"}


def retire(farm, name):
    with open(farm.inventory, encoding="utf-8") as file:
        inventory = yaml.safe_load(file)
    for group in inventory["all"]["children"].values():
        if name in group["hosts"]:
            group["hosts"][name]["pvsaudit_state"] = "retired"
    with open(farm.inventory, "w", encoding="utf-8") as file:
        yaml.safe_dump(inventory, file)


def alias_of(farm, name, alias, **values):
    """Another name of the farm's server in the inventory: the first one by the alphabet."""
    with open(farm.inventory, encoding="utf-8") as file:
        inventory = yaml.safe_load(file)
    for group in inventory["all"]["children"].values():
        if name in group["hosts"]:
            group["hosts"][alias] = {**group["hosts"][name],
                                     "pvsaudit_computer_name": name.upper(), **values}
    with open(farm.inventory, "w", encoding="utf-8") as file:
        yaml.safe_dump(inventory, file)


def test_the_names_of_one_machine_are_one_server_in_scan_and_questions(farm):
    alias_of(farm, "pvs02", "a-mgmt", pvsaudit_expect={"remove": ["BNPXE"]})
    farm.ctl("lose", "pvs02", "now")
    result = farm.scan("--json")
    assert result.code == 1 and result.json["coverage"]["hosts"] == 4, result
    assert result.json["summary"]["problems"] == 1, "whoever is first by the alphabet"
    assert "a-mgmt,pvs02 are one machine: counted once" in result.err
    for command in (["missing"], ["status"], ["status", "--by", "site"]):
        answer = farm.ask(*command, "--json", "--as-of", later(farm))
        assert answer.code == 1 and answer.json["summary"]["problems"] == 1, answer


def test_a_name_that_is_not_read_does_not_make_its_machine_unread(farm):
    alias_of(farm, "pvs02", "a-mgmt")
    assert farm.scan().code == 0
    alias_of(farm, "pvs02", "a-mgmt", ansible_port=9)
    farm.pass_time(minutes=10)
    result = farm.scan("--json")
    assert not visits(farm)["a-mgmt"]["read"]
    assert result.code == 0 and result.json["summary"]["hosts_unread"] == 0, result
    answer = farm.ask("status", "--json", "--as-of", later(farm))
    assert answer.code == 0 and answer.json["coverage"] == result.json["coverage"], answer


def test_an_open_problem_stays_when_the_host_is_not_read(farm):
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("lose", "pvs03")
    farm.ctl("reboot", "pvs03")
    farm.pass_time(hours=1)
    assert farm.scan().code == 1
    farm.pass_time(hours=1)
    farm.ctl("misbehave", "pvs03", "refuse")
    scan = farm.scan()
    assert scan.code == 1, scan
    assert "still open: not-bound since" in scan.out and "Remedy (pvs03)" in scan.out
    assert scan.out.splitlines()[-1] == "1 problem, 0 unknown, 1 of 4 hosts not read"
    result = farm.ask("missing", "--json")
    row = result.rows[0]
    assert result.code == 1 and row["host"] == "pvs03" and row["verdict"] == "not-bound"
    assert row["state"] == "missing" and row["finding"] == "lost-at-boot"


def test_a_scan_tells_of_the_open_problems_of_its_own_scope_alone(farm):
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("lose", "pvs03", "now")
    lost = farm.now
    assert farm.scan().code == 1
    farm.ctl("misbehave", "pvs03", "refuse")
    farm.pass_time(hours=1)
    answer = farm.scan("--json").json
    rows = {row["expectation"]: row for row in answer["rows"] if row["host"] == "pvs03"}
    assert rows.keys() == {None, "BNPXE"}, "that it was not read, and what is open"
    assert (rows["BNPXE"]["verdict"], rows["BNPXE"]["open_verdict"], rows["BNPXE"]["finding"]) == (
        "unknown", "not-bound", "lost-mid-boot")
    assert rows["BNPXE"]["reason"] == rows[None]["reason"] and not rows["BNPXE"]["read"]
    since = datetime.fromisoformat(rows["BNPXE"]["open_since"])
    assert lost.replace(microsecond=0) <= since < lost + timedelta(minutes=1)
    assert answer["summary"] == {"problems": 1, "unknown": 0, "pending": 0, "hosts_unread": 1}
    farm.pass_time(hours=1)
    assert farm.scan("-l", "pvs01,pvs02").code == 0, "pvs03 is not in its scope"
    assert farm.scan("-l", "pvs03", "--unreachable", "ignore").code == 1
    assert farm.ask("missing").code == 1


def test_lost_at_boot_then_restart_then_reboot(farm):
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("lose", "pvs03")
    farm.ctl("reboot", "pvs03")
    farm.pass_time(hours=1)
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("restart", "pvs03")
    farm.pass_time(hours=1)
    assert farm.scan().code == 0
    assert farm.ask("missing", "--json").rows == []
    row = farm.ask("missing", "--since", "7d", "--json").rows[0]
    assert (row["state"], row["recovered_by"]) == ("recovered", "recovered-by-restart")
    farm.pass_time(hours=1)
    farm.ctl("lose", "pvs04")
    farm.ctl("reboot", "pvs04")
    farm.pass_time(hours=1)
    assert farm.scan().code == 1
    farm.pass_time(minutes=10)
    farm.ctl("reboot", "pvs04")
    farm.pass_time(hours=1)
    assert farm.scan().code == 0
    rows = {row["host"]: row for row in farm.ask("missing", "--since", "7d", "--json").rows}
    assert rows["pvs04"]["recovered_by"] == "recovered-by-reboot"


def test_sources_that_disagree_are_told_wherever_the_server_is(farm):
    """The Configuration Wizard says PXE, the startup type says no."""
    farm.ctl("set", "pvs02", "startup=manual")
    assert farm.scan().code == 0
    conflicts = {row["host"]: row["conflict"] for row in farm.ask("status", "--json").rows
                 if row["expectation"] == "BNPXE"}
    assert conflicts == {"pvs01": False, "pvs02": True, "pvs03": False, "pvs04": False}
    for command in (["status"], ["why", "pvs02"]):
        assert "expectation-conflict" in farm.ask(*command).out
    farm.ctl("lose", "pvs02", "now")
    farm.pass_time(hours=1)
    assert farm.scan().code == 1
    assert "expectation-conflict" in farm.ask("missing").out


def test_as_of_answers_what_was_known_then(farm):
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("lose", "pvs03")
    farm.ctl("reboot", "pvs03")
    farm.pass_time(hours=1)
    farm.scan()
    lost = farm.now
    farm.pass_time(hours=1)
    farm.ctl("restart", "pvs03")
    farm.pass_time(hours=1)
    farm.scan()
    assert farm.ask("missing", "--json").rows == []
    then = (lost.timestamp() + 600)
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(then))
    rows = farm.ask("missing", "--as-of", when, "--json").rows
    assert [row["host"] for row in rows] == ["pvs03"]


def test_a_wrong_password_is_not_tried_on_the_whole_fleet(tmp_path):
    scenario = MANY.replace("  - name: audit\n    key: true\n",
                            "  - name: audit\n    password: right\n")
    with Farm(tmp_path, scenario, settings=QUICK) as farm:
        wrong = tmp_path / "password_audit"  # what the farm's inventory names
        wrong.write_text("wrong\n")
        result = farm.scan()
        assert result.code == 4, result
        reasons = [visit["reason"] for visit in visits(farm).values()]
        assert reasons.count("auth") == 3 and reasons.count("credential-stopped") == 57
        wrong.write_text("right\n")
        farm.pass_time(hours=1)
        assert farm.scan().code == 0


def test_servers_that_never_heard_the_password_do_not_stop_it(tmp_path):
    scenario = """\
accounts: [{name: audit, password: right}]
servers:
  - {names: "a[1:4]", transport: winrm, auth: ntlm, offers: [kerberos], os: 2019, uptime: 9d}
  - {names: "b[1:4]", transport: winrm, auth: ntlm, misbehave: bad-token@login, os: 2019, uptime: 9d}
  - {names: "c[1:8]", transport: winrm, auth: ntlm, os: 2019, uptime: 9d}
"""
    with Farm(tmp_path, scenario, settings=QUICK + "concurrency: 1\n") as farm:
        result = farm.scan()
        seen = {host: visit.get("reason") for host, visit in visits(farm).items()}
        assert result.code == 3, result
        assert [seen[f"{letter}{n}"] for letter in "ab" for n in range(1, 5)] == ["auth"] * 8
        assert all(visits(farm)[f"c{n}"]["read"] for n in range(1, 9)), seen


def test_interrupted_once_keeps_what_is_done(tmp_path):
    with Farm(tmp_path, MANY, settings="concurrency: 4\n") as farm:
        for number in range(10, 60):
            farm.ctl("set", f"pvs{number:03}", "latency=20s")
        process = subprocess.Popen(
            [program("pvsaudit-collect"), "scan", "--config", farm.site.settings, "--db",
             farm.site.db, "-i", farm.inventory, "-v"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "read in" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        last = process.stdout.read().splitlines()[-1]
        assert process.wait(timeout=20) == 130
        assert "interrupted" in rest and "pvs" in rest
        unread, hosts = re.search(r"(\d+) of (\d+) hosts not read", last).groups()
        read = history.rows(farm.site.db, "SELECT count(*) FROM observation WHERE was_read")[0][0]
        assert (int(unread), int(hosts)) == (60 - read, 60), last
        assert history.is_whole(farm.site.db)
        done = history.rows(farm.site.db, "SELECT count(*) FROM observation")[0][0]
        assert 1 <= done < 60
        # The next scan is an ordinary one.
        assert farm.site.scan("-l", "pvs00*").code == 0


JUST_CONNECTED = """\
farm: emea
accounts:
  - name: audit
    key: true
    password: simulated servers have no secrets
servers:
  - {names: "pvs[01:02]", site: north}
  - {names: "pvs[03:04]", site: north, transport: winrm, auth: ntlm}
"""


def test_ctrl_c_ends_a_scan_whose_hosts_have_just_connected(tmp_path):
    """Whatever a visit is in the middle of: twelve times at slightly different moments."""
    with Farm(tmp_path, JUST_CONNECTED, settings=QUICK.replace("exec: 2s, visit: 4s", "exec: 60s, visit: 60s")) as farm:
        farm.ctl("misbehave", "pvs02", "hang-exec")
        for _ in range(12):
            scan = subprocess.Popen(
                [program("pvsaudit-collect"), "scan", "--config", farm.site.settings, "--db", farm.site.db,
                 "-i", farm.inventory, "-v"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            assert "read in" in scan.stderr.readline()
            scan.send_signal(signal.SIGINT)
            scan.communicate(timeout=20)
            assert scan.returncode == 130


def test_a_killed_scan_is_marked_and_the_next_one_runs(tmp_path):
    with Farm(tmp_path, MANY, settings="concurrency: 4\n") as farm:
        for number in range(10, 60):
            farm.ctl("set", f"pvs{number:03}", "latency=20s")
        process = subprocess.Popen(
            [program("pvsaudit-collect"), "scan", "--config", farm.site.settings, "--db",
             farm.site.db, "-i", farm.inventory, "-v"], stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "read in" in line:
                break
        process.kill()
        process.wait(timeout=20)
        process.stderr.close()
        assert farm.site.scan("-l", "pvs00*").code == 0
        assert history.is_whole(farm.site.db)


def test_pending_hosts_are_visited_again_within_the_run(farm):
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("reboot", "pvs01")
    farm.pass_time(seconds=4)
    result = farm.scan()
    assert result.code == 3 and " pending" in result.out, result
    assert farm.ask("missing").code == 3
    farm.pass_time(seconds=4)
    result = farm.scan("--wait-pending", "9s")
    assert result.code == 0, result
    again = history.rows(farm.site.db, "SELECT h.name, count(*) FROM observation o"
                         " JOIN host h ON h.id = o.host_id"
                         " WHERE o.scan_id = (SELECT max(id) FROM scan) GROUP BY 1 ORDER BY 1")
    assert again[0][1] > 1 and again[1:] == [("pvs02", 1), ("pvs03", 1), ("pvs04", 1)]


def test_a_short_wait_looks_again_at_its_end(farm):
    """The pause between two looks is longer than the time that is given."""
    def looks():
        return len(farm.ask("db", "export", "pvs01").out.splitlines())
    farm.scan()
    farm.pass_time(hours=1)
    farm.ctl("reboot", "pvs01")
    farm.pass_time(seconds=4)
    before, started = looks(), time.monotonic()
    result = farm.scan("--wait-pending", "3s")
    assert 3 <= time.monotonic() - started < 12 and " pending" in result.out, result
    assert looks() == before + 2, "at once, and at the end"


def test_no_child_is_left(farm):
    """Whatever a scan starts is gone with it: this process adopts what would outlive it."""
    with process.adopting():
        farm.scan()
        assert process.children() == [farm.process.pid]


def test_collect_watched_keeps_only_watched_ports_and_their_rivals(tmp_path):
    with Farm(tmp_path, PXE_SITE, settings=QUICK + "collect: watched\n") as farm:
        farm.ctl("set", "pvs02", "rival=svchost.exe@0.0.0.0")
        farm.ctl("lose", "pvs02", "now")
        assert farm.scan().code == 1
        rows = farm.ask("netstat", "pvs01", "--json").rows
        ports = {(row["proto"], row["local_port"]) for row in rows}
        assert {("udp", 67), ("udp", 69), ("tcp", 54321)} <= ports
        assert not any(port >= 55000 or port in (135, 445, 3389) for _, port in ports)
        assert farm.site.verdicts("BNPXE") == {
            "pvs01": "bound", "pvs02": "port-in-use", "pvs03": "bound", "pvs04": "bound"}
        assert history.rows(farm.site.db, "SELECT count(*) FROM evidence") == [(0,)]


@pytest.mark.parametrize("limit, kept", [("256M", 1), ("9", 0)])
def test_evidence_beyond_its_limit_is_dropped_and_that_is_said(tmp_path, limit, kept):
    with Farm(tmp_path, PXE_SITE, settings=QUICK + f"evidence_max: {limit}\n") as farm:
        farm.ctl("lose", "pvs02", "now")
        result = farm.scan()
        assert result.code == 1
        assert history.rows(farm.site.db, "SELECT count(*) FROM evidence") == [(kept,)]
        said = ("the evidence of 1 visit was dropped, oldest first: all of it may take 9 bytes "
                "(evidence_max)")
        assert (said in result.err) == (kept == 0), result


@pytest.mark.parametrize("typed, code", [(b"1234\n", 3), (b"\x03", 130)])
def test_a_password_command_may_ask_on_the_terminal_and_be_interrupted_there(tmp_path, typed, code):
    command = 'printf "PIN? " >/dev/tty; read pin </dev/tty; test "$pin" = 1234; echo secret'
    (tmp_path / "hosts.yaml").write_text(
        "all:\n  hosts:\n    a: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: x,"
        f" pvsaudit_auth: password, pvsaudit_password_command: {json.dumps(command)}}}\n")
    child, terminal = pty.fork()
    if child == 0:
        os.environ["XDG_STATE_HOME"] = str(tmp_path)
        os.execv(program("pvsaudit-collect"), [
            "pvsaudit-collect", "scan", "-q", "-i", str(tmp_path / "hosts.yaml"), "--db",
            str(tmp_path / "history.db")])
    shown = b""
    try:
        while b"PIN? " not in shown:
            assert select.select([terminal], [], [], 20)[0], shown
            shown += os.read(terminal, 4096)
        os.write(terminal, typed)
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while select.select([terminal], [], [], 20)[0]:
                shown += os.read(terminal, 4096)
    finally:
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == code, shown
    assert (b"interrupted at the password command" in shown) == (code == 130), shown
