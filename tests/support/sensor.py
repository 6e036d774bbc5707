# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests that run the whole sensor share: their arguments, what they need, a run that reads captures, and its events. running.py has the sensor that goes
on beside the test, wire.py live capture, site.py a web server."""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(TOP, "..", "shared")
PUBLIC_RULES = os.path.join(SHARED, "rules", "emerging-all.rules.gz")
DEMO_RULES = os.path.join(TOP, "signatures", "packs", "demo", "rules", "demo.rules")
SKIP = 77


def arguments(about):
    """What every test is given: a parser that a test adds its own to."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sensor", required=True, type=os.path.abspath)
    parser.add_argument("--build", type=os.path.abspath, help="the build folder, for what is built beside the sensor")
    return parser


def skip(reason):
    """Ends the test as skipped, loudly."""
    print("SKIPPED: " + reason)
    sys.exit(SKIP)


def need(*paths):
    """Ends the test as skipped where one of these files and folders is missing."""
    for path in paths:
        if not os.path.exists(path):
            skip(os.path.relpath(path, TOP) + " is missing")


def expect(condition, message):
    if not condition:
        raise SystemExit(message)


def pcap(name):
    """A capture of ours."""
    return os.path.join(TOP, "pcaps", name)


def sets(*settings):
    """Words of the command line for settings "KEY=VALUE"."""
    return [word for setting in settings for word in ("--set", setting)]


def tool(sensor, *words, timeout=900, **more):
    """Runs the sensor's program, whatever becomes of it; gives the finished process, with what it said."""
    return subprocess.run([sensor, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout, check=False, **more)


def say(sensor, *words, code=0):
    """What the sensor's program says, both streams; it must end with code."""
    done = subprocess.run([sensor, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=900)
    expect(done.returncode == code and "Sanitizer" not in done.stdout, f"{' '.join(words)}: exit {done.returncode}, not {code}\n{done.stdout}")
    return done.stdout


def run(sensor, words, check=True, out=None):
    """Runs the sensor; gives its events and the finished process. out: a folder that the test keeps, made when it is not there."""
    with tempfile.TemporaryDirectory(prefix="sekisho-test-") as passing:
        os.makedirs(out or passing, exist_ok=True)
        done = tool(sensor, *words, "-l", out or passing, cwd=TOP)
        if check and done.returncode != 0:
            raise SystemExit(f"exit {done.returncode}: {' '.join(words)}\n{done.stdout}\n{done.stderr}")
        return read_events(os.path.join(out or passing, "eve.json")), done


def read(sensor, capture, *words, rules="/dev/null", **more):
    """Runs the sensor over a capture, whose checksums may be wrong; without rules unless they are named."""
    return run(sensor, ["-r", capture, "-S", rules, "-k", "none", *words], **more)


def once(pairs):
    """An object of an event: a key that is there twice is a defect, which readers of JSON hide."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise SystemExit(f"a key is there twice: {pairs}")
    return dict(pairs)


def read_events(path, growing=False):
    """growing: the sensor still writes them, and the last may not be whole."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line, object_pairs_hook=once) for line in file if line.endswith("\n") or not growing]


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


def last_stats(events):
    return [e["stats"] for e in events if e["event_type"] == "stats"][-1]


def alerts(events, *gids):
    """Alerts of these generators; of rules when none is named."""
    return [e for e in events if e["event_type"] == "alert" and e["alert"]["gid"] in (gids or (1,))]


def without_run_time(event):
    """A list without dates is known since this run read it, which another run does a second later."""
    reasons = find(event, "alert.context.reputation") or {}
    if reasons.get("age_at_least"):
        reasons.pop("listed_since", None)
    return event


def multiset(events):
    """Events as a bag that can be compared; what counts or dates the run itself is left out."""
    return collections.Counter(json.dumps(without_run_time(e), sort_keys=True) for e in events if e["event_type"] != "stats")
