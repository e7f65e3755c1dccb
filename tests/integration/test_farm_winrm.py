"""The WinRM side of the simulated farm, asked by clients that are not ours: HTTP, logins, sealed bodies."""
import http.client
import re
import socket
import ssl
import stat
import subprocess
import time

import pytest

from harness.farm import Farm
from harness.foreign import BasicClient, Refused, curl, legacy_openssl, pywinrm, run_gss
from harness.kdc import Kdc
from harness.programs import program
from harness.wsman import IDENTIFY, Answer, enumerate_request, items_of

PASSWORD = "correct horse"
SCENARIO = """\
farm: lab
seed: 7
start: 2026-11-22T20:00:00Z
realm: EXAMPLE.TEST
accounts:
  - {name: audit, password: "correct horse"}
  - {name: nobody, password: "no rights", rights: filtered}
servers:
  - names: pvs[01:12]
    transport: winrm
    scheme: [http, https]
    auth: kerberos
    offers: [negotiate, kerberos, basic]
    os: 2019
  - {names: ssh01, transport: ssh, account: audit}
"""
QUERY = enumerate_request("root/cimv2/*", "select Name, State from Win32_Service where Name='BNPXE'")


@pytest.fixture(scope="module")
def kdc(tmp_path_factory):
    with Kdc(tmp_path_factory.mktemp("kdc")) as running:
        running.user("audit", PASSWORD)
        running.user("stranger", PASSWORD)
        running.keytab(running.folder + "/farm.keytab",
                       [f"{service}/pvs{n:02}" for n in range(1, 13) for service in ("HTTP", "WSMAN")] +
                       ["HTTP/pvs01.lab.example", "HTTP/127.80.0.2"])
        running.kinit("audit", PASSWORD)
        yield running


@pytest.fixture(scope="module")
def farm(kdc, tmp_path_factory):
    with Farm(tmp_path_factory.mktemp("farm"), SCENARIO, seed=7,
              extra=("--keytab", kdc.folder + "/farm.keytab"), environment=kdc.environment) as running:
        yield running


@pytest.fixture
def bent(farm):
    """farm.ctl set and misbehave for one test; afterwards the server is what it was."""
    used = set()

    def bend(host, *words):
        used.add(host)
        farm.ctl(*(("misbehave", host, *words) if len(words) == 1 and "=" not in words[0]
                   else ("set", host, *words)))
    yield bend
    for host in used:
        farm.ctl("misbehave", host, "none")
        farm.ctl("set", host, "offers=negotiate,kerberos,basic", "unencrypted=false", "cbt=relaxed",
                 "spn=both", "wire=as-windows", "rights=admin", "os=2019")


def users_file(farm, user="audit", password=PASSWORD, domain="LAB"):
    path = f"{farm.folder}/client_{user}_{domain}_{abs(hash(password)) % 1000}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{domain}:{user}:{password}\n")
    return {"NTLM_USER_FILE": path}


def job(farm, host, mechanism="kerberos", texts=(IDENTIFY,), scheme="http", **options):
    entry = farm.hosts[host]
    return {"address": entry["ansible_host"], "port": port_of(farm, scheme), "host": host,
            "mechanism": mechanism, "texts": list(texts),
            **({"tls": f"{farm.folder}/ca.pem"} if scheme == "https" else {}), **options}


def port_of(farm, scheme):
    return next(keys["pvsaudit_port"] for keys in farm.hosts.values() if keys.get("pvsaudit_scheme") == scheme)


def gss(farm, kdc, *jobs, **environment):
    return run_gss({**kdc.environment, **users_file(farm), **environment}, list(jobs))


def basic(farm, host="pvs02", user="audit", password=PASSWORD):
    return BasicClient(farm.hosts[host]["ansible_host"], port_of(farm, "https"), user, password,
                       f"{farm.folder}/ca.pem")


def url(farm, host, scheme):
    return f"{scheme}://{farm.hosts[host]['ansible_host']}:{port_of(farm, scheme)}/wsman"


