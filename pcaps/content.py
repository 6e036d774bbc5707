# SPDX-License-Identifier: GPL-3.0-or-later
# What the sessions of our captures carry: DNS, HTTP with gzip and PNG bodies, NTP, SMB2. Compression is done here (fixed Huffman codes,
# literals only), because zlib's output is not the same in every version of it.
import struct
import zlib


# DNS ---------------------------------------------------------------------------------------------------------------------------------

TYPES = {"A": 1, "NS": 2, "SOA": 6, "PTR": 12, "TXT": 16, "AAAA": 28}


def dns_name(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def dns_query(ident, name, kind="A"):
    return struct.pack(">HHHHHH", ident, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack(">HH", TYPES[kind], 1)


def dns_answer(ident, name, kind="A", data=(), ttl=300):
    """data: raw record contents; none: NOERROR without answers."""
    head = struct.pack(">HHHHHH", ident, 0x8180, 1, len(data), 0, 0)
    out = head + dns_name(name) + struct.pack(">HH", TYPES[kind], 1)
    for item in data:
        out += struct.pack(">HHHIH", 0xC00C, TYPES[kind], 1, ttl, len(item)) + item
    return out


def dns_nxdomain(ident, name, kind="A"):
    zone = name.rsplit(".", 1)[1]
    soa = dns_name("a.ns." + zone) + dns_name("hostmaster." + zone) + struct.pack(">IIIII", 2026030301, 1800, 900, 604800, 900)
    head = struct.pack(">HHHHHH", ident, 0x8183, 1, 0, 1, 0)
    record = dns_name(zone) + struct.pack(">HHIH", TYPES["SOA"], 1, 900, len(soa)) + soa
    return head + dns_name(name) + struct.pack(">HH", TYPES[kind], 1) + record


# Compression (RFC 1951, 1952), PNG ---------------------------------------------------------------------------------------------------

def deflate(data):
    bits, count, out = 0, 0, bytearray()

    def put(value, width):
        nonlocal bits, count
        bits |= value << count
        count += width
        while count >= 8:
            out.append(bits & 0xFF)
            bits >>= 8
            count -= 8

    def put_code(code, width):  # Huffman codes go in from their first bit
        put(int(format(code, "0%db" % width)[::-1], 2), width)

    put(1, 1)
    put(1, 2)
    for byte in data:
        if byte < 144:
            put_code(0x30 + byte, 8)
        else:
            put_code(0x190 + byte - 144, 9)
    put_code(0, 7)
    if count:
        put(0, 8 - count)
    return bytes(out)


def gzip(data):
    return bytes.fromhex("1f8b0800000000000003") + deflate(data) + struct.pack("<II", zlib.crc32(data), len(data))


def png(numbers, width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + numbers.bytes(width) for _ in range(height))
    packed = b"\x78\x01" + deflate(rows) + struct.pack(">I", zlib.adler32(rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", packed)
            + chunk(b"IEND", b""))


# HTTP --------------------------------------------------------------------------------------------------------------------------------

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36"


def http_request(host, path, method="GET", agent=BROWSER, referer=None, accept="*/*", body=b"", kind=None):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: " + host]
    if agent:
        lines.append("User-Agent: " + agent)
    lines.append("Accept: " + accept)
    if agent == BROWSER:
        lines += ["Accept-Encoding: gzip, deflate", "Accept-Language: en-GB,en;q=0.9"]
    if referer:
        lines.append("Referer: " + referer)
    if body:
        lines += ["Content-Type: " + (kind or "application/x-www-form-urlencoded"), "Content-Length: %d" % len(body)]
    lines.append("Connection: keep-alive")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def http_answer(body, kind, status="200 OK", packed=False, more=(), server="nginx/1.24.0"):
    if packed:
        body = gzip(body)
    lines = ["HTTP/1.1 " + status, "Server: " + server, "Date: Tue, 03 Mar 2026 08:00:00 GMT", "Content-Type: " + kind,
             "Content-Length: %d" % len(body)]
    if packed:
        lines.append("Content-Encoding: gzip")
    lines += list(more) + ["Connection: keep-alive"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


WORDS = ("the office moves in may and every desk gets a number please pack your boxes by friday lunch is served on the third floor "
         "minutes of the last meeting are on the share the printer near the stairs is fixed parking is closed on monday").split()


def page(numbers, title, paragraphs, images):
    text = "".join("<p>%s.</p>\n" % " ".join(numbers.pick(WORDS) for _ in range(numbers.between(20, 45))).capitalize()
                   for _ in range(paragraphs))
    shown = "".join('<img src="%s" alt="">\n' % image for image in images)
    return ("<!DOCTYPE html>\n<html><head><title>%s</title><link rel=\"stylesheet\" href=\"/site.css\"></head>\n<body>\n<h1>%s</h1>\n%s%s"
            "</body></html>\n" % (title, title, text, shown)).encode()


# NTP (RFC 5905), SMB2 NEGOTIATE ------------------------------------------------------------------------------------------------------

def ntp(at, answer):
    seconds, part = at // 1000000 + 2208988800, (at % 1000000 << 32) // 1000000
    stamp = struct.pack(">II", seconds, part)
    if not answer:
        return bytes([0x23, 0, 6, 0xE9]) + b"\0" * 36 + stamp
    return bytes([0x24, 2, 6, 0xE9]) + struct.pack(">II4s", 0x120, 0x340, b"\xc0\x00\x02\x0a") + stamp + stamp + stamp + stamp


def _smb2(command, answer, message, body):
    head = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, command, 1, 1 if answer else 0, 0, message, 0xFEFF, 0, 0, b"\0" * 16)
    return struct.pack(">I", len(head) + len(body)) + head + body


def smb2_negotiate(numbers):
    dialects = struct.pack("<HHHH", 0x0202, 0x0210, 0x0300, 0x0302)
    return _smb2(0, False, 0, struct.pack("<HHHHI16sQ", 36, 4, 1, 0, 0x7F, numbers.bytes(16), 0) + dialects)


def smb2_negotiate_answer(numbers, at):
    filetime = at * 10 + 116444736000000000
    blob = bytes.fromhex("601c06062b0601050502a0123010a00e300c060a2b06010401823702020a")
    body = struct.pack("<HHHH16sIIIIQQHHI", 65, 1, 0x0302, 0, numbers.bytes(16), 0x7F, 1 << 20, 1 << 20, 1 << 20, filetime, 0, 128,
                       len(blob), 0)
    return _smb2(0, True, 0, body + blob)
