/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp/internal.h"

#include <stdlib.h>
#include <string.h>

/* Bytes [seq, seq + len) of which the first caplen are at data. */
struct tcp_span {
    uint32_t seq;
    uint32_t len;
    uint32_t caplen;
    const uint8_t *data;
    const struct pkt *pkt;
};

static void emit(struct tcp *t, struct tcp_half *h, enum tcp_event event, const struct pkt *pkt,
                 int64_t time_ns, const uint8_t *data, uint32_t len)
{
    struct tcp_chunk chunk = {
        .event = event,
        .stream = &h->stream,
        .pkt = pkt,
        .time_ns = time_ns,
        .data = data,
        .len = len,
    };
    t->sink(t->ctx, &chunk);
}

static void emit_gap(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, int64_t time_ns,
                     uint32_t len)
{
    t->stats.gaps++;
    t->stats.gap_bytes += len;
    emit(t, h, TCP_GAP, pkt, time_ns, NULL, len);
}

/* The next bytes of the stream: those captured as data, the rest as a gap. */
static void hand_on(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, const uint8_t *data,
                    uint32_t caplen, uint32_t len)
{
    int64_t time_ns = pkt->frame->time_ns;
    h->next_seq += len;
    h->delivered = true;
    h->acked_ns = 0;
    h->hole_ns = time_ns; /* of a hole that follows */
    if (caplen > len)
        caplen = len;
    if (caplen) {
        t->stats.delivered_bytes += caplen;
        emit(t, h, TCP_DATA, pkt, time_ns, data, caplen);
    }
    if (caplen < len)
        emit_gap(t, h, pkt, time_ns, len - caplen);
}

static uint32_t piece_charge(const struct tcp_piece *p)
{
    return (uint32_t)sizeof(*p) + p->caplen;
}

static struct tcp_piece *pop(struct tcp *t, struct tcp_half *h)
{
    struct tcp_piece *p = h->head;
    h->head = p->next;
    if (!h->head)
        h->tail = NULL;
    h->held -= piece_charge(p);
    t->held -= piece_charge(p);
    return p;
}

/* Hands on the first piece. `pkt` is the one that made it deliverable, NULL: its own. */
static void hand_on_head(struct tcp *t, struct tcp_half *h, const struct pkt *pkt)
{
    struct tcp_piece *p = pop(t, h);
    hand_on(t, h, pkt ? pkt : &p->pkt, p->data, p->caplen, p->len);
    free(p);
}

static void drain(struct tcp *t, struct tcp_half *h, const struct pkt *pkt)
{
    while (h->head && h->head->seq == h->next_seq)
        hand_on_head(t, h, pkt);
}

static struct tcp_span span_from(const struct tcp_span *s, uint32_t skip)
{
    uint32_t captured = skip < s->caplen ? skip : s->caplen;
    return (struct tcp_span){
        .seq = s->seq + skip,
        .len = s->len - skip,
        .caplen = s->caplen - captured,
        .data = captured ? s->data + captured : s->data,
        .pkt = s->pkt,
    };
}

/* The span starts with bytes that piece p has as well, from p's byte `at` on; returns how many. */
static uint32_t compare(struct tcp *t, const struct tcp_piece *p, uint32_t at,
                        const struct tcp_span *s)
{
    uint32_t same = p->len - at < s->len ? p->len - at : s->len;
    uint32_t captured = p->caplen > at ? p->caplen - at : 0;
    if (captured > same)
        captured = same;
    if (captured > s->caplen)
        captured = s->caplen;
    if (captured && memcmp(p->data + at, s->data, captured) != 0)
        t->stats.overlaps_differing++;
    t->stats.retransmitted_bytes += same;
    return same;
}

/* The span starts at next_seq. What is held came first and counts where both have the bytes. */
static void take_in_order(struct tcp *t, struct tcp_half *h, struct tcp_span s)
{
    while (h->head && s.len) {
        uint32_t before = h->head->seq - s.seq;
        if (before >= s.len)
            break;
        if (before)
            hand_on(t, h, s.pkt, s.data, s.caplen, before);
        s = span_from(&s, before);
        s = span_from(&s, compare(t, h->head, 0, &s));
        hand_on_head(t, h, s.pkt);
    }
    if (s.len)
        hand_on(t, h, s.pkt, s.data, s.caplen, s.len);
    drain(t, h, s.pkt);
    if (h->head)
        h->hole_ns = h->head->frame.time_ns;
}

static struct tcp_piece *piece_new(const struct tcp_span *s)
{
    struct tcp_piece *p = malloc(sizeof(*p) + s->caplen);
    if (!p)
        return NULL;
    p->next = NULL;
    p->seq = s->seq;
    p->len = s->len;
    p->caplen = s->caplen;
    p->pkt = *s->pkt;
    p->pkt.frame = &p->frame;
    p->pkt.payload = p->data;
    p->pkt.payload_len = s->caplen;
    p->pkt.payload_full = s->len;
    p->frame = *s->pkt->frame;
    p->frame.data = NULL;
    p->frame.caplen = 0;
    if (p->frame.owner) {
        p->owner = *p->frame.owner;
        p->frame.owner = &p->owner;
    }
    memset(p->interface, 0, sizeof(p->interface));
    if (p->frame.interface)
        strncpy(p->interface, p->frame.interface, sizeof(p->interface) - 1);
    p->frame.interface = p->interface;
    if (s->caplen)
        memcpy(p->data, s->data, s->caplen);
    return p;
}

