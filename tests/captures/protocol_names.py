#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we name beside what others do: for every capture of a folder, the protocols of its flows by this sensor, by nDPI (ndpiReader) and by Wireshark's
dissectors (tshark), as a table.

  protocol_names.py --sensor build/sekisho [--captures FOLDER] [--keep FOLDER] [--out FILE] [--flows CAPTURE]

Protocols only Wireshark has a dissector for (most of those by port alone) are tshark's. A flow agrees when nDPI or tshark names it as we do; a capture agrees when all of its flows do that any of the two names. What nDPI only guesses by port or address,
without having seen it, has a question mark, and nobody need agree to it. Names are compared by NAMES below: each program has its own word for one thing. A name of ours with a star is nDPI's, by the library in the sensor (`ndpi` in flow events). Flows are paired by
addresses and ports, so a port that is used twice is one flow here. The sensor takes flows whose beginning is not in the capture (stream.midstream), as both others do.

--keep keeps what the two others said, which takes most of the time. Exit status 77, and a word why, where a tool or the captures are missing.
"""
import collections
import concurrent.futures
import csv
import ipaddress
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

# our name: others' words for it (lower case)
NAMES = {
    "amqp": "amqp", "bittorrent": "bt-dht bt-utp bittorrent-dht utp", "dcerpc": "dce_rpc rpc epm dcerpc", "dhcp": "dhcp bootp dhcpv6 bootparams",
    "dns": "dns", "enip": "ethernetip enip cip cipio", "ftp": "ftp ftp_control", "ftp-data": "ftp_data ftp-data", "ike": "ipsec isakmp udpencap", "imap": "imap",
    "irc": "irc", "jabber": "jabber xmpp unencrypted_jabber", "krb5": "kerberos", "ldap": "ldap cldap", "llmnr": "llmnr", "mdns": "mdns", "modbus": "modbus mbtcp",
    "mongodb": "mongodb mongo", "mysql": "mysql", "nbns": "netbios nbns", "nfs": "nfs rpc portmap mount nlm rpcap", "pgsql": "postgresql postgres pgsql",
    "pop3": "pop3 pop", "quic": "quic gquic", "radius": "radius", "redis": "redis resp", "rfb": "vnc rfb", "sip": "sip", "smb": "smb smb2 smbv1 smbv23 nbss",
    "smtp": "smtp imf", "snmp": "snmp", "socks": "socks", "ssdp": "ssdp", "ssh": "ssh", "syslog": "syslog", "tds": "mssql-tds tds", "telnet": "telnet",
    "tls": "tls ssl doh_dot tls-ech", "http": "http http_proxy http_connect http_download", "rdp": "rdp tpkt x224 t125", "dtls": "dtls", "openvpn": "openvpn",
    "s7comm": "s7comm s7comm-plus cotp", "iec104": "iec60870_104 60870_5_104 iec60870-104 104apci 104asdu", "bacnet": "bacnet bvlc bacapp", "rtp": "rtp rtcp srtp",
    "sunrpc": "rpc portmap mount nfs",
    "stun": "stun classicstun turn", "http2": "http2", "websocket": "websocket", "memcached": "memcached memcache", "tftp": "tftp", "mqtt": "mqtt", "ntp": "ntp",
    "dnp3": "dnp3", "skinny": "ciscoskinny skinny", "wireguard": "wireguard wg", "vnc": "vnc", "gtp": "gtp gtpv2 gtpprime gtp_u gtp_c gtp_prime gtp-u",
}
WORDS = {}
for ours, words in NAMES.items():
    for word in [*words.split(), ours]:
        WORDS.setdefault(word, set()).add(ours)
# What carries and is not itself a name; what tshark writes inside of a protocol.
CARRIERS = {"TLS": "tls", "HTTP": "http", "DNS": "dns", "QUIC": "quic", "SSL": "tls", "DTLS": "dtls"}
TRANSPORT = {"tcp": "6", "udp": "17"}
NO_NAME = {"", "data", "unknown", "tcp.segments", "udp.segments", "_ws.malformed", "_ws.short", "failed", "ip", "ipv6", "tcp", "udp", "frame", "_ws.unreassembled", "payload"}


def known(word):
    """Names of ours for another program's word; the word itself where we have none."""
    word = word.lower()
    return set() if word in NO_NAME else WORDS.get(word, {word})


