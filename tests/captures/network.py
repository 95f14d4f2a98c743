# SPDX-License-Identifier: Apache-2.0
"""Captures about the way to a message: links, IP, TCP, and which answer belongs to which query.

Each function is one capture, named as the function; its comment says what must come out.
"""
import struct

import dns.flags
import dns.message
import dns.rrset

from capture import *  # noqa: F403

CAPTURES = {}


def capture(suffix=".pcap"):
    def register(function):
        CAPTURES[function.__name__ + suffix] = function
        return function
    return register


def question(name, kind="A", ident=0x1000, klass="IN", **edns):
    if edns:
        edns.setdefault("use_edns", 0)
    m = dns.message.make_query(name, kind, klass, **edns)
    m.id = ident
    return m


def answer(query, *records, rcode=0, flags="", authority=(), additional=()):
    """`records`: "NAME TTL TYPE DATA" each."""
    r = dns.message.make_response(query, recursion_available=True)
    r.set_rcode(rcode)
    for flag in flags.split():
        r.flags |= dns.flags.Flag[flag.upper()]
    for section, texts in ((r.answer, records), (r.authority, authority), (r.additional, additional)):
        for text in texts:
            name, ttl, kind, data = text.split(" ", 3)
            section.append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
    return r


def wire(message, **how):
    how.setdefault("max_size", 65535)
    return message.to_wire(**how)


def simple(c, server="198.51.100.53", **how):
    """One plain lookup, answered after 1.5 ms."""
    pair = Pair(c, server=server, **how)
    q = question("www.example.com", "A")
    pair.query(0, wire(q))
    pair.response(1.5, wire(answer(q, "www.example.com. 300 A 192.0.2.80")))
    return c


def both_families(c):
    simple(c)
    pair = Pair(c, server="2001:db8::53")
    q = question("www.example.com", "AAAA", 0x1001)
    pair.query(10, wire(q))
    pair.response(12.25, wire(answer(q, "www.example.com. 300 AAAA 2001:db8::80")))
    return c


# Link types: two transactions each, except where one family cannot be carried.

@capture()
def link_ethernet():
    return both_families(Capture())


@capture()
def link_raw():
    return both_families(Capture(LINK_RAW))


@capture()
def link_ipv4():
    return simple(Capture(LINK_IPV4))


@capture()
def link_ipv6():
    return simple(Capture(LINK_IPV6), server="2001:db8::53")


@capture()
def link_null():
    return both_families(Capture(LINK_NULL, null))


@capture()
def link_null_big():
    return both_families(Capture(LINK_NULL, lambda p: null(p, ">", 28), big=True))


@capture()
def link_loop():
    return both_families(Capture(LINK_LOOP, lambda p: null(p, ">", 24)))


@capture()
def link_ppp():
    return both_families(Capture(LINK_PPP, ppp))


@capture()
def link_ppp_serial():
    return both_families(Capture(LINK_PPP_SERIAL, ppp))


@capture()
def link_ppp_with_direction():
    c = Capture(LINK_PPP_WITH_DIR)
    c.wrap = lambda p: (b"\1" if len(c.frames) % 2 == 0 else b"\0") + ppp(p)
    return both_families(c)


@capture()
def link_pppoe():
    def wrap(p):
        body = ppp(p)[2:]
        return struct.pack(">BBHH", 0x11, 0, 7, len(body)) + body
    return both_families(Capture(LINK_PPP_ETHER, wrap))


@capture()
def link_sll():
    c = Capture(LINK_SLL)
    c.wrap = lambda p: sll(p, 4 if len(c.frames) % 2 == 0 else 0)
    return both_families(c)


@capture()
def link_sll2():
    c = Capture(LINK_SLL2)
    c.wrap = lambda p: sll2(p, 4 if len(c.frames) % 2 == 0 else 0, 3)
    return both_families(c)


@capture()
def link_sll2_hops():
    """A forwarded lookup as `tcpdump -i any` sees it: in at 3, out at 4, and back: one transaction."""
    c = Capture(LINK_SLL2)
    pair = Pair(c)
    q = question("hops.example.com", "A")
    for ms, packet, kind, index in (
            (0, pair.query_packet(wire(q)), 0, 3), (0.02, pair.query_packet(wire(q), ttl=63), 4, 4),
            (5, pair.response_packet(wire(answer(q, "hops.example.com. 60 A 192.0.2.7"))), 0, 4),
            (5.03, pair.response_packet(wire(answer(q, "hops.example.com. 60 A 192.0.2.7")), ttl=63), 4, 3)):
        c.add_frame(ms, sll2(packet, kind, index))
    return c


