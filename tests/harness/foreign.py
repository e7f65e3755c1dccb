"""Clients of WinRM that are not ours: one on python3-gssapi written from MS-WSMV, python3-winrm, curl."""
import base64
import http.client
import json
import os
import re
import ssl
import struct
import subprocess
import sys

BOUNDARY = b"--Encrypted Boundary"
PYTHON = "/usr/bin/python3"  # the one that Debian's modules belong to


class Refused(Exception):
    """The server said no: the HTTP status and what came with it."""

    def __init__(self, status, body=b"", headers=()):
        super().__init__(f"HTTP {status}: {body[:200]!r}")
        self.status = status
        self.body = body
        self.headers = headers


class GssClient:
    """One connection to one server, logged in by GSSAPI; over http every body is sealed.

    mechanism: kerberos (the header Kerberos), spnego (Kerberos inside Negotiate) or ntlm (raw NTLMSSP
    inside Negotiate). The credential is what the environment holds. bend: what is wrong, or only
    different, with every request's body: tampered, wrong-length, tab, bare-end, plain."""

    def __init__(self, address, port, host, mechanism="kerberos", service="HTTP", tls=None, binding=True,
                 bend=None, timeout=30):
        import gssapi  # Debian's module: only where PYTHON runs
        self.gssapi = gssapi
        self.mechanism = mechanism
        self.seals = tls is None
        self.binding = binding
        self.bend = bend
        if tls is None:
            self.http = http.client.HTTPConnection(address, port, timeout=timeout)
        else:
            self.http = http.client.HTTPSConnection(address, port, timeout=timeout,
                                                    context=ssl.create_default_context(cafile=tls))
        self.http.connect()
        self.scheme = "Kerberos" if mechanism == "kerberos" else "Negotiate"
        self.protocol = "application/HTTP-" + (
            "Kerberos" if mechanism == "kerberos" else "SPNEGO") + "-session-encrypted"
        oid = {"kerberos": gssapi.MechType.kerberos, "spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2"),
               "ntlm": gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")}[mechanism]
        name = gssapi.Name(f"{service}@{host}", gssapi.NameType.hostbased_service)
        flags = gssapi.RequirementFlag
        self.context = gssapi.SecurityContext(
            name=name, mech=oid, usage="initiate", channel_bindings=self._bindings(),
            flags=flags.mutual_authentication | flags.confidentiality | flags.integrity |
            flags.replay_detection | flags.out_of_sequence_detection)

    def _bindings(self):
        if self.seals or not self.binding:
            return None
        import hashlib
        certificate = self.http.sock.getpeercert(binary_form=True)
        return self.gssapi.raw.ChannelBindings(
            application_data=b"tls-server-end-point:" + hashlib.sha256(certificate).digest())

    def _post(self, body, headers):
        self.http.request("POST", "/wsman", body, headers)
        answer = self.http.getresponse()
        return answer, answer.read()

    def login(self):
        token = self.context.step()
        while True:
            answer, body = self._post(b"", {"Authorization": f"{self.scheme} " +
                                            base64.b64encode(token or b"").decode(),
                                            "Content-Length": "0"})
            found = re.search(rf"{self.scheme} ([A-Za-z0-9+/=]+)", answer.getheader("WWW-Authenticate", ""))
            if found is None and answer.status != 200:
                raise Refused(answer.status, body, answer.headers)
            if found is not None:
                token = self.context.step(base64.b64decode(found.group(1)))
            if answer.status == 200:
                assert self.context.complete
                return self

    # ---- sealing ----

    def wrap(self, plain):
        """(header, ciphertext), as SSPI cuts them."""
        raw = self.gssapi.raw
        if self.mechanism == "ntlm":
            token = self.context.wrap(plain, True).message
            return token[:16], token[16:]
        kinds = raw.IOVBufferType
        message = raw.IOV(kinds.header, plain, kinds.padding, std_layout=False)
        raw.wrap_iov(self.context, message, True)
        return message[0].value, message[1].value + (message[2].value or b"")

    def seal(self, plain):
        header, sealed = self.wrap(plain)
        if self.bend == "tampered":
            sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        length = len(plain) - (1 if self.bend == "wrong-length" else 0)
        tab = b"\t" if self.bend == "tab" else b""
        lines = [BOUNDARY, tab + b"Content-Type: " + self.protocol.encode(),
                 tab + b"OriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d" % length,
                 BOUNDARY, tab + b"Content-Type: application/octet-stream", b""]
        end = b"" if self.bend == "bare-end" else b"--"
        return b"\r\n".join(lines) + struct.pack("<I", len(header)) + header + sealed + BOUNDARY + end + b"\r\n"

    def unseal(self, body):
        """Cut by the lengths; the plaintext must be as long as was announced."""
        match = re.match(rb"-- ?Encrypted Boundary\r\n(?:[ \t]*[A-Za-z-]+:[^\r\n]*\r\n)*?[ \t]*OriginalContent:"
                         rb"[^\r\n]*Length=(\d+)\r\n-- ?Encrypted Boundary\r\n[ \t]*Content-Type: "
                         rb"application/octet-stream\r\n", body)
        if match is None:
            raise ValueError(f"no sealed body: {body[:200]!r}")
        length = int(match.group(1))
        (size,) = struct.unpack_from("<I", body, match.end())
        start = match.end() + 4
        plain = self.context.unwrap(body[start:start + size + length]).message
        if len(plain) != length:
            raise ValueError(f"{len(plain)} bytes, and {length} were announced")
        if not re.fullmatch(rb"-- ?Encrypted Boundary(--)?(\r\n)*", body[start + size + length:]):
            raise ValueError(f"after the ciphertext: {body[start + size + length:]!r}")
        return plain

    def send(self, text):
        """(status, envelope as text) of one request."""
        plain = text.encode()
        if self.seals and self.bend != "plain":
            headers = {"Content-Type": f'multipart/encrypted;protocol="{self.protocol}";'
                                       'boundary="Encrypted Boundary"'}
            answer, body = self._post(self.seal(plain), headers)
            if not answer.getheader("Content-Type", "").startswith("multipart/encrypted"):
                raise Refused(answer.status, body, answer.headers)
            body = self.unseal(body)
        else:
            answer, body = self._post(plain, {"Content-Type": "application/soap+xml;charset=UTF-8"})
            if not answer.getheader("Content-Type", "").startswith("application/soap+xml"):
                raise Refused(answer.status, body, answer.headers)
        encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        return answer.status, body.decode(encoding)

    def close(self):
        self.http.close()


