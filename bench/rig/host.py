# SPDX-License-Identifier: Apache-2.0
"""Network namespaces, processes and facts of the machine.

Nothing here has a name outside this process: a namespace lives as long as the file that holds it
open, and every process started dies with us, so that even SIGKILL leaves nothing behind.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
TICK = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """What the person at the terminal is told; no traceback."""


def call(result, what):
    if result != 0:
        raise BenchError(f"{what}: {os.strerror(ctypes.get_errno())}")


def enter_netns(fd):
    call(libc.setns(fd, CLONE_NEWNET), "setns")


class Netns:
    """A network namespace without a name. As a context manager: this thread is inside."""

    def __init__(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        call(libc.unshare(CLONE_NEWNET), "making a network namespace")
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        enter_netns(self.home)

    def __enter__(self):
        enter_netns(self.fd)
        return self

    def __exit__(self, *_):
        enter_netns(self.home)

    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def close(self):
        os.close(self.fd)
        os.close(self.home)


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise BenchError(f"{what}: nothing after {seconds} s")
        time.sleep(0.02)


class Process:
    """A child in a namespace, with exact accounts of the CPU time it used."""

    alive = []

    def __init__(self, argv, netns=None, stdout=None, stderr=None, cpu=None):
        self.argv = [str(a) for a in argv]
        fd = netns.fd if netns else None
        parent = os.getpid()

        def in_child():
            if fd is not None:
                enter_netns(fd)
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        self.popen = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=stdout,
                                      stderr=stderr, preexec_fn=in_child, start_new_session=True)
        self.pid = self.popen.pid
        self.code = None
        self.started = (0.0, 0.0)
        self.used = None
        self.peak_kib = None
        Process.alive.append(self)

    def cpu(self):
        """(user, system) seconds until now."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) / TICK, int(fields[12]) / TICK

    def mark(self):
        """What was used until here is the start's, not the work's."""
        self.started = self.cpu()

    def running(self):
        return self.code is None and not self._reap(os.WNOHANG)

    def _reap(self, flags):
        pid, status, usage = os.wait4(self.pid, flags)
        if not pid:
            return False
        self.code = self.popen.returncode = os.waitstatus_to_exitcode(status)
        self.used = (usage.ru_utime - self.started[0], usage.ru_stime - self.started[1])
        self.peak_kib = usage.ru_maxrss
        Process.alive.remove(self)
        return True

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while self.running():
            if time.monotonic() > end:
                self.stop(signal.SIGKILL)
                raise BenchError(f"{self.argv[0]} did not end within {seconds:.0f} s")
            time.sleep(0.01)
        return self.code

    def stop(self, number=signal.SIGINT, seconds=20):
        if self.running():
            os.kill(self.pid, number)
            self.wait(seconds)
        return self.code

    def settle(self, seconds=4):
        """Waits until it has nothing to do any more."""
        end = time.monotonic() + seconds
        before = sum(self.cpu())
        while time.monotonic() < end:
            time.sleep(0.25)
            now = sum(self.cpu())
            if now - before <= 0.01:
                return
            before = now

    def memory(self):
        """KiB by the kernel's names."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return {k: int(v) for k, v in re.findall(r"^(Vm\w+|Rss\w+):\s+(\d+) kB", text, re.M)}


def stop_all():
    for process in list(Process.alive):
        try:
            process.stop(signal.SIGKILL)
        except (BenchError, OSError):
            pass


def run(argv, netns=None, seconds=60, check=True):
    """Runs a command to its end and returns what it printed."""
    read, write = os.pipe()
    with open(read, "rb") as output:
        process = Process(argv, netns, stdout=write, stderr=write)
        os.close(write)
        text = output.read().decode(errors="replace")
        process.wait(seconds)
    if check and process.code:
        raise BenchError(f"{' '.join(process.argv)} failed ({process.code}):\n{text.strip()}")
    return text


# ---- what is needed ----

TOOLS = {  # command: Debian package
    "knotd": "knot", "dnsperf": "dnsperf", "tcpdump": "tcpdump", "dnscap": "dnscap",
    "bpftool": "bpftool", "ip": "iproute2",
}


def check_tools(build, programs):
    if os.geteuid() != 0:
        raise BenchError("needs root, to load BPF programs and make network namespaces: sudo make bench")
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
    if missing:
        raise BenchError(f"missing: {' '.join(missing)}\n"
                         "scripts/setup bench installs them, or: apt-get install " + " ".join(missing))
    for program in programs:
        if not os.access(build / program, os.X_OK):
            raise BenchError(f"{build / program} is not there; build it with: make build")


# ---- facts ----

def first_match(pattern, text, default="unknown"):
    match = re.search(pattern, text, re.M)
    return match[1].strip() if match else default


def build_facts(build):
    options = build / "meson-info" / "intro-buildoptions.json"
    try:
        values = {o["name"]: o["value"] for o in json.loads(options.read_text())}
    except (OSError, ValueError):
        return "unknown"
    return f"{values['buildtype']}, b_ndebug={values['b_ndebug']}, b_sanitize={values['b_sanitize']}"


def version(argv, pattern):
    try:
        output = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return "missing"
    return first_match(pattern, output.stdout + output.stderr)


def busy():
    """Share of the processors' time that something else uses now."""
    def read():
        fields = [int(v) for v in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
        return sum(fields), fields[3] + fields[4]
    total, idle = read()
    time.sleep(1)
    total2, idle2 = read()
    return 1 - (idle2 - idle) / max(1, total2 - total)


def facts(build):
    cpuinfo = Path("/proc/cpuinfo").read_text()
    jit = Path("/proc/sys/net/core/bpf_jit_enable")
    uname = os.uname()
    return {
        "kernel": f"{uname.release} {uname.machine}",
        "cpu": first_match(r"^model name\s*:\s*(.*)$", cpuinfo, uname.machine),
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "bpf_jit": jit.read_text().strip() if jit.exists() else "unknown",
        "busy_before": round(busy(), 3),
        "nameflow": version([build / "nameflow", "--version"], r"(\d\S*)"),
        "build": build_facts(build),
        "knot": version(["knotd", "--version"], r"version (\S+)"),
        "dnsperf": version(["dnsperf", "-h"], r"Version (\S+)"),
        "tcpdump": version(["tcpdump", "--version"], r"tcpdump version (\S+)"),
        "dnscap": version(["dnscap", "-V"], r"version (\S+)"),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
