"""The simulated farm, asked by OpenSSH: it must behave as Windows does, not as our client expects."""
import base64
import concurrent.futures
import json
import os
import re
import signal
import socket
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PVSAUDIT_BUILD", ROOT / "build"))
PVSFARM = BUILD / "bin" / "pvsfarm"
READY_S = 20
SSH_S = 15

SCENARIO = """
farm: lab
seed: 7
start: 2026-11-22T20:00:00Z
host_keys: 2
accounts:
  - {name: audit, key: true}
  - {name: operator, password: "correct horse", rights: no-cim}
servers:
  - names: pvs[01:06]
    site: frankfurt
    uptime: 5d
  - names: iso01
    site: lyon
    pxe: false
    expect: []
  - {names: de01, language: de}
  - {names: ja01, language: ja}
  - {names: ps01, shell: powershell}
  - {names: old01, os: 2012 R2}
  - {names: slow01, startup: delayed}
  - {names: closed01, reach: refused}
  - {names: hole01, reach: blackhole}
"""


class Farm:
    def __init__(self, folder, scenario=SCENARIO, extra=()):
        self.folder = Path(folder)
        (self.folder / "scenario.yaml").write_text(scenario)
        ready, writer = os.pipe()
        self.socket = self.folder / "ctl"
        self.process = subprocess.Popen(
            [PVSFARM, "--scenario", self.folder / "scenario.yaml",
             "--inventory-out", self.folder / "hosts.yaml", "--control", self.socket,
             "--ready-fd", str(writer), "--die-with-parent", *extra],
            pass_fds=[writer], stderr=subprocess.PIPE)
        os.close(writer)
        with os.fdopen(ready, "rb") as pipe:
            said = pipe.readline()
        if said != b"ready\n":
            raise AssertionError(self.process.communicate(timeout=READY_S)[1].decode())
        self.inventory = yaml.safe_load((self.folder / "hosts.yaml").read_text())
        self.hosts = {}
        for group in self.inventory["all"]["children"].values():
            self.hosts.update(group["hosts"])

    def ctl(self, *words):
        done = subprocess.run([PVSFARM, "ctl", self.socket, *words], capture_output=True, text=True,
                              timeout=SSH_S)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def truth(self, host):
        return json.loads(self.ctl("truth", host))

    def argv(self, host, *options, user="audit", key=True):
        entry = self.hosts[host]
        argv = ["ssh", "-F", "none", "-p", str(entry["ansible_port"]), "-o", "ConnectTimeout=5",
                "-o", f"UserKnownHostsFile={self.folder / 'known_hosts'}",
                "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes",
                "-o", "IdentitiesOnly=yes", "-o", "NumberOfPasswordPrompts=1"]
        if key:
            argv += ["-o", "BatchMode=yes", "-i", str(self.folder / "client_key")]
        return argv + list(options) + [f"{user}@{entry['ansible_host']}"]

    def ssh(self, host, command, timeout=SSH_S, **options):
        return subprocess.run(self.argv(host, **options) + [command], capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=timeout)

    def text(self, host, command, code_page="utf-8", **options):
        done = self.ssh(host, command, **options)
        return done.stdout.decode(code_page).replace("\r\n", "\n")

    def late(self, host, line):
        """LINE by cmd.exe with delayed expansion, in UTF-8."""
        return self.text(host, f'cmd.exe /d /v:on /s /c "chcp 65001>nul&{line}"')

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=READY_S) == 0, self.process.stderr.read().decode()
        self.process.stderr.close()


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    running = Farm(tmp_path_factory.mktemp("farm"))
    yield running
    running.stop()


