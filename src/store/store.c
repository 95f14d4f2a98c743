/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/clock.h"
#include "store/groups.h"
#include "store/order.h"
#include "store/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    QUEUE_ROWS = 262144,
    QUEUE_BYTES = 64 << 20,
    ENGINE_THREADS = 2,
    ENGINE_BYTES = 128 << 20,
    MEMORY_BYTES = 64 << 20,
    AGE_DAYS = 7,
    ROLLUP_AGE_DAYS = 90,
};

#define DISK_BYTES (2ULL << 30)
#define NS_PER_DAY (86400 * NS_PER_SEC)

struct store {
    void *backend;
    const struct store_backend *ops;
    struct writer *writer; /* NULL: read only */
    pthread_mutex_t push;  /* the arena */
    struct arena arena;    /* of the row that is being pushed */
    atomic_uint_least64_t queries, queries_failed, query_ns_total;
};

static struct store_options with_defaults(const struct store_options *given)
{
    struct store_options o = *given;
    if (!o.max_bytes)
        o.max_bytes = o.kind == STORE_MEMORY ? MEMORY_BYTES : DISK_BYTES;
    if (!o.max_age_ns)
        o.max_age_ns = AGE_DAYS * NS_PER_DAY;
    if (!o.rollup_age_ns)
        o.rollup_age_ns = ROLLUP_AGE_DAYS * NS_PER_DAY;
    if (!o.queue_rows)
        o.queue_rows = QUEUE_ROWS;
    if (!o.queue_bytes)
        o.queue_bytes = QUEUE_BYTES;
    if (!o.threads)
        o.threads = ENGINE_THREADS;
    if (!o.memory_bytes)
        o.memory_bytes = ENGINE_BYTES;
    return o;
}

int store_open(struct store **out, const struct store_options *given, char *err, size_t err_size)
{
    struct store_options o = with_defaults(given);
    struct store *s = calloc(1, sizeof(*s));
    if (!s) {
        snprintf(err, err_size, "no memory for the store");
        return -ENOMEM;
    }
    int r = o.kind == STORE_MEMORY ? store_memory_open(&s->backend, &s->ops, &o, err, err_size)
                                   : store_duck_open(&s->backend, &s->ops, &o, err, err_size);
    if (r) {
        free(s);
        return r;
    }
    pthread_mutex_init(&s->push, NULL);
    arena_init(&s->arena, 0);
    if (!o.read_only)
        r = writer_new(&s->writer, s->backend, s->ops, &o);
    if (r) {
        snprintf(err, err_size, "the store's thread does not start: %s", strerror(-r));
        store_close(s, 0);
        return r;
    }
    *out = s;
    return 0;
}

void store_close(struct store *s, int64_t wait_ns)
{
    if (!s)
        return;
    writer_free(s->writer, wait_ns);
    s->ops->close(s->backend);
    arena_done(&s->arena);
    pthread_mutex_destroy(&s->push);
    free(s);
}

/* ---- writing ---- */

bool store_push(struct store *s, struct record *r)
{
    struct row row, *copy = NULL;
    size_t bytes;
    if (!s->writer || !writer_has_room(s->writer))
        return false;
    pthread_mutex_lock(&s->push);
    if (row_from_record(&row, r, &s->arena) == 0)
        copy = row_copy(&row, &bytes);
    arena_reset(&s->arena);
    pthread_mutex_unlock(&s->push);
    if (copy)
        return writer_push(s->writer, copy, bytes, false);
    writer_count_no_memory(s->writer);
    return false;
}

int store_push_row(struct store *s, const struct row *r)
{
    size_t bytes;
    if (!s->writer)
        return -EROFS;
    struct row *copy = row_copy(r, &bytes);
    if (copy)
        return writer_push(s->writer, copy, bytes, true) ? 0 : -EIO;
    writer_count_no_memory(s->writer);
    return -ENOMEM;
}

void store_set_limits(struct store *s, const struct store_limits *limits)
{
    if (s->writer)
        writer_set_limits(s->writer, limits);
}

int store_flush(struct store *s)
{
    return s->writer ? writer_flush(s->writer) : 0;
}

