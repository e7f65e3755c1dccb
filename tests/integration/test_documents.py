"""Every command and output in the documents is executed: what is printed there is what comes out."""
import collections
import json
import os
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from harness.programs import NTLM_LEAKS, ROOT, program, run

DOCUMENTS = ["README.md"] + sorted(
    os.path.join("docs", name) for name in os.listdir(os.path.join(ROOT, "docs"))
    if name.endswith(".md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MASKS = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[A-Z]{1,4})?"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"\b\d+ (s|min|h|d) ago\b"), "AGE ago"),
    (re.compile(r"\bpid \d+\b"), "pid N"),
    (re.compile(r"\bport \d+\b"), "port N"),
    (re.compile(r"^(\S+ +(?:ok|failed|denied) +)\d+ ", re.MULTILINE), r"\1MS "),
]


def masked(text):
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    # The widths of a table follow its widest cell, which may be a time.
    return [re.sub(r"  +", " ", line).rstrip() for line in text.strip().splitlines()]


def blocks(document, *kinds):
    with open(os.path.join(ROOT, document), encoding="utf-8") as file:
        return [body for kind, body in FENCE.findall(file.read()) if kind in kinds]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    os.makedirs(folder / "build")
    result = run("pvsaudit", "demo", "--dir", str(folder / "build" / "demo"), env=NTLM_LEAKS)
    assert result.code == 0, result
    return folder


def test_the_demo_tells_the_story(demo):
    result = run("pvsaudit", "missing", "--db", demo / "build/demo/history.db", "--json")
    assert result.code == 1
    assert [(row["host"], row["finding"], row["verdict"]) for row in result.rows] == [
        ("pvs17", "lost-at-boot", "not-bound")]
    repaired = run("pvsaudit", "missing", "--db", demo / "build/demo/repaired.db", "--json")
    assert repaired.code == 0 and repaired.rows == []
    assert os.path.exists(demo / "build/demo/hosts.yaml")


def test_half_of_the_demo_speaks_sealed_ntlm(demo):
    with open(demo / "build/demo/hosts.yaml", encoding="utf-8") as file:
        sites = yaml.safe_load(file)["all"]["children"].values()
    logins = collections.Counter(
        (host.get("pvsaudit_transport", "ssh"), host.get("pvsaudit_scheme"), host.get("pvsaudit_auth"))
        for site in sites for host in site["hosts"].values())
    assert logins == {("ssh", None, None): 20, ("winrm", "http", "ntlm"): 20}
    read = run("pvsaudit", "db", "export", "--db", demo / "build/demo/history.db")
    assert collections.Counter(json.loads(line)["mechanism"] for line in read.out.splitlines()) == {
        "publickey": 40, "ntlm": 40}


def test_the_demo_uses_the_shipped_settle_times_and_boot_rule(demo):
    with open(demo / "build/demo/settings.yaml", encoding="utf-8") as file:
        keys = [line.split(":")[0] for line in file if line.strip()]
    assert keys == ["state_dir"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_with_their_output(document, demo):
    for body in blocks(document, "console"):
        command, _, output = body.partition("\n")
        assert command.startswith("$ "), f"{document}: a console block begins with a command"
        words = shlex.split(command[2:])
        done = subprocess.run([program(words[0]), *words[1:]], cwd=demo, capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert masked(done.stdout + done.stderr) == masked(output), f"{document}: {command}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_ones_that_exist(document):
    """A `sh` block's commands are taken by the command line as they stand."""
    for body in blocks(document, "sh"):
        for line in body.splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "./run":
                assert re.search(rf"^    \./run|^{words[1]}\b|\b{words[1]} ", run_help(), re.M), line
            elif words[0] in ("pvsaudit", "pvsaudit-collect"):
                done = run(words[0], *[w.strip("'\"") for w in words[1:]], "--help")
                assert done.code == 0, f"{document}: {line}\n{done}"


def run_help():
    return subprocess.run([os.path.join(ROOT, "run"), "help"], capture_output=True, text=True,
                          timeout=30).stdout


def test_the_inventory_of_the_readme_is_one(tmp_path):
    (body,) = blocks("README.md", "yaml")
    (tmp_path / "hosts.yaml").write_text(body)
    result = run("pvsaudit", "hosts", "list", "-i", tmp_path / "hosts.yaml", "--json",
                 "--db", tmp_path / "none.db")
    assert result.code == 0, result
    assert len(result.rows) == 16


def test_install_puts_the_programs_where_they_find_each_other(tmp_path):
    build = os.path.dirname(os.path.dirname(program("pvsaudit")))
    done = subprocess.run(["cmake", "--install", build, "--prefix", str(tmp_path / "usr")],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    asked = subprocess.run([tmp_path / "usr/bin/pvsaudit", "scan", "-i", "/nowhere.yaml"],
                           capture_output=True, text=True, timeout=30)
    assert asked.returncode == 2 and "pvsaudit-collect" in asked.stderr
    shutil.rmtree(tmp_path / "usr")


def test_every_command_in_the_help_has_a_manual_page_entry():
    helped = run("pvsaudit", "help").out
    with open(os.path.join(ROOT, "docs/man/pvsaudit.1"), encoding="utf-8") as file:
        manual = file.read()
    for command in ("scan", "missing", "status", "why", "netstat", "history", "diff", "compare",
                    "boots", "drift", "scans", "coverage", "gate", "verify", "decisions", "hosts", "sql", "db",
                    "doctor", "demo"):
        assert command in helped and command in manual
