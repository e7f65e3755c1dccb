"""`doctor HOST`: each step told, each failure with its cure, one login and nothing written."""
import base64
import collections
import json
import os
import signal
import time

import jsonschema
import pytest

from harness import ward as wards
from harness.between import Speaker
from harness.kdc import Kdc, write
from harness.programs import ROOT
from harness.ward import CASES, Ward


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    with Ward(tmp_path_factory.mktemp("ward")) as running:
        yield running


def steps(result):
    return {row["step"]: row for row in result.rows}


def test_the_table_of_cures_is_the_one_that_is_triggered():
    assert len(wards.ids()) == len(set(wards.ids())) > 60
    assert sorted(wards.ids()) == sorted(CASES)


@pytest.mark.parametrize("cure", sorted(CASES))
def test_each_cure_is_told_where_its_failure_is_met(ward, cure):
    case = CASES[cure]
    with case.play(ward) as patient:
        before = logins(ward)
        result = patient.doctor("--json")
        after = logins(ward)
    assert result.code == case.code, result
    row = steps(result)[case.step]
    assert (row["cure"], row["outcome"]) == (cure, case.outcome), result
    assert row["remedy"], result
    assert "{" not in row["remedy"].replace("@{", ""), row["remedy"]
    for mechanism in after:
        # A ticket for HTTP that is refused is followed by one for WSMAN: no password is tried by it.
        most = 2 if mechanism == "kerberos" else 1
        assert after[mechanism] - before[mechanism] <= most, (mechanism, result)
    nothing_is_told_of_what_was_not_seen(result, case.code, row["step"])


def logins(ward):
    """{mechanism: accepted or refused}, by the farm's own count."""
    seen = collections.Counter()
    for account in ward.farm.counts()["auth"].values():
        for mechanism in ("key", "password", "basic", "ntlm", "kerberos", "certificate"):
            counts = account.get(mechanism, {"accepted": 0, "refused": 0})
            seen[mechanism] += counts["accepted"] + counts["refused"]
    return seen


def nothing_is_told_of_what_was_not_seen(result, code, step):
    rows = result.rows
    if code in (3, 4):
        place = [row["step"] for row in rows].index(step)
        later = {row["outcome"] for row in rows[place + 1:] if row["step"] != "clock"}
        assert later <= {"not-reached", "skipped"}, result
    for row in rows:
        if row["outcome"] in ("denied", "not-reached"):
            assert "not installed" not in (row["seen"] or ""), row
            assert "missing" not in (row["seen"] or ""), row


@pytest.mark.parametrize("host", ["pvs01", "pvs02", "old01", "krb01", "krb02", "bas01", "crt01", "ssh01"])
def test_a_host_that_works_is_told_so_at_the_price_of_one_visit(ward, host):
    """Beside the visit, whose requests a scan tells, WinRM is asked what it offers and what it is."""
    patient = ward.host(host)
    before = ward.farm.counts(host)
    result = patient.doctor("--json")
    after = ward.farm.counts(host)
    assert result.code == 0, result
    assert {row["outcome"] for row in result.rows} <= {"ok", "skipped"}, result
    assert {row["cure"] for row in result.rows} == {None} and {row["remedy"] for row in result.rows} == {None}
    assert [row["step"] for row in result.rows][:2] == ["name", "connect"] and result.rows[-1]["step"] == "visit"
    scanned = ward.farm.scan("-l", host, env=patient.environment)
    assert scanned.code in (0, 1), scanned
    asked = ward.farm.counts(host)["requests"] - after["requests"]
    seen = steps(result)["visit"]["seen"]
    assert f"by {asked} request" in seen, (seen, asked)
    assert after["requests"] - before["requests"] <= asked + 2
    assert (after["open_enumerations"], after["open_shells"]) == (0, 0)
    if host != "old01":  # an old Windows does not say whose a UDP endpoint is: the shell is asked
        assert "shell" not in steps(result)


def test_hidden_services_are_those_that_are_installed(ward):
    """What is asked about and is not there is not hidden."""
    result = ward.host("low01").doctor("--json")
    seen = steps(result)["Win32_Service"]["seen"]
    assert seen == "installed, and their state is hidden: BNPXE, BNTFTP, soapserver, StreamService"
    assert "0 services" in steps(result)["visit"]["seen"], result


def test_a_linux_server_that_works_is_told_so(ward):
    with ward.sshd() as (patient, _):
        result = patient.doctor("--json")
    rows = steps(result)
    if not os.path.exists("/etc/machine-id"):  # as in a system that was never started
        assert result.code == 1 and rows.pop("visit")["seen"].count("machine") == 1, result
        rows.pop("machine", None)
    else:
        assert result.code == 0, result
    assert {row["outcome"] for step, row in rows.items() if step != "registry"} == {"ok"}, result
    assert rows["registry"]["outcome"] == "skipped"
    assert rows["login"]["seen"].startswith("publickey as ")


