"""Twelve ways to write, attach, load, hang or eat memory by SQL: each is refused or stopped, and
nothing in the folder has changed."""
import hashlib
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import run  # noqa: E402

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
REFUSED, STOPPED = 2, 5
WAYS = [
    ("write a row", "INSERT INTO host (name, source_id) VALUES ('x', 1)", REFUSED),
    ("change the schema", "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = ''", REFUSED),
    ("a temporary table", "CREATE TEMP TABLE x AS SELECT * FROM visits", REFUSED),
    ("attach a file", "ATTACH '{folder}/made.db' AS made", REFUSED),
    ("copy the file", "VACUUM INTO '{folder}/made.db'", REFUSED),
    ("switch a setting", "PRAGMA journal_mode = delete", REFUSED),
    ("hold a lock", "BEGIN IMMEDIATE", REFUSED),
    ("load a library", "SELECT load_extension('{folder}/made.so')", REFUSED),
    ("hang in a recursion", ENDLESS + "SELECT count(*) FROM c", STOPPED),
    ("hang in one step", "SELECT instr(zeroblob(16000000), zeroblob(8000000) || x'01')", STOPPED),
    ("a value of a gigabyte", "SELECT length(randomblob(1000000000))", STOPPED),
    ("eat all memory", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100) "
     "SELECT length(b) FROM (SELECT randomblob(8000000) AS b FROM c ORDER BY b)", STOPPED),
]


def state_of(folder):
    """Every file by its bytes; the shared memory of readers apart."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith("-shm"):
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def main():
    met = 0
    with tempfile.TemporaryDirectory() as folder:
        done = run("pvsaudit", "demo", "--dir", folder, "--quiet")
        before = state_of(folder)
        print(f"{'way':24} {'exit':>4} {'seconds':>7}  what is said")
        for name, statement, code in WAYS:
            begin = time.monotonic()
            result = run("pvsaudit", "sql", statement.replace("{folder}", folder), "--timeout", "1s",
                         "--db", f"{folder}/history.db", "--ndjson")
            seconds = time.monotonic() - begin
            said = result.err.strip().splitlines()[-1].removeprefix("pvsaudit: error: ")
            good = result.code == code and seconds < 30 and result.out == ""
            met += good
            print(f"{name:24} {result.code:4} {seconds:7.1f}  {said}{'' if good else '   UNMET'}",
                  flush=True)
        same = state_of(folder) == before
        reads = run("pvsaudit", "sql", "SELECT count(*) AS n FROM visits", "--db",
                    f"{folder}/history.db", "--ndjson").out.strip()
    print(f"files of the folder as before: {same}; afterwards it still answers: {reads}")
    whole = done.code == 0 and met == len(WAYS) and same and reads == '{"n":80}'
    print(f"sql-refuses: {met} of {len(WAYS)} ways refused or stopped, {'met' if whole else 'UNMET'}")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
