"""hosts --against: the hosts here beside the farm's own list of servers, however it was written."""
import json
from datetime import timedelta

import jsonschema
import pytest
from test_cli import LATER, NIGHT, environment, schema, visit

from harness.programs import run

INVENTORY = """\
all:
  children:
    north:
      vars: {pvsaudit_site: north}
      hosts:
        pvs01: {ansible_host: 10.0.0.1}
        pvs02.example.org: {ansible_host: 10.0.0.2}
        PVS03: {ansible_host: 10.0.0.3}
        pvs04: {ansible_host: 10.0.0.4}
        pvs05: {ansible_host: 10.0.0.5, pvsaudit_state: retired}
        pvs06: {ansible_host: pvs96.example.org}
        pvs07: {ansible_host: 10.0.0.7}
"""
NOTHING = {"missing here": [], "missing there": [], "renamed": [], "ambiguous": [], "retired here": []}
# pvs01, pvs02 and pvs03 are the same; pvs04 is not there, pvs05 is retired, pvs06 is called pvs96 and
# pvs07 is called PVS97 there; pvs08 is not here.
EXPECTED = {**NOTHING, "missing here": [(None, "PVS08")], "missing there": [("pvs04", None)],
            "renamed": [("pvs06", "PVS96"), ("pvs07", "PVS97")]}
ROWS = [("PVS01", "North", "10.0.0.1"), ("pvs02", "North", "10.0.0.2"), ("pvs03", "North", "10.0.0.3"),
        ("PVS96", "North", "10.9.9.9"), ("PVS97", "North", "10.1.0.7 10.0.0.7"),
        ("PVS08", "South", "10.0.0.8")]


@pytest.fixture
def here(tmp_path):
    (tmp_path / "hosts.yaml").write_text(INVENTORY)
    return tmp_path


def against(folder, content, *words, db="none.db"):
    (folder / "servers.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return run("pvsaudit", "hosts", "--against", folder / "servers.csv", "-i", folder / "hosts.yaml",
               "--db", folder / db, *words, env=environment())


def found(result):
    """{what: [(here, there)]}"""
    assert result.code in (0, 1), result
    answer = json.loads(result.out)
    jsonschema.validate(answer, schema("hosts-against"))
    sorted_rows = {what: [] for what in NOTHING}
    for row in answer["rows"]:
        sorted_rows[row["what"]].append((row["host"], row["server"]))
    assert result.code == (1 if answer["rows"] else 0)
    return sorted_rows


def quoted(cells):
    return ",".join(f'"{cell}"' for cell in cells)


def export_csv(rows, type_line=True):
    """As Windows PowerShell's Export-Csv writes it: a line #TYPE, everything quoted, CRLF."""
    lines = ["#TYPE Citrix.PVS.SnapIn.PvsServer"] if type_line else []
    lines.append(quoted(["Guid", "ServerName", "SiteName", "Description", "Ip"]))
    for number, (name, site, ip) in enumerate(rows):
        lines.append(quoted([f"guid-{number}", name, site, 'the ""old"" one, of\r\ntwo lines', ip]))
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom", "cp1252"])
@pytest.mark.parametrize("type_line", [True, False])
def test_what_export_csv_writes_is_read(here, encoding, type_line):
    content = export_csv(ROWS, type_line).replace("old", "äl\U0001f600te" if "utf" in encoding else "älte")
    data = b"\xfe\xff" + content.encode("utf-16-be") if encoding == "utf-16-be-bom" \
        else content.encode(encoding)
    result = against(here, data, "--json")
    assert found(result) == EXPECTED
    by = {row["host"]: row["by"] for row in result.rows}
    assert (by["pvs06"], by["pvs07"]) == ("address", "address")
    assert {row["server"]: row["server_site"] for row in result.rows}["PVS08"] == "South"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_other_separators_titles_and_orders(here, separator):
    lines = [separator.join(["Site Name", "Server_Name", "IP Address"])]
    lines += [separator.join([site, name, ip]) for name, site, ip in ROWS]
    assert found(against(here, "\n".join(lines), "--json")) == EXPECTED


def test_a_list_of_names_is_one(here):
    assert found(against(here, "pvs01\npvs02\npvs03\npvs04\npvs06\n\npvs07", "--json")) == NOTHING


