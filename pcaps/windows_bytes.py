# SPDX-License-Identifier: GPL-3.0-or-later
# What Windows hosts say to each other, as bytes: Kerberos (RFC 4120), SMB 2 (MS-SMB2), NTLMSSP (MS-NLMP) and DCE-RPC (C706).
import struct

SPNEGO = bytes([0x2B, 6, 1, 5, 5, 2])
SVCCTL = bytes.fromhex("81bb7a364498f135ad3298f038001003")
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860")
SESSION = 0x0000400000000011


def wide(text):
    return text.encode("utf-16le")


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


def number(value):
    return der(2, bytes([value]))


def string(text):
    return der(0x1B, text.encode())


def principal(kind, *parts):
    return der(0x30, der(0xA0, number(kind)), der(0xA1, der(0x30, *(string(p) for p in parts))))


def encrypted(etype, data):
    return der(0x30, der(0xA0, number(etype)), der(0xA2, der(4, data)))


def ticket(realm, service, etype, data):
    return der(0x61, der(0x30, der(0xA0, number(5)), der(0xA1, string(realm)), der(0xA2, principal(2, *service)), der(0xA3, encrypted(etype, data))))


def kdc_request(kind, user, realm, service, preauth):
    """kind: 10 AS, 12 TGS. preauth: kind of pre-authentication and its bytes."""
    body = der(0x30, der(0xA0, der(3, b"\0\x40\x81\0\x10")), der(0xA1, principal(1, user)), der(0xA2, string(realm)), der(0xA3, principal(2, *service)),
               der(0xA8, der(0x30, number(18), number(17), number(23))))
    asked = der(0x30, der(0x30, der(0xA1, number(preauth[0])), der(0xA2, der(4, preauth[1]))))
    return der(0x60 | kind, der(0x30, der(0xA1, number(5)), der(0xA2, number(kind)), der(0xA3, asked), der(0xA4, body)))


def kdc_answer(kind, user, realm, service, etypes, data):
    """etypes: of the answer and of the ticket."""
    return der(0x60 | kind, der(0x30, der(0xA0, number(5)), der(0xA1, number(kind)), der(0xA3, string(realm)), der(0xA4, principal(1, user)),
                                der(0xA5, ticket(realm, service, etypes[1], data)), der(0xA6, encrypted(etypes[0], data))))


def kdc_error(code, realm, service):
    return der(0x7E, der(0x30, der(0xA0, number(5)), der(0xA1, number(30)), der(0xA6, number(code)), der(0xA9, string(realm)), der(0xAA, principal(2, *service))))


def framed(message):
    return struct.pack(">I", len(message)) + message


def ntlm_negotiate():
    return b"NTLMSSP\0" + struct.pack("<II", 1, 0xE2088297) + b"\0" * 16 + struct.pack("<BBHI", 10, 0, 19041, 0x0F000000)


def ntlm_authenticate(domain, user, host):
    texts, at, fields = (wide(domain), wide(user), wide(host)), 72, b""
    for text in texts:
        fields += struct.pack("<HHI", len(text), len(text), at)
        at += len(text)
    empty = struct.pack("<HHI", 0, 0, at)
    return (b"NTLMSSP\0" + struct.pack("<I", 3) + empty * 2 + fields + empty + struct.pack("<I", 0xE2888215) + struct.pack("<BBHI", 10, 0, 19041, 0x0F000000) +
            b"".join(texts))


def offered(token):
    return der(0x60, der(6, SPNEGO), der(0xA0, der(0x30, der(0xA2, der(4, token)))))


def answered(token):
    return der(0xA1, der(0x30, der(0xA2, der(4, token))))


