# SPDX-License-Identifier: Apache-2.0
"""query, export and import on a store's folder, with the records of the golden tests."""

import csv
import ctypes
import gzip
import io
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from lab import die_with_parent, wait_until
from runner import NAMEFLOW, ROOT, nameflow
from terminal import on_terminal, plain

sys.path.insert(0, str(ROOT / "tests" / "captures"))
import make  # noqa: E402  (the project's own captures)

GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.jsonl"))
LIBRARY = Path(NAMEFLOW).parent / "libduckdb.so"
RANGE = ["--since", "2023-11-14", "--until", "2023-11-16"]


def read_lines(text):
    return [json.loads(line) for line in text.splitlines()]


RECORDS = sorted((r for f in GOLDEN for r in read_lines(f.read_text(encoding="utf-8"))),
                 key=lambda r: r["time"])


def good(*args, **kwargs):
    result = nameflow(*args, **kwargs)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module", autouse=True)
def the_engine():
    if not LIBRARY.exists():
        pytest.skip("built without the store's engine")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "golden"
    good("import", *map(str, GOLDEN), "--store", str(folder))
    return str(folder)


@pytest.fixture(scope="module")
def query(store):
    return lambda *args: good("query", "--store", store, *RANGE, *args)


# ---- transactions ----

def without_seq(records):
    for r in records:
        assert r.pop("seq") > 0
    return records


def test_all_transactions(query):
    got = without_seq(read_lines(query("--json")))
    assert [r["time"] for r in got] == [r["time"] for r in RECORDS]
    key = lambda r: json.dumps(r, sort_keys=True)  # noqa: E731
    assert sorted(map(key, got)) == sorted(map(key, RECORDS))


def test_the_newest_come_last(query):
    got = read_lines(query("--json", "--limit", "7"))
    assert [r["time"] for r in got] == [r["time"] for r in RECORDS[-7:]]


def test_order(query):
    got = read_lines(query("--json", "--order", "-latency_us", "--limit", "20"))
    latencies = sorted((r["latency_us"] for r in RECORDS if "latency_us" in r), reverse=True)
    assert [r["latency_us"] for r in got] == latencies[:20]


def test_filter(query):
    got = read_lines(query("--json", "rcode=NXDOMAIN or outcome=timeout"))
    assert len(got) == sum(r.get("rcode") == "NXDOMAIN" or r["outcome"] == "timeout"
                           for r in RECORDS)
    assert got


def test_csv_says_what_json_says(query):
    rows = list(csv.DictReader(io.StringIO(query("--csv"), newline="")))
    got = read_lines(query("--json"))
    assert len(rows) == len(got)
    for row, record in zip(rows, got):
        del record["seq"]
        text = {k: v if isinstance(v, str) else json.dumps(v, separators=(",", ":"),
                                                           ensure_ascii=False)
                for k, v in record.items()}
        assert {k: v for k, v in row.items() if v} == text


def test_table_fits_the_terminal(store):
    for columns in (60, 80, 120, 200):
        text, code = on_terminal([NAMEFLOW, "query", "--store", store, *RANGE], columns)
        lines = plain(text).splitlines()
        assert code == 0
        assert len(lines) == 102 and "--limit" in lines[-1]  # header, 100, what is not shown
        assert all(len(line) <= columns for line in lines[:-1])
        assert "\033[" in text


def test_nothing_found(store):
    result = nameflow("query", "--store", store, "--since", "1h")
    assert result.returncode == 0
    assert result.stdout == ""
    assert "no transactions from" in result.stderr


# ---- groups ----

def test_groups_are_counted_right(query):
    answer = json.loads(query("--by", "rcode", "--metrics", "count,share", "--limit", "100",
                              "--json"))
    got = {g["key"][0]: g["count"] for g in answer["groups"]}
    assert got == Counter(r.get("rcode") for r in RECORDS)
    assert answer["overall"]["count"] == len(RECORDS)
    assert sum(g["share"] for g in answer["groups"]) == pytest.approx(1)


def test_two_fields(query):
    answer = json.loads(query("--by", "qtype,outcome", "--limit", "1000", "--metrics", "count",
                              "--json"))
    got = {tuple(g["key"]): g["count"] for g in answer["groups"]}
    assert got == Counter((r.get("qtype"), r["outcome"]) for r in RECORDS)


def test_others_and_order(query):
    answer = json.loads(query("--by", "qname", "--limit", "3", "--metrics", "max,count", "--order",
                              "-max", "--json"))
    assert answer["metrics"] == ["max", "count"]
    assert answer["matched"] == len({r.get("qname") for r in RECORDS})
    assert sum(g["count"] for g in answer["groups"]) + answer["others"]["count"] == len(RECORDS)
    highest = max(r.get("latency_us", 0) for r in RECORDS)
    assert answer["groups"][0]["max"] == highest
    table = query("--by", "qname", "--limit", "3")
    assert "(others)" in table and "(all)" in table and "3 of" in table


