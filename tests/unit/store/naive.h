/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine must answer, computed the plain way from the rows it was given, and random
 * questions to ask it. */
#pragma once

#include "../filter/random_filter.h"
#include "store/groups.h"
#include "store/order.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    NAIVE_ROWS = 600,
};

#define NAIVE_FROM_NS INT64_C(1795492800000000000)
#define NAIVE_SPAN_NS INT64_C(7200000000000)

struct naive {
    struct row *rows[NAIVE_ROWS];
    size_t count;
    uint64_t random;
};

/* Rows over two hours with seq from 1 on, in order of time; `late`: every third lot of twenty comes
 * after the next one. */
static inline void naive_init(struct naive *n, uint64_t seed, bool late)
{
    n->random = seed;
    n->count = NAIVE_ROWS;
    for (size_t i = 0; i < n->count; i++) {
        struct sample *s = random_sample(&n->random, i % 3 == 0);
        struct row row;
        assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
        size_t lot = i / 20, when = i;
        if (late)
            when = i + (lot % 3 == 1 ? 20u : 0) - (lot % 3 == 2 ? 20u : 0);
        row.seq = i + 1;
        row.time_ns = NAIVE_FROM_NS + (int64_t)when * NAIVE_SPAN_NS / (int64_t)n->count +
                      random_below(&n->random, 1000);
        n->rows[i] = row_copy(&row, NULL);
        assert_non_null(n->rows[i]);
        sample_free(s);
    }
}

static inline void naive_done(struct naive *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->rows[i]);
}

static inline bool naive_matches(const struct store_range *range, const struct filter *filter,
                                 const struct row *r)
{
    return r->time_ns >= range->from_ns && r->time_ns < range->until_ns &&
           (!filter || filter_match_row(filter, r));
}

static inline struct store_range naive_range(struct naive *n)
{
    struct store_range whole = {NAIVE_FROM_NS, NAIVE_FROM_NS + NAIVE_SPAN_NS + 1000};
    if (random_below(&n->random, 3) == 0)
        return whole;
    int64_t a = whole.from_ns + (int64_t)(random_next(&n->random) % (uint64_t)NAIVE_SPAN_NS);
    int64_t b = whole.from_ns + (int64_t)(random_next(&n->random) % (uint64_t)NAIVE_SPAN_NS);
    return (struct store_range){a < b ? a : b, (a < b ? b : a) + 1};
}

static inline const struct field *naive_field(struct naive *n)
{
    size_t count = 0;
    const struct field *f;
    while (field_at(count))
        count++;
    do
        f = field_at(random_below(&n->random, (uint32_t)count));
    while (!field_is_single(f));
    return f;
}

static inline struct filter *naive_filter(struct naive *n, struct buf *text)
{
    struct filter *f = NULL;
    while (!f)
        f = random_filter(&n->random, n->rows[random_below(&n->random, (uint32_t)n->count)],
                          NAIVE_FROM_NS, text);
    return f;
}

/* ---- rows ---- */

struct naive_page {
    uint64_t seqs[NAIVE_ROWS + 1];
    size_t count;
    const struct store_rows_query *q;
    struct naive *n;
    struct store_page last;
    int page_error;
};

static inline bool naive_take(void *ctx, const struct row *r)
{
    struct naive_page *p = ctx;
    assert_true(p->count < NAIVE_ROWS);
    assert_true(r->seq >= 1 && r->seq <= p->n->count);
    p->seqs[p->count++] = r->seq;
    p->page_error = store_page_of(p->q, r, &p->last);
    struct buf expected = {0}, seen = {0};
    row_to_json(p->n->rows[r->seq - 1], &expected);
    row_to_json(r, &seen);
    assert_string_equal(buf_cstr(&seen), buf_cstr(&expected));
    buf_done(&expected);
    buf_done(&seen);
    return true;
}

