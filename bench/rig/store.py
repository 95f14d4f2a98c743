# SPDX-License-Identifier: Apache-2.0
"""The store: a day of transactions written, asked, and asked while more come in.

Everything is measured inside `store_bench`; the goals stand next to the questions.
"""

import json
import os
import shutil

from rig.host import BenchError, run
from rig.measure import say
from rig.report import Lines, number

BYTES_PER_ROW = 45
CPU_S_PER_MILLION = 5.0
BURST_ROWS_PER_S = 100_000
REST_MIB = 120
WORST_MIB = 250
INGEST_ROWS_PER_S = 5000
INGEST_SLOWDOWN = 2

# Median, warm, ms.
GOALS = {
    "top names, 24 h": 300,
    "top names, 1 h": 50,
    "p99 by server, 24 h": 100,
    "p99 by name, 24 h": 800,
    "rcode per 5 min, 24 h": 50,
    "newest 100 of a suffix, slow": 50,
    "by id, 5 min": 20,
    "top names of a process, 24 h": 150,
}


def measure(world, plan):
    store = world.folder / "store"
    disk = os.statvfs(world.folder)
    need = plan.store_rows * 60 + (1 << 30)
    if disk.f_bavail * disk.f_frsize < need:
        raise BenchError(f"{world.folder} lacks {need >> 20} MiB for the store; set TMPDIR")

    # The program looks beside itself, which is one folder up here.
    beside = world.build / "libduckdb.so"
    if beside.exists():
        os.environ.setdefault("NAMEFLOW_DUCKDB", str(beside))

    def bench(command, *options):
        text = run([world.build / "bench" / "store_bench", command, store, *options],
                   seconds=600 + plan.store_rows // 20000)
        *notices, figures = text.strip().splitlines()
        for notice in notices:
            say(notice)
        try:
            return json.loads(figures)
        except json.JSONDecodeError:
            raise BenchError(f"store_bench {command}: {text[-2000:]}") from None

    try:
        say(f"a store of {plan.store_rows / 1e6:g} million transactions")
        out = {"fill": bench("fill", "--rows", plan.store_rows)}
        say("asking it")
        out["ask"] = bench("ask", "--rounds", plan.store_rounds)
        say(f"asking it while {INGEST_ROWS_PER_S} transactions a second come in")
        out["ask_busy"] = bench("ask", "--rounds", plan.store_rounds, "--ingest", INGEST_ROWS_PER_S)
        say(f"{INGEST_ROWS_PER_S} transactions a second")
        out["ingest"] = bench("ingest", "--rate", INGEST_ROWS_PER_S, "--seconds", plan.store_seconds)
        return out
    finally:
        shutil.rmtree(store, ignore_errors=True)


def report(data):
    fill, ask, busy, ingest = (data[k] for k in ("fill", "ask", "ask_busy", "ingest"))
    print(f"\nThe store, {ask['rows'] / 1e6:.1f} million transactions over 24 h; ms, warm\n")
    lines = Lines()
    while_busy = {q["question"]: q["median_ms"] for q in busy["questions"]}
    for q in ask["questions"]:
        goal = GOALS[q["question"]]
        lines.add(f"{q['question']} ({q['source']})", number(q["median_ms"], 1), f"max {number(q['max_ms'], 1)}",
                  f"< {goal}", q["median_ms"] < goal)
        busy_ms = while_busy[q["question"]]
        lines.add("    while transactions come in", number(busy_ms, 1), "", f"< {INGEST_SLOWDOWN * goal}",
                  busy_ms < INGEST_SLOWDOWN * goal)
    lines.print()
    print()
    lines = Lines()
    lines.add("bytes a transaction on disk", number(fill["bytes_per_row"], 1), "", f"<= {BYTES_PER_ROW}",
              fill["bytes_per_row"] <= BYTES_PER_ROW)
    lines.add("burst, transactions per second", number(fill["rows_per_second"]), "", f">= {BURST_ROWS_PER_S}",
              fill["rows_per_second"] >= BURST_ROWS_PER_S)
    lines.add(f"CPU s per million at {INGEST_ROWS_PER_S}/s", number(ingest["cpu_s_per_million"], 2), "",
              f"<= {CPU_S_PER_MILLION}", ingest["cpu_s_per_million"] <= CPU_S_PER_MILLION)
    lines.add("CPU s per million of making the rows, not in it", number(ingest["generator_cpu_s_per_million"], 2))
    lines.add("longest commit, ms", number(ingest["commit_ms_max"]))
    lines.add("dropped", number(fill["dropped"] + ingest["dropped"] + busy["dropped"]), "", "0",
              fill["dropped"] + ingest["dropped"] + busy["dropped"] == 0)
    lines.add("opening, ms", number(ask["open_ms"]), "", "< 1000", ask["open_ms"] < 1000)
    lines.add("resident memory at rest, MiB", number(ask["rest_mib"]), "", f"<= {REST_MIB}",
              ask["rest_mib"] <= REST_MIB)
    worst = max(busy["questions"] + ask["questions"], key=lambda q: q["peak_mib"])
    lines.add("at the worst question, MiB", number(worst["peak_mib"]), worst["question"], f"<= {WORST_MIB}",
              worst["peak_mib"] <= WORST_MIB)
    lines.print()
