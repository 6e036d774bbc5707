#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking back while capturing live: traffic on a veth pair names what nobody lists yet; `sekisho hunt` answers beside the sensor that writes; then a value is added by hand,
and a feed brings another, and each gives one alert about the past, which is not told again by a sensor started anew. Skipped where namespaces or tcpreplay are missing.
"""
import datetime
import json
import os
import pwd
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import PATIENCE  # noqa: E402
from sensor import expect  # noqa: E402
from wire import Wire, need, sent  # noqa: E402

CAPTURE = support.pcap("office.pcap")
NAME, LISTED, HOST = "files.invoice-portal.test", "invoice-portal.test", "192.168.10.24"
SECOND = "sync-node.test"
KINDS = {"domain", "url", "address", "endpoint", "file_md5", "file_sha256", "cert_sha1", "ja3", "ja4", "user_agent"}


class Site:
    """What a sensor and the tools beside it share."""

    def __init__(self, given, out):
        self.given, self.out, self.feed = given, out, os.path.join(out, "feed.txt")
        feeds = os.path.join(out, "feeds.yaml")
        self.feed_has("nothing.example")
        with open(feeds, "w", encoding="ascii") as file:
            file.write(f"feeds:\n  - name: one\n    source: {self.feed}\n    format: plain\n")
        self.common = support.sets(f"sightings.path={out}/seen", f"reputation.state={out}/intel", f"unix-command.filename={out}/socket",
                                   "reputation.feeds=" + feeds)

    def feed_has(self, *names):
        with open(self.feed, "w", encoding="ascii") as file:
            file.write("".join(name + "\n" for name in names))

    def tool(self, *words, **more):
        return support.tool(self.given.sensor, *words, *self.common, **more)

    def hunt(self, *words):
        done = self.tool("hunt", *words, "--json")
        expect(done.returncode in (0, 1), f"hunt {words}: {done.returncode} {done.stderr}")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        expect((done.returncode == 1) == bool(rows), f"hunt {words}: exit {done.returncode}, {len(rows)} rows")
        return rows

    def sensor(self, wire, workers):
        return wire.watch(self.given, self.out, "", *support.sets("sightings.enabled=auto", f"threads.workers={workers}"), *self.common)


def past(sensor):
    return [e for e in support.alerts(sensor.events(), 4001) if e["alert"]["context"]["reputation"].get("retrospective")]


def until(what, test):
    end = time.monotonic() + PATIENCE
    while True:
        answer = test()
        if answer:
            return answer
        expect(time.monotonic() < end, "not within the time: " + what)
        time.sleep(0.2)


def is_now(text, began):
    then = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc).timestamp()
    return began - 2 <= then <= time.time() + 2


def until_still(site):
    """Until nothing was added to what is written for longer than the sensor waits before it writes (5 s)."""
    last, since, end = None, time.monotonic(), time.monotonic() + PATIENCE
    while time.monotonic() < min(since + 6, end):
        time.sleep(0.5)
        now = [(r["value"], r["count"], r["last_seen"]) for r in site.hunt("--host", HOST)]
        if now != last:
            last, since = now, time.monotonic()


def check_hunt(site, began):
    row = site.hunt(NAME)[0]
    expect(row["host"] == HOST and "http host" in row["where"] and is_now(row["first_seen"], began) and is_now(row["last_seen"], began), f"{row}")
    kinds = {}
    for row in site.hunt("--host", HOST):
        kinds.setdefault(row["kind"], row)
    expect(KINDS <= set(kinds), f"{sorted(kinds)}")
    for kind, row in kinds.items():
        found = site.hunt(row["value"], "--host", HOST, *(("--kind", kind) if kind == "user_agent" else ()))
        expect(any(r["value"] == row["value"] and r["kind"] == kind for r in found), f"{kind} {row['value']} is not found: {found}")
    url, address = kinds["url"]["value"], kinds["address"]["value"]
    expect(site.hunt("http://" + url[:-1]) and site.hunt("/" + url.split("/", 1)[1]), "the beginning of a URL, and its path")
    expect(any(r["value"] == address for r in site.hunt(address.rsplit(".", 1)[0] + ".0/24")), "a network")
    expect(site.hunt(NAME, "--since", "1h") and not site.hunt(NAME, "--until", "1h") and not site.hunt(NAME, "--host", "192.168.10.250"), "times and hosts")
    with open(os.path.join(site.out, "values"), "w", encoding="ascii") as file:
        file.write("".join(row["value"] + "\n" for row in kinds.values() if row["kind"] != "user_agent") + "never.example\n")
    found = site.hunt("--from-file", file.name)
    expect({r["value"] for r in found} >= {r["value"] for r in kinds.values() if r["kind"] != "user_agent"}, "values of a file")
    nobody = pwd.getpwnam("nobody")
    done = site.tool("hunt", NAME, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    expect(done.returncode == 2 and "ermission denied" in done.stderr, f"another user's: {done.returncode} {done.stderr} {done.stdout}")


def check_alert(alert, indicator, source, began, count):
    context = alert["alert"]["context"]["reputation"]
    expect(alert["src_ip"] == HOST and context["indicator"] == indicator and context["hosts"] == 1, f"{alert}")
    expect(source in json.dumps(context["sources"]) and context["count"] >= count, f"{context}")
    expect(is_now(context["first_seen"], began) and is_now(context["last_seen"], began), f"{context}")
    return context["flow_ids"]


def run(site, wire, workers, began):
    with site.sensor(wire, workers) as sensor:
        replaying = wire.replay(CAPTURE, "--pps", "3000")
        until("hunt finds what was just seen", lambda: site.hunt(NAME))
        sent(replaying)
        until("what came later is said", lambda: "http host" in site.hunt(NAME)[0]["where"])
        until("every kind is written", lambda: KINDS <= {r["kind"] for r in site.hunt("--host", HOST)})
        until_still(site)
        check_hunt(site, began)
        expect(not past(sensor), "alerts about the past before there was a reason")
        added = site.tool("intel", "add", LISTED, "--note", "from the incident")
        expect(added.returncode == 0, added.stderr + added.stdout)
        alerts = until("an alert about the past", lambda: past(sensor))
        flows = check_alert(alerts[0], LISTED, "local", began, 1)
        site.feed_has("nothing.example", SECOND)
        code, answer = sensor.ctl("reload", "indicators")
        expect(code == 0, str(answer))
        alerts = until("an alert of the feed", lambda: len(past(sensor)) > 1 and past(sensor))
        flows += check_alert(alerts[1], SECOND, "one", began, 2)
        expect(sensor.ctl("reload", "indicators")[0] == 0, "a reload that brings nothing")
        time.sleep(2)  # in which it would be told again
        counters = sensor.counters()
        expect(counters["sightings.retrospective"] == 2 and counters["sightings.bytes"] > 0 and counters["sightings.given_lost"] == 0, f"{counters}")
        sensor.interrupt()
        expect(len(past(sensor)) == 2, "told twice")
        known = {e["flow_id"] for e in sensor.events() if e["event_type"] == "flow"}
        expect(flows and set(flows) <= known, f"flow ids no flow event has: {set(flows) - known}")


def again(site, wire):
    with site.sensor(wire, 1) as sensor:
        expect(sensor.ctl("reload", "indicators")[0] == 0, "a reload")
        sensor.settle(sent(wire.replay(CAPTURE, "--pps", "5000")))
        until("live traffic is told of", lambda: len(support.alerts(sensor.events(), 4001)) > 2)
        live = support.alerts(sensor.events(), 4001)
        sensor.interrupt()
        expect(len(past(sensor)) == 2, "told again by the sensor started anew")
        expect(len(live) > 2, "live traffic is not told of")
        expect(site.hunt(NAME)[0]["count"] >= 2, "the second run's sightings do not join the first's")


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(CAPTURE)
    need()
    with tempfile.TemporaryDirectory() as out, Wire() as wire:
        os.chmod(out, 0o755)
        site = Site(given, out)
        run(site, wire, 2, time.time())
        again(site, wire)
    return 0


if __name__ == "__main__":
    sys.exit(main())
