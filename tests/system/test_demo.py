# SPDX-License-Identifier: Apache-2.0
"""The demo, and what it looks like on a terminal."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from runner import NAMEFLOW, nameflow

WIDTH = 100
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]+m")


def test_shows_each_kind_of_lookup():
    result = nameflow("demo", "--json", "--for", "12s", "--timeout", "2s")
    assert result.returncode == 0, result.stderr
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert {"answered", "timeout"} <= {r["outcome"] for r in records}
    assert {"NOERROR", "NXDOMAIN", "SERVFAIL"} <= {r["rcode"] for r in records if "rcode" in r}
    assert {"udp", "tcp"} == {r["transport"] for r in records}
    assert max(r.get("latency_us", 0) for r in records) > 50_000
    assert any("tc" in r.get("flags", ()) for r in records)
    assert len({r["comm"] for r in records if "comm" in r}) >= 4
    assert all("server_pid" in r for r in records if r["server"] == "192.0.2.53"
               and r["outcome"] == "answered")


def on_terminal(args, seconds, environment=()):
    """Runs nameflow on a terminal of WIDTH columns, then Ctrl-C; returns what it showed."""
    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, WIDTH, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    env.update({"TERM": "xterm-256color"}, **dict(environment))
    with subprocess.Popen([NAMEFLOW, *args], stdin=terminal, stdout=terminal, stderr=terminal,
                          env=env, start_new_session=True) as process:
        os.close(terminal)
        shown, deadline, asked = b"", time.monotonic() + seconds, False
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                assert not asked, "does not end on Ctrl-C"
                process.send_signal(signal.SIGINT)
                asked, deadline = True, time.monotonic() + 15
                continue
            if not select.select([main], [], [], left)[0]:
                continue
            try:
                more = os.read(main, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
        process.wait(10)
    os.close(main)
    assert process.returncode == 0
    return shown.decode("utf-8")


@pytest.fixture(scope="module")
def coloured():
    return on_terminal(["demo"], 8)


def test_something_to_see_within_ten_seconds(coloured):
    lines = [line for line in coloured.split("\n") if re.search(r"\d\d:\d\d:\d\d\.\d{3}", line)]
    assert len(lines) > 10


def test_lines_fit_the_terminal(coloured):
    table = coloured.partition("transactions in")[0]
    for line in re.split(r"[\r\n]+", table):
        assert len(ESCAPE.sub("", line)) <= WIDTH, line


def test_footer_and_summary(coloured):
    plain = ESCAPE.sub("", coloured)
    assert re.search(r"\d+/s .*lost .*p50 .*p99 ", plain)
    table, _, summary = plain.partition("transactions in")
    assert table and "Latency" in summary and "Top names" in summary


def test_colours(coloured):
    assert COLOUR.search(coloured)


@pytest.mark.parametrize("args, environment", [(["--no-color"], {}), ([], {"NO_COLOR": "1"})],
                         ids=["option", "NO_COLOR"])
def test_no_colours(args, environment):
    assert not COLOUR.search(on_terminal(["demo", *args], 4, environment))
