/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void orderly_close(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 1, 1, "query");
    push(r, SERVER, A, 1, 6, "answer");
    push(r, CLIENT, F | A, 6, 7, "");
    expect(r, "query.", "answer");
    push(r, SERVER, A, 7, 7, "rest"); /* half closed */
    push(r, SERVER, F | A, 11, 7, "last");
    push(r, CLIENT, A, 7, 16, "");
    expect(r, "query.", "answerrestlast.");
    assert_int_equal(r->open_streams, 0);
    rig_free(r);
}

/* What straggles in after the end opens nothing new. */
static void stragglers(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, F | A, 1, 1, "query");
    push(r, SERVER, F | A, 1, 7, "answer");
    r->frame.time_ns += 200 * MS;
    push(r, CLIENT, F | A, 1, 1, "query");
    push(r, SERVER, F | A, 1, 7, "answer");
    push(r, CLIENT, A, 7, 8, "");
    push(r, CLIENT, R, 7, 8, "");
    push(r, CLIENT, S, 0, 0, "");
    expect(r, "query.", "answer.");
    assert_int_equal(tcp_stats(r->tcp)->connections, 1);
    assert_int_equal(tcp_stats(r->tcp)->retransmitted_bytes, 11);
    /* Long after, only payload does; the stragglers do not make it longer. */
    r->frame.time_ns += 4000 * MS;
    push(r, CLIENT, F | A, 1, 1, "query");
    tcp_tick(r->tcp, r->frame.time_ns + 1000 * MS);
    push(r, CLIENT, F | A, 6, 1, "");
    push(r, CLIENT, R | A, 6, 1, "");
    push(r, CLIENT, A, 6, 1, "");
    push(r, CLIENT, R | A, 6, 1, "reset");
    assert_int_equal(tcp_stats(r->tcp)->connections, 1);
    push(r, CLIENT, A, 6, 1, "more");
    assert_int_equal(tcp_stats(r->tcp)->connections, 2);
    expect(r, "query.more", "answer.");
    rig_free(r);
}

static void ports_used_again(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (uint32_t i = 0; i < 3; i++) {
        r->isn[CLIENT] += 0x10000000 * i;
        r->isn[SERVER] += 0x30000000 * i;
        handshake(r);
        push(r, CLIENT, F | A, 1, 1, "query");
        push(r, SERVER, F | A, 1, 7, "answer");
    }
    expect(r, "query.query.query.", "answer.answer.answer.");
    assert_int_equal(tcp_stats(r->tcp)->connections, 3);
    assert_int_equal(tcp_stats(r->tcp)->midstream, 0);
    rig_free(r);
}

/* A new SYN on a connection whose end was not seen. */
static void restart(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 1, 1, "old");
    push(r, CLIENT, A, 6, 1, "waits");
    r->isn[CLIENT] += 0x01000000;
    r->isn[SERVER] += 0x01000000;
    handshake(r);
    expect(r, "old<2>waits.", ".");
    push(r, CLIENT, A, 1, 1, "new");
    push(r, SERVER, A, 1, 4, "answer");
    expect(r, "old<2>waits.new", ".answer");
    rig_free(r);
    /* Its SYN-ACK alone shows it as well. */
    r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 1, 1, "old");
    r->isn[CLIENT] += 0x01000000;
    r->isn[SERVER] += 0x01000000;
    push(r, SERVER, S | A, 0, 1, "");
    push(r, CLIENT, A, 1, 1, "new");
    expect(r, "old.new", ".");
    assert_false(r->data_midstream);
    rig_free(r);
}

static void reset(void **state)
{
    (void)state;
    for (int from = 0; from < 2; from++) {
        struct rig *r = rig_new(NULL);
        handshake(r);
        push(r, CLIENT, A, 1, 1, "query");
        push(r, CLIENT, A, 8, 1, "waits");
        push(r, from, R, 0x40000000, 0, ""); /* far outside */
        push(r, from, R, 0xc0000000, 0, "");
        assert_string_equal(r->text[CLIENT], "query");
        assert_int_equal(tcp_stats(r->tcp)->bad_segments, 2);
        push(r, from, R, from == CLIENT ? 6 : 1, 0, "");
        expect(r, "query<2>waits.", ".");
        rig_free(r);
    }
}

/* The answer to a SYN where nobody listens. */
static void refused(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    push(r, SERVER, R | A, 0U - r->isn[SERVER], 1, "");
    expect(r, ".", ".");
    rig_free(r);
}

static void nothing_without_syn_or_payload(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, A, 1, 1, "");
    push(r, SERVER, A, 1, 1, "");
    push(r, CLIENT, F | A, 1, 1, "");
    push(r, CLIENT, R, 1, 1, "");
    assert_int_equal(tcp_stats(r->tcp)->connections, 0);
    assert_int_equal(tcp_stats(r->tcp)->segments, 4);
    rig_free(r);
    expect(r = rig_new(NULL), "", "");
    rig_free(r);
}

