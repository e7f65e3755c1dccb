"""What a user can get wrong: a sentence that says what, where and what to do, and the exit code."""
import fcntl
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import termios
import time

import pytest

from harness import history
from harness.farm import Farm
from harness.programs import Site, program, run
from harness.situation import PXE_SITE

HOSTS = "all:\n  hosts:\n    a:\n      ansible_host: 127.0.0.1\n      ansible_user: x\n"


@pytest.fixture
def site(tmp_path):
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(HOSTS)
    return Site(tmp_path, inventory)


def says(result, code, *words):
    assert result.code == code, result
    for word in words:
        assert word in result.err, result
    assert len(result.err.strip().splitlines()) == 1, result


@pytest.mark.parametrize("text, words", [
    ("all:\n  hosts:\n    a:\n      ansible_password: x\n", ["hosts.yaml:4:7", "ansible_password"]),
    ("all:\n  hosts:\n    a:\n      ansible_user: !vault |\n        12\n", ["hosts.yaml:4:", "!vault"]),
    ("all:\n  hosts:\n    a:\n      ansible_user: \"{{ me }}\"\n", ["hosts.yaml:4:", "template"]),
    ("all:\n  hosts:\n    a:\n      pvsaudit_sight: x\n", ["hosts.yaml:4:7", "pvsaudit_site"]),
    ("all:\n\thosts:\n", ["hosts.yaml:2:"]),
    ("", ["hosts.yaml"]),
])
def test_a_wrong_inventory_is_named_with_its_place(site, text, words):
    with open(site.inventory, "w", encoding="utf-8") as file:
        file.write(text)
    says(site.scan(), 2, *words)
    assert not os.path.exists(site.db)


def test_an_inventory_that_is_not_there(tmp_path):
    says(Site(tmp_path, tmp_path / "none.yaml").scan(), 2, "none.yaml", "no such file")


def test_a_limit_that_matches_nothing_names_the_nearest(site):
    result = site.scan("-l", "b")
    assert result.code == 2 and "b" in result.err


def test_a_key_that_cannot_be_read(site, tmp_path):
    with open(site.inventory, "w", encoding="utf-8") as file:
        file.write(HOSTS + f"      pvsaudit_key_file: {tmp_path}/nothing\n")
    says(site.scan(), 2, "a: ", f"{tmp_path}/nothing")
    (tmp_path / "nothing").write_text("not a key\n")
    (tmp_path / "nothing").chmod(0o600)
    says(site.scan(), 2, "a: ", f"{tmp_path}/nothing")
    assert not os.path.exists(site.db)


