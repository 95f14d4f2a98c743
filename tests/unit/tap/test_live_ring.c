/* SPDX-License-Identifier: Apache-2.0 */
/* Rings in memory files, filled as the kernel fills its own. */
#include "tap/live_ring.h"

#include "base/clock.h"

#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    RINGS = 2,
    RING_BYTES = 1 << 16,
    SEEN_MAX = 4096,
};

struct ring {
    uint8_t *pages;
    unsigned long *consumer, *producer;
    uint8_t *data;
};

struct rig {
    struct live_merge *merge;
    struct ring_cpu cpu;
    struct ring rings[RINGS];
    size_t page;
    struct place {
        int ring;
        unsigned long pos;
    } places[SEEN_MAX * 2];  /* by serial */
    uint32_t seen[SEEN_MAX]; /* serials */
    size_t count;
    uint32_t longest_block;
    bool may_be_held;
};

static struct rig *rig_new(void)
{
    struct rig *r = calloc(1, sizeof(*r));
    int fds[RINGS];
    assert_non_null(r);
    r->page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = 2 * r->page + RING_BYTES;
    for (int i = 0; i < RINGS; i++) {
        fds[i] = memfd_create("ring", MFD_CLOEXEC);
        assert_true(fds[i] >= 0 && ftruncate(fds[i], (off_t)bytes) == 0);
        uint8_t *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fds[i], 0);
        assert_true(p != MAP_FAILED);
        r->rings[i] = (struct ring){p, (unsigned long *)(void *)p,
                                    (unsigned long *)(void *)(p + r->page), p + 2 * r->page};
    }
    assert_int_equal(live_merge_new(&r->merge, fds, RINGS, RING_BYTES, &r->cpu, 1), 0);
    for (int i = 0; i < RINGS; i++)
        close(fds[i]);
    return r;
}

static void rig_free(struct rig *r)
{
    live_merge_free(r->merge);
    for (int i = 0; i < RINGS; i++)
        munmap(r->rings[i].pages, 2 * r->page + RING_BYTES);
    free(r);
}

static void ring_write(struct ring *ring, unsigned long pos, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ring->data[(pos + i) % RING_BYTES] = ((const uint8_t *)data)[i];
}

