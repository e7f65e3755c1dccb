"""The programs of the build folder, run the way a user runs them."""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("PVSAUDIT_BUILD", os.path.join(ROOT, "build"))


def program(name):
    return os.path.join(BUILD, "bin", name)


def recordings():
    """The folder with answers of real machines, or None where it is not here."""
    folder = os.environ.get("PVSAUDIT_RECORDINGS")
    beside = os.path.join(os.path.dirname(ROOT), "shared", "recordings")
    if folder is None and os.path.isdir(beside):
        folder = beside
    return folder


class Result:
    """What a program said and its exit code."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def rows(self):
        return self.json["rows"]

    def __repr__(self):
        return f"exit {self.code}\n{self.out}{self.err}"


def run(name, *arguments, env=None, timeout=120, stdin=None, enter=()):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("PVSAUDIT_DB", "XDG_"))}
    environment.update(env or {})
    done = subprocess.run([*enter, program(name), *map(str, arguments)], capture_output=True,
                          text=True, errors="replace", timeout=timeout, env=environment,
                          input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL)
    return Result(done)


class Site:
    """One history with its settings in a folder of its own; the two programs bound to it."""

    def __init__(self, folder, inventory, settings=""):
        self.folder = str(folder)
        self.inventory = str(inventory)
        self.db = os.path.join(self.folder, "history.db")
        self.settings = os.path.join(self.folder, "settings.yaml")
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(f"state_dir: {self.folder}/state\n{settings}")

    def scan(self, *arguments, **options):
        return run("pvsaudit-collect", "scan", "--config", self.settings, "--db", self.db,
                   "-i", self.inventory, *arguments, **options)

    def ask(self, *arguments, **options):
        return run("pvsaudit", *arguments, "--config", self.settings, "--db", self.db, **options)

    def verdicts(self, expectation=None):
        """{host: verdict} of `status`, or {(host, expectation): verdict} of all."""
        rows = self.ask("status", "--json").rows
        if expectation is None:
            return {(row["host"], row["expectation"]): row["verdict"] for row in rows}
        return {row["host"]: row["verdict"] for row in rows if row["expectation"] == expectation}
