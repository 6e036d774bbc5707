# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server of ours on this machine, for tests of what the sensor fetches."""
import hashlib
import http.server
import os
import shutil
import ssl
import subprocess
import threading


class Site(http.server.BaseHTTPRequestHandler):
    """Gives what is in files: bytes, a status, a text to go to instead, or "slow", an answer that never comes. With ETags; of what dated names with the time it
    was made only; of neither when that is "". What delays names is answered once its event is set. What is in files not is missing."""
    files, dated, delays, log, slow, never = {}, {}, {}, [], threading.Event(), threading.Event()

    def do_GET(self):  # noqa: N802
        content = self.files.get(self.path, 404)
        if content == "slow":
            self.slow.set()
            self.never.wait(240)
            return
        if isinstance(content, int):
            self.log.append(content)
            self.send_error(content)
            return
        if isinstance(content, str):
            self.send_response(302)
            self.send_header("Location", content)
            self.end_headers()
            return
        if self.path in self.delays:
            self.slow.set()
            self.delays[self.path].wait(240)
        name, value, ask = "ETag", '"' + hashlib.sha256(content).hexdigest()[:16] + '"', "If-None-Match"
        if self.path in self.dated:
            name, value, ask = "Last-Modified", self.dated[self.path], "If-Modified-Since"
        same = bool(value) and self.headers.get(ask) == value
        self.log.append(304 if same else 200)
        self.send_response(304 if same else 200)
        if value:
            self.send_header(name, value)
        self.send_header("Content-Length", "0" if same else str(len(content)))
        self.end_headers()
        if not same:
            self.wfile.write(content)

    def log_message(self, *words):
        pass


def serve(context=None):
    """Starts a server with a thread of its own; shutdown() ends it. context: of TLS, as certify() makes it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def certify(folder):
    """A certificate for localhost that nobody signed: its file and what serve() takes; None, None without the program openssl."""
    if not shutil.which("openssl"):
        print("no openssl program: https is not tried")
        return None, None
    certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "cert.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
