/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/ring_record.h"

#include "abi/ring.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    PAYLOAD = 40,
};

struct record {
    struct ring_packet head;
    uint8_t payload[PAYLOAD];
};

static struct record good(void)
{
    struct record r = {.head = {
                           .version = RING_ABI_VERSION,
                           .hook = RING_HOOK_QUEUE,
                           .flags = RING_FLAG_ORIGIN | RING_FLAG_OWNER,
                           .protocol = 0x0800,
                           .cpu = 3,
                           .time_ns = 1000,
                           .len = 60,
                           .caplen = PAYLOAD,
                           .ifindex = 7,
                           .netns = 4026531840,
                           .serial = 77,
                           .pid = 10,
                           .tid = 11,
                           .uid = 12,
                           .cgroup_id = 13,
                           .start_boottime_ns = 14,
                           .comm = "dig",
                           .ifname = "eth0",
                       }};
    memset(r.payload, 0x45, sizeof r.payload);
    return r;
}

static void every_field(void **state)
{
    (void)state;
    struct record r = good();
    struct frame f;
    struct frame_owner o;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 500, &f, &o), 0);
    assert_int_equal(f.time_ns, 1500);
    assert_ptr_equal(f.data, r.payload);
    assert_int_equal(f.caplen, PAYLOAD);
    assert_int_equal(f.len, 60);
    assert_int_equal(f.link, FRAME_LINK_IP);
    assert_int_equal(f.protocol, 0x0800);
    assert_int_equal(f.direction, FRAME_OUT);
    assert_true(f.local_origin);
    assert_int_equal(f.ifindex, 7);
    assert_int_equal(f.netns, 4026531840);
    assert_string_equal(f.interface, "eth0");
    assert_int_equal(f.packet, 77);
    assert_int_equal(f.cpu, 3);
    assert_false(f.repeat);
    assert_ptr_equal(f.owner, &o);
    assert_int_equal(o.pid, 10);
    assert_int_equal(o.tid, 11);
    assert_int_equal(o.uid, 12);
    assert_int_equal(o.cgroup_id, 13);
    assert_int_equal(o.start_boottime_ns, 14);
    assert_string_equal(o.comm, "dig");
}

static void arriving_without_owner(void **state)
{
    (void)state;
    struct record r = good();
    struct frame f;
    struct frame_owner o;
    r.head.hook = RING_HOOK_RECEIVE;
    r.head.flags = 0;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), 0);
    assert_int_equal(f.direction, FRAME_IN);
    assert_false(f.local_origin);
    assert_null(f.owner);
}

static void names_without_end(void **state)
{
    (void)state;
    struct record r = good();
    struct frame f;
    struct frame_owner o;
    memset(r.head.comm, 'c', sizeof r.head.comm);
    memset(r.head.ifname, 'i', sizeof r.head.ifname);
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), 0);
    assert_string_equal(f.interface, "");
    assert_int_equal(strlen(o.comm), 15);
}

/* A record of a size class may be longer than what it holds, never shorter. */
static void lengths(void **state)
{
    (void)state;
    struct record r = good();
    struct frame f;
    struct frame_owner o;
    r.head.caplen = PAYLOAD - 1;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), 0);
    assert_int_equal(f.caplen, PAYLOAD - 1);
    r.head.caplen = 0;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), 0);
    r.head.caplen = PAYLOAD + 1;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r.head.caplen = UINT32_MAX;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r = good();
    r.head.len = PAYLOAD - 1;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r = good();
    assert_int_equal(ring_record_to_frame(&r, sizeof r.head - 1, 0, &f, &o), -EBADMSG);
    assert_int_equal(ring_record_to_frame(&r, 0, 0, &f, &o), -EBADMSG);
}

static void foreign_records(void **state)
{
    (void)state;
    struct record r = good();
    struct frame f;
    struct frame_owner o;
    r.head.version++;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EPROTO);
    r = good();
    r.head.hook = 3;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r.head.hook = 0;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r = good();
    r.head.time_ns = INT64_MAX;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 1, &f, &o), -EBADMSG);
}

static struct ring_repeat good_repeat(void)
{
    return (struct ring_repeat){
        .version = RING_ABI_VERSION,
        .hook = RING_HOOK_RECEIVE,
        .flags = RING_FLAG_REPEAT,
        .cpu = 3,
        .time_ns = 2000,
        .serial = 77,
        .ifindex = 8,
        .netns = 4026531841,
        .ifname = "veth0",
    };
}

static void repeats(void **state)
{
    (void)state;
    struct ring_repeat r = good_repeat();
    struct frame f;
    struct frame_owner o;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 500, &f, &o), 0);
    assert_true(f.repeat);
    assert_int_equal(f.time_ns, 2500);
    assert_int_equal(f.packet, 77);
    assert_int_equal(f.cpu, 3);
    assert_int_equal(f.direction, FRAME_IN);
    assert_int_equal(f.ifindex, 8);
    assert_int_equal(f.netns, 4026531841);
    assert_string_equal(f.interface, "veth0");
    assert_int_equal(f.caplen, 0);
    assert_int_equal(f.len, 0);
    assert_null(f.owner);
    assert_int_equal(ring_record_to_frame(&r, sizeof r - 1, 0, &f, &o), -EBADMSG);
    memset(r.ifname, 'i', sizeof r.ifname);
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), 0);
    assert_string_equal(f.interface, "");
}

static void repeats_that_are_none(void **state)
{
    (void)state;
    struct frame f;
    struct frame_owner o;
    struct ring_repeat r = good_repeat();
    r.serial = 0;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r = good_repeat();
    r.flags |= RING_FLAG_FIRST;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r = good_repeat();
    r.hook = 0;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EBADMSG);
    r = good_repeat();
    r.time_ns = INT64_MAX;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 1, &f, &o), -EBADMSG);
    r = good_repeat();
    r.version++;
    assert_int_equal(ring_record_to_frame(&r, sizeof r, 0, &f, &o), -EPROTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field),           cmocka_unit_test(arriving_without_owner),
        cmocka_unit_test(names_without_end),     cmocka_unit_test(lengths),
        cmocka_unit_test(foreign_records),       cmocka_unit_test(repeats),
        cmocka_unit_test(repeats_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
