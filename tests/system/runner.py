# SPDX-License-Identifier: Apache-2.0
"""Runs nameflow in the initial network namespace and collects what it reports."""

import json
import os
import signal
import subprocess
from pathlib import Path

from lab import die_with_parent, temporary_folder, wait_until

ROOT = Path(__file__).resolve().parents[2]
NAMEFLOW = os.environ.get("NAMEFLOW", str(ROOT / "build-test" / "nameflow"))

READY = "nameflow: tracing"


def nameflow(*args, timeout=60, prefix=(), stdin_text="", **kwargs):
    """Runs nameflow to its end."""
    return subprocess.run([*prefix, NAMEFLOW, *args], capture_output=True, text=True,
                          input=stdin_text, timeout=timeout, check=False, **kwargs)


class Trace:
    """`nameflow trace --json` while the block runs; afterwards its records and summary.

    with Trace() as trace:
        ...traffic...
    trace.records, trace.summary
    """

    def __init__(self, *args):
        self._files = temporary_folder()
        folder = Path(self._files.name)
        self._out, self._err = folder / "out", folder / "err"
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            self.process = subprocess.Popen([NAMEFLOW, "trace", "--json", "--socket", "none",
                                             *args], stdout=out,
                                            stderr=err, stdin=subprocess.DEVNULL,
                                            preexec_fn=die_with_parent)
        self.records, self.summary = [], {}

    def stderr(self):
        return self._err.read_text(encoding="utf-8", errors="replace")

    def _ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"nameflow ended with {self.process.returncode}\n{self.stderr()}")
        return READY in self.stderr()

    def __enter__(self):
        try:
            wait_until(self._ready, 20, "nameflow's readiness")
        except BaseException:
            self._end(signal.SIGKILL)
            self._files.cleanup()
            raise
        return self

    def _end(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def __exit__(self, kind, *_):
        self._end(signal.SIGINT)
        err = self.stderr()
        lines = self._out.read_text(encoding="utf-8").splitlines()
        self._files.cleanup()
        if kind:
            return
        if self.process.returncode != 0:
            raise RuntimeError(f"nameflow ended with {self.process.returncode}\n{err}")
        self.records = [json.loads(line) for line in lines]
        for line in err.splitlines():
            if line.startswith("nameflow: {"):
                self.summary = json.loads(line.partition(" ")[2])

    def of(self, *servers):
        """The records whose server is one of these addresses."""
        return [r for r in self.records if r["server"] in servers]

    def account(self, *servers):
        """For the message of a failed assertion: what was reported beside these servers' records."""
        rest = [r for r in self.records if r["server"] not in servers]
        return f"summary {json.dumps(self.summary)}\nother records {json.dumps(rest)}"
