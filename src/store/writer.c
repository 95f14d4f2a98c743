/* SPDX-License-Identifier: Apache-2.0 */
#include "store/writer.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    /* A commit costs about as much as a thousand rows: one a second as long as rows are few, large
     * ones in a burst. */
    BATCH_EARLY_ROWS = 16384,
    BATCH_MAX_ROWS = 32768,
    FIRST_SLOTS = 1024,
    TRIES = 10, /* for a batch that the engine refuses although the disk is not full */
};

#define COMMIT_EVERY_NS   (1 * NS_PER_SEC)
#define RETRY_EVERY_NS    (1 * NS_PER_SEC)
#define RETAIN_EVERY_NS   (60 * NS_PER_SEC)
#define RETAIN_EVERY_ROWS 1000000

struct queued {
    struct row *row;
    size_t bytes;
};

struct writer {
    void *backend;
    const struct store_backend *ops;
    struct store_options options;
    pthread_t thread;

    pthread_mutex_t lock; /* all below */
    pthread_cond_t wake;  /* the writer */
    pthread_cond_t moved; /* who waits for room or for the end of what was pushed */
    struct queued *ring;
    size_t first, count, cap;          /* cap: a power of two */
    uint64_t bytes;                    /* of what is in the ring and in the batch */
    uint64_t accepted, finished, lost; /* rows, since the start; lost: of the finished ones */
    uint64_t attempts;                 /* at writing a batch */
    uint64_t flush_until;              /* of accepted: write without waiting for more */
    int64_t first_ns;                  /* when the oldest row in the ring came */
    int64_t end_ns;                    /* not 0: write until then at most, and end */
    int error;                         /* of the last attempt */
    struct store_stats stats;
    struct store_limits limits; /* for the engine, when they changed */
    bool limits_changed;

    /* The thread's own. */
    const struct row **batch;
    size_t batch_count, batch_bytes, batch_tries;
    uint64_t next_seq, rows_since_retain;
    int64_t retained_ns, failed_ns;
    bool disk_full; /* and a person was told */
};

/* ---- the queue ---- */

static bool full(const struct writer *w, size_t bytes)
{
    return w->count + w->batch_count >= w->options.queue_rows ||
           (w->bytes && w->bytes + bytes > w->options.queue_bytes);
}

static bool grow(struct writer *w)
{
    size_t cap = w->cap ? 2 * w->cap : FIRST_SLOTS;
    struct queued *ring = malloc(cap * sizeof(*ring));
    if (!ring)
        return false;
    for (size_t i = 0; i < w->count; i++)
        ring[i] = w->ring[(w->first + i) & (w->cap - 1)];
    free(w->ring);
    w->ring = ring;
    w->first = 0;
    w->cap = cap;
    return true;
}

