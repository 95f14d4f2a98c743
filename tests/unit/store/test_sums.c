/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets, distinct counts, names of metrics, pages as text. */
#include "naive.h"
#include "store/buckets.h"
#include "store/distinct.h"

static void buckets_are_in_order_and_narrow(void **state)
{
    (void)state;
    uint64_t random = 42;
    for (uint16_t b = 0; b + 1 < STORE_BUCKETS_MAX; b++) {
        int64_t low = store_bucket_low(b), high = store_bucket_high(b);
        assert_true(low < high);
        assert_int_equal(store_bucket_of(low), b);
        assert_int_equal(store_bucket_of(high - 1), b);
    }
    for (int i = 0; i < 100000; i++) {
        int64_t v = (int64_t)(random_next(&random) >> (random_below(&random, 53)));
        struct buckets b = {0};
        assert_int_equal(buckets_add(&b, store_bucket_of(v), 1), 0);
        naive_near((double)buckets_at(&b, 0.5), (double)v, 0.01, "the middle");
        buckets_done(&b);
    }
    assert_int_equal(store_bucket_of(-1), 0);
    assert_int_equal(store_bucket_of(INT64_MAX), STORE_BUCKETS_MAX - 1);
}

static void counts_in_any_order(void **state)
{
    (void)state;
    struct buckets b = {0}, other = {0};
    uint64_t random = 7, counts[200] = {0}, seen = 0;
    for (int i = 0; i < 5000; i++) {
        uint16_t bucket = (uint16_t)random_below(&random, 200);
        counts[bucket] += bucket;
        assert_int_equal(buckets_add(i % 2 ? &b : &other, bucket, bucket), 0);
    }
    assert_int_equal(buckets_merge(&b, &other), 0);
    buckets_compact(&b);
    for (size_t i = 0; i < b.len; i++) {
        assert_int_equal(buckets_count(b.entries[i]), counts[buckets_bucket(b.entries[i])]);
        assert_true(!i || buckets_bucket(b.entries[i]) > buckets_bucket(b.entries[i - 1]));
        seen++;
    }
    assert_int_equal(seen, 199);
    buckets_done(&b);
    buckets_done(&other);
}

static void the_rank_is_the_nearest(void **state)
{
    (void)state;
    struct buckets b = {0};
    assert_int_equal(buckets_at(&b, 0.5), -1);
    for (int i = 1; i <= 100; i++)
        assert_int_equal(buckets_add(&b, store_bucket_of(i), 1), 0);
    assert_int_equal(buckets_at(&b, 0.5), 50);
    assert_int_equal(buckets_at(&b, 0.9), 90);
    assert_int_equal(buckets_at(&b, 0.99), 99);
    assert_int_equal(buckets_at(&b, 0), 1);
    assert_int_equal(buckets_at(&b, 1), 100);
    buckets_done(&b);
}

static void distinct_texts(void **state)
{
    (void)state;
    static const unsigned sizes[] = {0, 1, 100, DISTINCT_EXACT, 5000, 30000, 100000, 400000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct distinct halves[2] = {{0}};
        for (unsigned k = 0; k < sizes[i] * 2; k++) {
            unsigned n = k % sizes[i];
            assert_int_equal(distinct_add(&halves[k % 3 == 0], (const char *)&n, sizeof(n)), 0);
        }
        assert_int_equal(distinct_merge(&halves[0], &halves[1]), 0);
        naive_near(distinct_count(&halves[0]), sizes[i], sizes[i] > DISTINCT_EXACT ? 0.02 : 0,
                   "distinct");
        distinct_done(&halves[0]);
        distinct_done(&halves[1]);
    }
}

static void distinct_texts_as_bytes(void **state)
{
    (void)state;
    static const unsigned sizes[] = {0, 1, 100, 257, 5000, 100000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct distinct d = {.bits = DISTINCT_BITS_KEPT, .exact = 256};
        struct distinct other = {.bits = DISTINCT_BITS_KEPT};
        struct buf bytes = {0};
        for (unsigned n = 0; n < sizes[i]; n++)
            assert_int_equal(distinct_add_kept(&d, (const char *)&n, sizeof(n)), 0);
        distinct_put(&d, &bytes);
        for (int twice = 0; twice < 2; twice++)
            assert_int_equal(distinct_merge_bytes(&other, bytes.data, bytes.len), 0);
        naive_near(distinct_count(&other), sizes[i], sizes[i] > 256 ? 0.06 : 0, "distinct");
        assert_int_equal(distinct_merge_bytes(&other, bytes.data, 0), -EBADMSG);
        if (sizes[i])
            assert_int_equal(distinct_merge_bytes(&other, bytes.data, bytes.len - 1), -EBADMSG);
        buf_done(&bytes);
        distinct_done(&d);
        distinct_done(&other);
    }
}

static void metrics_have_names(void **state)
{
    (void)state;
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++) {
        const char *name = store_metric_name((enum store_metric)m);
        assert_int_equal(store_metric_find(name, strlen(name)), m);
    }
    assert_int_equal(store_metric_find("p5", 2), -EINVAL);
}

static void pages_survive_as_text(void **state)
{
    (void)state;
    struct store_page p = {.valid = true, .number = -5, .seq = UINT64_MAX, .text_len = 3}, q;
    struct buf text = {0};
    memcpy(p.text, "\0a\xff", 3);
    store_page_to_text(&p, &text);
    assert_true(store_page_from_text(&q, text.data, text.len));
    assert_memory_equal(&p, &q, sizeof(p));
    for (size_t i = 0; i < text.len; i++)
        if (store_page_from_text(&q, text.data, i))
            assert_true(i >= 33 && i % 2);
    text.data[5] = 'g';
    assert_false(store_page_from_text(&q, text.data, text.len));
    buf_done(&text);
}

static void what_cannot_be_asked(void **state)
{
    (void)state;
    char err[256];
    struct store_groups_query g = {.range = {0, 10}, .by = {field_find("flags", 5)}};
    struct store_rows_query r = {.range = {0, 10}, .order = field_find("answers", 7)};
    assert_int_equal(store_groups_check(&g, err, sizeof(err)), -EINVAL);
    assert_non_null(strstr(err, "flags"));
    assert_int_equal(store_rows_check(&r, err, sizeof(err)), -EINVAL);
    r.order = NULL;
    assert_int_equal(store_rows_check(&r, err, sizeof(err)), 0);
    r.limit = STORE_ROWS_MAX + 1;
    assert_int_equal(store_rows_check(&r, err, sizeof(err)), -EINVAL);
    g = (struct store_groups_query){.range = {0, 2000}, .step_ns = 1};
    assert_int_equal(store_groups_check(&g, err, sizeof(err)), -EINVAL);
    g.step_ns = 2;
    assert_int_equal(store_groups_check(&g, err, sizeof(err)), 0);
    g.range.until_ns = 0;
    assert_int_equal(store_groups_check(&g, err, sizeof(err)), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_in_order_and_narrow), cmocka_unit_test(counts_in_any_order),
        cmocka_unit_test(the_rank_is_the_nearest),         cmocka_unit_test(distinct_texts),
        cmocka_unit_test(distinct_texts_as_bytes),         cmocka_unit_test(metrics_have_names),
        cmocka_unit_test(pages_survive_as_text),           cmocka_unit_test(what_cannot_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
