# SPDX-License-Identifier: Apache-2.0
"""What the API says about known transactions."""
import csv
import gzip
import io
import json
import math
import os
import pwd
from collections import Counter

import pytest

from server import FIRST_S, row


def rows_of(server, wanted=lambda r: True):
    return [r for r in map(row, range(server.rows)) if wanted(r)]


def pages(server, **params):
    after = {}
    while True:
        answer = server.ask("transactions", **params, **after)
        yield answer["transactions"]
        if "next" not in answer:
            return
        after = {"after": answer["next"]}


def test_newest_first_and_page_by_page(server):
    got = list(pages(server, limit=300))
    assert [len(p) for p in got] == [300, 300, 300, 100]
    assert [t["seq"] for p in got for t in p] == list(range(1000, 0, -1))


@pytest.mark.parametrize("order,key", [
    ("latency", lambda t: (t.get("latency_us", math.inf), t["seq"])),
    ("-latency_us", lambda t: (-t.get("latency_us", -math.inf), -t["seq"])),
    ("qname", lambda t: (t["qname"], t["seq"])),
    ("time", lambda t: t["seq"]),
])
def test_any_order_page_by_page(server, order, key):
    got = [t for p in pages(server, limit=170, order=order) for t in p]
    assert len(got) == server.rows
    assert got == sorted(got, key=key)


def test_records_have_the_values_of_their_rows(server):
    got = server.ask("transactions", limit=1000, order="time")["transactions"]
    for want, have in zip(rows_of(server), got, strict=True):
        for name, value in want.items():
            if name != "second":
                assert have.get(name) == value
    assert got[0]["time"] == "2026-11-24T03:00:00.000000000Z"
    assert got[0]["node"] == 'a "quoted", node'


def test_filter_and_range(server):
    got = server.ask("transactions", filter="rcode=NXDOMAIN latency>=50ms", limit=1000)
    want = rows_of(server, lambda r: r["rcode"] == "NXDOMAIN" and r["latency_us"] >= 50000)
    assert [t["seq"] for t in got["transactions"]] == [r["seq"] for r in reversed(want)]
    got = server.get("/api/v1/transactions", {"from": str(FIRST_S + 10), "until": str(FIRST_S + 13)})
    assert [t["seq"] for t in got.json["transactions"]] == [13, 12, 11]
    assert got.json["from"] == "2026-11-24T03:00:10.000000000Z"


def test_one_transaction(server):
    assert server.get("/api/v1/transaction/7").json["qname"] == "host6.example.com"
    for seq in ("0", "1001", "18446744073709551615", "99999999999999999999", "x", "-1", "7/"):
        assert server.get(f"/api/v1/transaction/{seq}").status == 404


def test_streams_say_the_same(server):
    want = server.ask("transactions", limit=1000)["transactions"]
    lines = server.get("/api/v1/transactions", {**server.range, "format": "ndjson"})
    assert lines.type == "application/x-ndjson"
    assert [json.loads(line) for line in lines.body.splitlines()] == want
    by_accept = server.get("/api/v1/transactions", server.range, {"Accept": "application/x-ndjson"})
    assert by_accept.body == lines.body
    text = server.get("/api/v1/transactions", {**server.range, "format": "csv"})
    assert text.type == "text/csv"
    got = list(csv.DictReader(io.StringIO(text.body.decode(), newline="")))
    for have, record in zip(got, want, strict=True):
        assert record.pop("seq")
        for name, value in record.items():
            shown = json.loads(have[name]) if isinstance(value, list) else have[name]
            assert shown == (value if isinstance(value, list) else str(value))
        assert {k for k, v in have.items() if v} <= set(record)


def test_streams_take_a_limit_and_pages(server):
    got = server.get("/api/v1/transactions", {**server.range, "format": "ndjson", "limit": 7})
    assert len(got.body.splitlines()) == 7
    after = server.ask("transactions", limit=995)["next"]
    got = server.get("/api/v1/transactions", {**server.range, "format": "csv", "after": after})
    assert len(got.body.splitlines()) == 5


def test_long_streams(own_server):
    server = own_server(25000)
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        got = server.get("/api/v1/transactions", {**server.range, "format": "ndjson"}, headers)
        body = gzip.decompress(got.body) if headers else got.body
        assert got.headers.get("Content-Encoding") == ("gzip" if headers else None)
        assert [json.loads(line)["seq"] for line in body.splitlines()] == list(range(25000, 0, -1))
    got = server.get("/api/v1/transactions", {**server.range, "format": "csv", "limit": 10001})
    assert len(got.body.splitlines()) == 10002


