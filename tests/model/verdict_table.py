"""A second opinion on the verdict of one reading, written from the rule text and never from the program."""

from functools import lru_cache

# The dimensions in the order of the product's columns, each with every word it may take.
DIMS = {
    "visit": ("read", "timeout"),
    "state": ("running", "stopped", "paused", "start-pending", "stop-pending", "continue-pending",
              "pause-pending", "unknown", "absent", "unread", "denied-alive", "denied-none"),
    "startup": ("automatic", "delayed", "manual", "disabled", "unreadable"),
    "expected": ("inventory-yes", "inventory-no", "registry", "automatic", "history", "registry-unread"),
    "endpoints": ("none", "wildcard", "specific", "loopback", "linklocal", "gone",
                  "elsewhere-and-foreign", "declared-part"),
    "owner": ("self", "child", "other", "ended", "unknown"),
    "age": ("unknown", "young", "old"),
    "second": ("none", "same-pid", "pending-long"),
    "uptime": ("unknown", "200", "400", "2400"),
    "exit": ("0", "1077"),
    "sections": ("complete", "udp-partial", "services-partial", "addresses-denied", "processes-denied"),
}

# Every verdict that some combination of these words leads to; the others need a dimension that is not here.
VERDICTS = (
    "bound", "bound-owner-unknown", "not-bound", "port-in-use", "wrong-address",
    "stopped", "disabled", "service-removed", "restarting", "pending", "not-expected", "not-installed",
    "unknown: timeout", "unknown: denied (expectation)", "unknown: denied (services)",
    "unknown: partial (services)", "unknown: partial (udp)", "unknown: partial (addresses)",
    "unknown: partial (processes)", "unknown: partial (boot)",
)
EXPECTED_BY = ("inventory", "registry", "startup type", "history", "no source", "undecided")

SETTLE_RUNNING = 60
BOOT_SETTLE = max(300, 120 + 180)   # 120 s is the AutoStartDelay of the product
NEVER_STARTED_SETTLE = 30 * 60      # exit code 1077
SECOND_READING = 90                 # how long ago `same-pid` was read
PENDING_SINCE = 20 * 60             # how long ago `pending-long` was read
HANG = 10 * 60                      # what is added to settle before pending becomes restarting
AGES = {"unknown": None, "young": 10, "old": 3600}
UPTIMES = {"unknown": None, "200": 200, "400": 400, "2400": 2400}


def judge(row):
    """The verdict's text and the name of what said that PXE is (not) expected, for one combination of words."""
    # Rule 1: what was not read has the reason of the visit for a verdict, and nothing else is looked at.
    if row["visit"] == "timeout":
        return "unknown: timeout", "undecided"
    # Rule 2: is anything expected here at all?
    verdict, expected_by = _expectation(row["state"], row["startup"], row["expected"], row["sections"])
    if verdict is None:
        verdict = _expected_service(row)
    return verdict, expected_by


@lru_cache(maxsize=None)
def _expectation(state, startup, expected, sections):
    """Rule 2: (verdict or None where PXE is expected, who decided)."""
    # The inventory speaks first and alone.
    if expected == "inventory-yes":
        return None, "inventory"
    if expected == "inventory-no":
        return "not-expected", "inventory"
    # Three sources: true, false, or None for one that was not read. Only a complete section decides, so the
    # startup type in a services section that was cut is not read; an absent service starts nothing, which is read.
    services_cut = sections == "services-partial"
    startup_source = {"automatic": True, "delayed": True, "manual": False, "disabled": False, "unreadable": None}[startup]
    if state == "absent":
        startup_source = False
    if services_cut:
        startup_source = None
    sources = (
        ("registry", {"registry": True, "registry-unread": None}.get(expected, False)),
        ("startup type", startup_source),
        ("history", expected == "history"),
    )
    for name, says in sources:
        if says:
            return None, name
    if all(says is False for _, says in sources):
        return "not-expected", "no source"
    return ("unknown: partial (services)" if services_cut else "unknown: denied (expectation)"), "undecided"


