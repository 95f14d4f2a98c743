# SPDX-License-Identifier: Apache-2.0
"""Who is let in, what is refused and how, and that no client holds up the others."""
import json
import os
import resource
import socket
import stat
import urllib.parse

import pytest

from server import PATIENCE_S, Server, request_bytes, slow_filter, target, until


def problem(answer, status, parameter=None):
    """Checks the form of a refusal, and gives its sentence."""
    assert answer.status == status, answer.body
    assert answer.type == "application/problem+json"
    document = answer.json
    assert document["status"] == status and document["type"] == "about:blank"
    assert document["title"] and document.get("parameter") == parameter
    return document["detail"]


class Ended(Server):
    """One that its test has ended."""
    def __exit__(self, *_):
        pass


# ---- who ----

def test_tcp_wants_the_token(server):
    for headers in ({}, {"Authorization": "Basic eDp5"}, server.bearer("x" * 43),
                    server.bearer(server.token[:-1]), server.bearer(server.token + "x"), server.bearer(" ")):
        for path in ("/api/v1/status", "/metrics", "/api/v1/openapi.json", "/nothing"):
            got = server.get(path, headers=headers, tcp=True)
            problem(got, 401)
            assert got.headers["WWW-Authenticate"].startswith("Bearer")
    assert server.get("/api/v1/status", headers=server.bearer(), tcp=True).status == 200
    assert server.get("/healthz", tcp=True).json == {"status": "ok"}
    assert server.get("/api/v1/status").status == 200


def test_metrics_may_be_public(own_server):
    server = own_server(1, "metrics_public")
    assert server.get("/metrics", tcp=True).status == 200
    assert server.get("/api/v1/status", tcp=True).status == 401


def test_files(server):
    mode = os.stat(server.socket).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660
    assert stat.S_IMODE(os.stat(os.path.join(server.folder, "token")).st_mode) == 0o600


def test_a_socket_that_was_left_behind_is_replaced_and_one_in_use_is_not(own_server):
    server = own_server(1)
    with pytest.raises(RuntimeError, match="another process"):
        Server(server.folder, 1).__enter__()
    assert server.get("/healthz").status == 200
    server.process.kill()
    server.process.wait()
    with Server(server.folder, 1) as again:
        assert again.token == server.token
        assert again.get("/healthz").status == 200
    assert not os.path.exists(server.socket)
    server.__class__ = Ended


# ---- what ----

def test_paths_and_methods(server):
    assert "'/api/v2/status'" in problem(server.get("/api/v2/status"), 404)
    problem(server.get("/api/v1/transaction/"), 404)
    problem(server.get("/api/v1/status/"), 404)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        got = server.get("/api/v1/status", method=method)
        problem(got, 405)
        assert got.headers["Allow"] == "GET, HEAD"


def test_bodies_are_refused(server):
    problem(server.get("/api/v1/status", method="GET", body=b"x" * 10), 413)
    problem(server.get("/api/v1/status", method="POST", body=b"x" * 60_000), 405)
    assert server.get("/api/v1/status", headers={"Content-Length": "0"}).status == 200
    head = request_bytes(server, "/api/v1/status")[:-2]
    for field, body in ((b"Transfer-Encoding: chunked", b"5\r\nhello\r\n"),
                        (b"Content-Length: 10000000", b"x" * 10_000_000)):
        with server.raw() as sock:
            sock.sendall(head + field + b"\r\n\r\n")
            assert first_line(sock).split()[1] == b"413"
            with pytest.raises(OSError):  # nobody reads that
                while True:
                    sock.sendall(body)


@pytest.mark.parametrize("path,params,parameter,words", [
    ("top", {"bye": "rcode"}, None, "did you mean 'by'?"),
    ("live", {"from": "-1h"}, None, "no parameter 'from' here"),
    ("status", {"from": "-1h"}, None, "no parameters here"),
    ("fields", {"x": ""}, None, "no parameters here"),
    ("top", {"by": "qnane"}, "by", "did you mean 'qname'?"),
    ("top", {"by": "flags"}, None, "flags has several values"),
    ("top", {"metrics": "p98"}, "metrics", "no metric 'p98'"),
    ("top", {"limit": "1001"}, "limit", "more than the limit may be, 1000"),
    ("transactions", {"limit": "10001"}, "limit", "10000"),
    ("transactions", {"limit": "0"}, "limit", "from 1 to"),
    ("transactions", {"from": "soon"}, "from", "is not a time"),
    ("transactions", {"from": "now", "until": "-1h"}, "from", "not after"),
    ("transactions", {"order": "-flags"}, "order", "several values"),
    ("transactions", {"after": "zzz"}, "after", "not the 'next'"),
    ("transactions", {"format": "xml"}, "format", "json, ndjson or csv"),
    ("series", {"from": "-30d", "step": "1s"}, "step", "more than 2000 steps"),
    ("live", {"filter": "latency>x"}, "filter", ""),
])
def test_parameters(server, path, params, parameter, words):
    assert words in problem(server.get(f"/api/v1/{path}", params), 400, parameter)


