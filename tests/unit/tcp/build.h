/* SPDX-License-Identifier: Apache-2.0 */
/* Segments made by hand, and a sink that writes down what each direction of a connection gives:
 * data as it is, "<3>" for a gap of 3 bytes, "." for the end. A connection that begins anew after
 * its end goes on in the same text. */
#pragma once

#include "tcp/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000000LL

enum {
    CLIENT,
    SERVER,
    TEXT_MAX = 1 << 18,
    F = PKT_TCP_FIN,
    S = PKT_TCP_SYN,
    R = PKT_TCP_RST,
    A = PKT_TCP_ACK,
};

struct rig {
    struct tcp *tcp;
    char *text[2]; /* of the newest rig only */
    uint32_t len[2];
    int ends[2];
    int open_streams; /* with `user` set */
    int64_t data_ns;  /* time of the last TCP_DATA */
    uint32_t data_pid;
    uint32_t data_seq;
    bool data_midstream;
    char order[256]; /* c or s for each of the first TCP_DATA */
    struct frame_owner owner;
    struct frame frame;
    uint32_t isn[2];
    uint16_t client_port;
};

static inline void take(void *ctx, const struct tcp_chunk *c)
{
    struct rig *r = ctx;
    struct tcp_stream *s = c->stream;
    int from = s->sport == 53 ? SERVER : CLIENT;
    assert_int_equal(s->src.bytes[15], from == SERVER ? 2 : 1);
    assert_int_equal(s->dst.bytes[15], from == SERVER ? 1 : 2);
    assert_int_equal(from == SERVER ? s->dport : s->sport, r->client_port);
    /* The user's pointer is kept from the first event to the end. */
    if (!s->user) {
        s->user = r;
        r->open_streams++;
    }
    char *at = r->text[from] + r->len[from];
    assert_true(r->len[from] + c->len + 32 < TEXT_MAX);
    switch (c->event) {
    case TCP_DATA:
        assert_non_null(c->pkt);
        assert_true(c->len > 0);
        assert_int_equal(c->pkt->frame->time_ns, c->time_ns);
        assert_string_equal(c->pkt->frame->interface, "test0");
        memcpy(at, c->data, c->len);
        at[c->len] = 0;
        r->len[from] += c->len;
        r->data_ns = c->time_ns;
        r->data_pid = c->pkt->frame->owner ? c->pkt->frame->owner->pid : 0;
        r->data_seq = c->pkt->tcp.seq;
        r->data_midstream = s->midstream;
        if (strlen(r->order) < sizeof(r->order) - 1)
            r->order[strlen(r->order)] = from == SERVER ? 's' : 'c';
        break;
    case TCP_GAP:
        r->len[from] += (uint32_t)sprintf(at, "<%u>", c->len);
        break;
    case TCP_END:
        r->len[from] += (uint32_t)sprintf(at, ".");
        r->ends[from]++;
        r->open_streams--;
        s->user = NULL;
        break;
    }
}

static inline struct rig *rig_new(const struct tcp_limits *limits)
{
    struct rig *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    static char text[2][TEXT_MAX];
    for (int i = 0; i < 2; i++) {
        r->text[i] = text[i];
        text[i][0] = 0;
    }
    r->tcp = tcp_new(limits, take, r);
    assert_non_null(r->tcp);
    r->frame.interface = "test0";
    r->frame.time_ns = 1000 * MS;
    r->isn[CLIENT] = 0x11111111;
    r->isn[SERVER] = 0x22222222;
    r->client_port = 40000;
    return r;
}

static inline void rig_free(struct rig *r)
{
    tcp_free(r->tcp);
    assert_int_equal(r->open_streams, 0);
    free(r);
}

/* seq and ack count from the SYN, so that the first byte is 1. Of `full` bytes the first `len` were
 * captured. */
static inline void push_bytes(struct rig *r, int from, uint8_t flags, uint32_t seq, uint32_t ack,
                              const void *data, uint32_t len, uint32_t full)
{
    /* Exactly as large, so that AddressSanitizer sees the first byte too many. */
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, data, len);
    struct pkt p = {
        .frame = &r->frame,
        .protocol = 6,
        .sport = from == CLIENT ? r->client_port : 53,
        .dport = from == CLIENT ? 53 : r->client_port,
        .payload = copy,
        .payload_len = len,
        .payload_full = full,
        .tcp = {.seq = r->isn[from] + seq, .ack = r->isn[!from] + ack, .flags = flags},
    };
    p.src.bytes[15] = from == CLIENT ? 1 : 2;
    p.dst.bytes[15] = from == CLIENT ? 2 : 1;
    tcp_push(r->tcp, &p);
    free(copy);
}

static inline void push(struct rig *r, int from, uint8_t flags, uint32_t seq, uint32_t ack,
                        const char *data)
{
    uint32_t n = (uint32_t)strlen(data);
    push_bytes(r, from, flags, seq, ack, data, n, n);
}

/* Client data without anything else. */
static inline void data(struct rig *r, uint32_t seq, const char *text)
{
    push(r, CLIENT, 0, seq, 0, text);
}

static inline void handshake(struct rig *r)
{
    push(r, CLIENT, S, 0, 0, "");
    push(r, SERVER, S | A, 0, 1, "");
    push(r, CLIENT, A, 1, 1, "");
}

static inline void expect(struct rig *r, const char *client, const char *server)
{
    assert_string_equal(r->text[CLIENT], client);
    assert_string_equal(r->text[SERVER], server);
}
