# SPDX-License-Identifier: Apache-2.0
"""Captures about what a message says: types, EDNS, headers, odd and malformed messages, formats."""
import struct

import dns.edns
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

from capture import Capture, Pair
from network import answer, both_families, capture, fragmented, large_answer, question, wire


class Dialogue:
    """Lookups after each other, 10 ms apart, each with an id and a port of its own."""

    def __init__(self, **how):
        self.capture = Capture(**how)
        self.count = 0

    def lookup(self, query_wire, response_wire=None, latency_ms=1):
        ms = self.count * 10
        pair = Pair(self.capture, sport=40000 + self.count)
        ident = struct.pack(">H", 0x4000 + self.count)
        if query_wire is not None:
            pair.query(ms, ident + query_wire[2:])
        if response_wire is not None:
            pair.response(ms + latency_ms, ident + response_wire[2:])
        self.count += 1


# Types: one lookup for each, answered with one record or more.

RECORDS = [
    "A 192.0.2.1",
    "NS ns1.example.com.",
    "CNAME target.example.net.",
    r"SOA ns1.example.com. host\.master.example.com. 2026112401 7200 3600 1209600 300",
    "PTR host.example.com.",
    'HINFO "PC Intel" "Linux \\"6\\""',
    "MX 10 mail.example.com.",
    'TXT "v=spf1 -all" "second; string" "\\195\\188 \\000\\255\\"\\\\" ""',
    "RP admin.example.com. text.example.com.",
    "AFSDB 1 afs.example.com.",
    "AAAA 2001:db8::1",
    "AAAA ::ffff:192.0.2.1",
    "LOC 52 22 23.000 N 4 53 32.000 W -2.00m 1.00m 10000.00m 10.00m",
    "SRV 1 5 5060 sip.example.com.",
    'NAPTR 100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.example.com.',
    "NAPTR 10 100 \"u\" \"E2U+sip\" \"!^.*$!sip:info\\@example.com!\" .",
    "KX 10 kx.example.com.",
    "CERT PKIX 12345 RSASHA256 dGVzdA==",
    "DNAME other.example.net.",
    "APL 1:192.0.2.0/24 !2:2001:db8::/32",
    "DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    "SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789",
    "IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
    "RRSIG A 13 3 300 20261224000000 20261124000000 12345 example.com. "
    "oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI=",
    "NSEC host.example.com. A MX RRSIG NSEC TYPE1234",
    "DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
    "DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
    "NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
    "NSEC3PARAM 1 0 12 aabbccdd",
    "NSEC3PARAM 1 0 0 -",
    "TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971",
    "SMIMEA 3 0 0 0123abcd",
    "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK rvs.example.com.",
    "CDS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    "CDNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
    "OPENPGPKEY mDMEX1aJnhYJKwYBBAHaRw8BAQdA",
    "CSYNC 66 3 A NS AAAA",
    "ZONEMD 2026112401 1 1 "
    "c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c",
    "SVCB 0 alias.example.net.",
    'SVCB 1 svc.example.net. alpn="h2,h3" port="8443" ipv4hint="192.0.2.1,192.0.2.2"',
    'HTTPS 1 . alpn="h3,h2" ipv4hint="192.0.2.1" ech="AAMBAgM=" ipv6hint="2001:db8::1"',
    'HTTPS 16 . mandatory="alpn,port" alpn="h2" no-default-alpn="" port="443" key65333="ex"',
    'SPF "v=spf1 include:example.net -all"',
    "NID 10 0014:4fff:ff20:ee64",
    "L32 10 10.1.2.0",
    "L64 10 2001:0DB8:1140:1000",
    "LP 10 l64-subnet1.example.com.",
    "EUI48 00-00-5e-00-53-2a",
    "EUI64 00-00-5e-ef-10-00-00-2a",
    'URI 10 1 "https://www.example.com/path?q=1"',
    'CAA 0 issue "ca.example.net; policy=ev"',
    'CAA 128 tbs "Unknown"',
    "TYPE731 \\# 6 abcdef012345",
    "TYPE65280 \\# 0",
]


