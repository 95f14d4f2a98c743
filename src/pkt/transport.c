/* SPDX-License-Identifier: Apache-2.0 */
#include "pkt/internal.h"

enum {
    UDP_HEADER_BYTES = 8,
    TCP_HEADER_BYTES = 20,
    ICMP_HEADER_BYTES = 8,
};

static void set_payload(struct pkt *p, const struct pkt_ip *ip, uint32_t header, uint32_t full)
{
    uint32_t captured = ip->caplen > header ? ip->caplen - header : 0;
    p->payload = captured ? ip->payload + header : ip->payload + ip->caplen;
    p->payload_len = captured < full ? captured : full;
    p->payload_full = full;
}

static int parse_udp(const struct pkt_ip *ip, struct pkt *p)
{
    if (ip->caplen < UDP_HEADER_BYTES)
        return PKT_DROP_UDP;
    const uint8_t *h = ip->payload;
    uint32_t bytes = pkt_be16(h + 4);
    /* Length 0 means up to the end of the packet in an IPv6 jumbogram (RFC 2675 4), and in any
     * packet of more than 64 KiB before segmentation. A first fragment has less than its length,
     * which then counts as cut; so does a length past the end of the IP packet. */
    if (bytes == 0 && (ip->v6 || !ip->sized))
        bytes = ip->len;
    if (bytes < UDP_HEADER_BYTES)
        return PKT_DROP_UDP;
    p->sport = pkt_be16(h);
    p->dport = pkt_be16(h + 2);
    p->tcp = (struct pkt_tcp){0};
    set_payload(p, ip, UDP_HEADER_BYTES, bytes - UDP_HEADER_BYTES);
    return PKT_OK;
}

static int parse_tcp(const struct pkt_ip *ip, struct pkt *p)
{
    if (ip->caplen < TCP_HEADER_BYTES)
        return PKT_DROP_TCP;
    const uint8_t *h = ip->payload;
    uint32_t header = (h[12] >> 4) * 4U;
    if (header < TCP_HEADER_BYTES || header > ip->len)
        return PKT_DROP_TCP;
    p->sport = pkt_be16(h);
    p->dport = pkt_be16(h + 2);
    p->tcp = (struct pkt_tcp){
        .seq = pkt_be32(h + 4),
        .ack = pkt_be32(h + 8),
        .flags = h[13],
    };
    set_payload(p, ip, header, ip->len - header);
    return PKT_OK;
}

/* The errors that quote a packet. *length_at is where the header says how long the quote is before
 * extensions follow it, in units of *length_unit (RFC 4884 4.1 to 4.6); 0: it does not say. */
static bool icmp_is_error(const struct pkt_ip *ip, uint8_t type, uint32_t *length_at,
                          uint32_t *length_unit)
{
    *length_at = 0;
    *length_unit = 0;
    if (ip->protocol == PROTO_ICMP) {
        *length_at = 5;
        *length_unit = 4;
        return type == 3 || type == 11 || type == 12;
    }
    if (type == 1 || type == 3) {
        *length_at = 4;
        *length_unit = 8;
    }
    return type >= 1 && type <= 4;
}

static int parse_quoted(const struct pkt_net *n, struct pkt_icmp *icmp)
{
    struct pkt_ip ip;
    if (pkt_ip_parse(n, true, &ip) != PKT_OK || ip.frag_offset != 0)
        return PKT_DROP_ICMP;
    if (ip.fragment) {
        ip.fragment = false;
        if (pkt_ip_skip_extensions(&ip) != PKT_OK || ip.fragment)
            return PKT_DROP_ICMP;
    }
    /* RFC 792 promises no more than 8 bytes after the IP header: all of UDP, the ports of TCP. */
    if ((ip.protocol != PROTO_UDP && ip.protocol != PROTO_TCP) || ip.caplen < 4)
        return PKT_DROP_ICMP;
    icmp->quoted_protocol = ip.protocol;
    pkt_addr_set(&icmp->quoted_src, ip.src, ip.v6);
    pkt_addr_set(&icmp->quoted_dst, ip.dst, ip.v6);
    icmp->quoted_sport = pkt_be16(ip.payload);
    icmp->quoted_dport = pkt_be16(ip.payload + 2);
    if (ip.protocol == PROTO_UDP && ip.caplen > UDP_HEADER_BYTES) {
        uint32_t bytes = pkt_be16(ip.payload + 4);
        uint32_t left = ip.caplen - UDP_HEADER_BYTES;
        icmp->quoted_payload = ip.payload + UDP_HEADER_BYTES;
        icmp->quoted_payload_len = left;
        if (bytes >= UDP_HEADER_BYTES && bytes - UDP_HEADER_BYTES < left)
            icmp->quoted_payload_len = bytes - UDP_HEADER_BYTES;
    }
    return PKT_OK;
}

static int parse_icmp(const struct pkt_ip *ip, struct pkt *p)
{
    uint32_t length_at, length_unit;
    if (ip->v6 != (ip->protocol == PROTO_ICMPV6) || ip->caplen < ICMP_HEADER_BYTES ||
        !icmp_is_error(ip, ip->payload[0], &length_at, &length_unit))
        return PKT_DROP_ICMP;
    p->sport = 0;
    p->dport = 0;
    p->icmp = (struct pkt_icmp){.type = ip->payload[0], .code = ip->payload[1]};
    set_payload(p, ip, ICMP_HEADER_BYTES, ip->len - ICMP_HEADER_BYTES);

    struct pkt_net quoted = {
        .data = p->payload,
        .caplen = p->payload_len,
        .len = p->payload_full,
        .ethertype = ip->v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4,
    };
    uint32_t length = length_at ? ip->payload[length_at] * length_unit : 0;
    if (length && length < quoted.len)
        quoted.len = length;
    if (quoted.caplen > quoted.len)
        quoted.caplen = quoted.len;
    return parse_quoted(&quoted, &p->icmp);
}

int pkt_transport_parse(const struct pkt_ip *ip, struct pkt *p)
{
    pkt_addr_set(&p->src, ip->src, ip->v6);
    pkt_addr_set(&p->dst, ip->dst, ip->v6);
    p->protocol = ip->protocol;
    p->ttl = ip->ttl;
    switch (ip->protocol) {
    case PROTO_UDP:
        return parse_udp(ip, p);
    case PROTO_TCP:
        return parse_tcp(ip, p);
    case PROTO_ICMP:
    case PROTO_ICMPV6:
        return parse_icmp(ip, p);
    default:
        return PKT_DROP_TRANSPORT;
    }
}
