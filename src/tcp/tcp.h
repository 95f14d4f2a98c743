/* SPDX-License-Identifier: Apache-2.0 */
/* TCP stream reassembly (RFC 9293): from segments in any order to the bytes of each direction in
 * order, each once. Knows no DNS.
 *
 * A connection is followed separately at each place that sees it (netns, interface, and on which
 * side of the interface), since one host sees the same segment at several. */
#pragma once

#include "pkt/pkt.h"

enum tcp_event {
    TCP_DATA, /* bytes in order follow the ones before */
    TCP_GAP,  /* bytes are missing for good before the next TCP_DATA; len is how many, 0: not known
               */
    TCP_END,  /* FIN or RST in order, or the connection was given up; nothing follows */
};

/* What the user of a direction's bytes keeps; one for each direction of each connection. */
struct tcp_stream {
    struct inet_addr src; /* sender of this direction */
    struct inet_addr dst;
    uint16_t sport;
    uint16_t dport;
    bool midstream; /* the start was not seen: the first byte may be inside a message */
    void *user;     /* NULL at first; to be released at TCP_END, which comes exactly once */
};

struct tcp_chunk {
    enum tcp_event event;
    struct tcp_stream *stream;
    /* The packet whose arrival made these bytes deliverable: time, place and owner. Never NULL for
     * TCP_DATA: bytes behind a hole that was given up have the packet they came in. NULL for other
     * events that no packet caused (age, a cap, flush). */
    const struct pkt *pkt;
    int64_t time_ns;     /* that of pkt, where there is one */
    const uint8_t *data; /* TCP_DATA only; valid until return */
    uint32_t len;
};

typedef void tcp_sink(void *ctx, const struct tcp_chunk *chunk);

struct tcp_limits {
    uint32_t connections; /* 0: 8192; the least recently used is given up, see tcp_push */
    uint32_t bytes;       /* buffered out of order with their overhead, all connections; 0: 8 MiB */
    uint32_t stream_bytes; /* the same for one direction; 0: 256 KiB */
    int64_t idle_ns;       /* 0: 60 s */
    int64_t gap_ns;        /* a hole older than this is given up; 0: 1 s */
};

struct tcp_stats {
    uint64_t segments;
    uint64_t delivered_bytes;
    uint64_t retransmitted_bytes; /* seen before, left out */
    uint64_t out_of_order;        /* segments that had to wait */
    uint64_t overlaps_differing;  /* a retransmission with other content: the first one counts */
    uint64_t gaps;
    uint64_t gap_bytes;
    uint64_t connections;
    uint64_t midstream;
    uint64_t evicted_connections; /* over the cap */
    uint64_t evicted_bytes;       /* buffered, and over a cap: handed on early behind a gap */
    uint64_t bad_segments;        /* sequence numbers far outside the window */
};

struct tcp;

struct tcp *tcp_new(const struct tcp_limits *limits, tcp_sink *sink, void *ctx);
void tcp_free(struct tcp *t); /* ends every stream first */
/* A segment that carries neither SYN nor payload opens no connection. A hole is given up when it is
 * older than gap_ns, when what waits behind it passes a cap, or when the peer acknowledged what is
 * missing (we lost it: nobody will send it again): at once if the peer sends data after that, so
 * that no answer overtakes its question, else after 20 ms. Where bytes come twice the first copy
 * counts. When connections are full, closed ones go first, then those that never carried anything
 * if they are more than an eighth. The sink must not call back into this stage. */
void tcp_push(struct tcp *t, const struct pkt *pkt);
void tcp_tick(struct tcp *t, int64_t now_ns);
void tcp_flush(struct tcp *t); /* hands on what waits behind holes and ends every stream */
const struct tcp_stats *tcp_stats(const struct tcp *t);