@capture()
def vlan():
    return both_families(Capture(wrap=lambda p: ethernet(p, [(0x8100, 0x6000 | 42)])))


@capture()
def vlan_priority():
    """VLAN id 0 carries only a priority."""
    return both_families(Capture(wrap=lambda p: ethernet(p, [(0x8100, 0xA000)])))


@capture()
def qinq():
    return both_families(Capture(wrap=lambda p: ethernet(p, [(0x88A8, 100), (0x8100, 200)])))


@capture()
def qinq_old():
    """Two 0x8100 tags, as switches did before 802.1ad."""
    return both_families(Capture(wrap=lambda p: ethernet(p, [(0x8100, 100), (0x8100, 200)])))


@capture()
def ethernet_padding():
    """Frames padded to 60 bytes and more, with a trailer: the IP length counts."""
    return both_families(Capture(wrap=lambda p: ethernet(p) + b"\xaa" * 40))


@capture()
def not_ip():
    """ARP, LLDP and IPX between: passed over."""
    c = Capture()
    c.add_frame(0, b"\xff" * 6 + b"\2\0\0\0\0\1" + b"\x08\x06" + bytes(28))
    c.add_frame(0, b"\1\x80\xc2\0\0\x0e" + b"\2\0\0\0\0\1" + b"\x88\xcc" + bytes(46))
    c.add_frame(0, b"\xff" * 6 + b"\2\0\0\0\0\1" + struct.pack(">H", 40) + b"\xff\xff" + bytes(38))
    return simple(c)


# IP

@capture()
def ipv4_options():
    c = Capture()
    pair = Pair(c)
    q = question("options.example.com", "A")
    pair.query(0, wire(q), options=b"\x94\x04\0\0")  # router alert
    pair.response(2, wire(answer(q, "options.example.com. 60 A 192.0.2.9")),
                  options=b"\1" + b"\x07\x27\4" + bytes(36))  # record route, as long as it gets
    return c


@capture()
def ipv6_extensions():
    c = Capture()
    pair = Pair(c, server="2001:db8::53")
    q = question("extensions.example.com", "AAAA")
    hop = (0, b"\0" + b"\5\2\0\0" + b"\1\0")
    destination = (60, b"\1" + b"\1\x0c" + bytes(12))
    routing = (43, b"\2" + b"\0\0" + bytes(20))
    dgram = udp(pair.client, pair.server, 40000, 53, wire(q))
    c.add(0, ip6(pair.client, pair.server, UDP, dgram, [hop, destination, routing]))
    dgram = udp(pair.server, pair.client, 53, 40000, wire(answer(q, "extensions.example.com. 60 AAAA 2001:db8::9")))
    c.add(3, ip6(pair.server, pair.client, UDP, dgram, [destination]))
    return c


def large_answer(q, count=80):
    name = q.question[0].name.to_text()
    return answer(q, *[f'{name} 60 TXT "{"%03d " % i * 10}"' for i in range(count)])


