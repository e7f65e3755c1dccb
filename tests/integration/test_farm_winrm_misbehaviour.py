"""Everything that a simulated server can do wrong over WinRM, seen from the wire."""
import base64
import http.client
import re
import socket
import time
from pathlib import Path

import pytest

from harness.farm import Farm
from harness.foreign import BasicClient, Refused, run_gss
from harness.wsman import IDENTIFY, Answer, enumerate_request, pull_request, shell_request

SCENARIO = """\
accounts: [{name: audit, password: "correct horse"}]
servers:
  - {names: "pvs[01:02]", transport: winrm, scheme: [https, http], auth: basic, offers: [negotiate, basic]}
"""
SERVICES = enumerate_request("root/cimv2/*", "select Name, State from Win32_Service")


@pytest.fixture(scope="module")
def whole_farm(tmp_path_factory):
    with Farm(tmp_path_factory.mktemp("farm"), SCENARIO) as running:
        yield running


@pytest.fixture
def farm(whole_farm):
    yield whole_farm
    whole_farm.ctl("misbehave", "all", "none")
    assert client(whole_farm).send(IDENTIFY)[0] == 200, "it behaves again"


def client(farm, timeout=10):
    entry = farm.hosts["pvs01"]
    return BasicClient(entry["ansible_host"], entry["pvsaudit_port"], "audit", "correct horse",
                       f"{farm.folder}/ca.pem", timeout)


def sealed(farm, *texts, **options):
    """The same over http, sealed by NTLM."""
    entry = farm.hosts["pvs02"]
    path = f"{farm.folder}/ntlm_client"
    Path(path).write_text("LAB:audit:correct horse\n")
    answer, = run_gss({"NTLM_USER_FILE": path}, [{
        "address": entry["ansible_host"], "port": entry["pvsaudit_port"], "host": "pvs02", "mechanism": "ntlm",
        "texts": list(texts), "timeout": 3, **options}])
    return answer