class Smb2:
    """Requests and answers of one connection; message numbers rise by themselves."""

    def __init__(self):
        self.message, self.session, self.tree = 0, 0, 0

    def _wrap(self, command, body, answer, status):
        head = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, int(answer), 0, self.message, 0xFEFF, self.tree, self.session, b"")
        return framed(head + body)

    def ask(self, command, body):
        self.message += 1
        return self._wrap(command, body, False, 0)

    def answer(self, command, body, status=0):
        return self._wrap(command, body, True, status)

    def negotiate(self, guid):
        return self.ask(0, struct.pack("<HHHHI16sQHHH", 36, 3, 1, 0, 0x7F, guid, 0, 0x0210, 0x0300, 0x0302))

    def negotiated(self, guid):
        return self.answer(0, struct.pack("<HHHH16sIIIIQQHHI", 65, 1, 0x0302, 0, guid, 0x2F, 1 << 23, 1 << 23, 1 << 23, 0, 0, 128, 0, 0))

    def setup(self, blob):
        return self.ask(1, struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(blob), 0) + blob)

    def set_up(self, blob, status=0):
        self.session = SESSION
        return self.answer(1, struct.pack("<HHHH", 9, 0, 72, len(blob)) + blob, status)

    def connect(self, path):
        self.tree = 0
        return self.ask(3, struct.pack("<HHHH", 9, 0, 72, len(wide(path))) + wide(path))

    def connected(self, tree, kind):
        self.tree = tree
        return self.answer(3, struct.pack("<HBBIII", 16, kind, 0, 0, 0, 0x1F01FF))

    def create(self, name, disposition, options=0):
        return self.ask(5, struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0x80, 7, disposition, options, 120, len(wide(name)), 0, 0) + wide(name))

    def created(self, file):
        return self.answer(5, struct.pack("<HBBIQQQQQQII", 89, 0, 0, 1, *(0x01DAA000 << 32,) * 4, 0, 0, 0x80, 0) + file + b"\0" * 8)

    def write(self, file, offset, data):
        return self.ask(9, struct.pack("<HHIQ", 49, 112, len(data), offset) + file + b"\0" * 16 + data)

    def written(self, count):
        return self.answer(9, struct.pack("<HHIIHH", 17, 0, count, 0, 0, 0))

    def read(self, file, offset, count):
        return self.ask(8, struct.pack("<HBBIQ", 49, 80, 0, count, offset) + file + b"\0" * 17)

    def has_read(self, data, status=0):
        return self.answer(8, struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data, status)

    def transceive(self, file, data):
        return self.ask(11, struct.pack("<HHI", 57, 0, 0x11C017) + file + struct.pack("<IIIIIIII", 120, len(data), 0, 0, 0, 4096, 1, 0) + data)

    def transceived(self, file, data):
        return self.answer(11, struct.pack("<HHI", 49, 0, 0x11C017) + file + struct.pack("<IIIIII", 112, 0, 112, len(data), 0, 0) + data)

    def close(self, file):
        return self.ask(6, struct.pack("<HHI", 24, 0, 0) + file)

    def closed(self):
        return self.answer(6, struct.pack("<HH", 60, 0) + b"\0" * 56)


def rpc(kind, call, body, flags=3):
    return struct.pack("<BBBBIHHI", 5, 0, kind, flags, 0x10, 16 + len(body), 0, call) + body


def rpc_bind(call, uuid, version, context=0):
    return rpc(11, call, struct.pack("<HHIB3xHBx", 4280, 4280, 0, 1, context, 1) + uuid + struct.pack("<HH", version, 0) + NDR + struct.pack("<I", 2))


def rpc_bound(call):
    return rpc(12, call, struct.pack("<HHIH", 4280, 4280, 7, 4) + b"135\0\0\0" + struct.pack("<B3xHH", 1, 0, 0) + NDR + struct.pack("<I", 2))


def rpc_request(call, opnum, stub, context=0, flags=3):
    return rpc(0, call, struct.pack("<IHH", len(stub), context, opnum) + stub, flags)


def rpc_response(call, stub, context=0):
    return rpc(2, call, struct.pack("<IHBx", len(stub), context, 0) + stub)
