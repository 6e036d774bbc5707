#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live capture: a capture sent by tcpreplay over a veth pair in network namespaces made for the test, read by one and by two workers.

Packets sent = packets seen + counted drops; at a rate without drops, the same alerts as from the file. Skipped where namespaces or
tcpreplay are missing.
"""
import argparse
import collections
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from wire import Wire, command, need  # noqa: E402

CAPTURE = os.path.join(support.TOP, "pcaps", "office.pcap")
RULES = os.path.join(support.TOP, "signatures", "packs", "demo", "rules", "demo.rules")


def alerts(events):
    return collections.Counter(e["alert"]["signature_id"] for e in events if e["event_type"] == "alert" and e["alert"]["gid"] == 1)


def live(given, wire, workers, rate):
    with tempfile.TemporaryDirectory() as out:
        log = open(os.path.join(out, "log"), "w+", encoding="utf-8")
        process = subprocess.Popen(wire.inside(wire.sensor, given.sensor, "-i", "wire1", "-S", RULES, "-l", out, "-k", "none", "--set", "sightings.enabled=no",
                                               "--set", "heuristics.new-domain-state=" + os.path.join(out, "site"),
                                               "--set", f"threads.workers={workers}"), stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(200):
                log.seek(0)
                if "capturing on" in log.read():
                    break
                time.sleep(0.1)
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit("the sensor ended: " + log.read())
            time.sleep(0.5)
            sent = command(*wire.inside(wire.sender, "tcpreplay", "-q", "-i", "wire0", *rate, CAPTURE), check=False).stdout
            match = re.search(r"Successful packets:\s+(\d+)", sent)
            if not match:
                raise SystemExit("tcpreplay said: " + sent)
            time.sleep(1.5)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=60)
        log.seek(0)
        text = log.read()
        events = support.read_events(os.path.join(out, "eve.json"))
        stats = [e for e in events if e["event_type"] == "stats"][-1]["stats"]
        if code != 0:
            raise SystemExit(f"exit {code}:\n{text}")
        if not os.path.getsize(os.path.join(out, "site", "domains")):
            raise SystemExit("which domains were used is not kept")
        return int(match.group(1)), stats["decoder"]["pkts"], stats["capture"]["kernel_drops"], alerts(events)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sensor", required=True)
    parser.add_argument("--build")
    given = parser.parse_args()
    if not os.path.exists(CAPTURE):
        support.skip("pcaps/office.pcap is missing")
    need()
    events, _ = support.run(given.sensor, ["-r", CAPTURE, "-S", RULES, "-k", "none"])
    from_file = alerts(events)
    wrong = 0
    with Wire() as wire:
        for workers in (1, 2):
            for rate, name in ((("--pps", "5000"), "5,000 packets a second"), (("--topspeed",), "as fast as it goes")):
                sent, seen, drops, found = live(given, wire, workers, rate)
                print(f"{workers} workers, {name}: sent {sent}, seen {seen}, drops {drops}, alerts {sum(found.values())} (file {sum(from_file.values())})")
                if sent != seen + drops:
                    print("  packets are missing without a counter")
                    wrong += 1
                # Replayed faster than it happened, rules that count by time see other intervals: alerts are compared by rule.
                if drops == 0 and set(found) != set(from_file):
                    print(f"  other rules than from the file: {set(found) ^ set(from_file)}")
                    wrong += 1
    return 1 if wrong else 0


sys.exit(main())