@capture()
def rr_types():
    d = Dialogue()
    for text in RECORDS:
        kind, data = text.split(" ", 1)
        q = question("type.example.com", kind, use_edns=0, payload=1232)
        d.lookup(wire(q), wire(answer(q, f"type.example.com. 300 {kind} {data}")))
    return d.capture


@capture()
def rr_meta_types():
    """TSIG and TKEY records, and the question types that are no records."""
    d = Dialogue()
    for kind in ("ANY", "AXFR", "IXFR", "MAILB", "NULL", "NXNAME", "TYPE65535"):
        q = question("meta.example.com", "TYPE128" if kind == "NXNAME" else kind)
        d.lookup(wire(q), wire(answer(q, rcode=4)))
    q = question("meta.example.com", "TKEY")
    algorithm = b"\x08gss-tsig\0"
    data = algorithm + struct.pack(">IIHHH", 1700000000, 1700003600, 3, 0, 4) + b"\1\2\3\4" + struct.pack(">H", 0)
    d.lookup(wire(q), raw(q, [(b"\xc0\x0c", 249, 255, 0, data)]))
    q = question("signed.example.com", "A")
    data = b"\x0bhmac-sha256\0" + struct.pack(">HIHH", 0, 1700000000, 300, 32) + bytes(range(32))
    data += struct.pack(">HHH", 0x4008, 0, 0)
    d.lookup(raw(q, [], additional=[(b"\3key\0", 250, 255, 0, data)], response=False),
             raw(q, [(b"\xc0\x0c", 1, 1, 60, b"\xc0\0\2\1")], additional=[(b"\3key\0", 250, 255, 0, data)]))
    return d.capture


@capture()
def rr_many():
    """Several records in each section, a CNAME chain, compressed names in data, the smallest TTL."""
    d = Dialogue()
    q = question("www.example.com", "A")
    d.lookup(wire(q), wire(answer(
        q, "www.example.com. 300 CNAME a.cdn.example.net.", "a.cdn.example.net. 30 CNAME b.cdn.example.net.",
        "b.cdn.example.net. 20 A 192.0.2.1", "b.cdn.example.net. 2147483647 A 192.0.2.2",
        authority=["example.net. 3600 NS ns1.example.net.", "example.net. 3600 NS ns2.example.net."],
        additional=["ns1.example.net. 1 A 192.0.2.53"], flags="aa")))
    q = question("missing.example.com", "A")
    d.lookup(wire(q), wire(answer(q, rcode=3, authority=[
        "example.com. 300 SOA ns1.example.com. hostmaster.example.com. 1 2 3 4 5"])))
    q = question("mx.example.com", "MX")
    d.lookup(wire(q), wire(answer(q, "mx.example.com. 60 MX 10 a.mx.example.com.",
                                  "mx.example.com. 60 MX 20 b.mx.example.com.")))
    return d.capture


# EDNS

def option(code, data):
    return dns.edns.GenericOption(code, data)


EDE = b"\0\6signature expired yesterday"

EDNS = [
    ([], {}),
    ([option(8, b"\0\1\x18\0\xc0\0\2")], {}),                               # ECS 192.0.2.0/24
    ([option(8, b"\0\2\x38\x30\x20\1\x0d\xb8\0\1\0")], {}),                 # ECS 2001:db8:1::/56, scope 48
    ([option(8, b"\0\1\0\0")], {}),                                         # ECS 0.0.0.0/0: do not
    ([option(8, b"\0\1\x18\0\xc0")], {}),                                   # ECS that is too short
    ([option(8, b"\0\x63\x08\0\xc0")], {}),                                 # ECS of no known family
    ([option(3, b"")], {}),                                                 # NSID asked for
    ([option(3, b"ns1.fra")], {}),
    ([option(3, b"\0\xff\x01")], {}),
    ([option(10, b"\1\2\3\4\5\6\7\x08")], {}),                              # client cookie
    ([option(10, bytes(range(24)))], {}),                                   # client and server cookie
    ([option(10, b"\1\2\3")], {}),                                          # a cookie of no valid length
    ([option(11, b"")], {}),                                                # keepalive asked for
    ([option(11, b"\0\x64")], {}),                                          # 10 s
    ([option(12, bytes(31))], {}),
    ([option(15, b"\0\x16")], {}),                                          # EDE 22, no text
    ([option(15, EDE), option(15, b"\0\7\0"), option(15, b"\xff\xfe\xc3\xa9t\xc3\xa9 \xff")], {}),
    ([option(15, b"\0")], {}),                                              # EDE that is too short
    ([option(65001, b"private"), option(12, b"")], {}),
    ([option(3, b"ns1"), option(10, bytes(range(16))), option(8, b"\0\1\x20\0\xc0\0\2\1"), option(12, bytes(4))],
     {"want_dnssec": True, "payload": 4096}),
]


