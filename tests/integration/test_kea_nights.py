"""The failure itself, for real: Kea started before its interface is up, over reboots, in namespaces."""
import json
import os
import subprocess
import sys

import pytest

from harness import history, kea_nights
from harness.daemon import dnsmasq
from harness.kea_nights import DEAF, HEALTHY, PENDING, Stage
from harness.machine import wait_until
from harness.namespaces import refusal

REFUSED = refusal()
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

pytestmark = pytest.mark.skipif(REFUSED is not None, reason=f"namespaces: {REFUSED}")


class Played:
    """The five nights, and what was to be had of the machine while they were played."""

    def __init__(self, folder):
        self.boot_ids, self.logs, self.whys, self.readings = [], [], [], []
        with Stage(folder, settle=1) as stage:
            for night in kea_nights.NIGHTS:
                night(stage)
                self.boot_ids.append(stage.machine.boot_id)
                self.logs.append(stage.kea.log())
                self.whys.append(stage.ask("why", "dhcp01").out)
            self.readings = stage.readings
            self.missing = stage.ask("missing", "--since", "30d", "--json").rows
            self.visits = [json.loads(line)
                           for line in stage.ask("db", "export").out.splitlines()]
            self.boots = history.boots(stage.site.db)

    def night(self, number):
        found = [reading for reading in self.readings if reading.night == number]
        assert found
        for reading in found:
            assert reading.observed == reading.expected, reading.happened
        return [reading.observed for reading in found]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return Played(str(tmp_path_factory.mktemp("nights")))


def test_a_healthy_kea_is_bound(played):
    assert played.night(1) == [HEALTHY]
    assert "DHCPSRV_OPEN_SOCKET_FAIL" not in played.logs[0]


def test_a_kea_that_was_faster_than_its_interface_is_lost_at_boot(played):
    assert played.night(2) == [DEAF]
    assert played.logs[1].count("DHCPSRV_OPEN_SOCKET_FAIL") == 1
    assert "the interface eth0 is down" in played.logs[1]
    assert "Kea DHCPv4 Server (kea-dhcp4-server), UDP 67: not-bound (lost-at-boot)" in \
        played.whys[1]
    assert "UDP 69 is bound in the same boot" in played.whys[1]


def test_a_restart_is_what_it_recovers_by(played):
    assert [seen.finding for seen in played.night(3)] == ["recovered-by-restart"]
    assert played.boot_ids[2] == played.boot_ids[1]


def test_a_reboot_that_goes_well_is_what_it_recovers_by(played):
    assert [seen.finding for seen in played.night(4)] == ["missing: lost-at-boot",
                                                          "recovered-by-reboot"]


def test_a_kea_that_is_started_later_is_never_missing(played):
    assert played.night(5) == [PENDING, HEALTHY]
    # What is left of the five nights is the fourth one's finding: one row for each expectation.
    assert [(row["expectation"], row["state"], row["recovered_by"]) for row in played.missing] == \
        [("kea-dhcp4", "recovered", "recovered-by-reboot")]


def test_the_machine_is_read_as_one_of_its_own(played):
    """Its boots, clock, processes and addresses, and nothing of the system that plays it."""
    assert played.boots == {"dhcp01": 5}
    last_of_night = [played.visits[number]["boot"]["boot_id"] for number in (0, 1, 2, 4, 6)]
    assert last_of_night == played.boot_ids
    for visit in played.visits:
        sections = {name: section["outcome"] for name, section in visit["sections"].items()}
        assert {sections[name] for name in ("udp", "tcp", "services", "processes", "boot",
                                            "addresses")} == {"complete"}
        assert visit["machine"]["computer_name"] == "dhcp01"
        assert 0 <= visit["boot"]["uptime_ms"] < 60000
        assert {process["name"] for process in visit["processes"]} <= {
            "sh", "cat", "sshd", "sshd-session", "kea-dhcp4", "dnsmasq"}
        assert {address["ip"] for address in visit["addresses"] if "." in address["ip"]} == {
            "127.0.0.1", "10.77.1.1", "10.78.1.1"}


def test_a_kea_that_tries_its_sockets_again_is_never_missing(tmp_path):
    """The prevention that the shipped expectation names."""
    with Stage(str(tmp_path), service_sockets_max_retries=1000,
               service_sockets_retry_wait_time=100) as stage:
        stage.boot_well()
        stage.read("boots, and Kea finds its interface up", HEALTHY)
        stage.clock(1)
        stage.machine.reboot()
        stage.kea.start()
        stage.tftp.start()
        assert stage.look() == PENDING._replace(discover="silence")
        stage.clock(1, 5)
        stage.machine.interface_up()
        wait_until(lambda: ":67 " in stage.machine.run("ss", "-Hlun"), "Kea tries again")
        assert "DHCPSRV_OPEN_SOCKET_FAIL" in stage.kea.log()
        assert stage.look() == HEALTHY


def test_a_kea_on_raw_sockets_shows_its_port_while_it_serves_and_not_when_it_is_deaf(tmp_path):
    with Stage(str(tmp_path), settle=1, socket_type="raw") as stage:
        stage.boot_well()
        assert "p_raw" in stage.machine.run("ss", "-H0np")
        assert stage.look() == HEALTHY
        stage.clock(1)
        stage.boot_deaf()
        stage.let_settle()
        assert stage.look() == DEAF


def test_a_dnsmasq_holds_67_before_its_interface_is_up(tmp_path):
    with Stage(str(tmp_path)) as stage:
        stage.machine.boot()
        dhcp = dnsmasq(stage.machine, "--interface=eth0", "--no-ping",
                       "--dhcp-range=10.77.1.100,10.77.1.199")
        dhcp.start()
        stage.expect = "[dnsmasq/dnsmasq]"
        assert stage.scan().code == 0
        assert stage.site.verdicts() == {("dhcp01", "dnsmasq"): "bound"}
        stage.machine.interface_up()
        assert stage.discover() == "OFFER"


KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
from harness.kea_nights import Stage
with Stage({folder!r}) as stage:
    stage.boot_well()
    print(*[os.readlink(f"/proc/{{held.pid}}/ns/net") for held in
            (stage.machine.namespaces, stage.network.namespaces)], flush=True)
    sys.stdin.read()
"""


def in_namespaces(namespaces):
    """Processes in one of these network namespaces."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/ns/net") in namespaces:
                found.append(pid)
        except OSError:
            pass
    return found


def test_nothing_is_left_of_a_machine_whose_test_was_killed(tmp_path):
    script = KILLED.format(tests=TESTS, folder=str(tmp_path))
    test = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True, start_new_session=True)
    namespaces = test.stdout.readline().split()
    assert len(namespaces) == 2 and len(in_namespaces(namespaces)) > 5
    test.kill()
    test.wait(timeout=20)
    wait_until(lambda: in_namespaces(namespaces) == [], "everything in its namespaces ends")
    # The programs that entered them from outside were of its session.
    wait_until(lambda: subprocess.run(["pgrep", "-s", str(test.pid)],
                                      stdout=subprocess.DEVNULL, timeout=30).returncode == 1,
               "everything that it started ends")
