/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Is this packet ours? The common shapes (IPv4 without options, IPv6 without extension headers,
 * headers in the linear part) are judged after one read; look_slow knows the others.
 *
 * Reading past a short packet's end is harmless: the linear part is followed by its
 * skb_shared_info. `linear` says what counts. */
#pragma once

#include "compat.bpf.h"
#include "packet.bpf.h"

/* Set by user space before loading: a bit for each port, by its number in network order. */
const volatile __u8 port_map[8192];

const volatile __u32 sample = 1; /* 1 in so many transactions */

struct fragment_key {
    __be32 src[4];
    __be32 dst[4];
    __u32 id;
    __u32 proto;
};

/* Datagrams whose first fragment had a DNS port: when it was seen (CLOCK_MONOTONIC). */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct fragment_key);
    __type(value, __u64);
} fragments SEC(".maps");

/* RFC 791 3.2, RFC 8200 4.5: a datagram's fragments arrive within its reassembly time. After it
 * the same id is another datagram. */
#define FRAGMENT_AGE_NS (60ULL * 1000 * 1000 * 1000)

struct head4 {
    __u8 version_ihl;
    __u8 tos;
    __be16 total_len;
    __be16 id;
    __be16 fragment;
    __u8 ttl;
    __u8 proto;
    __be16 checksum;
    __be32 src;
    __be32 dst;
    __be16 ports[2];
    __u8 l4[16];
};

struct head6 {
    __be32 version;
    __be16 payload_len;
    __u8 next;
    __u8 hop_limit;
    __be32 src[4];
    __be32 dst[4];
    __be16 ports[2];
    __u8 l4[12];
};

/* Ports and the 12 bytes after them: UDP length, checksum, DNS id and flags; or TCP sequence,
 * acknowledgement, offset and flags. */
struct head_l4 {
    __be16 ports[2];
    __u8 bytes[12];
};

static __always_inline bool port_listed(__be16 port)
{
    return port_map[port >> 3] >> (port & 7) & 1;
}

/* Nearly all packets end here, so what this touches counts: a single port stands next to the
 * counters, which are at hand, since another page of memory costs more than all the comparing. */
static __always_inline bool ports_match(const struct ring_cpu *c, const __be16 ports[2])
{
    __be16 port = c->port;
    if (port)
        return ports[0] == port || ports[1] == port;
    return port_listed(ports[0]) || port_listed(ports[1]);
}

static __always_inline bool ports_listed(__be16 a, __be16 b)
{
    return port_listed(a) || port_listed(b);
}

/* `rest` holds the bytes after the ports, of which those before `have` bytes from the ports on
 * belong to the packet; `end` is the length of the packet by its IP header, from the ports on. */
static __always_inline void look_udp(struct look *l, const __u8 rest[12], __u32 have)
{
    l->kind = LOOK_UDP;
    if (have >= 12) {
        l->has_dns = 1;
        __builtin_memcpy(&l->dns_id, rest + 4, 2);
        l->dns_bits[0] = rest[6];
        l->dns_bits[1] = rest[7];
    }
}

/* Pure acknowledgements carry nothing that reassembly needs. */
static __always_inline void look_tcp(struct look *l, const __u8 rest[12], __u32 have, __u32 end)
{
    if (have < 16)
        return;
    __u32 header = (rest[8] >> 4) * 4;
    l->tcp_flags = rest[9];
    l->payload = end > header ? end - header : 0;
    if (l->payload || (l->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)))
        l->kind = LOOK_TCP;
}

/* Lengths: the IP header's, unless it is 0 (big TCP) or more than there is. What follows it is
 * padding of a short Ethernet frame. */
static __always_inline __u32 ip_len(const struct look *l, __u32 stated)
{
    return stated && stated < l->len ? stated : l->len;
}

static __always_inline int look_pull(struct sk_buff *skb, const struct look *l, __u32 offset,
                                     void *to, const __u32 bytes)
{
    if (offset + bytes <= l->linear)
        return bpf_probe_read_kernel(to, bytes, l->net + offset);
    if (!skb || offset + bytes > l->len)
        return -1;
    return skb_read(skb, l->data_offset + offset, to, bytes);
}

/* The transport header at `offset`, of which some bytes may be missing at the packet's end. */
static __always_inline int look_pull_l4(struct sk_buff *skb, const struct look *l, __u32 offset,
                                        struct head_l4 *h, __u32 *have)
{
    if (look_pull(skb, l, offset, h, 16) == 0) {
        *have = 16;
        return 0;
    }
    __builtin_memset(h, 0, sizeof *h);
    if (look_pull(skb, l, offset, h, 12) == 0) {
        *have = 12;
        return 0;
    }
    *have = 8;
    return look_pull(skb, l, offset, h, 8);
}

