"""Visits over WinRM: what they leave behind them on the servers and here."""
import os
import subprocess
import time

import pytest

from harness.farm import Farm, rfc3339
from harness.programs import NTLM_LEAKS, program

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
