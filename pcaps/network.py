# SPDX-License-Identifier: GPL-3.0-or-later
# A network that is written, not run: frames with right checksums and TCP sessions with every handshake, acknowledgement and FIN.
# Whole numbers and a generator of our own only, so that a capture has the same bytes on every machine and Python.
import struct

MASK = (1 << 64) - 1


class Numbers:
    """splitmix64: the same numbers from the same seed, for ever."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, end):
        return self.next() % end

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def bytes(self, count):
        out = b"".join(struct.pack(">Q", self.next()) for _ in range((count + 7) // 8))
        return out[:count]

    def word(self, letters, count):
        return "".join(self.pick(letters) for _ in range(count))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return bytes(int(part) for part in text.split("."))


class Host:
    def __init__(self, ip, mac, ttl, name=None):
        self.ip, self.raw, self.mac, self.ttl, self.name = ip, address(ip), mac, ttl, name
        self.ip_id = self.raw[3] * 257 & 0xFFFF
        self.port = 49152 + self.raw[3] * 13 % 4000

    def next_port(self):
        self.port = 49152 + (self.port - 49152 + 1) % 16000
        return self.port


SYN, ACK, PSH, FIN, RST = 0x02, 0x10, 0x08, 0x01, 0x04
OPTIONS = bytes.fromhex("020405b40103030801010402")  # MSS 1460, window scale 8, SACK
MSS = 1460


class Network:
    """Collects frames by time (microseconds) and writes them as one pcap file."""

    def __init__(self, numbers):
        self.numbers = numbers
        self.frames = []

    def frame(self, at, src, dst, ethertype, payload):
        data = dst + src + struct.pack(">H", ethertype) + payload
        self.frames.append((at, len(self.frames), data.ljust(60, b"\0")))

    def ip(self, at, src, dst, proto, payload):
        src.ip_id = (src.ip_id + 1) & 0xFFFF
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), src.ip_id, 0x4000, src.ttl, proto, 0, src.raw, dst.raw)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.frame(at, src.mac, dst.mac, 0x0800, head + payload)

    def _transport_sum(self, src, dst, proto, segment):
        return checksum(src.raw + dst.raw + struct.pack(">BBH", 0, proto, len(segment)) + segment)

    def udp(self, at, src, sport, dst, dport, data):
        head = struct.pack(">HHHH", sport, dport, 8 + len(data), 0)
        total = self._transport_sum(src, dst, 17, head + data) or 0xFFFF
        self.ip(at, src, dst, 17, head[:6] + struct.pack(">H", total) + data)

    def tcp(self, at, src, sport, dst, dport, seq, ack, flags, data=b"", options=b"", window=1024):
        offset = (20 + len(options)) // 4 << 4
        head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, flags, window, 0, 0)
        total = self._transport_sum(src, dst, 6, head + options + data)
        self.ip(at, src, dst, 6, head[:16] + struct.pack(">H", total) + head[18:] + options + data)

    def icmp_echo(self, at, src, dst, reply, ident, seq, data):
        head = struct.pack(">BBHHH", 0 if reply else 8, 0, 0, ident, seq)
        total = checksum(head + data)
        self.ip(at, src, dst, 1, head[:2] + struct.pack(">H", total) + head[4:] + data)

    def arp(self, at, asker, answerer):
        ask = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, asker.mac, asker.raw, b"\0" * 6, answerer.raw)
        self.frame(at, asker.mac, b"\xff" * 6, 0x0806, ask)
        answer = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, answerer.mac, answerer.raw, asker.mac, asker.raw)
        self.frame(at + 180, answerer.mac, asker.mac, 0x0806, answer)

    def write(self, path):
        self.frames.sort(key=lambda f: f[:2])
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for at, _, data in self.frames:
                out.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(data), len(data)) + data)


class Session:
    """One TCP connection. Times are of the wire near the client; half the round trip lies beyond it."""

    def __init__(self, net, at, client, server, dport, rtt=24000, sport=None):
        self.net, self.now, self.rtt = net, at, rtt
        self.ends = (client, server)
        self.ports = (sport or client.next_port(), dport)
        self.seq = [net.numbers.below(1 << 32), net.numbers.below(1 << 32)]
        self._send(0, SYN, options=OPTIONS, window=64240)
        self.now += rtt
        self._send(1, SYN | ACK, options=OPTIONS, window=65160)
        self.now += 40
        self._send(0, ACK)

    def _send(self, side, flags, data=b"", options=b"", window=1024):
        ack = self.seq[1 - side] if flags & ACK else 0
        self.net.tcp(self.now, self.ends[side], self.ports[side], self.ends[1 - side], self.ports[1 - side], self.seq[side], ack, flags,
                     data, options, window)
        self.seq[side] += len(data) + (1 if flags & (SYN | FIN) else 0)

    def say(self, side, data, after=300):
        """side 0: client, 1: server. Every second segment, and the last, is acknowledged."""
        self.now += after + (self.rtt if side else 0)
        parts = [data[i:i + MSS] for i in range(0, len(data), MSS)]
        for n, part in enumerate(parts):
            last = n + 1 == len(parts)
            self._send(side, ACK | (PSH if last else 0), part)
            self.now += 15 + len(part) // 100
            if last or n % 2:
                self._send(1 - side, ACK)
                self.now += 10
        return self

    def ask(self, request, answer, think=2000):
        self.say(0, request)
        return self.say(1, answer, think)

    def wait(self, microseconds):
        self.now += microseconds
        return self

    def close(self, first=0):
        self.now += 500
        self._send(first, FIN | ACK)
        self.now += self.rtt
        self._send(1 - first, FIN | ACK)
        self.now += 40
        self._send(first, ACK)
        return self.now


def refused(net, at, client, server, dport, sport):
    """A SYN to a closed port and its RST."""
    seq = net.numbers.below(1 << 32)
    net.tcp(at, client, sport, server, dport, seq, 0, SYN, options=OPTIONS, window=64240)
    net.tcp(at + 150, server, dport, client, sport, 0, seq + 1, RST | ACK, window=0)
