#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs of rules from the maintainer's side: test, sign, install from folder, archive and URL, update, roll back; and all that must be refused,
each with one error, leaving what is installed as it was.
"""
import fcntl
import functools
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import sensor as support  # noqa: E402
from sensor import expect  # noqa: E402
from site_server import Site, certify, serve  # noqa: E402

DEMO = os.path.join(support.TOP, "signatures", "packs", "demo")
RULE = 'alert http any any -> any any (msg:"gate"; flow:established,to_server; http.uri; content:"/gate"; startswith; sid:{sid}; rev:1;)\n'
TEST = """recipe:
  - http: 10.0.0.5 > 192.0.2.1
    requests: [{uri: /gate.php}]
must: {1: 1}
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_pack(folder, version="1.0", sids=(1,), test=TEST, extra=""):
    shutil.rmtree(folder, ignore_errors=True)
    write(os.path.join(folder, "pack.yaml"), f"name: gates\nversion: \"{version}\"\nauthor: a maintainer\n{extra}")
    write(os.path.join(folder, "rules", "gate.rules"), "".join(RULE.format(sid=sid) for sid in sids))
    if test:
        write(os.path.join(folder, "tests", "gate.yaml"), test)
    return folder


def tar_of(entries):
    """A tar.gz of (name, bytes or a ready TarInfo)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in entries:
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tar_folder(folder, top="pack"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.add(folder, arcname=top)
    return out.getvalue()


class Bench:
    def __init__(self, given, folder):
        self.sensor, self.folder = given.sensor, folder
        self.store, self.filters = os.path.join(folder, "store"), os.path.join(folder, "filters")
        os.makedirs(self.filters)
        self.key = os.path.join(folder, "key")
        self.socket = os.path.join(folder, "socket")
        self.run("keygen", self.key)

    def run(self, *words, sets=(), code=0):
        """One verb; gives its output, both streams."""
        settings = [f"rules.store={self.store}", f"rules.filters={self.filters}", f"unix-command.filename={self.socket}", *sets]
        store = words[0] in ("install", "update", "rollback", "history")
        if store and not any(s.startswith("rules.trusted-keys") for s in sets):
            settings.append(f"rules.trusted-keys.0={self.key}.pub")
        return support.say(self.sensor, "rules", *words, *support.sets(*(settings if store else ())), code=code)

    def refused(self, reason, *words, sets=()):
        """The verb fails with one clear error, and what is installed stays."""
        before = self.installed()
        said = self.run(*words, sets=sets, code=1)
        expect(reason in said, f"{' '.join(words)}: no \"{reason}\" in\n{said}")
        expect(self.installed() == before, f"{' '.join(words)}: changed what is installed")
        last = self.audit()[-1]
        if words[0] != "test" and "another sekisho" not in reason:
            expect(reason in last["result"] and last["to"] == last["from"], f"audit log: {last}")
        leftover = [n for n in os.listdir(self.store) if n.startswith(".")] + [n for n in os.listdir(os.path.join(self.store, "sets"))
                                                                             if n.startswith(".")]
        expect(not leftover, f"left behind: {leftover}")

    def installed(self):
        try:
            with open(os.path.join(self.store, "current", "set.json"), encoding="utf-8") as file:
                return {p["name"]: p["version"] for p in json.load(file)["packs"]}
        except FileNotFoundError:
            return {}

    def audit(self):
        with open(os.path.join(self.store, "audit.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def rules(self, pack, name):
        with open(os.path.join(self.store, "current", "rules", pack, name), encoding="utf-8") as file:
            return file.read()

    def sign(self, folder, key=None):
        self.run("sign", folder, "--key", key or self.key)
        return folder


def why(bench):
    """`rules test` names the first condition that was false."""
    pack = make_pack(os.path.join(bench.folder, "why"), test=TEST)
    expect("1 tests, 0 failed" in bench.run("test", pack), "a good pack")
    wrong = {
        'http.uri; content:"/gate"; content:".asp"; distance:0;': 'http.uri contains ".asp"',
        'http.cookie; content:"x";': "there was no http.cookie",
        'flowbits:isset,never; http.uri; content:"/gate";': "the flow bit never is set",
        'http.uri; content:"/gate"; threshold:type threshold, track by_src, count 9, seconds 60;': "its threshold kept alerts back",
        'http.uri; content:"/gate"; noalert;': "it has noalert",
        'dsize:>9000;': "payload length is over 9000",
        'http.stat_code; content:"404";': 'http.stat_code contains "404"',
    }
    for options, reason in wrong.items():
        side = "to_client" if "stat_code" in options else "to_server"
        write(os.path.join(pack, "rules", "gate.rules"), f'alert http any any -> any any (msg:"x"; flow:established,{side}; {options} sid:1;)\n')
        said = bench.run("test", pack, code=1)
        expect(reason in said, f"{options}: no \"{reason}\" in\n{said}")
    for header, reason in {"tcp any any -> any 8080": "destination port", "tcp any any -> 10.9.9.9 any": "destination",
                           "udp any any -> any any": "no packet was of its protocol", "tls any any -> any any": "application protocol is http"}.items():
        write(os.path.join(pack, "rules", "gate.rules"), f'alert {header} (msg:"x"; content:"zzz"; sid:1;)\n')
        said = bench.run("test", pack, code=1)
        expect(reason in said, f"{header}: no \"{reason}\" in\n{said}")
    outcome = json.loads(subprocess.run([bench.sensor, "rules", "test", pack, "--json"], stdout=subprocess.PIPE, check=False).stdout)
    expect(outcome["failed"] == 1 and outcome["results"][0]["failures"][0]["sid"] == 1, f"--json: {outcome}")
    make_pack(pack, sids=(1, 2), test=TEST + "must-not: others\n")
    expect("sid 2" in bench.run("test", pack, code=1), "must-not: others")
    make_pack(pack, test=TEST.replace("{1: 1}", "{1: 2-3}"))
    expect("expected 2 to 3 times, alerted 1 time" in bench.run("test", pack, code=1), "a count")
    make_pack(pack, test=TEST.replace("  - http", "  flows:\n  - http"))
    bench.run("test", pack)
    bench.run("test", DEMO)


def bad_packs(bench):
    pack = os.path.join(bench.folder, "bad")
    for text, reason in {"name: a b\nversion: 1\nauthor: x\n": "name: 1 to 64", "version: 1\nauthor: x\n": "name is missing",
                         "name: a\nversion: 1\nauthor: x\nnmae: y\n": "unknown key nmae", "[": "pack.yaml:",
                         "name: a\nversion: 1\nauthor: x\nminimum-sensor-version: 99.0\n": "needs Sekisho 99.0"}.items():
        make_pack(pack)
        write(os.path.join(pack, "pack.yaml"), text)
        expect(reason in bench.run("test", pack, code=1), f"{text}: no \"{reason}\"")
    for text, reason in {"must: [1]\n": "either capture or recipe", "capture: ../../x.pcap\nmust: [1]\n": "a file beside the test",
                         "capture: none.pcap\nmust: [1]\n": "no such file", "recipe: []\nmust: [1]\n": "list of 1 to",
                         "recipe: [{tcp: x}]\nmust: [1]\n": "expected CLIENT", TEST.replace("1: 1", "1: x"): "no number of alerts",
                         TEST.replace("{1: 1}", "[x]"): "not a number", TEST + "vars: {HOME_NET: [x]}\n": "vars: expected a text",
                         TEST.replace("must: {1: 1}", ""): "expects nothing"}.items():
        make_pack(pack, test=text)
        said = bench.run("test", pack, code=1)
        expect(reason in said, f"{text}: no \"{reason}\" in\n{said}")
    make_pack(pack)
    os.symlink("/etc/passwd", os.path.join(pack, "rules", "x.rules"))
    expect("no links" in bench.run("test", pack, code=1), "a link in a pack")


def signatures(bench):
    pack = make_pack(os.path.join(bench.folder, "gates"))
    bench.refused("is not signed. --allow-unsigned", "install", pack)
    other = os.path.join(bench.folder, "other")
    bench.run("keygen", other)
    expect(os.stat(other).st_mode & 0o777 == 0o600, "mode of a private key")
    bench.run("keygen", other, code=1)
    bench.refused("not among rules.trusted-keys", "install", bench.sign(pack, other))
    bench.sign(pack)
    write(os.path.join(pack, "rules", "gate.rules"), RULE.format(sid=7))
    bench.refused("rules/gate.rules is not as it was signed", "install", pack)
    make_pack(pack)
    bench.sign(pack)
    write(os.path.join(pack, "rules", "more.rules"), RULE.format(sid=8))
    bench.refused("signed", "install", pack)
    bench.refused("signed", "install", pack, "--allow-unsigned", "--force")
    make_pack(pack)
    bench.sign(pack)
    with open(os.path.join(pack, "pack.manifest"), "a", encoding="utf-8") as file:
        file.write("\n")
    bench.refused("signature is wrong", "install", pack)
    bench.sign(make_pack(pack))
    expect("installed as set 1" in bench.run("install", pack), "install")
    expect(bench.installed() == {"gates": "1.0"}, "what is installed")
    expect("installed already" in bench.run("install", pack), "the same again")
    with open(bench.key + ".pub", encoding="utf-8") as file:
        expect("PUBLIC KEY" in file.read(), "the public key")
    signed = bench.audit()[-1]["signed_by"]
    bench.run("install", bench.sign(make_pack(pack, "1.1")), sets=[f"rules.trusted-keys.0={signed}"])


def checks(bench):
    pack = os.path.join(bench.folder, "gates")
    bench.refused("is older than 1.1", "install", bench.sign(make_pack(pack, "1.0.9")))
    bench.refused("tests fail", "install", bench.sign(make_pack(pack, "1.2", test=TEST.replace("1: 1", "1: 2"))))
    make_pack(pack, "1.2", test=None)
    write(os.path.join(pack, "rules", "gate.rules"), RULE.format(sid=1) + 'alert tcp any any -> any any (msg:"x"; nonsense:1; sid:2;)\n')
    bench.refused("cannot be taken", "install", bench.sign(pack))
    write(os.path.join(pack, "rules", "gate.rules"), RULE.format(sid=1) + "include /etc/passwd\n")
    bench.refused("neither a rule", "install", bench.sign(pack))
    bench.run("install", bench.sign(make_pack(pack, "2.0", sids=range(1, 11))))
    bench.refused("has 4 rules", "install", bench.sign(make_pack(pack, "2.1", sids=range(1, 5))))
    bench.run("install", "--force", pack)
    expect(bench.audit()[-1]["force"] is True and bench.installed() == {"gates": "2.1"}, "--force")
    with open(os.path.join(bench.store, "lock"), encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bench.refused("another sekisho", "install", pack)


def archives(bench):
    path = os.path.join(bench.folder, "pack.tar.gz")
    good = [("pack.yaml", b"name: a\nversion: 1\nauthor: x\n"), ("rules/a.rules", RULE.format(sid=50).encode())]
    link, hard, device = tarfile.TarInfo("rules/l"), tarfile.TarInfo("rules/h"), tarfile.TarInfo("rules/d")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    hard.type, hard.linkname = tarfile.LNKTYPE, "rules/a.rules"
    device.type = tarfile.CHRTYPE
    bad = {"may not be unpacked": [("../evil", b"x")], "a path that may not": [("/tmp/evil", b"x")], "a link": [("l", link)],
           "a link, a device": [("h", hard)], "link, a device": [("d", device)], "twice": [("rules/a.rules", b"x")]}
    for reason, entries in bad.items():
        with open(path, "wb") as file:
            file.write(tar_of(good + entries))
        bench.refused(reason, "install", path, "--allow-unsigned")
    whole = tar_of(good)
    for content, reason in ((whole[:len(whole) - 20], "cut off or damaged"), (b"\x1f\x8b" + b"x" * 100, "damaged"), (b"", "neither"),
                            (b"\0" * 2048, "neither"), (b"PK\x03\x04" + b"\0" * 100, "neither")):
        with open(path, "wb") as file:
            file.write(content)
        bench.refused(reason, "install", path, "--allow-unsigned")
    bench.refused("No such file", "install", os.path.join(bench.folder, "nothing"), "--allow-unsigned")
    pack = bench.sign(make_pack(os.path.join(bench.folder, "gates"), "3.0", sids=range(1, 5)))
    with open(path, "wb") as file:
        file.write(tar_folder(pack, "gates-3.0"))
    bench.run("install", path)
    expect(bench.installed() == {"gates": "3.0"}, "from an archive")


def vendor(bench):
    """Rules only, with the owner's filters."""
    web = ('alert http any any -> any any (msg:"ask"; flowbits:isset,ET.x; sid:100; rev:1; metadata:deployment Perimeter;)\n'
           '#alert http any any -> any any (msg:"set"; flowbits:set,ET.x; sid:101; rev:1;)\n'
           'alert tcp any any -> any any (msg:"scan heartbleed"; dsize:>5; sid:102; rev:1;)\n'
           '# alert tcp any any -> any any (msg:"off"; dsize:>6; sid:103; rev:1;)\n')
    other = 'alert tcp any any -> any any (msg:"other"; dsize:>7; threshold:type limit, track by_src, count 1, seconds 60; sid:104; rev:1;)\n'
    path = os.path.join(bench.folder, "emerging.rules.tar.gz")
    with open(path, "wb") as file:
        file.write(tar_of([("rules/emerging-web.rules", web.encode()), ("rules/emerging-other.rules", other.encode()),
                           ("rules/deleted.rules", b"alert tcp any any -> any any (dsize:>1; sid:109;)\n"), ("rules/LICENSE", b"free")]))
    for name, lines in {"disable": "# none\ngroup:emerging-other\n", "enable": "1:103\n104\n", "drop": "re:HEARTBLEED\n",
                        "modify": '104 "seconds \\d+" "seconds 3600"\n'}.items():
        write(os.path.join(bench.filters, name + ".conf"), lines)
    bench.refused("is not signed", "install", path)
    bench.run("install", path, "--allow-unsigned")
    text = bench.rules("emerging", "emerging-web.rules")
    expect("flowbits:set,ET.x; noalert; sid:101" in text and not text.split("\n")[1].startswith("#"), text)
    expect(text.split("\n")[2].startswith("drop tcp") and text.split("\n")[3].startswith("alert"), text)
    expect("seconds 3600" in bench.rules("emerging", "emerging-other.rules"), "modify.conf")
    expect(not os.path.exists(os.path.join(bench.store, "current", "rules", "emerging", "deleted.rules")), "deleted.rules")
    expect(bench.audit()[-1]["allow_unsigned"] is True, "audit log: unsigned")
    write(os.path.join(bench.filters, "disable.conf"), "100\n102, 103\n104\n")
    os.unlink(os.path.join(bench.filters, "enable.conf"))
    bench.run("update", "emerging")
    expect(all(line.startswith("#") for line in bench.rules("emerging", "emerging-web.rules").splitlines()), "disable.conf")
    write(os.path.join(bench.filters, "disable.conf"), "wat\n")
    bench.refused("disable.conf:1: expected SID", "update", "emerging")
    for name in os.listdir(bench.filters):
        os.unlink(os.path.join(bench.filters, name))
    rules = os.path.join(bench.folder, "local.rules")
    write(rules, RULE.format(sid=200))
    bench.run("install", rules, "--allow-unsigned", "--name", "mine")
    expect(set(bench.installed()) == {"gates", "emerging", "mine"}, f"packs: {bench.installed()}")
    # What was signed is not replaced by a rule file of the same name
    rules = os.path.join(bench.folder, "gates.rules")
    write(rules, RULE.format(sid=201))
    bench.refused("is not signed, and", "install", rules, "--allow-unsigned")
    # The sensor loads what is installed
    events, _ = support.run(bench.sensor, ["-r", support.pcap("office.pcap"), *support.sets(f"rules.store={bench.store}")])
    expect(any(e["event_type"] == "alert" and e["alert"]["signature_id"] == 102 for e in events), "installed rules are not loaded")


