# SPDX-License-Identifier: GPL-3.0-or-later
# Conversations written down as tables: who says what, over TCP or UDP. For captures with one conversation a protocol.
import sys

from network import Host, Network, Numbers, Session

CLIENT, SERVER = 0, 1


def c(text):
    """The client says: text, or hex behind "#"."""
    return CLIENT, octets(text)


def s(text):
    return SERVER, octets(text)


def octets(text):
    if isinstance(text, bytes):
        return text
    return bytes.fromhex(text[1:]) if text.startswith("#") else text.encode("latin-1")


class Talks:
    """A client, a server, and a conversation each ten seconds."""

    def __init__(self, seed, start):
        self.net = Network(Numbers(seed))
        self.client = Host("192.168.20.31", bytes.fromhex("0200c0a8141f"), 64)
        self.server = Host("192.168.20.9", bytes.fromhex("0200c0a81409"), 64)
        self.now = start * 1000000

    def tcp(self, port, *said, first=0, session_port=None):
        session = Session(self.net, self.now, self.client, self.server, port, 400, session_port)
        for side, data in said:
            session.say(side, data, 900)
        session.close(first)
        self.now += 10000000

    def udp(self, port, *said, client_port=None, server=None):
        ends = (self.client, server or self.server)
        ports = (client_port or self.client.next_port(), port)
        at = self.now
        for side, data in said:
            self.net.udp(at, ends[side], ports[side], ends[1 - side], ports[1 - side], data)
            at += 1500
        self.now += 10000000

    def write(self):
        self.net.write(sys.argv[1])