class BasicClient:
    """One connection over https, with Basic and the farm's own authority."""

    def __init__(self, address, port, user, password, ca, timeout=30):
        context = ssl.create_default_context(cafile=ca) if ca else None
        self.http = http.client.HTTPSConnection(address, port, timeout=timeout, context=context) if ca \
            else http.client.HTTPConnection(address, port, timeout=timeout)
        self.headers = {"Content-Type": "application/soap+xml;charset=UTF-8",
                        "Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    def post(self, body, headers=None):
        self.http.request("POST", "/wsman", body, self.headers if headers is None else headers)
        answer = self.http.getresponse()
        return answer.status, answer.headers, answer.read()

    def send(self, text):
        """(status, envelope as text)."""
        status, headers, body = self.post(text.encode())
        if not headers.get("Content-Type", "").startswith("application/soap+xml"):
            raise Refused(status, body, headers)
        return status, body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")

    def close(self):
        self.http.close()


# ---- in a process of its own, with the environment that it needs ----

def run_gss(environment, jobs, timeout=120):
    """Runs jobs under PYTHON: dicts with the arguments of GssClient and the texts to send; a list of
    answers comes back, each {"answers": [[status, text], ...]} or {"error": sentence, "status": N}."""
    done = subprocess.run([PYTHON, os.path.abspath(__file__)], input=json.dumps(jobs), text=True,
                          capture_output=True, timeout=timeout, env={**os.environ, **environment})
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def work(job):
    texts = job.pop("texts")
    answers = []
    try:
        client = GssClient(**job).login()
        for text in texts:
            answers.append(client.send(text))
        client.close()
        return {"answers": answers}
    except Refused as refused:
        return {"answers": answers, "error": str(refused), "status": refused.status,
                "body": refused.body.decode(errors="replace")}
    except Exception as error:  # GSSAPI's own errors among them, which have no common base
        return {"answers": answers, "error": f"{type(error).__name__}: {error}", "status": None}


def legacy_openssl(folder):
    """An OpenSSL configuration with MD4, which NTLM needs; what to put into the environment."""
    path = os.path.join(str(folder), "openssl.cnf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("openssl_conf = init\n[init]\nproviders = providers\n[providers]\n"
                   "default = on\nlegacy = on\n[on]\nactivate = 1\n")
    return {"OPENSSL_CONF": path}


PYWINRM = """
import json, sys
import winrm
job = json.load(sys.stdin)
try:
    protocol = winrm.protocol.Protocol(**job["protocol"])
    shell = protocol.open_shell(codepage=job.get("codepage", 65001))
    command = protocol.run_command(shell, job["command"], job["arguments"])
    out, err, code = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    print(json.dumps({"out": out.decode(), "err": err.decode(), "code": code}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__ + ": " + str(error)}))
"""


def pywinrm(environment, url, user, password, command, *arguments, transport="ntlm", ca=None, timeout=60):
    """One command in the server's shell by python3-winrm."""
    job = {"protocol": {"endpoint": url, "transport": transport, "username": user, "password": password,
                        "ca_trust_path": ca or "legacy_requests"},
           "command": command, "arguments": list(arguments)}
    done = subprocess.run([PYTHON, "-W", "ignore", "-c", PYWINRM], input=json.dumps(job), text=True,
                          capture_output=True, timeout=timeout, env={**os.environ, **environment})
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def curl(url, body, *options, environment=None, timeout=30):
    """(status, headers, body) of curl's POST; status 0 where it got none."""
    done = subprocess.run(
        ["curl", "-sS", "-i", "--max-time", str(timeout - 5), "--data-binary", "@-",
         "-H", "Content-Type: application/soap+xml;charset=UTF-8", "-H", "Expect:", *options, url],
        input=body.encode(), capture_output=True, timeout=timeout, env={**os.environ, **(environment or {})})
    rest, status, head = done.stdout, 0, ""
    while rest.startswith(b"HTTP/"):
        head, _, rest = rest.partition(b"\r\n\r\n")
        status, head = int(head.split()[1]), head.decode()
    return status, head, rest.decode(errors="replace") if status else done.stderr.decode()


if __name__ == "__main__":
    json.dump([work(job) for job in json.load(sys.stdin)], sys.stdout)
