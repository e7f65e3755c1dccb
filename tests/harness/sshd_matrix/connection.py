"""Rows of the sshd matrix: what may happen between the first packet and the last."""
import socket
import time

from ..between import ADDRESS as LOOPBACK
from ..between import Between, Speaker
from ..sshd import free_port
from .bench import LEAKS, LIBSSH2, OPENSSH, SHORT_MS, Case, Row, read, unread, unread_twice


def speaks(text, then, short=None, after=False):
    """What listens there is no sshd."""
    def arrange(bench, stack):
        server = stack.enter_context(Speaker(text, then, after))
        return Case(bench.sshd(), port=server.port, short=short)
    return arrange


def nobody(bench, stack):
    return Case(bench.sshd(), port=free_port())


def no_answer(bench, stack):
    """A listener whose queue is full: connecting to it is never answered."""
    listener = stack.enter_context(socket.socket())
    listener.bind((LOOPBACK, 0))
    listener.listen(0)
    for _ in range(8):
        filler = stack.enter_context(socket.socket())
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    return Case(bench.sshd(), port=listener.getsockname()[1], short="connect")


def hold_one(sshd, stack):
    """A connection that never logs in; its place is taken once sshd has greeted it."""
    held = stack.enter_context(socket.create_connection((LOOPBACK, sshd.port)))
    assert held.recv(64).startswith(b"SSH-2.0-")


def full(bench, stack):
    sshd = bench.sshd("MaxStartups 1:100:1", fresh=True)
    hold_one(sshd, stack)
    return Case(sshd)


def full_once(bench, stack):
    """The first connection goes to a server that is full, the second to one that is not."""
    crowded = bench.sshd("MaxStartups 1:100:1", fresh=True)
    hold_one(crowded, stack)
    between = stack.enter_context(Between(crowded.port, bench.sshd().port))
    return Case(bench.sshd(), port=between.port)


def penalised(bench, stack):
    """A failed login, after which sshd shuts its source out for an hour."""
    sshd = bench.sshd("PerSourcePenalties authfail:3600s min:1s", fresh=True)
    bench.scan(Case(sshd, {"pvsaudit_key_file": bench.key(authorized=False)}))
    deadline = time.monotonic() + 20
    while True:
        with socket.create_connection((LOOPBACK, sshd.port)) as probe:
            if not probe.recv(64).startswith(b"SSH-2.0-"):
                return Case(sshd)
        assert time.monotonic() < deadline


def behind(*lines, stage=None, then="close", before=b"", short=None):
    """An sshd whose words are passed on up to a stage."""
    def arrange(bench, stack):
        sshd = bench.sshd(*lines)
        between = stack.enter_context(Between(sshd.port, stage=stage, then=then, before=before))
        return Case(sshd, port=between.port, short=short)
    return arrange


def narrow(*lines):
    """libssh2 1.11 loses the key that it makes for ECDH."""
    def arrange(bench, stack):
        loses = "ecdh" in lines[0] and LIBSSH2 >= (1, 11)
        return Case(bench.sshd(*lines), env=LEAKS if loses else {})
    return arrange


TOO_MANY = "Exceeded MaxStartups" if OPENSSH < (9, 8) else "Not allowed at this time"
NO_SSH = ("is no SSH server", "it said", "correct the port")


