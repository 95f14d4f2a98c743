# SPDX-License-Identifier: Apache-2.0
"""What an independent decoder says: tshark's messages of a capture, and transactions built from
them here, by rules written down from the issue and not from nameflow's code.

A query opens a transaction; the same question from the same place again is a retransmission; a
response belongs to the open query with its addresses, ports, id and question, else to none.
"""
import dataclasses
import subprocess
import xml.etree.ElementTree as ElementTree

TIMEOUT_NS = 5_000_000_000
LINGER_NS = 100_000_000
OPTIONS = ("tcp.desegment_tcp_streams:TRUE", "ip.defragment:TRUE", "ipv6.defragment:TRUE",
           "dns.desegment_dns_messages:TRUE")


@dataclasses.dataclass
class Message:
    frame: int
    time_ns: int
    transport: str
    src: str
    sport: int
    dst: str
    dport: int
    id: int = None
    flags: int = None
    rcode: int = None
    counts: tuple = (None, None, None, None)
    qname: bytes = None  # wire, as seen; tshark's text where that is no plain name
    qtype: int = None
    qclass: int = None
    response_to: int = None
    dns_time_ns: int = None
    place: tuple = ()    # interface and packet type of Linux cooked captures
    bytes: int = None
    wire: bytes = None   # UDP only
    body: tuple = ()     # what tells a different response from a repeated one
    malformed: bool = False

    @property
    def is_response(self):
        return bool(self.flags is not None and self.flags & 0x8000)


@dataclasses.dataclass
class Refusal:
    """An ICMP error about a datagram from src to dst."""
    time_ns: int
    src: str
    sport: int
    dst: str
    dport: int
    id: int = None


def _number(text):
    return int(text, 0) if text else None


def _nanoseconds(text):
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 1_000_000_000 + int((fraction + "0" * 9)[:9])


def _wire_name(value):
    """The bytes of an uncompressed name; None when there is a pointer in it or it is broken: then
    tshark's text has to do."""
    data = bytes.fromhex(value or "")
    at = 0
    while at < len(data):
        if data[at] == 0:
            return data[:at + 1]
        if data[at] > 63:
            return None
        at += data[at] + 1
    return None


def name_from_text(text):
    """RFC 1035 5.1 text to wire."""
    if text is None:
        return None
    labels, label, at = [], bytearray(), 0
    data = text.encode()
    while at < len(data):
        if data[at:at + 1] == b"\\":
            if data[at + 1:at + 4].isdigit():
                label.append(int(data[at + 1:at + 4]))
                at += 4
            else:
                label.append(data[at + 1])
                at += 2
        elif data[at:at + 1] == b".":
            labels.append(bytes(label))
            label = bytearray()
            at += 1
        else:
            label.append(data[at])
            at += 1
    if label:
        labels.append(bytes(label))
    return b"".join(bytes([len(x)]) + x for x in labels if x) + b"\0"


def _message(proto, context):
    m = Message(**context)
    fields = {}
    raw = []
    for field in proto.iter("field"):
        name = field.get("name")
        fields.setdefault(name, field)
        if name.startswith("dns.") and field.get("value"):
            raw.append((name, field.get("value")))
    show = {name: field.get("show") for name, field in fields.items()}
    m.id = _number(show.get("dns.id"))
    m.flags = _number(show.get("dns.flags"))
    m.rcode = (m.flags & 15) | (_number(show.get("dns.resp.ext_rcode")) or 0) << 4 if m.flags is not None else None
    m.counts = tuple(_number(show.get("dns.count." + part))
                     for part in ("queries", "answers", "auth_rr", "add_rr"))
    if m.flags is not None and m.flags >> 11 & 15 == 5:
        m.counts = tuple(_number(show.get("dns.count." + part))
                         for part in ("zones", "prerequisites", "updates", "add_rr"))
    if "dns.qry.name" in fields:
        text = show["dns.qry.name"]
        m.qname = _wire_name(fields["dns.qry.name"].get("value")) or (
            text.encode() if text.startswith("<") else name_from_text(text))
        if len(m.qname) > 255:
            m.qname = b"<name of %d octets>" % len(m.qname)
    m.qtype = _number(show.get("dns.qry.type"))
    m.qclass = _number(show.get("dns.qry.class"))
    m.response_to = _number(show.get("dns.response_to"))
    if "dns.time" in show:
        m.dns_time_ns = _nanoseconds(show["dns.time"])
    if "dns.length" in show:
        m.bytes = _number(show["dns.length"])
    m.body = tuple(raw)
    return m


