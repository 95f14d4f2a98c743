# SPDX-License-Identifier: Apache-2.0
"""top, and query through the API, on an agent whose store was filled before."""

import json
import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest

from agent import Agent
from lab import wait_until
from runner import NAMEFLOW, ROOT, nameflow
from terminal import Screen, on_terminal

RECORDS = [json.loads(line) for f in sorted((ROOT / "tests" / "golden").glob("*.jsonl"))
           for line in f.read_text(encoding="utf-8").splitlines()]
COUNT = 3000


def recent_records():
    """Of the last 50 minutes, so that every window of an hour holds them while the tests run."""
    chance = random.Random(1)
    now = time.time()
    for at in sorted(now - 60 - 2900 * chance.random() for _ in range(COUNT)):
        when = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        yield {**chance.choice(RECORDS), "time": when}


@pytest.fixture(scope="module")
def records():
    return list(recent_records())


@pytest.fixture(scope="module")
def agent(records, tmp_path_factory):
    if not (Path(NAMEFLOW).parent / "libduckdb.so").exists():
        pytest.skip("built without the store's engine")
    folder = tmp_path_factory.mktemp("agent")
    lines = "\n".join(json.dumps(r) for r in records)
    result = nameflow("import", "-", "--store", str(folder / "state"), stdin_text=lines)
    assert result.returncode == 0, result.stderr
    shutil.copytree(folder / "state", folder / "copy")
    # A port that nothing uses: what this host asks meanwhile is not counted.
    with Agent(folder, "--port", "5999") as running:
        yield running


def ask(agent, *args):
    result = nameflow("query", "--socket", str(agent.socket), "--since", "1h", *args)
    assert result.returncode == 0, result.stderr
    return result.stdout


# ---- query through the API ----

def test_groups(agent, records):
    answer = json.loads(ask(agent, "--by", "rcode", "--limit", "100", "--metrics", "count",
                            "--json"))
    got = {g["key"][0]: g["count"] for g in answer["groups"]}
    assert got == Counter(r.get("rcode") for r in records)


def test_transactions(agent, records):
    got = [json.loads(line) for line in ask(agent, "--json", "outcome=timeout").splitlines()]
    for r in got:
        del r["seq"]
    assert got == [r for r in records if r["outcome"] == "timeout"]


def test_the_token_is_asked_for(agent):
    url = ["query", "--url", agent.url, "--by", "qtype", "--since", "1h"]
    result = nameflow(*url)
    assert result.returncode == 77
    assert "--token-file" in result.stderr
    result = nameflow(*url, "--token", "wrong")
    assert result.returncode == 77
    assert "not right" in result.stderr
    result = nameflow(*url, "--token-file", str(agent.state / "token"))
    assert result.returncode == 0, result.stderr
    assert "(all)" in result.stdout


def test_mistakes_that_the_agent_finds(agent):
    result = nameflow("query", "--socket", str(agent.socket), "--by", "flags")
    assert result.returncode == 2
    assert "flags" in result.stderr
    result = nameflow("query", "--socket", str(agent.socket), "--step", "1s", "--since", "10d")
    assert result.returncode == 2
    assert "step" in result.stderr


def test_the_agents_store_cannot_be_opened_beside_it(agent):
    for command in (["query"], ["export", "-"]):
        result = nameflow(*command, "--store", str(agent.state))
        assert result.returncode == 1
        assert "ask the agent instead" in result.stderr
    result = nameflow("import", "/dev/null", "--store", str(agent.state))
    assert result.returncode == 1
    assert "stop it first" in result.stderr


def test_export_from_the_agent(agent, records, tmp_path):
    path = tmp_path / "all.jsonl"
    result = nameflow("export", str(path), "--socket", str(agent.socket))
    assert result.returncode == 0, result.stderr
    got = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert got == records


