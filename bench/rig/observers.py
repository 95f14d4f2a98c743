# SPDX-License-Identifier: Apache-2.0
"""The programs that watch the load: nameflow and its peers, each as it comes.

An observer is started, is known to be ready, sees a load, gets time to finish, and is stopped;
then it is asked how many of the transactions it reported whole.
"""

import json
import re
import time
from pathlib import Path

from rig.host import BenchError, Process, run, wait_until
from rig.world import SERVER, SERVER_LINK


class Observer:
    key = "alone"
    label = "alone"
    reports = False  # does it report transactions?

    def __init__(self, world):
        self.world = world
        self.out = world.folder / "observer.out"
        self.err = world.folder / "observer.err"
        self.process = None

    def argv(self):
        return None

    def netns(self):
        return None

    def ready(self):
        return True

    def start(self):
        if not self.argv():
            return
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = Process(self.argv(), self.netns(), stdout=out, stderr=err)
        wait_until(self._ready_or_ended, 15, self.label)
        time.sleep(0.1)
        self.process.mark()

    def _ready_or_ended(self):
        if not self.process.running():
            raise BenchError(f"{self.label} ended at once ({self.process.code}):\n"
                             + self.err.read_text(errors="replace")[-2000:])
        return self.ready()

    def stop(self):
        """Returns what it used."""
        if not self.process:
            return {}
        self.process.settle()
        memory = self.process.memory()
        self.process.stop()
        user, system = self.process.used
        return {"user_s": max(0.0, user), "system_s": max(0.0, system), "memory_kib": memory}

    def complete(self):
        """Transactions reported with both halves; None: not known."""
        return None

    def remove_output(self):
        for path in self.world.folder.glob("observer.*"):
            path.unlink()


class Empty(Observer):
    key = "empty"
    label = "empty BPF program"

    def argv(self):
        return [self.world.build / "bench" / "empty_hold"]

    def ready(self):
        return b"attached" in self.out.read_bytes()


class Nameflow(Observer):
    key = "nameflow"
    label = "nameflow trace --json"
    reports = True
    options = ["--json"]

    def argv(self):
        return [self.world.build / "nameflow", "trace", *self.options]

    def ready(self):
        return b"tracing" in self.err.read_bytes()

    def complete(self):
        server = f'"server":"{SERVER}"'.encode()
        with open(self.out, "rb") as lines:
            found = sum(1 for line in lines if b'"outcome":"answered"' in line
                        and b'"latency_us":' in line and server in line)
            lines.seek(0)
            first = lines.readline()
        if first:
            json.loads(first)
        return found

    def summary(self):
        return self.err.read_text(errors="replace")[-1500:]


class NameflowQuiet(Nameflow):
    key = "nameflow_quiet"
    label = "nameflow trace --quiet"
    reports = False
    options = ["--quiet"]

    def complete(self):
        return None


class PacketSocket(Observer):
    """A tool with a packet socket on the server's end of the veth pair."""

    reports = True

    def netns(self):
        return self.world.server

    def ready(self):
        return len(Path(f"/proc/{self.process.pid}/net/packet").read_text().splitlines()) > 1

    def pairs(self, kind, path):
        text = run([self.world.build / "bench" / "count_pairs", kind, path])
        return json.loads(text)["pairs"]


class TcpdumpFile(PacketSocket):
    key = "tcpdump_file"
    label = "tcpdump -w"

    def argv(self):
        return ["tcpdump", "-n", "-i", SERVER_LINK, "-Z", "root", "-w",
                self.world.folder / "observer.pcap", "port", "53"]

    def complete(self):
        return self.pairs("pcap", self.world.folder / "observer.pcap")


class TcpdumpText(PacketSocket):
    key = "tcpdump_text"
    label = "tcpdump, text"

    def argv(self):
        return ["tcpdump", "-n", "-tt", "-i", SERVER_LINK, "-Z", "root", "port", "53"]

    def complete(self):
        return self.pairs("tcpdump", self.out)


class DnscapText(PacketSocket):
    key = "dnscap_text"
    label = "dnscap -g, text"

    def argv(self):
        return ["dnscap", "-N", "-i", SERVER_LINK, "-g"]

    def complete(self):
        return self.pairs("dnscap", self.err)


class DnscapFile(PacketSocket):
    key = "dnscap_file"
    label = "dnscap -w"

    def argv(self):
        return ["dnscap", "-N", "-i", SERVER_LINK, "-w", self.world.folder / "observer.dnscap"]

    def complete(self):
        files = sorted(self.world.folder.glob("observer.dnscap.*"))
        return self.pairs("pcap", files[0]) if files else 0


def lost_records(summary):
    """What nameflow says it lost, or None."""
    match = re.search(r'"records_lost":(\d+)', summary) or re.search(r"(\d+) (?:records )?lost", summary)
    return int(match[1]) if match else None
