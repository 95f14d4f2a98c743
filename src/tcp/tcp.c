/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp/internal.h"

#include <stdlib.h>

enum {
    CONNECTIONS_DEFAULT = 8192,
    BYTES_DEFAULT = 8 << 20,
    STREAM_BYTES_DEFAULT = 256 << 10,
    PROTOCOL_TCP = 6,
    /* Beyond the largest window a host gives by default (net.ipv4.tcp_rmem: 6 MiB). */
    WINDOW_BYTES = 16 << 20,
    /* How far from the next byte a RST may be: it carries what its sender thought was next. */
    RST_BYTES = 1 << 20,
    /* An ISN so near behind what was seen is that of the same connection. */
    LATE_SYN_BYTES = 1 << 20,
    /* So many segments in a row far outside the window mean that it is elsewhere. */
    BAD_RUN = 3,
};

#define IDLE_DEFAULT_NS 60000000000LL
#define GAP_DEFAULT_NS  1000000000LL
/* Longer than retransmissions of a FIN usually take, shorter than a port is away. */
#define CLOSED_NS 5000000000LL
/* Several rings are merged by time, yet an ACK may come out a little before what it acknowledges.
 */
#define ACK_GRACE_NS 20000000LL

struct tcp *tcp_new(const struct tcp_limits *limits, tcp_sink *sink, void *ctx)
{
    struct tcp *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->sink = sink;
    t->ctx = ctx;
    if (limits)
        t->limits = *limits;
    struct tcp_limits *l = &t->limits;
    l->connections = l->connections ? l->connections : CONNECTIONS_DEFAULT;
    l->bytes = l->bytes ? l->bytes : BYTES_DEFAULT;
    l->stream_bytes = l->stream_bytes ? l->stream_bytes : STREAM_BYTES_DEFAULT;
    l->idle_ns = l->idle_ns ? l->idle_ns : IDLE_DEFAULT_NS;
    l->gap_ns = l->gap_ns ? l->gap_ns : GAP_DEFAULT_NS;
    if (tcp_table_init(t) < 0) {
        free(t);
        return NULL;
    }
    return t;
}

static void end_both(struct tcp *t, struct tcp_conn *c, const struct pkt *pkt, int64_t time_ns)
{
    tcp_half_end(t, &c->half[0], pkt, time_ns);
    tcp_half_end(t, &c->half[1], pkt, time_ns);
}

static void remove_conn(struct tcp *t, struct tcp_conn *c, int64_t time_ns)
{
    end_both(t, c, NULL, time_ns);
    tcp_table_remove(t, c);
}

void tcp_flush(struct tcp *t)
{
    for (int state = 0; state < TCP_STATES; state++)
        while (t->lists[state].oldest)
            remove_conn(t, t->lists[state].oldest, t->lists[state].oldest->last_ns);
}

void tcp_free(struct tcp *t)
{
    if (!t)
        return;
    tcp_flush(t);
    tcp_table_done(t);
    free(t);
}

const struct tcp_stats *tcp_stats(const struct tcp *t)
{
    return &t->stats;
}

/* The connection as seen from one side of the interface: on loopback every segment passes twice,
 * out of the sender's side and into the receiver's. Returns which half the sender is. */
static int make_key(const struct pkt *p, struct tcp_key *key)
{
    int order = inet_addr_cmp(&p->src, &p->dst);
    bool from_low = order < 0 || (order == 0 && p->sport <= p->dport);
    key->low = from_low ? p->src : p->dst;
    key->high = from_low ? p->dst : p->src;
    uint64_t low_port = from_low ? p->sport : p->dport;
    uint64_t high_port = from_low ? p->dport : p->sport;
    uint64_t vantage = 2;
    if (p->frame->direction != FRAME_UNKNOWN)
        vantage = from_low ^ (p->frame->direction == FRAME_IN);
    /* Whole words: the hash reads what it would have to wait for if written in parts. */
    key->ports = low_port << 32 | high_port << 16 | vantage;
    key->place = (uint64_t)p->frame->netns << 32 | p->frame->ifindex;
    return from_low ? 0 : 1;
}

static void set_up(struct tcp_conn *c, const struct pkt *p, int from)
{
    c->half[0] = (struct tcp_half){0};
    c->half[1] = (struct tcp_half){0};
    c->half[from].stream =
        (struct tcp_stream){.src = p->src, .dst = p->dst, .sport = p->sport, .dport = p->dport};
    c->half[!from].stream =
        (struct tcp_stream){.src = p->dst, .dst = p->src, .sport = p->dport, .dport = p->sport};
}

static struct tcp_conn *add_conn(struct tcp *t, const struct tcp_key *key, const struct pkt *p,
                                 int from)
{
    if (tcp_table_count(t) >= t->limits.connections) {
        struct tcp_conn *victim = tcp_table_victim(t);
        if (victim->state != TCP_CLOSED)
            t->stats.evicted_connections++;
        remove_conn(t, victim, p->frame->time_ns);
    }
    struct tcp_conn *c = tcp_table_add(t, key);
    if (!c)
        return NULL;
    t->stats.connections++;
    set_up(c, p, from);
    return c;
}

