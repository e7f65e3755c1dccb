"""sql: a person's own questions: what they answer, what is refused, and what has a limit."""
import csv
import hashlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import time
from datetime import timedelta

import jsonschema
import pytest
from test_cli import NIGHT, environment, schema, story, visit

from harness.peak import kilobytes, measured
from harness.programs import program, run
from harness.terminal import Terminal

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """The story of the commands; and of pvs31 one visit without its udp section."""
    folder = tmp_path_factory.mktemp("sql")
    partial = visit("pvs31", NIGHT, NIGHT - timedelta(days=9))
    partial["sections"]["udp"] = {"outcome": "partial", "source": "netstat"}
    partial["endpoints"] = [row for row in partial["endpoints"] if row["proto"] == "tcp"]
    lines = [*story(), partial]
    (folder / "visits.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
    database = folder / "history.db"
    result = run("pvsaudit-collect", "ingest", folder / "visits.ndjson", "--db", database, "--as-of",
                 "2024-03-05T22:05:00Z", env=environment())
    assert result.code == 0, result
    return database


def ask(history, *words, **options):
    return run("pvsaudit", "sql", "--db", history, *words, env=environment(), **options)


def rows(history, statement, *words):
    result = ask(history, statement, "--json", *words)
    assert result.code == 3, result  # the history is years old, by this clock
    return [list(row.values()) for row in result.rows]


def test_a_statement_answers_in_every_form(history):
    statement = "SELECT host, first_bad, verdict FROM lost_after_reboot WHERE state = 'missing'"
    found = ["pvs17", "2024-03-05T22:00:00Z", "not-bound"]
    assert rows(history, statement) == [found]
    assert json.loads(ask(history, statement, "--ndjson").out) == dict(
        zip(("host", "first_bad", "verdict"), found))
    assert list(csv.reader(io.StringIO(ask(history, statement, "--csv").out))) == [
        ["host", "first_bad", "verdict"], found]
    shown = ask(history, statement)
    assert shown.out.splitlines()[1:] == ["host  first_bad            verdict",
                                          "pvs17 2024-03-05T22:00:00Z not-bound"]
    assert shown.out.startswith("last complete scan ") and "STALE" in shown.out
    assert shown.code == 3


def test_values_keep_their_types(history):
    statement = ("SELECT 7 AS n, 7 AS n, -0.5 AS r, 2.0 AS w, NULL AS none, x'00ff' AS b, 'é' AS t, "
                 "'' AS empty, 9e999 AS far, char(97, 0, 98) AS nul")
    expected = {"n": 7, "n_2": 7, "r": -0.5, "w": 2.0, "none": None, "b": "x'00ff'", "t": "é",
                "empty": "", "far": "Infinity", "nul": "a\\x00b"}
    answer = ask(history, statement, "--json").json
    jsonschema.validate(answer, schema("sql"))
    assert answer["rows"] == [expected]
    assert {k: type(v) for k, v in answer["rows"][0].items()} == {
        k: type(v) for k, v in expected.items()}
    assert ask(history, statement, "--csv").out == (
        "n,n_2,r,w,none,b,t,empty,far,nul\n7,7,-0.5,2.0,,x'00ff',é,,Infinity,a\\x00b\n")
    assert ask(history, statement).out.splitlines()[2].split() == [
        "7", "7", "-0.5", "2.0", "-", "x'00ff'", "é", "Infinity", "a\\x00b"]


def test_text_of_a_host_and_of_a_statement_steers_nothing(history):
    hosts = ask(history, "SELECT DISTINCT host FROM visits WHERE host LIKE 'pvs22%'")
    assert hosts.out.splitlines()[2] == "pvs22\\x1b[31m" and "\x1b" not in hosts.out
    named = ask(history, "SELECT 1 AS \"a\x1b[31m\", '=1+1' AS \"=b\"")
    assert "\x1b" not in named.out + named.err and "a\\x1b[31m" in named.out
    assert ask(history, "SELECT '=1+1' AS \"=b\", -1 AS c", "--csv").out == "'=b,c\n'=1+1,-1\n"
    wrong = ask(history, "SELECT \x1b[31m")
    assert wrong.code == 2 and "\x1b" not in wrong.err


def test_several_statements_follow_each_other(history):
    several = "SELECT 1 AS a; SELECT 2 AS b, 3 AS c; -- the end\n"
    assert ask(history, several, "--ndjson").out == '{"a":1}\n{"b":2,"c":3}\n'
    assert ask(history, several, "--csv").out == "a\n1\n\nb,c\n2,3\n"
    decoder, text_left, found = json.JSONDecoder(), ask(history, several, "--json").out, []
    while text_left.strip():
        answer, end = decoder.raw_decode(text_left.lstrip())
        found.append(answer["rows"])
        text_left = text_left.lstrip()[end:]
    assert found == [[{"a": 1}], [{"b": 2, "c": 3}]]
    assert ask(history, "--ndjson", stdin=several).out == '{"a":1}\n{"b":2,"c":3}\n'
    assert ask(history, "  -- nothing\n", "--ndjson").out == ""
    assert ask(history, "--ndjson", stdin="").out == ""
    assert "no rows" in ask(history, "SELECT 1 WHERE 0").out


@pytest.mark.parametrize("statements, line, column, said, below", [
    ("SELECT hots FROM visits", 1, 8, "no such column: hots", "  SELECT hots FROM visits\n         ^"),
    ("SELECT 1;\n  SELECT * FORM visits;", 2, 12, 'near "FORM": syntax error',
     "    SELECT * FORM visits;\n             ^"),
    ("SELECT 'é', 'x", 1, 13, "unrecognized token", "  SELECT 'é', 'x\n              ^"),
    ("SELECT\t\"pvs17\"", 1, 8, "no such column: pvs17",
     "  SELECT\\x09\"pvs17\"\n            ^"),
])
def test_a_mistake_is_named_with_its_place(history, statements, line, column, said, below):
    result = ask(history, statements)
    assert result.code == 2
    assert f"line {line}, column {column}: {said}" in result.err
    assert below in result.err


def test_parameters_have_names_and_types(history):
    statement = "SELECT :a AS a, typeof(:a) AS t, @b AS b, typeof($b) AS u"
    for given, value, kind in (("7", 7, "integer"), ("-7", -7, "integer"), ("7.5", 7.5, "real"),
                               ("1e3", 1000.0, "real"), ("0x7", "0x7", "text"), ("", "", "text"),
                               ("nan", "nan", "text"), (" 7", " 7", "text"), ("a=b", "a=b", "text"),
                               ("9223372036854775808", 9.22337203685478e18, "real")):
        assert rows(history, statement, "-p", f"a={given}", "--param", "b:text=007") == [
            [value, kind, "007", "text"]], given
    assert rows(history, "SELECT :a AS a, typeof(:a) AS t", "-p", "a:real=7") == [[7.0, "real"]]


@pytest.mark.parametrize("words, said", [
    (["SELECT :host"], "--param host=VALUE"),
    (["SELECT ?"], "write :NAME in place of ?"),
    (["SELECT 1", "-p", "hots=1"], "no statement has a parameter :hots"),
    (["SELECT :a", "-p", "a=1", "-p", "a=2"], "given twice"),
    (["SELECT :a", "-p", "a"], "NAME=VALUE"),
    (["SELECT :a", "-p", "=1"], "NAME=VALUE"),
    (["SELECT :a", "-p", "a:blob=1"], "NAME:TYPE=VALUE"),
    (["SELECT :a", "-p", "a:integer=1.5"], "not of the type integer"),
    (["SELECT 1", "--limit", "pvs17"], "--limit does not apply"),
    (["SELECT 1", "--as-of", "2024-03-05"], "--as-of does not apply"),
    (["SELECT 1", "--timeout", "0"], "--timeout"),
    (["SELECT 1", "--max-rows", "0"], "--max-rows"),
    ([".dump"], "no command .dump"),
])
def test_wrong_usage_says_what_is_meant(history, words, said):
    result = ask(history, *words)
    assert result.code == 2 and said in result.err, result


def state_of(history):
    """Every file beside the history, by its bytes; the shared memory of readers apart."""
    folder = os.path.dirname(history)
    return {name: hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
            for name in sorted(os.listdir(folder)) if not name.endswith("-shm")}


@pytest.mark.parametrize("statement", [
    "INSERT INTO host (name, source_id) VALUES ('x', 1)", "UPDATE host SET name = 'x'",
    "DELETE FROM observation", "REPLACE INTO host VALUES (1, 1, 'x')",
    "WITH a AS (SELECT 1) DELETE FROM host", "EXPLAIN DELETE FROM host", "DROP TABLE host",
    "DROP VIEW visits", "ALTER TABLE host ADD COLUMN x", "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)", "CREATE VIEW x AS SELECT 1", "CREATE TEMP VIEW x AS SELECT 1",
    "CREATE INDEX x ON host (name)", "CREATE VIRTUAL TABLE x USING fts5(a)",
    "CREATE TRIGGER x AFTER INSERT ON host BEGIN SELECT 1; END",
    "UPDATE sqlite_master SET sql = ''", "INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
    "ATTACH ':memory:' AS x", "ATTACH '{folder}/made.db' AS x", "DETACH main", "VACUUM",
    "VACUUM INTO '{folder}/made.db'", "REINDEX", "ANALYZE", "BEGIN", "BEGIN IMMEDIATE", "COMMIT",
    "ROLLBACK", "SAVEPOINT x", "RELEASE x", "PRAGMA journal_mode = delete",
    "PRAGMA writable_schema = 1", "PRAGMA temp_store_directory = '{folder}'",
    "PRAGMA query_only = 0", "PRAGMA user_version = 9", "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA optimize", "PRAGMA hard_heap_limit = 0", "PRAGMA locking_mode = exclusive",
    "PRAGMA mmap_size = 0", "PRAGMA trusted_schema = 1", "PRAGMA no_such_thing",
    "SELECT * FROM pragma_hard_heap_limit", "SELECT load_extension('libm.so.6')",
    "SELECT fts3_tokenizer('simple')", "SELECT readfile('/etc/passwd')",
    "SELECT writefile('{folder}/made.db', 'x')", "SELECT edit('x')",
    "SELECT * FROM fsdir('/')", "SELECT binding_at('pvs17', 'now')",
    "UPDATE binding_at SET pid = 1", ".shell touch {folder}/made.db", ".read /etc/passwd",
])
def test_nothing_but_reading_is_allowed(history, statement):
    before = state_of(history)
    result = ask(history, statement.replace("{folder}", os.path.dirname(history)))
    assert result.code == 2, result
    assert state_of(history) == before
    again = ask(history, statement.replace("{folder}", os.path.dirname(history)) + "; SELECT 1")
    assert again.code == 2, again


def test_a_refusal_names_what_is_refused(history):
    for statement, said in (("ATTACH ':memory:' AS x", "ATTACH"),
                            ("PRAGMA journal_mode = delete", "PRAGMA journal_mode"),
                            ("SELECT load_extension('x')", "the function load_extension"),
                            ("DELETE FROM host", "DELETE FROM host"),
                            ("CREATE TEMP TABLE x (a)", "CREATE"), ("DROP VIEW visits", "DROP"),
                            ("BEGIN", "BEGIN"), ("VACUUM", "a statement that writes")):
        assert f"only reading is allowed here: {said} is refused" in ask(history, statement).err


def test_what_only_tells_is_allowed(history):
    assert rows(history, "PRAGMA user_version") == [[1]]
    assert rows(history, "PRAGMA integrity_check") == [["ok"]]
    assert [row[1] for row in rows(history, "PRAGMA table_info(source)")] == ["id", "name"]
    assert rows(history, "SELECT name FROM pragma_table_info('source') ORDER BY cid") == [["id"],
                                                                                         ["name"]]
    assert rows(history, "EXPLAIN QUERY PLAN SELECT * FROM host")
    assert rows(history, "SELECT value FROM json_each('[1,2]')") == [[1], [2]]


@pytest.mark.parametrize("statement, said", [
    (ENDLESS + "SELECT count(*) FROM c", "longer than 1000 ms"),
    (ENDLESS + "SELECT x FROM c WHERE x < 0", "longer than 1000 ms"),
    ("SELECT count(*) FROM visits a, visits b, visits c, visits d, binding_now e, binding_now f, "
     "binding_now g", "longer than 1000 ms"),
    (ENDLESS + "SELECT x FROM c", "more than 1000 rows"),
    ("SELECT hex(zeroblob(600000)) AS h", "a row is larger than 1000000 bytes (column h)"),
    ("SELECT randomblob(1000000000)", "larger than 16 MiB"),
    ("SELECT length(zeroblob(1000000000))", "larger than 16 MiB"),
    ("SELECT replace(hex(zeroblob(4000000)), '0', '0123456789')", "larger than 16 MiB"),
    ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 300) "
     "SELECT group_concat(hex(zeroblob(50000))) FROM c", "larger than 16 MiB"),
    ("SELECT " + " || ".join(["'0'"] * 1001), "Expression tree is too large"),
    ("SELECT 1" + ", 1" * 200, "too many columns"),
])
def test_a_statement_has_limits(history, statement, said):
    begin = time.monotonic()
    timeout = "1s" if "longer" in said else "30s"
    result = ask(history, statement, "--timeout", timeout, "--max-rows", "1000", "--ndjson")
    assert result.code == (2 if "too" in said else 5) and said in result.err, result
    assert time.monotonic() - begin < 30


