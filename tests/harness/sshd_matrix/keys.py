"""Rows of the sshd matrix: kinds of keys and the forms in which their files come."""
import base64
import os

from .bench import LEAKS, LIBSSH2, OPENSSH, PASSPHRASE, RSA_SHA2, Case, Row, not_started, read

KINDS = ("ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-3072")
# libssh2 1.10 loses the number of every ECDSA key of OpenSSH's form that it decrypts.
LOSES = LEAKS if LIBSSH2 < (1, 11) else {}
RSA_REFUSED = not_started("is an RSA key, which libssh2 1.10", "use an ed25519 key")


def logs_in(kind):
    return RSA_REFUSED if kind.startswith("rsa") and not RSA_SHA2 else read("publickey")


def plain(kind, *options):
    def arrange(bench, stack):
        return Case(bench.sshd(), {"pvsaudit_key_file": bench.key(kind, *options)})
    return arrange


def locked(kind, *options, given=PASSPHRASE):
    """A key with a passphrase, and the one that is given for it (None: none is)."""
    def arrange(bench, stack):
        key = bench.key(kind, *options, passphrase=PASSPHRASE)
        file = None if given is None else bench.write("passphrase", given + "\n")
        return Case(bench.sshd(), {"pvsaudit_auth": "key", "pvsaudit_key_file": key,
                                   "pvsaudit_password_file": file},
                    LOSES if kind.startswith("ecdsa") and not options else {})
    return arrange


def _string(data, at):
    size = int.from_bytes(data[at:at + 4], "big")
    return data[at + 4:at + 4 + size], at + 4 + size


def _seed(path):
    """The 32 secret bytes of an ed25519 key of OpenSSH's form (PROTOCOL.key)."""
    with open(path, encoding="utf-8") as file:
        data = base64.b64decode("".join(file.read().splitlines()[1:-1]))
    at = len(b"openssh-key-v1\0")
    for _ in range(3):  # cipher, kdf, its options
        _, at = _string(data, at)
    _, at = _string(data, at + 4)
    private, _ = _string(data, at)
    at = 8  # two check numbers
    for _ in range(2):  # type, public half
        _, at = _string(private, at)
    return _string(private, at)[0][:32]


def ed25519_pkcs8(bench, stack):
    """RFC 8410, 7: what `openssl genpkey -algorithm ed25519` writes."""
    body = bytes.fromhex("302e020100300506032b657004220420") + _seed(bench.key())
    text = base64.b64encode(body).decode()
    key = bench.write("pkcs8", f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    return Case(bench.sshd(), {"pvsaudit_key_file": key})


def file_of(change, mode=0o600):
    """A key file whose text was changed."""
    def arrange(bench, stack):
        with open(bench.key(), encoding="utf-8") as file:
            text = file.read()
        return Case(bench.sshd(), {"pvsaudit_key_file": bench.write("key", change(text), mode)})
    return arrange


def absent(bench, stack):
    return Case(bench.sshd(), {"pvsaudit_key_file": os.path.join(bench.folder, "no-such-key")})


def stranger(bench, stack):
    return Case(bench.sshd(), {"pvsaudit_key_file": bench.key(authorized=False)})


def _rows():
    for kind in KINDS:
        yield Row("key", f"{kind}, OpenSSH form", plain(kind), logs_in(kind))
        yield Row("key", f"{kind}, OpenSSH form, passphrase", locked(kind), logs_in(kind))
    for kind in KINDS[1:]:
        old = "PKCS#1" if kind.startswith("rsa") else "SEC1"
        yield Row("key", f"{kind}, {old}", plain(kind, "-m", "PEM"), logs_in(kind))
        yield Row("key", f"{kind}, {old}, passphrase", locked(kind, "-m", "PEM"), logs_in(kind))
        yield Row("key", f"{kind}, PKCS#8", plain(kind, "-m", "PKCS8"), logs_in(kind))
        yield Row("key", f"{kind}, PKCS#8, passphrase", locked(kind, "-m", "PKCS8"), logs_in(kind))
    yield Row("key", "ed25519, PKCS#8", ed25519_pkcs8, read())
    for cipher in ("aes128-cbc", "aes256-cbc", "aes128-ctr"):
        yield Row("key", f"passphrase, {cipher}", locked("ed25519", "-Z", cipher), read())
    for cipher in ("aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"):
        yield Row("key", f"passphrase, {cipher}", locked("ed25519", "-Z", cipher),
                  not_started(f"encrypted with {cipher}", "ssh-keygen -p -Z aes256-ctr"))
    for name, options in (("OpenSSH form", ()), ("SEC1", ("-m", "PEM")), ("PKCS#8", ("-m", "PKCS8"))):
        kind = "ecdsa-256"
        yield Row("key", f"wrong passphrase, {name}", locked(kind, *options, given="another"),
                  not_started("the passphrase does not open key file", "correct it"))
        yield Row("key", f"no passphrase given, {name}", locked(kind, *options, given=None),
                  not_started("is encrypted, no passphrase for it", "give pvsaudit_password_file"))
    if OPENSSH < (9, 8):
        yield Row("key", "DSA", plain("dsa"), not_started("use an ed25519 key"))
    yield Row("key", "the public half", file_of(lambda text: "ssh-ed25519 AAAA test\n"),
              not_started("is a public key", "name the file without .pub"))
    yield Row("key", "cut short", file_of(lambda text: text[:200]),
              not_started("ends before its END line", "copy it again"))
    yield Row("key", "no key at all", file_of(lambda text: "hello\n"),
              not_started("is not a private key", "ssh-keygen -t ed25519"))
    yield Row("key", "readable by others", file_of(lambda text: text, 0o644),
              not_started("others can read it", "chmod 600"))
    yield Row("key", "no such file", absent, not_started("cannot be opened"))


ROWS = tuple(_rows())