@capture()
def edns_options():
    d = Dialogue()
    for i, (options, how) in enumerate(EDNS):
        how = {"payload": 1232, **how}
        q = question(f"edns{i}.example.com", "A", use_edns=0, options=options, **how)
        r = answer(q, f"edns{i}.example.com. 60 A 192.0.2.1")
        r.use_edns(0, ednsflags=0x8000 if "want_dnssec" in how else 0, payload=how["payload"], options=options)
        d.lookup(wire(q), wire(r))
    return d.capture


@capture()
def edns_rcodes():
    """The upper bits of the RCODE stand in the OPT record; version 1 is answered with BADVERS."""
    d = Dialogue()
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15):
        q = question(f"rcode{code}.example.com", "A")
        r = wire(answer(q))
        d.lookup(wire(q), r[:3] + bytes([r[3] & 0xF0 | code]) + r[4:])
    for code in (16, 23, 24, 3841, 4095):
        q = question(f"rcode{code}.example.com", "A", use_edns=0)
        r = answer(q)
        r.use_edns(0, payload=1232)
        r.set_rcode(code)
        d.lookup(wire(q), wire(r))
    q = question("version.example.com", "A", use_edns=1)
    r = answer(q)
    r.use_edns(0, payload=1232)
    r.set_rcode(16)
    d.lookup(wire(q), wire(r))
    return d.capture


@capture()
def edns_broken():
    """Two OPT records, one with an owner name, one whose options run past its end."""
    d = Dialogue()
    q = question("opt.example.com", "A")
    opt = (b"\0", 41, 1232, 0, b"")
    a = (b"\xc0\x0c", 1, 1, 60, b"\xc0\0\2\1")
    d.lookup(raw(q, [], additional=[opt], response=False), raw(q, [a], additional=[opt, opt]))
    d.lookup(raw(q, [], additional=[opt], response=False),
             raw(q, [a], additional=[(b"\3opt\0", 41, 1232, 0, b"")]))
    d.lookup(raw(q, [], additional=[opt], response=False),
             raw(q, [a], additional=[(b"\0", 41, 1232, 0, b"\0\3\0\x20abc")]))
    return d.capture


# Headers and questions

@capture()
def opcodes():
    d = Dialogue()
    q = question("example.com", "SOA")
    for opcode in (dns.opcode.NOTIFY, dns.opcode.STATUS, dns.opcode.IQUERY, 3, 15):
        w = wire(q)
        w = w[:2] + bytes([opcode << 3, 0]) + w[4:]
        d.lookup(w, w[:2] + bytes([0x80 | opcode << 3, 0]) + w[4:])
    # UPDATE (RFC 2136): zone, no prerequisites, one record to add, all in other sections' places.
    update = raw(q, [], authority=[(b"\3new\xc0\x0c", 1, 1, 60, b"\xc0\0\2\1")], response=False)
    update = update[:2] + b"\x28\0" + update[4:]
    done = wire(q)
    d.lookup(update, done[:2] + b"\xa8\0" + done[4:])
    # DSO (RFC 8490) has no question and no counts: a TLV after the header.
    d.lookup(b"\0\0\x30\0" + bytes(8) + b"\0\1\0\x08" + struct.pack(">II", 15000, 30000),
             b"\0\0\xb0\0" + bytes(8) + b"\0\1\0\x08" + struct.pack(">II", 15000, 30000))
    return d.capture


@capture()
def header_flags():
    """Each flag alone, then all of them."""
    d = Dialogue()
    q = question("flags.example.com", "A")
    for bit in (0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x07F0):
        w = wire(q)
        d.lookup(w, w[:2] + struct.pack(">H", 0x8000 | bit) + w[4:])
    return d.capture


