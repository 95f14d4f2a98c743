/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void in_order(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    expect(r, "", "");
    push(r, CLIENT, A, 1, 1, "query");
    assert_int_equal(r->data_ns, 1000 * MS);
    assert_false(r->data_midstream);
    push(r, SERVER, A, 1, 6, "answer");
    push(r, CLIENT, A, 6, 7, "more");
    expect(r, "querymore", "answer");
    const struct tcp_stats *s = tcp_stats(r->tcp);
    assert_int_equal(s->segments, 6);
    assert_int_equal(s->delivered_bytes, 15);
    assert_int_equal(s->connections, 1);
    assert_int_equal(s->midstream, 0);
    assert_int_equal(s->out_of_order, 0);
    rig_free(r);
}

/* All 120 orders of five segments, with the sequence numbers wrapping around at each place. */
static void any_order(void **state)
{
    (void)state;
    static const char *const parts[5] = {"ab", "cde", "f", "ghij", "klmno"};
    static const uint32_t at[5] = {1, 3, 6, 7, 11};
    const struct tcp_limits small = {.connections = 4};
    for (uint32_t wrap = 0; wrap < 18; wrap++) {
        for (unsigned order = 0; order < 3125; order++) {
            unsigned rest = order, used = 0, pick[5];
            for (int i = 0; i < 5; i++, rest /= 5) {
                pick[i] = rest % 5;
                used |= 1U << pick[i];
            }
            if (used != 31)
                continue;
            struct rig *r = rig_new(&small);
            r->isn[CLIENT] = 0U - wrap;
            push(r, CLIENT, S, 0, 0, "");
            for (int i = 0; i < 5; i++)
                data(r, at[pick[i]], parts[pick[i]]);
            expect(r, "abcdefghijklmno", "");
            const struct tcp_stats *s = tcp_stats(r->tcp);
            assert_int_equal(s->retransmitted_bytes, 0);
            assert_int_equal(s->gaps, 0);
            assert_int_equal(s->delivered_bytes, 15);
            rig_free(r);
        }
    }
}

/* Data that waited is handed on with the packet that made it deliverable. */
static void time_of_waiting_data(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    r->frame.time_ns = 2000 * MS;
    data(r, 3, "cd");
    expect(r, "", "");
    r->frame.time_ns = 2005 * MS;
    r->owner.pid = 9;
    r->frame.owner = &r->owner;
    data(r, 1, "ab");
    expect(r, "abcd", "");
    assert_int_equal(r->data_ns, 2005 * MS);
    assert_int_equal(r->data_pid, 9);
    assert_int_equal(tcp_stats(r->tcp)->out_of_order, 1);
    rig_free(r);
}

static void retransmissions(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    push(r, CLIENT, S, 0, 0, "");
    data(r, 1, "abcd");
    data(r, 1, "abcd");   /* whole */
    data(r, 3, "cd");     /* the end of it */
    data(r, 1, "abcdef"); /* more than it */
    data(r, 3, "cdefgh");
    expect(r, "abcdefgh", "");
    assert_int_equal(tcp_stats(r->tcp)->retransmitted_bytes, 4 + 2 + 4 + 4);
    assert_int_equal(tcp_stats(r->tcp)->overlaps_differing, 0);
    data(r, 10, "jk");
    data(r, 10, "jk"); /* of what waits */
    data(r, 9, "ijkl");
    expect(r, "abcdefghijkl", "");
    assert_int_equal(tcp_stats(r->tcp)->retransmitted_bytes, 14 + 2 + 2);
    rig_free(r);
}

/* Whichever bytes come first count, also where they came too early. */
static void overlaps_that_differ(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    data(r, 5, "EF");
    data(r, 3, "cdefgh"); /* around it */
    data(r, 4, "xxx");
    data(r, 1, "abyyyyyyij");
    expect(r, "abcdEFghij", "");
    const struct tcp_stats *s = tcp_stats(r->tcp);
    assert_int_equal(s->overlaps_differing, 1 + 2 + 3);
    assert_int_equal(s->retransmitted_bytes, 2 + 3 + 6);
    assert_int_equal(s->delivered_bytes, 10);
    rig_free(r);
}

/* Random cuts of one text, each piece of it from anywhere to anywhere, until all of it was sent. */
static void random_overlaps(void **state)
{
    (void)state;
    enum {
        N = 300
    };
    char text[N + 1];
    for (int i = 0; i < N; i++)
        text[i] = (char)('a' + i % 23);
    text[N] = 0;
    uint32_t seed = 1;
    for (int round = 0; round < 300; round++) {
        struct rig *r = rig_new(NULL);
        r->isn[CLIENT] = seed;
        push(r, CLIENT, S, 0, 0, "");
        uint32_t sent = 0;
        while (sent < 40 || r->len[CLIENT] < N) {
            seed = seed * 1664525 + 1013904223;
            uint32_t from = (seed >> 8) % N;
            uint32_t len = 1 + (seed >> 20) % 40;
            if (len > N - from)
                len = N - from;
            push_bytes(r, CLIENT, 0, 1 + from, 0, text + from, len, len);
            assert_true(++sent < 10000);
            assert_memory_equal(r->text[CLIENT], text, r->len[CLIENT]);
        }
        expect(r, text, "");
        assert_int_equal(tcp_stats(r->tcp)->overlaps_differing, 0);
        assert_int_equal(tcp_stats(r->tcp)->gaps, 0);
        rig_free(r);
    }
}

