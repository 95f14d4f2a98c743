/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/pipeline.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <stdlib.h>

enum {
    PORT_DNS = 53,
    PORT_MDNS = 5353,  /* RFC 6762 */
    PORT_LLMNR = 5355, /* RFC 4795 */
    HELD_MAX_BYTES = 8 << 20,
};

#define STEP_BACK_NS (5 * NS_PER_SEC)

struct pipeline {
    struct pipeline_options options;
    record_sink *sink;
    void *ctx;
    struct pkt_stage *pkt;
    struct tcp *tcp;
    struct txn *txn;
    struct dns_framing_stats framing;
    uint64_t other_ports;
    uint64_t records;
    uint64_t filtered_out;
    uint64_t time_steps;
    uint64_t held_bytes; /* partial messages of all TCP streams */
    uint64_t held_dropped;
    int64_t latest_ns;
};

/* What follows one direction of a TCP connection: its messages, and the place that sees it, for
 * the events that no packet causes. */
struct follower {
    struct dns_framing *framing;
    struct frame place;
    char interface[16];
};

struct message_ctx {
    struct pipeline *p;
    const struct tcp_stream *stream;
    const struct frame *frame;
};

static bool port_wanted(const struct pipeline *p, uint16_t port)
{
    for (uint32_t i = 0; i < p->options.port_count; i++)
        if (p->options.ports[i] == port)
            return true;
    return false;
}

/* Packets between other ports are counted. */
static bool ports_wanted(struct pipeline *p, uint16_t a, uint16_t b)
{
    bool wanted = port_wanted(p, a) || port_wanted(p, b);
    p->other_ports += !wanted;
    return wanted;
}

static enum record_protocol protocol_of(uint16_t a, uint16_t b)
{
    if (a == PORT_MDNS || b == PORT_MDNS)
        return PROTOCOL_MDNS;
    if (a == PORT_LLMNR || b == PORT_LLMNR)
        return PROTOCOL_LLMNR;
    return PROTOCOL_DNS;
}

/* ---- UDP and ICMP ---- */

static void push_udp(struct pipeline *p, const struct pkt *pkt)
{
    struct txn_message m = {
        .frame = pkt->frame,
        .src = pkt->src,
        .dst = pkt->dst,
        .sport = pkt->sport,
        .dport = pkt->dport,
        .protocol = (uint8_t)protocol_of(pkt->sport, pkt->dport),
        .transport = TRANSPORT_UDP,
        .cut = pkt->payload_len < pkt->payload_full,
        .reassembled = pkt->reassembled,
        .wire = pkt->payload,
        .len = pkt->payload_len,
        .full_len = pkt->payload_full,
    };
    txn_push(p->txn, &m);
}

static void push_icmp(struct pipeline *p, const struct pkt *pkt)
{
    const struct pkt_icmp *icmp = &pkt->icmp;
    if (icmp->quoted_protocol != IPPROTO_UDP)
        return;
    if (!port_wanted(p, icmp->quoted_dport)) {
        p->other_ports++;
        return;
    }
    struct txn_icmp m = {
        .time_ns = pkt->frame->time_ns,
        .type = icmp->type,
        .code = icmp->code,
        .protocol = (uint8_t)protocol_of(icmp->quoted_sport, icmp->quoted_dport),
        .transport = TRANSPORT_UDP,
        .src = icmp->quoted_src,
        .dst = icmp->quoted_dst,
        .sport = icmp->quoted_sport,
        .dport = icmp->quoted_dport,
        .payload = icmp->quoted_payload,
        .payload_len = icmp->quoted_payload_len,
    };
    txn_push_icmp(p->txn, &m);
}

/* ---- TCP ---- */

static struct follower *follow(struct pipeline *p, struct tcp_stream *stream)
{
    struct follower *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->framing = dns_framing_new(stream->midstream, &p->framing);
    if (!f->framing) {
        free(f);
        return NULL;
    }
    f->place.interface = f->interface;
    stream->user = f;
    return f;
}