@capture()
def classes():
    d = Dialogue()
    for name, kind, klass in (("version.bind", "TXT", "CH"), ("hs.example.com", "A", "HS"),
                              ("any.example.com", "A", "ANY"), ("none.example.com", "A", "NONE"),
                              ("odd.example.com", "A", "CLASS1234")):
        q = question(name, kind, klass=klass)
        d.lookup(wire(q), wire(answer(q, rcode=5)))
    q = question("version.bind", "TXT", klass="CH")
    d.lookup(wire(q), raw(q, [(b"\xc0\x0c", 16, 3, 0, b"\x099.18.1-P1")]))
    return d.capture


@capture()
def names():
    """The root, the longest name and label, and every kind of octet."""
    d = Dialogue()
    longest = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"b" * 61 + b"\0"
    every = b"".join(bytes([33]) + bytes(range(i, i + 33)) for i in (0, 33, 66)) + b"\0"
    rest = b"".join(bytes([39]) + bytes(range(i, i + 39)) for i in (99, 138, 177))
    rest += bytes([40]) + bytes(range(216, 256)) + b"\0"
    for name in (b"\0", longest, every, rest, b"\5a.b\\c\2\"\"\0", b"\1*\7example\0", b"\4_dns\4_udp\0",
                 b"\x0exn--bcher-kva8\7example\0", b"\6 space\3tab\0"):
        w = bytes(4) + struct.pack(">4H", 1, 0, 0, 0) + name + struct.pack(">HH", 1, 1)
        r = w[:2] + b"\x81\x80" + struct.pack(">4H", 1, 1, 0, 0) + w[12:]
        r += struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + b"\xc0\0\2\1"
        d.lookup(w, r)
    return d.capture


@capture()
def question_counts():
    """No question, and two of them: the first one counts."""
    d = Dialogue()
    none = b"\0\0\1\0" + bytes(8)
    d.lookup(none, none[:2] + b"\x81\x81" + none[4:])
    two = b"\0\0\1\0\0\2" + bytes(6) + b"\3one\0\0\1\0\1" + b"\3two\0\0\1\0\1"
    d.lookup(two, two[:2] + b"\x81\x81" + two[4:])
    q = question("gone.example.com", "A")
    d.lookup(wire(q), b"\0\0\x81\x82" + bytes(8))  # the answer leaves the question out
    return d.capture


# Malformed

def raw(query, answers, authority=(), additional=(), response=True):
    """A message from records as (owner wire, type, class, ttl, data)."""
    q = wire(query)
    end = 12
    while q[end]:
        end += q[end] + 1
    out = q[:2] + (b"\x81\x80" if response else b"\1\0")
    out += struct.pack(">4H", 1, len(answers), len(authority), len(additional)) + q[12:end + 5]
    for section in (answers, authority, additional):
        for owner, kind, klass, ttl, data in section:
            out += owner + struct.pack(">HHIH", kind, klass, ttl, len(data)) + data
    return out


def counts(message, *values):
    return message[:4] + struct.pack(">4H", *values) + message[12:]


