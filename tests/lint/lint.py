#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the tree to its house rules: lint.py TOP [--longest]

 layers    a folder includes only folders to its left: decoders <- signatures <- export <- sensor
 cycles    no include cycle between files, nor between folders beside each other
 banned    calls that overflow, that are not thread-safe, or that hide their errors (not in tests)
 threads   decoders/ and its tests start none: workers are sensor/'s
 heads     licence line first, #pragma once in headers
 lengths   files up to 1,000 lines, functions up to 100; lint/exceptions lists those that are longer, and may only shrink
 format    clang-format agrees; nothing at a line's end
 tops      nothing at the top but what belongs there
"""
import os
import re
import shutil
import subprocess
import sys

LAYERS = ["decoders", "signatures", "export", "sensor"]
TOPS = {"CMakeLists.txt", "README.md", "sensor", "decoders", "signatures", "export", "tests", "pcaps", "appliance", "docs"}
BANNED = {
    "strcpy": "snprintf or memcpy", "strcat": "snprintf", "sprintf": "snprintf", "vsprintf": "vsnprintf", "gets": "fgets",
    "strtok": "strtok_r or a span", "alloca": "a bounded buffer", "system": "nothing: no shell", "popen": "nothing: no shell",
    "atoi": "strtoul with its error", "atol": "strtoul with its error", "atof": "strtod with its error", "rand": "getentropy",
    "localtime": "gmtime_r", "gmtime": "gmtime_r", "ctime": "strftime", "asctime": "strftime", "mktemp": "mkstemp", "tmpnam": "mkstemp",
}
THREADS = re.compile(r"\b(pthread_create|thrd_create|fork|clone)\s*\(")
FILE_LINES = 1000
FUNCTION_LINES = 100

top = os.path.abspath(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
problems = []


def problem(path, line, text):
    problems.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")


def sources():
    for folder in LAYERS + ["tests", "pcaps"]:
        for base, _, names in os.walk(os.path.join(top, folder)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(base, name), top)


def without_comments(text):
    """Comments and string contents blanked, lines kept."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)


texts = {}
for path in sources():
    with open(os.path.join(top, path), encoding="utf-8") as file:
        texts[path] = file.read()
includes = {path: [(text.count("\n", 0, m.start()) + 1, m.group(1)) for m in re.finditer(r'^#include "([^"]+)"', text, re.M)]
            for path, text in texts.items()}


def check_layers():
    for path, found in includes.items():
        layer = path.split("/")[0]
        for line, name in found:
            target = name.split("/")[0]
            if name not in texts:
                problem(path, line, f'"{name}": includes are written from the top of the tree')
            elif layer in LAYERS and (target not in LAYERS or LAYERS.index(target) > LAYERS.index(layer)):
                problem(path, line, f'"{name}": {layer} must not know {target}')


def check_cycles():
    state = {}

    def walk(path, trail):
        state[path] = 1
        for _, name in includes.get(path, []):
            if state.get(name) == 1:
                problem(path, 0, "include cycle: " + " -> ".join(trail[trail.index(name):] + [name] if name in trail else [path, name]))
            elif name in texts and name not in state:
                walk(name, trail + [name])
        state[path] = 2

    for path in texts:
        if path not in state:
            walk(path, [path])


def check_folder_cycles():
    """Folders are units of thought: two that include each other are one. A parent (contract, list) and its children may."""
    edges = {}
    for path, found in includes.items():
        folder = os.path.dirname(path)
        for _, name in found:
            target = os.path.dirname(name)
            if name in texts and target != folder and not folder.startswith(target + "/") and not target.startswith(folder + "/"):
                edges.setdefault(folder, {})[target] = path
    state = {}

    def walk(folder, trail):
        state[folder] = 1
        for target, path in edges.get(folder, {}).items():
            if state.get(target) == 1:
                problem(path, 0, "folder cycle: " + " -> ".join(trail[trail.index(target):] + [target]))
            elif target not in state:
                walk(target, trail + [target])
        state[folder] = 2

    for folder in edges:
        if folder not in state:
            walk(folder, [folder])


