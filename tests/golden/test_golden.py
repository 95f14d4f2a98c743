# SPDX-License-Identifier: Apache-2.0
"""Captures through the whole program: against lines that were looked at and kept (*.jsonl), and
against what an independent decoder finds. Differences of the second kind are listed, with their
reason, in known_differences.toml; one that is not listed fails, and so does an entry without a
difference."""
import concurrent.futures
import difflib
import fnmatch
import glob
import json
import os
import shutil
import sys
import tomllib

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "captures")]
import compare  # noqa: E402
import make  # noqa: E402
import records  # noqa: E402
import reference  # noqa: E402

# Captures whose DNS is not on port 53.
PORTS = {
    "*8053*": [53, 8053],
    "*llmnr*": [53, 5355, 5353],
    "*mdns*": [53, 5355, 5353],
    "suricata--dns--dns-incomplete--*": [53, 5353],
    "suricata--dns--dns-truncated-rname--*": [53, 1053],
}
OUT_OF_ORDER = {"tcp_out_of_order.pcap", "tcp_overlap.pcap"}
OWN = sorted(make.CAPTURES)
SHARED = sorted(os.path.basename(p) for p in glob.glob(os.path.join(compare.shared(), "*.pcap*")))

needs_binary = pytest.mark.skipif(not compare.binary(), reason="build/nameflow is not built (NAMEFLOW_BIN)")
needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


def ports_of(file):
    return next((ports for pattern, ports in PORTS.items() if fnmatch.fnmatch(file, pattern)), [53])


def golden_path(file):
    return os.path.join(HERE, file.split(".")[0] + ".jsonl")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("captures")
    make.main(str(path), [])
    return path


@pytest.fixture(scope="session")
def decoded(folder, request):
    """tshark's messages by file; it takes half a second to start, so all that the chosen tests need
    are begun at once."""
    files = {item.callspec.params["file"] for item in request.session.items if hasattr(item, "callspec")}
    paths = {file: os.path.join(folder if file in OWN else compare.shared(), file) for file in sorted(files)}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield {file: (path, pool.submit(reference.messages, path, ports_of(file), file in OUT_OF_ORDER))
               for file, path in paths.items()}
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def known():
    with open(os.path.join(HERE, "known_differences.toml"), "rb") as f:
        entries = tomllib.load(f)["difference"]
    assert all(entry.get("reason") for entry in entries), "an entry without a reason"
    return entries


@needs_binary
@pytest.mark.parametrize("file", OWN)
def test_kept_lines(file, folder):
    with open(golden_path(file), encoding="utf-8") as f:
        expected = f.read().splitlines()
    got = compare.read(os.path.join(folder, file), ports_of(file))
    assert got == expected, "\n".join(difflib.unified_diff(expected, got, "kept", "now", lineterm="", n=0))


def test_every_kept_file_has_a_capture():
    kept = {os.path.basename(p) for p in glob.glob(os.path.join(HERE, "*.jsonl"))}
    assert kept == {os.path.basename(golden_path(file)) for file in OWN}


@needs_binary
@needs_tshark
@pytest.mark.parametrize("file", OWN + SHARED)
def test_independent_decoder(file, decoded, known):
    path, future = decoded[file]
    messages, broken = future.result()
    lines = compare.read(path, ports_of(file), check=not broken)
    differences = compare.compare(file, lines, messages, ports_of(file))
    unexplained, stale = compare.explain(differences, [e for e in known if e["file"] == file])
    assert not unexplained, "\n".join(map(str, unexplained))
    assert not stale, f"nothing differs any more (or not as often): {stale}"


@needs_binary
@needs_tshark
@pytest.mark.parametrize("file", OWN + SHARED)
def test_record_data(file, decoded):
    path, future = decoded[file]
    messages, broken = future.result()
    responses = {(m.time_ns, m.id): m for m in messages
                 if isinstance(m, reference.Message) and m.is_response and m.wire}
    out, compared = [], 0
    for line in compare.read(path, ports_of(file), check=not broken):
        record = json.loads(line)
        at = compare.nanoseconds(record["time"]) + record.get("latency_us", 0) * 1000
        m = next((m for (t, ident), m in responses.items() if abs(t - at) < 1000 and ident == record["id"]), None)
        if m and "rcode" in record:
            found = records.differences(record, m)
            compared += found is not None
            out += found or []
    assert not out, "\n".join(out)
    if file == "rr_types.pcap":
        assert compared == len(make.messages.RECORDS)


if not SHARED:
    def test_shared_captures():
        pytest.skip(f"no captures in {compare.shared()} (NAMEFLOW_SHARED)")


@pytest.mark.skipif(not SHARED, reason="the shared captures are not here")
def test_known_differences_name_captures(known):
    assert {entry["file"] for entry in known} <= set(OWN + SHARED)
