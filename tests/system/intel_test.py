#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Indicators from the analyst's side: `sekisho intel` with feeds from files and https, feeds that are wrong in every way, entries added by hand,
and a live sensor that fetches its feeds itself and goes over to new ones while it captures.
"""
import csv
import gzip
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from running import PATIENCE, Sensor  # noqa: E402
from sensor import expect  # noqa: E402
from site_server import Site, certify, serve  # noqa: E402

LONG_LINE = 2 << 30
MEMORY_MOST_KB = 150_000 if "SANITIZE" not in os.environ else 1_000_000


def names(count, first=0, below="example.com"):
    return "".join(f"bad{i}.{below}\n" for i in range(first, first + count)).encode()


class Bench:
    def __init__(self, given, folder):
        self.sensor, self.folder = given.sensor, folder
        self.state, self.feeds = os.path.join(folder, "state"), os.path.join(folder, "feeds.yaml")
        self.sets = [f"reputation.state={self.state}", f"reputation.feeds={self.feeds}", "reputation.own-domains.0=Our-Company.example",
                     f"unix-command.filename={folder}/socket"]
        self.say()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def say(self, **feeds):
        """Writes the feeds file: name=(source, further lines...)."""
        with open(self.feeds, "w", encoding="utf-8") as file:
            file.write("feeds:\n" if feeds else "feeds: []\n")
            for name, (source, *lines) in feeds.items():
                file.write(f"  - name: {name}\n    source: {source}\n" + "".join(f"    {line}\n" for line in lines))

    def run(self, *words, sets=(), code=0):
        return support.say(self.sensor, "intel", *words, *support.sets(*self.sets, *sets), code=code)

    def stats(self):
        return json.loads(self.run("stats", "--json"))

    def feed(self, name):
        return next(f for f in self.stats()["feeds"] if f["feed"] == name)

    def listed(self, *words):
        return [json.loads(line) for line in self.run("list", "--json", *words).splitlines()]

    def audit(self):
        with open(os.path.join(self.state, "audit.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def by_hand(bench):
    bench.run("build")
    bench.run("check", "evil.example")
    bench.run("add", "hxxp://Evil[.]example/a/../Gate.php", "--note", "seen by Alice", "--family", "gates", "--expire", "30d", "--drop")
    bench.run("add", "203.0.113.0/24", "--confidence", "40")
    bench.run("add", "Bad.example", "--exact")
    said = bench.run("check", "http://www.evil.example/Gate.php?id=1", code=1)
    expect("alert: confidence 90 by local (90)" in said and "evil.example/Gate.php (the beginning of it)" in said and "seen by Alice" in said, said)
    bench.run("check", "http://evil.example/Gate.phpx")
    expect("a network around it" in bench.run("check", "203.0.113.9", code=1), "network")
    expect("below reputation.least-confidence" in bench.run("check", "203.0.113.9", sets=["reputation.least-confidence=50"], code=1), "confidence")
    bench.run("check", "www.bad.example")
    bench.run("check", "bad.example", code=1)
    bench.run("add", "evil.example", "--allow", "--note", "our partner")
    said = bench.run("check", "evil.example/Gate.php", code=1)
    expect("no alert: allowed by local" in said, said)
    for value, reason in (("com", "public suffix"), ("co.uk", "public suffix"), ("0.0.0.0/0", "wide"), ("www.our-company.example", "own domain"),
                          ("10.1.2.3", "private"), ("not a thing", "not a")):
        expect(reason in bench.run("add", value, code=1), f"add {value}")
    bench.run("add", "10.1.2.3", "--allow")
    expect("leave nothing" in bench.run("add", "*.x.example", "--exact", code=1), "--exact of what lies below")
    for words in (("add",), ("add", "x.example", "--expire", "yesterday"), ("add", "x.example", "--expire", "2001-01-01"), ("remove",),
                  ("add", "x.example", "--confidence", "101"), ("add", "x.example", "--confidence", "50x"), ("list", "--feed", "none"), ("list", "--kind", "thing"), ("nonsense",), ("check",)):
        bench.run(*words, code=2)
    expect([e["value"] for e in bench.listed("--allow")] == ["evil.example", "10.1.2.3"], "list --allow")
    expect(bench.listed("--kind", "url")[0]["note"] == "seen by Alice" and bench.listed("--kind", "url")[0]["drop"], "list")
    bench.run("remove", "EVIL.example")
    bench.run("remove", "evil.example", code=1)
    bench.run("add", "d41d8cd98f00b204e9800998ecf8427e", "--kind", "ja3", "--note", "\x1b]0;title\x07")
    said = bench.run("check", "d41d8cd98f00b204e9800998ecf8427e", code=1)
    expect("ja3" in said and "\x1b" not in said, "control characters reach the terminal")
    audit = bench.audit()
    expect([a["action"] for a in audit if a["result"] == "done"].count("add") == 6 and audit[-1]["value"].startswith("d41d8"), f"audit: {audit}")
    expect(any(a["value"] == "co.uk" and "public suffix" in a["result"] for a in audit if a["action"] == "add"), "refusals are on record")
    expect(any(a["action"] == "remove" and a["value"] == "evil.example" and a["result"] != "done" for a in audit), "what could not be removed is on record")
    expect(all(a["who"]["uid"] == os.getuid() and a["time"] for a in audit), "who and when")


def expiry(bench):
    for seconds in (2, 10, 50):  # until it is looked up before it expires, however slow the machine
        begun = time.time()
        bench.run("add", "soon.example", "--expire", f"{seconds}s")
        done = support.tool(bench.sensor, "intel", "check", "soon.example", *support.sets(*bench.sets))
        if time.time() < begun + seconds - 1:
            break
    expect(done.returncode == 1 and "alert" in done.stdout and "no alert" not in done.stdout, f"before it expires: {done.stdout}")
    time.sleep(max(0, begun + seconds + 1.2 - time.time()))
    said = bench.run("check", "soon.example")
    expect("no alert: expired" in said and "expired" in said, said)
    expect([e["value"] for e in bench.listed("--expired")] == ["soon.example"], "list --expired")


def exports(bench):
    bench.write("mixed.csv", b"value,family,technique\nevil.example/x,zeus,T1071.001\n203.0.113.7:8080,zeus,T1071\n198.51.100.0/24,,\n" + b"a" * 64 +
                b",'quoted\\,\nuser@evil.example,\n*.below.example,\n44d88612fea8a8f36de82e1278abb02f,\n\"http://evil.example/a,b?c=\"\"d\"\"&e='f'\",\n"
                b"[2001:db8:1::1]:443,\n2001:db8:2::/48,\nb\xc3\xbccher.example,\n/gate.php,\n")
    columns = "columns: { value: value, family: family, technique: technique }"
    bench.say(mixed=(bench.path("mixed.csv"), "format: csv", columns))
    bench.run("build")
    before = sorted((e["kind"], e["value"], e.get("family", ""), e.get("technique", ""), e["confidence"]) for e in bench.listed("--feed", "mixed"))
    expect(len(before) == 12, f"mixed: {before}")
    for format_, lines in (("stix", ()), ("csv", ("columns: { value: value, family: family, kind: kind, confidence: confidence, technique: technique }",))):
        text = bench.run("export", "--feed", "mixed", "--format", format_)
        if format_ == "stix":
            bundle = json.loads(text)
            expect(bundle["type"] == "bundle" and len({o["id"] for o in bundle["objects"]}) == len(bundle["objects"]), "ids")
        bench.write("again", text.encode())
        bench.say(mixed=(bench.path("mixed.csv"), "format: csv", columns),
                  again=(bench.path("again"), "format: " + format_, *lines))
        bench.run("build")
        after = sorted((e["kind"], e["value"], e.get("family", ""), e.get("technique", ""), e["confidence"]) for e in bench.listed("--feed", "again"))
        expect(before == after, f"{format_} is not read as it was written:\n{before}\n{after}")


def ages(bench):
    """A list without dates, read twice: since when each of its lines is known, and everywhere the same."""
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    bench.say(plain=(bench.write("plain.txt", names(2)),), dated=(bench.write("dated.csv", b"bad0.example.com,2026-01-02\n"), "format: csv",
                                                                 "columns: { value: 1, first-seen: 2 }"))
    bench.run("build")
    first = {e["value"]: e for e in bench.listed("--feed", "plain")}
    expect(all(e["first_seen"] >= started and e["or_earlier"] for e in first.values()), f"first reading: {first}")
    time.sleep(1.1)
    bench.write("plain.txt", names(3))
    bench.run("build")
    then = {e["value"]: e for e in bench.listed("--feed", "plain")}
    expect(len(then) == 3 and all(then[value] == entry for value, entry in first.items()), f"what was there is older now, or younger: {then}")
    new = then["bad2.example.com"]
    expect(new["first_seen"] > first["bad1.example.com"]["first_seen"] and "or_earlier" not in new, f"a new line: {new}")
    expect(bench.listed("--feed", "dated")[0]["first_seen"] == "2026-01-02T00:00:00Z", "a date of the feed's own")
    said = bench.run("check", "bad1.example.com", code=1)
    expect(f"first seen {first['bad1.example.com']['first_seen']} or earlier" in said, said)
    said = bench.run("check", "bad2.example.com", code=1)
    expect(f"first seen {new['first_seen']}\n" in said, said)
    rows = list(csv.DictReader(bench.run("export", "--feed", "plain", "--format", "csv").splitlines()))
    expect([(r["first_seen"], r["or_earlier"]) for r in rows] == [(then[r["value"]]["first_seen"], "no" if r["value"] == "bad2.example.com" else "yes")
                                                                  for r in rows] and len(rows) == 3, f"CSV: {rows}")
    objects = [o for o in json.loads(bench.run("export", "--feed", "plain"))["objects"] if o["type"] == "indicator"]
    expect(len(objects) == 3 and all(o["valid_from"] == then[o["name"]]["first_seen"] for o in objects), f"STIX: {objects}")
    # Of a list that fails nothing is forgotten
    os.remove(bench.path("plain.txt"))
    bench.run("build", code=1)
    expect({e["value"]: e for e in bench.listed("--feed", "plain")} == then, "a feed that failed")


def bad_feeds(bench):
    """What is wrong is said, and what was good stays."""
    good = names(100)
    ways = {
        "truncated": (gzip.compress(names(5000))[:-2000], "truncated"),
        "binary": (b"\x7fELF\0\0\0" + os.urandom(20000), "binary"),
        "page": (b"<!DOCTYPE html><html><body>" + b"<p>404</p>\n" * 100 + b"</body></html>", "an HTML page"),
        "half": (names(49), "shrank"),
        "empty": (b"", "nothing in it"),
    }
    bench.say(**{name: (bench.write(name, good),) for name in ways})
    bench.run("build")
    expect(all(f["entries"] == 100 and f["state"] == "good" for f in bench.stats()["feeds"]), "good feeds")
    for name, (content, _) in ways.items():
        bench.write(name, content)
    said = bench.run("build", code=1)
    for name, (_, reason) in ways.items():
        feed = bench.feed(name)
        expect(feed["entries"] == 100 and feed["state"] == "failing" and reason in feed["error"], f"{name}: {feed}")
        expect(name in said and reason in said, said)
    expect(bench.stats()["compiled"]["kinds"]["domain"] >= 100, "what was good stays")
    bench.run("update", "half", "--force")
    expect(bench.feed("half")["entries"] == 49 and bench.feed("half")["state"] == "good", "--force")
    # Entries that nobody should believe, among good ones
    sloppy = b"com\nco.uk\n0.0.0.0/0\n192.0.2.77\nour-company.example\nwww.our-company.example\n10.0.0.1\n::/0\n192.0.2.0/20\n"
    bench.say(sloppy=(bench.write("sloppy", sloppy + names(30)),))
    said = bench.run("build", sets=["vars.address-groups.HOME_NET=[10.0.0.0/8,192.0.2.0/24]"])
    feed = bench.feed("sloppy")
    expect(feed["entries"] == 30 and feed["refused"] == 9, f"sloppy: {feed}")
    for reason in ("public suffix", "so wide a network", "own domain", "own network", "private"):
        expect(any(reason in r for r in feed["refusals"]), f"{reason}: {feed['refusals']}")
    expect("line 3: 0.0.0.0/0" in said and "and 1 more" in said, said)


def long_line(bench):
    """A line of 2 GB (gzip'd, as members put one behind another): bounded memory, and the rest of the file is read."""
    path, part = bench.path("long.gz"), gzip.compress(b"x" * (16 << 20), 1)
    with open(path, "wb") as file:
        file.write(gzip.compress(names(50)))
        for _ in range(LONG_LINE >> 24):
            file.write(part)
        file.write(gzip.compress(b"\n" + names(50, 50)))
    bench.say(long=(path, "max-size: 4 GiB"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.time()
    bench.run("build")
    feed, peak = bench.feed("long"), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    expect(feed["entries"] == 100 and feed["refused"] == 1 and "over 64 KiB" in feed["refusals"][0], f"long: {feed}")
    expect(peak <= max(before, MEMORY_MOST_KB), f"{peak} KB of memory for one line")
    print(f"a line of {LONG_LINE / 1e6:.0f} MB: {time.time() - started:.1f} s, {peak / 1e3:.0f} MB of memory at most")
    bench.say(long=(path,))
    bench.run("update", "--force", code=1)
    feed = bench.feed("long")
    expect("max-size" in feed["error"] and feed["entries"] == 100, feed)


def damaged_entries(bench):
    """What one feed's entries have that can be read is used, others are as they were, and the feed is read anew."""
    bench.say(whole=(bench.write("whole", names(50)),), cut=(bench.write("cut", names(50, 100)),))
    bench.run("build")
    path = os.path.join(bench.state, "feeds", "cut", "entries")
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) // 2)
    said = bench.run("add", "by-hand.example", "--no-reload")
    expect("truncated" in said and os.path.exists(path + ".damaged"), said)
    expect("alert" in bench.run("check", "by-hand.example", code=1), "what was added by hand is not told of")
    bench.run("update")
    expect(bench.feed("cut")["entries"] == 50 and len(bench.listed()) == 101, bench.stats())


def limit_files():
    """For a child: no file longer than 100 kB, as on a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def full_disk(bench):
    """A reading that does not fit says what was in its way, and the last one stays."""
    path = bench.write("many", names(50))
    bench.say(many=(path,))
    bench.run("build")
    bench.write("many", names(20_000))
    said = support.tool(bench.sensor, "intel", "update", "--no-reload", *support.sets(*bench.sets), preexec_fn=limit_files)
    feed = bench.feed("many")
    expect(said.returncode == 1 and feed["entries"] == 50 and feed["error"].endswith("feeds/many/entries.new: File too large"), feed)
    bench.run("update", "many")
    expect(bench.feed("many")["entries"] == 20_000, bench.feed("many"))


def https(bench):
    cert, context = certify(bench.folder)
    if not cert:
        return
    server = serve(context)
    url = f"https://localhost:{server.server_port}/list"
    Site.files["/list"] = gzip.compress(names(200))
    bench.say(web=(url, "interval: 1h"))
    expect("certificate" in bench.run("update", code=1), "an unknown certificate")
    trust = [f"fetch.ca-file={cert}"]
    expect("not due" in bench.run("update", sets=trust, code=1), "back-off")
    Site.log.clear()
    bench.run("update", "--force", sets=trust)
    expect(bench.feed("web")["entries"] == 200 and bench.feed("web")["state"] == "good", "fetched")
    said = bench.run("update", sets=trust)
    expect(Site.log == [200] and "not due before 20" in said and "200 entries" in said, f"not due: {Site.log}\n{said}")
    said = bench.run("update", "web", sets=trust)
    expect(Site.log == [200, 304] and "unchanged: 200 entries" in said, f"named, and so fetched: {Site.log}\n{said}")
    del Site.log[1:]
    bench.run("update", "--force", sets=trust)
    expect(Site.log == [200, 200] or Site.log == [200, 304], f"etag: {Site.log}")
    bench.say(web=(url, "interval: 60s"))
    Site.files["/list"] = 503
    expect("503" in bench.run("update", "--force", sets=trust, code=1), "a server that fails")
    feed = bench.feed("web")
    expect(feed["entries"] == 200 and feed["failures"] == 1 and "503" in feed["error"], f"kept: {feed}")
    bench.run("check", "bad7.example.com", code=1)
    Site.files["/list"] = gzip.compress(names(80))
    make_due(bench, "web")
    expect("shrank" in bench.run("update", sets=trust, code=1), "a feed that is half gone")
    feed = bench.feed("web")
    expect(feed["entries"] == 200 and feed["failures"] == 2, f"kept: {feed}")
    expect("shrank" in bench.run("update", "web", sets=trust, code=1), "its name alone takes no feed that shrank")
    bench.say(web=(url, "enabled: no"))
    expect("not enabled" in bench.run("update", "web", sets=trust, code=1), "a feed that is off")
    dates(bench, url, trust)
    beside_a_slow_server(bench, url, trust)
    server.shutdown()


def dates(bench, url, trust):
    """Servers that have no ETags, but times; or nothing."""
    bench.say(web=(url, "interval: 60s"))
    Site.files["/list"], Site.dated["/list"] = names(90), "Sun, 22 Nov 2026 01:02:03 GMT"
    bench.run("update", "--force", sets=trust)
    with open(os.path.join(bench.state, "feeds", "web", "state.json"), encoding="utf-8") as file:
        status = json.load(file)
    expect(status["modified"] == Site.dated["/list"] and status["etag"] == "", status)
    Site.log.clear()
    expect("unchanged: 90" in bench.run("update", "--force", sets=trust), "not modified")
    Site.dated["/list"], Site.files["/list"] = "Sun, 22 Nov 2026 01:02:04 GMT", names(91)
    expect("read: 91" in bench.run("update", "--force", sets=trust), "modified")
    expect(Site.log == [304, 200], f"Last-Modified: {Site.log}")
    # Of a server that says nothing the content tells that nothing is new
    Site.dated["/list"] = ""
    bench.run("update", "--force", sets=trust)
    make_due(bench, "web")
    expect("unchanged: 91" in bench.run("update", sets=trust) and Site.log == [304, 200, 200, 200], f"same content: {Site.log}")
    del Site.dated["/list"]


def make_due(bench, name):
    path = os.path.join(bench.state, "feeds", name, "state.json")
    with open(path, encoding="utf-8") as file:
        status = json.load(file)
    status["next"] = 0
    with open(path, "w", encoding="utf-8") as file:
        json.dump(status, file)


def beside_a_slow_server(bench, url, trust):
    """Who adds by hand does not wait for a server, and processes that fetch the same feed do not hurt each other."""
    Site.delays["/list"] = threading.Event()
    Site.files["/list"] = names(120)
    Site.slow.clear()
    words = support.sets(*bench.sets, *trust)
    updates = [subprocess.Popen([bench.sensor, "intel", "update", "--force", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
               for _ in range(3)]
    expect(Site.slow.wait(PATIENCE), "the slow feed was not asked for")
    started = time.time()
    bench.run("add", "byhand.example", sets=trust)
    took = time.time() - started
    print(f"intel add beside a slow server: {took:.2f} s")
    expect(took < PATIENCE / 2, "intel add waits for a server")
    bench.run("check", "byhand.example", code=1)
    Site.delays["/list"].set()
    for update in updates:
        said = update.communicate(timeout=PATIENCE)[0]
        expect(update.returncode == 0 and ("read: 120" in said or "unchanged: 120" in said), said)
    expect(bench.feed("web")["entries"] == 120 and bench.feed("web")["state"] == "good", bench.feed("web"))
    bench.run("check", "bad119.example.com", code=1)
    bench.run("check", "byhand.example", code=1)
    left = [n for n in os.listdir(os.path.join(bench.state, "feeds", "web")) if n not in ("entries", "state.json")]
    expect(not left, f"left over: {left}")
    # The two changes that compile at the same time
    Site.delays.clear()
    both = [subprocess.Popen([bench.sensor, "intel", *verb, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for verb in (("add", "one.example"), ("add", "two.example"), ("update", "--force"), ("build",), ("remove", "byhand.example"))]
    for change in both:
        said = change.communicate(timeout=PATIENCE)[0]
        expect(change.returncode == 0, said)
    bench.run("check", "one.example", code=1)
    bench.run("check", "two.example", code=1)
    bench.run("check", "byhand.example")


def ask(port, host):
    """A request to our own server, for host."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/page", headers={"Host": host})
    connection.getresponse().read()
    connection.close()


def alerts_of(sensor, host):
    return [e for e in support.alerts(sensor.events(), 4001) if host in json.dumps(e["alert"])]


def await_alert(sensor, port, host, there=True):
    for _ in range(2 * PATIENCE if there else 6):
        ask(port, host)
        time.sleep(0.5)
        if alerts_of(sensor, host):
            expect(there, f"an alert for {host}")
            return
    expect(not there, f"no alert for {host}:\n{sensor.text()}")


def expect_age(sensor, host, at_least):
    context = alerts_of(sensor, host)[0]["alert"]["context"]["reputation"]
    expect(context["listed_since"] and context["age_days"] == 0 and context.get("age_at_least", False) == at_least, f"{host}: {context}")


def live(given, bench):
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except PermissionError:
        print("no right to capture: the updater is not tried")
        return
    server = serve()
    own = f"p{os.getpid()}.example.com"  # others may be tested on the same loopback interface
    Site.files["/feed"], Site.files["/dead"], Site.files["/page"] = names(10, below=own), 500, b"page"
    base = f"http://127.0.0.1:{server.server_port}"
    bench.say()
    shutil.rmtree(bench.state)
    out = bench.path("live")
    os.makedirs(out)
    words = ["-i", "lo", "-v", *support.sets("threads.workers=2", *bench.sets[:3])]
    sensor = Sensor(given, out, words, 'alert http any any -> any any (msg:"page"; http.uri; content:"/page"; sid:1;)\n')
    bench.sets[3] = f"unix-command.filename={sensor.socket}"
    try:
        sensor.wait_for("capturing on")
        await_alert(sensor, server.server_port, f"bad3.{own}", there=False)
        # Nothing was known at start; the feeds file changes, and the updater finds it at a reload
        bench.say(web=(base + "/feed", "interval: 60s"), dead=(base + "/dead",))
        code, answer = sensor.ctl("reload")
        expect(code == 0, f"{answer}")
        said = bench.run("add", f"byhand.{own}")
        expect("the running sensor uses them" in said, said)
        await_alert(sensor, server.server_port, f"byhand.{own}")
        code, answer = sensor.ctl("reload", "indicators")
        expect(code == 0 and answer["message"]["indicators"] >= 1 and answer["message"]["generation"] == 2, f"{answer}")
        sensor.wait_for("feed web: 10 entries")
        sensor.wait_for("feed dead: the server answered 500")
        await_alert(sensor, server.server_port, f"bad3.{own}")
        expect_age(sensor, f"bad3.{own}", True)
        Site.files["/feed"] = names(11, below=own)
        bench.run("update", "web", "--force")
        await_alert(sensor, server.server_port, f"bad10.{own}")
        expect_age(sensor, f"bad10.{own}", False)
        expect(support.alerts(sensor.events()), "rules do not match after indicators were reloaded")
        expect(any(a.get("by") == "updater" and a["feed"] == "web" for a in bench.audit()), "the updater is on record")
        # An end amid a transfer that gives nothing
        Site.files["/slow"] = "slow"
        bench.say(web=(base + "/feed",), slow=(base + "/slow",))
        expect(Site.slow.wait(PATIENCE), "the slow feed was not asked for")
        started = time.time()
        sensor.process.send_signal(signal.SIGTERM)
        sensor.expect_good_end()
        print(f"ended {time.time() - started:.1f} s after it was asked to, amid a transfer")
        expect(time.time() - started < PATIENCE / 2, "the updater holds the end up")
        Site.never.set()
        expect(bench.feed("slow")["state"] == "never read", "a transfer that was broken off is on record")
    finally:
        sensor.end()
        server.shutdown()


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sekisho-intel-") as folder:
        for part in (by_hand, expiry, exports, ages, bad_feeds, long_line, damaged_entries, full_disk, https):
            if given.only in (None, part.__name__):
                os.makedirs(os.path.join(folder, part.__name__))
                part(Bench(given, os.path.join(folder, part.__name__)))
        if given.only in (None, "live"):
            os.makedirs(os.path.join(folder, "l"))
            bench = Bench(given, os.path.join(folder, "l"))
            bench.run("build")
            live(given, bench)
    print("intel: good")


if __name__ == "__main__":
    main()
