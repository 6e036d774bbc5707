#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# remote.pcap: ways into another machine and files between the two: SSH, Telnet, VNC, RDP, FTP with its data channel, TFTP, NFS, SOCKS.
#
# Usage: remote.py OUT.pcap
from network import Session
from talk import Talks, c, s

START = 1772530200  # 2026-03-03 09:30:00 UTC
PROGRAM = b"MZ this is not a program, but a test of one\n" * 20


def named(*lists):
    return b"".join(len(text).to_bytes(4, "big") + text.encode() for text in lists)


def ssh(talks):
    offer = b"\x14" + bytes(16) + named("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", "") + bytes(5)
    pad = 16 - (5 + len(offer)) % 8
    record = (1 + len(offer) + pad).to_bytes(4, "big") + bytes((pad,)) + offer + bytes(pad)
    keys = bytes.fromhex("0000000c 0a 15 00000000000000000000")
    talks.tcp(22, c("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), s("SSH-2.0-OpenSSH_9.2p1\r\n"), c(record), s(record), c(keys), s(keys), c(bytes(range(64))), s(bytes(range(64))))


def telnet(talks):
    talks.tcp(23, s("#fffd18 fffd20"), c("#fffb18 fffa1800564bfff0"), s("login: "), c("root\r\n"), s("Password: "), c("secret\r\n"), s("# "))


def vnc(talks):
    talks.tcp(5900, s("RFB 003.008\n"), c("RFB 003.008\n"), s("#02 01 02"), c("#02"), s(bytes(range(16))), c(bytes(range(16))), s("#00000000"), c("#01"),
              s(b"\4\0\3\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\4desk"))


def rdp(talks):
    cookie = b"Cookie: mstshash=alice\r\n"
    talks.tcp(3389, c(b"\3\0\0" + bytes((11 + len(cookie) + 8, 6 + len(cookie) + 8)) + b"\xe0\0\0\0\0\0" + cookie + bytes.fromhex("0100080003000000")),
              s("#03000013 0ed000001234000200080002000000"))


def ftp(talks):
    client, server = talks.client, talks.server
    session = Session(talks.net, talks.now, client, server, 21, 400)
    session.say(1, b"220 files ready\r\n").ask(b"USER backup\r\n", b"331 password\r\n").ask(b"PASS secret\r\n", b"230 in\r\n")
    session.ask(b"PASV\r\n", b"227 Entering Passive Mode (192,168,20,9,200,10)\r\n")
    data = Session(talks.net, session.now + 1000, client, server, 200 * 256 + 10, 400)
    session.wait(4000).ask(b"STOR helper.exe\r\n", b"150 go on\r\n")
    data.now = session.now + 500
    data.say(0, PROGRAM).close()
    session.now = data.now + 1000
    session.say(1, b"226 done\r\n").ask(b"QUIT\r\n", b"221 bye\r\n").close()
    talks.now += 10000000


def tftp(talks):
    talks.udp(69, c("#0001" + b"router.cfg".hex() + "00" + b"octet".hex() + "00"))


def nfs(talks):
    def words(*values):
        return b"".join(value if isinstance(value, bytes) else value.to_bytes(4, "big") for value in values)

    def call(number, procedure, *arguments):
        return words(number, 0, 2, 100003, 3, procedure, 0, 0, 0, 0, *arguments)

    def reply(number, *results):
        return words(number, 1, 0, 0, 0, 0, *results)

    handle = words(4, b"root")
    talks.udp(2049, c(call(1, 3, handle, words(9), b"plans.txt\0\0\0")), s(reply(1, 0, words(4, b"file"), 0, 0)),
              c(call(2, 6, words(4, b"file"), bytes(8), 4096)), s(reply(2, 0, 0, 12, 1, 12, b"secret plans")))


def socks(talks):
    talks.tcp(1080, c("#05 01 02"), s("#05 02"), c(b"\1\3bob\2pw"), s("#01 00"), c(b"\5\1\0\3\x0bexample.org\0\x50"), s("#05 00 00 01 0a000001 1f90"),
              c("GET /inside HTTP/1.1\r\nHost: example.org\r\n\r\n"), s("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))


def main():
    talks = Talks(0x4E40, START)
    for talk in (ssh, telnet, vnc, rdp, ftp, tftp, nfs, socks):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