def test_memory_has_a_limit(history, tmp_path):
    """Rows of 8 MB each, sorted: more than the heap may hold, and no more is taken."""
    statement = ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100) "
                 "SELECT length(b) FROM (SELECT x, randomblob(8000000) AS b FROM c ORDER BY b)")
    child = subprocess.run(measured(tmp_path / "peak", [program("pvsaudit"), "sql", statement, "--db", history]),
                           env={**os.environ, **environment()}, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert child.returncode == 5 and "more than 256 MiB of memory" in child.stderr
    if "asan" not in program("pvsaudit"):
        assert kilobytes(tmp_path / "peak") < 400 * 1024


def test_a_step_that_never_ends_ends_the_program(history):
    """One call of a function looks at no deadline: eight million bytes compared eight million times."""
    begin = time.monotonic()
    result = ask(history, "SELECT instr(zeroblob(16000000), zeroblob(8000000) || x'01')",
                 "--timeout", "1s")
    assert result.code == 5 and "did not stop at its deadline" in result.err
    assert time.monotonic() - begin < 30


def test_a_part_is_never_taken_for_the_whole(history):
    result = ask(history, ENDLESS + "SELECT x FROM c", "--max-rows", "3", "--json")
    assert result.code == 5
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.out)


@pytest.mark.parametrize("count, columns", [(400000, "x, printf('%0100d', x) AS y"),
                                           (9999, ", ".join(["printf('%04000d', x)"] * 10))])
