"""What the simulated farm's WinRM answers: WS-Enumeration, WMI classes, the registry, shells, rights, limits."""
import json
import os
import re
import time

import pytest

from harness.farm import Farm
from harness.foreign import BasicClient
from harness.wsman import (ENUMERATION, NS_DMTF, SHELL, TRANSFER, WMI, WSMAN, Answer, enumerate_all,
                           enumerate_request, envelope, invoke_request, items_of, local, pull_request,
                           release_request, shell_request)

HKLM = 2147483650
ACCESS_DENIED, WMI_DENIED, CANNOT_PROCESS_FILTER, NO_RESOURCE = 5, 2150859012, 2150858778, 2150858752
ENVELOPE_ASKED = 2150858823
NO_CONTEXT, TIMED_OUT, OPERATIONS, SHELLS, SELECTORS = 2150858779, 2150858793, 2150859174, 2150859173, 2150858843
SCENARIO = """\
farm: lab
seed: 7
start: 2026-11-22T20:00:00Z
accounts:
  - {name: audit, password: "correct horse"}
  - {name: tiera, password: x, rights: tier-a}
  - {name: tierb, password: x, rights: tier-b}
  - {name: rmu, password: x, rights: remote-management-users}
  - {name: filtered, password: x, rights: filtered}
servers:
  - names: pvs[01:04]
    transport: winrm
    scheme: https
    auth: basic
    offers: [negotiate, basic]
    os: [2019, 2022, 2025, 2016]
  - {names: old01, transport: winrm, scheme: https, auth: basic, offers: [basic], os: 2012 R2}
  - {names: old02, transport: winrm, scheme: https, auth: basic, offers: [basic], os: 2008 R2}
  - {names: old03, transport: winrm, scheme: https, auth: basic, offers: [basic], os: 2012}
  - {names: de01, transport: winrm, scheme: https, auth: basic, offers: [basic], language: de}
  - {names: two01, transport: winrm, scheme: https, auth: basic, offers: [basic], addresses: [10.1.0.5/24, 10.2.0.9/16]}
  - {names: dhcp01, transport: winrm, scheme: https, auth: basic, offers: [basic], dhcp: true}
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    with Farm(tmp_path_factory.mktemp("farm"), SCENARIO, seed=7) as running:
        yield running


@pytest.fixture
def own_farm(tmp_path):
    """A farm whose clock and servers a test may bend."""
    with Farm(tmp_path, SCENARIO, seed=7) as running:
        yield running


@pytest.fixture
def bent(farm):
    used = set()

    def bend(host, *words):
        used.add(host)
        farm.ctl("set", host, *words)
        return client(farm, host)
    yield bend
    for host in used:
        farm.ctl("set", host, "wire=as-windows", "rights=admin", "max_operations=1500", "max_shells=30",
                 "max_envelope=500", "enumeration_timeout=240", "latency=0ms")


def client(farm, host="pvs01", user="audit"):
    entry = farm.hosts[host]
    password = "correct horse" if user == "audit" else "x"
    return BasicClient(entry["ansible_host"], entry["pvsaudit_port"], user, password, f"{farm.folder}/ca.pem")


def ask(sender, text):
    return Answer(sender.send(text))


def rows(farm, resource, query=None, host="pvs01", user="audit"):
    return items_of(enumerate_all(client(farm, host, user).send, resource, query))


def run(farm, host, command, *arguments, page=65001, user="audit"):
    """Output of one command in the server's shell."""
    sender = client(farm, host, user)
    shell = ask(sender, shell_request("Create", "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams>"
                                      "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>",
                                      WINRS_CODEPAGE=page)).text_of("ShellId")
    inner = f"<rsp:Command>{command}</rsp:Command>" + "".join(
        f"<rsp:Arguments>{argument}</rsp:Arguments>" for argument in arguments)
    started = ask(sender, shell_request("Command", f"<rsp:CommandLine>{inner}</rsp:CommandLine>", shell))
    identity, state, out, code = started.text_of("CommandId"), "", b"", None
    while state != "Done":
        streams, state, code = ask(sender, receive(shell, identity)).streams()
        out += streams["stdout"]
    assert ask(sender, shell_request("Delete", shell=shell)).code is None
    return out, code


def receive(shell, command, timeout="PT60S"):
    return shell_request("Receive", f'<rsp:Receive><rsp:DesiredStream CommandId="{command}">stdout stderr'
                         "</rsp:DesiredStream></rsp:Receive>", shell, timeout)


# ---- how an enumeration is dealt out ----

def test_2012_r2_begins_with_one_item_and_goes_on_in_pulls_of_about_75_kb(farm):
    answers = enumerate_all(client(farm, "old01").send, "root/standardcimv2/MSFT_NetUDPEndpoint")
    assert len(answers[0].items) == 1 and answers[0].end is None
    sizes = [len(answer.text) for answer in answers[1:]]
    assert len(sizes) >= 2 and all(60_000 < size < 80_000 for size in sizes[:-1]), sizes
    assert answers[-1].end == ENUMERATION and len(items_of(answers)) > 100


def test_2008_r2_has_no_network_namespace_and_smaller_limits(farm):
    sender = client(farm, "old02")
    answer = ask(sender, enumerate_request("root/standardcimv2/MSFT_NetUDPEndpoint", max_size=153600))
    assert answer.code == CANNOT_PROCESS_FILTER and "ProviderFault" in answer.text
    assert ask(sender, enumerate_request("root/cimv2/Win32_Process", max_size=512000)).code == ENVELOPE_ASKED
    assert ask(sender, enumerate_request("root/cimv2/Win32_Process", max_size=153600)).code is None
    query = "select Version from Win32_OperatingSystem"
    assert ask(sender, enumerate_request("root/cimv2/*", query, max_size=153600)).items == [{"Version": "6.1.7601"}]