static __always_inline void fragment_key_of(struct fragment_key *k, const struct look *l)
{
    __builtin_memcpy(k->src, l->src, sizeof k->src);
    __builtin_memcpy(k->dst, l->dst, sizeof k->dst);
    k->id = l->ip_id;
    k->proto = l->ip_proto;
}

static __always_inline void look_fragment(struct look *l)
{
    struct fragment_key k;
    fragment_key_of(&k, l);
    __u64 *since = bpf_map_lookup_elem(&fragments, &k);
    if (since && bpf_ktime_get_ns() - *since < FRAGMENT_AGE_NS)
        l->kind = LOOK_FRAGMENT;
}

static __always_inline void look_transport(struct sk_buff *skb, struct look *l, __u32 offset,
                                           __u32 end)
{
    struct head_l4 h;
    __u32 have;
    if (look_pull_l4(skb, l, offset, &h, &have)) {
        l->unreadable = 1;
        return;
    }
    if (!ports_listed(h.ports[0], h.ports[1]))
        return;
    l->sport = h.ports[0];
    l->dport = h.ports[1];
    if (have < 12 && end >= offset + 20)
        l->unreadable = 1; /* the DNS header is there, but out of reach */
    if (l->ip_proto == PROTO_UDP)
        look_udp(l, h.bytes, have);
    else
        look_tcp(l, h.bytes, have, end > offset ? end - offset : 0);
}

/* Steps over IPv6 extension headers (RFC 8200 4): hop-by-hop, routing, destination options,
 * authentication, fragment. Returns the offset of the transport header, 0 when there is none. */
static __always_inline __u32 look_extensions(struct sk_buff *skb, struct look *l, __u32 offset,
                                             __u8 *next, bool *later)
{
#pragma unroll
    for (int i = 0; i < 6; i++) {
        __u8 h[8];
        if (*next == PROTO_TCP || *next == PROTO_UDP || *next == PROTO_ICMPV6)
            return offset;
        if (*next != 0 && *next != 43 && *next != 44 && *next != 51 && *next != 60)
            return 0;
        if (look_pull(skb, l, offset, h, 8))
            return 0;
        if (*next == 44) {
            __be16 bits;
            __builtin_memcpy(&bits, h + 2, 2);
            __builtin_memcpy(&l->ip_id, h + 4, 4);
            *later = bits & bpf_htons(0xfff8);
            l->first_of = !*later && (bits & bpf_htons(1));
            offset += 8;
        } else {
            offset += *next == 51 ? (h[1] + 2) * 4 : (h[1] + 1) * 8;
        }
        *next = h[0];
        if (*later)
            return offset;
    }
    return *next == PROTO_TCP || *next == PROTO_UDP || *next == PROTO_ICMPV6 ? offset : 0;
}

static __always_inline void look_quote(struct sk_buff *skb, struct look *l, __u32 offset);

static __always_inline void look_ip4(struct sk_buff *skb, struct look *l)
{
    __u8 b[20];
    if (look_pull(skb, l, 0, b, 20)) {
        l->unreadable = 1;
        return;
    }
    __u32 header = (b[0] & 0xf) * 4;
    __be16 stated, id, bits;
    __builtin_memcpy(&stated, b + 2, 2);
    __builtin_memcpy(&id, b + 4, 2);
    __builtin_memcpy(&bits, b + 6, 2);
    if (b[0] >> 4 != 4 || header < 20)
        return;
    l->ip_proto = b[9];
    __builtin_memcpy(l->src, b + 12, 4);
    __builtin_memcpy(l->dst, b + 16, 4);
    l->ip_id = id;
    if (b[9] == PROTO_ICMP) {
        if (!(bits & bpf_htons(IP_OFFSET)))
            look_quote(skb, l, header);
        return;
    }
    if (b[9] != PROTO_UDP && b[9] != PROTO_TCP)
        return;
    if (bits & bpf_htons(IP_OFFSET)) {
        look_fragment(l);
        return;
    }
    l->first_of = (bits & bpf_htons(IP_MF)) != 0;
    look_transport(skb, l, header, ip_len(l, bpf_ntohs(stated)));
}

