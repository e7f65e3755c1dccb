"""What can stand between the collector and a host, each met once: the situation of every cure."""
import contextlib
import json
import os
import re
import subprocess

from .agent import Agent, FakeAgent
from .between import Speaker, TlsEnds
from .farm import Farm
from .kdc import Kdc, write
from .programs import NTLM_LEAKS, ROOT, program, run
from .sshd import Sshd, keygen, public_of

TABLE = os.path.join(ROOT, "src/collector/doctor/doctor_cure_table.c")
PASSWORD = "correct horse"
SETTINGS = ("deadlines: {connect: 2s, handshake: 2s, auth: 2s, exec: 2s, visit: 10s}\n"
            "retry_after: 0s\n")
SCENARIO = f"""\
farm: emea
realm: EXAMPLE.TEST
accounts:
  - {{name: audit, password: "{PASSWORD}", key: true}}
  - {{name: reader, password: "tier a", rights: tier-a}}
servers:
  - {{names: pvs01, transport: winrm, scheme: http, auth: ntlm, os: 2019}}
  - {{names: pvs02, transport: winrm, scheme: https, auth: ntlm, os: 2022}}
  - {{names: old01, transport: winrm, scheme: http, auth: ntlm, os: 2012 R2}}
  - {{names: low01, transport: winrm, scheme: http, auth: ntlm, os: 2019, account: reader}}
  - {{names: [krb01, half01], transport: winrm, scheme: http, auth: kerberos, os: 2019}}
  - {{names: krb02, transport: winrm, scheme: https, auth: kerberos, os: 2019}}
  - {{names: bas01, transport: winrm, scheme: https, auth: basic, offers: [negotiate, basic], os: 2019}}
  - {{names: crt01, transport: winrm, scheme: https, auth: certificate, offers: [negotiate, certificate], os: 2019}}
  - {{names: shut01, transport: winrm, scheme: http, auth: ntlm, reach: refused}}
  - {{names: shut02, transport: winrm, scheme: https, auth: ntlm, reach: refused}}
  - {{names: hole01, transport: winrm, scheme: http, auth: ntlm, reach: blackhole}}
  - {{names: ssh01, os: 2019}}
  - {{names: shut03, reach: refused}}
  - {{names: hole03, reach: blackhole}}
"""
SERVICES = ["HTTP/krb01", "WSMAN/krb01", "HTTP/krb02", "WSMAN/krb02", "HTTP/half01"]


def ids():
    """Of every row of the table of cures."""
    with open(TABLE, encoding="utf-8") as file:
        return re.findall(r'^    \{"([a-z-]+)", ', file.read(), re.MULTILINE)


class Case:
    def __init__(self, cure, step, code, outcome, play):
        self.cure, self.step, self.code, self.outcome, self.play = cure, step, code, outcome, play


CASES = {}


def case(cure, step, code, outcome="failed"):
    """The situation of a cure: the step that shows it, its outcome, and the exit code of doctor."""
    def keep(play):
        CASES[cure] = Case(cure, step, code, outcome, contextlib.contextmanager(play))
        return play
    return keep


