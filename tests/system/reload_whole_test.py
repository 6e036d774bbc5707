#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole public rule set is reloaded again and again while packets come, live and from a file, with one worker and with two.

No packet is lost, memory peaks at most PEAK_MAX times what it was before and does not grow, and in every worker the rules of one
generation stop where those of the next begin. Skipped where the set is missing; the live part where namespaces or tcpreplay are.
"""
import gzip
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import PATIENCE, Lines, Sensor, expect_one_switch, sids  # noqa: E402
from sensor import expect  # noqa: E402
from wire import Endless, Wire, expect_all_counted, need  # noqa: E402

SET = support.PUBLIC_RULES
CAPTURE = support.pcap("office.pcap")
RELOADS = 4
PEAK_MAX, GROWTH_MAX = 1.4, 1.15
PPS = 4000
PARTS = 40  # of the capture that are written at a time
MARKS = 20  # rules of ours have sids below


def rules(public, generation, changed):
    """The set, with one rule that tells its generation; changed: every hundredth rule is another one, and new literals are looked for."""
    lines = [f'alert ip any any -> any any (msg:"generation {generation}"; dsize:>0; sid:{generation};)']
    for number, line in enumerate(public):
        lines.append(line.replace('msg:"', f'msg:"{generation} ', 1) if changed and number % 100 == 0 else line)
    for number, buffer in enumerate(("http.uri", "http.header", "http.user_agent", "file.data") if changed else ()):
        lines.append(f'alert http any any -> any any (msg:"new"; {buffer}; content:"/new{generation}"; sid:{9900000 + number};)')
        lines.append(f'alert tcp any any -> any any (msg:"new"; content:"{number}new{generation}"; sid:{9910000 + number};)')
    return "\n".join(lines) + "\n"


def wait_for_alert(sensor, generation, count=1, step=None):
    """Until the rules of a generation gave so many."""
    mark, found, lines = f'"signature":"generation {generation}"', 0, Lines(sensor)

    def there():
        nonlocal found
        found += sum(mark in line for line in lines.new())
        return found >= count
    sensor.until(f"{count} alerts of generation {generation}", there, step=step)


def ours(events):
    return [e for e in support.alerts(events) if e["alert"]["signature_id"] < MARKS]


class Memory:
    """Peaks of a sensor's memory from reload to reload."""

    def __init__(self, sensor):
        self.sensor, self.ratios, self.rows, self.steady = sensor, [], [], sensor.memory()[0]

    def begin(self):
        self.before = self.sensor.memory()[0]
        self.sensor.reset_peak()

    def end(self):
        self.ratios.append(self.sensor.memory()[1] / self.before)
        self.rows.append(f"{self.before // 1024} -> {self.sensor.memory()[1] // 1024}")

    def check(self, given, what, step):
        end = time.monotonic() + PATIENCE  # the last generation goes when the last event of its rules is written
        while self.sensor.memory()[0] > GROWTH_MAX * self.steady and time.monotonic() < end:
            step()
            time.sleep(0.3)
        print(f"{what}: memory {', '.join(self.rows)} MiB, peak at most {max(self.ratios):.2f} x, now {self.sensor.memory()[0] // 1024} MiB")
        if given.sanitized:
            return
        expect(max(self.ratios) <= PEAK_MAX, f"{what}: memory peaks at {max(self.ratios):.2f} times what it was")
        expect(self.sensor.memory()[0] <= GROWTH_MAX * self.steady, f"{what}: memory grows from reload to reload")


