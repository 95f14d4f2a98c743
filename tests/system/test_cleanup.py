# SPDX-License-Identifier: Apache-2.0
"""Whenever and however nameflow ends, nothing of it stays: no BPF program, map or link, no cgroup
attachment, no namespace, process or file."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lab import PREFIX, command, temporary_folder, wait_until
from runner import NAMEFLOW

SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
FOLDERS = ["/tmp", "/run", "/dev/shm", "/sys/fs/bpf", "/etc/netns", "/run/netns", "/var/tmp"]


def bpf_objects():
    """(kind, id) of everything that the kernel holds, but for what a living process other than
    ours holds: somebody else's tracing may come and go meanwhile."""
    found = set()
    for kind in ("prog", "map", "link"):
        for item in json.loads(command("bpftool", "--json", kind, "show") or "[]"):
            holders = [p["pid"] for p in item.get("pids", [])]
            if not any(Path(f"/proc/{pid}").exists() for pid in holders):
                found.add((kind, item["id"]))
    return found


def cgroup_attachments():
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()
              if line.split()[2] == "cgroup2"]
    found = set()
    for mount in mounts:
        for group in json.loads(command("bpftool", "--json", "cgroup", "tree", mount) or "[]"):
            for program in group.get("programs", []):
                found.add((group["cgroup"], program["id"]))
    return found


def files():
    return {str(p) for folder in FOLDERS if os.path.isdir(folder) for p in Path(folder).iterdir()
            if "nameflow" in p.name or (folder in ("/sys/fs/bpf", "/run/netns", "/etc/netns")
                                        and not p.name.startswith(PREFIX))}


def devices():
    return set(os.listdir("/sys/class/net"))


def processes_of(session):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def assert_nothing_left(before, session):
    objects, attachments, names, links = before

    def leftovers():
        return {"processes": processes_of(session), "bpf": bpf_objects() - objects,
                "cgroups": cgroup_attachments() - attachments, "files": files() - names,
                "devices": devices() - links}
    last = {}

    def clean():
        last.update(leftovers())
        return not any(last.values())
    try:
        # The kernel frees programs and namespaces a little later than it ends their owner.
        wait_until(clean, 5)
    except TimeoutError:
        pytest.fail(f"left behind: {last}")


def run_and_end(args, number, delay, to_group=False):
    """to_group: as Ctrl-C on a terminal does it."""
    before = bpf_objects(), cgroup_attachments(), files(), devices()
    process = subprocess.Popen([NAMEFLOW, *args], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        time.sleep(delay)
        if to_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, err = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    # Before its handlers are in place a signal may end it as any program.
    assert process.returncode in ((-number,) if number == signal.SIGKILL else (0, -number)), err
    assert_nothing_left(before, process.pid)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_trace_killed_at_any_moment(number):
    """Mostly while it starts, which takes a fraction of a second."""
    moments = random.Random(2)
    for _ in range(6):
        run_and_end(["trace"], number, moments.uniform(0, 1.0))


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_agent_killed_at_any_moment(number):
    """What it keeps is in its state folder, which is its purpose; the rest goes with it."""
    moments = random.Random(4)
    for _ in range(4):
        with temporary_folder() as folder:
            run_and_end(["serve", "--state", f"{folder}/state", "--socket", f"{folder}/api.sock",
                         "--listen", "127.0.0.1:0", "--store", "memory"], number,
                        moments.uniform(0, 1.0))
            left = {p.name for p in Path(folder).rglob("*") if p.is_file()}
            assert left <= {"agent.lock", "ledger", "token"}
            assert number == signal.SIGKILL or not Path(folder, "api.sock").exists()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_demo_killed_at_any_moment(number):
    moments = random.Random(3)
    for limit in (0.3, 1.0, 3.0):
        run_and_end(["demo"], number, moments.uniform(0, limit))


def test_demo_on_ctrl_c():
    run_and_end(["demo"], signal.SIGINT, 2.0, to_group=True)


def test_closed_pipe():
    """`nameflow demo | head -1`: when the reader goes, nameflow ends, without an error's noise."""
    before = bpf_objects(), cgroup_attachments(), files(), devices()
    process = subprocess.Popen([NAMEFLOW, "demo", "--json", "--for", "30s"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, start_new_session=True)
    assert json.loads(process.stdout.readline())["qname"]
    process.stdout.close()
    started = time.monotonic()
    err = process.stderr.read()
    process.wait(20)
    assert time.monotonic() - started < 10
    assert process.returncode in (0, -signal.SIGPIPE), err
    assert b"writing" not in err
    assert_nothing_left(before, process.pid)
