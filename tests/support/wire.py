# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire of two network namespaces, for tests that capture live. Needs root, ip and tcpreplay."""
import json
import os
import re
import shutil
import signal
import subprocess

import sensor as support
from running import PATIENCE, Sensor


def command(*words, check=True):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=check)


class Wire:
    """Two namespaces joined by a veth pair: what goes in at one end comes out at the other, and nowhere else."""

    def __init__(self):
        self.sender, self.sensor = f"skt{os.getpid()}", f"skr{os.getpid()}"

    def __enter__(self):
        command("ip", "netns", "add", self.sender)
        command("ip", "netns", "add", self.sensor)
        command("ip", "-n", self.sender, "link", "add", "wire0", "mtu", "9000", "type", "veth", "peer", "name", "wire1", "mtu", "9000", "netns", self.sensor)
        for space, link in ((self.sender, "wire0"), (self.sensor, "wire1")):
            command("ip", "netns", "exec", space, "sysctl", "-q", "-w", f"net.ipv6.conf.{link}.disable_ipv6=1", check=False)
            command("ip", "-n", space, "link", "set", link, "up", "arp", "off")
        return self

    def __exit__(self, *_):
        for space in (self.sender, self.sensor):
            command("ip", "netns", "del", space, check=False)

    def inside(self, space, *words):
        return ["ip", "netns", "exec", space, *words]

    def watch(self, given, out, rules, *words):
        """A sensor at its end of the wire, once it captures."""
        sensor = Sensor(given, out, ["-i", "wire1", *words], rules, self.inside(self.sensor))
        try:
            sensor.wait_for("capturing on")
        except BaseException:
            sensor.end()
            raise
        return sensor

    def replay(self, capture, *rate):
        """Begins to send a capture from the other end."""
        return subprocess.Popen(self.inside(self.sender, "tcpreplay", "-q", "-i", "wire0", *rate, capture), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)


    def went(self):
        """Packets that went in at the sender's end, ever: the kernel's count."""
        told = json.loads(command("ip", "-n", self.sender, "-s", "-j", "link", "show", "wire0").stdout)
        return told[0]["stats64"]["tx"]["packets"]


class Endless:
    """A capture sent again and again, until it is stopped."""

    def __init__(self, wire, capture, *rate):
        self.wire, self.before = wire, wire.went()
        self.process = wire.replay(capture, *rate, "--loop", "100000000")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """Gives how many packets went."""
        support.expect(self.process.poll() is None, "tcpreplay ended by itself")
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE)
        return self.wire.went() - self.before


def sent(replaying):
    """Waits for what replay() began; gives how many packets went."""
    told = replaying.communicate(timeout=PATIENCE)[0]
    found = re.search(r"Successful packets:\s+(\d+)", told)
    support.expect(replaying.returncode == 0 and found, "tcpreplay said: " + told)
    return int(found.group(1))


def expect_all_counted(what, packets, events):
    """Packets sent = seen + counted drops. Gives the drops."""
    stats = support.last_stats(events)
    seen, drops = stats["decoder"]["pkts"], stats["capture"]["kernel_drops"]
    print(f"{what}: sent {packets}, seen {seen}, drops {drops}")
    support.expect(packets == seen + drops, "packets are missing without a counter")
    return drops


def need():
    """Ends the test as skipped where no wire can be made."""
    if not shutil.which("tcpreplay") or os.geteuid() != 0:
        support.skip("tcpreplay or root is missing")
    probe = f"skp{os.getpid()}"
    made = command("ip", "netns", "add", probe, check=False).returncode == 0 and command("ip", "-n", probe, "link", check=False).returncode == 0
    command("ip", "netns", "del", probe, check=False)
    if not made:
        support.skip("network namespaces cannot be used here (a chroot must be a mount point for them)")
