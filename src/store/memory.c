/* SPDX-License-Identifier: Apache-2.0 */
/* The engine in memory: the newest transactions in a ring, and plain loops over them. It keeps the
 * interface honest, and is what tests and agents without a disk use. */
#include "store/backend.h"
#include "store/buckets.h"
#include "store/order.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DEFAULT_BYTES = 64 * 1024 * 1024,
    DEFAULT_AGE_DAYS = 7,
    FIRST_SLOTS = 1024,
    CONTROL_EVERY = 1024, /* rows between looks at the control */
};

/* A row that a running query looks at outlives its deletion. */
struct kept {
    atomic_uint users;
    size_t bytes;
    struct row row[]; /* one, with what it points to */
};

struct memory {
    pthread_mutex_t lock;
    struct kept **ring;
    size_t first, count, cap; /* cap: a power of two */
    uint64_t bytes, max_bytes, last_seq, evicted;
    int64_t max_age_ns;
};

static struct kept *at(const struct memory *m, size_t i)
{
    return m->ring[(m->first + i) & (m->cap - 1)];
}

static void release(struct kept *k)
{
    if (atomic_fetch_sub_explicit(&k->users, 1, memory_order_acq_rel) == 1)
        free(k);
}

static void drop_first(struct memory *m)
{
    struct kept *k = at(m, 0);
    m->first++;
    m->count--;
    m->bytes -= k->bytes;
    release(k);
}

static const char *memory_engine(const void *b)
{
    (void)b;
    return "memory";
}

static int grow(struct memory *m)
{
    size_t cap = m->cap ? m->cap * 2 : FIRST_SLOTS;
    struct kept **ring = malloc(cap * sizeof(struct kept *));
    if (!ring)
        return -ENOMEM;
    for (size_t i = 0; i < m->count; i++)
        ring[i] = at(m, i);
    free(m->ring);
    m->ring = ring;
    m->first = 0;
    m->cap = cap;
    return 0;
}

static struct kept *keep(const struct row *r)
{
    size_t bytes;
    struct kept *k = row_copy_behind(r, sizeof(*k), &bytes);
    if (!k)
        return NULL;
    atomic_init(&k->users, 1);
    k->bytes = bytes + sizeof(struct kept *);
    return k;
}

/* All or none: the copies are made before the first of them is shown. */
static int memory_append(void *b, const struct row *const *rows, size_t count)
{
    struct memory *m = b;
    struct kept **made = calloc(count ? count : 1, sizeof(struct kept *));
    size_t n = 0;
    int r = made ? 0 : -ENOMEM;
    for (; !r && n < count; n++)
        if (!(made[n] = keep(rows[n])))
            r = -ENOMEM;
    pthread_mutex_lock(&m->lock);
    while (!r && m->count + count > m->cap)
        r = grow(m);
    for (size_t i = 0; !r && i < count; i++) {
        m->ring[(m->first + m->count++) & (m->cap - 1)] = made[i];
        m->bytes += made[i]->bytes;
        m->last_seq = rows[i]->seq;
    }
    for (; !r && m->bytes > m->max_bytes && m->count > 1; m->evicted++)
        drop_first(m);
    pthread_mutex_unlock(&m->lock);
    for (size_t i = 0; r && made && i < n; i++)
        free(made[i]);
    free(made);
    return r;
}

static void memory_set_limits(void *b, const struct store_limits *limits)
{
    struct memory *m = b;
    pthread_mutex_lock(&m->lock);
    if (limits->max_age_ns)
        m->max_age_ns = limits->max_age_ns;
    pthread_mutex_unlock(&m->lock);
}

static int memory_retain(void *b, int64_t now_ns, bool urgent, uint64_t *by_age, uint64_t *by_size)
{
    struct memory *m = b;
    (void)urgent;
    *by_age = 0;
    pthread_mutex_lock(&m->lock);
    for (; m->count && at(m, 0)->row->time_ns < now_ns - m->max_age_ns; ++*by_age)
        drop_first(m);
    *by_size = m->evicted;
    m->evicted = 0;
    pthread_mutex_unlock(&m->lock);
    return 0;
}

/* ---- queries ---- */

/* Rows that match, held for the query. */
struct found {
    struct kept **rows;
    size_t count;
};

static void found_done(struct found *f)
{
    for (size_t i = 0; i < f->count; i++)
        release(f->rows[i]);
    free(f->rows);
}

/* Takes hold of all rows under the lock, and of those that match without it: a slow filter must not
 * hold up the writer. */
static int find(struct memory *m, const struct store_range *range, const struct filter *filter,
                struct store_control *control, struct found *out)
{
    pthread_mutex_lock(&m->lock);
    size_t count = m->count;
    out->count = 0;
    out->rows = malloc((count ? count : 1) * sizeof(struct kept *));
    for (size_t i = 0; out->rows && i < count; i++) {
        struct kept *k = at(m, i);
        if (k->row->time_ns < range->from_ns || k->row->time_ns >= range->until_ns)
            continue;
        atomic_fetch_add_explicit(&k->users, 1, memory_order_relaxed);
        out->rows[out->count++] = k;
    }
    pthread_mutex_unlock(&m->lock);
    if (!out->rows)
        return -ENOMEM;
    size_t matched = 0;
    int r = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct kept *k = out->rows[i];
        if (i % CONTROL_EVERY == 0 && !r)
            r = store_control_check(control);
        if (r || !filter || filter_match_row(filter, k->row))
            out->rows[matched++] = k;
        else
            release(k);
    }
    out->count = matched;
    return r;
}

static int compare_rows(const void *x, const void *y, void *ctx)
{
    const struct store_rows_query *q = ctx;
    struct order_key a = order_key_of_row(q, (*(struct kept *const *)x)->row);
    struct order_key b = order_key_of_row(q, (*(struct kept *const *)y)->row);
    return order_compare(q, &a, &b);
}