def test_agent_and_folder_say_the_same(agent):
    now = time.time()
    since, until = f"--since={now - 3600:.0f}", f"--until={now:.0f}"
    for question in (["--json"], ["--csv", "rcode=SERVFAIL or not transport=udp"], ["-n", "20"],
                     ["--order", "-latency", "--limit", "50", "--json"],
                     ["--order", "qname", "--limit", "50", "--json"],
                     ["--by", "rcode", "--json"], ["--by", "qname", "--limit", "5", "--json"],
                     ["--by", "qtype,outcome", "--order", "p99", "--csv"],
                     ["--by", "server", "latency>1ms", "--json", "--metrics",
                      "count,share,average,p50,p90,p99,max,min,error_share,unanswered_share,names"],
                     ["--by", "comm", "--step", "5m", "--metrics", "count,p99", "--json"],
                     ["--metrics", "names,error_share"], ["--metrics", "count", "--csv"],
                     ["--metrics", "max", "--json"], ["--step", "10m"], ["--step", "10m", "--json"],
                     ["--by", "rcode", "--chart"], ["--by", "latency", "--chart"],
                     ["qname~*.example.com qtype=A", "--by", "client"]):
        args = ["query", since, until, *question]
        by_agent = nameflow(*args, "--socket", str(agent.socket))
        by_folder = nameflow(*args, "--store", str(agent.state.parent / "copy"))
        assert by_agent.returncode == 0, by_agent.stderr
        assert by_agent.stdout == by_folder.stdout, question


def test_charts(agent):
    args = [NAMEFLOW, "query", "--socket", str(agent.socket), "--since", "1h", "--chart"]
    for what in ("rcode", "latency"):
        text, code = on_terminal([*args, "--by", what])
        assert code == 0
        assert "UTC" in text and text.count("\n") < 24


# ---- top ----

@pytest.fixture
def screen():
    with Screen(80, 24) as s:
        yield s


def start(screen, agent, *args, ready="p99"):
    screen.command(" ".join([NAMEFLOW, "top", "--socket", str(agent.socket), "--window", "1h",
                             *args]))
    return screen.wait(ready)


def name_column(text):
    """The names of the table's lines and their order."""
    lines = text.rstrip("\n").split("\n")[4:-1]
    return [line.split()[0] for line in lines if line.strip()]


def test_names_by_rate(agent, records, screen):
    start(screen, agent)
    wait_until(lambda: len(name_column(screen.text())) == 19, 20, "a screen full of names")
    text = screen.wait("names  servers  clients  processes  types  rcodes")
    assert name_column(text)[0] == Counter(r.get("qname") for r in records).most_common(1)[0][0]
    # 3000 in an hour
    assert re.search(r"\b0\.83?/s|\b0\.8/s", text), text


def test_keys_change_field_and_sort(agent, screen):
    start(screen, agent)
    for key, title, value in (("r", "RCODE", "NOERROR"), ("t", "QTYPE", "AAAA"),
                              ("s", "SERVER", "198.51.100.53"), ("c", "CLIENT", "192.0.2.1"),
                              ("p", "COMM", "(none)"), ("Left", "CLIENT", "192.0.2.1"),
                              ("Right", "COMM", "(none)"), ("n", "QNAME", "www.example.com")):
        screen.type(key)
        screen.wait(title, value)
    assert "vRATE/S" in screen.text()
    screen.type(">")
    screen.wait("vSHARE", absent=["vRATE"])
    screen.type("R")
    screen.wait("^SHARE")
    screen.type("<", "<")
    screen.wait("^P99")
    screen.type("w")
    screen.wait("10s")
    screen.type("W")
    screen.wait("1h")


