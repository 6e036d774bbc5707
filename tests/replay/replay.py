#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one replay case: replay.py --sensor SENSOR FOLDER

case.yaml in the folder:
  capture: path from the project's top (a capture of ours)
  rules: file in the folder, or path from the top (optional)
  arguments: more of the sensor's arguments (optional)
  expect: list of {match: {dotted.path: value}, count: N}   count left out: at least one; 0: must not be there
The case is run with one, two and four workers: the events must be the same. Each is held to Suricata 8's schema where that lies beside the project.
"""
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import schema  # noqa: E402
import sensor as support  # noqa: E402


def counted(events):
    """What stats say of alerts and packets: the same for any number of workers."""
    stats = support.last_stats(events)
    return [stats["decoder"]["pkts"], stats["flow"]["total"], stats["tcp"]["sessions"], stats["detect"]["alert"], stats["detect"]["alerts_suppressed"],
            stats["ips"]["blocked"]]


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("folder")
    given = parser.parse_args()
    with open(os.path.join(given.folder, "case.yaml"), encoding="utf-8") as file:
        case = yaml.safe_load(file)
    if not os.path.exists(os.path.join(given.folder, "about.md")):
        raise SystemExit("about.md is missing: where does the case come from, what does it prove?")
    arguments = ["-r", os.path.join(support.TOP, case["capture"])]
    if case.get("rules"):
        rules = os.path.join(given.folder, case["rules"])
        arguments += ["-S", rules if os.path.exists(rules) else os.path.join(support.TOP, case["rules"])]
    arguments += [str(a) for a in case.get("arguments", [])]
    events, _ = support.run(given.sensor, arguments)
    wrong = 0
    if not case.get("expect"):
        raise SystemExit("case.yaml expects nothing")
    for want in case["expect"]:
        found = sum(support.matches(e, want["match"]) for e in events)
        if found != want["count"] if "count" in want else found == 0:
            print(f"{found} events, not {want.get('count', 'some')}: {want['match']}")
            wrong += 1
    eve_schema = schema.shared_schema(support.SHARED)
    for event in events if eve_schema else []:
        for text in eve_schema.errors(event):
            print(text)
            wrong += 1
    one = support.multiset(events)
    for workers in (2, 4):
        more, _ = support.run(given.sensor, arguments + support.sets(f"threads.workers={workers}"))
        bag = support.multiset(more)
        if counted(more) != counted(events):
            print(f"{workers} workers count other alerts than one: {counted(more)}, not {counted(events)}")
            wrong += 1
        if bag != one:
            print(f"{workers} workers give other events than one:")
            for text in list((one - bag).elements())[:3] + list((bag - one).elements())[:3]:
                print("  " + text[:400])
            wrong += 1
    print(f"{len(events)} events, {len(case['expect'])} expectations, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
