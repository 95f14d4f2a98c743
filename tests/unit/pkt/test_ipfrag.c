/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

#define MS 1000000LL

/* A UDP datagram of `n` bytes of payload, byte i is i * 7, as what IP carries. */
static struct bytes *datagram(uint32_t n)
{
    struct bytes *b = calloc(1, sizeof(*b));
    uint8_t *payload = malloc(n + 1);
    assert_non_null(b);
    assert_non_null(payload);
    for (uint32_t i = 0; i < n; i++)
        payload[i] = (uint8_t)(i * 7);
    add_udp(b, payload, n);
    free(payload);
    return b;
}

struct piece {
    uint32_t offset, len;
    unsigned id;
    bool more;
};

/* Composes one fragment of d in r->bytes. */
static void compose(struct rig *r, int version, const struct bytes *d, struct piece p)
{
    assert_int_equal(p.offset % 8, 0);
    if (version == 4) {
        add_ipv4(&r->bytes, 17, p.len, p.id, (p.more ? 0x2000 : 0) | p.offset / 8, 0);
    } else {
        add_ipv6(&r->bytes, 44, 8 + p.len);
        add8(&r->bytes, 17);
        add8(&r->bytes, 0);
        add16(&r->bytes, p.offset | p.more);
        add32(&r->bytes, p.id);
    }
    add(&r->bytes, d->data + p.offset, p.len);
}

static void push_piece(struct rig *r, int version, const struct bytes *d, struct piece p)
{
    compose(r, version, d, p);
    rig_push(r, FRAME_LINK_IP);
}

static void expect_datagram(const struct rig *r, int at, uint32_t n, uint32_t full)
{
    assert_true(r->seen.count > at);
    const struct pkt *p = &r->seen.pkt[at];
    assert_true(p->reassembled);
    assert_int_equal(p->protocol, 17);
    assert_int_equal(p->sport, 40000);
    assert_int_equal(p->dport, 53);
    assert_int_equal(p->payload_len, n);
    assert_int_equal(p->payload_full, full);
    for (uint32_t i = 0; i < n && i < SEEN_BYTES; i++)
        assert_int_equal(r->seen.payload[at][i], (uint8_t)(i * 7));
}

/* All orders of four fragments, one of them sent twice. */
static void any_order(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(1000);
    static const struct piece pieces[4] = {
        {0, 256, 7, true}, {256, 256, 7, true}, {512, 256, 7, true}, {768, 240, 7, false}};
    unsigned made = 0;
    for (int version = 4; version <= 6; version += 2) {
        for (unsigned order = 0; order < 256; order++) {
            unsigned at[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 & 3};
            if ((1U << at[0] | 1U << at[1] | 1U << at[2] | 1U << at[3]) != 15)
                continue;
            for (unsigned repeat = 0; repeat < 3; repeat++) {
                for (unsigned i = 0; i < 4; i++) {
                    assert_int_equal(r->seen.count, 0);
                    push_piece(r, version, d, pieces[at[i]]);
                    if (i == repeat)
                        push_piece(r, version, d, pieces[at[i]]);
                }
                assert_int_equal(r->seen.count, 1);
                expect_datagram(r, 0, 1000, 1000);
                assert_int_equal(inet_addr_is_v4(&r->seen.pkt[0].src), version == 4);
                assert_int_equal(r->seen.pkt[0].ttl, version == 4 ? 64 : 63);
                r->seen.count = 0;
                made++;
            }
        }
    }
    assert_int_equal(pkt_stage_stats(r->stage)->reassembled, made);
    assert_int_equal(pkt_stage_stats(r->stage)->fragments, made * 5);
    assert_int_equal(pkt_stage_stats(r->stage)->fragment_only, 0);
    assert_int_equal(rig_dropped_all(r), 0);
    free(d);
    rig_free(r);
}

static void largest(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(65507);
    for (uint32_t offset = 0; offset < d->len; offset += 1480) {
        uint32_t len = d->len - offset < 1480 ? d->len - offset : 1480;
        push_piece(r, 4, d, (struct piece){offset, len, 1, offset + len < d->len});
    }
    assert_int_equal(r->seen.count, 1);
    expect_datagram(r, 0, 65507, 65507);
    free(d);
    rig_free(r);
}

