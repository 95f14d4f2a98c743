/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

static void ethernet_plain(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ethernet(&r->bytes, 0x0800);
    add_hello(&r->bytes, 4);
    rig_push(r, FRAME_LINK_ETHERNET);
    assert_int_equal(r->seen.pkt[0].vlan, 0);
    assert_false(r->seen.pkt[0].reassembled);
    assert_ptr_equal(r->seen.pkt[0].frame, &r->frame);
    expect_hello(r, 4);
    add_ethernet(&r->bytes, 0x86dd);
    add_hello(&r->bytes, 6);
    rig_push(r, FRAME_LINK_ETHERNET);
    expect_hello(r, 6);
    rig_free(r);
}

/* Frames shorter than 60 bytes are padded; the padding is no payload. */
static void ethernet_padding(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ethernet(&r->bytes, 0x0800);
    add_hello(&r->bytes, 4);
    add_zeros(&r->bytes, 60 - r->bytes.len);
    rig_push(r, FRAME_LINK_ETHERNET);
    expect_hello(r, 4);
    rig_free(r);
}

static void vlan_tags(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ethernet(&r->bytes, 0x8100);
    add16(&r->bytes, 0x6000 | 100);
    add16(&r->bytes, 0x0800);
    add_hello(&r->bytes, 4);
    rig_push(r, FRAME_LINK_ETHERNET);
    assert_int_equal(r->seen.pkt[0].vlan, 100);
    expect_hello(r, 4);

    static const unsigned outer[] = {0x88a8, 0x9100, 0x8100};
    for (size_t i = 0; i < 3; i++) {
        add_ethernet(&r->bytes, outer[i]);
        add16(&r->bytes, 200);
        add16(&r->bytes, 0x8100);
        add16(&r->bytes, 300);
        add16(&r->bytes, 0x86dd);
        add_hello(&r->bytes, 6);
        rig_push(r, FRAME_LINK_ETHERNET);
        assert_int_equal(r->seen.pkt[0].vlan, 200);
        expect_hello(r, 6);
    }
    rig_free(r);
}

static void vlan_tags_without_end(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ethernet(&r->bytes, 0x8100);
    for (int i = 0; i < 200; i++) {
        add16(&r->bytes, 1);
        add16(&r->bytes, 0x8100);
    }
    rig_push(r, FRAME_LINK_ETHERNET);
    add_ethernet(&r->bytes, 0x8100);
    add16(&r->bytes, 1);
    rig_push(r, FRAME_LINK_ETHERNET);
    assert_int_equal(rig_dropped(r, PKT_DROP_LINK), 2);
    assert_int_equal(r->seen.count, 0);
    rig_free(r);
}

static void pppoe(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ethernet(&r->bytes, 0x8864);
    add(&r->bytes, "\x11\x00\x00\x07\x00\x23\x00\x21", 8);
    add_hello(&r->bytes, 4);
    rig_push(r, FRAME_LINK_ETHERNET);
    expect_hello(r, 4);
    add_ethernet(&r->bytes, 0x8864);
    add(&r->bytes, "\x11\x00\x00\x07", 4);
    rig_push(r, FRAME_LINK_ETHERNET);
    assert_int_equal(rig_dropped(r, PKT_DROP_LINK), 1);
    add_ethernet(&r->bytes, 0x8864);
    add(&r->bytes, "\x21\x00\x00\x07\x00\x23\x00\x21", 8); /* version 2 */
    rig_push(r, FRAME_LINK_ETHERNET);
    add_ethernet(&r->bytes, 0x8864);
    add(&r->bytes, "\x11\x00\x00\x07\x00\x23\xc0\x21", 8); /* LCP */
    rig_push(r, FRAME_LINK_ETHERNET);
    assert_int_equal(rig_dropped(r, PKT_DROP_NOT_IP), 2);
    rig_free(r);
}

