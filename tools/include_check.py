"""Checks that every #include in src respects the rooms; names file, line and rule.

usage: include_check.py [FOLDER]   (FOLDER holds src/; default: the folder above this file)
"""
import os
import re
import sys

# Which rooms a room may include, by the folder of the file; the longest folder that matches holds.
# An entry ending in .h is that one header. Rooms inside a room are rooms of their own.
TRANSPORT = ["core", "model/host.h", "model/reason.h", "collector/credential.h",
             "collector/question.h", "collector/resolve.h", "collector/transport"]
PROBE = ["core", "model", "collector/question.h", "collector/probe"]
COLLECTOR = ["core", "model", "config", "config/inventory", "command", "out", "collector",
             "collector/probe", "collector/probe/windows", "collector/probe/wmi",
             "collector/probe/linux",
             "collector/transport", "collector/transport/ssh_key",
             "collector/transport/known_hosts", "collector/transport/ssh",
             "collector/transport/wsman", "collector/transport/winrm", "collector/recording"]
ROOMS = {
    "core": ["core"],
    "model": ["core", "model"],
    "command": ["core", "command"],
    "config": ["core", "model", "command", "config"],
    "config/inventory": ["core", "model", "command", "config", "config/inventory"],
    "out": ["core", "model", "command", "out"],
    "db/file": ["core", "model", "db/file"],
    "db/reading": ["core", "model", "db/file", "db/reading"],
    "db/track": ["core", "model", "db/file", "db/reading", "db/track"],
    "db/store": ["core", "model", "db/file", "db/reading", "db/track", "db/store"],
    "db/query": ["core", "model", "db/file", "db/reading", "db/track", "db/query"],
    "db/query/past": ["core", "model", "db/file", "db/reading", "db/track", "db/query",
                      "db/query/past"],
    "db/sql": ["core", "model", "db/file", "db/query", "db/sql"],
    "collector": COLLECTOR,
    "collector/main.c": COLLECTOR + ["collector/doctor", "db/store", "db/query"],
    "collector/doctor": COLLECTOR + ["collector/doctor"],
    "collector/main_history.c": COLLECTOR + ["collector/main_history.h", "db/store", "db/query"],
    "collector/main_history.h": COLLECTOR + ["db/store", "db/query"],
    "collector/main_gate.c": COLLECTOR + ["collector/main_history.h", "db/store", "db/query"],
    "collector/main_verify.c": COLLECTOR + ["collector/main_history.h", "db/store", "db/query"],
    "collector/probe": PROBE,
    "collector/probe/windows": PROBE + ["collector/probe/windows"],
    "collector/probe/wmi": PROBE + ["collector/probe/windows", "collector/probe/wmi"],
    "collector/probe/linux": PROBE + ["collector/probe/linux"],
    "collector/recording": ["core", "model", "out", "collector/transport", "collector/recording"],
    "collector/transport": TRANSPORT,
    "collector/transport/ssh_link": TRANSPORT + ["collector/transport/ssh_link"],
    "collector/transport/ssh_key": TRANSPORT + ["collector/transport/ssh_link",
                                                "collector/transport/ssh_key"],
    "collector/transport/known_hosts": TRANSPORT + ["collector/transport/ssh_link",
                                                    "collector/transport/ssh_key",
                                                    "collector/transport/known_hosts"],
    "collector/transport/ssh": TRANSPORT + ["collector/transport/ssh_link",
                                            "collector/transport/ssh_key",
                                            "collector/transport/known_hosts",
                                            "collector/transport/ssh"],
    "collector/transport/wsman": TRANSPORT + ["collector/transport/wsman"],
    "collector/transport/winrm": TRANSPORT + ["collector/transport/wsman",
                                              "collector/transport/winrm"],
    "cli": ["core", "model", "config", "config/inventory", "command", "out", "db/query", "db/sql", "cli",
            "cli/sql"],
    "cli/past": ["core", "model", "config", "config/inventory", "command", "out", "db/query",
                 "db/query/past", "cli", "cli/past"],
    "cli/prompt": ["core", "cli/prompt"],
    "cli/sql": ["core", "command", "out", "db/sql", "cli/question.h", "cli/prompt", "cli/sql"],
}

# Outside headers and their homes: prefixes of paths below src.
HOMES = {
    r"libssh2.*\.h": ["collector/transport/ssh"],
    r"openssl/.*": ["collector/transport/ssh_key", "collector/transport/winrm/http",
                     "collector/transport/winrm/winrm_auth"],
    r"ares.*\.h": ["collector/resolve"],
    r"uv\.h": ["collector/"],
    r"sqlite3.*\.h": ["db/"],
    r"zlib\.h": ["db/"],
    r"yaml\.h": ["config/"],
    r"jansson\.h": ["config/", "out/"],
    r"libsmartcols.*": ["out/"],
    r"idn2\.h": ["collector/resolve"],
    r"curl/.*": ["collector/transport/winrm/http"],
    r"libxml/.*": ["collector/transport/wsman"],
    r"(gssapi|krb5|profile).*": ["collector/transport/winrm/winrm_auth"],
    r"(editline/|histedit).*": ["cli/prompt"],
}

# What libc and POSIX give; anything else outside must have a home above.
LIBC = re.compile(
    r"(sys|arpa|netinet|net|linux)/[a-z_0-9]+\.h$|"
    r"(assert|ctype|dirent|errno|fcntl|fnmatch|getopt|grp|iconv|inttypes|langinfo|limits|locale|malloc|"
    r"math|netdb|poll|pthread|pwd|sched|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|"
    r"stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|time|unistd|wchar|"
    r"wctype)\.h$")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)')


def room_of(path):
    best = None
    for folder in ROOMS:
        if path == folder or path.startswith(folder + "/"):
            if best is None or len(folder) > len(best):
                best = folder
    return best


def own_rule(source, path, name):
    """The rule that a quoted include breaks, or None."""
    if "../" in name or name.startswith("./"):
        return f'"{name}" climbs: own headers are included by their path from src'
    if not os.path.exists(os.path.join(source, name)):
        return f'"{name}" is not a header of ours by its path from src'
    room = room_of(path)
    if room is None:
        return "this folder is no room"
    if name in ROOMS[room] or room_of(name) in ROOMS[room]:
        return None
    return f'{room} must not include "{name}"'


def outside_rule(path, name):
    for pattern, homes in HOMES.items():
        if re.fullmatch(pattern, name):
            if any(path.startswith(home) for home in homes):
                return None
            return f"<{name}> has its home in {', '.join(homes)}"
    if LIBC.match(name):
        return None
    return f"<{name}> is an outside header without a home"


def check(folder):
    source = os.path.join(folder, "src")
    problems = []
    for base, _, files in sorted(os.walk(source)):
        for file in sorted(files):
            if not file.endswith((".c", ".h")):
                continue
            full = os.path.join(base, file)
            path = os.path.relpath(full, source)
            with open(full, encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    match = INCLUDE.match(line)
                    if not match:
                        continue
                    own, outside = match.groups()
                    rule = own_rule(source, path, own) if own is not None \
                        else outside_rule(path, outside)
                    if rule:
                        problems.append(f"src/{path}:{number}: {rule}")
    return problems


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    problems = check(sys.argv[1] if len(sys.argv) > 1 else here)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
