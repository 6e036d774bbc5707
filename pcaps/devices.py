#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# devices.pcap: a plant, a telephone and queues: Modbus, DNP3, EtherNet/IP, S7comm and IEC 60870-5-104, each with a reading and a command; SIP with a call's
# description; MQTT and AMQP with a login and a message.
#
# Usage: devices.py OUT.pcap
from talk import Talks, c, s

START = 1772533800  # 2026-03-03 10:30:00 UTC


def modbus(talks):
    talks.tcp(502, c("#0001 0000 0006 01 03 0010 0002"), s("#0001 0000 0007 01 03 04 0001 0002"), c("#0002 0000 000b 01 10 0005 0002 04 0007 0008"), s("#0002 0000 0003 01 90 02"))


def dnp3_crc(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA6BC if crc & 1 else 0)
    return (~crc & 0xFFFF).to_bytes(2, "little")


def dnp3_frame(control, to, source, user):
    head = b"\5\x64" + bytes((5 + len(user), control)) + to.to_bytes(2, "little") + source.to_bytes(2, "little")
    return head + dnp3_crc(head) + b"".join(user[i:i + 16] + dnp3_crc(user[i:i + 16]) for i in range(0, len(user), 16))


def dnp3(talks):
    talks.tcp(20000, c(dnp3_frame(0xC4, 10, 1, bytes.fromhex("c0 c3 01 3c0206 3c0306"))), s(dnp3_frame(0x44, 1, 10, bytes.fromhex("c0 e3 81 8000 2001 28 0100 0700 21 feffff2e"))),
              c(dnp3_frame(0xC4, 10, 1, bytes.fromhex("c0 c4 05 0c01 17 01 05 0101 64000000 64000000 00"))), s(dnp3_frame(0x44, 1, 10, bytes.fromhex("c0 c4 81 0000 0c01 17 01 05 0101 64000000 64000000 00"))))


def enip(talks):
    context = "6162636465666768"
    identity = f"#6f00 1600 01000000 00000000 {context} 00000000 00000000 0000 0200 0000 0000 b200 0600 0102 2001 2401"
    reset = f"#6f00 1600 01000000 00000000 {context} 00000000 00000000 0000 0200 0000 0000 b200 0600 0502 2001 2401"
    talks.tcp(44818, c(f"#6500 0400 00000000 00000000 {context} 00000000 0100 0000"), s(f"#6500 0400 01000000 00000000 {context} 00000000 0100 0000"),
              c(identity), c(reset))


def s7comm(talks):
    talks.tcp(102, c("#03000016 11e00000000700 c1020100 c2020143 c0010a"), s("#03000016 11d00007000300 c0010a c1020100 c2020143"),
              c("#03000019 02f080 32010000000200080000 f0000001000101e0"), s("#0300001b 02f080 320300000002000800000000 f0000001000100f0"),
              c("#03000025 02f080 320100000006000e0006 0501120a100200020000830000510004 0010abcd"), s("#03000016 02f080 320300000006000200010000 0501 05"),
              c("#03000021 02f080 3201000000070010000029000000000009505f50524f4752414d"), s("#03000013 02f080 32020000000700000000 8404"))


def iec104(talks):
    talks.tcp(2404, c("#68040700 0000"), s("#68040b00 0000"), c("#680e0000 0000 2d010601 0d91 1a2700 81"), s("#680e0000 0200 2d010701 0d91 1a2700 81"))


def sip(talks):
    call = ("v=0\r\no=anna 1 1 IN IP4 192.168.20.31\r\ns=call\r\nc=IN IP4 192.168.20.31\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n")
    talks.udp(5060, c("INVITE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.20.31\r\nFrom: <sip:anna@example.org>\r\nTo: <sip:bob@example.org>\r\n"
                      f"Call-ID: 1@a\r\nCSeq: 1 INVITE\r\nUser-Agent: friendly-scanner\r\nContent-Type: application/sdp\r\nContent-Length: {len(call)}\r\n\r\n{call}"),
              s("SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 192.168.20.31\r\nFrom: <sip:anna@example.org>\r\nTo: <sip:bob@example.org>\r\nCall-ID: 1@a\r\nCSeq: 1 INVITE\r\n"
                "Content-Length: 0\r\n\r\n"), client_port=5060)


def mqtt(talks):
    talks.tcp(1883, c(b"\x10\x1a\0\4MQTT\4\xc2\0\x3c\0\5meter\0\3bob\0\2pw"), s("#20020000"), c(b"\x32\x10\0\x0aplant/door\0\1on"), s("#40020001"), c("#e000"))


def amqp(talks):
    def method(*parts):
        body = b"".join(parts)
        return b"\1\0\0" + len(body).to_bytes(4, "big") + body + b"\xce"

    def short(text):
        return bytes((len(text),)) + text.encode()

    def long(text):
        return len(text).to_bytes(4, "big") + text.encode("latin-1")

    talks.tcp(5672, c(b"AMQP\0\0\x09\1"), s(method(bytes.fromhex("000a000a 0009 00000000"), long("PLAIN"), long("en_US"))),
              c(method(bytes.fromhex("000a000b 00000000"), short("PLAIN"), long("\0guest\0pw"), short("en_US"))), c(method(bytes.fromhex("000a0028"), short("/shop"), b"\0\0")),
              s(method(bytes.fromhex("000a0032 0193"), short("ACCESS_REFUSED"), bytes(4))))


def main():
    talks = Talks(0xDE71CE5, START)
    for talk in (modbus, dnp3, enip, s7comm, iec104, sip, mqtt, amqp):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
