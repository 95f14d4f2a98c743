/* SPDX-License-Identifier: Apache-2.0 */
/* Link, IP and transport headers: from a frame to addresses, ports and payload.
 *
 * Reads Ethernet with 802.1Q and 802.1ad tags, Linux cooked, BSD loopback and PPP headers; IPv4
 * with options (RFC 791); IPv6 with extension headers (RFC 8200); UDP (RFC 768), TCP (RFC 9293),
 * ICMP and ICMPv6 errors with the packet they quote (RFC 792, 4443, 4884). IP fragments are
 * reassembled within caps. */
#pragma once

#include "base/frame.h"
#include "base/inet.h"

#include <stddef.h>
#include <stdint.h>

enum pkt_drop {
    PKT_DROP_LINK,      /* link header short or not known */
    PKT_DROP_NOT_IP,    /* ARP and other protocols: not an error */
    PKT_DROP_IP,        /* IP header malformed or cut */
    PKT_DROP_TRANSPORT, /* neither UDP, TCP nor ICMP: not an error */
    PKT_DROP_UDP,       /* UDP header malformed or cut */
    PKT_DROP_TCP,       /* TCP header malformed or cut */
    PKT_DROP_ICMP,      /* malformed, not an error message (an echo), or nothing usable quoted */
    PKT_DROP_FRAGMENT,  /* a fragment that could not be joined: malformed, overlap, or over a cap */
    PKT_DROP_COUNT,
};

const char *pkt_drop_name(enum pkt_drop reason); /* "link", "not_ip", ... */

struct pkt_tcp {
    uint32_t seq;
    uint32_t ack;
    uint8_t flags; /* PKT_TCP_* */
};

#define PKT_TCP_FIN 0x01
#define PKT_TCP_SYN 0x02
#define PKT_TCP_RST 0x04
#define PKT_TCP_ACK 0x10

/* What an ICMP error says and the start of the packet that it quotes: destination unreachable, time
 * exceeded, parameter problem and packet too big. */
struct pkt_icmp {
    uint8_t type;
    uint8_t code;
    uint8_t quoted_protocol; /* IPPROTO_UDP or IPPROTO_TCP */
    uint16_t quoted_sport;
    uint16_t quoted_dport;
    struct inet_addr quoted_src;
    struct inet_addr quoted_dst;
    const uint8_t *quoted_payload; /* after the quoted UDP header; may be empty */
    uint32_t quoted_payload_len;
};

/* Packet too big (ICMPv6 2; ICMP 3 code 4, RFC 1191): the sender will try smaller ones, nothing was
 * refused. `protocol` is that of the ICMP packet. */
static inline bool pkt_icmp_too_big(const struct pkt_icmp *icmp, uint8_t protocol)
{
    return protocol == 1 ? icmp->type == 3 && icmp->code == 4 : icmp->type == 2;
}

struct pkt {
    const struct frame *frame;
    struct inet_addr src;
    struct inet_addr dst;
    uint16_t sport; /* 0 for ICMP */
    uint16_t dport;
    uint8_t protocol; /* IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_ICMPV6 */
    uint8_t ttl;      /* or hop limit */
    uint16_t vlan;    /* outermost VLAN id, 0: none */
    bool reassembled; /* from IP fragments */
    const uint8_t *payload;
    uint32_t payload_len;  /* captured */
    uint32_t payload_full; /* by the headers; more than payload_len when the capture was cut */
    union {
        struct pkt_tcp tcp;
        struct pkt_icmp icmp;
    };
};

typedef void pkt_sink(void *ctx, const struct pkt *pkt);

struct pkt_limits {
    uint32_t datagrams; /* incomplete datagrams held; 0: 1024 */
    uint32_t bytes;     /* of all fragments held; 0: 4 MiB */
    int64_t age_ns;     /* since the first fragment; 0: 2 s */
};

struct pkt_stats {
    uint64_t frames;
    uint64_t packets;                 /* handed on */
    uint64_t dropped[PKT_DROP_COUNT]; /* frames; and datagrams given up without their start */
    uint64_t fragments;               /* taken in */
    uint64_t reassembled;             /* datagrams completed */
    uint64_t fragment_only;           /* datagrams given up: handed on as their start alone, cut */
};

struct pkt_stage;

/* NULL when memory runs out. */
struct pkt_stage *pkt_stage_new(const struct pkt_limits *limits, pkt_sink *sink, void *ctx);
void pkt_stage_free(struct pkt_stage *s);

/* Hands on the packet before it returns. A fragment is kept until its datagram is whole: its frame
 * then has no bytes, the place and owner of the first fragment, and the time of the one that
 * completed it. What does not become whole within the caps is handed on cut, as far as it is
 * contiguous from its start, by a later tick or the push of a later fragment. Overlapping fragments
 * discard their datagram (RFC 5722, and what Linux does in IPv4).
 * Reassembly is per place (netns, interface, direction).
 * Where the frame does not say its direction or interface index, those of a Linux cooked header
 * stand in the packet's frame. */
void pkt_push(struct pkt_stage *s, const struct frame *frame);
/* What most packets are: a whole UDP datagram in a plain IP packet (FRAME_LINK_IP, neither options
 * nor fragments, with lengths that fit together), read by few instructions and counted as handed
 * on. False: it is something else, for pkt_push. */
struct pkt_udp {
    struct inet_addr src, dst;
    uint16_t sport, dport;
    const uint8_t *payload;
    uint32_t payload_len;
};
bool pkt_take_udp(struct pkt_stage *s, const struct frame *frame, struct pkt_udp *out);
void pkt_tick(struct pkt_stage *s, int64_t now_ns);
void pkt_flush(struct pkt_stage *s); /* hands on what is held; at the end of input */
const struct pkt_stats *pkt_stage_stats(const struct pkt_stage *s);
