#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of the demo's intrusion: the file is a capture the sensor reads again, with the packets' alerts in it; the same for any number of workers;
within its budget, and what is over it is told."""
import os
import re
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

CAPTURE, RULES = support.pcap("office.pcap"), support.DEMO_RULES
# One packet is enough for these, whatever came before it: they must alert again from the evidence alone.
PACKET_RULES = """alert udp any any -> any 53 (msg:"a DNS question"; content:"|01 00 00 01|"; offset:2; depth:4; sid:9900001;)
alert icmp any any -> any any (msg:"an echo request"; itype:8; sid:9900002;)
alert tcp any any -> any any (msg:"a handshake's first packet"; flags:S; threshold:type limit, track by_src, count 1, seconds 60; sid:9900003;)
"""


def run(sensor, capture, rules, out, *settings):
    return support.read(sensor, capture, *support.sets(*settings), rules=rules, out=out)


def frames(content):
    """(timestamp, length) of each frame of a capture with nanoseconds, which it must be."""
    magic, major, minor, _, _, _, linktype = struct.unpack_from("=IHHIIII", content)
    assert (magic, major, minor, linktype) == (0xA1B23C4D, 2, 4, 1), (hex(magic), major, minor, linktype)
    at, found = 24, []
    while at < len(content):
        seconds, nanoseconds, length, wire = struct.unpack_from("=IIII", content, at)
        assert nanoseconds < 10**9 and length <= wire and at + 16 + length <= len(content), at
        found.append((seconds * 10**9 + nanoseconds, length))
        at += 16 + length
    return found


def alerts(events):
    return [e for e in events if e["event_type"] == "alert"]


def packet_alerts(events):
    """Alerts on one packet, without what depends on the packets around it."""
    return {(e["timestamp"], e["src_ip"], e["dest_ip"], e.get("src_port"), e.get("dest_port"), e["alert"]["signature_id"])
            for e in alerts(events) if e["alert"]["signature_id"] in (9900001, 9900002)}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    sensor = support.arguments(__doc__).parse_args().sensor
    with tempfile.TemporaryDirectory(prefix="sekisho-evidence-") as folder:
        def out(name):
            return os.path.join(folder, name)

        rules = os.path.join(folder, "all.rules")
        with open(rules, "w", encoding="utf-8") as file:
            file.write(open(RULES, encoding="utf-8").read() + PACKET_RULES)

        plain, _ = run(sensor, CAPTURE, RULES, out("off"))
        assert not os.path.exists(os.path.join(folder, "off", "evidence.pcap")), "evidence was not asked for"

        # The demo alone: what alerted, and the same events as without evidence
        events, done = run(sensor, CAPTURE, RULES, out("demo"), "evidence.packets.enabled=yes")
        assert [e for e in events if e["event_type"] != "stats"] == [e for e in plain if e["event_type"] != "stats"], "evidence changed the events"
        content = read(os.path.join(folder, "demo", "evidence.pcap"))
        kept = frames(content)
        whole = os.path.getsize(CAPTURE)
        print(f"{len(alerts(events))} alerts, {len(kept)} frames, {len(content)} of {whole} bytes")
        assert kept and len(content) < whole and kept == sorted(kept, key=lambda frame: frame[0]), "in packet order"
        told = re.search(r"^Evidence +(\S+): ([0-9,]+) frames", done.stdout, re.M)
        assert told and int(told.group(2).replace(",", "")) == len(kept), done.stdout
        assert "frames of evidence" not in done.stdout, done.stdout

        # With packet rules too: any number of workers, the same file; read again, the same alerts on packets
        files = {}
        for workers in (1, 2, 4):
            name = f"workers-{workers}"
            events, _ = run(sensor, CAPTURE, rules, out(name), "evidence.packets.enabled=yes", "evidence.packets.per-flow=3", f"threads.workers={workers}")
            files[workers] = read(os.path.join(folder, name, "evidence.pcap"))
        assert files[1] == files[2] == files[4], {workers: len(content) for workers, content in files.items()}
        again, _ = run(sensor, os.path.join(folder, "workers-1", "evidence.pcap"), rules, out("again"))
        wanted = packet_alerts(events)
        print(f"{len(frames(files[1]))} frames with packet rules; {len(wanted)} alerts on packets, {len(wanted & packet_alerts(again))} again")
        assert wanted and wanted <= packet_alerts(again), sorted(wanted - packet_alerts(again))[:5]

        # A small budget: a whole beginning of the same file, the rest told
        _, done = run(sensor, CAPTURE, rules, out("small"), "evidence.packets.enabled=yes", "evidence.packets.per-flow=3", "evidence.packets.budget=8192",
                      "threads.workers=4")
        small = read(os.path.join(folder, "small", "evidence.pcap"))
        assert 0 < len(small) <= 8192 and files[1].startswith(small), len(small)
        over = re.search(r"^Drops .*?([0-9,]+) \(frames of evidence not kept: over evidence.packets.budget\)", done.stdout, re.M)
        assert over and int(over.group(1).replace(",", "")) == len(frames(files[1])) - len(frames(small)), done.stdout
        run(sensor, os.path.join(folder, "small", "evidence.pcap"), rules, out("small-again"))

        # What is being read is not moved away
        path = os.path.join(folder, "small", "evidence.pcap")
        done = support.tool(sensor, "-r", path, "-S", rules, "-l", os.path.dirname(path), *support.sets("evidence.packets.enabled=yes"))
        assert done.returncode != 0 and "choose another folder" in done.stderr and read(path) == small, done.stderr

        # Frames after an alert: none when none are asked for
        run(sensor, CAPTURE, RULES, out("none"), "evidence.packets.enabled=yes", "evidence.packets.per-flow=0")
        least = frames(read(os.path.join(folder, "none", "evidence.pcap")))
        assert 0 < len(least) < len(kept) and set(least) <= set(kept), (len(least), len(kept))
    return 0


sys.exit(main())
