/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void ipv4_options(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (unsigned options = 0; options <= 40; options += 4) {
        add_ipv4(&r->bytes, 17, 13, 1, 0, options);
        add_udp(&r->bytes, "hello", 5);
        rig_push(r, FRAME_LINK_IP);
        expect_hello(r, 4);
    }
    rig_free(r);
}

static void ipv4_bad_header_length(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (unsigned words = 0; words < 5; words++) {
        add_hello(&r->bytes, 4);
        r->bytes.data[0] = (uint8_t)(0x40 | words);
        rig_push(r, FRAME_LINK_IP);
    }
    add_hello(&r->bytes, 4);
    r->bytes.data[0] = 0x4f; /* 60 bytes of header in a packet of 33 */
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 6);
    assert_int_equal(r->seen.count, 0);
    rig_free(r);
}

static void ipv4_total_length(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_hello(&r->bytes, 4);
    set16(&r->bytes, 2, 19); /* less than the header */
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 1);

    add_hello(&r->bytes, 4);
    set16(&r->bytes, 2, 0); /* before segmentation */
    rig_push(r, FRAME_LINK_IP);
    expect_hello(r, 4);

    /* The IP packet ends inside the UDP datagram: the rest of the frame is not its payload. */
    add_hello(&r->bytes, 4);
    set16(&r->bytes, 2, 20 + 8 + 3);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].payload_len, 3);
    assert_int_equal(r->seen.pkt[0].payload_full, 5);
    rig_free(r);
}

static void ipv4_cut_capture(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_hello(&r->bytes, 4);
    rig_push_cut(r, FRAME_LINK_IP, 20 + 8 + 2);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].payload_len, 2);
    assert_int_equal(r->seen.pkt[0].payload_full, 5);
    rig_free(r);
}

static void ipv4_authentication_header(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ipv4(&r->bytes, 51, 24 + 13, 1, 0, 0);
    add8(&r->bytes, 17);
    add8(&r->bytes, 4); /* (4 + 2) * 4 bytes */
    add_zeros(&r->bytes, 22);
    add_udp(&r->bytes, "hello", 5);
    rig_push(r, FRAME_LINK_IP);
    expect_hello(r, 4);
    rig_free(r);
}

/* In IPv4 the numbers of IPv6 extension headers mean nothing. */
static void ipv4_other_protocols(void **state)
{
    (void)state;
    static const unsigned protocols[] = {0, 2, 4, 41, 43, 44, 47, 50, 59, 60, 132};
    struct rig *r = rig_new(NULL);
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        add_ipv4(&r->bytes, protocols[i], 16, 1, 0, 0);
        add_zeros(&r->bytes, 16);
        rig_push(r, FRAME_LINK_IP);
        assert_int_equal(rig_dropped(r, PKT_DROP_TRANSPORT), i + 1);
    }
    rig_free(r);
}

/* A chain of extension headers, each of 8 * (1 + extra) bytes. */
static void add_chain(struct bytes *b, const uint8_t *types, size_t n, unsigned extra)
{
    unsigned bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += types[i] == 44 ? 8 : 8 * (1 + extra);
    add_ipv6(b, n ? types[0] : 17, bytes + 13);
    for (size_t i = 0; i < n; i++) {
        add8(b, i + 1 < n ? types[i + 1] : 17);
        if (types[i] == 51)
            add8(b, 2 * extra); /* in words of 4 bytes, two not counted */
        else
            add8(b, types[i] == 44 ? 0 : extra);
        add_zeros(b, types[i] == 44 ? 6 : 6 + 8 * (size_t)extra);
    }
    add_udp(b, "hello", 5);
}

static void ipv6_extensions(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    static const uint8_t chains[][4] = {
        {0}, {60}, {43}, {51}, {44}, {0, 60, 43, 44}, {0, 44, 51, 60}};
    static const size_t lengths[] = {1, 1, 1, 1, 1, 4, 4};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (unsigned extra = 0; extra < 4; extra += 3) {
            add_chain(&r->bytes, chains[i], lengths[i], extra);
            rig_push(r, FRAME_LINK_IP);
            assert_false(r->seen.pkt[0].reassembled);
            expect_hello(r, 6);
        }
    }
    rig_free(r);
}