static void other_protocols(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    add_ethernet(&r->bytes, 0x0806);
    add_zeros(&r->bytes, 46);
    rig_push(r, FRAME_LINK_ETHERNET);
    add_ethernet(&r->bytes, 0x0026); /* 802.3 length */
    add_zeros(&r->bytes, 46);
    rig_push(r, FRAME_LINK_ETHERNET);
    assert_int_equal(rig_dropped(r, PKT_DROP_NOT_IP), 2);
    assert_int_equal(rig_dropped_all(r), 2);
    rig_free(r);
}

static void cooked_v1(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (unsigned type = 0; type <= 4; type++) {
        add16(&r->bytes, type);
        add16(&r->bytes, 1);
        add16(&r->bytes, 6);
        add_zeros(&r->bytes, 8);
        add16(&r->bytes, 0x0800);
        add_hello(&r->bytes, 4);
        rig_push(r, FRAME_LINK_SLL);
        assert_int_equal(r->seen.frame[0].direction, type == 4 ? FRAME_OUT : FRAME_IN);
        assert_int_equal(r->seen.frame[0].time_ns, 1000);
        expect_hello(r, 4);
    }
    /* A frame that knows its direction keeps it. */
    r->frame.direction = FRAME_IN;
    add16(&r->bytes, 4);
    add_zeros(&r->bytes, 12);
    add16(&r->bytes, 0x8100);
    add16(&r->bytes, 9);
    add16(&r->bytes, 0x86dd);
    add_hello(&r->bytes, 6);
    rig_push(r, FRAME_LINK_SLL);
    assert_int_equal(r->seen.frame[0].direction, FRAME_IN);
    assert_int_equal(r->seen.pkt[0].vlan, 9);
    expect_hello(r, 6);
    rig_free(r);
}

static void cooked_v2(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (int known = 0; known < 2; known++) {
        r->frame.ifindex = known ? 3 : 0;
        add16(&r->bytes, 0x86dd);
        add16(&r->bytes, 0);
        add32(&r->bytes, 77);
        add16(&r->bytes, 1);
        add8(&r->bytes, 4);
        add8(&r->bytes, 6);
        add_zeros(&r->bytes, 8);
        add_hello(&r->bytes, 6);
        rig_push(r, FRAME_LINK_SLL2);
        assert_int_equal(r->seen.frame[0].direction, FRAME_OUT);
        assert_int_equal(r->seen.frame[0].ifindex, known ? 3 : 77);
        expect_hello(r, 6);
    }
    rig_free(r);
}

static void bsd_loopback(void **state)
{
    (void)state;
    static const struct {
        uint32_t family;
        int version;
    } cases[] = {{2, 4}, {10, 6}, {24, 6}, {28, 6}, {30, 6}};
    struct rig *r = rig_new(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int swapped = 0; swapped < 2; swapped++) {
            add32(&r->bytes, swapped ? __builtin_bswap32(cases[i].family) : cases[i].family);
            add_hello(&r->bytes, cases[i].version);
            rig_push(r, FRAME_LINK_LOOP);
            expect_hello(r, cases[i].version);
        }
    }
    add32(&r->bytes, 7);
    add_hello(&r->bytes, 4);
    rig_push(r, FRAME_LINK_LOOP);
    assert_int_equal(rig_dropped(r, PKT_DROP_NOT_IP), 1);
    rig_free(r);
}

static void ppp(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t len;
        int version;
    } cases[] = {
        {"\xff\x03\x00\x21", 4, 4}, {"\x00\x21", 2, 4}, {"\x21", 1, 4}, {"\xff\x03\x21", 3, 4},
        {"\xff\x03\x00\x57", 4, 6}, {"\x00\x57", 2, 6}, {"\x57", 1, 6},
    };
    struct rig *r = rig_new(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        add(&r->bytes, cases[i].header, cases[i].len);
        add_hello(&r->bytes, cases[i].version);
        rig_push(r, FRAME_LINK_PPP);
        expect_hello(r, cases[i].version);
    }
    add(&r->bytes, "\xff\x03\xc0\x21\x01\x02", 6);
    rig_push(r, FRAME_LINK_PPP);
    assert_int_equal(rig_dropped(r, PKT_DROP_NOT_IP), 1);
    rig_free(r);
}

