"""ssh-agents for tests: OpenSSH's own, and one that answers as it is told or not at all."""
import base64
import os
import socket
import struct
import subprocess
import threading

# draft-ietf-sshm-ssh-agent, the numbers of its messages
FAILURE, REQUEST_IDENTITIES, IDENTITIES, SIGN_REQUEST, SIGN_RESPONSE = 5, 11, 12, 13, 14


class Agent:
    """`with Agent(path) as agent:` is OpenSSH's ssh-agent at that socket."""

    def __init__(self, path):
        self.path = str(path)

    def __enter__(self):
        # Nobody is there to be asked for a confirmation.
        environment = dict(os.environ, SSH_ASKPASS="/bin/false", SSH_ASKPASS_REQUIRE="force")
        self.process = subprocess.Popen(["ssh-agent", "-D", "-a", self.path], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while not self._answers():
            assert self.process.poll() is None
        return self

    def _answers(self):
        """The socket is there a moment before it listens."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.path) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)

    def _ssh_add(self, *words, **environment):
        subprocess.run(["ssh-add", "-q", *words], check=True, timeout=30, stdin=subprocess.DEVNULL,
                       capture_output=True,
                       env=dict(os.environ, SSH_AUTH_SOCK=self.path, **environment))

    def add(self, *words):
        self._ssh_add(*words)

    def lock(self, folder):
        askpass = os.path.join(folder, "askpass")
        with open(askpass, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho secret\n")
        os.chmod(askpass, 0o700)
        self._ssh_add("-x", SSH_ASKPASS=askpass, SSH_ASKPASS_REQUIRE="force")


def _string(text):
    return struct.pack(">I", len(text)) + text


def _identities(keys):
    listed = b""
    for key in keys:
        with open(key + ".pub", encoding="utf-8") as file:
            listed += _string(base64.b64decode(file.read().split()[1])) + _string(b"test")
    return bytes([IDENTITIES]) + struct.pack(">I", len(keys)) + listed


WRONG_SIGNATURE = bytes([SIGN_RESPONSE]) + _string(_string(b"ssh-ed25519") + _string(bytes(64)))


class FakeAgent:
    """`with FakeAgent(path, keys, listing=..., signing=...) as agent:` holds public halves only.

    listing and signing: bytes to answer with; "hang"; "close"; listing None: the keys."""

    def __init__(self, path, keys=(), listing=None, signing=WRONG_SIGNATURE):
        self.path = str(path)
        self.answers = {REQUEST_IDENTITIES: _identities(keys) if listing is None else listing,
                        SIGN_REQUEST: signing}
        self.taken = []

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.taken:
            connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.taken.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection.makefile("rb") as stream:
                while True:
                    head = stream.read(4)
                    if len(head) < 4:
                        return
                    message = stream.read(struct.unpack(">I", head)[0])
                    answer = self.answers.get(message[0], bytes([FAILURE]))
                    if answer == "close":
                        connection.shutdown(socket.SHUT_RDWR)
                        return
                    if answer != "hang":
                        connection.sendall(_string(answer))
        except OSError:
            return
