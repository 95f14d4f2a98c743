/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tcp/tcp.h"

/* Bytes that came before their turn, with the packet they came in: once a hole is given up they
 * are handed on as if that packet had come in order. */
struct tcp_piece {
    struct tcp_piece *next;
    uint32_t seq;
    uint32_t len;
    uint32_t caplen; /* less than len when the capture was cut */
    struct pkt pkt;
    struct frame frame;
    struct frame_owner owner;
    char interface[16];
    uint8_t data[];
};

/* One direction. */
struct tcp_half {
    struct tcp_stream stream;
    uint32_t next_seq; /* once started: of the next byte to hand on */
    uint32_t isn;
    uint32_t fin_seq;
    uint32_t ack_seq; /* the highest that the peer acknowledged of this direction */
    bool started;
    bool syn_seen;
    bool fin_known;
    bool ack_known;
    bool delivered;
    bool ended;             /* TCP_END is out */
    uint8_t bad_run;        /* payload segments far outside the window in a row */
    uint32_t held;          /* bytes charged for pieces */
    struct tcp_piece *head; /* by sequence number, none overlaps another */
    struct tcp_piece *tail;
    int64_t hole_ns;  /* since when the hole before head or FIN is known */
    int64_t ack_ns;   /* when ack_seq was seen */
    int64_t acked_ns; /* since when the peer is known to have what is missing; 0: it is not */
};

struct tcp_key {
    struct inet_addr low;
    struct inet_addr high;
    uint64_t ports; /* lower endpoint's, higher endpoint's, vantage */
    uint64_t place; /* netns, ifindex */
};

_Static_assert(sizeof(struct tcp_key) == 48, "hashed and compared as bytes");

enum tcp_state {
    TCP_NEW,    /* no payload yet: a flood of SYNs must not push out the others */
    TCP_OPEN,   /* payload was seen */
    TCP_CLOSED, /* both directions ended; kept a while so that stragglers open nothing new */
    TCP_STATES,
};

struct tcp_conn {
    struct tcp_key key;
    struct tcp_conn *bucket_next; /* also links the pool */
    struct tcp_conn *older;
    struct tcp_conn *newer;
    struct tcp_conn *wait_prev; /* of those with a hole */
    struct tcp_conn *wait_next;
    int64_t last_ns;
    enum tcp_state state;
    bool waiting;
    struct tcp_half half[2]; /* [0]: sent by the lower endpoint */
};

struct tcp_slab;

struct tcp_list {
    struct tcp_conn *oldest;
    struct tcp_conn *newest;
    uint32_t count;
};

struct tcp {
    tcp_sink *sink;
    void *ctx;
    struct tcp_limits limits;
    struct tcp_stats stats;
    uint64_t seed;
    struct tcp_conn **buckets;
    uint32_t bucket_mask;
    uint32_t held;                     /* bytes charged for pieces, all connections */
    struct tcp_list lists[TCP_STATES]; /* least recently used first */
    struct tcp_conn *waiting;          /* the longest waiting first */
    struct tcp_conn *waiting_last;
    struct tcp_conn *pool;
    struct tcp_slab *slabs;
};

/* table.c: connections by key, in lists by state and last use. */

int tcp_table_init(struct tcp *t);
void tcp_table_done(struct tcp *t);
struct tcp_conn *tcp_table_find(struct tcp *t, const struct tcp_key *key);
/* NULL when memory runs out or the limit is reached (tcp_table_victim tells who is to go). */
struct tcp_conn *tcp_table_add(struct tcp *t, const struct tcp_key *key);
struct tcp_conn *tcp_table_victim(struct tcp *t);
void tcp_table_remove(struct tcp *t, struct tcp_conn *c);
void tcp_table_touch(struct tcp *t, struct tcp_conn *c, enum tcp_state state);
void tcp_table_wait(struct tcp *t, struct tcp_conn *c, bool waiting);

static inline uint32_t tcp_table_count(const struct tcp *t)
{
    return t->lists[TCP_NEW].count + t->lists[TCP_OPEN].count + t->lists[TCP_CLOSED].count;
}

/* stream.c: one direction's bytes in order. */

/* Distance in sequence space, which wraps around (RFC 9293 3.4). */
static inline int32_t tcp_seq_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* Something is known to be missing. */
static inline bool tcp_half_waits(const struct tcp_half *h)
{
    return !h->ended && (h->head || h->fin_known);
}

/* The payload of pkt, whose first byte is seq. */
void tcp_half_take(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, uint32_t seq);
/* Gives up the first hole. */
void tcp_half_skip_hole(struct tcp *t, struct tcp_half *h);
/* The start moved or was lost: what follows is not joined to what was before. */
void tcp_half_resync(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, uint32_t seq);
/* Ends the stream if its FIN is reached. */
void tcp_half_check_fin(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, int64_t time_ns);
/* Hands on what waits behind holes, then TCP_END. */
void tcp_half_end(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, int64_t time_ns);