def plain(address):
    """An address in one form: each program writes IPv6 in another, and ndpiReader with several "::" for zeros."""
    parts = address.split("::")
    for text in (address, *(":0:".join(parts[:n]) + "::" + ":0:".join(parts[n:]) for n in range(1, len(parts)))):
        try:
            return ipaddress.ip_address(text).compressed
        except ValueError:
            pass
    return address


def pair(proto, *ends):
    return (proto, *sorted((plain(address), port) for address, port in ends))


def run_ndpi(capture, kept):
    guess = [] if kept.endswith("-guess") else ["-d"]
    subprocess.run(["ndpiReader", "-q", *guess, "-i", capture, "-C", kept], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=False)


def read_ndpi(kept):
    flows = collections.defaultdict(list)
    if not os.path.exists(kept):
        return flows
    with open(kept, encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.reader(file):
            if len(row) < 11 or row[0].startswith("#"):
                continue
            key = pair(row[1], (row[5], row[6]), (row[7], row[8]))
            if row[1] in TRANSPORT.values() and row[10] not in flows[key]:
                flows[key].append(row[10])
    return flows


FIELDS = ["frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"]


def run_tshark(capture, kept):
    arguments = [a for f in FIELDS for a in ("-e", f)]
    with open(kept, "w", encoding="utf-8") as out:
        subprocess.run(["tshark", "-n", "-r", capture, "-T", "fields", "-E", "separator=|", *arguments], stdout=out, stderr=subprocess.DEVNULL, timeout=120, check=False)


def layers_of(line):
    """(flow, word) for every transport header of a frame, the outermost first."""
    protocols, *values = line.rstrip("\n").split("|")
    values = [v.split(",") if v else [] for v in values]
    columns = {"ip": values[0:2], "ipv6": values[2:4], "tcp": values[4:6], "udp": values[6:8]}
    words, source = protocols.split(":"), None
    for n, word in enumerate(words):
        if word in ("icmp", "icmpv6"):
            return
        if word not in columns or not all(columns[word]):
            continue
        ends = [column.pop(0) for column in columns[word]]
        if word in ("ip", "ipv6"):
            source = ends
        elif source:
            yield pair(TRANSPORT[word], (source[0], ends[0]), (source[1], ends[1])), words[n + 1] if n + 1 < len(words) else ""


def read_tshark(kept):
    flows = collections.defaultdict(collections.Counter)
    with open(kept, encoding="utf-8", errors="replace") as file:
        for line in file:
            for key, word in layers_of(line):
                flows[key][word] += 1
    return {key: [w for w, _ in words.most_common() if w.lower() not in NO_NAME] for key, words in flows.items()}


def read_ours(sensor, capture):
    events, done = support.run(sensor, ["-r", capture, "-k", "none", "--set", "stream.midstream=true", "--set", "stream.async-oneside=true"], check=False)
    if done.returncode:
        print(f"{capture}: {done.stderr[-200:]}", file=sys.stderr)
    names, flows, started = collections.defaultdict(list), collections.defaultdict(list), set()
    for event in events:
        for field in ("app_proto", "app_proto_orig", "app_proto_ts", "app_proto_tc"):
            name = event.get(field)
            if name and name != "failed" and name not in names[event["flow_id"]]:
                names[event["flow_id"]].append(name)
    for event in events:
        if event["event_type"] != "flow" or event["proto"] not in ("TCP", "UDP"):
            continue
        proto = TRANSPORT[event["proto"].lower()]
        key = pair(proto, *((event[s + "_ip"], str(event[s + "_port"])) for s in ("src", "dest")))
        by_ndpi = support.find(event, "ndpi.protocol")
        named = names[event["flow_id"]] or ([by_ndpi + "*"] if by_ndpi else [])
        flows[key] += [n for n in named if n not in flows[key]]
    return flows


def ndpi_known(word):
    """What a word of nDPI's ("TLS.Google", "Discord") says of the protocol: the part before the dot, or the word if it is a protocol's."""
    first = word.split(".")[0]
    return {CARRIERS[first]} if first in CARRIERS else known(first)


def names_of(words, known_by):
    return set().union(*(known_by(word) for word in words)) if words else set()


def judge(ours, ndpi, tshark):
    """ndpi: what it saw, and with "?" what it guessed by port or address."""
    mine = set().union(*(ndpi_known(n[:-1]) if n.endswith("*") else known(n) for n in ours)) if ours else set()
    seen, guessed = ([word.rstrip("?") for word in ndpi if word.endswith("?") == guess] for guess in (False, True))
    by_ndpi, by_tshark, guesses = names_of(seen, ndpi_known), names_of(tshark, known), names_of(guessed, ndpi_known)
    if mine & by_ndpi:
        return "both" if mine & by_tshark else "nDPI"
    if mine & by_tshark:
        return "tshark"
    if not by_ndpi and not by_tshark:
        return "guess" if mine & guesses else "alone" if mine else "guessed" if guesses else "nobody"
    if not mine and not by_ndpi and not by_tshark & set(NAMES):
        return "tshark's"
    return "other" if mine else "unnamed"


def compare(given, name):
    capture = os.path.join(given.captures, name)
    kept = [os.path.join(given.keep, name + suffix) for suffix in (".ndpi", ".ndpi-guess", ".tshark")]
    for run, path in zip((run_ndpi, run_ndpi, run_tshark), kept):
        if not os.path.exists(path):
            run(capture, path)
    seen, guessed, tshark, ours = read_ndpi(kept[0]), read_ndpi(kept[1]), read_tshark(kept[2]), read_ours(given.sensor, capture)
    rows = []
    for key in sorted(set(seen) | set(guessed) | set(tshark) | set(ours)):
        words = [w for w in seen.get(key, []) if w.lower() not in NO_NAME]
        words += [w + "?" for w in guessed.get(key, []) if w.lower() not in NO_NAME and w not in words]
        row = (ours.get(key, []), words, tshark.get(key, []))
        rows.append((key, *row, judge(*row)))
    return rows


def top(rows, column, count=4):
    words = collections.Counter("+".join(row[column]) or "-" for row in rows)
    listed = [f"{word} {n}" if len(rows) > 1 else word for word, n in words.most_common(count)]
    return ", ".join(listed) + (", ..." if len(words) > count else "") if rows else "-"


DIFFERS = ("other", "unnamed")


def verdict(rows):
    different = [row for row in rows if row[4] in DIFFERS]
    named = {row[4] for row in rows} - {"nobody", "guessed"}
    if not named:
        return "no name"
    if named == {"tshark's"}:
        return "tshark's"
    if not different:
        return "agree"
    kinds = collections.Counter("{}|{}|{}".format(*("+".join(row[c]) or "-" for c in (1, 2, 3))) for row in different)
    return f"disagree, {len(different)} of {len(rows)}: " + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common(4))


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--captures", default=os.path.join(support.SHARED, "captures", "benign"))
    parser.add_argument("--keep", default="/tmp/sekisho-protocol-names")
    parser.add_argument("--out")
    parser.add_argument("--flows", help="every flow of this capture")
    given = parser.parse_args()
    for tool in ("ndpiReader", "tshark"):
        if not shutil.which(tool):
            support.skip(f"{tool} is not installed (Debian: libndpi-bin, tshark)")
    support.need(given.captures)
    os.makedirs(given.keep, exist_ok=True)
    if given.flows:
        for key, *row in compare(given, given.flows):
            print(key, *("+".join(part) or "-" if isinstance(part, list) else part for part in row), sep="\t")
        return 0
    names = sorted(os.listdir(given.captures))
    out = open(given.out, "w", encoding="utf-8") if given.out else sys.stdout
    print("capture\tflows\tours\tnDPI\ttshark\tverdict", file=out)
    verdicts, flows = collections.Counter(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, rows in zip(names, pool.map(lambda name: compare(given, name), names)):
            said = verdict(rows)
            verdicts[said.split(",")[0]] += 1
            flows.update(row[4] for row in rows)
            print(name, len(rows), top(rows, 1), top(rows, 2), top(rows, 3), said, sep="\t", file=out)
    for counted in (verdicts, flows):
        print("# " + ", ".join(f"{what} {n}" for what, n in counted.most_common()), file=out)
        print(", ".join(f"{what} {n}" for what, n in counted.most_common()))
    return 0


sys.exit(main())
