/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void udp_length(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (unsigned length = 0; length < 8; length++) {
        add_hello(&r->bytes, 4);
        set16(&r->bytes, 24, length);
        rig_push(r, FRAME_LINK_IP);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_UDP), 8);
    assert_int_equal(r->seen.count, 0);

    static const unsigned lengths[] = {8, 10, 13, 14, 65535};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        add_hello(&r->bytes, 4);
        set16(&r->bytes, 24, lengths[i]);
        rig_push(r, FRAME_LINK_IP);
        unsigned full = lengths[i] - 8;
        assert_int_equal(r->seen.count, 1);
        assert_int_equal(r->seen.pkt[0].payload_full, full);
        assert_int_equal(r->seen.pkt[0].payload_len, full < 5 ? full : 5);
        r->seen.count = 0;
    }
    rig_free(r);
}

static void udp_length_zero(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_hello(&r->bytes, 6);
    set16(&r->bytes, 44, 0);
    rig_push(r, FRAME_LINK_IP);
    expect_hello(r, 6);
    add_hello(&r->bytes, 4); /* of no meaning where IP says how long it is */
    set16(&r->bytes, 24, 0);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_UDP), 1);
    add_hello(&r->bytes, 4);
    set16(&r->bytes, 24, 0);
    set16(&r->bytes, 2, 0);
    rig_push(r, FRAME_LINK_IP);
    expect_hello(r, 4);
    rig_free(r);
}

static void udp_header_cut(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (uint32_t caplen = 20; caplen < 28; caplen++) {
        add_hello(&r->bytes, 4);
        rig_push_cut(r, FRAME_LINK_IP, caplen);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_UDP), 8);
    add_ipv4(&r->bytes, 17, 7, 1, 0, 0);
    add_zeros(&r->bytes, 20);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_UDP), 9);
    rig_free(r);
}

static void add_tcp(struct bytes *b, unsigned header_words, unsigned flags, const char *payload)
{
    add_ipv4(b, 6, (unsigned)(20 + strlen(payload)), 1, 0, 0);
    add16(b, 53);
    add16(b, 41000);
    add32(b, 0x01020304);
    add32(b, 0xa0b0c0d0);
    add8(b, header_words << 4);
    add8(b, flags);
    add16(b, 1000);
    add32(b, 0);
    add(b, payload, strlen(payload));
}

static void tcp_header(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_tcp(&r->bytes, 5, 0x19, "data");
    rig_push(r, FRAME_LINK_IP);
    const struct pkt *p = &r->seen.pkt[0];
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(p->protocol, 6);
    assert_int_equal(p->sport, 53);
    assert_int_equal(p->dport, 41000);
    assert_int_equal(p->tcp.seq, 0x01020304);
    assert_int_equal(p->tcp.ack, 0xa0b0c0d0);
    assert_int_equal(p->tcp.flags, 0x19);
    assert_int_equal(p->payload_len, 4);
    assert_memory_equal(r->seen.payload[0], "data", 4);
    /* 12 bytes of options. */
    add_tcp(&r->bytes, 8, 0x10, "............data");
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 2);
    assert_int_equal(r->seen.pkt[1].payload_full, 4);
    assert_memory_equal(r->seen.payload[1], "data", 4);
    rig_free(r);
}

static void tcp_bad_offset(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (unsigned words = 0; words < 5; words++) {
        add_tcp(&r->bytes, words, 0x10, "data");
        rig_push(r, FRAME_LINK_IP);
    }
    add_tcp(&r->bytes, 7, 0x10, "data"); /* past the end of the packet */
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_TCP), 6);
    add_tcp(&r->bytes, 6, 0x10, "data");
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.pkt[0].payload_full, 0);
    rig_free(r);
}

static void tcp_cut(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (uint32_t caplen = 20; caplen < 40; caplen++) {
        add_tcp(&r->bytes, 5, 0x10, "data");
        rig_push_cut(r, FRAME_LINK_IP, caplen);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_TCP), 20);
    /* Cut inside the options: the payload is known to be there. */
    add_tcp(&r->bytes, 8, 0x10, "............data");
    rig_push_cut(r, FRAME_LINK_IP, 45);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].payload_len, 0);
    assert_int_equal(r->seen.pkt[0].payload_full, 4);
    rig_free(r);
}

static void add_icmp4(struct bytes *b, unsigned type, unsigned code, const struct bytes *quoted)
{
    add_ipv4(b, 1, 8 + quoted->len, 1, 0, 0);
    add8(b, type);
    add8(b, code);
    add_zeros(b, 6);
    add(b, quoted->data, quoted->len);
}