@pytest.fixture
def own_farm(tmp_path):
    """A farm whose clock and servers a test may bend."""
    running = Farm(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()


def rows(netstat):
    """(proto, local address, port, pid) of netstat -ano, by columns and nothing else."""
    found = []
    for line in netstat.splitlines():
        words = line.split()
        if words and words[0] in ("TCP", "UDP"):
            address, port = words[1].rsplit(":", 1)
            found.append((words[0], address, int(port), int(words[-1])))
    return found


def owners(farm, host, port, proto="UDP"):
    return [(r[1], r[3]) for r in rows(farm.text(host, "netstat -ano")) if r[0] == proto and r[2] == port]


def pid_of(farm, host, service):
    return int(re.search(r"PID\s+: (\d+)", farm.text(host, f"sc.exe queryex {service}")).group(1))


def state_of(farm, host, service):
    return int(re.search(r"(?:STATE|STATUS)\s+: (\d+)", farm.text(host, f"sc.exe queryex {service}")).group(1))


SCRIPT = """$ProgressPreference='SilentlyContinue'
try{
$o=Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop
'now '+[DateTime]::UtcNow.ToString('o')
'local '+$o.LocalDateTime.ToUniversalTime().ToString('o')
'boot '+$o.LastBootUpTime.ToUniversalTime().ToString('o')
foreach($p in Get-CimInstance -ClassName Win32_Process -ErrorAction Stop){$c='-';if($p.CreationDate){$c=$p.CreationDate.ToUniversalTime().ToString('o')};'process '+$p.ProcessId+' '+$p.ParentProcessId+' '+$c+' '+$p.Name}
}catch{'error '+$_.Exception.HResult;exit 5}
'done'
exit 0"""


def powershell(farm, host, script, **options):
    encoded = base64.b64encode(script.encode("utf-16-le")).decode()
    return farm.ssh(host, f"powershell.exe -NoProfile -NonInteractive -EncodedCommand {encoded}", **options)


def facts(farm, host, script=SCRIPT):
    """The script's lines: times by name, and processes by pid."""
    times, processes = {}, {}
    for line in powershell(farm, host, script).stdout.decode().split("\r\n"):
        words = line.split(" ", 4)
        if words[0] in ("now", "local", "boot"):
            times[words[0]] = when(words[1])
        elif words[0] == "process":
            processes[int(words[1])] = (words[4], int(words[2]), words[3])
    return times, processes


def when(text):
    """Seconds since 1970 of 2026-11-22T21:11:00.1234567Z."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{7})Z", text)
    base = datetime.strptime(match.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return base.timestamp() + int(match.group(2)) / 1e7


# ---- cmd.exe ----

def test_percent_errorlevel_is_the_old_value_and_late_errorlevel_the_new(farm):
    assert farm.late("pvs01", "sc.exe queryex Nope>nul&echo !ERRORLEVEL! %ERRORLEVEL%") == "1060 0\n"


def test_without_v_on_an_exclamation_mark_is_just_that(farm):
    assert farm.text("pvs01", 'cmd.exe /d /s /c "echo !ERRORLEVEL!"') == "!ERRORLEVEL!\n"
    assert farm.text("pvs01", "echo !ERRORLEVEL!") == "!ERRORLEVEL!\n"


def test_unknown_command_is_9009_and_says_so_on_stderr(farm):
    assert farm.late("pvs01", "nosuch 2>nul&echo !ERRORLEVEL!") == "9009\n"
    done = farm.ssh("pvs01", "nosuch /x")
    assert done.stderr.decode() == ("'nosuch' is not recognized as an internal or external command,\r\n"
                                    "operable program or batch file.\r\n")
    assert done.stdout == b"" and done.returncode == 1


def test_an_unescaped_parenthesis_closes_the_group(farm):
    good = farm.ssh("pvs01", 'cmd.exe /v:on /s /c "(echo a ^(b^) c)"')
    assert good.stdout == b"a (b) c\r\n" and good.returncode == 0
    bad = farm.ssh("pvs01", 'cmd.exe /v:on /s /c "(echo a (b) c)"')
    assert bad.stdout == b"" and bad.returncode != 0
    assert b"was unexpected at this time" in bad.stderr


def test_outside_of_a_group_a_parenthesis_is_text(farm):
    assert farm.text("pvs01", "echo a (b) c") == "a (b) c\n"


@pytest.mark.parametrize("line, answer", [
    ("echo a&echo b", "a\nb\n"),
    ("echo a & echo b", "a \nb\n"),
    ("nosuch 2>nul||echo no", "no\n"),
    ("nosuch 2>nul&&echo yes", ""),
    ("ver>nul&&echo yes", "yes\n"),
    ("echo a^&b", "a&b\n"),
    ("echo a^^b", "a^b\n"),
    ("if 1==1 echo yes", "yes\n"),
    ("if not 1==1 echo yes", ""),
    ("if 1 neq 2 echo yes", "yes\n"),
    ("if /i A==a echo yes", "yes\n"),
    ("if 1==2 (echo a) else (echo b)", "b\n"),
    ("if 1==2 echo a&echo b", ""),
    ("set x=1&echo !x!", "1\n"),
    ("set x=1&echo %x%", "%x%\n"),
    ("set x=1&(if not !x!==0 echo bad)&echo end", "bad\nend\n"),
    ("echo to nowhere>nul&echo here", "here\n"),
    ("echo 65001>nul", ""),
    ("nosuch 2>nul&echo a", "a\n"),
    ("(echo a&echo b)>nul&echo c", "c\n"),
    ("echo a|findstr b&echo !ERRORLEVEL!", "1\n"),
    ("ver|findstr Version&echo !ERRORLEVEL!", "Microsoft Windows [Version 10.0.17763.5576]\n0\n"),
    ("echo %COMSPEC%", "C:\\Windows\\system32\\cmd.exe\n"),
    ("echo.", "\n"),
    ("set x=abcdef&echo !x:~1,3!!x:cd=-!", "bcdab-ef\n"),
    ("echo @@begin a", "@@begin a\n"),
    ("C:\\Windows\\System32\\hostname.exe", "PVS01\n"),
    ("cmd /c exit 7&echo !ERRORLEVEL!", "7\n"),
])
def test_cmd_runs_a_line_by_its_own_rules(farm, line, answer):
    assert farm.late("pvs01", line) == answer


def test_stderr_goes_where_it_is_sent(farm):
    joined = farm.ssh("pvs01", "nosuch 2>&1")
    assert b"not recognized" in joined.stdout and joined.stderr == b""
    dropped = farm.ssh("pvs01", "nosuch >nul 2>&1")
    assert dropped.stdout == b"" and dropped.stderr == b""


def test_a_line_longer_than_8191_is_refused(farm):
    done = farm.ssh("pvs01", "echo " + "x" * 8187)
    assert done.returncode != 0 and b"too long" in done.stderr
    assert farm.ssh("pvs01", "echo " + "x" * 8000).stdout == b"x" * 8000 + b"\r\n"


def test_lines_end_in_crlf(farm):
    answer = farm.ssh("pvs01", "netstat -ano").stdout
    assert answer.count(b"\n") == answer.count(b"\r\n") > 120


# ---- languages and code pages ----

def test_german_output_is_in_code_page_850_until_chcp(farm):
    assert "ABH\u00d6REN" in farm.text("de01", "netstat -ano", code_page="cp850")
    assert "ABH\u00d6REN" in farm.late("de01", "netstat -ano")
    assert "HERGESTELLT" in farm.late("de01", "netstat -ano")
    assert farm.text("de01", "chcp", code_page="cp850") == "Aktive Codepage: 850.\n"


def test_japanese_output_is_in_code_page_932_until_chcp(farm):
    title = "\u30a2\u30af\u30c6\u30a3\u30d6\u306a\u63a5\u7d9a"
    assert title in farm.text("ja01", "netstat -ano", code_page="cp932")
    assert title in farm.late("ja01", "netstat -ano")
    assert "\u30b3\u30de\u30f3\u30c9" in farm.ssh("ja01", "nosuch").stderr.decode("cp932")


@pytest.mark.parametrize("host, state", [("de01", "STATUS"), ("ja01", "\u72b6\u614b")])
def test_labels_of_sc_are_localised_and_its_tokens_are_not(farm, host, state):
    answer = farm.late(host, "sc.exe queryex BNPXE")
    assert re.search(rf"^        {state}\s+: 4  RUNNING", answer, re.M)
    config = farm.late(host, "sc.exe qc BNPXE")
    assert re.search(r": 2   AUTO_START\s*$", config, re.M)
    missing = farm.late(host, "sc.exe queryex Nope&echo !ERRORLEVEL!")
    assert "FAILED 1060" in missing and missing.endswith("\n1060\n") and "exist as" not in missing


# ---- programs ----

def test_netstat_has_the_layout_of_windows(farm):
    lines = farm.text("pvs01", "netstat -ano").split("\n")
    assert lines[0] == "" and lines[1] == "Active Connections" and lines[2] == ""
    assert lines[3] == "  Proto  Local Address          Foreign Address        State           PID"
    listening = next(line for line in lines if ":135 " in line)
    assert re.fullmatch(r"  TCP    0\.0\.0\.0:135            0\.0\.0\.0:0              LISTENING       \d+", listening)
    udp = next(line for line in lines if ":67 " in line)
    assert re.fullmatch(r"  UDP    0\.0\.0\.0:67             \*:\*                                    \d+", udp)
    assert re.search(r"^  UDP    \[fe80::[0-9a-f:]+%\d+\]:1900  \*:\*", "\n".join(lines), re.M)
    assert re.search(r" TIME_WAIT       0$", "\n".join(lines), re.M)


def test_a_server_has_at_least_120_bindings_and_40_ephemeral_udp_ports(farm):
    found = rows(farm.text("pvs01", "netstat -ano"))
    assert len(set(found)) >= 120
    ephemeral = [r for r in found if r[0] == "UDP" and r[2] >= 49152 and "fe80" not in r[1]]
    assert len(ephemeral) == 40
    ports = {r[2] for r in found if r[0] == "UDP"}
    assert {67, 69, 123, 137, 138, 500, 4011, 4500, 5353, 5355}.issubset(ports)
    assert set(range(6890, 6931)).issubset(ports)
    assert len(found) > len(set(found)), "identical rows repeat"
    assert len({r[3] for r in found if r[:1] + r[2:3] == ("UDP", 5353)}) == 3


def test_ports_belong_to_the_processes_of_pvs(farm):
    _, processes = facts(farm, "pvs01")
    found = rows(farm.text("pvs01", "netstat -ano"))
    image = {port: processes[pid][0] for proto, _, port, pid in found if proto == "UDP" and pid in processes}
    assert image[67] == image[4011] == "BNPXE.exe" and image[69] == "BNTFTP.exe"
    assert image[6910] == "StreamProcess.exe" and image[6895] == "Inventory.exe"
    assert image[6898] == "MgmtDaemon.exe"
    stream = pid_of(farm, "pvs01", "StreamService")
    children = {name for name, parent, _ in processes.values() if parent == stream}
    assert {"StreamProcess.exe", "Inventory.exe", "Notifier.exe", "MgmtDaemon.exe"} == children
    pids = list(processes)
    assert len(pids) == len(set(pids)) > 40 and all(pid % 4 == 0 for pid in pids)


def test_netstat_filters_by_protocol(farm):
    assert {r[0] for r in rows(farm.text("pvs01", "netstat -ano -p UDP"))} == {"UDP"}
    assert all("[" not in r[1] for r in rows(farm.text("pvs01", "netstat -ano -p UDP")))
    assert all("[" in r[1] for r in rows(farm.text("pvs01", "netstat -ano -p UDPv6")))
    assert farm.ssh("pvs01", "netstat -x").returncode == 1


def test_sc_queryex_has_the_layout_of_windows(farm):
    lines = farm.text("pvs01", "sc.exe queryex BNPXE").split("\n")
    assert lines[0] == "" and lines[1] == "SERVICE_NAME: BNPXE "
    assert lines[2].startswith("        TYPE               : 10  WIN32_OWN_PROCESS")
    assert lines[3].startswith("        STATE              : 4  RUNNING")
    assert re.fullmatch(r" {32}\([A-Z_, ]+\)", lines[4])
    assert lines[5] == "        WIN32_EXIT_CODE    : 0  (0x0)"
    assert farm.text("pvs01", "sc queryex bnpxe").split("\n")[1:3] == lines[1:3]


def test_sc_of_an_absent_service_is_1060(farm):
    done = farm.ssh("pvs01", "sc.exe queryex Nope")
    assert done.stdout.startswith(b"[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n\r\n")
    assert done.returncode == 1060 % 256
    assert farm.late("pvs01", "sc.exe qc Nope 4096>nul&echo !ERRORLEVEL!") == "1060\n"


def test_reg_query_prints_keys_values_and_errors_as_windows_does(farm):
    key = r"HKLM\SOFTWARE\Citrix\ProvisioningServices\Wizard"
    answer = farm.text("pvs01", f"reg query {key}")
    assert answer.startswith("\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard\n")
    assert "    DHCPType    REG_DWORD    0x40000000\n" in answer
    assert "    PXEType    REG_DWORD    0x1\n" in answer and answer.endswith("\n\n")
    iso = farm.text("iso01", f"reg query {key}")
    assert "    PXEType    REG_DWORD    0x40000000\n" in iso
    absent = farm.ssh("pvs01", r"reg query HKLM\SYSTEM\CurrentControlSet\Control /v AutoStartDelay")
    assert absent.returncode == 1 and absent.stdout == b""
    assert absent.stderr.startswith(b"ERROR: The system was unable to find")
    services = r"HKLM\SYSTEM\CurrentControlSet\Services"
    assert "    Start    REG_DWORD    0x2\n" in farm.text("pvs01", rf"reg query {services}\BNPXE /v Start")
    assert farm.ssh("pvs01", rf"reg query {services}\Nope /v Start").returncode == 1
    addresses = farm.text("pvs01", rf"reg query {services}\Tcpip\Parameters\Interfaces /s")
    assert "    IPAddress    REG_MULTI_SZ    10.20.0.10\n" in addresses
    assert "    SubnetMask    REG_MULTI_SZ    255.255.255.0\n" in addresses
    assert len(re.findall(r"^HKEY_LOCAL_MACHINE\\.*\\Interfaces\\\{", addresses, re.M)) == 2


def test_dynamic_port_range(farm):
    answer = farm.text("de01", "netsh int ipv4 show dynamicport udp", code_page="cp850")
    assert re.findall(r": (\d+)", answer) == ["49152", "16384"]


def test_tasklist_and_the_boot_event_agree_with_cim(farm):
    times, processes = facts(farm, "pvs01")
    images = re.findall(r'^"([^"]+)","(\d+)"', farm.text("pvs01", "tasklist.exe /fo csv /nh"), re.M)
    assert {int(pid): name for name, pid in images} == {pid: p[0] for pid, p in processes.items()}
    query = "*[System[Provider[@Name='Microsoft-Windows-Kernel-General']and(EventID=12)]]"
    event = farm.text("pvs01", f"wevtutil.exe qe System /c:1 /rd:true /f:xml /q:{query}")
    written = when(re.search(r"SystemTime='([^']+)'", event).group(1))
    assert abs(written - times["boot"]) < 2
    assert farm.ssh("pvs01", "wevtutil.exe qe System /q:*[System[(EventID=12]]").returncode != 0


def test_versions_of_windows(farm):
    assert farm.text("old01", "ver").strip() == "Microsoft Windows [Version 6.3.9600]"
    assert b"OpenSSH_for_Windows_7.7" in banner(farm, "pvs01")


def banner(farm, host):
    entry = farm.hosts[host]
    with socket.create_connection((entry["ansible_host"], entry["ansible_port"]), timeout=5) as s:
        return s.recv(100)


# ---- PowerShell ----

def test_powershell_tells_clock_boot_and_processes(farm):
    done = powershell(farm, "pvs02", SCRIPT)
    lines = done.stdout.decode().split("\r\n")
    assert done.returncode == 0 and lines[-2:] == ["done", ""] and done.stderr == b""
    times, processes = facts(farm, "pvs02")
    assert abs(times["now"] - times["local"]) < 1
    assert 5 * 86400 <= times["now"] - times["boot"] <= 5 * 86400 + 1000
    assert processes[4][0] == "System" and processes[0][2] == "-"
    pid = pid_of(farm, "pvs02", "BNPXE")
    assert processes[pid][0] == "BNPXE.exe" and when(processes[pid][2]) > times["boot"]


@pytest.mark.parametrize("script, stdout, code", [
    ("'a'+1", "a1\r\n", 0),
    ("$x=2;$x+3", "5\r\n", 0),
    ("\"$x-$y\"", "-\r\n", 0),
    ("if(1 -eq 2){'a'}elseif(2 -eq 2){'b'}else{'c'}", "b\r\n", 0),
    ("$null+'x'", "x\r\n", 0),
    ("try{Get-Nothing}catch{'caught'};exit 3", "caught\r\n", 3),
    ("try{(Get-CimInstance -ClassName Win32_OperatingSystem).Nope.ToString('o')}catch{'null'}", "null\r\n", 0),
    ("(Get-CimInstance -ClassName Win32_OperatingSystem).Nope", "", 0),
    ("(Get-CimInstance Win32_OperatingSystem).BuildNumber", "17763\r\n", 0),
    ("Get-CimInstance -ClassName Win32_Nope -ErrorAction Stop", "", 1),
    ("Get-Nothing", "", 1),
    ("'a' | out-null", "", 1),
    ("'it''s'", "it's\r\n", 0),
])
def test_powershell_is_small_and_honest(farm, script, stdout, code):
    done = powershell(farm, "pvs01", "$ProgressPreference='SilentlyContinue';" + script)
    assert (done.stdout.decode(), done.returncode) == (stdout, code), done.stderr
    assert (done.stderr != b"") == (code == 1)


def test_progress_noise_unless_silenced(farm):
    noisy = powershell(farm, "pvs01", "(Get-CimInstance Win32_OperatingSystem).CSName")
    assert noisy.stderr.startswith(b"#< CLIXML") and noisy.stdout == b"PVS01\r\n"


def test_powershell_as_default_shell_reads_the_line_first(farm):
    good = farm.ssh("ps01", 'cmd.exe /d /v:on /s /c "echo a&nosuch 2>nul&echo !ERRORLEVEL!"')
    assert good.stdout == b"a\r\n9009\r\n"
    assert farm.ssh("ps01", 'cmd.exe /d /s /c "echo [$x]"').stdout == b"[]\r\n"
    ampersand = farm.ssh("ps01", "hostname & hostname")
    assert ampersand.returncode != 0 and ampersand.stdout == b"" and b"ampersand" in ampersand.stderr
    assert farm.ssh("ps01", "sc queryex BNPXE").returncode != 0
    assert b"BNPXE" in farm.ssh("ps01", "sc.exe queryex BNPXE").stdout


# ---- logging in ----

def test_key_files_are_private_and_in_openssh_form(farm):
    key = farm.folder / "client_key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().startswith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    shown = subprocess.run(["ssh-keygen", "-l", "-f", key], capture_output=True, text=True, check=True)
    assert "ED25519" in shown.stdout


def password_ssh(farm, tmp_path, password, command, user="operator"):
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\necho '{password}'\n")
    askpass.chmod(0o700)
    env = dict(os.environ, SSH_ASKPASS=str(askpass), SSH_ASKPASS_REQUIRE="force", DISPLAY="none")
    argv = farm.argv("pvs01", "-o", "PubkeyAuthentication=no", user=user, key=False)
    return subprocess.run(argv + [command], capture_output=True, env=env, timeout=SSH_S,
                          stdin=subprocess.DEVNULL)


def test_a_password_is_accepted_and_a_wrong_one_refused_and_both_counted(farm, tmp_path):
    before = json.loads(farm.ctl("counts"))["auth"]["operator"]
    assert password_ssh(farm, tmp_path, "correct horse", "hostname").stdout == b"PVS01\r\n"
    wrong = password_ssh(farm, tmp_path, "wrong", "hostname")
    assert wrong.returncode == 255 and b"Permission denied" in wrong.stderr
    after = json.loads(farm.ctl("counts"))["auth"]["operator"]
    assert (after["accepted"], after["refused"]) == (before["accepted"] + 1, before["refused"] + 1)


def test_an_account_brings_its_own_rights(farm, tmp_path):
    encoded = base64.b64encode(SCRIPT.encode("utf-16-le")).decode()
    denied = password_ssh(farm, tmp_path, "correct horse", f"powershell -NoP -NonI -enc {encoded}")
    assert denied.stdout == b"error -2147217405\r\n" and denied.returncode == 5


def test_no_other_key_opens_the_door(farm, tmp_path):
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    argv = farm.argv("pvs01", "-o", "BatchMode=yes", "-i", str(other), key=False)
    done = subprocess.run(argv + ["hostname"], capture_output=True, timeout=SSH_S)
    assert done.returncode == 255 and b"Permission denied" in done.stderr


# ---- reach ----

def test_a_refused_host_refuses_and_a_black_hole_swallows(farm):
    entry = farm.hosts["closed01"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((entry["ansible_host"], entry["ansible_port"]), timeout=5)
    entry = farm.hosts["hole01"]
    with pytest.raises(TimeoutError):
        socket.create_connection((entry["ansible_host"], entry["ansible_port"]), timeout=0.2)


def test_nothing_listens_outside_of_the_loopback_device(farm):
    port = farm.hosts["pvs01"]["ansible_port"]
    shown = subprocess.run(["ss", "-Htln", f"sport = :{port}"], capture_output=True, text=True, check=True)
    local = [line.split()[3] for line in shown.stdout.splitlines()]
    assert local and all("%lo:" in address or address.startswith("127.") for address in local)


def test_forty_at_once(farm):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        names = list(pool.map(lambda _: farm.text("pvs03", "hostname"), range(40)))
    assert names == ["PVS03\n"] * 40


# ---- ctl ----

def test_a_reboot_brings_new_pids_ports_and_creation_times(own_farm):
    farm = own_farm
    before, processes = facts(farm, "pvs01")
    netstat = rows(farm.text("pvs01", "netstat -ano"))
    lsass = pid_of(farm, "pvs01", "SamSs")
    farm.ctl("clock", "+10m")
    farm.ctl("reboot", "pvs01")
    farm.ctl("clock", "+10m")
    after, rebooted = facts(farm, "pvs01")
    assert 595 < after["now"] - after["boot"] < 660 and after["boot"] > before["now"]
    assert pid_of(farm, "pvs01", "SamSs") != lsass
    new = {r[2] for r in rows(farm.text("pvs01", "netstat -ano")) if r[0] == "UDP" and r[2] >= 49152 and "fe80" not in r[1]}
    old = {r[2] for r in netstat if r[0] == "UDP" and r[2] >= 49152 and "fe80" not in r[1]}
    assert len(new) == len(old) == 40 and not new & old
    assert all(when(p[2]) >= after["boot"] for p in rebooted.values() if p[2] != "-")
    assert facts(farm, "pvs02")[0]["boot"] < before["now"] - 86400, "the others did not reboot"


def test_about_four_ephemeral_ports_change_a_night(own_farm):
    def ephemeral():
        return {r[2] for r in rows(own_farm.text("pvs01", "netstat -ano")) if r[0] == "UDP" and r[2] >= 49152}
    nights = []
    for _ in range(4):
        nights.append(ephemeral())
        own_farm.ctl("clock", "+24h")
    assert [len(a - b) for a, b in zip(nights, nights[1:])] == [4, 4, 4]


def test_lose_takes_67_and_4011_at_the_next_boot_and_a_restart_brings_them_back(own_farm):
    farm = own_farm
    farm.ctl("lose", "pvs01")
    assert len(owners(farm, "pvs01", 67)) == 1, "not before the reboot"
    farm.ctl("reboot", "pvs01")
    farm.ctl("clock", "+10m")
    assert state_of(farm, "pvs01", "BNPXE") == 4
    assert owners(farm, "pvs01", 67) == owners(farm, "pvs01", 4011) == []
    assert owners(farm, "pvs01", 69) == [("0.0.0.0", pid_of(farm, "pvs01", "BNTFTP"))]
    deaf = pid_of(farm, "pvs01", "BNPXE")
    farm.ctl("restart", "pvs01")
    pid = pid_of(farm, "pvs01", "BNPXE")
    assert pid != deaf and owners(farm, "pvs01", 67) == [("0.0.0.0", pid)]
    times, processes = facts(farm, "pvs01")
    assert when(processes[pid][2]) - times["boot"] > 590
    farm.ctl("reboot", "pvs01")
    farm.ctl("clock", "+10m")
    assert len(owners(farm, "pvs01", 67)) == 1, "only one boot was lost"


def test_lose_now_needs_no_reboot_and_may_name_another_service(own_farm):
    pid = pid_of(own_farm, "pvs01", "BNTFTP")
    own_farm.ctl("lose", "pvs01", "BNTFTP", "now")
    assert owners(own_farm, "pvs01", 69) == [] and pid_of(own_farm, "pvs01", "BNTFTP") == pid
    assert len(owners(own_farm, "pvs01", 67)) == 1


def test_services_start_by_their_startup_type(own_farm):
    farm = own_farm
    farm.ctl("reboot", "slow01", "pvs01", "iso01")
    assert state_of(farm, "pvs01", "BNPXE") == 1
    assert "1077" in farm.text("pvs01", "sc.exe queryex BNPXE")
    farm.ctl("clock", "+30s")
    assert state_of(farm, "pvs01", "BNPXE") == 4 and len(owners(farm, "pvs01", 67)) == 1
    assert state_of(farm, "slow01", "BNPXE") == 1 and owners(farm, "slow01", 67) == []
    assert "(DELAYED)" in farm.text("slow01", "sc.exe qc BNPXE")
    seen = set()
    for _ in range(26):
        farm.ctl("clock", "+5s")
        seen.add(state_of(farm, "slow01", "BNPXE"))
    farm.ctl("clock", "+60s")
    assert seen | {state_of(farm, "slow01", "BNPXE")} == {1, 2, 4}
    times, processes = facts(farm, "slow01")
    assert 120 < when(processes[pid_of(farm, "slow01", "BNPXE")][2]) - times["boot"] < 150
    assert state_of(farm, "iso01", "BNPXE") == 1 and state_of(farm, "iso01", "StreamService") == 4
    assert "DISABLED" in farm.text("iso01", "sc.exe qc BNPXE")


def test_a_changed_startup_type_counts_from_the_next_boot(own_farm):
    farm = own_farm
    farm.ctl("set", "pvs01", "startup=disabled")
    assert state_of(farm, "pvs01", "BNPXE") == 4 and "DISABLED" in farm.text("pvs01", "sc.exe qc BNPXE")
    farm.ctl("reboot", "pvs01")
    farm.ctl("clock", "+10m")
    assert state_of(farm, "pvs01", "BNPXE") == 1 and owners(farm, "pvs01", 67) == []


def test_a_clock_step_moves_the_boot_time_and_is_no_reboot(own_farm):
    before, processes = facts(own_farm, "pvs01")
    own_farm.ctl("set", "pvs01", "clock_step=+3600")
    after, stepped = facts(own_farm, "pvs01")
    assert 3599 < after["boot"] - before["boot"] < 3601 and 3600 <= after["now"] - before["now"] < 3660
    assert {pid: p for pid, p in stepped.items() if p[0] != "sshd.exe"} == {
        pid: p for pid, p in processes.items() if p[0] != "sshd.exe"}


def test_a_paused_machine_was_up_for_less_time(own_farm):
    before, processes = facts(own_farm, "pvs01")
    own_farm.ctl("clock", "+24h")
    own_farm.ctl("set", "pvs01", "pause=7200")
    after, paused = facts(own_farm, "pvs01")
    elapsed = after["now"] - before["now"]
    uptime = (after["local"] - after["boot"]) - (before["local"] - before["boot"])
    assert 86399 < elapsed < 86460 and abs(elapsed - uptime - 7200) < 1
    assert {pid for pid in paused} == {pid for pid in processes}


def test_a_rival_takes_the_port(own_farm):
    farm = own_farm
    bnpxe = pid_of(farm, "pvs01", "BNPXE")
    farm.ctl("set", "pvs01", "rival=bdntwrk.exe@0.0.0.0")
    (address, pid), = owners(farm, "pvs01", 67)
    assert address == "0.0.0.0" and pid != bnpxe and facts(farm, "pvs01")[1][pid][0] == "bdntwrk.exe"
    farm.ctl("set", "pvs01", "rival=ended@0.0.0.0")
    (_, pid), = owners(farm, "pvs01", 67)
    assert pid not in facts(farm, "pvs01")[1]
    farm.ctl("set", "pvs01", "rival=svchost.exe@172.26.240.1 shared")
    assert {a for a, _ in owners(farm, "pvs01", 67)} == {"0.0.0.0", "172.26.240.1"}
    farm.ctl("set", "pvs01", "rival=none")
    assert owners(farm, "pvs01", 67) == [("0.0.0.0", bnpxe)]


def test_dhcp_on_the_box_owns_67_and_leaves_4011_to_bnpxe(own_farm):
    farm = own_farm
    farm.ctl("set", "pvs01", "dhcp=true")
    assert owners(farm, "pvs01", 67) == [("0.0.0.0", pid_of(farm, "pvs01", "DHCPServer"))]
    assert owners(farm, "pvs01", 4011) == [("0.0.0.0", pid_of(farm, "pvs01", "BNPXE"))]
    wizard = farm.text("pvs01", r"reg query HKLM\SOFTWARE\Citrix\ProvisioningServices\Wizard")
    assert "DHCPType    REG_DWORD    0x0\n" in wizard and "PXEType    REG_DWORD    0x1\n" in wizard


def test_rights_are_taken_layer_by_layer(own_farm):
    farm = own_farm
    farm.ctl("set", "pvs01", "rights=no-sc")
    denied = farm.ssh("pvs01", "sc.exe queryex BNPXE")
    assert b"OpenService FAILED 5:" in denied.stdout and denied.returncode == 5
    assert b"[SC] OpenService FAILED 5:" in farm.ssh("pvs01", "sc.exe qc BNPXE").stdout
    assert farm.ssh("pvs01", r"reg query HKLM\SYSTEM\CurrentControlSet\Services\BNPXE /v Start").returncode == 0
    farm.ctl("set", "pvs01", "rights=no-cim,no-reg")
    assert powershell(farm, "pvs01", SCRIPT).stdout == b"error -2147217405\r\n"
    assert farm.ssh("pvs01", r"reg query HKLM\SOFTWARE\Citrix").stderr == b"ERROR: Access is denied.\r\n"
    assert farm.ssh("pvs01", "sc.exe queryex BNPXE").returncode == 0
    farm.ctl("set", "pvs01", "rights=admin")
    assert powershell(farm, "pvs01", SCRIPT).returncode == 0


def test_removed_service_replaced_machine_new_build_other_address(own_farm):
    farm = own_farm
    guid = farm.text("pvs01", r"reg query HKLM\SOFTWARE\Microsoft\Cryptography /v MachineGuid")
    farm.ctl("set", "pvs01", "installed=false", "guid=new", "build=17763.9999", "bind=127.0.0.1")
    assert "FAILED 1060" in farm.text("pvs01", "sc.exe queryex BNPXE")
    assert farm.ssh("pvs01", r"reg query HKLM\SYSTEM\CurrentControlSet\Services\BNPXE /v Start").returncode == 1
    assert owners(farm, "pvs01", 67) == []
    assert farm.text("pvs01", r"reg query HKLM\SOFTWARE\Microsoft\Cryptography /v MachineGuid") != guid
    assert "17763.9999" in farm.text("pvs01", "ver")
    farm.ctl("set", "pvs01", "installed=true")
    assert [a for a, _ in owners(farm, "pvs01", 67)] == ["127.0.0.1"]


def test_a_flapping_service_has_another_pid_at_every_look(own_farm):
    own_farm.ctl("set", "pvs01", "flapping=true")
    assert pid_of(own_farm, "pvs01", "BNPXE") != pid_of(own_farm, "pvs01", "BNPXE")


def test_the_clock_goes_back_and_uptimes_stay(own_farm):
    before, _ = facts(own_farm, "pvs01")
    own_farm.ctl("clock", "2020-01-01T00:00:00Z")
    after, _ = facts(own_farm, "pvs01")
    assert after["now"] - when("2020-01-01T00:00:00.0000000Z") < 60
    assert abs((after["now"] - after["boot"]) - (before["now"] - before["boot"])) < 60


@pytest.mark.parametrize("words", [
    ["reboot", "nosuch"], ["reboot"], ["set", "pvs01"], ["set", "pvs01", "nope=1"],
    ["set", "pvs01", "startup=often"], ["set", "pvs01", "site=x"], ["misbehave", "pvs01", "badly"],
    ["clock", "tomorrow"], ["nonsense"], ["restart", "iso01"], ["lose"],
])
def test_a_wrong_order_changes_nothing_and_says_why(farm, words):
    before = farm.ctl("truth", "pvs01")
    done = subprocess.run([PVSFARM, "ctl", farm.socket, *words], capture_output=True, text=True, timeout=SSH_S)
    assert done.returncode == 2 and len(done.stderr) > 10 and done.stdout == ""
    cut = before[:before.index("wall")]
    assert farm.ctl("truth", "pvs01").startswith(cut)


def test_patterns_name_many_servers(farm):
    assert [json.loads(line)["host"] for line in farm.ctl("counts", "pvs[02:04]").splitlines()] == [
        "pvs02", "pvs03", "pvs04"]
    assert len(farm.ctl("counts", "pvs*").splitlines()) == 6
    assert len(farm.ctl("counts", "all").splitlines()) == len(farm.hosts)


# ---- misbehaviour ----

MORE_THAN = {"big": 100_000_000, "million-rows": 40_000_000}


@pytest.mark.parametrize("kind", ["refuse", "hang-banner", "hang-kex", "hang-auth", "hang-exec"])
def test_a_server_that_hangs_or_refuses(own_farm, kind):
    own_farm.ctl("misbehave", "pvs01", kind)
    if kind == "refuse":
        done = own_farm.ssh("pvs01", "hostname")
        assert done.returncode == 255 and b"reset" in done.stderr
    else:
        with pytest.raises(subprocess.TimeoutExpired) as caught:
            own_farm.ssh("pvs01", "hostname", timeout=1)
        assert not caught.value.stdout
    assert own_farm.text("pvs02", "hostname") == "PVS02\n"
    own_farm.ctl("misbehave", "pvs01", "none")
    assert own_farm.text("pvs01", "hostname") == "PVS01\n"


def test_a_drip_is_one_byte_a_second(own_farm):
    own_farm.ctl("misbehave", "pvs01", "drip")
    process = subprocess.Popen(own_farm.argv("pvs01") + ["hostname"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    start = time.monotonic()
    first, second = os.read(process.stdout.fileno(), 100), os.read(process.stdout.fileno(), 100)
    took = time.monotonic() - start
    process.kill()
    process.communicate()
    assert (first, second) == (b"P", b"V") and 1.5 < took < 10


def test_cut_breaks_after_half_of_the_answer(own_farm):
    whole = own_farm.ssh("pvs01", "netstat -ano").stdout
    own_farm.ctl("misbehave", "pvs01", "cut")
    done = own_farm.ssh("pvs01", "netstat -ano")
    assert done.returncode == 255 and done.stdout == whole[:len(done.stdout)]
    assert abs(len(done.stdout) - len(whole) / 2) <= 1


@pytest.mark.parametrize("kind", ["big", "million-rows"])
def test_too_much_comes_in_bounded_memory(own_farm, kind):
    own_farm.ctl("misbehave", "pvs01", kind)
    count = 0
    with subprocess.Popen(own_farm.argv("pvs01") + ["netstat -ano"], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL) as process:
        while chunk := process.stdout.read(1 << 20):
            count += len(chunk)
    assert process.returncode == 0 and count > MORE_THAN[kind]
    status = Path(f"/proc/{own_farm.process.pid}/status").read_text()
    peak_kb = int(re.search(r"VmHWM:\s+(\d+)", status).group(1))
    assert peak_kb < 600_000, "with a sanitizer; about 10 MB without"


def test_endless_does_not_end(own_farm):
    own_farm.ctl("misbehave", "pvs01", "endless")
    process = subprocess.Popen(own_farm.argv("pvs01") + ["netstat -ano"], stdout=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    count = sum(len(process.stdout.read(1 << 20)) for _ in range(30))
    process.kill()
    process.communicate()
    assert count == 30 << 20
    wait_until(lambda: json.loads(own_farm.ctl("counts"))["open_sessions"] == 0)


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_garbage_has_escapes_nuls_and_invalid_utf8(own_farm):
    own_farm.ctl("misbehave", "pvs01", "garbage")
    answer = own_farm.ssh("pvs01", "netstat -ano").stdout
    assert b"\x00" in answer and b"\x1b" in answer
    with pytest.raises(UnicodeDecodeError):
        answer.decode()


def test_bad_numbers(own_farm):
    own_farm.ctl("misbehave", "pvs01", "bad-numbers")
    answer = own_farm.text("pvs01", "netstat -ano")
    assert ":-67 " in answer and "4294967296" in answer and ":65603 " in answer
    assert re.search(r"PID +: -\d+", own_farm.text("pvs01", "sc.exe queryex BNPXE"))


def test_wrong_host_key_denied_login_refused_exec_and_odd_ends(own_farm):
    farm = own_farm
    farm.ctl("misbehave", "pvs01", "wrong-host-key")
    assert b"Host key verification failed" in farm.ssh("pvs01", "hostname").stderr
    farm.ctl("misbehave", "pvs01", "deny-auth")
    assert b"Permission denied" in farm.ssh("pvs01", "hostname").stderr
    farm.ctl("misbehave", "pvs01", "no-exec")
    assert b"exec request failed" in farm.ssh("pvs01", "hostname").stderr
    for kind in ("exit-signal", "no-exit-status"):
        farm.ctl("misbehave", "pvs01", kind)
        done = farm.ssh("pvs01", "hostname")
        assert done.returncode == 255 and done.stdout == b"PVS01\r\n"
    farm.ctl("misbehave", "pvs01", "wrong-hostname")
    assert farm.text("pvs01", "hostname") == "OTHERSERVER\n"


def test_a_misbehaviour_may_last_for_some_connections_only(own_farm):
    own_farm.ctl("misbehave", "pvs01", "refuse:2")
    assert [own_farm.ssh("pvs01", "hostname").returncode for _ in range(3)] == [255, 255, 0]


# ---- the program ----

def test_the_inventory_says_what_a_client_needs(farm):
    everything = farm.inventory["all"]
    assert everything["vars"]["pvsaudit_transport"] == "ssh"
    assert everything["vars"]["pvsaudit_os"] == "windows" and everything["vars"]["ansible_user"] == "audit"
    assert Path(everything["vars"]["pvsaudit_key_file"]).read_text() == (farm.folder / "client_key").read_text()
    lyon = everything["children"]["lyon"]
    assert lyon["vars"] == {"pvsaudit_site": "lyon", "pvsaudit_expect": []} and list(lyon["hosts"]) == ["iso01"]
    known = (farm.folder / "known_hosts").read_text().splitlines()
    assert len(known) == len(farm.hosts)
    entry = farm.hosts["pvs02"]
    assert any(line.startswith(f"[{entry['ansible_host']}]:{entry['ansible_port']} ssh-ed25519 ") for line in known)


def test_one_seed_makes_one_farm(tmp_path):
    answers = []
    for seed in ("1", "1", "2"):
        folder = tmp_path / f"run{len(answers)}"
        folder.mkdir()
        running = Farm(folder, extra=("--seed", seed))
        answers.append(rows(running.text("pvs01", "netstat -ano")))
        running.stop()
    assert answers[0] == answers[1] != answers[2]


def test_ten_thousand_servers_on_several_workers(tmp_path):
    running = Farm(tmp_path, "workers: 2\nservers:\n  - names: pvs[00001:10000]\n")
    assert running.text("pvs10000", "hostname") == "PVS10000\n"
    running.ctl("lose", "pvs09999", "now")
    assert owners(running, "pvs09999", 67) == [] and len(owners(running, "pvs09998", 67)) == 1
    assert json.loads(running.ctl("counts"))["connections"] == 3
    running.stop()


def test_stop_is_clean_and_leaves_no_socket(tmp_path):
    running = Farm(tmp_path)
    own = running.argv("pvs01") + ["hostname"]
    running.ctl("misbehave", "pvs01", "hang-exec")
    hanging = subprocess.Popen(own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    wait_until(lambda: json.loads(running.ctl("counts"))["requests"] == 1)
    running.ctl("stop")
    assert not running.socket.exists()
    assert running.process.wait(timeout=READY_S) == 0, running.process.stderr.read()
    assert hanging.wait(timeout=READY_S) == 255
    running.process.stderr.close()


def test_the_farm_dies_with_its_parent(tmp_path):
    (tmp_path / "s.yaml").write_text("servers:\n  - names: pvs01\n")
    code = ("import subprocess,sys,os,time\n"
            "r,w=os.pipe()\n"
            f"p=subprocess.Popen([{str(PVSFARM)!r},'--scenario','s.yaml','--inventory-out','h.yaml','--control','c',"
            "'--ready-fd',str(w),'--die-with-parent'],pass_fds=[w])\n"
            "os.read(r,6)\nprint(p.pid,flush=True)\ntime.sleep(60)\n")
    parent = subprocess.Popen(["python3", "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text())
    wait_until(lambda: not (tmp_path / "c").exists())


@pytest.mark.parametrize("text, where", [
    ("servers:\n  - names: pvs[01:02]\n    strartup: auto\n", ":3:5: 'strartup' is no key here; did you mean 'startup'?"),
    ("servers:\n  - names: pvs01\n    startup: often\n", ":3:14: 'often' is none of"),
    ("servers:\n  - names: pvs[9:1]\n", ":2:12: "),
    ("servers:\n  - site: x\n", ":2:5: this group has no 'names'"),
    ("farm: x\n", ":1:1: this scenario has no 'servers'"),
    ("listen: 10.0.0.0/8\nservers: []\n", ":1:9: a range in 127.0.0.0/8"),
    ("servers: [\n", ":2:1: "),
    ("accounts:\n  - {name: a, colour: red}\nservers: []\n", ":2:15: 'colour' is no key here"),
])
def test_a_wrong_scenario_is_named_by_file_line_and_column(tmp_path, text, where):
    path = tmp_path / "s.yaml"
    path.write_text(text)
    done = subprocess.run([PVSFARM, "--scenario", path, "--inventory-out", tmp_path / "h", "--control",
                           tmp_path / "c"], capture_output=True, text=True, timeout=READY_S)
    assert done.returncode == 2 and f"{path}{where}" in done.stderr
    assert not (tmp_path / "c").exists() and not (tmp_path / "h").exists()


def test_every_key_stands_in_the_documentation_with_an_example():
    listed = subprocess.run([PVSFARM, "keys"], capture_output=True, text=True, check=True).stdout
    text = (ROOT / "docs" / "FARM.md").read_text()
    examples = "\n".join(re.findall(r"```(?:yaml|sh)\n(.*?)```", text, re.S))
    for line in listed.splitlines():
        kind, name = line.split()[:2]
        assert f"`{name}`" in text or f"`{name} " in text, f"{kind} {name} is not documented"
        assert re.search(rf"\b{re.escape(name)}\b", examples), f"{kind} {name} has no example"


def test_the_examples_of_the_documentation_are_valid(tmp_path):
    text = (ROOT / "docs" / "FARM.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.S)
    assert blocks
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        folder.mkdir()
        Farm(folder, block).stop()


def test_the_scenario_of_the_demo(tmp_path):
    running = Farm(tmp_path, (ROOT / "demo/farm.yaml").read_text())
    sites = running.inventory["all"]["children"]
    assert len(sites["frankfurt"]["hosts"]) == 28 and len(sites["lyon"]["hosts"]) == 12
    assert sites["lyon"]["vars"]["pvsaudit_expect"] == []
    assert "pvsaudit_expect" not in sites["frankfurt"]["vars"]
    assert len(owners(running, "pvs01", 67)) == 1 and owners(running, "pvs29", 67) == []
    assert state_of(running, "pvs29", "BNPXE") == 1
    running.stop()
