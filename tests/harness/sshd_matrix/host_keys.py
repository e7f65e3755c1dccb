"""Rows of the sshd matrix: what known_hosts says of a server's key."""
import os
import subprocess

from ..sshd import public_of
from .bench import ADDRESS, RSA_SHA2, Case, Row, not_started, read, unread

UNKNOWN = unread("host-key", "nothing is known of 127.0.0.1 port", "shows SHA256:",
                 "scan once with --accept-new")
CHANGED = unread("host-key", "another key than", "known_hosts:1 has", "delete that line")
REVOKED = unread("host-key", "which", "revokes", "give the host a new key")


def knows(*lines, serves=("ed25519",), arguments=(), more=()):
    """lines: of known_hosts, {port} is the sshd's, {KIND} the public half of its host key of that
    kind, {other} that of another one."""
    def arrange(bench, stack):
        sshd = bench.sshd(*more, host_keys=serves)
        words = {kind.replace("-", ""): public_of(bench.host_key(kind)) for kind in (
            "ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-3072")}
        words["other"] = public_of(bench.key("ed25519", "-C", "other", authorized=False))
        known = "".join(line.format(port=sshd.port, **words) + "\n" for line in lines)
        return Case(sshd, known=known, arguments=arguments)
    return arrange


def hashed(line):
    """A line of known_hosts as `ssh-keygen -H` hides its names."""
    def arrange(bench, stack):
        case = knows(line)(bench, stack)
        path = bench.write("known_hosts", case.known)
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, timeout=60,
                       capture_output=True)
        with open(path, encoding="utf-8") as file:
            known = file.read()
        assert known.startswith("|1|")
        return case._replace(known=known)
    return arrange


def pins_only(bench, stack):
    """The state folder of a row is empty, so there is nothing to know the host by."""
    return Case(bench.sshd(), {"pvsaudit_known_hosts": None})


def accepted(bench, stack):
    return pins_only(bench, stack)._replace(arguments=("--accept-new",))


def named(known):
    """Asked by a name in place of an address."""
    def arrange(bench, stack):
        sshd = bench.sshd()
        return Case(sshd, {"ansible_host": "localhost"},
                    known=known.format(port=sshd.port, ed25519=public_of(bench.host_key())))
    return arrange


def _hosts_file_has_localhost():
    try:
        with open("/etc/hosts", encoding="utf-8") as file:
            return any("localhost" in line.split("#")[0].split()[1:] for line in file)
    except FileNotFoundError:
        return False  # a minimal system has none


def pinned(bench, stack):
    sshd = bench.sshd()
    return Case(sshd, {"pvsaudit_known_hosts": None}, pins=bench.line(sshd.port))


def pinned_elsewhere(bench, stack):
    return pinned(bench, stack)._replace(values={}, known="")


def file_that(make):
    """known_hosts is not a file that can be read."""
    def arrange(bench, stack):
        path = bench.path("known_hosts")
        make(path)
        return Case(bench.sshd(), {"pvsaudit_known_hosts": path})
    return arrange


def certified(bench, stack):
    """The server has a certificate for its host key, signed by a CA that known_hosts trusts."""
    authority = bench.key("ed25519", "-C", "authority", authorized=False)
    host_key = bench.host_key()
    if not os.path.exists(host_key + "-cert.pub"):
        subprocess.run(["ssh-keygen", "-q", "-s", authority, "-h", "-I", "host", "-n", ADDRESS,
                        host_key + ".pub"], check=True, timeout=60, capture_output=True)
    sshd = bench.sshd(f"HostCertificate {host_key}-cert.pub")
    return Case(sshd, known=f"@cert-authority * {public_of(authority)}\n")


def certified_and_known(bench, stack):
    case = certified(bench, stack)
    return case._replace(known=case.known + bench.line(case.sshd.port))


PLAIN = "[127.0.0.1]:{port} {ed25519}"
OTHER = "[127.0.0.1]:{port} {other}"
ALL_KINDS = ("ed25519", "ecdsa-256", "rsa-3072")


