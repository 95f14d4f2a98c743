# SPDX-License-Identifier: Apache-2.0
"""Runs `nameflow serve` and asks it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

from lab import die_with_parent, temporary_folder
from runner import NAMEFLOW


def is_sanitized():
    """Whether the program is built with sanitizers, which make everything several times slower."""
    return b"__asan_init" in Path(NAMEFLOW).read_bytes()


class Notifications:
    """What a service manager would be told, by a socket of the test's own."""

    def __init__(self, path):
        self.path = str(path)
        self.messages = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.bind(self.path)

    def wait_for(self, line, times=1, seconds=20, process=None):
        """Until so many datagrams hold the line."""
        deadline = time.monotonic() + seconds
        while sum(line in m.splitlines() for m in self.messages) < times:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no {line} within {seconds} s, but {self.messages}")
            if process and process.poll() is not None:
                raise RuntimeError(f"it ended with {process.returncode} before {line}")
            self._socket.settimeout(min(left, 0.2))
            try:
                self.messages.append(self._socket.recv(4096).decode())
            except TimeoutError:
                pass

    def close(self):
        self._socket.close()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(self._path)


class Agent:
    """`nameflow serve` while the block runs, with state, socket and log in `folder` (which outlives
    it, so that another can go on with the same state).

    with Agent(folder, "--store", "memory") as agent:
        agent.get("/api/v1/status")
    """

    def __init__(self, folder, *args, state=None, environment=None):
        self.folder = Path(folder)
        self.state = state or self.folder / "state"
        self.socket = self.folder / "run" / "api.sock"
        self._own = temporary_folder()
        self._log = Path(self._own.name) / "log"
        self.notifications = Notifications(Path(self._own.name) / "notify")
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                [NAMEFLOW, "serve", "--state", self.state, "--socket", self.socket,
                 "--listen", "127.0.0.1:0", *args],
                stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent,
                env={**os.environ, "NOTIFY_SOCKET": self.notifications.path,
                     **(environment or {})})

    def log(self):
        return self._log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self):
        try:
            self.notifications.wait_for("READY=1", process=self.process)
        except BaseException as e:
            self.end(signal.SIGKILL)
            e.args = (f"{e}\n{self.log()}",)
            self._own.cleanup()
            raise
        return self

    def end(self, number=signal.SIGTERM, seconds=30):
        """Returns the seconds that it took."""
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        return time.monotonic() - started

    def __exit__(self, kind, *_):
        self.end()
        log = self.log()
        self.notifications.close()
        self._own.cleanup()
        if not kind and self.process.returncode not in (0, -signal.SIGKILL):
            raise RuntimeError(f"nameflow serve ended with {self.process.returncode}\n{log}")

    @property
    def url(self):
        return re.search(r"the API is at (http://\S+)", self.log())[1]

    def request(self, path, connection=None, headers=None, **parameters):
        """(status, body) of a GET over the socket, or another connection."""
        connection = connection or UnixConnection(self.socket)
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path, **parameters):
        """The JSON of an answer that must be good."""
        status, body = self.request(path, **parameters)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body.decode(errors='replace')}\n{self.log()}")
        return json.loads(body)
