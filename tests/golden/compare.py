# SPDX-License-Identifier: Apache-2.0
"""nameflow's transactions next to those of the independent decoder."""
import calendar
import collections
import json
import os
import re
import subprocess

import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

import reference

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLAGS = {0x0400: "aa", 0x0200: "tc", 0x0100: "rd", 0x0080: "ra", 0x0040: "z", 0x0020: "ad", 0x0010: "cd"}
# Mnemonics that dnspython does not have.
OPCODES = {"DSO": 6}
RCODES = {"DSOTYPENI": 11, "BADCOOKIE": 23, "BADTRUNC": 22}
TYPES = {"NXNAME": 128, "ATMA": 34, "NIMLOC": 32, "EID": 31, "SINK": 40, "MD": 3, "MF": 4}

Difference = collections.namedtuple("Difference", "file field id time got expected")


def binary():
    path = os.environ.get("NAMEFLOW_BIN", os.path.join(ROOT, "build", "nameflow"))
    return path if os.access(path, os.X_OK) else None


def shared():
    return os.environ.get("NAMEFLOW_SHARED", os.path.join(ROOT, "..", "shared", "pcaps"))


def read(path, ports, check=True):
    """The lines of `nameflow read --json`."""
    command = [binary(), "read", str(path), "--json", "--port", ",".join(map(str, ports))]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    if check:
        assert run.returncode == 0, run.stderr.decode()
    # A broken file ends with 1 after what could be read; a crash or a sanitizer's finding does not.
    assert run.returncode in (0, 1), run.stderr.decode()
    return run.stdout.decode().splitlines()


def _code(table, from_text, prefix, text):
    if text is None:
        return None
    if text in table:
        return table[text]
    found = re.fullmatch(prefix + r"(\d+)", text)
    return int(found[1]) if found else int(from_text(text))


def nanoseconds(text):
    found = re.fullmatch(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d{9})Z", text)
    return calendar.timegm(tuple(map(int, found.groups()[:6])) + (0, 0, 0)) * 1_000_000_000 + int(found[7])


def of_nameflow(line):
    r = json.loads(line)
    return {
        "key": (r["transport"], r["client"], r["client_port"], r["server"], r["server_port"], r["id"]),
        "time": nanoseconds(r["time"]),
        "outcome": r["outcome"],
        "latency": r.get("latency_us"),
        "retransmits": r.get("retransmits", 0),
        "qname": reference.name_from_text(r.get("qname_wire", r.get("qname"))),
        "qtype": _code(TYPES, dns.rdatatype.from_text, "TYPE", r.get("qtype")),
        "qclass": _code({}, dns.rdataclass.from_text, "CLASS", r.get("qclass")),
        "opcode": _code(OPCODES, dns.opcode.from_text, "OPCODE", r.get("opcode")),
        "flags": sorted(r.get("flags", [])),
        "rcode": _code(RCODES, dns.rcode.from_text, "RCODE", r.get("rcode")),
        "answer_count": r.get("answer_count"),
        "authority_count": r.get("authority_count"),
        "additional_count": r.get("additional_count"),
        "query_bytes": r.get("query_bytes"),
        "response_bytes": r.get("response_bytes"),
        "duplicate_response": "duplicate_response" in r.get("marks", []),
    }


def of_reference(t):
    head = t.response or t.query
    asked = t.query if t.query and t.query.qtype is not None else t.response or t.query
    return {
        "key": t.key,
        "time": t.time_ns,
        "outcome": t.outcome,
        "latency": None if t.latency_ns is None else t.latency_ns / 1000,
        "retransmits": t.retransmits,
        "qname": asked.qname,
        "qtype": asked.qtype,
        "qclass": asked.qclass,
        "opcode": head.flags >> 11 & 15,
        "flags": sorted(name for bit, name in FLAGS.items() if head.flags & bit),
        "rcode": t.response.rcode if t.response else None,
        "answer_count": head.counts[1],
        "authority_count": head.counts[2],
        "additional_count": head.counts[3],
        "query_bytes": t.query.bytes if t.query else None,
        "response_bytes": t.response.bytes if t.response else None,
        "duplicate_response": t.duplicate,
    }


def _same(field, got, expected):
    if field == "latency" and got is not None and expected is not None:
        return abs(got - expected) <= 1
    return got == expected


def compare(file, lines, found, ports):
    """Every difference between nameflow's lines and tshark's messages."""
    expected, elsewhere = reference.transactions(found, ports)
    out = [Difference(file, "elsewhere", m.id, m.time_ns, None, why) for m, why in elsewhere]
    by_key = collections.defaultdict(lambda: ([], []))
    for line in lines:
        t = of_nameflow(line)
        by_key[t["key"]][0].append(t)
    for t in map(of_reference, expected):
        by_key[t["key"]][1].append(t)
    for key, (got, want) in by_key.items():
        # The same key again: those of one time belong together.
        for w in list(want):
            g = next((g for g in got if g["time"] == w["time"] and g["qtype"] == w["qtype"]), None) or \
                next((g for g in got if g["time"] == w["time"]), None)
            if not g:
                continue
            got.remove(g)
            want.remove(w)
            out += [Difference(file, f, key[-1], w["time"], g[f], w[f]) for f in w if not _same(f, g[f], w[f])]
        out += [Difference(file, "extra", key[-1], t["time"], t, None) for t in got]
        out += [Difference(file, "missing", key[-1], t["time"], None, t) for t in want]
    return out


def explain(differences, known):
    """Splits into those that no entry explains, and entries that explain nothing any more."""
    used = collections.Counter()
    unexplained = []
    for d in differences:
        for i, entry in enumerate(known):
            fields = entry["field"] if isinstance(entry["field"], list) else [entry["field"]]
            ids = entry.get("id", d.id)
            ids = ids if isinstance(ids, list) else [ids]
            if d.field in fields and d.id in ids:
                used[i] += 1
                break
        else:
            unexplained.append(d)
    stale = [e for i, e in enumerate(known) if used[i] != e.get("count", used[i] or -1)]
    return unexplained, stale