/* A packet whose bytes all are its serial's lowest. */
static void put(struct rig *r, int ring, uint32_t serial, uint64_t time_ns, uint32_t caplen)
{
    struct {
        struct ring_packet head;
        uint8_t bytes[4096];
    } record = {.head = {
                    .version = RING_ABI_VERSION,
                    .hook = RING_HOOK_RECEIVE,
                    .protocol = 0x0800,
                    .time_ns = time_ns,
                    .len = caplen,
                    .caplen = caplen,
                    .serial = serial,
                }};
    memset(record.bytes, (int)(serial & 0xff), caplen);
    uint32_t len = (uint32_t)sizeof(record.head) + caplen;
    uint32_t header[2] = {len, 0};
    struct ring *to = &r->rings[ring];
    unsigned long pos = *to->producer;
    assert_true(pos + len + 16 - *to->consumer <= RING_BYTES);
    r->places[serial] = (struct place){ring, pos};
    ring_write(to, pos, header, sizeof(header));
    ring_write(to, pos + sizeof(header), &record, len);
    *to->producer = pos + (len + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

static void see(void *ctx, const struct frame *frames, uint32_t count)
{
    struct rig *r = ctx;
    assert_in_range(count, 1, FRAME_BLOCK_MAX);
    if (count > r->longest_block)
        r->longest_block = count;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(r->count < SEEN_MAX);
        r->seen[r->count++] = frames[i].packet;
        for (uint32_t k = 0; k < frames[i].caplen; k++)
            assert_int_equal(frames[i].data[k], frames[i].packet & 0xff);
        /* What has not been handed on keeps its room, but for what is held back. */
        const struct place *place = &r->places[frames[i].packet];
        assert_true(r->may_be_held || place->pos >= *r->rings[place->ring].consumer);
    }
}

static int take_in(struct rig *r)
{
    int64_t safe_ns = 0;
    int n = live_merge_read(r->merge, 0, see, r, &safe_ns);
    assert_true(safe_ns > 0);
    return n;
}

static void expect_in_order(const struct rig *r, uint32_t first, uint32_t count)
{
    assert_int_equal(r->count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(r->seen[i], first + i);
}

static void expect_empty(const struct rig *r)
{
    for (int i = 0; i < RINGS; i++)
        assert_int_equal(*r->rings[i].consumer, *r->rings[i].producer);
}

static void merges_rings_by_time(void **state)
{
    (void)state;
    struct rig *r = rig_new();
    for (uint32_t i = 1; i <= 100; i++)
        put(r, i % 3 == 0, i, 1000 + i, 40 + i);
    assert_int_equal(take_in(r), 100);
    expect_in_order(r, 1, 100);
    assert_int_equal(r->longest_block, FRAME_BLOCK_MAX);
    expect_empty(r);
    assert_int_equal(take_in(r), 0);
    rig_free(r);
}

/* CPUs that share a ring write a little out of their order. */
static void sorts_within_a_ring(void **state)
{
    (void)state;
    struct rig *r = rig_new();
    for (uint32_t i = 1; i <= 2; i++)
        put(r, 0, i, 1000 + i, 100);
    for (uint32_t i = 3; i <= 120; i += 4) {
        static const uint32_t order[] = {2, 1, 3, 0};
        for (int k = 0; k < 4; k++)
            put(r, 0, i + order[k], 1000 + i + order[k], 100);
    }
    assert_int_equal(take_in(r), 122);
    expect_in_order(r, 1, 122);
    expect_empty(r);
    rig_free(r);
}

/* Round and round, so that in both rings records wrap, also several in one block. */
static void follows_the_rings_around(void **state)
{
    (void)state;
    struct rig *r = rig_new();
    uint32_t next = 1;
    for (int round = 0; round < 200; round++) {
        uint32_t first = next;
        r->count = 0;
        for (int k = 0; k < 24; k++, next++)
            put(r, k & 1, next, 1000 + next, 900 + next % 301);
        assert_int_equal(take_in(r), 24);
        expect_in_order(r, first, 24);
        expect_empty(r);
    }
    rig_free(r);
}

static void put_header(struct rig *r, uint32_t bits, uint32_t bytes)
{
    struct ring *to = &r->rings[0];
    uint32_t header[2] = {bytes | bits, 0};
    ring_write(to, *to->producer, header, sizeof(header));
    *to->producer += (bytes + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

static void waits_for_a_record_in_work(void **state)
{
    (void)state;
    struct rig *r = rig_new();
    put(r, 0, 1, 1001, 50);
    unsigned long at = *r->rings[0].producer;
    put_header(r, BPF_RINGBUF_BUSY_BIT, sizeof(struct ring_packet) + 60);
    put(r, 0, 3, 1003, 70);
    assert_int_equal(take_in(r), 1);
    expect_in_order(r, 1, 1);
    assert_int_equal(*r->rings[0].consumer, at);
    *r->rings[0].producer = at;
    put(r, 0, 2, 1002, 60);
    put(r, 0, 3, 1003, 70);
    assert_int_equal(take_in(r), 2);
    expect_in_order(r, 1, 3);
    rig_free(r);
}

static void passes_over_what_is_no_record(void **state)
{
    (void)state;
    struct rig *r = rig_new();
    put(r, 0, 1, 1001, 50);
    put_header(r, BPF_RINGBUF_DISCARD_BIT, sizeof(struct ring_packet) + 60);
    put(r, 0, 2, 1002, 50);
    unsigned long at = *r->rings[0].producer;
    put(r, 0, 3, 1003, 50);
    r->rings[0].data[at + BPF_RINGBUF_HDR_SZ] = RING_ABI_VERSION + 1;
    assert_int_equal(take_in(r), 2);
    expect_in_order(r, 1, 2);
    assert_int_equal(live_merge_bad(r->merge), 1);
    expect_empty(r);
    rig_free(r);
}

/* Younger than the moment of the call: it leaves the ring at once and comes with the next call, in
 * its order. */
static void holds_back_what_is_too_young(void **state)
{
    (void)state;
    struct rig *r = rig_new();
    uint64_t later_ns = (uint64_t)clock_ns(CLOCK_MONOTONIC) + 3600 * NS_PER_SEC;
    r->may_be_held = true;
    put(r, 0, 1, 1001, 50);
    put(r, 0, 4, later_ns + 2, 60);
    put(r, 1, 2, 1002, 70);
    assert_int_equal(take_in(r), 2);
    expect_in_order(r, 1, 2);
    expect_empty(r);
    put(r, 1, 3, later_ns + 1, 80);
    put(r, 1, 5, later_ns + 3, 80);
    assert_int_equal(take_in(r), 1);
    assert_int_equal(r->seen[2], 4);
    assert_int_equal(take_in(r), 2);
    assert_int_equal(r->seen[3], 3);
    assert_int_equal(r->seen[4], 5);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_rings_by_time),
        cmocka_unit_test(sorts_within_a_ring),
        cmocka_unit_test(follows_the_rings_around),
        cmocka_unit_test(waits_for_a_record_in_work),
        cmocka_unit_test(passes_over_what_is_no_record),
        cmocka_unit_test(holds_back_what_is_too_young),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
