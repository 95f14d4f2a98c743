# SPDX-License-Identifier: Apache-2.0
"""The measurements. Each returns plain data; rig/report.py says what is good."""

import ctypes
import json
import os
import re
import statistics
import sys
import time

from rig import observers
from rig.host import BenchError, Process, run

BPF_STATS_RUN_TIME = 0

RATE_OBSERVERS = [observers.Observer, observers.Empty, observers.Nameflow, observers.NameflowQuiet,
                  observers.TcpdumpFile, observers.TcpdumpText, observers.DnscapText,
                  observers.DnscapFile]
COMPLETE_OBSERVERS = [observers.Nameflow, observers.TcpdumpFile, observers.TcpdumpText,
                      observers.DnscapText]
BOUNDED = [("few", 5000), ("fresh", 5000), ("few", 20000), ("fresh", 20000)]


class Plan:
    """How long and how often."""

    def __init__(self, quick, rounds, store_rows=None):
        self.quick = quick
        self.rounds = rounds or (1 if quick else 5)
        self.seconds = 2 if quick else 5
        self.bounded = BOUNDED[2:] if quick else BOUNDED
        self.packets = 1000000 if quick else 5000000
        self.read_runs = 3 if quick else 5
        self.cost_packets = 100000 if quick else 400000
        self.store_rows = store_rows or (1000000 if quick else 10000000)
        self.store_rounds = 3 if quick else 7
        self.store_seconds = 5 if quick else 20


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def spread(values):
    values = [v for v in values if v is not None]
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "runs": len(values)}


def observe(world, kind, load):
    """One run: the observer's start, the load, the observer's end."""
    observer = kind(world)
    observer.start()
    try:
        result = {"load": load()}
        result["used"] = observer.stop()
        result["complete"] = observer.complete()
        if isinstance(observer, observers.Nameflow):
            result["summary"] = observer.summary()
        return result
    finally:
        if observer.process and observer.process.code is None:
            observer.process.stop()
        observer.remove_output()


def cpu_per_million(result, which):
    """Seconds of CPU per million transactions done; which: "user", "system" or both."""
    used, done = result["used"], result["load"]["done"]
    if not used or not done:
        return None
    return sum(used[f"{w}_s"] for w in which) / done * 1e6


def digest(runs):
    """Over all the runs of one observer."""
    out = {
        "rate": spread([r["load"]["rate"] for r in runs]),
        "done": sum(r["load"]["done"] for r in runs),
        "load_lost": sum(r["load"]["lost"] for r in runs),
        "user_s_per_million": spread([cpu_per_million(r, ["user"]) for r in runs]),
        "cpu_s_per_million": spread([cpu_per_million(r, ["user", "system"]) for r in runs]),
        "memory_kib": max((r["used"]["memory_kib"]["VmHWM"] for r in runs if r["used"]), default=None),
        "complete": None,
    }
    known = [r for r in runs if r["complete"] is not None]
    if known:
        out["complete"] = sum(r["complete"] for r in known) / max(1, sum(r["load"]["done"] for r in known))
    summaries = [r["summary"] for r in runs if "summary" in r]
    if summaries:
        out["summary"] = summaries[-1]
        out["memory_parts_kib"] = runs[-1]["used"]["memory_kib"]
    return out


def rates(world, plan):
    """dnsperf at full speed, interleaved: another one goes first in each round."""
    kinds = RATE_OBSERVERS[:-1] if plan.quick else RATE_OBSERVERS
    runs = {kind.key: [] for kind in kinds}
    for n in range(plan.rounds):
        say(f"dnsperf at full speed, round {n + 1} of {plan.rounds}")
        start = n % len(kinds)
        for kind in kinds[start:] + kinds[:start]:
            runs[kind.key].append(observe(world, kind, lambda: world.dnsperf(plan.seconds)))
    out = {}
    for kind in kinds:
        out[kind.key] = digest(runs[kind.key])
        out[kind.key]["label"] = kind.label
        # Against the same round: what the machine does meanwhile hits both.
        out[kind.key]["against_alone"] = spread(
            [r["load"]["rate"] / alone["load"]["rate"] for r, alone in zip(runs[kind.key], runs["alone"])])
    return out


def bounded(world, plan):
    """Completeness and CPU at rates that the machine holds easily."""
    out = []
    for ports, rate in plan.bounded:
        for kind in COMPLETE_OBSERVERS:
            say(f"{rate} queries/s, {ports} ports, {kind.label}")
            load = world.dnsperf if ports == "few" else world.fresh_ports
            runs = [observe(world, kind, lambda load=load, rate=rate: load(plan.seconds, rate))]
            out.append({"ports": ports, "target": rate, "key": kind.key, "label": kind.label,
                        **digest(runs)})
    return out


# ---- in the kernel ----

def programs():
    """Loaded BPF programs by id. What came with somebody else's has the same names: ids tell."""
    return {p["id"]: p for p in json.loads(run(["bpftool", "prog", "show", "-j"]) or "[]")}


class BpfStats:
    """Run times are kept while this is open; the kernel stops keeping them when we die."""

    def __enter__(self):
        try:
            self.fd = ctypes.CDLL("libbpf.so.1").bpf_enable_stats(BPF_STATS_RUN_TIME)
        except (OSError, AttributeError) as error:
            raise BenchError(f"libbpf: {error}") from error
        if self.fd < 0:
            raise BenchError("kernel: BPF statistics cannot be enabled (CAP_SYS_ADMIN?)")
        return self

    def __exit__(self, *_):
        os.close(self.fd)


