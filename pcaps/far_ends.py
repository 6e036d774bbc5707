#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# far_ends.pcap: what names a far end inside of other protocols: TLS in RDP, in MS-SQL, and behind the upgrades of MySQL, PostgreSQL, LDAP and XMPP; calls by SIP;
# servers that DHCP hands out, a device's place in SSDP, data addresses of FTP, a share's
# server, a mail's client and its 130 links, an answer of HTTP that sends elsewhere.
#
# Usage: far_ends.py OUT.pcap
import tls_bytes
import windows_bytes
from network import Host, Session
from talk import Talks, c, s

START = 1772535600  # 2026-03-03 11:00:00 UTC


def handshake(talks, host, named=None):
    """Messages of a TLS 1.2 session: the client's hello, what the server says to it (its certificate is for another name), the client's last, the server's."""
    numbers = talks.net.numbers
    subject = [("O", "Example"), ("CN", host)]
    made = tls_bytes.certificate(numbers, subject, [("O", "Example CA"), ("CN", "Example CA")], b"\x11" + host.encode(), "260101000000Z", "270101000000Z",
                                  names=[named or host])
    said = []

    class Listener:
        def say(self, side, data, after=0):
            said.append((side, data))
            return self

    tls_bytes.session_12(numbers, Listener(), tls_bytes.implant_hello(numbers, host), [made], [(120, 300)], alpn=False)
    return said


def rdp(talks):
    talks.tcp(3389, c("#0300 0013 0ee00000000000 0100080003000000"), s("#0300 0013 0ed00000123400 0200080002000000"), *handshake(talks, "rdp.far.test", "*.rdp.cert.test"))


def ms_sql(talks):
    """The handshake in packets of 400 bytes, then records."""
    def wrapped(data):
        pieces = [data[i:i + 400] for i in range(0, len(data), 400)]
        return b"".join(bytes((18, piece is pieces[-1])) + (8 + len(piece)).to_bytes(2, "big") + bytes(4) + piece for piece in pieces)

    said = handshake(talks, "sql.far.test", "sql.cert.test")
    inside = [(side, wrapped(data)) for side, data in said[:4]]
    talks.tcp(1433, c("#1201001a 00000100 00000b00060100110001ff 0f0007d0000001"), s("#0401001a 00000100 00000b00060100110001ff 0f0007d0000001"), *inside, *said[4:])


def mysql(talks):
    greeting = b"\x0a8.0.1\0\7\0\0\0AAAAAAAA\0\xff\xff\x21\2\0\x08\0\x15" + bytes(10) + b"B" * 13 + b"native\0"
    wants_tls = bytes.fromhex("08 8a 08 00 00000001 21") + bytes(23)
    talks.tcp(3306, s(len(greeting).to_bytes(3, "little") + b"\0" + greeting), c(len(wants_tls).to_bytes(3, "little") + b"\1" + wants_tls), *handshake(talks, "mysql.far.test"))


def postgresql(talks):
    talks.tcp(5432, c("#00000008 04d2162f"), s("S"), *handshake(talks, "pgsql.far.test"))


def ldap(talks):
    start_tls = b"1.3.6.1.4.1.1466.20037"
    talks.tcp(389, c(b"\x30\x1d\2\1\1\x77\x18\x80\x16" + start_tls), s("#300c 020101 7807 0a0100 0400 0400"), *handshake(talks, "ldap.far.test"))


def xmpp(talks):
    stream = "<?xml version='1.0'?><stream:stream %s='far.test' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    tls = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
    talks.tcp(5222, c(stream % "to"), s(stream % "from" + f"<stream:features><starttls {tls}/></stream:features>"), c(f"<starttls {tls}/>"), s(f"<proceed {tls}/>"),
              *handshake(talks, "xmpp.far.test", "xmpp.cert.test"))


