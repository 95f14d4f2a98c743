# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
from dataclasses import dataclass

import pytest

import lab
import servers


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        skip = pytest.mark.skip(reason="network namespaces and BPF need root")
        for item in items:
            item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def clean_machine():
    """Ends as after Ctrl-C when the test runner gives up waiting, so that fixtures clean up."""
    def interrupted(*_):
        raise KeyboardInterrupt
    if os.geteuid() == 0:
        signal.signal(signal.SIGTERM, interrupted)
        signal.signal(signal.SIGHUP, interrupted)
        lab.remove_stale()
    yield


@pytest.fixture(scope="session", autouse=True)
def tracefs():
    """Some kernels' tracepoint ids are only there when tracefs is mounted."""
    mounted = False
    path = "/sys/kernel/tracing"
    if os.geteuid() == 0 and os.path.isdir(path) and not os.listdir(path):
        mounted = subprocess.run(["mount", "-t", "tracefs", "tracefs", path],
                                 check=False).returncode == 0
    yield
    if mounted:
        subprocess.run(["umount", path], check=False)


@dataclass
class Pair:
    """A client's and a server's namespace on one link."""
    client: lab.Namespace
    server: lab.Namespace
    client4: str
    client6: str
    server4: str
    server6: str
    responder: str


@pytest.fixture(scope="module")
def pair():
    link = lab.Link(1)
    with lab.Namespace("client") as client, lab.Namespace("server") as server:
        lab.connect(client, "c0", server, "s0")
        lab.add_address(client, "c0", link.v4(1), link.v6(1))
        lab.add_address(server, "s0", link.v4(2), link.v6(2))
        lab.add_address(server, "s0", link.v4(3), link.v6(3))
        yield Pair(client, server, link.v4(1), link.v6(1), link.v4(2), link.v6(2), link.v4(3))


@pytest.fixture(scope="module", params=list(servers.MAKERS))
def server(request, pair, tmp_path_factory):
    """Each kind of server in turn, on both addresses of the server's namespace."""
    folder = tmp_path_factory.mktemp(request.param)
    with servers.Server(request.param, pair.server, [pair.server4, pair.server6],
                        folder) as running:
        yield running


@pytest.fixture(scope="module")
def knot(pair, tmp_path_factory):
    """The fastest of them, for load."""
    with servers.Server("knot", pair.server, [pair.server4, pair.server6],
                        tmp_path_factory.mktemp("knot")) as running:
        yield running


@pytest.fixture(scope="module")
def responder(pair):
    with servers.Responder(pair.server, pair.responder) as running:
        yield running
