#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a_labels_table.c, beside it, from Python's own copy of the Unicode Character Database: a_labels_table.py [--check]

 mapping      what UTS 46 makes of a code point before it is looked up: NFKC_Casefold (Unicode 3.13), but for the dots of other scripts, which are ".", and the
              four deviations (sharp s, final sigma, the two joiners), which stay (nontransitional processing, as libidn2 is asked for)
 composition  the primary composites (UAX 15), without Hangul, which is arithmetic
 marks        canonical combining classes

Left out: what becomes something that no label can have (spaces, brackets, full stops), and code points that are not assigned. --check: the file is as this
version of Python would make it; says nothing (77) when that knows another version of Unicode than the one the file is of.
"""
import os
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
FILE = os.path.join(HERE, "a_labels_table.c")
WIDTH = 150
ADDED = "A_LABELS_ADDED"
LEAST_ADDED = 3  # points that make a run of their own; fewer lie among others

DOTS = (0x3002, 0xff0e, 0xff61)
DEVIATIONS = (0xdf, 0x3c2, 0x200c, 0x200d)
# Default_Ignorable_Code_Point (DerivedCoreProperties.txt), which Python does not know
IGNORED = ((0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c), (0x115f, 0x1160), (0x17b4, 0x17b5), (0x180b, 0x180f), (0x200b, 0x200f), (0x202a, 0x202e),
           (0x2060, 0x206f), (0x3164, 0x3164), (0xfe00, 0xfe0f), (0xfeff, 0xfeff), (0xffa0, 0xffa0), (0xfff0, 0xfff8), (0x1bca0, 0x1bca3),
           (0x1d173, 0x1d17a), (0xe0000, 0xe0fff))


def is_ignored(text):
    return any(first <= ord(text) <= last for first, last in IGNORED)


def nfkc_casefold(text):
    while True:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
        folded = unicodedata.normalize("NFKC", "".join(c for c in folded if not is_ignored(c)))
        if folded == text:
            return text
        text = folded


def in_name(text):
    return all(c in "abcdefghijklmnopqrstuvwxyz0123456789-_" or ord(c) >= 0xa0 for c in text)


def code_points():
    for point in range(0x80, 0x110000):
        if unicodedata.category(chr(point)) not in ("Cn", "Co", "Cs", "Cc"):
            yield point


def mapping():
    """[(point, what it becomes)], only of those that do not stay."""
    for point in code_points():
        mapped = chr(point) if point in DEVIATIONS else nfkc_casefold(chr(point))
        if point in DOTS:
            yield point, [ord(".")]
        elif mapped != chr(point) and in_name(mapped):
            yield point, [ord(c) for c in mapped]


def added_run(mapped, at):
    """How many from at on are a constant step apart, and have the same number added; and that step."""
    if at + 1 == len(mapped) or len(mapped[at][1]) != 1:
        return 1, 1
    step = mapped[at + 1][0] - mapped[at][0]
    if step not in (1, 2):
        return 1, 1
    count = 1
    while at + count < len(mapped) and mapped[at + count][0] == mapped[at][0] + count * step and \
            len(mapped[at + count][1]) == 1 and mapped[at + count][1][0] - mapped[at + count][0] == mapped[at][1][0] - mapped[at][0]:
        count += 1
    return count, step


def runs_of(mapped):
    runs, points = [], []
    at = 0
    while at < len(mapped):
        point, becomes = mapped[at]
        count, step = added_run(mapped, at)
        if len(becomes) == 1 and count >= LEAST_ADDED:
            runs.append((point, count, step, ADDED, becomes[0] - point))
            at += count
            continue
        end = at
        while end < len(mapped) and mapped[end][0] - point == end - at and len(mapped[end][1]) == len(becomes) and \
                (end == at or len(becomes) != 1 or added_run(mapped, end)[0] < LEAST_ADDED):
            end += 1
        runs.append((point, end - at, 1, len(becomes), len(points) if becomes else 0))
        for _, line in mapped[at:end]:
            points += line
        at = end
    return runs, points


def pairs():
    for point in code_points():
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<") and not 0xac00 <= point < 0xd7a4 and \
                unicodedata.normalize("NFC", chr(point)) == chr(point):
            yield point, int(parts[0], 16), int(parts[1], 16)


def marks():
    found = []
    for point in code_points():
        combining = unicodedata.combining(chr(point))
        if combining and found and found[-1][0] + found[-1][1] == point and found[-1][2] == combining:
            found[-1][1] += 1
        elif combining:
            found.append([point, 1, combining])
    return found


def filled(items):
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) + 2 > WIDTH:
            lines.append(line + ",")
            line = ""
        line += ("," if line else "") + item
    return "\n".join("\t" + line for line in lines + [line])


def table():
    runs, points = runs_of(list(mapping()))
    letters = list(pairs())
    order = sorted(range(len(letters)), key=lambda at: letters[at][1:])
    ranges = marks()
    return "\n".join([
        "// SPDX-License-Identifier: GPL-3.0-or-later",
        f"// Made by a_labels_table.py from Unicode {unicodedata.unidata_version}. Do not edit.",
        '#include "signatures/reputation/a_labels_table.h"', "", "// clang-format off",
        "const struct a_labels_run a_labels_runs[] = {",
        filled(f"{{{point:#x},{count},{step},{kind},{to}}}" for point, count, step, kind, to in runs), "};",
        "const struct a_labels_pair a_labels_pairs[] = {",
        filled(f"{{{whole:#x},{first:#x},{second:#x}}}" for whole, first, second in letters), "};",
        "const struct a_labels_marks a_labels_marks[] = {",
        filled(f"{{{point:#x},{count},{combining}}}" for point, count, combining in ranges), "};",
        "const uint32_t a_labels_points[] = {", filled(f"{point:#x}" for point in points), "};",
        "const uint16_t a_labels_by_first[] = {", filled(str(at) for at in order), "};",
        f"const unsigned a_labels_most = {max(kind for _, _, _, kind, _ in runs if kind != ADDED)};",
        f"const unsigned a_labels_run_count = {len(runs)}, a_labels_pair_count = {len(letters)}, a_labels_marks_count = {len(ranges)};",
        f"const unsigned a_labels_point_count = {len(points)};",
        "// clang-format on", ""])


def main():
    text = table()
    if sys.argv[1:] == ["--check"]:
        with open(FILE, encoding="utf-8") as file:
            old = file.read()
        if f"Unicode {unicodedata.unidata_version}." not in old.split("\n", 2)[1]:
            sys.exit(77)
        sys.exit(0 if old == text else f"{FILE}: not what a_labels_table.py makes")
    with open(FILE, "w", encoding="utf-8") as file:
        file.write(text)


main()
