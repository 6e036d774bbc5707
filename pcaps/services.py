#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# services.pcap: what keeps a network running: DHCP, NTP, SNMP, LDAP, RADIUS, IKE, syslog, SSDP, LLMNR, the NetBIOS name service, BitTorrent's DHT.
#
# Usage: services.py OUT.pcap
from network import Host
from talk import Talks, c, s

START = 1772532000  # 2026-03-03 10:00:00 UTC


def dhcp(talks):
    def message(operation, assigned, options):
        head = bytes((operation, 1, 6, 0)) + b"\0\0\0\x2a" + bytes(8) + assigned + bytes(8) + talks.client.mac + bytes(10 + 192)
        return head + bytes.fromhex("63825363") + options + b"\xff"

    name = b"\x0c\x06desk31"
    talks.udp(67, c(message(1, bytes(4), b"\x35\1\3" + name)), s(message(2, talks.client.raw, bytes.fromhex("350105 330400000e10 03040a000001 06040a000001"))),
              client_port=68)


def ntp(talks):
    talks.udp(123, c("#23" + "00" * 47), s("#240206e9 00000000 00000000 47505300" + "00" * 32), client_port=123)


def snmp(talks):
    talks.udp(161, c(
                     "#3026 020101 0407 70726976617465 a018 020101 020100 020100 300d 300b 0607 2b060102010105 0500"))


def ldap(talks):
    talks.tcp(389, c("#3012 020101 600d 020103 0403 636e3d 8003 707764"), s("#300c 020101 6107 0a0131 0400 0400"),
              c("#302d 020102 6328 0404 64633d61 0a0102 0a0100 020100 020100 010100 870b 6f626a656374436c617373 3004 0402 636e"),
              s("#301a 020102 6415 0404 64633d61 300d 300b 0402 636e 3105 0403 6a6f65"), s("#300c 020102 6507 0a0100 0400 0400"), c("#3005 020103 4200"))


def radius(talks):
    talks.udp(1812, c("#0107001f 0102030405060708090a0b0c0d0e0f10 0105626f62 04060a000001"),
              s("#0307001400000000000000000000000000000000"))


def ike(talks):
    talks.udp(500, c("#0102030405060708 0000000000000000 21 20 22 08 00000000 00000048 0000002c 00000028 01010004 0300000801000003 0300000802000001 0300000803000001 0000000804000002"),
              s("#0102030405060708 1112131415161718 29 20 22 20 00000000 00000024 00000008 0000000e"), client_port=500)


def syslog(talks):
    talks.udp(514, c("<34>Mar  3 10:01:00 desk31 su[71]: failed for root"))


def ssdp(talks):
    group = Host("239.255.255.250", bytes.fromhex("01005e7ffffa"), 1)
    talks.udp(1900, c("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: upnp:rootdevice\r\n\r\n"), server=group)


def names(talks):
    group = Host("224.0.0.252", bytes.fromhex("01005e0000fc"), 1)
    talks.udp(5355, c("#0007 0000 0001 0000 0000 0000 04 77706164 00 0001 0001"), server=group)
    talks.udp(137, c("#0001 0110 0001 0000 0000 0000 20 4547454a454d45464644464346474341434143414341434143414341434143 41 00 0020 0001"),
              s("#0001 8500 0000 0001 0000 0000 20 4547454a454d45464644464346474341434143414341434143414341434143 41 00 0020 0001 00000e10 0006 0000 0a000005"), client_port=137)


def dht(talks):
    talks.udp(6881, c("d1:ad2:id20:abcdefghij01234567899:info_hash20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe"),
              s("d1:rd2:id20:abcdefghij01234567896:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"))


def main():
    talks = Talks(0x5E4, START)
    for talk in (dhcp, ntp, snmp, ldap, radius, ike, syslog, ssdp, names, dht):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