static __always_inline void look_ip6(struct sk_buff *skb, struct look *l)
{
    __u8 b[40];
    if (look_pull(skb, l, 0, b, 40)) {
        l->unreadable = 1;
        return;
    }
    if (b[0] >> 4 != 6)
        return;
    __builtin_memcpy(l->src, b + 8, 16);
    __builtin_memcpy(l->dst, b + 24, 16);
    __be16 stated;
    __builtin_memcpy(&stated, b + 4, 2);
    __u8 next = b[6];
    bool later = false;
    __u32 offset = look_extensions(skb, l, 40, &next, &later);
    l->ip_proto = next;
    if (!offset)
        return;
    if (later)
        look_fragment(l);
    else if (next == PROTO_ICMPV6)
        look_quote(skb, l, offset);
    else
        look_transport(skb, l, offset, ip_len(l, stated ? 40 + bpf_ntohs(stated) : 0));
}

/* An ICMP error with a quoted packet. What the sampling looks at is then the quoted packet's. */
static __always_inline void look_quote(struct sk_buff *skb, struct look *l, __u32 offset)
{
    __u8 type, b[40];
    bool six = l->ip_proto == PROTO_ICMPV6;
    if (look_pull(skb, l, offset, &type, 1))
        return;
    /* RFC 792: unreachable, time exceeded, parameter problem. RFC 4443: errors are 1 to 4. */
    if (six ? type < 1 || type > 4 : type != 3 && type != 11 && type != 12)
        return;
    offset += 8;
    __u8 proto;
    if (six) {
        if (look_pull(skb, l, offset, b, 40))
            return;
        proto = b[6];
        __builtin_memcpy(l->src, b + 8, 16);
        __builtin_memcpy(l->dst, b + 24, 16);
        offset += 40;
    } else {
        if (look_pull(skb, l, offset, b, 20))
            return;
        proto = b[9];
        __builtin_memcpy(l->src, b + 12, 4);
        __builtin_memcpy(l->dst, b + 16, 4);
        offset += (b[0] & 0xf) * 4;
    }
    struct head_l4 h;
    __u32 have;
    if ((proto != PROTO_UDP && proto != PROTO_TCP) || look_pull_l4(skb, l, offset, &h, &have) ||
        !ports_listed(h.ports[0], h.ports[1]))
        return;
    l->kind = LOOK_ICMP;
    l->sport = h.ports[0];
    l->dport = h.ports[1];
    l->ip_proto = proto;
    if (proto == PROTO_UDP && have >= 12) {
        __builtin_memcpy(&l->dns_id, h.bytes + 4, 2);
        l->has_dns = 1;
    }
}

/* Everything that look_fast leaves open, from the network header on. */
static __always_inline void look_layers(struct sk_buff *skb, struct look *l)
{
    /* At most two tags, in the packet itself (IEEE 802.1Q, 802.1ad); tags that the device took
     * out are not in the bytes. */
#pragma unroll
    for (int i = 0; i < 2; i++) {
        __be16 tag[2];
        if (l->protocol != ETH_P_8021Q && l->protocol != ETH_P_8021AD)
            break;
        if (look_pull(skb, l, 0, tag, 4))
            return;
        l->protocol = bpf_ntohs(tag[1]);
        l->net += 4;
        l->data_offset += 4;
        l->len -= 4;
        l->linear = l->linear > 4 ? l->linear - 4 : 0;
    }
    if (l->protocol == ETH_P_IP)
        look_ip4(skb, l);
    else if (l->protocol == ETH_P_IPV6)
        look_ip6(skb, l);
}

/* Global functions: the verifier checks each by itself once, instead of with every state of its
 * callers. */
__noinline int look_slow(struct look *l)
{
    if (l)
        look_layers(NULL, l);
    return 0;
}

__noinline int look_slow_skb(struct sk_buff *skb ARG_TRUSTED, struct look *l)
{
    if (l)
        look_layers(skb, l);
    return 0;
}

enum verdict {
    VERDICT_OTHER, /* not ours */
    VERDICT_OURS,  /* look_fast fills in the rest */
    VERDICT_SLOW,  /* look_slow is to tell */
};

/* The fields that decide about most packets. */
struct peek {
    __u8 proto;
    __be16 ports[2];
    __be16 fragment;
    __u8 version_ihl;
};

/* `bytes` (a multiple of 8) from the network header on. `cast`: the kernel has bpf_rdonly_cast. Few
 * large loads: each costs a check of its address. */
static __always_inline bool load_head(void *to, const unsigned char *net, const __u32 bytes,
                                      const bool cast)
{
    if (!cast)
        return bpf_probe_read_kernel(to, bytes, net) == 0;
#pragma unroll
    for (__u32 i = 0; i < bytes / 8; i++) {
        __u64 word = load64(net + 8 * i);
        __builtin_memcpy(to + 8 * i, &word, 8);
    }
    return true;
}

static __always_inline bool peek4(struct peek *p, const unsigned char *net, const bool cast)
{
    struct head4 h;
    if (!load_head(&h, net, 24, cast))
        return false;
    p->proto = h.proto;
    p->fragment = h.fragment;
    p->version_ihl = h.version_ihl;
    __builtin_memcpy(p->ports, h.ports, 4);
    return true;
}

