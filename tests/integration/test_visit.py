"""Visits as a whole: what they leave behind them, and what lies around the services."""
import json
import os
import subprocess
import time

import pytest

from harness.farm import Farm, rfc3339
from harness.programs import NTLM_LEAKS, Site, program, run

SCENARIO = """\
farm: emea
accounts:
  - {{name: audit, password: "correct horse"}}
servers:
  - {{names: pvs01, transport: winrm, {login}, uptime: 9d}}
  - {{names: pvs02, transport: winrm, {login}, uptime: 9d, latency: 500ms}}
"""
LOGINS = {"http": "scheme: http, auth: ntlm",
          "https": "scheme: https, auth: basic, offers: [basic]"}
ESTABLISHED = "01"


def connections_to(address, port):
    """How many connections are open from this machine to that address."""
    wanted = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + f":{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return sum(row[2] == wanted and row[3] == ESTABLISHED for row in rows)


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.parametrize("login", LOGINS)
def test_a_connection_ends_with_its_visit(tmp_path, login):
    with Farm(tmp_path, SCENARIO.format(login=LOGINS[login])) as farm:
        first = farm.hosts["pvs01"]
        scan = subprocess.Popen([program("pvsaudit-collect"), "scan", "-q", "--config", farm.site.settings,
                                 "--db", farm.site.db, "-i", farm.inventory, "--as-of", rfc3339(farm.now),
                                 "--concurrency", "1"], stdin=subprocess.DEVNULL,
                                env={**os.environ, **NTLM_LEAKS})
        try:
            wait_for(lambda: farm.counts("pvs02")["requests"] > 0)
            assert farm.counts("pvs01")["requests"] > 10
            wait_for(lambda: connections_to(first["ansible_host"], first["pvsaudit_port"]) == 0, 2)
            assert scan.poll() is None
        finally:
            scan.wait(timeout=60)
        assert scan.returncode == 0


AROUND = """\
farm: emea
accounts:
  - {name: audit, password: "correct horse", key: true}
servers:
  - {names: over-ssh, uptime: 9d, category: public, pvs: 7.15.0.11, dhcp: true}
  - {names: over-winrm, transport: winrm, scheme: https, auth: basic, offers: [basic], uptime: 9d, category: private}
"""
SHORT = "deadlines: {exec: 1s}\nretry_after: 0s\n"


def exported(farm):
    return {line["host"]: line for line in map(json.loads, farm.ask("db", "export").out.splitlines())}


def test_what_lies_around_the_services_is_told_and_carried(tmp_path):
    with Farm(tmp_path, AROUND) as farm:
        assert farm.scan().code == 0
        ssh, winrm = (farm.ask("why", host).out for host in ("over-ssh", "over-winrm"))
        assert "PVS 7.15.0.11" in ssh and "DHCP server: installed here, Running" in ssh
        assert "Network of Ethernet0: public" in ssh and "Network of Ethernet0: private" in winrm
        assert "PVS 7.41.0.26" in winrm and "DHCP server" not in winrm
        assert all("Boot files: ardbp32.bin of 202" in text and "tsbbdm.bin of 202" in text for text in (ssh, winrm))
        lines = farm.ask("db", "export").out
        other = Site(tmp_path, farm.inventory)
        other.db = str(tmp_path / "other.db")
        assert run("pvsaudit-collect", "ingest", "-", "--db", other.db, stdin=lines).code == 0
        assert other.ask("db", "export").out == lines


@pytest.mark.parametrize("host", ["over-ssh", "over-winrm"])
def test_a_hang_at_what_decides_nothing_costs_no_verdict(tmp_path, host):
    with Farm(tmp_path, AROUND, settings=SHORT) as farm:
        farm.ctl("misbehave", host, "hang-files")
        assert farm.scan().code == 0
        line = exported(farm)[host]
        assert line["read"] and line["machine"].get("pvs_build") is None
        outcomes = {name: section["outcome"] for name, section in line["sections"].items()}
        optional = {name: outcomes.pop(name, "not-asked") for name in ("files", "networks")}
        assert set(outcomes.values()) == {"complete"}
        assert "complete" not in optional.values()


@pytest.mark.parametrize("rights", ["no-standardcimv2", "tier-a"])
def test_a_right_that_is_lacking_around_is_an_outcome_and_no_verdict(tmp_path, rights):
    with Farm(tmp_path, AROUND) as farm:
        farm.ctl("set", "over-winrm", f"rights={rights}")
        assert farm.scan().code == 0
        sections = exported(farm)["over-winrm"]["sections"]
        assert sections["files"]["outcome"] == "complete"
        assert sections["networks"]["outcome"] == ("denied" if rights == "no-standardcimv2" else "complete")
