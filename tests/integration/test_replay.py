"""Visits are recorded, and recordings are played through the same parsers into the same history."""
import base64
import json
import os
import stat
import subprocess

import pytest

from harness import disk
from harness.farm import Farm
from harness.programs import NTLM_LEAKS, ROOT, Site, run

SCENARIO = """
farm: emea
seed: 7
accounts:
  - name: audit
    key: true
    password: hunter2-is-secret
servers:
  - names: pvs[01:02]
    site: frankfurt
  - names: pvs03
    site: frankfurt
    transport: winrm
    auth: ntlm
  - names: pvs04
    site: lyon
    os: 2012 R2
    transport: winrm
    auth: ntlm
  - names: pvs05
    site: lyon
    transport: winrm
    scheme: https
    auth: basic
    offers: [basic]
"""
QUICK = "retry_after: 0s\n"
FIXTURES = os.path.join(ROOT, "tests", "fixtures", "recordings")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A farm that was scanned once and has stopped, and the folder of recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    with Farm(folder, SCENARIO, settings=QUICK) as farm:
        farm.ctl("lose", "pvs03", "now")
        farm.ctl("misbehave", "pvs02", "deny-auth")
        result = farm.scan("--record", folder / "tape", env=NTLM_LEAKS)
        assert result.code == 1, result
    return farm, folder / "tape"


def export(site):
    return sorted(site.ask("db", "export").out.splitlines())


def play(tmp_path, farm, tape):
    site = Site(tmp_path, farm.inventory)
    return site, site.scan("--replay", tape)


def copy_of(tape, folder):
    folder.mkdir()
    for path in tape.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_recording_is_one_private_file_a_visit(recorded):
    _, tape = recorded
    assert stat.S_IMODE(tape.stat().st_mode) == 0o700
    assert sorted(path.name for path in tape.iterdir()) == [f"pvs0{n}.jsonl" for n in range(1, 6)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tape.iterdir()} == {0o600}
    head = lines_of(tape / "pvs03.jsonl")[0]
    assert (head["recording"], head["host"], head["os"], head["transport"], head["kind"]) == \
        (1, "pvs03", "windows", "winrm", "full")


def test_a_recording_has_no_secret_in_it(recorded):
    farm, tape = recorded
    with open(os.path.join(farm.folder, "client_key"), "rb") as file:
        key = file.read().splitlines()[1]
    secrets = [b"hunter2-is-secret", key, base64.b64encode(b"audit:hunter2-is-secret"),
               b"Authorization", b"NTLMSSP", b"TlRMTVNTU", b"Negotiate ", b"Basic "]
    whole = b"".join(path.read_bytes() for path in tape.iterdir())
    assert b"Win32_Service" in whole and b"netstat" in whole
    assert [secret for secret in secrets if secret in whole] == []


def test_a_replay_gives_the_history_that_was_recorded(recorded, tmp_path):
    farm, tape = recorded
    site, result = play(tmp_path, farm, tape)
    assert result.code == 1, result
    assert export(site) == export(farm.site)
    assert site.verdicts() == farm.site.verdicts()
    assert site.verdicts("BNPXE")["pvs03"] == "not-bound"


def test_what_failed_then_fails_now_with_its_own_words(recorded, tmp_path):
    farm, tape = recorded
    site, _ = play(tmp_path, farm, tape)
    rows = {row["host"]: row for row in map(json.loads, export(site))}
    assert rows["pvs02"]["read"] is False and rows["pvs02"]["reason"] == "auth"
    assert "audit" in rows["pvs02"]["detail"]