def while_reading(given, public, workers, out):
    with open(CAPTURE, "rb") as file:
        capture = file.read()
    head, packets = capture[:24], capture[24:]
    pipe = os.path.join(out, "pipe")
    os.mkfifo(pipe)
    sensor = Sensor(given, out, ["-r", pipe, "--set", f"threads.workers={workers}", *given.cache], rules(public, 1, False))
    sent = 0  # bytes: the packets, again and again
    try:
        with sensor.open_pipe(pipe) as writer:
            writer.write(head)

            def more():
                nonlocal sent
                at = sent % len(packets)
                sent += writer.write(packets[at:at + len(packets) // PARTS])
            while sent < len(packets):
                more()
            wait_for_alert(sensor, 1, given.alerts, more)  # what one loop takes is taken
            memory = Memory(sensor)
            for number in range(RELOADS):
                sensor.write(rules(public, number + 2, number % 2 == 1))
                memory.begin()
                sensor.hang_up()
                sensor.wait_for("rules reloaded", number + 1, step=more)
                memory.end()
                more()
            memory.check(given, f"file, {workers} workers", more)
            while sent % len(packets):
                more()
        sensor.expect_good_end(4 * PATIENCE)
    finally:
        sensor.end()
    events = sensor.events()
    seen, loops = support.last_stats(events)["decoder"]["pkts"], sent // len(packets)
    expect(seen == given.each * loops, f"file, {workers} workers: {given.each * loops} packets written, {seen} seen")
    generations = expect_one_switch(ours(events), workers, f"file, {workers} workers")
    expect(max(generations.values()) == RELOADS + 1, "the last rules never alerted")
    print(f"file, {workers} workers: {seen} packets written and seen, {len(sids(events))} alerts, {RELOADS} reloads")


def while_capturing(given, public, wire, workers, out):
    what = f"live, {workers} workers"
    with wire.watch(given, out, rules(public, 1, False), *support.sets(f"threads.workers={workers}"), *given.cache) as sensor:
        with Endless(wire, CAPTURE, "--pps", str(PPS)) as replaying:
            wait_for_alert(sensor, 1, given.alerts)
            memory, took = Memory(sensor), []
            for number in range(RELOADS):
                sensor.write(rules(public, number + 2, number % 2 == 1))
                memory.begin()
                code, answer = sensor.ctl("reload")
                memory.end()
                expect(code == 0 and answer["message"]["generation"] == number + 2, f"reload: {answer} {sensor.text()}")
                took.append(answer["message"]["milliseconds"])
                wait_for_alert(sensor, number + 2)
            sensor.write(rules(public, 9, False) + "alert tcp any any -> any any (msg:\"broken\"; content:; sid:8;)\n")
            code, answer = sensor.ctl("reload")
            expect(code == 1 and f"swap.rules:{len(public) + 2}:" in answer["message"], f"a broken set: {code} {answer}")
            memory.check(given, what, lambda: None)
            packets = replaying.stop()
        sensor.settle(packets)
        expect(sensor.ctl("shutdown")[0] == 0, sensor.text())
        sensor.expect_good_end()
    events = sensor.events()
    drops = expect_all_counted(what, packets, events)
    print(f"  {len(sids(events))} alerts, reloads in {took} ms")
    expect(drops == 0 or given.sanitized, "packets were lost")
    generations = expect_one_switch(ours(events), workers, what)
    expect(max(generations.values()) == RELOADS + 1, "not the last good rules are at work")


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(SET)
    given.sanitized = b"__asan_init" in open(given.sensor, "rb").read() or b"__tsan_init" in open(given.sensor, "rb").read()
    with tempfile.TemporaryDirectory() as folder:
        only = os.path.join(folder, "only.rules")
        with open(only, "w", encoding="utf-8") as file:
            file.write(rules([], 1, False))
        whole, _ = support.read(given.sensor, CAPTURE, rules=only)
    given.each, given.alerts = support.last_stats(whole)["decoder"]["pkts"], len(ours(whole))
    with gzip.open(SET, "rt", encoding="utf-8") as file:
        public = file.read().splitlines()
    with tempfile.TemporaryDirectory() as cache:
        given.cache = ["--set", "detect.sgh-mpm-caching-path=" + cache]
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as out:
                while_reading(given, public, workers, out)
        need()
        with Wire() as wire:
            for workers in (1, 2):
                with tempfile.TemporaryDirectory() as out:
                    while_capturing(given, public, wire, workers, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
