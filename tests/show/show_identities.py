"""Two names and two accounts on one address, 200 visits each at once: no connection has two identities."""
import json
import os
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.kdc import Kdc  # noqa: E402

EACH = 200
SCENARIO = """\
farm: emea
realm: EXAMPLE.TEST
accounts:
  - {name: first, password: "correct horse"}
  - {name: second, password: "battery staple"}
  - {name: stranger, password: "somebody else"}
servers:
  - {names: pvs01, site: north, transport: winrm, scheme: http, auth: ntlm, account: first, os: 2019, uptime: 9d, latency: 20ms}
"""


def inventory(farm, folder):
    """Two hundred names of the one server for each of the two accounts."""
    keys = farm.hosts["pvs01"]
    hosts = {}
    for user, password in (("first", "correct horse"), ("second", "battery staple")):
        path = f"{folder}/{user}.password"
        with open(path, "w", encoding="utf-8") as file:
            file.write(password + "\n")
        os.chmod(path, 0o600)
        for number in range(EACH):
            hosts[f"{user}{number:03}"] = {**keys, "pvsaudit_user": user, "pvsaudit_password_file": path,
                                           "pvsaudit_computer_name": "PVS01"}
    path = f"{folder}/both.yaml"
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump({"all": {"vars": {"pvsaudit_os": "windows"}, "hosts": hosts}}, file)
    return path


def foreign(folder, kdc):
    """What whoever starts us may have in the environment: another user's password and ticket."""
    users = f"{folder}/somebody_elses_users"
    with open(users, "w", encoding="utf-8") as file:
        file.write("EMEA:stranger:somebody else\n")
    kdc.kinit("stranger", "somebody else")
    return {**kdc.environment, "NTLM_USER_FILE": users}


def play(folder, kdc):
    with Farm(folder, SCENARIO, settings="concurrency: 400\n",
              extra=("--keytab", f"{kdc.folder}/farm.keytab"), environment=kdc.environment) as farm:
        farm.site.inventory = inventory(farm, folder)
        before = farm.counts()
        result = farm.scan(env=foreign(folder, kdc), timeout=200)
        counts = farm.counts()
        visits = {"first": 0, "second": 0}
        for row in farm.ask("status", "--json").rows:
            if row["expectation"] == "BNPXE" and row["verdict"] == "bound":
                visits[row["host"].rstrip("0123456789")] += 1
    exported = [json.loads(line) for line in farm.ask("db", "export").out.splitlines()]
    others = sum(visit["principal"] != visit["host"].rstrip("0123456789") for visit in exported)
    logins = {user: seen["accepted"] for user, seen in counts["auth"].items()}
    refused = sum(seen["refused"] for seen in counts["auth"].values())
    connections = counts["connections"] - before["connections"]
    print(f"exit {result.code}; read: {visits}")
    print(f"connections {connections}, logins {logins}, refused {refused}")
    print(f"connections with a second login or with none: {abs(connections - sum(logins.values()))}; "
          f"visits taken for another: {others}")
    met = (visits == {"first": EACH, "second": EACH} and connections == 2 * EACH and refused == 0 and others == 0
           and logins.get("first") == EACH and logins.get("second") == EACH
           and logins.get("stranger", 0) == 0 and logins.get("*others*", 0) == 0)
    print(f"identities: {connections} connections, {len([n for n in logins.values() if n])} identities, "
          f"none mixed, {'met' if met else 'UNMET'}")
    return 0 if met else 1


def main():
    with tempfile.TemporaryDirectory() as folder, Kdc(f"{folder}/kdc") as kdc:
        kdc.user("stranger", "somebody else")
        kdc.keytab(f"{kdc.folder}/farm.keytab", ["HTTP/pvs01"])
        return play(folder, kdc)


if __name__ == "__main__":
    sys.exit(main())
