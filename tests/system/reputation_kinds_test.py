#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of indicator is found where traffic shows it, though no event or rule asks for the value: what captures hold is read from the sensor's own events, listed
in a feed of that kind, and looked for again with those events off.

A file that is longer than what is inspected of a body is found by its hash too. Captures are ours (pcaps/) and, where they are there, those of ../shared/captures/tls for QUIC.
"""
import hashlib
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import made  # noqa: E402
import sensor as support  # noqa: E402

OFF = support.sets(*(f"outputs.eve-log.types.{t}.enabled=no" for t in ("files", "tls", "quic", "http", "http2", "smtp", "fileinfo")))
OFFICE, MAIL = support.pcap("office.pcap"), support.pcap("mail.pcap")
QUIC = os.path.join(support.SHARED, "captures", "tls", "quic-tls-handshake.pcapng")
# kind, signature_id, where, capture, event and field the value is taken from
KINDS = [
    ("file_md5", 4, "file", OFFICE, "fileinfo", "fileinfo.md5"),
    ("file_sha1", 4, "file", OFFICE, "fileinfo", "fileinfo.sha1"),
    ("file_sha256", 4, "file", OFFICE, "fileinfo", "fileinfo.sha256"),
    ("cert_sha1", 5, "tls certificate", OFFICE, "tls", "tls.fingerprint"),
    ("cert_sha256", 5, "tls certificate", OFFICE, None, "the first certificate, by tshark"),
    ("ja3", 6, "tls ja3", OFFICE, "tls", "tls.ja3.hash"),
    ("ja3s", 6, "tls ja3s", OFFICE, "tls", "tls.ja3s.hash"),
    ("ja4", 6, "tls ja4", OFFICE, "tls", "tls.ja4"),
    ("domain", 2, "tls sni", OFFICE, "tls", "tls.sni"),
    ("user_agent", 8, "http user agent", OFFICE, "http", "http.http_user_agent"),
    ("email", 7, "mail sender", MAIL, "smtp", "smtp.mail_from"),
    ("email", 7, "mail recipient", MAIL, "smtp", "smtp.rcpt_to[0]"),
    ("domain", 2, "quic sni", QUIC, "quic", "quic.sni"),
    ("ja4", 6, "quic ja4", QUIC, "quic", "quic.ja4"),
    ("ja3", 6, "quic ja3", QUIC, "quic", "quic.ja3.hash"),
]


def certificate_sha256(capture):
    """Of the first certificate that tshark sees. No event of ours has it."""
    done = support.tool("tshark", "-r", capture, "-Y", "tls.handshake.certificate", "-T", "fields", "-e", "tls.handshake.certificate")
    first = done.stdout.split("\n", 1)[0].split(",", 1)[0].replace(":", "")
    return [hashlib.sha256(bytes.fromhex(first)).hexdigest()] if first else []


def write_download(path, body):
    """One download over HTTP."""
    client, server, ports = "10.1.1.1", "198.51.100.80", (40000, 80)
    request = b"GET /big HTTP/1.1\r\nHost: files.example\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    there = [(0, made.SYN, b""), (1, made.ACK, b""), (1, made.PUSH_ACK, request)]
    sent = [(client, server, ports, seq, 1 if seq else 0, flags, data) for seq, flags, data in there]
    sent.insert(1, (server, client, ports[::-1], 0, 1, made.SYN_ACK, b""))
    past = 1 + len(request)
    for at in range(0, len(answer), 1400):
        piece = answer[at:at + 1400]
        sent.append((server, client, ports[::-1], 1 + at, past, made.PUSH_ACK, piece))
        sent.append((client, server, ports, past, 1 + at + len(piece), made.ACK, b""))
    end = 1 + len(answer)
    sent += [(server, client, ports[::-1], end, past, made.FIN_ACK, b""), (client, server, ports, past, end + 1, made.FIN_ACK, b"")]
    with open(path, "wb") as file:
        file.write(made.HEADER)
        for source, target, (sport, dport), seq, ack, flags, data in sent:
            for packet in made.packets(source, target, made.TCP, made.tcp(source, target, sport, dport, seq, ack, flags, data)):
                file.write(made.record(1800000000, made.frame(packet)))


def long_file(sensor):
    """A file of 300 kB, of which bodies' limits let 100 be inspected. 1: it is not found by its hash, or not cut where no list needs it."""
    body = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(300_000 // 32))
    with tempfile.TemporaryDirectory(prefix="sekisho-kinds-") as folder:
        capture, listed = os.path.join(folder, "long.pcap"), os.path.join(folder, "bad.list")
        write_download(capture, body)
        with open(listed, "w", encoding="utf-8") as file:
            file.write(hashlib.sha256(body).hexdigest() + "\n")
        events, _ = support.read(sensor, capture, *support.sets(f"reputation.lists=[ {listed} ]", f"reputation.state={folder}/state"))
        without, _ = support.read(sensor, capture)
    found = [e["alert"]["context"]["reputation"]["where"] for e in support.alerts(events, 4001)]
    states = [e["fileinfo"]["state"] for e in without if e["event_type"] == "fileinfo"]
    right = found == ["file"] and states == ["TRUNCATED"]
    print(f"{'right' if right else 'WRONG'}: a file of {len(body)} bytes: {found}, without a list {states}")
    return not right


def main():
    given = support.arguments(__doc__).parse_args()
    known, wrong = {}, long_file(given.sensor)
    for capture in (OFFICE, MAIL, QUIC):
        if os.path.exists(capture):
            known[capture], _ = support.read(given.sensor, capture)
        else:
            print(f"left out: {capture} is missing")
    for kind, sid, where, capture, event_type, field in KINDS:
        if capture not in known:
            continue
        if event_type is None:
            values = certificate_sha256(capture)
        else:
            values = [support.find(e, field) for e in known[capture] if e["event_type"] == event_type and support.find(e, field)]
        if not values:
            print(f"{kind}, {where}: no {field} in {capture}")
            wrong += 1
            continue
        value = values[0].strip("<>")
        with tempfile.TemporaryDirectory(prefix="sekisho-kinds-") as folder:
            feeds, listed = os.path.join(folder, "feeds.yaml"), os.path.join(folder, "bad.list")
            with open(listed, "w", encoding="utf-8") as file:
                file.write(value + "\n")
            with open(feeds, "w", encoding="utf-8") as file:
                file.write(f"feeds:\n  - name: test\n    source: {listed}\n    kind: {kind}\n    confidence: 90\n")
            events, done = support.read(given.sensor, capture, *OFF, *support.sets(f"reputation.feeds={feeds}", f"reputation.state={folder}/state"))
        found = [e["alert"] for e in support.alerts(events, 4001)]
        right = any(a["signature_id"] == sid and a["context"]["reputation"]["where"] == where for a in found)
        print(f"{'right' if right else 'WRONG'}: {kind} {value} as {where}")
        if not right:
            print(json.dumps([a["context"] for a in found])[:500], done.stderr[-300:])
            wrong += 1
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