/* Time of the fragment that completed it, owner of the first one, whichever comes last. */
static void frame_of_joined(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct rig *r = rig_new(NULL);
        struct bytes *d = datagram(500);
        struct frame_owner owner = {.pid = 42, .uid = 7, .comm = "dig"};
        r->frame.netns = 5;
        r->frame.ifindex = 6;
        r->frame.direction = FRAME_OUT;
        for (int i = 0; i < 2; i++) {
            bool is_first = i == first;
            r->frame.time_ns = 1000 + i;
            r->frame.owner = is_first ? &owner : NULL;
            r->frame.local_origin = is_first;
            push_piece(r, 4, d,
                       is_first ? (struct piece){0, 256, 3, true}
                                : (struct piece){256, 252, 3, false});
        }
        expect_datagram(r, 0, 500, 500);
        const struct frame *f = &r->seen.frame[0];
        assert_int_equal(f->time_ns, 1001);
        assert_true(f->local_origin);
        assert_non_null(f->owner);
        assert_int_equal(r->seen.owner[0].pid, 42);
        assert_string_equal(r->seen.owner[0].comm, "dig");
        assert_string_equal(r->seen.interface[0], "test0");
        assert_int_equal(f->netns, 5);
        assert_int_equal(f->ifindex, 6);
        assert_int_equal(f->direction, FRAME_OUT);
        assert_int_equal(f->caplen, 0);
        free(d);
        rig_free(r);
    }
}

/* The same datagram seen at two places is two datagrams. */
static void places_are_apart(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(500);
    for (int field = 0; field < 4; field++) {
        for (unsigned half = 0; half < 2; half++) {
            for (unsigned place = 0; place < 2; place++) {
                r->frame.netns = field == 0 ? place : 0;
                r->frame.ifindex = field == 1 ? place : 0;
                r->frame.direction = field == 2 ? (uint8_t)place : 0;
                unsigned id = field == 3 ? place : 9;
                push_piece(r, 6, d,
                           half ? (struct piece){256, 252, id, false}
                                : (struct piece){0, 256, id, true});
            }
        }
        assert_int_equal(r->seen.count, 2 * (field + 1));
    }
    free(d);
    rig_free(r);
}

static void overlap_discards(void **state)
{
    (void)state;
    static const struct piece overlaps[] = {
        {128, 256, 1, true}, {248, 8, 1, true},  {0, 128, 1, true},
        {0, 264, 1, true},   {128, 64, 1, true}, {64, 64, 1, false},
    };
    for (int version = 4; version <= 6; version += 2) {
        for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
            struct rig *r = rig_new(NULL);
            struct bytes *d = datagram(500);
            push_piece(r, version, d, (struct piece){0, 256, 1, true});
            push_piece(r, version, d, overlaps[i]);
            push_piece(r, version, d, (struct piece){256, 252, 1, false});
            push_piece(r, version, d, (struct piece){0, 256, 1, true});
            assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 3);
            pkt_flush(r->stage);
            assert_int_equal(r->seen.count, 0);
            assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 3);
            /* After its time the id may be used again. */
            r->frame.time_ns += 3000 * MS;
            push_piece(r, version, d, (struct piece){0, 256, 1, true});
            push_piece(r, version, d, (struct piece){256, 252, 1, false});
            expect_datagram(r, 0, 500, 500);
            free(d);
            rig_free(r);
        }
    }
}

static void overlap_with_what_follows(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(500);
    push_piece(r, 6, d, (struct piece){256, 252, 1, false});
    push_piece(r, 6, d, (struct piece){0, 264, 1, true});
    push_piece(r, 4, d, (struct piece){128, 380, 2, false});
    push_piece(r, 4, d, (struct piece){64, 128, 2, true});
    assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 2);
    free(d);
    rig_free(r);
}

static void ends_disagree(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(1000);
    push_piece(r, 4, d, (struct piece){512, 100, 1, false});
    push_piece(r, 4, d, (struct piece){640, 100, 1, false}); /* a second end */
    push_piece(r, 4, d, (struct piece){512, 100, 2, false});
    push_piece(r, 4, d, (struct piece){640, 64, 2, true}); /* past the end */
    push_piece(r, 4, d, (struct piece){640, 64, 3, true});
    push_piece(r, 4, d, (struct piece){512, 100, 3, false}); /* an end before what is there */
    assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 3);
    free(d);
    rig_free(r);
}

static void malformed(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(1000);
    push_piece(r, 4, d, (struct piece){0, 255, 1, true}); /* not a multiple of 8 */
    push_piece(r, 4, d, (struct piece){8, 0, 1, false});  /* empty */
    add_ipv4(&r->bytes, 17, 100, 1, 0x1fff, 0);           /* ends past 64 KiB */
    add_zeros(&r->bytes, 100);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 3);
    assert_int_equal(pkt_stage_stats(r->stage)->fragments, 0);
    add_ipv4(&r->bytes, 47, 64, 1, 0x2000, 0); /* GRE */
    add_zeros(&r->bytes, 64);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_TRANSPORT), 1);
    free(d);
    rig_free(r);
}

