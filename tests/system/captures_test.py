#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shared capture, the malformed and hostile ones among them, read in one run with the whole rule set: the sensor ends well, and every event is
valid against the schema of Suricata 8's EVE. In a sanitizer build that is the proof that no capture makes it misbehave.

Skipped when ../shared is missing.
"""
import collections
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import schema  # noqa: E402
import sensor as support  # noqa: E402


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--captures", default=os.path.join(support.SHARED, "captures"))
    given = parser.parse_args()
    support.need(support.PUBLIC_RULES, given.captures)
    checker = schema.shared_schema(support.SHARED)
    if not checker:
        support.skip("the schema of EVE is missing")
    with tempfile.TemporaryDirectory(prefix="sekisho-captures-") as out:
        done = support.tool(given.sensor, "-r", given.captures, "-S", support.PUBLIC_RULES, "-l", out, "-k", "none", errors="replace", timeout=1700)
        print(done.stdout[-6000:], done.stderr[-6000:])
        if done.returncode != 0:
            print(f"exit {done.returncode}")
            return 1
        kinds, wrong = collections.Counter(), collections.Counter()
        with open(os.path.join(out, "eve.json"), encoding="utf-8") as file:
            for line in file:
                event = json.loads(line)
                kinds[event["event_type"]] += 1
                if len(event["timestamp"]) != 31:
                    wrong[f"{event['event_type']}: timestamp {event['timestamp']}"] += 1
                for text in checker.errors(event):
                    wrong[text] += 1
        print(f"{sum(kinds.values())} events of {len(checker.shapes)} shapes: {dict(kinds)}")
        for text, count in wrong.most_common(40):
            print(f"INVALID {count} x {text}")
        return 1 if wrong or not kinds else 0


sys.exit(main())
