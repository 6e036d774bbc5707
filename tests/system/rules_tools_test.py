#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sekisho rules check, list, explain, profile: what a rule maintainer is told."""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402

TAIL = "rev:1; classtype:bad-unknown;"

# A rule; what is found in it: id and the text the mark is under (None: no mark).
CHECKED = [
    ('alert tcp any any -> any 80 (msg:"good"; flow:established,to_server; content:"abcdef"; sid:1; %s)', []),
    ('alert tcp any any -> any 80 (msg:"a"; foobar:1; sid:2; %s)', [("unknown-keyword", "foobar:1")]),
    ('alert tcp any any -> any 80 (msg:"a"; flowbits:isset,never; content:"abcd"; sid:3; %s)',
     [("bit-never-set", "flowbits:isset,never")]),
    ('alert tcp any any -> any 80 (msg:"a"; flowbits:set,unread; content:"abcd"; sid:4; %s)',
     [("bit-never-read", "flowbits:set,unread")]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"ab"; sid:5; %s)', [("short-pattern", 'content:"ab"')]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"User-Agent"; sid:6; %s)', [("common-pattern", 'content:"User-Agent"')]),
    ('alert tcp any any -> any 80 (msg:"a"; pcre:"/ab+c/"; sid:7; %s)', [("no-pattern", 'pcre:"/ab+c/"')]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcd"; pcre:"/(\\w+,?)*x/"; sid:8; %s)',
     [("pcre-nested", 'pcre:"/(\\w+,?)*x/"')]),
    ('alert tcp any any -> $NOWHERE 80 (msg:"a"; content:"abcd"; sid:9; %s)', [("unknown-variable", "$NOWHERE")]),
    ('alert tcp any any -> ![$HOME_NET,$EXTERNAL_NET] 80 (msg:"a"; content:"abcd"; sid:10; %s)',
     [("unreachable", "![$HOME_NET,$EXTERNAL_NET]")]),
    ('alert tcp any any -> any [80,!80] (msg:"a"; content:"abcd"; sid:11; %s)', [("unreachable", "[80,!80]")]),
    ('alert icmp any 5 -> any any (msg:"a"; itype:8; sid:12; %s)', [("ports-without-protocol", "5")]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcdef"; sid:1; %s)', [("duplicate-sid", None)]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcde"; depth:2; sid:13; %s)', [("keyword", "depth:2")]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcde"; noalert; sid:14; %s)', [("noalert-idle", "noalert")]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcde"; threshold:type threshold,track by_src,count 1,seconds 5; sid:15; %s)',
     [("threshold-idle", "threshold:type threshold,track by_src,count 1,seconds 5")]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcde"; ttl:>5; ttl:<3; sid:16; %s)', [("unreachable", "ttl:<3")]),
    ('alert tcp any any -> any 80 (msg:"a"; content:"abcde"; flags:S; flow:established; sid:17; %s)',
     [("flow-contradiction", "flags:S")]),
    ('alert http any any -> any any (msg:"a"; content:"/evil.cgi"; http_uri; sid:18; %s)', [("deprecated", "http_uri")]),
    ('alert http any any -> any any (msg:"a"; flow:to_server; http.response_body; content:"abcde"; sid:19; %s)',
     [("keyword", "flow:to_server")]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; dsize:3; sid:28; %s)', [("keyword", "dsize:3")]),
    ('alert tcp 10.0.0.1 any -> 10.0.0.2 any (msg:"a"; sameip; sid:20; %s)', [("unreachable", "sameip")]),
    ('alert tcp 10.0.0.1 any -> ::1 any (msg:"a"; content:"abcde"; sid:21; %s)', [("unreachable", "::1")]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; reference:nosuch,1; sid:22; %s)',
     [("unknown-reference", "reference:nosuch,1")]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; sid:23; classtype:bad-unknown;)', [("no-rev", None)]),
    ('alert tcp any any -> any any (content:"abcde"; sid:24; %s)', [("no-msg", None)]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; sid:25; rev:1;)', [("no-classtype", None)]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; sid:26; rev:1; classtype:nosuch;)',
     [("unknown-classtype", "classtype:nosuch")]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; sid:27; rev:1; classtype:bad-unknown;', [("syntax", ";")]),
    ('alert tcp any any -> any any (msg:"a"; content:"abcde"; %s)', [("syntax", None)]),
]


