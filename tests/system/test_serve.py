# SPDX-License-Identifier: Apache-2.0
"""The agent as its service manager and its administrator see it."""

import datetime
import http.client
import os
import pty
import signal
import time
import urllib.parse
from pathlib import Path

import pytest

from agent import Agent, is_sanitized
from lab import temporary_folder, wait_until
from runner import NAMEFLOW, nameflow

USAGE = 2
END_S = 8 if is_sanitized() else 2


@pytest.fixture
def folder():
    with temporary_folder() as path:
        yield Path(path)


def serve(*args, **kwargs):
    """For those that end by themselves."""
    return nameflow("serve", *args, **kwargs)


# ---- the service manager ----

def test_tells_when_it_is_ready(folder):
    with Agent(folder, "--store", "none") as agent:
        agent.notifications.wait_for("STATUS=0 transactions seen, 0 lost; 0 in the store, 0 MiB")
        agent.end()
        agent.notifications.wait_for("STOPPING=1")
    assert agent.process.returncode == 0


def test_feeds_the_watchdog(folder):
    with Agent(folder, "--store", "none", environment={"WATCHDOG_USEC": "100000"}) as agent:
        agent.notifications.wait_for("WATCHDOG=1", times=4)


def test_does_not_feed_the_watchdog_of_another(folder):
    environment = {"WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}
    with Agent(folder, "--store", "none", environment=environment) as agent:
        agent.end()
        agent.notifications.wait_for("STOPPING=1")
        assert "WATCHDOG=1" not in agent.notifications.messages


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_ends_in_time(folder, number):
    with Agent(folder, "--store", "memory") as agent:
        assert agent.end(number) < END_S
        assert agent.process.returncode == 0
        assert "msg=stopped transactions=" in agent.log()
    assert not agent.socket.exists()


def test_ends_with_its_terminal(folder):
    """Started by hand, it is not left behind when the window is closed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(NAMEFLOW, [NAMEFLOW, "serve", "--state", folder / "state", "--store", "none",
                            "--socket", folder / "api.sock", "--listen", "127.0.0.1:0"])
    said = b""
    while b"Ctrl-C ends" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, what="its end")
    assert not (folder / "api.sock").exists()


# ---- configuration ----

def test_reads_its_configuration_again(folder):
    config = folder / "nameflow.yaml"
    config.write_text("log_level: warning\n", encoding="ascii")
    with Agent(folder, "--store", "none", "--config", config) as agent:
        config.write_text("log_level: info\nsample: 4\nport: 5353\n", encoding="ascii")
        agent.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "configuration read again" in agent.log())
        agent.notifications.wait_for("RELOADING=1")
        log = agent.log()
        assert "option=sample" in log and "option=port" in log
        assert log.count("takes effect when the agent is started again") == 2
        agent.end()
        assert "msg=stopped" in agent.log()  # at info, so the level is the new one


def test_takes_over_what_can_change(folder):
    config = folder / "nameflow.yaml"
    config.write_text("metrics_public: false\n", encoding="ascii")
    with Agent(folder, "--store", "memory", "--config", config) as agent:
        def metrics():
            where = urllib.parse.urlsplit(agent.url)
            return agent.request("/metrics", http.client.HTTPConnection(where.hostname, where.port))[0]
        assert metrics() == 401
        config.write_text("metrics_public: true\nstore_max_age: 3d\n", encoding="ascii")
        agent.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "configuration read again" in agent.log())
        assert metrics() == 200
        assert "takes effect when the agent is started again" not in agent.log()


def test_a_mistake_changes_nothing(folder):
    config = folder / "nameflow.yaml"
    config.write_text("log_level: info\n", encoding="ascii")
    with Agent(folder, "--store", "none", "--config", config) as agent:
        config.write_text("log_level: error\nport: dns\n", encoding="ascii")
        agent.process.send_signal(signal.SIGHUP)
        wait_until(lambda: f"{config}:2:7: port: 'dns' is not a number" in agent.log())
        agent.end()
        assert "msg=stopped" in agent.log()
        assert agent.process.returncode == 0


def test_check_config(folder):
    config = folder / "nameflow.yaml"
    config.write_text("store_max_size: 4GiB\n", encoding="ascii")
    result = serve("--check-config", "--config", config)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{config}: right\n", "")
    config.write_text("\nstore_max_sise: 4GiB\n", encoding="ascii")
    for args in (["--check-config"], []):
        result = serve("--config", config, *args)
        assert result.returncode == USAGE
        assert result.stderr == (f"{config}:2:1: there is no option store_max_sise; did you mean "
                                 "store_max_size?\n")
    result = serve("--config", folder / "nothing.yaml")
    assert result.returncode == USAGE
    assert "nothing.yaml: No such file" in result.stderr


# ---- without what it needs ----

def test_a_missing_engine(folder):
    environment = {**os.environ, "NAMEFLOW_DUCKDB": "/nonexistent/libduckdb.so"}
    args = ["--state", folder / "state", "--socket", folder / "api.sock", "--listen", "none"]
    result = serve(*args, env=environment)
    assert result.returncode == 1
    assert "libduckdb.so" in result.stderr
    assert "--store memory" in result.stderr
    assert not (folder / "api.sock").exists()
    with Agent(folder, "--store", "memory", environment=environment) as agent:
        assert agent.get("/api/v1/status")["engine"] == "memory"


def test_a_port_that_is_taken(folder):
    with Agent(folder, "--store", "none") as agent:
        result = serve("--state", folder / "other", "--socket", "none", "--store", "none",
                       "--listen", agent.url.removeprefix("http://"))
        assert result.returncode == 1
        assert "in use" in result.stderr


# ---- one at a time ----

def test_a_second_agent(folder):
    with Agent(folder, "--store", "none") as agent:
        result = serve("--state", agent.state, "--socket", folder / "other.sock", "--listen",
                       "none")
        assert result.returncode == 1
        assert f"another agent (process {agent.process.pid}) works in {agent.state}" \
            in result.stderr
        assert not (folder / "other.sock").exists()
    # And then there is room again, even after one that was killed.
    with Agent(folder, "--store", "none") as agent:
        agent.end(signal.SIGKILL)
    with Agent(folder, "--store", "none"):
        pass


@pytest.mark.parametrize("store", ["none", "duckdb"])
def test_its_files_are_its_own(folder, store):
    with Agent(folder, "--store", store) as agent:
        assert agent.socket.parent.stat().st_mode & 0o777 == 0o755
        assert agent.state.stat().st_mode & 0o777 == 0o700
        for file in agent.state.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file


def test_a_state_folder_that_cannot_be(folder):
    (folder / "file").write_text("", encoding="ascii")
    result = serve("--state", folder / "file" / "state", "--store", "none")
    assert result.returncode == 1
    assert "Not a directory" in result.stderr


# ---- the loss ledger ----

def test_says_when_no_agent_watched(folder):
    with Agent(folder, "--store", "memory") as agent:
        losses = agent.get("/api/v1/losses?from=-1h")
        assert losses["lost"] == [] and losses["away"] == []
        agent.end(signal.SIGKILL)
    ledger = folder / "state" / "ledger"
    before = int(time.time()) - 1800
    os.utime(ledger, (before, before))
    with Agent(folder, "--store", "memory") as agent:
        [away] = agent.get("/api/v1/losses?from=-1h")["away"]
        assert away["from"].startswith(datetime.datetime.fromtimestamp(
            before, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"))
        assert agent.get("/api/v1/losses?from=-2h&until=-31m")["away"] == []


def test_keeps_away_from_what_is_no_ledger(folder):
    (folder / "state").mkdir(mode=0o700)
    (folder / "state" / "ledger").write_text("my notes\n")
    result = serve("--state", folder / "state", "--socket", folder / "s", "--listen", "none", "--store", "none")
    assert result.returncode == 1
    assert "ledger is not a loss ledger" in result.stderr
    assert (folder / "state" / "ledger").read_text() == "my notes\n"
