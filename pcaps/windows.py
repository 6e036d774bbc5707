# SPDX-License-Identifier: GPL-3.0-or-later
# Writes windows.pcap: a logon, and how somebody goes on from there. A desk asks the domain controller for tickets, one of them with an old
# encryption; with NTLM it copies a program to the server's administrative share and starts it as a service, by a pipe and by a port of its own.
import sys

import windows_bytes as say
from network import Host, Network, Numbers, Session

START = 1772526000 * 1000000  # 2026-03-03 08:20:00 UTC
REALM = "OFFICE.EXAMPLE"
PROGRAM = b"MZ" + b"\0" * 62 + b"This is no program; it stands for one. " * 40


class Windows:
    def __init__(self):
        self.n = Numbers(0x51AB)
        self.net = Network(self.n)
        self.desk = Host("192.168.10.24", bytes.fromhex("02005e000018"), 128)
        self.controller = Host("192.168.10.2", bytes.fromhex("02005e000002"), 128)

    def tickets(self, at):
        port = self.desk.next_port()
        for after, code in ((0, 25), (40000, None)):
            service = ("krbtgt", REALM)
            kind, proof = (2, self.n.bytes(40)) if code is None else (128, b"0\x05\xa0\x03\x01\x01\xff")
            self.net.udp(at + after, self.desk, port, self.controller, 88, say.kdc_request(10, "kira", REALM, service, (kind, proof)))
            answer = say.kdc_error(code, REALM, service) if code else say.kdc_answer(11, "kira", REALM, service, (18, 18), self.n.bytes(200))
            self.net.udp(at + after + 900, self.controller, 88, self.desk, port, answer)
        for n, (service, etype) in enumerate(((("cifs", "dc1"), 18), (("MSSQLSvc", "db1:1433"), 23))):
            session = Session(self.net, at + 100000 + n * 50000, self.desk, self.controller, 88, 300)
            session.ask(say.framed(say.kdc_request(12, "kira", REALM, service, (1, self.n.bytes(900)))),
                        say.framed(say.kdc_answer(13, "kira", REALM, service, (18, etype), self.n.bytes(700)))).close()

    def copy_and_start(self, at):
        smb, session = say.Smb2(), Session(self.net, at, self.desk, self.controller, 445, 300)
        session.ask(smb.negotiate(self.n.bytes(16)), smb.negotiated(self.n.bytes(16)))
        session.ask(smb.setup(say.offered(say.ntlm_negotiate())), smb.set_up(say.answered(b"NTLMSSP\0\2\0\0\0" + b"\0" * 44), 0xC0000016))
        session.ask(smb.setup(say.answered(say.ntlm_authenticate("OFFICE", "backup", "DESK24"))), smb.set_up(b""))
        file, pipe = self.n.bytes(16), self.n.bytes(16)
        session.ask(smb.connect("\\\\dc1\\ADMIN$"), smb.connected(1, 1))
        session.ask(smb.create("Temp\\helper.exe", 5), smb.created(file))
        half = len(PROGRAM) // 2
        session.ask(smb.write(file, 0, PROGRAM[:half]), smb.written(half))
        session.ask(smb.write(file, half, PROGRAM[half:]), smb.written(len(PROGRAM) - half))
        session.ask(smb.close(file), smb.closed())
        session.ask(smb.connect("\\\\dc1\\IPC$"), smb.connected(2, 2))
        session.ask(smb.create("svcctl", 1), smb.created(pipe))
        bind = say.rpc_bind(1, say.SVCCTL, 2)
        session.ask(smb.write(pipe, 0, bind), smb.written(len(bind)))
        session.ask(smb.read(pipe, 0, 1024), smb.has_read(say.rpc_bound(1)))
        for call, opnum, stub in ((2, 15, say.wide("dc1\0")), (3, 12, say.wide("helper\0%SystemRoot%\\Temp\\helper.exe\0")), (4, 19, b"\0" * 32)):
            session.ask(smb.transceive(pipe, say.rpc_request(call, opnum, stub)), smb.transceived(pipe, say.rpc_response(call, self.n.bytes(24))))
        session.ask(smb.close(pipe), smb.closed())
        session.close()

    def start_by_port(self, at):
        session = Session(self.net, at, self.desk, self.controller, 49667, 300)
        session.ask(say.rpc_bind(1, say.SVCCTL, 2, 7), say.rpc_bound(1))
        parts = say.rpc_request(2, 12, b"A" * 300, 7, 1) + say.rpc_request(2, 12, b"B" * 100, 7, 2)
        session.say(0, parts[:200]).say(0, parts[200:])
        session.say(1, say.rpc_response(2, self.n.bytes(24), 7)).close()


def main():
    windows = Windows()
    windows.tickets(START)
    windows.copy_and_start(START + 5000000)
    windows.start_by_port(START + 9000000)
    windows.net.write(sys.argv[1])


if __name__ == "__main__":
    main()
