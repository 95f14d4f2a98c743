/* SPDX-License-Identifier: Apache-2.0 */
/* The queue and its thread, over an engine of the test's own that can be made to stand still or to
 * refuse. */
#include "store/writer.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    SEEN_MAX = 100000,
};

struct fake {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool standing; /* append waits */
    bool inside;   /* append was called */
    int error;     /* what append returns, `refusals` times */
    unsigned refusals, calls, urgent;
    uint64_t seen[SEEN_MAX];
    int64_t times[SEEN_MAX];
    size_t count;
    char said[4096];
};

static int fake_append(void *b, const struct row *const *rows, size_t count)
{
    struct fake *f = b;
    pthread_mutex_lock(&f->lock);
    f->inside = true;
    f->calls++;
    pthread_cond_broadcast(&f->changed);
    while (f->standing)
        pthread_cond_wait(&f->changed, &f->lock);
    int r = f->refusals ? f->error : 0;
    if (f->refusals)
        f->refusals--;
    for (size_t i = 0; !r && i < count; i++, f->count++) {
        f->seen[f->count] = rows[i]->seq;
        f->times[f->count] = rows[i]->time_ns;
    }
    pthread_mutex_unlock(&f->lock);
    return r;
}

static int fake_retain(void *b, int64_t now_ns, bool urgent, uint64_t *by_age, uint64_t *by_size)
{
    struct fake *f = b;
    (void)now_ns;
    pthread_mutex_lock(&f->lock);
    f->urgent += urgent;
    *by_age = 0;
    *by_size = urgent ? 7 : 0;
    pthread_mutex_unlock(&f->lock);
    return 0;
}

static uint64_t fake_last_seq(void *b)
{
    (void)b;
    return 41;
}

static void fake_notice(void *ctx, const char *text)
{
    struct fake *f = ctx;
    pthread_mutex_lock(&f->lock);
    size_t len = strlen(f->said);
    snprintf(f->said + len, sizeof(f->said) - len, "%s\n", text);
    pthread_mutex_unlock(&f->lock);
}

static const struct store_backend fake_ops = {
    .append = fake_append,
    .retain = fake_retain,
    .last_seq = fake_last_seq,
};

static struct fake *fake_new(void)
{
    struct fake *f = calloc(1, sizeof(*f));
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    return f;
}

