"""What the scrubbing of recordings replaces and what it keeps, on inputs that try to slip through."""
import base64
import importlib.machinery
import importlib.util
import ipaddress
import json
import os
import re
import stat
import subprocess

import pytest

from harness.programs import ROOT

TOOL = os.path.join(ROOT, "tools", "scrub-recording")


@pytest.fixture(scope="module")
def tool():
    loader = importlib.machinery.SourceFileLoader("scrub_recording", TOOL)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("scrub_recording",
                                                                            loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def scrubber(tool):
    one = tool.Scrubber(b"a key of the tests")
    one.learn_host("frapvs01.corp.contoso.com")
    one.learn_account("CONTOSO\\svc-pvs")
    one.learn_account("jdoe@CORP.CONTOSO.COM")
    one.finish_names()
    return one


@pytest.mark.parametrize("text", [
    "frapvs01", "FRAPVS01", "FraPvs01", "\\\\FRAPVS01\\store", "FRAPVS01$", "xfrapvs01y",
    "backup-frapvs01-old", "frapvs01.corp.contoso.com", "CONTOSO\\svc-pvs", "svc-pvs@contoso",
    "C:\\Users\\svc-pvs\\x", "dc=corp,dc=contoso,dc=com", "contosoprod", "JDOE", "_jdoe_",
])
def test_a_name_is_replaced_wherever_it_stands(scrubber, text):
    new = scrubber.text(text)
    assert not re.search("frapvs01|contoso|svc-pvs|jdoe", new, re.I), new


def test_one_name_has_one_replacement_in_every_case(scrubber):
    lower, upper = scrubber.text("frapvs01"), scrubber.text("FRAPVS01")
    assert lower != "frapvs01" and upper == lower.upper()
    assert scrubber.text("frapvs01.corp.contoso.com").startswith(lower + ".")


def test_what_is_packed_is_opened(scrubber):
    def packed(text, encoding):
        return base64.b64encode(text.encode(encoding)).decode()
    for encoding in ("utf-8", "utf-16-le"):
        new = base64.b64decode(scrubber.text(packed("host FRAPVS01 of CONTOSO", encoding)))
        assert new == scrubber.text("host FRAPVS01 of CONTOSO").encode(encoding)
    nothing = packed("nothing of a name is in here", "utf-16-le")
    assert scrubber.text(nothing) == nothing
    assert "FRAPVS01".encode("utf-16-le") not in \
        scrubber.raw("\ufeffFRAPVS01 \u00e4".encode("utf-16-le"))
    # UTF-16 in the middle of bytes of a code page
    assert b"F\0R\0A\0P\0V\0S\0" not in scrubber.raw(b"\x84 " + "FRAPVS01".encode("utf-16-le"))


def test_only_what_begins_with_two_backslashes_is_a_server(tool):
    one = tool.Scrubber(b"a key of the tests")
    one.learn_text('Name=\'C:\\\\ProgramData\\\\Store7\\\\x\' path "\\\\filer9\\store"')
    assert set(one.names) == {"filer9"}


def test_bytes_that_are_no_text_come_through(scrubber):
    raw = bytes(range(128, 256)) + b"frapvs01"
    assert scrubber.raw(raw).startswith(bytes(range(128, 256)))


def test_words_of_windows_are_kept(tool):
    one = tool.Scrubber(b"a key of the tests")
    one.learn_host("citrix")
    one.learn("account", "audit")
    one.finish_names()
    text = "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices pvsaudit"
    assert one.text(text) == text
    assert one.protected == {"citrix"}
    assert "audit" not in one.text("user audit")


def test_what_windows_cuts_stays_the_beginning(tool):
    one = tool.Scrubber(b"a key of the tests")
    one.learn_host("averylongservername")
    one.learn_host("AVERYLONGSERVER")
    one.finish_names()
    long, cut = one.text("averylongservername"), one.text("AVERYLONGSERVER")
    assert len(cut) == 15 and long.startswith(cut.lower()) and long != cut.lower()


@pytest.mark.parametrize("kept", [
    "0.0.0.0:67", "127.0.0.1", "[::]:67", "::1", "255.255.255.0", "169.254.7.9", "224.0.0.251",
    "Version 7.15.3.2", '"pvs_build": "7.41.0.26"', "[Version 10.0.17763.5576]", "10.0.17763", "12:34:56", "00:00:00:00:00:00",
    "NT AUTHORITY\\NetworkService", "LocalSystem", "BNPXE", "StreamService", "S-1-5-18",
    "S-1-5-32-544", "00000000-0000-0000-0000-000000000000", "udp/6910", "2026-11-22T03:00:12.5Z",
])
def test_what_says_nothing_of_a_site_is_kept(scrubber, kept):
    assert scrubber.text(kept) == kept


def test_addresses_keep_their_networks(scrubber):
    def new(text):
        return ipaddress.ip_address(scrubber.text(text))
    one, two, other = new("10.20.3.11"), new("10.20.3.12"), new("10.21.3.11")
    assert len({one, two, other}) == 3 and str(one) != "10.20.3.11"
    net = ipaddress.ip_network(f"{one}/24", strict=False)
    assert two in net and other not in net and net.subnet_of(ipaddress.ip_network("10.0.0.0/8"))
    assert new("172.20.1.1") in ipaddress.ip_network("172.16.0.0/12")
    assert new("192.168.9.1") in ipaddress.ip_network("192.168.0.0/16")
    public = [new(f"93.184.{n}.34") for n in range(200)] + [new(f"{n}.1.1.1") for n in range(1, 9)]
    assert len(set(public)) == 208
    assert all(address.is_global or not address.is_private for address in public)
    linked = new("fe80::1c2d:3e4f:5a6b:7c8d")
    assert linked.is_link_local and str(linked) != "fe80::1c2d:3e4f:5a6b:7c8d"
    six, seven = new("2a02:908:1:2::5"), new("2a02:908:1:2::6")
    assert int(six) >> 64 == int(seven) >> 64 and six != seven


def test_addresses_are_found_in_every_neighbourhood(scrubber):
    text = scrubber.text("10.20.0.11\\010.20.0.12 [2a02:908::5]:67 fe80::abcd:1%7 (10.20.0.13),10.20.0.14."
                         " build01 10.20.0.15 version of 10.20.0.16")
    for old in ("10.20.0.11", "10.20.0.12", "10.20.0.13", "10.20.0.14", "10.20.0.15", "10.20.0.16", "2a02:908", "abcd:1"):
        assert old not in text, text
    assert text.count("\\0") == 1 and "]:67" in text and "%7" in text


def test_identities_are_replaced(scrubber):
    text = ("2f4c1a7e-9d1b-4a51-8f53-0a6d1c9e7b42 {2F4C1A7E-9D1B-4A51-8F53-0A6D1C9E7B42} "
            "S-1-5-21-1004336348-1177238915-682003330-512 S-1-5-21-1004336348-1177238915-682003330-1104 "
            "00-15-5D-01-02-03 00:15:5d:01:02:03 0123456789abcdef0123456789abcdef "
            "<SerialNumber>VMware-56 4d</SerialNumber>")
    new = scrubber.text(text).split()
    assert new[1][1:-1] == new[0].upper() and new[0] != text.split()[0]
    assert new[2].endswith("-512") and not new[3].endswith("-1104")
    assert new[2].rsplit("-", 1)[0] == new[3].rsplit("-", 1)[0]
    for old in ("1004336348", "15-5D-01", "15:5d:01", "0123456789abcdef", "VMware"):
        assert old not in " ".join(new), new


def stream(piece):
    return ('<s:Envelope><s:Body><rsp:ReceiveResponse><rsp:Stream Name="stdout" CommandId="1">'
            f'{base64.b64encode(piece).decode()}</rsp:Stream></rsp:ReceiveResponse></s:Body>')


def recording(host="frapvs01.contoso.com"):
    output = b"@@begin netstat\r\n  UDP  10.20.0.11:67 *:* 1\r\n FRAPVS01 \x84\r\n@@end netstat 0\r\n"
    cut = output.index(b"FRAPVS01") + 3
    return [{"recording": 1, "tries": 1, "host": host, "os": "windows", "transport": "winrm",
             "kind": "full", "time": "2026-11-22T03:00:12Z"},
            {"exchanges": 3, "time": "2026-11-22T03:00:12Z", "principal": "svc@CONTOSO.COM",
             "address": "10.20.0.11", "detail": "frapvs01 is well"},
            {"asked": "a", "status": 200, "answer": {"hex": "FRAPVS01 äöü".encode("utf-16").hex()}},
            {"asked": "b", "status": 200, "answer": stream(output[:cut])},
            {"asked": "c", "status": 200, "answer": stream(output[cut:])}]


def scrub(folder, *options):
    source = folder / "from"
    if not source.exists():
        source.mkdir()
        (source / "frapvs01.contoso.com~2.jsonl").write_text(
            "".join(json.dumps(line) + "\n" for line in recording()))
    return subprocess.run([TOOL, *options, source, folder / "to"], capture_output=True, text=True,
                          timeout=60)


def test_a_name_that_is_cut_between_two_answers_is_replaced(tmp_path):
    done = scrub(tmp_path, "--seed", "1")
    assert done.returncode == 0, done
    [path] = (tmp_path / "to").iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    output = b"".join(base64.b64decode(re.search('CommandId="1">([^<]*)<', line["answer"]).group(1))
                      for line in lines[3:])
    name = lines[0]["host"].split(".")[0]
    assert b"frapvs01" not in output.lower() and f" {name.upper()} ".encode() in output
    assert b"\x84" in output and output.endswith(b"@@end netstat 0\r\n")
    assert lines[1]["address"].encode() + b":67" in output
    assert bytes.fromhex(lines[2]["answer"]["hex"]).decode("utf-16") == f"{name.upper()} äöü"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == f"{lines[0]['host']}~2.jsonl"
    assert "contoso" not in path.read_text().lower()


def test_the_same_key_gives_the_same_and_another_another(tmp_path):
    texts = []
    for number, options in enumerate((["--seed", "1"], ["--seed", "1"], ["--seed", "2"],
                                      ["--key", tmp_path / "key"], ["--key", tmp_path / "key"], [])):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert scrub(folder, *options).returncode == 0
        texts.append([path.read_text() for path in (folder / "to").iterdir()])
    assert texts[0] == texts[1] and texts[3] == texts[4]
    assert len({str(text) for text in texts}) == 4
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_what_was_replaced_is_told(tmp_path):
    done = scrub(tmp_path, "--seed", "1", "--name", "well")
    assert "host: 1 replaced" in done.stdout and "IPv4 address: 1 replaced" in done.stdout
    assert "name: 1 replaced" in done.stdout and "frapvs01" not in done.stdout


def test_nothing_is_written_over(tmp_path):
    assert scrub(tmp_path).returncode == 0
    before = [path.read_text() for path in (tmp_path / "to").iterdir()]
    assert scrub(tmp_path).returncode != 0
    assert [path.read_text() for path in (tmp_path / "to").iterdir()] == before
