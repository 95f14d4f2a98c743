/* SPDX-License-Identifier: Apache-2.0 */
/* Packets composed by hand for the tests of the packet stage, and a sink that keeps what comes. */
#pragma once

#include "pkt/pkt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    SEEN_MAX = 64,
    SEEN_BYTES = 2048,
};

struct bytes {
    uint8_t data[70000];
    uint32_t len;
};

static inline void add(struct bytes *b, const void *data, size_t n)
{
    assert_true(b->len + n <= sizeof(b->data));
    if (n)
        memcpy(b->data + b->len, data, n);
    b->len += (uint32_t)n;
}

static inline void add8(struct bytes *b, unsigned v)
{
    add(b, &(uint8_t){(uint8_t)v}, 1);
}

static inline void add16(struct bytes *b, unsigned v)
{
    add8(b, v >> 8);
    add8(b, v & 0xff);
}

static inline void add32(struct bytes *b, uint32_t v)
{
    add16(b, v >> 16);
    add16(b, v & 0xffff);
}

static inline void add_zeros(struct bytes *b, size_t n)
{
    while (n--)
        add8(b, 0);
}

static inline void set16(struct bytes *b, uint32_t at, unsigned v)
{
    b->data[at] = (uint8_t)(v >> 8);
    b->data[at + 1] = (uint8_t)v;
}

/* 192.0.2.1 to 192.0.2.2. */
static inline void add_ipv4(struct bytes *b, unsigned protocol, unsigned payload, unsigned id,
                            unsigned fragment_field, unsigned option_bytes)
{
    add8(b, 0x40 | (5 + option_bytes / 4));
    add8(b, 0);
    add16(b, 20 + option_bytes + payload);
    add16(b, id);
    add16(b, fragment_field);
    add8(b, 64);
    add8(b, protocol);
    add16(b, 0);
    add(b, "\xc0\x00\x02\x01\xc0\x00\x02\x02", 8);
    for (unsigned i = 0; i < option_bytes; i++)
        add8(b, 1);
}

/* 2001:db8::1 to 2001:db8::2. */
static inline void add_ipv6(struct bytes *b, unsigned next, unsigned payload)
{
    static const uint8_t prefix[15] = {0x20, 0x01, 0x0d, 0xb8};
    add32(b, 0x60000000);
    add16(b, payload);
    add8(b, next);
    add8(b, 63);
    add(b, prefix, 15);
    add8(b, 1);
    add(b, prefix, 15);
    add8(b, 2);
}

static inline void add_udp(struct bytes *b, const void *payload, size_t n)
{
    add16(b, 40000);
    add16(b, 53);
    add16(b, (unsigned)(8 + n));
    add16(b, 0);
    add(b, payload, n);
}

static inline void add_ethernet(struct bytes *b, unsigned ethertype)
{
    add(b, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01", 12);
    add16(b, ethertype);
}

/* "hello" by UDP over IPv4 or IPv6. */
static inline void add_hello(struct bytes *b, int version)
{
    if (version == 4)
        add_ipv4(b, 17, 13, 1, 0, 0);
    else
        add_ipv6(b, 17, 13);
    add_udp(b, "hello", 5);
}

/* What the sink was given, copied. */
struct seen {
    int count;
    struct pkt pkt[SEEN_MAX];
    struct frame frame[SEEN_MAX];
    struct frame_owner owner[SEEN_MAX];
    char interface[SEEN_MAX][16];
    uint8_t payload[SEEN_MAX][SEEN_BYTES]; /* its first bytes */
    uint8_t quoted[SEEN_MAX][SEEN_BYTES];
};

static inline void see(void *ctx, const struct pkt *p)
{
    struct seen *s = ctx;
    assert_true(s->count < SEEN_MAX);
    int i = s->count++;
    s->pkt[i] = *p;
    s->frame[i] = *p->frame;
    if (p->frame->owner)
        s->owner[i] = *p->frame->owner;
    if (p->frame->interface)
        strcpy(s->interface[i], p->frame->interface);
    assert_true(p->payload_len <= p->payload_full);
    size_t n = p->payload_len < SEEN_BYTES ? p->payload_len : SEEN_BYTES;
    memcpy(s->payload[i], p->payload, n);
    if ((p->protocol == 1 || p->protocol == 58) && p->icmp.quoted_payload_len) {
        assert_true(p->icmp.quoted_payload_len <= SEEN_BYTES);
        memcpy(s->quoted[i], p->icmp.quoted_payload, p->icmp.quoted_payload_len);
    }
}

/* A stage, its sink, and a frame with the place and time that tests start from. */
struct rig {
    struct pkt_stage *stage;
    struct seen seen;
    struct frame frame;
    struct bytes bytes;
};

static inline struct rig *rig_new(const struct pkt_limits *limits)
{
    struct rig *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->stage = pkt_stage_new(limits, see, &r->seen);
    assert_non_null(r->stage);
    r->frame.interface = "test0";
    r->frame.time_ns = 1000;
    return r;
}

static inline void rig_free(struct rig *r)
{
    pkt_stage_free(r->stage);
    free(r);
}

/* Pushes r->bytes, captured as far as caplen, from memory of exactly that size. */
static inline void rig_push_cut(struct rig *r, unsigned link, uint32_t caplen)
{
    uint8_t *copy = malloc(caplen ? caplen : 1);
    assert_non_null(copy);
    memcpy(copy, r->bytes.data, caplen);
    r->frame.link = (uint16_t)link;
    r->frame.data = copy;
    r->frame.caplen = caplen;
    r->frame.len = r->bytes.len;
    pkt_push(r->stage, &r->frame);
    free(copy);
    r->bytes.len = 0;
}

static inline void rig_push(struct rig *r, unsigned link)
{
    rig_push_cut(r, link, r->bytes.len);
}

static inline uint64_t rig_dropped(const struct rig *r, enum pkt_drop reason)
{
    return pkt_stage_stats(r->stage)->dropped[reason];
}

static inline uint64_t rig_dropped_all(const struct rig *r)
{
    uint64_t sum = 0;
    for (int i = 0; i < PKT_DROP_COUNT; i++)
        sum += rig_dropped(r, (enum pkt_drop)i);
    return sum;
}

/* The one packet seen so far is add_hello's; forgets it. */
static inline void expect_hello(struct rig *r, int version)
{
    assert_int_equal(r->seen.count, 1);
    const struct pkt *p = &r->seen.pkt[0];
    assert_int_equal(p->protocol, 17);
    assert_int_equal(p->sport, 40000);
    assert_int_equal(p->dport, 53);
    assert_int_equal(p->payload_len, 5);
    assert_int_equal(p->payload_full, 5);
    assert_memory_equal(r->seen.payload[0], "hello", 5);
    assert_int_equal(inet_addr_is_v4(&p->src), version == 4);
    assert_int_equal(p->src.bytes[15], 1);
    assert_int_equal(p->dst.bytes[15], 2);
    assert_int_equal(p->ttl, version == 4 ? 64 : 63);
    r->seen.count = 0;
}
