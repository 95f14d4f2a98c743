# SPDX-License-Identifier: Apache-2.0
"""Programs on a terminal: a pseudo terminal of a given size, or a screen that tmux keeps."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time

from lab import die_with_parent, wait_until

ESCAPES = re.compile(r"\033\[[0-9;?]*[A-Za-z]")


def on_terminal(args, columns=80, rows=24, timeout=60, **environment):
    """Runs a program to its end on a terminal; its output as text with escapes, and exit code."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment}
    env = {key: value for key, value in env.items() if value is not None}
    process = subprocess.Popen(args, stdin=slave, stdout=slave, stderr=subprocess.STDOUT, env=env,
                               preexec_fn=die_with_parent)
    os.close(slave)
    output = b""
    end = time.monotonic() + timeout
    try:
        while time.monotonic() < end:
            if not select.select([master], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
        code = process.wait(10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(master)
    return output.decode("utf-8").replace("\r\n", "\n"), code


def plain(text):
    return ESCAPES.sub("", text)


class Screen:
    """A shell in a tmux of its own, whose screen can be read while programs run in it."""

    def __init__(self, columns=80, rows=24):
        self.name = f"nfsys-{os.getpid()}-{id(self):x}"
        self.size = columns, rows
        self.asked = 0

    def tmux(self, *args, check=True):
        return subprocess.run(["tmux", "-L", self.name, *args], capture_output=True, text=True,
                              timeout=20, check=check).stdout

    def __enter__(self):
        shell = shutil.which("bash") or "sh"
        columns, rows = self.size
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                  f"env LC_ALL=C.UTF-8 PS1='ready> ' {shell} --norc --noprofile",
                  ";", "set", "-g", "status", "off")
        self.wait("ready>")
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)

    def text(self):
        return self.tmux("capture-pane", "-p")

    def lines(self):
        return self.text().rstrip("\n").split("\n")

    def type(self, *keys):
        for key in keys:
            self.tmux("send-keys", key)

    def write(self, text):
        self.tmux("send-keys", "-l", text)

    def command(self, line):
        self.write(line)
        self.type("Enter")

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait(self, *words, absent=(), seconds=20):
        """Until all of these are on the screen."""
        def seen():
            text = self.text()
            return all(w in text for w in words) and not any(w in text for w in absent)
        try:
            wait_until(seen, seconds, f"{words} on the screen")
        except BaseException:
            print(self.text())
            raise
        return self.text()

    def modes(self):
        """A number that stands for the terminal's settings."""
        self.asked += 1
        self.command(f"clear; echo modes-{self.asked} $(stty -a | cksum) end")
        found = re.compile(rf"^modes-{self.asked} (\d+) \d+ end$", re.M)
        wait_until(lambda: found.search(self.text()), 20, "what stty says")
        return found.search(self.text())[1]