static __always_inline bool peek6(struct peek *p, const unsigned char *net, const bool cast)
{
    struct head6 h;
    if (!load_head(&h, net, 8, cast) || !load_head(h.ports, net + 40, 8, cast))
        return false;
    p->proto = h.next;
    __builtin_memcpy(p->ports, h.ports, 4);
    return true;
}

static __always_inline enum verdict judge(const struct ring_cpu *c, const struct place *at,
                                          const bool cast)
{
    struct peek p;
    if (at->protocol == bpf_htons(ETH_P_IP)) {
        if (at->linear < 28 || !peek4(&p, at->net, cast))
            return VERDICT_SLOW;
        if (p.proto != PROTO_UDP && p.proto != PROTO_TCP)
            return p.proto == PROTO_ICMP ? VERDICT_SLOW : VERDICT_OTHER;
        if (p.version_ihl != 0x45 || (p.fragment & bpf_htons(IP_MF | IP_OFFSET)))
            return VERDICT_SLOW;
        if (!ports_match(c, p.ports))
            return VERDICT_OTHER;
        return at->linear < 36 && at->linear < at->len ? VERDICT_SLOW : VERDICT_OURS;
    }
    if (at->protocol == bpf_htons(ETH_P_IPV6)) {
        if (at->linear < 48 || !peek6(&p, at->net, cast))
            return VERDICT_SLOW;
        if (p.proto != PROTO_UDP && p.proto != PROTO_TCP)
            return VERDICT_SLOW;
        if (!ports_match(c, p.ports))
            return VERDICT_OTHER;
        return at->linear < 56 && at->linear < at->len ? VERDICT_SLOW : VERDICT_OURS;
    }
    if (at->protocol == bpf_htons(ETH_P_8021Q) || at->protocol == bpf_htons(ETH_P_8021AD))
        return VERDICT_SLOW;
    return VERDICT_OTHER;
}

static __always_inline void look_start(struct look *l, const struct place *at)
{
    __builtin_memset(l, 0, sizeof *l);
    l->net = at->net;
    l->len = at->len;
    l->linear = at->linear;
    l->data_offset = at->data_offset;
    l->protocol = bpf_ntohs(at->protocol);
}

static __always_inline void print_finish(struct look *l, struct print *p, const bool cast)
{
    if (l->has_dns && l->linear == l->len && load_head(&p->tail, l->net + l->len - 8, 8, cast))
        l->printed = 1;
}

static __always_inline void look_fast4(struct look *l, struct print *p, const bool cast)
{
    struct head4 h;
    if (!load_head(p->head, l->net, sizeof h, cast))
        return;
    p->head[5] = p->head[6] = 0;
    __builtin_memcpy(&h, p->head, sizeof h);
    l->ip_proto = h.proto;
    if (sample > 1) {
        l->src[0] = h.src;
        l->dst[0] = h.dst;
    }
    l->sport = h.ports[0];
    l->dport = h.ports[1];
    if (h.proto != PROTO_UDP) {
        look_tcp(l, h.l4, l->linear - 20, ip_len(l, bpf_ntohs(h.total_len)) - 20);
        return;
    }
    look_udp(l, h.l4, l->linear - 20);
    p->head[1] &= 0xffffffff0000ff00; /* bytes 8 (TTL), 10 and 11 (checksum) */
    p->head[3] &= 0xffffffff0000ffff; /* bytes 26 and 27 (checksum) */
    print_finish(l, p, cast);
}

static __always_inline void look_fast6(struct look *l, struct print *p, const bool cast)
{
    struct head6 h;
    if (!load_head(p->head, l->net, sizeof h, cast))
        return;
    __builtin_memcpy(&h, p->head, sizeof h);
    l->ip_proto = h.next;
    if (sample > 1) {
        __builtin_memcpy(l->src, h.src, 16);
        __builtin_memcpy(l->dst, h.dst, 16);
    }
    l->sport = h.ports[0];
    l->dport = h.ports[1];
    if (h.next != PROTO_UDP) {
        __u32 stated = bpf_ntohs(h.payload_len);
        look_tcp(l, h.l4, l->linear - 40, ip_len(l, stated ? stated + 40 : 0) - 40);
        return;
    }
    look_udp(l, h.l4, l->linear - 40);
    p->head[0] &= 0x00ffffffffffffff; /* byte 7 (hop limit) */
    p->head[5] &= 0x0000ffffffffffff; /* bytes 46 and 47 (checksum) */
    print_finish(l, p, cast);
}