static bool is_after(const struct store_rows_query *q, const struct row *r)
{
    if (!q->after.valid)
        return true;
    struct order_key row = order_key_of_row(q, r), page = order_key_of_page(&q->after);
    return order_compare(q, &row, &page) > 0;
}

static int memory_rows(void *b, const struct store_rows_query *q, struct store_control *control,
                       store_row_sink *sink, void *ctx)
{
    struct found f = {0};
    int r = find(b, &q->range, q->filter, control, &f);
    if (!r && f.count)
        qsort_r(f.rows, f.count, sizeof(struct kept *), compare_rows, (void *)q);
    uint32_t sent = 0;
    for (size_t i = 0; !r && i < f.count && (!q->limit || sent < q->limit); i++) {
        if (!is_after(q, f.rows[i]->row))
            continue;
        sent++;
        if (!sink(ctx, f.rows[i]->row))
            break;
        if (sent % CONTROL_EVERY == 0)
            r = store_control_check(control);
    }
    found_done(&f);
    return r;
}

/* Sequence numbers rise in the ring. */
static int memory_row(void *b, uint64_t seq, store_row_sink *sink, void *ctx)
{
    struct memory *m = b;
    struct kept *k = NULL;
    pthread_mutex_lock(&m->lock);
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at(m, middle)->row->seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < m->count && at(m, low)->row->seq == seq) {
        k = at(m, low);
        atomic_fetch_add_explicit(&k->users, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&m->lock);
    if (!k)
        return -ENOENT;
    (void)sink(ctx, k->row);
    release(k);
    return 0;
}

static int part_key(const struct field *f, const struct row *r, struct buf *text,
                    struct row_text *out)
{
    char scratch[DNS_MNEMONIC_MAX];
    struct field_value v;
    *out = (struct row_text){0};
    buf_clear(text);
    if (!f || !field_row_value(f, r, scratch, &v))
        return 0;
    field_value_text(f, &v, text);
    *out = (struct row_text){buf_cstr(text), (uint32_t)text->len};
    return text->failed ? -ENOMEM : 0;
}

static int put_part(const struct store_groups_query *q, const struct row *r,
                    struct buf text[STORE_KEYS_MAX], store_part_sink *sink, void *ctx)
{
    struct store_bucket_count bucket = {0, 1};
    struct store_part part = {
        .transactions = 1,
        .errors = row_is_error(r),
        .unanswered = row_is_unanswered(r),
    };
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        if (part_key(q->by[i], r, &text[i], &part.key[i]) < 0)
            return -ENOMEM;
    if (q->step_ns)
        part.step = (r->time_ns - store_first_step_ns(q)) / q->step_ns;
    if (r->latency_us >= 0) {
        part.with_latency = 1;
        part.latency_sum_us = (double)r->latency_us;
        part.latency_min_us = part.latency_max_us = r->latency_us;
        bucket.bucket = store_bucket_of(r->latency_us);
        part.buckets = &bucket;
        part.bucket_count = 1;
    }
    part.names = &r->qname;
    part.name_count = r->qname.text ? 1 : 0;
    return sink(ctx, &part);
}

static int memory_groups(void *b, const struct store_groups_query *q, struct store_control *control,
                         store_part_sink *sink, void *ctx, const char **source, bool *approximate)
{
    struct found f = {0};
    struct buf text[STORE_KEYS_MAX] = {0};
    int r = find(b, &q->range, q->filter, control, &f);
    for (size_t i = 0; !r && i < f.count; i++) {
        r = put_part(q, f.rows[i]->row, text, sink, ctx);
        if (!r && i % CONTROL_EVERY == 0)
            r = store_control_check(control);
    }
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        buf_done(&text[i]);
    found_done(&f);
    *source = "transactions";
    *approximate = false;
    return r;
}

/* ---- the rest ---- */

static void memory_stats(void *b, struct store_stats *out)
{
    struct memory *m = b;
    pthread_mutex_lock(&m->lock);
    out->rows = m->count;
    if (m->count) {
        out->oldest_ns = at(m, 0)->row->time_ns;
        out->newest_ns = at(m, m->count - 1)->row->time_ns;
    }
    pthread_mutex_unlock(&m->lock);
}

static uint64_t memory_last_seq(void *b)
{
    struct memory *m = b;
    pthread_mutex_lock(&m->lock);
    uint64_t seq = m->last_seq;
    pthread_mutex_unlock(&m->lock);
    return seq;
}

static void memory_close(void *b)
{
    struct memory *m = b;
    while (m->count)
        drop_first(m);
    pthread_mutex_destroy(&m->lock);
    free(m->ring);
    free(m);
}

int store_memory_open(void **out, const struct store_backend **ops, const struct store_options *o,
                      char *err, size_t err_size)
{
    static const struct store_backend backend = {
        .engine = memory_engine,
        .append = memory_append,
        .retain = memory_retain,
        .set_limits = memory_set_limits,
        .rows = memory_rows,
        .row = memory_row,
        .groups = memory_groups,
        .stats = memory_stats,
        .last_seq = memory_last_seq,
        .close = memory_close,
    };
    struct memory *m = calloc(1, sizeof(*m));
    if (!m) {
        snprintf(err, err_size, "no memory for the store");
        return -ENOMEM;
    }
    pthread_mutex_init(&m->lock, NULL);
    m->max_bytes = o->max_bytes ? o->max_bytes : DEFAULT_BYTES;
    m->max_age_ns = o->max_age_ns ? o->max_age_ns : DEFAULT_AGE_DAYS * 86400 * NS_PER_SEC;
    *out = m;
    *ops = &backend;
    return 0;
}
