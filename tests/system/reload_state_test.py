#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules remember goes on over a reload, what is broken changes nothing, and what the configuration says is read again.

A capture made here is read through a pipe: packets before and after each reload.
"""
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import Sensor, sids  # noqa: E402
from sensor import expect  # noqa: E402

LINKTYPE_RAW = 101
CLIENT, SERVER, OTHER = "10.1.1.1", "10.2.2.2", "10.3.3.3"
FILLERS = 200  # packets between which a worker surely looks for new rules

# Every bit, number and limit of the old set, and then the same with others in front, so that none would have its number by chance.
SET = '''alert udp any any -> any any (msg:"set"; content:"set"; flowbits:set,seen; flowint:met,=,7; noalert; sid:1;)
alert udp any any -> any any (msg:"set host"; content:"set"; xbits:set,marked,track ip_src,expire 3000; noalert; sid:2;)
alert udp any any -> any any (msg:"set host bit"; content:"set"; hostbits:set,named,3000,dst; noalert; sid:3;)
'''
LIMITED = '''alert udp any any -> any any (msg:"limited"; content:"limited"; threshold:type limit,track by_src,count 1,seconds 3600; sid:30;)
alert udp any any -> any any (msg:"third"; content:"counted"; threshold:type threshold,track by_src,count 3,seconds 3600; sid:31;)
'''
ASK = '''alert udp any any -> any any (msg:"flow bit"; content:"ask"; flowbits:isset,seen; sid:11;)
alert udp any any -> any any (msg:"flow number"; content:"ask"; flowint:met,==,7; sid:12;)
alert udp any any -> any any (msg:"bit of the source"; content:"ask"; xbits:isset,marked,track ip_src; sid:13;)
alert udp any any -> any any (msg:"bit of the host"; content:"ask"; hostbits:isset,named,dst; sid:14;)
alert udp any any -> any any (msg:"never set"; content:"ask"; flowbits:isset,first; sid:15;)
alert udp any any -> any any (msg:"never set"; content:"ask"; xbits:isset,other,track ip_src; sid:16;)
'''
FRONT = '''alert udp any any -> any any (msg:"first"; content:"nothing"; flowbits:set,first; flowint:zero,=,1; sid:20;)
alert udp any any -> any any (msg:"other"; content:"nothing"; xbits:set,other,track ip_src,expire 3000; hostbits:set,more; sid:21;)
'''


def packet(second, payload, source=CLIENT, port=1000):
    udp = struct.pack("!HHHH", port, 2000, 8 + len(payload), 0) + payload
    addresses = b"".join(bytes(int(part) for part in text.split(".")) for text in (source, SERVER))
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + addresses
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + header[12:]
    data = header + udp
    return struct.pack("<IIII", second, 0, len(data), len(data)) + data


class Reader:
    """A sensor that reads a pipe, and the time of the packets in it."""

    def __init__(self, given, out, rules, words=()):
        self.pipe, self.second = os.path.join(out, "pipe"), 1_700_000_000
        os.mkfifo(self.pipe)
        self.sensor = Sensor(given, out, ["-r", self.pipe, *words], rules)
        self.end = self.sensor.open_pipe(self.pipe)
        self.end.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_RAW))

    def send(self, *payloads, source=CLIENT, port=1000):
        for payload in payloads:
            self.end.write(packet(self.second, payload, source, port))

    def fill(self):
        for _ in range(FILLERS):
            self.end.write(packet(self.second, b"filler", OTHER, 3000))

    def reload(self, rules, count):
        """Writes rules and has them read; packets come meanwhile."""
        self.sensor.write(rules)
        self.sensor.hang_up()
        self.sensor.wait_for("rules reloaded", count, step=self.fill)
        self.fill()

    def finish(self):
        self.end.close()
        self.sensor.expect_good_end()
        return sids(self.sensor.events())


def remembers(given):
    with tempfile.TemporaryDirectory() as out:
        reader = Reader(given, out, SET + LIMITED)
        reader.send(b"set", b"limited", b"limited", b"counted", b"counted")
        reader.fill()
        reader.reload(FRONT + ASK + LIMITED + SET, 1)
        reader.send(b"limited", b"counted", b"ask")
        reader.fill()
        reader.reload(ASK.replace("sid:1", "sid:4"), 2)  # no rule sets them any more
        reader.send(b"ask")
        found = sorted(reader.finish())
        expect(found == [11, 12, 13, 14, 30, 31, 41, 42, 43, 44], f"after reloads: {found}")
        print("flow bits, numbers, bits of hosts and limits go on over two reloads")


def broken(given):
    good = 'alert udp any any -> any any (msg:"good"; content:"ask"; sid:1;)\n'
    cases = {
        "no rule": (good + "\nnot a rule at all\n", ":3:"),
        "a keyword": (good + 'alert udp any any -> any any (msg:"x"; contnet:"a"; sid:2;)\n', ":2:40: contnet:"),
        "an expression": (good + 'alert udp any any -> any any (msg:"x"; pcre:"/(/"; sid:2;)\n', ":2:"),
        "a bracket": (good + 'alert udp any any -> any any (msg:"x"; sid:2;\n', ":2:"),
    }
    with tempfile.TemporaryDirectory() as out:
        reader = Reader(given, out, good)
        reader.send(b"ask")
        reader.fill()
        for what, (text, where) in cases.items():
            reader.sensor.write(text)
            code, answer = reader.sensor.ctl("reload")
            expect(code == 1 and answer["return"] == "NOK", f"{what}: {code} {answer}")
            expect("swap.rules" + where in answer["message"] and "go on" in answer["message"], f"{what}: {answer}")
            expect("swap.rules" + where in reader.sensor.text(), f"{what}: not in the log")
            reader.send(b"ask")
        expect("rules reloaded" not in reader.sensor.text(), "a broken file was taken")
        expect(reader.sensor.ctl("reload", "nonsense")[0] == 1, "ctl reload nonsense")
        reader.sensor.write(good.replace("sid:1", "sid:9"))
        reader.sensor.hang_up()
        reader.sensor.wait_for("rules reloaded", step=reader.fill)
        reader.send(b"ask")
        found = reader.finish()
        expect(found == [1] * (1 + len(cases)) + [9], f"around broken files: {found}")
        print(f"{len(cases)} broken files: the old rules go on, file and line are told")


def tolerant(given):
    """A rule that was wrong at start does not keep others from being reloaded; rules.partial-reload takes what it can."""
    wrong = "alert udp any any -> any any (nonsense; sid:7;)\n"
    good = 'alert udp any any -> any any (msg:"good"; content:"ask"; sid:1;)\n'
    with tempfile.TemporaryDirectory() as out:
        reader = Reader(given, out, wrong + good)
        reader.fill()
        reader.reload("\n" + good.replace("sid:1", "sid:2") + wrong, 1)
        reader.send(b"ask")
        expect(reader.finish() == [2], "a rule that was refused at start keeps others out")
    with tempfile.TemporaryDirectory() as out:
        reader = Reader(given, out, good, ["--set", "rules.partial-reload=yes"])
        reader.fill()
        reader.reload(wrong + good.replace("sid:1", "sid:2"), 1)
        reader.send(b"ask")
        expect(reader.finish() == [2], "rules.partial-reload does not take what can be taken")
    print("rules that were wrong before are tolerated")


def configuration(given):
    rule = 'alert udp $HOME_NET any -> any any (msg:"home"; content:"ask"; sid:{};)\n'
    with tempfile.TemporaryDirectory() as out:
        path, limits = os.path.join(out, "sekisho.yaml"), os.path.join(out, "threshold.config")

        def write(home, more=""):
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"vars:\n  address-groups:\n    HOME_NET: \"{home}\"\n{more}")

        write(OTHER)
        reader = Reader(given, out, rule.format(1), ["-c", path])
        reader.send(b"ask")
        reader.fill()
        write(CLIENT)
        reader.reload(rule.format(1), 1)
        reader.send(b"ask")
        reader.fill()
        write(CLIENT, "thread: 1\n")
        code, answer = reader.sensor.ctl("reload")
        expect(code == 1 and "sekisho.yaml:4:1: unknown" in answer["message"], f"a broken configuration: {code} {answer}")
        with open(limits, "w", encoding="utf-8") as file:
            file.write("suppress gen_id 1, sig_id 1\n")
        write(CLIENT, f"threshold-file: {limits}\nthreads:\n  workers: 2\n")
        reader.reload(rule.format(1), 2)
        expect("threads.workers was changed, which takes a restart" in reader.sensor.text(), "no word of a restart:\n" + reader.sensor.text())
        reader.send(b"ask")
        reader.fill()
        os.unlink(limits)
        code, answer = reader.sensor.ctl("reload")
        expect(code == 1 and "threshold.config: cannot be read" in answer["message"], f"without threshold-file: {code} {answer}")
        write(CLIENT)
        reader.reload(rule.format(1), 3)
        reader.send(b"ask")
        found = reader.finish()
        expect(found == [1, 1], f"alerts as the configuration changes: {found}")
        print("variables and threshold-file are read again; what takes a restart is told")


def main():
    given = support.arguments(__doc__).parse_args()
    remembers(given)
    broken(given)
    tolerant(given)
    configuration(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