/* Asks page by page, and all at once: the same transactions in the same order, each once. */
static inline void naive_check_rows(struct naive *n, const struct store_backend *ops, void *b,
                                    struct store_rows_query q, const char *what)
{
    struct naive_page all = {.q = &q, .n = n}, paged = {.q = &q, .n = n};
    size_t expected = 0;
    for (size_t i = 0; i < n->count; i++)
        expected += naive_matches(&q.range, q.filter, n->rows[i]);
    q.limit = 0;
    q.after.valid = false;
    assert_int_equal(ops->rows(b, &q, NULL, naive_take, &all), 0);
    if (all.count != expected)
        fail_msg("%s: %zu rows, not %zu, by %s", what, all.count, expected,
                 store_rows_order(&q)->name);
    for (size_t i = 1; i < all.count; i++) {
        struct order_key x = order_key_of_row(&q, n->rows[all.seqs[i - 1] - 1]);
        struct order_key y = order_key_of_row(&q, n->rows[all.seqs[i] - 1]);
        if (order_compare(&q, &x, &y) >= 0)
            fail_msg("%s: not in order of %s at %zu", what, store_rows_order(&q)->name, i);
    }
    q.limit = 30 + random_below(&n->random, 200);
    for (size_t before = SIZE_MAX; paged.count != before;) {
        before = paged.count;
        assert_int_equal(ops->rows(b, &q, NULL, naive_take, &paged), 0);
        assert_int_equal(paged.page_error, 0);
        assert_true(paged.count - before <= q.limit);
        q.after = paged.last;
    }
    assert_int_equal(paged.count, all.count);
    assert_memory_equal(paged.seqs, all.seqs, all.count * sizeof(all.seqs[0]));
}

/* ---- groups ---- */

struct naive_sums {
    uint64_t transactions, errors, unanswered, with_latency, names;
    int64_t latencies[NAIVE_ROWS];
    const struct row *of_names[NAIVE_ROWS];
    double sum;
};

static inline int naive_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static inline void naive_add(struct naive_sums *s, const struct row *r)
{
    s->transactions++;
    s->errors += row_is_error(r);
    s->unanswered += row_is_unanswered(r);
    if (r->latency_us >= 0) {
        s->latencies[s->with_latency++] = r->latency_us;
        s->sum += (double)r->latency_us;
    }
    if (!r->qname.text)
        return;
    for (uint64_t i = 0; i < s->names; i++)
        if (s->of_names[i]->qname.len == r->qname.len &&
            memcmp(s->of_names[i]->qname.text, r->qname.text, r->qname.len) == 0)
            return;
    s->of_names[s->names++] = r;
}

static inline void naive_near(double seen, double expected, double relative, const char *what)
{
    if (isnan(seen) && isnan(expected))
        return;
    if (!(fabs(seen - expected) <= relative * fabs(expected) + 1e-9))
        fail_msg("%s: %g, not %g", what, seen, expected);
}

static inline void naive_check_figures(const struct store_groups_query *q, struct naive_sums *s,
                                       uint64_t whole, const struct store_figures *f,
                                       const char *what)
{
    uint32_t metrics = q->metrics | 1u << q->order;
    double n = (double)s->transactions;
    if (f->transactions != s->transactions)
        fail_msg("%s: %llu of %llu transactions", what, (unsigned long long)f->transactions,
                 (unsigned long long)s->transactions);
    qsort(s->latencies, s->with_latency, sizeof(s->latencies[0]), naive_compare);
    uint64_t last = s->with_latency;
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++) {
        const double shares[] = {[METRIC_P50] = 0.5, [METRIC_P90] = 0.9, [METRIC_P99] = 0.99};
        if (!(metrics & 1u << m)) {
            assert_true(isnan(f->values[m]));
            continue;
        }
        double v = NAN, near = 1e-9;
        switch (m) {
        case METRIC_COUNT:
            v = n;
            break;
        case METRIC_SHARE:
            v = whole ? n / (double)whole : NAN;
            break;
        case METRIC_AVERAGE:
            v = last ? s->sum / (double)last : NAN;
            break;
        case METRIC_MAX:
            v = last ? (double)s->latencies[last - 1] : NAN;
            break;
        case METRIC_MIN:
            v = last ? (double)s->latencies[0] : NAN;
            break;
        case METRIC_ERROR_SHARE:
            v = s->transactions ? (double)s->errors / n : NAN;
            break;
        case METRIC_UNANSWERED_SHARE:
            v = s->transactions ? (double)s->unanswered / n : NAN;
            break;
        case METRIC_NAMES:
            v = (double)s->names;
            break;
        default:
            v = last ? (double)s->latencies[(uint64_t)ceil(shares[m] * (double)last - 1e-9) - 1]
                     : NAN;
            near = 0.01;
            break;
        }
        naive_near(f->values[m], v, near, store_metric_name((enum store_metric)m));
    }
    uint64_t counted = 0;
    for (size_t i = 0; i < f->bucket_count; i++) {
        counted += f->buckets[i].count;
        assert_true(f->buckets[i].count && f->buckets[i].low_us < f->buckets[i].high_us);
        assert_true(!i || f->buckets[i - 1].high_us <= f->buckets[i].low_us);
    }
    assert_int_equal(counted, q->buckets ? s->with_latency : 0);
}