def urls(bench):
    pack = os.path.join(bench.folder, "gates")
    server = serve()
    base = f"http://127.0.0.1:{server.server_port}"
    Site.files["/gates.tar.gz"] = tar_folder(bench.sign(make_pack(pack, "4.0", sids=range(1, 5))))
    bench.run("install", base + "/gates.tar.gz")
    expect(bench.installed()["gates"] == "4.0", "from a URL")
    expect("installed already" in bench.run("update", "gates") and Site.log[-1] == 304, f"ETag: {Site.log}")
    Site.files["/gates.tar.gz"] = tar_folder(bench.sign(make_pack(pack, "4.1", sids=range(1, 5))))
    bench.run("update", "gates")
    expect(bench.installed()["gates"] == "4.1" and Site.log[-1] == 200, "update")
    Site.files["/gates.tar.gz"] = tar_folder(make_pack(pack, "4.2", sids=range(1, 5)))
    bench.refused("is not signed", "update", "gates")
    other = bench.sign(make_pack(pack, "9"))
    write(os.path.join(other, "pack.yaml"), "name: other\nversion: 1\nauthor: x\n")
    Site.files["/gates.tar.gz"] = tar_folder(bench.sign(other))
    bench.refused("calls itself other", "update", "gates")
    Site.files["/away"] = "file:///etc/passwd"
    Site.files["/large"] = b"x" * 5000
    bench.refused("the server answered 404", "install", base + "/none", "--allow-unsigned")
    bench.refused("followed from https to https only", "install", base + "/away", "--allow-unsigned")
    bench.refused("is larger than 4096 bytes", "install", base + "/large", "--allow-unsigned", sets=["fetch.max-size=4096"])
    bench.refused("plain http is not read", "install", "http://192.0.2.1/x.tar.gz")
    bench.refused("only https and file", "install", "ftp://127.0.0.1/x.tar.gz")
    server.shutdown()
    local = os.path.join(bench.folder, "local.tar.gz")
    with open(local, "wb") as file:
        file.write(tar_folder(bench.sign(make_pack(pack, "5.0", sids=range(1, 5)))))
    bench.run("install", "file://" + local)
    expect(bench.installed()["gates"] == "5.0", "from a file URL")


