#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules are swapped while packets come: by SIGHUP while a capture file is read, by SIGHUP and `sekisho ctl` while capturing live.

No packet is lost by it (sent = seen + counted drops), the old rules alert before and the new ones after, and a rule file that cannot be
read changes nothing. The part with live capture is skipped where namespaces or tcpreplay are missing.
"""
import datetime
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import Sensor, expect_one_switch, sids  # noqa: E402
from sensor import expect  # noqa: E402
from wire import Wire, expect_all_counted, need, sent  # noqa: E402

CAPTURE = support.pcap("office.pcap")
OLD, NEW = 1, 2
PPS, LOOPS = 4000, 12
WINDOW_S, LAG_S = 1.6, 0.6


def rule(sid):
    return f'alert ip any any -> any any (msg:"generation {sid}"; dsize:>0; sid:{sid};)\n'


def when(event):
    return datetime.datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def while_reading(given, workers):
    with tempfile.TemporaryDirectory() as out, open(CAPTURE, "rb") as file:
        capture, pipe = file.read(), os.path.join(out, "pipe")
        os.mkfifo(pipe)
        sensor = Sensor(given, out, ["-r", pipe, "--set", f"threads.workers={workers}"], rule(OLD))
        with sensor.open_pipe(pipe) as writer:
            sent = len(capture) // 4
            writer.write(capture[:sent])
            time.sleep(1)
            sensor.write(rule(NEW))
            sensor.hang_up()

            def more():
                nonlocal sent
                writer.write(capture[sent:sent + 20000])
                sent += 20000
            sensor.wait_for("rules reloaded", step=more)
            expect(sent < len(capture), "the reload came after the capture's end")
            writer.write(capture[sent:])
        sensor.expect_good_end()
        events = sensor.events()
        found = sids(events)
        expect(OLD in found and NEW in found, f"file, {workers} workers: alerts of one generation only")
        whole, _ = support.read(given.sensor, CAPTURE, rules=sensor.rules)
        expect(len(found) == len(sids(whole)), f"file, {workers} workers: {len(found)} alerts, not {len(sids(whole))}")
        expect_one_switch(events, workers, f"file, {workers} workers")
        print(f"file, {workers} workers: {found.count(OLD)} alerts of the old rules, {found.count(NEW)} of the new")


def swaps(sensor):
    """Three reloads, a failed one, and what ctl answers. Gives (time asked, time done, sid from then on)."""
    marks = []
    time.sleep(WINDOW_S)
    for number, (sid, how) in enumerate(((2, "SIGHUP"), (3, "reload-rules"), (4, "reload"))):
        sensor.write(rule(sid))
        asked = time.time()
        if how == "SIGHUP":
            sensor.hang_up()
            sensor.wait_for("rules reloaded", number + 1)
        else:
            code, answer = sensor.ctl(how)
            expect(code == 0 and answer["return"] == "OK", f"{how}: {answer} " + sensor.text())
            message = answer["message"]
            expect(message == "done" if how == "reload-rules" else
                   (message["generation"], message["loaded"], message["refused"]) == (4, 1, 0), f"{how}: {answer}")
        marks.append((asked, time.time(), sid))
        time.sleep(WINDOW_S)
    os.unlink(sensor.rules)
    for how in ("reload", "reload-rules"):
        code, answer = sensor.ctl(how)
        expect(code == 1 and answer["return"] == "NOK", f"a reload without its file: {code} {answer}")
        expect("swap.rules: cannot be read" in answer["message"], f"a reload without its file: {answer}")
    expect("swap.rules: cannot be read" in sensor.text() and "go on" in sensor.text(), "no error for the rule file:\n" + sensor.text())
    time.sleep(1)
    expect(sensor.ctl("version")[1]["message"].startswith("Sekisho "), "ctl version")
    expect(sensor.ctl("uptime")[1]["message"] >= 4, "ctl uptime")
    expect(sensor.counters()["decoder.pkts"] > 0, "ctl dump-counters")
    expect(sensor.ctl("nonsense")[0] == 1, "ctl nonsense")
    expect(os.stat(sensor.socket).st_mode & 0o777 == 0o600, "mode of the socket")
    return marks


def check_generations(events, marks, end):
    """Between two reloads only the rules in force alert. Near one, packets that waited in the kernel may meet the next rules."""
    alerts = [(when(e), e["alert"]["signature_id"]) for e in support.alerts(events)]
    start, sid = 0.0, OLD
    for asked, done, after in [*marks, (end, end, 0)]:
        found = {s for t, s in alerts if start <= t <= asked - LAG_S}
        expect(found == {sid}, f"alerts of {found} where {sid} is in force")
        start, sid = done + LAG_S, after


def while_capturing(given, wire, workers):
    what = f"live, {workers} workers"
    with tempfile.TemporaryDirectory() as out:
        with wire.watch(given, out, rule(OLD), *support.sets(f"threads.workers={workers}")) as sensor:
            replaying = wire.replay(CAPTURE, "--pps", str(PPS), "--loop", str(LOOPS))
            try:
                marks = swaps(sensor)
                end = time.time()
                expect(replaying.poll() is None, "the packets ended before the reloads")
                packets = sent(replaying)
            finally:
                replaying.kill()
            sensor.settle()
            expect(sensor.ctl("shutdown") == (0, {"return": "OK", "message": "closing"}), "ctl shutdown")
            sensor.expect_good_end(60)
        expect(not os.path.exists(sensor.socket), "the socket is left behind")
        events = sensor.events()
        expect_all_counted(what, packets, events)
        print(f"  alerts {len(sids(events))}, reloads {len(marks)}")
        check_generations(events, marks, end)
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
