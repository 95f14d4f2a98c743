# SPDX-License-Identifier: Apache-2.0
"""Packets and capture files byte by byte, without any of the code under test.

Everything is deterministic: the same calls give the same bytes.
"""
import gzip
import ipaddress
import struct

LINK_NULL, LINK_ETHERNET, LINK_PPP, LINK_PPP_SERIAL, LINK_PPP_ETHER = 0, 1, 9, 50, 51
LINK_RAW, LINK_LOOP, LINK_SLL, LINK_PPP_PPPD, LINK_PPP_WITH_DIR = 101, 108, 113, 166, 204
LINK_IPV4, LINK_IPV6, LINK_SLL2 = 228, 229, 276

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(addr):
    return ipaddress.ip_address(addr).packed


def _pseudo(src, dst, proto, length):
    if ":" in src:
        return packed(src) + packed(dst) + struct.pack(">II", length, proto)
    return packed(src) + packed(dst) + struct.pack(">BBH", 0, proto, length)


def udp(src, dst, sport, dport, payload, length=None):
    """A UDP datagram; `length` overrides the header's own length field."""
    n = 8 + len(payload)
    head = struct.pack(">HHH", sport, dport, n if length is None else length)
    total = checksum(_pseudo(src, dst, UDP, n) + head + b"\0\0" + payload)
    return head + struct.pack(">H", total or 0xFFFF) + payload


def tcp(src, dst, sport, dport, seq, ack, flags, payload=b"", options=b""):
    options += b"\0" * (-len(options) % 4)
    offset = (20 + len(options)) // 4
    head = struct.pack(">HHIIBBH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       offset << 4, flags, 65535)
    total = checksum(_pseudo(src, dst, TCP, len(head) + 4 + len(options) + len(payload)) + head +
                     b"\0\0\0\0" + options + payload)
    return head + struct.pack(">HH", total, 0) + options + payload


def ip4(src, dst, proto, payload, ident=0, options=b"", offset=0, more=False, ttl=64):
    options += b"\0" * (-len(options) % 4)
    ihl = 5 + len(options) // 4
    frag = offset // 8 | (0x2000 if more else 0)
    head = struct.pack(">BBHHHBBH", 0x40 | ihl, 0, ihl * 4 + len(payload), ident, frag, ttl, proto, 0)
    head += packed(src) + packed(dst) + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ip6(src, dst, proto, payload, extensions=(), hops=64):
    """`extensions`: (type, body) in order; the next-header byte of each is filled in."""
    types = [t for t, _ in extensions] + [proto]
    chain = b""
    for i, (_, body) in enumerate(extensions):
        chain += bytes([types[i + 1]]) + body
    payload = chain + payload
    return struct.pack(">IHBB", 0x60000000, len(payload), types[0], hops) + packed(src) + packed(dst) + payload


def ip(src, dst, proto, payload, **how):
    return ip6(src, dst, proto, payload) if ":" in src else ip4(src, dst, proto, payload, **how)


def fragments4(src, dst, proto, payload, size, ident):
    """`size` is a multiple of 8."""
    return [ip4(src, dst, proto, payload[at:at + size], ident=ident, offset=at,
                more=at + size < len(payload)) for at in range(0, len(payload), size)]


def fragments6(src, dst, proto, payload, size, ident):
    out = []
    for at in range(0, len(payload), size):
        more = at + size < len(payload)
        body = bytes([0]) + struct.pack(">HI", at | more, ident)
        out.append(ip6(src, dst, proto, payload[at:at + size], extensions=[(44, body)]))
    return out


def icmp4_unreachable(src, dst, quoted, code=3, quote_bytes=28):
    """RFC 792: the IP header and at least 8 bytes of the packet that could not be delivered."""
    body = struct.pack(">BBHI", 3, code, 0, 0) + quoted[:quote_bytes]
    return ip4(src, dst, ICMP, body[:2] + struct.pack(">H", checksum(body)) + body[4:])


def icmp6_unreachable(src, dst, quoted, code=4):
    body = struct.pack(">BBHI", 1, code, 0, 0) + quoted[:1200]
    total = checksum(_pseudo(src, dst, ICMP6, len(body)) + body)
    return ip6(src, dst, ICMP6, body[:2] + struct.pack(">H", total) + body[4:])


def ethertype(packet):
    return 0x86DD if packet[0] >> 4 == 6 else 0x0800


def ethernet(packet, tags=()):
    """`tags`: (TPID, TCI) from the outside in."""
    head = b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x01"
    for tpid, tci in tags:
        head += struct.pack(">HH", tpid, tci)
    return head + struct.pack(">H", ethertype(packet)) + packet


def sll(packet, packet_type):
    return struct.pack(">HHH8sH", packet_type, 1, 6, b"\x02\0\0\0\0\x01\0\0", ethertype(packet)) + packet


def sll2(packet, packet_type, ifindex):
    return struct.pack(">HHIHBB8s", ethertype(packet), 0, ifindex, 1, packet_type, 6,
                       b"\x02\0\0\0\0\x01\0\0") + packet


def null(packet, order="<", family6=30):
    return struct.pack(order + "I", family6 if packet[0] >> 4 == 6 else 2) + packet


def ppp(packet):
    return b"\xff\x03" + struct.pack(">H", 0x57 if packet[0] >> 4 == 6 else 0x21) + packet


class Capture:
    """Collects frames and writes them in any of the formats."""

    START_NS = 1_700_000_000_000_000_000

    def __init__(self, link=LINK_ETHERNET, wrap=None, **how):
        self.link = link
        self.wrap = wrap or (ethernet if link == LINK_ETHERNET else lambda packet: packet)
        self.how = how  # format, nano, big, gz, snaplen
        self.frames = []

    def add(self, ms, packet):
        """`ms` after the start; an IP packet, which the link's header is put before."""
        self.add_frame(ms, self.wrap(packet))

    def add_frame(self, ms, frame):
        self.frames.append((self.START_NS + round(ms * 1_000_000), frame))

    def bytes(self):
        body = self._pcapng() if self.how.get("format") == "pcapng" else self._pcap()
        return gzip.compress(body, mtime=0) if self.how.get("gz") else body

    def _order(self):
        return ">" if self.how.get("big") else "<"

    def _pcap(self):
        order, nano = self._order(), self.how.get("nano", False)
        snaplen = self.how.get("snaplen", 262144)
        out = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, snaplen, self.link)]
        for ns, frame in self.frames:
            fraction = ns % 1_000_000_000
            kept = frame[:snaplen]
            out.append(struct.pack(order + "IIII", ns // 1_000_000_000, fraction if nano else fraction // 1000,
                                   len(kept), len(frame)) + kept)
        return b"".join(out)

    def _pcapng(self):
        order, nano = self._order(), self.how.get("nano", False)

        def block(kind, body):
            body += b"\0" * (-len(body) % 4)
            size = struct.pack(order + "I", len(body) + 12)
            return struct.pack(order + "I", kind) + size + body + size

        resolution = struct.pack(order + "HHB3xHH", 9, 1, 9 if nano else 6, 0, 0)
        out = [block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
               block(1, struct.pack(order + "HHI", self.link, 0, 262144) + resolution)]
        for ns, frame in self.frames:
            ticks = ns if nano else ns // 1000
            out.append(block(6, struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF,
                                            len(frame), len(frame)) + frame))
        return b"".join(out)


