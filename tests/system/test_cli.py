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
    (["doctor", "--verbose"], "--verbose"),
    (["doctor", "more"], "more"),
]


@pytest.mark.parametrize("args, word", MISTAKES, ids=lambda v: " ".join(v)[:40] or "nothing"
                         if isinstance(v, list) else "")
def test_mistake(args, word):
    result = nameflow(*args)
    assert result.returncode == USAGE, result.stderr
    assert word in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) <= 12


def test_unknown_field_names_its_column():
    result = nameflow("read", "/dev/null", "rcode=NXDOMAIN colour=red")
    assert result.returncode == USAGE
    assert "column 16" in result.stderr
    assert "\n" + " " * 15 + "^" in result.stderr


@pytest.mark.parametrize("args", [["--help"], ["trace", "--help"], ["read", "--help"],
                                  ["doctor", "--help"], ["demo", "--help"]])
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