def _greeting_rows():
    yield Row("greeting", "nobody listens", nobody,
              unread("refused", "127.0.0.1 refuses port", "start the SSH server there"))
    yield Row("greeting", "no answer to the connection", no_answer,
              unread_twice("unreachable", "no answer from 127.0.0.1 port", "within 200 ms",
                           "is the host up"))
    yield Row("greeting", "MaxStartups exceeded", full,
              unread_twice("throttled", TOO_MANY, "too many unauthenticated"))
    yield Row("greeting", "MaxStartups exceeded, then not", full_once, read(tries=2))
    if OPENSSH >= (9, 8):
        yield Row("greeting", "PerSourcePenalties", penalised,
                  unread_twice("throttled", "closed the connection before its banner",
                               "keeps us out"))
    yield Row("greeting", "closed before the banner", speaks(b"", "close"),
              unread_twice("throttled", "closed the connection before its banner",
                           "too many unauthenticated"))
    yield Row("greeting", "reset before the banner", speaks(b"", "reset"),
              unread_twice("throttled", "before its banner", "too many unauthenticated"))
    yield Row("greeting", "silence", speaks(b"", "hang", short="handshake"),
              unread_twice("timeout", "handshake: ", "not over after 200 ms", "raise the deadline"))
    yield Row("greeting", "half a banner", speaks(b"SSH-2.0-half", "hang", short="handshake"),
              unread_twice("timeout", "handshake: ", "not over after 200 ms", "raise the deadline"))
    yield Row("greeting", "banner without an end", speaks(b"SSH-2.0-" + b"x" * 4096, "repeat"),
              unread("unreachable", "handshake: the server", "see what listens on port"))
    yield Row("greeting", "lines before a banner that never comes",
              speaks(b"a line that is no banner\r\n", "repeat"), unread("unreachable", *NO_SSH))
    yield Row("greeting", "a byte now and then", speaks(b"x", "drip", short="handshake"),
              unread_twice("timeout", "handshake: ", "200 ms"))
    yield Row("greeting", "garbage", speaks(bytes(range(256)) * 8, "close"),
              unread("unreachable", *NO_SSH))
    yield Row("greeting", "garbage after the banner",
              speaks(b"SSH-2.0-OpenSSH_9.2\r\n" + b"\xff" * 64, "hang"),
              unread("unreachable", "handshake: the server's bytes are not understood",
                     "see what listens on port"))
    yield Row("greeting", "HTTP server",
              speaks(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "close", after=True),
              unread("unreachable", "HTTP/1.1 400 Bad Request", *NO_SSH))
    yield Row("greeting", "TLS server", speaks(b"\x15\x03\x01\x00\x02\x02\x16", "close", after=True),
              unread("unreachable", *NO_SSH))
    yield Row("greeting", "FTP server that waits",
              speaks(b"220 ftp.example ready\r\n", "hang", short="handshake"),
              unread_twice("timeout", "no SSH banner within 200 ms", "220 ftp.example ready",
                           "correct the port"))
    yield Row("greeting", "SSH version 1", speaks(b"SSH-1.5-OpenSSH_3.9\r\n", "close", after=True),
              unread("unreachable", "handshake: ", "SSH-1.5-OpenSSH_3.9", "speaks SSH 2"))
    yield Row("greeting", "lines before the banner (RFC 4253, 4.2)",
              behind(before=b"Authorised use only.\r\nAll is logged.\r\n"), read())


def _agreement_rows():
    for what, lines, theirs, ours in (
            ("key exchange", ("KexAlgorithms diffie-hellman-group-exchange-sha256",),
             "diffie-hellman-group-exchange-sha256", "curve25519-sha256"),
            ("cipher", ("Ciphers aes256-cbc",), "aes256-cbc", "aes128-ctr"),
            ("MAC", ("Ciphers aes128-ctr", "MACs umac-64@openssh.com"), "umac-64@openssh.com",
             "hmac-sha2-256")):
        yield Row("agreement", f"no {what} in common", narrow(*lines),
                  unread("unreachable", f"no {what} in common", f"the server offers {theirs}",
                         f"takes {ours}", "sshd_config"))
    for name, line in (("curve25519", "KexAlgorithms curve25519-sha256"),
                       ("ecdh-sha2-nistp521", "KexAlgorithms ecdh-sha2-nistp521"),
                       ("group14", "KexAlgorithms diffie-hellman-group14-sha256"),
                       ("aes256-ctr", "Ciphers aes256-ctr"),
                       ("hmac-sha2-512", "MACs hmac-sha2-512")):
        yield Row("agreement", f"only {name}", narrow(line), read())


# What is withheld, what the visit is then doing, and in which deadline's time.
CUTS = (("offer", "after the banner", "handshake"),
        ("exchange", "in the key exchange", "handshake"),
        ("service", "after the key exchange", "handshake"),
        ("methods", "when asked for its methods", "auth"),
        ("query", "when asked about the key", "auth"),
        ("login", "at the signature", "auth"),
        ("channel", "after the login, when a channel is opened", "exec"),
        ("exec", "at the command", "exec"))


def _cut_rows():
    for stage, name, where in CUTS:
        for then, words in (("close", "closed the connection"), ("reset", "")):
            reason = "unreachable"
            yield Row("cut", f"{then} {name}", behind(stage=stage, then=then),
                      unread_twice(reason, f"{where}: the server {words}", "look at its log"))
        yield Row("hang", name, behind(stage=stage, then="hang", short=where),
                  unread_twice("timeout", f"{where}: ", f"{SHORT_MS} ms", "raise the deadline"))


ROWS = (*_greeting_rows(), *_agreement_rows(), *_cut_rows())