def test_a_fifo_that_nobody_writes_to(site, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    for words in (["-i", fifo, "hosts", "list"], ["hosts", "list", "--config", fifo],
                  ["hosts", "list", "-i", site.inventory, "--expectations", fifo]):
        says(run("pvsaudit", *words, timeout=20), 2, str(fifo), "it is a FIFO")
    with open(site.inventory, "a", encoding="utf-8") as file:
        file.write(f"      pvsaudit_auth: password\n      pvsaudit_password_file: {fifo}\n")
    says(site.scan(timeout=20), 2, str(fifo), "it is a FIFO")


def unread_bytes(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


@pytest.mark.parametrize("path", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_an_inventory_from_a_pipe(path):
    result = run("pvsaudit", "hosts", "list", "--csv", "-i", path, stdin=HOSTS, timeout=20)
    assert result.code == 0 and "a,127.0.0.1" in result.out, result
    with subprocess.Popen([program("pvsaudit"), "hosts", "list", "-i", path], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as late:
        late.stdin.write("# " + "x" * 9000 + "\n")
        late.stdin.flush()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and unread_bytes(late.stdin) > 0:
            pass
        out, _ = late.communicate(HOSTS, timeout=20)
    assert late.returncode == 0 and "127.0.0.1" in out, "it waits for the pipe's other end"


def with_files(count, *words):
    return subprocess.run(["sh", "-c", f'ulimit -n {count}; exec "$0" "$@"', program(words[0]),
                           *map(str, words[1:])], capture_output=True, text=True, timeout=30)


def test_too_few_descriptors_name_their_limit(filled):
    for count in (8, 14, 31):
        result = with_files(count, "pvsaudit-collect", "scan", "-i", filled.site.inventory, "--db",
                            filled.site.db)
        assert result.returncode == 5 and result.stderr.splitlines() == [
            f"pvsaudit-collect: error: the limit of open files is {count}, and a scan needs 32 at "
            "least: raise it (ulimit -n)"], result
    for words in (["pvsaudit", "status"], ["pvsaudit-collect", "ingest", "/dev/null"]):
        result = with_files(4, *words, "--db", filled.site.db)
        assert result.returncode == 5 and "ulimit -n" in result.stderr, result


def test_a_password_file_that_others_can_read(site, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x\n")
    secret.chmod(0o644)
    with open(site.inventory, "w", encoding="utf-8") as file:
        file.write(HOSTS + f"      pvsaudit_password_file: {secret}\n")
    says(site.scan(), 2, str(secret), "chmod 600")


def test_an_agent_that_is_not_there(site):
    result = site.scan(env={"SSH_AUTH_SOCK": ""})
    assert result.code in (2, 3)


@pytest.mark.parametrize("command", [["missing"], ["status"], ["why", "a"], ["netstat", "a"],
                                     ["db", "export"]])
def test_a_history_that_is_not_there(site, command):
    says(site.ask(*command), 2, "history.db", "scan")
    assert not os.path.exists(site.db)


def test_a_history_that_is_not_ours(site):
    with sqlite3.connect(site.db) as foreign:
        foreign.execute("CREATE TABLE t (x)")
    before = open(site.db, "rb").read()
    says(site.ask("missing"), 2, "history.db")
    with open(site.inventory, "a", encoding="utf-8") as file:
        file.write("      pvsaudit_auth: agent\n")
    says(site.scan(env={"SSH_AUTH_SOCK": "/nowhere"}), 2, "history.db")
    assert open(site.db, "rb").read() == before


def test_a_file_that_is_no_database(site):
    with open(site.db, "wb") as file:
        file.write(b"this is a letter to my aunt\n" * 100)
    says(site.ask("missing"), 2, "history.db")
    says(site.scan(env={"SSH_AUTH_SOCK": "/nowhere"}), 2, "history.db")


def test_an_empty_history(site):
    open(site.db, "wb").close()
    says(site.ask("missing"), 2, "history.db", "scan")


@pytest.fixture
def filled(tmp_path):
    with Farm(tmp_path, PXE_SITE) as farm:
        assert farm.scan().code == 0
        yield farm


def test_a_history_newer_than_we_know(filled):
    with sqlite3.connect(filled.site.db) as newer:
        newer.execute("PRAGMA user_version = 9999")
    says(filled.ask("missing"), 2, "newer")
    says(filled.scan(), 2, "newer")


def cut(path):
    with open(path, "r+b") as file:
        file.truncate(4096 * 3)


def of_no_known_format(path):
    with open(path, "r+b") as file:
        file.seek(47)
        file.write(b"\xff")


def without_a_table(path):
    with sqlite3.connect(path) as damaged:
        damaged.execute("DROP TABLE gap")


def test_a_history_with_a_hard_link_is_read_and_not_written(filled, tmp_path):
    other = tmp_path / "other-name.db"
    os.link(filled.site.db, other)
    for path in (filled.site.db, other):
        result = run("pvsaudit-collect", "ingest", "/dev/null", "--db", path)
        says(result, 2, str(path), "has 2 names (hard links)", "remove the others")
        assert not os.path.exists(f"{other}-wal")
    assert filled.ask("status").code == 0
    os.unlink(other)
    os.symlink(filled.site.db, other)
    assert run("pvsaudit-collect", "ingest", "/dev/null", "--db", other, "-q").code == 0


@pytest.mark.parametrize("damage", [cut, of_no_known_format, without_a_table])
def test_a_damaged_history(filled, damage):
    damage(filled.site.db)
    for command in (["status"], ["missing"], ["why", "pvs01"], ["netstat", "pvs01"],
                    ["db", "export"]):
        result = filled.ask(*command)
        says(result, 2, "history.db", "damaged; restore a copy of it")
        assert "writing" not in result.err
    says(filled.scan(), 2, "history.db", "damaged; restore a copy of it")


def test_a_read_only_history_and_a_reader_without_rights(filled, tmp_path):
    if os.getuid() != 0:
        os.chmod(filled.site.db, 0o440)
        says(filled.scan(), 5, "history.db")
        assert filled.ask("missing").code == 0
        return
    shared = tmp_path / "shared"
    shared.mkdir()
    for name in os.listdir(tmp_path):
        if name.startswith("history.db"):
            shutil.copy(tmp_path / name, shared / name)
    os.chmod(shared, 0o555)
    for name in os.listdir(shared):
        os.chmod(shared / name, 0o444)
    for parent in (p for p in [tmp_path, *tmp_path.parents] if "pytest-of-" in str(p)):
        os.chmod(parent, 0o755)
    asked = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         os.path.join(os.environ["PVSAUDIT_BUILD"], "bin", "pvsaudit"), "missing", "--db",
         str(shared / "history.db"), "--json"], capture_output=True, text=True, timeout=60,
        env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"})
    if "Permission denied" in asked.stderr and "pvsaudit:" not in asked.stderr:
        pytest.skip("the build folder cannot be read by another user here")
    assert asked.returncode == 0, asked.stderr
    scanned = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         os.path.join(os.environ["PVSAUDIT_BUILD"], "bin", "pvsaudit-collect"), "ingest",
         "/dev/null", "--db", str(shared / "history.db")], capture_output=True, text=True,
        timeout=60, env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"})
    assert scanned.returncode == 5 and "history.db" in scanned.stderr, scanned.stderr
    assert "not an error" not in scanned.stderr, scanned.stderr


def test_a_full_disk_is_said_and_nothing_half_is_left(tmp_path):
    if os.getuid() != 0:
        pytest.skip("mounting a tmpfs needs root")
    small = tmp_path / "small"
    small.mkdir()
    scenario = PXE_SITE.replace("pvs[01:04]", "pvs[001:200]")
    with Farm(tmp_path, scenario) as farm:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", str(small)], check=True)
        try:
            farm.site.db = str(small / "history.db")
            result = farm.scan()
            assert result.code == 5, result
            assert "history.db" in result.err and "full" in result.err.lower(), result
            if os.path.exists(farm.site.db) and os.path.getsize(farm.site.db) > 0:
                copy = tmp_path / "copy.db"
                for ending in ("", "-wal"):
                    if os.path.exists(farm.site.db + ending):
                        shutil.copy(farm.site.db + ending, str(copy) + ending)
                assert history.is_whole(copy)
        finally:
            subprocess.run(["umount", str(small)], check=True)


def test_ingest_into_a_full_disk_tells_how_many_visits_were_kept(filled, tmp_path):
    if os.getuid() != 0:
        pytest.skip("mounting a tmpfs needs root")
    line = json.loads(filled.ask("db", "export").out.splitlines()[0])
    path = tmp_path / "visits.ndjson"
    path.write_text("".join(json.dumps(line | {"host": f"h{i:04}"}) + "\n" for i in range(1000)))
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=640k", "tmpfs", str(small)], check=True)
    try:
        result = run("pvsaudit-collect", "ingest", path, "--db", small / "history.db")
        assert result.code == 5, result
        told = re.search(r"^(\d+) visits read and kept; what came after could not be written: "
                         "run it again$", result.err, re.M)
        assert told and int(told[1]) > 0, result
        shutil.copytree(small, tmp_path / "copy")
        kept = history.rows(tmp_path / "copy" / "history.db", "SELECT count(*) FROM observation")
        assert kept == [(int(told[1]),)]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_one_visit_is_one_visit(filled, tmp_path):
    path = tmp_path / "visits.ndjson"
    path.write_text(filled.ask("db", "export").out.splitlines()[0] + "\n")
    result = run("pvsaudit-collect", "ingest", path, "--db", tmp_path / "other.db")
    assert result.err == "1 visit read\n"


def test_ingest_names_the_bad_line_and_keeps_those_before(filled, tmp_path):
    lines = filled.ask("db", "export").out.splitlines()
    path = tmp_path / "visits.ndjson"
    path.write_text("\n".join([lines[0], lines[1], '{"host": 5}', lines[2]]) + "\n")
    other = tmp_path / "other.db"
    result = run("pvsaudit-collect", "ingest", path, "--db", other)
    assert result.code == 2 and "visits.ndjson:3:" in result.err, result
    assert history.rows(other, "SELECT count(*) FROM observation") == [(2,)]


@pytest.mark.parametrize("text, words", [
    (b"\n\0\n", [":2: ", "NUL byte"]), (b"{}\0", [":1: ", "NUL byte"]),
    (b"x" * (16 << 20) + b"x\n", [":1: ", "longer than 16777216 bytes"])],
    ids=["nul", "nul-at-the-end", "too-long"])
def test_ingest_ends_at_what_is_no_line_of_text(site, tmp_path, text, words):
    lines = tmp_path / "lines"
    lines.write_bytes(text)
    result = run("pvsaudit-collect", "ingest", lines, "--db", site.db, timeout=20)
    assert result.code == 2 and all(word in result.err for word in words), result


def test_ingest_of_a_device_without_an_end_ends(site):
    result = run("pvsaudit-collect", "ingest", "/dev/zero", "--db", site.db, timeout=20)
    assert result.code == 2 and "/dev/zero:1: the line has a NUL byte" in result.err, result


def test_export_and_ingest_give_the_same_answers(filled, tmp_path):
    exported = filled.ask("db", "export").out
    path = tmp_path / "visits.ndjson"
    path.write_text(exported)
    db = tmp_path / "other.db"
    for _ in range(2):  # delivered twice, nothing changes
        result = run("pvsaudit-collect", "ingest", path, "--db", db)
        assert result.code == 0, result
    again = run("pvsaudit", "db", "export", "--db", db)
    assert again.out == exported
    ours = run("pvsaudit", "status", "--db", db, "--json").rows
    assert ours == filled.ask("status", "--json").rows


def test_unknown_words_name_the_nearest():
    says(run("pvsaudit", "mising"), 2, "missing")
    says(run("pvsaudit", "missing", "--jsn"), 2, "--json")
    says(run("pvsaudit-collect", "parse", "netsat", "/dev/null"), 2, "netstat")
