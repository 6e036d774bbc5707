# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures that a test makes itself, packet by packet: Ethernet, VLANs, IPv4 and IPv6 in fragments or whole, TCP and UDP with right checksums."""
import ipaddress
import struct

LINKTYPE_ETHERNET, ICMP, TCP, UDP, FRAGMENT6 = 1, 1, 6, 17, 44
SYN, RST, ACK, PUSH_ACK, SYN_ACK, RST_ACK, FIN_ACK = 2, 4, 16, 24, 18, 20, 17
# Of a capture file
HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_ETHERNET)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport(source, target, proto, head, payload, at):
    """head with its checksum, at bytes in, over both and the pseudo header."""
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
    value = checksum(ends + struct.pack("!IxxxB", len(head) + len(payload), proto) + head + payload)
    return head[:at] + struct.pack("!H", value) + head[at + 2:] + payload


def tcp(source, target, sport, dport, seq, ack, flags, payload=b""):
    return transport(source, target, TCP, struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0), payload, 16)


def udp(source, target, sport, dport, payload):
    return transport(source, target, UDP, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0), payload, 6)


def packets(source, target, proto, data, pieces=1, ident=7):
    """IP packets that carry data, in so many fragments."""
    size = (len(data) // pieces + 7) // 8 * 8
    for at in range(0, len(data), size) if pieces > 1 else [0]:
        part = data[at:at + size] if pieces > 1 else data
        more = pieces > 1 and at + size < len(data)
        if ":" in source:
            ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
            if pieces > 1:
                part = struct.pack("!BBHI", proto, 0, at | more, ident) + part
            yield struct.pack("!IHBB", 6 << 28, len(part), FRAGMENT6 if pieces > 1 else proto, 64) + ends + part
        else:
            ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), ident, more << 13 | at >> 3, 64, proto, 0) + ends
            yield head[:10] + struct.pack("!H", checksum(head)) + head[12:] + part


def frame(packet, vlans=()):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    head = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01"
    for i, vlan in enumerate(vlans):
        head += struct.pack("!HH", 0x88A8 if len(vlans) > 1 and i == 0 else 0x8100, vlan)
    return head + struct.pack("!H", kind) + packet


def record(second, data):
    return struct.pack("<IIII", second, 0, len(data), len(data)) + data


def hello(name):
    """TLS ClientHello for name."""
    host = b"\0" + struct.pack("!H", len(name)) + name
    names = struct.pack("!H", len(host)) + host
    extension = struct.pack("!HH", 0, len(names)) + names
    body = b"\3\3" + b"r" * 32 + b"\0" + b"\0\2\xc0\x2f" + b"\1\0" + struct.pack("!H", len(extension)) + extension
    return b"\x16\3\1" + struct.pack("!H", len(body) + 4) + b"\1" + struct.pack("!I", len(body))[1:] + body