def test_a_question_that_is_not_recorded_is_told(recorded, tmp_path):
    farm, tape = recorded
    changed = copy_of(tape, tmp_path / "changed")
    lines = lines_of(changed / "pvs03.jsonl")
    kept = [line for line in lines if "MSFT_NetUDPEndpoint" not in line.get("asked", "")]
    assert len(kept) == len(lines) - 1
    kept[1]["exchanges"] -= 1
    write_lines(changed / "pvs03.jsonl", kept)
    ssh = lines_of(changed / "pvs01.jsonl")
    assert "netstat.exe -ano" in ssh[2]["asked"]
    ssh[2]["asked"] = ssh[2]["asked"].replace("netstat.exe -ano", "netstat.exe -an")
    write_lines(changed / "pvs01.jsonl", ssh)
    site, _ = play(tmp_path, farm, changed)
    rows = {row["host"]: row for row in map(json.loads, export(site))}
    assert rows["pvs03"]["reason"] == "partial"
    assert "does not hold what is asked now (udp)" in rows["pvs03"]["detail"]
    # of a command what is still asked alike is held, and the rest is lacking
    sections = rows["pvs01"]["sections"]
    assert sections["udp"]["outcome"] == "failed" and sections["services"]["outcome"] == "complete"
    assert site.verdicts("BNPXE")["pvs01"] == "unknown"
    assert rows["pvs04"]["read"] and rows["pvs05"]["read"]


def test_another_command_altogether_is_told(recorded, tmp_path):
    farm, tape = recorded
    changed = copy_of(tape, tmp_path / "changed")
    ssh = lines_of(changed / "pvs01.jsonl")
    ssh[2]["asked"] = "uptime"
    write_lines(changed / "pvs01.jsonl", ssh)
    site, _ = play(tmp_path, farm, changed)
    rows = {row["host"]: row for row in map(json.loads, export(site))}
    assert rows["pvs01"]["reason"] == "partial"
    assert "does not hold the command that is sent now" in rows["pvs01"]["detail"]


def test_an_answer_is_parsed_again(recorded, tmp_path):
    """What is played goes through the parser of envelopes: a damaged one is noticed there."""
    farm, tape = recorded
    changed = copy_of(tape, tmp_path / "changed")
    lines = lines_of(changed / "pvs03.jsonl")
    lines[3]["answer"] = lines[3]["answer"].replace("</s:Body>", "")
    write_lines(changed / "pvs03.jsonl", lines)
    site, _ = play(tmp_path, farm, changed)
    rows = {row["host"]: row for row in map(json.loads, export(site))}
    assert rows["pvs03"]["reason"] == "partial" and "no answer to what" in rows["pvs03"]["detail"]


def test_a_replay_needs_nothing_but_the_inventory(recorded, tmp_path):
    """Neither keys nor passwords nor pins: those are of another machine."""
    farm, tape = recorded
    with open(farm.inventory, encoding="utf-8") as file:
        text = file.read().replace(farm.folder, "/nowhere")
    assert "/nowhere/client_key" in text and "/nowhere/known_hosts" in text
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(text)
    site = Site(tmp_path, inventory)
    assert site.scan("--replay", tape).code == 1
    assert export(site) == export(farm.site)


def test_a_host_without_a_recording_is_unknown(recorded, tmp_path):
    farm, tape = recorded
    fewer = copy_of(tape, tmp_path / "fewer")
    (fewer / "pvs05.jsonl").unlink()
    site, _ = play(tmp_path, farm, fewer)
    rows = {row["host"]: row for row in map(json.loads, export(site))}
    assert rows["pvs05"]["reason"] == "skipped"
    assert "hold no visit of pvs05" in rows["pvs05"]["detail"]


@pytest.mark.parametrize("change, said", [
    (lambda lines: lines[:-1], "ends in line"),
    (lambda lines: lines + lines[-1:], "more follows than it announces"),
    (lambda lines: [{**lines[0], "recording": 2}] + lines[1:], "of version 2"),
    (lambda lines: lines[1:], "no recording of a visit"),
])
def test_a_damaged_recording_is_refused(recorded, tmp_path, change, said):
    farm, tape = recorded
    damaged = copy_of(tape, tmp_path / "damaged")
    write_lines(damaged / "pvs01.jsonl", change(lines_of(damaged / "pvs01.jsonl")))
    site, result = play(tmp_path, farm, damaged)
    assert result.code == 2 and "pvs01.jsonl" in result.err and said in result.err, result
    assert not os.path.exists(site.db)


def test_every_prefix_of_a_recording_is_refused(recorded, tmp_path):
    farm, tape = recorded
    whole = (tape / "pvs02.jsonl").read_bytes()
    cut = tmp_path / "cut"
    cut.mkdir()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (cut / "pvs02.jsonl").write_bytes(whole[:length])
        assert play(tmp_path, farm, cut)[1].code == 2, length


