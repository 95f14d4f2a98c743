/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the packet programs know about a packet before they decide to take it. */
#pragma once

#include "vmlinux/kernel.h"

#include "../src/abi/ring.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ETH_P_IP     0x0800
#define ETH_P_IPV6   0x86dd
#define ETH_P_8021Q  0x8100
#define ETH_P_8021AD 0x88a8

#define PROTO_ICMP   1
#define PROTO_TCP    6
#define PROTO_UDP    17
#define PROTO_ICMPV6 58

#define IP_MF     0x2000
#define IP_OFFSET 0x1fff

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04

#define ARPHRD_ETHER    1
#define ARPHRD_LOOPBACK 772

#define TCP_TIME_WAIT    6
#define TCP_NEW_SYN_RECV 12

enum look_kind {
    LOOK_OTHER, /* not ours */
    LOOK_UDP,
    LOOK_TCP,
    LOOK_ICMP,     /* an error that quotes a packet of ours */
    LOOK_FRAGMENT, /* not the first of its datagram */
};

/* Where a packet's bytes are. */
struct place {
    const unsigned char *net; /* the network header */
    __u32 len;                /* bytes of the packet from there on */
    __u32 linear;             /* of those, how many follow at `net`; the rest is in fragments */
    __u32 data_offset;        /* of `net` from skb->data, for dynptrs */
    __be16 protocol;          /* EtherType */
};

struct look {
    const unsigned char *net; /* the network header */
    __u32 len;                /* bytes of the packet from there on */
    __u32 linear;             /* of those, how many follow at `net`; the rest is in fragments */
    __u32 data_offset;        /* of `net` from skb->data, for dynptrs */
    __u16 protocol;           /* EtherType, host order */
    __u8 kind;                /* enum look_kind */
    __u8 tcp_flags;
    __u32 payload; /* TCP: bytes after the header */
    /* Network order, as on the wire. IPv4 addresses are in the first word. */
    __be32 src[4];
    __be32 dst[4];
    __be16 sport;
    __be16 dport;
    __be16 dns_id;
    __u8 has_dns;  /* dns_id and dns_bits were read */
    __u8 first_of; /* 1: first fragment of several */
    __u8 dns_bits[2];
    __u8 ip_proto;
    __u8 unreadable; /* a header could not be read */
    __u32 ip_id;     /* of fragments */
    __u8 printed;    /* struct print is filled in */
};

/* What makes a packet this packet: the headers down to DNS's, without what hops change (the TTL and
 * the checksums, which are also left to the hardware), and its last 8 bytes. Not what lies between:
 * who rewrites a message in place, and keeps its length, header and end, is not seen. */
struct print {
    __u64 head[7]; /* IPv4: 40 bytes, IPv6: 56 */
    __u64 tail;
};
