"""A fleet with a past: two nights lie in its history, and much has happened before the third."""
import os
import random
import time
from datetime import datetime, timedelta, timezone

from . import wholeness

SETTINGS = "retry_after: 0s\nstale_after: 20h\n"
FATES, FEW = 9, 7  # so many servers at most have the same fate


def scenario(count):
    boots = count * 4 // 5
    return f"""\
farm: emea
accounts:
  - name: audit
    key: true
servers:
  - names: pvs[0001:{boots:04}]
    site: frankfurt
    os: [2019, 2022, 2016, 2012 R2]
    language: [en, de, ja]
    uptime: 9d
  - names: iso[0001:{count - boots:04}]
    site: lyon
    pxe: [false, manual]
    expect: []
    os: [2022, 2019]
    uptime: 16d
"""


class Fleet:
    """The histories before tonight and after an undisturbed scan of tonight, and the judge of others."""

    def __init__(self, farm, count, seed, with_past=True):
        self.farm = farm
        self.random = random.Random(seed)
        self.servers = [f"pvs{number:04}" for number in range(1, count * 4 // 5 + 1)]
        self.random.shuffle(self.servers)
        self.few = min(FEW, len(self.servers) // FATES)
        self.before = os.path.join(farm.folder, "before.db") if with_past else None
        self.finished = os.path.join(farm.folder, "finished.db")
        self.tonight = datetime.now(timezone.utc).replace(microsecond=0)
        if with_past:
            self._live()
        self._finish()

    def _some(self):
        taken, self.servers = self.servers[:self.few], self.servers[self.few:]
        return taken

    def _live(self):
        """Night one: all is well. Night two: some have lost their port. Then more of each fate.

        The first night is only of the servers that are something to tell of by the second: what
        lies in a history is replayed after every kill.
        """
        farm = self.farm
        farm.site.db = self.before
        lost, lost_for_good, rebooted = self._some(), self._some(), self._some()
        farm.clock(self.tonight - timedelta(hours=48))
        self._scan(0, "-l", ",".join(lost + lost_for_good + rebooted))
        farm.clock(self.tonight - timedelta(hours=30))
        farm.ctl("lose", *lost, *lost_for_good)
        farm.ctl("reboot", *lost, *lost_for_good, *rebooted)
        farm.clock(self.tonight - timedelta(hours=24))
        self._scan(1)
        farm.clock(self.tonight - timedelta(hours=3))
        farm.ctl("restart", *lost)
        lost_tonight = self._some()
        farm.ctl("lose", *lost_tonight)
        farm.ctl("reboot", *lost_tonight, *self._some(), *rebooted)
        farm.ctl("lose", *self._some(), "now")
        farm.ctl("misbehave", *self._some(), "deny-auth")
        farm.ctl("misbehave", *self._some(), "cut")
        farm.clock(datetime.now(timezone.utc))

    def _scan(self, code, *arguments):
        result = self.farm.scan("-q", *arguments, timeout=300)
        if result.code != code:
            raise RuntimeError(f"a night ended with {result}")

    def _finish(self):
        if self.before is not None:
            wholeness.copy(self.before, self.finished)
        self.farm.site.db = self.finished
        began = time.monotonic()
        result = self.farm.site.scan("-q", timeout=300)
        self.lasts_s = time.monotonic() - began
        if result.code not in (0, 1):
            raise RuntimeError(f"tonight ended with {result}")
        self.judge = wholeness.Wholeness(self.before, self.finished)

    def copy_before(self, path):
        """A history as it was before tonight."""
        wholeness.remove(path)
        if self.before is not None:
            wholeness.copy(self.before, path)
        return path
