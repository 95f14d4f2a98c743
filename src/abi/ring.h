/* SPDX-License-Identifier: Apache-2.0 */
/* What crosses from the BPF programs to user space. Compiled by both; fixed-width fields only.
 *
 * A record is one packet at one tracepoint: struct ring_packet and then `caplen` bytes from the
 * network header on. Of a packet that its CPU has handed over in full a moment ago, at another
 * place, it is only struct ring_repeat, which names the full record. Counters live in a
 * memory-mapped array, one slot a CPU, written only by that CPU's programs. */
#pragma once

#ifndef __bpf__
#include <stdint.h>
#define RING_U8  uint8_t
#define RING_U16 uint16_t
#define RING_U32 uint32_t
#define RING_U64 uint64_t
#else
#define RING_U8  __u8
#define RING_U16 __u16
#define RING_U32 __u32
#define RING_U64 __u64
#endif

#define RING_ABI_VERSION 2

/* ring_packet.flags, ring_repeat.flags */
#define RING_FLAG_CUT 0x01 /* not all bytes that the kernel holds could be copied */
#define RING_FLAG_ORIGIN                                                                           \
    0x02                     /* net_dev_queue with a local socket: leaves this host's socket here */
#define RING_FLAG_OWNER 0x04 /* the owner fields are set */
#define RING_FLAG_FIRST 0x08 /* the one sight at which the exact counters count this packet */
#define RING_FLAG_REPEAT                                                                           \
    0x10 /* the record is a struct ring_repeat; never together with the others */

/* ring_packet.hook */
#define RING_HOOK_QUEUE   1 /* tp_btf/net_dev_queue: leaving */
#define RING_HOOK_RECEIVE 2 /* tp_btf/netif_receive_skb: arriving */

/* A ring_repeat names one of the last so many serials of its CPU, so that whoever remembers as many
 * knows what it speaks of. */
#define RING_REPEAT_WINDOW 1024

struct ring_packet {
    RING_U8 version; /* RING_ABI_VERSION */
    RING_U8 hook;
    RING_U8 flags;
    RING_U8 reserved;
    RING_U16 protocol; /* EtherType of the network header, host order */
    RING_U16 cpu;
    RING_U64 time_ns; /* CLOCK_MONOTONIC */
    RING_U32 len;     /* bytes of the packet from the network header on */
    RING_U32 caplen;  /* bytes that follow this header */
    RING_U32 ifindex;
    RING_U32 netns;  /* inode number of the device's network namespace */
    RING_U32 serial; /* by which its CPU's repeats name this record; 0: none will */
    RING_U32 pid;
    RING_U32 tid;
    RING_U32 uid;
    RING_U64 cgroup_id;
    RING_U64 start_boottime_ns;
    char comm[16];
    char ifname[16];
};

/* Begins as ring_packet does, up to the time. It comes after the record that it names, in the same
 * ring and at a later time. */
struct ring_repeat {
    RING_U8 version; /* RING_ABI_VERSION */
    RING_U8 hook;
    RING_U8 flags; /* RING_FLAG_REPEAT */
    RING_U8 reserved;
    RING_U16 reserved2;
    RING_U16 cpu; /* also of the record that it names */
    RING_U64 time_ns;
    RING_U32 serial; /* ring_packet.serial */
    RING_U32 ifindex;
    RING_U32 netns;
    RING_U32 reserved3;
    char ifname[16];
};

/* Exact totals, kept whatever happens to the ring. Queries and responses are counted once each,
 * where a packet first appears on this host: at net_dev_queue with a local socket (for stacked
 * devices, the uppermost), or at netif_receive_skb of a device that brings packets in from
 * outside: hardware, a tunnel, or the tap of a virtual machine. `*_seen` counts every sight. */
struct ring_counters {
    RING_U64 packets_seen; /* every call of the two programs */
    RING_U64 dns_seen;     /* packets with a DNS port (or a remembered fragment) */
    RING_U64 dns_bytes;    /* of those, from the network header on */
    RING_U64 records;      /* submitted to a ring */
    RING_U64 lost;         /* records that found the ring full */
    RING_U64 sampled_out;  /* left out by consistent sampling */
    RING_U64 queries;      /* UDP, first sight */
    RING_U64 queries_sampled_out;
    RING_U64 responses[16]; /* UDP, first sight, by the header's RCODE */
    RING_U64 tcp_segments;  /* first sight, with payload */
    RING_U64 fragments;     /* later IP fragments taken */
    RING_U64 cut;           /* records marked RING_FLAG_CUT */
    RING_U64 unreadable;    /* headers that could not be read */
    RING_U64 repeats;       /* of the records, those without the packet's bytes */
    RING_U64 pad[3];        /* to whole cache lines: CPUs must not share one */
};

/* One CPU's slot of the mapped array. No atomics: only programs on this CPU write it, and they do
 * not interrupt each other, since both tracepoints run with bottom halves off. (PREEMPT_RT may
 * preempt there; a count can then be off by the packets that met.)
 *
 * A packet that is recorded adds to `started` before its time is taken and to `done` after its
 * record is submitted or lost: while they differ, a record older than now may still come. */
struct ring_cpu {
    struct ring_counters counters;
    RING_U64 started;
    RING_U64 done;
    /* Private to the programs. */
    RING_U64 woken_ns;   /* when the reader was last woken from here */
    RING_U64 origin_skb; /* the last packet counted at net_dev_queue, to know it again when */
    RING_U64 origin_key; /* a stacked device (VLAN, bond, bridge) hands it to the next */
    RING_U64 origin_ifindex;
    RING_U32 port;   /* set before the start: the only port, network order; 0: see the port map */
    RING_U32 serial; /* the last one given */
    RING_U64 number; /* an address that went through here is a number, to shift */
};

#ifndef __bpf__
_Static_assert(sizeof(struct ring_packet) == 96, "ring_packet is part of the BPF ABI");
_Static_assert(sizeof(struct ring_repeat) == 48, "ring_repeat is part of the BPF ABI");
_Static_assert(sizeof(struct ring_counters) % 64 == 0, "one CPU's counters own their cache lines");
_Static_assert(sizeof(struct ring_cpu) % 64 == 0, "one CPU's slot owns its cache lines");
#endif
