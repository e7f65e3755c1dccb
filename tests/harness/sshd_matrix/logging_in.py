"""Rows of the sshd matrix: ssh-agents, passwords, and what the server demands of an account."""
import os

from ..agent import IDENTITIES, Agent, FakeAgent
from . import accounts
from .bench import AFTER_MS, PASSPHRASE, RSA_SHA2, SHORT_MS, Case, Row, not_started, read, unread, unread_twice


# ---- ssh-agent ----

def asks_agent(bench, path, *lines):
    return Case(bench.sshd(*lines), {"pvsaudit_auth": "agent", "pvsaudit_key_file": None},
                {"SSH_AUTH_SOCK": path})


def agent(*keys, options=(), lines=(), lock=False):
    """OpenSSH's agent; keys: kinds, each with "no " before it where the server does not know it."""
    def arrange(bench, stack):
        running = stack.enter_context(Agent(bench.path("agent")))
        for number, kind in enumerate(keys):
            refused = kind.startswith("no ")
            key = bench.key(kind.removeprefix("no "), "-C", f"key {number}",
                            authorized=not refused)
            running.add(*options, key)
        if lock:
            running.lock(bench.folder)
        return asks_agent(bench, running.path, *lines)
    return arrange


def fake_agent(short_ms=None, **answers):
    def arrange(bench, stack):
        running = stack.enter_context(FakeAgent(bench.path("agent"), [bench.key()], **answers))
        case = asks_agent(bench, running.path)
        return case._replace(short="auth", short_ms=short_ms) if short_ms else case
    return arrange


def agent_absent(bench, stack):
    return asks_agent(bench, os.path.join(bench.folder, "no-agent"))


def agent_unset(bench, stack):
    return asks_agent(bench, "")


def _agent_rows():
    wrong = ("no ed25519",)
    yield Row("agent", "holds the key", agent("ed25519"), read("agent"))
    yield Row("agent", "the key after 4 wrong ones", agent(*wrong * 4, "ed25519"), read("agent"))
    yield Row("agent", "the key after 10 wrong ones", agent(*wrong * 10, "ed25519"),
              unread("auth", "5 of 11 keys", "pvsaudit_key_file"))
    yield Row("agent", "only wrong keys", agent(*wrong * 2),
              unread("auth", "refuses the 2 of 2 keys", "authorized_keys"))
    yield Row("agent", "no key", agent(), unread("auth", "holds no key", "ssh-add"))
    yield Row("agent", "locked", agent("ed25519", lock=True),
              unread("auth", "holds no key", "locked", "ssh-add -X"))
    yield Row("agent", "ECDSA", agent("ecdsa-384"), read("agent"))
    yield Row("agent", "RSA", agent("rsa-3072"), read("agent") if RSA_SHA2 else
              unread("auth", "none of the 1 keys", "libssh2 1.10", "ed25519"))
    yield Row("agent", "wants a confirmation that nobody gives", agent("ed25519", options=("-c",)),
              unread("auth", "the ssh-agent declined to sign", "confirm"))
    yield Row("agent", "MaxAuthTries 1, the key after a wrong one",
              agent(*wrong, "ed25519", lines=("MaxAuthTries 1",)),
              unread("auth", "Too many authentication failures", "pvsaudit_key_file"))
    yield Row("agent", "hangs when asked for its keys", fake_agent(SHORT_MS, listing="hang"),
              unread_twice("timeout", "the ssh-agent did not answer within 200 ms"))
    yield Row("agent", "hangs when asked to sign", fake_agent(AFTER_MS, signing="hang"),
              unread_twice("timeout", f"the ssh-agent did not answer within {AFTER_MS} ms"))
    yield Row("agent", "dies when asked for its keys", fake_agent(listing="close"),
              unread("auth", "the ssh-agent at ", "closed the connection", "start it again"))
    yield Row("agent", "dies when asked to sign", fake_agent(signing="close"),
              unread("auth", "the ssh-agent at ", "closed the connection", "start it again"))
    yield Row("agent", "refuses to list", fake_agent(listing=b"\x05"),
              unread("auth", "did not answer with its keys", "an ssh-agent?"))
    yield Row("agent", "lists garbage", fake_agent(listing=bytes([IDENTITIES]) + b"\xff" * 40),
              unread("auth", "did not answer with its keys", "an ssh-agent?"))
    yield Row("agent", "signs wrongly: accepted in the query, refused in the signature",
              fake_agent(), unread("auth", "knows the key", "refuses the signature"))
    yield Row("agent", "no socket", agent_absent,
              unread("auth", "cannot be reached", "ssh-add", "SSH_AUTH_SOCK"))
    yield Row("agent", "SSH_AUTH_SOCK is empty", agent_unset,
              not_started("SSH_AUTH_SOCK names no agent", "pvsaudit_key_file"))


# ---- passwords ----

def gives_password(bench, sshd, text, user):
    return Case(sshd, {"pvsaudit_auth": "password", "pvsaudit_key_file": None,
                       "pvsaudit_password_file": bench.write("password", text + "\n"),
                       "ansible_user": user})


def password(text, *lines, user="pvs-audit", pam=None):
    """To an sshd with accounts of its own."""
    def arrange(bench, stack):
        sshd = bench.sshd(*lines, enter=accounts.enter(bench, pam))
        return gives_password(bench, sshd, text, user)
    return arrange