static inline bool naive_has_key(const struct store_groups_query *q, const struct row *r,
                                 const struct row_text key[STORE_KEYS_MAX])
{
    bool same = true;
    for (int i = 0; same && i < STORE_KEYS_MAX; i++) {
        char scratch[DNS_MNEMONIC_MAX];
        struct field_value v;
        struct buf text = {0};
        if (q->by[i] && field_row_value(q->by[i], r, scratch, &v)) {
            field_value_text(q->by[i], &v, &text);
            same = key[i].text && key[i].len == text.len &&
                   (!text.len || memcmp(key[i].text, text.data, text.len) == 0);
        } else {
            same = !key[i].text;
        }
        buf_done(&text);
    }
    return same;
}

/* Sums of the rows that `key` (NULL: all) stands for, in step (-1: all). */
static inline void naive_sum(struct naive *n, const struct store_groups_query *q,
                             const struct row_text *key, int64_t step, struct naive_sums *out)
{
    *out = (struct naive_sums){0};
    for (size_t i = 0; i < n->count; i++) {
        const struct row *r = n->rows[i];
        if (!naive_matches(&q->range, q->filter, r) || (key && !naive_has_key(q, r, key)))
            continue;
        if (step >= 0 && (r->time_ns - store_first_step_ns(q)) / q->step_ns != step)
            continue;
        naive_add(out, r);
    }
}

static inline void naive_check_group(struct naive *n, const struct store_groups_query *q,
                                     const struct row_text *key, const struct store_group *group,
                                     size_t steps, const char *what)
{
    struct naive_sums *sums = malloc(sizeof(*sums)), *whole = malloc(sizeof(*whole));
    assert_true(sums && whole);
    naive_sum(n, q, NULL, -1, whole);
    naive_sum(n, q, key, -1, sums);
    naive_check_figures(q, sums, whole->transactions, &group->figures, what);
    for (size_t i = 0; i < steps; i++) {
        naive_sum(n, q, NULL, (int64_t)i, whole);
        naive_sum(n, q, key, (int64_t)i, sums);
        naive_check_figures(q, sums, whole->transactions, &group->steps[i], what);
    }
    free(sums);
    free(whole);
}

/* Distinct keys of what matches. */
static inline size_t naive_group_count(struct naive *n, const struct store_groups_query *q)
{
    size_t count = 0;
    const struct row *firsts[NAIVE_ROWS];
    for (size_t i = 0; i < n->count; i++) {
        char scratch[DNS_MNEMONIC_MAX];
        struct row_text key[STORE_KEYS_MAX] = {{0}};
        struct buf text[STORE_KEYS_MAX] = {0};
        struct field_value v;
        if (!naive_matches(&q->range, q->filter, n->rows[i]))
            continue;
        for (int k = 0; k < STORE_KEYS_MAX; k++) {
            if (!q->by[k] || !field_row_value(q->by[k], n->rows[i], scratch, &v))
                continue;
            field_value_text(q->by[k], &v, &text[k]);
            key[k] = (struct row_text){buf_cstr(&text[k]), (uint32_t)text[k].len};
        }
        bool known = false;
        for (size_t j = 0; !known && j < count; j++)
            known = naive_has_key(q, firsts[j], key);
        if (!known)
            firsts[count++] = n->rows[i];
        for (int k = 0; k < STORE_KEYS_MAX; k++)
            buf_done(&text[k]);
    }
    return count;
}