def test_a_kdc_that_says_nothing_holds_nobody_up(ward):
    """Kerberos' library waits on; the doctor tells what it has seen, and ends."""
    with Speaker(b"", "hang", after=True) as server:
        patient = ward.host("krb01")
        patient.environment["KRB5_CONFIG"] = silent_realm(ward, server.port)
        began = time.monotonic()
        result = patient.doctor("--json")
        lasted_s = time.monotonic() - began
    assert result.code == 4 and lasted_s < 10, (lasted_s, result)
    row = steps(result)["login"]
    assert (row["outcome"], row["cure"]) == ("failed", "kdc-silent"), result


def silent_realm(ward, port):
    class Silent:
        realm, address = "EXAMPLE.TEST", "127.0.0.1"
    Silent.port = port
    path = ward.path("hanging.conf")
    write(path, Kdc.section([Silent]))
    return path


def test_a_doctor_writes_no_history(ward, tmp_path, monkeypatch):
    monkeypatch.setattr(ward.farm.site, "db", str(tmp_path / "none.db"))
    result = ward.host("ssh01").doctor()
    assert result.code == 0 and os.listdir(tmp_path) == [], result


def test_a_ticket_for_http_that_is_refused_is_told_beside_the_one_that_was_taken(ward):
    with ward.set("krb01", "spn=WSMAN", "spn=both") as patient:
        result = patient.doctor("--json")
    assert result.code == 0, result
    assert steps(result)["login"]["seen"] == "kerberos as audit@EXAMPLE.TEST for WSMAN/krb01 (its ticket for HTTP was refused)"


def test_a_scan_tells_the_refusal_where_the_realm_has_no_other_service(ward):
    """A 401 to HTTP is what happened; that WSMAN is unknown comes after it, and must not hide it."""
    with ward.set("half01", "spn=WSMAN", "spn=both"):
        result = ward.farm.scan("-l", "half01", "--json", env=ward.kdc.environment)
    assert result.code == 4, result
    (detail,) = {row["detail"] for row in result.rows}
    assert "refuses the ticket for HTTP/half01" in detail and "no WSMAN service" in detail, detail


@pytest.mark.parametrize("kind", ["--ndjson", "--csv"])
def test_every_form_has_the_same_steps(ward, kind):
    patient = ward.host("low01")
    wanted = [row["step"] for row in patient.doctor("--json").rows]
    text = patient.doctor(kind).out
    if kind == "--ndjson":
        assert [json.loads(line)["step"] for line in text.splitlines()] == wanted
    else:
        lines = text.splitlines()
        place = lines[0].split(",").index("step")
        assert [line.split(",")[place] for line in lines[1:]] == wanted


def test_json_keeps_to_its_schema(ward):
    with open(os.path.join(ROOT, "docs", "schema", "doctor.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    for patient in (ward.host("low01"), ward.host("shut01"), ward.host("ssh01")):
        answer = patient.doctor("--json").json
        jsonschema.validate(answer, schema, format_checker=jsonschema.FormatChecker())
        for row in answer["rows"]:
            assert row.keys() == schema["properties"]["rows"]["items"]["properties"].keys()


def test_text_of_a_host_is_never_printed_raw(ward):
    with Speaker(b"220 \x1b[31mred\x07 mail\r\n", "close") as server:
        patient = ward.host("ssh01", ansible_host="127.0.0.1", ansible_port=server.port)
        for options in ((), ("--json",), ("--csv",)):
            result = patient.doctor(*options)
            assert "red" in result.out and "\x1b" not in result.out and "\x07" not in result.out


@pytest.mark.parametrize("host", ["pvs01", "krb01", "bas01"])
def test_no_secret_is_told(ward, host):
    patient = ward.host(host, pvsaudit_password_file=ward.secret("hunter", "hunter2-is-secret"))
    result = patient.doctor("-v", "-v", "--json")
    assert result.code == 4, result
    basic = base64.b64encode(b"audit:hunter2-is-secret").decode()
    assert "hunter2" not in result.out + result.err and basic not in result.out + result.err


@pytest.mark.parametrize("words, code, said", [
    (["ssh1"], 2, "did you mean `ssh01`"),
    (["main"], 2, "name one of them"),
    (["pvs*"], 2, "is 2 hosts of the inventory"),
    (["ssh01", "-l", "pvs01"], 2, "leave -l out"),
    ([], 2, "HOST"),
])
def test_one_host_is_named(ward, words, code, said):
    result = ward.farm.ask("doctor", *words, "-i", ward.farm.inventory)
    assert result.code == code and said in result.err, result


def test_a_retired_host_is_not_visited(ward):
    result = ward.host("ssh01", pvsaudit_state="retired").doctor()
    assert result.code == 2 and "retired" in result.err, result


def test_an_interrupted_doctor_tells_how_far_it_came(ward):
    """It waits for a host that has taken the command and does not answer."""
    with ward.misbehaving("ssh01", "hang-exec") as patient:
        process = patient.start("--json", "-v", "-v",
                                settings="deadlines: {exec: 60s, visit: 60s}\n")
        while "-> [READ]" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    rows = {row["step"]: row for row in json.loads(out)["rows"]}
    assert rows["login"]["outcome"] == "ok" and rows["command"]["outcome"] == "not-reached", out
    assert rows["command"]["cure"] is None and "interrupt" in rows["command"]["seen"], out
