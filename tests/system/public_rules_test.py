#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The large public set: every active rule loads, every disabled one parses. So do the rules of the reference cases, but for those a case expects to be
refused, and the events rules may name."""
import concurrent.futures
import glob
import gzip
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

SET = support.PUBLIC_RULES
EVENTS = os.path.join(support.SHARED, "rules", "suricata-8-events.txt")
CASES = os.path.join(support.SHARED, "conformance", "cases")
ACTIVE, DISABLED = 31996, 12202
# not in full in the list of events: the name of a protocol is cut off at its dash
CUT_EVENTS = {"bittorrent"}
# rules the reference itself cannot load, or that are scripts
REFUSED = re.compile(r"^(lua|luaxform)\b|script")


def load(sensor, path, folder=None):
    """Rules loaded and refused, and what was said."""
    done = support.tool(sensor, "-T", "-S", path, cwd=folder)
    found = re.search(r"(\d+) loaded, (\d+) refused", done.stdout)
    return (int(found.group(1)), int(found.group(2)), done.stderr) if found else (0, 0, done.stderr)


def write(folder, name, lines):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    return path


def expect(what, want, got):
    loaded, refused, said = got
    if loaded == want and refused == 0:
        return 0
    print(f"{what}: {loaded} of {want} loaded, {refused} refused\n{said[:3000]}")
    return 1


def check_set(sensor, folder):
    with gzip.open(SET, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    disabled = [re.sub(r"^#\s*", "", line) for line in lines if re.match(r"#\s*(alert|drop|pass|reject)\b", line)]
    wrong = expect("active rules", ACTIVE, load(sensor, SET))
    wrong += 0 if len(disabled) == DISABLED else expect("disabled rules found", DISABLED, (len(disabled), 0, ""))
    return wrong + expect("disabled rules", DISABLED, load(sensor, write(folder, "disabled.rules", disabled)))


def event_rule(number, line):
    keyword, name = line.split(":", 1)
    protocol = "tcp" if keyword == "stream-event" else "ip"
    return f'alert {protocol} any any -> any any (msg:"{name}"; {keyword}:{name}; sid:{number};)\n'


def check_events(sensor, folder):
    with open(EVENTS, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and line.strip().split(":", 1)[1] not in CUT_EVENTS]
    rules = [event_rule(number, line) for number, line in enumerate(lines, 1)]
    return expect("events", len(rules), load(sensor, write(folder, "events.rules", rules)))


def refused_in(sensor, path):
    said = load(sensor, path, os.path.dirname(path))[2]
    faults = [line for line in said.splitlines() if re.match(r"sekisho: error: .*:\d+:\d+: ", line)]
    return [line for line in faults if not REFUSED.search(line.split(": ", 3)[-1])]


def means_refusal(case):
    if not os.path.exists(case):
        return False
    with open(case, encoding="utf-8") as file:
        return re.search(r"exit-code: *[1-9]", file.read())


def check_cases(sensor):
    paths = sorted(glob.glob(os.path.join(CASES, "*", "*.rules")))
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        found = list(pool.map(lambda path: refused_in(sensor, path), paths))
    wrong = 0
    for path, faults in zip(paths, found):
        for fault in faults if not means_refusal(os.path.join(os.path.dirname(path), "test.yaml")) else []:
            print(fault)
            wrong += 1
    print(f"{len(paths)} files of rules of reference cases: {wrong} rules refused")
    return wrong


def main():
    args = support.arguments(__doc__).parse_args()
    support.need(SET)
    with tempfile.TemporaryDirectory(prefix="sekisho-test-") as folder:
        wrong = check_set(args.sensor, folder) + check_events(args.sensor, folder)
    wrong += check_cases(args.sensor)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
