#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events through Kafka: kafka_test.py --build BUILD --sensor SENSOR

A mock cluster runs in a process of its own; what our sink sent is read back with kcat, a client that is not ours, and compared with eve.json: every
event once, its key, its headers, seq without gaps, and the order of one host. Then the whole sensor does the same on a capture, and a cluster
that is not there is told about.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from sensor import expect  # noqa: E402

EVENTS = 5000


class Cluster:
    def __init__(self, build):
        self.process = subprocess.Popen([os.path.join(build, "tests", "kafka_mock"), "3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.brokers = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(240)

    def topics(self):
        listing = subprocess.run(["kcat", "-b", self.brokers, "-L", "-J"], stdout=subprocess.PIPE, check=True, timeout=240)
        return sorted(t["topic"] for t in json.loads(listing.stdout)["topics"])

    def read(self, topic):
        """Messages of a topic: key, headers, payload, partition, offset."""
        done = subprocess.run(["kcat", "-b", self.brokers, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"], stdout=subprocess.PIPE,
                              check=True, timeout=240)
        for line in done.stdout.decode().splitlines():
            message = json.loads(line)
            flat = message.get("headers") or []
            message["headers"] = dict(zip(flat[::2], flat[1::2]))
            yield message

    def read_all(self):
        return [(topic, message) for topic in self.topics() for message in self.read(topic)]


def compare(messages, lines, text):
    got = sorted(message["payload"] for _, message in messages)
    expect(got == sorted(lines), f"{text}: {len(got)} messages read back, {len(lines)} lines in eve.json, or they differ")
    seqs = sorted(int(message["headers"]["seq"]) for _, message in messages)
    expect(seqs == list(range(1, len(lines) + 1)), f"{text}: seq has gaps or repeats")
    for topic, message in messages:
        event = json.loads(message["payload"])
        expect(topic == "sekisho." + event["event_type"], f"{text}: {event['event_type']} in topic {topic}")
        expect(message["headers"]["event_type"] == event["event_type"], f"{text}: header event_type")
        expect(set(message["headers"]) == {"sensor", "boot", "seq", "event_type", "schema"}, f"{text}: headers {message['headers']}")
    places = {}
    for topic, message in sorted(messages, key=lambda m: (m[0], m[1]["partition"], m[1]["offset"])):
        key = message["key"]
        if not key:
            continue
        partition, seq = places.get((topic, key), (message["partition"], 0))
        expect(partition == message["partition"], f"{text}: key {key} in two partitions of {topic}")
        expect(int(message["headers"]["seq"]) > seq, f"{text}: key {key} out of order in {topic}")
        places[(topic, key)] = (partition, int(message["headers"]["seq"]))


def send(build, brokers, out, lines, *words, boot="one"):
    """Gives our sink these lines; the finished process."""
    return support.tool(os.path.join(build, "tests", "kafka_send"), brokers, out, *words, input="\n".join(lines) + "\n", timeout=240,
                        env={**os.environ, "BOOT": boot})


def sink_alone(build, *settings):
    rng = random.Random(7)
    hosts = ["10.0.0.%d" % i for i in range(1, 20)] + ["2001:db8::7", "-"]
    lines = []
    for i in range(EVENTS):
        kind = rng.choice(["alert", "dns", "flow", "stats"])
        event = {"event_type": kind, "n": i, "text": "ä\"\\" + "x" * rng.randrange(300)}
        lines.append(f"{kind} {rng.choice(hosts)} {json.dumps(event)}")
    with Cluster(build) as cluster, tempfile.TemporaryDirectory(prefix="sekisho-kafka-") as out:
        done = send(build, cluster.brokers, out, lines, "queue.buffering.max.messages=500", *settings)
        expect(done.returncode == 0, f"kafka_send: {done.stdout}{done.stderr}")
        with open(os.path.join(out, "eve.json"), encoding="utf-8") as file:
            written = file.read().splitlines()
        expect(len(written) == EVENTS, "file sink lost events")
        messages = cluster.read_all()
        compare(messages, written, "sink alone")
        keys = {message["key"] for _, message in messages}
        expect("10.0.0.1" in keys and "2001:db8::7" in keys and "1:community" in keys, f"keys {keys}")
    print(f"sink alone ({', '.join(settings)}): {EVENTS} events, {len(keys)} keys")


def nobody_there(build):
    lines = [f'alert 10.0.0.1 {{"event_type":"alert","n":{i}}}' for i in range(50)]
    with tempfile.TemporaryDirectory(prefix="sekisho-kafka-") as out:
        done = send(build, "127.0.0.1:1", out, lines, "flush=1", "queue.buffering.max.messages=20")
    expect(done.returncode == 1, f"no brokers: exit {done.returncode}")
    expect("20 events were not delivered to 127.0.0.1:1" in done.stderr, f"no brokers: {done.stderr}")
    expect("30 events were lost" in done.stderr, f"no brokers: {done.stderr}")
    print("no brokers: what was not delivered is told")


def later_brokers(build):
    """Brokers are away in the first run; the second delivers what both wrote, each event once, under the boot it was written in."""
    lines = [f'alert 10.0.0.{i % 5} {{"event_type":"alert","n":{i}}}' for i in range(400)]
    with Cluster(build) as cluster, tempfile.TemporaryDirectory(prefix="sekisho-kafka-") as out:
        for boot, brokers, part, code in (("one", "127.0.0.1:1", lines[:250], 1), ("two", cluster.brokers, lines[250:], 0)):
            done = send(build, brokers, out, part, "log=yes", "flush=" + ("1" if code else "20"), boot=boot)
            expect(done.returncode == code, f"later brokers, boot {boot}: exit {done.returncode}: {done.stderr}")
            expect(not code or "wait in" in done.stderr, f"later brokers: {done.stderr}")
        messages = cluster.read_all()
        expect(sorted(json.loads(m["payload"])["n"] for _, m in messages) == list(range(400)), f"later brokers: {len(messages)} of 400 events")
        boots = {b: sorted(int(m["headers"]["seq"]) for _, m in messages if m["headers"]["boot"] == b) for b in ("one", "two")}
        expect(boots == {"one": list(range(1, 251)), "two": list(range(1, 151))}, "later brokers: seq of the boots")
    print("later brokers: what waited in the log was delivered by the next run")


def whole_sensor(build, binary):
    capture = support.pcap("office.pcap")
    with Cluster(build) as cluster, tempfile.TemporaryDirectory(prefix="sekisho-kafka-") as out:
        support.read(binary, capture, *support.sets("outputs.kafka.brokers=" + cluster.brokers), out=out)
        with open(os.path.join(out, "eve.json"), encoding="utf-8") as file:
            written = file.read().splitlines()
        expect(written, "the sensor wrote no events")
        compare(cluster.read_all(), written, os.path.basename(capture))
    print(f"whole sensor: {len(written)} events of {os.path.basename(capture)}")


def main():
    args = support.arguments(__doc__).parse_args()
    if not shutil.which("kcat"):
        support.skip("kcat is missing (package kcat): Kafka was NOT tested")
    sink_alone(args.build, "block=yes")
    sink_alone(args.build, "log=yes")
    later_brokers(args.build)
    nobody_there(args.build)
    whole_sensor(args.build, args.sensor)


if __name__ == "__main__":
    main()