def test_2012_has_the_network_namespace_without_owners(farm):
    endpoints = rows(farm, "root/standardcimv2/MSFT_NetUDPEndpoint", host="old03")
    assert len(endpoints) > 100 and not any("OwningProcess" in row or "CreationTime" in row for row in endpoints)
    query = "select Version from Win32_OperatingSystem"
    assert rows(farm, "root/cimv2/*", query, "old03") == [{"Version": "6.2.9200"}]


def test_the_range_of_dynamic_ports_and_the_category_of_the_network(farm):
    query = "select DynamicPortRangeStartPort, DynamicPortRangeNumberOfPorts from MSFT_NetUDPSetting"
    assert rows(farm, "root/standardcimv2/*", query) == [
        {"DynamicPortRangeStartPort": "49152", "DynamicPortRangeNumberOfPorts": "16384"}]
    query = "select Name, NetworkCategory from MSFT_NetConnectionProfile"
    assert rows(farm, "root/standardcimv2/*", query) == [{"Name": "lab.example", "NetworkCategory": "2"}]


def test_later_versions_fill_the_envelope_that_was_asked_for(farm):
    for size in (512000, 153600, 50000):
        answers = enumerate_all(client(farm).send, "root/standardcimv2/MSFT_NetUDPEndpoint", max_size=size)
        assert all(len(answer.text.encode()) <= size for answer in answers)
        assert len(answers) == 1 or len(answers[0].text) > size * 0.9
        assert (answers[0].end == WSMAN) == (len(answers) == 1)


def test_everything_at_once_whatever_was_asked(bent):
    sender = bent("pvs01", "wire=whole")
    answer = ask(sender, enumerate_request("root/cimv2/Win32_Service", most=3, max_size=8192))
    assert len(answer.items) > 15 and answer.end == WSMAN and answer.context is None
    assert "<n:EnumerationContext></n:EnumerationContext>" in answer.text


@pytest.mark.parametrize("most", [1, 2, 7, 32000, 4_000_000_000])
def test_max_elements_is_kept_and_nothing_is_lost(farm, most):
    answers = enumerate_all(client(farm).send, "root/cimv2/*", "select Name from Win32_Service", most=most)
    assert all(len(answer.items) <= most for answer in answers)
    names = [item["Name"] for item in items_of(answers)]
    assert len(names) == len(set(names)) > 15


def test_without_optimisation_the_first_answer_has_no_items(farm):
    sender = client(farm)
    answer = ask(sender, enumerate_request("root/cimv2/Win32_Service", optimise=False))
    assert answer.elements == [] and answer.context.startswith("uuid:") and answer.end is None
    pulled = ask(sender, pull_request("root/cimv2/Win32_Service", answer.context))
    assert len(pulled.items) > 15 and pulled.end == ENUMERATION
    nothing = ask(sender, enumerate_request("root/cimv2/*", "select * from Win32_Service where Name='Nope'"))
    assert nothing.items == [] and nothing.end == WSMAN and nothing.code is None


def test_the_context_is_another_one_in_every_answer_and_an_old_one_is_a_fault(farm):
    sender = client(farm)
    first = ask(sender, enumerate_request("root/cimv2/Win32_Service", most=2))
    second = ask(sender, pull_request("root/cimv2/Win32_Service", first.context, most=2))
    third = ask(sender, pull_request("root/cimv2/Win32_Service", second.context, most=2))
    assert len({first.context, second.context, third.context}) == 3
    old = ask(sender, pull_request("root/cimv2/Win32_Service", first.context))
    assert (old.status, old.code, old.subcode) == (500, NO_CONTEXT, "n:InvalidEnumerationContext")
    assert ask(sender, release_request("root/cimv2/Win32_Service", third.context)).code is None
    assert ask(sender, pull_request("root/cimv2/Win32_Service", third.context)).code == NO_CONTEXT


def test_open_enumerations_are_counted_until_they_end_are_released_or_time_out(own_farm):
    def opened():
        assert own_farm.counts("pvs01")["open_enumerations"] == own_farm.counts()["open_enumerations"]
        return own_farm.counts()["open_enumerations"]
    sender = client(own_farm)
    start = enumerate_request("root/cimv2/Win32_Service", most=2)
    one, two, three = (ask(sender, start).context for _ in range(3))
    assert opened() == 3
    ask(sender, release_request("root/cimv2/Win32_Service", one))
    assert opened() == 2
    ask(sender, pull_request("root/cimv2/Win32_Service", two))
    assert opened() == 1, "the last item ends it"
    sender.close()
    assert opened() == 1, "the end of a connection does not"
    own_farm.ctl("set", "pvs01", "enumeration_timeout=0")
    wait_until(lambda: own_farm.counts()["open_enumerations"] == 0)  # two askings might lie on either side
    assert opened() == 0
    assert ask(client(own_farm), pull_request("root/cimv2/Win32_Service", three)).code == NO_CONTEXT


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_another_account_does_not_see_an_enumeration(farm):
    context = ask(client(farm), enumerate_request("root/cimv2/Win32_Process", most=2)).context
    assert ask(client(farm, user="tiera"), pull_request("root/cimv2/Win32_Process", context)).code == NO_CONTEXT
    assert ask(client(farm), release_request("root/cimv2/Win32_Process", context)).code is None


@pytest.mark.parametrize("wire, first, last", [("as-windows", WSMAN, ENUMERATION), ("end-w", WSMAN, WSMAN),
                                               ("end-n", ENUMERATION, ENUMERATION)])
def test_the_end_stands_in_one_namespace_or_the_other(bent, wire, first, last):
    sender = bent("pvs01", f"wire={wire}")
    whole = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem"))
    assert whole.end == first
    assert enumerate_all(sender.send, "root/cimv2/Win32_Service", most=5)[-1].end == last


# ---- limits ----

def test_too_many_operations(farm, bent):
    sender = bent("pvs02", "max_operations=3")
    start = enumerate_request("root/cimv2/Win32_Service", most=2)
    opened = [ask(sender, start) for _ in range(3)]
    refused = ask(sender, start)
    assert (refused.status, refused.code) == (500, OPERATIONS) and "maximum number of 3" in refused.text
    assert ask(client(farm, "pvs02", "tiera"), start).code is None, "the quota is each user's own"
    ask(sender, release_request("root/cimv2/Win32_Service", opened[0].context))
    assert ask(sender, start).code is None


