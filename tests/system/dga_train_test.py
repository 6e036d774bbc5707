#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""dga_train: the same lists and seed make the same table, another seed another; the table holds no name it learned from; what is held out is not
learned; names are scored by the table that is built in; and what it cannot do it says with a message and an exit code."""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

NAMES = ["treehouse.org", "gardening.com", "www.bookstore.co.uk", "mountainbike.de", "musicschool.fr"]
WORDS = ["house", "garden", "music", "school", "mountain", "river", "stone"]


def main():
    program = os.path.join(support.arguments(__doc__).parse_args().build, "dga_train")

    def run(*words):
        return support.tool(program, *words, timeout=300)

    with tempfile.TemporaryDirectory(prefix="sekisho-dga-") as folder:
        def write(name, lines):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="ascii") as file:
                file.writelines(line + "\n" for line in lines)
            return path

        names, words, held_out = write("names", NAMES), write("words", WORDS), write("held_out", ["gardening.net"])

        def train(seed, *more):
            table = os.path.join(folder, "table.c")
            done = run("--top", names, "--words", words, "--steps", "2000", "--seed", str(seed), "--out", table, *more)
            assert done.returncode == 0, done.stderr
            with open(table, encoding="ascii") as file:
                return file.read(), done.stdout

        first, said = train(7)
        assert "honest names 5 " in said, said
        assert first == train(7)[0], "the same seed made another table"
        weights = re.findall(r'"([0-n]{1000})"', first)
        assert weights and weights != re.findall(r'"([0-n]{1000})"', train(8)[0]), "the seed does not matter"
        assert not any(max(name.split("."), key=len) in first for name in NAMES), "a name is in the table"
        assert "honest names 4 (1 left out" in train(7, "--without", held_out)[1], "a held out label was learned under another suffix"

        scored = run("--score", write("ask", ["treehouse.org", "xkqjzvwpthrm.com"])).stdout.split()
        assert scored[1::2] == ["treehouse.org", "xkqjzvwpthrm.com"] and int(scored[0]) < 300 and int(scored[2]) >= 995, scored
        assert run("--help").returncode == 0
        assert run("--words", words).returncode == 2
        missing = run("--names", os.path.join(folder, "none"), "--words", words, "--folds", "2")
        assert missing.returncode == 1 and "cannot be read" in missing.stderr, missing
    print("1 passed, 0 failed")


main()
