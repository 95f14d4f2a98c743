# SPDX-License-Identifier: Apache-2.0
"""serve_rows as a context, and requests to it."""
import http.client
import json
import os
import socket
import subprocess
import urllib.parse

PROGRAM = os.environ.get("SERVE_ROWS", "build-test/tests/http/serve_rows")
FIRST = "2026-11-24T03:00:00Z"
FIRST_S = 1795489200
PATIENCE_S = 60  # how long anything may take before the test is given up


def row(i):
    """The keys of serve_rows' i-th row that tests look at."""
    rcode = ["NOERROR"] * 7 + ["NXDOMAIN", "SERVFAIL", None]
    return {
        "second": i,
        "seq": i + 1,
        "qname": f"host{i % 50}.example.com",
        "qtype": "AAAA" if i % 2 else "A",
        "rcode": rcode[i % 10],
        "outcome": "answered" if rcode[i % 10] else "timeout",
        "latency_us": (1 + i % 1000) * 100 if rcode[i % 10] else None,
        "client": f"10.0.0.{i % 5}",
        "server": f"192.0.2.{53 + i % 3}",
        "id": i % 65536,
    }


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = response.headers.get("Content-Type", "").split(";")[0]
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    def __init__(self, folder, rows, *words):
        self.folder = str(folder)
        self.rows = rows
        self.words = words
        self.socket = os.path.join(self.folder, "api.sock")
        self.range = {"from": FIRST, "until": str(FIRST_S + max(rows, 1))}

    def __enter__(self):
        self.process = subprocess.Popen(
            [PROGRAM, self.folder, str(self.rows), *self.words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(self.process.stderr.read())
        with open(os.path.join(self.folder, "token"), encoding="ascii") as f:
            self.token = f.read().strip()
        where = urllib.parse.urlsplit(self.url)
        self.address = (where.hostname, where.port)
        return self

    def __exit__(self, *_):
        """Ends it, and fails when the sanitizers found something."""
        try:
            _, errors = self.process.communicate("end\n", timeout=PATIENCE_S)
        except BrokenPipeError:
            errors = self.process.stderr.read()
        finally:
            self.process.kill()
            self.process.wait()
        assert self.process.returncode == 0, errors
        assert errors == ""

    def push(self, kind, count):
        """Gives so many records to live readers and metrics."""
        line = f"push {kind} {count}\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        assert self.process.stdout.readline() == line

    def connection(self, tcp=False):
        if tcp:
            return http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        return UnixConnection(self.socket)

    def get(self, path, params=None, headers=None, method="GET", body=None, tcp=False):
        connection = self.connection(tcp)
        try:
            connection.request(method, target(path, params), body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask(self, name, **params):
        """JSON of /api/v1/NAME over the range of all rows."""
        answer = self.get(f"/api/v1/{name}", {**self.range, **params})
        assert answer.status == 200, answer.body
        return answer.json

    def bearer(self, token=None):
        return {"Authorization": f"Bearer {token or self.token}"}

    def raw(self, tcp=True):
        """A plain socket to it."""
        if tcp:
            s = socket.create_connection(self.address, timeout=PATIENCE_S)
        else:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(PATIENCE_S)
            s.connect(self.socket)
        return s

    def metric(self, name):
        """The value of a metric without labels."""
        for line in self.get("/metrics").body.decode().splitlines():
            if line.split(" ")[0] == name:
                return float(line.split(" ")[1])
        raise KeyError(name)


def target(path, params=None):
    return path + ("?" + urllib.parse.urlencode(params) if params else "")


def request_bytes(server, path, params=None):
    """A request with the token, for a plain socket."""
    return (f"GET {target(path, params)} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {server.token}\r\n\r\n").encode()


def slow_filter():
    """A filter that takes some milliseconds for a single row."""
    return " or ".join(f"qname~*{i}*x*y" for i in range(900))


def until(condition):
    """Asks again until it holds; each time costs a request, so nothing is polled without pause."""
    for _ in range(20000):
        if condition():
            return
    raise AssertionError("it never came true")