def test_a_series_adds_up(query):
    answer = json.loads(query("--by", "transport", "--step", "1h", "--json"))
    for group in answer["groups"]:
        total = sum(r["transport"] == group["key"][0] for r in RECORDS)
        assert sum(n or 0 for n in group["count"]) == total
    lines = query("--by", "transport", "--step", "1h", "--csv").splitlines()
    assert lines[0] == "time,transport,count"
    assert len(lines) == 1 + len(answer["groups"]) * len(answer["overall"]["count"])


def test_least_leaves_small_groups_out(query):
    counts = Counter(r.get("rcode") for r in RECORDS)
    least = sorted(counts.values())[len(counts) // 2]
    rows = list(csv.reader(io.StringIO(query("--by", "rcode", "--least", str(least), "--csv"))))[1:]
    listed = {row[0]: int(row[1]) for row in rows if row[0] not in ("(others)", "(all)")}
    assert listed and all(n >= least for n in listed.values()), listed


def test_a_chart_of_nothing_says_so(store):
    result = nameflow("query", "--store", store, "--by", "rcode", "--chart", "--since", "2001-01-01",
                      "--until", "2001-01-01")
    assert (result.returncode, result.stdout) == (0, "")
    assert "no transactions from 2001-01-01T00:00:00 to 2001-01-02T00:00:00 UTC" in result.stderr


@pytest.mark.parametrize("columns, rows", [(80, 24), (200, 50), (40, 12)])
@pytest.mark.parametrize("environment", [{}, {"LC_ALL": "C"}, {"NO_COLOR": "1"}], ids=str)
def test_charts_fit_the_terminal(store, columns, rows, environment):
    for what in (["--by", "rcode"], ["--by", "latency"], ["--metrics", "p99"]):
        text, code = on_terminal([NAMEFLOW, "query", "--store", store, "--chart", *RANGE, *what],
                                 columns, rows, **environment)
        lines = plain(text).splitlines()
        assert code == 0, text
        assert all(len(line) <= columns for line in lines)
        assert len(lines) < rows
        if environment.get("LC_ALL") == "C":
            assert text.isascii()
        if "NO_COLOR" in environment:
            assert "\033" not in text
        if what[-1] == "rcode":
            assert "NOERROR" in text


# ---- export and import ----

def export(store, path, *args):
    result = nameflow("export", str(path), *args, "--store", str(store))
    assert result.returncode == 0, result.stderr
    return result


def test_export_import_export_is_the_same(store, tmp_path):
    export(store, tmp_path / "first.jsonl")
    good("import", str(tmp_path / "first.jsonl"), "--store", str(tmp_path / "again"))
    export(tmp_path / "again", tmp_path / "second.jsonl")
    first = (tmp_path / "first.jsonl").read_bytes()
    assert first == (tmp_path / "second.jsonl").read_bytes()
    assert first.count(b"\n") == len(RECORDS)


def mixed_records(seed, count):
    """Records whose values come from any of the golden ones: every combination of what is there
    and what is not."""
    chance = random.Random(seed)
    values = {}
    for r in RECORDS:
        for key, value in r.items():
            values.setdefault(key, []).append(value)
    together = [["qname", "qname_wire", "qtype", "qclass"], ["pid", "tid", "comm", "exe", "uid"],
                ["server_pid", "server_comm"], ["answers", "min_ttl"],
                ["opcode", "authority_count", "additional_count", "answer_count"]]
    order = list(values)
    for _ in range(count):
        base = chance.choice(RECORDS)
        record = {key: base[key] for key in order if key in base}
        for key in chance.sample(order, 8):
            if any(key in group for group in together):
                continue
            if key in base and chance.random() < 0.3 and key not in ("time", "outcome", "protocol",
                    "transport", "client", "client_port", "server", "server_port", "id",
                    "retransmits"):
                del record[key]
            else:
                record[key] = chance.choice(values[key])
        yield {key: record[key] for key in order if key in record}


@pytest.mark.parametrize("seed", range(3))
def test_records_of_any_mixture_come_back(seed, tmp_path):
    lines = [json.dumps(r, separators=(",", ":"), ensure_ascii=False)
             for r in mixed_records(seed, 500)]
    # One export puts keys into their order; from there on nothing may change.
    good("import", "-", "--store", str(tmp_path / "a"), stdin_text="\n".join(lines))
    export(tmp_path / "a", tmp_path / "a.jsonl.gz")
    good("import", str(tmp_path / "a.jsonl.gz"), "--store", str(tmp_path / "b"))
    export(tmp_path / "b", tmp_path / "b.jsonl")
    with gzip.open(tmp_path / "a.jsonl.gz", "rt", encoding="utf-8") as f:
        first = f.read()
    assert first == (tmp_path / "b.jsonl").read_text(encoding="utf-8")
    assert first.count("\n") == len(lines)
    def key(r):
        return json.dumps(r, sort_keys=True)
    assert sorted(map(key, read_lines(first))) == sorted(key(json.loads(line)) for line in lines)


def test_export_with_filter_and_range(store, tmp_path):
    export(store, tmp_path / "x.csv", "rcode=SERVFAIL", "--since", "2023-11-14")
    rows = list(csv.DictReader(open(tmp_path / "x.csv", newline="", encoding="utf-8")))
    assert len(rows) == sum(r.get("rcode") == "SERVFAIL" for r in RECORDS)
    export(store, tmp_path / "none.jsonl", "--since", "2024-01-01")
    assert (tmp_path / "none.jsonl").read_bytes() == b""


def test_a_failed_export_leaves_the_old_file(store, tmp_path):
    path = tmp_path / "kept.jsonl"
    path.write_text("old\n")
    result = nameflow("export", str(path), "--store", str(tmp_path / "nothing-here"))
    assert result.returncode == 1
    assert path.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["kept.jsonl"]


def parquet_value(path, expression):
    """What DuckDB itself reads from the file."""
    lib = ctypes.CDLL(str(LIBRARY.resolve()))
    lib.duckdb_value_varchar.restype = ctypes.c_void_p
    lib.duckdb_value_varchar.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64]
    db, connection = ctypes.c_void_p(), ctypes.c_void_p()
    result = (ctypes.c_byte * 256)()
    assert lib.duckdb_open(None, ctypes.byref(db)) == 0
    assert lib.duckdb_connect(db, ctypes.byref(connection)) == 0
    statement = f"SELECT ({expression})::VARCHAR FROM '{path}'"
    assert lib.duckdb_query(connection, statement.encode(), ctypes.byref(result)) == 0
    text = ctypes.string_at(lib.duckdb_value_varchar(ctypes.byref(result), 0, 0)).decode()
    lib.duckdb_destroy_result(ctypes.byref(result))
    lib.duckdb_disconnect(ctypes.byref(connection))
    lib.duckdb_close(ctypes.byref(db))
    return text