def test_envelope_sizes_out_of_bounds(bent):
    sender = bent("pvs01", "max_envelope=150")
    for size, code in ((512000, 2150858823), (8000, 2150858823), (153600, None)):
        answer = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem", max_size=size))
        assert answer.code == code and (code is None or answer.subcode == "w:EncodingLimit")
    bent("pvs01", "max_envelope=8")
    small = ask(sender, enumerate_request("root/cimv2/*", "select CSName from Win32_OperatingSystem", max_size=8192))
    assert small.code is None, "2 kB of it are the frame's"
    wide = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem", max_size=8192))
    assert wide.code is None and len(wide.text) <= 8192


def test_an_answer_that_takes_longer_than_the_operation_timeout(bent):
    sender = bent("pvs01", "latency=1500ms")
    began = time.monotonic()
    answer = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem", timeout="PT0.5S"))
    assert (answer.code, answer.subcode) == (TIMED_OUT, "w:TimedOut") and 0.4 < time.monotonic() - began < 1.4
    began = time.monotonic()
    assert ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem")).code is None
    assert time.monotonic() - began > 1.4


# ---- questions and their faults ----

def test_the_namespaces_and_classes_that_there_are_and_are_not(farm):
    sender = client(farm)
    for resource, code in (("root/CIMV2/win32_operatingsystem", None), ("root/cimv2/Win32_Nope", NO_RESOURCE),
                           ("root/nowhere/Win32_Service", CANNOT_PROCESS_FILTER),
                           ("root/cimv2/MSFT_NetUDPEndpoint", NO_RESOURCE),
                           ("root/StandardCimv2/MSFT_NetUDPEndpoint", None)):
        assert ask(sender, enumerate_request(resource)).code == code, resource
    other = envelope(f"{ENUMERATION}/Enumerate", "http://example.org/x", "<n:Enumerate/>")
    assert ask(sender, other).code == NO_RESOURCE
    dmtf = envelope(f"{ENUMERATION}/Enumerate", f"{NS_DMTF}cim-schema/2/Win32_OperatingSystem",
                    "<n:Enumerate><w:OptimizeEnumeration/></n:Enumerate>",
                    '<w:SelectorSet><w:Selector Name="__cimnamespace">root/cimv2</w:Selector></w:SelectorSet>')
    assert len(ask(sender, dmtf).items) == 1


@pytest.mark.parametrize("query", [
    "select", "select * from", "select * form Win32_Service", "select * from Win32_Service where",
    "select * from Win32_Service where Name=", "select * from Win32_Service where Name='x", "select Name, from Win32_Service",
    "select * from Win32_Service where (Name='x'", "select * from Win32_Service where Name='x') ",
    "select * from Win32_Service where Name like 5", "select * from Win32_Service where Nope=1",
    "select Nope from Win32_Service", "select * from Win32_Nope", "delete from Win32_Service",
    "select * from Win32_Service order by Name", "select * from Win32_Service; select 1",
])
def test_a_query_that_wmi_does_not_take(farm, query):
    answer = ask(client(farm), enumerate_request("root/cimv2/*", query))
    assert (answer.status, answer.code, answer.subcode) == (500, CANNOT_PROCESS_FILTER, "n:CannotProcessFilter")


@pytest.mark.parametrize("where, names", [
    ("Name='BNPXE'", {"BNPXE"}), ("name = \"bnpxe\"", {"BNPXE"}), ("'BNPXE'=Name", {"BNPXE"}),
    ("Name='BNPXE' or Name='BNTFTP'", {"BNPXE", "BNTFTP"}),
    ("Name like 'BN%' and not State='Stopped'", {"BNPXE", "BNTFTP"}),
    ("Name like 'BN[PT]%'", {"BNPXE", "BNTFTP"}), ("Name like '_NPXE'", {"BNPXE"}), ("Name like 'BN[^T]%'", {"BNPXE", "BNBOOTP"}),
    ("(Name='BNPXE' or Name='BNTFTP') and (ProcessId > 0 and State<>'Stopped')", {"BNPXE", "BNTFTP"}),
    ("Name='BNPXE' or Name='BNTFTP' and State='Stopped'", {"BNPXE"}),
    ("Started=true and Name like 'BN%'", {"BNPXE", "BNTFTP"}), ("Started=FALSE and ExitCode=1077 and Name like 'BN%'", {"BNBOOTP"}),
    ("InstallDate is null and Name='BNPXE'", {"BNPXE"}), ("InstallDate is not null", set()), ("not Name like '%'", set()),
    ("PathName like '%\\\\BNPXE.exe%'", {"BNPXE"}), ("ProcessId='0' and Name like 'BN%'", {"BNBOOTP"}),
    ("Name!='BNPXE' and Name like 'BNP%'", set()), ("ProcessId>=0 and ProcessId<=0 and Name like 'PVS%'", {"PVSTSB"}),
])
def test_a_condition_is_obeyed(farm, where, names):
    assert {row["Name"] for row in rows(farm, "root/cimv2/*", f"select Name from Win32_Service where {where}")} == names


def test_a_wql_filter_goes_with_the_star_and_the_star_with_a_filter(farm):
    sender = client(farm)
    on_class = ask(sender, enumerate_request("root/cimv2/Win32_Service", "select * from Win32_Service"))
    assert on_class.code == CANNOT_PROCESS_FILTER
    assert ask(sender, enumerate_request("root/cimv2/*")).code == 2150858831
    xpath = enumerate_request("root/cimv2/*", "select * from Win32_Service").replace("/1/WQL", "/1/XPath")
    assert ask(sender, xpath).code == 2150858777
    bare = re.sub(r' Dialect="[^"]*"', "", enumerate_request("root/cimv2/*", "select * from Win32_Service"))
    assert ask(sender, bare).code == 2150858777