def test_top(server):
    got = server.ask("top", by="rcode", metrics="count,share,error_share,unanswered_share,names")
    want = Counter(r["rcode"] for r in rows_of(server))
    assert {g["key"][0]: g["count"] for g in got["groups"]} == want
    assert sum(g["share"] for g in got["groups"]) == pytest.approx(1)
    shares = {g["key"][0]: (g["error_share"], g["unanswered_share"], g["names"]) for g in got["groups"]}
    assert shares["NXDOMAIN"] == (0, 0, 5)
    assert shares["SERVFAIL"] == (1, 0, 5)
    assert shares[None] == (1, 1, 5)
    assert got["overall"]["count"] == 1000 and got["matched"] == 4
    assert got["by"] == ["rcode"]


def test_top_orders_and_limits(server):
    got = server.ask("top", by="qname", metrics="max", order="-max", limit=3, filter="latency!=null")
    rows = rows_of(server, lambda r: r["latency_us"])
    worst = Counter()
    for r in rows:
        worst[r["qname"]] = max(worst[r["qname"]], r["latency_us"])
    assert [(g["key"][0], g["max"]) for g in got["groups"]] == worst.most_common(3)
    assert set(got["groups"][0]) == {"key", "max"}
    assert got["matched"] == len(worst)
    counted = server.ask("top", by="qname", limit=3, filter="latency!=null")
    assert counted["others"]["count"] == len(rows) - sum(g["count"] for g in counted["groups"])
    two = server.ask("top", by="client,qtype", limit=100)
    want = Counter((r["client"], r["qtype"]) for r in rows_of(server))
    assert {tuple(g["key"]): g["count"] for g in two["groups"]} == want
    assert server.ask("top", by="rcode", least=200)["matched"] == 1


def test_percentiles_within_a_percent(server):
    got = server.ask("top", by="server", metrics="average,p50,p90,p99,min,max")
    for g in got["groups"]:
        values = sorted(r["latency_us"] for r in rows_of(server, lambda r: r["server"] == g["key"][0])
                        if r["latency_us"])
        assert g["min"] == values[0] and g["max"] == values[-1]
        assert g["average"] == pytest.approx(sum(values) / len(values))
        for name, q in (("p50", .5), ("p90", .9), ("p99", .99)):
            assert g[name] == pytest.approx(values[math.ceil(q * len(values)) - 1], rel=0.011)


