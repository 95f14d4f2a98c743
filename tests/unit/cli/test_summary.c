/* SPDX-License-Identifier: Apache-2.0 */
#include "../record/sample.h"
#include "cli/heavy.h"
#include "cli/histogram.h"
#include "cli/summary.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void quantiles_are_within_one_percent(void **state)
{
    (void)state;
    static struct histogram h;
    assert_int_equal(histogram_quantile(&h, 0.5), -1);
    for (int64_t scale = 1; scale < (int64_t)1 << 31; scale *= 10) {
        memset(&h, 0, sizeof(h));
        for (int64_t i = 1; i <= 1000; i++)
            histogram_add(&h, i * scale);
        static const struct {
            double q;
            int64_t rank;
        } cases[] = {{0.001, 1}, {0.5, 500}, {0.9, 900}, {0.99, 990}, {1, 1000}};
        for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
            double exact = (double)(cases[k].rank * scale);
            double got = (double)histogram_quantile(&h, cases[k].q);
            assert_true(got >= exact * 0.992 && got <= exact * 1.008);
        }
        assert_int_equal(h.max, 1000 * scale);
    }
}

static void extreme_durations_have_a_bucket(void **state)
{
    (void)state;
    static struct histogram h;
    histogram_add(&h, 0);
    assert_int_equal(histogram_quantile(&h, 0.5), 0);
    histogram_add(&h, -5);
    histogram_add(&h, INT64_MAX);
    assert_int_equal(h.count, 3);
    assert_true(histogram_quantile(&h, 1) > (int64_t)1 << 41);
    memset(&h, 0, sizeof(h));
    histogram_add(&h, 77);
    assert_int_equal(histogram_quantile(&h, 0.99), 77);
}

static void few_keys_are_counted_exactly(void **state)
{
    (void)state;
    const struct heavy_item *top[5];
    struct heavy *h = heavy_new(100);
    for (int i = 1; i <= 100; i++)
        for (int k = 0; k < i; k++)
            heavy_add(h, &i, sizeof(i));
    assert_int_equal(heavy_missing(h), 0);
    assert_int_equal(heavy_top(h, top, 5), 5);
    for (int i = 0; i < 5; i++) {
        int key;
        memcpy(&key, top[i]->key, sizeof(key));
        assert_int_equal(key, 100 - i);
        assert_int_equal(top[i]->count, 100 - i);
    }
    heavy_free(h);
}

/* A flood of keys that come once must not hide those that come often. */
static void a_flood_does_not_hide_the_frequent(void **state)
{
    (void)state;
    const struct heavy_item *top[3];
    struct heavy *h = heavy_new(256);
    for (uint32_t i = 0; i < 400000; i++) {
        uint32_t key = 1000 + i;
        heavy_add(h, &key, sizeof(key));
        key = i % 10 == 0 ? 1 : i % 10 <= 2 ? 2 : 1000000 + i;
        heavy_add(h, &key, sizeof(key));
    }
    static const uint64_t counts[] = {80000, 40000};
    assert_int_equal(heavy_top(h, top, 3), 3);
    for (int i = 0; i < 2; i++) {
        uint32_t key;
        memcpy(&key, top[i]->key, sizeof(key));
        assert_int_equal(key, 2 - i);
        assert_true(top[i]->count <= counts[i]);
        assert_true(top[i]->count + heavy_missing(h) >= counts[i]);
    }
    assert_true(heavy_missing(h) <= 800000 / 256 * 4);
    heavy_free(h);
}

/* The counter of the last address is kept at hand, but not when it has been given up for others. */
static void an_address_given_up_is_counted_anew(void **state)
{
    (void)state;
    const struct heavy_item *top[1];
    uint8_t address[16] = "address";
    struct heavy *h = heavy_new(16);
    heavy_add(h, address, sizeof(address));
    for (uint32_t i = 0; i < 1000; i++)
        heavy_add(h, &i, sizeof(i));
    for (int i = 0; i < 5000; i++)
        heavy_add(h, address, sizeof(address));
    assert_int_equal(heavy_top(h, top, 1), 1);
    assert_memory_equal(top[0]->key, address, sizeof(address));
    assert_int_equal(top[0]->count, 5000);
    heavy_free(h);
}

static void long_keys_are_told_apart(void **state)
{
    (void)state;
    char key[300];
    const struct heavy_item *top[3];
    struct heavy *h = heavy_new(16);
    memset(key, 'x', sizeof(key));
    heavy_add(h, key, sizeof(key));
    key[299] = 'y';
    heavy_add(h, key, sizeof(key));
    heavy_add(h, key, sizeof(key));
    assert_int_equal(heavy_top(h, top, 3), 2);
    assert_int_equal(top[0]->count, 2);
    assert_int_equal(top[0]->key_len, 300);
    heavy_free(h);
}

