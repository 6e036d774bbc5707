#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# office.pcap: an hour of a small office (2026-03-03, 08:00 to 09:00 UTC), and an intrusion in it. Names are of the documentation domains
# (RFC 2606), addresses outside of the documentation networks (RFC 5737). The programs in it are none: bytes that say they are a test.
#
#   08:07  192.168.10.24 fetches an "invoice" that is a program, over HTTP
#   08:09  it reports to 203.0.113.78 over HTTP about once a minute, and is given work
#   08:12  and from then on to 203.0.113.77 over TLS: own certificate, odd name, every 60 s give or take 10 %
#   08:14  192.168.10.22 fetches the EICAR test string
#   08:18  192.168.10.24 asks for 110 made-up names: none exists
#   08:26  it looks for open ports on the file server, and for file sharing in the whole network
#   08:40  it sends data out in the names of DNS questions
#   08:50  and in pings
#
# Usage: office.py OUT.pcap
import base64
import sys

import content
import tls_bytes
from network import Host, Network, Numbers, Session, refused

START = 1772524800 * 1000000  # 2026-03-03 08:00:00 UTC, in microseconds
SECOND = 1000000
MINUTE = 60 * SECOND
GATEWAY_MAC = bytes.fromhex("020000000001")


def inside(last, name):
    return Host("192.168.10.%d" % last, bytes([2, 0, 0, 0, 10, last]), 128 if last > 9 else 64, name)


def outside(ip, name=None):
    return Host(ip, GATEWAY_MAC, 53, name)


