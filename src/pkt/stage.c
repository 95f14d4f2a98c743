/* SPDX-License-Identifier: Apache-2.0 */
#include "pkt/internal.h"

#include <stdlib.h>

struct pkt_stage {
    pkt_sink *sink;
    void *ctx;
    struct pkt_stats stats;
    struct ipfrag frag;
    uint8_t *joined; /* IPFRAG_MAX_BYTES, allocated when first needed */
};

static const char *const drop_names[PKT_DROP_COUNT] = {
    [PKT_DROP_LINK] = "link",           [PKT_DROP_NOT_IP] = "not_ip",     [PKT_DROP_IP] = "ip",
    [PKT_DROP_TRANSPORT] = "transport", [PKT_DROP_UDP] = "udp",           [PKT_DROP_TCP] = "tcp",
    [PKT_DROP_ICMP] = "icmp",           [PKT_DROP_FRAGMENT] = "fragment",
};

const char *pkt_drop_name(enum pkt_drop reason)
{
    return (unsigned)reason < PKT_DROP_COUNT ? drop_names[reason] : "unknown";
}

static bool hand_on(struct pkt_stage *s, const struct pkt_ip *ip, struct pkt *p)
{
    int result = pkt_transport_parse(ip, p);
    if (result != PKT_OK) {
        s->stats.dropped[result]++;
        return false;
    }
    s->stats.packets++;
    s->sink(s->ctx, p);
    return true;
}

/* Hands on what is contiguous from the start of a datagram. */
static bool hand_on_joined(struct pkt_stage *s, const struct ipfrag_datagram *d)
{
    struct ipfrag_view v;
    if (!s->joined)
        s->joined = malloc(IPFRAG_MAX_BYTES);
    if (!s->joined || !ipfrag_view(d, s->joined, &v)) {
        s->stats.dropped[PKT_DROP_FRAGMENT]++;
        return false;
    }
    /* A second fragment header inside has no meaning that hosts agree on. */
    if (pkt_ip_skip_extensions(&v.ip) != PKT_OK || v.ip.fragment) {
        s->stats.dropped[PKT_DROP_IP]++;
        return false;
    }
    struct pkt p;
    p.frame = &v.frame;
    p.vlan = v.vlan;
    p.reassembled = true;
    return hand_on(s, &v.ip, &p);
}

static void give_up(void *ctx, const struct ipfrag_datagram *d)
{
    struct pkt_stage *s = ctx;
    if (hand_on_joined(s, d))
        s->stats.fragment_only++;
}

struct pkt_stage *pkt_stage_new(const struct pkt_limits *limits, pkt_sink *sink, void *ctx)
{
    static const struct pkt_limits defaults;
    struct pkt_stage *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->sink = sink;
    s->ctx = ctx;
    ipfrag_init(&s->frag, limits ? limits : &defaults, give_up, s);
    return s;
}

void pkt_stage_free(struct pkt_stage *s)
{
    if (!s)
        return;
    ipfrag_done(&s->frag);
    free(s->joined);
    free(s);
}

static void push_fragment(struct pkt_stage *s, const struct frame *f, const struct pkt_ip *ip,
                          uint16_t vlan)
{
    /* In IPv6 the transport may come after further headers of the first fragment. */
    if (!ip->v6 && !pkt_transport_known(ip->protocol) && ip->protocol != PROTO_AH) {
        s->stats.dropped[PKT_DROP_TRANSPORT]++;
        return;
    }
    struct ipfrag_datagram *whole;
    switch (ipfrag_push(&s->frag, f, ip, vlan, &whole)) {
    case IPFRAG_HELD:
        s->stats.fragments++;
        break;
    case IPFRAG_WHOLE:
        s->stats.fragments++;
        s->stats.reassembled++;
        hand_on_joined(s, whole);
        ipfrag_free(whole);
        break;
    case IPFRAG_REJECTED:
        s->stats.dropped[PKT_DROP_FRAGMENT]++;
        break;
    }
}

/* A capture of the "any" device says direction and interface only in its cooked header. */
static const struct frame *with_place(const struct frame *f, const struct pkt_net *n,
                                      struct frame *copy)
{
    *copy = *f;
    if (copy->direction == FRAME_UNKNOWN)
        copy->direction = n->direction;
    if (copy->ifindex == 0)
        copy->ifindex = n->ifindex;
    return copy;
}

void pkt_push(struct pkt_stage *s, const struct frame *f)
{
    struct pkt_net n;
    struct pkt_ip ip;
    s->stats.frames++;
    int result = pkt_link_parse(f, &n);
    if (result == PKT_OK)
        result = pkt_ip_parse(&n, false, &ip);
    if (result != PKT_OK) {
        s->stats.dropped[result]++;
        return;
    }
    struct frame placed;
    if (n.direction != FRAME_UNKNOWN)
        f = with_place(f, &n, &placed);
    if (ip.fragment) {
        push_fragment(s, f, &ip, n.vlan);
        return;
    }
    struct pkt p;
    p.frame = f;
    p.vlan = n.vlan;
    p.reassembled = false;
    hand_on(s, &ip, &p);
}

bool pkt_take_udp(struct pkt_stage *s, const struct frame *f, struct pkt_udp *out)
{
    const uint8_t *d = f->data;
    if (f->link != FRAME_LINK_IP || f->caplen < 48)
        return false;
    bool v6 = f->protocol == ETHERTYPE_IPV6;
    uint32_t header = v6 ? 40 : 20;
    if (v6 ? d[0] >> 4 != 6 || d[6] != PROTO_UDP
           : f->protocol != ETHERTYPE_IPV4 || d[0] != 0x45 || d[9] != PROTO_UDP ||
                 (d[6] & 0x3f) != 0 || d[7] != 0)
        return false;
    const uint8_t *udp = d + header;
    uint32_t bytes = pkt_be16(udp + 4);
    if (bytes < 8 || header + bytes > f->caplen ||
        (v6 ? pkt_be16(d + 4) != bytes : pkt_be16(d + 2) != header + bytes))
        return false;
    pkt_addr_set(&out->src, d + (v6 ? 8 : 12), v6);
    pkt_addr_set(&out->dst, d + (v6 ? 24 : 16), v6);
    out->sport = pkt_be16(udp);
    out->dport = pkt_be16(udp + 2);
    out->payload = udp + 8;
    out->payload_len = bytes - 8;
    s->stats.frames++;
    s->stats.packets++;
    return true;
}

void pkt_tick(struct pkt_stage *s, int64_t now_ns)
{
    ipfrag_expire(&s->frag, now_ns);
}

void pkt_flush(struct pkt_stage *s)
{
    ipfrag_flush(&s->frag);
}

const struct pkt_stats *pkt_stage_stats(const struct pkt_stage *s)
{
    return &s->stats;
}