static void ipv6_extensions_bounded(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    uint8_t types[100];
    memset(types, 60, sizeof(types));
    add_chain(&r->bytes, types, 10, 0);
    rig_push(r, FRAME_LINK_IP);
    expect_hello(r, 6);
    add_chain(&r->bytes, types, 100, 0);
    rig_push(r, FRAME_LINK_IP);
    memset(types, 44, sizeof(types));
    add_chain(&r->bytes, types, 100, 0);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 2);
    rig_free(r);
}

static void ipv6_extension_past_end(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    static const uint8_t types[] = {0, 43, 44, 51, 60};
    for (size_t i = 0; i < sizeof(types); i++) {
        add_ipv6(&r->bytes, types[i], 1);
        add8(&r->bytes, 17);
        rig_push(r, FRAME_LINK_IP);
        add_ipv6(&r->bytes, types[i], 7);
        add8(&r->bytes, 17);
        add8(&r->bytes, 255);
        add_zeros(&r->bytes, 5);
        rig_push(r, FRAME_LINK_IP);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 10);
    rig_free(r);
}

static void ipv6_no_next_header(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ipv6(&r->bytes, 59, 0);
    rig_push(r, FRAME_LINK_IP);
    add_ipv6(&r->bytes, 60, 8);
    add8(&r->bytes, 59);
    add_zeros(&r->bytes, 7);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_TRANSPORT), 2);
    rig_free(r);
}

static void ipv6_jumbo(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    uint8_t *payload = malloc(66000);
    assert_non_null(payload);
    memset(payload, 'x', 66000);
    /* With the jumbo option (RFC 2675). */
    add_ipv6(&r->bytes, 0, 0);
    add(&r->bytes, "\x11\x00\xc2\x04", 4);
    add32(&r->bytes, 8 + 8 + 66000);
    add16(&r->bytes, 40000);
    add16(&r->bytes, 53);
    add16(&r->bytes, 0);
    add16(&r->bytes, 0);
    add(&r->bytes, payload, 66000);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.count, 1);
    assert_int_equal(r->seen.pkt[0].payload_len, 66000);
    assert_int_equal(r->seen.pkt[0].payload_full, 66000);
    /* Before segmentation, without the option; cut by the capture. */
    add_ipv6(&r->bytes, 6, 0);
    add32(&r->bytes, 40000U << 16 | 53);
    add32(&r->bytes, 1);
    add32(&r->bytes, 2);
    add32(&r->bytes, 0x50100000);
    add32(&r->bytes, 0);
    add(&r->bytes, payload, 66000);
    rig_push_cut(r, FRAME_LINK_IP, 1000);
    assert_int_equal(r->seen.count, 2);
    assert_int_equal(r->seen.pkt[1].payload_len, 1000 - 60);
    assert_int_equal(r->seen.pkt[1].payload_full, 66000);
    free(payload);
    rig_free(r);
}

static void ipv6_short(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (uint32_t caplen = 1; caplen < 40; caplen++) {
        add_hello(&r->bytes, 6);
        rig_push_cut(r, FRAME_LINK_IP, caplen);
    }
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 39);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_options),
        cmocka_unit_test(ipv4_bad_header_length),
        cmocka_unit_test(ipv4_total_length),
        cmocka_unit_test(ipv4_cut_capture),
        cmocka_unit_test(ipv4_authentication_header),
        cmocka_unit_test(ipv4_other_protocols),
        cmocka_unit_test(ipv6_extensions),
        cmocka_unit_test(ipv6_extensions_bounded),
        cmocka_unit_test(ipv6_extension_past_end),
        cmocka_unit_test(ipv6_no_next_header),
        cmocka_unit_test(ipv6_jumbo),
        cmocka_unit_test(ipv6_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