def test_parquet(store, tmp_path):
    path = tmp_path / "it's all.parquet"
    export(store, path)
    data = path.read_bytes()
    assert data[:4] == b"PAR1" and data[-4:] == b"PAR1"
    quoted = str(path).replace("'", "''")
    answers = sum(len(r.get("answers", [])) for r in RECORDS)
    sizes = sum(r["edns"]["udp_size"] for r in RECORDS if "edns" in r)
    assert parquet_value(quoted, "count(*)") == str(len(RECORDS))
    assert parquet_value(quoted, "sum(len(answers))") == str(answers)
    assert parquet_value(quoted, "sum(edns.udp_size)") == str(sizes)
    assert parquet_value(quoted, "count(DISTINCT qname)") == \
        str(len({r["qname"] for r in RECORDS if "qname" in r}))
    assert parquet_value(quoted, "typeof(min(time))") == "TIMESTAMP_NS"
    newest = RECORDS[-1]["time"][:-1].replace("T", " ")
    assert parquet_value(quoted, "max(time)") == newest.rstrip("0").rstrip(".")


def test_captures_are_imported_as_they_are_read(tmp_path):
    path = make.write(str(tmp_path), "edns_options.pcap")
    read = good("read", "--json", path)
    good("import", path, "--store", str(tmp_path / "s"))
    export(tmp_path / "s", tmp_path / "s.jsonl")
    exported = (tmp_path / "s.jsonl").read_text(encoding="utf-8")
    assert sorted(exported.splitlines()) == sorted(read.splitlines())
    assert exported


def test_lines_that_are_wrong_are_named(tmp_path):
    path = tmp_path / "some.jsonl"
    line = json.dumps(RECORDS[0])
    path.write_text(f"{line}\n{{\n\n{line[:-1]},\"qnam\":1}}\n{line}")
    result = nameflow("import", str(path), "--store", str(tmp_path / "s"))
    assert result.returncode == 1
    assert f"{path}:2: not JSON" in result.stderr
    assert f"{path}:4: there is no key qnam; did you mean qname?" in result.stderr
    assert "2 transactions imported" in result.stderr
    assert "2 lines could not be read" in result.stderr


def test_a_store_that_is_in_use_is_refused(store, tmp_path):
    folder = tmp_path / "s"
    with subprocess.Popen([NAMEFLOW, "import", "-", "--store", str(folder)], stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          preexec_fn=die_with_parent) as holder:
        try:
            holder.stdin.write(json.dumps(RECORDS[0]) + "\n")
            holder.stdin.flush()
            wait_until(lambda: folder.is_dir() and os.listdir(folder), 20, "the store's file")
            def refused():
                result = nameflow("import", str(GOLDEN[0]), "--store", str(folder))
                return result.returncode == 1 and "an agent has the store" in result.stderr
            wait_until(refused, 20, "the refusal")
            result = nameflow("query", "--store", str(folder))
            assert result.returncode == 1
            assert "ask the agent instead" in result.stderr
        finally:
            holder.stdin.close()
            holder.wait(30)


@pytest.mark.parametrize("command", [["query"], ["export", "-"]])
def test_no_such_store(command, tmp_path):
    result = nameflow(*command, "--store", str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "nowhere" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", [["query"], ["export", "-"], ["query", "--by", "rcode"]])
def test_no_agent(command, tmp_path):
    result = nameflow(*command, "--socket", str(tmp_path / "nobody"))
    assert result.returncode == 1
    assert "sudo nameflow serve" in result.stderr and "--store" in result.stderr
    assert result.stdout == ""
