"""A look into a history with SQLite's own library, past our programs."""
import sqlite3


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as history:
        return history.execute(sql).fetchall()


def boots(path):
    """{host: boots that the history knows of it}."""
    return dict(rows(path, "SELECT host.name, count(*) FROM boot JOIN host ON host.id = host_id "
                           "GROUP BY host.name"))


def is_whole(path):
    """SQLite's integrity check, and its check of foreign keys."""
    return rows(path, "PRAGMA integrity_check") == [("ok",)] and \
        rows(path, "PRAGMA foreign_key_check") == []
