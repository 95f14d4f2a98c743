/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void stream_bytes(void **state)
{
    (void)state;
    struct tcp_limits limits = {.stream_bytes = 4096};
    struct rig *r = rig_new(&limits);
    char block[1001];
    memset(block, 'x', 1000);
    block[1000] = 0;
    push(r, CLIENT, S, 0, 0, "");
    int pushed = 0;
    while (r->len[CLIENT] == 0) {
        data(r, 11 + 2000 * (uint32_t)pushed, block);
        assert_true(++pushed < 5);
    }
    /* The first hole was given up, the other ones are still waited for. */
    assert_memory_equal(r->text[CLIENT], "<10>xxx", 7);
    assert_int_equal(r->len[CLIENT], 4 + 1000);
    const struct tcp_stats *s = tcp_stats(r->tcp);
    assert_int_equal(s->gaps, 1);
    assert_true(s->evicted_bytes >= 1000);
    /* The whole of the first hole comes after all. */
    data(r, 1, "0123456789");
    assert_int_equal(r->len[CLIENT], 4 + 1000);
    assert_int_equal(s->retransmitted_bytes, 10);
    data(r, 1011, block);
    assert_int_equal(r->len[CLIENT], 4 + 3000);
    rig_free(r);
}

/* Tiny segments cost more than their bytes, and the cap knows that. */
static void stream_bytes_with_overhead(void **state)
{
    (void)state;
    struct tcp_limits limits = {.stream_bytes = 64 << 10};
    struct rig *r = rig_new(&limits);
    push(r, CLIENT, S, 0, 0, "");
    for (uint32_t i = 0; i < 2000; i++)
        data(r, 2 + 2 * i, "x");
    const struct tcp_stats *s = tcp_stats(r->tcp);
    assert_true(s->gaps > 1500);
    assert_int_equal(s->gaps, s->delivered_bytes);
    tcp_flush(r->tcp);
    assert_int_equal(s->gaps, 2000);
    assert_int_equal(s->gap_bytes, 2000);
    rig_free(r);
}

/* Connections for each of which the sink only counts, by client port. */
struct counts {
    uint32_t data[65536];
    uint32_t ends[65536];
    uint32_t gaps[65536];
};

static void count(void *ctx, const struct tcp_chunk *c)
{
    struct counts *n = ctx;
    uint16_t port = c->stream->sport == 53 ? c->stream->dport : c->stream->sport;
    if (c->event == TCP_DATA)
        n->data[port] += c->len;
    else if (c->event == TCP_END)
        n->ends[port]++;
    else
        n->gaps[port]++;
}

struct many {
    struct counts n;
    struct tcp *tcp;
    struct frame frame;
};

static struct many *many_new(const struct tcp_limits *limits)
{
    struct many *m = calloc(1, sizeof(*m));
    assert_non_null(m);
    m->frame.interface = "";
    m->frame.time_ns = 1;
    m->tcp = tcp_new(limits, count, &m->n);
    assert_non_null(m->tcp);
    return m;
}

static void many_free(struct many *m)
{
    tcp_free(m->tcp);
    free(m);
}

static void many_push(struct many *m, uint16_t port, uint8_t flags, uint32_t seq, uint32_t len)
{
    static const uint8_t zeros[4096];
    struct pkt p = {.frame = &m->frame,
                    .protocol = 6,
                    .sport = port,
                    .dport = 53,
                    .payload = zeros,
                    .payload_len = len,
                    .payload_full = len,
                    .tcp = {.seq = seq, .flags = flags}};
    p.src.bytes[15] = 1;
    p.dst.bytes[15] = 2;
    m->frame.time_ns++;
    tcp_push(m->tcp, &p);
}

static void all_bytes_oldest_first(void **state)
{
    (void)state;
    struct tcp_limits limits = {.bytes = 10000};
    struct many *m = many_new(&limits);
    for (uint16_t port = 1; port <= 20; port++) {
        many_push(m, port, S, 0, 0);
        many_push(m, port, 0, 100, 2000);
        for (uint16_t other = 1; other <= 20; other++)
            assert_int_equal(m->n.data[other], other + 4 <= port ? 2000 : 0);
    }
    assert_int_equal(tcp_stats(m->tcp)->evicted_bytes > 0, 1);
    /* One that does not fit at all goes on at once. */
    limits.bytes = 1000;
    struct many *small = many_new(&limits);
    many_push(small, 1, S, 0, 0);
    many_push(small, 1, 0, 100, 2000);
    assert_int_equal(small->n.data[1], 2000);
    many_free(small);
    many_free(m);
}

