# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests that run the whole sensor share."""
import collections
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(TOP, "..", "shared")
SKIP = 77


def skip(reason):
    """Ends the test as skipped, loudly."""
    print("SKIPPED: " + reason)
    sys.exit(SKIP)


def run(sensor, arguments, check=True, timeout=240):
    """Runs the sensor; gives its events and the finished process."""
    with tempfile.TemporaryDirectory(prefix="sekisho-test-") as out:
        done = subprocess.run([sensor, *arguments, "-l", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout, check=False, cwd=TOP)
        if check and done.returncode != 0:
            raise SystemExit(f"exit {done.returncode}: {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return read_events(os.path.join(out, "eve.json")), done


def once(pairs):
    """An object of an event: a key that is there twice is a defect, which readers of JSON hide."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise SystemExit(f"a key is there twice: {pairs}")
    return dict(pairs)


def read_events(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line, object_pairs_hook=once) for line in file]


def find(event, path):
    """Value at a dotted path ("dns.queries[0].rrname"), None when there is none."""
    for part in path.replace("]", "").replace("[", ".").split("."):
        if isinstance(event, list):
            event = event[int(part)] if part.isdigit() and int(part) < len(event) else None
        elif isinstance(event, dict):
            event = event.get(part)
        else:
            return None
    return event


def matches(event, want):
    return all(find(event, key) == value for key, value in want.items())


def multiset(events, drop=("timestamp",)):
    """Events as a sortable bag, without what may differ."""
    return collections.Counter(json.dumps({k: v for k, v in e.items() if k not in drop}, sort_keys=True) for e in events)
