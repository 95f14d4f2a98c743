/* SPDX-License-Identifier: Apache-2.0 */
#include "pkt/internal.h"

enum {
    EXTENSIONS_MAX = 16,
};

static bool step(struct pkt_ip *ip, uint32_t bytes)
{
    if (bytes > ip->caplen)
        return false;
    ip->payload += bytes;
    ip->caplen -= bytes;
    ip->len -= bytes;
    return true;
}

/* A fragment header with offset 0 and nothing more is an atomic fragment: the whole datagram, never
 * to be joined with others (RFC 6946). */
static bool skip_fragment_header(struct pkt_ip *ip)
{
    if (ip->caplen < 8)
        return false;
    uint16_t field = pkt_be16(ip->payload + 2);
    ip->frag_offset = field & 0xfff8;
    ip->frag_more = field & 1;
    ip->frag_id = pkt_be32(ip->payload + 4);
    ip->fragment = ip->frag_offset || ip->frag_more;
    ip->protocol = ip->payload[0];
    return step(ip, 8);
}

int pkt_ip_skip_extensions(struct pkt_ip *ip)
{
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        uint32_t bytes;
        switch (ip->protocol) {
        case PROTO_FRAGMENT:
            if (!ip->v6)
                return PKT_OK;
            if (!skip_fragment_header(ip))
                return PKT_DROP_IP;
            if (ip->fragment)
                return PKT_OK;
            continue;
        case PROTO_HOPOPTS:
        case PROTO_ROUTING:
        case PROTO_DSTOPTS:
            if (!ip->v6)
                return PKT_OK;
            if (ip->caplen < 2)
                return PKT_DROP_IP;
            bytes = (ip->payload[1] + 1U) * 8; /* RFC 8200 4.3 */
            break;
        case PROTO_AH:
            if (ip->caplen < 2)
                return PKT_DROP_IP;
            bytes = (ip->payload[1] + 2U) * 4; /* RFC 4302 2.2 */
            break;
        default:
            return PKT_OK;
        }
        uint8_t next = ip->payload[0];
        if (!step(ip, bytes))
            return PKT_DROP_IP;
        ip->protocol = next;
    }
    return PKT_DROP_IP;
}

/* `bytes` of payload by the header; bounded by what is there. */
static void set_payload(struct pkt_ip *ip, const struct pkt_net *n, uint32_t header, uint32_t bytes)
{
    ip->payload = n->data + header;
    ip->caplen = n->caplen - header;
    ip->len = bytes;
    if (ip->caplen > bytes)
        ip->caplen = bytes;
}

static int parse_v4(const struct pkt_net *n, bool quoted, struct pkt_ip *ip)
{
    const uint8_t *h = n->data;
    if (n->caplen < 20 || h[0] >> 4 != 4)
        return PKT_DROP_IP;
    uint32_t header = (h[0] & 0x0fU) * 4;
    uint32_t total = pkt_be16(h + 2);
    /* Length 0 is a packet of more than 64 KiB before segmentation (TSO, BIG TCP). */
    ip->sized = total != 0;
    /* Some hosts quote it changed, or in their own byte order. */
    if (!ip->sized || (quoted && total < header))
        total = n->len;
    if (header < 20 || header > n->caplen || header > total)
        return PKT_DROP_IP;
    ip->v6 = false;
    ip->src = h + 12;
    ip->dst = h + 16;
    ip->ttl = h[8];
    ip->protocol = h[9];
    uint16_t field = pkt_be16(h + 6);
    ip->frag_offset = (uint16_t)(field << 3);
    ip->frag_more = field & 0x2000;
    ip->frag_id = pkt_be16(h + 4);
    ip->fragment = field & 0x3fff;
    set_payload(ip, n, header, total - header);
    if (ip->protocol == PROTO_AH && !ip->fragment)
        return pkt_ip_skip_extensions(ip);
    return PKT_OK;
}

static int parse_v6(const struct pkt_net *n, struct pkt_ip *ip)
{
    const uint8_t *h = n->data;
    if (n->caplen < 40 || h[0] >> 4 != 6)
        return PKT_DROP_IP;
    /* Length 0 is a jumbogram (RFC 2675) or a packet before segmentation (BIG TCP, with or without
     * the jumbo option): the frame says how long it is. */
    uint32_t bytes = pkt_be16(h + 4);
    ip->sized = bytes != 0;
    if (!ip->sized)
        bytes = n->len - 40;
    ip->v6 = true;
    ip->src = h + 8;
    ip->dst = h + 24;
    ip->ttl = h[7];
    ip->protocol = h[6];
    ip->frag_offset = 0;
    ip->frag_more = false;
    ip->frag_id = 0;
    ip->fragment = false;
    set_payload(ip, n, 40, bytes);
    if (ip->protocol == PROTO_UDP || ip->protocol == PROTO_TCP)
        return PKT_OK;
    return pkt_ip_skip_extensions(ip);
}

int pkt_ip_parse(const struct pkt_net *n, bool quoted, struct pkt_ip *ip)
{
    if (n->caplen < 1)
        return PKT_DROP_IP;
    switch (n->ethertype) {
    case ETHERTYPE_IPV4:
        return parse_v4(n, quoted, ip);
    case ETHERTYPE_IPV6:
        return parse_v6(n, ip);
    default:
        if (n->data[0] >> 4 == 6)
            return parse_v6(n, ip);
        return n->data[0] >> 4 == 4 ? parse_v4(n, quoted, ip) : PKT_DROP_NOT_IP;
    }
}
