"""A farm of simulated Windows servers on loopback, and a history of its own beside it."""
import json
import os
import signal
import subprocess
from datetime import datetime, timedelta, timezone

import yaml

from .programs import Site, program


def rfc3339(when):
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Farm:
    """`with Farm(folder, scenario_text) as farm:`; the farm's clock is farm.now."""

    def __init__(self, folder, scenario, seed=1, settings="", extra=(), environment=None):
        self.folder = str(folder)
        self.scenario = os.path.join(self.folder, "farm.yaml")
        self.inventory = os.path.join(self.folder, "hosts.yaml")
        self.control = os.path.join(self.folder, "farm.sock")
        self.seed = seed
        self.extra = list(map(str, extra))
        self.environment = {**os.environ, **(environment or {})}
        self.now = datetime.now(timezone.utc)
        with open(self.scenario, "w", encoding="utf-8") as file:
            file.write(scenario)
        self.site = Site(self.folder, self.inventory, settings)

    def __enter__(self):
        readable, writable = os.pipe()
        os.set_inheritable(writable, True)
        self.process = subprocess.Popen(
            [program("pvsfarm"), "--scenario", self.scenario, "--seed", str(self.seed),
             "--inventory-out", self.inventory, "--control", self.control,
             "--ready-fd", str(writable), "--die-with-parent", *self.extra],
            pass_fds=(writable,), env=self.environment)
        os.close(writable)
        with os.fdopen(readable, "rb") as ready:
            if not ready.readline():
                raise RuntimeError("the farm did not start")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)

    def ctl(self, *words):
        done = subprocess.run([program("pvsfarm"), "ctl", self.control, *map(str, words)],
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"ctl {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def counts(self, *hosts):
        """What the farm counted: of all, or of one host."""
        return json.loads(self.ctl("counts", *hosts))

    @property
    def hosts(self):
        """{host: its keys in the inventory}."""
        with open(self.inventory, encoding="utf-8") as file:
            groups = yaml.safe_load(file)["all"]["children"].values()
        return {name: keys for group in groups for name, keys in group["hosts"].items()}

    def clock(self, when):
        """Set the farm's clock; the next scan's clock is the same one."""
        self.now = when
        self.ctl("clock", rfc3339(when))

    def pass_time(self, **delta):
        self.clock(self.now + timedelta(**delta))

    def scan(self, *arguments, **options):
        """Scan at the farm's own time."""
        return self.site.scan("--as-of", rfc3339(self.now), *arguments, **options)

    def ask(self, *arguments, **options):
        return self.site.ask(*arguments, **options)