def _expected_service(row):
    """Rules 3 to 7: the verdict where PXE is expected."""
    state, startup, sections = row["state"], row["startup"], row["sections"]
    exit_code = row["exit"] if state == "stopped" else "0"
    # Rule 3: a cut services section proves neither a state nor that the service is invisible.
    if sections == "services-partial":
        return "unknown: partial (services)"
    if state == "absent":
        installed_before = row["expected"] == "history"
        return "service-removed" if installed_before or row["expected"] == "inventory-yes" else "not-installed"
    if state == "unread":
        return "unknown: denied (services)"
    # Rule 3, the services manager denied and the service known by the canary: its process tells the state.
    if state in ("denied-alive", "denied-none"):
        if sections == "processes-denied":
            return "unknown: denied (services)"
        state, exit_code = ("running", "0") if state == "denied-alive" else ("stopped", "1077")
    # Rule 4: disabled, and in a state known to be another than Running (State Unknown is not known to be).
    if startup == "disabled" and state not in ("running", "unknown"):
        return "disabled"
    # Rule 5: on its way from one state to another.
    if state.endswith("-pending"):
        return _pending(row["second"], SETTLE_RUNNING)
    # Rule 6: not running.
    if state == "unknown":
        return "unknown: partial (services)"
    if state in ("stopped", "paused"):
        return _not_running(startup, exit_code, row["uptime"])
    # Rule 7: running.
    return _running(row["endpoints"], row["owner"], row["age"], row["second"], row["uptime"], sections)


def _pending(second, settle):
    """Not settled; a problem once an earlier reading of this boot, settle and ten minutes ago, was pending too."""
    if second == "pending-long" and PENDING_SINCE >= settle + HANG:
        return "restarting"
    return "pending"


@lru_cache(maxsize=None)
def _not_running(startup, exit_code, uptime):
    """Rule 6 for Stopped and Paused; Disabled was decided before. What has not had its time is no crash loop."""
    if startup == "manual":
        return "stopped"
    up = UPTIMES[uptime]
    if up is None:
        return "unknown: partial (boot)"
    settle = NEVER_STARTED_SETTLE if exit_code == "1077" else BOOT_SETTLE
    return "stopped" if up >= settle else "pending"


@lru_cache(maxsize=None)
def _running(endpoints, owner, age, second, uptime, sections):
    """Rule 7."""
    # What must be complete before the port can be judged. Loopback and link-local never count, whatever addresses
    # the host has; every other address that is not the wildcard needs the list.
    if sections == "udp-partial":
        return "unknown: partial (udp)"
    if sections == "addresses-denied" and endpoints in ("specific", "gone", "elsewhere-and-foreign", "declared-part"):
        return "unknown: partial (addresses)"
    if sections == "processes-denied":
        age = "unknown"
        if owner == "child" and endpoints != "none":
            return "unknown: partial (processes)"
    held_by = "nobody" if endpoints == "none" else owner
    # Everywhere that is asked for: the wildcard, or an address of the host where nothing is declared.
    counts = endpoints in ("wildcard", "specific")
    # An address that we expect to be ours: the same, and one of the declared ones.
    wanted = counts or endpoints == "declared-part"
    if counts and held_by in ("self", "child"):
        return "bound"
    if not _settled(age, second, uptime):
        return _pending(second, SETTLE_RUNNING)
    if counts and held_by == "unknown":
        return "bound-owner-unknown"
    if wanted and held_by in ("other", "ended"):
        return "port-in-use"
    # Held on a part of what is declared is too little, whoever the owner that cannot be had may be.
    if held_by in ("self", "child") or (endpoints == "declared-part" and held_by == "unknown"):
        return "wrong-address"
    return "not-bound"


def _settled(age, second, uptime):
    """Settle of a running service: by its process's age, else by uptime and a second reading, else by that alone."""
    seconds, up = AGES[age], UPTIMES[uptime]
    if seconds is not None:
        return seconds >= SETTLE_RUNNING
    same_pid = second == "same-pid" and SECOND_READING >= SETTLE_RUNNING
    return same_pid and (up is None or up >= BOOT_SETTLE + SETTLE_RUNNING)
