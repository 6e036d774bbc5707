#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen is kept over runs, `sekisho hunt` finds it, and an indicator that comes later gives an alert about the past.

Two captures are read into one database; then a list names what the first one had: at the next start, and at a reload while a capture is read.
"""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps"))
import network  # noqa: E402
import sensor as support  # noqa: E402
from running import Feed, Sensor  # noqa: E402
from sensor import expect  # noqa: E402

OFFICE, SWITCH = support.pcap("office.pcap"), support.pcap("switch.pcap")
NAME, HOST = "files.invoice-portal.test", "192.168.10.24"


def kept(folder):
    return support.sets("sightings.enabled=yes", "sightings.path=" + folder)


def read(given, capture, folder, *more):
    return support.read(given.sensor, capture, *kept(folder), *more)[0]


def hunt(given, folder, *words, tool=("hunt",)):
    done = support.tool(given.sensor, *tool, *words, "--json", *support.sets("sightings.path=" + folder))
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def http2_literal(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def http2_frame(kind, flags, stream, body=b""):
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def check_rows(given):
    """An end of a line in a user agent, which HTTP/2 can carry, forges no row."""
    forged = b"x\n  192.168.10.99    2026-01-01T00:00:00Z  2026-01-01T00:00:00Z       1 x  forged (domain; tls sni; flows 1"
    headers = b"".join(http2_literal(*pair) for pair in ((b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"h2.example"),
                                                         (b"user-agent", forged)))
    with tempfile.TemporaryDirectory() as folder:
        net = network.Network(network.Numbers(1))
        client, server = (network.Host(ip, bytes(5) + bytes([n]), 64) for n, ip in ((1, "192.168.10.24"), (2, "203.0.113.9")))
        session = network.Session(net, 1772438400 * 1000000, client, server, 80)
        session.ask(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2_frame(4, 0, 0) + http2_frame(1, 5, 1, headers),
                    http2_frame(4, 0, 0) + http2_frame(1, 5, 1, http2_literal(b":status", b"200"))).close()
        net.write(os.path.join(folder, "h2.pcap"))
        read(given, os.path.join(folder, "h2.pcap"), folder)
        done = support.tool(given.sensor, "hunt", "--host", "192.168.10.24", *support.sets("sightings.path=" + folder))
        expect("forged" in done.stdout and not any(line.startswith("  192.168.10.99") for line in done.stdout.splitlines()), done.stdout)


def past(events):
    return [e for e in support.alerts(events, 4001) if e["alert"]["context"]["reputation"].get("retrospective")]


def check_hunt(given, folder, events):
    code, rows, told = hunt(given, folder, NAME)
    expect(code == 1 and len(rows) == 1, f"hunt {NAME}: {code} {rows} {told}")
    row = rows[0]
    expect((row["host"], row["value"], row["kind"]) == (HOST, NAME, "domain"), f"hunt: {row}")
    expect("http host" in row["where"] and row["count"] >= 1, f"hunt: {row}")
    flows = {e["flow_id"] for e in events if e["event_type"] == "flow"}
    expect(row["flow_ids"] and set(row["flow_ids"]) <= flows, f"flow ids that no flow event has: {row}")
    expect(hunt(given, folder, NAME, tool=("intel", "sightings"))[:2] == (code, rows), "intel sightings tells something else")
    for words, count in ((("invoice-portal.test",), 1), (("*.invoice-portal.test",), 1), (("voice-portal.test",), 0), ((NAME + "/portal",), 1),
                         ((NAME + "/portalx",), 0), (("/portal/view",), 1), ((NAME, "--host", HOST), 1), ((NAME, "--host", "192.168.10.2"), 0),
                         ((NAME, "--until", "2026-03-01"), 0), ((NAME, "--since", "2026-03-01", "--until", "2026-04-01"), 1)):
        code, rows, told = hunt(given, folder, *words)
        expect(len(rows) == count and code == (1 if count else 0), f"hunt {words}: {code} {rows} {told}")
    expect(hunt(given, folder, "--host", HOST)[1], "nothing of a host")
    expect({r["host"] for r in hunt(given, folder, "--host", HOST)[1]} == {HOST}, "others' sightings")
    agents = hunt(given, folder, "Mozilla/", "--kind", "user_agent")[1]
    expect(agents and all(r["kind"] == "user_agent" for r in agents), f"user agents: {agents}")
    far = next(r for r in hunt(given, folder, "203.0.113.0/24")[1] if r["kind"] == "endpoint")
    expect(far in hunt(given, folder, far["value"].split(":")[0])[1] or hunt(given, folder, far["value"])[1], "an address of a network")
    expect(hunt(given, folder)[0] == 2 and hunt(given, folder, "a..b")[0] == 2, "bad command lines")
    expect(hunt(given, folder + "x", NAME)[0] == 2, "no database")


def ask_file(given, folder, text):
    path = os.path.join(folder, "values")
    with open(path, "wb") as file:
        file.write(text)
    return support.tool(given.sensor, "hunt", "--from-file", path, *support.sets("sightings.path=" + folder))


def check_file(given, folder):
    done = ask_file(given, folder, b"# a comment\n\nnever.example\n" + NAME.encode() + b"\n")
    expect(done.returncode == 1 and "1 of 2 values were seen" in done.stdout and HOST in done.stdout, f"from a file: {done.stdout}")
    expect("what is kept is of 2026-03-03T08:" in done.stdout, f"of what time: {done.stdout}")
    done = ask_file(given, folder, b"\xef\xbb\xbf" + NAME.upper().encode() + b".\r\n\"hxxp://files[.]invoice-portal(dot)test/portal\",  # note\r\nfoo,bar\r\n")
    expect(done.returncode == 1 and "2 of 3 values were seen" in done.stdout and "values:3: foo,bar" in done.stderr, f"as people keep lists: {done}")
    for text in (b"", b"# nothing\n\n"):
        done = ask_file(given, folder, text)
        expect(done.returncode == 2 and "holds no value" in done.stderr, f"a file without values: {done}")


def check_awkward(given, folder):
    for words in (("203.0.113",), ("203.0.113.1-203.0.113.9",), ("203.0.113.*",), ("2a39794b02468259c8c8323ce1e51f2",), ("",), (".",), ("*",),
                  (NAME, "--since", "2026-04-01", "--until", "2026-03-01"), (NAME, "--since", "yesterday"), (NAME, "--host", "nohost"),
                  (NAME, "--kind", "names"), ("--from-file", "/nowhere"), ("--from-file", folder), ("--bogus",), (NAME, "--since"),
                  (NAME, "--since", "2026-02-31"), (NAME, "--since", "5"), (NAME, "--host", HOST, "--host", HOST), ("203.0.113.0/33",),
                  (NAME, "--host", "10.0.0.0/40"), ("\x1b[31m.example",), ("a" * 5000,)):
        code, rows, told = hunt(given, folder, *words)
        expect(code == 2 and not rows and told.startswith("sekisho: error: hunt: ") and "\x1b" not in told and len(told) < 300, f"hunt {words}: {code} {rows} {told}")
    for words in ((NAME.upper() + ".",), (" " + NAME + " ",), ("files[.]invoice-portal[.]test",), ("hxxp[:]//" + NAME + "/portal",),
                  (NAME, "--host", "192.168.10.0/24"), (NAME, "--host", "0.0.0.0/0"), ("0.0.0.0/0",)):
        expect(hunt(given, folder, *words)[0] == 1, f"hunt {words}")
    for words in ((NAME, "--host", "192.168.11.0/24"), (NAME, "--host", "2001:db8::1"), ("b\u00fccher.example",), ("198.18.0.1",)):
        expect(hunt(given, folder, *words)[:2] == (0, []), f"hunt {words}")
    done = support.tool(given.sensor, "hunt", *support.sets("sightings.path=" + folder), "--", NAME)
    expect(done.returncode == 1 and HOST in done.stdout, f"what follows -- is no option: {done}")
    files = [r for r in hunt(given, folder, "--host", HOST)[1] if r["kind"] == "file_md5"]
    expect(files and hunt(given, folder, "MD5:" + files[0]["value"].upper())[0] == 1, "a hash with its name before it")


def check_no_database(given, folder):
    """What lies where the database should be is told in one line, and never waited for."""
    path = os.path.join(folder, "other", "sightings.db")
    os.mkdir(os.path.dirname(path))
    for make, told in ((lambda: os.mkfifo(path), "no regular file"), (lambda: os.mkdir(path), "no regular file"), (lambda: open(path, "wb").close(), "it is empty"),
                       (lambda: os.symlink("/nowhere", path), "nothing was kept there")):
        make()
        for tool in (("hunt", NAME), ("intel", "sightings", NAME)):
            done = support.tool(given.sensor, *tool, *support.sets("sightings.path=" + os.path.dirname(path)))
            expect(done.returncode == 2 and not done.stdout and told in done.stderr and len(done.stderr.splitlines()) == 1, f"{told}: {done}")
        (os.rmdir if os.path.isdir(path) else os.unlink)(path)
    done = support.tool(given.sensor, "hunt", NAME, *support.sets("sightings.path="))
    expect(done.returncode == 2 and "sightings.path is not set" in done.stderr, f"{done}")


def check_bad_files(given, folder):
    for text, told in ((("\ufeff" + NAME + "\n").encode("utf-16"), "UTF-16"), (b"a\0b\n" + NAME.encode() + b"\n", "values:1: a zero byte"),
                       (b"a" * 3000 + b"\n" + NAME.encode() + b"\n", "values:1: longer than 2048 bytes"), (b"..\n" * 1000, "980 more values are none")):
        done = ask_file(given, folder, text)
        found = NAME.encode() in text and b"\xff\xfe" not in text
        expect(told in done.stderr and done.returncode == (1 if found else 2) and len(done.stderr.splitlines()) <= 21, f"{told}: {done}")


def check_past(alerts, what):
    expect(len(alerts) == 1, f"{what}: {len(alerts)} alerts")
    alert = alerts[0]
    context = alert["alert"]["context"]["reputation"]
    expect(alert["src_ip"] == HOST and context["indicator"] == "invoice-portal.test", f"{what}: {alert}")
    expect(context["first_seen"].startswith("2026-03-03T08:07:12") and context["count"] >= 1 and context["hosts"] == 1 and
           context["flow_ids"] and context["sources"], f"{what}: {context}")


def check_suppressed(given):
    """A suppress line holds for alerts about the past, by the host they are about; it is read anew with the rules."""
    with tempfile.TemporaryDirectory() as folder:
        indicators, lines = os.path.join(folder, "indicators.txt"), os.path.join(folder, "threshold.config")
        with open(indicators, "w", encoding="ascii") as file:
            file.write("invoice-portal.test\n")
        for line, count in ((f"suppress gen_id 4001, sig_id 2, track by_src, ip {HOST}", 0), ("suppress gen_id 4001, sig_id 0", 0),
                            (f"suppress gen_id 4001, sig_id 1, track by_src, ip {HOST}", 1), ("suppress gen_id 4001, sig_id 2, track by_src, ip 192.168.10.99", 1)):
            seen = os.path.join(folder, "seen")
            read(given, OFFICE, seen)
            with open(lines, "w", encoding="ascii") as file:
                file.write(line + "\n")
            told = past(read(given, SWITCH, seen, *support.sets("reputation.lists.0=" + indicators, "threshold-file=" + lines)))
            expect(len(told) == count, f"{line}: {len(told)} alerts")
            shutil.rmtree(seen)


def at_start(given):
    with tempfile.TemporaryDirectory() as folder:
        indicators = os.path.join(folder, "indicators.txt")
        lists = support.sets("reputation.lists.0=" + indicators)
        events = read(given, OFFICE, folder)
        expect(not past(events), "looked back without indicators")
        check_hunt(given, folder, events)
        check_file(given, folder)
        check_awkward(given, folder)
        check_bad_files(given, folder)
        check_no_database(given, folder)
        check_rows(given)
        with open(indicators, "w", encoding="ascii") as file:
            file.write("invoice-portal.test\n")
        check_past(past(read(given, SWITCH, folder, *lists)), "at start")
        expect(not past(read(given, SWITCH, folder, *lists)), "told twice")
        rows = hunt(given, folder, NAME)[1]
        expect(len(rows) == 1 and rows[0]["count"] == hunt(given, folder, NAME)[1][0]["count"], "the second capture took from the first")


def at_reload(given):
    with tempfile.TemporaryDirectory() as out:
        pipe, indicators = os.path.join(out, "pipe"), os.path.join(out, "indicators.txt")
        os.mkfifo(pipe)
        with open(indicators, "w", encoding="ascii") as listed:
            listed.write("other.example\n")
        sensor = Sensor(given, out, ["-r", pipe, *kept(os.path.join(out, "seen")), *support.sets("reputation.lists.0=" + indicators)], "")
        try:
            with Feed(sensor, pipe, OFFICE) as feed:
                feed.upto(3 / 4)
                sensor.until("the name, seen", lambda: any(NAME in json.dumps(e) for e in sensor.events()), step=feed.some)
                with open(indicators, "w", encoding="ascii") as listed:
                    listed.write("other.example\ninvoice-portal.test\n")
                sensor.hang_up()
                sensor.wait_for("rules reloaded", step=feed.some)
                sensor.wait_for("looked back through", 2, step=feed.some)
                feed.upto(1)
            sensor.expect_good_end()
            check_past(past(sensor.events()), "at a reload")
        finally:
            sensor.end()


def damaged(given):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "sightings.db"), "wb") as file:
            file.write(b"no database" * 1000)
        events = read(given, SWITCH, folder)
        expect(any(e["event_type"] == "flow" for e in events), "no events beside a damaged database")
        expect(any(".damaged-" in name for name in os.listdir(folder)), "the damaged database is not kept")


def off(given):
    with tempfile.TemporaryDirectory() as folder:
        support.read(given.sensor, SWITCH, *support.sets("sightings.path=" + folder))
        expect(not os.listdir(folder), "sightings are kept of a file without being asked for")


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(OFFICE, SWITCH)
    at_start(given)
    check_suppressed(given)
    at_reload(given)
    damaged(given)
    off(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