bool writer_has_room(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    bool room = !full(w, 0);
    if (!room) {
        w->stats.pushed++;
        w->stats.dropped_queue++;
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

void writer_count_no_memory(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->stats.pushed++;
    w->stats.dropped_memory++;
    pthread_mutex_unlock(&w->lock);
}

static void put(struct writer *w, struct row *copy, size_t bytes)
{
    w->ring[(w->first + w->count++) & (w->cap - 1)] = (struct queued){copy, bytes};
    w->bytes += bytes;
    w->accepted++;
    if (w->count == 1)
        w->first_ns = clock_ns(CLOCK_MONOTONIC);
    if (w->count == 1 || w->count == BATCH_EARLY_ROWS || w->bytes > w->options.queue_bytes / 4)
        pthread_cond_signal(&w->wake);
}

bool writer_push(struct writer *w, struct row *copy, size_t bytes, bool wait)
{
    bytes += sizeof(struct queued);
    pthread_mutex_lock(&w->lock);
    w->stats.pushed++;
    while (wait && full(w, bytes) && !w->error) {
        pthread_cond_signal(&w->wake);
        pthread_cond_wait(&w->moved, &w->lock);
    }
    bool room = !full(w, bytes), memory = w->count < w->cap || grow(w);
    if (room && memory)
        put(w, copy, bytes);
    else if (!room)
        w->stats.dropped_queue++;
    else
        w->stats.dropped_memory++;
    pthread_mutex_unlock(&w->lock);
    if (room && memory)
        return true;
    free(copy);
    return false;
}

int writer_flush(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    uint64_t until = w->accepted, lost = w->lost, attempts = w->attempts;
    if (until > w->flush_until)
        w->flush_until = until;
    pthread_cond_signal(&w->wake);
    /* One attempt may have been under way: only of the next one the result is about all. */
    while (w->finished < until && !(w->error && w->attempts > attempts + 1))
        pthread_cond_wait(&w->moved, &w->lock);
    int r = w->finished < until || w->lost > lost ? -EIO : 0;
    pthread_mutex_unlock(&w->lock);
    return r;
}

void writer_set_limits(struct writer *w, const struct store_limits *limits)
{
    pthread_mutex_lock(&w->lock);
    w->limits = *limits;
    w->limits_changed = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void writer_stats(struct writer *w, struct store_stats *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->stats;
    out->queued = w->count + w->batch_count;
    out->queued_bytes = w->bytes;
    out->failing = w->error != 0;
    pthread_mutex_unlock(&w->lock);
}

/* ---- the thread; the lock is held but while the engine works ---- */

static void wait_until(struct writer *w, int64_t until_ns)
{
    struct timespec t = {.tv_sec = until_ns / NS_PER_SEC, .tv_nsec = until_ns % NS_PER_SEC};
    pthread_cond_timedwait(&w->wake, &w->lock, &t);
}

/* When to write next; INT64_MAX: there is nothing. */
static int64_t write_due_ns(const struct writer *w)
{
    if (w->batch_count)
        return w->end_ns ? 0 : w->failed_ns + RETRY_EVERY_NS;
    if (!w->count)
        return INT64_MAX;
    if (w->end_ns || w->flush_until > w->finished || w->count >= BATCH_EARLY_ROWS ||
        w->count >= w->options.queue_rows / 4 || w->bytes > w->options.queue_bytes / 4)
        return 0;
    return w->first_ns + COMMIT_EVERY_NS;
}

static int64_t retain_due_ns(const struct writer *w)
{
    if (w->end_ns)
        return INT64_MAX;
    return w->limits_changed || w->rows_since_retain >= RETAIN_EVERY_ROWS
               ? 0
               : w->retained_ns + RETAIN_EVERY_NS;
}

static void take_batch(struct writer *w)
{
    size_t n = 0;
    for (; n < BATCH_MAX_ROWS && w->count; n++, w->count--, w->first++) {
        struct queued *q = &w->ring[w->first & (w->cap - 1)];
        q->row->seq = w->next_seq++;
        w->batch[n] = q->row;
        w->batch_bytes += q->bytes;
    }
    w->batch_count = n;
    w->first_ns = clock_ns(CLOCK_MONOTONIC);
}

static void drop_batch(struct writer *w)
{
    for (size_t i = 0; i < w->batch_count; i++)
        free((struct row *)w->batch[i]);
    w->bytes -= w->batch_bytes;
    w->finished += w->batch_count;
    w->batch_count = w->batch_bytes = w->batch_tries = 0;
    pthread_cond_broadcast(&w->moved);
}

static void tell(struct writer *w, const char *text)
{
    if (!w->options.notice)
        return;
    pthread_mutex_unlock(&w->lock);
    w->options.notice(w->options.notice_ctx, text);
    pthread_mutex_lock(&w->lock);
}

static void retain(struct writer *w, bool urgent)
{
    uint64_t by_age = 0, by_size = 0;
    struct store_limits limits = w->limits;
    bool changed = w->limits_changed;
    w->limits_changed = false;
    pthread_mutex_unlock(&w->lock);
    if (changed)
        w->ops->set_limits(w->backend, &limits);
    w->ops->retain(w->backend, clock_ns(CLOCK_REALTIME), urgent, &by_age, &by_size);
    pthread_mutex_lock(&w->lock);
    w->stats.expired_age += by_age;
    w->stats.expired_size += by_size;
    w->retained_ns = clock_ns(CLOCK_MONOTONIC);
    w->rows_since_retain = 0;
}

static void note_commit(struct writer *w, int64_t took_ns)
{
    w->stats.written += w->batch_count;
    w->stats.commits++;
    w->stats.commit_ns_total += (uint64_t)took_ns;
    if ((uint64_t)took_ns > w->stats.commit_ns_max)
        w->stats.commit_ns_max = (uint64_t)took_ns;
    w->rows_since_retain += w->batch_count;
    if (w->disk_full)
        tell(w, "the disk has room again: transactions are kept");
    w->disk_full = false;
    drop_batch(w);
}

static void lose_batch(struct writer *w)
{
    w->stats.dropped_failed += w->batch_count;
    w->lost += w->batch_count;
    drop_batch(w);
}

/* The batch stays and is tried again; what comes meanwhile waits in the queue as long as there is
 * room. */
static void note_failure(struct writer *w)
{
    w->failed_ns = clock_ns(CLOCK_MONOTONIC);
    w->batch_tries++;
    pthread_cond_broadcast(&w->moved);
    if (w->error == -ENOSPC) {
        if (!w->disk_full)
            tell(w, "the disk is full: the oldest transactions are given up, and new ones may be "
                    "lost");
        w->disk_full = true;
        retain(w, true);
    } else if (w->batch_tries >= TRIES) {
        lose_batch(w);
    }
}

static void write_batch(struct writer *w)
{
    if (!w->batch_count)
        take_batch(w);
    if (!w->batch_count)
        return;
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_unlock(&w->lock);
    int r = w->ops->append(w->backend, w->batch, w->batch_count);
    pthread_mutex_lock(&w->lock);
    w->attempts++;
    w->error = r;
    if (r)
        note_failure(w);
    else
        note_commit(w, clock_ns(CLOCK_MONOTONIC) - start_ns);
}

static bool over(const struct writer *w)
{
    if (!w->end_ns)
        return false;
    return (!w->count && !w->batch_count) || clock_ns(CLOCK_MONOTONIC) >= w->end_ns ||
           w->batch_tries > 1;
}

static void *run(void *ctx)
{
    struct writer *w = ctx;
    pthread_mutex_lock(&w->lock);
    while (!over(w)) {
        int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
        int64_t write_ns = write_due_ns(w), retain_ns = retain_due_ns(w);
        if (retain_ns <= now_ns)
            retain(w, false);
        else if (write_ns <= now_ns)
            write_batch(w);
        else
            wait_until(w, write_ns < retain_ns ? write_ns : retain_ns);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- life ---- */

static void release(struct writer *w)
{
    lose_batch(w);
    for (; w->count; w->count--, w->first++)
        free(w->ring[w->first & (w->cap - 1)].row);
    pthread_cond_destroy(&w->wake);
    pthread_cond_destroy(&w->moved);
    pthread_mutex_destroy(&w->lock);
    free(w->ring);
    free(w->batch);
    free(w);
}

int writer_new(struct writer **out, void *backend, const struct store_backend *ops,
               const struct store_options *o)
{
    struct writer *w = calloc(1, sizeof(*w));
    if (!w)
        return -ENOMEM;
    *w = (struct writer){.backend = backend, .ops = ops, .options = *o};
    w->retained_ns = -RETAIN_EVERY_NS;
    w->next_seq = ops->last_seq(backend) + 1;
    w->batch = calloc(BATCH_MAX_ROWS, sizeof(*w->batch));
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&w->moved, NULL);
    pthread_mutex_init(&w->lock, NULL);
    int r = w->batch ? pthread_create(&w->thread, NULL, run, w) : ENOMEM;
    if (r) {
        release(w);
        return -r;
    }
    *out = w;
    return 0;
}

void writer_free(struct writer *w, int64_t wait_ns)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->end_ns = clock_ns(CLOCK_MONOTONIC) + (wait_ns > 0 ? wait_ns : 1);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    release(w);
}