def test_large_answers_are_printed_as_they_come(history, tmp_path, count, columns):
    statement = (f"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT {count}) "
                 f"SELECT {columns} FROM c")
    with subprocess.Popen(measured(tmp_path / "peak", [program("pvsaudit"), "sql", statement, "--db", history]),
                          env={**os.environ, **environment()}, stdout=subprocess.PIPE) as child:
        lines = sum(1 for _ in child.stdout)
    assert child.returncode == 3 and lines == count + 2
    if "asan" not in program("pvsaudit"):
        assert kilobytes(tmp_path / "peak") < 180 * 1024


def test_an_answer_that_cannot_be_written_ends(history):
    begin = time.monotonic()
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([program("pvsaudit"), "sql", ENDLESS + "SELECT x FROM c", "--db", history,
                               "--ndjson", "--max-rows", "1000000000"], stdout=full, text=True,
                              stderr=subprocess.PIPE, env={**os.environ, **environment()}, timeout=90)
    assert done.returncode == 5 and "could not be written" in done.stderr
    assert time.monotonic() - begin < 20


def test_binding_at_is_what_netstat_shows(history):
    for at in ("2024-03-04T22:00:00Z", "2024-03-05T22:00:00Z"):
        shown = run("pvsaudit", "netstat", "pvs17", "--at", at, "--db", history, "--json",
                    env=environment()).rows
        found = rows(history, "SELECT proto, local_address, local_port, pid, image, services, section "
                              "FROM binding_at('pvs17', :at) ORDER BY proto, local_port, local_address",
                     "-p", f"at={at}")
        assert found == sorted(
            ([row[key] for key in ("proto", "local_address", "local_port", "pid", "image", "service")] +
             ["complete"] for row in shown), key=lambda row: (row[0], row[2], row[1]))


