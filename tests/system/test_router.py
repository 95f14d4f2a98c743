# SPDX-License-Identifier: Apache-2.0
"""A lookup that is forwarded on the same host passes four interfaces and is one transaction."""

from collections import Counter
from types import SimpleNamespace

import pytest

import clients
import lab
import servers
from runner import Trace


@pytest.fixture(scope="module")
def routed(tmp_path_factory):
    """client c0 - r0 router r1 - s0 server"""
    left, right = lab.Link(2), lab.Link(3)
    with lab.Namespace("client") as client, lab.Namespace("router") as router, \
            lab.Namespace("server") as server:
        lab.connect(client, "c0", router, "r0")
        lab.connect(router, "r1", server, "s0")
        lab.add_address(client, "c0", left.v4(1), left.v6(1))
        lab.add_address(router, "r0", left.v4(2), left.v6(2))
        lab.add_address(router, "r1", right.v4(2), right.v6(2))
        lab.add_address(server, "s0", right.v4(3), right.v6(3))
        for namespace, link in ((client, left), (server, right)):
            namespace.ip("route", "add", "default", "via", link.v4(2))
            namespace.ip("-6", "route", "add", "default", "via", link.v6(2))
        for setting in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            router.run("sh", "-c", f"echo 1 >/proc/sys/net/{setting}")
        with servers.Server("knot", server, [right.v4(3), right.v6(3)],
                            tmp_path_factory.mktemp("knot")) as knot:
            yield SimpleNamespace(client=client, router=router, server=server, knot=knot,
                                  IPv4=right.v4(3), IPv6=right.v6(3))


@pytest.mark.parametrize("mode", ["udp", "tcp"])
@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_one_transaction_with_all_hops(routed, family, mode, tmp_path):
    at = getattr(routed, family)
    with Trace() as trace:
        load = clients.dnsperf(routed.client, at, 500, tmp_path, "-Q", "1000", mode=mode)
    assert load.completed == 500
    records = trace.of(at)
    assert Counter(r["qname"] for r in records) == Counter(
        f"n{i}.many.example.test" for i in range(500))
    path = [("c0", routed.client.inode), ("r0", routed.router.inode),
            ("r1", routed.router.inode), ("s0", routed.server.inode)]
    for r in records:
        assert [(h["interface"], h["netns"]) for h in r["hops"]] == path
        times = [h["latency_us"] for h in r["hops"]]
        assert times == sorted(times, reverse=True)
        assert r["latency_us"] == times[0]
        assert (r["pid"], r["server_pid"]) == (load.pid, routed.knot.pid)


def test_fragments_through_a_router(routed):
    """Reassembled at each place on its own, and still one transaction."""
    with Trace() as trace:
        clients.dig(routed.client, routed.IPv4, "big.example.test", "TXT", "+bufsize=4096")
    record, = trace.of(routed.IPv4)
    assert (record["transport"], record["answer_count"]) == ("udp", 12)
    assert len(record["answers"]) == 12
    assert len(record["hops"]) == 4
    assert "malformed" not in record
