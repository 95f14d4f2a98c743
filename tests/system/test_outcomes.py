# SPDX-License-Identifier: Apache-2.0
"""How a lookup can end: late, twice, refused, or not at all."""

import subprocess

import clients
from runner import Trace
from servers import ZONE


def stub(pair, server, name, folder, options):
    """getaddrinfo() with options of resolv.conf, for A only."""
    (folder / "resolv.conf").write_text(f"nameserver {server}\noptions {options}\n",
                                        encoding="ascii")
    (folder / "nsswitch.conf").write_text("hosts: dns\n", encoding="ascii")
    args = pair.client.wrap(["getent", "ahostsv4", name],
                            {"resolv.conf": folder / "resolv.conf",
                             "nsswitch.conf": folder / "nsswitch.conf"})
    subprocess.run(args, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def test_slow_answer(pair, responder):
    with Trace() as trace:
        _, (time,) = clients.times(pair.client, "dig", responder.address, [f"slow300.{ZONE}"])
    record, = trace.of(responder.address)
    assert record["outcome"] == "answered"
    assert 300_000 <= record["latency_us"] <= time


def test_timeout_and_retransmission(pair, responder, tmp_path):
    with Trace("--timeout", "3s") as trace:
        stub(pair, responder.address, f"never.{ZONE}", tmp_path, "attempts:2 timeout:1")
        # One that is still open at the end is no timeout: it had no time to be answered.
        stub(pair, responder.address, f"never2.{ZONE}", tmp_path, "attempts:1 timeout:1")
    first, second = sorted(trace.of(responder.address), key=lambda r: r["time"])
    assert (first["qname"], first["outcome"]) == (f"never.{ZONE}", "timeout")
    assert first["retransmits"] == 1
    assert first["comm"] == "getent"
    assert "latency_us" not in first and "rcode" not in first
    assert (second["qname"], second["outcome"]) == (f"never2.{ZONE}", "unseen")


def test_refused_by_icmp(pair):
    """Nobody listens on that address's port 53: the kernel's ICMP message ends the lookup."""
    pair.server.ip("addr", "add", pair.server4.rsplit(".", 1)[0] + ".9/24", "dev", "s0")
    at = pair.server4.rsplit(".", 1)[0] + ".9"
    try:
        with Trace() as trace:
            subprocess.run(pair.client.wrap(["dig", "+tries=1", "+time=1", f"@{at}",
                                             f"www.{ZONE}"]),
                           capture_output=True, check=False, stdin=subprocess.DEVNULL)
    finally:
        pair.server.ip("addr", "del", at + "/24", "dev", "s0")
    record, = trace.of(at)
    assert record["outcome"] == "icmp_refused"
    assert record["icmp"] == "port_unreachable"
    assert record["comm"] == "dig"


def test_second_answer(pair, responder):
    with Trace() as trace:
        clients.dig(pair.client, responder.address, f"twice.{ZONE}")
        clients.dig(pair.client, responder.address, f"echo.{ZONE}")
    twice, echo = sorted(trace.of(responder.address), key=lambda r: r["time"])
    assert twice["marks"] == ["duplicate_response"]
    assert twice["answers"][0]["data"] == "192.0.2.1"
    assert "marks" not in echo


def test_filter_and_count(pair, responder):
    with Trace("--count", "2", f"server={responder.address} qname~keep*") as trace:
        for name in ("keep1", "drop1", "keep2", "drop2"):
            clients.dig(pair.client, responder.address, f"{name}.{ZONE}")
        trace.process.wait(10)
    assert [r["qname"] for r in trace.records] == [f"keep1.{ZONE}", f"keep2.{ZONE}"]


def test_ends_by_itself():
    with Trace("--for", "1s") as trace:
        assert trace.process.wait(10) == 0


def test_other_ports(pair, responder):
    """Port 53 is left out when a list without it is given."""
    with Trace("--port", "5300,5353") as trace:
        clients.dig(pair.client, responder.address, f"www.{ZONE}")
    assert not trace.of(responder.address)


def test_sampling_takes_both_halves_or_neither(pair, responder, tmp_path):
    with Trace("--sample", "4") as trace:
        load = clients.dnsperf(pair.client, responder.address, 1000, tmp_path, "-c", "50",
                               "-Q", "2000")
    records = trace.of(responder.address)
    assert load.completed == 1000
    assert 0 < len(records) < 1000
    assert {r["outcome"] for r in records} == {"answered"}
