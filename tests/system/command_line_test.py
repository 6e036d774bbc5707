#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator gets wrong is told in one line, with the right exit code; what the settings of the process promise is done."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

CAPTURE = support.pcap("office.pcap")
PACK = os.path.dirname(support.DEMO_RULES)

# files that are made, arguments, exit code, what the one line of error holds
WRONG = [
    ({}, [], 2, "nothing to read"),
    ({}, ["stray"], 2, "stray: not an option"),
    ({}, ["-r", "a", "-i", "b"], 2, "exclude each other"),
    ({}, ["-r", "a", "-r", "b"], 2, "-r is given twice"),
    ({}, ["-S", "a", "-S", "b"], 2, "-S is given twice"),
    ({}, ["-k", "some", "-T"], 2, "expected all, none or auto"),
    ({}, ["-c", "none.yaml", "-T"], 2, "none.yaml: No such file"),
    ({"a.yaml": "flow:\n  memcap: lots\n"}, ["-c", "a.yaml", "-T"], 2, 'a.yaml:2:11: flow.memcap: "lots" is not a size'),
    ({"a.yaml": "flow:\n  memcpa: 1\n"}, ["-c", "a.yaml", "-T"], 2, "a.yaml:2:3: unknown setting flow.memcpa; did you mean flow.memcap?"),
    ({"a.yaml": "flow: 3\n"}, ["-c", "a.yaml", "-T"], 2, "a.yaml:1:7: flow holds settings"),
    ({"a.yaml": 'flow:\n  memcap: "1\n'}, ["-c", "a.yaml", "-T"], 2, "a.yaml:3:1: "),
    ({}, ["--set", "flow.memcpa=1", "-T"], 2, "did you mean flow.memcap?"),
    ({}, ["-S", "none.rules", "-T"], 2, "none.rules: cannot be read: No such file"),
    ({}, ["-S", "none/*.rules", "-T"], 2, "none/*.rules: no file has such a name"),
    ({"folder/readme": ""}, ["-S", "folder", "-T"], 2, "folder/*.rules: no file has such a name"),
    ({"a.rules": 'alert tcp any any -> any any (msg:"x"; contnt:"a"; sid:2;)\n'}, ["-S", "a.rules", "-T"], 2, 'a.rules:1:40: contnt: unknown keyword'),
    ({"a.rules": 'alert tcp any any -> any any (msg:"x"; content:"abc"; sid:2;)\n', "t.config": "#\nsupress gen_id 1, sig_id 2\n"},
     ["-S", "a.rules", "-T", "--set", "threshold-file=t.config"], 0, "warning: t.config:2: expected threshold"),
    ({}, ["-r", "none.pcap", "-l", "out"], 1, "none.pcap: No such file"),
    ({"a.pcap": "no capture, that is certain\n"}, ["-r", "a.pcap", "-l", "out"], 1, "a.pcap: unknown file format"),
    ({"a.pcap": ""}, ["-r", "a.pcap", "-l", "out"], 1, "a.pcap: the file is empty"),
    ({"folder/.hidden": ""}, ["-r", "folder", "-l", "out"], 1, "no capture file in this directory"),
    ({}, ["-r", CAPTURE, "-l", "no/such/folder"], 1, "no/such/folder: the folder above it does not exist"),
    ({"out": ""}, ["-r", CAPTURE, "-l", "out"], 1, "out: not a directory"),
    ({"out/eve.json/x": ""}, ["-r", CAPTURE, "-l", "out"], 1, "out/eve.json: Is a directory"),
    ({}, ["-r", CAPTURE, "-l", "out", "--set", "pid-file=no/such/pid"], 1, "pid-file no/such/pid: No such file"),
    ({}, ["-r", CAPTURE, "-l", "out", "--set", "capture.bpf-filter=udp prt 53"], 1, "capture.bpf-filter: "),
]


def run(sensor, arguments, folder):
    return support.tool(sensor, *arguments, cwd=folder, timeout=240)


def check_wrong(sensor, case):
    files, arguments, code, told = case
    with tempfile.TemporaryDirectory(prefix="sekisho-test-") as folder:
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        done = run(sensor, arguments, folder)
    lines = done.stderr.splitlines()
    if done.returncode == code and len(lines) == 1 and told in lines[0]:
        return 0
    print(f"{arguments}: exit {done.returncode}, not {code}; or not told in one line: {told}\n{done.stderr}")
    return 1


def expect(good, what, done):
    if not good:
        print(f"{what}: exit {done.returncode}\n{done.stdout[-600:]}\n{done.stderr[-600:]}")
    return 0 if good else 1


def check_right(sensor, folder):
    wrong = 0
    done = run(sensor, ["-T", "-S", PACK], folder)
    wrong += expect(done.returncode == 0 and "14 loaded, 0 refused" in done.stdout, "a folder of rules", done)
    done = run(sensor, ["-r", CAPTURE, "-S", os.path.join(PACK, "*.rules"), "-l", "out", "--set", "pid-file=pid", "--set", "outputs.eve-log.filename=other.json"], folder)
    wrong += expect(done.returncode == 0 and "Written    out/other.json" in done.stdout and not os.path.exists(os.path.join(folder, "pid")), "names of files", done)
    with open(os.path.join(folder, "out", "other.json"), encoding="utf-8") as file:
        count = len(file.readlines())
    wrong += expect(f"Events     {count:,}:" in done.stdout, f"{count} events in the summary", done)
    done = run(sensor, ["-r", CAPTURE, "-l", "out", "--set", "outputs.eve-log.filename=-"], folder)
    wrong += expect(all(line.startswith("{") for line in done.stdout.splitlines()) and "Written    standard output" in done.stderr, "events on standard output", done)
    done = run(sensor, ["-r", CAPTURE, "-l", "out", "--set", "capture.bpf-filter=udp port 53"], folder)
    wrong += expect(done.returncode == 0 and "Packets    820 " in done.stdout, "a filter on a capture file", done)
    if os.path.exists("/dev/full"):
        os.mkdir(os.path.join(folder, "full"))
        os.symlink("/dev/full", os.path.join(folder, "full", "eve.json"))
        done = run(sensor, ["-r", CAPTURE, "-l", "full"], folder)
        wrong += expect(done.returncode == 1 and "events could not be written" in done.stderr, "a full disk", done)
    return wrong


def main():
    sensor = support.arguments(__doc__).parse_args().sensor
    wrong = sum(check_wrong(sensor, case) for case in WRONG)
    with tempfile.TemporaryDirectory(prefix="sekisho-test-") as folder:
        wrong += check_right(sensor, folder)
    print(f"{len(WRONG)} mistakes, {wrong} checks wrong")
    return 1 if wrong else 0


sys.exit(main())