@capture()
def malformed():
    """Answers to sound queries, each broken in one way; what was readable is kept."""
    d = Dialogue()
    q = question("broken.example.com", "A")
    w = wire(q)
    a = (b"\xc0\x0c", 1, 1, 60, b"\xc0\0\2\1")
    good = raw(q, [a])
    end = len(w)

    def one(*record):
        return raw(q, [a, record])

    for message in (
            good[:12],                                       # counts but nothing after the header
            good[:20],                                       # ends inside the question's name
            good[:end - 2],                                  # ends inside the question's class
            good[:-2],                                       # ends inside the data of the answer
            good[:end + 5],                                  # ends inside the answer's fixed part
            counts(good, 1, 2, 0, 0),                        # one record fewer than announced
            counts(good, 1, 65535, 65535, 65535),            # impossible counts
            counts(good, 65535, 0, 0, 0),
            good + b"trailing bytes",
            one(b"\xc0\xff", 1, 1, 60, b"\xc0\0\2\1"),       # owner points past the end
            raw(q, [(struct.pack(">H", 0xC000 | end), 1, 1, 60, b"\xc0\0\2\1")]),  # owner points at itself
            raw(q, [(struct.pack(">H", 0xC000 | end + 2), 1, 1, 60, b"\xc0\0\2\1")]),  # owner points forward
            one(b"\x40abc", 1, 1, 60, b"\xc0\0\2\1"),        # reserved label type
            one(b"\x80abc", 1, 1, 60, b"\xc0\0\2\1"),
            one((b"\x3f" + b"x" * 63) * 4 + b"\0", 1, 1, 60, b"\xc0\0\2\1"),  # 257 octets
            one(b"\xc0\x0c", 1, 1, 60, b"\xc0\0\2"),         # address of three bytes
            one(b"\xc0\x0c", 28, 1, 60, b"\xc0\0\2\1"),      # IPv6 address of four bytes
            one(b"\xc0\x0c", 15, 1, 60, b"\0"),              # MX without a name
            one(b"\xc0\x0c", 5, 1, 60, b"\xc0\x0cjunk"),     # bytes after the name
            one(b"\xc0\x0c", 16, 1, 60, b"\x10short"),       # text longer than the record
            one(b"\xc0\x0c", 6, 1, 60, b"\0\0\0\0\0\1"),     # SOA without its numbers
            one(b"\xc0\x0c", 47, 1, 60, b"\0\0\x21" + bytes(33)),  # NSEC bitmap block of 33 bytes
            one(b"\xc0\x0c", 64, 1, 60, b"\0\1\0\0\1\0\xff"),  # SVCB parameter past the end
            one(b"\xc0\x0c", 29, 1, 60, bytes(15)),          # LOC one byte short
    ):
        d.lookup(w, message)
    return d.capture


@capture()
def malformed_queries():
    d = Dialogue()
    head = b"\0\0\1\0\0\1" + bytes(6)
    for w in (head, head + b"\3www", head + b"\3www\0\0\1", head + b"\xc0\x0c\0\1\0\1", head + b"\xc0\x10\0\1\0\1",
              head + b"\x3f" + b"x" * 20, b"\0\0\1\0" + b"\xff" * 8 + b"\3www\0\0\1\0\1"):
        d.lookup(w)
    return d.capture


@capture()
def not_dns():
    """Too short for a header, empty, and a UDP length that lies; then a sound lookup."""
    d = Dialogue()
    d.lookup(b"\0\0")
    d.lookup(b"\0\0\1\0\0\1")
    c = d.capture
    pair = Pair(c, sport=41000)
    pair.query(100, b"")
    packet = pair.query_packet(wire(question("short.example.com", "A")))
    c.add(110, packet[:24] + b"\0\7" + packet[26:])     # UDP length below 8
    c.add(120, packet[:24] + b"\xff\0" + packet[26:])   # UDP length past the IP packet
    c.add(130, b"\x43" + packet[1:])                    # IHL of 3
    c.add(140, packet[:22])
    pair = Pair(c, sport=41001)
    q = question("sound.example.com", "A")
    pair.query(200, wire(q))
    pair.response(201, wire(answer(q, "sound.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def large_udp():
    """4 KiB in one datagram of a large MTU."""
    d = Dialogue()
    q = question("big.example.com", "TXT", use_edns=0, payload=4096)
    d.lookup(wire(q), wire(large_answer(q, 70)))
    return d.capture


# File formats

@capture()
def format_nanoseconds():
    c = both_families(Capture(nano=True))
    c.frames[:] = [(ns + 123 * (i + 1), frame) for i, (ns, frame) in enumerate(c.frames)]
    return c


@capture()
def format_big_endian():
    return both_families(Capture(big=True))


@capture(".pcapng")
def format_pcapng():
    return both_families(Capture(format="pcapng"))


@capture(".pcapng")
def format_pcapng_nanoseconds_big_endian():
    c = both_families(Capture(format="pcapng", nano=True, big=True))
    c.frames[:] = [(ns + 123 * (i + 1), frame) for i, (ns, frame) in enumerate(c.frames)]
    return c


@capture(".pcap.gz")
def format_gzip():
    return both_families(Capture(gz=True))


@capture(".pcapng.gz")
def format_pcapng_gzip():
    c = fragmented([0, 1, 2])
    c.how = {"format": "pcapng", "gz": True}
    return c


@capture()
def no_packets():
    """A capture without a single packet is sound."""
    return Capture()