static inline int naive_ask(const struct store_backend *ops, void *b,
                            const struct store_groups_query *q, struct store_groups **out)
{
    const char *source = NULL;
    bool approximate = true;
    struct groups *g = groups_new(q);
    assert_non_null(g);
    int r = ops->groups(b, q, NULL, groups_add, g, &source, &approximate);
    if (!r)
        r = groups_finish(g, source, approximate, out);
    groups_free(g);
    return r;
}

static inline void naive_check_groups(struct naive *n, const struct store_backend *ops, void *b,
                                      const struct store_groups_query *q, const char *what)
{
    struct store_groups *g = NULL;
    char err[256];
    assert_int_equal(store_groups_check(q, err, sizeof(err)), 0);
    assert_int_equal(naive_ask(ops, b, q, &g), 0);
    assert_false(g->approximate);
    if (!q->least && !q->prefix) {
        size_t expected = naive_group_count(n, q);
        if (g->matched != expected)
            fail_msg("%s: %zu groups, not %zu", what, g->matched, expected);
        assert_int_equal(g->count, expected < q->limit ? expected : q->limit);
    }
    uint64_t listed = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct store_group *x = &g->groups[i];
        naive_check_group(n, q, x->key, x, g->step_count, what);
        assert_true(x->figures.transactions >= q->least);
        listed += x->figures.transactions;
        if (!i)
            continue;
        double a = g->groups[i - 1].figures.values[q->order], c = x->figures.values[q->order];
        assert_true(isnan(c) || (!isnan(a) && (q->ascending ? a <= c : a >= c)));
    }
    naive_check_group(n, q, NULL, &g->overall, g->step_count, what);
    assert_int_equal(listed + g->others.figures.transactions, g->overall.figures.transactions);
    store_groups_free(g);
}

static inline void naive_random_groups(struct naive *n, struct store_groups_query *q)
{
    static const int64_t steps_ns[] = {240000000000, 300000000000, 1800000000000, 420000000000};
    *q = (struct store_groups_query){
        .range = naive_range(n),
        .metrics = random_below(&n->random, 1u << METRIC_COUNT_OF_METRICS),
        .order = (enum store_metric)random_below(&n->random, METRIC_COUNT_OF_METRICS),
        .ascending = random_below(&n->random, 3) == 0,
        .limit = 1 + random_below(&n->random, 12),
        .buckets = random_below(&n->random, 4) == 0,
    };
    if (random_below(&n->random, 8))
        q->by[0] = naive_field(n);
    if (q->by[0] && random_below(&n->random, 3) == 0)
        q->by[1] = naive_field(n);
    if (random_below(&n->random, 3) == 0)
        q->step_ns = steps_ns[random_below(&n->random, 4)];
    if (random_below(&n->random, 6) == 0)
        q->least = 1 + random_below(&n->random, 4);
}

/* Pages in the order of every field cover everything once. */
static inline void naive_check_pages(struct naive *n, const struct store_backend *ops, void *b)
{
    struct buf text = {0};
    const struct field *f;
    for (size_t i = 0; (f = field_at(i)); i++) {
        if (!field_is_single(f))
            continue;
        struct store_rows_query q = {.range = naive_range(n), .order = f, .ascending = i % 2};
        q.filter = i % 3 ? NULL : naive_filter(n, &text);
        naive_check_rows(n, ops, b, q, q.filter ? buf_cstr(&text) : "all");
        filter_free((struct filter *)q.filter);
    }
    buf_done(&text);
}

/* So many random questions for groups have the answer of a plain computation. */
static inline void naive_check_questions(struct naive *n, const struct store_backend *ops, void *b,
                                         int questions)
{
    struct buf text = {0};
    for (int i = 0; i < questions; i++) {
        struct store_groups_query q;
        naive_random_groups(n, &q);
        q.filter = i % 2 ? NULL : naive_filter(n, &text);
        naive_check_groups(n, ops, b, &q, q.filter ? buf_cstr(&text) : "all");
        filter_free((struct filter *)q.filter);
    }
    buf_done(&text);
}
