#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules are swapped while packets come: by SIGHUP while a capture file is read, by SIGHUP and `sekisho ctl` while capturing live.

No packet is lost by it (sent = seen + counted drops), the old rules alert before and the new ones after, and a rule file that cannot be
read changes nothing. The part with live capture is skipped where namespaces or tcpreplay are missing.
"""
import datetime
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import Feed, Lines, Sensor, expect_one_switch, sids  # noqa: E402
from sensor import expect  # noqa: E402
from wire import Endless, Wire, expect_all_counted, need  # noqa: E402

CAPTURE = support.pcap("office.pcap")
OLD, NEW = 1, 2
PPS = 4000


def rule(sid):
    return f'alert ip any any -> any any (msg:"generation {sid}"; dsize:>0; sid:{sid};)\n'


def when(event):
    return datetime.datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def while_reading(given, workers):
    with tempfile.TemporaryDirectory() as out:
        pipe = os.path.join(out, "pipe")
        os.mkfifo(pipe)
        sensor = Sensor(given, out, ["-r", pipe, "--set", f"threads.workers={workers}"], rule(OLD))
        with Feed(sensor, pipe, CAPTURE) as feed:
            feed.upto(1 / 4)
            sensor.until("alerts of the old rules", lambda: OLD in sids(sensor.events()), step=feed.some)
            sensor.write(rule(NEW))
            sensor.hang_up()
            sensor.wait_for("rules reloaded", step=feed.some)
            feed.upto(1)
        sensor.expect_good_end()
        events = sensor.events()
        found = sids(events)
        expect(OLD in found and NEW in found, f"file, {workers} workers: alerts of one generation only")
        whole, _ = support.read(given.sensor, CAPTURE, rules=sensor.rules)
        expect(len(found) == len(sids(whole)), f"file, {workers} workers: {len(found)} alerts, not {len(sids(whole))}")
        expect_one_switch(events, workers, f"file, {workers} workers")
        print(f"file, {workers} workers: {found.count(OLD)} alerts of the old rules, {found.count(NEW)} of the new")


def wait_for_alert(sensor, sid):
    """Until there is one of that rule about a packet from now on: what was sent before was read."""
    now, lines = time.time(), Lines(sensor, late=True)
    sensor.until(f"an alert of rule {sid}", lambda: any(when(json.loads(line)) > now for line in lines.new() if f'"signature":"generation {sid}"' in line))
    return now


def swaps(sensor):
    """Three reloads, a failed one, and what ctl answers. Gives (time until which all was read before, time done, sid from then on)."""
    marks, sid = [], OLD
    for number, (after, how) in enumerate(((2, "SIGHUP"), (3, "reload-rules"), (4, "reload"))):
        before = wait_for_alert(sensor, sid)
        sensor.write(rule(after))
        if how == "SIGHUP":
            sensor.hang_up()
            sensor.wait_for("rules reloaded", number + 1)
        else:
            code, answer = sensor.ctl(how)
            expect(code == 0 and answer["return"] == "OK", f"{how}: {answer} " + sensor.text())
            message = answer["message"]
            expect(message == "done" if how == "reload-rules" else
                   (message["generation"], message["loaded"], message["refused"]) == (4, 1, 0), f"{how}: {answer}")
        marks.append((before, time.time(), after))
        sid = after
    wait_for_alert(sensor, sid)
    os.unlink(sensor.rules)
    for how in ("reload", "reload-rules"):
        code, answer = sensor.ctl(how)
        expect(code == 1 and answer["return"] == "NOK", f"a reload without its file: {code} {answer}")
        expect("swap.rules: cannot be read" in answer["message"], f"a reload without its file: {answer}")
    expect("swap.rules: cannot be read" in sensor.text() and "go on" in sensor.text(), "no error for the rule file:\n" + sensor.text())
    wait_for_alert(sensor, sid)
    expect(sensor.ctl("version")[1]["message"].startswith("Sekisho "), "ctl version")
    sensor.until("ctl uptime", lambda: sensor.ctl("uptime")[1]["message"] >= 2)
    sensor.until("ctl dump-counters", lambda: sensor.counters()["decoder.pkts"] > 0)
    expect(sensor.ctl("nonsense")[0] == 1, "ctl nonsense")
    expect(os.stat(sensor.socket).st_mode & 0o777 == 0o600, "mode of the socket")
    return marks


def alerts_of(events):
    """(time of the packet, rule)"""
    return [(when(e), e["alert"]["signature_id"]) for e in support.alerts(events)]


def check_generations(events, marks, workers):
    """From a reload on only its rules alert, whatever waits in the kernel; and until it was asked for, those before. (One worker: what another
    had not read yet, when the first was seen to have, may meet the next rules.)"""
    alerts, start, sid = alerts_of(events), 0.0, OLD
    for before, done, after in [*marks, (float("inf"), 0.0, 0)]:
        found = {s for t, s in alerts if start <= t <= before}
        expect(found <= {sid} or workers > 1 and min(found) >= sid, f"alerts of {found} where {sid} is in force")
        expect(any(s == sid and t >= start for t, s in alerts), f"no alerts of {sid}")
        late = {s for t, s in alerts if t > done and s < after}
        expect(not late, f"alerts of {late} after {after} was said to be in force")
        start, sid = done, after


def while_capturing(given, wire, workers):
    what = f"live, {workers} workers"
    with tempfile.TemporaryDirectory() as out:
        with wire.watch(given, out, rule(OLD), *support.sets(f"threads.workers={workers}")) as sensor:
            with Endless(wire, CAPTURE, "--pps", str(PPS)) as replaying:
                marks = swaps(sensor)
                packets = replaying.stop()
            sensor.settle(packets)
            expect(sensor.ctl("shutdown") == (0, {"return": "OK", "message": "closing"}), "ctl shutdown")
            sensor.expect_good_end()
        expect(not os.path.exists(sensor.socket), "the socket is left behind")
        events = sensor.events()
        expect_all_counted(what, packets, events)
        print(f"  alerts {len(sids(events))}, reloads {len(marks)}")
        check_generations(events, marks, workers)
        expect_one_switch(events, workers, what)


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(CAPTURE)
    for workers in (1, 2):
        while_reading(given, workers)
    need()
    with Wire() as wire:
        for workers in (1, 2):
            while_capturing(given, wire, workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
