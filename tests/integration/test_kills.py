"""Scans that are killed, interrupted or short of space: whole hosts, truthful answers, nothing left behind."""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

from harness import disk, history, process, wholeness
from harness.farm import Farm
from harness.fleet import SETTINGS, Fleet, scenario
from harness.kills import Kills, changes_of
from harness.programs import ROOT, program
from harness.situation import PXE_SITE

MANY = PXE_SITE.replace("pvs[01:04]", "pvs[001:060]")
SERVERS, MOMENTS, WRITES = 60, 2, 6
SOME = ("-l", "pvs00[01:20]")
NO_DISK = disk.refusal()
READER_GROUP = 60000
GROUP_ONLY = ["setpriv", "--regid", str(READER_GROUP), "--clear-groups",
              "--bounding-set", "-dac_override,-dac_read_search"]


def can_be_a_mere_reader():
    return os.getuid() == 0 and subprocess.run([*GROUP_ONLY, "true"], stderr=subprocess.DEVNULL,
                                               timeout=30).returncode == 0


@pytest.mark.parametrize("with_past", [True, False], ids=["with a past", "from nothing"])
def test_a_killed_scan_leaves_whole_hosts_and_the_next_one_completes(tmp_path, with_past, capsys):
    chance = random.Random(1)
    with process.adopting(), Farm(tmp_path, scenario(SERVERS), settings=SETTINGS) as farm:
        fleet = Fleet(farm, SERVERS, 1, with_past)
        kills = Kills(fleet, "killed")
        step = kills.count_changes() / WRITES
        numbers = [2, 5, 7, *(int((turn + chance.random()) * step) for turn in range(WRITES))]
        for turn, number in enumerate(numbers):
            kills.at_change(number, turn % 2 == 1, () if turn % 4 == 0 else SOME)
        for _ in range(MOMENTS):
            kills.at_moment(chance.uniform(0, fleet.lasts_s), SOME)
    assert kills.faults == [], capsys.readouterr().out
    assert kills.killed >= WRITES - 1 and kills.aborted > 0 and kills.kept > 0