static void add_icmp6(struct bytes *b, unsigned type, unsigned code, const struct bytes *quoted)
{
    add_ipv6(b, 58, 8 + quoted->len);
    add8(b, type);
    add8(b, code);
    add_zeros(b, 6);
    add(b, quoted->data, quoted->len);
}

static void expect_quoted(const struct rig *r, unsigned type, unsigned code, const char *payload)
{
    const struct pkt_icmp *q = &r->seen.pkt[0].icmp;
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(q->type, type);
    assert_int_equal(q->code, code);
    assert_int_equal(q->quoted_protocol, 17);
    assert_int_equal(q->quoted_sport, 40000);
    assert_int_equal(q->quoted_dport, 53);
    assert_int_equal(q->quoted_src.bytes[15], 1);
    assert_int_equal(q->quoted_dst.bytes[15], 2);
    assert_int_equal(q->quoted_payload_len, strlen(payload));
    assert_memory_equal(r->seen.quoted[0], payload, strlen(payload));
    assert_int_equal(r->seen.pkt[0].sport, 0);
}

static void icmp4_errors(void **state)
{
    (void)state;
    static const unsigned types[] = {3, 11, 12};
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    add_hello(q, 4);
    for (size_t i = 0; i < 3; i++) {
        add_icmp4(&r->bytes, types[i], 3, q);
        rig_push(r, FRAME_LINK_IP);
        assert_int_equal(r->seen.pkt[0].protocol, 1);
        expect_quoted(r, types[i], 3, "hello");
        assert_false(pkt_icmp_too_big(&r->seen.pkt[0].icmp, 1));
        r->seen.count = 0;
    }
    add_icmp4(&r->bytes, 3, 4, q);
    rig_push(r, FRAME_LINK_IP);
    assert_true(pkt_icmp_too_big(&r->seen.pkt[0].icmp, 1));
    r->seen.count = 0;
    static const unsigned others[] = {0, 4, 5, 8, 13, 40};
    for (size_t i = 0; i < 6; i++) {
        add_icmp4(&r->bytes, others[i], 0, q);
        rig_push(r, FRAME_LINK_IP);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_ICMP), 6);
    free(q);
    rig_free(r);
}

/* From 8 bytes after the IP header (RFC 792) to more than the datagram. */
static void icmp4_quote_lengths(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    for (uint32_t keep = 0; keep <= 40; keep++) {
        q->len = 0;
        add_hello(q, 4);
        add_zeros(q, 20);
        q->len = keep;
        add_icmp4(&r->bytes, 3, 3, q);
        rig_push(r, FRAME_LINK_IP);
        if (keep < 24) {
            assert_int_equal(r->seen.count, 0);
            continue;
        }
        assert_int_equal(r->seen.count, 1);
        char expected[6] = "hello";
        if (keep < 33)
            expected[keep < 28 ? 0 : keep - 28] = 0;
        expect_quoted(r, 3, 3, expected);
        r->seen.count = 0;
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_ICMP), 24);
    free(q);
    rig_free(r);
}

static void icmp4_odd_quotes(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    /* IP options. */
    add_ipv4(q, 17, 13, 1, 0, 12);
    add_udp(q, "hello", 5);
    add_icmp4(&r->bytes, 3, 1, q);
    rig_push(r, FRAME_LINK_IP);
    expect_quoted(r, 3, 1, "hello");
    r->seen.count = 0;
    /* A total length spoilt by the host that quotes. */
    q->len = 0;
    add_hello(q, 4);
    set16(q, 2, 13);
    add_icmp4(&r->bytes, 3, 1, q);
    rig_push(r, FRAME_LINK_IP);
    expect_quoted(r, 3, 1, "hello");
    r->seen.count = 0;
    /* The first fragment has the ports, a later one has not. */
    q->len = 0;
    add_ipv4(q, 17, 13, 1, 0x2000, 0);
    add_udp(q, "hello", 5);
    add_icmp4(&r->bytes, 11, 1, q);
    rig_push(r, FRAME_LINK_IP);
    expect_quoted(r, 11, 1, "hello");
    r->seen.count = 0;
    set16(q, 6, 0x2001);
    add_icmp4(&r->bytes, 11, 1, q);
    rig_push(r, FRAME_LINK_IP);
    /* Not TCP or UDP. */
    q->len = 0;
    add_ipv4(q, 1, 13, 1, 0, 0);
    add_zeros(q, 13);
    add_icmp4(&r->bytes, 3, 1, q);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 0);
    assert_int_equal(rig_dropped(r, PKT_DROP_ICMP), 2);
    free(q);
    rig_free(r);
}