def test_a_folder_is_of_one_scan(recorded):
    farm, tape = recorded
    before = {path.name: path.read_bytes() for path in tape.iterdir()}
    result = farm.scan("--record", tape)
    assert result.code == 2 and "holds recordings already" in result.err, result
    assert {path.name: path.read_bytes() for path in tape.iterdir()} == before


def test_a_folder_that_others_can_look_into_is_refused(recorded, tmp_path):
    farm, _ = recorded
    open_folder = tmp_path / "open"
    open_folder.mkdir(mode=0o755)
    open_folder.chmod(0o755)
    result = farm.scan("--record", open_folder)
    assert result.code == 2 and "chmod 700" in result.err, result


@pytest.mark.parametrize("options, said", [
    (["--record", "a", "--replay", "b"], "--record and --replay exclude each other"),
    (["--replay", "b", "--as-of", "2026-11-22"], "--as-of and --replay exclude each other"),
])
def test_what_cannot_be_together(options, said):
    result = run("pvsaudit-collect", "scan", *options)
    assert result.code == 2 and said in result.err, result


def test_a_full_disk_costs_the_recording_and_no_reading(tmp_path):
    refused = disk.refusal()
    if refused is not None:
        pytest.skip(f"no disk of our own: {refused}")
    tape = tmp_path / "tape"
    tape.mkdir(mode=0o700)
    with Farm(tmp_path, SCENARIO, settings=QUICK) as farm:
        mount = f'mount -t tmpfs -o size=16k,mode=700 tmpfs {tape} && exec "$@"'
        result = farm.scan("--record", tape, "-l", "pvs01",
                           enter=[*disk.UNSHARE, "sh", "-c", mount, "sh"])
        assert result.code == 5 and "1 visit is not recorded" in result.err, result
        assert "No space left on device" in result.err
        row = json.loads(export(farm.site)[0])
    assert row["host"] == "pvs01" and row["read"] is True


def recordings():
    return sorted(name[:-len(".jsonl")] for name in os.listdir(FIXTURES)
                  if name.endswith(".jsonl"))


def missing_of(expected, seen, path=""):
    """Members of what is expected that the snapshot does not have."""
    if isinstance(expected, dict):
        return [hit for name, value in expected.items()
                for hit in missing_of(value, (seen or {}).get(name), f"{path}.{name}")]
    if isinstance(expected, list):
        return [f"{path}: no {row}" for row in expected
                if all(missing_of(row, one) for one in seen or [])]
    return [] if expected == seen else [f"{path}: {seen!r}, not {expected!r}"]


@pytest.mark.parametrize("name", recordings())
def test_recording_of_the_folder(name, tmp_path):
    """NAME.jsonl beside NAME.expect: what the snapshot and the verdicts must hold at least."""
    source = os.path.join(FIXTURES, name)
    with open(f"{source}.jsonl", encoding="utf-8") as file:
        head = json.loads(file.readline())
    with open(f"{source}.expect", encoding="utf-8") as file:
        expected = json.load(file)
    tape = tmp_path / "tape"
    tape.mkdir()
    os.symlink(f"{source}.jsonl", tape / "visit.jsonl")
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(f"all:\n  hosts:\n    {head['host']}:\n"
                         f"      pvsaudit_os: {head['os']}\n"
                         f"      pvsaudit_transport: {head['transport']}\n"
                         f"      pvsaudit_user: nobody\n")
    site = Site(tmp_path, inventory)
    light = ["--light"] if head["kind"] == "light" else []
    result = site.scan("--replay", tape, *light)
    assert result.code in (0, 1, 3, 4), result
    row = json.loads(export(site)[0])
    assert missing_of(expected["snapshot"], row) == []
    assert {expectation: verdict for (_, expectation), verdict in site.verdicts().items()
            if expectation in expected["verdicts"]} == expected["verdicts"]


def test_the_folder_of_recordings_is_scrubbed():
    for name in recordings():
        with open(os.path.join(FIXTURES, f"{name}.jsonl"), "rb") as file:
            assert b"pvs0" not in file.read().lower(), name


def test_the_scrubbing_tool_needs_nothing_but_python(tmp_path):
    done = subprocess.run(["python3", "-I", "-S", os.path.join(ROOT, "tools", "scrub-recording"),
                           "--help"], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0 and "--seed" in done.stdout
