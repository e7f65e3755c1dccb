"""A DHCPDISCOVER as a relay sends it (RFC 2131, 4.1), and what comes back.

usage: dhcp_client.py OWN_ADDRESS SERVER_ADDRESS
"""
import contextlib
import os
import socket
import subprocess
import sys

MAGIC = bytes.fromhex("63825363")
OFFER = 2
TRIES, TRY_S = 4, 0.5  # a server that is just opening its sockets may lose one (RFC 2131, 4.1)


def discover(network, address, server):
    """"OFFER", "nobody listens" (the port is closed), "silence" (two seconds of it), "no offer"."""
    return subprocess.run([*network.enter, sys.executable, __file__, address, server],
                          capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def packet(xid, address):
    mac = bytes.fromhex("025056000001") + bytes(10)
    fixed = bytes([1, 1, 6, 1]) + xid + bytes(4) + bytes(12) + socket.inet_aton(address) + mac
    options = bytes([53, 1, 1, 55, 2, 1, 3, 255])
    return (fixed + bytes(64 + 128) + MAGIC + options).ljust(300, b"\0")


def kind_of(options):
    """The value of option 53."""
    while options and options[0] != 255:
        if options[0] == 0:
            options = options[1:]
            continue
        if options[0] == 53:
            return options[2]
        options = options[2 + options[1]:]
    return None


def main():
    address, server = sys.argv[1:]
    xid = os.urandom(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((address, 67))
        client.connect((server, 67))
        client.settimeout(TRY_S)
        answer = None
        try:
            for _ in range(TRIES):
                client.send(packet(xid, address))
                with contextlib.suppress(TimeoutError):
                    answer = client.recv(1500)
                    break
        except ConnectionRefusedError:
            print("nobody listens")
            return
        if answer is None:
            print("silence")
            return
    good = answer[4:8] == xid and answer[236:240] == MAGIC and kind_of(answer[240:]) == OFFER
    print("OFFER" if good else "no offer")


if __name__ == "__main__":
    main()
