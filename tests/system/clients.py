# SPDX-License-Identifier: Apache-2.0
"""Real DNS clients, run in a namespace. Each returns what the client itself says about its run."""

import re
import sys
from dataclasses import dataclass, field


@dataclass
class Ask:
    """What a client did: its process and its questions (name, type)."""
    comm: str
    pid: int
    questions: list = field(default_factory=list)


def dig(namespace, server, name, qtype="A", *options):
    pid, _ = namespace.run("dig", "+tries=1", "+time=5", "+nocookie", f"@{server}", name, qtype,
                           *options)
    return Ask("dig", pid, [(name, qtype)])


def kdig(namespace, server, name, qtype="A", *options):
    pid, _ = namespace.run("kdig", "+retry=0", "+time=5", f"@{server}", name, qtype, *options)
    return Ask("kdig", pid, [(name, qtype)])


def times(namespace, client, server, names):
    """One process of dig or kdig that asks for one name after the other, and the time that it
    prints for each in us. It runs before all others, as its wake-up is part of what it measures."""
    options = {"dig": ["-u", "+tries=1", "+time=5"], "kdig": ["+retry=0", "+time=5"]}[client]
    pid, out = namespace.run(client, *options, f"@{server}", *names, realtime=True)
    found = {"dig": [float(t) for t in re.findall(r"Query time: (\d+) usec", out)],
             "kdig": [float(t) * 1000 for t in re.findall(r"in ([\d.]+) ms", out)]}[client]
    return pid, found


# comm is set so that the test can tell this process from other Pythons.
GETADDRINFO = """
import socket, sys
with open("/proc/self/comm", "w") as f:
    f.write("stub-client")
try:
    socket.getaddrinfo(sys.argv[1], None, type=socket.SOCK_STREAM)
except socket.gaierror:
    pass
"""


def glibc(namespace, server, name, folder):
    """getaddrinfo() of the C library: A and AAAA from one socket."""
    (folder / "resolv.conf").write_text(f"nameserver {server}\noptions attempts:1 timeout:5\n",
                                        encoding="ascii")
    (folder / "nsswitch.conf").write_text("hosts: dns\n", encoding="ascii")
    pid, _ = namespace.run(sys.executable, "-B", "-c", GETADDRINFO, name, files={
        "resolv.conf": folder / "resolv.conf", "nsswitch.conf": folder / "nsswitch.conf"})
    return Ask("stub-client", pid, [(name, "A"), (name, "AAAA")])


@dataclass
class Load:
    pid: int
    sent: int
    completed: int
    lost: int
    seconds: float


def dnsperf(namespace, server, queries, folder, *options, mode="udp", timeout=120):
    """Sends `queries` different questions once each, as fast as it can unless told otherwise."""
    data = folder / "queries"
    data.write_text("".join(f"n{i}.many.example.test A\n" for i in range(queries)),
                    encoding="ascii")
    pid, out = namespace.run("dnsperf", "-s", server, "-d", data, "-n", "1", "-m", mode,
                             *options, timeout=timeout)

    def figure(name):
        return int(re.search(rf"Queries {name}:\s+(\d+)", out)[1])
    return Load(pid, figure("sent"), figure("completed"), figure("lost"),
                float(re.search(r"Run time \(s\):\s+([\d.]+)", out)[1]))