class Pair:
    """A client and a server; packets of either side."""

    def __init__(self, capture, client="192.0.2.1", server="198.51.100.53", sport=40000, dport=53):
        if ":" in server and ":" not in client:
            client = "2001:db8::1"
        self.capture, self.client, self.server, self.sport, self.dport = capture, client, server, sport, dport

    def query_packet(self, wire, **how):
        return ip(self.client, self.server, UDP, udp(self.client, self.server, self.sport, self.dport, wire), **how)

    def response_packet(self, wire, **how):
        return ip(self.server, self.client, UDP, udp(self.server, self.client, self.dport, self.sport, wire), **how)

    def query(self, ms, wire, **how):
        self.capture.add(ms, self.query_packet(wire, **how))

    def response(self, ms, wire, **how):
        self.capture.add(ms, self.response_packet(wire, **how))


class Stream:
    """A TCP connection; sequence numbers are kept for in-order use and may be given for the rest."""

    def __init__(self, capture, client="192.0.2.1", server="198.51.100.53", sport=50000, dport=53):
        if ":" in server and ":" not in client:
            client = "2001:db8::1"
        self.capture, self.client, self.server, self.sport, self.dport = capture, client, server, sport, dport
        self.cseq, self.sseq = 1000, 0xFFFFFF00  # the server's wraps early

    def _segment(self, ms, from_client, seq, flags, payload=b"", options=b""):
        if from_client:
            src, dst, sport, dport, ack = self.client, self.server, self.sport, self.dport, self.sseq
        else:
            src, dst, sport, dport, ack = self.server, self.client, self.dport, self.sport, self.cseq
        if flags & SYN and from_client:
            ack = 0
        self.capture.add(ms, ip(src, dst, TCP, tcp(src, dst, sport, dport, seq, ack, flags, payload, options)))

    def open(self, ms):
        mss = b"\x02\x04\x05\xb4"
        self._segment(ms, True, self.cseq, SYN, options=mss)
        self.cseq += 1
        self._segment(ms + 0.1, False, self.sseq, SYN | ACK, options=mss)
        self.sseq += 1
        self._segment(ms + 0.2, True, self.cseq, ACK)

    def send(self, ms, payload):
        self.send_at(ms, self.cseq, payload)
        self.cseq += len(payload)

    def reply(self, ms, payload):
        self.reply_at(ms, self.sseq, payload)
        self.sseq += len(payload)

    def send_at(self, ms, seq, payload):
        self._segment(ms, True, seq, PSH | ACK, payload)

    def reply_at(self, ms, seq, payload):
        self._segment(ms, False, seq, PSH | ACK, payload)

    def close(self, ms):
        self._segment(ms, True, self.cseq, FIN | ACK)
        self.cseq += 1
        self._segment(ms + 0.1, False, self.sseq, FIN | ACK)
        self.sseq += 1
        self._segment(ms + 0.2, True, self.cseq, ACK)

    def reset(self, ms):
        self._segment(ms, False, self.sseq, RST | ACK)


def framed(*wires):
    """RFC 1035 4.2.2: two bytes of length before each message."""
    return b"".join(struct.pack(">H", len(w)) + w for w in wires)
