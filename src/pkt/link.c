/* SPDX-License-Identifier: Apache-2.0 */
#include "pkt/internal.h"

enum {
    ETHERTYPE_VLAN = 0x8100, /* 802.1Q */
    ETHERTYPE_QINQ = 0x88a8, /* 802.1ad */
    ETHERTYPE_QINQ_OLD = 0x9100,
    ETHERTYPE_PPPOE = 0x8864, /* session stage, RFC 2516 */
    VLAN_TAGS_MAX = 8,
    SLL_OUTGOING = 4,
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
};

static bool step(struct pkt_net *n, uint32_t bytes)
{
    if (bytes > n->caplen)
        return false;
    n->data += bytes;
    n->caplen -= bytes;
    n->len -= bytes;
    return true;
}

static bool is_vlan(uint16_t ethertype)
{
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
           ethertype == ETHERTYPE_QINQ_OLD;
}

/* The address and control bytes may be left out, and so may the first byte of the protocol, which
 * is even where the second is odd (RFC 1661 6.5 and 6.6). */
static int parse_ppp(struct pkt_net *n)
{
    if (n->caplen >= 2 && n->data[0] == 0xff && n->data[1] == 0x03)
        step(n, 2);
    if (n->caplen < 1)
        return PKT_DROP_LINK;
    uint16_t protocol = n->data[0];
    if (protocol & 1) {
        step(n, 1);
    } else {
        if (n->caplen < 2)
            return PKT_DROP_LINK;
        protocol = pkt_be16(n->data);
        step(n, 2);
    }
    if (protocol == PPP_IPV4)
        n->ethertype = ETHERTYPE_IPV4;
    else if (protocol == PPP_IPV6)
        n->ethertype = ETHERTYPE_IPV6;
    else
        return PKT_DROP_NOT_IP;
    return PKT_OK;
}

static int parse_pppoe(struct pkt_net *n)
{
    if (n->caplen < 6)
        return PKT_DROP_LINK;
    if (n->data[0] != 0x11 || n->data[1] != 0)
        return PKT_DROP_NOT_IP;
    step(n, 6);
    return parse_ppp(n);
}

/* From an EtherType to that of what is inside the tags. */
static int parse_tags(struct pkt_net *n)
{
    for (int tags = 0; is_vlan(n->ethertype); tags++) {
        if (n->caplen < 4 || tags == VLAN_TAGS_MAX)
            return PKT_DROP_LINK;
        if (tags == 0)
            n->vlan = pkt_be16(n->data) & 0x0fff;
        n->ethertype = pkt_be16(n->data + 2);
        step(n, 4);
    }
    if (n->ethertype == ETHERTYPE_IPV4 || n->ethertype == ETHERTYPE_IPV6)
        return PKT_OK;
    if (n->ethertype == ETHERTYPE_PPPOE)
        return parse_pppoe(n);
    return PKT_DROP_NOT_IP;
}

static int parse_ethernet(struct pkt_net *n)
{
    if (n->caplen < 14)
        return PKT_DROP_LINK;
    n->ethertype = pkt_be16(n->data + 12);
    step(n, 14);
    return parse_tags(n);
}

static int parse_sll(struct pkt_net *n)
{
    if (n->caplen < 16)
        return PKT_DROP_LINK;
    n->direction = pkt_be16(n->data) == SLL_OUTGOING ? FRAME_OUT : FRAME_IN;
    n->ethertype = pkt_be16(n->data + 14);
    step(n, 16);
    return parse_tags(n);
}

static int parse_sll2(struct pkt_net *n)
{
    if (n->caplen < 20)
        return PKT_DROP_LINK;
    n->ethertype = pkt_be16(n->data);
    n->ifindex = pkt_be32(n->data + 4);
    n->direction = n->data[10] == SLL_OUTGOING ? FRAME_OUT : FRAME_IN;
    step(n, 20);
    return parse_tags(n);
}

/* The address family in the byte order of the machine that captured (DLT_NULL) or of the network
 * (DLT_LOOP). AF_INET6 differs between systems: Linux 10, NetBSD and OpenBSD 24, FreeBSD 28,
 * Darwin 30. */
static int parse_loop(struct pkt_net *n)
{
    if (n->caplen < 4)
        return PKT_DROP_LINK;
    uint32_t family = pkt_be32(n->data);
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    step(n, 4);
    switch (family) {
    case 2:
        n->ethertype = ETHERTYPE_IPV4;
        return PKT_OK;
    case 10:
    case 24:
    case 28:
    case 30:
        n->ethertype = ETHERTYPE_IPV6;
        return PKT_OK;
    default:
        return PKT_DROP_NOT_IP;
    }
}

int pkt_link_parse(const struct frame *f, struct pkt_net *n)
{
    n->data = f->data;
    n->caplen = f->caplen;
    n->len = f->len > f->caplen ? f->len : f->caplen;
    n->vlan = 0;
    n->direction = FRAME_UNKNOWN;
    n->ifindex = 0;
    switch (f->link) {
    case FRAME_LINK_IP:
        n->ethertype = f->protocol;
        return n->ethertype == ETHERTYPE_BY_VERSION ? PKT_OK : parse_tags(n);
    case FRAME_LINK_ETHERNET:
        return parse_ethernet(n);
    case FRAME_LINK_SLL:
        return parse_sll(n);
    case FRAME_LINK_SLL2:
        return parse_sll2(n);
    case FRAME_LINK_LOOP:
        return parse_loop(n);
    case FRAME_LINK_PPP:
        return parse_ppp(n);
    default:
        return PKT_DROP_LINK;
    }
}
