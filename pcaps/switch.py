#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# switch.pcap: flows that change their protocol: CONNECT, upgrades, STARTTLS and its like; and such that lie: another protocol than was announced, the
# old one after the change, bytes lost just there.
#
# Usage: switch.py OUT.pcap
import tls_bytes
from network import Numbers, Session
from talk import Talks, c, s

START = 1772535600  # 2026-03-03 11:00:00 UTC
NUMBERS = Numbers(0x7157)


def hello(name):
    return tls_bytes.implant_hello(NUMBERS, name)


ALERT = s("#15030300020228")
CONNECT = (c("CONNECT inner.example:443 HTTP/1.1\r\nHost: inner.example\r\n\r\n"), s("HTTP/1.1 200 Connection established\r\n\r\n"))
STARTTLS = (s("220 mx.example.net ESMTP\r\n"), c("EHLO desk.example.com\r\n"), s("250-mx.example.net\r\n250 STARTTLS\r\n"), c("STARTTLS\r\n"), s("220 go on\r\n"))


def upgrades(talks):
    talks.tcp(8080, *CONNECT, c(hello("connect.example")), ALERT)
    talks.tcp(80, c("GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n"),
              s("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"),
              c("#8185 37fa213d 7f9f4d5158"), s(b"\x81\x1cGET /notrequested HTTP/1.1\r\n"))
    talks.tcp(80, c("GET /one HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"),
              s("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
              c(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000006 04 00 00000000 0003 00000064 00000d 01 05 00000003 82 04 04 2f74776f 86 41 03 612e62")),
              s("#000006 04 00 00000000 0003 00000064 000001 01 05 00000003 88"))


def starttls(talks):
    talks.tcp(25, *STARTTLS, c(hello("smtp.example")), ALERT, first=1)
    talks.tcp(110, s("+OK ready\r\n"), c("STLS\r\n"), s("+OK go on\r\n"), c(hello("pop3.example")), ALERT, first=1)
    talks.tcp(143, s("* OK IMAP4rev1 ready\r\n"), c("a1 STARTTLS\r\n"), s("a1 OK go on\r\n"), c(hello("imap.example")), ALERT, first=1)
    talks.tcp(21, s("220 FTP ready\r\n"), c("AUTH TLS\r\n"), s("234 go on\r\n"), c(hello("ftp.example")), ALERT, first=1)
    talks.tcp(389, c("#301d 020101 7718 8016 312e332e362e312e342e312e313436362e3230303337"), s("#300c 020101 7807 0a0100 0400 0400"), c(hello("ldap.example")), ALERT, first=1)
    talks.tcp(5432, c("#0000000804d2162f"), s("S"), c(hello("pgsql.example")), ALERT, first=1)
    talks.tcp(1080, c("#0501 00"), s("#0500"), c("#05010001 0a000001 01bb"), s("#05000001 0a000001 01bb"), c(hello("socks.example")), ALERT, first=1)


def lies(talks):
    # No TLS after STARTTLS, but a request of HTTP; the server goes on with the old protocol
    talks.tcp(25, *STARTTLS, c("GET /lie HTTP/1.1\r\nHost: a.example\r\n\r\n"), s("250 still here\r\n"), c("RCPT TO:<old@example.net>\r\n"), first=1)
    # TLS, then the old protocol in the other direction
    talks.tcp(25, *STARTTLS, c(hello("then.example")), s("250-mx.example.net\r\n250 AUTH\r\n"), c("RCPT TO:<old@example.net>\r\n"), first=1)
    # Bytes are lost where the change is: the first ones of the new protocol, and one of the server's
    session = Session(talks.net, talks.now, talks.client, talks.server, 8080, 400)
    for side, data in CONNECT:
        session.say(side, data, 900)
    session.seq[0] += 100
    session.say(0, b"GET /aftergap HTTP/1.1\r\nHost: inner.example\r\n\r\n")
    session.seq[1] += 50
    session.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").close()
    talks.now += 10000000
    # A tunnel in a tunnel
    talks.tcp(8080, *CONNECT, *CONNECT, c("SSH-2.0-inner\r\n"), s("SSH-2.0-inner\r\n"))
    # SMB over NetBIOS, and then no SMB
    talks.tcp(139, c("#81000044 20 434b4141414141414141414141414141414141414141414141414141414141 41 00 20 434b4141414141414141414141414141414141414141414141414141414141 41 00"), s("#82000000"),
              c("#00000044 fe534d42 4000 0000 00000000 0000 0100 00000000 00000000 0000000000000000 0000000000000000 0000000000000000 00000000000000000000000000000000 0400 0000"),
              s("GET /smb HTTP/1.1\r\n\r\n"), c("GET /smb HTTP/1.1\r\nHost: a\r\n\r\n"))


def main():
    talks = Talks(0x5717C4, START)
    for talk in (upgrades, starttls, lies):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
