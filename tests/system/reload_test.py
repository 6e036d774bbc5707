#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules are swapped while packets come: by SIGHUP while a capture file is read, by SIGHUP and `sekisho ctl` while capturing live.

No packet is lost by it (sent = seen + counted drops), the old rules alert before and the new ones after, and a rule file that cannot be
read changes nothing. The part with live capture is skipped where namespaces or tcpreplay are missing.
"""
import argparse
import datetime
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from wire import Wire, need  # noqa: E402

CAPTURE = os.path.join(support.TOP, "pcaps", "office.pcap")
OLD, NEW = 1, 2
PPS, LOOPS = 4000, 12
WINDOW_S, LAG_S = 1.6, 0.6


def rule(sid):
    return f'alert ip any any -> any any (msg:"generation {sid}"; dsize:>0; sid:{sid};)\n'


class Sensor:
    def __init__(self, given, out, words, prefix=()):
        self.binary, self.out, self.rules = given.sensor, out, os.path.join(out, "swap.rules")
        self.socket, self.log = os.path.join(out, "socket"), open(os.path.join(out, "log"), "w+", encoding="utf-8")
        self.write(rule(OLD))
        self.process = subprocess.Popen([*prefix, given.sensor, *words, "-S", self.rules, "-l", out, "-k", "none", "--set",
                                         "unix-command.filename=" + self.socket], stdout=self.log, stderr=subprocess.STDOUT)

    def write(self, text):
        with open(self.rules + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.rules + ".new", self.rules)

    def text(self):
        with open(os.path.join(self.out, "log"), encoding="utf-8") as file:
            return file.read()

    def wait_for(self, words, count=1, seconds=60, step=None):
        end = time.time() + seconds
        while self.text().count(words) < count:
            if time.time() > end or self.process.poll() is not None:
                raise SystemExit(f"no '{words}' in:\n{self.text()}")
            if step:
                step()
            time.sleep(0.05)

    def open_pipe(self, path):
        """Opens a pipe the sensor reads, once it does."""
        for _ in range(600):
            try:
                end = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
                os.set_blocking(end, True)
                return open(end, "wb", buffering=0)
            except OSError:
                expect(self.process.poll() is None, "the sensor ended: " + self.text())
                time.sleep(0.1)
        raise SystemExit("the sensor does not read: " + self.text())

    def ctl(self, *words):
        done = subprocess.run([self.binary, "ctl", *words, "--socket", self.socket], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def events(self):
        return support.read_events(os.path.join(self.out, "eve.json"))


def expect(condition, message):
    if not condition:
        raise SystemExit(message)


def sids(events):
    return [e["alert"]["signature_id"] for e in events if e["event_type"] == "alert" and e["alert"]["gid"] == 1]


def when(event):
    return datetime.datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def while_reading(given, workers):
    with tempfile.TemporaryDirectory() as out, open(CAPTURE, "rb") as file:
        capture, pipe = file.read(), os.path.join(out, "pipe")
        os.mkfifo(pipe)
        sensor = Sensor(given, out, ["-r", pipe, "--set", f"threads.workers={workers}"])
        with sensor.open_pipe(pipe) as writer:
            sent = len(capture) // 4
            writer.write(capture[:sent])
            time.sleep(1)
            sensor.write(rule(NEW))
            sensor.process.send_signal(signal.SIGHUP)

            def more():
                nonlocal sent
                writer.write(capture[sent:sent + 20000])
                sent += 20000
            sensor.wait_for("rules reloaded", step=more)
            expect(sent < len(capture), "the reload came after the capture's end")
            writer.write(capture[sent:])
        expect(sensor.process.wait(timeout=120) == 0, sensor.text())
        events = sensor.events()
        found = sids(events)
        expect(OLD in found and NEW in found, f"file, {workers} workers: alerts of one generation only")
        whole, _ = support.run(given.sensor, ["-r", CAPTURE, "-S", sensor.rules, "-k", "none"])
        expect(len(found) == len(sids(whole)), f"file, {workers} workers: {len(found)} alerts, not {len(sids(whole))}")
        if workers == 1:
            expect(found == sorted(found), "old rules alerted after the new ones")
        print(f"file, {workers} workers: {found.count(OLD)} alerts of the old rules, {found.count(NEW)} of the new")


def swaps(sensor):
    """Old -> new -> old, a failed one, and what ctl answers. Gives (time asked, time done, sid from then on)."""
    marks = []
    time.sleep(WINDOW_S)
    for number, (sid, by_signal) in enumerate(((NEW, True), (OLD, False), (NEW, False))):
        sensor.write(rule(sid))
        asked = time.time()
        if by_signal:
            sensor.process.send_signal(signal.SIGHUP)
            sensor.wait_for("rules reloaded", number + 1)
        else:
            expect(sensor.ctl("reload-rules") == (0, {"return": "OK", "message": "done"}), "reload-rules failed: " + sensor.text())
        marks.append((asked, time.time(), sid))
        time.sleep(WINDOW_S)
    os.unlink(sensor.rules)
    code, answer = sensor.ctl("reload-rules")
    expect(code == 1 and answer["return"] == "NOK", f"a reload without its file: {code} {answer}")
    expect("swap.rules" in sensor.text() and "go on" in sensor.text(), "no error for the rule file:\n" + sensor.text())
    time.sleep(1)
    expect(sensor.ctl("version")[1]["message"].startswith("Sekisho "), "ctl version")
    expect(sensor.ctl("uptime")[1]["message"] >= 4, "ctl uptime")
    expect(sensor.ctl("dump-counters")[1]["message"]["decoder.pkts"] > 0, "ctl dump-counters")
    expect(sensor.ctl("nonsense")[0] == 1, "ctl nonsense")
    expect(os.stat(sensor.socket).st_mode & 0o777 == 0o600, "mode of the socket")
    return marks


def check_generations(events, marks, end):
    """Between two reloads only the rules in force alert. Near one, packets that waited in the kernel may meet the next rules."""
    alerts = [(when(e), e["alert"]["signature_id"]) for e in events if e["event_type"] == "alert" and e["alert"]["gid"] == 1]
    start, sid = 0.0, OLD
    for asked, done, after in [*marks, (end, end, 0)]:
        found = {s for t, s in alerts if start <= t <= asked - LAG_S}
        expect(found == {sid}, f"alerts of {found} where {sid} is in force")
        start, sid = done + LAG_S, after


def while_capturing(given, wire, workers):
    with tempfile.TemporaryDirectory() as out:
        sensor = Sensor(given, out, ["-i", "wire1", "--set", f"threads.workers={workers}"], wire.inside(wire.sensor))
        try:
            sensor.wait_for("capturing on")
            time.sleep(0.5)
            replay = subprocess.Popen(wire.inside(wire.sender, "tcpreplay", "-q", "-i", "wire0", "--pps", str(PPS), "--loop", str(LOOPS), CAPTURE),
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                marks = swaps(sensor)
                end = time.time()
                expect(replay.poll() is None, "the packets ended before the reloads")
                told = replay.communicate(timeout=300)[0]
            finally:
                if replay.poll() is None:
                    replay.kill()
            before, seen = -1, 0
            while seen != before:  # what lies in the kernel's buffer is read first
                time.sleep(2.5)
                before, seen = seen, sensor.ctl("dump-counters")[1]["message"]["decoder.pkts"]
            expect(sensor.ctl("shutdown") == (0, {"return": "OK", "message": "closing"}), "ctl shutdown")
            expect(sensor.process.wait(timeout=60) == 0, sensor.text())
        finally:
            if sensor.process.poll() is None:
                sensor.process.kill()
        expect(not os.path.exists(sensor.socket), "the socket is left behind")
        sent = int(re.search(r"Successful packets:\s+(\d+)", told).group(1))
        events = sensor.events()
        stats = [e for e in events if e["event_type"] == "stats"][-1]["stats"]
        seen, drops = stats["decoder"]["pkts"], stats["capture"]["kernel_drops"]
        print(f"live, {workers} workers: sent {sent}, seen {seen}, drops {drops}, alerts {len(sids(events))}, reloads {len(marks)}")
        expect(sent == seen + drops, "packets are missing without a counter")
        expect("Sanitizer" not in sensor.text(), sensor.text())
        check_generations(events, marks, end)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sensor", required=True)
    parser.add_argument("--build")
    given = parser.parse_args()
    if not os.path.exists(CAPTURE):
        support.skip("pcaps/office.pcap is missing")
    for workers in (1, 2):
        while_reading(given, workers)
    need()
    with Wire() as wire:
        for workers in (1, 2):
            while_capturing(given, wire, workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
