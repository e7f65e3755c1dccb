"""The completion of command lines: the script is sourced by bash and its function called."""
import os
import subprocess

import pytest

from harness.programs import program, run

CALL = """
source /dev/stdin <<<"$SCRIPT" || exit 9
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
%s
printf '%%s\\n' "${COMPREPLY[@]}"
"""
NAMES = ["scan", "missing", "status", "why", "netstat", "history", "diff", "compare", "boots", "drift",
         "scans", "coverage", "gate", "verify", "decisions", "hosts", "sql", "db", "doctor", "demo", "help",
         "version"]
EVERYWHERE = ["--db", "--inventory", "--limit", "--config", "--json", "--ndjson", "--csv",
              "--color", "--as-of", "--verbose", "--quiet", "--help", "--version"]


def script(name="pvsaudit"):
    result = run(name, "help", "--completion", "bash")
    assert result.code == 0, result
    return result.out


def complete(folder, *words, function="_pvsaudit", name="pvsaudit"):
    """What bash would offer for the last word, in a folder of our own."""
    done = subprocess.run(["bash", "--norc", "-u", "-c", CALL % function, "bash", *words],
                          env={**os.environ, "SCRIPT": script(name)}, cwd=folder, text=True,
                          capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("line, offered", [
    (["pvsaudit", ""], NAMES),
    (["pvsaudit", "st"], ["status"]),
    (["pvsaudit", "xyz"], []),
    (["pvsaudit", "hosts", ""], ["check", "list", "origin", "import", "retire", "rename"]),
    (["pvsaudit", "hosts", "c"], ["check"]),
    (["pvsaudit", "db", ""], ["export"]),
    (["pvsaudit", "help", ""], NAMES),
    (["pvsaudit", "help", "hosts", "o"], ["origin"]),
    (["pvsaudit", "hosts", "--ag"], ["--against"]),
    (["pvsaudit", "hosts", "--against", "h"], ["history.db", "hosts.yaml"]),
    (["pvsaudit", "sql", "--max"], ["--max-rows"]),
    (["pvsaudit", "help", "--comp"], ["--completion"]),
    (["pvsaudit", "help", "--completion", ""], ["bash"]),
    (["pvsaudit", "--j"], ["--json"]),
    (["pvsaudit", "-"], EVERYWHERE),
    (["pvsaudit", "missing", "--"], ["--since", "--unreachable", "--format", *EVERYWHERE]),
    (["pvsaudit", "status", "--b"], ["--by"]),
    (["pvsaudit", "status", "--since"], []),
    (["pvsaudit", "hosts", "check", "--e"], ["--expectations"]),
    (["pvsaudit", "status", "--unreachable", ""], ["fail", "warn", "ignore"]),
    (["pvsaudit", "status", "--unreachable", "=", "w"], ["warn"]),
    (["pvsaudit", "status", "--unreachable", "="], ["fail", "warn", "ignore"]),
    (["pvsaudit", "status", "--unreachable=i"], ["--unreachable=ignore"]),
    (["pvsaudit", "--color", "al"], ["always"]),
    (["pvsaudit", "missing", "--since", ""], []),
    (["pvsaudit", "-i", "ho"], ["hosts.yaml"]),
    (["pvsaudit", "-i", "hosts.yaml", "wh"], ["why"]),
    (["pvsaudit", "--db", "history.db", "wh"], ["why"]),
    (["pvsaudit", "--db", "=", "history.db", "wh"], ["why"]),
    (["pvsaudit", "--db=history.db", "hosts", "l"], ["list"]),
    (["pvsaudit", "-q", "demo", "--dir", ""], ["a folder"]),
    (["pvsaudit", "scan", "ho"], []),
    (["pvsaudit", "why", "ho"], []),
    (["pvsaudit", "hosts", "origin", "pvs01", ""], []),
])
def test_bash_is_offered_what_the_table_of_commands_has(tmp_path, line, offered):
    (tmp_path / "hosts.yaml").write_text("")
    (tmp_path / "history.db").write_text("")
    (tmp_path / "a folder").mkdir()
    assert complete(tmp_path, *line) == offered


@pytest.mark.parametrize("line, offered", [
    (["pvsaudit-collect", ""],
     ["scan", "gate", "verify", "hosts", "doctor", "demo", "ingest", "parse", "help", "version"]),
    (["pvsaudit-collect", "ingest", "v"], ["visits.ndjson"]),
    (["pvsaudit-collect", "parse", "v"], []),
    (["pvsaudit-collect", "parse", "netstat", "v"], ["visits.ndjson"]),
    (["pvsaudit-collect", "scan", "--acc"], ["--accept-new"]),
])
def test_the_other_program_has_its_own(tmp_path, line, offered):
    (tmp_path / "visits.ndjson").write_text("")
    assert complete(tmp_path, *line, function="_pvsaudit_collect",
                    name="pvsaudit-collect") == offered


def test_every_option_of_every_command_is_offered(tmp_path):
    listed = run("pvsaudit", "help").out.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    commands = [[word for word in line.split("  ")[1].split() if word.islower()]
                for line in listed if line[2] != " "]
    assert len(commands) > 10
    for words in commands:
        shown = run("pvsaudit", "help", *words).out
        options = {word.split("=")[0] for line in shown.splitlines() for word in line.split()[:2]
                   if line.startswith("  -") and word.startswith("--")}
        assert set(complete(tmp_path, "pvsaudit", *words, "--")) == options, words


def test_bash_calls_the_function_for_the_program():
    for name in ("pvsaudit", "pvsaudit-collect"):
        done = subprocess.run(["bash", "--norc", "-c", f'source /dev/stdin; complete -p {name}'],
                              input=script(name), text=True, capture_output=True, timeout=30)
        assert done.stdout == f"complete -F _{name.replace('-', '_')} {name}\n", done


def test_another_shell_is_a_usage_error():
    result = run("pvsaudit", "help", "--completion", "fish")
    assert result.code == 2 and "fish is not bash" in result.err
    assert run("pvsaudit", "missing", "--completion", "bash").code == 2


def test_what_is_installed_is_what_the_program_says(tmp_path):
    build = os.path.dirname(os.path.dirname(program("pvsaudit")))
    done = subprocess.run(["cmake", "--install", build, "--prefix", str(tmp_path)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for name in ("pvsaudit", "pvsaudit-collect"):
        assert (tmp_path / "share/bash-completion/completions" / name).read_text() == script(name)