def _rows():
    yield Row("host key", "known", knows(PLAIN), read())
    yield Row("host key", "nothing is known", knows(), UNKNOWN)
    yield Row("host key", "no known_hosts, no pins", pins_only, UNKNOWN)
    yield Row("host key", "new, --accept-new", accepted, read())
    yield Row("host key", "known by the pins", pinned, read())
    yield Row("host key", "known by the pins, and another file is named", pinned_elsewhere, UNKNOWN)
    yield Row("host key", "changed", knows(OTHER), CHANGED)
    yield Row("host key", "changed, --accept-new", knows(OTHER, arguments=("--accept-new",)),
              CHANGED)
    yield Row("host key", "one line has it, another does not", knows(OTHER, PLAIN), read())
    yield Row("host key", "revoked", knows("@revoked * {ed25519}"), REVOKED)
    yield Row("host key", "revoked behind a line that has it",
              knows(PLAIN, "@revoked [127.0.0.1]:{port} {ed25519}"), REVOKED)
    yield Row("host key", "revoked, --accept-new",
              knows("@revoked * {ed25519}", arguments=("--accept-new",)), REVOKED)
    yield Row("host key", "another key is revoked", knows(PLAIN, "@revoked * {other}"), read())
    yield Row("host key", "hashed", hashed(PLAIN), read())
    yield Row("host key", "hashed, changed", hashed(OTHER), CHANGED)
    yield Row("host key", "name without the port", knows("127.0.0.1 {ed25519}"), UNKNOWN)
    yield Row("host key", "another port", knows("[127.0.0.1]:22 {ed25519}"), UNKNOWN)
    if _hosts_file_has_localhost():
        yield Row("host key", "by name", named("[LocalHost]:{port} {ed25519}\n"), read())
        yield Row("host key", "by name, and its address is known",
                  named("[127.0.0.1]:{port} {ed25519}\n"),
                  unread("host-key", "nothing is known of localhost port", "--accept-new"))
    yield Row("host key", "pattern", knows("[127.0.*]:{port} {ed25519}"), read())
    yield Row("host key", "pattern that excludes it",
              knows("[127.0.*]:{port},![127.0.0.1]:{port} {ed25519}"), UNKNOWN)
    yield Row("host key", "certificate, and @cert-authority of its CA", certified,
              UNKNOWN)
    yield Row("host key", "certificate, and the key itself", certified_and_known, read(
        "publickey", "known_hosts:1: @cert-authority is not supported; the line is skipped"))
    yield Row("host key", "@cert-authority with the host's own key",
              knows("@cert-authority * {ed25519}"), UNKNOWN)
    yield Row("host key", "bad lines before the good one",
              knows("nonsense", "[127.0.0.1]:{port} ssh-ed25519 AAA*", PLAIN),
              read("publickey", "known_hosts:1: it needs names, a key type and a key",
                   "known_hosts:2: its key is not base64", "the line is skipped"))
    yield Row("host key", "the file does not exist", file_that(lambda path: None), UNKNOWN)
    yield Row("host key", "the file is a folder", file_that(os.mkdir),
              not_started("known_hosts is not a file"))
    for kind in ("ecdsa-256", "ecdsa-384", "ecdsa-521"):
        word = kind.replace("-", "")
        yield Row("host key", f"{kind}, the only one",
                  knows("[127.0.0.1]:{port} {%s}" % word, serves=(kind,)), read())
    yield Row("host key", "of three kinds ECDSA is known",
              knows("[127.0.0.1]:{port} {ecdsa256}", serves=ALL_KINDS), read())
    yield Row("host key", "of three kinds ed25519 is known", knows(PLAIN, serves=ALL_KINDS), read())
    yield Row("host key", "of three kinds RSA is known",
              knows("[127.0.0.1]:{port} {rsa3072}", serves=ALL_KINDS),
              read() if RSA_SHA2 else
              unread("host-key", "known_hosts:1 has an ssh-rsa key", "libssh2 1.10", "shows SHA256:",
                     "compare"))
    yield Row("host key", "another kind is known than the server has",
              knows("[127.0.0.1]:{port} {ecdsa256}"),
              unread("host-key", "known_hosts:1 has an ecdsa-sha2-nistp256 key",
                     "shows SHA256:", "ssh-ed25519", "compare"))
    yield Row("host key", "another kind is known, --accept-new",
              knows("[127.0.0.1]:{port} {ecdsa256}", arguments=("--accept-new",)),
              unread("host-key", "known_hosts:1 has an ecdsa-sha2-nistp256 key"))
    yield Row("host key", "RSA, the only one",
              knows("[127.0.0.1]:{port} {rsa3072}", serves=("rsa-3072",)),
              read() if RSA_SHA2 else
              unread("unreachable", "no host key in common", "offers rsa-sha2-512,rsa-sha2-256",
                     "takes ssh-ed25519,", "libssh2 1.10"))


ROWS = tuple(_rows())
