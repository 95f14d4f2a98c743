/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void after_age_by_tick(void **state)
{
    (void)state;
    struct tcp_limits limits = {.gap_ns = 100 * MS};
    struct rig *r = rig_new(&limits);
    push(r, CLIENT, S, 0, 0, "");
    data(r, 1, "ab");
    r->owner.pid = 9;
    r->frame.owner = &r->owner;
    data(r, 6, "fg");
    r->frame.owner = NULL;
    tcp_tick(r->tcp, 1100 * MS);
    expect(r, "ab", "");
    tcp_tick(r->tcp, 1100 * MS + 1);
    expect(r, "ab<3>fg", "");
    /* With the packet that it came in. */
    assert_int_equal(r->data_ns, 1000 * MS);
    assert_int_equal(r->data_pid, 9);
    assert_int_equal(r->data_seq, r->isn[CLIENT] + 6);
    data(r, 8, "h");
    data(r, 3, "cde"); /* too late */
    expect(r, "ab<3>fgh", "");
    const struct tcp_stats *s = tcp_stats(r->tcp);
    assert_int_equal(s->gaps, 1);
    assert_int_equal(s->gap_bytes, 3);
    assert_int_equal(s->retransmitted_bytes, 3);
    rig_free(r);
}

/* Also without a tick, by the next segment of either direction. */
static void after_age_by_push(void **state)
{
    (void)state;
    for (int from = 0; from < 2; from++) {
        struct rig *r = rig_new(NULL);
        handshake(r);
        push(r, CLIENT, A, 3, 1, "cd");
        r->frame.time_ns += 1000 * MS;
        push(r, from, A, from == CLIENT ? 5 : 1, 1, "x");
        assert_string_equal(r->text[CLIENT], "");
        r->frame.time_ns += 1;
        push(r, from, A, from == CLIENT ? 6 : 2, 1, "y");
        expect(r, from == CLIENT ? "<2>cdxy" : "<2>cd", from == CLIENT ? "" : "xy");
        rig_free(r);
    }
}

/* The query behind an acknowledged hole comes before the answer that made the hole known. */
static void before_what_answers_it(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 3, 1, "cd");
    push(r, SERVER, A, 1, 5, "");
    expect(r, "", "");
    r->frame.time_ns += 38 * MS;
    push(r, SERVER, A, 1, 5, "x");
    expect(r, "<2>cd", "x");
    assert_int_equal(r->data_ns, r->frame.time_ns);
    assert_int_equal(r->data_seq, r->isn[SERVER] + 1);
    rig_free(r);
}

/* Each hole has its own time. */
static void several_holes(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    data(r, 3, "c");
    r->frame.time_ns += 500 * MS;
    data(r, 5, "e");
    tcp_tick(r->tcp, 2000 * MS + 1);
    expect(r, "<2>c", "");
    tcp_tick(r->tcp, 2500 * MS);
    expect(r, "<2>c", "");
    tcp_tick(r->tcp, 2500 * MS + 1);
    expect(r, "<2>c<1>e", "");
    rig_free(r);
}

static void part_of_a_hole_comes(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    data(r, 9, "i");
    data(r, 5, "ef");
    data(r, 1, "ab");
    expect(r, "ab", "");
    tcp_tick(r->tcp, 2001 * MS);
    expect(r, "ab<2>ef<2>i", "");
    rig_free(r);
}

/* What the peer acknowledges will not be sent again: we lost it. A little time is left for segments
 * that come out of another ring. */
static void acknowledged(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 4, 1, "def");
    push(r, SERVER, A, 1, 7, "");
    r->frame.time_ns += 20 * MS;
    push(r, SERVER, A, 1, 7, "");
    expect(r, "", "");
    r->frame.time_ns += 1;
    push(r, SERVER, A, 1, 7, "");
    expect(r, "<3>def", "");
    /* Acknowledged just before what is behind it came. */
    push(r, SERVER, A, 1, 10, "");
    push(r, CLIENT, A, 10, 1, "jkl");
    expect(r, "<3>def", "");
    tcp_tick(r->tcp, r->frame.time_ns + 20 * MS + 1);
    expect(r, "<3>def<3>jkl", "");
    /* Long before. */
    push(r, SERVER, A, 1, 16, "");
    r->frame.time_ns += 21 * MS;
    push(r, CLIENT, A, 16, 1, "pqr");
    expect(r, "<3>def<3>jkl<3>pqr", "");
    rig_free(r);
}

/* An answer does not overtake its question. */
static void acknowledged_with_data(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 4, 1, "two");
    push(r, SERVER, A, 1, 7, "answers");
    expect(r, "<3>two", "answers");
    assert_string_equal(r->order, "cs");
    push(r, SERVER, A, 8, 7, "more");
    rig_free(r);
    r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 4, 1, "two");
    push(r, SERVER, A, 1, 1, "not yet");
    expect(r, "", "not yet");
    rig_free(r);
}