class Ward:
    """`with Ward(folder) as ward:` has a farm, a KDC and an sshd for every case."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        with self.stack as stack:
            self.kdc = stack.enter_context(Kdc(self.path("kdc")))
            self.kdc.user("audit", PASSWORD)
            keytab = self.kdc.keytab(self.path("farm.keytab"), SERVICES)
            os.makedirs(self.path("farm"))
            self.farm = stack.enter_context(
                Farm(self.path("farm"), SCENARIO, settings=SETTINGS, extra=("--keytab", keytab),
                     environment=self.kdc.environment))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def secret(self, name, text):
        write(self.path(name), text + "\n")
        os.chmod(self.path(name), 0o600)
        return self.path(name)

    def host(self, base, name=None, **changes):
        """The keys of a host of the farm with some changed (None: left out), as a host to visit."""
        keys = dict(self.farm.hosts[base])
        if keys.get("pvsaudit_transport") != "winrm":
            keys = {"pvsaudit_transport": "ssh", "ansible_user": "audit",
                    "pvsaudit_key_file": self.path("farm/client_key"),
                    "pvsaudit_known_hosts": self.path("farm/known_hosts"), **keys}
        keys.update(pvsaudit_os="windows")
        keys.update(changes)
        return Patient(self, name or base, keys)

    @contextlib.contextmanager
    def misbehaving(self, base, kind, **changes):
        self.farm.ctl("misbehave", base, kind)
        try:
            yield self.host(base, **changes)
        finally:
            self.farm.ctl("misbehave", base, "none")

    @contextlib.contextmanager
    def set(self, base, given, back, **changes):
        self.farm.ctl("set", base, given)
        try:
            yield self.host(base, **changes)
        finally:
            self.farm.ctl("set", base, back)

    @contextlib.contextmanager
    def sshd(self, *extra, **changes):
        """A real OpenSSH server that knows one key of ours."""
        folder = self.path("sshd")
        with Sshd(folder, ["127.0.0.1"], extra) as sshd:
            keys = {"ansible_host": "127.0.0.1", "ansible_port": sshd.port, "ansible_user": sshd.user,
                    "pvsaudit_transport": "ssh", "pvsaudit_os": "linux", "pvsaudit_auth": "key",
                    "pvsaudit_key_file": sshd.key, "pvsaudit_known_hosts": sshd.known_hosts}
            keys.update(changes)
            yield Patient(self, "lin01", keys), sshd


class Patient:
    """One host and how doctor is asked about it."""

    def __init__(self, ward, name, keys):
        self.ward, self.name = ward, name
        self.keys = {key: value for key, value in keys.items() if value is not None}
        self.environment = {**NTLM_LEAKS, **ward.kdc.environment}
        self.enter = ()

    def words(self, settings, *options):
        inventory = self.ward.path("one.json")
        write(inventory, json.dumps({"all": {"hosts": {self.name: self.keys}}}))
        return ["doctor", self.name, "-i", inventory, "--config", settings,
                "--db", self.ward.farm.site.db, *options]

    def doctor(self, *options):
        return run("pvsaudit", *self.words(self.ward.farm.site.settings, *options),
                   env=self.environment, enter=self.enter)

    def start(self, *options, settings):
        """The process, with settings of its own."""
        path = self.ward.path("settings.yaml")
        write(path, f"state_dir: {self.ward.path('state')}\n{settings}")
        return subprocess.Popen([program("pvsaudit"), *self.words(path, *options)], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env={**os.environ, **self.environment})


def with_environment(patient, **environment):
    patient.environment.update(environment)
    return patient


# ---- the name ----

# A mount and a network of the process's own: its name server is on its own loopback.
ALONE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec"]
RESOLV = 'ip link set lo up\nmount --bind "$1" /etc/resolv.conf\nshift\n'
NXDOMAIN = ("/usr/sbin/dnsmasq --conf-file=/dev/null --no-hosts --no-resolv --user=root --pid-file= "
            "--address=/#/ --local=/#/\n")


def alone(ward, script):
    resolv = ward.path("resolv.conf")
    write(resolv, "nameserver 127.0.0.1\noptions attempts:1\n")
    patient = ward.host("pvs01", ansible_host="nowhere.example.test")
    patient.enter = [*ALONE, RESOLV + script + '"$@"', "sh", resolv]
    return patient


@case("name-servers", "name", 3)
def _(ward):
    yield alone(ward, "")


@case("name-unknown", "name", 3)
def _(ward):
    yield alone(ward, NXDOMAIN)


# ---- the connection ----

@case("winrm-refused", "connect", 3)
def _(ward):
    yield ward.host("shut01")


@case("winrm-https-refused", "connect", 3)
def _(ward):
    yield ward.host("shut02")


@case("ssh-refused", "connect", 3)
def _(ward):
    yield ward.host("shut03")


@case("ssh-refused-linux", "connect", 3)
def _(ward):
    yield ward.host("shut03", pvsaudit_os="linux")


@case("winrm-firewall", "connect", 3)
def _(ward):
    yield ward.host("hole01")


@case("ssh-firewall", "connect", 3)
def _(ward):
    yield ward.host("hole03")


@case("no-route", "connect", 3)
def _(ward):
    yield ward.host("ssh01", ansible_host="255.255.255.255")


@case("ssh-full", "handshake", 3)
def _(ward):
    with Speaker(b"Exceeded MaxStartups\r\n", "close") as server:
        yield ward.host("ssh01", ansible_host="127.0.0.1", ansible_port=server.port)


# ---- the key exchange and the host key ----

@case("ssh-kex", "handshake", 3)
def _(ward):
    with ward.sshd("Ciphers aes256-gcm@openssh.com") as (patient, _):
        yield patient


@case("not-ssh", "handshake", 3)
def _(ward):
    with Speaker(b"HTTP/1.1 400 Bad Request\r\n\r\n", "close") as server:
        yield ward.host("ssh01", ansible_host="127.0.0.1", ansible_port=server.port)


@case("ssh-silent", "handshake", 3)
def _(ward):
    with ward.misbehaving("ssh01", "hang-kex") as patient:
        yield patient


def knowing(ward, line):
    """What is known of ssh01 is this line."""
    keys = ward.farm.hosts["ssh01"]
    place = f"[{keys['ansible_host']}]:{keys['ansible_port']}"
    write(ward.path("known_hosts"), line.format(place=place))
    return ward.host("ssh01", pvsaudit_known_hosts=ward.path("known_hosts"))


@case("host-key-unknown", "host-key", 3)
def _(ward):
    yield knowing(ward, "")


@case("host-key-changed", "host-key", 3)
def _(ward):
    with ward.misbehaving("ssh01", "wrong-host-key") as patient:
        yield patient


@case("host-key-revoked", "host-key", 3)
def _(ward):
    with open(ward.path("farm/known_hosts"), encoding="utf-8") as file:
        key = " ".join(file.readline().split()[1:3])
    yield knowing(ward, "@revoked {place} " + key + "\n")


@case("host-key-kind", "host-key", 3)
def _(ward):
    yield knowing(ward, "{place} " + public_of(keygen(ward.path("ecdsa"), "ecdsa")) + "\n")


# ---- TLS ----

@case("cert-expired", "tls", 3)
def _(ward):
    with ward.misbehaving("pvs02", "expired-cert") as patient:
        yield patient


@case("cert-name", "tls", 3)
def _(ward):
    with ward.misbehaving("pvs02", "wrong-cert-name") as patient:
        yield patient


@case("cert-authority", "tls", 3)
def _(ward):
    with ward.misbehaving("pvs02", "wrong-ca") as patient:
        yield patient


@case("cert-pin", "tls", 3)
def _(ward):
    yield ward.host("pvs02", pvsaudit_ca_file=None, pvsaudit_cert_sha256="00" * 32)


@case("not-tls", "tls", 3)
def _(ward):
    with Speaker(b"HTTP/1.1 400 Bad Request\r\n\r\n", "close", after=True) as server:
        yield ward.host("pvs02", ansible_host="127.0.0.1", pvsaudit_port=server.port)


@case("tls-silent", "tls", 3)
def _(ward):
    yield ward.host("pvs02", pvsaudit_port=ward.farm.hosts["pvs01"]["pvsaudit_port"])


# ---- what is offered ----

@case("kerberos-off", "mechanisms", 4)
def _(ward):
    with ward.set("krb01", "offers=negotiate", "offers=negotiate,kerberos") as patient:
        yield patient


@case("mechanism-off", "mechanisms", 4)
def _(ward):
    yield ward.host("pvs02", pvsaudit_auth="basic")


@case("proxy", "identify", 3)
def _(ward):
    with ward.misbehaving("pvs01", "proxy") as patient:
        yield patient


@case("redirected", "identify", 3)
def _(ward):
    with ward.misbehaving("pvs01", "redirect") as patient:
        yield patient


@case("not-winrm", "mechanisms", 3)
def _(ward):
    with Speaker(b"220 mail.example.test ESMTP\r\n", "close") as server:
        yield ward.host("pvs01", ansible_host="127.0.0.1", pvsaudit_port=server.port)


@case("forbidden", "mechanisms", 3, "denied")
def _(ward):
    page = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with Speaker(page, "hang", after=True) as server:
        yield ward.host("pvs01", ansible_host="127.0.0.1", pvsaudit_port=server.port)


@case("winrm-closed", "mechanisms", 3)
def _(ward):
    with Speaker(b"", "close", after=True) as server:
        yield ward.host("pvs01", ansible_host="127.0.0.1", pvsaudit_port=server.port)


@case("winrm-silent", "mechanisms", 3)
def _(ward):
    with ward.misbehaving("pvs01", "hang-kex") as patient:
        yield patient


# ---- the login: Kerberos ----

@case("kdc-silent", "login", 4)
def _(ward):
    class Nowhere:
        realm, address, port = "EXAMPLE.TEST", "127.0.0.1", 9
    write(ward.path("silent.conf"), Kdc.section([Nowhere]))
    yield with_environment(ward.host("krb01"), KRB5_CONFIG=ward.path("silent.conf"))


@case("password-wrong", "login", 4)
def _(ward):
    ward.kdc.kadmin("addprinc +requires_preauth -pw right careful")
    yield ward.host("krb01", pvsaudit_user="careful",
                    pvsaudit_password_file=ward.secret("wrong", "wrong"))


@case("password-wrong-unproven", "login", 4)
def _(ward):
    yield ward.host("krb01", pvsaudit_password_file=ward.secret("wrong", "wrong"))


@case("account-unknown", "login", 4)
def _(ward):
    yield ward.host("krb01", pvsaudit_user="nobody-there")


@case("account-locked", "login", 4)
def _(ward):
    ward.kdc.kadmin("addprinc -allow_tix -pw right locked")
    yield ward.host("krb01", pvsaudit_user="locked")


@case("account-expired", "login", 4)
def _(ward):
    ward.kdc.kadmin('addprinc -expire "1/1/2020" -pw right former')
    yield ward.host("krb01", pvsaudit_user="former")


@case("password-expired", "login", 4)
def _(ward):
    ward.kdc.kadmin('addprinc -pwexpire "1/1/2020" -pw right stale')
    yield ward.host("krb01", pvsaudit_user="stale",
                    pvsaudit_password_file=ward.secret("right", "right"))


def cached(ward, name, *options):
    """A patient whose tickets come from a cache that kinit has filled with these options."""
    cache = ward.path(name)
    subprocess.run(["kinit", "-c", cache, *options, "audit"], input=PASSWORD + "\n", text=True,
                   check=True, timeout=30, capture_output=True,
                   env={**os.environ, **ward.kdc.environment})
    return ward.host("krb01", pvsaudit_password_file=None, pvsaudit_ccache=cache)


@case("ticket-expired", "login", 4)
def _(ward):
    patient = cached(ward, "short", "-l", "1s")
    while subprocess.run(["klist", "-s", "-c", ward.path("short")], timeout=30).returncode == 0:
        pass
    yield patient


@case("ticket-none", "login", 4)
def _(ward):
    yield cached(ward, "other", "-S", "kadmin/changepw")


@case("keytab-name", "login", 4)
def _(ward):
    keytab = ward.kdc.keytab(ward.path("other.keytab"), ["somebody"])
    yield ward.host("krb01", pvsaudit_password_file=None, pvsaudit_keytab=keytab)


@case("spn-unknown", "login", 4)
def _(ward):
    yield ward.host("krb01", "ghost01")


@case("spn-lost", "login", 4)
def _(ward):
    with ward.set("half01", "spn=WSMAN", "spn=both") as patient:
        yield patient


@case("spn-clash", "login", 4)
def _(ward):
    with ward.set("krb01", "spn=WSMAN", "spn=both", pvsaudit_spn_service="HTTP") as patient:
        yield patient


@contextlib.contextmanager
def between(ward, base):
    """A patient whose TLS ends before it."""
    keys = ward.farm.hosts[base]
    ward.farm.ctl("set", base, "cbt=strict")
    try:
        with TlsEnds(ward.folder, keys["ansible_host"], keys["pvsaudit_port"]) as relay:
            yield ward.host(base, ansible_host="127.0.0.1", pvsaudit_port=relay.port,
                            pvsaudit_ca_file=None, pvsaudit_cert_sha256=relay.fingerprint)
    finally:
        ward.farm.ctl("set", base, "cbt=relaxed")


@case("ticket-refused-https", "login", 4)
def _(ward):
    with between(ward, "krb02") as patient:
        yield patient


@case("clock-login", "login", 4)
def _(ward):
    with ward.set("krb01", "clock_step=+3600", "clock_step=-3600") as patient:
        yield patient


# ---- the login: passwords and certificates ----

@case("basic-refused", "login", 4)
def _(ward):
    with ward.misbehaving("bas01", "deny-auth") as patient:
        yield patient


@case("certificate-refused", "login", 4)
def _(ward):
    with ward.misbehaving("crt01", "deny-auth") as patient:
        yield patient


@case("binding-refused", "login", 4)
def _(ward):
    with between(ward, "pvs02") as patient:
        yield patient


@case("password-refused", "login", 4)
def _(ward):
    yield ward.host("pvs01", pvsaudit_password_file=ward.secret("wrong", "wrong"))


@case("ntlm-library", "login", 4)
def _(ward):
    write(ward.path("mechanisms"), "")
    yield with_environment(ward.host("pvs01"), GSS_MECH_CONFIG=ward.path("mechanisms"))


# ---- the login: SSH ----

@case("ssh-both", "login", 4)
def _(ward):
    with ward.sshd("AuthenticationMethods publickey,password", "PasswordAuthentication yes") as (patient, _):
        yield patient


@case("ssh-method", "login", 4)
def _(ward):
    with ward.sshd(pvsaudit_auth="password", pvsaudit_key_file=None,
                   pvsaudit_password_file=ward.secret("right", "right")) as (patient, _):
        yield patient


@contextlib.contextmanager
def agent(ward, make):
    """A patient whose keys are in the agent that make(path, key of the sshd) is."""
    path = ward.path("agent")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with ward.sshd(pvsaudit_auth="agent", pvsaudit_key_file=None) as (patient, sshd):
        with make(path, sshd.key):
            yield with_environment(patient, SSH_AUTH_SOCK=path)


@case("ssh-agent-empty", "login", 4)
def _(ward):
    with agent(ward, lambda path, key: Agent(path)) as patient:
        yield patient


@case("ssh-agent-useless", "login", 4)
def _(ward):
    def string(text):
        return len(text).to_bytes(4, "big") + text
    key = string(string(b"sk-ssh-ed25519@openssh.com") + string(bytes(32)) + string(b"ssh:"))
    listing = bytes([12]) + (1).to_bytes(4, "big") + key + string(b"a token")
    with agent(ward, lambda path, key: FakeAgent(path, listing=listing)) as patient:
        yield patient


@case("ssh-agent-silent", "login", 3)
def _(ward):
    with agent(ward, lambda path, key: FakeAgent(path, listing="hang")) as patient:
        yield patient


@case("ssh-agent-declined", "login", 4)
def _(ward):
    with agent(ward, lambda path, key: FakeAgent(path, [key], signing=bytes([5]))) as patient:
        yield patient


@case("ssh-signature", "login", 4)
def _(ward):
    with agent(ward, lambda path, key: FakeAgent(path, [key])) as patient:
        yield patient


@case("ssh-password", "login", 4)
def _(ward):
    yield ward.host("ssh01", pvsaudit_auth="password", pvsaudit_key_file=None,
                    pvsaudit_password_file=ward.secret("wrong", "wrong"))


@case("ssh-key-windows", "login", 4)
def _(ward):
    key = ward.path("stranger")
    if not os.path.exists(key):
        keygen(key)
    yield ward.host("ssh01", pvsaudit_key_file=key)


@case("ssh-key", "login", 4)
def _(ward):
    key = ward.path("stranger")
    if not os.path.exists(key):
        keygen(key)
    with ward.sshd(pvsaudit_key_file=key) as (patient, _):
        yield patient


@case("login-silent", "login", 3)
def _(ward):
    with ward.misbehaving("pvs01", "hang-auth") as patient:
        yield patient


# ---- sealing, quotas, rights over WinRM ----

@case("no-seal", "login", 4)
def _(ward):
    with ward.misbehaving("pvs01", "no-seal") as patient:
        yield patient


@case("quota-shells", "shell", 3)
def _(ward):
    with ward.set("old01", "max_shells=0", "max_shells=30") as patient:
        yield patient


@case("quota", "identify", 3)
def _(ward):
    with ward.misbehaving("pvs01", "quota") as patient:
        yield patient


@case("shell-denied", "shell", 0, "denied")
def _(ward):
    with ward.set("old01", "rights=no-shell", "rights=admin") as patient:
        yield patient


@case("namespace-denied", "Win32_OperatingSystem", 1, "denied")
def _(ward):
    with ward.set("pvs01", "rights=no-cimv2,no-shell", "rights=admin") as patient:
        yield patient


@case("local-account", "Win32_OperatingSystem", 1, "denied")
def _(ward):
    with ward.set("pvs01", "rights=filtered", "rights=admin") as patient:
        yield patient


@case("winrm-denied", "Win32_OperatingSystem", 1, "denied")
def _(ward):
    with ward.set("pvs01", "rights=no-winrm,no-shell", "rights=admin",
                  pvsaudit_user="LAB\\audit") as patient:
        yield patient


@case("services-hidden", "Win32_Service", 0, "denied")
def _(ward):
    yield ward.host("low01")


@case("registry-denied", "StdRegProv", 1, "denied")
def _(ward):
    with ward.set("pvs01", "rights=no-reg", "rights=admin") as patient:
        yield patient


@case("envelope", "Win32_OperatingSystem", 1)
def _(ward):
    with ward.set("pvs01", "max_envelope=1", "max_envelope=500") as patient:
        yield patient


# ---- rights over SSH ----

@case("exec-denied", "command", 3, "denied")
def _(ward):
    with ward.misbehaving("ssh01", "no-exec") as patient:
        yield patient


@case("exec-else", "command", 3, "denied")
def _(ward):
    with ward.sshd("ForceCommand echo this account is closed") as (patient, _):
        yield patient


@case("registry-closed", "registry", 1, "denied")
def _(ward):
    with ward.set("ssh01", "rights=no-reg", "rights=admin") as patient:
        yield patient


@case("cim-denied", "boot", 1, "denied")
def _(ward):
    with ward.set("ssh01", "rights=no-cim,no-eventlog", "rights=admin") as patient:
        yield patient


# ---- the whole ----

@case("clock", "clock", 0)
def _(ward):
    with ward.set("ssh01", "clock_step=+3600", "clock_step=-3600") as patient:
        yield patient


@case("wrong-host", "visit", 3)
def _(ward):
    with ward.misbehaving("ssh01", "wrong-hostname") as patient:
        yield patient


@case("exec-slow", "command", 3)
def _(ward):
    with ward.misbehaving("ssh01", "hang-exec") as patient:
        yield patient


@case("broken-off", "identify", 3)
def _(ward):
    with ward.misbehaving("pvs01", "cut-xml") as patient:
        yield patient


@case("other", "login", 4)
def _(ward):
    """A service that is only for its own users, says this KDC: no administrator meets that."""
    ward.kdc.kadmin("addprinc -randkey -allow_svr HTTP/odd01")
    yield ward.host("krb01", "odd01")
