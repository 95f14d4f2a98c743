/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the packet stage share. Each layer bounds the next one twice: by its length
 * field (`len`, what was on the wire) and by what was captured of that (`caplen`). */
#pragma once

#include "pkt/pkt.h"

#include <endian.h>

enum {
    ETHERTYPE_BY_VERSION = 0,
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
};

/* IANA protocol numbers; <netinet/in.h> does not have all of them. */
enum {
    PROTO_HOPOPTS = 0,
    PROTO_ICMP = 1,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_AH = 51,
    PROTO_ICMPV6 = 58,
    PROTO_DSTOPTS = 60,
};

/* The result of a step: PKT_OK or the reason of the drop. */
enum {
    PKT_OK = PKT_DROP_COUNT,
};

static inline uint16_t pkt_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t pkt_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* From the network header on. */
struct pkt_net {
    const uint8_t *data;
    uint32_t caplen;
    uint32_t len;
    uint16_t ethertype;
    uint16_t vlan;
    uint8_t direction; /* FRAME_UNKNOWN when the link header does not say */
    uint32_t ifindex;  /* 0 when the link header does not say */
};

struct pkt_ip {
    const uint8_t *src; /* 4 or 16 bytes, see v6 */
    const uint8_t *dst;
    const uint8_t *payload; /* after all IP headers */
    uint32_t caplen;
    uint32_t len;
    uint32_t frag_id;
    uint16_t frag_offset; /* bytes */
    bool frag_more;
    bool fragment; /* payload is one piece of a datagram, not the whole of it */
    bool v6;
    bool sized; /* len comes from the IP header, not from the frame */
    uint8_t protocol;
    uint8_t ttl;
};

/* One store of all 16 bytes, since the next stages load them so: a load of what was stored in
 * pieces stalls, on the path of every packet. */
static inline void pkt_addr_set(struct inet_addr *out, const uint8_t *raw, bool v6)
{
    if (v6) {
        memcpy(out->bytes, raw, 16);
    } else {
        uint64_t __attribute__((vector_size(16))) words = {0};
        words[1] = htobe64(0xffff00000000 | pkt_be32(raw));
        memcpy(out->bytes, &words, 16);
    }
}

int pkt_link_parse(const struct frame *f, struct pkt_net *net);

/* `quoted`: what an ICMP error quotes: the length field is not always what was sent. */
int pkt_ip_parse(const struct pkt_net *net, bool quoted, struct pkt_ip *ip);
/* Steps over IPv6 extension headers and AH from ip->protocol at ip->payload on; stops at the
 * transport header or at a fragment header that says there is more (then ip->fragment is set). */
int pkt_ip_skip_extensions(struct pkt_ip *ip);

static inline bool pkt_transport_known(uint8_t protocol)
{
    return protocol == PROTO_UDP || protocol == PROTO_TCP || protocol == PROTO_ICMP ||
           protocol == PROTO_ICMPV6;
}

/* Fills everything of p from addresses to payload; frame, vlan and reassembled are the caller's. */
int pkt_transport_parse(const struct pkt_ip *ip, struct pkt *p);

/* ipfrag.c */

enum {
    IPFRAG_MAX_BYTES = 65535,
};

struct ipfrag_datagram;

/* A datagram that did not become whole; freed after return. */
typedef void ipfrag_give_up(void *ctx, const struct ipfrag_datagram *d);

struct ipfrag {
    uint32_t datagrams_max;
    uint32_t bytes_max;
    int64_t age_ns;
    ipfrag_give_up *give_up;
    void *ctx;
    uint64_t seed;
    struct ipfrag_datagram **buckets; /* allocated with the first fragment */
    uint32_t bucket_mask;
    struct ipfrag_datagram *oldest;
    struct ipfrag_datagram *newest;
    uint32_t datagrams;
    uint32_t bytes;
};

enum ipfrag_result {
    IPFRAG_HELD,     /* taken in, or a duplicate of what is held */
    IPFRAG_WHOLE,    /* *done has a whole datagram, no longer held; for ipfrag_free */
    IPFRAG_REJECTED, /* malformed, overlapping or no room */
};

void ipfrag_init(struct ipfrag *q, const struct pkt_limits *limits, ipfrag_give_up *give_up,
                 void *ctx);
void ipfrag_done(struct ipfrag *q); /* gives up nothing */

enum ipfrag_result ipfrag_push(struct ipfrag *q, const struct frame *f, const struct pkt_ip *ip,
                               uint16_t vlan, struct ipfrag_datagram **done);
void ipfrag_expire(struct ipfrag *q, int64_t now_ns);
void ipfrag_flush(struct ipfrag *q);

/* What is known of a datagram, valid as long as it is. */
struct ipfrag_view {
    struct frame frame; /* without bytes: place and owner of the first fragment, time of the last */
    struct pkt_ip ip;   /* payload is what is contiguous from the start */
    uint16_t vlan;
};

/* Copies the pieces into buffer (IPFRAG_MAX_BYTES). False: there is no start. */
bool ipfrag_view(const struct ipfrag_datagram *d, uint8_t *buffer, struct ipfrag_view *v);
void ipfrag_free(struct ipfrag_datagram *d);
