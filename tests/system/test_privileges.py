# SPDX-License-Identifier: Apache-2.0
"""What nameflow says where it may not or cannot do its work."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import temporary_folder
from runner import NAMEFLOW, nameflow

NOT_ALLOWED = 77

# In a mount namespace of its own, so that the machine keeps what is hidden.
HIDE_BTF = """
mount -t tmpfs none /sys/kernel/btf
for place in /boot /lib/modules /usr/lib/debug; do
    [ ! -d "$place" ] || mount -t tmpfs none "$place"
done
"""
HIDE_CGROUP2 = """
awk '$3 == "cgroup2" {print $2}' /proc/mounts | sort -r | while read -r place; do
    umount -l "$place"
done
"""


@pytest.fixture(scope="module")
def program():
    """A copy that anybody may run, wherever the checkout is."""
    with temporary_folder() as folder:
        os.chmod(folder, 0o755)
        copy = Path(folder) / "nameflow"
        shutil.copy(NAMEFLOW, copy)
        copy.chmod(0o755)
        yield copy


def run(program, *args, script=None, nobody=False):
    prefix = []
    if script:
        prefix = ["unshare", "--mount", "sh", "-ec", script + 'exec "$@"', "sh"]
    if nobody:
        prefix += ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    return subprocess.run([*prefix, program, *args], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False, cwd="/")


def probes(result):
    """What `doctor --json` says: name -> probe."""
    return {p["name"]: p for p in map(json.loads, result.stdout.splitlines())}


def test_trace_as_nobody(program):
    result = run(program, "trace", nobody=True)
    assert result.returncode == NOT_ALLOWED
    assert "run as root" in result.stderr
    assert "cap_bpf" in result.stderr
    assert result.stdout == ""


def test_serve_as_nobody(program):
    result = run(program, "serve", nobody=True)
    assert result.returncode == NOT_ALLOWED
    assert "run as root" in result.stderr
    assert result.stdout == ""


def test_serve_as_nobody_in_a_folder_of_theirs(program):
    """What is missing then is BPF, and nothing is left of the attempt but the folder."""
    with temporary_folder() as folder:
        os.chmod(folder, 0o777)
        result = run(program, "serve", "--state", f"{folder}/state", "--socket",
                     f"{folder}/run/api.sock", "--store", "none", nobody=True)
        assert result.returncode == NOT_ALLOWED
        assert "cap_bpf" in result.stderr
        assert {p.name for p in Path(folder).rglob("*")} == {"state", "agent.lock"}


def test_demo_as_nobody(program):
    result = run(program, "demo", nobody=True)
    assert result.returncode == NOT_ALLOWED
    assert "root" in result.stderr


def test_doctor_as_nobody(program):
    result = run(program, "doctor", nobody=True)
    assert result.returncode == NOT_ALLOWED
    assert "cap_bpf" in result.stdout.lower()


def test_read_needs_no_privileges(program):
    result = run(program, "read", "-", nobody=True)
    assert result.returncode == 1
    assert "standard input is empty" in result.stderr


def test_trace_without_btf(program):
    result = run(program, "trace", script=HIDE_BTF)
    assert result.returncode == NOT_ALLOWED
    assert "BTF" in result.stderr
    assert "CONFIG_DEBUG_INFO_BTF" in result.stderr


def test_doctor_without_btf(program):
    result = run(program, "doctor", script=HIDE_BTF)
    assert result.returncode == NOT_ALLOWED
    assert "BTF" in result.stdout


def test_trace_without_cgroup2(program):
    """Packets are seen all the same; only who asked stays unknown, and that is said."""
    result = run(program, "trace", "--for", "1s", script=HIDE_CGROUP2)
    assert result.returncode == 0, result.stderr
    assert "cgroup" in result.stderr


def test_doctor_without_cgroup2(program):
    result = run(program, "doctor", script=HIDE_CGROUP2)
    assert "cgroup v2" in result.stdout
    assert "mount" in result.stdout


def test_doctor_as_root():
    result = nameflow("doctor")
    assert result.returncode == 0, result.stdout + result.stderr
    for word in ("BTF", "ring buffer", "cgroup"):
        assert word in result.stdout
    assert all(p["status"] for p in probes(nameflow("doctor", "--json")).values())