def test_mistakes_in_filters_have_a_place(server):
    got = server.get("/api/v1/transactions", {"filter": "rcode=NOERROR (qtype=AXFRR)"})
    document = got.json
    text = "rcode=NOERROR (qtype=AXFRR)"
    at = document["column"] - 1
    assert text[at:at + document["width"]] == "AXFRR"


def test_twice_and_strange_bytes(server):
    assert "twice" in problem(server.get("/api/v1/top?by=id&by=id"), 400, "by")
    assert "NUL" in problem(server.get("/api/v1/top?filter=a%00b"), 400, "filter")
    problem(server.get("/api/v1/top?filter=%22%ff%fe"), 400, "filter")
    problem(server.get("/api/v1/top?%1b%5b31m=1"), 400)
    assert server.get("/api/v1/top?filter").status == 200


def first_line(sock):
    data = b""
    while b"\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            break
        data += more
    return data.split(b"\r\n")[0]


@pytest.mark.parametrize("request_text", [
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 50_000 + b"\r\n",
    b"GET /api/v1/top?filter=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"A" * 100_000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\r\n\n\r\n" + bytes(500),
], ids=["long field", "many fields", "long path", "one line", "TLS"])
def test_heads_that_are_too_large_or_none(server, request_text):
    with server.raw() as sock:
        try:
            sock.sendall(request_text)
            sock.shutdown(socket.SHUT_WR)
            line = first_line(sock)
        except OSError:
            line = b""
        assert not line or line.split(b" ")[1][:1] == b"4", line
    assert server.get("/healthz").status == 200


def test_many_requests_on_one_connection(server):
    connection = server.connection()
    for i in range(50):
        connection.request("GET", target("/api/v1/transactions", {**server.range, "limit": i + 1}))
        assert len(json.loads(connection.getresponse().read())["transactions"]) == i + 1
        connection.request("GET", "/nothing")
        assert connection.getresponse().read()
    connection.close()


def test_views_are_saved_and_removed_and_stay(own_server):
    server = own_server(1)
    name = "/api/v1/views/" + urllib.parse.quote("slow ones: Ü/?")
    body = b'{"query":"?view=traffic&filter=latency%3E1s"}'
    assert server.get(name, method="PUT", body=body).status == 200
    assert server.get("/api/v1/views").json == {
        "views": [{"name": "slow ones: Ü/?", "query": "?view=traffic&filter=latency%3E1s"}]}
    assert stat.S_IMODE(os.stat(os.path.join(server.folder, "views.json")).st_mode) == 0o600
    problem(server.get(name, method="PUT", body=body, tcp=True), 401)
    problem(server.get(name, method="DELETE", tcp=True), 401)
    for wrong in (b"", b"{", b'{"query":1}', b'{"query":"no question mark"}', b"[" * 10000):
        problem(server.get(name, method="PUT", body=wrong), 400)
    problem(server.get(name, method="PUT", body=b"x" * 20000), 413)
    problem(server.get(name, method="DELETE", body=b"x"), 413)
    problem(server.get("/api/v1/views/" + "x" * 256, method="PUT", body=body), 400)
    got = server.get(name)
    problem(got, 405)
    assert got.headers["Allow"] == "PUT, DELETE"
    assert len(server.get("/api/v1/views").json["views"]) == 1
    assert server.get(name, method="DELETE").status == 200
    problem(server.get(name, method="DELETE"), 404)
    assert server.get("/api/v1/views").json == {"views": []}


# ---- how much ----

@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_idle_connections(own_server, many_files):
    server = own_server(10)
    idle = []
    try:
        for i in range(1000):
            idle.append(server.raw(tcp=i % 2 == 0))
            if i % 3 == 0:
                idle[-1].sendall(b"GET /healthz HTT")  # says something, but not all
            if i % 100 == 99:
                assert server.get("/api/v1/status", headers=server.bearer(), tcp=True).status == 200
                assert server.get("/healthz").status == 200
        assert server.metric("nameflow_http_connections") <= 256 + 2 * 64
        until(lambda: server.metric("nameflow_http_connections") <= 257)
        assert server.metric("nameflow_http_connections_evicted_total") > 700
        assert server.metric("nameflow_http_connections_refused_total") == 0
    finally:
        for sock in idle:
            sock.close()


