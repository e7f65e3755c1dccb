"""A second opinion on the gate's answer, written from the rule text and never from the program.

A server `s` is to be taken down. One stage of a path lists it with three peers; a second path may list it as well.
"""

PEERS = ("proven", "not-bound", "pending", "owner-unknown", "unread", "stale", "unknown", "other-farm", "held",
         "held-alias", "inactive", "down", "down-alias", "first-alias", "nameless", "address")
DIMS = {
    "where": ("pxe", "tftp", "option-66", "options-login"),
    "min": ("1", "2", "3"),
    "asked": ("one", "one-and-unnamed"),
    "other": ("none", "go", "warning", "unread", "nobody"),
    "peer1": PEERS,
    "peer2": PEERS,
    "peer3": PEERS,
}
WORST_FIRST = ("NO-GO", "CANNOT TELL", "GO WITH WARNING", "GO")
OTHER = {"none": "GO", "go": "GO", "warning": "GO WITH WARNING", "unread": "CANNOT TELL", "nobody": "NO-GO"}


def machines(words):
    """For each peer the machine behind its name; None: nobody can tell which one that is."""
    found = []
    for number, word in enumerate(words):
        if word == "down-alias":
            found.append("s")
        elif word == "held-alias":
            found.append("held")
        elif word == "nameless":
            found.append(None)
        elif word == "first-alias" and number > 0:
            found.append(found[0])
        else:
            found.append(f"p{number + 1}")
    return found


def stage(where, minimum, words):
    """One stage: what is left of it once everything that is asked about is down."""
    named = [(word, machine) for word, machine in zip(words, machines(words)) if word != "address"]
    down = {"s"} | {machine for word, machine in named if word == "down" and machine}
    held = {"held"} | {machine for word, machine in named if word == "held" and machine}
    inactive = {machine for word, machine in named if word == "inactive" and machine}
    # DHCP option 66 names one server: whoever is sent to s has nobody else. s itself is in the list.
    if where == "option-66":
        return "NO-GO"
    doubt = words.count("address")
    proven = set()
    for word, machine in named:
        if word == "down" or machine in down or word == "other-farm":
            continue
        if machine is not None and (machine in held or machine in inactive):
            continue
        if word in ("unread", "stale", "unknown") or machine is None:
            doubt += 1
            continue
        if word in ("not-bound", "pending", "owner-unknown"):
            continue
        proven.add(machine)
    if len(proven) >= minimum:
        return "GO"
    if proven:
        return "GO WITH WARNING"
    return "CANNOT TELL" if doubt else "NO-GO"


def judge(row):
    answers = [stage(row["where"], int(row["min"]), [row["peer1"], row["peer2"], row["peer3"]]), OTHER[row["other"]]]
    # A server that no path names was not checked, and nothing checked is no GO.
    if row["asked"] == "one-and-unnamed":
        answers.append("CANNOT TELL")
    return min(answers, key=WORST_FIRST.index)
