#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# attacks.pcap: what speaks for itself without a list or a rule: web attacks, a wordlist, scanners, programs behind other types, a sinkhole, a tunnel's names, a
# certificate of the day, scans without SYN.
#
# Usage: attacks.py OUT.pcap
from content import dns_nxdomain, dns_query, http_answer, http_request
from network import FIN, PSH, Host, Session
from talk import Talks, c, s
import tls_bytes

START = 1772533800  # 2026-03-03 10:30:00 UTC
URG = 0x20
# A DOS header whose word at 0x3c says where the PE header is, and that header's name: no program
PROGRAM = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0" + b"this is not a program, but a test of one\n" * 30
SCRIPT = b"#!/bin/sh\necho this is a test\n"
PAGE = b"<html><body>nothing here</body></html>"


def get(talks, host, path, kind="text/html", body=PAGE, agent=None, server=None):
    more = {"agent": agent} if agent else {}
    told = {"server": server} if server else {}
    talks.tcp(80, c(http_request(host, path, **more)), s(http_answer(body, kind, **told)))


def web(talks):
    get(talks, "shop.test", "/item?id=7%20union%20all%20select%20name%20from%20users")
    get(talks, "shop.test", "/find?q=%3Cscript%3Ealert(1)%3C/script%3E")
    get(talks, "shop.test", "/ping?host=;cat%20/etc/hostname")
    get(talks, "shop.test", "/get?file=../../../../etc/passwd")
    get(talks, "shop.test", "/", agent="masscan/1.3")
    get(talks, "shop.test", "/union/square/select?script=summer")  # no attack
    for number in range(12):
        get(talks, "wiki.test", "/word%d/x" % number, agent="python-requests/2.31")
        talks.now -= 9000000


def programs(talks):
    get(talks, "cdn.test", "/logo.png", "image/png", PROGRAM)
    get(talks, "203.0.113.41", "/k1", "text/plain", PROGRAM)
    get(talks, "cdn.test", "/install", "text/plain", SCRIPT, agent="curl/8.5.0")
    get(talks, "cdn.test", "/setup.exe", "application/octet-stream", PROGRAM)  # as browsers do all day
    get(talks, "taken.test", "/gate", "text/plain", b"ok", server="Sinkhole/1.0")


def names(talks):
    for number in range(34):
        talks.udp(53, c(dns_query(number, "%08x.t.example.net" % (number * 2654435761 % 2**32))))
        talks.now -= 9000000
    talks.udp(53, c(dns_query(90, "qzxvkwpjtrlmhgb.com")), s(dns_nxdomain(90, "qzxvkwpjtrlmhgb.com")))
    talks.udp(53, c(dns_query(91, "weather-report.com")), s(dns_nxdomain(91, "weather-report.com")))


def certificate(talks):
    numbers = talks.net.numbers
    subject = [("C", "XX"), ("O", "Default Company Ltd")]
    made = tls_bytes.certificate(numbers, subject, subject, b"\x01", "260303080000Z", "270303080000Z")
    hello = tls_bytes.implant_hello(numbers, "panel.test")
    session = Session(talks.net, talks.now, talks.client, talks.server, 443, 400)
    tls_bytes.session_12(numbers, session, hello, [made], [(120, 300)], alpn=False).close()
    talks.now += 10000000


def stealth(talks):
    for offset, flags in ((0, FIN), (100, 0), (200, FIN | PSH | URG)):
        scanner = Host("192.168.20.%d" % (60 + offset // 100), bytes.fromhex("0200c0a8143c"), 64)
        for number in range(16):
            talks.net.tcp(talks.now, scanner, 40000 + number, talks.server, 1000 + offset + number, 7, 0, flags)
            talks.now += 500000
    for number in range(16):  # what looks like flows whose beginning was not seen
        talks.net.tcp(talks.now, talks.client, 41000 + number, talks.server, 2000 + number, 7, 9, 0x10)
        talks.now += 500000


def main():
    talks = Talks(0xA77, START)
    for talk in (web, programs, names, certificate, stealth):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
