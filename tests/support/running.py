# SPDX-License-Identifier: GPL-3.0-or-later
"""A sensor that works while a test looks on: its rules are rewritten, it is asked to reload, its memory is read."""
import json
import os
import signal
import subprocess
import time

import sensor as support
from sensor import expect

PATIENCE = 240  # seconds for what takes moments


class Sensor:
    def __init__(self, given, out, words, rules, prefix=()):
        self.binary, self.out, self.rules = given.sensor, out, os.path.join(out, "swap.rules")
        self.socket, self.log = os.path.join(out, "socket"), open(os.path.join(out, "log"), "w+", encoding="utf-8")
        self.write(rules)
        if not any("sightings." in word for word in words):  # live capture keeps them in /var/lib
            words = [*words, *support.sets("sightings.enabled=no")]
        if not any("new-domain" in word for word in words):
            words = [*words, *support.sets("heuristics.new-domain=off")]
        if "-i" in words:
            words = [*words, *support.sets("stats.interval=1")]  # settle() reads them
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

    def until(self, what, test, step=None):
        """What test gives, once it gives something. A machine may be slow: the time is for what never comes."""
        end = time.monotonic() + PATIENCE
        while True:
            ended, answer = self.process.poll() is not None, test()
            if answer:
                return answer
            if ended or time.monotonic() > end:
                raise SystemExit(f"{'the sensor ended' if ended else 'not within the time'}: {what}:\n{self.text()}")
            if step:
                step()
            time.sleep(0.05)

    def wait_for(self, words, count=1, step=None):
        """Until its log has the words so often."""
        self.until(f"'{words}' in its log", lambda: self.text().count(words) >= count, step)

    def open_pipe(self, path):
        """Opens a pipe the sensor reads, once it does."""
        for _ in range(10 * PATIENCE):
            try:
                end = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
                os.set_blocking(end, True)
                return open(end, "wb", buffering=0)
            except OSError:
                expect(self.process.poll() is None, "the sensor ended: " + self.text())
                time.sleep(0.1)
        raise SystemExit("the sensor does not read: " + self.text())

    def ctl(self, *words):
        done = support.tool(self.binary, "ctl", *words, "--socket", self.socket, timeout=2 * PATIENCE)
        return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout + done.stderr

    def counters(self):
        return self.ctl("dump-counters")[1]["message"]

    def settle(self, packets):
        """Waits until so many packets were read or dropped: they may lie in the kernel's buffer. What is missing then is missing for good."""
        lines, end, read = Lines(self), time.monotonic() + PATIENCE, 0
        while read < packets and time.monotonic() < end:
            time.sleep(0.3)
            for line in lines.new():
                if '"event_type":"stats"' in line:
                    stats = json.loads(line)["stats"]
                    read = stats["decoder"]["pkts"] + stats["capture"]["kernel_drops"]

    def expect_good_end(self, seconds=PATIENCE):
        code = self.process.wait(timeout=seconds)
        expect(code == 0 and "Sanitizer" not in self.text(), f"exit {code}:\n{self.text()}")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        self.expect_good_end()

    def events(self):
        return support.read_events(os.path.join(self.out, "eve.json"), growing=self.process.poll() is None)

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


class Lines:
    """Lines of eve.json as they come, from the first on or, late, from now on."""

    def __init__(self, sensor, late=False):
        self.path = os.path.join(sensor.out, "eve.json")
        self.at = os.path.getsize(self.path) if late else 0
        self.torn = late and self.at > 0  # the first may have begun before

    def new(self):
        with open(self.path, "rb") as file:
            file.seek(self.at)
            data = file.read()
        whole = data[:data.rfind(b"\n") + 1]
        self.at += len(whole)
        lines = whole.decode().splitlines()
        if self.torn and lines:
            self.torn = False
            return lines[1:]
        return lines


class Feed:
    """A capture that a sensor reads from a pipe, as much of it as it is given."""

    def __init__(self, sensor, pipe, path):
        with open(path, "rb") as file:
            self.capture = file.read()
        self.sent, self.writer = 0, sensor.open_pipe(pipe)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.writer.close()

    def upto(self, share):
        end = int(len(self.capture) * share)
        self.writer.write(self.capture[self.sent:end])
        self.sent = max(end, self.sent)

    def some(self):
        """A part of what is left, which never is all of it."""
        end = self.sent + (len(self.capture) - self.sent) // 100
        self.writer.write(self.capture[self.sent:end])
        self.sent = end


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