def fragmented(order, six=False):
    c = Capture()
    pair = Pair(c, server="2001:db8::53" if six else "198.51.100.53")
    q = question("fragments.example.com", "TXT", payload=4096)
    pair.query(0, wire(q))
    dgram = udp(pair.server, pair.client, 53, 40000, wire(large_answer(q, 60)))
    cut = fragments6 if six else fragments4
    pieces = cut(pair.server, pair.client, UDP, dgram, 1232, 0x4242)
    for i, k in enumerate(order):
        c.add(4 + i * 0.1, pieces[k])
    simple_after = question("after.example.com", "A", 0x1002)
    pair.query(6000, wire(simple_after))  # later than any fragment is kept
    pair.response(6001, wire(answer(simple_after, "after.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def fragments_in_order():
    return fragmented([0, 1, 2])


@capture()
def fragments_reversed():
    return fragmented([2, 1, 0])


@capture()
def fragments_repeated():
    return fragmented([0, 0, 2, 2, 1])


@capture()
def fragments_missing_middle():
    """The first fragment makes the transaction; the message is cut."""
    return fragmented([0, 2])


@capture()
def fragments_missing_first():
    """Nothing says that it is DNS: the query is answered by nobody."""
    return fragmented([1, 2])


@capture()
def fragments_ipv6():
    return fragmented([1, 0, 2], six=True)


@capture()
def fragment_atomic_ipv6():
    """A fragment header on a packet that is whole (RFC 6946)."""
    c = Capture()
    pair = Pair(c, server="2001:db8::53")
    q = question("atomic.example.com", "A")
    c.add(0, fragments6(pair.client, pair.server, UDP,
                        udp(pair.client, pair.server, 40000, 53, wire(q)), 1232, 7)[0])
    pair.response(1, wire(answer(q, "atomic.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def snaplen_cut():
    """The capture kept 96 bytes of each frame: cut, which is not malformed."""
    c = Capture(snaplen=96)
    pair = Pair(c)
    q = question("cut.example.com", "TXT", payload=4096)
    pair.query(0, wire(q))
    pair.response(2, wire(large_answer(q, 10)))
    return c


# TCP

def tcp_questions(count, prefix="tcp"):
    return [question(f"{prefix}{i}.example.com", "A", 0x2000 + i) for i in range(count)]


def tcp_answer(q, last=1):
    return answer(q, f"{q.question[0].name} 60 A 192.0.2.{last}")


@capture()
def tcp_simple():
    c = Capture()
    s = Stream(c)
    q, = tcp_questions(1)
    s.open(0)
    s.send(1, framed(wire(q)))
    s.reply(3, framed(wire(tcp_answer(q))))
    s.close(4)
    return c


@capture()
def tcp_ipv6():
    c = Capture()
    s = Stream(c, server="2001:db8::53")
    q, = tcp_questions(1)
    s.open(0)
    s.send(1, framed(wire(q)))
    s.reply(3, framed(wire(tcp_answer(q))))
    s.close(4)
    return c


@capture()
def tcp_length_alone():
    """Some servers send the length in a segment of its own."""
    c = Capture()
    s = Stream(c)
    q, = tcp_questions(1)
    s.open(0)
    data = framed(wire(q))
    s.send(1, data[:2])
    s.send(1.2, data[2:])
    data = framed(wire(tcp_answer(q)))
    s.reply(3, data[:1])
    s.reply(3.2, data[1:2])
    s.reply(3.4, data[2:])
    s.close(4)
    return c


@capture()
def tcp_byte_by_byte():
    c = Capture()
    s = Stream(c)
    q, = tcp_questions(1)
    s.open(0)
    for i, byte in enumerate(framed(wire(q))):
        s.send(1 + i * 0.01, bytes([byte]))
    for i, byte in enumerate(framed(wire(tcp_answer(q)))):
        s.reply(3 + i * 0.01, bytes([byte]))
    s.close(10)
    return c


@capture()
def tcp_large():
    """An answer near the largest possible over many segments."""
    c = Capture()
    s = Stream(c)
    q = question("large.example.com", "TXT", 0x2100)
    s.open(0)
    s.send(1, framed(wire(q)))
    texts = [f'large.example.com. 60 TXT "{"x" * 240}{i:03d}"' for i in range(255)]
    data = framed(wire(answer(q, *texts)))
    assert 60000 < len(data) < 65537
    for i, at in enumerate(range(0, len(data), 1448)):
        s.reply(3 + i * 0.01, data[at:at + 1448])
    s.close(10)
    return c


@capture()
def tcp_many_in_one():
    """Several messages in one segment, both ways."""
    c = Capture()
    s = Stream(c)
    qs = tcp_questions(5)
    s.open(0)
    s.send(1, framed(*[wire(q) for q in qs]))
    s.reply(3, framed(*[wire(tcp_answer(q)) for q in qs]))
    s.close(4)
    return c


@capture()
def tcp_pipelined_reordered():
    """Queries at 1, 2, 3 ms; answers to the third, first, second at 10, 11, 12 ms."""
    c = Capture()
    s = Stream(c)
    qs = tcp_questions(3)
    s.open(0)
    for i, q in enumerate(qs):
        s.send(1 + i, framed(wire(q)))
    for i, k in enumerate((2, 0, 1)):
        s.reply(10 + i, framed(wire(tcp_answer(qs[k], k + 1))))
    s.close(20)
    return c


def tcp_pieces(plan):
    """One query, then an answer whose pieces [from, to) arrive as `plan` says."""
    c = Capture()
    s = Stream(c)
    q = question("pieces.example.com", "TXT", 0x2200)
    s.open(0)
    s.send(1, framed(wire(q)))
    data = framed(wire(large_answer(q, 12)))
    for i, (a, b) in enumerate(plan):
        s.reply_at(3 + i * 0.5, s.sseq + a, data[a:b])
    s.sseq += len(data)
    s.close(2000)
    return c


@capture()
def tcp_out_of_order():
    return tcp_pieces([(200, 400), (400, 10000), (0, 200)])


@capture()
def tcp_overlap():
    return tcp_pieces([(0, 250), (200, 420), (100, 300), (400, 10000)])


@capture()
def tcp_retransmission():
    return tcp_pieces([(0, 300), (0, 300), (300, 10000), (0, 10000), (300, 10000)])


@capture()
def tcp_gap():
    """A segment that the capture lost: the answer is cut; the next lookup is seen whole."""
    c = Capture()
    s = Stream(c)
    q = question("gap.example.com", "TXT", 0x2200)
    s.open(0)
    s.send(1, framed(wire(q)))
    data = framed(wire(large_answer(q, 12)))
    s.reply_at(3, s.sseq, data[:300])
    s.reply_at(3.5, s.sseq + 400, data[400:])
    s.sseq += len(data)
    later, = tcp_questions(1, "later")
    s.send(3000, framed(wire(later)))
    s.reply(3002, framed(wire(tcp_answer(later))))
    s.close(3010)
    return c


@capture()
def tcp_midstream():
    """The capture starts inside an answer."""
    c = Capture()
    s = Stream(c)
    old = question("old.example.com", "TXT", 0x2300)
    s.reply(0, framed(wire(large_answer(old, 12)))[333:])
    for i, q in enumerate(tcp_questions(3, "mid")):
        s.send(10 + 10 * i, framed(wire(q)))
        s.reply(12 + 10 * i, framed(wire(tcp_answer(q, 5))))
    s.close(50)
    return c


@capture()
def tcp_reset():
    """The server resets after the second query: that one stays without an answer."""
    c = Capture()
    s = Stream(c)
    first, second = tcp_questions(2)
    s.open(0)
    s.send(1, framed(wire(first)))
    s.reply(2, framed(wire(tcp_answer(first))))
    s.send(3, framed(wire(second)))
    s.reset(4)
    late = Stream(c, sport=50001)
    q = question("late.example.com", "A", 0x2400)
    late.open(7000)
    late.send(7001, framed(wire(q)))
    late.reply(7002, framed(wire(tcp_answer(q))))
    late.close(7003)
    return c


@capture()
def tcp_port_reused():
    """The same four-tuple again, with other sequence numbers."""
    c = Capture()
    for i, q in enumerate(tcp_questions(2)):
        s = Stream(c)
        s.cseq, s.sseq = 1000 + i * 500_000_000, 77 + i * 900_000_000
        s.open(i * 200)
        s.send(i * 200 + 1, framed(wire(q)))
        s.reply(i * 200 + 2, framed(wire(tcp_answer(q))))
        s.close(i * 200 + 3)
    return c


@capture()
def tcp_after_truncation():
    """UDP answer with TC, then the same question over TCP: two transactions."""
    c = Capture()
    pair = Pair(c)
    q = question("truncated.example.com", "TXT", 0x2500)
    pair.query(0, wire(q))
    pair.response(1, wire(answer(q, flags="tc")))
    s = Stream(c)
    q.id = 0x2501
    s.open(2)
    s.send(3, framed(wire(q)))
    s.reply(5, framed(wire(large_answer(q, 30))))
    s.close(6)
    return c


# Transactions

@capture()
def a_aaaa_one_socket():
    """glibc's pair, answered in the other order: two transactions."""
    c = Capture()
    pair = Pair(c)
    a, aaaa = question("pair.example.com", "A", 0x3000), question("pair.example.com", "AAAA", 0x3001)
    pair.query(0, wire(a))
    pair.query(0.01, wire(aaaa))
    pair.response(2, wire(answer(aaaa, "pair.example.com. 60 AAAA 2001:db8::1")))
    pair.response(3, wire(answer(a, "pair.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def same_id_two_questions():
    """One socket, one id, two questions at a time: the question tells them apart."""
    c = Capture()
    pair = Pair(c)
    a, aaaa = question("same.example.com", "A", 0x3000), question("same.example.com", "AAAA", 0x3000)
    pair.query(0, wire(a))
    pair.query(0.01, wire(aaaa))
    pair.response(2, wire(answer(aaaa, "same.example.com. 60 AAAA 2001:db8::1")))
    pair.response(3, wire(answer(a, "same.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def retransmits():
    """Asked at 0, 1 and 2 s, answered at 2.004 s: one transaction, two retransmits."""
    c = Capture()
    pair = Pair(c)
    q = question("again.example.com", "A")
    for i in range(3):
        pair.query(i * 1000, wire(q))
    pair.response(2004, wire(answer(q, "again.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def timeout():
    """One query that nobody answers, one that is answered 7 s later."""
    c = Capture()
    lost, later = Pair(c), Pair(c, sport=40001)
    lost.query(0, wire(question("lost.example.com", "A", 0x3100)))
    q = question("later.example.com", "A", 0x3101)
    later.query(7000, wire(q))
    later.response(7001, wire(answer(q, "later.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def unanswered_at_end():
    """The capture ends a second after the query: not a timeout."""
    c = Capture()
    pair, other = Pair(c), Pair(c, sport=40001)
    pair.query(0, wire(question("cutoff.example.com", "A", 0x3100)))
    q = question("fine.example.com", "A", 0x3101)
    other.query(1000, wire(q))
    other.response(1001, wire(answer(q, "fine.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def late_response():
    """Answered after 6 s, when the query has been reported as a timeout."""
    c = Capture()
    pair = Pair(c)
    q = question("slow.example.com", "A")
    pair.query(0, wire(q))
    tick = Pair(c, sport=40001)
    t = question("tick.example.com", "A", 0x3101)
    tick.query(5500, wire(t))
    tick.response(5501, wire(answer(t, "tick.example.com. 60 A 192.0.2.1")))
    pair.response(6000, wire(answer(q, "slow.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def unsolicited():
    c = Capture()
    pair = Pair(c)
    q = question("nobody-asked.example.com", "A")
    pair.response(0, wire(answer(q, "nobody-asked.example.com. 60 A 192.0.2.66")))
    return c


@capture()
def wrong_question():
    """Right id and ports, other question: unsolicited (RFC 5452 9.1); the true answer follows."""
    c = Capture()
    pair = Pair(c)
    q, other = question("asked.example.com", "A"), question("other.example.com", "A")
    pair.query(0, wire(q))
    pair.response(1, wire(answer(other, "other.example.com. 60 A 192.0.2.66")))
    pair.response(2, wire(answer(q, "asked.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def duplicate_response_differs():
    """Two answers to one query that differ: a mark on the first."""
    c = Capture()
    pair = Pair(c)
    q = question("spoof.example.com", "A")
    pair.query(0, wire(q))
    pair.response(1, wire(answer(q, "spoof.example.com. 60 A 192.0.2.66")))
    pair.response(2, wire(answer(q, "spoof.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def duplicate_response_same():
    """The same answer twice: one transaction, no mark."""
    c = Capture()
    pair = Pair(c)
    q = question("twice.example.com", "A")
    pair.query(0, wire(q))
    for ms in (1, 2):
        pair.response(ms, wire(answer(q, "twice.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def id_reuse():
    """The same socket, id and question a second later: two transactions."""
    c = Capture()
    pair = Pair(c)
    q = question("reuse.example.com", "A")
    for i in range(2):
        pair.query(i * 1000, wire(q))
        pair.response(i * 1000 + 1 + i, wire(answer(q, f"reuse.example.com. 60 A 192.0.2.{i + 1}")))
    return c


@capture()
def case_0x20():
    """The name as asked, in mixed case; a server that answers in lower case still matches."""
    c = Capture()
    pair = Pair(c)
    q = question("wWw.ExAmPlE.cOm", "A", 0x3200)
    pair.query(0, wire(q))
    pair.response(1, wire(answer(q, "wWw.ExAmPlE.cOm. 60 A 192.0.2.1")))
    q = question("LoWeR.example.com", "A", 0x3201)
    pair.query(10, wire(q))
    folded = question("lower.example.com", "A", 0x3201)
    pair.response(11, wire(answer(folded, "lower.example.com. 60 A 192.0.2.1")))
    return c


@capture()
def servers_and_clients():
    """The same id from two clients to two servers: four transactions."""
    c = Capture()
    for i, client in enumerate(("192.0.2.1", "192.0.2.2")):
        for k, server in enumerate(("198.51.100.53", "198.51.100.54")):
            pair = Pair(c, client, server)
            pair.query(i * 0.2 + k * 0.1, wire(question("same.example.com", "A")))
    q = question("same.example.com", "A")
    for i, client in enumerate(("192.0.2.1", "192.0.2.2")):
        for k, server in enumerate(("198.51.100.53", "198.51.100.54")):
            pair = Pair(c, client, server)
            pair.response(5 - i - k * 0.3, wire(answer(q, "same.example.com. 60 A 192.0.2.9")))
    return c


@capture()
def both_ports_53():
    """A server that asks from port 53: the QR bit tells the sides apart."""
    c = Capture()
    pair = Pair(c, sport=53)
    q = question("old-bind.example.com", "NS")
    pair.query(0, wire(q))
    pair.response(1, wire(answer(q, "old-bind.example.com. 60 NS ns.example.com.")))
    return c


@capture()
def icmp_refused():
    """ICMP port unreachable that quotes the least it may, one that quotes everything, and ICMPv6."""
    c = Capture()
    for i, how in enumerate((28, 576)):
        pair = Pair(c, sport=40000 + i)
        packet = pair.query_packet(wire(question(f"closed{i}.example.com", "A", 0x3300 + i)))
        c.add(i * 10, packet)
        c.add(i * 10 + 1, icmp4_unreachable(pair.server, pair.client, packet, quote_bytes=how))
    pair = Pair(c, server="2001:db8::53", sport=40002)
    packet = pair.query_packet(wire(question("closed6.example.com", "AAAA", 0x3302)))
    c.add(30, packet)
    c.add(31.5, icmp6_unreachable(pair.server, pair.client, packet))
    pair = Pair(c, sport=40003)
    packet = pair.query_packet(wire(question("noroute.example.com", "A", 0x3303)))
    c.add(40, packet)
    c.add(41, icmp4_unreachable("203.0.113.1", pair.client, packet, code=1))
    return c


@capture()
def port_8053():
    """Seen only with --port 8053 (or a list with it)."""
    c = Capture()
    pair = Pair(c, dport=8053)
    q = question("port.example.com", "A")
    pair.query(0, wire(q))
    pair.response(1, wire(answer(q, "port.example.com. 60 A 192.0.2.1")))
    s = Stream(c, dport=8053)
    q = question("tcpport.example.com", "A", 0x3401)
    s.open(10)
    s.send(11, framed(wire(q)))
    s.reply(12, framed(wire(tcp_answer(q))))
    s.close(13)
    return c


@capture()
def mdns():
    """With --port 5353: a multicast question and its answer."""
    c = Capture()
    q = question("printer.local", "A", 0)
    q.flags = 0
    c.add(0, ip4("192.0.2.1", "224.0.0.251", UDP, udp("192.0.2.1", "224.0.0.251", 5353, 5353, wire(q)), ttl=255))
    r = answer(q, "printer.local. 120 A 192.0.2.50", flags="aa")
    r.question = []
    c.add(20, ip4("192.0.2.50", "224.0.0.251", UDP, udp("192.0.2.50", "224.0.0.251", 5353, 5353, wire(r)), ttl=255))
    return c


@capture()
def llmnr():
    """With --port 5355: asked by multicast, answered by unicast (RFC 4795)."""
    c = Capture()
    q = question("laptop", "A", 0x3500)
    q.flags = 0
    c.add(0, ip4("192.0.2.1", "224.0.0.252", UDP, udp("192.0.2.1", "224.0.0.252", 51000, 5355, wire(q)), ttl=255))
    r = answer(q, "laptop. 30 A 192.0.2.51")
    c.add(15, ip4("192.0.2.51", "192.0.2.1", UDP, udp("192.0.2.51", "192.0.2.1", 5355, 51000, wire(r)), ttl=255))
    return c
