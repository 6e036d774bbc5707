#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file store on our own captures: every file lies under the SHA-256 of its bytes and has its event, for any number of workers; rules choose by
direction and scope; nothing is stored that nothing chose."""
import glob
import hashlib
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

ON = "outputs.file-store.enabled=yes"


def run(sensor, out, capture, rules, *settings):
    os.makedirs(out)
    path = os.path.join(out, "test.rules")
    with open(path, "w", encoding="utf-8") as file:
        file.write(rules)
    events, _ = support.read(sensor, support.pcap(capture), *support.sets(*settings), rules=path, out=out)
    events = [e for e in events if e["event_type"] == "fileinfo"]
    stored = {}
    for path in glob.glob(os.path.join(out, "filestore", "??", "*")):
        with open(path, "rb") as file:
            stored[os.path.basename(path)] = file.read()
    return events, stored


def main():
    sensor = support.arguments(__doc__).parse_args().sensor
    with tempfile.TemporaryDirectory(prefix="sekisho-file-store-") as folder:
        def out(name):
            return os.path.join(folder, name)

        for workers in (1, 2, 4):
            events, stored = run(sensor, out(f"all-{workers}"), "office.pcap", "", ON, "outputs.file-store.force-filestore=yes", f"threads.workers={workers}")
            assert len(events) > 100 and len(stored) > 100, (len(events), len(stored))
            told = {e["fileinfo"]["sha256"]: e["fileinfo"]["size"] for e in events if e["fileinfo"]["stored"]}
            assert told.keys() == stored.keys(), told.keys() ^ stored.keys()
            for name, content in stored.items():
                assert hashlib.sha256(content).hexdigest() == name and len(content) == told[name], name
            ids = [e["fileinfo"]["file_id"] for e in events if e["fileinfo"]["stored"]]
            assert sorted(ids) == list(range(1, len(ids) + 1)), ids

        rule = 'alert smtp any any -> any any (msg:"a mail\'s program"; fileext:"exe"; filestore%s; sid:7;)\n'
        for options, count in (("", 1), (":both,tx", 1), (":to_server,ssn", 1), (":to_client", 0)):
            events, stored = run(sensor, out("smtp" + options.replace(":", "-")), "mail.pcap", rule % options, ON, "outputs.file-store.write-fileinfo=yes")
            chosen = [e["fileinfo"] for e in events if e["fileinfo"]["stored"]]
            assert len(chosen) == count and len(events) == 3, (options, chosen)
            notes = [json.loads(content) for name, content in stored.items() if name.endswith(".json")]
            assert len(notes) == count and all(note["fileinfo"] == chosen[0] for note in notes), notes
            assert all(file["sid"] == [7] for file in chosen), chosen
        events, stored = run(sensor, out("off"), "mail.pcap", rule % "")
        assert not stored and not any(e["fileinfo"]["stored"] for e in events)
        events, stored = run(sensor, out("none"), "mail.pcap", "", ON)
        assert not stored
        print("file store: ok")


if __name__ == "__main__":
    main()
