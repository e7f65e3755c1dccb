"""What the commands that ask about the past say of histories that are made by hand. Every expected
value is counted or worked out in a comment, from the readings that the test itself writes."""
import json
import sqlite3
from datetime import datetime, timedelta, timezone

import jsonschema
import pytest
import yaml

from harness.farm import Farm
from harness.programs import run
from harness.readings import AUTOMATIC, DELAYED, MANUAL, WIZARD, Fed, reading, stamp, unread
from test_cli import expect_schema

NIGHT = datetime(2024, 3, 5, 22, 0, 0, tzinfo=timezone.utc)  # a Tuesday
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def boot_of(host, night, **knobs):
    """A server that booted three hours before that night's reading, 20:00 UTC being in between."""
    return reading(host, NIGHT + night * DAY, NIGHT + night * DAY - 3 * HOUR, **knobs)


def table(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


# ---- boots

@pytest.fixture(scope="module")
def boots(tmp_path_factory):
    """24 nights; every server boots before each of them, unless it says otherwise:
    d1 starts delayed and is always bound: 24 bound.
    a1 starts automatically, is lost on nights 3 and 9, and was restarted by hand, two hours after
       its boot, on night 5: 21 bound, 2 lost, 1 suspect.
    p1 is pending on the last night (its reading comes 30 s after the boot): 23 bound, 1 undecided.
    u1 tells nothing of its boots: all of its readings are of one boot whose time is not known.
    m1 starts by hand and is stopped, on one night: 1 lost."""
    lines = []
    for night in range(24):
        lines.append(boot_of("d1", night, startup=DELAYED, start=130 + night / 10, bind=0.4,
                             site="lyon", pvs="7.33"))
        lines.append(boot_of("a1", night, bound=night not in (3, 9), bind=0.25,
                             start=7200 if night == 5 else 2.5 + night / 100,
                             pvs="7.33" if night < 12 else "7.41", window="Tue 18:00-20:00"))
        if night < 23:
            lines.append(boot_of("p1", night, startup=AUTOMATIC, start=20, pvs="7.33"))
        else:
            lines.append(reading("p1", NIGHT + night * DAY, NIGHT + night * DAY - 30 * timedelta(
                seconds=1), bound=False, start=20, pvs="7.33"))
        secret = boot_of("u1", night)
        secret["boot"] = {"boot_time": None, "host_clock": None, "uptime_ms": None, "weak": False,
                          "witnesses": []}
        secret["sections"]["boot"] = {"outcome": "denied", "source": "cim"}
        lines.append(secret)
    lines.append(boot_of("m1", 23, startup=MANUAL, state="Stopped"))
    lines.sort(key=lambda line: line["time"])
    return Fed(tmp_path_factory.mktemp("boots"), lines, NIGHT + 23 * DAY + 10 * MINUTE)


def test_boots_are_counted_by_startup_type(boots):
    answer = boots.ask("boots", "--json")
    assert answer.code == 0, answer
    # Automatic: bound 21 of a1 and 23 of p1, lost 2 of a1, suspect 1, undecided 1 of p1 (its type was
    # not decided with it), and the one boot of u1 without a time.
    assert table(answer.rows, "value", "boots", "bound", "lost", "suspect", "undecided",
                 "unidentified", "off") == [
        (DELAYED, 24, 24, 0, 0, 0, 0, 0),
        (AUTOMATIC, 46, 44, 2, 1, 0, 1, 0),
        (MANUAL, 1, 0, 1, 0, 0, 0, 0),
        (None, 0, 0, 0, 0, 1, 0, 0)]


def test_boots_have_wilson_intervals(boots):
    """2 of 46, z^2 = 3.841459: middle (2/46 + 3.841459/92) / (1 + 3.841459/46) =
    (0.0434783 + 0.0417550) / 1.0835100 = 0.0786641; half 1.959964/1.0835100 *
    sqrt(0.0434783*0.9565217/46 + 3.841459/(4*46^2)) = 1.8089025 * sqrt(0.00090408 + 0.00045386) =
    1.8089025 * 0.0368503 = 0.0666586. 0 of 24: 3.841459 / 27.841459 = 0.1379762."""
    rows = {row["value"]: row for row in boots.ask("boots", "--json").rows}
    automatic, delayed = rows[AUTOMATIC], rows[DELAYED]
    assert automatic["loss_rate"] == pytest.approx(2 / 46, abs=1e-6)
    assert automatic["loss_low"] == pytest.approx(0.0786641 - 0.0666586, abs=2e-6)
    assert automatic["loss_high"] == pytest.approx(0.0786641 + 0.0666586, abs=2e-6)
    assert (delayed["loss_rate"], delayed["loss_low"]) == (0, 0)
    assert delayed["loss_high"] == pytest.approx(0.1379762, abs=1e-6)
    assert rows[None]["loss_rate"] is None and rows[None]["loss_high"] is None


def test_boots_say_the_sentence_of_groups_with_twenty_boots(boots):
    said = "Automatic (Delayed Start): 0 of 24 boots lost UDP 67; Automatic: 2 of 46"
    answer = boots.ask("boots")
    assert f"BNPXE: {said}\n" in answer.out, answer
    assert {row["sentence"] for row in boots.ask("boots", "--json").rows} == {said}
    # Until the evening of night 18 there are 19 of d1, of a1 (less the suspect) and p1 37.
    before = boots.ask("boots", as_of=stamp(NIGHT + 18 * DAY + MINUTE))
    assert "BNPXE: Automatic: 2 of 37 boots lost UDP 67\n" in before.out, before
    early = boots.ask("boots", as_of=stamp(NIGHT + 3 * DAY + MINUTE))
    assert "lost UDP 67" not in early.out and "too few for a sentence" in early.out, early


@pytest.mark.parametrize("by, expected", [
    # lyon is d1; emea the others: 21 + 23 bound, 2 + 1 lost.
    ("site", [("emea", 47, 3), ("lyon", 24, 0)]),
    ("os", [("Windows Server 2019 (10.0.17763)", 71, 3)]),
    # 7.33: d1, a1 until night 11 (12 less the suspect: 11, both lost), p1: 24 + 11 + 23. 7.41: a1
    # from night 12 on. Not known: m1.
    ("build", [("7.33", 58, 2), ("7.41", 12, 0), (None, 1, 1)]),
    # a1 boots at 19:00 UTC; Tuesdays are the nights 0, 7, 14 and 21: inside. The others of a1,
    # less the suspect: 19, with both lost. Without a window: d1, p1, m1, u1.
    ("window", [("inside", 4, 0), ("outside", 19, 2), (None, 48, 1)]),
])
def test_boots_are_counted_by_what_they_have_in_common(boots, by, expected):
    rows = boots.ask("boots", "--by", by, "--json").rows
    assert table(rows, "value", "boots", "lost") == expected
    assert {row["by"] for row in rows} == {by}


def test_a_hold_stands_above_the_window_of_the_inventory(tmp_path):
    """Boots at 19:00 UTC on three evenings from a Tuesday on; a hold covers the first, one that was
    released before the boot the second."""
    fed = Fed(tmp_path, [boot_of("p", night, window="Tue-Thu 18:00-20:00") for night in range(3)],
              NIGHT + 2 * DAY + MINUTE)
    with sqlite3.connect(fed.db) as history:
        for night, released in ((0, None), (1, -5)):
            begin = int((NIGHT + night * DAY - 6 * HOUR).timestamp() * 1000)
            history.execute(
                "INSERT INTO hold (host_id, change, from_ms, until_ms, released_ms, held_by)"
                " SELECT id, ?, ?, ?, ?, 'ops' FROM host",
                (f"CHG{night}", begin, begin + 6 * 3600 * 1000,
                 None if released is None else begin + 3600 * 1000))
    assert table(fed.ask("boots", "--by", "window", "--json").rows, "value", "boots") == [
        ("held", 1), ("inside", 2)]
    rows = fed.ask("boots", "--by", "boot", "--json").rows
    assert table(rows, "window", "change") == [("held", "CHG0"), ("inside", None), ("inside", None)]


def test_a_machine_with_two_names_boots_once(tmp_path):
    lines = [boot_of(host, 0) for host in ("p1", "p2")]
    for line in lines:
        line["machine"].update(id="guid-of-both", computer_name="P1")
    (row,) = Fed(tmp_path, lines, NIGHT + MINUTE).ask("boots", "--json").rows
    assert row["boots"] == 1


def test_the_window_is_carried_by_an_exported_line(boots):
    lines = [json.loads(line) for line in boots.ask("db", "export", "a1").out.splitlines()]
    assert {line["declared"]["maintenance"] for line in lines} == {"Tue 18:00-20:00"}


def test_boots_of_a_time_are_those_that_began_in_it(boots):
    span = ["--from", stamp(NIGHT + 2 * DAY), "--to", stamp(NIGHT + 6 * DAY)]
    rows = boots.ask("boots", "--json", *span).rows
    # Nights 3 to 6: a1 has 1 lost and 1 suspect of 4; u1's one boot was first read on night 0.
    assert table(rows, "value", "boots", "lost", "suspect", "unidentified") == [
        (DELAYED, 4, 0, 0, 0), (AUTOMATIC, 7, 1, 1, 0)]


def test_each_boot_is_listed_those_that_started_soonest_first(boots):
    rows = boots.ask("boots", "--by", "boot", "--json", "-l", "a1,d1").rows
    assert len(rows) == 48
    told = [row for row in rows if row["started_after_ms"] is not None]
    # a1 starts 2.5 s after the boot of night 0, and 10 ms later with each night; the lost ones tell
    # nothing. d1 130 s after.
    assert table(told[:3], "host", "started_after_ms", "bound_after_ms") == [
        ("a1", 2500, 250), ("a1", 2510, 250), ("a1", 2520, 250)]
    starts = [row["started_after_ms"] for row in told]
    assert starts == sorted(starts) and len(told) == 46
    assert rows[46:] == [row for row in rows if row["started_after_ms"] is None]
    assert {(row["result"], row["verdict"]) for row in rows[46:]} == {("lost", "not-bound")}
    (suspect,) = [row for row in rows if row["result"] == "suspect"]
    assert suspect["boot_time"] == stamp(NIGHT + 5 * DAY - 3 * HOUR)


def test_near_misses_are_bound_boots_that_nobody_restarted(boots):
    out = boots.ask("boots").out
    near = [line.split() for line in out.splitlines() if " after the boot of " in line]
    assert len(near) == 10
    # a1's nights 0, 1, 2, 4, 6, 7, 8, 10, 11, 12: 3 and 9 were lost, 5 is suspect.
    assert [(words[0], words[3]) for words in near] == [("a1", "2.5")] * 7 + [("a1", "2.6")] * 3
    assert "bound 0.2 s later" in out


def test_why_tells_how_long_after_its_start_a_service_bound(boots):
    out = boots.ask("why", "d1").out
    assert "bound 0.4 s after it started" in out, out
    assert "after it started" not in boots.ask("why", "p1").out


def test_an_empty_time_has_nothing_to_tell(boots):
    answer = boots.ask("boots", "--to", "2020-01-01")
    assert answer.code == 3 and "lost" not in answer.out.split("\n", 1)[1], answer


def test_several_reboots_between_two_readings_are_one_boot(tmp_path):
    """The host rebooted at least twice between the two readings; nobody saw the first."""
    fed = Fed(tmp_path, [reading("p", NIGHT, NIGHT - 9 * DAY),
                         reading("p", NIGHT + 5 * DAY, NIGHT + 5 * DAY - HOUR)],
              NIGHT + 5 * DAY + MINUTE)
    (row,) = fed.ask("boots", "--json").rows
    assert (row["boots"], row["bound"]) == (2, 2)


def test_status_takes_no_other_by(boots):
    assert boots.ask("status", "--by", "startup").code == 2
    refused = boots.ask("boots", "--by", "sites")
    assert refused.code == 2 and "startup" in refused.err


# ---- drift

UPGRADE = 3  # the night of it


@pytest.fixture(scope="module")
def drift(tmp_path_factory):
    """Six nights. s1 and s2 are upgraded after the reading of night 2, which puts their startup
    type back; both reboot for it. s1 is lost at that boot; s2 is bound then, and lost at the boot
    of night 5. s3 is upgraded and keeps its type. On night 4 somebody changes the account of s4,
    which does not reboot and is lost in the middle of that boot; on night 5 nothing of s4's
    services can be read. s5 is new on night 4, and delayed from its first reading on. s6 is read
    30 s after a boot of night 4, pending; its type is changed in the next half an hour, and then
    it is not bound: in a boot that began before the change."""
    lines = []
    for night in range(6):
        upgraded = night >= UPGRADE
        knobs = {"pvs": "7.41" if upgraded else "7.33"}
        reverted = {**knobs, "startup": AUTOMATIC if upgraded else DELAYED}
        boot = -9 if not upgraded else UPGRADE
        lines.append(reading("s1", NIGHT + night * DAY, NIGHT + boot * DAY - 2 * HOUR,
                             bound=not upgraded, **reverted))
        lines.append(reading("s2", NIGHT + night * DAY,
                             NIGHT + (5 if night == 5 else boot) * DAY - 2 * HOUR,
                             bound=night != 5, **reverted))
        lines.append(reading("s3", NIGHT + night * DAY, NIGHT + boot * DAY - 2 * HOUR,
                             startup=DELAYED, **knobs))
        last = reading("s4", NIGHT + night * DAY, NIGHT - 9 * DAY, bound=night < 4, pvs="7.33",
                       account="LocalSystem" if night < 4 else "EX\\svc-pvs")
        if night == 5:
            last["sections"]["services"]["outcome"] = "partial"
            last["services"] = []
        lines.append(last)
        if night >= 4:
            lines.append(boot_of("s5", night, startup=DELAYED, pvs="7.41"))
    fourth = NIGHT + 4 * DAY
    for minutes, startup in ((0, DELAYED), (30, AUTOMATIC)):
        lines.append(reading("s6", fourth + minutes * MINUTE, fourth - MINUTE / 2, bound=False, start=20,
                             startup=startup, pvs="7.41"))
    lines.sort(key=lambda line: line["time"])
    return Fed(tmp_path_factory.mktemp("drift"), lines, NIGHT + 5 * DAY + 10 * MINUTE)


def test_drift_tells_what_changed_and_the_first_bad_boot_after_it(drift):
    answer = drift.ask("drift", "--from", stamp(NIGHT + MINUTE), "--json")
    assert answer.code == 0, answer
    two, three = stamp(NIGHT + 2 * DAY), stamp(NIGHT + 3 * DAY)
    assert table(answer.rows, "host", "setting", "item", "before", "after", "last_before",
                 "first_after", "upgraded", "bad_boot_read", "bad_boot_verdict") == [
        ("s1", "PVS build", None, "7.33", "7.41", two, three, True, three, "not-bound"),
        ("s1", "startup type", "BNPXE", DELAYED, AUTOMATIC, two, three, True, three, "not-bound"),
        ("s2", "PVS build", None, "7.33", "7.41", two, three, True, stamp(NIGHT + 5 * DAY),
         "not-bound"),
        ("s2", "startup type", "BNPXE", DELAYED, AUTOMATIC, two, three, True,
         stamp(NIGHT + 5 * DAY), "not-bound"),
        ("s3", "PVS build", None, "7.33", "7.41", two, three, True, None, None),
        # Lost in the middle of a boot that began before: no bad boot after the change.
        ("s4", "account", "BNPXE", "LocalSystem", "EX\\svc-pvs", three, stamp(NIGHT + 4 * DAY),
         False, None, None),
        ("s6", "startup type", "BNPXE", DELAYED, AUTOMATIC, stamp(NIGHT + 4 * DAY),
         stamp(NIGHT + 4 * DAY + 30 * MINUTE), False, None, None)]
    boot = [row["bad_boot_time"] for row in answer.rows if row["host"] == "s2"]
    assert boot == [stamp(NIGHT + 5 * DAY - 2 * HOUR)] * 2


def test_drift_between_two_builds_is_what_the_upgrade_changed(drift):
    rows = drift.ask("drift", "7.33", "7.41", "--json").rows
    assert table(rows, "host", "setting") == [
        ("s1", "PVS build"), ("s1", "startup type"), ("s2", "PVS build"), ("s2", "startup type"),
        ("s3", "PVS build")]
    other = drift.ask("drift", "7.41", "7.33")
    assert other.code == 3 and "0 changes on 0 servers" in other.out, other


def test_drift_of_another_time_and_of_what_was_known_then(drift):
    def hosts(*words, **options):
        return {row["host"] for row in drift.ask("drift", "--json", *words, **options).rows}
    assert hosts("--from", stamp(NIGHT + 3 * DAY + MINUTE)) == {"s4", "s6"}
    assert hosts("--to", stamp(NIGHT + 2 * DAY)) == set()
    assert hosts("-l", "s3") == {"s3"}
    early = drift.ask("drift", "--json", as_of=stamp(NIGHT + 4 * DAY + MINUTE)).rows
    assert [row["bad_boot_verdict"] for row in early if row["host"] == "s2"] == [None, None]


def test_drift_says_the_same_change_of_many_servers_once(drift):
    out = drift.ask("drift").out
    assert ("startup type of BNPXE: Automatic (Delayed Start) to Automatic with an upgrade on 2 "
            "servers (s[1,2]); a bad boot after it on 2\n"
            "Prevention (s[1,2]): Automatic (Delayed Start) by Group Policy Preferences") in out, out
    assert "7 changes on 6 servers with two readings to compare\n" in out


def test_drift_takes_two_builds_or_none(drift):
    assert drift.ask("drift", "7.33").code == 2
    assert drift.ask("drift", "7.33", "7.41", "--from", "7d").code == 2


# ---- history

def test_history_is_everything_in_order(tmp_path):
    """Bound for two nights, unread for two, lost at a boot, and back after a restart; on the last
    night the sockets cannot be told."""
    first, lost = NIGHT - 9 * DAY, NIGHT + 4 * DAY - 2 * HOUR
    fed = Fed(tmp_path, [
        reading("p", NIGHT, first), reading("p", NIGHT + DAY, first),
        unread("p", NIGHT + 2 * DAY), unread("p", NIGHT + 3 * DAY),
        reading("p", NIGHT + 4 * DAY, lost, bound=False),
        reading("p", NIGHT + 5 * DAY, lost, pid=4000, start=10 * 3600),
        reading("p", NIGHT + 6 * DAY, lost, pid=4000, start=10 * 3600, partial=("udp",))],
        NIGHT + 6 * DAY + MINUTE)
    answer = fed.ask("history", "p", "--json")
    assert answer.code == 0, answer
    schema_rows = [row for row in answer.rows if row["expectation"] in (None, "BNPXE")]

    def at(night):
        return stamp(NIGHT + night * DAY)
    assert table(schema_rows, "time", "what", "said", "until") == [
        (at(0), "machine", "P", None),
        (at(0), "build", "Windows Server 2019 10.0.17763", None),
        (at(0), "boot", None, at(1)),
        (at(0), "reading", "bound (Running, Automatic)", at(1)),
        (at(2), "not read", "timeout", at(3)),
        (at(4), "boot", None, at(6)),
        (at(4), "reading", "not-bound (Running, Automatic)", at(4)),
        (at(4), "finding", "lost-at-boot", at(4)),
        (at(5), "reading", "bound (Running, Automatic)", at(5)),
        (at(5), "end of finding", "recovered-by-restart", None),
        (at(6), "unknown", "partial", at(6))]
    assert [row["visits"] for row in answer.rows if row["what"] == "not read"] == [2]
    assert [row["boot_time"] for row in answer.rows if row["what"] == "boot"] == [
        stamp(first), stamp(lost)]
    # As of night 4 nobody knew that it came back; from then on, only what touches that time.
    then = fed.ask("history", "p", "--json", as_of=at(4)).rows
    assert [row["what"] for row in then if row["expectation"] == "BNPXE"][-2:] == [
        "reading", "finding"]
    late = fed.ask("history", "p", "--json", "--from", at(5)).rows
    assert [row["what"] for row in late if row["expectation"] in (None, "BNPXE")] == [
        "boot", "reading", "end of finding", "unknown"]
    # What was confirmed later is not known yet.
    first_night = fed.ask("history", "p", "--json", as_of=at(0)).rows
    assert {row["until"] for row in first_night} == {None, at(0)}


def test_history_of_a_host_that_is_not_there(drift):
    refused = drift.ask("history", "s9")
    assert refused.code == 2 and "did you mean s" in refused.err


def test_a_host_of_two_collectors_is_asked_for_with_its_source(tmp_path):
    lines = [reading("p", NIGHT, NIGHT - DAY), reading("p", NIGHT, NIGHT - DAY, source="dc2")]
    fed = Fed(tmp_path, lines, NIGHT + MINUTE)
    for command in ("history", "diff", "compare"):
        refused = fed.ask(command, "p")
        assert refused.code == 2 and "dc2:p" in refused.err, refused
    assert fed.ask("history", "dc2:p", "--json").rows[0]["source"] == "dc2"


def test_what_a_host_says_is_escaped(tmp_path):
    line = reading("p", NIGHT, NIGHT - DAY)
    line["machine"]["computer_name"] = "P\x1b[31m"
    line["machine"]["pvs_build"] = "7\x1b]0;x\x07"
    after = reading("p", NIGHT + DAY, NIGHT - DAY)
    after["machine"].update(computer_name="P\x1b[31m", pvs_build="8\x1b]0;x\x07")
    fed = Fed(tmp_path, [line, after], NIGHT + DAY + MINUTE)
    for words in (["history", "p"], ["drift"], ["diff", "p"], ["boots", "--by", "build"],
                  ["compare", "p", "-v"]):
        for form in ([], ["--json"], ["--csv"]):
            said = fed.ask(*words, *form)
            assert "\x1b" not in said.out + said.err and "\x07" not in said.out + said.err, said


# ---- diff

@pytest.fixture(scope="module")
def diff(tmp_path_factory):
    """Three readings: the second after a reboot without UDP 67, with TCP 8080 open, another
    startup type and registry value; of the third the TCP listeners are partial."""
    first = reading("p", NIGHT, NIGHT - 9 * DAY, startup=DELAYED,
                    registry=[{"key": WIZARD, "name": "DHCPType", "number": 1}])
    second = reading("p", NIGHT + DAY, NIGHT + DAY - HOUR, bound=False,
                     registry=[{"key": WIZARD, "name": "DHCPType", "number": 2}])
    second["endpoints"].append({"proto": "tcp", "address": "10.0.0.1", "port": 8080, "pid": 3000})
    # Another ephemeral port than before is no difference.
    second["endpoints"][1]["port"] = 60001
    third = reading("p", NIGHT + 2 * DAY, NIGHT + DAY - HOUR, bound=False, partial=("tcp",),
                    registry=[{"key": WIZARD, "name": "DHCPType", "number": 2}])
    return Fed(tmp_path_factory.mktemp("diff"), [first, second, third],
               NIGHT + 2 * DAY + MINUTE)


def test_diff_tells_bindings_services_and_settings(diff):
    answer = diff.ask("diff", "p", stamp(NIGHT), stamp(NIGHT + DAY), "--json")
    assert answer.code == 0, answer
    assert table(answer.rows, "what", "item", "change", "before", "after") == [
        ("startup type", "BNPXE", "changed", DELAYED, AUTOMATIC),
        ("binding", "udp/67", "removed", "0.0.0.0", None),
        ("binding", "tcp/8080", "added", None, "10.0.0.1"),
        ("registry", f"{WIZARD}\\DHCPType", "changed", "1", "2")]
    assert {row["boot_changed"] for row in answer.rows} == {True}
    assert {(row["before_time"], row["after_time"]) for row in answer.rows} == {
        (stamp(NIGHT), stamp(NIGHT + DAY))}


def test_diff_says_what_it_could_not_compare(diff):
    """Without times: the newest reading and the one before it."""
    answer = diff.ask("diff", "p")
    assert answer.code == 3 and "Nothing is another\nNot compared: tcp is partial\n" in answer.out
    assert "in another boot" not in answer.out
    machine = diff.ask("diff", "p", "--json")
    assert table(machine.json["not_compared"], "what", "before", "after") == [
        ("tcp", "complete", "partial")]
    same = diff.ask("diff", "p", stamp(NIGHT + 2 * DAY))
    assert same.code == 3 and "one and the same full reading" in same.err
    # As of the second night nobody knew the third.
    early = diff.ask("diff", "p", stamp(NIGHT), stamp(NIGHT + 2 * DAY), "--json",
                     as_of=stamp(NIGHT + DAY + MINUTE))
    assert {row["after_time"] for row in early.rows} == {stamp(NIGHT + DAY)}
    one = diff.ask("diff", "p", stamp(NIGHT + HOUR), "--json")
    assert table(one.rows, "what", "item") == [
        ("startup type", "BNPXE"), ("binding", "udp/67"), ("registry", f"{WIZARD}\\DHCPType")]


@pytest.mark.parametrize("words, code", [
    (["p", "2024-13-01"], 2), (["p", "2024-03-07", "2024-03-01"], 2), (["q"], 2),
    (["p", "2020-01-01"], 3), (["p", "2020-01-01", "2020-01-02", "2020-01-03"], 2)])
def test_diff_refuses_what_it_cannot_answer(diff, words, code):
    assert diff.ask("diff", *words).code == code


# ---- compare

@pytest.fixture(scope="module")
def compare(tmp_path_factory):
    """Four servers of emea, one of lyon. p1 starts BNPXE automatically, the others delayed; p2 has
    an older product; what p3 runs as cannot be told; p4 binds an address of its own."""
    lines = [reading("p1", NIGHT, NIGHT - DAY, startup=AUTOMATIC, pvs="7.41"),
             reading("p2", NIGHT, NIGHT - DAY, startup=DELAYED, pvs="7.33"),
             reading("p3", NIGHT, NIGHT - DAY, startup=DELAYED, pvs="7.41", account=None),
             reading("p4", NIGHT, NIGHT - DAY, startup=DELAYED, pvs="7.41"),
             reading("q1", NIGHT, NIGHT - DAY, startup=AUTOMATIC, site="lyon", pvs="7.41"),
             unread("p5", NIGHT)]
    lines[3]["endpoints"].append({"proto": "tcp", "address": "10.0.0.4", "port": 54321, "pid": 3000})
    return Fed(tmp_path_factory.mktemp("compare"), lines, NIGHT + MINUTE)


def test_compare_tells_what_is_another_than_on_the_siblings(compare):
    answer = compare.ask("compare", "p1", "--json")
    # p5 of the same site was never read: the answer is not whole.
    assert answer.code == 3, answer
    assert table(answer.rows, "what", "item", "value", "usual", "siblings_usual", "siblings_same",
                 "siblings_told") == [
        ("startup type", "BNPXE", AUTOMATIC, DELAYED, 3, 0, 3)]
    rows = compare.ask("compare", "p2", "--json").rows
    assert table(rows, "what", "value", "usual", "siblings_usual", "siblings_told") == [
        ("PVS build", "7.33", "7.41", 3, 3)]
    (row,) = compare.ask("compare", "p4", "--json").rows
    assert (row["item"], row["value"], row["usual"], row["siblings_usual"]) == (
        "tcp/54321", "own address", None, 3)


def test_compare_with_a_host_or_another_site(compare):
    answer = compare.ask("compare", "p1", "--with", "p2", "--json")
    assert answer.code == 0
    assert table(answer.rows, "what", "value", "usual") == [
        ("PVS build", "7.41", "7.33"), ("startup type", AUTOMATIC, DELAYED)]
    assert compare.ask("compare", "p1", "--with", "lyon", "--json").rows == []
    everything = compare.ask("compare", "p1", "--with", "lyon", "--json", "-v").rows
    assert len(everything) > 5 and not any(row["differs"] for row in everything)
    # The account of p3 is not known: no row of it.
    told = compare.ask("compare", "p3", "-v", "--json").rows
    assert ("account", "BNPXE") not in table(told, "what", "item")


def test_compare_says_what_the_host_itself_does_not_tell(tmp_path):
    fed = Fed(tmp_path, [reading("p1", NIGHT, NIGHT - DAY, partial=("services",)),
                         reading("p2", NIGHT, NIGHT - DAY)], NIGHT + MINUTE)
    answer = fed.ask("compare", "p1")
    assert answer.code == 3 and "Not compared: services is partial\n0 differences" in answer.out
    assert table(fed.ask("compare", "p1", "--json").json["not_compared"], "what", "value") == [
        ("services", "partial")]


@pytest.mark.parametrize("words, said", [
    (["p1", "--with", "lyn"], "did you mean lyon?"), (["p9"], "did you mean p"),
    (["p1", "--with", "p1"], "the host itself")])
def test_compare_refuses_what_it_does_not_know(compare, words, said):
    refused = compare.ask("compare", *words)
    assert refused.code == 2 and said in refused.err, refused


# ---- scans and coverage

def test_scans_are_listed(drift):
    answer = drift.ask("scans", "--json")
    # ingest makes one run of what it brings: 4 hosts on 6 nights and two on 2.
    assert table(answer.rows, "source", "kind", "coverage", "outcome", "visits", "visits_read",
                 "visits_unread") == [("local", "full", "ingest", "complete", 28, 28, 0)]
    assert drift.ask("scans", "--to", "2020-01-01").code == 3


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Berlin (UTC+1) and Los Angeles (UTC-8). The readings of b1 come at 23:00 of its own clock on
    the nights of March 5 to 8; b2 is unread on the 6th and tells no sockets on the 7th; l1 is read
    at 05:00 UTC of March 6, 7 and 9: the evenings of the 5th, 6th and 8th there."""
    lines = []
    for night in range(4):
        when = NIGHT + night * DAY
        lines.append(reading("b1", when, NIGHT - 9 * DAY, zone="Europe/Berlin"))
        if night == 1:
            lines.append(unread("b2", when, zone="Europe/Berlin"))
        else:
            lines.append(reading("b2", when, NIGHT - 9 * DAY, zone="Europe/Berlin",
                                 partial=("udp",) if night == 2 else ()))
        if night != 2:
            lines.append(reading("l1", when + 7 * HOUR, NIGHT - 9 * DAY, site="la",
                                 zone="America/Los_Angeles"))
    return Fed(tmp_path_factory.mktemp("nights"), lines, NIGHT + 4 * DAY)


def test_coverage_proves_every_night_and_tells_each_gap(nights):
    span = ["--from", "2024-03-05T00:00:00Z", "--to", "2024-03-09T00:00:00Z"]
    answer = nights.ask("coverage", "--json", *span)
    assert answer.code == 3, answer
    assert table(answer.rows, "night", "host", "reason", "detail", "visits") == [
        ("2024-03-06", "b2", "timeout", "no answer of b2 within 5 s", 1),
        ("2024-03-07", "b2", "partial", "udp", 1),
        ("2024-03-07", "l1", "skipped", "nobody scanned the fleet that night", 0)]
    assert table(answer.json["nights"], "night", "hosts", "hosts_read", "hosts_unread") == [
        ("2024-03-05", 3, 3, 0), ("2024-03-06", 3, 2, 1), ("2024-03-07", 3, 1, 2),
        ("2024-03-08", 3, 3, 0)]
    # From noon to noon: 11:00 UTC in Berlin, 20:00 UTC in Los Angeles.
    assert [(row["night_start"], row["night_end"]) for row in answer.rows][1:] == [
        ("2024-03-07T11:00:00Z", "2024-03-08T11:00:00Z"),
        ("2024-03-07T20:00:00Z", "2024-03-08T20:00:00Z")]
    out = nights.ask("coverage", *span).out
    assert "2 of 4 nights whole: 9 of 12 server-nights read\n" in out, out


def test_coverage_has_the_exit_code_that_is_asked_for(nights):
    span = ["--from", "2024-03-05T00:00:00Z", "--to", "2024-03-09T00:00:00Z"]
    assert nights.ask("coverage", *span, "--unreachable=fail").code == 1
    assert nights.ask("coverage", *span, "--unreachable=ignore").code == 0
    whole = nights.ask("coverage", "--from", "2024-03-05T00:00:00Z", "--to", "2024-03-06T05:00:00Z")
    assert whole.code == 0 and "1 of 1 nights whole: 3 of 3" in whole.out, whole
    assert nights.ask("coverage", "--from", "2020-01-01", "--to", "2020-02-01").code == 3
    assert nights.ask("coverage", "--from", "2024-03-06", "--to", "2024-03-05").code == 2


def test_a_night_that_is_not_over_is_due_only_where_it_was_visited(nights):
    """At 23:30 UTC of March 8 b1 and b2 were visited in the night of the 8th, l1 was not yet."""
    span = ["--from", "2024-03-08T00:00:00Z"]
    answer = nights.ask("coverage", "--json", *span, as_of="2024-03-08T23:30:00Z")
    assert answer.rows == []
    assert table(answer.json["nights"], "night", "hosts", "hosts_read") == [("2024-03-08", 2, 2)]


@pytest.mark.parametrize("name, words", [
    ("boots", ["boots"]), ("boots", ["boots", "--by", "window"]),
    ("boots-by-boot", ["boots", "--by", "boot"]), ("scans", ["scans"])])
def test_json_of_boots_keeps_to_its_schema(boots, name, words):
    expect_schema(name, boots.ask(*words, "--json").json)


def test_json_of_the_past_keeps_to_its_schema(drift, diff, compare, nights):
    expect_schema("drift", drift.ask("drift", "--json").json)
    expect_schema("history", drift.ask("history", "s1", "--json").json)
    expect_schema("diff", diff.ask("diff", "p", stamp(NIGHT), stamp(NIGHT + DAY), "--json").json)
    expect_schema("compare", compare.ask("compare", "p1", "-v", "--json").json)
    expect_schema("coverage", nights.ask("coverage", "--json").json)
    with pytest.raises(jsonschema.ValidationError):
        expect_schema("coverage", {"rows": [{"night": 1}]})
    assert json.loads(nights.ask("coverage", "--ndjson").out.splitlines()[0])["host"] == "b2"
    assert run("pvsaudit", "coverage", "--db", nights.db, "--csv").out.startswith("night,host")


SMALL_FARM = """\
farm: emea
accounts:
  - name: audit
    key: true
servers:
  - names: pvs[01:03]
    site: frankfurt
    os: 2019
    uptime: 9d
"""


def test_coverage_goes_by_the_scope_of_each_night(tmp_path):
    """Four evenings: all are read; pvs02 refuses to talk and pvs03 is retired; only pvs01 is
    visited, by a limited scan; the fleet again, without pvs03. Who refuses takes the connection and
    resets it at once, which is "throttled" (docs/FARM.md)."""
    with Farm(tmp_path, SMALL_FARM, seed=3) as farm:
        def scan(night, *words, inventory=farm.inventory):
            farm.clock(evening + night * DAY)
            return run("pvsaudit-collect", "scan", "--config", farm.site.settings, "--db",
                       farm.site.db, "-i", inventory, "--as-of", stamp(farm.now), *words)
        evening = (farm.now + DAY).replace(hour=22, minute=0, second=0, microsecond=0)
        text = (tmp_path / "hosts.yaml").read_text()
        # Written as the farm writes it; a retired host is visited no more.
        retired = tmp_path / "retired.yaml"
        data = yaml.safe_load(text)
        for group in data["all"]["children"].values():
            group["hosts"]["pvs03"]["pvsaudit_state"] = "retired"
        retired.write_text(yaml.safe_dump(data))
        assert scan(0).code == 0
        farm.ctl("misbehave", "pvs02", "refuse")
        assert scan(1, inventory=retired).code == 3
        farm.ctl("misbehave", "pvs02", "none")
        assert scan(2, "-l", "pvs01", inventory=retired).code == 0
        assert scan(3, inventory=retired).code == 0
        when = evening + 4 * DAY
        answer = run("pvsaudit", "coverage", "--json", "--db", farm.site.db, "--config",
                     farm.site.settings, "--as-of", stamp(when), "--from",
                     stamp(evening - 12 * HOUR), "--to", stamp(evening + 3 * DAY),
                     env={"TZ": "UTC"})
    days = [(evening + night * DAY).strftime("%Y-%m-%d") for night in range(4)]
    assert table(answer.json["nights"], "night", "hosts", "hosts_read") == [
        (days[0], 3, 3), (days[1], 2, 1), (days[2], 2, 1), (days[3], 2, 2)]
    assert table(answer.rows, "night", "host", "reason", "visits") == [
        (days[1], "pvs02", "throttled", 1), (days[2], "pvs02", "skipped", 0)]
    assert answer.rows[1]["detail"] == "nobody scanned the fleet that night"