static void remember_place(struct follower *f, const struct frame *frame)
{
    f->place.direction = frame->direction;
    f->place.ifindex = frame->ifindex;
    f->place.netns = frame->netns;
    if (frame->interface)
        strncpy(f->interface, frame->interface, sizeof(f->interface) - 1);
}

static void on_message(void *ctx, const uint8_t *message, size_t len, size_t full)
{
    const struct message_ctx *c = ctx;
    struct txn_message m = {
        .frame = c->frame,
        .src = c->stream->src,
        .dst = c->stream->dst,
        .sport = c->stream->sport,
        .dport = c->stream->dport,
        .protocol = (uint8_t)protocol_of(c->stream->sport, c->stream->dport),
        .transport = TRANSPORT_TCP,
        .cut = len < full,
        .wire = message,
        .len = (uint32_t)len,
        .full_len = (uint32_t)full,
    };
    txn_push(c->p->txn, &m);
}

/* Thousands of connections with a message begun on each must not take gigabytes. */
static void account_held(struct pipeline *p, struct follower *f, size_t before,
                         struct message_ctx *c)
{
    p->held_bytes += dns_framing_held(f->framing) - before;
    if (p->held_bytes <= HELD_MAX_BYTES)
        return;
    size_t held = dns_framing_held(f->framing);
    dns_framing_gap(f->framing, on_message, c);
    p->held_bytes -= held - dns_framing_held(f->framing);
    p->held_dropped++;
}

static void on_chunk(void *ctx, const struct tcp_chunk *chunk)
{
    struct pipeline *p = ctx;
    struct follower *f = chunk->stream->user;
    if (!f && (chunk->event == TCP_END || !(f = follow(p, chunk->stream))))
        return;
    if (chunk->pkt)
        remember_place(f, chunk->pkt->frame);
    f->place.time_ns = chunk->time_ns;
    struct message_ctx c = {
        .p = p,
        .stream = chunk->stream,
        .frame = chunk->pkt ? chunk->pkt->frame : &f->place,
    };
    size_t held = dns_framing_held(f->framing);
    switch (chunk->event) {
    case TCP_DATA:
        dns_framing_push(f->framing, chunk->data, chunk->len, on_message, &c);
        account_held(p, f, held, &c);
        break;
    case TCP_GAP:
        dns_framing_gap(f->framing, on_message, &c);
        account_held(p, f, held, &c);
        break;
    case TCP_END:
        dns_framing_end(f->framing, on_message, &c);
        p->held_bytes -= held;
        dns_framing_free(f->framing);
        free(f);
        chunk->stream->user = NULL;
        break;
    }
}

/* ---- stages ---- */

static void on_packet(void *ctx, const struct pkt *pkt)
{
    struct pipeline *p = ctx;
    if (pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6) {
        push_icmp(p, pkt);
        return;
    }
    if (!ports_wanted(p, pkt->dport, pkt->sport))
        return;
    if (pkt->protocol == IPPROTO_UDP)
        push_udp(p, pkt);
    else
        tcp_push(p->tcp, pkt);
}

static void on_record(void *ctx, struct record *r)
{
    struct pipeline *p = ctx;
    if (p->options.enrich)
        enrich_record(p->options.enrich, r);
    if (p->options.filter && !filter_match(p->options.filter, r)) {
        p->filtered_out++;
        return;
    }
    p->records++;
    p->sink(p->ctx, r);
}

struct pipeline *pipeline_new(const struct pipeline_options *o, record_sink *sink, void *ctx)
{
    struct pipeline *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->options = *o;
    if (p->options.port_count == 0)
        p->options.ports[p->options.port_count++] = PORT_DNS;
    p->latest_ns = INT64_MIN / 2; /* so that a step back can be taken from it */
    p->sink = sink;
    p->ctx = ctx;
    p->pkt = pkt_stage_new(NULL, on_packet, p);
    p->tcp = tcp_new(NULL, on_chunk, p);
    p->txn = txn_new(&o->txn, on_record, p);
    if (!p->pkt || !p->tcp || !p->txn) {
        pipeline_free(p);
        return NULL;
    }
    return p;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    if (p->tcp)
        tcp_free(p->tcp);
    if (p->pkt)
        pkt_stage_free(p->pkt);
    txn_free(p->txn);
    free(p);
}

