# SPDX-License-Identifier: Apache-2.0
"""Network namespaces for one test session, joined by veth pairs, that leave nothing behind.

Names begin with PREFIX and the process id of the session, so that a later session knows whose
namespaces it finds and removes those of sessions that were killed.
"""

import ctypes
import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PREFIX = "nfsys"
NETNS_DIR = Path("/run/netns")

# Addresses of this session: IPv4 out of 198.18.0.0/15 (RFC 2544, benchmarks), IPv6 out of fd00::/8.
# The process id makes two sessions at once unlikely to meet in a trace of the whole host.
SESSION = os.getpid() & 0xFF

_numbers = itertools.count()
_libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def command(*args, **kwargs):
    """Runs a command to its end; what it printed becomes part of the error when it fails."""
    result = subprocess.run([str(a) for a in args], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, check=False, **kwargs)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(str(a) for a in args)}: exit code {result.returncode}\n"
                           f"{result.stdout}{result.stderr}")
    return result.stdout


def die_with_parent():
    """For preexec_fn: no server outlives a test session that was killed. AppArmor's profiles of
    Debian's servers would not let them read a test's folder, so they run unconfined."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        with open("/proc/self/attr/apparmor/exec", "w", encoding="ascii") as f:
            f.write("exec unconfined")
    except OSError:
        pass


def run_first():
    """For preexec_fn: before everything that is not real-time."""
    die_with_parent()
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    except PermissionError:
        pass


class Namespace:
    """A network namespace with its loopback up. Use as a context manager."""

    def __init__(self, label):
        self.name = f"{PREFIX}-{os.getpid()}-{next(_numbers)}-{label}"
        self.processes = []
        command("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def __str__(self):
        return self.name

    @property
    def inode(self):
        return os.stat(NETNS_DIR / self.name).st_ino

    def ip(self, *args):
        return command("ip", "-n", self.name, *args)

    def wrap(self, args, files=None):
        """The command line that runs args in here. `files` are laid over files of /etc (name ->
        path), in a mount namespace of the command's own."""
        prefix = ["nsenter", f"--net={NETNS_DIR / self.name}"]
        if files:
            binds = "".join(f"mount --bind '{path}' /etc/{name} && "
                            for name, path in files.items())
            prefix += ["unshare", "--mount", "sh", "-c", binds + 'exec "$@"', "sh"]
        return prefix + [str(a) for a in args]

    def popen(self, *args, files=None, **kwargs):
        """Starts a command in here; its process id is that of the command itself."""
        process = subprocess.Popen(self.wrap(args, files), stdin=subprocess.DEVNULL,
                                   preexec_fn=die_with_parent, **kwargs)
        self.processes.append(process)
        return process

    def run(self, *args, files=None, timeout=60, realtime=False):
        """Runs a command in here and returns (its process id, its standard output)."""
        with subprocess.Popen(self.wrap(args, files), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=run_first if realtime else die_with_parent) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(str(a) for a in args)}: exit code "
                               f"{process.returncode}\n{out}{err}")
        return process.pid, out

    def remove(self):
        for process in self.processes:
            stop(process)
        if (NETNS_DIR / self.name).exists():
            subprocess.run(["ip", "netns", "del", self.name], check=False)


def stop(process, patience=3.0):
    """Ends a process of ours, politely at first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def connect(left, left_device, right, right_device):
    """A veth pair between two namespaces, up, with the sizes of hardware's offloads left on."""
    command("ip", "-n", left, "link", "add", left_device, "type", "veth", "peer", "name",
            right_device, "netns", right)
    for namespace, device in ((left, left_device), (right, right_device)):
        namespace.ip("link", "set", device, "up")


def add_address(namespace, device, v4, v6):
    namespace.ip("addr", "add", f"{v4}/24", "dev", device)
    namespace.ip("addr", "add", f"{v6}/64", "dev", device, "nodad")


class Link:
    """The addresses of one subnet of the session."""

    def __init__(self, number):
        self.net4 = f"198.18.{(SESSION + number) & 0xFF}"
        self.net6 = f"fd6e:6616:{SESSION:x}:{number:x}:"

    def v4(self, host):
        return f"{self.net4}.{host}"

    def v6(self, host):
        return f"{self.net6}:{host:x}"


def temporary_folder():
    """A folder that goes with the context, or with the next session."""
    return tempfile.TemporaryDirectory(prefix=f"{PREFIX}-{os.getpid()}-")


def remove_stale():
    """Removes what sessions left that were killed, with the processes in there."""
    for folder in (NETNS_DIR, Path(tempfile.gettempdir())):
        for entry in folder.iterdir() if folder.is_dir() else ():
            match = re.match(rf"{PREFIX}-(\d+)-", entry.name)
            if not match or Path(f"/proc/{match[1]}").exists():
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
                continue
            pids = subprocess.run(["ip", "netns", "pids", entry.name], capture_output=True,
                                  text=True, check=False).stdout.split()
            for pid in pids:
                os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", entry.name], check=False)


def wait_until(condition, seconds=10.0, what="condition"):
    """Polls until condition() is true; its last value is returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
