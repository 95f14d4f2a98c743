/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/framing.h"

#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* What came out: for each message its length, the announced one, and its first two bytes. */
struct seen {
    size_t count;
    struct {
        size_t len, full;
        bool cut;
        unsigned id;
    } message[64];
};

static struct dns_framing_stats stats;
static struct seen seen;
static struct wire w;

static void sink(void *ctx, const uint8_t *message, size_t len, size_t full)
{
    struct seen *s = ctx;
    assert_true(s->count < 64);
    s->message[s->count].len = len;
    s->message[s->count].cut = len < full;
    s->message[s->count].full = full;
    s->message[s->count].id = len >= 2 ? (unsigned)message[0] << 8 | message[1] : 0;
    s->count++;
}

static void clear(void)
{
    memset(&stats, 0, sizeof(stats));
    memset(&seen, 0, sizeof(seen));
    w.len = 0;
}

/* A query of `extra` bytes more than it needs, as a frame. */
static void put_frame(unsigned id, size_t extra)
{
    put16(&w, (unsigned)(12 + 17 + extra));
    put16(&w, id);
    put16(&w, 0x0100);
    put16(&w, 1);
    put16(&w, 0);
    put16(&w, 0);
    put16(&w, 0);
    put_question(&w, "example.com", 1);
    for (size_t i = 0; i < extra; i++)
        put8(&w, (unsigned)(i * 7) & 255);
}

static void push(struct dns_framing *f, const void *data, size_t len)
{
    /* A copy of exactly this size, so that the sanitizer sees every read past it. */
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, data, len);
    dns_framing_push(f, copy, len, sink, &seen);
    free(copy);
}

static void run_whole(bool midstream)
{
    struct dns_framing *f = dns_framing_new(midstream, &stats);
    push(f, w.bytes, w.len);
    dns_framing_end(f, sink, &seen);
    assert_int_equal(dns_framing_held(f), 0);
    dns_framing_free(f);
}

static void several_messages_in_one_push(void **state)
{
    (void)state;
    clear();
    put_frame(1, 0);
    put_frame(2, 100);
    put16(&w, 0); /* a frame of no length is passed over */
    put_frame(3, 0);
    run_whole(false);
    assert_int_equal(seen.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(seen.message[i].id, i + 1);
        assert_false(seen.message[i].cut);
    }
    assert_int_equal(seen.message[1].len, 129);
    assert_int_equal(seen.message[1].full, 129);
    assert_int_equal(stats.messages, 3);
    assert_int_equal(stats.skipped_bytes, 2);
}

/* The same messages and the same counters, whatever the pieces: also those of searching. */
static void check_all_splits(bool midstream, size_t gap_at)
{
    struct wire whole = w;
    struct seen expected = {0};
    struct dns_framing_stats expected_stats = {0};
    for (size_t piece = whole.len; piece > 0; piece--) {
        if (piece > 40 && piece < whole.len - 3)
            continue;
        clear();
        struct dns_framing *f = dns_framing_new(midstream, &stats);
        for (size_t pos = 0; pos < whole.len;) {
            size_t end = pos < gap_at && gap_at < whole.len ? gap_at : whole.len;
            size_t n = end - pos < piece ? end - pos : piece;
            push(f, whole.bytes + pos, n);
            pos += n;
            if (pos == gap_at)
                dns_framing_gap(f, sink, &seen);
        }
        dns_framing_end(f, sink, &seen);
        dns_framing_free(f);
        if (piece == whole.len) {
            expected = seen;
            expected_stats = stats;
        }
        assert_memory_equal(&seen, &expected, sizeof(seen));
        assert_memory_equal(&stats, &expected_stats, sizeof(stats));
    }
}

static void any_split_gives_the_same(void **state)
{
    (void)state;
    clear();
    put_frame(1, 0);
    put_frame(2, 700);
    put_frame(3, 3);
    w.len -= 2; /* the last one is not complete */
    check_all_splits(false, SIZE_MAX);
    assert_int_equal(seen.count, 3);
    assert_true(seen.message[2].cut);
    assert_int_equal(stats.incomplete, 1);
}

static void joins_in_the_middle(void **state)
{
    (void)state;
    clear();
    put(&w, "the tail of some message \0\x1d", 27);
    put_frame(7, 600);
    put_frame(8, 0);
    check_all_splits(true, SIZE_MAX);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.message[0].id, 7);
    assert_int_equal(stats.resyncs, 1);
    assert_int_equal(stats.skipped_bytes, 27);
}

/* Text of a TXT record that looks like a length, and its record like the header of a query: what
 * comes next must not wait for the rest of it. */
static void record_data_is_no_query(void **state)
{
    (void)state;
    clear();
    static const char tail[] = "010 \xc0\x0c\0\x10\0\1\0\0\0\x3c\0\x29(011 011 011 011 ";
    struct dns_framing *f = dns_framing_new(true, &stats);
    push(f, tail, sizeof(tail) - 1);
    for (unsigned i = 1; i <= 3; i++) {
        w.len = 0;
        put_frame(i, 0);
        push(f, w.bytes, w.len);
        assert_int_equal(seen.count, i);
    }
    assert_int_equal(seen.message[0].id, 1);
    assert_int_equal(stats.skipped_bytes, sizeof(tail) - 1);
    dns_framing_end(f, sink, &seen);
    dns_framing_free(f);
}

