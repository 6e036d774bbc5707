#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# visits.pcap: what an office of twelve asks for and visits on 2 March 2026 (to learn from), on 10 March, when some of it is new, and on 11 March. The sensor sees both sides of
# the office's resolver: hosts ask it, and it asks outside. Names are of the documentation domains (RFC 2606) or invented, addresses outside of the documentation networks (RFC 5737).
#
#   2 March    all visit www.example.com; 192.168.30.11 alone visits tools.example.org
#   10 March   www.example.com again; .13 visits weather-report.com, .14 and .15 fresh-prices.top; .16 fetches a program from downloads.example.net with curl,
#              .11 one from tools.example.org; .17 visits portal.example.edu, whose certificate is of the day; .18 xn--bcher-example-wob.de; .19 asks for a name that does not
#              exist; somebody outside asks the office's own server for forged-example.top
#   11 March   .16 fetches the program again
#
# Usage: visits.py OUT.pcap [DAY]        DAY: 1 or 2, only the first day or only the others
import struct
import sys

import content
import tls_bytes
from network import Host, Network, Numbers, Session

START = 1772438400 * 1000000  # 2026-03-02 08:00:00 UTC, in microseconds
SECOND, DAY = 1000000, 86400 * 1000000
GATEWAY_MAC = bytes.fromhex("020000001e01")
CURL = "curl/8.5.0"


def inside(last):
    return Host("192.168.30.%d" % last, bytes([2, 0, 0, 0, 30, last]), 64)


def outside(ip):
    return Host(ip, GATEWAY_MAC, 53)


def program():
    """No program: the first bytes of one, and what says that it is a test."""
    head = bytearray(256)
    head[:2], head[0x80:0x84] = b"MZ", b"PE\0\0"
    struct.pack_into("<I", head, 0x3C, 0x80)
    return bytes(head) + b"This is a test of a sensor and no program.\n" * 20


class Visits:
    def __init__(self):
        self.n = Numbers(20260302)
        self.net = Network(self.n)
        self.resolver, self.server = inside(53), inside(80)
        self.desks = {last: inside(last) for last in range(11, 23)}
        self.authority = outside("198.51.100.53")
        self.now = START

    def ask(self, asker, answerer, name, at, answer):
        ident, port = self.n.below(65536), asker.next_port()
        self.net.udp(at, asker, port, answerer, 53, content.dns_query(ident, name))
        return at, lambda back: self.net.udp(back, answerer, 53, asker, port, answer(ident))

    def look_up(self, desk, name, site=None):
        """Through the resolver, which asks outside; site None: the name does not exist."""
        def answer(ident):
            return content.dns_answer(ident, name, "A", [site.raw]) if site else content.dns_nxdomain(ident, name)
        _, to_desk = self.ask(desk, self.resolver, name, self.now, answer)
        _, to_resolver = self.ask(self.resolver, self.authority, name, self.now + 400, answer)
        to_resolver(self.now + 21000)
        to_desk(self.now + 21600)
        self.now += 30000

    def get(self, desk, name, path="/", kind="text/html", body=b"<html><body>page</body></html>", agent=content.BROWSER, client=None, server=None):
        site = server or outside("203.0.113.%d" % (10 + sum(name.encode()) % 90))
        if desk:
            self.look_up(desk, name, site)
        session = Session(self.net, self.now, desk or client, site, 80, 20000)
        session.ask(content.http_request(name, path, agent=agent), content.http_answer(body, kind)).close()
        self.now += 60 * SECOND

    def visit(self, desk, name, issued):
        site = outside("203.0.113.%d" % (110 + sum(name.encode()) % 90))
        self.look_up(desk, name, site)
        issuer = [("C", "SE"), ("O", "Example Trust Services"), ("CN", "Example Issuing CA 2")]
        made = tls_bytes.certificate(self.n, [("CN", name)], issuer, self.n.bytes(12), issued + "060000Z", "270301235959Z", (name,))
        session = Session(self.net, self.now, desk, site, 443, 20000)
        tls_bytes.session_12(self.n, session, tls_bytes.browser_hello(self.n, name, self.n.bytes(32)), [made], [(300, 2000)]).close()
        self.now += 60 * SECOND

    def first_day(self):
        for desk in self.desks.values():
            self.get(desk, "www.example.com")
        self.visit(self.desks[11], "tools.example.org", "260105")

    def later_days(self):
        desks = self.desks
        self.now = START + 8 * DAY
        self.get(desks[12], "www.example.com")
        self.get(desks[13], "weather-report.com")
        self.get(desks[14], "fresh-prices.top")
        self.get(desks[15], "www.fresh-prices.top")
        self.get(desks[16], "downloads.example.net", "/setup.exe", "application/octet-stream", program(), CURL)
        self.get(desks[11], "tools.example.org", "/update", "application/octet-stream", program())
        self.visit(desks[17], "portal.example.edu", "260310")
        self.get(desks[18], "xn--bcher-example-wob.de")
        self.look_up(desks[19], "missing-example.top")
        self.get(None, "forged-example.top", client=outside("203.0.113.9"), server=self.server)
        self.now = START + 9 * DAY + 3600 * SECOND
        self.get(desks[16], "downloads.example.net", "/setup.exe", "application/octet-stream", program(), CURL)


def main():
    visits = Visits()
    if sys.argv[2:] != ["2"]:
        visits.first_day()
    if sys.argv[2:] != ["1"]:
        visits.later_days()
    visits.net.write(sys.argv[1])


if __name__ == "__main__":
    main()
