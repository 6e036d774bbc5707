#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of values while a capture is read: rules and `sekisho ctl` change them, a reload keeps what was changed and reads lists anew, and what
is in them at the end is in their files.

Names of the office's hour are told once each over a reload: a set that was lost by it would tell them again.
"""
import base64
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import Feed, Sensor  # noqa: E402
from sensor import expect  # noqa: E402

CAPTURE = support.pcap("office.pcap")

RULES = """alert dns any any -> any any (msg:"New name"; dns.query; dataset:set,names,type string,state kept/names.lst; sid:1;)
alert dns any any -> any any (msg:"Watched"; dns.query; dataset:isset,watched,type string,load watched.lst; sid:2;)
alert ip any any -> any any (msg:"Never"; ip.src; dataset:isset,hosts,type ip,save kept/hosts.lst; sid:3;)
"""


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def write(path, *lines):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    os.rename(path + ".new", path)


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def change_by_ctl(sensor):
    for words, code in ((("dataset-add", "hosts", "ip", "203.0.113.250"), 0), (("dataset-add", "hosts", "ip", "203.0.113.250"), 1),
                        (("dataset-add", "hosts", "ip", "2001:db8::1"), 0), (("dataset-remove", "hosts", "ip", "2001:db8::1"), 0),
                        (("dataset-lookup", "hosts", "ip", "2001:db8::1"), 1), (("dataset-lookup", "hosts", "ip", "203.0.113.250"), 0),
                        (("dataset-lookup", "hosts", "md5", "00"), 1), (("dataset-lookup", "none", "ip", "10.0.0.1"), 1),
                        (("dataset-add", "hosts", "ip", "nonsense"), 1), (("dataset-remove", "watched", "string", encoded("gone.test")), 0),
                        (("dataset-dump",), 0), (("dataset-add", "hosts"), 2)):
        got = sensor.ctl(*words)
        expect(got[0] == code, f"ctl {words}: {got}")


def reload_while(sensor, feed):
    asked = subprocess.Popen([sensor.binary, "ctl", "reload-rules", "--socket", sensor.socket], stdout=subprocess.PIPE, text=True)
    while asked.poll() is None:
        feed()
        time.sleep(0.05)
    expect(asked.returncode == 0, "reload-rules failed: " + sensor.text())
    asked.communicate()


def run(given, workers):
    with tempfile.TemporaryDirectory() as out:
        pipe = os.path.join(out, "pipe")
        watched, names, hosts = (os.path.join(out, name) for name in ("watched.lst", "data/kept/names.lst", "data/kept/hosts.lst"))
        os.mkfifo(pipe)
        write(watched, encoded("gone.test"), encoded("old.test"))

        sensor = Sensor(given, out, ["-r", pipe, "--set", f"threads.workers={workers}", "--set", f"default-data-dir={out}/data"], RULES)
        with Feed(sensor, pipe, CAPTURE) as feed:
            feed.upto(1 / 3)
            sensor.until("names", lambda: sensor.ctl("dataset-dump")[0] == 0 and os.path.exists(names) and lines_of(names), step=feed.some)
            change_by_ctl(sensor)
            before = lines_of(names)
            expect(before and lines_of(hosts) == ["203.0.113.250"], f"dataset-dump wrote {before}, {lines_of(hosts)}")
            write(watched, encoded("gone.test"), encoded("new.test"))
            reload_while(sensor, feed.some)
            for name, code in (("old.test", 1), ("new.test", 0), ("gone.test", 1)):
                expect(sensor.ctl("dataset-lookup", "watched", "string", encoded(name))[0] == code, f"{name} after the reload")
            expect(sensor.ctl("dataset-lookup", "hosts", "ip", "203.0.113.250")[0] == 0, "an address added before the reload is lost")
            expect(sensor.ctl("dataset-clear", "watched", "string")[0] == 0, "dataset-clear")
            expect(sensor.ctl("dataset-lookup", "watched", "string", encoded("new.test"))[0] == 1, "a cleared set has values")
            feed.upto(1)
        sensor.expect_good_end()
        asked = [e["dns"]["queries"][0]["rrname"] for e in support.alerts(sensor.events()) if e["alert"]["signature_id"] == 1]
        after = {base64.b64decode(line).decode() for line in lines_of(names)}
        expect(len(asked) == len(set(asked)), f"names told more than once: {sorted(n for n in set(asked) if asked.count(n) > 1)}")
        expect(set(asked) == after, f"told: {sorted(asked)}; kept: {sorted(after)}")
        expect(set(before) <= {encoded(name) for name in after} and len(after) > len(before), "nothing was added after the reload")
        print(f"{workers} workers: {len(before)} names before the reload, {len(after)} at the end, each told once")


def main():
    given = support.arguments(__doc__).parse_args()
    for workers in (1, 2):
        run(given, workers)


if __name__ == "__main__":
    main()
