#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of it decides how much a finding weighs: a request for a listed name that is answered is a session; refused or met by silence it is not. Captures are made here; each is read by one worker and by
four, which must say the same.
"""
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from made import ACK, FIN_ACK, HEADER, ICMP, PUSH_ACK, RST, SYN, SYN_ACK, TCP, UDP, checksum, frame, hello, packets, record, tcp, udp  # noqa: E402

CLIENT, OTHER, SERVER, BAD, RESOLVER, PROXY = "10.1.1.1", "10.1.1.2", "198.51.100.1", "203.0.113.9", "10.1.1.53", "10.1.1.99"
LIST = f"{BAD}\nbad.example\nworse.example\nurl.example/listed/\n"
SESSION, UNANSWERED = ("session", 2), ("unanswered", 4)


class Capture:
    def __init__(self):
        self.time, self.port, self.frames = 1_700_000_000.0, 40000, []

    def add(self, source, target, proto, data):
        self.time += 0.01
        for packet in packets(source, target, proto, data, 1, len(self.frames) + 1):
            data = record(int(self.time), frame(packet))
            self.frames.append(data[:4] + struct.pack("<I", int(self.time % 1 * 1e6)) + data[8:])

    def tcp(self, server, port, steps, client=CLIENT, seen=(True, True), handshake=True):
        """steps: bytes, the client sends them and they are acknowledged; in a tuple, the server does; RST, FIN_ACK: the server's; a list: sent, and not acknowledged. seen: the sides that are."""
        self.port += 1
        ends, seq = ((client, server), (server, client)), [100, 500]
        ports = ((self.port, port), (port, self.port))

        def say(side, flags, data=b""):
            if seen[side]:
                self.add(*ends[side], TCP, tcp(*ends[side], *ports[side], seq[side], 0 if flags == SYN else seq[1 - side], flags, data))
            seq[side] += len(data) + bool(flags & (SYN | FIN_ACK & ~ACK))

        if handshake:
            say(0, SYN)
            say(1, SYN_ACK)
            say(0, ACK)
        for step in steps:
            if step in (RST, FIN_ACK):
                say(1, step | ACK)
                continue
            said = step[0] if isinstance(step, list) else step
            side = int(isinstance(said, tuple))
            say(side, PUSH_ACK, said[0] if side else said)
            if not isinstance(step, list):
                say(1 - side, ACK)

    def wait(self, seconds):
        """So long that what is not used ends; something else goes on meanwhile."""
        for _ in range(128):
            self.time += seconds / 128
            self.datagram(OTHER, SERVER, 5000, 5001, b"tick")

    def datagram(self, source, target, sport, dport, payload):
        self.add(source, target, UDP, udp(source, target, sport, dport, payload))

    def answer(self, name, address, client=CLIENT, ttl=60):
        """A question and its answer."""
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
        question = labels + b"\0\1\0\1"
        record = b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", ttl, 4) + bytes(map(int, address.split(".")))
        self.port += 1
        self.datagram(client, RESOLVER, self.port, 53, struct.pack("!HHHHHH", 1, 0x100, 1, 0, 0, 0) + question)
        self.datagram(RESOLVER, client, 53, self.port, struct.pack("!HHHHHH", 1, 0x8180, 1, 1, 0, 0) + question + record)

    def unreachable(self, source, client, inner):
        """ICMP: nobody listens there. inner: the packet that it is about."""
        data = struct.pack("!BBHI", 3, 3, 0, 0) + inner[:28]
        self.add(source, client, ICMP, data[:2] + struct.pack("!H", checksum(data)) + data[4:])


def request(host=b"bad.example", target=b"/", method=b"GET"):
    return method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"


