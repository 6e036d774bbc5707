# SPDX-License-Identifier: GPL-3.0-or-later
"""A sensor that works while a test looks on: its rules are rewritten, it is asked to reload, its memory is read."""
import json
import os
import signal
import subprocess
import time

import sensor as support
from sensor import expect


class Sensor:
    def __init__(self, given, out, words, rules, prefix=()):
        self.binary, self.out, self.rules = given.sensor, out, os.path.join(out, "swap.rules")
        self.socket, self.log = os.path.join(out, "socket"), open(os.path.join(out, "log"), "w+", encoding="utf-8")
        self.write(rules)
        if not any("sightings." in word for word in words):  # live capture keeps them in /var/lib
            words = [*words, *support.sets("sightings.enabled=no")]
        if not any("new-domain" in word for word in words):
            words = [*words, *support.sets("heuristics.new-domain=off")]
        self.process = subprocess.Popen([*prefix, given.sensor, *words, "-S", self.rules, "-l", out, "-k", "none",
                                         *support.sets("unix-command.filename=" + self.socket)], stdout=self.log, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

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
        done = support.tool(self.binary, "ctl", *words, "--socket", self.socket, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout + done.stderr

    def counters(self):
        return self.ctl("dump-counters")[1]["message"]

    def settle(self):
        """Waits until what lies in the kernel's buffer is read."""
        before, seen = -1, 0
        while seen != before:
            time.sleep(2.5)
            before, seen = seen, self.counters()["decoder.pkts"]

    def expect_good_end(self, seconds=120):
        code = self.process.wait(timeout=seconds)
        expect(code == 0 and "Sanitizer" not in self.text(), f"exit {code}:\n{self.text()}")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        self.expect_good_end(60)

    def events(self):
        return support.read_events(os.path.join(self.out, "eve.json"))

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def memory(self):
        """KiB in memory now, and at most since reset_peak."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        return int(rows["VmRSS"].split()[0]), int(rows["VmHWM"].split()[0])

    def reset_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def sids(events):
    return [e["alert"]["signature_id"] for e in support.alerts(events)]


def expect_one_switch(events, workers, what):
    """Rules of generation N have sid N: in a worker none alerts after one of a later generation. A flow has one worker."""
    newest = {}
    for event in support.alerts(events):
        lane, sid = event.get("flow_id") if workers > 1 else 0, event["alert"]["signature_id"]
        expect(sid >= newest.get(lane, 0), f"{what}: rules of generation {sid} alerted after those of {newest.get(lane)}")
        newest[lane] = sid
    return newest