# ---- HTTP ----

def post(farm, host="pvs01", body=b"", headers=None, path="/wsman", method="POST"):
    connection = http.client.HTTPConnection(farm.hosts[host]["ansible_host"], port_of(farm, "http"), timeout=10)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer, answer.read()


def test_a_401_offers_what_the_server_takes_in_lines_or_in_one_list(farm, bent):
    answer, _ = post(farm)
    assert answer.status == 401 and answer.reason == ""
    assert answer.headers.get_all("WWW-Authenticate") == ["Negotiate", "Kerberos"], "Basic only where it may be"
    bent("pvs01", "unencrypted=true")
    assert post(farm)[0].headers.get_all("WWW-Authenticate") == ["Negotiate", "Kerberos", 'Basic realm="WSMAN"']
    bent("pvs01", "wire=comma-challenge", "offers=negotiate,basic")
    assert post(farm)[0].headers.get_all("WWW-Authenticate") == ['Negotiate, Basic realm="WSMAN"']


def test_other_paths_and_methods_are_refused(farm):
    assert post(farm, path="/other")[0].status == 404
    assert post(farm, method="GET")[0].status == 405
    assert post(farm, path="/WSMAN?PSVersion=5.1")[0].status == 401


@pytest.mark.parametrize("raw, status", [
    (b"POST /wsman HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", 400),
    (b"POST /wsman HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST /wsman HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    (b"POST /wsman HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (b"POST /wsman HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
    (b"POST /wsman HTTP/1.1\r\nX: " + b"y" * 200000 + b"\r\n\r\n", 431),
    (b"POST /wsman HTTP/2.0\r\n\r\n", 400),
    (b"nonsense\r\n\r\n", 400),
])
def test_a_request_that_cannot_be_read_ends_the_connection(farm, raw, status):
    with socket.create_connection((farm.hosts["pvs01"]["ansible_host"], port_of(farm, "http")), timeout=10) as s:
        try:
            s.sendall(raw)
        except ConnectionError:
            pass  # it was answered and closed while we still sent
        answer = b""
        try:
            while chunk := s.recv(65536):
                answer += chunk
        except ConnectionError:
            pass
    assert answer.startswith(b"HTTP/1.1 %d " % status) and b"Connection: close" in answer


def test_chunked_bodies_and_expect_are_taken(farm):
    client = basic(farm)
    client.http.putrequest("POST", "/wsman")
    for name, value in {**client.headers, "Transfer-Encoding": "chunked", "Expect": "100-continue"}.items():
        client.http.putheader(name, value)
    client.http.endheaders()
    text = IDENTIFY.encode()
    for piece in (text[:7], text[7:100], text[100:]):
        client.http.send(b"%x;note=1\r\n%s\r\n" % (len(piece), piece))
    client.http.send(b"0\r\nTrailer: x\r\n\r\n")
    answer = client.http.getresponse()
    assert answer.status == 200 and b"IdentifyResponse" in answer.read()
    assert client.send(IDENTIFY)[0] == 200, "and the connection lives on"


def test_a_body_in_single_bytes_is_the_same_body(farm):
    client = basic(farm)
    client.http.connect()
    head = "".join(f"{name}: {value}\r\n" for name, value in client.headers.items())
    text = IDENTIFY.encode()
    for byte in f"POST /wsman HTTP/1.1\r\n{head}Content-Length: {len(text)}\r\n\r\n".encode() + text:
        client.http.sock.sendall(bytes([byte]))
    assert client.http.sock.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_identify_needs_no_login_where_it_is_asked_that_way(farm):
    answer, body = post(farm, body=IDENTIFY.encode(), headers={"WSMANIDENTIFY": "unauthenticated"})
    assert answer.status == 200 and b"OS: 0.0.0 SP: 0.0 Stack: 3.0" in body
    assert post(farm, path="/wsman-anon/identify", body=IDENTIFY.encode())[0].status == 200
    answer, body = post(farm, body=QUERY.encode(), headers={"WSMANIDENTIFY": "unauthenticated"})
    assert answer.status == 500 and b'Code="5"' in body, "and nothing else is"


# ---- Basic ----

def test_basic_over_https_alone_unless_unencrypted_is_allowed(farm, bent):
    status, text = basic(farm).send(IDENTIFY)
    assert status == 200 and "OS: 10.0.17763 SP: 0.0 Stack: 3.0" in text
    with pytest.raises(Refused) as refused:
        basic(farm, password="wrong").send(IDENTIFY)
    assert refused.value.status == 401
    plain = BasicClient(farm.hosts["pvs01"]["ansible_host"], port_of(farm, "http"), "audit", PASSWORD, None)
    assert plain.post(IDENTIFY.encode())[0] == 401
    bent("pvs01", "unencrypted=true")
    assert plain.post(IDENTIFY.encode())[0] == 200


def test_curl_with_basic_and_with_negotiate_over_https(farm, kdc):
    options = ["--cacert", f"{farm.folder}/ca.pem"]
    target = url(farm, "pvs02", "https")
    status, head, body = curl(target, IDENTIFY, *options, "--basic", "-u", f"audit:{PASSWORD}")
    assert status == 200 and "IdentifyResponse" in body
    assert curl(target, IDENTIFY, *options, "--basic", "-u", "audit:wrong")[0] == 401
    # Negotiate for an address: there is a principal of that name, and curl asks for it.
    status, head, body = curl(target, IDENTIFY, *options, "--negotiate", "-u", ":", environment=kdc.environment)
    assert status == 200 and "IdentifyResponse" in body, head
    ntlm = {**users_file(farm), "KRB5CCNAME": "FILE:/nonexistent", "KRB5_CONFIG": kdc.config}
    assert curl(target, IDENTIFY, *options, "--negotiate", "-u", ":", environment=ntlm)[0] == 200


# ---- the certificate ----

def test_the_certificate_names_the_host_and_its_address(farm):
    context = ssl.create_default_context(cafile=f"{farm.folder}/ca.pem")
    address = farm.hosts["pvs04"]["ansible_host"]
    for name in ("pvs04", address):
        with socket.create_connection((address, port_of(farm, "https")), timeout=10) as raw:
            with context.wrap_socket(raw, server_hostname=name) as tls:
                names = tls.getpeercert()["subjectAltName"]
    assert set(names) == {("DNS", "pvs04"), ("IP Address", address)}
    with socket.create_connection((address, port_of(farm, "https")), timeout=10) as raw:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(raw, server_hostname="pvs05")


@pytest.mark.parametrize("kind, words", [("wrong-ca", "unable to get local issuer|self.signed"),
                                         ("wrong-cert-name", "IP address mismatch"),
                                         ("expired-cert", "certificate has expired")])
def test_a_certificate_that_must_not_be_trusted(farm, bent, kind, words):
    bent("pvs02", kind)
    with pytest.raises(ssl.SSLCertVerificationError, match=words):
        basic(farm).send(IDENTIFY)


def test_one_certificate_for_a_server_as_long_as_the_farm_lives(farm):
    address = (farm.hosts["pvs04"]["ansible_host"], port_of(farm, "https"))
    assert ssl.get_server_certificate(address) == ssl.get_server_certificate(address)
    other = (farm.hosts["pvs06"]["ansible_host"], port_of(farm, "https"))
    assert ssl.get_server_certificate(address) != ssl.get_server_certificate(other)


def test_the_end_of_tls_is_the_end_of_the_connection(farm):
    before = farm.counts()["open_sessions"]
    client = basic(farm)
    client.http.connect()
    assert farm.counts()["open_sessions"] == before + 1
    client.http.sock.settimeout(5)
    try:
        client.http.sock.unwrap()
    except OSError as error:
        assert not isinstance(error, TimeoutError)
    end = time.monotonic() + 5
    while farm.counts()["open_sessions"] > before:
        assert time.monotonic() < end
        time.sleep(0.02)


# ---- logging in by GSSAPI ----

@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("mechanism", ["kerberos", "spnego", "ntlm"])
def test_every_mechanism_over_both_schemes(farm, kdc, mechanism, scheme):
    before = farm.counts()["auth"]["audit"]
    answer, = gss(farm, kdc, job(farm, "pvs03", mechanism, (IDENTIFY, QUERY, IDENTIFY), scheme))
    assert "error" not in answer, answer
    assert [status for status, _ in answer["answers"]] == [200] * 3
    assert Answer(answer["answers"][1]).items == [{"Name": "BNPXE", "State": "Running"}]
    after = farm.counts()["auth"]["audit"]
    name = "ntlm" if mechanism == "ntlm" else "kerberos"
    assert after["accepted"] == before["accepted"] + 1
    assert after[name]["accepted"] == before.get(name, {"accepted": 0})["accepted"] + 1


def test_python3_winrm_runs_netstat_sealed_over_http_and_over_https(farm, tmp_path):
    environment = legacy_openssl(tmp_path)
    for host, scheme in (("pvs01", "http"), ("pvs02", "https")):
        done = pywinrm(environment, url(farm, host, scheme), "audit", PASSWORD, "netstat", "-ano",
                       ca=f"{farm.folder}/ca.pem")
        assert done.get("code") == 0 and "  UDP    0.0.0.0:67 " in done["out"], done
    refused = pywinrm(environment, url(farm, "pvs01", "http"), "audit", "wrong", "hostname")
    assert "rejected" in refused["error"]


def test_no_envelope_stands_in_the_clear_on_the_http_port(farm, kdc, tmp_path):
    seen = Relay((farm.hosts["pvs01"]["ansible_host"], port_of(farm, "http")))
    with seen:
        for mechanism in ("kerberos", "spnego", "ntlm"):
            task = job(farm, "pvs01", mechanism, (IDENTIFY, QUERY, enumerate_request("root/nowhere/X")))
            answer, = gss(farm, kdc, {**task, "address": "127.0.0.1", "port": seen.port})
            assert [status for status, _ in answer["answers"]] == [200, 200, 500], answer
        done = pywinrm(legacy_openssl(tmp_path), f"http://127.0.0.1:{seen.port}/wsman", "audit", PASSWORD, "ver")
        assert "Microsoft Windows" in done["out"]
    assert len(seen.bytes) > 5000 and b"nvelope" not in seen.bytes and b"BNPXE" not in seen.bytes


class Relay:
    """Passes every connection on to one address and keeps what went through."""

    def __init__(self, to):
        self.to, self.bytes = to, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        import threading
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def _accept(self):
        import selectors
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            with one, socket.create_connection(self.to) as other, selectors.DefaultSelector() as ready:
                ready.register(one, selectors.EVENT_READ, other)
                ready.register(other, selectors.EVENT_READ, one)
                while ready is not None:
                    for key, _ in ready.select():
                        try:
                            chunk = key.fileobj.recv(65536)
                        except ConnectionError:
                            chunk = b""
                        self.bytes += chunk
                        if not chunk:
                            break
                        key.data.sendall(chunk)
                    else:
                        continue
                    break

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.mark.parametrize("user, password, domain", [
    ("audit", "wrong", "LAB"), ("somebody", PASSWORD, "LAB"), ("audit", PASSWORD, "OTHER")])
def test_ntlm_refuses_another_password_user_or_domain_and_counts_it(farm, kdc, user, password, domain):
    before = farm.counts()["auth"]
    answer, = gss(farm, kdc, job(farm, "pvs01", "ntlm"), **users_file(farm, user, password, domain))
    assert answer["status"] == 401
    row = "audit" if user == "audit" else "*others*"
    after = farm.counts()["auth"]
    assert after[row]["refused"] == before[row]["refused"] + 1
    assert after[row]["ntlm"]["refused"] == before[row].get("ntlm", {"refused": 0})["refused"] + 1


def test_a_ticket_for_another_host_or_service_class_is_refused(farm, kdc, bent):
    wrong = {**job(farm, "pvs01"), "host": "pvs03"}
    assert gss(farm, kdc, wrong)[0]["status"] == 401
    fine, = gss(farm, kdc, {**job(farm, "pvs01"), "host": "pvs01.lab.example"})
    assert "error" not in fine, fine
    bent("pvs01", "spn=WSMAN")
    http_, wsman = gss(farm, kdc, job(farm, "pvs01"), job(farm, "pvs01", service="WSMAN"))
    assert http_["status"] == 401 and "error" not in wsman
    bent("pvs01", "spn=HTTP")
    http_, wsman = gss(farm, kdc, job(farm, "pvs01"), job(farm, "pvs01", service="WSMAN"))
    assert "error" not in http_ and wsman["status"] == 401


def test_a_principal_without_an_account_is_refused(farm, kdc, tmp_path):
    environment = {"KRB5CCNAME": f"FILE:{tmp_path}/other"}
    subprocess.run(["kinit", "stranger"], input=PASSWORD + "\n", text=True, check=True, capture_output=True,
                   timeout=30, env={"PATH": "/usr/bin:/bin", **kdc.environment, **environment})
    assert gss(farm, kdc, job(farm, "pvs01"), **environment)[0]["status"] == 401


def test_what_is_not_offered_is_not_taken(farm, kdc, bent):
    bent("pvs01", "offers=negotiate,kerberos,no-ntlm")
    ntlm, kerberos = gss(farm, kdc, job(farm, "pvs01", "ntlm"), job(farm, "pvs01"))
    assert ntlm["status"] == 401 and "error" not in kerberos
    bent("pvs01", "offers=negotiate")
    ntlm, kerberos, spnego = gss(farm, kdc, job(farm, "pvs01", "ntlm"), job(farm, "pvs01"),
                                 job(farm, "pvs01", "spnego"))
    assert "error" not in ntlm and kerberos["status"] == 401 and "error" not in spnego
    bent("pvs02", "offers=negotiate")
    with pytest.raises(Refused):
        basic(farm).send(IDENTIFY)


@pytest.mark.parametrize("mechanism", ["kerberos", "spnego", "ntlm"])
def test_strict_channel_binding_is_demanded_over_https(farm, kdc, bent, mechanism):
    bare = job(farm, "pvs02", mechanism, scheme="https", binding=False)
    bound = job(farm, "pvs02", mechanism, scheme="https")
    assert all("error" not in answer for answer in gss(farm, kdc, bare, bound))
    bent("pvs02", "cbt=strict")
    without, with_it = gss(farm, kdc, bare, bound)
    assert without["status"] == 401 and "error" not in with_it, (without, with_it)
    http_, = gss(farm, kdc, job(farm, "pvs02", mechanism))
    assert "error" not in http_, "there is nothing to bind to over http"


def test_the_login_belongs_to_the_connection(farm, kdc):
    with_it, = gss(farm, kdc, job(farm, "pvs01", texts=(IDENTIFY, IDENTIFY)))
    assert len(with_it["answers"]) == 2, "a request without Authorization on the same connection"
    sealed = 'multipart/encrypted;protocol="application/HTTP-Kerberos-session-encrypted";boundary="Encrypted Boundary"'
    assert post(farm, body=b"--Encrypted Boundary\r\n", headers={"Content-Type": sealed})[0].status == 401


# ---- sealed bodies ----

@pytest.mark.parametrize("mechanism", ["kerberos", "spnego", "ntlm"])
@pytest.mark.parametrize("bend, fine", [("tab", True), ("tampered", False), ("wrong-length", False),
                                        ("bare-end", False)])
def test_a_sealed_request_is_cut_by_its_lengths_and_checked(farm, kdc, mechanism, bend, fine):
    before = farm.counts("pvs05")["open_enumerations"]
    opens = enumerate_request("root/cimv2/Win32_Service", optimise=False)
    answer, = gss(farm, kdc, job(farm, "pvs05", mechanism, (opens, IDENTIFY), bend=bend))
    if fine:
        assert [status for status, _ in answer["answers"]] == [200, 200]
    else:
        assert answer["answers"] == [] and answer["status"] in (400, 500) and answer["body"] == ""
    assert farm.counts("pvs05")["open_enumerations"] - before == (1 if fine else 0)


@pytest.mark.parametrize("mechanism", ["kerberos", "ntlm"])
def test_a_plain_body_over_http_is_a_fault_and_is_not_processed(farm, kdc, bent, mechanism):
    opens = enumerate_request("root/cimv2/Win32_Service", optimise=False)
    before = farm.counts("pvs07")["open_enumerations"]
    answer, = gss(farm, kdc, job(farm, "pvs07", mechanism, (opens,), bend="plain"))
    status, text = answer["answers"][0]
    assert status == 500 and Answer((status, text)).code == 5
    assert farm.counts("pvs07")["open_enumerations"] == before
    bent("pvs07", "unencrypted=true")
    answer, = gss(farm, kdc, job(farm, "pvs07", mechanism, (opens,), bend="plain"))
    assert answer["answers"][0][0] == 200 and farm.counts("pvs07")["open_enumerations"] == before + 1


@pytest.mark.parametrize("wire", ["plain-parts", "spaced-boundary", "bare-end", "extra-crlf", "chunked", "utf-16",
                                  "plain-parts,spaced-boundary,extra-crlf,utf-16,chunked"])
def test_sealed_answers_in_every_form(farm, kdc, bent, wire):
    bent("pvs01", f"wire={wire}")
    for mechanism in ("kerberos", "spnego", "ntlm"):
        answer, = gss(farm, kdc, job(farm, "pvs01", mechanism, (IDENTIFY, QUERY)))
        assert "error" not in answer, (mechanism, answer)
        assert "BNPXE" in answer["answers"][1][1]


def test_large_answers_are_sealed_in_one_part(farm, kdc):
    everything = enumerate_request("root/standardcimv2/MSFT_NetUDPEndpoint")
    for mechanism in ("kerberos", "spnego", "ntlm"):
        answer, = gss(farm, kdc, job(farm, "pvs01", mechanism, (everything,)))
        assert len(answer["answers"][0][1]) > 100_000
        assert len(items_of([Answer(answer["answers"][0])])) > 100


# ---- many ----

def test_forty_clients_at_once_each_with_its_own_answer(farm, kdc):
    jobs = [job(farm, f"pvs{n % 12 + 1:02}", ("kerberos", "ntlm", "spnego")[n % 3], (
        enumerate_request("root/cimv2/*", "select CSName from Win32_OperatingSystem"),) * 2) for n in range(40)]
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: gss(farm, kdc, *one), [jobs[i::8] for i in range(8)]))
    for group, asked in zip(answers, [jobs[i::8] for i in range(8)]):
        for answer, task in zip(group, asked):
            names = [Answer(one).items[0]["CSName"] for one in answer["answers"]]
            assert names == [task["host"].upper()] * 2, answer


