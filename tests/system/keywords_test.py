#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/rules.md has the keywords as the sensor knows them, and all of them are explained. SEKISHO_UPDATE=1 puts them there."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

PAGE = os.path.join(support.TOP, "docs", "rules.md")
START, END = "<!-- keywords -->\n", "<!-- /keywords -->"


def ask(sensor, *arguments):
    return subprocess.run([sensor, "rules", "keywords", *arguments], stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout


def check_page(tables):
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(START)
    now = before + START + tables + END + rest.split(END)[1]
    if now == text:
        return 0
    if os.environ.get("SEKISHO_UPDATE"):
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(now)
        return 0
    print("docs/rules.md is not up to date: SEKISHO_UPDATE=1 tests/system/keywords_test.py --sensor build/sekisho")
    return 1


def check_rows(rows):
    wrong = 0
    names = [row["name"] for row in rows]
    for row in rows:
        if not row["about"]:
            print(f"{row['name']}: signatures/rule/keyword_about.c says nothing of it")
            wrong = 1
        if names.count(row["name"]) > 1:
            print(f"{row['name']}: is there twice")
            wrong = 1
        if row["state"] not in ("bound", "waits", "refused"):
            print(f"{row['name']}: {row['state']}")
            wrong = 1
    if len(rows) < 350:
        print(f"only {len(rows)} keywords")
        wrong = 1
    return wrong


def check_choice(sensor):
    shown = json.loads(ask(sensor, "--json", "dns", "http.uri"))["keywords"]
    groups = {row["group"] for row in shown}
    good = groups == {"dns", "http"} and {"dns.query", "http.uri", "http.uri.raw"} <= {row["name"] for row in shown}
    if not good:
        print(f"chosen: {shown}")
    return 0 if good else 1


def main():
    args = support.arguments(__doc__).parse_args()
    wrong = check_page(ask(args.sensor, "--markdown") + "\n")
    wrong += check_rows(json.loads(ask(args.sensor, "--json"))["keywords"])
    wrong += check_choice(args.sensor)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
