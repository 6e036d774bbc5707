#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# mail.pcap: a mail with an attachment and a link, sent over SMTP, fetched over POP3 and over IMAP; a mail in chunks; a session that goes on in TLS.
# Names are of the documentation domains (RFC 2606). The program in it is none.
#
# Usage: mail.py OUT.pcap
import base64
import sys

from network import Host, Network, Numbers, Session

START = 1772524800 * 1000000  # 2026-03-03 08:00:00 UTC, in microseconds
SECOND = 1000000
PROGRAM = b"MZ this is not a program, but a test of one\n" * 20


def mail():
    body = base64.encodebytes(PROGRAM).replace(b"\n", b"\r\n")
    return (b"Received: from desk.example.com by mx.example.net;\r\n\tTue, 3 Mar 2026 08:00:00 +0000\r\n"
            b"From: \"Doe, John\" <john@example.com>\r\nTo: jane@example.net,\r\n joe@example.net\r\nSubject: =?utf-8?Q?Your_invoice?=\r\n"
            b"Message-ID: <1@example.com>\r\nX-Mailer: Test 1.0\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n"
            b"--outer\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            b"<a href=3D\"http://pay.exam=\r\nple.org/invoice.exe\">Pay</a>\r\n.hidden line\r\n"
            b"--outer\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment;\r\n filename=\"=?utf-8?B?"
            + base64.b64encode(b"invoice.pdf.exe") + b"?=\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + b"--outer--\r\n")


def stuffed(text):
    return text.replace(b"\r\n.", b"\r\n..") + b".\r\n"


class Mail:
    def __init__(self):
        self.net = Network(Numbers(20260304))
        self.desk = Host("192.168.10.31", bytes([2, 0, 0, 0, 10, 31]), 128, "desk.example.com")
        self.server = Host("198.51.100.25", bytes.fromhex("020000000001"), 53, "mx.example.net")

    def session(self, at, port, greeting):
        return Session(self.net, at, self.desk, self.server, port).say(1, greeting)

    def send(self, at):
        s = self.session(at, 25, b"220 mx.example.net ESMTP\r\n")
        s.ask(b"EHLO desk.example.com\r\n", b"250-mx.example.net\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n")
        s.ask(b"MAIL FROM:<john@example.com> SIZE=2000\r\nRCPT TO:<jane@example.net>\r\nRCPT TO:<joe@example.net>\r\nDATA\r\n",
              b"250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
        content = stuffed(mail())
        for at_byte in range(0, len(content), 700):
            s.say(0, content[at_byte:at_byte + 700])
        s.say(1, b"250 queued\r\n")
        text = b"Subject: chunks\r\n\r\n.\r\nnot the end\r\n"
        s.ask(b"MAIL FROM:<john@example.com>\r\n", b"250 ok\r\n")
        s.ask(b"BDAT 22\r\n" + text[:22], b"250 ok\r\n").ask(b"BDAT %d LAST\r\n" % (len(text) - 22) + text[22:], b"250 queued\r\n")
        s.ask(b"QUIT\r\n", b"221 bye\r\n").close()

    def encrypt(self, at):
        s = self.session(at, 587, b"220 mx.example.net ESMTP\r\n")
        s.ask(b"EHLO desk.example.com\r\n", b"250-mx.example.net\r\n250 STARTTLS\r\n").ask(b"STARTTLS\r\n", b"220 go on\r\n")
        hello = bytes.fromhex("0303") + bytes(32) + bytes.fromhex("00000213010100")
        hello = bytes.fromhex("01") + len(hello).to_bytes(3, "big") + hello
        s.say(0, bytes.fromhex("160301") + len(hello).to_bytes(2, "big") + hello).say(1, bytes.fromhex("15030100020228")).close(1)

    def fetch_pop3(self, at):
        s = self.session(at, 110, b"+OK POP3 ready\r\n")
        s.ask(b"CAPA\r\n", b"+OK\r\nUSER\r\nTOP\r\n.\r\n").ask(b"USER jane\r\n", b"+OK\r\n").ask(b"PASS wrong\r\n", b"-ERR no\r\n")
        s.ask(b"AUTH PLAIN\r\n", b"+ \r\n").ask(b"AGphbmUAc2VjcmV0\r\n", b"+OK in\r\n").ask(b"RETR 1\r\n", b"+OK\r\n" + stuffed(mail()))
        s.ask(b"QUIT\r\n", b"+OK bye\r\n").close()

    def fetch_imap(self, at):
        s = self.session(at, 143, b"* OK IMAP4rev1 ready\r\n")
        s.ask(b"a1 LOGIN jane secret\r\n", b"a1 OK\r\n").ask(b"a2 SELECT INBOX\r\n", b"* 1 EXISTS\r\na2 OK\r\n")
        text = mail()
        s.ask(b"a3 FETCH 1 BODY[]\r\n", b"* 1 FETCH (BODY[] {%d}\r\n" % len(text) + text + b")\r\na3 OK\r\n").ask(b"a4 LOGOUT\r\n", b"* BYE\r\na4 OK\r\n")
        s.close()


def main():
    made = Mail()
    made.send(START)
    made.encrypt(START + 3 * SECOND)
    made.fetch_pop3(START + 6 * SECOND)
    made.fetch_imap(START + 9 * SECOND)
    made.net.write(sys.argv[1])


if __name__ == "__main__":
    main()
