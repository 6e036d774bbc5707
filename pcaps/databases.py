#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# databases.pcap: what a client asks of MySQL, PostgreSQL, MS-SQL, Redis and MongoDB: a login, a query that works, one that does not.
#
# Usage: databases.py OUT.pcap
from talk import Talks, c, s

START = 1772528400  # 2026-03-03 09:00:00 UTC


def mysql(talks):
    def packet(number, body):
        return len(body).to_bytes(3, "little") + bytes((number,)) + body

    greeting = b"\x0a8.0.1\0\7\0\0\0AAAAAAAA\0\xff\xff\x21\2\0\x08\0\x15" + bytes(10) + b"B" * 13 + b"native\0"
    login = b"\x08\x82\x08\0\0\0\0\1\x21" + bytes(23) + b"bob\0\2xyshop\0native\0"
    talks.tcp(3306, s(packet(0, greeting)), c(packet(1, login)), s(packet(2, bytes.fromhex("00000002000000"))),
              c(packet(0, b"\3select * from payments")), s(packet(1, b"\1") + packet(2, b"x\1") + packet(3, b"\xfe\0\0")),
              c(packet(0, b"\3drop table users")), s(packet(1, b"\xff\x76\4#42000DROP command denied")), c(packet(0, b"\1")))


def postgresql(talks):
    query = b"copy (select * from cards) to program 'sh'\0"
    talks.tcp(5432, c(b"\0\0\0\x20\0\3\0\0user\0joe\0database\0shop\0\0"), s("#52 00000008 00000003"),
              c(b"p\0\0\0\x0bsecret\0"), s("#52 00000008 00000000 5a 00000005 49"), c(b"Q" + (4 + len(query)).to_bytes(4, "big") + query),
              s(b"E\0\0\0\x2fSERROR\0C42501\0Mmust be superuser to COPY\0\0"), s("#5a 00000005 49"), c("#58 00000004"))


def wide(text):
    return text.encode("utf-16-le")


def ms_sql(talks):
    def packet(kind, body):
        return bytes((kind, 1)) + (8 + len(body)).to_bytes(2, "big") + b"\0\0\1\0" + body

    fields = [wide(text) for text in ("DESK31", "sa", "", "sqlcmd", "DB1", "", "ODBC", "", "shop")]
    table, at = b"", 36 + 58
    for field in fields:
        table += at.to_bytes(2, "little") + (len(field) // 2).to_bytes(2, "little")
        at += len(field)
    body = b"".join(fields)
    login = bytes.fromhex("04000074") + bytes(28) + table + bytes(58 - len(table)) + body
    login = (4 + len(login)).to_bytes(4, "little") + login
    headers = bytes.fromhex("16000000 12000000 0200 0000000000000000 01000000")
    prelogin = bytes.fromhex("00000b0006 0100110001 ff 0f0007d00000 02")
    denied = wide("denied")
    error = bytes.fromhex("00480000010e") + (len(denied) // 2).to_bytes(2, "little") + denied + bytes(6)
    talks.tcp(1433, c(packet(18, prelogin)), s(packet(4, prelogin)), c(packet(16, login)),
              s(packet(4, bytes.fromhex("ad1000017400000403530051004c0000000000fd000000000000000000000000"))),
              c(packet(1, headers + wide("exec xp_cmdshell 'whoami'"))),
              s(packet(4, b"\xaa" + len(error).to_bytes(2, "little") + error + b"\xfd\2\0\0\0" + bytes(8))))


def redis(talks):
    talks.tcp(6379, c("*3\r\n$4\r\nAUTH\r\n$3\r\njoe\r\n$6\r\nsecret\r\n"), s("+OK\r\n"),
              c("*4\r\n$6\r\nCONFIG\r\n$3\r\nSET\r\n$3\r\ndir\r\n$15\r\n/var/spool/cron\r\n"), s("+OK\r\n"), c("*1\r\n$8\r\nFLUSHALL\r\n"), s("-NOPERM no\r\n"))


def mongodb(talks):
    def document(*parts):
        body = b"".join(parts) + b"\0"
        return (4 + len(body)).to_bytes(4, "little") + body

    def text(name, value):
        return b"\2" + name.encode() + b"\0" + (len(value) + 1).to_bytes(4, "little") + value.encode() + b"\0"

    def message(number, answers, *parts):
        body = bytes(4) + b"\0" + document(*parts)
        return (16 + len(body)).to_bytes(4, "little") + number.to_bytes(4, "little") + answers.to_bytes(4, "little") + b"\xdd\7\0\0" + body

    works, fails = b"\1ok\0" + bytes.fromhex("000000000000f03f"), b"\1ok\0" + bytes(8)
    proof = b"\5payload\0\x0e\0\0\0\0n,,n=bob,r=xyz"
    talks.tcp(27017, c(message(1, 0, b"\x10saslStart\0\1\0\0\0", text("mechanism", "SCRAM-SHA-256"), proof, text("$db", "admin"))),
              s(message(1, 1, fails, text("errmsg", "Authentication failed."), b"\x10code\0\x12\0\0\0")),
              c(message(2, 0, text("listDatabases", "1"), text("$db", "admin"))), s(message(2, 2, works)))


def main():
    talks = Talks(0xDB, START)
    for talk in (mysql, postgresql, ms_sql, redis, mongodb):
        talk(talks)
    talks.write()


if __name__ == "__main__":
    main()