def sekisho(sensor, *arguments, expect=0):
    done = support.tool(sensor, "rules", *arguments, timeout=120)
    if done.returncode != expect:
        raise SystemExit(f"rules {' '.join(arguments)}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def ask(sensor, *arguments, expect=0):
    return json.loads(sekisho(sensor, *arguments, "--json", expect=expect))


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def expect(good, what):
    if not good:
        raise SystemExit(f"not so: {what}")


def check_findings(sensor, folder):
    lines = [rule.replace("%s", TAIL) for rule, _ in CHECKED]
    path = write(folder, "checked.rules", "\n".join(lines) + "\n")
    document = ask(sensor, "check", path, expect=1)
    found = {}
    for row in document["findings"]:
        expect(row["file"] == path, row)
        found.setdefault(row["line"], []).append((row["id"], row.get("at")))
        if row.get("at"):
            line = lines[row["line"] - 1]
            expect(line[row["column"] - 1:].startswith(row["at"]), f"column of {row}")
    wrong = 0
    for number, (rule, wanted) in enumerate(CHECKED, 1):
        if sorted(found.get(number, []), key=str) != sorted(wanted, key=str):
            print(f"{rule}\n  found {found.get(number, [])}\n  not   {wanted}")
            wrong = 1
    duplicate = next(row for row in document["findings"] if row["id"] == "duplicate-sid")
    expect(duplicate["first"] == {"file": path, "line": 1}, duplicate)
    expect(document["errors"] == sum(row["severity"] == "error" for row in document["findings"]), "sum of errors")
    return wrong


def check_text(sensor, folder):
    path = write(folder, "text.rules", 'alert tcp any any -> any any \\\n\t(msg:"a"; content:"abcd"; \\\n\t  depth:2; sid:1;)\n')
    text = sekisho(sensor, "check", path, expect=1).split("\n")
    expect(text[0].startswith(f"{path}:3:4: error: sid 1: depth: "), text[0])
    expect(text[1] == "     3 |    depth:2; sid:1;)", text[1])
    expect(text[2] == "       |    ^~~~~~~", text[2])
    long = 'alert tcp any any -> any any (msg:"' + "m" * 400 + '"; content:"abcd"; depth:2; sid:1;)\n'
    text = sekisho(sensor, "check", write(folder, "long.rules", long), expect=1).split("\n")
    expect(len(text[1]) <= 120 and text[1][text[2].index("^"):].startswith("depth:2"), text[1:3])


def check_documents(sensor):
    with open(os.path.join(support.TOP, "docs", "rules.md"), encoding="utf-8") as file:
        text = file.read()
    for row in sekisho(sensor, "check", "--list-checks").splitlines():
        expect(f"`{row.split()[0]}`" in text, f"docs/rules.md explains {row.split()[0]}")


def check_exit(sensor, folder):
    doubtful = write(folder, "doubtful.rules", 'alert tcp any any -> any any (msg:"a"; content:"ab"; sid:1; rev:1;)\n')
    off = write(folder, "off.rules", '# remark (not a rule)\n#alert tcp any any -> any any (msg:"a"; contentt:"ab"; sid:1;)\n')
    sekisho(sensor, "check", doubtful)
    sekisho(sensor, "check", "--strict", doubtful, expect=1)
    sekisho(sensor, "check", "--strict", "--ignore", "short-pattern,no-classtype", doubtful)
    sekisho(sensor, "check", off)
    expect("unknown-keyword" in sekisho(sensor, "check", "--disabled", off, expect=1), "rules that are off")
    sekisho(sensor, "check", os.path.join(folder, "missing.rules"), expect=1)
    sekisho(sensor, "check", "--nosuch", doubtful, expect=2)
    sekisho(sensor, "check", "--only", "short-patern", doubtful, expect=2)
    sekisho(sensor, "check", "--ignore", "syntax,nosuch", doubtful, expect=2)
    sekisho(sensor, "check", "--limit", "x", doubtful, expect=2)
    controls = write(folder, "controls.rules", 'alert tcp any any -> any any (msg:"a\x1b[31mb\u009bc"; content:"abcd"; sid:1;)\n')
    for verb in (["check", "--info", controls], ["list", controls], ["explain", "1", "-S", controls]):
        text = sekisho(sensor, *verb)
        expect("\x1b" not in text and "\u009b" not in text, f"{verb[0]} shows control characters as they are")
    sekisho(sensor, "check", expect=2)


RULES = """alert http any any -> any any (msg:"Probe one"; flow:established,to_server; flowbits:isset,b; http.uri; content:"/admin"; \
http.user_agent; content:"EvilTool/"; startswith; fast_pattern; threshold:type limit,track by_src,count 1,seconds 60; \
classtype:web-application-attack; metadata:signature_severity Major, tag one; sid:100; rev:3;)
drop tcp any any -> any 22 (msg:"Probe two"; content:"abcdef"; flowbits:set,b; classtype:bad-unknown; sid:101; rev:1;)
#alert udp any any -> any 53 (msg:"Probe off"; content:"abcdef"; sid:102; rev:1;)
"""


def check_list(sensor, folder):
    path = write(folder, "list.rules", RULES)
    cases = [([], [100, 101]), (["--disabled"], [102]), (["--enabled", "--disabled"], [100, 101, 102]), (["--sid", "101-200,5"], [101]),
             (["--msg", "probe ONE"], [100]), (["--grep", "content:.*evil"], [100]), (["--classtype", "bad-unknown"], [101]),
             (["--proto", "http"], [100]), (["--action", "drop"], [101]), (["--file", "list"], [100, 101]), (["--file", "other"], []),
             (["--keyword", "http.uri"], [100]), (["--metadata", "tag=one"], [100]), (["--metadata", "tag=two"], []),
             (["--severity", "major"], [100]), (["--severity", "1"], [100]), (["--proto", "http", "--action", "drop"], [])]
    for arguments, sids in cases:
        got = [row["sid"] for row in ask(sensor, "list", path, *arguments)["rules"]]
        expect(got == sids, f"list {arguments}: {got}, not {sids}")
    expect("Probe two" in sekisho(sensor, "list", "-S", path, "--sid", "101"), "the table")
    expect(sekisho(sensor, "list", path, "--text", "--sid", "101").startswith("drop tcp any"), "the text")
    sekisho(sensor, "list", path, "--sid", "x", expect=2)
    sekisho(sensor, "list", path, "--grep", "(", expect=2)


def check_explain(sensor, folder):
    path = write(folder, "explain.rules", RULES)
    rule = ask(sensor, "explain", "100", "-S", path)["rules"][0]
    expect(rule["fast_pattern"]["content"] == '"EvilTool/"' and rule["fast_pattern"]["why"] == "the rule names it (fast_pattern)", rule)
    expect(any(row["group"] == "transactions http1 to the server: literals in http.user_agent" for row in rule["groups"]), rule["groups"])
    conditions = rule["conditions"]
    order = [next(i for i, text in enumerate(conditions) if want in text) for want in
             ("established", "flow bit b is set", "http.user_agent contains", "http.uri contains")]
    expect(order == sorted(order), conditions)
    expect(rule["state"][0]["set_by"] == [101], rule["state"])
    expect(rule["thresholds"] == ["at most 1 alerts in 60 s a source"], rule["thresholds"])
    expect({"protocol": "http1", "direction": "to_server"}.items() <= rule["buffers"][0]["read"][0].items(), rule["buffers"])
    text = sekisho(sensor, "explain", "100", "101", "-S", path)
    expect("Fast pattern" in text and "Probe two" in text and "read by 1 rules: 100" in text, text)
    sekisho(sensor, "explain", "999", "-S", path, expect=1)
    sekisho(sensor, "explain", "-S", path, expect=2)


def check_profile(sensor, folder):
    capture = next((path for path in (os.path.join(support.TOP, "pcaps", name) for name in ("office.pcap", "office/office.pcap"))
                    if os.path.exists(path)), None)
    sekisho(sensor, "profile", expect=2)
    if not capture:
        return
    path = write(folder, "profile.rules", 'alert ip any any -> any any (msg:"each"; ttl:>0; sid:1; rev:1;)\n'
                 'alert dns any any -> any any (msg:"name"; dns.query; content:"."; sid:2; rev:1;)\n'
                 'alert tcp any any -> any any (msg:"never"; content:"no such bytes anywhere"; sid:3; rev:1;)\n')
    document = ask(sensor, "profile", "-r", capture, "-S", path)
    rows = {row["sid"]: row for row in document["profile"]}
    expect(rows[1]["checks"] >= rows[1]["matches"] > 0 and rows[1]["ns"] > 0, rows)
    expect(3 not in rows and document["rules"] == 3, rows)
    expect(abs(sum(row["time_percent"] for row in rows.values()) - 100) < 0.1, rows)
    expect(document["ns"]["inspection"] >= document["ns"]["prefilter"] > 0, document["ns"])
    by_checks = ask(sensor, "profile", "-r", capture, "-S", path, "--sort", "checks", "--limit", "1")["profile"]
    expect(len(by_checks) == 1 and by_checks[0]["sid"] == 1, by_checks)
    expect("prefilter" in sekisho(sensor, "profile", "-r", capture, "-S", path), "the table")
    sekisho(sensor, "profile", "-r", capture, "-S", path, "--sort", "nosuch", expect=2)


def main():
    args = support.arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="sekisho-rules-") as folder:
        wrong = check_findings(args.sensor, folder)
        check_text(args.sensor, folder)
        check_exit(args.sensor, folder)
        check_documents(args.sensor)
        check_list(args.sensor, folder)
        check_explain(args.sensor, folder)
        check_profile(args.sensor, folder)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
