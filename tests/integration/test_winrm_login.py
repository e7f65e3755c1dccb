"""How the collector logs in over WinRM: whose name, whose secret, and where it never appears."""
import base64
import http.server
import os
import threading

import pytest

from harness.programs import NTLM_LEAKS, Site

SECRET = "hunter2-is-secret"
QUICK = ("deadlines: {connect: 2s, handshake: 2s, auth: 2s, exec: 2s, visit: 5s}\nretry_after: 0s\n"
         "kerberos: {EXAMPLE.ORG: {kdc: ['127.0.0.1:9']}}\n")


@pytest.fixture
def refuser():
    """A server that takes nobody in; what it was told to let us in with."""
    class Refuse(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.server.authorizations.append(self.headers.get("Authorization"))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Negotiate")
            self.send_header("WWW-Authenticate", 'Basic realm="WSMAN"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    server.authorizations = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def site(folder, port, variables):
    inventory = folder / "hosts.yaml"
    inventory.write_text(
        "all:\n  vars:\n    pvsaudit_transport: winrm\n    ansible_user: svc\n" +
        "".join(f"    {line}\n" for line in variables) +
        f"  hosts:\n    pvs01: {{ansible_host: 127.0.0.1, ansible_port: {port}}}\n")
    return Site(folder, inventory, QUICK)


def everything_written(folder):
    for base, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(base, name), "rb") as file:
                yield os.path.join(base, name), file.read()


@pytest.mark.parametrize("auth", ["ntlm", "basic"])
def test_a_refused_password_appears_nowhere(tmp_path, refuser, auth):
    (tmp_path / "password").write_text(SECRET + "\n")
    (tmp_path / "password").chmod(0o600)
    here = site(tmp_path, refuser.server_address[1],
                [f"pvsaudit_auth: {auth}", "pvsaudit_allow_unencrypted: true",
                 "pvsaudit_password_file: password"])
    result = here.scan("-v", "-v", "--json", env=NTLM_LEAKS)
    assert result.code == 4, result
    assert refuser.authorizations and refuser.authorizations[0] is not None
    basic = base64.b64encode(f"svc:{SECRET}".encode()).decode()
    if auth == "basic":
        assert refuser.authorizations[0] == f"Basic {basic}"
    os.unlink(tmp_path / "password")
    forms = [SECRET.encode(), SECRET.encode("utf-16-le"), basic.encode()]
    for where, written in [("the answer", (result.out + result.err).encode()),
                           *everything_written(tmp_path)]:
        assert not any(form in written for form in forms), where


def test_neither_password_nor_ticket_of_whoever_starts_us_is_used(tmp_path, refuser):
    seen = tmp_path / "environment"
    here = site(tmp_path, refuser.server_address[1],
                ["pvsaudit_auth: ntlm", f"pvsaudit_password_command: env > {seen}; echo {SECRET}"])
    foreign = tmp_path / "foreign"
    foreign.write_text("EXAMPLE:somebody:password\n")
    result = here.scan(env=NTLM_LEAKS | {"NTLM_USER_FILE": str(foreign), "KRB5CCNAME": f"FILE:{foreign}",
                            "KRB5_CLIENT_KTNAME": str(foreign), "KEPT": "yes"})
    assert result.code == 4, result
    names = {line.split("=")[0] for line in seen.read_text().splitlines()}
    assert "KEPT" in names
    assert not names & {"NTLM_USER_FILE", "KRB5CCNAME", "KRB5_CLIENT_KTNAME"}


@pytest.mark.parametrize("variables, words", [
    (["pvsaudit_keytab: none.keytab"], ["none.keytab", "No such file", "correct the path"]),
    (["pvsaudit_ccache: none"], ["none", "No such file", "kinit -c"]),
    (["pvsaudit_auth: ntlm", "pvsaudit_password_file: none"], ["none", "correct the path"]),
    (["pvsaudit_user: svc@EXA{MPLE", "pvsaudit_keytab: none"], ["svc@EXA{MPLE", "svc@EXAMPLE.ORG"]),
])
def test_what_is_lacking_is_named_before_the_scan_begins(tmp_path, refuser, variables, words):
    result = site(tmp_path, refuser.server_address[1], variables).scan()
    assert result.code == 2, result
    assert "pvs01: " in result.err and all(word in result.err for word in words), result
    assert refuser.authorizations == []


def test_the_realms_of_the_settings_are_what_kerberos_asks(tmp_path, refuser):
    """Nobody listens on the KDC's port: what is said names the realm, and no password is asked for."""
    (tmp_path / "password").write_text(SECRET + "\n")
    (tmp_path / "password").chmod(0o600)
    here = site(tmp_path, refuser.server_address[1],
                ["pvsaudit_realm: EXAMPLE.ORG", "pvsaudit_password_file: password"])
    environment = {"KRB5_CONFIG": ""}
    result = here.scan("--json", env=environment)
    assert result.code in (3, 4), result
    assert "KDC unreachable" in result.out and "EXAMPLE.ORG" in result.out, result
    assert refuser.authorizations == []
    assert not (tmp_path / "state" / "krb5.conf").exists()
