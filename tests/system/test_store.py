# SPDX-License-Identifier: Apache-2.0
"""The agent sees what clients ask, keeps it, and says the same of it in every way of asking."""

import http.client
import json
import re
import subprocess
import threading
import time
import urllib.parse
from collections import Counter
from pathlib import Path

import pytest

import clients
from agent import Agent, is_sanitized
from lab import temporary_folder, wait_until
from runner import NAMEFLOW

END_S = 8 if is_sanitized() else 2
QUERIES = 20_000

ENGINES = ["memory", "duckdb"]


@pytest.fixture
def folder():
    with temporary_folder() as path:
        yield Path(path)


def transactions(agent, **parameters):
    return agent.get("/api/v1/transactions", **parameters)["transactions"]


def counts(agent, by, **parameters):
    """key -> count"""
    answer = agent.get("/api/v1/top", by=by, metrics="count", limit=1000, **parameters)
    return {g["key"][0]: g["count"] for g in answer["groups"]}


def total(agent, **parameters):
    return agent.get("/api/v1/top", by="outcome", **parameters)["overall"]["count"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lookup_is_kept(pair, knot, folder, engine):
    with Agent(folder, "--store", engine) as agent:
        ask = clients.dig(pair.client, pair.server4, "www.example.test")
        ours = f"server={pair.server4} pid={ask.pid}"
        found = wait_until(lambda: transactions(agent, filter=ours))
        assert len(found) == 1
        record = found[0]
        assert (record["qname"], record["qtype"], record["rcode"]) == ("www.example.test", "A",
                                                                       "NOERROR")
        assert record["comm"] == "dig"
        assert record["answers"][0]["data"] == "192.0.2.1"
        assert agent.get(f"/api/v1/transaction/{record['seq']}") == record


def test_every_stage_is_accounted_for(pair, knot, folder):
    with Agent(folder, "--store", "memory") as agent:
        clients.dig(pair.client, pair.server4, "www.example.test")
        wait_until(lambda: transactions(agent, filter=f"server={pair.server4}"))

        def stages():
            return {s["stage"]: s for s in agent.get("/api/v1/status")["stages"]}
        wait_until(lambda: stages()["txn"]["out"] >= 1, what="figures of the pipeline")
        found = stages()
        assert list(found) == ["ring", "pkt", "tcp", "framing", "txn", "enrich", "store"]
        assert found["ring"]["in"] >= 4  # question and answer, at both ends of the link
        assert found["ring"]["dropped"]["ring_full"] == 0
        assert found["store"]["in"] >= 1
        status = agent.get("/api/v1/status")
        assert status["kernel"]["kernel types (BTF)"]["status"] == "ok"
        assert status["store"]["rows"] >= 1


def test_without_a_store(pair, knot, folder):
    """Live view and metrics work; what needs a store says so."""
    with Agent(folder, "--store", "none") as agent:
        clients.dig(pair.client, pair.server4, "www.example.test")
        assert agent.request("/api/v1/transactions")[0] == 503
        assert agent.request("/healthz")[0] == 200
        wait_until(lambda: metric(agent, "nameflow_transactions_total") >= 1)


def metric(agent, name):
    """The sum over all labels."""
    status, body = agent.request("/metrics")
    assert status == 200
    return sum(float(line.rpartition(" ")[2]) for line in body.decode().splitlines()
               if re.match(rf"{name}[ {{]", line))


def test_the_token(folder):
    with Agent(folder, "--store", "none") as agent:
        host = urllib.parse.urlsplit(agent.url).netloc
        token = (agent.state / "token").read_text(encoding="ascii").strip()

        def ask(path, **headers):
            return agent.request(path, http.client.HTTPConnection(host, timeout=20), headers)[0]
        assert ask("/api/v1/status") == 401
        assert ask("/api/v1/status", Authorization="Bearer wrong") == 401
        assert ask("/api/v1/status", Authorization=f"Bearer {token}") == 200
        assert ask("/healthz") == 200
        assert ask("/metrics") == 401
    with Agent(folder, "--store", "none", "--metrics-public") as agent:
        host = urllib.parse.urlsplit(agent.url).netloc
        assert (agent.state / "token").read_text(encoding="ascii").strip() == token
        assert agent.request("/metrics", http.client.HTTPConnection(host, timeout=20))[0] == 200


def test_what_was_under_way_is_stored_at_the_end(pair, knot, folder, tmp_path):
    """The end comes right after the load, with the queue full; all of it is there afterwards."""
    with Agent(folder) as agent:
        load = clients.dnsperf(pair.client, pair.server4, QUERIES, tmp_path, "-q", "100")
        assert agent.end() < END_S
        assert agent.process.returncode == 0
        seen = int(re.search(r"msg=stopped transactions=(\d+) lost=0", agent.log())[1])
    with Agent(folder) as agent:
        ours = f"server={pair.server4}"
        wait_until(lambda: total(agent) >= seen)
        assert counts(agent, "rcode", filter=ours) == {"NOERROR": load.completed}
        assert counts(agent, "outcome", filter=ours) == {"answered": load.completed}
        first = transactions(agent, filter=ours, limit=10000)
        assert max(Counter(r["qname"] for r in first).values()) == 1


class Live:
    """Reads /api/v1/live in a thread while the block runs."""

    def __init__(self, agent, filter_text):
        self.records, self.missed = [], 0
        self._process = subprocess.Popen(
            [NAMEFLOW, "trace", "--json", "--socket", agent.socket, filter_text],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        for line in self._process.stdout:
            self.records.append(json.loads(line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        _, err = self._process.stderr.read(), self._process.wait(20)
        self._thread.join(20)
        assert err == 0


def test_trace_follows_the_agent(pair, knot, folder):
    with Agent(folder, "--store", "none") as agent:
        with Live(agent, f"server={pair.server4} rcode=NXDOMAIN") as live:
            wait_until(lambda: agent.get("/api/v1/status")["live_readers"] == 1)
            clients.dig(pair.client, pair.server4, "www.example.test")
            clients.dig(pair.client, pair.server4, "nothing.example.test")
            wait_until(lambda: live.records)
        assert [r["qname"] for r in live.records] == ["nothing.example.test"]
        assert live.records[0]["comm"] == "dig"


def test_trace_says_when_the_agent_ends(folder):
    with Agent(folder, "--store", "none") as agent:
        trace = subprocess.Popen([NAMEFLOW, "trace", "--socket", agent.socket],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 stdin=subprocess.DEVNULL, text=True)
        wait_until(lambda: agent.get("/api/v1/status")["live_readers"] == 1)
        agent.end()
        _, err = trace.communicate(timeout=20)
        assert trace.returncode == 1
        assert "agent" in err.splitlines()[-1] and "ended" in err.splitlines()[-1]


def test_every_way_of_asking_agrees(pair, knot, folder, tmp_path):
    with Agent(folder, "--store", "duckdb") as agent:
        before = time.time()
        load = clients.dnsperf(pair.client, pair.server4, QUERIES, tmp_path, "-q", "50")
        ours = f"server={pair.server4}"
        wait_until(lambda: total(agent, filter=ours) == load.completed, what="all of it")
        assert counts(agent, "transport", filter=ours) == {"udp": load.completed}
        series = agent.get("/api/v1/series", by="rcode", step="1s", filter=ours,
                           **{"from": str(before - 1)})
        points = series["groups"][0]["count"]
        assert sum(p or 0 for p in points) == load.completed
        status, body = agent.request("/api/v1/transactions", filter=ours, format="ndjson")
        assert status == 200
        names = {json.loads(line)["qname"] for line in body.splitlines()}
        assert len(names) == QUERIES == load.completed
        assert metric(agent, "nameflow_transactions_total") >= load.completed