def test_binding_at_takes_its_arguments_from_a_join(history):
    found = rows(history, "SELECT l.host, b.image, b.visit FROM lost_after_reboot l "
                          "JOIN binding_at(l.host, l.last_good_ms) b WHERE b.local_port = 67 "
                          "ORDER BY l.host")
    assert found == [["pvs17", "BNPXE.exe", "2024-03-04T22:00:00Z"],
                     ["pvs19", "BNPXE.exe", "2024-03-03T22:00:00Z"]]
    assert rows(history, "SELECT count(*) FROM binding_at('pvs17', NULL)") == [[0]]
    assert rows(history, "SELECT host, time FROM binding_at WHERE host IN ('pvs17', 'pvs19') AND "
                         "time = 'now' AND local_port = 135 ORDER BY host") == [["pvs17", "now"],
                                                                              ["pvs19", "now"]]


@pytest.mark.parametrize("when", ["'2024-03-04T22:00:00Z'", "'2024-03-04 22:00:00'", "1709589600000",
                                  "'2024-03-04T23:00:00+01:00'", "datetime(1709589600, 'unixepoch')",
                                  "'2024-03-05'"])
def test_a_time_is_milliseconds_or_text_in_utc(history, when):
    """1709589600 is 2024-03-04 22:00 UTC, by `date -d @1709589600 -u`."""
    result = run("pvsaudit", "sql", "--db", history, "--ndjson",
                 f"SELECT DISTINCT visit FROM binding_at('pvs17', {when})",
                 env={**environment(), "TZ": "Asia/Tokyo"})
    assert result.out == '{"visit":"2024-03-04T22:00:00Z"}\n', result