static struct summary *all_samples(void)
{
    struct summary *s = summary_new();
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct sample *one = sample_new((enum sample_kind)i);
        one->record.time_ns += i * 100000000LL;
        summary_push(s, &one->record);
        sample_free(one);
    }
    return s;
}

static void a_summary_tells_what_was_seen(void **state)
{
    (void)state;
    struct summary *s = all_samples();
    struct buf b = {0};
    const struct summary_note notes[] = {{"Lost", 0, true}, {"Undecodable", 0, false}};
    summary_print(s, notes, 2, NULL, &b);
    const char *text = buf_cstr(&b);
    assert_memory_equal(text,
                        "11 transactions in 1.00 s (11/s), 2026-11-24 04:00:00.123 to "
                        "04:00:01.123 UTC\n",
                        78);
    assert_non_null(strstr(text, "\nOutcome     answered 8 (72.7 %)  timeout 1 (9.1 %)  "
                                 "icmp_refused 1 (9.1 %)  unsolicited 1 (9.1 %)\n"));
    assert_non_null(strstr(text, "SERVFAIL 1 (12.5 %)"));
    assert_non_null(strstr(text, "BADVERS 1 (12.5 %)"));
    assert_non_null(strstr(text, "\nTransport   udp 10 (90.9 %)  tcp 1 (9.1 %)\n"));
    assert_non_null(strstr(text, "  max 1.20 s\n"));
    assert_non_null(strstr(text, "malformed 1  duplicate_response 1  reassembled 1\n"));
    assert_non_null(strstr(text, "\nLost        0\n"));
    assert_null(strstr(text, "Undecodable"));
    assert_non_null(strstr(text, "\nTop clients\n  10.0.0.7                     10  90.9 %\n"));
    assert_null(strchr(text, '\033'));
    struct summary_figures f = summary_figures(s);
    assert_int_equal(f.transactions, 11);
    assert_int_equal(f.errors, 5);
    assert_int_equal(f.timeouts, 1);
    assert_true(f.p99_ns > 1190000000 && f.p99_ns <= 1200000000);
    summary_free(s);
    buf_done(&b);
}

/* The form that a transaction comes in makes no difference. */
static void rows_are_summed_up_like_records(void **state)
{
    (void)state;
    struct summary *records = all_samples(), *rows = summary_new();
    struct arena arena;
    struct buf a = {0}, b = {0};
    arena_init(&arena, 0);
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct sample *one = sample_new((enum sample_kind)i);
        struct row row;
        one->record.time_ns += i * 100000000LL;
        assert_int_equal(row_from_record(&row, &one->record, &arena), 0);
        summary_push_row(rows, &row);
        sample_free(one);
    }
    summary_print(records, NULL, 0, NULL, &a);
    summary_print(rows, NULL, 0, NULL, &b);
    assert_string_equal(buf_cstr(&a), buf_cstr(&b));
    arena_done(&arena);
    buf_done(&a);
    buf_done(&b);
    summary_free(records);
    summary_free(rows);
}

static void an_empty_summary_is_one_line(void **state)
{
    (void)state;
    struct summary *s = summary_new();
    struct buf b = {0};
    summary_print(s, NULL, 0, NULL, &b);
    assert_string_equal(buf_cstr(&b), "0 transactions\n");
    assert_int_equal(summary_figures(s).p50_ns, -1);
    summary_free(s);
    buf_done(&b);
}

static void a_summary_fits_its_width(void **state)
{
    (void)state;
    struct summary *s = all_samples();
    struct buf b = {0};
    struct summary_style style = {.width = 60, .top = 3};
    summary_print(s, NULL, 0, &style, &b);
    const char *p = strstr(buf_cstr(&b), "\nOutcome");
    while (p && *p) {
        size_t n = strcspn(p, "\n");
        assert_true(n <= 60);
        p += n + (p[n] != '\0');
    }
    buf_done(&b);
    summary_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_within_one_percent),
        cmocka_unit_test(extreme_durations_have_a_bucket),
        cmocka_unit_test(few_keys_are_counted_exactly),
        cmocka_unit_test(a_flood_does_not_hide_the_frequent),
        cmocka_unit_test(an_address_given_up_is_counted_anew),
        cmocka_unit_test(long_keys_are_told_apart),
        cmocka_unit_test(a_summary_tells_what_was_seen),
        cmocka_unit_test(rows_are_summed_up_like_records),
        cmocka_unit_test(an_empty_summary_is_one_line),
        cmocka_unit_test(a_summary_fits_its_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
