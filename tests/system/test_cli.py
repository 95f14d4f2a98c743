# SPDX-License-Identifier: Apache-2.0
"""Mistakes on the command line: a clear error that shows what would be right, and exit code 2."""

import pytest

from runner import nameflow

USAGE = 2

MISTAKES = [
    ([], "trace"),
    (["tarce"], "trace"),
    (["trace", "--jsno"], "--json"),
    (["trace", "--count"], "--count"),
    (["trace", "--count", "none"], "--count"),
    (["trace", "--count", "-1"], "--count"),
    (["trace", "--count", "99999999999999999999"], "--count"),
    (["trace", "--for", "soon"], "--for"),
    (["trace", "--for", "10 parsecs"], "--for"),
    (["trace", "--port", "dns"], "--port"),
    (["trace", "--port", "0"], "--port"),
    (["trace", "--port", "65536"], "--port"),
    (["trace", "--port", "53,,54"], "--port"),
    (["trace", "--port", ",".join(str(p) for p in range(1, 30))], "--port"),
    (["trace", "--ring-bytes", "0"], "--ring-bytes"),
    (["trace", "--ring-bytes", "tiny"], "--ring-bytes"),
    (["trace", "--timeout", "0"], "--timeout"),
    (["trace", "--timeout", "x"], "--timeout"),
    (["trace", "--sample", "0"], "--sample"),
    (["trace", "--sample", "half"], "--sample"),
    (["trace", "rcode=NOPE"], "rcode"),
    (["trace", "colour=red"], "colour"),
    (["trace", "latency>"], "latency"),
    (["trace", "latency>fast"], "latency"),
    (["trace", "(qname~a"], "parenthesis"),
    (["trace", 'qname="a'], '"'),
    (["trace", "client=10.0.0.0/99"], "client"),
    (["read"], "FILE"),
    (["read", "--json", "--summary", "/dev/null"], "--summary"),
    (["read", "/dev/null", "rcode=NOPE"], "rcode"),
    (["query", "--by"], "--by"),
    (["query", "--by", "rcoed"], "did you mean rcode?"),
    (["query", "--by", "qname,server,client"], "--by"),
    (["query", "--by", "qname,qname"], "twice"),
    (["query", "--by", "rcode", "--metrics", "p95"], "p90"),
    (["query", "--metrics", "count,count"], "twice"),
    (["query", "--order", "qnam"], "did you mean qname?"),
    (["query", "--by", "rcode", "--order", "-cuont"], "did you mean count?"),
    (["query", "--since", "soon"], "--since"),
    (["query", "--until", "yesterday"], "--until"),
    (["query", "--since", "1h", "--until", "2h"], "not later"),
    (["query", "--step", "0"], "--step"),
    (["query", "--step", "often"], "--step"),
    (["query", "--limit", "many"], "--limit"),
    (["query", "--limit", "10001"], "--limit"),
    (["query", "--by", "rcode", "--limit", "0"], "--limit"),
    (["query", "--json", "--csv"], "exclude"),
    (["query", "--table", "--chart"], "exclude"),
    (["query", "--by", "latency", "--chart", "--metrics", "p99"], "--metrics"),
    (["query", "--socket", "/x", "--url", "http://127.0.0.1:1"], "exclude"),
    (["query", "--store", "/x", "--url", "http://127.0.0.1:1"], "exclude"),
    (["query", "--url", "ftp://127.0.0.1"], "http://"),
    (["query", "--token", "x"], "--url"),
    (["query", "--token-file", "/x"], "--url"),
    (["query", "--url", "http://127.0.0.1:1", "--token", "x", "--token-file", "y"], "exclude"),
    (["query", "--url", "http://127.0.0.1:1", "--token", "two words"], "one word"),
    (["query", "rcode=NOPE"], "rcode"),
    (["top", "--by", "qnam"], "did you mean qname?"),
    (["top", "--window", "0"], "--window"),
    (["top", "--window", "wide"], "--window"),
    (["top", "rcode=NOPE"], "rcode"),
    (["export"], "FILE"),
    (["export", "-", "--format", "xml"], "parquet"),
    (["export", "-", "--format", "parquet"], "standard output"),
    (["export", "-", "--since", "soon"], "--since"),
    (["export", "-", "rcode=NOPE"], "rcode"),
    (["import"], "FILE"),
    (["import", "/dev/null"], "--store"),
    (["import", "/dev/null", "--store", "/x", "--port", "dns"], "--port"),
    (["doctor", "--verbose"], "--verbose"),
    (["serve", "--store", "sqlite"], "duckdb"),
    (["serve", "--listen", "8053"], "127.0.0.1:8053"),
    (["serve", "--store-max-age", "week"], "7d"),
    (["serve", "now"], "now"),
    (["doctor", "more"], "more"),
]


@pytest.mark.parametrize("args, word", MISTAKES, ids=lambda v: " ".join(v)[:40] or "nothing"
                         if isinstance(v, list) else "")
def test_mistake(args, word):
    result = nameflow(*args)
    assert result.returncode == USAGE, result.stderr
    assert word in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) <= 24


def test_unknown_field_names_its_column():
    result = nameflow("read", "/dev/null", "rcode=NXDOMAIN colour=red")
    assert result.returncode == USAGE
    assert "column 16" in result.stderr
    assert "\n" + " " * 15 + "^" in result.stderr


@pytest.mark.parametrize("args", [["--help"], ["trace", "--help"], ["read", "--help"],
                                  ["doctor", "--help"], ["demo", "--help"], ["query", "--help"],
                                  ["top", "--help"], ["export", "--help"],
                                  ["import", "--help"], ["serve", "--help"]])
def test_help(args):
    result = nameflow(*args)
    assert result.returncode == 0
    assert "nameflow" in result.stdout
    assert result.stderr == ""


def test_version():
    result = nameflow("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("nameflow ")


@pytest.mark.parametrize("name", ["/nonexistent.pcap", "/dev/null", "/"])
def test_unreadable_file(name):
    result = nameflow("read", name)
    assert result.returncode == 1
    assert name in result.stderr
