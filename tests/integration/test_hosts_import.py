"""hosts import: what Ansible or the farm itself lists becomes an inventory."""
import json

import pytest
import yaml
from test_cli import environment

from harness.programs import run

# The form of `ansible-inventory --list` (ansible-core 2.14), cut down by hand.
ANSIBLE = {
    "_meta": {"hostvars": {
        "pvs01": {"ansible_host": "10.0.0.1", "ansible_port": 5986, "ansible_connection": "winrm",
                  "ansible_winrm_scheme": "https", "pvsaudit_site": "north: \"old\"",
                  "pvsaudit_expect": ["BNPXE"], "ntp_server": "10.0.0.9",
                  "ansible_password": "correct horse", "ansible_user": "{{ vault_user }}"},
        "pvs02": {"ansible_port": "no port", "pvsaudit_site": None},
    }},
    "all": {"children": ["ungrouped", "emea", "north"]},
    "ungrouped": {"hosts": ["alone"]},
    "emea": {"children": ["north"]},
    "north": {"hosts": ["pvs01", "pvs02", "pvs03"]},
}


def imported(content, *words):
    return run("pvsaudit", "hosts", "import", "-", *words, stdin=content, env=environment())


def listed(folder, text, *words):
    (folder / "hosts.yaml").write_text(text)
    result = run("pvsaudit", "hosts", "list", "-i", folder / "hosts.yaml", "--json", *words,
                 env=environment())
    assert result.code == 0, result
    return {row["host"]: row for row in result.rows}


def test_what_ansible_lists_is_an_inventory(tmp_path):
    result = imported(json.dumps(ANSIBLE, indent=4))
    assert result.code == 0, result
    hosts = listed(tmp_path, result.out)
    assert sorted(hosts) == ["alone", "pvs01", "pvs02", "pvs03"]
    first = hosts["pvs01"]
    assert (first["address"], first["port"], first["transport"], first["site"], first["user"]) == (
        "10.0.0.1", 5986, "winrm", 'north: "old"', None)
    assert sorted(listed(tmp_path, result.out, "-l", "emea")) == ["pvs01", "pvs02", "pvs03"]
    assert yaml.safe_load(result.out)["all"]["hosts"]["pvs01"]["pvsaudit_expect"] == ["BNPXE"]


def test_what_may_not_stand_in_an_inventory_is_left_out_and_named():
    result = imported(json.dumps(ANSIBLE))
    assert "correct horse" not in result.out + result.err and "vault_user" not in result.out
    assert "ntp_server" not in result.out
    left_out = [line.strip() for line in result.out.splitlines() if "# left out: " in line]
    assert len(left_out) == 3
    for key in ("ansible_password", "ansible_user", "ansible_port"):
        assert any(key in line for line in left_out), left_out


def test_what_a_farm_lists_is_an_inventory(tmp_path):
    """One address is taken; of several nobody knows which, so the full name is."""
    content = ('#TYPE x\r\n"ServerName","SiteName","Ip","ServerFqdn"\r\n'
               '"PVS01","North","10.0.0.1","pvs01.example.org"\r\n'
               '"PVS02","North","10.0.0.2 10.1.0.2","pvs02.example.org"\r\n"PVS03","","",""\r\n')
    result = imported(content)
    assert result.code == 0, result
    hosts = listed(tmp_path, result.out)
    assert {name: (row["address"], row["site"]) for name, row in hosts.items()} == {
        "PVS01": ("10.0.0.1", "North"), "PVS02": ("pvs02.example.org", "North"),
        "PVS03": ("PVS03", None)}
    (tmp_path / "servers.csv").write_text(content)
    same = run("pvsaudit", "hosts", "--against", tmp_path / "servers.csv", "-i",
               tmp_path / "hosts.yaml", "--db", tmp_path / "none.db", env=environment())
    assert same.code == 0, same


@pytest.mark.parametrize("content, words, said", [
    ("{}", [], "no _meta: hostvars"),
    ('{"_meta": {"hostvars": []}}', [], "no _meta: hostvars"),
    ('{"_meta": ', [], "-:2:1: not valid"),
    ('{"_meta": {"hostvars": {}}}', [], "the inventory that it amounts to"),
    ("Guid,Description\n1,2\n", [], "no column is called"),
    ("pvs01\n", ["--json"], "always writes an inventory in YAML"),
])
def test_what_is_no_list_is_refused(content, words, said):
    result = imported(content, *words)
    assert result.code == 2 and said in result.err and result.out == "", result
