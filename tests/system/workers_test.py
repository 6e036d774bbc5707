#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of a capture are the same for one, two and four workers: over shared captures with the whole rule set.

Skipped when ../shared is missing (the replay cases prove the same over captures of ours).
"""
import gzip
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

CAPTURES = ["malware/Hancitor__hancitor.pcap", "malware/RigEK__RigEK_02June2019.pcap", "benign/teredo.pcap", "benign/dns_fragmented.pcap",
            "benign/vxlan.pcap", "malware/slips__test7-malicious.pcap", "benign/sites.pcapng", "reputation/mixed_soup.pcap"]


def main():
    given = support.arguments(__doc__).parse_args()
    support.need(support.PUBLIC_RULES)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        inputs = os.path.join(folder, "captures")
        os.mkdir(inputs)
        for path in CAPTURES:
            os.symlink(os.path.join(support.SHARED, "captures", path), os.path.join(inputs, os.path.basename(path)))
        rules = os.path.join(folder, "some.rules")
        with gzip.open(support.PUBLIC_RULES, "rt", encoding="utf-8") as source, open(rules, "w", encoding="utf-8") as out:
            out.writelines(line for n, line in enumerate(source) if n % 8 == 0 or "threshold" in line)
        bags = {}
        for workers in (1, 2, 4):
            events, _ = support.read(given.sensor, inputs, "--quiet", *support.sets(f"threads.workers={workers}"), rules=rules)
            bags[workers] = support.multiset(events)
        print(f"{sum(bags[1].values())} events with one worker")
        if not bags[1]:
            raise SystemExit("no events at all")
        for workers in (2, 4):
            if bags[workers] != bags[1]:
                wrong += 1
                print(f"{workers} workers give other events than one:")
                for text in list((bags[1] - bags[workers]).elements())[:3] + list((bags[workers] - bags[1]).elements())[:3]:
                    print("  " + text[:400])
    return 1 if wrong else 0


sys.exit(main())
