#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a feed with `action: drop` lists is dropped whatever it travels in: IPv4, IPv6, VLAN, QinQ, fragments; a request whose header never ends, what proxies are asked
for, names in DNS and in TLS inside other protocols; a flow that was there before its address was listed. As if inline (--simulate-ips), with captures made here.
"""
import ipaddress
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from made import ACK, HEADER, PUSH_ACK, SYN, SYN_ACK, TCP, UDP, frame, hello, packets, record, tcp, udp  # noqa: E402
from running import Sensor  # noqa: E402

BAD4, BAD6, GOOD4 = "203.0.113.9", "2001:db8:bad::9", "198.51.100.1"
CLIENT4, CLIENT6 = "10.1.1.1", "2001:db8:1::1"
LIST = f"{BAD4}\n{BAD6}\nbad.example\n"


LDAP_STARTTLS = bytes.fromhex("301d02010177188016312e332e362e312e342e312e313436362e3230303337")
LDAP_AGREED = bytes.fromhex("300c02010178070a010004000400")
HELLO = hello(b"bad.example")
# What comes before TLS inside others: the hello's name is listed
STARTS = (
    ("TLS", 443, []),
    ("STARTTLS in SMTP", 25, [(b"220 mx ESMTP\r\n",), b"EHLO a\r\n", (b"250-mx\r\n250 STARTTLS\r\n",), b"STARTTLS\r\n", (b"220 go\r\n",)]),
    ("STARTTLS in IMAP", 143, [(b"* OK IMAP4rev1 here\r\n",), b"a STARTTLS\r\n", (b"a OK go\r\n",)]),
    ("STLS in POP3", 110, [(b"+OK POP3 here\r\n",), b"STLS\r\n", (b"+OK go\r\n",)]),
    ("AUTH TLS in FTP", 21, [(b"220 ftp\r\n",), b"AUTH TLS\r\n", (b"234 go\r\n",)]),
    ("StartTLS in LDAP", 389, [LDAP_STARTTLS, (LDAP_AGREED,)]),
    ("SSLRequest in PostgreSQL", 5432, [bytes.fromhex("0000000804d2162f"), (b"S",)]),
    ("CONNECT", 3128, [b"CONNECT 198.51.100.2:443 HTTP/1.1\r\nHost: x\r\n\r\n", (b"HTTP/1.1 200 OK\r\n\r\n",)]),
    ("SOCKS 5", 1080, [b"\5\1\0", (b"\5\0",), b"\5\1\0\1\xc6\x33\x64\2\1\xbb", (b"\5\0\0\1\0\0\0\0\0\0",)]),
    ("SOCKS 4", 1080, [b"\4\1\1\xbb\xc6\x33\x64\2\0", (b"\0\x5a\0\0\0\0\0\0",)]),
)


class Capture:
    def __init__(self, vlans=(), pieces=1):
        self.vlans, self.pieces, self.second, self.frames = vlans, pieces, 1_700_000_000, []

    def add(self, source, target, proto, data, pieces=1):
        self.second += 1
        self.frames += [record(self.second, frame(p, self.vlans)) for p in packets(source, target, proto, data, pieces, len(self.frames) + 1)]

    def datagrams(self, client, server, count=3, payload=b"x" * 64):
        for _ in range(count):
            self.add(client, server, UDP, udp(client, server, 4000, 4001, payload), self.pieces)
            self.add(server, client, UDP, udp(server, client, 4001, 4000, payload), self.pieces)

    def session(self, client, server, port, pieces):
        """A handshake and what the client sends, or in a tuple the server, acknowledged; then the server's answer, and one more from the client."""
        def say(source, target, *rest):
            sport, dport = (40000, port) if source == client else (port, 40000)
            self.add(source, target, TCP, tcp(source, target, sport, dport, *rest))
        say(client, server, 100, 0, SYN)
        say(server, client, 500, 101, SYN_ACK)
        say(client, server, 101, 501, ACK)
        seq, back = 101, 501
        for piece in pieces:
            if isinstance(piece, tuple):
                say(server, client, back, seq, PUSH_ACK, piece[0])
                back += len(piece[0])
                say(client, server, seq, back, ACK)
            else:
                say(client, server, seq, back, PUSH_ACK, piece)
                seq += len(piece)
                say(server, client, back, seq, ACK)
        say(server, client, back, seq, PUSH_ACK, b"answer\r\n")
        say(client, server, seq, back + 8, ACK)

    def question(self, client, server, name):
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
        self.add(client, server, UDP, udp(client, server, 4000, 53, struct.pack("!HHHHHH", 1, 0x100, 1, 0, 0, 0) + labels + b"\0\1\0\1"), self.pieces)


def feeds(folder, action="drop", text=LIST):
    listed, path = os.path.join(folder, "bad.list"), os.path.join(folder, "feeds.yaml")
    for name, content in ((listed, text), (path, f"feeds:\n  - name: test\n    source: {listed}\n    action: {action}\n    expire-after: 30d\n")):
        with open(name + ".new", "w", encoding="utf-8") as file:
            file.write(content)
        os.rename(name + ".new", name)
    return support.sets(f"reputation.feeds={path}", f"reputation.state={folder}/state", "heuristics.enabled=no")


def dropped(sensor, capture, words=("--simulate-ips",)):
    """Frames that were not let through, and that there were."""
    with tempfile.TemporaryDirectory(prefix="sekisho-inline-") as folder:
        path = os.path.join(folder, "made.pcap")
        with open(path, "wb") as file:
            file.write(HEADER + b"".join(capture.frames))
        events, _ = support.run(sensor, ["-r", path, "-k", "all", "-S", "/dev/null", *words, *feeds(folder)])
    stats = support.last_stats(events)
    return stats.get("ips", {}).get("blocked", 0), len(capture.frames), events