def check_banned():
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path, text in texts.items():
        if path.split("/")[0] not in LAYERS:
            continue
        for match in pattern.finditer(without_comments(text)):
            problem(path, text.count("\n", 0, match.start()) + 1, f"{match.group(1)}() is banned: use {BANNED[match.group(1)]}")


def check_threads():
    for path, text in texts.items():
        if path.startswith(("decoders/", "tests/decoders/", "tests/support/decoders/")):
            for match in THREADS.finditer(without_comments(text)):
                problem(path, text.count("\n", 0, match.start()) + 1, f"{match.group(1)}(): decoders start no threads: workers are sensor/'s")


def check_heads():
    for path, text in texts.items():
        if not text.startswith("// SPDX-License-Identifier: GPL-3.0-or-later\n"):
            problem(path, 1, "the first line is to be the licence: // SPDX-License-Identifier: GPL-3.0-or-later")
        if path.endswith(".h") and "#pragma once" not in text:
            problem(path, 1, "a header needs #pragma once")


def functions(text):
    """(name, first line, lines) of each function body: an opening brace alone at a line's start."""
    lines = without_comments(text).split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{") and start is None:
            head = " ".join(lines[max(0, number - 4):number - 1])
            match = re.findall(r"(\w+)\s*\(", head)
            start = (number, match[0] if match else "?")
        elif line.startswith("}") and start:
            yield start[1], start[0], number - start[0] + 1
            start = None


def check_lengths():
    allowed = {}
    listing = os.path.join(here, "exceptions")
    if os.path.exists(listing):
        with open(listing, encoding="utf-8") as file:
            for line in file:
                words = line.split("#")[0].split()
                if words:
                    allowed[words[0]] = int(words[1])
    longest = []
    for path, text in texts.items():
        count = text.count("\n")
        longest.append((count, path))
        if count > allowed.get(path, FILE_LINES):
            problem(path, 0, f"{count} lines: split it by idea (at most {FILE_LINES})")
        for name, line, lines in functions(text):
            longest.append((lines, f"{path}:{name}"))
            if lines > allowed.get(f"{path}:{name}", FUNCTION_LINES):
                problem(path, line, f"{name}() has {lines} lines (at most {FUNCTION_LINES})")
    for key, value in allowed.items():
        actual = [n for n, where in longest if where == key]
        if not actual or actual[0] < value:
            problem("tests/lint/exceptions", 0, f"{key} {value}: is {actual[0] if actual else 'gone'} now: lower or remove it")
    if "--longest" in sys.argv:
        files = sorted((n, w) for n, w in longest if ":" not in w)
        inside = sorted((n, w) for n, w in longest if ":" in w)
        print("longest file:", *files[-1], " longest function:", *inside[-1])


def check_format():
    for path, text in texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                problem(path, number, "space at the line's end")
    tool = shutil.which("clang-format")
    if not tool:
        print("lint: clang-format is missing: the format was NOT checked")
        return
    done = subprocess.run([tool, "--dry-run", "-Werror", *texts], cwd=top, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        bad = sorted(set(re.findall(r"^([^:\n]+):\d+:\d+: error", done.stderr, re.M)))
        for path in bad:
            problem(path, 0, "clang-format would change it (clang-format -i FILE)")


def check_tops():
    done = subprocess.run(["git", "-C", top, "ls-files"], stdout=subprocess.PIPE, text=True, check=False)
    for name in sorted({line.split("/")[0] for line in done.stdout.splitlines()}):
        if not name.startswith(".") and name not in TOPS:
            problem(name, 0, "does not belong at the top")


for check in (check_layers, check_cycles, check_folder_cycles, check_banned, check_heads, check_lengths, check_format, check_tops):
    check()
for text in problems:
    print(text)
print(f"lint: {len(texts)} files, {len(problems)} problem{'s' if len(problems) != 1 else ''}")
sys.exit(1 if problems else 0)