class _Packet:
    """Walks the protocol layers of one packet; those that an ICMP error quotes stay aside."""

    def __init__(self, element):
        self.messages = []
        self.context = {}
        self.udp_bytes = self.udp_payload = None
        self.malformed = False
        self._walk(element)
        for m in self.messages:
            if isinstance(m, Message):
                m.malformed = self.malformed

    def _walk(self, element):
        for child in element:
            if child.tag != "proto":
                continue
            name = child.get("name")
            getattr(self, "_on_" + name.replace(".", "_").replace("-", "_"), self._on_other)(child)

    @staticmethod
    def _field(proto, name):
        return next((field for field in proto.iter("field") if field.get("name") == name), None)

    def _show(self, proto, name):
        field = self._field(proto, name)
        return field.get("show") if field is not None else None

    def _on_frame(self, proto):
        self.context["frame"] = int(self._show(proto, "frame.number"))
        self.context["time_ns"] = _nanoseconds(self._show(proto, "frame.time_epoch"))

    def _on_sll(self, proto):
        self.context["place"] = (self._show(proto, "sll.ifindex"), self._show(proto, "sll.pkttype"))

    def _on_ip(self, proto):
        self.context.update(src=self._show(proto, "ip.src"), dst=self._show(proto, "ip.dst"))
        self._walk(proto)

    def _on_ipv6(self, proto):
        self.context.update(src=self._show(proto, "ipv6.src"), dst=self._show(proto, "ipv6.dst"))
        self._walk(proto)

    def _on_udp(self, proto):
        self._ports(proto, "udp")
        self.udp_bytes = int(self._show(proto, "udp.length")) - 8
        payload = self._field(proto, "udp.payload")
        self.udp_payload = bytes.fromhex(payload.get("value")) if payload is not None else None
        self._walk(proto)

    def _on_tcp(self, proto):
        self._ports(proto, "tcp")
        self._walk(proto)

    def _ports(self, proto, transport):
        self.context.update(transport=transport, sport=int(self._show(proto, transport + ".srcport")),
                            dport=int(self._show(proto, transport + ".dstport")))

    def _on_icmp(self, proto):
        """Of an error only what it quotes counts: whose datagram could not be delivered."""
        quoted = {}
        for name in ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport", "dns.id"):
            quoted[name.replace("ipv6", "ip")] = self._show(proto, name) or quoted.get(name.replace("ipv6", "ip"))
        if quoted["udp.srcport"] and quoted["udp.dstport"]:
            self.messages.append(Refusal(
                self.context["time_ns"], quoted["ip.src"], int(quoted["udp.srcport"]), quoted["ip.dst"],
                int(quoted["udp.dstport"]), _number(quoted["dns.id"])))

    _on_icmpv6 = _on_icmp

    def _on__ws_malformed(self, proto):
        self.malformed = True

    def _on_dns(self, proto):
        if "sport" in self.context:
            m = _message(proto, self.context)
            if m.transport == "udp":
                m.bytes, m.wire = self.udp_bytes, self.udp_payload
            self.messages.append(m)
        self._walk(proto)

    _on_mdns = _on_llmnr = _on_dns

    def _on_other(self, proto):
        self._walk(proto)