static void goes_on_after_a_gap(void **state)
{
    (void)state;
    clear();
    put_frame(1, 0);
    put_frame(2, 500);
    size_t gap_at = w.len - 400;
    put_frame(3, 0);
    put_frame(4, 0);
    check_all_splits(false, gap_at);
    assert_int_equal(seen.count, 4);
    assert_true(seen.message[1].cut);
    assert_int_equal(seen.message[1].len, 129);
    assert_int_equal(seen.message[1].full, 529);
    assert_int_equal(seen.message[2].id, 3);
    assert_int_equal(stats.incomplete, 1);
    assert_int_equal(stats.resyncs, 1);
    assert_int_equal(stats.skipped_bytes, 400);
}

/* Found by its question though the rest is lost: what is there is handed on. */
static void gap_in_a_message_just_found(void **state)
{
    (void)state;
    clear();
    put8(&w, 0xff);
    put_frame(1, 1000);
    w.len = 100;
    size_t gap_at = w.len;
    put_frame(2, 0);
    check_all_splits(true, gap_at);
    assert_int_equal(seen.count, 2);
    assert_true(seen.message[0].cut);
    assert_int_equal(seen.message[0].len, 97);
    assert_int_equal(seen.message[0].full, 1029);
}

static void finds_later_messages_of_a_transfer(void **state)
{
    (void)state;
    clear();
    put(&w, "xxxxx", 5);
    put16(&w, 12 + 13 + 11 + 4);
    put(&w, "\0\1\x84\0\0\0\0\1\0\0\0\0", 12);
    put_name(&w, "example.com");
    put(&w, "\0\1\0\1\0\0\0\5\0\4\1\2\3\4", 14);
    w.bytes[6] = (uint8_t)(w.len - 7);
    check_all_splits(true, SIZE_MAX);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.message[0].len, 39);
}

static void abandons_other_protocols(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } others[] = {
        {"\x16\3\1\2\0\1\0\1\xfc\3\3RRRRRRRRRRRRRRRRRRRR", 31},
        {"\x16\3\1\1\0\1\0\0\xfc\3\3RRRRRRRRRRRRRRRRRRRR", 31},
        {"GET / HTTP/1.1\r\nHost: x\r\n", 25},
        {"POST /dns-query HTTP/1.1\r\n", 26},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24},
        {"HTTP/1.1 200 OK\r\n", 17},
        {"SSH-2.0-OpenSSH_9.2\r\n", 21},
        {"\0\5short", 7},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        clear();
        put(&w, others[i].bytes, others[i].len);
        for (int more = 0; more < 10; more++)
            put_frame(9, 0);
        check_all_splits(false, SIZE_MAX);
        assert_int_equal(seen.count, 0);
        assert_int_equal(stats.abandoned, 1);
        assert_int_equal(stats.messages, 0);
    }
}

static void gives_up_a_search_that_leads_nowhere(void **state)
{
    (void)state;
    clear();
    struct dns_framing *f = dns_framing_new(true, &stats);
    uint8_t noise[1000];
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)(0x80 | i * 31);
    for (int i = 0; i < 200; i++) {
        push(f, noise, sizeof(noise));
        assert_true(dns_framing_held(f) <= 65537);
    }
    assert_int_equal(stats.abandoned, 1);
    assert_true(stats.skipped_bytes <= 65536);
    assert_int_equal(dns_framing_held(f), 0);
    put_frame(1, 0);
    push(f, w.bytes, w.len);
    dns_framing_gap(f, sink, &seen);
    push(f, w.bytes, w.len);
    assert_int_equal(seen.count, 0);
    dns_framing_free(f);
}

static void shows_one_broken_message(void **state)
{
    (void)state;
    clear();
    put_frame(1, 0);
    put_frame(2, 0);
    w.bytes[31 + 2 + 2] = 0x78; /* opcode 15 */
    put_frame(3, 0);
    put(&w, "\0\3abc", 5); /* shorter than a header */
    put_frame(4, 0);
    check_all_splits(false, SIZE_MAX);
    assert_int_equal(seen.count, 5);
    assert_int_equal(stats.resyncs, 0);
    /* Two in a row: the place is lost, and found again. */
    clear();
    put_frame(1, 0);
    put(&w, "\0\3abc\0\3abc", 10);
    put_frame(4, 0);
    check_all_splits(false, SIZE_MAX);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.message[2].id, 4);
    assert_int_equal(stats.resyncs, 1);
    assert_int_equal(stats.skipped_bytes, 5);
}

static void holds_no_more_than_one_frame(void **state)
{
    (void)state;
    clear();
    put_frame(1, 65535 - 29);
    struct dns_framing *f = dns_framing_new(false, &stats);
    for (size_t pos = 0; pos < w.len; pos += 1000) {
        push(f, w.bytes + pos, w.len - pos < 1000 ? w.len - pos : 1000);
        assert_true(dns_framing_held(f) <= 65537);
    }
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.message[0].len, 65535);
    assert_int_equal(dns_framing_held(f), 0);
    push(f, "\0", 1);
    assert_int_equal(dns_framing_held(f), 1);
    dns_framing_end(f, sink, &seen);
    assert_int_equal(dns_framing_held(f), 0);
    assert_int_equal(stats.incomplete, 1);
    dns_framing_free(f);
    dns_framing_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_messages_in_one_push),
        cmocka_unit_test(any_split_gives_the_same),
        cmocka_unit_test(joins_in_the_middle),
        cmocka_unit_test(record_data_is_no_query),
        cmocka_unit_test(goes_on_after_a_gap),
        cmocka_unit_test(gap_in_a_message_just_found),
        cmocka_unit_test(finds_later_messages_of_a_transfer),
        cmocka_unit_test(abandons_other_protocols),
        cmocka_unit_test(gives_up_a_search_that_leads_nowhere),
        cmocka_unit_test(shows_one_broken_message),
        cmocka_unit_test(holds_no_more_than_one_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
