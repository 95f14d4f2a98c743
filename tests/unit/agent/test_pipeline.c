/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/pipeline.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    FRAMES = 400,
    PACKET_MAX = 128,
};

struct traffic {
    struct frame frames[FRAMES];
    uint8_t bytes[FRAMES][PACKET_MAX];
};

static uint32_t put_ip(uint8_t *p, bool v6, bool query, unsigned protocol, uint32_t payload)
{
    memset(p, 0, 40);
    if (v6) {
        p[0] = 0x60;
        p[5] = (uint8_t)payload;
        p[6] = (uint8_t)protocol;
        p[8] = p[24] = 0x20;
        p[23] = query ? 1 : 2;
        p[39] = query ? 2 : 1;
        return 40;
    }
    p[0] = 0x45;
    p[3] = (uint8_t)(20 + payload);
    p[9] = (uint8_t)protocol;
    memcpy(p + 12, query ? "\xc0\0\2\1\xc0\0\2\2" : "\xc0\0\2\2\xc0\0\2\1", 8);
    return 20;
}

/* A query for a.example, or its response. */
static uint32_t put_dns(uint8_t *p, bool query, uint16_t id)
{
    static const uint8_t rest[] = "\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1";
    p[0] = (uint8_t)(id >> 8);
    p[1] = (uint8_t)id;
    p[2] = query ? 0x01 : 0x81;
    p[3] = 0;
    memcpy(p + 4, rest, sizeof(rest) - 1);
    return 4 + sizeof(rest) - 1;
}

static void put_packet(uint8_t *p, struct frame *f, bool v6, bool query, uint16_t id, uint16_t port)
{
    uint8_t dns[64];
    uint32_t len = put_dns(dns, query, id);
    uint32_t at = put_ip(p, v6, query, 17, 8 + len);
    uint16_t ports[2] = {query ? 40000 : port, query ? port : 40000};
    for (int i = 0; i < 2; i++) {
        p[at + 2 * (size_t)i] = (uint8_t)(ports[i] >> 8);
        p[at + 2 * (size_t)i + 1] = (uint8_t)ports[i];
    }
    p[at + 4] = p[at + 6] = p[at + 7] = 0;
    p[at + 5] = (uint8_t)(8 + len);
    memcpy(p + at + 8, dns, len);
    f->caplen = f->len = at + 8 + len;
    f->protocol = v6 ? 0x86dd : 0x0800;
}

/* Lookups over both families, each message at two places, the second sight mostly only named;
 * between them ports that are not asked for, packets that are cut, TCP, and a clock set back. */
static void traffic_make(struct traffic *t)
{
    int64_t now_ns = 1700000000 * NS_PER_SEC;
    for (uint32_t i = 0; i < FRAMES; i++) {
        struct frame *f = &t->frames[i];
        uint32_t lookup = i / 4, step = i % 4;
        bool query = step < 2;
        now_ns += i == FRAMES / 2 ? -60 * NS_PER_SEC : 5 * NS_PER_US;
        *f = (struct frame){
            .time_ns = now_ns,
            .data = t->bytes[i],
            .link = FRAME_LINK_IP,
            .direction = step & 1 ? FRAME_IN : FRAME_OUT,
            .ifindex = 1 + (step & 1),
            .netns = 1,
            .interface = "veth0",
            .first_sight = !(step & 1),
            .packet = 1 + (i & ~1u),
        };
        put_packet(t->bytes[i], f, lookup & 1, query, (uint16_t)(lookup / 3),
                   lookup % 7 == 6 ? 5300 : 53);
        if ((step & 1) && lookup % 5)
            *f = (struct frame){.time_ns = now_ns,
                                .ifindex = 2,
                                .netns = 1,
                                .direction = FRAME_IN,
                                .interface = "veth0",
                                .packet = i & ~1u,
                                .repeat = true};
        if (f->repeat)
            f->packet++;
        else if (lookup % 11 == 10)
            f->caplen -= 3;
        else if (lookup % 13 == 12)
            t->bytes[i][lookup & 1 ? 6 : 9] = 6;
    }
}

static void on_record(void *ctx, struct record *r)
{
    struct buf *out = ctx;
    record_to_json(r, out);
    buf_putc(out, '\n');
}

/* In blocks of `block`; 0: one by one. */
static void run(const struct traffic *t, uint32_t block, struct buf *out)
{
    const struct pipeline_options options = {.txn.transactions = 4096};
    struct pipeline *p = pipeline_new(&options, on_record, out);
    assert_non_null(p);
    for (uint32_t i = 0; i < FRAMES; i += block ? block : 1) {
        uint32_t left = FRAMES - i;
        if (block)
            pipeline_push_block(p, &t->frames[i], left < block ? left : block);
        else
            pipeline_push(p, &t->frames[i]);
    }
    pipeline_flush(p);
    struct pipeline_stats s = pipeline_stats(p);
    assert_int_equal(s.time_steps, 1);
    buf_printf(out,
               "%lu frames, %lu packets, other ports %lu, %lu messages, %lu hops, %lu queries\n",
               (unsigned long)s.pkt->frames, (unsigned long)s.pkt->packets,
               (unsigned long)s.other_ports, (unsigned long)s.txn->messages,
               (unsigned long)s.txn->hops, (unsigned long)s.txn->counted_queries);
    pipeline_free(p);
}

static void blocks_change_nothing(void **state)
{
    (void)state;
    struct traffic *t = calloc(1, sizeof(*t));
    struct buf single = {0};
    assert_non_null(t);
    traffic_make(t);
    run(t, 0, &single);
    assert_non_null(strstr(buf_cstr(&single), "\"outcome\":\"answered\""));
    for (uint32_t block = 1; block <= FRAME_BLOCK_MAX; block++) {
        struct buf out = {0};
        run(t, block, &out);
        assert_string_equal(buf_cstr(&out), buf_cstr(&single));
        buf_done(&out);
    }
    buf_done(&single);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