static void icmp_quoted_tcp(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    add_tcp(q, 5, 2, "");
    q->len = 28;
    add_icmp4(&r->bytes, 3, 13, q);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].icmp.quoted_protocol, 6);
    assert_int_equal(r->seen.pkt[0].icmp.quoted_sport, 53);
    assert_int_equal(r->seen.pkt[0].icmp.quoted_dport, 41000);
    assert_int_equal(r->seen.pkt[0].icmp.quoted_payload_len, 0);
    free(q);
    rig_free(r);
}

/* With extensions (RFC 4884) the quote is padded, and what follows is not part of it. */
static void icmp_extensions(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    add_hello(q, 4);
    set16(q, 2, 20 + 8 + 200); /* a longer datagram, cut to 128 bytes by the router */
    set16(q, 24, 8 + 200);
    add_zeros(q, 128 - q->len);
    add(q, "\x20\x00\x00\x00\x00\x08\x01\x01\x12\x34\x51\x40", 12);
    add_icmp4(&r->bytes, 11, 0, q);
    r->bytes.data[20 + 5] = 128 / 4;
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].icmp.quoted_payload_len, 128 - 28);

    q->len = 0;
    add_hello(q, 6);
    set16(q, 4, 8 + 200);
    set16(q, 44, 8 + 200);
    add_zeros(q, 128 - q->len);
    add(q, "\x20\x00\x00\x00\x00\x08\x01\x01\x12\x34\x51\x40", 12);
    add_icmp6(&r->bytes, 3, 0, q);
    r->bytes.data[40 + 4] = 128 / 8;
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 2);
    assert_int_equal(r->seen.pkt[1].icmp.quoted_payload_len, 128 - 48);
    free(q);
    rig_free(r);
}

static void icmp6_errors(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    add_hello(q, 6);
    for (unsigned type = 1; type <= 4; type++) {
        add_icmp6(&r->bytes, type, 0, q);
        rig_push(r, FRAME_LINK_IP);
        assert_int_equal(r->seen.pkt[0].protocol, 58);
        expect_quoted(r, type, 0, "hello");
        assert_int_equal(pkt_icmp_too_big(&r->seen.pkt[0].icmp, 58), type == 2);
        r->seen.count = 0;
    }
    static const unsigned others[] = {0, 5, 128, 129, 135};
    for (size_t i = 0; i < 5; i++) {
        add_icmp6(&r->bytes, others[i], 0, q);
        rig_push(r, FRAME_LINK_IP);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_ICMP), 5);
    free(q);
    rig_free(r);
}

static void icmp6_quoted_extensions(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    add_ipv6(q, 0, 24 + 13);
    add(q, "\x2c\x00\x01\x04\x00\x00\x00\x00", 8); /* hop-by-hop, then fragment */
    add(q, "\x3c\x00\x00\x01\x00\x00\x00\x09", 8); /* the first of several, then destination */
    add(q, "\x11\x00\x01\x04\x00\x00\x00\x00", 8);
    add_udp(q, "hello", 5);
    add_icmp6(&r->bytes, 3, 1, q);
    rig_push(r, FRAME_LINK_IP);
    expect_quoted(r, 3, 1, "hello");
    r->seen.count = 0;
    set16(q, 50, 0x0008); /* a later one */
    add_icmp6(&r->bytes, 3, 1, q);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 0);
    free(q);
    rig_free(r);
}

/* ICMP belongs to IPv4 and ICMPv6 to IPv6. */
static void icmp_of_the_other_family(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct bytes *q = calloc(1, sizeof(*q));
    assert_non_null(q);
    add_hello(q, 4);
    add_icmp4(&r->bytes, 3, 3, q);
    r->bytes.data[9] = 58;
    rig_push(r, FRAME_LINK_IP);
    q->len = 0;
    add_hello(q, 6);
    add_icmp6(&r->bytes, 1, 3, q);
    r->bytes.data[6] = 1;
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_ICMP), 2);
    free(q);
    rig_free(r);
}

/* From memory of exactly that size. */
static bool take(struct rig *r, const struct bytes *b, uint32_t caplen, unsigned link,
                 unsigned protocol, struct pkt_udp *out)
{
    uint8_t *copy = malloc(caplen ? caplen : 1);
    assert_non_null(copy);
    memcpy(copy, b->data, caplen);
    struct frame f = {.data = copy,
                      .caplen = caplen,
                      .len = b->len,
                      .link = (uint16_t)link,
                      .protocol = (uint16_t)protocol};
    bool found = pkt_take_udp(r->stage, &f, out);
    if (found)
        out->payload = b->data + (out->payload - copy);
    free(copy);
    return found;
}