def test_a_server_lives_in_one_of_the_workers(tmp_path):
    scenario = SCENARIO.replace("seed: 7", "workers: 3")
    with Farm(tmp_path, scenario) as running:
        for host in ("pvs02", "pvs04", "pvs06"):
            clients = [basic(running, host) for _ in range(6)]
            first = Answer(clients[0].send(enumerate_request("root/cimv2/Win32_Service", optimise=False)))
            from harness.wsman import pull_request
            context = first.context
            for client in clients[1:]:
                answer = Answer(client.send(pull_request("root/cimv2/Win32_Service", context, most=1)))
                assert answer.code is None and len(answer.items) == 1, "whatever connection it comes by"
                context = answer.context
        assert running.counts()["open_enumerations"] == 3


# ---- the farm around it ----

def test_the_inventory_says_what_a_client_needs(farm, tmp_path):
    entry = farm.hosts["pvs02"]
    assert entry == {
        "ansible_host": "127.80.0.2", "pvsaudit_port": port_of(farm, "https"), "pvsaudit_transport": "winrm",
        "pvsaudit_scheme": "https", "pvsaudit_auth": "kerberos", "pvsaudit_user": "audit",
        "pvsaudit_password_file": f"{farm.folder}/password_audit", "pvsaudit_ca_file": f"{farm.folder}/ca.pem",
        "pvsaudit_realm": "EXAMPLE.TEST"}
    assert "pvsaudit_ca_file" not in farm.hosts["pvs01"] and "pvsaudit_transport" not in farm.hosts["ssh01"]
    with open(entry["pvsaudit_password_file"], encoding="utf-8") as file:
        assert file.read() == PASSWORD + "\n"
    import os
    for name in ("password_audit", "ntlm_users"):
        assert stat.S_IMODE(os.stat(f"{farm.folder}/{name}").st_mode) == 0o600
    checked = subprocess.run([program("pvsaudit"), "hosts", "check", "-i", farm.inventory],
                             capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_server_answers_on_its_own_transport_alone(farm):
    ssh = farm.hosts["ssh01"]
    for address, port in ((ssh["ansible_host"], port_of(farm, "http")),
                          (farm.hosts["pvs01"]["ansible_host"], ssh["ansible_port"])):
        with socket.create_connection((address, port), timeout=10) as s:
            try:
                s.sendall(b"POST /wsman HTTP/1.1\r\n\r\n")
                assert s.recv(100) == b""
            except ConnectionError:
                pass


def test_without_a_password_there_is_no_winrm(tmp_path):
    (tmp_path / "s.yaml").write_text("servers:\n  - {names: pvs01, transport: winrm}\n")
    done = subprocess.run([program("pvsfarm"), "--scenario", tmp_path / "s.yaml", "--inventory-out", tmp_path / "h",
                           "--control", tmp_path / "c"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "pvs01: over WinRM an account with a password is needed" in done.stderr


def test_a_keytab_without_keys_is_named(tmp_path):
    (tmp_path / "s.yaml").write_text(
        "accounts: [{name: a, password: b}]\nservers:\n  - {names: pvs01, transport: winrm}\n")
    done = subprocess.run([program("pvsfarm"), "--scenario", tmp_path / "s.yaml", "--inventory-out", tmp_path / "h",
                           "--control", tmp_path / "c", "--keytab", "/nonexistent"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "/nonexistent: Kerberos finds no key in it" in done.stderr


def test_stop_is_clean_with_connections_shells_and_enumerations_open(tmp_path):
    with Farm(tmp_path, SCENARIO) as running:
        client = basic(running)
        assert Answer(client.send(enumerate_request("root/cimv2/Win32_Service", optimise=False))).context
        half = socket.create_connection((running.hosts["pvs01"]["ansible_host"], port_of(running, "http")))
        half.sendall(b"POST /wsman HT")
        silent = socket.create_connection((running.hosts["pvs02"]["ansible_host"], port_of(running, "https")))
        end = time.monotonic() + 10
        while running.counts()["open_sessions"] < 3 and time.monotonic() < end:
            time.sleep(0.02)
        assert running.counts()["open_sessions"] == 3
        running.process.terminate()
        assert running.process.wait(timeout=20) == 0
        half.close()
        silent.close()


def test_nothing_listens_outside_of_the_loopback_device(farm):
    for scheme in ("http", "https"):
        shown = subprocess.run(["ss", "-Htln", f"sport = :{port_of(farm, scheme)}"], capture_output=True, text=True,
                               check=True)
        local = [line.split()[3] for line in shown.stdout.splitlines()]
        assert local and all(re.search(r"%lo:|^127\.", address) for address in local)