def test_series(server):
    got = server.ask("series", by="rcode", metrics="count,p50", step="5m")
    assert got["step_seconds"] == 300 and got["start"] == "2026-11-24T03:00:00.000000000Z"
    want = Counter((r["rcode"], r["second"] // 300) for r in rows_of(server))
    for g in got["groups"]:
        assert g["count"] == [want[g["key"][0], i] for i in range(4)]
        assert len(g["p50"]) == 4
    assert [g["p50"] for g in got["groups"] if g["key"] == [None]] == [[None] * 4]
    assert sum(got["overall"]["count"]) == 1000
    whole = server.ask("series")
    assert whole["groups"] == [] and whole["step_seconds"] == 10
    assert whole["overall"]["count"] == [10] * 100


def test_histogram(server):
    got = server.ask("histogram", step="10m")
    rows = rows_of(server, lambda r: r["latency_us"])
    assert sum(sum(b["counts"]) for b in got["buckets"]) == len(rows)
    assert [sum(b["counts"][i] for b in got["buckets"]) for i in range(2)] == [
        sum(r["second"] // 600 == i for r in rows) for i in range(2)]
    for below, above in zip(got["buckets"], got["buckets"][1:]):
        assert below["high_us"] == above["low_us"] > below["low_us"]
    for b in got["buckets"]:
        # Bounds may be off by 1 %.
        surely = sum(b["low_us"] * 1.01 <= r["latency_us"] < b["high_us"] * 0.99 for r in rows)
        perhaps = sum(b["low_us"] * 0.99 <= r["latency_us"] < b["high_us"] * 1.01 for r in rows)
        assert surely <= sum(b["counts"]) <= perhaps


def test_values(server):
    got = server.ask("values", field="rcode")
    assert got["values"] == [{"value": "NOERROR", "count": 700}, {"value": "NXDOMAIN", "count": 100},
                             {"value": "SERVFAIL", "count": 100}]
    got = server.ask("values", field="qname", prefix="HOST4", limit=4)
    assert len(got["values"]) == 4
    assert all(v["value"].startswith("host4") for v in got["values"])
    got = server.ask("values", field="qtype", prefix="a", all="true")
    assert {"value": "ANY", "count": 0} in got["values"]
    assert {"value": "AAAA", "count": 500} in got["values"]
    assert {v["value"] for v in server.ask("values", field="flags", all="true")["values"]} == {
        "aa", "tc", "rd", "ra", "z", "ad", "cd"}
    assert server.get("/api/v1/values", {"field": "flags"}).status == 400
    assert server.get("/api/v1/values").json["parameter"] == "field"


def test_status(server):
    got = server.get("/api/v1/status").json
    assert (got["version"], got["node"]) == ("0.0.test", "here")
    assert got["engine"].split(" ")[0].lower() == server.words[0]
    assert got["store"]["rows"] == got["store"]["written"] == 1000
    assert got["store"]["oldest"] == "2026-11-24T03:00:00.000000000Z"
    assert got["stages"] == [{"stage": "ring", "in": 10, "out": 7, "lost": 3, "dropped": {"full": 3, "sampled_out": 5}}]
    assert got["kernel"] == {"btf": True}


def test_status_tells_who_asks(server):
    user = pwd.getpwuid(os.getuid()).pw_name
    local = server.get("/api/v1/status").json["you"]
    assert local == {"address": None, "uid": os.getuid(), "user": user}
    remote = server.get("/api/v1/status", headers=server.bearer(), tcp=True).json["you"]
    assert remote == {"address": "127.0.0.1", "uid": os.getuid(), "user": user}


def test_losses(server):
    got = server.ask("losses")
    assert got["lost"] == [{"stage": "ring", "reason": "full", "count": 3,
                            "first": "2026-11-24T03:00:00Z", "last": "2026-11-24T03:01:00Z"}]
    assert got["away"] == [] and got["known_from"] == "2026-11-24T03:00:00Z"
    assert server.get("/api/v1/losses", {"from": "2026-11-24T04:00Z"}).json["lost"] == []
    assert server.get("/api/v1/losses?filter=id=1").status == 400


def test_fields(server):
    got = {f["name"]: f for f in server.get("/api/v1/fields").json["fields"]}
    assert got["latency_us"]["alias"] == "latency"
    assert "NXDOMAIN" in got["rcode"]["values"]
    assert got["answers.data"]["orderable"] is False
    for name, field in got.items():
        status = server.get("/api/v1/transactions", {**server.range, "order": name, "limit": 1}).status
        assert status == (200 if field["orderable"] else 400), name
        status = server.get("/api/v1/top", {**server.range, "by": name}).status
        assert status == (200 if field["groupable"] else 400), name


def test_without_a_store(own_server):
    server = own_server(0, "no_store")
    for path in ("transactions", "transaction/1", "top", "series", "histogram", "values?field=id"):
        got = server.get(f"/api/v1/{path}")
        assert got.status == 503 and got.type == "application/problem+json"
        assert "store is switched off" in got.json["detail"]
        assert got.headers["Retry-After"] is None
    assert server.get("/api/v1/status").json["store"] is None
    assert server.get("/api/v1/losses").status == 503
    assert server.get("/metrics").status == 200
    assert server.get("/api/v1/fields").status == 200


def test_compression_and_tags(server):
    path, params = "/api/v1/transactions", {**server.range, "limit": 50}
    plain = server.get(path, params)
    packed = server.get(path, params, {"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["Content-Length"]) < len(plain.body) / 4
    assert "Accept-Encoding" in packed.headers["Vary"]
    small = server.get("/healthz", None, {"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] is None
    assert packed.headers["ETag"] == plain.headers["ETag"]
    for p, q in ((path, params), ("/api/v1/fields", None), ("/api/v1/openapi.json", None)):
        tag = server.get(p, q).headers["ETag"]
        again = server.get(p, q, {"If-None-Match": f'"other", {tag}'})
        assert (again.status, again.body) == (304, b"")
        assert server.get(p, q, {"If-None-Match": '"other"'}).status == 200


def test_head(server):
    for path in ("/healthz", "/api/v1/status", "/api/v1/live", "/metrics", "/api/v1/fields",
                 "/api/v1/transactions", "/api/v1/transactions?format=csv"):
        got = server.get(path, method="HEAD")
        assert (got.status, got.body) == (200, b""), path
    got = server.get("/api/v1/nothing", method="HEAD")
    assert (got.status, got.body) == (404, b"")