def messages(path, ports, out_of_order=False):
    """tshark's DNS messages of a capture and ICMP errors, in order, whatever their port; and whether
    it found the file broken.

    tshark puts segments in order only when asked to, and then waits for ever behind a gap."""
    command = ["tshark", "-n", "-r", str(path), "-T", "pdml"]
    for option in OPTIONS + (("tcp.reassemble_out_of_order:TRUE",) if out_of_order else ()):
        command += ["-o", option]
    for port in ports:
        kind = "llmnr" if port == 5355 else "dns"
        if port not in (53, 5353):
            command += ["-d", f"udp.port=={port},{kind}", "-d", f"tcp.port=={port},dns"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = []
    with run.stdout:
        for _, element in ElementTree.iterparse(run.stdout):
            if element.tag == "packet":
                out += _Packet(element).messages
                element.clear()
    code = run.wait()
    assert code in (0, 2), command
    return out, code == 2


@dataclasses.dataclass
class Transaction:
    time_ns: int
    key: tuple
    query: Message = None
    response: Message = None
    outcome: str = None
    retransmits: int = 0
    places: set = dataclasses.field(default_factory=set)
    answer_places: set = dataclasses.field(default_factory=set)
    duplicate: bool = False

    @property
    def latency_ns(self):
        """tshark's own figure where it has one for this very pair."""
        if not (self.query and self.response):
            return None
        if self.response.response_to == self.query.frame and self.response.dns_time_ns is not None:
            return self.response.dns_time_ns
        return self.response.time_ns - self.query.time_ns


def _question(m):
    return None if m.qname is None or m.qtype is None else (m.qname.lower(), m.qtype, m.qclass)


def _key(m):
    client, server = ((m.dst, m.dport), (m.src, m.sport)) if m.is_response else ((m.src, m.sport), (m.dst, m.dport))
    return (m.transport, *client, *server, m.id)


class _Builder:
    def __init__(self):
        self.all = []
        self.live = []  # those that may still get an answer or a second one

    def push(self, m):
        for t in list(self.live):
            if t.response is None and t.outcome is None and m.time_ns - t.time_ns >= TIMEOUT_NS:
                t.outcome = "timeout"
                self.live.remove(t)
            elif t.response is not None and m.time_ns - t.response.time_ns >= LINGER_NS:
                self.live.remove(t)
        if isinstance(m, Refusal):
            self._refusal(m)
        else:
            (self._response if m.is_response else self._query)(m)

    def _refusal(self, m):
        for t in reversed(self.live):
            if t.key[:5] == ("udp", m.src, m.sport, m.dst, m.dport) and m.id in (None, t.key[5]) and not t.response:
                t.outcome = "icmp_refused"
                self.live.remove(t)
                return

    def _find(self, m):
        key, question = _key(m), _question(m)
        for t in reversed(self.live):
            known = _question(t.query or t.response)
            if t.key == key and (question is None or known is None or known == question):
                yield t

    def _query(self, m):
        for t in self._find(m):
            if t.query is None:
                continue
            if m.place and m.place not in t.places:
                t.places.add(m.place)
                return
            if t.response is None:
                t.retransmits += 1
                return
        self._new(Transaction(m.time_ns, _key(m), query=m, places={m.place}))

    def _response(self, m):
        found = list(self._find(m))
        for t in found:
            if t.response is None:
                t.response, t.outcome = m, "answered"
                t.answer_places.add(m.place)
                return
        for t in found:
            if t.response.body != m.body:
                t.duplicate = t.query is not None
            elif m.place not in t.answer_places:
                t.answer_places.add(m.place)
            elif t.query is None:
                continue
            if t.query or t.response.body == m.body:
                return
        self._new(Transaction(m.time_ns, _key(m), response=m, outcome="unsolicited", answer_places={m.place}))

    def _new(self, t):
        self.all.append(t)
        self.live.append(t)


def transactions(found, ports):
    """Transactions of the messages on `ports`; the messages on other ports are the second result."""
    builder = _Builder()
    elsewhere = []
    for m in found:
        if isinstance(m, Refusal):
            if m.dport in ports:
                builder.push(m)
        elif m.id is None or m.flags is None:
            elsewhere.append((m, "tshark shows no header"))
        elif m.sport not in ports and m.dport not in ports:
            elsewhere.append((m, f"port {m.sport} to {m.dport}"))
        else:
            builder.push(m)
    for t in builder.all:
        t.outcome = t.outcome or "unseen"
    return builder.all, elsewhere
