"""The programs of the build folder, run the way a user runs them."""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("PVSAUDIT_BUILD", os.path.join(ROOT, "build"))


# For a scan that speaks NTLM, where the build looks for leaks: gss-ntlmssp gives back nothing of
# what acquiring a credential has cost, which the collector does once for each credential. The
# whole way to an allocation must be known to tell that it was there.
NTLM_LEAKS = {
    "ASAN_OPTIONS": "fast_unwind_on_malloc=0",
    "LSAN_OPTIONS": "print_suppressions=0:suppressions=" +
                    os.path.join(os.path.dirname(os.path.abspath(__file__)), "ntlm_leaks.txt"),
}


def program(name):
    return os.path.join(BUILD, "bin", name)


def preload(name):
    """The environment in which a program runs with one of the libraries of tests/preload."""
    sanitizer = f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0".lstrip(":")
    return {"LD_PRELOAD": program(f"{name}.so"), "ASAN_OPTIONS": sanitizer}


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
