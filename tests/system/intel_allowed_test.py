#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What allow lists held back can be listed: by which entry, of which list, which hosts met it, when and how often; also an address that is held back for the
name beside it. What is told, below least-confidence, or allowed without being listed, is not there.
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from sensor import expect  # noqa: E402

OFFICE = support.pcap("office.pcap")
HOST, BESIDE = "192.168.10.24", "beside an allowed name"


class Site:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        for name, text in (("bad.csv", "invoice-portal.test,90\nsync-node.test,80\n203.0.113.0/24,80\nprinter-drivers.test,5\n"),
                           ("good.txt", "files.invoice-portal.test\nnever-listed.test\n"),
                           ("feeds.yaml", f"feeds:\n  - name: one\n    source: {folder}/bad.csv\n    format: csv\n    columns: {{ value: 1, confidence: 2 }}\n"
                                          f"  - name: good\n    source: {folder}/good.txt\n    format: plain\n    allow: yes\n")):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        self.sets = support.sets(f"sightings.path={folder}/seen", f"reputation.state={folder}/intel", f"reputation.feeds={folder}/feeds.yaml")

    def read(self):
        return support.read(self.given.sensor, OFFICE, *support.sets("sightings.enabled=yes"), *self.sets)[0]

    def tool(self, *words):
        return support.tool(self.given.sensor, *words[:2], *self.sets, *words[2:])

    def allowed(self, *words):
        done = self.tool("intel", "allowed", "--json", *words)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        expect(done.returncode == (1 if rows else 0), f"allowed {words}: {done}")
        return rows


def check_rows(site):
    rows = site.allowed()
    by_entry, beside = [r for r in rows if "allow" in r], [r for r in rows if r.get("beside_allowed_name")]
    expect(len(rows) == 2 and len(by_entry) == 1 and len(beside) == 1, f"{rows}")
    row = by_entry[0]
    expect(row["allow"] == {"value": "files.invoice-portal.test", "kind": "domain", "sources": [{"feed": "good"}]}, f"{row}")
    expect((row["indicator"], row["kind"], row["confidence"], row["host"]) == ("invoice-portal.test", "domain", 90, HOST), f"{row}")
    expect(row["sources"] == [{"feed": "one", "confidence": 90}] and row["count"] == 2 and len(row["flow_ids"]) == 2, f"{row}")
    expect(row["first_seen"] == "2026-03-03T08:07:12Z" and row["value"] == "files.invoice-portal.test" and "http host" in row["where"], f"{row}")
    row = beside[0]
    expect(row["indicator"] == "203.0.113.0/24" and row["value"].startswith("203.0.113.66") and BESIDE in row["where"], f"{row}")
    hunted = json.loads(site.tool("hunt", row["value"].split(":")[0], "--json").stdout.splitlines()[0])
    expect(BESIDE in hunted["where"], f"hunt does not say so: {hunted}")
    for words, count in ((("--host", HOST), 2), (("--host", "192.168.10.0/24"), 2), (("--host", "192.168.10.2"), 0), (("--since", "2026-03-04"), 0),
                         (("--until", "2026-03-02"), 0), (("--since", "2026-03-03", "--until", "2026-03-04"), 2)):
        expect(len(site.allowed(*words)) == count, f"{words}: {site.allowed(*words)}")


def check_text(site):
    done = site.tool("intel", "allowed")
    expect("files.invoice-portal.test  (domain; allowed by good): 1 indicator, 1 host, 2 x\n  invoice-portal.test  (domain; confidence 90 by one (90))\n"
           in done.stdout and "2 indicators of lists were met and held back: by 1 host," in done.stdout, done.stdout)


def check_added(site):
    """An entry by hand counts at once, and a URL is held back by its host."""
    expect(site.tool("intel", "add", "sync-node.test", "--allow", "--no-reload").returncode == 0, "intel add")
    row = next(r for r in site.allowed() if r["indicator"] == "sync-node.test")
    expect(row["allow"]["sources"] == [{"feed": "local"}] and row["count"] > 50, f"{row}")
    expect(site.tool("intel", "add", "http://files.invoice-portal.test/portal/", "--no-reload").returncode == 0, "intel add")
    row = next(r for r in site.allowed() if r["kind"] == "url")
    expect(row["allow"]["value"] == "files.invoice-portal.test" and row["sources"][0]["feed"] == "local", f"{row}")


def check_awkward(site):
    for words, told in ((("x",), "takes no arguments"), (("--since", "soon"), "--since soon"), (("--host", "me"), "neither an address nor a network"),
                        (("--set", "sightings.path=/nowhere"), "nothing was kept there"), (("--set", f"reputation.state={site.folder}/empty"), "sekisho intel build")):
        done = site.tool("intel", "allowed", *words)
        expect(done.returncode in (1, 2) and told in done.stderr and not done.stdout and "\x1b" not in done.stderr, f"{words}: {done}")


def check_unreadable(site):
    """Who may not look is not told that nothing is listed."""
    state = os.path.join(site.folder, "intel")
    os.chmod(site.folder, 0o755)
    os.chmod(state, 0o700)
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else None
    for words in (("list",), ("stats",), ("check", "invoice-portal.test"), ("export",), ("allowed",)) if nobody else ():
        done = support.tool(site.given.sensor, "intel", *words, *site.sets, **nobody)
        expect(done.returncode == 2 and "ermission denied" in done.stderr and not done.stdout, f"{words}: {done}")
    with open(os.path.join(state, "indicators"), "wb") as file:
        file.write(b"damaged")
    done = site.tool("intel", "check", "invoice-portal.test")
    expect("no alert: " in done.stdout and "nothing is compiled" not in done.stdout, f"a damaged store: {done}")
    done = site.tool("intel", "add", "x.example", "--allow", "--drop")
    expect(done.returncode == 2 and "is not dropped" in done.stderr, f"{done}")


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(OFFICE)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(given, folder)
        alerts = [e["alert"]["context"]["reputation"]["indicator"] for e in site.read() if e["event_type"] == "alert" and e["alert"]["gid"] == 4001]
        expect("sync-node.test" in alerts and "invoice-portal.test" not in alerts and "printer-drivers.test" not in alerts, f"{alerts}")
        check_rows(site)
        check_text(site)
        check_added(site)
        check_awkward(site)
        check_unreadable(site)
    return 0


if __name__ == "__main__":
    sys.exit(main())
