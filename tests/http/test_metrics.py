# SPDX-License-Identifier: Apache-2.0
"""/metrics in both formats."""
import shutil
import subprocess

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from server import row

OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0,text/plain;q=0.5"}
# Kinds of tests/unit/record/sample.h, and what they are.
PUSHED = {0: ("answered", "udp", "NOERROR", 340600), 1: ("answered", "udp", "NXDOMAIN", 12345678),
          2: ("answered", "udp", "SERVFAIL", 1200000000), 4: ("answered", "tcp", "NOERROR", 999),
          5: ("timeout", "udp", "none", None), 9: ("answered", "udp", "BADVERS", 88000)}


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    from server import Server
    with Server(tmp_path_factory.mktemp("metrics"), 100) as server:
        for kind in PUSHED:
            server.push(kind, kind + 1)
        server.get("/nothing")
        yield server


def samples(families):
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


@pytest.mark.parametrize("headers,parse", [({}, parse_prometheus), (OPEN_METRICS, parse_open_metrics)],
                         ids=["prometheus", "openmetrics"])
def test_what_was_pushed_is_counted(busy, headers, parse):
    got = samples(parse(busy.get("/metrics", headers=headers).body.decode()))
    for kind, (outcome, transport, rcode, _) in PUSHED.items():
        labels = (("outcome", outcome), ("rcode", rcode), ("transport", transport))
        assert got["nameflow_transactions_total", labels] == kind + 1
    total = sum(v for (name, _), v in got.items() if name == "nameflow_transactions_total")
    assert total == sum(kind + 1 for kind in PUSHED)
    assert got["nameflow_rcode_latency_seconds_count", (("rcode", "NOERROR"),)] == 1 + 5
    assert got["nameflow_rcode_latency_seconds_bucket", (("le", "0.0001"), ("rcode", "NOERROR"))] == 5
    assert got["nameflow_rcode_latency_seconds_bucket", (("le", "1.0"), ("rcode", "SERVFAIL"))] == 0
    assert got["nameflow_rcode_latency_seconds_bucket", (("le", "2.0"), ("rcode", "SERVFAIL"))] == 3
    assert got["nameflow_rcode_latency_seconds_sum", (("rcode", "SERVFAIL"),)] == pytest.approx(3.6)
    servers = sum(v for (name, _), v in got.items() if name == "nameflow_server_latency_seconds_count")
    assert servers == sum(kind + 1 for kind, what in PUSHED.items() if what[3] is not None)
    assert got["nameflow_server_latency_seconds_count", (("server", "2001:db8::53"),)] == 10
    assert got["nameflow_stage_dropped_total", (("reason", "full"), ("stage", "ring"))] == 3
    assert got["nameflow_store_transactions", ()] == 100
    assert got["nameflow_http_answers_total", (("route", ""), ("status", "404"))] == 1
    assert 1.6e9 < got["process_start_time_seconds", ()] < 5e9
    assert got["process_resident_memory_bytes", ()] > 1e6
    assert got["process_open_fds", ()] > 5


def test_types_by_accept(busy):
    got = busy.get("/metrics", headers=OPEN_METRICS)
    assert got.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert got.body.endswith(b"# EOF\n")
    got = busy.get("/metrics")
    assert got.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"# EOF" not in got.body


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_finds_nothing(busy):
    got = subprocess.run(["promtool", "check", "metrics"], input=busy.get("/metrics").body,
                         capture_output=True, check=False)
    assert (got.returncode, got.stdout, got.stderr) == (0, b"", b"")


def test_the_rows_that_tests_count_with():
    assert row(7)["rcode"] == "NXDOMAIN" and row(9)["outcome"] == "timeout"