def test_what_was_not_read_is_a_row_that_says_so(history):
    assert rows(history, "SELECT proto, local_port, section FROM binding_at('pvs31', 'now') "
                         "WHERE section <> 'complete'") == [["udp", None, "partial"]]
    assert rows(history, "SELECT proto, local_port, section, visit FROM "
                         "binding_at('pvs17', '2020-01-01')") == [[None, None, "unread", None]]


@pytest.mark.parametrize("statement, said", [
    ("SELECT * FROM binding_at", "binding_at(HOST, TIME)"),
    ("SELECT * FROM binding_at('pvs17')", "binding_at(HOST, TIME)"),
    ("SELECT * FROM binding_at WHERE host > 'a' AND time = 'now'", "binding_at(HOST, TIME)"),
    ("SELECT * FROM binding_at('pvs71', 'now')", "no host of this name in the history"),
    ("SELECT * FROM binding_at('pvs17', 'soon')", "the time is neither"),
    ("SELECT * FROM binding_at('pvs17', 1.5)", "the time is neither"),
])
def test_binding_at_says_what_it_needs(history, statement, said):
    result = ask(history, statement)
    assert result.code == 2 and said in result.err, result


def test_no_view_needs_anything_of_ours(history):
    with sqlite3.connect(f"file:{history}?mode=ro", uri=True) as stock:
        names = [name for name, in stock.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
        for name in names:
            assert stock.execute(f"SELECT * FROM {name}").fetchall(), name
            (sql,) = stock.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [name]).fetchone()
            assert "binding_at" not in sql
    assert len(names) >= 7


def test_tables_and_columns_are_told(history):
    tables = rows(history, ".tables")
    assert tables[0] == ["binding_now", "view"] and ["binding_at", "function"] in tables
    assert ["host", "table"] in tables and not [t for t in tables if t[0].startswith("sqlite")]
    assert rows(history, ".schema source") == [["source", "id", "integer"], ["source", "name", "text"]]
    assert ["binding_at", "host", "argument"] in rows(history, ".schema binding_at")
    assert ["visits", "host", "text"] in rows(history, ".schema")


def test_a_missing_or_foreign_history_is_told_as_everywhere(tmp_path):
    absent = ask(tmp_path / "none.db", "SELECT 1")
    assert absent.code == 2 and "there is no history yet" in absent.err
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE x (a)")
    assert ask(tmp_path / "other.db", "SELECT 1").code == 2


