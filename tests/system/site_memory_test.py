#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which domains a site uses is known over runs: the first run learns, the second tells what is new, the third nothing; for one worker and for four. Files alone
have no past. A memory that is damaged is moved aside, and one that cannot be written costs a word in the log.
"""
import calendar
import glob
import os
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from sensor import expect  # noqa: E402

PROGRAM = os.path.join(support.TOP, "pcaps", "visits.py")


def read(given, capture, state, *more, mode="reasons"):
    words = support.sets(f"heuristics.new-domain={mode}", "heuristics.new-domain-state=" + state, *more)
    events, done = support.run(given.sensor, ["-r", capture, "-S", "/dev/null", "-k", "all", "-v", *words])
    return events, done.stderr + done.stdout


def told(events, of=range(20, 24)):
    alerts = [e for e in support.alerts(events, 4003) if e["alert"]["signature_id"] in of]
    return sorted((a["alert"]["signature_id"], a["alert"]["context"]["heuristic"]["host"], a["alert"]["context"]["heuristic"]["domain"]) for a in alerts)


REASONS = [(21, "192.168.30.14", "fresh-prices.top"), (21, "192.168.30.17", "example.edu"), (21, "192.168.30.18", "xn--bcher-example-wob.de"),
           (22, "192.168.30.16", "example.net"), (23, "192.168.30.11", "example.org")]
ALL = sorted([*REASONS, (20, "192.168.30.13", "weather-report.com"), (20, "192.168.30.16", "example.net"), (20, "192.168.30.17", "example.edu")])


def check_runs(given, folder, captures, workers, mode, want):
    state, threads = os.path.join(folder, f"state-{workers}-{mode}"), f"threads.workers={workers}"
    first, _ = read(given, captures[0], state, threads, mode=mode)
    expect(told(first) == [], f"told while learning: {told(first)}")
    second, log = read(given, captures[1], state, threads, "heuristics.new-domain-learn=0", mode=mode)
    expect(told(second) == want, f"{workers} workers, {mode}: {told(second)}")
    expect("2 domains are known" in log, f"the log does not say what is known: {log}")
    again, _ = read(given, captures[1], state, threads, "heuristics.new-domain-learn=0", mode=mode)
    expect(told(again) == [], f"told twice: {told(again)}")
    return [support.multiset(events) for events in (first, second, again)]


def check_files_have_no_past(given, captures):
    events, _ = support.run(given.sensor, ["-r", captures[1], "-S", "/dev/null", "-k", "all"])
    expect(told(events) == [], "a file without a past told of new domains")
    others = [e["alert"]["context"]["heuristic"] for e in events if e["event_type"] == "alert"]
    expect(others and not any("new_to_site" in c or "site_first_seen" in c for c in others), f"a file without a past knows: {others}")


def check_evidence(given, folder, captures):
    """The frames in which new domains were found are kept, of those that are told: the same for any number of workers."""
    files = []
    for workers in (1, 4):
        state, out = os.path.join(folder, f"state-evidence-{workers}"), os.path.join(folder, f"out-{workers}")
        read(given, captures[0], state)
        words = support.sets("heuristics.new-domain=all", "heuristics.new-domain-state=" + state, "heuristics.new-domain-learn=0", f"threads.workers={workers}",
                             "evidence.packets.enabled=yes", "evidence.packets.per-flow=0")
        events, _ = support.run(given.sensor, ["-r", captures[1], "-S", "/dev/null", "-k", "all", *words], out=out)
        with open(os.path.join(out, "evidence.pcap"), "rb") as file:
            files.append(file.read())
        at, kept = 24, set()
        while at < len(files[-1]):
            seconds, ns, length, _ = struct.unpack_from("=IIII", files[-1], at)
            kept.add((seconds, ns // 1000))
            at += 16 + length
        asked = [e for e in events if e["event_type"] == "alert" and e["alert"]["gid"] == 4003 and 20 <= e["alert"]["signature_id"] <= 23]
        others = [e for e in events if e["event_type"] == "alert" and e not in asked]
        frames = [{(calendar.timegm(time.strptime(e["timestamp"][:19], "%Y-%m-%dT%H:%M:%S")), int(e["timestamp"][20:26])) for e in some} for some in (asked, others)]
        expect(frames[0] and frames[0] <= kept, f"{workers} workers: frames that are not kept: {frames[0] - kept}")
        expect(kept <= frames[0] | frames[1], f"{workers} workers: frames of what was not told: {kept - frames[0] - frames[1]}")
    expect(files[0] == files[1], "four workers keep other frames than one")


def check_past(given, folder, captures):
    """An alert about the past says what was known of its domain when the host met it."""
    state, indicators = os.path.join(folder, "state-past"), os.path.join(folder, "bad.txt")
    seen = ["sightings.enabled=yes", "sightings.path=" + os.path.join(folder, "seen"), "heuristics.new-domain-learn=0"]
    with open(indicators, "w", encoding="ascii") as file:
        file.write("fresh-prices.top\nhttp://example.org/\n")
    read(given, captures[0], state, *seen[:2])
    read(given, captures[1], state, *seen)
    events, _ = read(given, captures[1], state, *seen, "reputation.lists.0=" + indicators)
    past = [c for c in (e["alert"]["context"].get("reputation", {}) for e in events if e["event_type"] == "alert") if c.get("retrospective")]
    new, old = ([c for c in past if c["indicator"].startswith(name)] for name in ("fresh-prices.top", "example.org"))
    expect(new and all(c["new_to_site"] and c["site_hosts"] == 2 and c["site_first_seen"] <= c["first_seen"] for c in new), f"new when it was met: {past}")
    expect(old and not any(c["new_to_site"] for c in old) and all(c["site_first_seen"] for c in old), f"known when it was met: {past}")


def check_damage(given, folder, captures):
    state = os.path.join(folder, "state-damaged")
    read(given, captures[0], state)
    path = os.path.join(state, "domains")
    with open(path, "r+b") as file:
        file.seek(-5, os.SEEK_END)
        file.write(b"\xff" * 5)
    events, log = read(given, captures[1], state)
    expect(told(events) == [], "a new memory learns, and tells nothing")
    expect("damaged" in log and glob.glob(path + ".damaged-*"), f"a damaged memory is not moved aside: {log}")
    expect(os.path.exists(path), "and no new one is begun")
    blocked = os.path.join(folder, "a-file")
    with open(blocked, "w", encoding="ascii") as file:
        file.write("no folder\n")
    events, log = read(given, captures[1], os.path.join(blocked, "state"), "heuristics.new-domain-learn=0")
    expect("is not kept" in log and (22, "192.168.30.16", "example.net") in told(events), f"without a folder: {log}")


def check_limits(given, folder, captures):
    state = os.path.join(folder, "state-limit")
    read(given, captures[0], state)
    events, log = read(given, captures[1], state, "heuristics.new-domain-learn=0", "heuristics.new-domain-limit=1", "heuristics.ignore-domains.0=example.edu")
    expect((21, "192.168.30.17", "example.edu") not in told(events), "an ignored domain is told")
    # The resolver adds one only, of those it asks for: each host's own is added by the host itself
    expect((22, "192.168.30.16", "example.net") in told(events), f"a host's first new domain is over its limit: {told(events)} {log}")


def main():
    given = support.arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        captures = [os.path.join(folder, f"day{day}.pcap") for day in (1, 2)]
        for day, capture in enumerate(captures, 1):
            subprocess.run([sys.executable, "-B", PROGRAM, capture, str(day)], check=True)
        for mode, want in (("reasons", REASONS), ("all", ALL)):
            bags = [check_runs(given, folder, captures, workers, mode, want) for workers in (1, 4)]
            expect(bags[0] == bags[1], f"{mode}: four workers give other events than one")
        check_files_have_no_past(given, captures)
        check_past(given, folder, captures)
        check_evidence(given, folder, captures)
        check_damage(given, folder, captures)
        check_limits(given, folder, captures)
    print("ok")


main()