/* Files one after the other, or a clock that was set back: what is open belongs to another time and
 * cannot be waited for. */
static void watch_time(struct pipeline *p, int64_t time_ns)
{
    if (time_ns > p->latest_ns) {
        p->latest_ns = time_ns;
    } else if (time_ns < p->latest_ns - STEP_BACK_NS) {
        pipeline_flush(p);
        p->time_steps++;
        p->latest_ns = time_ns;
    }
}

/* What each frame is noted for, whatever is in it. */
static void note_frame(struct pipeline *p, const struct frame *frame)
{
    watch_time(p, frame->time_ns);
    if (frame->owner && p->options.enrich)
        enrich_hint(p->options.enrich, frame->owner);
}

void pipeline_push(struct pipeline *p, const struct frame *frame)
{
    note_frame(p, frame);
    if (frame->repeat)
        txn_push_repeat(p->txn, frame);
    else
        pkt_push(p->pkt, frame);
}

/* ---- blocks ---- */

/* Whether the frame is nothing but a message over UDP, which is then filled in and expected. */
static bool is_message(struct pipeline *p, const struct frame *frame, struct txn_message *m)
{
    struct pkt_udp udp;
    if (frame->repeat || !pkt_take_udp(p->pkt, frame, &udp))
        return false;
    *m = (struct txn_message){
        .frame = frame,
        .src = udp.src,
        .dst = udp.dst,
        .sport = udp.sport,
        .dport = udp.dport,
        .protocol = (uint8_t)protocol_of(udp.sport, udp.dport),
        .transport = TRANSPORT_UDP,
        .wire = udp.payload,
        .len = udp.payload_len,
        .full_len = udp.payload_len,
    };
    txn_expect(p->txn, m);
    return true;
}

static void push_message(struct pipeline *p, const struct txn_message *m)
{
    note_frame(p, m->frame);
    if (ports_wanted(p, m->dport, m->sport))
        txn_push(p->txn, m);
}

void pipeline_push_block(struct pipeline *p, const struct frame *frames, uint32_t count)
{
    struct txn_message messages[FRAME_BLOCK_MAX];
    uint32_t plain = 0; /* by bits */
    for (uint32_t i = 0; i < count; i++)
        plain |= (uint32_t)is_message(p, &frames[i], &messages[i]) << i;
    for (uint32_t i = 0; i < count; i++) {
        if (plain >> i & 1)
            push_message(p, &messages[i]);
        else
            pipeline_push(p, &frames[i]);
    }
}

void pipeline_tick(struct pipeline *p, int64_t now_ns)
{
    pkt_tick(p->pkt, now_ns);
    tcp_tick(p->tcp, now_ns);
    txn_tick(p->txn, now_ns);
}

void pipeline_note_loss(struct pipeline *p, int64_t time_ns)
{
    txn_note_loss(p->txn, time_ns);
}

void pipeline_flush(struct pipeline *p)
{
    pkt_flush(p->pkt);
    tcp_flush(p->tcp);
    txn_flush(p->txn);
}

struct pipeline_stats pipeline_stats(const struct pipeline *p)
{
    return (struct pipeline_stats){
        .pkt = pkt_stage_stats(p->pkt),
        .tcp = tcp_stats(p->tcp),
        .framing = &p->framing,
        .txn = txn_stats(p->txn),
        .other_ports = p->other_ports,
        .records = p->records,
        .filtered_out = p->filtered_out,
        .time_steps = p->time_steps,
        .held_dropped = p->held_dropped,
    };
}
