"""Servers that are not what they should be: one that only speaks, one that stands before an sshd."""
import hashlib
import select
import socket
import ssl
import struct
import subprocess
import threading

ADDRESS = "127.0.0.1"
KEX_NEWKEYS = 21  # RFC 4253, 12


class _Listener:
    """A thread that accepts on a port of its own and serves every connection in another."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind((ADDRESS, 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.taken = []
        self.count = 0

    def __enter__(self):
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
            number = self.count
            self.count += 1
            threading.Thread(target=self._serve_quietly, args=(connection, number),
                             daemon=True).start()

    def _serve_quietly(self, connection, number):
        try:
            self.serve(connection, number)
        except OSError:
            return


def _read_out(connection):
    while connection.recv(65536):
        pass


def end(connection, how):
    """Close in order (what the other side still sends is read first), reset, or leave it hanging."""
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    elif how == "close":
        connection.shutdown(socket.SHUT_WR)
        _read_out(connection)
        connection.close()
    else:
        _read_out(connection)


class Speaker(_Listener):
    """Says text at once, or once it was spoken to, and then: close, reset, hang, repeat or drip."""

    def __init__(self, text, then, after=False):
        super().__init__()
        self.text = text
        self.then = then
        self.after = after
        self.over = threading.Event()

    def __exit__(self, *_):
        self.over.set()
        super().__exit__()

    def serve(self, connection, number):
        if self.after:
            connection.recv(65536)
        if self.then == "drip":
            while not self.over.wait(0.01):
                connection.sendall(self.text)
        connection.sendall(self.text)
        while self.then == "repeat":
            connection.sendall(self.text)
        end(connection, self.then)


def _pass_bytes(source, to):
    try:
        while chunk := source.recv(65536):
            to.sendall(chunk)
        to.shutdown(socket.SHUT_WR)
    except (OSError, ssl.SSLError):
        return


class TlsEnds(_Listener):
    """Ends TLS in the place of a server, as an inspecting proxy does: `fingerprint` is what it shows."""

    def __init__(self, folder, address, port):
        super().__init__()
        self.target = (address, port)
        pem = f"{folder}/between.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=between", "-days", "2",
                        "-keyout", pem, "-out", pem + ".crt"], check=True, capture_output=True, timeout=30)
        with open(pem + ".crt", encoding="ascii") as file:
            text = file.read()
        self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()
        self.ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ours.load_cert_chain(pem + ".crt", pem)
        self.theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.theirs.check_hostname = False
        self.theirs.verify_mode = ssl.CERT_NONE

    def serve(self, connection, number):
        with self.ours.wrap_socket(connection, server_side=True) as client, \
                socket.create_connection(self.target) as raw, self.theirs.wrap_socket(raw) as server:
            back = threading.Thread(target=_pass_bytes, args=(server, client), daemon=True)
            back.start()
            _pass_bytes(client, server)
            back.join()


class _Clear:
    """Follows one direction of a conversation as far as it is in clear: a banner, then packets."""

    def __init__(self):
        self.rest = b""  # not whole yet; once sealed: what came after NEWKEYS
        self.count = 0
        self.sealed = False

    def feed(self, chunk):
        """Yields the number and the bytes of each unit that is whole now."""
        self.rest += chunk
        while not self.sealed:
            size = self._size()
            if size is None or len(self.rest) < size:
                return
            unit, self.rest = self.rest[:size], self.rest[size:]
            self.sealed = self.count > 0 and unit[5] == KEX_NEWKEYS
            self.count += 1
            yield self.count - 1, unit

    def _size(self):
        if self.count == 0:
            return self.rest.find(b"\n") + 1 or None
        return 4 + struct.unpack(">I", self.rest[:4])[0] if len(self.rest) >= 4 else None

    def take_sealed(self):
        rest = self.rest if self.sealed else b""
        self.rest = self.rest[len(rest):]
        return rest


# What a server says, one after the other. Behind its NEWKEYS ("keys") everything is sealed, and a
# stage is what answers the client's next words.
STAGES = ("banner", "offer", "exchange", "keys", "service", "methods", "query", "login", "channel",
          "exec")
NEVER = len(STAGES) + 1000


class Between(_Listener):
    """Stands before sshds and passes on what they say up to a stage; then the connection ends.

    ports: of the sshds for the first connection, the second and so on; stage: of STAGES, the first
    that is withheld (None: none is); then: close, reset or hang; before: what is said first."""

    def __init__(self, *ports, stage=None, then="close", before=b""):
        super().__init__()
        self.ports = ports
        self.limit = NEVER if stage is None else STAGES.index(stage)
        self.then = then
        self.before = before

    def serve(self, connection, number):
        port = self.ports[min(number, len(self.ports) - 1)]
        with socket.create_connection((ADDRESS, port)) as server:
            connection.sendall(self.before)
            end(connection, self._pass_on(connection, server))

    def _pass_on(self, connection, server):
        """How the connection is to end: as it was ordered, or as the server ended it."""
        ours, theirs = _Clear(), _Clear()
        stage, asked = STAGES.index("keys"), False
        while True:
            ready, _, _ = select.select([connection, server], [], [])
            if connection in ready:
                chunk = connection.recv(65536)
                if not chunk:
                    return "close"
                for _ in ours.feed(chunk):
                    pass
                asked = bool(ours.take_sealed()) or asked
                server.sendall(chunk)
            if server in ready:
                try:
                    chunk = server.recv(65536)
                except ConnectionResetError:
                    return "reset"
                if not chunk:
                    return "close"
                for number, unit in theirs.feed(chunk):
                    if number >= self.limit:
                        return self.then
                    connection.sendall(unit)
                sealed = theirs.take_sealed()
                stage += 1 if sealed and asked else 0
                asked = asked and not sealed
                if sealed and stage >= self.limit:
                    return self.then
                connection.sendall(sealed)
