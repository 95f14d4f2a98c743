# SPDX-License-Identifier: Apache-2.0
"""The project's own checks must be able to fail."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def run(script, *args):
    return subprocess.run([SCRIPTS / script, *args], capture_output=True, text=True, check=False)


def make_tree(tmp_path, files):
    (tmp_path / "src").mkdir()
    (tmp_path / "bpf").mkdir()
    for module in ("abi", "base", "dns", "pkt", "tap", "agent"):
        (tmp_path / "src" / module).mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_includes_in_the_right_direction(tmp_path):
    tree = make_tree(tmp_path, {
        "src/dns/name.c": '#include "dns/name.h"\n#include "base/buf.h"\n#include <string.h>\n',
        "src/tap/live.c": '#include "tap/live.h"\n#include "abi/ring.h"\n#include "tap.skel.h"\n'
                          '#include <bpf/libbpf.h>\n',
        "src/agent/main.c": '#include "tap/live.h"\n#include "dns/name.h"\n',
        "bpf/tap.bpf.c": '#include "abi/ring.h"\n#include "common.bpf.h"\n'
                         '#include <bpf/bpf_helpers.h>\n',
        "bpf/common.bpf.h": "",
    })
    result = run("check-includes", tree)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name, line, reason", [
    ("src/tap/live.c", '#include "dns/name.h"', "tap may include only: tap abi base"),
    ("src/dns/name.c", '#include "pkt/pkt.h"', "dns may include only"),
    ("src/base/buf.c", '#  include "agent/agent.h"', "base may include only: base abi"),
    ("src/dns/name.c", '#include "name.h"', "named by their module"),
    ("src/dns/name.c", "#include <base/buf.h>", 'write "base/buf.h"'),
    ("src/agent/main.c", '#include "tap.skel.h"', "only tap may load"),
    ("bpf/tap.bpf.c", '#include "base/buf.h"', "only abi/"),
])
def test_includes_in_the_wrong_direction(tmp_path, name, line, reason):
    tree = make_tree(tmp_path, {name: f"/* text */\n{line}\n"})
    result = run("check-includes", tree)
    assert result.returncode == 1
    assert f"{name}:2: includes" in result.stderr
    assert reason in result.stderr


def test_module_without_edges(tmp_path):
    tree = make_tree(tmp_path, {"src/base/buf.c": ""})
    (tree / "src" / "novel").mkdir()
    result = run("check-includes", tree)
    assert result.returncode == 1
    assert "src/novel: not in the table" in result.stderr


def count(tmp_path, *tests):
    log = tmp_path / "testlog.json"
    log.write_text("".join(json.dumps(t) + "\n" for t in tests), encoding="utf-8")
    return run("count-tests", log)


CMOCKA_GOOD = "[==========] Running 3 test(s).\n[  PASSED  ] 3 test(s).\n"
CMOCKA_BAD = ("[==========] 3 test(s) run.\n[  PASSED  ] 2 test(s).\n"
              "[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] thing\n\n 1 FAILED TEST(S)\n")


def test_counts_single_cases(tmp_path):
    result = count(tmp_path,
                   {"result": "OK", "stderr": CMOCKA_GOOD},
                   {"result": "OK", "stdout": "..s\n2 passed, 1 skipped in 0.52s\n"},
                   {"result": "OK", "stdout": "=== 4 passed in 61.02s (0:01:01) ===\n"},
                   {"result": "OK"})
    assert result.stdout == "10 passed, 0 failed, 1 skipped\n"
    assert result.returncode == 0


def test_counts_cases_of_the_console(tmp_path):
    result = count(tmp_path,
                   {"result": "OK", "stdout": "\x1b[2m      Tests \x1b[22m \x1b[32m70 passed\x1b[39m\x1b[90m (70)\x1b[39m\n"},
                   {"result": "FAIL", "stdout": "ℹ tests 24\nℹ pass 21\nℹ fail 2\nℹ skipped 1\n"})
    assert result.stdout == "91 passed, 2 failed, 1 skipped\n"


def test_counts_failures(tmp_path):
    result = count(tmp_path,
                   {"result": "FAIL", "stderr": CMOCKA_BAD},
                   {"result": "FAIL", "stdout": "=== 1 failed, 2 passed, 1 error in 1.0s ===\n"},
                   {"result": "TIMEOUT", "stdout": CMOCKA_GOOD},
                   {"result": "FAIL"},
                   {"result": "SKIP"})
    assert result.stdout == "7 passed, 5 failed, 1 skipped\n"
    assert result.returncode == 1


def test_nothing_run_is_a_failure(tmp_path):
    assert count(tmp_path).returncode == 1


@pytest.fixture
def without_sudo(tmp_path):
    """as-root where there is no sudo to find, and an id that says it is not root."""
    shutil.copy(SCRIPTS / "as-root", tmp_path / "as-root")
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n", encoding="ascii")
    (tmp_path / "id").chmod(0o755)
    script = (tmp_path / "as-root").read_text(encoding="utf-8")
    (tmp_path / "as-root").write_text(script.replace(":/usr/local/sbin:/usr/sbin:/sbin", ""),
                                      encoding="utf-8")

    def call(*args):
        return subprocess.run(["/bin/sh", tmp_path / "as-root", *args], capture_output=True,
                              text=True, check=False, env={"PATH": str(tmp_path)})
    return call


def test_as_root_without_sudo(without_sudo):
    result = without_sudo("echo", "done")
    assert (result.returncode, result.stdout) == (1, "")
    assert "needs root" in result.stderr
    assert without_sudo("--or-skip", "echo", "done").returncode == 77


@pytest.mark.skipif(os.geteuid() != 0, reason="is about root")
def test_as_root_as_root():
    assert run("as-root", "--or-skip", "echo", "a b").stdout == "a b\n"
