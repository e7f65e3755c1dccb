"""Every view of the history in Debian's own sqlite3: it opens, and says what `pvsaudit sql` says."""
import csv
import io
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import run  # noqa: E402

SQLITE = "/usr/bin/sqlite3"


def stock(database, *words):
    return subprocess.run([SQLITE, "-readonly", "-batch", *words[:-1], database, words[-1]],
                          capture_output=True, text=True, timeout=60)


def by_sqlite(database, statement):
    """Rows as sqlite3 prints them, and what it complained of."""
    done = stock(database, "-csv", "-header", statement)
    return sorted(csv.reader(io.StringIO(done.stdout))), done.stderr.strip()


def by_pvsaudit(database, statement):
    done = run("pvsaudit", "sql", statement, "--csv", "--db", database)
    return sorted(csv.reader(io.StringIO(done.out))), done.err.strip()


def main():
    met = 0
    with tempfile.TemporaryDirectory() as folder:
        database = f"{folder}/history.db"
        run("pvsaudit", "demo", "--dir", folder, "--quiet")
        version = stock(database, "SELECT sqlite_version()").stdout.strip()
        views = stock(database, "SELECT name FROM sqlite_schema WHERE type = 'view' "
                                "ORDER BY name").stdout.split()
        print(f"sqlite3 {version}, {os.path.realpath(SQLITE)}")
        print(f"{'view':20} {'columns':>7} {'rows':>6}")
        for view in views:
            theirs, complaint = by_sqlite(database, f"SELECT * FROM {view}")
            ours, _ = by_pvsaudit(database, f"SELECT * FROM {view}")
            good = len(theirs) > 1 and not complaint and theirs == ours
            met += good
            print(f"{view:20} {len(theirs[0]) if theirs else 0:7} {max(len(theirs) - 1, 0):6}  "
                  f"{'the same rows' if good else 'UNMET ' + complaint}", flush=True)
        refers = stock(database, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%binding_at%'")
    print(f"things in the file that need a function of ours: {refers.stdout.strip()}")
    whole = met == len(views) >= 7 and refers.stdout.strip() == "0"
    print(f"sql-stock: {met} of {len(views)} views, {'met' if whole else 'UNMET'}")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