static void fake_free(struct fake *f)
{
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

static void stand(struct fake *f, bool still)
{
    pthread_mutex_lock(&f->lock);
    f->standing = still;
    f->inside = false;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void wait_inside(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->inside)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static struct writer *start(struct fake *f, uint32_t queue_rows, uint64_t queue_bytes)
{
    struct writer *w;
    struct store_options o = {.queue_rows = queue_rows,
                              .queue_bytes = queue_bytes,
                              .notice = fake_notice,
                              .notice_ctx = f};
    assert_int_equal(writer_new(&w, f, &fake_ops, &o), 0);
    return w;
}

static bool push(struct writer *w, int64_t time_ns, bool wait)
{
    struct row row = {.time_ns = time_ns};
    size_t bytes;
    struct row *copy = row_copy(&row, &bytes);
    return writer_push(w, copy, bytes, wait);
}

static struct store_stats stats_of(struct writer *w)
{
    struct store_stats s = {0};
    writer_stats(w, &s);
    return s;
}

static void rows_are_numbered_in_order_of_arrival(void **state)
{
    (void)state;
    enum {
        ROWS = 50000
    };
    struct fake *f = fake_new();
    struct writer *w = start(f, 1 << 20, 1 << 30);
    for (int i = 0; i < ROWS; i++)
        assert_true(push(w, i, false));
    assert_int_equal(writer_flush(w), 0);
    assert_int_equal(f->count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(f->seen[i], 42 + i);
        assert_int_equal(f->times[i], i);
    }
    struct store_stats s = stats_of(w);
    assert_int_equal(s.pushed, ROWS);
    assert_int_equal(s.written, ROWS);
    assert_int_equal(s.queued, 0);
    assert_int_equal(s.queued_bytes, 0);
    assert_int_equal(s.commits, f->calls);
    writer_free(w, 0);
    fake_free(f);
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    stand(f, true);
    struct writer *w = start(f, 100, 1 << 30);
    int taken = 0;
    for (int i = 0; i < 300; i++)
        taken += writer_has_room(w) && push(w, i, false);
    assert_int_equal(taken, 100);
    struct store_stats s = stats_of(w);
    assert_int_equal(s.pushed, 300);
    assert_int_equal(s.dropped_queue, 200);
    assert_int_equal(s.queued, 100);
    stand(f, false);
    assert_int_equal(writer_flush(w), 0);
    assert_int_equal(f->count, 100);
    assert_true(writer_has_room(w));
    writer_free(w, 0);
    fake_free(f);
}

static void bytes_are_a_limit_too(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    stand(f, true);
    struct writer *w = start(f, 1000, 10 * sizeof(struct row));
    int taken = 0;
    for (int i = 0; i < 100; i++)
        taken += push(w, i, false);
    assert_in_range(taken, 8, 10);
    assert_true(stats_of(w).queued_bytes <= 10 * sizeof(struct row));
    stand(f, false);
    writer_free(w, NS_PER_SEC);
    assert_int_equal(f->count, taken);
    fake_free(f);
}

static void *push_and_wait(void *ctx)
{
    for (int i = 0; i < 1000; i++)
        if (!push(ctx, i, true))
            return NULL;
    return ctx;
}

static void imports_wait_for_room(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    stand(f, true);
    struct writer *w = start(f, 10, 1 << 30);
    pthread_t thread;
    void *result;
    assert_int_equal(pthread_create(&thread, NULL, push_and_wait, w), 0);
    wait_inside(f);
    stand(f, false);
    pthread_join(thread, &result);
    assert_ptr_equal(result, w);
    assert_int_equal(writer_flush(w), 0);
    assert_int_equal(f->count, 1000);
    assert_int_equal(stats_of(w).dropped_queue, 0);
    writer_free(w, 0);
    fake_free(f);
}

static void a_full_disk_is_told_once_and_nothing_is_lost(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    f->error = -ENOSPC;
    f->refusals = 2;
    struct writer *w = start(f, 1000, 1 << 30);
    for (int i = 0; i < 10; i++)
        assert_true(push(w, i, false));
    while (writer_flush(w) != 0)
        ;
    assert_int_equal(f->count, 10);
    assert_int_equal(f->urgent, 2);
    assert_string_equal(f->said, "the disk is full: the oldest transactions are given up, and new "
                                 "ones may be lost\n"
                                 "the disk has room again: transactions are kept\n");
    struct store_stats s = stats_of(w);
    assert_int_equal(s.expired_size, 14);
    assert_int_equal(s.dropped_failed, 0);
    assert_false(s.failing);
    writer_free(w, 0);
    fake_free(f);
}

static void what_is_refused_at_the_end_is_given_up(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    f->error = -EIO;
    f->refusals = 1000;
    struct writer *w = start(f, 1000, 1 << 30);
    for (int i = 0; i < 10; i++)
        assert_true(push(w, i, false));
    writer_free(w, 10 * NS_PER_SEC);
    assert_int_equal(f->count, 0);
    assert_in_range(f->calls, 1, 3);
    fake_free(f);
}

static void the_end_writes_what_is_queued(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    struct writer *w = start(f, 1000, 1 << 30);
    for (int i = 0; i < 10; i++)
        assert_true(push(w, i, false));
    writer_free(w, 10 * NS_PER_SEC);
    assert_int_equal(f->count, 10);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_numbered_in_order_of_arrival),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(bytes_are_a_limit_too),
        cmocka_unit_test(imports_wait_for_room),
        cmocka_unit_test(a_full_disk_is_told_once_and_nothing_is_lost),
        cmocka_unit_test(what_is_refused_at_the_end_is_given_up),
        cmocka_unit_test(the_end_writes_what_is_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
