"""A scan over a real OpenSSH server: pins, keys, the agent, and this machine itself."""
import fcntl
import json
import os
import pty
import stat
import subprocess
import termios

import pytest

from harness.programs import Site, program
from harness.sshd import Sshd, keygen

QUICK = "retry_after: 0s\n"


@pytest.fixture
def sshd(tmp_path):
    with Sshd(tmp_path / "sshd", ["127.0.0.1"]) as running:
        yield running


def site_of(tmp_path, sshd, **values):
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text("all:\n  hosts:\n" + sshd.host_lines("here", "127.0.0.1", **values))
    return Site(tmp_path, inventory, QUICK)


def newest(site):
    return json.loads(site.ask("db", "export").out.splitlines()[-1])


def test_an_unknown_host_key_is_refused_then_pinned_then_known(tmp_path, sshd):
    site = site_of(tmp_path, sshd, pvsaudit_known_hosts=None)
    assert site.scan().code == 3
    visit = newest(site)
    assert visit["reason"] == "host-key" and "--accept-new" in visit["detail"]
    assert "SHA256:" in visit["detail"]
    pins = tmp_path / "state" / "known_hosts"
    assert not pins.exists()
    site.scan("--accept-new")
    assert newest(site)["read"]
    assert stat.S_IMODE(pins.stat().st_mode) == 0o600
    assert len(pins.read_text().splitlines()) == 1
    site.scan()
    assert newest(site)["read"]
    assert not os.path.exists(os.path.expanduser("~/.ssh/known_hosts.pvsaudit"))


def test_a_changed_host_key_is_never_accepted(tmp_path, sshd):
    other = keygen(str(tmp_path / "other"))
    with open(other + ".pub", encoding="utf-8") as file:
        public = " ".join(file.read().split()[:2])
    with open(sshd.known_hosts, "w", encoding="utf-8") as file:
        file.write(f"[127.0.0.1]:{sshd.port} {public}\n")
    site = site_of(tmp_path, sshd)
    site.scan("--accept-new")
    visit = newest(site)
    assert visit["reason"] == "host-key" and "known_hosts:1" in visit["detail"]
    assert visit.get("mechanism") is None


def test_a_bad_line_of_known_hosts_is_named_and_skipped(tmp_path, sshd):
    with open(sshd.known_hosts, encoding="utf-8") as file:
        good = file.read()
    with open(sshd.known_hosts, "w", encoding="utf-8") as file:
        file.write("this is no line\n" + good)
    site = site_of(tmp_path, sshd)
    result = site.scan()
    assert "known_hosts:1" in result.err
    assert newest(site)["read"]


def test_the_agent_logs_in(tmp_path, sshd):
    socket = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        while not os.path.exists(socket):
            assert agent.poll() is None
        subprocess.run(["ssh-add", "-q", sshd.key], check=True,
                       env=dict(os.environ, SSH_AUTH_SOCK=socket), timeout=30)
        site = site_of(tmp_path, sshd, pvsaudit_auth="agent", pvsaudit_key_file=None)
        site.scan(env={"SSH_AUTH_SOCK": socket})
        visit = newest(site)
        assert visit["read"] and visit["mechanism"] == "agent"
    finally:
        agent.terminate()
        agent.wait(timeout=10)


def test_a_key_with_a_passphrase(tmp_path, sshd):
    locked = keygen(str(tmp_path / "locked"), "ed25519", "open sesame")
    with open(locked + ".pub", encoding="utf-8") as file, \
            open(sshd.key + ".pub", "a", encoding="utf-8") as authorized:
        authorized.write(file.read())
    secret = tmp_path / "passphrase"
    secret.write_text("open sesame\n")
    secret.chmod(0o600)
    site = site_of(tmp_path, sshd, pvsaudit_key_file=locked, pvsaudit_auth="key",
                   pvsaudit_password_file=secret)
    site.scan()
    assert newest(site)["read"]


def test_a_passphrase_is_asked_for_on_the_terminal(tmp_path, sshd):
    locked = keygen(str(tmp_path / "locked"), "ed25519", "open sesame")
    with open(locked + ".pub", encoding="utf-8") as file, \
            open(sshd.key + ".pub", "a", encoding="utf-8") as authorized:
        authorized.write(file.read())
    site = site_of(tmp_path, sshd, pvsaudit_key_file=locked, pvsaudit_auth="key")
    process, master, slave = on_terminal(site)
    prompt = f"Passphrase of {locked} (for ".encode()
    seen = b""
    while prompt not in seen or termios.tcgetattr(slave)[3] & termios.ECHO:
        if prompt not in seen:
            seen += os.read(master, 1024)
        assert process.poll() is None, seen
    os.write(master, b"open sesame\n")
    assert process.wait(timeout=20) == 0
    os.close(master)
    os.close(slave)
    assert newest(site)["read"]
    alone = subprocess.run(scan_words(site), capture_output=True, text=True, timeout=20,
                           stdin=subprocess.DEVNULL, start_new_session=True)
    assert alone.returncode == 2 and "open sesame" not in alone.stderr
    for word in (locked, "encrypted", "no terminal", "pvsaudit_password_file",
                 "pvsaudit_password_command", "pvsaudit_password_env"):
        assert word in alone.stderr, alone