def test_filter_is_typed_with_its_mistakes(agent, screen):
    start(screen, agent)
    screen.type("/")
    screen.write("rcode=NXDOMIAN")
    screen.wait("filter: rcode=NXDOMIAN", "did you mean NXDOMAIN?")
    wait_until(lambda: screen.lines()[3].find("^") == len("filter: rcode="), 20, "the marker")
    screen.type("Enter")  # is not taken
    screen.type("BSpace", "BSpace", "BSpace", "BSpace")
    screen.write("MAIN")
    screen.wait("Enter applies", absent=["did you mean"])
    screen.type("Enter", "r")
    screen.wait("filter: rcode=NXDOMAIN", absent=["NOERROR"])
    wait_until(lambda: name_column(screen.text()) == ["NXDOMAIN"], 20, "NXDOMAIN alone")
    screen.type("/", "C-u", "Enter")
    screen.wait("NOERROR", absent=["filter:"])
    screen.type("/")
    screen.write("x")
    screen.type("Escape")
    screen.wait("NOERROR", absent=["filter:"])


def test_pause_help_and_quit(agent, screen):
    before = screen.modes()
    start(screen, agent)
    screen.type("Space")
    screen.wait("paused")
    screen.type("Space")
    screen.wait("p99", absent=["paused"])
    screen.type("?")
    screen.wait("any key: back")
    screen.type("x")
    screen.wait("p99", absent=["any key"])
    screen.type("q")
    screen.wait("ready>", absent=["p99"])
    assert screen.modes() == before


@pytest.mark.parametrize("columns, rows", [(40, 10), (60, 16), (80, 24), (200, 50)])
def test_sizes(agent, screen, columns, rows):
    start(screen, agent)
    screen.resize(columns, rows)
    screen.wait("q quit", "RATE/S", "www")
    wait_until(lambda: len(name_column(screen.text())) == rows - 5, 20, "a full screen")
    lines = screen.lines()
    assert len(lines) == rows
    assert lines[-1].rstrip().endswith("q quit")


def nameflow_in(screen):
    """The process id of top in the screen's shell."""
    shell = screen.tmux("list-panes", "-F", "#{pane_pid}").strip()
    return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_the_terminal_clean(agent, screen, number):
    before = screen.modes()
    start(screen, agent)
    os.kill(nameflow_in(screen), number)
    screen.wait("ready>", absent=["p99"])
    screen.command("echo code-$?")
    screen.wait("code-0")
    assert screen.modes() == before


def test_ctrl_c(agent, screen):
    before = screen.modes()
    start(screen, agent)
    screen.type("C-c")
    screen.wait("ready>", absent=["p99"])
    assert screen.modes() == before


def test_suspended_and_continued(agent, screen):
    before = screen.modes()
    start(screen, agent)
    screen.type("C-z")
    screen.wait("Stopped", absent=["p99"])
    assert screen.modes() == before
    screen.command("fg")
    screen.wait("p99", "names  servers", absent=["Stopped"])
    screen.type("r")
    screen.wait("RCODE", "NOERROR")
    screen.type("q")
    screen.wait("ready>", absent=["p99"])
    assert screen.modes() == before


def test_no_terminal(agent):
    result = nameflow("top", "--socket", str(agent.socket))
    assert result.returncode == 1
    assert "nameflow query --by qname" in result.stderr


def test_unknown_terminal(agent, screen):
    screen.command(f"TERM=nonsense {NAMEFLOW} top --socket {agent.socket}; echo code-$?")
    assert "nonsense" in screen.wait("code-1")


def test_no_agent(tmp_path, screen):
    before = screen.modes()
    screen.command(f"{NAMEFLOW} top --socket {tmp_path}/nobody; echo code-$?")
    text = screen.wait("code-1").replace("\n", "")
    assert "sudo nameflow serve" in text and "--store" not in text
    assert screen.modes() == before


def test_the_agent_goes_and_comes_back(agent, tmp_path, screen):
    with Agent(tmp_path, "--port", "5998", "--store", "memory") as first:
        start(screen, first, ready="no transactions")
        first.end()
        screen.wait("no agent is running")
    with Agent(tmp_path, "--port", "5998", "--store", "memory"):
        screen.wait("no transactions", absent=["no agent is running"])
        screen.type("q")
        screen.wait("ready>", absent=["no transactions"])