/* ---- questions ---- */

/* Counts a question and says what went wrong, if nobody said it yet. */
static int answered(struct store *s, int64_t start_ns, int r, char *err, size_t err_size)
{
    atomic_fetch_add(&s->queries, 1);
    atomic_fetch_add(&s->query_ns_total, (uint64_t)(clock_ns(CLOCK_MONOTONIC) - start_ns));
    if (!r)
        return 0;
    atomic_fetch_add(&s->queries_failed, 1);
    if (r == -ENOMEM)
        r = -E2BIG;
    if (err_size && err[0])
        return r;
    snprintf(err, err_size, "%s",
             r == -ECANCELED   ? "the question was cancelled"
             : r == -ETIMEDOUT ? "the question took too long"
             : r == -E2BIG     ? "the question needs more memory than the store is given"
             : r == -ENOENT    ? "there is no such transaction (any more)"
             : r == -EINVAL    ? "this cannot be asked"
                               : "the store could not be read");
    return r;
}

/* One row more than was asked for is looked for: whether there is a next page. */
struct page_sink {
    const struct store_rows_query *query;
    store_row_sink *sink;
    void *ctx;
    struct store_page *next;
    uint32_t taken;
    int page_error; /* of the page that would start after the last row */
    bool more;
};

static bool take_row(void *ctx, const struct row *row)
{
    struct page_sink *p = ctx;
    uint32_t limit = p->query->limit;
    if (limit && p->taken == limit) {
        p->more = true;
        return false;
    }
    p->taken++;
    bool go_on = p->sink(p->ctx, row);
    if (!go_on || p->taken == limit)
        p->page_error = store_page_of(p->query, row, p->next);
    p->more = !go_on;
    return go_on;
}

int store_rows(struct store *s, const struct store_rows_query *q, struct store_control *control,
               store_row_sink *sink, void *ctx, struct store_page *next, char *err, size_t err_size)
{
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    struct store_page page = {0};
    struct store_rows_query asked = *q;
    struct page_sink p = {.query = q, .sink = sink, .ctx = ctx, .next = &page};
    if (err_size)
        err[0] = '\0';
    int r = store_rows_check(q, err, err_size);
    if (q->limit)
        asked.limit++;
    if (!r)
        r = s->ops->rows(s->backend, &asked, control, take_row, &p);
    if (!r && p.more && p.page_error) {
        r = p.page_error;
        snprintf(err, err_size, "the next page would begin after a text that is too long");
    }
    if (!p.more || r)
        page.valid = false;
    if (next)
        *next = page;
    return answered(s, start_ns, r, err, err_size);
}

int store_row(struct store *s, uint64_t seq, store_row_sink *sink, void *ctx, char *err,
              size_t err_size)
{
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    if (err_size)
        err[0] = '\0';
    int r = s->ops->row(s->backend, seq, sink, ctx);
    return answered(s, start_ns, r, err, err_size);
}

int store_groups(struct store *s, const struct store_groups_query *q, struct store_control *control,
                 struct store_groups **out, char *err, size_t err_size)
{
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    struct groups *g = NULL;
    const char *source = "transactions";
    bool approximate = false;
    *out = NULL;
    if (err_size)
        err[0] = '\0';
    int r = store_groups_check(q, err, err_size);
    if (!r)
        r = (g = groups_new(q)) ? 0 : -ENOMEM;
    if (!r)
        r = s->ops->groups(s->backend, q, control, groups_add, g, &source, &approximate);
    if (!r)
        r = groups_finish(g, source, approximate, out);
    groups_free(g);
    return answered(s, start_ns, r, err, err_size);
}

/* ---- what there is ---- */

struct store_stats store_stats(struct store *s)
{
    struct store_stats out = {0};
    if (s->writer)
        writer_stats(s->writer, &out);
    s->ops->stats(s->backend, &out);
    out.queries = atomic_load(&s->queries);
    out.queries_failed = atomic_load(&s->queries_failed);
    out.query_ns_total = atomic_load(&s->query_ns_total);
    return out;
}

const char *store_engine(const struct store *s)
{
    return s->ops->engine(s->backend);
}
