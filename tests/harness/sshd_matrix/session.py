"""Rows of the sshd matrix: what becomes of the command once somebody is logged in."""
from . import accounts
from .bench import AFTER_MS, SHORT_MS, Case, Row, read, unread, unread_twice

NOT_RUN = ("exec: ", "runs something else", "ForceCommand")


def forced(script, short=None, short_ms=SHORT_MS):
    """ForceCommand: a script in place of what is asked, a child of sshd whatever the shell."""
    def arrange(bench, stack):
        path = bench.write("forced.sh", "#!/bin/sh\n" + script, 0o755)
        return Case(bench.sshd(f"ForceCommand exec {path}", fresh=True), short=short, short_ms=short_ms)
    return arrange


def with_lines(*lines):
    def arrange(bench, stack):
        return Case(bench.sshd(*lines))
    return arrange


def restricted(options):
    def arrange(bench, stack):
        key = bench.key("ed25519", "-C", options, authorized=False)
        bench.authorize(key, options + " ")
        return Case(bench.sshd(), {"pvsaudit_key_file": key})
    return arrange


def shell_of(user):
    """An account whose login shell runs nothing."""
    def arrange(bench, stack):
        return Case(bench.sshd(enter=accounts.enter(bench)), {"ansible_user": user})
    return arrange


ANSWER = 'sh -c "$SSH_ORIGINAL_COMMAND"\n'
# A script of a silent command is a `cat`: its input ends with the connection. A child that outlives the
# command has no input, and looks whether sshd is there.
UNTIL_IT_IS_OVER = "(while kill -0 $PPID 2>/dev/null; do sleep 0.1; done)"
FLOOD = "echo @@begin os\nhead -c 300000 /dev/zero | tr '\\0' x\n"


def _rows():
    yield Row("session", "MaxSessions 0", with_lines("MaxSessions 0"),
              unread("denied", "exec: the server opens no session", "MaxSessions"))
    yield Row("session", "MaxSessions 1", with_lines("MaxSessions 1"), read())
    yield Row("session", "restrict before the key", restricted("restrict"), read())
    yield Row("session", "command= before the key", restricted('command="echo hello"'),
              unread("denied", *NOT_RUN, "hello"))
    yield Row("session", "ForceCommand echo", forced("echo no shell for you\n"),
              unread("denied", *NOT_RUN, "no shell for you"))
    yield Row("session", "ForceCommand says nothing", forced("exit 7\n"),
              unread("denied", *NOT_RUN, "exit status 7"))
    yield Row("session", "ForceCommand says why on stderr", forced("echo not today >&2; exit 1\n"),
              unread("denied", *NOT_RUN, "not today"))
    yield Row("session", "ForceCommand with escape sequences", forced("printf '\\033[2Jgone\\n'\n"),
              unread("denied", *NOT_RUN))
    yield Row("session", "ForceCommand internal-sftp", with_lines("ForceCommand internal-sftp"),
              unread("denied", *NOT_RUN))
    yield Row("session", "ForceCommand runs what was asked", forced(ANSWER), read())
    yield Row("session", "words of a profile before the answer",
              forced("echo Welcome to this server\n" + ANSWER), read())
    for user in ("nologin", "false"):
        yield Row("session", f"login shell {user}", shell_of(f"pvs-{user}"),
                  unread("denied", *NOT_RUN), root=True)
    yield Row("session", "login shell that does not exist", shell_of("pvs-noshell"),
              unread("auth", "refuses the key for user", "authorized_keys"), root=True)
    yield Row("session", "killed in the middle of the output", forced(FLOOD + "kill -9 $PPID\n"),
              unread_twice("partial", "exec: the server ",
                           "before the command's end", "look at its log"))
    yield Row("session", "killed before the exit status", forced(ANSWER + "kill -9 $PPID\n"),
              unread_twice("partial", "exec: the server ",
                           "before the command's end", "look at its log"))
    yield Row("session", "the command is killed by a signal", forced("echo begun; kill -TERM $$\n"),
              unread_twice("partial", "exec: the command was killed by signal TERM", "ask again"))
    yield Row("session", "the command does not end", forced("echo begun; exec cat\n", "exec", AFTER_MS),
              unread_twice("timeout", "exec: ", f"{AFTER_MS} ms", "6 bytes of output", "raise the deadline"))
    yield Row("session", "the whole visit takes too long", forced("exec cat\n", "visit"),
              unread("timeout", "exec: not over after ", "what was left of the whole visit"))
    yield Row("session", "a child keeps the output open",
              forced(UNTIL_IT_IS_OVER + " &\necho begun; exit 0\n", "exec", AFTER_MS),
              unread_twice("timeout", "exec: the command ended with status 0",
                           f"stayed open for {AFTER_MS} ms", "still holds it"))


ROWS = tuple(_rows())