def raw(farm, text, host="pvs01", wait=0.5):
    """Whatever comes back to one request with Basic, until the end or until nothing comes for a while."""
    sender = client(farm)
    sender.http.connect()
    head = "".join(f"{name}: {value}\r\n" for name, value in sender.headers.items())
    sender.http.sock.sendall(f"POST /wsman HTTP/1.1\r\n{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
    sender.http.sock.settimeout(wait)
    got = b""
    try:
        while chunk := sender.http.sock.recv(65536):
            got += chunk
        return got, True
    except TimeoutError:
        return got, False
    finally:
        sender.close()


# ---- the connection ----

def test_refuse_and_hanging_from_the_start(farm):
    farm.ctl("misbehave", "all", "refuse")
    with pytest.raises(ConnectionError):
        client(farm).send(IDENTIFY)
    assert "Connection" in sealed(farm, IDENTIFY)["error"]
    farm.ctl("misbehave", "all", "hang-banner")
    with pytest.raises(TimeoutError):
        client(farm, 0.5).send(IDENTIFY)
    assert "TimeoutError" in sealed(farm, IDENTIFY, timeout=1)["error"]


def test_hang_auth_hang_exec_and_hang_head(farm):
    farm.ctl("misbehave", "all", "hang-auth")
    assert raw(farm, IDENTIFY) == (b"", False)
    assert sealed(farm, IDENTIFY, timeout=1)["answers"] == []
    farm.ctl("misbehave", "all", "hang-exec")
    assert raw(farm, IDENTIFY) == (b"", False)
    answer = sealed(farm, IDENTIFY, timeout=1)
    assert answer["answers"] == [] and "TimeoutError" in answer["error"], "it logs in, and then there is silence"
    farm.ctl("misbehave", "all", "hang-head")
    assert raw(farm, IDENTIFY) == (b"HTTP/1.1 200 \r\n", False)


def test_close_between_and_late_401(farm):
    farm.ctl("misbehave", "all", "close-between")
    sender = client(farm)
    assert sender.send(IDENTIFY)[0] == 200
    with pytest.raises((OSError, http.client.HTTPException)):
        sender.send(IDENTIFY)
    assert len(sealed(farm, IDENTIFY, IDENTIFY)["answers"]) == 1
    farm.ctl("misbehave", "all", "late-401")
    answer = sealed(farm, IDENTIFY, IDENTIFY)
    assert len(answer["answers"]) == 1 and answer["status"] == 401


def test_cut_and_drip(farm):
    whole, _ = raw(farm, SERVICES)
    farm.ctl("misbehave", "pvs01", "cut")
    half, ended = raw(farm, SERVICES)
    assert ended and abs(len(half) - len(whole) / 2) < 60
    farm.ctl("misbehave", "pvs01", "drip")
    sender = client(farm)
    sender.http.request("POST", "/wsman", IDENTIFY.encode(), sender.headers)
    began = time.monotonic()
    assert sender.http.sock.recv(100) + sender.http.sock.recv(100) == b"HT"
    assert 0.8 < time.monotonic() - began < 5


def test_deny_auth(farm):
    before = farm.counts()["auth"]["audit"]["refused"]
    farm.ctl("misbehave", "all", "deny-auth")
    with pytest.raises(Refused) as refused:
        client(farm).send(IDENTIFY)
    assert refused.value.status == 401 and sealed(farm, IDENTIFY)["status"] == 401
    assert farm.counts()["auth"]["audit"]["refused"] == before + 2


# ---- lengths and sizes ----

def test_a_body_of_100_mb_in_bounded_memory(farm):
    farm.ctl("misbehave", "pvs01", "big")
    sender = client(farm, 60)
    sender.http.request("POST", "/wsman", IDENTIFY.encode(), sender.headers)
    answer = sender.http.getresponse()
    assert int(answer.headers["Content-Length"]) > 100_000_000
    count = 0
    while chunk := answer.read(1 << 20):
        count += len(chunk)
    assert count == int(answer.headers["Content-Length"])
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{farm.process.pid}/status").read_text())
    assert int(peak.group(1)) < 600_000, "with a sanitizer; about 20 MB without"


def test_a_body_that_never_ends(farm):
    before = farm.counts()["open_sessions"]
    farm.ctl("misbehave", "pvs01", "endless")
    sender = client(farm, 30)
    sender.http.request("POST", "/wsman", IDENTIFY.encode(), sender.headers)
    answer = sender.http.getresponse()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert sum(len(answer.read(1 << 20)) for _ in range(30)) == 30 << 20
    answer.close()
    sender.close()
    end = time.monotonic() + 10
    while farm.counts()["open_sessions"] > before:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_lengths_that_are_wrong_or_missing(farm):
    farm.ctl("misbehave", "pvs01", "long-length")
    got, ended = raw(farm, IDENTIFY)
    head, _, body = got.partition(b"\r\n\r\n")
    assert not ended and int(re.search(rb"Content-Length: (\d+)", head).group(1)) == len(body) + 7
    farm.ctl("misbehave", "pvs01", "no-length")
    got, ended = raw(farm, IDENTIFY)
    assert ended and b"Content-Length" not in got and got.endswith(b"</s:Envelope>")
    farm.ctl("misbehave", "all", "wrong-length")
    assert re.search(r"ValueError: (no sealed body|\d+ bytes|after)|GSSError|defective|MIC", sealed(farm, IDENTIFY)["error"])


# ---- sealing ----

@pytest.mark.parametrize("kind, error", [
    ("tampered", "GSSError|BadMICError|Unknown error|MIC"), ("skipped-message", "GSSError|BadMICError|Unknown error|MIC"),
    ("wrong-boundary", "ValueError: no sealed body")])
def test_a_sealed_answer_that_must_not_be_believed(farm, kind, error):
    farm.ctl("misbehave", "all", kind)
    answer = sealed(farm, SERVICES)
    assert answer["answers"] == [] and re.search(error, answer["error"]), answer


def test_an_answer_in_the_clear_to_a_sealed_request(farm):
    farm.ctl("misbehave", "pvs02", "unsealed")
    answer = sealed(farm, SERVICES)
    assert answer["status"] == 200 and "EnumerateResponse" in answer["body"]


def test_ntlm_without_confidentiality(farm):
    farm.ctl("misbehave", "pvs02", "no-seal")
    token = b"NTLMSSP\0\1\0\0\0" + (0xe2088237).to_bytes(4, "little") + b"\0" * 16 + b"\x0a\0\x63\x45\0\0\0\x0f"
    entry = farm.hosts["pvs02"]

    def granted():
        connection = http.client.HTTPConnection(entry["ansible_host"], entry["pvsaudit_port"], timeout=5)
        connection.request("POST", "/wsman", b"", {"Authorization": "Negotiate " + base64.b64encode(token).decode()})
        challenge = base64.b64decode(connection.getresponse().headers["WWW-Authenticate"].split()[1])
        return int.from_bytes(challenge[20:24], "little")
    assert granted() & 0x20 == 0, "NTLMSSP_NEGOTIATE_SEAL is not granted"
    farm.ctl("misbehave", "pvs02", "none")
    assert granted() & 0x20


# ---- pages ----

@pytest.mark.parametrize("kind, status, words", [
    ("html-401", 401, b"Unauthorized"), ("html-413", 413, b"Entity Too Large"), ("html-503", 503, b"Service Unavailable"),
    ("redirect", 302, b"Object moved"), ("proxy", 502, b"could not be retrieved")])
def test_a_page_in_place_of_an_answer(farm, kind, status, words):
    farm.ctl("misbehave", "all", kind)
    got, headers, body = client(farm).post(IDENTIFY.encode())
    assert got == status and headers["Content-Type"].startswith("text/html") and words in body
    assert (headers["Location"] is not None) == (kind == "redirect")
    assert sealed(farm, IDENTIFY)["status"] == status


# ---- envelopes ----

def test_garbage_cut_xml_bombs_and_wells(farm):
    farm.ctl("misbehave", "pvs01", "garbage")
    _, _, body = client(farm).post(IDENTIFY.encode())
    assert len(body) == 65536 and b"\0" in body and b"\x1b" in body
    farm.ctl("misbehave", "pvs01", "cut-xml")
    _, text = client(farm).send(SERVICES)
    assert text.startswith("<s:Envelope") and not text.endswith("</s:Envelope>")
    farm.ctl("misbehave", "pvs01", "xml-bomb")
    _, text = client(farm).send(IDENTIFY)
    assert text.count("<!ENTITY") == 10 and "&x9;" in text
    farm.ctl("misbehave", "pvs01", "deep-xml")
    _, text = client(farm).send(IDENTIFY)
    assert text.count("<a>") == 100_000


def test_enumerations_that_do_not_go_on_and_that_do_not_end(farm):
    start = enumerate_request("root/cimv2/*", "select Name from Win32_Service", most=2)

    def pull(context):
        return Answer(client(farm).send(pull_request("root/cimv2/*", context, most=2)))
    farm.ctl("misbehave", "pvs01", "expired-context")
    first = Answer(client(farm).send(start))
    assert pull(first.context).code == 2150858779
    farm.ctl("misbehave", "pvs01", "same-item")
    answer = Answer(client(farm).send(start))
    for _ in range(20):
        following = pull(answer.context)
        assert following.items == answer.items and following.end is None
        answer = following
    farm.ctl("misbehave", "pvs01", "endless-context")
    answer = pull(Answer(client(farm).send(start)).context)
    while answer.items:
        answer = pull(answer.context)
    for _ in range(5):
        assert answer.context and answer.end is None and answer.items == []
        answer = pull(answer.context)


def test_faults_that_never_end_and_base64_that_is_cut(farm):
    for kind, code in (("quota", 2150859174), ("timed-out", 2150858793)):
        farm.ctl("misbehave", "pvs01", kind)
        assert Answer(client(farm).send(SERVICES)).code == code
    farm.ctl("misbehave", "pvs01", "cut-base64")
    sender = client(farm)
    shell = Answer(sender.send(shell_request("Create", "<rsp:Shell/>"))).text_of("ShellId")
    line = "<rsp:CommandLine><rsp:Command>hostname</rsp:Command></rsp:CommandLine>"
    identity = Answer(sender.send(shell_request("Command", line, shell))).text_of("CommandId")
    body = f'<rsp:Receive><rsp:DesiredStream CommandId="{identity}">stdout</rsp:DesiredStream></rsp:Receive>'
    with pytest.raises(ValueError):
        Answer(sender.send(shell_request("Receive", body, shell))).streams()


def test_another_computers_name_and_numbers_that_are_none(farm):
    name = enumerate_request("root/cimv2/*", "select CSName from Win32_OperatingSystem")
    farm.ctl("misbehave", "pvs01", "wrong-hostname")
    assert Answer(client(farm).send(name)).items == [{"CSName": "OTHERSERVER"}]
    farm.ctl("misbehave", "pvs01", "bad-numbers")
    ports = enumerate_request("root/standardcimv2/*", "select LocalPort, OwningProcess from MSFT_NetUDPEndpoint")
    answer = Answer(client(farm).send(ports))
    assert {"-67", "65603", "99999999999999999999"} <= {item["LocalPort"] for item in answer.items}
    assert {"-4", "4294967296", ""} <= {item["OwningProcess"] for item in answer.items}


def test_a_misbehaviour_may_last_for_some_connections_only(farm):
    farm.ctl("misbehave", "pvs01", "html-503:2")
    assert [client(farm).post(IDENTIFY.encode())[0] for _ in range(3)] == [503, 503, 200]


# ---- moments ----

def test_a_moment_is_that_request_alone(farm):
    start = enumerate_request("root/cimv2/*", "select Name from Win32_Service", most=2)
    farm.ctl("misbehave", "pvs01", "html-503@pull")
    first = Answer(client(farm).send(start))
    status, headers, _ = client(farm).post(pull_request("root/cimv2/*", first.context, most=2).encode())
    assert status == 503 and headers["Content-Type"].startswith("text/html")
    farm.ctl("misbehave", "pvs01", "none")
    assert Answer(client(farm).send(pull_request("root/cimv2/*", first.context, most=2))).items, \
        "what a page stands for never came to the service"
    farm.ctl("misbehave", "pvs01", "quota@pull+timed-out@enumerate")
    assert Answer(client(farm).send(start)).code == 2150858793
    assert Answer(client(farm).send(pull_request("root/cimv2/*", first.context, most=2))).code == 2150859174
    farm.ctl("misbehave", "pvs01", "close@enumerate")
    assert raw(farm, start) == (b"", True) and client(farm).send(IDENTIFY)[0] == 200
    farm.ctl("misbehave", "pvs01", "hang@enumerate")
    assert raw(farm, start) == (b"", False)


def test_heads_lengths_and_replies_that_do_not_fit(farm):
    whole, _ = raw(farm, IDENTIFY)
    body = whole.partition(b"\r\n\r\n")[2]
    farm.ctl("misbehave", "pvs01", "short-length")
    got, _ = raw(farm, IDENTIFY)
    assert f"Content-Length: {len(body) - 7}\r\n".encode() in got and got.endswith(body)
    farm.ctl("misbehave", "pvs01", "two-replies")
    got, _ = raw(farm, IDENTIFY)
    assert got.count(b"HTTP/1.1 200") == 2 and got[:len(got) // 2] == got[len(got) // 2:]
    farm.ctl("misbehave", "pvs01", "long-head")
    got, _ = raw(farm, IDENTIFY)
    assert got.count(b"X-Line-") == 20000 and got.endswith(b"\r\n\r\n")


def test_envelopes_that_lie(farm):
    start = enumerate_request("root/cimv2/*", "select Name from Win32_Service", most=2)
    for kind, pattern in (("two-answers", r"</s:Body><s:Body>"), ("many-attributes", r' a299999=""/>'),
                          ("other-message", r"RelatesTo>uuid:0{8}-0000-4000-8000-0{12}<"),
                          ("long-context", r"uuid:x{100000}<"), ("false-end", r"</w:Items><q:EndOfSequence")):
        farm.ctl("misbehave", "pvs01", kind)
        assert re.search(pattern, client(farm).send(start)[1]), kind


def test_nobody_else_is_disturbed(farm):
    farm.ctl("misbehave", "pvs02", "hang-exec")
    with socket.create_connection((farm.hosts["pvs02"]["ansible_host"], farm.hosts["pvs02"]["pvsaudit_port"])) as held:
        held.sendall(b"POST /wsman HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
        assert client(farm).send(IDENTIFY)[0] == 200