static void add_message(struct bytes *b, int version)
{
    static const char payload[28] = "hello";
    b->len = 0;
    if (version == 4)
        add_ipv4(b, 17, 36, 1, 0, 0);
    else
        add_ipv6(b, 17, 36);
    add_udp(b, payload, sizeof(payload));
}

static void udp_taken_at_once(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    struct pkt_udp taken;
    for (int version = 4; version <= 6; version += 2) {
        struct bytes *b = &r->bytes;
        unsigned protocol = version == 4 ? 0x0800 : 0x86dd;
        add_message(b, version);
        uint64_t before = pkt_stage_stats(r->stage)->packets;
        assert_true(take(r, b, b->len, FRAME_LINK_IP, protocol, &taken));
        assert_int_equal(pkt_stage_stats(r->stage)->packets, before + 1);
        assert_int_equal(pkt_stage_stats(r->stage)->frames, before + 1);
        assert_string_equal((const char *)taken.payload, "hello");
        /* What follows the datagram is not part of it. */
        add_zeros(b, 4);
        assert_true(take(r, b, b->len, FRAME_LINK_IP, protocol, &taken));
        assert_int_equal(taken.payload_len, 28);
        rig_push(r, FRAME_LINK_IP);
        const struct pkt *p = &r->seen.pkt[r->seen.count - 1];
        assert_true(inet_addr_cmp(&taken.src, &p->src) == 0);
        assert_true(inet_addr_cmp(&taken.dst, &p->dst) == 0);
        assert_int_equal(taken.sport, p->sport);
        assert_int_equal(taken.dport, p->dport);
        assert_int_equal(taken.payload_len, p->payload_full);
    }
    rig_free(r);
}

static void udp_left_to_the_other_way(void **state)
{
    (void)state;
    static const struct {
        unsigned protocol, fragment, options;
    } cases[] = {{6, 0, 0}, {17, 0x2000, 0}, {17, 1, 0}, {17, 0x100, 0}, {17, 0, 8}};
    struct rig *r = rig_new(NULL);
    struct bytes *b = &r->bytes;
    struct pkt_udp taken;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        b->len = 0;
        add_ipv4(b, cases[i].protocol, 36, 1, cases[i].fragment, cases[i].options);
        add_udp(b, "hello hello hello hello hell", 28);
        assert_false(take(r, b, b->len, FRAME_LINK_IP, 0x0800, &taken));
    }
    for (int version = 4; version <= 6; version += 2) {
        unsigned protocol = version == 4 ? 0x0800 : 0x86dd;
        uint32_t ip_length = version == 4 ? 2 : 4, udp_length = version == 4 ? 24 : 44;
        add_message(b, version);
        for (uint32_t caplen = 0; caplen < b->len; caplen++)
            assert_false(take(r, b, caplen, FRAME_LINK_IP, protocol, &taken));
        assert_false(take(r, b, b->len, FRAME_LINK_ETHERNET, protocol, &taken));
        assert_false(take(r, b, b->len, FRAME_LINK_IP, 0x8100, &taken));
        assert_false(take(r, b, b->len, FRAME_LINK_IP, protocol ^ 0x0800 ^ 0x86dd, &taken));
        /* Lengths of which one is wrong, or both in the same way. */
        static const unsigned lengths[] = {0, 7, 35, 37, 65535};
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            add_message(b, version);
            set16(b, udp_length, lengths[i]);
            assert_false(take(r, b, b->len, FRAME_LINK_IP, protocol, &taken));
            bool whole = lengths[i] >= 8 && lengths[i] <= 36;
            set16(b, ip_length, lengths[i] + (version == 4 ? 20 : 0));
            assert_int_equal(take(r, b, b->len, FRAME_LINK_IP, protocol, &taken), whole);
        }
    }
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_length),
        cmocka_unit_test(udp_length_zero),
        cmocka_unit_test(udp_header_cut),
        cmocka_unit_test(tcp_header),
        cmocka_unit_test(tcp_bad_offset),
        cmocka_unit_test(tcp_cut),
        cmocka_unit_test(icmp4_errors),
        cmocka_unit_test(icmp4_quote_lengths),
        cmocka_unit_test(icmp4_odd_quotes),
        cmocka_unit_test(icmp_quoted_tcp),
        cmocka_unit_test(icmp_extensions),
        cmocka_unit_test(icmp6_errors),
        cmocka_unit_test(icmp6_quoted_extensions),
        cmocka_unit_test(icmp_of_the_other_family),
        cmocka_unit_test(udp_taken_at_once),
        cmocka_unit_test(udp_left_to_the_other_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
