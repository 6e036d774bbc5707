#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the sensor with the feeds of ../shared/intel over the captures, and holds every finding of its own detectors (gid 4001 to 4003) against findings.tsv, which explains each:
a finding that has no line there, that came more often or weighs otherwise than it says, or that is gone, is an error.

  findings.py --sensor build/sekisho [--sets malware,benign,...] [--only NAME] [--mix FILE] [--list] [--write]

A line has capture, gid:sid, severity, how often, what, why (tabs between). What is compared is all but why; --list prints what was found, --write makes the table anew, with the reasons it has. A capture of malware/ that gives
nothing has a line with "-" for a sid, which says why.

The benchmark's mix.pcap is made of the other captures, one after another, with addresses renumbered: its findings are traced to the capture that gives the same by itself; what none gives has a line of its own, and the
captures that its two hosts speak in are printed.

Exit status 77, and a word why, where the captures are not.
"""
import collections
import concurrent.futures
import ipaddress
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

CAPTURES, INTEL = (os.path.join(support.SHARED, folder) for folder in ("captures", "intel"))
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "findings.tsv")
SETS = ("malware", "benign", "lateral", "tls", "ddos", "bench")
MIX = "/tmp/sekisho-bench/one/mix.pcap"
FEEDS = """feeds:
  - { name: malware-domains, source: INTEL/malware-domains.csv.gz, format: csv, kind: domain, columns: { value: indicator, family: family }, confidence: 80 }
  - { name: malware-ips, source: INTEL/malware-ips.csv.gz, format: csv, columns: { value: indicator, family: family }, confidence: 75 }
  - { name: malware-urls, source: INTEL/malware-urls.csv.gz, format: csv, kind: url, columns: { value: indicator, family: family }, confidence: 75 }
  - { name: scored, source: INTEL/ipsum.txt.gz, scores: { low: 1, high: 8 }, kind: address }