def test_what_a_windows_version_lacks_cannot_be_named(farm):
    for query in ("select Name, DelayedAutoStart from Win32_Service", "select * from Win32_Service where DelayedAutoStart=true"):
        assert ask(client(farm, "old01"), enumerate_request("root/cimv2/*", query)).code == CANNOT_PROCESS_FILTER
        assert ask(client(farm, "pvs04"), enumerate_request("root/cimv2/*", query)).code is None
    for name in ("OwningProcess", "CreationTime"):
        query = f"select LocalPort, {name} from MSFT_NetUDPEndpoint"
        assert ask(client(farm, "old01"), enumerate_request("root/standardcimv2/*", query)).code == CANNOT_PROCESS_FILTER
        assert ask(client(farm, "pvs04"), enumerate_request("root/standardcimv2/*", query)).code is None
    service = rows(farm, "root/cimv2/*", "select * from Win32_Service where Name='BNPXE'", "old01")[0]
    endpoint = rows(farm, "root/standardcimv2/MSFT_NetUDPEndpoint", host="old01")[0]
    assert "DelayedAutoStart" not in service and not {"OwningProcess", "CreationTime"} & set(endpoint)


def test_the_old_form_of_wmis_faults(bent):
    sender = bent("pvs01", "wire=provider-faults")
    answer = ask(sender, enumerate_request("root/cimv2/*", "select * from Win32_Nope where a=1"))
    assert answer.code == CANNOT_PROCESS_FILTER and "MSFT_WmiError" not in answer.text
    assert [local(node.tag) for node in answer.body.iter() if "wsmanfault" in node.tag] == [
        "WSManFault", "Message", "ProviderFault", "WSManFault", "Message", "ExtendedError"]
    assert answer.text_of("ParameterInfo") == "select * from Win32_Nope where a=1"
    bent("pvs01", "rights=no-cimv2")
    denied = ask(sender, enumerate_request("root/cimv2/Win32_Service"))
    assert denied.code == 5 and denied.text_of("StatusCode") == str(0x80041003)


@pytest.mark.parametrize("body, code", [
    ("", 2150858819), ("<", 2150858819), ("<a/>", 2150858791), ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 2150858819),
    ("<a>" * 40 + "</a>" * 40, 2150858819), ("<a>" + "<b/>" * 5000 + "</a>", 2150858819),
    (envelope("", "x"), 2150858769), (envelope("http://example.org/Nope", "x"), 2150858771),
    (envelope(f"{ENUMERATION}/Enumerate", WMI + "root/cimv2/Win32_Service"), 2150858791),
    (envelope(f"{ENUMERATION}/Pull", WMI + "root/cimv2/Win32_Service", "<n:Pull/>"), NO_CONTEXT),
    (enumerate_request("root/cimv2/Win32_Service", most=0), 2150858799),
    (envelope(f"{TRANSFER}/Create", WMI + "root/cimv2/Win32_Service", "<a/>"), 2150858771),
], ids=range(12))
def test_what_is_no_request_is_a_fault(farm, body, code):
    sender = client(farm)
    if body == "":
        status, _, answer = sender.post(b" ")
        assert status == 500 and Answer((status, answer.decode())).code == code
        return
    answer = ask(sender, body)
    assert (answer.status, answer.code) == (500, code)


def test_a_request_in_utf_16_is_read(farm):
    status, _, body = client(farm).post(enumerate_request("root/cimv2/Win32_OperatingSystem").encode("utf-16"))
    assert status == 200 and len(Answer((status, body.decode())).items) == 1


# ---- items ----

def test_a_whole_class_is_typed_and_a_projection_is_a_fragment(farm):
    sender = client(farm)
    typed, = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem")).elements
    space = f"{WMI}root/cimv2/Win32_OperatingSystem"
    assert typed.tag == f"{{{space}}}Win32_OperatingSystem"
    assert all(child.tag.startswith(f"{{{space}}}") for child in typed)
    star, = ask(sender, enumerate_request("root/cimv2/*", "select * from Win32_OperatingSystem")).elements
    assert [child.tag for child in star] == [child.tag for child in typed]
    fragment, = ask(sender, enumerate_request(
        "root/cimv2/*", "select Version,CSName,LastBootUpTime from Win32_OperatingSystem")).elements
    assert fragment.tag == f"{{{WSMAN}}}XmlFragment"
    assert [child.tag for child in fragment] == ["CSName", "LastBootUpTime", "Version"]
    text = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem")).text
    assert 'xsi:type="p:Win32_OperatingSystem_Type"' in text and "<p:OtherTypeDescription xsi:nil=\"true\"/>" in text


def test_arrays_repeat_and_what_is_absent_is_nil(farm):
    idle, first, second = rows(farm, "root/cimv2/Win32_NetworkAdapterConfiguration", host="two01")
    assert idle["IPEnabled"] == "false" and idle["IPAddress"] is None and idle["DNSHostName"] is None
    assert first["IPAddress"][0] == "10.1.0.5" and first["IPAddress"][1].startswith("fe80::")
    assert first["IPSubnet"] == ["255.255.255.0", "64"]
    assert (second["IPAddress"], second["IPSubnet"]) == ("10.2.0.9", "255.255.0.0")


@pytest.mark.parametrize("wire, typed, fragment", [
    ("as-windows", r"<cim:Datetime[^>]*>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z</cim:Datetime>",
     r"<Datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z</Datetime>"),
    ("bare-datetime,six-digits", r"<Datetime>[-\dT:]{19}\.\d{6}Z</Datetime>", r"<Datetime>[-\dT:]{19}\.\d{6}Z</Datetime>"),
    ("cim-datetime,no-fraction", r"<cim:Datetime[^>]*>[-\dT:]{19}Z</cim:Datetime>", r"<cim:Datetime[^>]*>[-\dT:]{19}Z</cim:Datetime>"),
    ("inline-datetime,zone-offset", r"[-\dT:]{19}(\.\d+)?\+01:00", r"[-\dT:]{19}(\.\d+)?\+01:00"),
])
def test_datetimes_in_every_shape_say_the_same(farm, bent, wire, typed, fragment):
    sender = bent("de01", f"wire={wire}")
    whole = ask(sender, enumerate_request("root/cimv2/Win32_OperatingSystem"))
    part = ask(sender, enumerate_request("root/cimv2/*", "select LastBootUpTime from Win32_OperatingSystem"))
    assert re.search(f"<p:LastBootUpTime>{typed}</p:LastBootUpTime>", whole.text), whole.text
    assert re.search(f"<LastBootUpTime>{fragment}</LastBootUpTime>", part.text), part.text
    boots = {moment(answer.items[0]["LastBootUpTime"]) for answer in (whole, part)}
    truth = moment(json.loads(farm.ctl("truth", "de01"))["boot_reported"])
    assert all(abs(boot - truth) < 2 for boot in boots)


