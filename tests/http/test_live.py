# SPDX-License-Identifier: Apache-2.0
"""Transactions as they happen."""
import json
import socket

from server import PATIENCE_S, until

# Kinds of tests/unit/record/sample.h.
A, NXDOMAIN, SERVFAIL = 0, 1, 2


class Reader:
    def __init__(self, server, **params):
        self.connection = server.connection()
        self.connection.request("GET", "/api/v1/live" + (f"?filter={params['filter']}" if params else ""))
        self.response = self.connection.getresponse()
        assert self.response.headers["Content-Type"] == "text/event-stream"

    def next(self):
        """(event, data) of the next event; comments are passed over."""
        event = None
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
                assert self.response.readline() == b"\n"
                return event, data

    def close(self):
        self.connection.close()


def test_readers_get_what_their_filter_lets_pass(own_server):
    server = own_server(1)
    everything, some = Reader(server), Reader(server, filter="rcode=NXDOMAIN")
    server.push(A, 2)
    server.push(NXDOMAIN, 1)
    server.push(SERVFAIL, 1)
    server.push(NXDOMAIN, 1)
    names = ["www.example.com", "www.example.com", "nope.example.net", "broken.example.org", "nope.example.net"]
    assert [everything.next()[1]["qname"] for _ in names] == names
    assert [some.next()[1]["rcode"] for _ in range(2)] == ["NXDOMAIN"] * 2
    late = Reader(server)
    server.push(SERVFAIL, 1)
    event, data = late.next()
    assert (event, data["rcode"], data["pid"]) == ("transaction", "SERVFAIL", 900)
    assert server.get("/api/v1/status").json["live_readers"] == 3
    for reader in (everything, some, late):
        reader.close()
    until(lambda: server.get("/api/v1/status").json["live_readers"] == 0)


def test_the_first_bytes_come_at_once(own_server):
    server = own_server(1)
    reader = Reader(server)
    assert reader.response.readline() == b":\n"
    reader.close()


def test_slow_readers_are_told_what_they_missed(own_server):
    server = own_server(1)
    slow = server.connection(tcp=True)
    slow.sock = socket.socket()
    slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sock.settimeout(PATIENCE_S)
    slow.sock.connect(server.address)
    slow.request("GET", "/api/v1/live", headers=server.bearer())
    response = slow.getresponse()
    until(lambda: server.metric("nameflow_live_readers") == 1)
    quick = Reader(server, filter="rcode=SERVFAIL")
    pushed = 0
    while server.metric("nameflow_live_missed_total") == 0:
        server.push(A, 5000)
        pushed += 5000
    server.push(SERVFAIL, 1)
    # Another reader is not held up, nor is it told of what was not its own.
    assert quick.next()[0] == "transaction"
    # Read to the end, and one more event: that it comes shows that all before it are there.
    got = missed = 0
    while got + missed < pushed + 1:
        line = response.readline()
        if line.startswith(b'data: {"count":'):
            missed += json.loads(line[6:])["count"]
        elif line.startswith(b"event: transaction"):
            got += 1
    assert missed > 0
    assert got + missed == pushed + 1
    assert server.metric("nameflow_live_missed_total") == missed
    quick.close()
    slow.close()


def test_many_come_and_go_while_records_pass(own_server):
    server = own_server(1)
    for i in range(60):
        readers = [Reader(server) for _ in range(1 + i % 3)]
        server.push(i, 200)
        assert readers[0].next()[0] == "transaction"
        for reader in readers:
            reader.close()
        server.push(i, 200)
    until(lambda: server.metric("nameflow_live_readers") == 0)
