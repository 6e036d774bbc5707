#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves inside a network, told by us and by tshark: every SMB file operation (by name), every DCE-RPC operation (by interface and number) and every
Kerberos message (by kind and service) of the shared captures of lateral movement. Prints a table of the two counts; fails where names or counts differ.

An open file's reads, or its writes, are one operation for both: that is how our events tell them. Pipes are DCE-RPC. Captures with middle parts missing are read
from the middle (stream.midstream), segments from before offloading are taken, for tshark does both.

Skipped when tshark or ../shared is missing.
"""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

LEAST = 10  # captures, or the comparison says too little
SETTINGS = ["decoder.offloaded-segments=yes", "stream.midstream=true", "stream.reassembly.depth=0"]
KINDS = ["create", "close", "read", "write", "rename", "delete", "dcerpc", "kerberos"]

KERBEROS = {"10": "KRB_AS_REQ", "11": "KRB_AS_REP", "12": "KRB_TGS_REQ", "13": "KRB_TGS_REP", "30": "KRB_ERROR"}
# Where in a message the service's name is that events tell
KERBEROS_PART = {"10": "kerberos.req_body_element", "12": "kerberos.req_body_element", "11": "kerberos.ticket_element",
                 "13": "kerberos.ticket_element", "30": "kerberos.krb_error_element"}
READ = ["tcp", "udp", "smb", "smb2", "dcerpc", "kerberos"]  # protocols whose fields tshark is to write
PIPE_SHARE = "ipc$"


def plain(name):
    """A path as both write it."""
    return (name or "").strip("\\").lower() or "<share_root>"


# Ours ------------------------------------------------------------------------------------------------------------------------------

def interface_of(call):
    listed = call.get("interfaces")
    return listed[0]["uuid"] if listed else "?"


def count_smb(smb, told):
    command = smb["command"]
    name = plain(smb.get("filename") or smb.get("directory"))
    on_pipe = smb.get("share", "").lower().endswith(PIPE_SHARE)
    call = smb.get("dcerpc")
    if call:
        if call["request"] == "REQUEST":
            told["dcerpc"][f"{interface_of(call)} {call['opnum']}"] += 1
    elif command in ("SMB2_COMMAND_CREATE", "SMB1_COMMAND_NT_CREATE_ANDX", "SMB1_COMMAND_OPEN_ANDX"):
        told["create"][name] += 1
    elif command in ("SMB2_COMMAND_CLOSE", "SMB1_COMMAND_CLOSE"):
        told["close"]["(any)"] += 1
    elif command in ("SMB2_COMMAND_READ", "SMB1_COMMAND_READ_ANDX") and "fuid" in smb and not on_pipe:
        told["read"][name] += 1
    elif command.startswith(("SMB2_COMMAND_WRITE", "SMB1_COMMAND_WRITE")) and "fuid" in smb and not on_pipe:
        told["write"][name] += 1
    elif "rename" in smb:
        told["rename"][plain(smb["rename"]["from"]) + " -> " + plain(smb["rename"]["to"])] += 1
    elif command == "SMB1_COMMAND_DELETE":
        told["delete"][name] += 1
    elif "disposition" not in smb and smb.get("access") == "delete on close":
        told["delete"][name] += 1


def ours(sensor, capture):
    told = collections.defaultdict(collections.Counter)
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    events, _ = support.run(sensor, ["-r", capture, "-S", "/dev/null", "-k", "none", *settings])
    for event in events:
        if event["event_type"] == "smb":
            count_smb(event["smb"], told)
        elif event["event_type"] == "dcerpc" and event["dcerpc"]["request"] == "REQUEST":
            told["dcerpc"][f"{interface_of(event['dcerpc'])} {event['dcerpc']['req']['opnum']}"] += 1
        elif event["event_type"] == "krb5":
            told["kerberos"][f"{event['krb5']['msg_type']} {event['krb5'].get('sname', '')}"] += 1
    return told


# tshark's ---------------------------------------------------------------------------------------------------------------------------

def show(node, name):
    """Value of the first field of that name in a part of the packet."""
    field = next((f for f in node.iter("field") if f.get("name") == name), None) if node is not None else None
    return field.get("show") if field is not None else None


def number(text):
    return int(text, 0) if text else 0


def handle_name(body):
    """The file a handle belongs to, where tshark knows it."""
    for field in body.iter("field"):
        found = re.match(r"GUID handle File: (.*)$", field.get("show") or "")
        if found:
            return found.group(1)
    return None


def parts_of(proto):
    """(header, name, body) of the commands of an SMB message."""
    header = None
    for field in proto.findall("field"):
        text = field.get("show") or ""
        if text in ("SMB Header", "SMB2 Header"):
            header = field
        found = re.match(r"(.*) (Request|Response) \(0x([0-9a-f]{2})\)$", text)
        if found and header is not None:
            yield header, found.group(2) == "Response", int(found.group(3), 16), field


class Tshark:
    """Counts of one capture, packet by packet."""

    def __init__(self):
        self.told = collections.defaultdict(collections.Counter)
        self.bound = collections.defaultdict(dict)  # (stream, handle): context -> interface
        self.carried = {"read": {}, "write": {}}    # handle -> name
        self.names = {}                             # (stream, handle): name
        self.asked = {}                             # (stream, message): handle of a read
        self.pipes = set()                          # handles that carry DCE-RPC

    def smb2(self, stream, proto):
        handle, created = None, None
        for header, response, command, body in parts_of(proto):
            message = (stream, show(header, "smb2.msg_id"))
            own = show(body, "smb2.fid")
            related = own is None or own.startswith("ffffffff-ffff-ffff-ffff")
            handle = handle if related else own
            on_pipe = (show(header, "smb2.tree") or "").lower().endswith(PIPE_SHARE)
            if response:
                self.smb2_answer(stream, message, header, command, body, on_pipe)
            elif command == 5:
                created = show(body, "smb2.filename")
                self.told["create"][plain(created)] += 1
                self.names[message] = created
            elif command == 6:
                self.told["close"]["(any)"] += 1
            elif command == 8:
                self.asked[message] = handle
            elif command == 9 and not on_pipe:
                self.carried["write"][stream, handle] = self.names.get((stream, handle), handle_name(body))
            elif command == 17:
                self.set_info(stream, handle, created, body)
        return handle

    def smb2_answer(self, stream, message, header, command, body, on_pipe):
        status = number(show(header, "smb2.nt_status"))
        if command == 5 and show(body, "smb2.fid"):
            self.names[stream, show(body, "smb2.fid")] = self.names.get(message, handle_name(body))
        if command == 8 and status in (0, 0x80000005) and int(body.get("size")) > 17 and not on_pipe:
            handle = self.asked.get(message)
            if handle:
                self.carried["read"][stream, handle] = self.names.get((stream, handle), handle_name(body))

    def set_info(self, stream, handle, created, body):
        name = self.names.get((stream, handle), handle_name(body)) or created
        kind, level = show(body, "smb2.class"), number(show(body, "smb2.infolevel") or show(body, "smb2.file_info.infolevel"))
        if number(kind) == 1 and level == 10:
            self.told["rename"][plain(name) + " -> " + plain(self.target(body))] += 1
        elif number(kind) == 1 and level == 13 and show(body, "smb2.disposition.delete_on_close") in ("1", "True"):
            self.told["delete"][plain(name)] += 1

    @staticmethod
    def target(body):
        names = [f.get("show") for f in body.iter("field") if f.get("name") == "smb2.filename"]
        return names[-1] if names else ""

    def smb1(self, stream, proto):
        handle = None
        for _, response, command, body in parts_of(proto):
            own = show(body, "smb.fid")
            handle = own or handle
            name = show(body, "smb.file")
            if response:
                if command == 0x2e and number(show(body, "smb.data_len_low")) and not self.is_pipe(proto):
                    self.carried["read"][stream, handle] = self.names.get((stream, handle), name)
                if command in (0xa2, 0x2d) and own:
                    self.names[stream, own] = name
            elif command in (0xa2, 0x2d):
                self.told["create"][plain(name)] += 1
            elif command == 0x04:
                self.told["close"]["(any)"] += 1
            elif command == 0x2f and not self.is_pipe(proto):
                self.carried["write"][stream, handle] = self.names.get((stream, handle), name)
            elif command == 0x06:
                self.told["delete"][plain(name)] += 1
            elif command == 0x07:
                self.told["rename"][plain(show(body, "smb.old_file")) + " -> " + plain(name)] += 1
        return handle

    @staticmethod
    def is_pipe(proto):
        return (show(proto, "smb.path") or "").lower().endswith(PIPE_SHARE)

    def dcerpc(self, key, proto):
        self.pipes.add(key)
        if show(proto, "dcerpc.ver") != "5":
            return
        kind = number(show(proto, "dcerpc.pkt_type"))
        if kind in (11, 14):
            context = None
            for field in proto.iter("field"):
                if field.get("name") == "dcerpc.cn_ctx_id":
                    context = field.get("show")
                elif field.get("name") == "dcerpc.cn_bind_to_uuid":
                    self.bound[key][context] = field.get("show").lower()
        elif kind == 0 and show(proto, "dcerpc.cn_flags.first_frag") in ("1", "True"):
            interface = self.bound[key].get(show(proto, "dcerpc.cn_ctx_id"), "?")
            self.told["dcerpc"][f"{interface} {show(proto, 'dcerpc.opnum')}"] += 1

    def kerberos(self, proto):
        kind = show(proto, "kerberos.msg_type")
        if kind not in KERBEROS:
            return
        part = next((f for f in proto.iter("field") if f.get("name") == KERBEROS_PART[kind]), None)
        service = next((f for f in part.iter("field") if f.get("name") == "kerberos.sname_element"), part) if part is not None else []
        names = [f.get("show") for f in service.iter("field") if f.get("name") == "kerberos.SNameString"] if part is not None else []
        self.told["kerberos"][f"{KERBEROS[kind]} {'/'.join(names)}"] += 1

    def packet(self, packet):
        stream = port = handle = None
        for proto in packet.findall("proto"):
            name = proto.get("name")
            if name in ("tcp", "udp"):
                stream = show(proto, f"{name}.stream")
                port = {show(proto, f"{name}.srcport"), show(proto, f"{name}.dstport")}
            elif name == "smb2":
                handle = self.smb2(stream, proto)
            elif name == "smb":
                handle = self.smb1(stream, proto)
            elif name == "dcerpc":
                self.dcerpc((stream, handle), proto)
            elif name == "kerberos" and "88" in port:
                self.kerberos(proto)

    def done(self):
        for kind, handles in self.carried.items():
            for key, name in handles.items():
                self.told[kind][plain(name)] += key not in self.pipes
        return self.told


def tsharks(program, capture):
    reader = Tshark()
    with tempfile.TemporaryFile() as out:
        subprocess.run([program, "-r", capture, "-T", "pdml", "-J", " ".join(READ), "-Y", "smb || smb2 || dcerpc || kerberos"], stdout=out, stderr=subprocess.DEVNULL,
                       check=False, timeout=900)
        out.seek(0)
        for _, element in ElementTree.iterparse(out):
            if element.tag == "packet":
                reader.packet(element)
                element.clear()
    return reader.done()


# Both -------------------------------------------------------------------------------------------------------------------------------

def difference(mine, theirs):
    """Ours less theirs. Where tshark saw no bind ("?") and we know the interface from the endpoint mapper, the number decides."""
    theirs = collections.Counter(theirs)
    for key in [key for key in theirs if key.startswith("? ")]:
        for ours_too in [k for k in mine if k.endswith(key[1:]) and not k.startswith("? ")]:
            known = min(theirs[key], max(0, mine[ours_too] - theirs[ours_too]))
            theirs[key] -= known
            theirs[ours_too] += known
    return {key: mine[key] - theirs[key] for key in sorted(set(mine) | set(theirs)) if mine[key] != theirs[key]}


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--captures", default=os.path.join(support.SHARED, "captures", "lateral"))
    parser.add_argument("--only", default="", help="captures whose path has this in it")
    given = parser.parse_args()
    program = shutil.which("tshark")
    if not program:
        support.skip("tshark is not installed")
    support.need(given.captures)
    captures = sorted(os.path.join(folder, name) for folder, _, names in os.walk(given.captures) for name in names
                      if name.endswith((".pcap", ".pcapng", ".cap")) and given.only in os.path.join(folder, name))
    wrong, same = [], 0
    print(f"{'capture (ours/tshark)':44}" + "".join(f"{kind:>12}" for kind in KINDS))
    for capture in captures:
        name = os.path.basename(capture).split(".")[0]
        mine, theirs = ours(given.sensor, capture), tsharks(program, capture)
        cells = []
        for kind in KINDS:
            found = difference(mine[kind], theirs[kind])
            if found:
                wrong.append((name, kind, found))
            cells.append(f"{sum(mine[kind].values())}/{sum(theirs[kind].values())}{'!' if found else ''}")
        same += all("!" not in cell for cell in cells)
        print(f"{name[:43]:44}" + "".join(f"{cell:>12}" for cell in cells))
    print(f"\n{same} of {len(captures)} captures alike")
    for name, kind, found in wrong:  # ours less tshark's
        print(f"DIFFERS {name} {kind}: {found}")
    if len(captures) < LEAST and not given.only:
        print(f"only {len(captures)} captures")
        return 1
    return 1 if wrong else 0


sys.exit(main())
