/* SPDX-License-Identifier: Apache-2.0 */
/* What every tap delivers and the packet stage reads: the bytes of one packet at one place, with
 * what is known about that moment. The tap owns all memory; it is valid until the sink returns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum frame_link {
    FRAME_LINK_IP, /* starts at the network header; `protocol` is its EtherType, 0: by version */
    FRAME_LINK_ETHERNET,
    FRAME_LINK_SLL,  /* Linux cooked capture v1 */
    FRAME_LINK_SLL2, /* Linux cooked capture v2 */
    FRAME_LINK_LOOP, /* BSD loopback: 4-byte address family, either byte order */
    FRAME_LINK_PPP,
};

enum frame_direction {
    FRAME_UNKNOWN, /* a file that does not say */
    FRAME_OUT,     /* leaves through the interface (net_dev_queue) */
    FRAME_IN,      /* came from the interface (netif_receive_skb) */
};

/* The process that sent the packet, as the kernel knew it at the socket. */
struct frame_owner {
    uint32_t pid; /* thread group id in the initial pid namespace */
    uint32_t tid;
    uint32_t uid;
    uint64_t cgroup_id;         /* 0: not known */
    uint64_t start_boottime_ns; /* of the thread group leader; 0: not known */
    char comm[16];              /* NUL-terminated */
};

enum {
    FRAME_PACKETS = 1024,
};

struct frame {
    int64_t time_ns; /* since the epoch, UTC */
    const uint8_t *data;
    uint32_t caplen; /* bytes at data */
    uint32_t len;    /* bytes on the wire; more than caplen when cut */
    uint16_t link;   /* enum frame_link */
    uint16_t protocol;
    uint8_t direction;     /* enum frame_direction */
    bool local_origin;     /* leaves a socket of this host at this very point */
    bool first_sight;      /* the kernel's exact counters counted this packet here, and only here */
    uint32_t ifindex;      /* 0: not known */
    uint32_t netns;        /* inode number; 0: not known */
    const char *interface; /* NUL-terminated, at most 15 bytes; "" when not known */
    const struct frame_owner *owner; /* NULL when not known */
    /* Names the packet among the latest FRAME_PACKETS of its CPU; 0: nothing will ask for it. */
    uint32_t packet;
    uint16_t cpu;
    bool repeat; /* that packet again, at another place: no bytes, only time and place */
};

typedef void frame_sink(void *ctx, const struct frame *frame);

enum {
    FRAME_BLOCK_MAX = 16,
};

/* Up to FRAME_BLOCK_MAX frames in their order, so that what they will be looked for by can be
 * fetched for all of them before the first one's turn. */
typedef void frame_block_sink(void *ctx, const struct frame *frames, uint32_t count);
