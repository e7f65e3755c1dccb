"""The farm's WinRM asked by clients that are not ours: python3-winrm, python3-gssapi with a real KDC, curl."""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.farm import Farm  # noqa: E402
from harness.foreign import curl, legacy_openssl, pywinrm, run_gss  # noqa: E402
from harness.kdc import Kdc  # noqa: E402
from harness.wsman import IDENTIFY, Answer, enumerate_request  # noqa: E402

PASSWORD = "correct horse"
SCENARIO = """\
farm: lab
realm: EXAMPLE.TEST
accounts: [{name: audit, password: "correct horse"}]
servers:
  - names: pvs[01:02]
    transport: winrm
    scheme: [http, https]
    offers: [negotiate, kerberos, basic]
    os: [2012 R2, 2022]
    language: [en, de]
"""


class Tally:
    def __init__(self):
        self.met = self.count = 0

    def tell(self, what, seen, fine):
        self.count += 1
        self.met += bool(fine)
        print(f"  {what}: {seen}{'' if fine else '   NOT AS EXPECTED'}", flush=True)


def ports(text):
    return {line.split()[1].rpartition(":")[2] for line in text.splitlines() if line.startswith("  UDP ")}


def by_python3_winrm(tally, farm, urls, ca):
    environment = legacy_openssl(farm.folder)
    for scheme, url in urls.items():
        done = pywinrm(environment, url, "audit", PASSWORD, "netstat", "-ano", ca=ca)
        found = ports(done.get("out", ""))
        tally.tell(f"python3-winrm, NTLM{' sealed' if scheme == 'http' else ''} over {scheme}: netstat -ano",
                   f"exit code {done.get('code')}, {len(found)} UDP ports, 67 {'bound' if '67' in found else 'absent'}"
                   if "out" in done else done["error"], done.get("code") == 0 and {"67", "69", "4011"} <= found)


def by_gssapi(tally, farm, kdc):
    entry = farm.hosts["pvs01"]
    query = enumerate_request("root/cimv2/*", "select Name, State from Win32_Service where Name='BNPXE'")
    jobs = [{"address": entry["ansible_host"], "port": entry["pvsaudit_port"], "host": "pvs01",
             "mechanism": mechanism, "texts": [IDENTIFY, query, enumerate_request("root/cimv2/Win32_Nope")]}
            for mechanism in ("kerberos", "spnego")]
    for job, answer in zip(jobs, run_gss(kdc.environment, jobs)):
        header = "Kerberos" if job["mechanism"] == "kerberos" else "Negotiate"
        if "error" in answer:
            tally.tell(f"python3-gssapi, Kerberos sealed, header {header}", answer["error"], False)
            continue
        identify, services, fault = (Answer(one) for one in answer["answers"])
        version = identify.text_of("ProductVersion")
        tally.tell(f"python3-gssapi, Kerberos sealed, header {header}: Identify", version,
                   re.match(r"OS: 6\.3\.9600 ", version or ""))
        tally.tell(f"python3-gssapi, Kerberos sealed, header {header}: Enumerate", services.items,
                   services.items == [{"Name": "BNPXE", "State": "Running"}])
        tally.tell(f"python3-gssapi, Kerberos sealed, header {header}: a class that is not there",
                   f"HTTP {fault.status}, code {fault.code}", (fault.status, fault.code) == (500, 2150858752))


def by_curl(tally, farm, kdc, urls, ca):
    for what, options in (("Basic", ["--basic", "-u", f"audit:{PASSWORD}"]),
                          ("Negotiate (Kerberos)", ["--negotiate", "-u", ":"])):
        status, _, body = curl(urls["https"], IDENTIFY, "--cacert", ca, *options, environment=kdc.environment)
        tally.tell(f"curl, {what} over https: Identify", f"HTTP {status}, {len(body)} bytes",
                   status == 200 and "IdentifyResponse" in body)
    status, _, _ = curl(urls["https"], IDENTIFY, "--basic", "-u", f"audit:{PASSWORD}")
    tally.tell("curl that does not know the authority", f"HTTP {status}", status == 0)
    before = farm.counts("pvs01")["open_enumerations"]
    opens = enumerate_request("root/cimv2/Win32_Service", optimise=False)
    status, _, body = curl(urls["http"], opens, "--negotiate", "-u", ":", environment=kdc.environment)
    opened = farm.counts("pvs01")["open_enumerations"] - before
    tally.tell("curl, Negotiate over http with a plain body", f"HTTP {status}, {opened} enumerations opened",
               status == 500 and opened == 0 and 'Code="5"' in body)
    status, head, _ = curl(urls["http"], IDENTIFY, "--basic", "-u", f"audit:{PASSWORD}")
    tally.tell("curl, Basic over http", f"HTTP {status}", status == 401 and "Basic" not in head)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder, Kdc(os.path.join(folder, "kdc")) as kdc:
        kdc.user("audit", PASSWORD)
        keytab = kdc.keytab(os.path.join(folder, "farm.keytab"),
                            ["HTTP/pvs01", "HTTP/127.80.0.1", "HTTP/127.80.0.2"])
        kdc.kinit("audit", PASSWORD)
        with Farm(folder, SCENARIO, extra=("--keytab", keytab), environment=kdc.environment) as farm:
            ca = os.path.join(folder, "ca.pem")
            urls = {keys["pvsaudit_scheme"]: f"{keys['pvsaudit_scheme']}://{keys['ansible_host']}:"
                                             f"{keys['pvsaudit_port']}/wsman" for keys in farm.hosts.values()}
            by_python3_winrm(tally, farm, urls, ca)
            by_gssapi(tally, farm, kdc)
            by_curl(tally, farm, kdc, urls, ca)
            counts = farm.counts()
            logins = counts["auth"]["audit"]
            left = (counts["open_shells"], counts["open_enumerations"])
            tally.tell("logins that the farm accepted", f"{logins['accepted']}: " + ", ".join(
                f"{logins[name]['accepted']} by {name}" for name in ("ntlm", "kerberos", "basic") if name in logins),
                logins["ntlm"]["accepted"] == 2 and logins["kerberos"]["accepted"] == 4)
            tally.tell("shells and enumerations left open", left, left == (0, 0))
    met = tally.met == tally.count
    print(f"foreign-clients: {tally.met} of {tally.count} as expected, {'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