static void first_alone_after_age(void **state)
{
    (void)state;
    struct pkt_limits limits = {.age_ns = 100 * MS};
    struct rig *r = rig_new(&limits);
    struct bytes *d = datagram(1000);
    push_piece(r, 4, d, (struct piece){0, 256, 1, true});
    push_piece(r, 4, d, (struct piece){512, 256, 1, true});
    push_piece(r, 4, d, (struct piece){256, 256, 2, true}); /* no start */
    pkt_tick(r->stage, 1000 + 100 * MS);
    assert_int_equal(r->seen.count, 0);
    pkt_tick(r->stage, 1001 + 100 * MS);
    assert_int_equal(r->seen.count, 1);
    expect_datagram(r, 0, 248, 1000);
    assert_int_equal(r->seen.frame[0].time_ns, 1000);
    assert_int_equal(pkt_stage_stats(r->stage)->fragment_only, 1);
    assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 1);
    /* The next fragment gives up the old ones without a tick; what is contiguous counts. */
    push_piece(r, 4, d, (struct piece){0, 256, 3, true});
    push_piece(r, 4, d, (struct piece){256, 256, 3, true});
    r->frame.time_ns += 200 * MS;
    push_piece(r, 4, d, (struct piece){512, 256, 3, true});
    assert_int_equal(r->seen.count, 2);
    expect_datagram(r, 1, 504, 1000);
    free(d);
    rig_free(r);
}

static void flush(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(1000);
    for (unsigned id = 0; id < 3; id++)
        push_piece(r, 6, d, (struct piece){0, 256, id, true});
    assert_int_equal(r->seen.count, 0);
    pkt_flush(r->stage);
    assert_int_equal(r->seen.count, 3);
    expect_datagram(r, 2, 248, 1000);
    pkt_flush(r->stage);
    assert_int_equal(r->seen.count, 3);
    free(d);
    rig_free(r);
}

static void cap_of_datagrams(void **state)
{
    (void)state;
    struct pkt_limits limits = {.datagrams = 4};
    struct rig *r = rig_new(&limits);
    struct bytes *d = datagram(1000);
    for (unsigned id = 0; id < 10; id++) {
        push_piece(r, 4, d, (struct piece){0, 256, id, true});
        assert_int_equal(r->seen.count, id < 4 ? 0 : id - 3);
    }
    /* The newest four are there still. */
    for (unsigned id = 6; id < 10; id++)
        push_piece(r, 4, d, (struct piece){256, 752, id, false});
    assert_int_equal(pkt_stage_stats(r->stage)->reassembled, 4);
    assert_int_equal(pkt_stage_stats(r->stage)->fragment_only, 6);
    assert_int_equal(pkt_stage_stats(r->stage)->packets, 10);
    free(d);
    rig_free(r);
}

static void cap_of_bytes(void **state)
{
    (void)state;
    struct pkt_limits limits = {.bytes = 8192};
    struct rig *r = rig_new(&limits);
    struct bytes *d = datagram(20000);
    for (unsigned id = 0; id < 10; id++)
        push_piece(r, 4, d, (struct piece){0, 2000, id, true});
    assert_true(r->seen.count >= 7);
    /* One datagram that is larger than all the room goes as far as it came. */
    int before = r->seen.count;
    for (uint32_t offset = 0; offset < 16000; offset += 2000)
        push_piece(r, 4, d, (struct piece){offset, 2000, 99, true});
    assert_true(r->seen.count > before);
    assert_true(rig_dropped(r, PKT_DROP_FRAGMENT) > 0);
    pkt_flush(r->stage);
    /* A fragment that is larger than all the room. */
    uint64_t dropped = rig_dropped(r, PKT_DROP_FRAGMENT);
    push_piece(r, 4, d, (struct piece){0, 16000, 100, true});
    assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), dropped + 1);
    free(d);
    rig_free(r);
}

/* Very many small pieces: bounded work, so the datagram is given up. */
static void cap_of_pieces(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(8000);
    for (uint32_t offset = 0; offset < 8000; offset += 8)
        push_piece(r, 4, d, (struct piece){offset, 8, 1, true});
    assert_int_equal(pkt_stage_stats(r->stage)->fragments, 128);
    assert_int_equal(rig_dropped(r, PKT_DROP_FRAGMENT), 1000 - 128);
    free(d);
    rig_free(r);
}