def own_password(text, *lines):
    """Of whoever runs this; nobody knows it, so it is wrong."""
    def arrange(bench, stack):
        return gives_password(bench, bench.sshd(*lines), text, bench.user)
    return arrange


TAKEN = "PasswordAuthentication yes"


def _password_rows():
    yield Row("password", "right", password(PASSPHRASE, TAKEN), read("password"), root=True)
    yield Row("password", "wrong", password("no", TAKEN),
              unread("auth", "refuses the password for user pvs-audit", "correct"), root=True)
    yield Row("password", "wrong, one's own account", own_password("Tr0ub4dor", TAKEN),
              unread("auth", "refuses the password for user", "correct",
                     "the server takes: publickey,password"))
    yield Row("password", "where only keys are taken", own_password("Tr0ub4dor"),
              unread("auth", "does not take passwords", "the server takes: publickey",
                     "pvsaudit_auth: key"))
    yield Row("password", "keyboard-interactive, right", password(PASSPHRASE, *accounts.PAM),
              read("password"), root=True)
    yield Row("password", "keyboard-interactive, wrong", password("no", *accounts.PAM),
              unread("auth", "refuses the password for user pvs-audit", "correct"), root=True)
    yield Row("password", "keyboard-interactive with a second question",
              password(PASSPHRASE, *accounts.PAM, pam=accounts.TWO_PROMPTS),
              unread("auth", "asks for more than the password", "pvsaudit_auth: key"), root=True)
    yield Row("password", "must be changed",
              password(PASSPHRASE, TAKEN, user="pvs-mustchange"),
              unread("denied", "Your password has expired", "its password"), root=True)
    yield Row("password", "of an account that does not exist",
              password(PASSPHRASE, TAKEN, user="pvs-nobody"),
              unread("auth", "refuses the password for user pvs-nobody", "correct"), root=True)


# ---- accounts, and what the server demands ----

def key_as(user, *lines):
    """By key as one of an sshd's own accounts."""
    def arrange(bench, stack):
        return Case(bench.sshd(*lines, enter=accounts.enter(bench)), {"ansible_user": user})
    return arrange


def own_key(*lines, **values):
    """By key as whoever runs this."""
    def arrange(bench, stack):
        return Case(bench.sshd(*lines), values)
    return arrange


def restricted_key(options):
    """By a key with options before it in authorized_keys."""
    def arrange(bench, stack):
        key = bench.key("ed25519", "-C", options, authorized=False)
        bench.authorize(key, options + " ")
        return Case(bench.sshd(), {"pvsaudit_key_file": key})
    return arrange


def stranger(bench, stack):
    return Case(bench.sshd(), {"pvsaudit_key_file": bench.key(authorized=False)})


def not_me(bench, stack):
    return Case(bench.sshd(f"DenyUsers {bench.user}"))


REFUSED = unread("auth", "refuses the key for user", "authorized_keys")


def _account_rows():
    yield Row("account", "key that the server does not know", stranger, REFUSED)
    yield Row("account", "AllowUsers names others", own_key("AllowUsers somebody-else"), REFUSED)
    yield Row("account", "DenyUsers", not_me, REFUSED)
    yield Row("account", "does not exist", own_key(ansible_user="pvs-nobody"), REFUSED)
    yield Row("account", "expired", key_as("pvs-expired"), REFUSED, root=True)
    yield Row("account", "expired, by PAM", key_as("pvs-expired", "UsePAM yes"),
              unread_twice("unreachable", "auth: the server closed the connection",
                           "expired or locked"), root=True)
    yield Row("account", "locked", key_as("pvs-locked"), REFUSED, root=True)
    yield Row("account", 'from="192.0.2.1"', restricted_key('from="192.0.2.1"'), REFUSED)
    yield Row("account", "keys are not taken",
              own_key("PubkeyAuthentication no", TAKEN),
              unread("auth", "does not take keys", "the server takes: password"))
    yield Row("account", "publickey,password",
              own_key("AuthenticationMethods publickey,password", TAKEN),
              unread("auth", "accepts the key", "wants password as well", "AuthenticationMethods"))
    yield Row("account", "publickey,keyboard-interactive",
              own_key("AuthenticationMethods publickey,keyboard-interactive",
                      "KbdInteractiveAuthentication yes"),
              unread("auth", "accepts the key", "wants keyboard-interactive as well",
                     "AuthenticationMethods"))
    yield Row("account", "two keys", own_key("AuthenticationMethods publickey,publickey"),
              unread("auth", "accepts the key", "wants publickey as well",
                     "AuthenticationMethods"))
    yield Row("account", "publickey,password, by agent",
              agent("ed25519", lines=("AuthenticationMethods publickey,password", TAKEN)),
              unread("auth", "accepts the key", "wants password as well", "AuthenticationMethods"))
    yield Row("account", "password,publickey",
              password(PASSPHRASE, "AuthenticationMethods password,publickey", TAKEN),
              unread("auth", "accepts the password", "wants publickey as well",
                     "AuthenticationMethods"), root=True)


ROWS = (*_agent_rows(), *_password_rows(), *_account_rows())