def dechunked(answer):
    """The body of an answer that came in chunks."""
    body, at = b"", answer.index(b"\r\n\r\n") + 4
    while True:
        end = answer.index(b"\r\n", at)
        size = int(answer[at:end], 16)
        if not size:
            return body
        body += answer[end + 2:end + 2 + size]
        at = end + 2 + size + 2


def test_slow_readers_hold_up_nobody_and_get_all(own_server):
    server = own_server(25000)
    slow = []
    for _ in range(4):  # more than there are threads for queries
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(PATIENCE_S)
        sock.connect(server.address)
        sock.sendall(request_bytes(server, "/api/v1/transactions", {**server.range, "format": "ndjson"}))
        slow.append(sock)
    got = [bytearray() for _ in slow]
    for _ in range(20):  # a byte, and what others ask meanwhile
        for sock, data in zip(slow, got):
            data += sock.recv(1)
        assert server.ask("top", by="rcode")["overall"]["count"] == 25000
    for sock, data in zip(slow, got):
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += sock.recv(1 << 20)
        sock.close()
        assert dechunked(data).count(b'"qname":') == 25000


def test_slow_senders_hold_up_nobody(server):
    request = request_bytes(server, "/api/v1/fields")
    slow = [server.raw() for _ in range(20)]
    for i in range(len(request)):
        for sock in slow:
            sock.sendall(request[i:i + 1])
        if i % 10 == 0:
            assert server.get("/healthz").status == 200
    for sock in slow:
        assert first_line(sock) == b"HTTP/1.1 200 OK"
        sock.close()


def test_a_query_ends_when_its_client_leaves(own_server):
    server = own_server(20000)
    for params in ({"by": "qname"}, {"by": "client,id", "metrics": "p99,names"}):
        before = server.metric("nameflow_store_queries_failed_total")
        sock = server.raw()
        sock.sendall(request_bytes(server, "/api/v1/top", {**server.range, **params, "filter": slow_filter()}))
        until(lambda: server.metric("nameflow_http_running_queries") == 1)
        sock.close()
        until(lambda: server.metric("nameflow_store_queries_failed_total") > before)


def test_too_many_queries(own_server):
    server = own_server(20000)
    busy = []
    request = request_bytes(server, "/api/v1/top", {**server.range, "filter": slow_filter()})
    for _ in range(50):  # two run, 32 wait
        busy.append(server.raw())
        busy[-1].sendall(request)
    until(lambda: 'route="/api/v1/top",status="503"}' in server.get("/metrics").body.decode())
    refused = server.get("/api/v1/top", {"filter": "id=1"})
    assert "too many queries" in problem(refused, 503)
    assert refused.headers["Retry-After"] == "1"
    # What runs no query is served all the same.
    assert server.get("/api/v1/status").status == 200
    for sock in busy:
        sock.close()
    until(lambda: server.get("/api/v1/top", {"filter": "id=1"}).status == 200)


def test_queries_have_a_deadline(own_server):
    server = own_server(20000, "hurried")
    got = server.get("/api/v1/top", {**server.range, "filter": slow_filter()})
    problem(got, 504)


def test_ends_while_it_is_at_work(own_server):
    """Running queries, streams, live readers, half a request: the end comes, and nothing leaks."""
    server = own_server(20000)
    open_ones = []
    for path, params in (("/api/v1/live", {}), ("/api/v1/live", {"filter": "id=1"}),
                         ("/api/v1/top", {**server.range, "filter": slow_filter()}),
                         ("/api/v1/transactions", {**server.range, "format": "csv"}),
                         ("/api/v1/transactions", {**server.range, "format": "ndjson", "filter": slow_filter()})):
        for tcp in (True, False):
            open_ones.append(server.raw(tcp))
            open_ones[-1].sendall(request_bytes(server, path, params))
    open_ones.append(server.raw())
    open_ones[-1].sendall(b"GET /")
    until(lambda: server.metric("nameflow_live_readers") == 4)
    server.process.communicate("end\n", timeout=PATIENCE_S)
    assert server.process.returncode == 0
    for sock in open_ones:
        sock.close()
    server.__class__ = Ended


def test_live_has_room_for_32(own_server):
    server = own_server(1)
    connections = []
    for _ in range(32):
        connections.append(server.connection())
        connections[-1].request("GET", "/api/v1/live")
        assert connections[-1].getresponse().status == 200
    got = server.get("/api/v1/live")
    assert "32 readers" in problem(got, 503)
    connections[0].sock.close()
    connections[0].close()
    until(lambda: server.metric("nameflow_live_readers") == 31)
    one_more = server.connection()
    one_more.request("GET", "/api/v1/live")
    assert one_more.getresponse().status == 200
    for connection in connections + [one_more]:
        connection.close()