def totals(own):
    """{group: (ns, runs)} of the programs by id -> group."""
    sums = {}
    for number, program in programs().items():
        if number in own:
            ns, runs = sums.get(own[number], (0, 0))
            sums[own[number]] = (ns + program.get("run_time_ns", 0), runs + program.get("run_cnt", 0))
    return sums


def group_of(program):
    name, kind = program.get("name", ""), program.get("type", "")
    if name.startswith("empty"):
        return "empty"
    if kind == "tracing" and name.startswith("packet"):
        return "packet"
    return "owner"


def cost_under_load(world, load, own):
    before = totals(own)
    load()
    time.sleep(0.1)
    after = totals(own)
    out = {}
    for group, (ns, runs) in after.items():
        ns0, runs0 = before.get(group, (0, 0))
        if runs > runs0:
            out[group] = {"ns": (ns - ns0) / (runs - runs0), "runs": runs - runs0}
    return out


COST_LINE = re.compile(r"^(other packet|DNS query|DNS response)\s+((?:-?\d+\s+){5}-?\d+)\s*$", re.M)


def cost_at_rest(world, plan):
    """bpf_cost: one packet after the other over loopback, nameflow's programs next to empty ones."""
    text = run([world.build / "bench" / "bpf_cost", plan.cost_packets], seconds=120)
    out = {}
    for what, numbers in COST_LINE.findall(text):
        queue, queue_empty, _, receive, receive_empty, _ = map(int, numbers.split())
        out[what] = {"queue": queue, "queue_empty": queue_empty, "receive": receive,
                     "receive_empty": receive_empty}
    if len(out) != 3:
        raise BenchError(f"bpf_cost printed something else than expected:\n{text}")
    return out


def kernel(world, plan):
    say("cost in the kernel, one packet after the other")
    out = {"at_rest": cost_at_rest(world, plan), "under_load": {}}
    loads = {"dns": lambda: world.dnsperf(plan.seconds), "other": lambda: world.other_traffic(plan.seconds)}
    if not plan.quick:
        loads["dns_fresh_ports"] = lambda: world.fresh_ports(plan.seconds, 20000)
    runs = {name: [] for name in loads}
    with BpfStats():
        for n in range(min(plan.rounds, 3)):
            say(f"cost in the kernel under load, round {n + 1}")
            known = programs()
            watchers = [observers.Empty(world), observers.Nameflow(world)]
            watchers[0].out, watchers[0].err = (world.folder / f"observer.empty.{n}" for n in ("out", "err"))
            try:
                for watcher in watchers:
                    watcher.start()
                own = {k: group_of(p) for k, p in programs().items() if k not in known}
                for name, load in loads.items():
                    runs[name].append(cost_under_load(world, load, own))
            finally:
                for watcher in watchers:
                    if watcher.process:
                        watcher.process.stop()
                    watcher.remove_output()
    for name, results in runs.items():
        out["under_load"][name] = {
            group: spread([r[group]["ns"] for r in results if group in r])
            for group in ("packet", "empty", "owner")}
        out["under_load"][name]["extra"] = spread(
            [r["packet"]["ns"] - r["empty"]["ns"] for r in results if "packet" in r and "empty" in r])
        out["under_load"][name]["runs"] = sum(r["packet"]["runs"] for r in results if "packet" in r)
    return out


# ---- files ----

def read_summary(world, plan):
    """`nameflow read --summary` on one processor, the file in the page cache."""
    path = world.folder / "capture.pcap"
    say(f"a capture of {plan.packets / 1e6:g} million packets")
    disk = os.statvfs(world.folder)
    need = plan.packets * 160
    if disk.f_bavail * disk.f_frsize < need:
        raise BenchError(f"{world.folder} lacks {need >> 20} MiB for the capture; set TMPDIR")
    made = json.loads(run([world.build / "bench" / "gen_capture", "--packets", plan.packets, path],
                          seconds=120))
    try:
        with open(path, "rb") as capture:
            while capture.read(1 << 22):
                pass
        runs = []
        for n in range(plan.read_runs):
            say(f"reading it, run {n + 1} of {plan.read_runs}")
            runs.append(_read_once(world, path))
    finally:
        path.unlink()
    packets = made["packets"]
    digits = re.sub(r"(?<=\d)[ ,'](?=\d{3})", "", runs[-1]["summary"])
    return {
        "capture": made,
        "packets_per_s": spread([packets / r["wall_s"] for r in runs]),
        "packets_per_cpu_s": spread([packets / r["cpu_s"] for r in runs]),
        "memory_kib": max(r["memory_kib"] for r in runs),
        "totals_agree": re.search(rf"\b{made['answered']}\b", digits) is not None,
        "summary": runs[-1]["summary"],
    }


def _read_once(world, path):
    out = world.folder / "read.out"
    cpu = max(os.sched_getaffinity(0))
    with open(out, "wb") as output:
        start = time.monotonic()
        process = Process([world.build / "nameflow", "read", path, "--summary"], stdout=output,
                          stderr=output, cpu=cpu)
        process.wait(300)
        wall = time.monotonic() - start
    summary = out.read_text(errors="replace")
    out.unlink()
    if process.code:
        raise BenchError(f"nameflow read --summary failed ({process.code}):\n{summary[-2000:]}")
    return {"wall_s": wall, "cpu_s": sum(process.used), "memory_kib": process.peak_kib,
            "summary": summary[-3000:]}