def check(sensor):
    """What is dropped from its first packet on, and from where in a session."""
    wrong = 0

    def case(words, capture, passed, how=("--simulate-ips",)):
        nonlocal wrong
        blocked, frames, _ = dropped(sensor, capture, how)
        right = frames - blocked == passed
        wrong += not right
        print(f"{'right' if right else 'WRONG'}: {words}: {frames - blocked} of {frames} frames pass, should be {passed}")

    for words, vlans in (("plain", ()), ("VLAN", (7,)), ("QinQ", (7, 8))):
        for client, server in ((CLIENT4, BAD4), (CLIENT6, BAD6), (BAD4, CLIENT4), (BAD6, CLIENT6)):
            capture = Capture(vlans)
            capture.datagrams(client, server)
            case(f"{words}, {client} to {server}", capture, 0)
        capture = Capture(vlans)
        capture.datagrams(CLIENT4, GOOD4)
        case(f"{words}, to one that is not listed", capture, 6)
        for client, server in ((CLIENT4, GOOD4), (CLIENT6, "2001:db8:2::1")):
            capture = Capture(vlans)
            capture.question(client, server, "www.bad.example")
            case(f"{words}, a question over {'IPv6' if ':' in client else 'IPv4'}", capture, 0)
    # The first fragments have gone when the datagram is whole: the last one is held, and with it the datagram
    for client, server in ((CLIENT4, BAD4), (CLIENT6, BAD6)):
        capture = Capture(pieces=3)
        capture.datagrams(client, server, 1, b"x" * 200)
        blocked, frames, _ = dropped(sensor, capture)
        print(f"fragments, {client} to {server}: {frames - blocked} of {frames} frames pass")
        wrong += blocked < 2
    capture = Capture()
    capture.datagrams(CLIENT4, BAD4)
    case("not inline", capture, 6, ())
    # The handshake passes, and what came before the host was there
    for words, pieces, port, passed in (
            ("a request", [b"GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n"], 80, 3),
            ("a header without end", [b"GET / HTTP/1.1\r\nHost: bad.example\r\nX-A: ", b"1\r\nX-B:", b"2\r\n"], 80, 3),
            ("a host that comes late", [b"GET / HTTP/1.1\r\n", b"Host: bad.example\r\nX", b"-A: 1\r\n"], 80, 5),
            ("a whole URL without end", [b"GET http://bad.example/ HTTP/1.1\r\nX", b"-A: 1\r\n"], 3128, 3),
            ("CONNECT", [b"CONNECT bad.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"], 3128, 3),
            ("SOCKS", [b"\5\1\0", (b"\5\0",), b"\5\1\0\3\13bad.example\1\273"], 1080, 7),
            ("another host", [b"GET / HTTP/1.1\r\nHost: good.example\r\n\r\n"], 80, 7)):
        for client, server in ((CLIENT4, GOOD4), (CLIENT6, "2001:db8:2::1")):
            capture = Capture((7, 8))
            capture.session(client, server, port, pieces)
            case(f"{words} over {'IPv6' if ':' in client else 'IPv4'}", capture, passed)
    for words, port, before in STARTS:
        capture = Capture()
        capture.session(CLIENT4, GOOD4, port, [*before, HELLO])
        case(f"a name in TLS: {words}", capture, 3 + 2 * len(before))
    return wrong


def check_reload(given):
    """A flow goes on while its far end is listed."""
    with tempfile.TemporaryDirectory(prefix="sekisho-inline-") as folder:
        pipe = os.path.join(folder, "pipe")
        os.mkfifo(pipe)
        words = ["-r", pipe, "--simulate-ips", *feeds(folder, text="192.0.2.1\n")]
        sensor = Sensor(given, folder, words, "")
        end = sensor.open_pipe(pipe)
        second = 1_700_000_000

        def send(client, server, count=1):
            nonlocal second
            for _ in range(count):
                second += 1
                data = udp(client, server, 4000, 4001, b"y")
                for packet in packets(client, server, UDP, data):
                    end.write(record(second // 100 + 1_700_000_000, frame(packet, (7,))))

        end.write(HEADER)
        for server in (BAD4, BAD6):
            send(CLIENT6 if ":" in server else CLIENT4, server)
        feeds(folder)
        sensor.hang_up()
        sensor.wait_for("reloaded", step=lambda: send(CLIENT4, GOOD4, 50))
        send(CLIENT4, GOOD4, 500)
        for server in (BAD4, BAD6):
            send(CLIENT6 if ":" in server else CLIENT4, server, 3)
        end.close()
        sensor.expect_good_end()
        drops = [e for e in sensor.events() if e["event_type"] == "drop"]
        alerts = support.alerts(sensor.events(), 4001)
        by_server = {server: sum(e["dest_ip"] == str(ipaddress.ip_address(server).exploded) or e["dest_ip"] == server for e in drops)
                     for server in (BAD4, BAD6)}
        print(f"flows that were there before: {by_server} packets dropped, {len(alerts)} alerts")
        return any(count != 3 for count in by_server.values()) + (len(alerts) != 2)


def main():
    given = support.arguments(__doc__).parse_args()
    return check(given.sensor) + check_reload(given) != 0


if __name__ == "__main__":
    sys.exit(main())