def moment(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_booleans_in_capitals(bent):
    sender = bent("pvs01", "wire=upper-booleans")
    answer = ask(sender, enumerate_request("root/cimv2/*", "select Started from Win32_Service where Name='BNPXE'"))
    assert answer.items == [{"Started": "TRUE"}]


def test_get_of_a_singleton_and_of_one_instance(farm):
    sender = client(farm)
    get = envelope(f"{TRANSFER}/Get", f"{WMI}root/cimv2/Win32_OperatingSystem")
    answer = ask(sender, get)
    assert local(answer.body[0].tag) == "Win32_OperatingSystem" and answer.text_of("CSName") == "PVS01"
    selector = '<w:SelectorSet><w:Selector Name="Name">bnpxe</w:Selector></w:SelectorSet>'
    one = ask(sender, envelope(f"{TRANSFER}/Get", f"{WMI}root/cimv2/Win32_Service", header=selector))
    assert one.text_of("DisplayName") == "Citrix PVS PXE Service"
    gone = ask(sender, envelope(f"{TRANSFER}/Get", f"{WMI}root/cimv2/Win32_Service"))
    assert gone.code == NO_RESOURCE


# ---- what WMI says is what the programs of the same server say ----

@pytest.mark.parametrize("host", ["pvs01", "dhcp01"])
def test_endpoints_are_those_of_netstat(farm, host):
    netstat, _ = run(farm, host, "netstat", "-ano")
    shown = set()
    for line in netstat.decode().splitlines():
        words = line.split()
        if words and words[0] in ("TCP", "UDP"):
            address, _, port = words[1].rpartition(":")
            shown.add((words[0], address.strip("[]"), port, words[-1]))
    told = {("UDP", row["LocalAddress"], row["LocalPort"], row["OwningProcess"])
            for row in rows(farm, "root/standardcimv2/MSFT_NetUDPEndpoint", host=host)}
    told |= {("TCP", row["LocalAddress"], row["LocalPort"], row["OwningProcess"])
             for row in rows(farm, "root/standardcimv2/MSFT_NetTCPConnection", host=host)}
    assert told == shown and len(told) > 120
    listening = rows(farm, "root/standardcimv2/*", "select LocalPort from MSFT_NetTCPConnection where State=2", host)
    assert {"5985", "5986", "54321"} <= {row["LocalPort"] for row in listening}
    assert "22" not in {row["LocalPort"] for row in listening}, "no sshd here"


def test_services_and_processes_are_those_of_sc_and_tasklist(farm):
    services = {row["Name"]: row for row in rows(farm, "root/cimv2/Win32_Service")}
    for name in ("BNPXE", "BNTFTP", "soapserver", "SamSs"):
        text, _ = run(farm, "pvs01", "sc.exe", "queryex", name)
        assert re.search(rf"PID\s+: {services[name]['ProcessId']}\b", text.decode())
        assert services[name]["State"] == "Running" and services[name]["Started"] == "true"
    assert services["BNBOOTP"]["State"] == "Stopped" and services["BNBOOTP"]["ExitCode"] == "1077"
    assert services["PVSTSB"]["StartMode"] == "Manual" and services["BNPXE"]["DelayedAutoStart"] == "false"
    processes = rows(farm, "root/cimv2/*", "select ProcessId, ParentProcessId, Name, CreationDate from Win32_Process")
    listed, _ = run(farm, "pvs01", "tasklist", "/fo", "csv", "/nh")
    assert {(row["Name"], row["ProcessId"]) for row in processes} == set(
        re.findall(r'^"([^"]+)","(\d+)"', listed.decode(), re.M))
    of = {row["ProcessId"]: row for row in processes}
    assert of["0"]["CreationDate"] is None and of[services["BNPXE"]["ProcessId"]]["Name"] == "BNPXE.exe"


def test_an_endpoint_is_bound_shortly_after_its_process_has_started(farm):
    service, = rows(farm, "root/cimv2/*", "select ProcessId from Win32_Service where Name='BNPXE'")
    process, = rows(farm, "root/cimv2/*", f"select CreationDate from Win32_Process where ProcessId={service['ProcessId']}")
    endpoint, = rows(farm, "root/standardcimv2/*",
                     "select OwningProcess, CreationTime from MSFT_NetUDPEndpoint where LocalPort=67")
    assert endpoint["OwningProcess"] == service["ProcessId"]
    assert 0 < moment(endpoint["CreationTime"]) - moment(process["CreationDate"]) < 3


def test_what_happens_to_a_server_is_seen_over_winrm_too(own_farm):
    bound = ("root/standardcimv2/*", "select LocalPort from MSFT_NetUDPEndpoint where LocalPort=67 or LocalPort=4011")
    assert len(rows(own_farm, *bound)) == 2
    own_farm.ctl("lose", "pvs01", "now")
    assert rows(own_farm, *bound) == []
    service, = rows(own_farm, "root/cimv2/*", "select State, ProcessId from Win32_Service where Name='BNPXE'")
    assert service["State"] == "Running" and service["ProcessId"] != "0"
    own_farm.ctl("restart", "pvs01")
    assert len(rows(own_farm, *bound)) == 2
    boot, = rows(own_farm, "root/cimv2/*", "select LastBootUpTime from Win32_OperatingSystem")
    own_farm.ctl("reboot", "pvs01")
    after, = rows(own_farm, "root/cimv2/*", "select LastBootUpTime, LocalDateTime from Win32_OperatingSystem")
    assert moment(after["LastBootUpTime"]) > moment(boot["LastBootUpTime"]) + 86400
    assert 0 <= moment(after["LocalDateTime"]) - moment(after["LastBootUpTime"]) < 60
    own_farm.ctl("set", "pvs01", "flapping=true")
    own_farm.ctl("clock", "+10m")
    pids = {rows(own_farm, "root/cimv2/*", "select ProcessId from Win32_Service where Name='BNPXE'")[0]["ProcessId"] for _ in range(2)}
    assert len(pids) == 2


def test_version_of_a_pvs_file_by_its_name(farm):
    path = r"C:\\Program Files\\Citrix\\Provisioning Services\\BNPXE.exe"
    found, = rows(farm, "root/cimv2/*", f"select Version from CIM_DataFile where Name='{path}'")
    assert found == {"Version": "7.41.0.26"}
    assert rows(farm, "root/cimv2/*", "select Version from CIM_DataFile where Name='C:\\\\nope.exe'") == []


# ---- the registry ----

WIZARD = r"SOFTWARE\Citrix\ProvisioningServices\Wizard"
BNPXE = r"SYSTEM\CurrentControlSet\Services\BNPXE"


@pytest.mark.parametrize("method, key, value, outputs", [
    ("GetDWORDValue", WIZARD, "PXEType", {"uValue": ["1"], "ReturnValue": ["0"]}),
    ("GetDWORDValue", WIZARD, "DHCPType", {"uValue": ["1073741824"], "ReturnValue": ["0"]}),
    ("GetDWORDValue", WIZARD, "Nope", {"uValue": [None], "ReturnValue": ["2"]}),
    ("GetDWORDValue", r"SOFTWARE\Nope", "Nope", {"uValue": [None], "ReturnValue": ["2"]}),
    ("GetDWORDValue", BNPXE, "DisplayName", {"uValue": [None], "ReturnValue": ["2147749893"]}),
    ("GetStringValue", BNPXE, "DisplayName", {"sValue": ["Citrix PVS PXE Service"], "ReturnValue": ["0"]}),
    ("GetStringValue", BNPXE, "ImagePath", {"sValue": [None], "ReturnValue": ["2147749893"]}),
    ("GetExpandedStringValue", BNPXE, "ImagePath",
     {"sValue": ['"C:\\Program Files\\Citrix\\Provisioning Services\\BNPXE.exe"'], "ReturnValue": ["0"]}),
    ("EnumKey", r"SYSTEM\CurrentControlSet\Services\BNTFTP", "", {"sNames": ["Parameters"], "ReturnValue": ["0"]}),
    ("EnumKey", BNPXE, "", {"sNames": [None], "ReturnValue": ["0"]}),
    ("EnumKey", r"SYSTEM\CurrentControlSet\Services\Nope", "", {"sNames": [None], "ReturnValue": ["2"]}),
    ("EnumValues", WIZARD, "", {"sNames": ["DHCPType", "PXEType", "TFTPSetting", "Account1", "Account3"],
                                "Types": ["4", "4", "4", "1", "4"], "ReturnValue": ["0"]}),
    ("CheckAccess", WIZARD, "", {"bGranted": ["true"], "ReturnValue": ["0"]}),
])
@pytest.mark.parametrize("space", ["root/default", "root/cimv2"])
def test_std_reg_prov(farm, space, method, key, value, outputs):
    named = {"sValueName": value} if value else {}
    answer = ask(client(farm), invoke_request(f"{space}/StdRegProv", method, hDefKey=HKLM, sSubKeyName=key, **named))
    assert answer.outputs == outputs


def test_std_reg_prov_lists_multi_strings_and_every_service(farm):
    sender = client(farm, "two01")
    base = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces"
    names = ask(sender, invoke_request("root/default/StdRegProv", "EnumKey", hDefKey=HKLM, sSubKeyName=base)).outputs["sNames"]
    assert len(names) == 3
    found = [ask(sender, invoke_request("root/default/StdRegProv", "GetMultiStringValue", hDefKey=HKLM,
                                        sSubKeyName=f"{base}\\{name}", sValueName="IPAddress")).outputs["sValue"]
             for name in names[:2]]
    assert found == [["10.1.0.5"], ["10.2.0.9"]]
    services = ask(sender, invoke_request("root/default/StdRegProv", "EnumKey", hDefKey=HKLM,
                                          sSubKeyName=r"system\currentcontrolset\services")).outputs["sNames"]
    assert {"BNPXE", "BNTFTP", "Tcpip"} <= set(services) and len(services) == len(set(services))


def test_std_reg_prov_refuses(farm, bent):
    sender = bent("pvs03", "rights=no-reg")
    denied = ask(sender, invoke_request("root/default/StdRegProv", "GetDWORDValue", hDefKey=HKLM, sSubKeyName=WIZARD,
                                        sValueName="PXEType"))
    assert denied.outputs == {"uValue": [None], "ReturnValue": ["5"]}
    other = ask(client(farm), invoke_request("root/default/StdRegProv", "EnumKey", hDefKey=2147483649, sSubKeyName="x"))
    assert other.outputs["ReturnValue"] == ["2"]
    assert ask(client(farm), invoke_request("root/default/StdRegProv", "DeleteKey", hDefKey=HKLM)).code == 2150858801
    assert ask(client(farm), invoke_request("root/cimv2/Win32_Service", "StopService")).code == 2150858801
    for required, granted in ((2, "false"), (9, "true")):
        write = ask(client(farm, user="tiera"), invoke_request("root/default/StdRegProv", "CheckAccess", hDefKey=HKLM,
                                                               sSubKeyName=WIZARD, uRequired=required))
        assert write.outputs["bGranted"] == [granted]


# ---- shells ----

def create(sender, **options):
    return ask(sender, shell_request("Create", "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams>"
                                     "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>", **options))


def command(sender, shell, line, **options):
    return ask(sender, shell_request("Command", f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command></rsp:CommandLine>",
                                     shell, **options))


def test_a_command_runs_by_cmds_own_rules_in_the_code_page_asked_for(farm):
    assert run(farm, "pvs01", "echo a&amp;nosuch 2&gt;nul&amp;echo %COMPUTERNAME%") == (b"a\r\nPVS01\r\n", 0)
    assert run(farm, "pvs01", "cmd", "/c", "exit", "7")[1] == 7
    assert "ABH\u00d6REN".encode() in run(farm, "de01", "netstat -ano")[0]
    assert "ABH\u00d6REN".encode("cp850") in run(farm, "de01", "netstat -ano", page=850)[0]
    assert len(run(farm, "pvs01", "netstat -ano")[0].splitlines()) > 120


def test_a_life_of_a_shell(own_farm):
    sender = client(own_farm)
    created = create(sender)
    shell = created.text_of("ShellId")
    assert created.text_of("Owner") == "audit" and created.text_of("ClientIP").startswith("127.")
    assert own_farm.counts()["open_shells"] == own_farm.counts("pvs01")["open_shells"] == 1
    identity = command(sender, shell, "hostname").text_of("CommandId")
    assert ask(sender, receive(shell, identity)).streams() == ({"stdout": b"PVS01\r\n", "stderr": b""}, "Done", 0)
    signal = f'<rsp:Signal CommandId="{identity}"><rsp:Code>{SHELL}/signal/terminate</rsp:Code></rsp:Signal>'
    assert "SignalResponse" in ask(sender, shell_request("Signal", signal, shell)).text
    assert ask(sender, receive(shell, identity)).code is not None
    assert ask(sender, shell_request("Delete", shell=shell)).code is None
    assert own_farm.counts()["open_shells"] == 0
    gone = command(sender, shell, "hostname")
    assert (gone.code, gone.subcode) == (SELECTORS, "w:InvalidSelectors")
    assert own_farm.counts("pvs01")["execs"] == 1


def test_output_larger_than_an_envelope_comes_in_pieces(farm):
    sender = client(farm)
    shell = create(sender).text_of("ShellId")
    identity = command(sender, shell, "netstat -ano").text_of("CommandId")
    pieces, state = [], ""
    while state != "Done":
        answer = ask(sender, receive(shell, identity).replace("512000", "8192"))
        assert len(answer.text) <= 8192
        streams, state, _ = answer.streams()
        pieces.append(streams["stdout"])
    assert len(pieces) > 2 and b"".join(pieces).count(b"\n") > 120
    ask(sender, shell_request("Delete", shell=shell))


def test_receive_waits_and_says_when_it_took_too_long(bent):
    sender = bent("pvs01", "latency=1500ms")
    shell = create(sender).text_of("ShellId")
    identity = command(sender, shell, "hostname").text_of("CommandId")
    early = ask(sender, receive(shell, identity, "PT0.3S"))
    assert (early.code, early.subcode) == (TIMED_OUT, "w:TimedOut")
    assert ask(sender, receive(shell, identity)).streams()[0]["stdout"] == b"PVS01\r\n"
    ask(sender, shell_request("Delete", shell=shell))


def test_a_program_without_a_shell_around_it(farm):
    sender = client(farm)
    shell = create(sender).text_of("ShellId")
    plain = command(sender, shell, "hostname", WINRS_SKIP_CMD_SHELL="TRUE")
    assert ask(sender, receive(shell, plain.text_of("CommandId"))).streams()[0]["stdout"] == b"PVS01\r\n"
    missing = command(sender, shell, "echo", WINRS_SKIP_CMD_SHELL="TRUE")
    assert missing.code == 2147942402
    ask(sender, shell_request("Delete", shell=shell))


def test_variables_of_a_shell_hold_for_its_commands(farm):
    sender = client(farm)
    body = ('<rsp:Shell><rsp:Environment><rsp:Variable Name="PVS">value one</rsp:Variable></rsp:Environment></rsp:Shell>')
    shell = ask(sender, shell_request("Create", body)).text_of("ShellId")
    identity = command(sender, shell, "echo [%PVS%]").text_of("CommandId")
    assert ask(sender, receive(shell, identity)).streams()[0]["stdout"] == b"[value one]\r\n"
    ask(sender, shell_request("Delete", shell=shell))


def test_too_many_shells(bent):
    sender = bent("pvs04", "max_shells=2")
    opened = [create(sender).text_of("ShellId") for _ in range(2)]
    refused = create(sender)
    assert (refused.code, refused.subcode) == (SHELLS, "w:QuotaLimit") and "of 2 concurrent shells" in refused.text
    for shell in opened:
        ask(sender, shell_request("Delete", shell=shell))
    assert create(sender).code is None


# ---- rights ----

def seen_by(farm, user, host="pvs01"):
    """What each gate says to this account."""
    sender = client(farm, host, user)
    wizard = invoke_request("root/default/StdRegProv", "GetDWORDValue", hDefKey=HKLM, sSubKeyName=WIZARD, sValueName="PXEType")
    told = {}
    for name, text in (("system", enumerate_request("root/cimv2/Win32_OperatingSystem")),
                       ("services", enumerate_request("root/cimv2/*", "select Name from Win32_Service")),
                       ("endpoints", enumerate_request("root/standardcimv2/MSFT_NetUDPEndpoint")),
                       ("registry", wizard), ("shell", None)):
        answer = create(sender) if text is None else ask(sender, text)
        if answer.code is not None:
            told[name] = answer.code
        elif name == "services":
            told[name] = {row["Name"] for row in answer.items}
        elif name == "registry":
            told[name] = int(answer.outputs["ReturnValue"][0])
        else:
            told[name] = "open"
        if name == "shell" and answer.code is None:
            ask(sender, shell_request("Delete", shell=answer.text_of("ShellId")))
    return told


PVS_SERVICES = {"BNPXE", "BNTFTP", "PVSTSB", "StreamService", "soapserver", "BNBOOTP"}


def test_an_administrator_sees_everything(farm):
    told = seen_by(farm, "audit")
    assert told["services"] > PVS_SERVICES and told["registry"] == 0
    assert (told["system"], told["endpoints"], told["shell"]) == ("open",) * 3


def test_tier_a_sees_wmi_and_no_service_at_all(farm):
    assert seen_by(farm, "tiera") == {"system": "open", "services": set(), "endpoints": "open", "registry": 0,
                                      "shell": ACCESS_DENIED}


def test_tier_b_sees_the_services_of_pvs_alone(farm):
    assert seen_by(farm, "tierb") == {"system": "open", "services": PVS_SERVICES, "endpoints": "open", "registry": 0,
                                      "shell": ACCESS_DENIED}


def test_remote_management_users_pass_the_first_gate_only(farm):
    assert seen_by(farm, "rmu") == {"system": WMI_DENIED, "services": WMI_DENIED, "endpoints": WMI_DENIED,
                                    "registry": WMI_DENIED, "shell": ACCESS_DENIED}


def test_a_filtered_administrator_passes_none(farm):
    assert seen_by(farm, "filtered") == dict.fromkeys(("system", "services", "endpoints", "registry", "shell"),
                                                      ACCESS_DENIED)


@pytest.mark.parametrize("rights, denied", [
    ("no-cimv2", {"system": WMI_DENIED, "services": WMI_DENIED}), ("no-standardcimv2", {"endpoints": WMI_DENIED}),
    ("no-default", {"registry": WMI_DENIED}), ("no-shell", {"shell": ACCESS_DENIED}), ("no-reg", {"registry": 5}),
    ("no-winrm", dict.fromkeys(("system", "services", "endpoints", "registry", "shell"), ACCESS_DENIED)),
    ("no-sc", {"services": set()}), ("no-other-services", {"services": PVS_SERVICES})])
def test_each_gate_by_itself(farm, bent, rights, denied):
    whole = seen_by(farm, "audit")
    bent("pvs01", f"rights={rights}")
    assert seen_by(farm, "audit") == {**whole, **denied}


# ---- recordings of real Windows, where they are ----

def recording(*path):
    folder = os.environ.get("PVSAUDIT_RECORDINGS")
    if not folder:
        pytest.skip("PVSAUDIT_RECORDINGS is not set: the recordings are not here")
    with open(os.path.join(folder, *path), encoding="utf-8") as file:
        return Answer((200, file.read()))


def paths(node, above=""):
    """Every path of elements, by namespace and name, without what an item holds."""
    here = f"{above}/{node.tag}"
    yield here
    if local(node.tag) != "Items":
        for child in node:
            yield from paths(child, here)


@pytest.mark.parametrize("file", ["srv2008_Win32_Service_star_000.xml", "srv2003_Win32_Service_star_000.xml"])
def test_services_have_the_properties_that_were_recorded(farm, file):
    recorded = recording("wmi-enumerate", file)
    ours = ask(client(farm, "old01"), enumerate_request("root/cimv2/Win32_Service"))
    assert list(ours.items[0]) == list(recorded.items[0])
    assert ours.elements[0].tag == recorded.elements[0].tag
    assert set(paths(ours.root)) == set(paths(recorded.root)) - {
        path for path in paths(recorded.root) if path.endswith("EndOfSequence")}


def test_other_classes_have_only_properties_that_were_recorded(farm):
    for name, cls in (("srv2008_Win32_OperatingSystem_star_000.xml", "Win32_OperatingSystem"),
                      ("srv2008_Win32_NetworkAdapterConfiguration_star_001.xml", "Win32_NetworkAdapterConfiguration")):
        recorded = {prop for item in recording("wmi-enumerate", name).items for prop in item}
        ours = set(rows(farm, f"root/cimv2/{cls}", host="old01")[0])
        assert ours <= recorded | {"DefaultIPGateway", "DNSServerSearchOrder", "IPAddress", "IPSubnet"}, ours - recorded


def test_faults_have_the_form_that_was_recorded(farm, bent):
    sender = bent("pvs01", "wire=provider-faults")
    recorded = recording("faults", "winrb_soap_fault_v2.xml")
    ours = ask(sender, enumerate_request("root/cimv2/*", "Select * from Win32_Processa where name='sshd.exe'"))
    assert set(paths(ours.root)) == set(paths(recorded.root))
    assert (ours.code, ours.subcode) == (recorded.code, recorded.subcode)
    sender = bent("pvs01", "wire=as-windows", "max_shells=0")
    recorded, ours = recording("faults", "winrb_wmi_error_v2.xml"), create(sender)
    assert set(paths(ours.root)) - {path for path in paths(ours.root) if path.endswith("RelatesTo")} == set(paths(recorded.root))
    assert (ours.code, ours.subcode) == (recorded.code, recorded.subcode)
    recorded = recording("faults", "pypsrp_psrp_is_alive_invalid_selectors_04_response.xml")
    ours = command(sender, "0", "x")
    assert set(paths(ours.root)) == set(paths(recorded.root)) and ours.code == recorded.code


@pytest.mark.parametrize("number, action", [("00", "Create"), ("01", "Command"), ("02", "Receive"), ("03", "Signal"),
                                            ("04", "Delete")])
def test_shell_answers_have_the_form_that_was_recorded(farm, number, action):
    recorded = recording("shell", f"pypsrp_winrs_standard_{number}_response.xml")
    sender = client(farm)
    answers = {"Create": create(sender)}
    shell = answers["Create"].text_of("ShellId")
    answers["Command"] = command(sender, shell, "hostname")
    identity = answers["Command"].text_of("CommandId")
    answers["Receive"] = ask(sender, receive(shell, identity))
    signal = f'<rsp:Signal CommandId="{identity}"><rsp:Code>{SHELL}/signal/terminate</rsp:Code></rsp:Signal>'
    answers["Signal"] = ask(sender, shell_request("Signal", signal, shell))
    answers["Delete"] = ask(sender, shell_request("Delete", shell=shell))
    assert set(paths(answers[action].root)) == set(paths(recorded.root))