def at_a_prompt(history, folder):
    return Terminal("pvsaudit", "sql", "--db", history,
                    env={**environment(), "XDG_STATE_HOME": str(folder / "state"),
                         "XDG_CONFIG_HOME": "/nonexistent"})


def test_a_prompt_answers_and_keeps_its_lines_for_its_owner(history, tmp_path):
    with at_a_prompt(history, tmp_path) as prompt:
        prompt.until("last complete scan")
        prompt.until("pvsaudit> ")
        prompt.type("SELECT DISTINCT verdict\n")
        prompt.until("...> ")
        prompt.type("FROM lost_after_reboot WHERE state = 'missing';\n")
        assert "not-bound" in prompt.until("pvsaudit> ")
        prompt.type("SELECT hots FROM visits;\n")
        assert "no such column: hots" in prompt.until("pvsaudit> ").replace("\n", " ")
        prompt.type("DELETE FROM host;\n")
        prompt.until("only reading is allowed here")
        prompt.until("pvsaudit> ")
        prompt.type(".quit\n")
        assert prompt.ended() == 3  # stale
    kept = tmp_path / "state" / "pvsaudit" / "sql_history"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().splitlines()[0] == "SELECT DISTINCT verdict"
    with at_a_prompt(history, tmp_path) as prompt:
        prompt.until("pvsaudit> ")
        prompt.type("\x1b[A")  # the line before
        prompt.until(".quit")
        prompt.type("\x1b[A")
        prompt.until("DELETE FROM host;")
        prompt.type("\x03")
        prompt.until("pvsaudit> ")
        prompt.type(".quit\n")
        assert prompt.ended() == 3


def test_tab_completes_tables_columns_and_words(history, tmp_path):
    with at_a_prompt(history, tmp_path) as prompt:
        prompt.until("pvsaudit> ")
        prompt.type("SELECT local_p\t")
        prompt.until("local_port")
        prompt.type(" FROM binding_n\t")
        prompt.until("binding_now")
        prompt.type(" wher\t")
        prompt.until("where")
        prompt.type(" binding_now.im\t")
        prompt.until("binding_now.image")
        prompt.type(" = 'BNPXE.exe' LIMIT 1;\n")
        assert "67" in prompt.until("pvsaudit> ")
        prompt.type("SELECT * FROM binding_\t")
        listed = prompt.until("binding_now")
        assert "binding_at" in listed
        prompt.until("pvsaudit> SELECT * FROM binding_")
        prompt.type("\x03")
        prompt.until("pvsaudit> ")
        prompt.type(".sch\t")
        prompt.until(".schema")
        prompt.type(" binding_a\t\n")
        prompt.until("argument")
        prompt.until("pvsaudit> ")
        prompt.type(".quit\n")
        assert prompt.ended() == 3


def test_ctrl_c_stops_a_statement_and_not_the_prompt(history, tmp_path):
    with at_a_prompt(history, tmp_path) as prompt:
        prompt.until("pvsaudit> ")
        prompt.type(ENDLESS + "SELECT count(*) FROM c;\n")
        prompt.until("SELECT count(*) FROM c;\n")
        prompt.type("\x03")  # the terminal may throw away what is said of it
        prompt.type("SELECT 40 + 2 AS answer;\n")
        prompt.until("answer\n    42\n")
        prompt.type(".quit\n")
        assert prompt.ended() == 3


def test_ctrl_c_ends_a_single_statement_with_130(history):
    with subprocess.Popen([program("pvsaudit"), "sql", "SELECT 1 AS ready; " + ENDLESS +
                           "SELECT count(*) FROM c", "--db", history, "--ndjson"],
                          env={**os.environ, **environment()}, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        # Its handler is in place once it reads the history, which it does before it works.
        deadline = time.monotonic() + 20
        while child.poll() is None and time.monotonic() < deadline:
            caught = next(line for line in open(f"/proc/{child.pid}/status", encoding="ascii")
                          if line.startswith("SigCgt:"))
            if int(caught.split()[1], 16) & (1 << (signal.SIGINT - 1)):
                break
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=20)
    assert child.returncode == 130 and "interrupted" in said
