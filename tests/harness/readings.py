"""Readings of PVS servers as the lines that `ingest` takes, and histories that are made of them."""
import json
from datetime import timedelta, timezone

from .programs import run

WIZARD = "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"
SECTIONS = ("udp", "tcp", "services", "boot", "processes", "addresses", "registry", "machine")
AUTOMATIC, DELAYED, MANUAL = "Automatic", "Automatic (Delayed Start)", "Manual"


def stamp(when):
    when = when.astimezone(timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S") + (f".{when.microsecond // 1000:03d}" if when.microsecond
                                                else "") + "Z"


def service(name, pid, startup, state="Running", account="LocalSystem"):
    return {"name": name, "display_name": name, "canary": "present", "visible": True, "state": state,
            "startup": startup, "pid": pid, "pid_after": pid, "exit_code": 0, "account": account,
            "image": f"C:\\Program Files\\Citrix\\Provisioning Services\\{name}.exe"}


def reading(host, when, boot, bound=True, startup=AUTOMATIC, start=3.0, bind=None, pid=1712,
            site="emea", farm="farm1", zone=None, window=None, pvs=None, os_build="10.0.17763",
            state="Running", account="LocalSystem", partial=(), expect=("BNPXE",), source="local",
            sibling_start=2.0, registry=()):
    """One full visit. The service BNPXE starts `start` seconds after the boot and, where `bound`,
    holds UDP 67 since `bind` seconds after that (None: the system does not tell)."""
    begun = boot + timedelta(seconds=start)
    pid = pid if state == "Running" else 0
    endpoints = [{"proto": "udp", "address": "0.0.0.0", "port": 123, "pid": 900},
                 {"proto": "udp", "address": "0.0.0.0", "port": 52000, "pid": 900},
                 {"proto": "tcp", "address": "0.0.0.0", "port": 135, "pid": 800}]
    if bound and pid:
        held = {"proto": "udp", "address": "0.0.0.0", "port": 67, "pid": pid}
        if bind is not None:
            held["created"] = stamp(begun + timedelta(seconds=bind))
        endpoints.append(held)
    processes = [{"pid": 900, "parent": 600, "created": stamp(boot + timedelta(seconds=2)),
                  "name": "svchost.exe"},
                 {"pid": 3000, "parent": 600,
                  "created": stamp(boot + timedelta(seconds=sibling_start)), "name": "StreamService.exe"}]
    if pid:
        processes.append({"pid": pid, "parent": 600, "created": stamp(begun), "name": "BNPXE.exe"})
    return {
        "host": host, "time": stamp(when), "source": source, "kind": "full", "os": "windows",
        "read": True, "duration_ms": 1500, "transport": "winrm", "address": "127.0.0.1",
        "mechanism": "kerberos", "principal": "audit", "account": "audit",
        "sections": {name: {"outcome": "partial" if name in partial else "complete", "source": "cim"}
                     for name in SECTIONS},
        "machine": {"id": f"guid-{host}", "computer_name": host.upper(),
                    "os_name": "Windows Server 2019", "os_build": os_build, "pvs_build": pvs},
        "boot": {"boot_time": stamp(boot), "host_clock": stamp(when),
                 "uptime_ms": int((when - boot).total_seconds() * 1000), "weak": False,
                 "witnesses": [{"name": "lsass.exe", "pid": 600 + int(boot.timestamp()) % 97,
                                "created": stamp(boot + timedelta(seconds=1))}]},
        "auto_start_delay_ms": 120000, "dynamic_first": 49152, "dynamic_last": 65535,
        "services": [service("BNPXE", pid, startup, state, account),
                     service("StreamService", 3000, AUTOMATIC)],
        "endpoints": endpoints, "processes": processes,
        "addresses": [{"ip": "10.0.0.1", "prefix": 24}],
        "registry": [{"key": WIZARD, "name": "PXEType", "number": 1}, *registry],
        "declared": {"site": site, "farm": farm, "timezone": zone, "maintenance": window,
                     "state": "active",
                     "expect": {name: name in expect for name in ("BNPXE", "BNTFTP")}},
    }


def unread(host, when, reason="timeout", site="emea", zone=None, source="local", detail=None):
    return {"host": host, "time": stamp(when), "source": source, "kind": "full", "os": "windows",
            "read": False, "reason": reason, "detail": detail or f"no answer of {host} within 5 s",
            "transport": "winrm",
            "declared": {"site": site, "timezone": zone, "state": "active", "expect": {"BNPXE": True}}}


class Fed:
    """A history that was fed with lines, asked as of a time."""

    def __init__(self, folder, lines, as_of):
        self.db = str(folder / "history.db")
        self.as_of = stamp(as_of)
        self.environment = {"TZ": "UTC", "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
        text = "".join(json.dumps(line) + "\n" for line in lines)
        done = run("pvsaudit-collect", "ingest", "-", "--db", self.db, "--as-of", self.as_of,
                   stdin=text, env=self.environment)
        assert done.code == 0, done

    def ask(self, *words, as_of=None):
        return run("pvsaudit", *words, "--db", self.db, "--as-of", as_of or self.as_of,
                   env=self.environment)
