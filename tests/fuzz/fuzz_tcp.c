/* SPDX-License-Identifier: Apache-2.0 */
/* TCP reassembly, two ways, chosen by the first byte.
 *
 * Even: segment-order invariance. A stream is cut into segments by the input, and each of them is
 * delivered at a place of the order that the input chooses, with repetitions and overlaps of equal
 * content: what comes out must be the stream, each byte once, without a gap.
 * Odd: hostile. Arbitrary segments of four connections with small caps: no more data may come out
 * than went in, each stream ends exactly once, and what is held stays within the caps. */
#include "tcp/tcp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    STREAM_MAX = 4096,
    SEGMENTS_MAX = 64,
};

struct input {
    const uint8_t *data;
    size_t left;
};

static uint8_t next8(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->data++;
}

static uint32_t next16(struct input *in)
{
    uint32_t high = next8(in);
    return high << 8 | next8(in);
}

static uint32_t next32(struct input *in)
{
    uint32_t high = next16(in);
    return high << 16 | next16(in);
}

static void require(bool right)
{
    if (!right)
        abort();
}

static void push(struct tcp *t, const struct frame *f, uint16_t port, bool from_server,
                 const struct pkt_tcp *header, const uint8_t *data, uint32_t len, uint32_t full)
{
    uint8_t *copy = malloc(len ? len : 1);
    require(copy != NULL);
    if (len)
        memcpy(copy, data, len);
    struct pkt p = {
        .frame = f,
        .protocol = 6,
        .sport = from_server ? 53 : port,
        .dport = from_server ? port : 53,
        .payload = copy,
        .payload_len = len,
        .payload_full = full,
        .tcp = *header,
    };
    p.src.bytes[15] = from_server ? 2 : 1;
    p.dst.bytes[15] = from_server ? 1 : 2;
    tcp_push(t, &p);
    free(copy);
}

struct collected {
    uint8_t data[STREAM_MAX];
    uint32_t len;
    int ends;
};

static void collect(void *ctx, const struct tcp_chunk *c)
{
    struct collected *got = ctx;
    require(c->event != TCP_GAP);
    if (c->event == TCP_END) {
        got->ends++;
        return;
    }
    require(c->stream->sport == 1000 && got->ends == 0);
    require(c->len > 0 && c->len <= STREAM_MAX - got->len);
    memcpy(got->data + got->len, c->data, c->len);
    got->len += c->len;
}

struct segment {
    uint32_t from, len;
};

/* Cuts [0, total) into segments that reach back over the ones before, then shuffles them. */
static int cut(struct input *in, uint32_t total, struct segment *out)
{
    int n = 0;
    uint32_t at = 0;
    while (at < total && n < SEGMENTS_MAX) {
        uint32_t len = 1 + next8(in) % 200;
        uint8_t how = next8(in);
        uint32_t back = how & 1 ? how >> 1 : 0;
        if (back > at)
            back = at;
        if (len > total - at || n == SEGMENTS_MAX - 1)
            len = total - at;
        out[n++] = (struct segment){at - back, len + back};
        at += len;
    }
    for (int i = n - 1; i > 0; i--) {
        int j = next8(in) % (i + 1);
        struct segment swap = out[i];
        out[i] = out[j];
        out[j] = swap;
    }
    return n;
}

