# SPDX-License-Identifier: Apache-2.0
"""Real servers and clients: every transaction exactly once, by the right process, with its time."""

from collections import Counter
from statistics import median

import pytest

import clients
from runner import Trace
from servers import BROKEN_RCODE, ZONE

FAMILIES = ["IPv4", "IPv6"]
LATENCY_QUERIES = 21
TOLERANCE_US = 100


def addresses(pair, family):
    return (pair.client4, pair.server4) if family == "IPv4" else (pair.client6, pair.server6)


def seen(records):
    """What tells one lookup from another, and how often it was reported."""
    return Counter((r["pid"], r["comm"], r["transport"], r["qname"], r["qtype"], r["rcode"])
                   for r in records)


def check_places(records, pair, client, server):
    for r in records:
        assert r["outcome"] == "answered", r
        assert r["client"] == client
        assert r["server_port"] == 53
        assert r["retransmits"] == 0
        assert [(h["interface"], h["netns"]) for h in r["hops"]] == [
            ("c0", pair.client.inode), ("s0", pair.server.inode)], r
        # The nearer to the client, the longer it takes.
        assert r["latency_us"] == r["hops"][0]["latency_us"] >= r["hops"][1]["latency_us"] >= 0
        assert (r["server_pid"], r["server_comm"]) == (server.pid, server.comm), r


@pytest.mark.parametrize("family", FAMILIES)
def test_each_lookup_once(server, pair, family, tmp_path):
    client, at = addresses(pair, family)
    expected = Counter()

    def asked(ask, rcode="NOERROR", transports=("udp",)):
        for name, qtype in ask.questions:
            for transport in transports:
                expected[ask.pid, ask.comm, transport, name, qtype, rcode] += 1

    with Trace() as trace:
        for client_of in (clients.dig, clients.kdig):
            asked(client_of(pair.client, at, f"www.{ZONE}"))
            asked(client_of(pair.client, at, f"www.{ZONE}", "AAAA", "+tcp"), transports=["tcp"])
            asked(client_of(pair.client, at, f"nx.{ZONE}"), "NXDOMAIN")
            asked(client_of(pair.client, at, f"x.broken.{ZONE}"), BROKEN_RCODE[server.kind])
            # Too large for UDP, so the client asks again over TCP.
            asked(client_of(pair.client, at, f"big.{ZONE}", "TXT"), transports=["udp", "tcp"])
            # In three IP fragments.
            asked(client_of(pair.client, at, f"big.{ZONE}", "TXT", "+bufsize=4096"))
        asked(clients.glibc(pair.client, at, f"www.{ZONE}", tmp_path))

    records = trace.of(at)
    assert seen(records) == expected, trace.account(at)
    check_places(records, pair, client, server)
    big = [r for r in records if r["qname"].startswith("big")]
    assert sorted((r["transport"], r["answer_count"]) for r in big if "tc" not in r["flags"]) == [
        ("tcp", 12)] * 2 + [("udp", 12)] * 2
    assert trace.summary["lost"] == 0

    # One socket of the C library, two transactions.
    stub = [r for r in records if r["comm"] == "stub-client"]
    assert {r["qtype"] for r in stub} == {"A", "AAAA"}
    assert len({r["client_port"] for r in stub}) == 1
    assert len({r["id"] for r in stub}) == 2
    assert {a["data"] for r in stub for a in r["answers"]} == {"192.0.2.1", "2001:db8::1"}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("client, rounding_us", [("dig", 0), ("kdig", 50)], ids=["dig", "kdig"])
def test_latency(server, pair, family, client, rounding_us):
    """kdig prints tenths of a millisecond. A client measures its own wake-ups too, which a busy
    machine makes longer: never less than what passed the interface, and in a quiet moment (one
    round of three) hardly more."""
    _, at = addresses(pair, family)
    medians = []
    for round_ in range(3):
        names = [f"r{round_}n{i}.many.{ZONE}" for i in range(LATENCY_QUERIES)]
        with Trace() as trace:
            pid, times = clients.times(pair.client, client, at, names)
        records = {r["qname"]: r for r in trace.of(at)}
        assert sorted(records) == sorted(names)
        assert {(r["pid"], r["comm"]) for r in records.values()} == {(pid, client)}
        off = [time - records[name]["latency_us"] for name, time in zip(names, times, strict=True)]
        assert min(off) >= -rounding_us - 1, off
        medians.append(median(off))
        if medians[-1] <= TOLERANCE_US + rounding_us:
            return
    pytest.fail(f"medians of three rounds, in us: {medians}")


# In flight on ten sockets; dnsmasq ends a TCP connection after 100 queries.
LOADS = {"udp": 2000, "tcp": 900}


@pytest.mark.parametrize("mode", ["udp", "tcp"])
@pytest.mark.parametrize("family", FAMILIES)
def test_dnsperf(server, pair, family, mode, tmp_path):
    """Many lookups in flight, over TCP pipelined."""
    client, at = addresses(pair, family)
    queries = LOADS[mode]
    with Trace() as trace:
        load = clients.dnsperf(pair.client, at, queries, tmp_path, "-c", "10", "-Q", "4000",
                               mode=mode)
    assert (load.sent, load.completed) == (queries, queries)
    records = trace.of(at)
    assert Counter(r["qname"] for r in records) == Counter(f"n{i}.many.{ZONE}"
                                                           for i in range(queries))
    assert {r["transport"] for r in records} == {mode}
    assert {(r["pid"], r["comm"]) for r in records} == {(load.pid, "dnsperf")}
    check_places(records, pair, client, server)
