"""The second opinion on verdicts says what was worked out by hand from the rule text, one row for each case."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "model"))

from verdict_table import judge  # noqa: E402

# A server as it should be: everything was read, the service runs for an hour and holds udp/67 on every address.
HEALTHY = {
    "visit": "read", "state": "running", "startup": "automatic", "expected": "inventory-yes",
    "endpoints": "wildcard", "owner": "self", "age": "old", "second": "none", "uptime": "2400",
    "exit": "0", "sections": "complete",
}

ROWS = [
    # nothing differs from the healthy one
    ({}, "bound", "inventory"),
    # the failure that all of this is about
    ({"endpoints": "none"}, "not-bound", "inventory"),
    ({"visit": "timeout", "expected": "inventory-no"}, "unknown: timeout", "undecided"),
    ({"expected": "inventory-no", "sections": "services-partial"}, "not-expected", "inventory"),
    # the sources, in their order
    ({"expected": "history"}, "bound", "startup type"),
    ({"expected": "history", "startup": "manual"}, "bound", "history"),
    ({"expected": "automatic", "startup": "manual"}, "not-expected", "no source"),
    ({"expected": "registry-unread", "startup": "disabled"}, "unknown: denied (expectation)", "undecided"),
    # gone, with and without having been there
    ({"state": "absent", "startup": "unreadable"}, "service-removed", "inventory"),
    ({"state": "absent", "startup": "unreadable", "expected": "history"}, "service-removed", "history"),
    ({"state": "absent", "startup": "unreadable", "expected": "registry"}, "not-installed", "registry"),
    # the services manager denied: with the process list it is known, without it is not
    ({"state": "denied-alive", "endpoints": "none"}, "not-bound", "inventory"),
    ({"state": "denied-none", "uptime": "400"}, "pending", "inventory"),
    ({"state": "denied-none", "sections": "processes-denied"}, "unknown: denied (services)", "inventory"),
    # not running
    ({"state": "paused", "startup": "disabled"}, "disabled", "inventory"),
    ({"state": "start-pending", "second": "pending-long"}, "restarting", "inventory"),
    ({"state": "stopped", "uptime": "400"}, "stopped", "inventory"),
    ({"state": "stopped", "uptime": "400", "exit": "1077"}, "pending", "inventory"),
    ({"state": "stopped", "uptime": "200", "startup": "manual"}, "stopped", "inventory"),
    ({"state": "stopped", "uptime": "unknown"}, "unknown: partial (boot)", "inventory"),
    # running: a young process that holds its port is bound at once, one that does not is waited for
    ({"age": "young"}, "bound", "inventory"),
    ({"age": "young", "endpoints": "none"}, "pending", "inventory"),
    # no process age: 360 s of uptime and the same pid twice
    ({"age": "unknown", "endpoints": "none", "second": "same-pid", "uptime": "200"}, "pending", "inventory"),
    ({"age": "unknown", "endpoints": "none", "second": "same-pid", "uptime": "400"}, "not-bound", "inventory"),
    ({"age": "unknown", "endpoints": "none", "second": "same-pid", "uptime": "unknown"}, "not-bound", "inventory"),
    # who holds it, and where
    ({"owner": "unknown"}, "bound-owner-unknown", "inventory"),
    ({"owner": "ended"}, "port-in-use", "inventory"),
    ({"owner": "other", "endpoints": "gone"}, "not-bound", "inventory"),
    ({"endpoints": "declared-part"}, "wrong-address", "inventory"),
    ({"endpoints": "elsewhere-and-foreign"}, "wrong-address", "inventory"),
    ({"owner": "child", "endpoints": "specific"}, "bound", "inventory"),
    ({"owner": "child", "sections": "processes-denied"}, "unknown: partial (processes)", "inventory"),
    ({"endpoints": "specific", "sections": "addresses-denied"}, "unknown: partial (addresses)", "inventory"),
    ({"sections": "udp-partial"}, "unknown: partial (udp)", "inventory"),
]


@pytest.mark.parametrize("changes, verdict, expected_by", ROWS,
                         ids=[" ".join(f"{k}={v}" for k, v in changes.items()) or "healthy" for changes, _, _ in ROWS])
def test_row_worked_out_by_hand(changes, verdict, expected_by):
    assert judge({**HEALTHY, **changes}) == (verdict, expected_by)
