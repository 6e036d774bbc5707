#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folder includes which, as docs/architecture.md shows it: graph.py TOP [--check|--write]"""
import os
import re
import sys

LAYERS = ["decoders", "signatures", "export", "sensor"]
BEGIN, END = "<!-- include graph: tests/lint/graph.py . --write -->\n```\n", "```\n<!-- end of include graph -->"


def graph(top):
    edges = {}
    for layer in LAYERS:
        for base, _, names in os.walk(os.path.join(top, layer)):
            folder = os.path.relpath(base, top)
            for name in names:
                if not name.endswith((".c", ".h")):
                    continue
                with open(os.path.join(base, name), encoding="utf-8") as file:
                    for target in re.findall(r'^#include "([^"]+)/[^/"]+"', file.read(), re.M):
                        if target != folder:
                            edges.setdefault(folder, set()).add(target)
                        else:
                            edges.setdefault(folder, set())
    lines = []
    for folder in sorted(edges, key=lambda f: (LAYERS.index(f.split("/")[0]), f)):
        targets = sorted(edges[folder], key=lambda f: (LAYERS.index(f.split("/")[0]), f))
        lines.append(f"{folder:28} -> {' '.join(targets) if targets else '-'}\n")
    return "".join(lines)


def main():
    top = os.path.abspath(sys.argv[1])
    path = os.path.join(top, "docs", "architecture.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    fresh = before + BEGIN + graph(top) + END + after
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(fresh)
    elif "--check" in sys.argv:
        if fresh != text:
            print("docs/architecture.md shows an old include graph: tests/lint/graph.py . --write")
            return 1
    else:
        print(graph(top), end="")
    return 0


sys.exit(main())