def sip(talks):
    media = "v=0\r\no=- 1 1 IN IP4 192.168.20.31\r\ns=-\r\nc=IN IP4 203.0.113.61\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
    talks.udp(5060, c("INVITE sip:bob@sip.far.test SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.20.31\r\nFrom: <sip:anna@example.org>\r\nTo: <sip:bob@sip.far.test>\r\nCall-ID: 1@a\r\nCSeq: 1 INVITE\r\n"
                      f"Contact: <sip:anna@192.168.20.31>\r\nContent-Type: application/sdp\r\nContent-Length: {len(media)}\r\n\r\n{media}"),
              s("SIP/2.0 302 Moved Temporarily\r\nVia: SIP/2.0/UDP 192.168.20.31\r\nFrom: <sip:anna@example.org>\r\nTo: <sip:bob@sip.far.test>\r\nCall-ID: 1@a\r\nCSeq: 1 INVITE\r\n"
                "Contact: <sip:bob@moved.far.test>\r\nContent-Length: 0\r\n\r\n"), client_port=5060)


def dhcp(talks):
    def message(operation, assigned, options):
        head = bytes((operation, 1, 6, 0)) + b"\0\0\0\x2a" + bytes(8) + assigned + bytes(8) + talks.client.mac + bytes(10 + 192)
        return head + bytes.fromhex("63825363") + options + b"\xff"

    script = b"http://wpad.far.test/wpad.dat\n"
    talks.udp(67, c(message(1, bytes(4), b"\x35\1\3")),
              s(message(2, talks.client.raw, bytes.fromhex("350105 330400000e10 0608 c0a81409 cb00713e") + b"\xfc" + bytes((len(script),)) + script)), client_port=68)


def ssdp(talks):
    group = Host("239.255.255.250", bytes.fromhex("01005e7ffffa"), 1)
    talks.udp(1900, c("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\nNT: upnp:rootdevice\r\nUSN: uuid:1\r\nLOCATION: http://ssdp.far.test/device.xml\r\n\r\n"), server=group)


def ftp(talks):
    talks.tcp(21, s("220 ready\r\n"), c("USER a\r\n"), s("230 in\r\n"), c("PORT 203,0,113,63,4,1\r\n"), s("200 ok\r\n"), c("PASV\r\n"), s("227 go to (203,0,113,64,200,10)\r\n"),
              c("QUIT\r\n"), s("221 bye\r\n"))


def smb(talks):
    say, numbers = windows_bytes.Smb2(), talks.net.numbers
    session = Session(talks.net, talks.now, talks.client, talks.server, 445, 300)
    session.ask(say.negotiate(numbers.bytes(16)), say.negotiated(numbers.bytes(16)))
    session.ask(say.connect("\\\\share.far.test\\docs"), say.connected(1, 1)).close()
    talks.now += 10000000


def mail(talks):
    links = "".join("http://link%d.far.test/\r\n" % i for i in range(130))
    talks.tcp(25, s("220 mx\r\n"), c("EHLO helo.far.test\r\n"), s("250 mx\r\n"), c("MAIL FROM:<a@example.org>\r\n"), s("250 ok\r\n"), c("RCPT TO:<b@example.net>\r\n"), s("250 ok\r\n"),
              c("DATA\r\n"), s("354 go\r\n"), c(f"Subject: links\r\nContent-Type: text/plain\r\n\r\n{links}.\r\n"), s("250 taken\r\n"), c("QUIT\r\n"), s("221 bye\r\n"))


def http(talks):
    talks.tcp(80, c("GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: test/1.0\r\n\r\n"),
              s("HTTP/1.1 302 Found\r\nLocation: https://web.far.test/drop/file.exe\r\nContent-Length: 0\r\n\r\n"))


def main():
    talks = Talks(0xFA4E4D, START)
    for talk in (rdp, ms_sql, mysql, postgresql, ldap, xmpp, sip, dhcp, ssdp, ftp, smb, mail, http):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