static void raw_ip(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    for (int version = 4; version <= 6; version += 2) {
        r->frame.protocol = 0;
        add_hello(&r->bytes, version);
        rig_push(r, FRAME_LINK_IP);
        expect_hello(r, version);
        r->frame.protocol = version == 4 ? 0x0800 : 0x86dd;
        add_hello(&r->bytes, version);
        rig_push(r, FRAME_LINK_IP);
        expect_hello(r, version);
    }
    r->frame.protocol = 0x8100;
    add16(&r->bytes, 5);
    add16(&r->bytes, 0x0800);
    add_hello(&r->bytes, 4);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(r->seen.pkt[0].vlan, 5);
    expect_hello(r, 4);

    r->frame.protocol = 0x0806;
    add_zeros(&r->bytes, 28);
    rig_push(r, FRAME_LINK_IP);
    r->frame.protocol = 0;
    add8(&r->bytes, 0x50);
    add_zeros(&r->bytes, 40);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_NOT_IP), 2);
    r->frame.protocol = 0x0800; /* says IPv4, is not */
    add_hello(&r->bytes, 6);
    rig_push(r, FRAME_LINK_IP);
    assert_int_equal(rig_dropped(r, PKT_DROP_IP), 1);
    rig_free(r);
}

/* Every prefix of every kind of frame: nothing is read past its end, nothing wrong comes out. */
static void cut_anywhere(void **state)
{
    (void)state;
    struct rig *r = rig_new(NULL);
    static const struct bytes empty;
    for (int link = FRAME_LINK_IP; link <= FRAME_LINK_PPP + 1; link++) {
        struct bytes *whole = malloc(sizeof(*whole));
        assert_non_null(whole);
        *whole = empty;
        if (link == FRAME_LINK_ETHERNET) {
            add_ethernet(whole, 0x8100);
            add16(whole, 1);
            add16(whole, 0x0800);
        } else if (link == FRAME_LINK_SLL) {
            add_zeros(whole, 14);
            add16(whole, 0x0800);
        } else if (link == FRAME_LINK_SLL2) {
            add16(whole, 0x0800);
            add_zeros(whole, 18);
        } else if (link == FRAME_LINK_LOOP) {
            add32(whole, 2);
        } else if (link == FRAME_LINK_PPP) {
            add(whole, "\xff\x03\x00\x21", 4);
        }
        add_hello(whole, 4);
        for (uint32_t caplen = 0; caplen < whole->len; caplen++) {
            r->bytes.len = 0;
            add(&r->bytes, whole->data, whole->len);
            int before = r->seen.count = 0;
            rig_push_cut(r, (unsigned)link, caplen);
            if (r->seen.count > before) {
                assert_true(r->seen.pkt[0].payload_len < 5);
                assert_int_equal(r->seen.pkt[0].payload_full, 5);
            }
        }
        free(whole);
    }
    const struct pkt_stats *s = pkt_stage_stats(r->stage);
    assert_int_equal(s->packets + rig_dropped_all(r), s->frames);
    assert_int_equal(s->packets, 6 * 5);
    rig_free(r);
}

static void drop_names(void **state)
{
    (void)state;
    assert_string_equal(pkt_drop_name(PKT_DROP_LINK), "link");
    assert_string_equal(pkt_drop_name(PKT_DROP_NOT_IP), "not_ip");
    for (int i = 0; i < PKT_DROP_COUNT; i++)
        assert_non_null(pkt_drop_name((enum pkt_drop)i));
    assert_string_equal(pkt_drop_name(PKT_DROP_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ethernet_plain), cmocka_unit_test(ethernet_padding),
        cmocka_unit_test(vlan_tags),      cmocka_unit_test(vlan_tags_without_end),
        cmocka_unit_test(pppoe),          cmocka_unit_test(other_protocols),
        cmocka_unit_test(cooked_v1),      cmocka_unit_test(cooked_v2),
        cmocka_unit_test(bsd_loopback),   cmocka_unit_test(ppp),
        cmocka_unit_test(raw_ip),         cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(drop_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