/* Puts a span that overlaps nothing between two pieces (NULL: the ends). */
static struct tcp_piece *insert(struct tcp *t, struct tcp_half *h, struct tcp_piece *before,
                                const struct tcp_span *s)
{
    struct tcp_piece *p = piece_new(s);
    if (!p) {
        t->stats.evicted_bytes += s->caplen;
        return before;
    }
    p->next = before ? before->next : h->head;
    if (before)
        before->next = p;
    else
        h->head = p;
    if (!p->next)
        h->tail = p;
    h->held += piece_charge(p);
    t->held += piece_charge(p);
    return p;
}

/* The span starts past next_seq: holds what of it is not held yet. */
static void hold(struct tcp *t, struct tcp_half *h, struct tcp_span s)
{
    t->stats.out_of_order++;
    if (!tcp_half_waits(h))
        h->hole_ns = s.pkt->frame->time_ns;
    struct tcp_piece *before = NULL;
    if (h->tail && tcp_seq_diff(s.seq, h->tail->seq) >= 0) {
        before = h->tail;
    } else {
        for (struct tcp_piece *p = h->head; p && tcp_seq_diff(p->seq, s.seq) <= 0; p = p->next)
            before = p;
    }
    while (s.len) {
        if (before && tcp_seq_diff(before->seq + before->len, s.seq) > 0) {
            s = span_from(&s, compare(t, before, s.seq - before->seq, &s));
            continue;
        }
        struct tcp_piece *after = before ? before->next : h->head;
        struct tcp_span part = s;
        if (after && after->seq - s.seq < s.len) {
            part.len = after->seq - s.seq;
            if (part.caplen > part.len)
                part.caplen = part.len;
        }
        if (part.len)
            insert(t, h, before, &part);
        s = span_from(&s, part.len);
        before = after;
    }
}

static void take_with_care(struct tcp *t, struct tcp_half *h, struct tcp_span s)
{
    int32_t ahead = tcp_seq_diff(s.seq, h->next_seq);
    if (ahead < 0) {
        uint32_t old = 0U - (uint32_t)ahead;
        if (old >= s.len) {
            /* A keep-alive probe repeats the last byte (RFC 9293 3.8.4). */
            if (s.len > 1 || old > 1)
                t->stats.retransmitted_bytes += s.len;
            return;
        }
        t->stats.retransmitted_bytes += old;
        s = span_from(&s, old);
        ahead = 0;
    }
    if (h->fin_known) {
        int32_t room = tcp_seq_diff(h->fin_seq, s.seq);
        if (room <= 0) {
            t->stats.bad_segments++;
            return;
        }
        if (s.len > (uint32_t)room)
            s.len = (uint32_t)room;
        if (s.caplen > s.len)
            s.caplen = s.len;
    }
    if (ahead > 0)
        hold(t, h, s);
    else
        take_in_order(t, h, s);
}

void tcp_half_take(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, uint32_t seq)
{
    if (seq == h->next_seq && !h->head && !h->fin_known) {
        hand_on(t, h, pkt, pkt->payload, pkt->payload_len, pkt->payload_full);
        return;
    }
    take_with_care(t, h,
                   (struct tcp_span){.seq = seq,
                                     .len = pkt->payload_full,
                                     .caplen = pkt->payload_len,
                                     .data = pkt->payload,
                                     .pkt = pkt});
}

void tcp_half_skip_hole(struct tcp *t, struct tcp_half *h)
{
    bool to_fin = !h->head || (h->fin_known && tcp_seq_diff(h->head->seq, h->fin_seq) > 0);
    uint32_t to = to_fin ? h->fin_seq : h->head->seq;
    int64_t time_ns = !to_fin ? h->head->frame.time_ns : h->hole_ns;
    if (to != h->next_seq)
        emit_gap(t, h, NULL, time_ns, to - h->next_seq);
    h->next_seq = to;
    h->acked_ns = 0;
    drain(t, h, NULL);
    if (h->head)
        h->hole_ns = h->head->frame.time_ns;
    tcp_half_check_fin(t, h, NULL, time_ns);
}

void tcp_half_resync(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, uint32_t seq)
{
    h->fin_known = false;
    while (h->head)
        tcp_half_skip_hole(t, h);
    emit_gap(t, h, pkt, pkt->frame->time_ns, 0);
    h->next_seq = seq;
    h->acked_ns = 0;
    h->ack_known = false;
    h->bad_run = 0;
}

void tcp_half_check_fin(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, int64_t time_ns)
{
    if (!h->ended && h->fin_known && tcp_seq_diff(h->next_seq, h->fin_seq) >= 0)
        tcp_half_end(t, h, pkt, time_ns);
}

void tcp_half_end(struct tcp *t, struct tcp_half *h, const struct pkt *pkt, int64_t time_ns)
{
    if (h->ended)
        return;
    /* Pieces past a FIN were never part of the stream. */
    while (h->head && h->fin_known && tcp_seq_diff(h->next_seq, h->fin_seq) >= 0)
        free(pop(t, h));
    h->fin_known = false;
    while (h->head)
        tcp_half_skip_hole(t, h);
    h->ended = true;
    emit(t, h, TCP_END, pkt, time_ns, NULL, 0);
}