static void acknowledged_but_only_late(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 4, 1, "def");
    push(r, SERVER, A, 1, 7, "");
    r->frame.time_ns += 10 * MS;
    push(r, CLIENT, A, 1, 1, "abc");
    tcp_tick(r->tcp, r->frame.time_ns + 500 * MS);
    expect(r, "abcdef", "");
    /* The next hole is not acknowledged. */
    r->frame.time_ns += 100 * MS;
    push(r, CLIENT, A, 10, 1, "jkl");
    push(r, SERVER, A, 1, 7, "");
    expect(r, "abcdef", "");
    assert_int_equal(tcp_stats(r->tcp)->gaps, 0);
    rig_free(r);
}

/* An ACK below the hole, or one that cannot be, says nothing. */
static void not_acknowledged(void **state)
{
    (void)state;
    static const uint32_t acks[] = {1, 3, 0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < sizeof(acks) / sizeof(acks[0]); i++) {
        struct rig *r = rig_new(NULL);
        handshake(r);
        push(r, CLIENT, A, 4, 1, "def");
        push(r, SERVER, A, 1, acks[i], "");
        tcp_tick(r->tcp, r->frame.time_ns + 500 * MS);
        expect(r, "", "");
        /* Nor does it hide a good one. */
        push(r, SERVER, A, 1, 7, "");
        tcp_tick(r->tcp, r->frame.time_ns + 21 * MS);
        expect(r, "<3>def", "");
        rig_free(r);
    }
}

static void cut_by_the_capture(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    push_bytes(r, CLIENT, 0, 1, 0, "abc", 3, 8);
    expect(r, "abc<5>", "");
    data(r, 9, "ij");
    push_bytes(r, CLIENT, 0, 11, 0, "", 0, 4);
    expect(r, "abc<5>ij<4>", "");
    /* Out of order. */
    push_bytes(r, CLIENT, 0, 17, 0, "qr", 2, 6);
    data(r, 23, "w");
    data(r, 15, "op");
    expect(r, "abc<5>ij<4>opqr<4>w", "");
    /* What overlaps the cut part of one that waits. */
    push_bytes(r, CLIENT, 0, 26, 0, "z", 1, 4);
    data(r, 24, "xyzabcdef");
    expect(r, "abc<5>ij<4>opqr<4>wxyz<3>def", "");
    assert_int_equal(tcp_stats(r->tcp)->overlaps_differing, 0);
    rig_free(r);
}

static void flush_hands_on_the_rest(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 4, 1, "def");
    push(r, CLIENT, A, 8, 1, "hi");
    tcp_flush(r->tcp);
    expect(r, "<3>def<1>hi.", ".");
    tcp_flush(r->tcp);
    expect(r, "<3>def<1>hi.", ".");
    rig_free(r);
}

static void fin_behind_a_hole(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, F | A, 4, 1, "def");
    expect(r, "", "");
    tcp_tick(r->tcp, 2000 * MS + 1);
    expect(r, "<3>def.", "");
    /* With nothing but the FIN behind it. */
    push(r, SERVER, F | A, 6, 7, "");
    expect(r, "<3>def.", "");
    tcp_tick(r->tcp, 2000 * MS + 2);
    expect(r, "<3>def.", "<5>.");
    rig_free(r);
}

/* After a loss of more than any window, or when it was another connection's SYN that set the start:
 * three segments in a row show where the stream is. */
static void far_outside_the_window(void **state)
{
    (void)state;
    static const uint32_t jumps[] = {100 << 20, 0x7fffffff, 0x80000000, 0xf0000000};
    for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        struct rig *r = rig_new(NULL);
        push(r, CLIENT, S, 0, 0, "");
        data(r, 1, "ab");
        data(r, 6, "f");
        data(r, jumps[i], "one");
        data(r, jumps[i] + 3, "two");
        expect(r, "ab", "");
        data(r, 3, "c"); /* a good one in between */
        data(r, jumps[i], "one");
        data(r, jumps[i] + 3, "two");
        expect(r, "abc", "");
        data(r, jumps[i] + 6, "three");
        data(r, jumps[i] + 11, "four");
        expect(r, "abc<2>f<0>threefour", "");
        assert_int_equal(tcp_stats(r->tcp)->bad_segments, 5);
        rig_free(r);
    }
}

/* A FIN that was waited for belongs to where the stream was. */
static void far_outside_with_a_fin(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    data(r, 1, "ab");
    push(r, CLIENT, F, 10, 0, "");
    data(r, 100 << 20, "one");
    data(r, (100 << 20) + 3, "two");
    data(r, (100 << 20) + 6, "three");
    data(r, (100 << 20) + 11, "four");
    expect(r, "ab<0>threefour", "");
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_age_by_tick),       cmocka_unit_test(after_age_by_push),
        cmocka_unit_test(before_what_answers_it),  cmocka_unit_test(several_holes),
        cmocka_unit_test(part_of_a_hole_comes),    cmocka_unit_test(acknowledged),
        cmocka_unit_test(acknowledged_with_data),  cmocka_unit_test(acknowledged_but_only_late),
        cmocka_unit_test(not_acknowledged),        cmocka_unit_test(cut_by_the_capture),
        cmocka_unit_test(flush_hands_on_the_rest), cmocka_unit_test(fin_behind_a_hole),
        cmocka_unit_test(far_outside_the_window),  cmocka_unit_test(far_outside_with_a_fin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