@pytest.mark.skipif(NO_DISK is not None, reason=f"namespaces: {NO_DISK}")
def test_a_full_disk_is_said_and_the_history_is_whole():
    show = os.path.join(ROOT, "tests", "show", "show_disk_full.py")
    done = subprocess.run([sys.executable, show, "--servers", "60", "--step", "192"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(", met")


def start_scan(farm):
    """A scan that takes long, by the time that it has read its first host."""
    for number in range(10, 60):
        farm.ctl("set", f"pvs{number:03}", "latency=20s")
    scan = subprocess.Popen(
        [program("pvsaudit"), "scan", "--config", farm.site.settings, "--db", farm.site.db, "-i",
         farm.inventory, "-v"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    said = ""
    for line in scan.stderr:
        said += line
        if ": read in" in line:
            return scan, said
    raise RuntimeError(said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_interrupted_once_stops_cleanly_and_keeps_what_is_done(tmp_path, number):
    with process.adopting(), Farm(tmp_path, MANY, settings="concurrency: 4\n") as farm:
        scan, said = start_scan(farm)
        scan.send_signal(number)
        said += scan.stderr.read()
        assert scan.wait(timeout=20) == 130
        read = [line.split(": ")[2] for line in said.splitlines() if ": read in" in line]
        kept = [name for name, in history.rows(
            farm.site.db, "SELECT h.name FROM observation o JOIN host h ON h.id = o.host_id")]
        assert sorted(kept) == sorted(read) and 1 <= len(kept) < 60
        assert "interrupted: giving up" in said and "what is done is kept" in said
        assert wholeness.half_faults(farm.site.db) + wholeness.replay_faults(farm.site.db) == []
        assert history.rows(farm.site.db, "SELECT outcome FROM scan") == [("interrupted",)]
        assert farm.ask("missing", "--json").json["last_complete_scan"] is None
        assert farm.ask("missing").code == 3
        # The next scan is an ordinary one.
        assert farm.site.scan("-l", "pvs00*").code == 0
        assert process.left_behind({farm.process.pid}, 5) == []


def test_interrupted_twice_quits_at_once(tmp_path):
    with Farm(tmp_path, MANY, settings="concurrency: 4\n") as farm:
        scan, _ = start_scan(farm)
        scan.send_signal(signal.SIGSTOP)  # so that both have come when it looks
        scan.send_signal(signal.SIGINT)
        scan.send_signal(signal.SIGTERM)
        scan.send_signal(signal.SIGCONT)
        scan.stderr.close()
        assert scan.wait(timeout=20) == 130
        assert wholeness.half_faults(farm.site.db) + wholeness.replay_faults(farm.site.db) == []
        assert history.rows(farm.site.db, "SELECT outcome FROM scan") == [("running",)]
        assert farm.site.scan("-l", "pvs00*").code == 0
        assert history.rows(farm.site.db, "SELECT outcome FROM scan ORDER BY id") == \
            [("aborted",), ("complete",)]


def test_no_descriptor_is_left_by_hosts_that_are_done(tmp_path):
    with Farm(tmp_path, MANY, settings="concurrency: 8\n") as farm:
        farm.ctl("set", "pvs060", "latency=20s")
        scan = subprocess.Popen(
            [program("pvsaudit"), "scan", "--config", farm.site.settings, "--db", farm.site.db,
             "-i", farm.inventory, "-v"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        seen = []
        for line in scan.stderr:
            if ": read in" in line:
                seen.append(process.descriptors(scan.pid))
            if len(seen) == 59:
                break
        assert process.children(scan.pid) == []
        scan.kill()
        scan.wait(timeout=20)
        scan.stderr.close()
    sockets = [sum(name.startswith("socket:") for name in open_now.values()) for open_now in seen]
    others = [{fd for fd, name in open_now.items() if not name.startswith("socket:")}
              for open_now in seen]
    assert max(sockets) <= 8 and sockets[-1] == 1, sockets
    assert others[0] == others[-1], (seen[0], seen[-1])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "SIGINT"])
def test_a_killed_demo_leaves_no_process(tmp_path, number):
    """Neither its farm nor the scan or question that it waits for."""
    chance = random.Random(1)
    with process.adopting():
        for _ in range(4):
            demo = subprocess.Popen([program("pvsaudit"), "demo", "--dir", tmp_path / "demo"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                demo.wait(timeout=chance.uniform(0.05, 0.4))
            except subprocess.TimeoutExpired:
                demo.send_signal(number)
            assert demo.wait(timeout=20) in (0, -number)
            assert process.left_behind(set(), 3) == []


@pytest.mark.skipif(not can_be_a_mere_reader(), reason="rights cannot be given up here")
def test_a_reader_of_the_group_is_answered_whatever_a_killed_scan_left():
    with tempfile.TemporaryDirectory() as folder, \
            Farm(folder, scenario(SERVERS), settings=SETTINGS) as farm:
        os.chmod(folder, 0o755)
        os.mkdir(f"{folder}/var")
        before = Fleet(farm, SERVERS, 1).before
        farm.site.db = f"{folder}/var/history.db"
        for change in (1, 20, 200):
            wholeness.remove(farm.site.db)
            wholeness.copy(before, farm.site.db)
            subprocess.run([program("pvsaudit"), "scan", "-q", "--config", farm.site.settings,
                            "--db", farm.site.db, "-i", farm.inventory], timeout=60,
                           env={**os.environ, **changes_of(farm.site.db, at=change)})
            for name in ("", *os.listdir(f"{folder}/var")):
                shutil.chown(f"{folder}/var/{name}", 65534, READER_GROUP)
            os.chmod(f"{folder}/var", 0o750)
            command = ["missing", "--json", "--config", farm.site.settings, "--db", farm.site.db]
            theirs = subprocess.run([*GROUP_ONLY, program("pvsaudit"), *command],
                                    capture_output=True, text=True, timeout=60)
            assert theirs.returncode == 1, theirs.stderr
            assert theirs.stdout == farm.ask("missing", "--json").out