def test_a_password_of_systemd_opens_the_key(tmp_path, sshd):
    locked = keygen(str(tmp_path / "locked"), "ed25519", "open sesame")
    with open(locked + ".pub", encoding="utf-8") as file, \
            open(sshd.key + ".pub", "a", encoding="utf-8") as authorized:
        authorized.write(file.read())
    (tmp_path / "pvs").write_text("open sesame\n")
    (tmp_path / "sshkey").write_bytes((tmp_path / "locked").read_bytes())
    site = site_of(tmp_path, sshd, pvsaudit_key_file="credential:sshkey", pvsaudit_auth="key",
                   pvsaudit_password_file="credential:pvs")
    assert site.scan(env={"CREDENTIALS_DIRECTORY": str(tmp_path)}).code == 0
    assert newest(site)["read"]
    result = site.scan()
    assert result.code == 2 and "LoadCredential=pvs:PATH" in result.err, result


def test_a_linux_host_without_expectations_is_read_and_nothing_is_judged(tmp_path, sshd):
    site = site_of(tmp_path, sshd)
    assert site.scan().code == 0
    visit = newest(site)
    sections = {name: section["outcome"] for name, section in visit["sections"].items()}
    assert {sections[name] for name in ("udp", "tcp", "processes", "boot")} == {"complete"}
    # A bare system has no machine-id: then the section says so, and nothing else suffers.
    named = os.path.exists("/etc/machine-id") and os.path.getsize("/etc/machine-id") > 0
    assert (sections["machine"] == "complete") == named
    with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
        assert visit["boot"]["boot_id"] == file.read().strip()


def test_an_expectation_of_ones_own_is_judged_on_linux(tmp_path, sshd):
    own = tmp_path / "own.yaml"
    own.write_text(f"""profile: own
os: linux
expectations:
  - id: test-sshd
    service: test-sshd
    display_name: the sshd of this test
    process: sshd
    pid_file: {sshd.folder}/sshd.0.pid
    proto: tcp
    port: {sshd.port}
    owner: self
    watch: always
    settle_running: 0s
    remedy: start it
""")
    site = site_of(tmp_path, sshd, pvsaudit_expect="[test-sshd]")
    site.scan("--expectations", own)
    rows = site.ask("status", "--json").rows
    assert [(row["expectation"], row["port"]) for row in rows] == [("test-sshd", sshd.port)]
    # A socket on loopback only is not where an expectation wants it.
    assert rows[0]["verdict"] == "wrong-address", rows


def scan_words(site):
    return [program("pvsaudit-collect"), "scan", "--config", site.settings, "--db", site.db, "-i",
            site.inventory]


def on_terminal(site):
    """A scan whose terminal is a pseudo-terminal: the process and both its ends."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        scan_words(site), stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    return process, master, slave


def test_ctrl_c_at_the_password_gives_the_echo_back(tmp_path, sshd):
    site = site_of(tmp_path, sshd, pvsaudit_auth="password", pvsaudit_key_file=None)
    process, master, slave = on_terminal(site)
    seen = b""
    while b"Password of" not in seen or termios.tcgetattr(slave)[3] & termios.ECHO:
        if b"Password of" not in seen:
            seen += os.read(master, 1024)
        assert process.poll() is None, seen
    os.write(master, b"\x03")
    assert process.wait(timeout=20) == 130
    assert termios.tcgetattr(slave)[3] & termios.ECHO
    os.close(master)
    os.close(slave)


def test_this_machine_is_read_lightly(tmp_path, sshd):
    """The same boot, the same services, and of the UDP ports those that are watched."""
    site = site_of(tmp_path, sshd, pvsaudit_expect="[kea-dhcp4, dnsmasq]")
    site.scan()
    full = newest(site)
    site.scan("--light")
    light = newest(site)
    assert (full["kind"], light["kind"]) == ("full", "light")
    assert light["boot"]["boot_id"] == full["boot"]["boot_id"]
    assert [one["name"] for one in light["services"]] == [one["name"] for one in full["services"]]
    assert set(light["sections"]) == {"udp", "services", "boot"}
    assert len(json.dumps(light)) < len(json.dumps(full)) / 2
