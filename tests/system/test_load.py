# SPDX-License-Identifier: Apache-2.0
"""The highest rate that client and server reach together: nothing is lost, or what is lost is
known exactly."""

import time
from collections import Counter

import pytest

import clients
import servers
from runner import Trace

QUERIES = 50_000


@pytest.mark.parametrize("mode", ["udp", "tcp"])
def test_nothing_is_lost(pair, knot, mode, tmp_path):
    with Trace("--ring-bytes", "64MiB") as trace:
        load = clients.dnsperf(pair.client, pair.server4, QUERIES, tmp_path, "-q", "100",
                               mode=mode)
    records = trace.of(pair.server4)
    assert trace.summary["lost"] == 0
    assert Counter(r["outcome"] for r in records) == {"answered": load.completed}
    assert len({r["qname"] for r in records}) == QUERIES == load.completed


def test_losses_are_counted_exactly(pair, knot, tmp_path):
    """A ring far too small on purpose. A query that was lost altogether is counted by the kernel;
    one whose answer was lost is `unseen`; neither is ever a timeout."""
    port = str(servers.OWN_PORT)
    with Trace("--ring-bytes", "4KiB", "--timeout", "1s", "--port", port) as trace:
        load = clients.dnsperf(pair.client, pair.server4, QUERIES, tmp_path, "-q", "100",
                               "-p", port)
        # Queries whose answers were lost are open until their time is over.
        time.sleep(2)
    records = trace.of(pair.server4)
    outcomes = Counter(r["outcome"] for r in records)
    assert trace.summary["lost"] > 0
    assert outcomes["timeout"] == 0
    queries = sum(outcomes.values()) - outcomes["unsolicited"]
    assert len(records) + trace.summary["lost"] == load.completed, (outcomes, trace.summary)
    assert queries <= load.completed