class Office:
    def __init__(self):
        self.n = Numbers(20260303)
        self.net = Network(self.n)
        self.gateway = inside(1, "gw.office.example")
        self.gateway.mac = GATEWAY_MAC
        self.resolver = inside(2, "ns.office.example")
        self.files = inside(5, "files.office.example")
        self.desks = [inside(last, "ws%d.office.example" % last) for last in range(21, 29)]
        self.sites = [outside("198.51.100.%d" % (10 + i), host) for i, host in enumerate(
            ["www.example.com", "intranet-news.example.net", "images.example.org", "weather.example.com", "static.example.net"])]
        self.secure = [outside("203.0.113.%d" % (10 + i), host) for i, host in enumerate(
            ["mail.example.com", "login.example.net", "docs.example.org", "video.example.com", "updates.example.net", "chat.example.org"])]
        self.clock = outside("198.51.100.123", "time.example.net")
        self.certificates = self.make_certificates()

    def make_certificates(self):
        trust = [("C", "SE"), ("O", "Example Trust Services"), ("CN", "Example Root CA")]
        issuer = [("C", "SE"), ("O", "Example Trust Services"), ("CN", "Example Issuing CA 2")]
        middle = tls_bytes.certificate(self.n, issuer, trust, self.n.bytes(12), "220101000000Z", "320101000000Z", ca=True)
        out = {}
        for host in self.secure:
            subject = [("C", "SE"), ("L", "Malmo"), ("O", "Example AB"), ("CN", host.name)]
            leaf = tls_bytes.certificate(self.n, subject, issuer, self.n.bytes(16), "260105000000Z", "260405235959Z", (host.name, "www." + host.name))
            out[host.name] = [leaf, middle]
        return out

    # What everybody does -------------------------------------------------------------------------------------------------------------

    def lookup(self, at, desk, name, kind="A", data=()):
        """Asks the resolver; gives the time of the answer."""
        ident, port = self.n.below(65536), desk.next_port()
        self.net.udp(at, desk, port, self.resolver, 53, content.dns_query(ident, name, kind))
        back = at + self.n.between(400, 28000)
        self.net.udp(back, self.resolver, 53, desk, port, content.dns_answer(ident, name, kind, data))
        return back + 300

    def browse(self, at, desk, site):
        at = self.lookup(at, desk, site.name, "A", [site.raw])
        session = Session(self.net, at, desk, site, 80, self.n.between(9000, 40000))
        images = ["/img/%s.png" % self.n.word("abcdefgh", 5) for _ in range(self.n.between(1, 2))]
        path = "/" + self.n.pick(["", "news", "about", "plan/2026", "menu?week=%d" % self.n.between(1, 52)])
        body = content.page(self.n, site.name.split(".")[0].title(), self.n.between(3, 8), images)
        session.ask(content.http_request(site.name, path, accept="text/html"), content.http_answer(body, "text/html; charset=utf-8", packed=True), 12000)
        referer = "http://%s%s" % (site.name, path)
        css = b"body { font: 15px sans-serif; margin: 2em }\nh1 { color: #245 }\n"
        session.wait(30000).ask(content.http_request(site.name, "/site.css", referer=referer), content.http_answer(css, "text/css"))
        for image in images:
            picture = content.png(self.n, self.n.between(24, 60), self.n.between(24, 60))
            session.wait(9000).ask(content.http_request(site.name, image, referer=referer), content.http_answer(picture, "image/png"))
        session.wait(self.n.between(1, 9) * SECOND).close(self.n.below(2))

    def work_encrypted(self, at, desk, site):
        at = self.lookup(at, desk, site.name, "A", [site.raw])
        session = Session(self.net, at, desk, site, 443, self.n.between(9000, 40000))
        exchanges = [(self.n.between(180, 700), self.n.between(300, 4200)) for _ in range(self.n.between(1, 3))]
        if self.n.below(3):
            tls_bytes.session_13(self.n, session, site.name, exchanges)
        else:
            hello = tls_bytes.browser_hello(self.n, site.name, self.n.bytes(32))
            tls_bytes.session_12(self.n, session, hello, self.certificates[site.name], exchanges)
        session.wait(self.n.between(1, 20) * SECOND).close()

    def open_share(self, at, desk):
        at = self.lookup(at, desk, self.files.name, "A", [self.files.raw])
        session = Session(self.net, at, desk, self.files, 445, 300)
        session.ask(content.smb2_negotiate(self.n), content.smb2_negotiate_answer(self.n, at), 400)
        session.wait(2 * SECOND).close()

    def ask_time(self, at, desk):
        port = desk.next_port()
        self.net.udp(at, desk, port, self.clock, 123, content.ntp(at, False))
        self.net.udp(at + 21000, self.clock, 123, desk, port, content.ntp(at + 10500, True))

    def ping(self, at, src, dst, data, count, ident):
        for seq in range(1, count + 1):
            self.net.icmp_echo(at, src, dst, False, ident, seq, data)
            self.net.icmp_echo(at + (350 if dst.ttl == 64 else 24000), dst, src, True, ident, seq, data)
            at += SECOND
        return at

    def ordinary_day(self):
        letters = b"abcdefghijklmnopqrstuvwabcdefghi"
        for i, desk in enumerate(self.desks):
            begin = START + i * 7 * SECOND + self.n.below(5 * SECOND)
            self.net.arp(begin, desk, self.gateway)
            self.net.arp(begin + 2000, desk, self.resolver)
            for k in range(3):
                self.ask_time(begin + 4 * SECOND + k * 1024 * SECOND + self.n.below(SECOND), desk)
            for _ in range(5):
                self.browse(begin + self.n.below(57 * MINUTE), desk, self.n.pick(self.sites))
            for _ in range(7):
                self.work_encrypted(begin + self.n.below(57 * MINUTE), desk, self.n.pick(self.secure))
            self.net.arp(begin + 3 * MINUTE, desk, self.files)
            for _ in range(2):
                self.open_share(begin + 4 * MINUTE + self.n.below(50 * MINUTE), desk)
            for _ in range(3):
                self.lookup(begin + self.n.below(57 * MINUTE), desk, self.n.pick(self.sites).name, "AAAA")
        for k in range(12):
            self.ping(START + k * 5 * MINUTE + 11 * SECOND, self.desks[0], self.gateway, letters, 2, 1)

    # The intrusion -------------------------------------------------------------------------------------------------------------------

    def lure(self, at):
        site = outside("203.0.113.66", "files.invoice-portal.test")
        at = self.lookup(at, self.victim, site.name, "A", [site.raw])
        session = Session(self.net, at, self.victim, site, 80, 61000)
        text = b"This program cannot be run: it is no program. Harmless bytes for a test of network sensors.\r\n"
        body = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 44 + b"\x80\x00\x00\x00" + text + b"\0" * 64 + self.n.bytes(24000)
        name = "Invoice_2026-03.pdf.exe"
        more = ['Content-Disposition: attachment; filename="%s"' % name]
        session.ask(content.http_request(site.name, "/portal/view/" + name, referer="http://mail.example.com/inbox"),
                    content.http_answer(body, "application/pdf", more=more), 90000)
        session.wait(2 * SECOND).close()

    def report_over_http(self, at):
        site = outside("203.0.113.78", "stat.sync-node.test")
        at = self.lookup(at, self.victim, site.name, "A", [site.raw])
        agent = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; Sync)"
        for k in range(10):
            session = Session(self.net, at, self.victim, site, 80, 58000)
            body = b"id=" + base64.b64encode(b"ws24|user|%04d" % k) + b"&k=" + base64.b64encode(self.n.bytes(48)).replace(b"+", b"-")
            work = b"dGFzazpz" + base64.b64encode(b"leep %d" % self.n.between(50, 70)) if k % 3 else b"dGFzazpsaXN0LXNoYXJlcw=="
            session.ask(content.http_request(site.name, "/gate.php", "POST", agent, body=body), content.http_answer(work, "text/plain", server="nginx"), 30000)
            session.close(1)
            at += 60 * SECOND + self.n.between(-6 * SECOND, 6 * SECOND)

    def report_over_tls(self, at, end):
        site = outside("203.0.113.77", "cdn-update7.sync-node.test")
        own = [("CN", "sync-node"), ("O", "Internet Widgets")]
        own_certificate = tls_bytes.certificate(self.n, own, own, b"\x01", "250101000000Z", "350101000000Z")
        at = self.lookup(at, self.victim, site.name, "A", [site.raw])
        while at < end:
            session = Session(self.net, at, self.victim, site, 443, 57000)
            exchanges = [(self.n.between(150, 180), self.n.between(90, 130))]
            tls_bytes.session_12(self.n, session, tls_bytes.implant_hello(self.n, site.name), [own_certificate], exchanges, alpn=False)
            session.close()
            at += 60 * SECOND + self.n.between(-6 * SECOND, 6 * SECOND)

    def fetch_test_string(self, at):
        site = outside("198.51.100.77", "download.example.net")
        desk = self.desks[1]
        at = self.lookup(at, desk, site.name, "A", [site.raw])
        # In two halves, so that no scanner takes this program for the thing itself
        body = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
        session = Session(self.net, at, desk, site, 80, 33000)
        session.ask(content.http_request(site.name, "/tools/setup-check.com"), content.http_answer(body, "application/octet-stream"), 15000)
        session.close()

    def ask_made_up_names(self, at):
        for _ in range(110):
            name = self.n.word("abcdefghijklmnopqrstuvwxyz0123456789", self.n.between(12, 19)) + "." + self.n.pick(["example", "test"])
            ident, port = self.n.below(65536), self.victim.next_port()
            self.net.udp(at, self.victim, port, self.resolver, 53, content.dns_query(ident, name))
            self.net.udp(at + 31000, self.resolver, 53, self.victim, port, content.dns_nxdomain(ident, name))
            at += self.n.between(150000, 600000)

    def look_around(self, at):
        self.net.arp(at - 5000, self.victim, self.files)
        ports = list(range(1, 160)) + [389, 443, 1433, 3306, 3389, 5432, 5985, 8080]
        for port in ports:
            if port != 139:
                refused(self.net, at, self.victim, self.files, port, self.victim.next_port())
            at += self.n.between(20000, 60000)
        at += 30 * SECOND
        for last in range(20, 70):
            target = inside(last, None)
            if 21 <= last <= 28 and last != 24:
                refused(self.net, at, self.victim, target, 445, self.victim.next_port())
            elif last != 24:
                ask = bytes.fromhex("0001080006040001") + self.victim.mac + self.victim.raw + b"\0" * 6 + target.raw
                self.net.frame(at, self.victim.mac, b"\xff" * 6, 0x0806, ask)
            at += self.n.between(80000, 200000)
        session = Session(self.net, at, self.victim, self.files, 445, 300)
        session.ask(content.smb2_negotiate(self.n), content.smb2_negotiate_answer(self.n, at), 400).close()

    def leak_in_questions(self, at):
        for k in range(160):
            data = base64.b32encode(self.n.bytes(60)).decode().rstrip("=").lower()
            name = "%s.%s.%03d.t.exfil-lab.test" % (data[:48], data[48:96], k)
            ident, port = self.n.below(65536), self.victim.next_port()
            self.net.udp(at, self.victim, port, self.resolver, 53, content.dns_query(ident, name, "TXT"))
            self.net.udp(at + 62000, self.resolver, 53, self.victim, port, content.dns_answer(ident, name, "TXT", [b"\x02ok"], 0))
            at += self.n.between(900000, 2100000)

    def leak_in_pings(self, at):
        site = outside("203.0.113.90")
        for seq in range(60):
            data = self.n.bytes(900)
            self.net.icmp_echo(at, self.victim, site, False, 0x5353, seq, data)
            self.net.icmp_echo(at + 60000, site, self.victim, True, 0x5353, seq, data)
            at += self.n.between(SECOND, 3 * SECOND)

    def intrusion(self):
        self.victim = self.desks[3]
        self.lure(START + 7 * MINUTE + 12 * SECOND)
        self.report_over_http(START + 9 * MINUTE)
        self.report_over_tls(START + 12 * MINUTE + 30 * SECOND, START + 59 * MINUTE + 30 * SECOND)
        self.fetch_test_string(START + 14 * MINUTE + 41 * SECOND)
        self.ask_made_up_names(START + 18 * MINUTE)
        self.look_around(START + 26 * MINUTE)
        self.leak_in_questions(START + 40 * MINUTE)
        self.leak_in_pings(START + 50 * MINUTE)


def main():
    office = Office()
    office.ordinary_day()
    office.intrusion()
    office.net.write(sys.argv[1])


if __name__ == "__main__":
    main()