def test_a_full_name_and_a_short_one_are_one_server(here):
    names = ["PVS01.example.org.", "pvs02.example.org", "pvs03.EXAMPLE.org", "pvs04", "pvs06", "pvs07"]
    assert found(against(here, "Name\n" + "\n".join(names), "--json")) == NOTHING
    # Two full names must be the same.
    other = found(against(here, "Name\npvs02.example.net\n", "--json"))
    assert other["missing here"] == [(None, "pvs02.example.net")]
    assert ("pvs02.example.org", None) in other["missing there"]


def test_the_full_name_of_the_file_counts_for_more(here):
    answer = found(against(here, "ServerName,ServerFqdn\npvs02,pvs02.example.net\n", "--json"))
    assert answer["missing here"] == [(None, "pvs02")]


def test_what_is_ambiguous_is_told(here):
    (here / "hosts.yaml").write_text("all: {hosts: {pvs01.a.example: {}, pvs01.b.example: {}}}\n")
    answer = found(against(here, "Name\npvs01\n", "--json"))
    assert len(answer["ambiguous"]) == 1 and answer["ambiguous"][0][1] == "pvs01"
    twice = found(against(here, "Name\npvs01.a.example\nPVS01.A.EXAMPLE\npvs01.b.example\n", "--json"))
    assert twice == {**NOTHING, "ambiguous": [("pvs01.a.example", "PVS01.A.EXAMPLE")]}


def test_a_server_that_is_retired_here_and_there_all_the_same(here):
    answer = found(against(here, "Name\npvs05\n", "--json"))
    assert answer["retired here"] == [("pvs05", "pvs05")]


def test_a_limit_speaks_of_its_own_hosts_alone(here):
    answer = found(against(here, "Name\npvs01\npvs02\n", "--json", "-l", "PVS03,pvs04"))
    assert answer == {**NOTHING, "missing there": [("PVS03", None), ("pvs04", None)]}


def test_the_computer_name_that_was_read_finds_a_renamed_server(here):
    line = visit("pvs07", NIGHT, NIGHT - timedelta(days=9))
    line["machine"]["computer_name"] = "FRA-BOOT-7"
    result = run("pvsaudit-collect", "ingest", "-", "--db", here / "history.db", "--as-of", LATER,
                 stdin=json.dumps(line) + "\n", env=environment())
    assert result.code == 0
    answer = against(here, "Name\nfra-boot-7\n", "--json", db="history.db")
    assert found(answer)["renamed"] == [("pvs07", "fra-boot-7")]
    assert {row["by"] for row in answer.rows if row["what"] == "renamed"} == {"computer name"}
    # Without an inventory the history's own hosts are compared.
    alone = run("pvsaudit", "hosts", "--against", here / "servers.csv", "--db", here / "history.db",
                "--json", env=environment())
    assert [(row["what"], row["host"]) for row in alone.rows] == [("renamed", "pvs07")]


def test_the_table_ends_with_its_counts(here):
    result = against(here, export_csv(ROWS))
    assert result.out.splitlines()[-1] == \
        "6 there, 7 here: 1 missing here, 1 missing there, 2 renamed"
    hostile = against(here, "Name\npvs\x1b[31m1\n")
    assert hostile.code == 1 and "\x1b" not in hostile.out


@pytest.mark.parametrize("content, said", [
    ("", "it names no server"),
    ("#TYPE x\r\n", "it names no server"),
    ("Guid,Description\n1,2\n", "no column is called ServerName, Name or ComputerName: Guid, Description"),
    ('Name\n"pvs01\n', "line 3: a quote does not end"),
    ('Name,Site\n"pvs01"x,y\n', "line 2: there is text behind a quoted cell"),
    ("Name,Site\n,north\n", "line 2: the server has no name"),
    ("Name\n".encode("utf-16-le"), "save it as UTF-8"),
    (b"\xff\xfeN\x00a", "half a character"),
    (b"\xff\xfe\x00\xdcx\x00", "half a character"),
    ("Name" + ",x" * 300, "more than 256 cells"),
])
def test_a_file_that_is_none_is_told_with_its_place(here, content, said):
    result = against(here, content)
    assert result.code == 2 and said in result.err and "servers.csv" in result.err, result


def test_a_file_that_is_not_there(here):
    result = run("pvsaudit", "hosts", "--against", here / "no.csv", "-i", here / "hosts.yaml",
                 env=environment())
    assert result.code == 2 and "no.csv" in result.err
