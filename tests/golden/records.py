# SPDX-License-Identifier: Apache-2.0
"""Record data: the texts of nameflow, read back by dnspython, must give the bytes of the message."""
import dns.exception
import dns.message
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype

import reference


def expected(wire):
    """(owner, type, TTL, data) of each record of the answer section; None when dnspython cannot
    read the message, which says nothing about it: it gives up at the first flaw."""
    try:
        m = dns.message.from_wire(wire, ignore_trailing=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return [(rrset.name.canonicalize().to_wire(), rrset.rdtype, rrset.ttl, rdata.to_wire())
            for rrset in m.answer for rdata in rrset]


def _as_dnspython_wants(kind, data):
    """Where it reads less than others write: the fields of NID and L64 without leading zeros (as
    BIND does), TKEY with mnemonic and lengths (no RFC gives it a text)."""
    words = data.split(" ")
    if kind in ("NID", "L64"):
        words[1] = ":".join(field.zfill(4) for field in words[1].split(":"))
    elif kind == "TKEY":
        words[4] = str(int(dns.rcode.from_text(words[4])))
        words = words[:5] + words[6:7] + words[8:]
    return " ".join(words)


def of_nameflow(answers):
    out = []
    for a in answers:
        kind = dns.rdatatype.from_text(a["type"])
        rdata = dns.rdata.from_text(dns.rdataclass.IN, kind, _as_dnspython_wants(a["type"], a["data"]))
        out.append((reference.name_from_text(a["name"]).lower(), kind, a["ttl"], rdata.to_wire()))
    return out


def differences(record, message):
    """What differs between the answers of one of nameflow's records and its response's bytes."""
    want = expected(message.wire)
    if want is None:
        return None
    try:
        got = of_nameflow(record.get("answers", []))
    except (dns.exception.DNSException, ValueError) as e:
        return [f"dnspython does not read {record['answers']}: {e}"]
    if len(got) != len(want):
        return [f"{len(got)} records, not {len(want)}"]
    return [f"{g} is not {w}" for g, w in zip(got, want) if g != w]