static void joined_in_the_middle(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    push(r, CLIENT, A, 500, 900, "query");
    assert_true(r->data_midstream);
    push(r, SERVER, A, 900, 505, "answer");
    assert_true(r->data_midstream);
    push(r, CLIENT, A, 505, 906, "next");
    expect(r, "querynext", "answer");
    assert_int_equal(tcp_stats(r->tcp)->midstream, 2);
    push(r, CLIENT, F | A, 509, 906, "");
    push(r, SERVER, F | A, 906, 510, "");
    expect(r, "querynext.", "answer.");
    rig_free(r);
}

/* Of a handshake any packet may be missing or late. */
static void parts_of_a_handshake(void **state)
{
    (void)state;
    /* The client's SYN. */
    struct rig *r = rig_new(NULL);
    push(r, SERVER, S | A, 0, 1, "");
    push(r, CLIENT, A, 3, 1, "cd");
    push(r, CLIENT, A, 1, 1, "ab");
    expect(r, "abcd", "");
    assert_false(r->data_midstream);
    rig_free(r);
    /* It comes after the SYN-ACK. */
    r = rig_new(NULL);
    push(r, SERVER, S | A, 0, 6, "");
    push(r, CLIENT, S, 0, 0, "query");
    expect(r, "query", "");
    assert_int_equal(tcp_stats(r->tcp)->connections, 1);
    rig_free(r);
    /* The server's SYN-ACK. */
    r = rig_new(NULL);
    push(r, CLIENT, S, 0, 0, "");
    push(r, CLIENT, A, 1, 1, "query");
    assert_false(r->data_midstream);
    push(r, SERVER, A, 1, 6, "answer");
    assert_true(r->data_midstream);
    expect(r, "query", "answer");
    rig_free(r);
    /* A SYN after the data is no new connection. */
    r = rig_new(NULL);
    push(r, CLIENT, A, 1, 1, "query");
    push(r, CLIENT, S, 0, 0, "");
    push(r, CLIENT, A, 6, 1, "next");
    expect(r, "querynext", "");
    assert_int_equal(tcp_stats(r->tcp)->connections, 1);
    rig_free(r);
}

static void idle(void **state)
{
    (void)state;
    struct tcp_limits limits = {.idle_ns = 5000 * MS};
    struct rig *r = rig_new(&limits);
    handshake(r);
    push(r, CLIENT, A, 1, 1, "query");
    r->client_port++;
    r->frame.time_ns += 3000 * MS;
    push(r, CLIENT, A, 1, 1, "other");
    r->client_port--;
    tcp_tick(r->tcp, 6000 * MS);
    expect(r, "queryother", "");
    tcp_tick(r->tcp, 6000 * MS + 1);
    expect(r, "queryother.", ".");
    r->client_port++;
    tcp_tick(r->tcp, 9000 * MS + 1);
    expect(r, "queryother..", "..");
    assert_int_equal(tcp_stats(r->tcp)->evicted_connections, 0);
    rig_free(r);
}

static void bytes_after_the_end(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, F | A, 4, 1, "def");
    push(r, CLIENT, A, 1, 1, "abcdefghi"); /* past the FIN */
    expect(r, "abcdef.", "");
    push(r, CLIENT, A, 7, 1, "ghi");
    push(r, CLIENT, A, 9, 1, "i");
    expect(r, "abcdef.", "");
    rig_free(r);
    /* Held already when a FIN says that they cannot be. */
    r = rig_new(NULL);
    handshake(r);
    push(r, CLIENT, A, 9, 1, "ijk");
    push(r, CLIENT, F | A, 4, 1, "");
    push(r, CLIENT, A, 1, 1, "abc");
    expect(r, "abc.", "");
    rig_free(r);
}

static void other_protocols_pass_by(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct pkt p = {.frame = &r->frame,
                    .protocol = 17,
                    .payload = (const uint8_t *)"x",
                    .payload_len = 1,
                    .payload_full = 1};
    tcp_push(r->tcp, &p);
    assert_int_equal(tcp_stats(r->tcp)->segments, 0);
    rig_free(r);
    tcp_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orderly_close),
        cmocka_unit_test(stragglers),
        cmocka_unit_test(ports_used_again),
        cmocka_unit_test(restart),
        cmocka_unit_test(reset),
        cmocka_unit_test(refused),
        cmocka_unit_test(nothing_without_syn_or_payload),
        cmocka_unit_test(joined_in_the_middle),
        cmocka_unit_test(parts_of_a_handshake),
        cmocka_unit_test(idle),
        cmocka_unit_test(bytes_after_the_end),
        cmocka_unit_test(other_protocols_pass_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
