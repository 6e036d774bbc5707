#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sightings on a disk that fails: full, read-only, damaged below a sensor at work, a folder that cannot be made. The sensor goes on, says so once, counts, and writes again.

The disk is a tmpfs of a few megabytes; skipped without root.
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import PATIENCE, Sensor  # noqa: E402
from sensor import expect  # noqa: E402

CAPTURE = support.pcap("office.pcap")
LOST, AGAIN = "what was to be written is lost", "written again"


class Disk:
    def __init__(self, size):
        self.path, self.size = tempfile.mkdtemp(), size

    def __enter__(self):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size}", "none", self.path], check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            support.skip("no tmpfs can be mounted here: " + done.stderr)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=False)
        os.rmdir(self.path)

    def remount(self, how):
        subprocess.run(["mount", "-o", "remount," + how, self.path], check=True)

    def fill(self):
        with open(os.path.join(self.path, "ballast"), "ab", buffering=0) as file:
            for size in (65536, 4096):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        os.unlink(os.path.join(self.path, "ballast"))


class Run:
    """A sensor that reads a capture from a pipe, as much as it is given."""

    def __init__(self, given, folder, *more):
        self.out = tempfile.mkdtemp()
        self.folder, self.given, self.sent = folder, given, 0
        with open(CAPTURE, "rb") as file:
            self.capture = file.read()
        pipe = os.path.join(self.out, "pipe")
        os.mkfifo(pipe)
        self.sensor = Sensor(given, self.out, ["-r", pipe, *support.sets("sightings.enabled=yes", "sightings.path=" + folder), *more], "")
        self.writer = self.sensor.open_pipe(pipe)

    def give(self, share):
        upto = int(len(self.capture) * share)
        self.writer.write(self.capture[self.sent:upto])
        self.sent = max(upto, self.sent)

    def counters(self):
        return self.sensor.counters()

    def wait_for(self, name, least):
        end = time.monotonic() + PATIENCE
        while self.counters()[name] < least:
            expect(time.monotonic() < end, f"{name} is {self.counters()[name]}, not {least}:\n{self.sensor.text()}")
            time.sleep(0.2)

    def end(self):
        self.writer.close()
        self.sensor.expect_good_end()
        text, events = self.sensor.text(), self.sensor.events()
        shutil.rmtree(self.out)
        return text, events


def hunt(given, folder):
    done = support.tool(given.sensor, "hunt", "192.0.0.0/8", "198.51.100.0/24", "203.0.113.0/24", "--json", *support.sets("sightings.path=" + folder))
    return len(done.stdout.splitlines())


def full(given, flows):
    with Disk("2M") as disk:
        folder = os.path.join(disk.path, "seen")
        run = Run(given, folder)
        run.give(0.1)
        run.wait_for("sightings.rows_written", 1)
        disk.fill()
        run.give(0.3)
        run.wait_for("sightings.rows_lost", 1)
        lost = run.counters()["sightings.rows_lost"]
        run.give(0.5)
        run.wait_for("sightings.rows_lost", lost + 1)
        before, rows = run.counters(), hunt(given, folder)
        expect(before["sightings.disk_errors"] >= 2 and rows, f"{before['sightings.disk_errors']} disk errors, {rows} rows")
        disk.free()
        run.give(0.7)
        run.wait_for("sightings.rows_written", before["sightings.rows_written"] + 1)
        run.give(1)
        text, events = run.end()
        expect(text.count(LOST) == 1 and text.count(AGAIN) == 1, text)
        expect(hunt(given, folder) > rows, "nothing was written after there was room")
        expect(sum(e["event_type"] == "flow" for e in events) == flows, "flows are missing")


def full_at_start(given, flows):
    with Disk("2M") as disk:
        folder = os.path.join(disk.path, "seen")
        disk.fill()
        run = Run(given, folder)
        run.give(1)
        text, events = run.end()
        expect(text.count("what is seen is not kept") + text.count(LOST) == 1, text)
        expect(sum(e["event_type"] == "flow" for e in events) == flows, "flows are missing")


def not_to_be_written(given, flows):
    with Disk("8M") as disk:
        folder = os.path.join(disk.path, "seen")
        run = Run(given, folder)
        run.give(1)
        run.end()
        rows = hunt(given, folder)
        disk.remount("ro")
        expect(hunt(given, folder) == rows > 0, "a database on a read-only disk is not read")
        for where in (folder, os.path.join(disk.path, "other")):
            run = Run(given, where)
            run.give(1)
            text, events = run.end()
            expect(text.count("what is seen is not kept") == 1, text)
            expect(sum(e["event_type"] == "flow" for e in events) == flows, "flows are missing")


def damaged_at_work(given, flows):
    with tempfile.TemporaryDirectory() as folder:
        run = Run(given, folder)
        run.give(1)
        run.end()
        database = sqlite3.connect(os.path.join(folder, "sightings.db"))
        with database:
            database.execute("UPDATE block SET data=x'01'")
        database.close()
        done = support.tool(given.sensor, "hunt", "192.0.0.0/8", *support.sets("sightings.path=" + folder))
        expect(done.returncode == 2 and "malformed" in done.stderr, f"hunt in a damaged database: {done}")
        listed = os.path.join(folder, "indicators.txt")
        with open(listed, "w", encoding="ascii") as file:
            file.write("invoice-portal.test\n")
        run = Run(given, folder, "--set", "reputation.lists.0=" + listed)
        run.give(1)
        text, events = run.end()
        expect(text.count("is moved aside, and a new one begun") == 1, text)
        expect(any(".damaged-" in name for name in os.listdir(folder)) and hunt(given, folder), "no new database, or the old one is gone")
        expect(sum(e["event_type"] == "flow" for e in events) == flows, "flows are missing")


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(CAPTURE)
    if os.geteuid() != 0:
        support.skip("root is missing")
    flows = sum(e["event_type"] == "flow" for e in support.read(given.sensor, CAPTURE)[0])
    damaged_at_work(given, flows)
    full(given, flows)
    full_at_start(given, flows)
    not_to_be_written(given, flows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
