#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the conformance cases beside the project and holds the sensor to the number that passed before.

tests/conformance/floor is that number; it only rises. Exit 77 (skipped) when ../shared/conformance is missing.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import sensor as support  # noqa: E402

SHARED = os.path.join(support.SHARED, "conformance")


def main():
    given = support.arguments(__doc__).parse_args()
    runner = os.path.join(SHARED, "conform.py")
    support.need(runner)
    with open(os.path.join(HERE, "floor"), encoding="ascii") as file:
        floor = int(file.read())
    done = subprocess.run([sys.executable, runner, "--sensor", given.sensor, os.path.join(SHARED, "cases"), "-v"],
                          stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    match = re.search(r"^(\d+) passed, (\d+) failed", done.stdout, re.M)
    if not match:
        print("the runner did not finish")
        return 1
    passed = int(match.group(1))
    if passed < floor:
        print(f"{passed} cases pass; {floor} did before")
        return 1
    print(f"{passed} cases pass (floor {floor}" + (": raise it)" if passed > floor else ")"))
    return 0


sys.exit(main())