def https(bench):
    cert, context = certify(bench.folder)
    if not cert:
        return
    server = serve(context)
    pack = os.path.join(bench.folder, "gates")
    Site.files["/gates.tar.gz"] = tar_folder(bench.sign(make_pack(pack, "6.0", sids=range(1, 5))))
    Site.files["/moved"] = f"https://localhost:{server.server_port}/gates.tar.gz"
    Site.files["/down"] = f"http://localhost:{server.server_port}/gates.tar.gz"
    base = f"https://localhost:{server.server_port}"
    bench.refused("certificate", "install", base + "/gates.tar.gz")
    bench.refused("rotocol", "install", base + "/down", sets=[f"fetch.ca-file={cert}"])
    bench.refused("127.0.0.1", "install", f"https://127.0.0.1:{server.server_port}/gates.tar.gz", sets=[f"fetch.ca-file={cert}"])
    bench.run("install", base + "/moved", sets=[f"fetch.ca-file={cert}"])
    expect(bench.installed()["gates"] == "6.0", "from https")
    server.shutdown()


def rollback(bench):
    history = bench.run("history")
    expect(history.count(" set ") >= 5 and len(os.listdir(os.path.join(bench.store, "sets"))) == 5, f"kept sets:\n{history}")
    now = bench.installed()["gates"]
    bench.run("rollback")
    before = bench.installed()["gates"]
    expect(before != now, "rollback")
    bench.run("rollback", now)
    expect(bench.installed()["gates"] == now, "rollback to a version")
    bench.run("rollback", f"gates@{before}")
    bench.refused("no set that is kept", "rollback", "77.7")
    bench.refused("no set that is kept", "rollback", "1")
    entry = bench.audit()[-3]
    expect(entry["action"] == "rollback" and entry["result"] == "done" and entry["who"]["uid"] == os.getuid() and entry["to"]["set"], f"{entry}")
    raw = bench.run("history", "--json").splitlines()
    expect([json.loads(line) for line in raw] == bench.audit(), "history --json")