/* Fragments of which the capture has only the beginning. */
static void cut_fragments(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(1000);
    compose(r, 4, d, (struct piece){0, 512, 1, true});
    rig_push_cut(r, FRAME_LINK_IP, 20 + 8 + 92);
    compose(r, 4, d, (struct piece){512, 496, 1, false});
    rig_push_cut(r, FRAME_LINK_IP, 20 + 100);
    assert_int_equal(r->seen.count, 1);
    expect_datagram(r, 0, 92, 1000);
    compose(r, 4, d, (struct piece){0, 512, 2, true});
    rig_push(r, FRAME_LINK_IP);
    compose(r, 4, d, (struct piece){512, 496, 2, false});
    rig_push_cut(r, FRAME_LINK_IP, 20 + 96);
    assert_int_equal(r->seen.count, 2);
    expect_datagram(r, 1, 600, 1000);
    free(d);
    rig_free(r);
}

/* Extension headers after the fragment header belong to the first fragment; the next header of the
 * others means nothing (RFC 8200 4.5). */
static void ipv6_headers_inside(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(500);
    add_ipv6(&r->bytes, 0, 8 + 8 + 8 + 256);
    add(&r->bytes, "\x2c\x00\x01\x04\x00\x00\x00\x00", 8);
    add(&r->bytes, "\x3c\x00\x00\x01\x00\x00\x00\x09", 8);
    add(&r->bytes, "\x11\x00\x01\x04\x00\x00\x00\x00", 8);
    add(&r->bytes, d->data, 256);
    rig_push(r, FRAME_LINK_IP);
    add_ipv6(&r->bytes, 44, 8 + 252);
    add(&r->bytes, "\x3b\x00\x01\x08\x00\x00\x00\x09", 8);
    add(&r->bytes, d->data + 256, 252);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 1);
    expect_datagram(r, 0, 500, 500);
    free(d);
    rig_free(r);
}

/* An atomic fragment is a whole datagram and leaves fragments of the same id alone (RFC 6946). */
static void ipv6_atomic(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *d = datagram(500);
    push_piece(r, 6, d, (struct piece){0, 256, 1, true});
    add_ipv6(&r->bytes, 44, 8 + 13);
    add(&r->bytes, "\x11\x00\x00\x00\x00\x00\x00\x01", 8);
    add_udp(&r->bytes, "hello", 5);
    rig_push(r, FRAME_LINK_IP);
    assert_false(r->seen.pkt[0].reassembled);
    expect_hello(r, 6);
    push_piece(r, 6, d, (struct piece){256, 252, 1, false});
    expect_datagram(r, 0, 500, 500);
    free(d);
    rig_free(r);
}

/* A fragment header inside a joined datagram is not followed. */
static void ipv6_nested(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ipv6(&r->bytes, 44, 8 + 16);
    add(&r->bytes, "\x2c\x00\x00\x01\x00\x00\x00\x09", 8);
    add(&r->bytes, "\x11\x00\x00\x01\x00\x00\x00\x0a", 8);
    add_zeros(&r->bytes, 8);
    rig_push(r, FRAME_LINK_IP);
    add_ipv6(&r->bytes, 44, 8 + 8);
    add(&r->bytes, "\x2c\x00\x00\x10\x00\x00\x00\x09", 8);
    add_zeros(&r->bytes, 8);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 0);
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 1);
    rig_free(r);
}

static void tcp_start_alone_is_cut(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ipv4(&r->bytes, 6, 32, 1, 0x2000, 0);
    add32(&r->bytes, 40000U << 16 | 53);
    add32(&r->bytes, 1);
    add32(&r->bytes, 2);
    add32(&r->bytes, 0x50180000);
    add32(&r->bytes, 0);
    add(&r->bytes, "twelve bytes", 12);
    rig_push(r, FRAME_LINK_IP);
    pkt_flush(r->stage);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].protocol, 6);
    assert_int_equal(r->seen.pkt[0].payload_len, 12);
    assert_true(r->seen.pkt[0].payload_full > 12);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order),
        cmocka_unit_test(largest),
        cmocka_unit_test(frame_of_joined),
        cmocka_unit_test(places_are_apart),
        cmocka_unit_test(overlap_discards),
        cmocka_unit_test(overlap_with_what_follows),
        cmocka_unit_test(ends_disagree),
        cmocka_unit_test(malformed),
        cmocka_unit_test(first_alone_after_age),
        cmocka_unit_test(flush),
        cmocka_unit_test(cap_of_datagrams),
        cmocka_unit_test(cap_of_bytes),
        cmocka_unit_test(cap_of_pieces),
        cmocka_unit_test(cut_fragments),
        cmocka_unit_test(ipv6_headers_inside),
        cmocka_unit_test(ipv6_atomic),
        cmocka_unit_test(ipv6_nested),
        cmocka_unit_test(tcp_start_alone_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