def response(status=b"200 OK"):
    return (b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok",)


def http2(*frames):
    return b"".join(struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload for kind, flags, stream, payload in frames)


def socks(reply):
    return [b"\5\1\0", (b"\5\0",), b"\5\1\0\3\13bad.example\1\273", (b"\5" + reply + b"\0\1\0\0\0\0\0\0",)]


SERVER_HELLO_BODY = b"\3\3" + b"s" * 32 + b"\0" + b"\xc0\x2f" + b"\0"
SERVER_HELLO = b"\x16\3\3" + struct.pack("!H", len(SERVER_HELLO_BODY) + 4) + b"\2" + struct.pack("!I", len(SERVER_HELLO_BODY))[1:] + SERVER_HELLO_BODY
ALERT = b"\x15\3\3\0\2\2\x28"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2((4, 0, 0, b""))
ASKED = http2((1, 5, 1, b"\x82\x86\x84\x41\x0bbad.example"))
UPLOAD = b"POST / HTTP/1.1\r\nHost: bad.example\r\nContent-Length: 100000\r\n\r\n"
HELLO = hello(b"bad.example")
BAD_NAME, WORSE_NAME, URL = "bad.example", "worse.example", "url.example/listed/"
# Words, the server's port, what is said, what is to be found
REQUESTS = (
    ("HTTP, answered", 80, [request(), response()], [(BAD_NAME, *SESSION)]),
    ("HTTP, 404 is an answer", 80, [request(), response(b"404 Not Found")], [(BAD_NAME, *SESSION)]),
    ("HTTP, the answer is not acknowledged", 80, [request(), [response()]], [(BAD_NAME, *SESSION)]),
    ("HTTP, silence", 80, [request()], [(BAD_NAME, *UNANSWERED)]),
    ("HTTP, not even acknowledged", 80, [[request()], [request()]], [(BAD_NAME, *UNANSWERED)]),
    ("HTTP, reset", 80, [request(), RST], [(BAD_NAME, *UNANSWERED)]),
    ("HTTP, taken, and closed in order", 80, [request(), FIN_ACK], [(BAD_NAME, *SESSION)]),
    ("HTTP, a listed URL answered", 80, [request(b"url.example", b"/listed/x"), response()], [(URL, *SESSION)]),
    ("HTTP, a listed URL in vain", 80, [request(b"url.example", b"/listed/x"), RST], [(URL, *UNANSWERED)]),
    ("HTTP, another URL", 80, [request(b"url.example", b"/other"), RST], []),
    ("HTTP, pipelined, the first is answered", 80, [request(b"worse.example") + request(), response(), RST], [(BAD_NAME, *UNANSWERED), (WORSE_NAME, *SESSION)]),
    ("HTTP, pipelined, both are answered", 80, [request(b"worse.example") + request(), response(), response()], [(BAD_NAME, *SESSION), (WORSE_NAME, *SESSION)]),
    ("HTTP, the second of a connection is cut", 80, [request(b"good.example"), response(), request(), RST], [(BAD_NAME, *UNANSWERED)]),
    ("HTTP, an upload that goes on is taken", 80, [UPLOAD] + 20 * [b"x" * 1000] + [RST], [(BAD_NAME, *SESSION)]),
    ("HTTP, what is answered cannot be read", 80, [request(), (b"\0" * 200,)], [(BAD_NAME, *SESSION)]),
    ("HTTP, the server spoke first", 80, [response(), request(), RST], [(BAD_NAME, *SESSION)]),
    ("proxy, answered", 3128, [request(target=b"http://bad.example/"), response()], [(BAD_NAME, *SESSION)]),
    ("proxy, bad gateway", 3128, [request(target=b"http://bad.example/"), response(b"502 Bad Gateway")], [(BAD_NAME, *UNANSWERED)]),
    ("proxy, who are you", 3128, [request(target=b"http://bad.example/"), response(b"407 Proxy Authentication Required")], [(BAD_NAME, *UNANSWERED)]),
    ("a server's own 502", 80, [request(), response(b"502 Bad Gateway")], [(BAD_NAME, *SESSION)]),
    ("CONNECT, granted", 3128, [request(target=b"bad.example:443", method=b"CONNECT"), (b"HTTP/1.1 200 OK\r\n\r\n",)], [(BAD_NAME, *SESSION)]),
    ("CONNECT, refused", 3128, [request(target=b"bad.example:443", method=b"CONNECT"), response(b"403 Forbidden")], [(BAD_NAME, *UNANSWERED)]),
    ("CONNECT, silence", 3128, [request(target=b"bad.example:443", method=b"CONNECT")], [(BAD_NAME, *UNANSWERED)]),
    ("SOCKS, granted", 1080, socks(b"\0"), [(BAD_NAME, *SESSION)]),
    ("SOCKS, refused", 1080, socks(b"\2"), [(BAD_NAME, *UNANSWERED)]),
    ("SOCKS, silence", 1080, socks(b"\0")[:3], [(BAD_NAME, *UNANSWERED)]),
    ("TLS, answered", 443, [HELLO, (SERVER_HELLO,)], [(BAD_NAME, *SESSION)]),
    ("TLS, an alert", 443, [HELLO, (ALERT,)], [(BAD_NAME, *UNANSWERED)]),
    ("TLS, data without a hello", 443, [HELLO, (b"\x17\3\3\0\x10" + b"a" * 16,), b"\x17\3\3\0\x10" + b"b" * 16], [(BAD_NAME, *SESSION)]),
    ("TLS, a byte of data, then more", 443, [HELLO, b"\x17\3\3\0\x10" + b"b" * 16, (b"\x17\3\3\0\1a",), (b"\0" * 4000,)], [(BAD_NAME, *SESSION)]),
    ("TLS, silence", 443, [HELLO], [(BAD_NAME, *UNANSWERED)]),
    ("TLS, reset", 443, [HELLO, RST], [(BAD_NAME, *UNANSWERED)]),
    ("TLS, closed in order", 443, [HELLO, FIN_ACK], [(BAD_NAME, *UNANSWERED)]),
    ("TLS, another name", 443, [hello(b"good.example"), RST], []),
    ("HTTP/2, answered", 80, [PREFACE + ASKED, (http2((4, 0, 0, b""), (1, 5, 1, b"\x88")),), http2((4, 1, 0, b""))], [(BAD_NAME, *SESSION)]),
    ("HTTP/2, the stream is refused", 80, [PREFACE + ASKED, (http2((4, 0, 0, b""), (3, 0, 1, struct.pack("!I", 7))),), http2((4, 1, 0, b""))], [(BAD_NAME, *UNANSWERED)]),
    ("HTTP/2, data without a status", 80, [PREFACE + ASKED, (http2((4, 0, 0, b""), (0, 0, 1, b"whoami"), (3, 0, 1, struct.pack("!I", 7))),), http2((4, 1, 0, b""))], [(BAD_NAME, *SESSION)]),
    ("HTTP/2, silence", 80, [PREFACE + ASKED, (http2((4, 0, 0, b"")),), http2((4, 1, 0, b""))], [(BAD_NAME, *UNANSWERED)]),
)


def findings(sensor, capture, words=(), listed=LIST, allowed=""):
    """What is found in the capture: reasoning of each alert, the same for one worker and four."""
    with tempfile.TemporaryDirectory(prefix="sekisho-outcome-") as folder:
        path, bad, allow, feeds = (os.path.join(folder, name) for name in ("made.pcap", "bad.list", "allow.list", "feeds.yaml"))
        with open(path, "wb") as file:
            file.write(HEADER + b"".join(capture.frames))
        for name, text in ((bad, listed), (allow, allowed), (feeds, f"feeds:\n  - name: test\n    source: {bad}\n    confidence: 90\n    expire-after: 30d\n")):
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        settings = ["--set", f"reputation.feeds={feeds}", "--set", f"reputation.allow.0={allow}", "--set", "heuristics.enabled=no", "--set", "behaviour.enabled=no"]
        all_found = []
        for workers in ("1", "4"):
            events, _ = support.run(sensor, ["-r", path, "-k", "all", "-S", "/dev/null", *words, *settings, "--set", f"reputation.state={folder}/state", "--set", f"threads.workers={workers}"])
            all_found.append([e["alert"] for e in support.alerts(events, 4001)])
    if all_found[0] != all_found[1]:
        print("WRONG: workers differ:", *all_found, sep="\n")
        sys.exit(1)
    return all_found[0]


def told(alerts):
    return sorted((a["context"]["reputation"]["indicator"], a["context"]["reputation"]["outcome"], a["severity"]) for a in alerts)


class Checks:
    def __init__(self):
        self.wrong = 0

    def same(self, words, found, wanted):
        right = found == wanted
        self.wrong += not right
        print(f"{'right' if right else 'WRONG'}: {words}: {found}{'' if right else f', should be {wanted}'}")


def check_requests(sensor, checks):
    for words, port, steps, wanted in REQUESTS:
        capture = Capture()
        capture.tcp(SERVER, port, steps)
        checks.same(words, told(findings(sensor, capture)), sorted(wanted))
    for words, port, steps, wanted in REQUESTS[::4]:  # inline bytes count at once, before they are acknowledged
        capture = Capture()
        capture.tcp(SERVER, port, steps)
        checks.same(words + ", inline", told(findings(sensor, capture, ["--simulate-ips"])), sorted(wanted))
    # Of one side only: who sends a request over TCP has had an answer to its handshake
    for words, steps, wanted in (("HTTP, only the client is seen", [request()], [(BAD_NAME, *SESSION)]), ("TLS, only the client is seen", [HELLO], [(BAD_NAME, *SESSION)])):
        capture = Capture()
        capture.tcp(SERVER, 443 if steps[0] is HELLO else 80, [[step] for step in steps], seen=(True, False))
        checks.same(words, told(findings(sensor, capture, ["--set", "stream.async-oneside=yes"])), wanted)


def check_update(sensor, checks):
    """Blocked at first, then let through: told again, as an update; a third time is counted."""
    capture = Capture()
    capture.tcp(SERVER, 80, [request(), RST])
    for _ in range(2):
        capture.wait(400)
        capture.tcp(SERVER, 80, [request(), response()])
    alerts = findings(sensor, capture)
    checks.same("blocked, then let through", [(a["context"]["reputation"]["outcome"], a["context"]["reputation"].get("update", False)) for a in alerts], [("unanswered", False), ("session", True)])


def check_addresses(sensor, checks):
    """Datagrams to a listed address: only the server's own is an answer."""
    capture = Capture()
    capture.datagram(CLIENT, BAD, 4000, 4001, b"x")
    inner = next(packets(CLIENT, BAD, UDP, udp(CLIENT, BAD, 4000, 4001, b"x")))
    capture.unreachable(BAD, CLIENT, inner)
    checks.same("UDP, unreachable", told(findings(sensor, capture)), [(BAD, *UNANSWERED)])
    capture.datagram(BAD, CLIENT, 4001, 4000, b"y")
    checks.same("UDP, answered", told(findings(sensor, capture)), [(BAD, *SESSION)])
    # An address is not told beside the name of its flow, whatever comes first
    capture = Capture()
    capture.tcp(BAD, 80, [request(), response()])
    checks.same("a listed name at a listed address", told(findings(sensor, capture)), [(BAD_NAME, *SESSION)])
    capture = Capture()
    capture.tcp(BAD, 80, [request(), RST])
    checks.same("a listed name in vain at a listed address that takes connections", told(findings(sensor, capture)), [(BAD_NAME, *UNANSWERED), (BAD, *SESSION)][::-1])


def check_crowd(sensor, checks):
    """A listed scanner tries more hosts than there is room for to wait: a session with another listed address is one all the same."""
    capture, scanner = Capture(), "203.0.113.77"
    for i in range(6000):
        target = f"10.1.{i // 250}.{i % 250 + 1}"
        capture.add(scanner, target, TCP, tcp(scanner, target, 50000, 22, 1, 0, SYN))
        capture.time -= 0.0099
    capture.tcp(BAD, 4444, [b"hi", (b"ho",)])
    capture.tcp(BAD, 4444, [b"hi", (b"ho",)] * 10)  # told before it ends, and counted once
    capture.answer("bad.example", SERVER)
    capture.wait(4000)
    capture.tcp(BAD, 4444, [b"hi", (b"ho",)])
    alerts = findings(sensor, capture, listed=LIST + scanner + "\n")
    checks.same("beside a scanner", told(alerts), [(scanner, "inbound", 4), (BAD, *SESSION), (BAD, *SESSION), (BAD_NAME, "asked", 3)])
    checks.same("how often", max(a["context"]["reputation"]["count"] for a in alerts if a["context"]["reputation"]["indicator"] == BAD), 3)


def weighed(alerts):
    """Of sessions with the listed address: severity, and from which name."""
    reasons = [(a["severity"], a["context"]["reputation"]) for a in alerts]
    return [(severity, r.get("resolved_name"), "doubt" in r) for severity, r in reasons if not r["where"].startswith("dns")]


def check_resolved(sensor, checks):
    """A session that says nothing of itself, after its address was resolved or not."""
    full, in_doubt = (2, None, False), (3, "shop.example", True)

    def case(what, wanted, make, **more):
        capture = Capture()
        make(capture)
        checks.same(what, weighed(findings(sensor, capture, **more)), wanted)

    def bare(capture, client=CLIENT):
        capture.tcp(BAD, 4444, [b"hi", (b"ho",)], client=client)

    def after(name="shop.example", seconds=0, asker=CLIENT, client=CLIENT, ttl=60):
        def make(capture):
            capture.answer(name, BAD, asker, ttl)
            capture.time += seconds
            bare(capture, client)
        return make

    def before(capture):
        bare(capture)
        capture.answer("shop.example", BAD)

    def again(capture):
        """In doubt first, and an hour and a half later, and with another name in between not any more."""
        capture.answer("shop.example", BAD)
        bare(capture)
        capture.wait(1000)
        bare(capture)
        capture.wait(1000)
        bare(capture)

    def datagrams(capture):
        capture.answer("shop.example", BAD)
        capture.datagram(CLIENT, BAD, 4000, 4001, b"x")
        capture.datagram(BAD, CLIENT, 4001, 4000, b"y")

    case("never resolved", [full], bare)
    case("just resolved from a name that nobody lists", [in_doubt], after())
    case("the same over UDP", [in_doubt], datagrams)
    case("four minutes ago", [in_doubt], after(seconds=240))
    case("ten minutes ago, a minute of TTL", [full], after(seconds=600))
    case("ten minutes ago, an hour of TTL", [in_doubt], after(seconds=600, ttl=3600))
    case("two hours ago, a day of TTL", [full], after(seconds=7200, ttl=86400))
    case("resolved by another host", [full], after(asker=OTHER))
    case("resolved afterwards", [full], before)
    case("from a listed name", [full], after("www.bad.example"))
    case("from an allowed name", [], after(), allowed="shop.example\n")
    case("from an allowed name, and told", [(4, "shop.example", False)], after(), allowed="shop.example\n", words=["--set", "reputation.tell-allowed=yes"])
    case("to another address", [full], lambda capture: (capture.answer("shop.example", SERVER), bare(capture)))
    case("in doubt, then not any more, then counted", [in_doubt, full], again)


def check_count(sensor, checks):
    """Every ten minutes for two hours: three alerts, which say how often and since when."""
    capture = Capture()
    for _ in range(13):
        capture.tcp(SERVER, 80, [request(), response()])
        capture.wait(600)
    counts = []
    for alert in findings(sensor, capture):
        r = alert["context"]["reputation"]
        counts.append((r["count"], r["first_seen"][11:19], r["last_seen"] > r["first_seen"]))
    checks.same("seen", counts, [(1, "22:13:20", False), (7, "22:13:20", True), (13, "22:13:20", True)])
    # A question and its answer, which names it again, are one meeting
    capture = Capture()
    for _ in range(8):
        capture.answer("bad.example", "198.51.100.7")
        capture.wait(600)
    checks.same("asked for", [a["context"]["reputation"]["count"] for a in findings(sensor, capture)], [1, 7])


def main():
    given = support.arguments(__doc__).parse_args()
    checks = Checks()
    check_requests(given.sensor, checks)
    check_update(given.sensor, checks)
    check_addresses(given.sensor, checks)
    check_crowd(given.sensor, checks)
    check_resolved(given.sensor, checks)
    check_count(given.sensor, checks)
    return checks.wrong != 0


if __name__ == "__main__":
    sys.exit(main())