/* The same addresses and ports begin anew. */
static void restart(struct tcp *t, struct tcp_conn *c, const struct pkt *p, int from)
{
    end_both(t, c, p, p->frame->time_ns);
    t->stats.connections++;
    set_up(c, p, from);
    tcp_table_wait(t, c, false);
    tcp_table_touch(t, c, TCP_NEW);
}

/* Whether a SYN belongs to what is known of its connection. */
static bool syn_fits(const struct tcp_conn *c, const struct pkt *p, int from)
{
    const struct tcp_half *h = &c->half[from];
    if (h->syn_seen)
        return h->isn == p->tcp.seq;
    if (c->state == TCP_CLOSED)
        return false;
    if (!h->started)
        return (p->tcp.flags & PKT_TCP_ACK) || !c->half[!from].started;
    int32_t behind = tcp_seq_diff(h->next_seq, p->tcp.seq + 1);
    return behind >= 0 && behind <= LATE_SYN_BYTES;
}

static void take_syn(struct tcp_conn *c, const struct pkt *p, int from)
{
    struct tcp_half *h = &c->half[from];
    struct tcp_half *peer = &c->half[!from];
    if (!h->syn_seen) {
        h->syn_seen = true;
        h->isn = p->tcp.seq;
        if (!h->delivered) {
            h->started = true;
            h->next_seq = p->tcp.seq + 1;
            h->stream.midstream = false;
        }
    }
    /* A SYN-ACK says where the other direction starts, should its SYN be missing. */
    if ((p->tcp.flags & PKT_TCP_ACK) && !peer->started) {
        peer->started = true;
        peer->next_seq = p->tcp.ack;
    }
}

static void take_rst(struct tcp *t, struct tcp_conn *c, const struct pkt *p, int from)
{
    const struct tcp_half *h = &c->half[from];
    int32_t ahead = tcp_seq_diff(p->tcp.seq, h->next_seq);
    /* The answer to a SYN that finds no listener has sequence number 0 (RFC 9293 3.10.7.1). */
    if (h->started && (ahead > RST_BYTES || ahead < -RST_BYTES)) {
        t->stats.bad_segments++;
        return;
    }
    end_both(t, c, p, p->frame->time_ns);
}

/* What the peer has can only be missing because we lost it: nobody will send it again. */
static void take_ack(struct tcp_half *acked, const struct pkt *p)
{
    if (!acked->started || acked->ended)
        return;
    int32_t ahead = tcp_seq_diff(p->tcp.ack, acked->next_seq);
    if (ahead <= 0 || ahead > WINDOW_BYTES)
        return;
    if (!acked->ack_known || tcp_seq_diff(p->tcp.ack, acked->ack_seq) > 0 ||
        tcp_seq_diff(acked->ack_seq, acked->next_seq) < 0) {
        acked->ack_seq = p->tcp.ack;
        acked->ack_ns = p->frame->time_ns;
    }
    acked->ack_known = true;
}

static void take_payload(struct tcp *t, struct tcp_half *h, const struct pkt *p, uint32_t seq)
{
    if (!h->started) {
        h->started = true;
        h->next_seq = seq;
        h->stream.midstream = true;
        t->stats.midstream++;
    }
    int32_t ahead = tcp_seq_diff(seq, h->next_seq);
    if (ahead > WINDOW_BYTES || ahead < -WINDOW_BYTES) {
        t->stats.bad_segments++;
        if (++h->bad_run < BAD_RUN)
            return;
        tcp_half_resync(t, h, p, seq);
    }
    h->bad_run = 0;
    tcp_half_take(t, h, p, seq);
}

static void take_fin(struct tcp *t, struct tcp_half *h, const struct pkt *p, uint32_t seq)
{
    if (!h->started) {
        h->started = true;
        h->next_seq = seq;
        h->stream.midstream = true;
    }
    int32_t ahead = tcp_seq_diff(seq, h->next_seq);
    if (ahead < 0 || ahead > WINDOW_BYTES)
        return;
    if (!h->fin_known) {
        if (!tcp_half_waits(h))
            h->hole_ns = p->frame->time_ns;
        h->fin_known = true;
        h->fin_seq = seq;
    }
    tcp_half_check_fin(t, h, p, p->frame->time_ns);
}

/* Gives up the holes of one direction whose time has come: grace_ns after the peer was seen to have
 * what is missing. */
static void check_holes(struct tcp *t, struct tcp_half *h, int64_t now_ns, int64_t grace_ns)
{
    while (tcp_half_waits(h)) {
        uint32_t hole_end = h->head ? h->head->seq : h->fin_seq;
        int32_t beyond = tcp_seq_diff(h->ack_seq, hole_end);
        if (!h->acked_ns && h->ack_known && beyond >= 0 && beyond <= WINDOW_BYTES)
            h->acked_ns = h->ack_ns;
        bool acked = h->acked_ns && now_ns - h->acked_ns > grace_ns;
        if (!acked && now_ns - h->hole_ns <= t->limits.gap_ns)
            return;
        tcp_half_skip_hole(t, h);
    }
}