"""
FINDINGS = (4001, 4002, 4003)
WHAT = ("indicator", "phrase", "scanner", "domain", "name", "sni", "url", "file", "target", "reason", "port")
RENUMBERED = (("192.168.0.0/16", "10.1.0.0/16"), ("10.0.0.0/8", "10.101.0.0/16"), ("172.16.0.0/12", "172.17.0.0/16"))
RENUMBERED = [tuple(map(ipaddress.ip_network, pair)) for pair in RENUMBERED]


def renumbered(text):
    """An address as bench/make writes it in the first copy of mix.pcap."""
    address = ipaddress.ip_address(text)
    for old, new in RENUMBERED:
        if address.version == 4 and address in old:
            return str(ipaddress.ip_address(int(new.network_address) | int(address) & int(new.hostmask)))
    return text


class Finding:
    """One alert: what is compared, and between whom."""

    def __init__(self, event):
        alert = event["alert"]
        reasons = next(iter(alert["context"].values()))
        self.sid, self.severity = f"{alert['gid']}:{alert['signature_id']}", alert["severity"]
        key = next((key for key in WHAT if reasons.get(key)), None)
        what = str(reasons[key]) if key else "-"
        self.what = (what.split("?")[0] if key == "url" else what)[:70].strip()
        self.host = reasons.get("host") or reasons.get("source")
        self.ends = frozenset((event["src_ip"], event["dest_ip"]))
        self.outcome = reasons.get("outcome")

    def key(self, capture):
        return (capture, self.sid, self.severity, self.what)


def captures_of(sets, only):
    for folder in sets:
        for path, _, names in sorted(os.walk(os.path.join(CAPTURES, folder))):
            yield from (os.path.join(path, name) for name in sorted(names) if ".pcap" in name or name.endswith(".cap"))


def findings_of(given, state, capture):
    """Findings, and the pairs of hosts that speak in a capture."""
    settings = support.sets("stream.midstream=yes", f"reputation.feeds={state}/feeds.yaml", f"reputation.state={state}/state")
    events, _ = support.read(given.sensor, capture, *settings, check=False)
    found = [Finding(event) for event in support.alerts(events, *FINDINGS)]
    return found, {frozenset((event["src_ip"], event["dest_ip"])) for event in events if event["event_type"] == "flow"}


def make_indicators(given, folder):
    with open(os.path.join(folder, "feeds.yaml"), "w", encoding="utf-8") as file:
        file.write(FEEDS.replace("INTEL", os.path.realpath(INTEL)))
    done = support.tool(given.sensor, "intel", "update", *support.sets(f"reputation.feeds={folder}/feeds.yaml", f"reputation.state={folder}/state"))
    support.expect(os.path.exists(os.path.join(folder, "state", "indicators")), f"intel update: exit {done.returncode}: {done.stdout}{done.stderr}")


def trace(given, state, single, pairs):
    """Findings of mix.pcap that no capture gives by itself, and how many it has in all."""
    found, _ = findings_of(given, state, given.mix)
    known = {(f.sid, f.what, renumbered(f.host)) for findings in single.values() for f in findings}
    own = [f for f in found if (f.sid, f.what, f.host) not in known]
    print(f"bench/mix.pcap: {len(found)} findings, {len(found) - len(own)} of them as in the capture they come from")
    for finding in own:
        where = [capture for capture, ends in pairs.items() if finding.ends in {frozenset(map(renumbered, pair)) for pair in ends}]
        print(f"  of its own: {finding.sid} {finding.what} of {finding.host}: its hosts are those of {', '.join(where[:4]) or 'no capture'}")
    return own


def read_table():
    """Lines of the table: key to how often and why."""
    lines = {}
    if os.path.exists(TABLE):
        with open(TABLE, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    capture, sid, severity, count, what, why = line.rstrip("\n").split("\t")
                    lines[capture, sid, int(severity), what] = (int(count), why)
    return lines


def write_table(counts, table):
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("# capture, gid:sid, severity, how often, what, why; see findings.py\n")
        quiet = {key: 0 for key in table if key[1] == "-" and key[0] not in {key[0] for key in counts}}
        for key in sorted({**counts, **quiet}):
            capture, sid, severity, what = key
            file.write("\t".join((capture, sid, str(severity), str(counts.get(key, 0)), what, table.get(key, (0, ""))[1])) + "\n")


def compare(counts, table, read):
    wrong = 0
    found, quiet = {key[0] for key in counts}, {key[0] for key in table if key[1] == "-"}
    for capture in sorted(read):
        if capture in found and capture in quiet or capture.startswith("malware/") and capture not in found | quiet:
            print("WRONG", capture, "gives nothing, and nothing says why" if capture not in found else "is said to give nothing", sep="\t")
            wrong += 1
    for key in sorted(set(counts) | {key for key in table if key[0] in read and key[1] != "-"}):
        count, why = table.get(key, (0, ""))
        said = None
        if key not in counts:
            said = f"gone: {why}"
        elif not why.strip():
            said = "not explained"
        elif count != counts[key]:
            said = f"{counts[key]} times, not {count}"
        if said:
            print("WRONG", *key, said, sep="\t")
            wrong += 1
    return wrong


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--only", default="")
    parser.add_argument("--mix", default=MIX)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    captures = [path for path in captures_of(given.sets.split(","), given.only) if given.only in path]
    if not captures or not os.path.isdir(INTEL):
        support.skip(f"no captures in {CAPTURES}, or no lists in {INTEL}")
    with tempfile.TemporaryDirectory(prefix="sekisho-findings-") as state:
        make_indicators(given, state)
        single, pairs = {}, {}
        names = [os.path.relpath(path, CAPTURES) for path in captures]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for name, (found, ends) in zip(names, pool.map(lambda path: findings_of(given, state, path), captures)):
                single[name], pairs[name] = found, ends
        counts = collections.Counter(finding.key(name) for name, found in single.items() for finding in found)
        read = set(names)
        whole = not given.only and set(given.sets.split(",")) == set(SETS)
        if whole and os.path.exists(given.mix):
            counts.update(finding.key("bench/mix.pcap") for finding in trace(given, state, single, pairs))
            read.add("bench/mix.pcap")
        elif whole:
            print(f"SKIPPED in part: no {given.mix} (../shared/captures/bench/make FOLDER 1 makes it)")
    table = read_table()
    if given.list:
        for key in sorted(counts):
            print(*key, counts[key], table.get(key, (0, ""))[1], sep="\t")
    if given.write:
        write_table(counts, table)
    for folder in given.sets.split(","):
        mine = {name: found for name, found in single.items() if name.startswith(folder + "/")}
        print(f"{folder}: {len(mine)} captures, {sum(map(bool, mine.values()))} with findings, {sum(map(len, mine.values()))} findings")
    wrong = compare(counts, table, read)
    print(f"{sum(counts.values())} findings, {wrong} lines wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
