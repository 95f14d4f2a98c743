# SPDX-License-Identifier: Apache-2.0
"""A DNS server and a client, each in a network namespace of its own, joined by a veth pair."""

import os
import random
import re
import socket
import json
from pathlib import Path

from rig.host import BenchError, Netns, Process, run, wait_until

# Of RFC 2544's range for benchmarks: no other traffic of the host is taken for ours.
SERVER = "198.18.53.1"
CLIENT = "198.18.53.2"
SERVER_LINK = "nfb-server"
CLIENT_LINK = "nfb-client"
ZONE = "bench.test"
HOSTS = 2000
QUERIES = 20000

KNOT = """server:
    rundir: "{folder}"
    listen: {server}@53
    udp-workers: {workers}
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{folder}"
log:
  - target: stderr
    any: warning
zone:
  - domain: {zone}
    file: "{folder}/zone"
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
"""


def zone_text(rng):
    lines = [f"$ORIGIN {ZONE}.", "$TTL 300", "@ SOA ns1 hostmaster 1 7200 900 1209600 300",
             "@ NS ns1", f"ns1 A {SERVER}"]
    for i in range(HOSTS):
        lines += [f"h{i} A 192.0.2.{rng.randrange(256)}" for _ in range(rng.randint(1, 3))]
        lines.append(f"h{i} AAAA 2001:db8::{i:x}")
        if i % 3 == 0:
            lines.append(f"c{i} CNAME h{rng.randrange(HOSTS)}")
        if i % 10 == 0:
            lines.append(f"h{i} HTTPS 1 . alpn=h2,h3")
            lines.append(f'h{i} TXT "v=spf1 include:_spf.{i}.example.net ~all"')
    return "\n".join(lines) + "\n"


def query_lines(rng):
    """Popular names far ahead, half A, some that do not exist, some with an alias."""
    for _ in range(QUERIES):
        rank = int(HOSTS ** rng.random())
        kind = rng.random()
        if kind < 0.12:
            yield f"missing{rank}.{ZONE} A"
        elif kind < 0.25:
            yield f"c{rank - rank % 3}.{ZONE} A"
        else:
            yield f"h{rank}.{ZONE} {rng.choices(['A', 'AAAA', 'HTTPS', 'TXT'], [50, 30, 15, 5])[0]}"


class World:
    def __init__(self, folder, build):
        self.folder = Path(folder)
        self.build = build
        self.names = self.folder / "names"
        self.threads = max(1, (os.cpu_count() or 2) // 2)
        self.client, self.server = Netns(), Netns()
        self._link()
        self._serve()

    def _link(self):
        run(["ip", "link", "add", CLIENT_LINK, "type", "veth", "peer", "name", SERVER_LINK, "netns",
             self.server.path()], self.client)
        for netns, link, address in ((self.client, CLIENT_LINK, CLIENT),
                                     (self.server, SERVER_LINK, SERVER)):
            with netns:
                switch = Path("/proc/sys/net/ipv6/conf/all/disable_ipv6")
                if switch.exists():
                    switch.write_text("1")
            run(["ip", "link", "set", "lo", "up"], netns)
            run(["ip", "address", "add", f"{address}/24", "dev", link], netns)
            run(["ip", "link", "set", link, "up"], netns)

    def _serve(self):
        rng = random.Random(1)
        (self.folder / "zone").write_text(zone_text(rng))
        self.names.write_text("\n".join(query_lines(rng)) + "\n")
        conf = self.folder / "knot.conf"
        conf.write_text(KNOT.format(folder=self.folder, server=SERVER, zone=ZONE,
                                    workers=self.threads))
        log = open(self.folder / "knot.log", "wb")
        self.knot = Process(["knotd", "-c", conf], self.server, stdout=log, stderr=log)
        log.close()
        wait_until(self._answers, 10, f"knotd ({self.folder / 'knot.log'})")

    def _answers(self):
        if not self.knot.running():
            raise BenchError("knotd ended at once:\n" + (self.folder / "knot.log").read_text())
        with self.client:
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with client:
            client.settimeout(0.2)
            labels = b"".join(bytes([len(p)]) + p.encode() for p in f"h0.{ZONE}".split("."))
            try:
                client.sendto(b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1", (SERVER, 53))
                return client.recv(2048)[:2] == b"\x12\x34"
            except OSError:
                return False

    # ---- loads: each returns transactions done and their rate ----

    def dnsperf(self, seconds, rate=None):
        """Few ports: dnsperf with ten sockets, as fast as it goes or at a bounded rate."""
        argv = ["dnsperf", "-s", SERVER, "-d", self.names, "-l", seconds, "-c", 10,
                "-T", self.threads, "-t", 2]
        text = run(argv + (["-Q", rate] if rate else []), self.client, seconds + 20)
        values = dict(re.findall(r"^\s*(Queries completed|Queries lost|Queries per second|"
                                 r"Average Latency \(s\)):\s+([\d.]+)", text, re.M))
        if "Queries per second" not in values:
            raise BenchError(f"dnsperf printed no result:\n{text}")
        return {"done": int(values["Queries completed"]), "lost": int(values.get("Queries lost", 0)),
                "rate": float(values["Queries per second"]),
                "latency_us": float(values.get("Average Latency (s)", 0)) * 1e6}

    def fresh_ports(self, seconds, rate):
        """A new source port for each query, at a bounded rate."""
        text = run([self.build / "bench" / "fresh_ports", SERVER, rate, seconds, self.names],
                   self.client, seconds + 20)
        values = json.loads(text)
        return {"done": values["answered"], "lost": values["lost"] + values["held_back"],
                "rate": values["answered"] / values["seconds"]}

    def other_traffic(self, seconds):
        """Packets of no DNS port; returns how many were sent."""
        program = self.build / "bench" / "other_traffic"
        ready = self.folder / "sink.out"
        with open(ready, "wb") as out:
            sink = Process([program, "sink"], self.server, stdout=out)
        wait_until(lambda: b"ready" in ready.read_bytes(), 5, "other_traffic sink")
        try:
            return json.loads(run([program, "send", SERVER, seconds], self.client, seconds + 20))["sent"]
        finally:
            sink.stop()

    def close(self):
        self.knot.stop()
        self.client.close()
        self.server.close()