static void connections_least_recently_used(void **state)
{
    (void)state;
    struct tcp_limits limits = {.connections = 100};
    struct many *m = many_new(&limits);
    for (uint16_t port = 1; port <= 100; port++)
        many_push(m, port, 0, 1, 5);
    many_push(m, 1, 0, 6, 5);
    for (uint16_t port = 101; port <= 110; port++)
        many_push(m, port, 0, 1, 5);
    for (uint16_t port = 1; port <= 110; port++)
        assert_int_equal(m->n.ends[port], port >= 2 && port <= 11 ? 2 : 0);
    assert_int_equal(tcp_stats(m->tcp)->evicted_connections, 10);
    many_free(m);
}

/* What waits behind a hole is handed on before the end. */
static void evicted_with_a_hole(void **state)
{
    (void)state;
    struct tcp_limits limits = {.connections = 1};
    struct many *m = many_new(&limits);
    many_push(m, 1, S, 0, 0);
    many_push(m, 1, 0, 100, 7);
    many_push(m, 2, S, 0, 0);
    assert_int_equal(m->n.gaps[1], 1);
    assert_int_equal(m->n.data[1], 7);
    assert_int_equal(m->n.ends[1], 2);
    many_free(m);
}

/* A flood of SYNs pushes out itself, not the connections that carry something. */
static void syn_flood(void **state)
{
    (void)state;
    struct tcp_limits limits = {.connections = 80};
    struct many *m = many_new(&limits);
    for (uint16_t port = 1; port <= 60; port++)
        many_push(m, port, 0, 1, 5);
    for (uint16_t port = 1000; port < 6000; port++)
        many_push(m, port, S, port, 0);
    for (uint16_t port = 1; port <= 60; port++)
        assert_int_equal(m->n.ends[port], 0);
    assert_int_equal(tcp_stats(m->tcp)->evicted_connections, 5060 - 80);
    /* And a crowd of open ones does not keep new ones out. */
    for (uint16_t port = 10000; port < 10200; port++)
        many_push(m, port, 0, 1, 5);
    many_push(m, 20000, S, 1, 0);
    many_push(m, 20001, S, 1, 0);
    many_push(m, 20000, 0, 2, 5);
    many_push(m, 20001, 0, 2, 5);
    assert_int_equal(m->n.data[20000], 5);
    assert_int_equal(m->n.ends[20000], 0);
    assert_int_equal(m->n.ends[20001], 0);
    many_free(m);
}

/* Closed connections are kept only as long as nobody needs their place. */
static void closed_go_first(void **state)
{
    (void)state;
    struct tcp_limits limits = {.connections = 100};
    struct many *m = many_new(&limits);
    many_push(m, 1, 0, 1, 5);
    for (uint16_t port = 1000; port < 3000; port++) {
        many_push(m, port, S, 1, 0);
        many_push(m, port, 0, 2, 5);
        many_push(m, port, R, 7, 0);
    }
    assert_int_equal(m->n.ends[1], 0);
    assert_int_equal(tcp_stats(m->tcp)->evicted_connections, 0);
    assert_int_equal(tcp_stats(m->tcp)->connections, 2001);
    many_free(m);
}

/* Every stream ends exactly once, whatever happens to it. */
static void each_ends_once(void **state)
{
    (void)state;
    struct tcp_limits limits = {.connections = 50, .idle_ns = 3000, .gap_ns = 500, .bytes = 3000};
    struct many *m = many_new(&limits);
    uint32_t seed = 7;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525 + 1013904223;
        uint16_t port = 1 + (seed >> 8) % 120;
        static const uint8_t flags[8] = {0, A, A, A, S, F | A, R, A};
        many_push(m, port, flags[seed >> 29], (seed >> 12) % 3000, (seed >> 16) % 200);
        if (i % 97 == 0)
            tcp_tick(m->tcp, m->frame.time_ns);
    }
    tcp_flush(m->tcp);
    uint64_t ends = 0;
    for (int port = 0; port < 65536; port++)
        ends += m->n.ends[port];
    assert_int_equal(ends, 2 * tcp_stats(m->tcp)->connections);
    assert_true(tcp_stats(m->tcp)->connections > 1000);
    assert_true(tcp_stats(m->tcp)->evicted_bytes > 0);
    many_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_bytes),           cmocka_unit_test(stream_bytes_with_overhead),
        cmocka_unit_test(all_bytes_oldest_first), cmocka_unit_test(connections_least_recently_used),
        cmocka_unit_test(evicted_with_a_hole),    cmocka_unit_test(syn_flood),
        cmocka_unit_test(closed_go_first),        cmocka_unit_test(each_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
