# SPDX-License-Identifier: Apache-2.0
import os
import signal

import pytest

from server import Server


@pytest.fixture(scope="session", autouse=True)
def ends_with_its_runner():
    """Ends as after Ctrl-C when the test runner gives up waiting, so that fixtures clean up."""
    def interrupted(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, interrupted)


ENGINES = ["memory"] + (["duckdb"] if os.environ.get("WITH_DUCKDB") else [])


@pytest.fixture(scope="module", params=ENGINES)
def server(request, tmp_path_factory):
    """A thousand known rows in each engine that was built in."""
    with Server(tmp_path_factory.mktemp("api"), 1000, request.param) as running:
        yield running


@pytest.fixture
def own_server(tmp_path):
    """Makes servers for one test: own_server(rows, words...)."""
    running = []

    def make(rows, *words):
        folder = tmp_path / str(len(running))
        folder.mkdir()
        running.append(Server(folder, rows, *words).__enter__())
        return running[-1]
    yield make
    for one in running:
        one.__exit__()