static void order(struct input *in)
{
    uint32_t total = 1 + next16(in) % STREAM_MAX;
    uint32_t isn = next32(in);
    uint8_t how = next8(in);
    static uint8_t stream[STREAM_MAX];
    uint32_t x = isn;
    for (uint32_t i = 0; i < total; i++) {
        x = x * 1664525 + 1013904223;
        stream[i] = (uint8_t)(x >> 24);
    }
    struct segment segments[SEGMENTS_MAX];
    int n = cut(in, total, segments);

    static struct collected got;
    got.len = 0;
    got.ends = 0;
    struct tcp_limits limits = {.connections = 4};
    struct tcp *t = tcp_new(&limits, collect, &got);
    require(t != NULL);
    struct frame f = {.time_ns = 1000, .interface = "fuzz0"};
    push(t, &f, 1000, false, &(struct pkt_tcp){.seq = isn, .flags = PKT_TCP_SYN}, NULL, 0, 0);
    bool fin_first = how & 1;
    struct pkt_tcp fin = {.seq = isn + 1 + total, .flags = PKT_TCP_FIN};
    if (fin_first)
        push(t, &f, 1000, false, &fin, NULL, 0, 0);
    for (int i = 0; i < n; i++) {
        int again = how & 2 && i ? (int)(next8(in) % (unsigned)i) : i;
        for (int k = again; k <= i; k += i - again ? i - again : 1) {
            struct pkt_tcp header = {.seq = isn + 1 + segments[k].from};
            f.time_ns += 1000;
            push(t, &f, 1000, false, &header, stream + segments[k].from, segments[k].len,
                 segments[k].len);
        }
        require(memcmp(got.data, stream, got.len) == 0);
        tcp_tick(t, f.time_ns);
    }
    require(got.len == total);
    if (!fin_first)
        push(t, &f, 1000, false, &fin, NULL, 0, 0);
    require(got.ends == 1);
    require(tcp_stats(t)->overlaps_differing == 0 && tcp_stats(t)->bad_segments == 0);
    tcp_free(t);
    require(got.ends == 2);
}

static uint8_t payload[70000]; /* all 'x' */

struct tally {
    uint64_t in;
    uint64_t out;
    uint64_t gaps;
    uint64_t ends;
    int open;
};

static void tally(void *ctx, const struct tcp_chunk *c)
{
    struct tally *n = ctx;
    if (!c->stream->user) {
        c->stream->user = n;
        n->open++;
    }
    switch (c->event) {
    case TCP_DATA:
        require(c->len > 0 && c->pkt && c->pkt->frame && c->pkt->frame->time_ns == c->time_ns);
        require(memcmp(c->data, payload, c->len) == 0);
        n->out += c->len;
        break;
    case TCP_GAP:
        n->gaps++;
        break;
    case TCP_END:
        c->stream->user = NULL;
        n->open--;
        n->ends++;
        break;
    }
}

static void hostile(struct input *in)
{
    if (!payload[0])
        memset(payload, 'x', sizeof(payload));
    struct tally n = {0};
    struct tcp_limits limits = {
        .connections = 3, .bytes = 6000, .stream_bytes = 3000, .idle_ns = 5000, .gap_ns = 500};
    struct tcp *t = tcp_new(&limits, tally, &n);
    require(t != NULL);
    struct frame f = {.interface = "fuzz0"};
    while (in->left >= 8) {
        uint8_t who = next8(in);
        struct pkt_tcp header = {.flags = next8(in)};
        /* Near each other, at the two ends of sequence space, or anywhere. */
        header.seq = next16(in) - 4096;
        header.ack = next16(in) - 4096;
        if (who & 64)
            header.seq *= 65521;
        uint32_t full = next8(in);
        if (who & 32)
            full *= 257;
        uint32_t len = who & 16 ? full / 2 : full;
        f.direction = who >> 3 & 1;
        f.time_ns += next8(in);
        n.in += len;
        push(t, &f, 1 + (who & 3), who >> 2 & 1, &header, payload, len, full);
        require(n.out <= n.in);
        if (who & 128)
            tcp_tick(t, f.time_ns);
    }
    tcp_flush(t);
    const struct tcp_stats *s = tcp_stats(t);
    require(n.out == s->delivered_bytes && n.gaps == s->gaps);
    require(n.open == 0 && n.ends == 2 * s->connections);
    tcp_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct input in = {data + 1, size - 1};
    if (data[0] & 1)
        hostile(&in);
    else
        order(&in);
    return 0;
}
