# SPDX-License-Identifier: GPL-3.0-or-later
# TLS sessions as they look from outside: real hellos and certificates, and bytes that stand for what is encrypted. Keys and signatures
# are numbers without a meaning; nothing here can be decrypted because nothing was encrypted.
import struct


# DER ---------------------------------------------------------------------------------------------------------------------------------

def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def integer(raw):
    raw = raw.lstrip(b"\0") or b"\0"
    return der(0x02, (b"\0" if raw[0] & 0x80 else b"") + raw)


def oid(text):
    arcs = [int(arc) for arc in text.split(".")]
    out = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        part = bytes([arc & 0x7F])
        while arc > 0x7F:
            arc >>= 7
            part = bytes([0x80 | arc & 0x7F]) + part
        out += part
    return der(0x06, out)


ATTRIBUTES = {"C": "2.5.4.6", "ST": "2.5.4.8", "L": "2.5.4.7", "O": "2.5.4.10", "OU": "2.5.4.11", "CN": "2.5.4.3"}
SHA256_RSA = der(0x30, oid("1.2.840.113549.1.1.11"), der(0x05))


def name(parts):
    out = b""
    for key, value in parts:
        kind = 0x13 if key == "C" else 0x0C
        out += der(0x31, der(0x30, oid(ATTRIBUTES[key]), der(kind, value.encode())))
    return der(0x30, out)


def certificate(numbers, subject, issuer, serial, start, end, names=(), ca=False):
    """subject, issuer: [("C", "SE"), ...]; start, end: "YYMMDDHHMMSSZ"."""
    key = der(0x30, integer(b"\xc1" + numbers.bytes(255)), integer(b"\x01\x00\x01"))
    spki = der(0x30, der(0x30, oid("1.2.840.113549.1.1.1"), der(0x05)), der(0x03, b"\0", key))
    extensions = b""
    if names:
        listed = der(0x30, *[der(0x82, n.encode()) for n in names])
        extensions += der(0x30, oid("2.5.29.17"), der(0x04, listed))
    if ca:
        extensions += der(0x30, oid("2.5.29.19"), der(0x01, b"\xff"), der(0x04, der(0x30, der(0x01, b"\xff"))))
    tbs = der(0x30, der(0xA0, integer(b"\x02")), integer(serial), SHA256_RSA, name(issuer),
              der(0x30, der(0x17, start.encode()), der(0x17, end.encode())), name(subject), spki,
              der(0xA3, der(0x30, extensions)) if extensions else b"")
    return der(0x30, tbs, SHA256_RSA, der(0x03, b"\0", numbers.bytes(256)))


# Records and messages ----------------------------------------------------------------------------------------------------------------

def record(kind, body, version=0x0303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def message(kind, body):
    return struct.pack(">I", kind << 24 | len(body)) + body


def extension(kind, body=b""):
    return struct.pack(">HH", kind, len(body)) + body


def list16(items):
    return struct.pack(">H%dH" % len(items), 2 * len(items), *items)


def _alpn(names):
    body = b"".join(bytes([len(n)]) + n for n in names)
    return extension(16, struct.pack(">H", len(body)) + body)


def _sni(host):
    return extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host.encode())


def _hello(kind, version, random, session, rest, extensions, first_version):
    body = struct.pack(">H", version) + random + bytes([len(session)]) + session + rest
    body += struct.pack(">H", len(extensions)) + extensions
    return record(22, message(kind, body), first_version)


def browser_hello(numbers, host, session):
    """A browser's: GREASE, TLS 1.3 and 1.2, HTTP/2."""
    grease = [0x0A0A + 0x1010 * numbers.below(16) for _ in range(3)]
    ciphers = [grease[0], 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035]
    share = struct.pack(">HHB", grease[2], 1, 0) + struct.pack(">HH", 29, 32) + numbers.bytes(32)
    versions = struct.pack(">B3H", 6, grease[1], 0x0304, 0x0303)
    extensions = (extension(grease[1]) + _sni(host) + extension(23) + extension(65281, b"\0") + extension(10, list16([grease[2], 29, 23, 24]))
                  + extension(11, b"\x01\0") + extension(35) + _alpn([b"h2", b"http/1.1"]) + extension(5, b"\x01\0\0\0\0")
                  + extension(13, list16([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601])) + extension(18)
                  + extension(51, struct.pack(">H", len(share)) + share) + extension(45, b"\x01\x01") + extension(43, versions))
    return _hello(1, 0x0303, numbers.bytes(32), session, list16(ciphers) + b"\x01\0", extensions, 0x0301)


def implant_hello(numbers, host):
    """A small library's: TLS 1.2, few ciphers, no application protocol."""
    ciphers = [0xC02F, 0xC030, 0xC013, 0xC014, 0x009C, 0x002F, 0x0035, 0x000A]
    extensions = _sni(host) + extension(10, list16([23, 24])) + extension(11, b"\x01\0") + extension(13, list16([0x0401, 0x0501, 0x0201]))
    return _hello(1, 0x0303, numbers.bytes(32), b"", list16(ciphers) + b"\x01\0", extensions, 0x0301)


def encrypted(numbers, count, kind=23):
    out = b""
    while count > 0:
        part = min(count, 4096)
        out += record(kind, numbers.bytes(part))
        count -= part
    return out


CHANGE_CIPHER = record(20, b"\x01")


def session_13(numbers, session, host, exchanges):
    """exchanges: [(bytes asked, bytes answered), ...]"""
    ident = numbers.bytes(32)
    extensions = extension(51, struct.pack(">HH", 29, 32) + numbers.bytes(32)) + extension(43, b"\x03\x04")
    hello = _hello(2, 0x0303, numbers.bytes(32), ident, b"\x13\x01\0", extensions, 0x0303)
    session.say(0, browser_hello(numbers, host, ident))
    session.say(1, hello + CHANGE_CIPHER + encrypted(numbers, numbers.between(2300, 3900)), 1500)
    session.say(0, CHANGE_CIPHER + encrypted(numbers, 53))
    session.say(1, encrypted(numbers, 234), 400)
    for asked, answered in exchanges:
        session.say(0, encrypted(numbers, asked), 2000)
        session.say(1, encrypted(numbers, answered), 9000)
    session.say(0, encrypted(numbers, 19), 20000)
    return session


def session_12(numbers, session, hello, chain, exchanges, alpn=True):
    extensions = extension(65281, b"\0") + extension(11, b"\x01\0") + (_alpn([b"http/1.1"]) if alpn else b"")
    server = _hello(2, 0x0303, numbers.bytes(32), numbers.bytes(32), b"\xc0\x2f\0", extensions, 0x0303)
    listed = b"".join(struct.pack(">I", len(c))[1:] + c for c in chain)
    server += record(22, message(11, struct.pack(">I", len(listed))[1:] + listed))
    server += record(22, message(12, b"\x03\x00\x17\x41\x04" + numbers.bytes(64) + struct.pack(">HH", 0x0401, 256) + numbers.bytes(256)))
    server += record(22, message(14, b""))
    session.say(0, hello)
    session.say(1, server, 1800)
    session.say(0, record(22, message(16, b"\x41\x04" + numbers.bytes(64))) + CHANGE_CIPHER + record(22, numbers.bytes(40)))
    session.say(1, CHANGE_CIPHER + record(22, numbers.bytes(40)), 900)
    for asked, answered in exchanges:
        session.say(0, encrypted(numbers, asked), 1500)
        session.say(1, encrypted(numbers, answered), 7000)
    session.say(0, record(21, numbers.bytes(26)), 15000)
    return session