static void keep_alive_probes(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    data(r, 1, "abc");
    for (int i = 0; i < 3; i++)
        data(r, 3, "\n"); /* one byte of no meaning before the next */
    data(r, 3, "");
    data(r, 4, "def");
    expect(r, "abcdef", "");
    assert_int_equal(tcp_stats(r->tcp)->retransmitted_bytes, 0);
    assert_int_equal(tcp_stats(r->tcp)->overlaps_differing, 0);
    rig_free(r);
}

/* A SYN with data (RFC 7413), taken or not by the server: then it is sent again. */
static void fast_open(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "query");
    push(r, SERVER, S | A, 0, 6, "");
    push(r, SERVER, A, 1, 6, "answer");
    push(r, CLIENT, A, 6, 7, "next");
    expect(r, "querynext", "answer");
    rig_free(r);
    r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "query");
    push(r, SERVER, S | A, 0, 1, "");
    push(r, CLIENT, A, 1, 1, "query");
    expect(r, "query", "");
    assert_int_equal(tcp_stats(r->tcp)->retransmitted_bytes, 5);
    rig_free(r);
}

/* Segments before segmentation are larger than any on the wire. */
static void super_segments(void **state)
{
    (void)state;
    enum {
        N = 65000
    };
    struct rig *r = rig_new(NULL);
    char *text = malloc(3 * N);
    assert_non_null(text);
    for (int i = 0; i < 3 * N; i++)
        text[i] = (char)('a' + i % 19);
    push(r, CLIENT, S, 0, 0, "");
    push_bytes(r, CLIENT, 0, 1, 0, text, N, N);
    push_bytes(r, CLIENT, 0, 1 + 2 * N, 0, text + 2 * N, N, N);
    push_bytes(r, CLIENT, 0, 1 + N, 0, text + N, N, N);
    assert_int_equal(r->len[CLIENT], 3 * N);
    assert_memory_equal(r->text[CLIENT], text, 3 * N);
    free(text);
    rig_free(r);
}

static void two_places(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (uint32_t ifindex = 1; ifindex < 4; ifindex++) {
        r->frame.ifindex = ifindex;
        handshake(r);
        data(r, 1, "abc");
    }
    r->frame.netns = 7;
    handshake(r);
    data(r, 1, "abc");
    expect(r, "abcabcabcabc", "");
    assert_int_equal(tcp_stats(r->tcp)->connections, 4);
    rig_free(r);
}

/* On loopback each segment leaves and then comes in: two sights, each with both directions. */
static void loopback(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    static const uint8_t directions[2] = {FRAME_OUT, FRAME_IN};
    static const struct {
        int from;
        uint8_t flags;
        uint32_t seq, ack;
        const char *data;
    } segments[] = {{CLIENT, S, 0, 0, ""},      {SERVER, S | A, 0, 1, ""},
                    {CLIENT, A, 1, 1, "query"}, {SERVER, A, 1, 6, "answer"},
                    {CLIENT, F | A, 6, 7, ""},  {SERVER, F | A, 7, 7, ""}};
    for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
        for (int d = 0; d < 2; d++) {
            r->frame.direction = directions[d];
            push(r, segments[i].from, segments[i].flags, segments[i].seq, segments[i].ack,
                 segments[i].data);
        }
    }
    expect(r, "queryquery..", "answeranswer..");
    assert_int_equal(tcp_stats(r->tcp)->connections, 2);
    assert_int_equal(tcp_stats(r->tcp)->retransmitted_bytes, 0);
    assert_int_equal(tcp_stats(r->tcp)->midstream, 0);
    rig_free(r);
    /* A file that does not say which sight is which: the second one is a retransmission. */
    r = rig_new(NULL);
    for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
        for (int d = 0; d < 2; d++)
            push(r, segments[i].from, segments[i].flags, segments[i].seq, segments[i].ack,
                 segments[i].data);
    expect(r, "query.", "answer.");
    assert_int_equal(tcp_stats(r->tcp)->connections, 1);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(any_order),
        cmocka_unit_test(time_of_waiting_data),
        cmocka_unit_test(retransmissions),
        cmocka_unit_test(overlaps_that_differ),
        cmocka_unit_test(random_overlaps),
        cmocka_unit_test(keep_alive_probes),
        cmocka_unit_test(fast_open),
        cmocka_unit_test(super_segments),
        cmocka_unit_test(two_places),
        cmocka_unit_test(loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
