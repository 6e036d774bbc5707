#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every capture of ../shared/captures/reputation with a list made here, and says whether it gives the findings that its name says, and no others.

  reputation.py --sensor build/sekisho [--only NAME] [-v]

Exit status 77, and a word why, where the captures are not. A capture without a line in WANTED is an error: say what it should give.
"""
import glob
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

CAPTURES = os.path.join(support.SHARED, "captures", "reputation")
LIST = """66.66.66.66
6.6.6.6:8443
198.51.100.53
198.51.100.66
198.51.100.90
198.51.100.91
evil-test-domain.com
evil-parent.com
onion.to
evilname.ip-adress.com
wildcard-test.com
whatever.com
sinkholed.com
tls-evil.example
quic-evil.example
hostcheck.example
evil-url.example/bad/path
victim.example/malicious-login.php
"""
ADDRESS, DOMAIN, URL = (4001, 1), (4001, 2), (4001, 3)
PORTS, HOSTS = (4002, 1), (4002, 2)
BURST, FLOOD, GENERATED, BARE, FETCHED, SQL, SCRIPT, COMMAND, TRAVERSAL = ((4003, n) for n in (1, 2, 3, 6, 7, 8, 9, 10, 11))
PROXY, SCANNER, WEB_SCAN, SINKHOLE, SHELL_SCRIPT = ((4003, n) for n in (12, 13, 14, 16, 17))
DIALLED = [(ADDRESS, "66.66.66.66")]
ASKED = [(DOMAIN, "evil-test-domain.com")]
# (finding, indicator or None), each the number of times it is there
WANTED = {
    "ack_sweep_no_fp": [],
    "cache_expiry": 5 * ASKED,  # an hour and more apart
    "clean_tcp": [],
    "dlt_raw": DIALLED,
    "dlt_sll": DIALLED,
    "dns_dga_labels": [(GENERATED, None)],  # of two names that do not exist one is drawn
    "dns_exhaustion": [(FLOOD, None)],
    "dns_ignored_suffixes": [],
    "dns_malformed": [],
    "dns_nxdomain_flood": [(BURST, None)],
    "dns_queries": ASKED + [(DOMAIN, "evil-parent.com"), (DOMAIN, "onion.to"), (DOMAIN, "evilname.ip-adress.com"), (DOMAIN, "wildcard-test.com")],
    "dns_resolver_trail": [(ADDRESS, "198.51.100.53"), (DOMAIN, "whatever.com")],
    "dns_responses": [(DOMAIN, "sinkholed.com"), (ADDRESS, "198.51.100.91")],  # a listed name's address is told of with the name
    "dns_same_socket_burst": ASKED,
    "duplicate_syn": DIALLED,
    "fragments": DIALLED,
    "http_heuristics": [(SQL, None), (TRAVERSAL, None), (COMMAND, None), (SCRIPT, None), (SQL, None), (BARE, None), (PROXY, None), (FETCHED, None), (SCANNER, None)],
    "http_responses": [(SINKHOLE, None), (SHELL_SCRIPT, None), (SINKHOLE, None)],
    "http_trails": [(URL, "victim.example/malicious-login.php"), (DOMAIN, "hostcheck.example"), (URL, "evil-url.example/bad/path")],
    "icmp": DIALLED,
    "infection_scan": [(HOSTS, None)],
    "ip_trails": DIALLED + [(ADDRESS, "6.6.6.6:8443"), (ADDRESS, "198.51.100.66")],
    "ipv4_options": DIALLED,
    "ipv6": ASKED,
    "mixed_soup": None,  # a bit of each; below
    "port_scan": [(PORTS, None)],
    "pppoe": DIALLED,
    "quic_sni": [(DOMAIN, "quic-evil.example")],  # its tag is filler: the name is read all the same
    "repeated_detections": ASKED,
    "stealth_scan_fin": [(PORTS, None)],
    "stealth_scan_null": [(PORTS, None)],
    "stealth_scan_xmas": [(PORTS, None)],
    "tls_sni": [(DOMAIN, "tls-evil.example")],
    "truncated": [],
    "udp_malware_dst": DIALLED,
    "udp_scan": [(PORTS, None)],
    "vlan": DIALLED + ASKED,
    "web_scan": [(WEB_SCAN, None)],
    "whitelisted": [],
}
SOUP = set(DIALLED + ASKED + [(ADDRESS, "6.6.6.6:8443"), (DOMAIN, "onion.to"), (DOMAIN, "evil-parent.com")])


def findings(sensor, capture, listed, state):
    events, _ = support.read(sensor, capture, *support.sets("stream.midstream=yes", f"reputation.lists.0={listed}", f"reputation.state={state}"))
    found = []
    for alert in (event["alert"] for event in support.alerts(events, 4001, 4002, 4003)):
        indicator = alert["context"]["reputation"]["indicator"] if alert["gid"] == 4001 else None
        found.append(((alert["gid"], alert["signature_id"]), indicator))
    return found


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("-v", action="store_true")
    given = parser.parse_args()
    captures = sorted(glob.glob(os.path.join(CAPTURES, f"*{given.only}*.pcap")))
    if not captures:
        support.skip(f"no captures in {CAPTURES}")
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="sekisho-reputation-") as folder:
        listed = os.path.join(folder, "bad.list")
        with open(listed, "w", encoding="utf-8") as file:
            file.write(LIST)
        for capture in captures:
            name = os.path.basename(capture)[:-len(".pcap")]
            if name not in WANTED:
                print(f"{name}: nothing is said of what it should give")
                wrong += 1
                continue
            found, wanted = findings(given.sensor, capture, listed, os.path.join(folder, "state")), WANTED[name]
            right = SOUP <= set(found) if wanted is None else sorted(map(str, found)) == sorted(map(str, wanted))
            if given.v or not right:
                print(f"{name}: {'right' if right else 'WRONG'}: {found}{'' if right else f', not {wanted or SOUP}'}")
            wrong += not right
    print(f"{len(captures)} captures, {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
