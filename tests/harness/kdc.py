"""A real MIT KDC on loopback, with a database and a configuration of its own, stopped by its pid."""
import os
import signal
import socket
import subprocess
import time


class Kdc:
    """`with Kdc(folder, "EXAMPLE.TEST") as kdc:`; kdc.environment is what clients and servers need."""

    def __init__(self, folder, realm="EXAMPLE.TEST", address="127.0.0.1", domains=()):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.realm = realm
        self.address = address
        self.port = self._free_port(address)
        self.process = None
        self.config = os.path.join(self.folder, "krb5.conf")
        self.environment = {"KRB5_CONFIG": self.config,
                            "KRB5_KDC_PROFILE": os.path.join(self.folder, "kdc.conf"),
                            "KRB5CCNAME": f"FILE:{self.folder}/ccache"}
        write(self.config, self.section([self], domains))
        write(self.environment["KRB5_KDC_PROFILE"], f"""\
[kdcdefaults]
 kdc_listen = {address}:{self.port}
 kdc_tcp_listen = {address}:{self.port}
[realms]
 {realm} = {{
  database_name = {self.folder}/principal
  key_stash_file = {self.folder}/stash
  acl_file = {self.folder}/acl
  max_life = 10h
  supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
 }}
""")
        self._run("kdb5_util", "create", "-s", "-r", realm, "-P", "master")

    @staticmethod
    def section(kdcs, domains=()):
        """The text of a krb5.conf for these realms; the first is the default, and there is no DNS."""
        realms = "".join(f" {kdc.realm} = {{\n  kdc = {kdc.address}:{kdc.port}\n }}\n" for kdc in kdcs)
        mapped = "".join(f" {domain} = {realm}\n" for domain, realm in domains)
        return (f"[libdefaults]\n default_realm = {kdcs[0].realm}\n dns_lookup_kdc = false\n"
                " dns_lookup_realm = false\n dns_canonicalize_hostname = false\n rdns = false\n"
                f" udp_preference_limit = 1\n[realms]\n{realms}[domain_realm]\n{mapped}")

    @staticmethod
    def _free_port(address):
        with socket.socket() as probe:
            probe.bind((address, 0))
            return probe.getsockname()[1]

    def _run(self, *command, **options):
        done = subprocess.run(["/usr/sbin/" + command[0], *command[1:]], capture_output=True, text=True,
                              timeout=60, env={**os.environ, **self.environment}, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def kadmin(self, *commands):
        """Commands of kadmin.local, all in one process."""
        done = subprocess.run(["/usr/sbin/kadmin.local", "-r", self.realm], text=True, timeout=120,
                              input="\n".join(commands) + "\n", capture_output=True,
                              env={**os.environ, **self.environment})
        if done.returncode != 0 or "while creating" in done.stderr:
            raise RuntimeError(f"kadmin.local: {done.stdout}{done.stderr}")

    def user(self, name, password):
        self.kadmin(f'addprinc -pw "{password}" {name}')

    def keytab(self, path, services):
        """New keys for these services, such as HTTP/pvs01, in one file."""
        self.kadmin(*(f"addprinc -randkey {service}" for service in services),
                    *(f"ktadd -k {path} {service}" for service in services))
        os.chmod(path, 0o600)
        return str(path)

    def start(self):
        with open(os.path.join(self.folder, "kdc.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/krb5kdc", "-n", "-r", self.realm], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={**os.environ, **self.environment})
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((self.address, self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError("the KDC did not start")
                time.sleep(0.02)

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
            self.process = None

    def kinit(self, name, password):
        """A ticket in the environment's cache."""
        subprocess.run(["kinit", name], input=password + "\n", text=True, check=True, timeout=30,
                       capture_output=True, env={**os.environ, **self.environment})

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