def running(bench):
    """An install reaches a sensor that runs."""
    pipe, out = os.path.join(bench.folder, "pipe"), os.path.join(bench.folder, "out")
    os.mkfifo(pipe)
    os.makedirs(out)
    log = open(os.path.join(bench.folder, "log"), "w+", encoding="utf-8")
    process = subprocess.Popen([bench.sensor, "-r", pipe, "-l", out, "--set", f"rules.store={bench.store}", "--set",
                                f"unix-command.filename={bench.socket}"], stdout=log, stderr=subprocess.STDOUT)
    try:
        with open(support.pcap("office.pcap"), "rb") as file:
            capture = file.read()
        with open(pipe, "wb", buffering=0) as writer:
            stop = threading.Event()

            def feed():
                at = 0
                while not stop.is_set():  # never all of it
                    end = at + (len(capture) - at) // 100
                    writer.write(capture[at:end])
                    at = end
                    time.sleep(0.05)
                writer.write(capture[at:])
            feeder = threading.Thread(target=feed)
            feeder.start()
            try:
                for _ in range(2400):
                    if os.path.exists(bench.socket) or process.poll() is not None:
                        break
                    time.sleep(0.1)
                pack = bench.sign(make_pack(os.path.join(bench.folder, "gates"), "7.0", sids=range(1, 5)))
                said = bench.run("install", pack)
            finally:
                stop.set()
                feeder.join()
        expect("the running sensor uses them" in said, said)
        expect(process.wait(timeout=900) == 0, "the sensor failed")
        log.seek(0)
        expect("rules reloaded" in log.read(), "no reload in the log")
    finally:
        if process.poll() is None:
            process.kill()
        log.close()


def crash(bench):
    """Killed at any moment, an install leaves one whole set in use, and the next one works."""
    rules = os.path.join(bench.folder, "crash.rules")
    write(rules, RULE.format(sid=900))
    bench.run("install", rules, "--allow-unsigned")
    for number in range(12):
        write(rules, RULE.format(sid=901 + number))
        process = subprocess.Popen([bench.sensor, "rules", "install", rules, "--allow-unsigned", "--no-reload", "--set", f"rules.store={bench.store}",
                                    "--set", f"rules.filters={bench.filters}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.005 * number)
        process.kill()
        process.wait()
        expect("crash" in bench.installed() and bench.rules("crash", "crash.rules").startswith("alert"), "what is installed is broken")
    bench.run("install", rules, "--allow-unsigned", "--force")


def main():
    given = support.arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="sekisho-packs-") as folder:
        bench = Bench(given, folder)
        for part in (why, bad_packs, signatures, checks, archives, vendor, urls, https, rollback, running, crash):
            started = time.time()
            functools.partial(part, bench)()
            print(f"{part.__name__}: good, {time.time() - started:.1f} s")
    return 0


sys.exit(main())