static void settle(struct tcp *t, struct tcp_conn *c)
{
    if (c->half[0].ended && c->half[1].ended)
        tcp_table_touch(t, c, TCP_CLOSED);
    tcp_table_wait(t, c, tcp_half_waits(&c->half[0]) || tcp_half_waits(&c->half[1]));
}

static void skip_holes_of(struct tcp *t, struct tcp_half *h)
{
    while (h->head)
        tcp_half_skip_hole(t, h);
}

static void enforce_caps(struct tcp *t, struct tcp_half *h)
{
    uint32_t before = t->held;
    while (h->held > t->limits.stream_bytes)
        tcp_half_skip_hole(t, h);
    /* The longest waiting first, which may be this one. */
    struct tcp_conn *next;
    for (struct tcp_conn *c = t->waiting; c && t->held > t->limits.bytes; c = next) {
        next = c->wait_next;
        skip_holes_of(t, &c->half[0]);
        skip_holes_of(t, &c->half[1]);
        settle(t, c);
    }
    if (t->held > t->limits.bytes)
        skip_holes_of(t, h);
    t->stats.evicted_bytes += before - t->held;
}

static void take_segment(struct tcp *t, struct tcp_conn *c, const struct pkt *p, int from)
{
    struct tcp_half *h = &c->half[from];
    struct tcp_half *peer = &c->half[!from];
    int64_t now_ns = p->frame->time_ns;
    uint32_t seq = p->tcp.seq + ((p->tcp.flags & PKT_TCP_SYN) ? 1 : 0);

    if (p->tcp.flags & PKT_TCP_ACK)
        take_ack(peer, p);
    /* Before this segment's bytes: what waits in the other direction is older, and may be what this
     * segment answers; so no grace when this one says something. */
    if (tcp_half_waits(peer))
        check_holes(t, peer, now_ns, p->payload_full ? -1 : ACK_GRACE_NS);
    if (!h->ended) {
        if (p->payload_full)
            take_payload(t, h, p, seq);
        if (p->tcp.flags & PKT_TCP_FIN)
            take_fin(t, h, p, seq + p->payload_full);
        else if (h->fin_known)
            tcp_half_check_fin(t, h, p, now_ns);
        if (h->head)
            enforce_caps(t, h);
    } else {
        t->stats.retransmitted_bytes += p->payload_full;
    }
    if (tcp_half_waits(h))
        check_holes(t, h, now_ns, ACK_GRACE_NS);
}

void tcp_push(struct tcp *t, const struct pkt *p)
{
    if (p->protocol != PROTOCOL_TCP)
        return;
    t->stats.segments++;
    bool syn = p->tcp.flags & PKT_TCP_SYN;
    bool rst = p->tcp.flags & PKT_TCP_RST;
    struct tcp_key key;
    int from = make_key(p, &key);
    struct tcp_conn *c = tcp_table_find(t, &key);
    if (!c) {
        if (rst || (!syn && !p->payload_full))
            return;
        c = add_conn(t, &key, p, from);
        if (!c)
            return;
    }
    if (syn && !rst) {
        if (!syn_fits(c, p, from))
            restart(t, c, p, from);
        take_syn(c, p, from);
    }
    if (c->state == TCP_CLOSED) {
        t->stats.retransmitted_bytes += p->payload_full;
        return;
    }
    c->last_ns = p->frame->time_ns;
    if (rst)
        take_rst(t, c, p, from);
    else
        take_segment(t, c, p, from);
    enum tcp_state state = p->payload_full ? TCP_OPEN : c->state;
    tcp_table_touch(t, c, state);
    if (c->waiting || tcp_half_waits(&c->half[0]) || tcp_half_waits(&c->half[1]) ||
        (c->half[0].ended && c->half[1].ended))
        settle(t, c);
}

static void expire(struct tcp *t, enum tcp_state state, int64_t now_ns, int64_t age_ns)
{
    struct tcp_list *l = &t->lists[state];
    while (l->oldest && now_ns - l->oldest->last_ns > age_ns)
        remove_conn(t, l->oldest, now_ns);
}

void tcp_tick(struct tcp *t, int64_t now_ns)
{
    struct tcp_conn *next;
    for (struct tcp_conn *c = t->waiting; c; c = next) {
        next = c->wait_next;
        check_holes(t, &c->half[0], now_ns, ACK_GRACE_NS);
        check_holes(t, &c->half[1], now_ns, ACK_GRACE_NS);
        settle(t, c);
    }
    expire(t, TCP_NEW, now_ns, t->limits.idle_ns);
    expire(t, TCP_OPEN, now_ns, t->limits.idle_ns);
    expire(t, TCP_CLOSED, now_ns, CLOSED_NS);
}
