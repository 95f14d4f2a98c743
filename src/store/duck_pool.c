/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WATCH_MS = 10, /* between two looks at the controls */
};

/* ---- errors ---- */

static bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

int duck_failed(struct duck_conn *c, const char *text)
{
    snprintf(c->error, sizeof(c->error), "%s", text ? text : "the engine gave no reason");
    text = c->error;
    if (says(text, "database has been invalidated") || says(text, "FATAL"))
        atomic_store(&c->duck->broken, true);
    if (says(text, "No space left on device")) {
        /* A question may have found no room for what it puts aside; a write leaves a handle that
         * takes no more. */
        if (c == &c->duck->writer)
            atomic_store(&c->duck->broken, true);
        return -ENOSPC;
    }
    int stopped = atomic_load(&c->stopped);
    if (stopped)
        return stopped;
    if (says(text, "Out of Memory"))
        return -ENOMEM;
    return says(text, "INTERRUPT") ? -ECANCELED : -EIO;
}

/* ---- statements ---- */

int duck_prepare(struct duck_conn *c, const char *sql, duckdb_prepared_statement *out)
{
    int stopped = atomic_load(&c->stopped);
    if (stopped)
        return stopped;
    if (duck_lib.prepare(c->handle, sql, out) != DuckDBError)
        return 0;
    int r = duck_failed(c, duck_lib.prepare_error(*out));
    duck_lib.destroy_prepare(out);
    return r;
}

static int finish(struct duck_conn *c, duckdb_state state, duckdb_result *result)
{
    if (state != DuckDBError)
        return 0;
    int r = duck_failed(c, duck_lib.result_error(result));
    duck_lib.destroy_result(result);
    return r;
}

int duck_execute(struct duck_conn *c, duckdb_prepared_statement statement, duckdb_result *out)
{
    int stopped = atomic_load(&c->stopped);
    if (stopped)
        return stopped;
    return finish(c, duck_lib.execute_prepared(statement, out), out);
}

int duck_stream(struct duck_conn *c, duckdb_prepared_statement statement, duckdb_result *out)
{
    duckdb_pending_result pending = NULL;
    int r = atomic_load(&c->stopped);
    if (r)
        return r;
    if (duck_lib.pending_prepared_streaming(statement, &pending) == DuckDBError)
        r = duck_failed(c, duck_lib.pending_error(pending));
    else
        r = finish(c, duck_lib.execute_pending(pending, out), out);
    duck_lib.destroy_pending(&pending);
    return r;
}

int duck_fetch(struct duck_conn *c, duckdb_result *result, duckdb_data_chunk *out)
{
    *out = duck_lib.fetch_chunk(*result);
    if (*out)
        return 0;
    const char *error = duck_lib.result_error(result);
    return error ? duck_failed(c, error) : 0;
}

int duck_query(struct duck_conn *c, const char *sql, duckdb_result *out)
{
    duckdb_result result;
    int r = finish(c, duck_lib.query(c->handle, sql, &result), &result);
    if (!r && out)
        *out = result;
    else if (!r)
        duck_lib.destroy_result(&result);
    return r;
}

int duck_query_i64(struct duck_conn *c, const char *sql, int64_t otherwise, int64_t *out)
{
    duckdb_result result;
    duckdb_data_chunk chunk;
    *out = otherwise;
    int r = duck_query(c, sql, &result);
    if (r)
        return r;
    r = duck_fetch(c, &result, &chunk);
    if (!r && chunk) {
        duckdb_vector v = duck_lib.data_chunk_get_vector(chunk, 0);
        if (duck_lib.data_chunk_get_size(chunk) && duck_valid(duck_lib.vector_get_validity(v), 0))
            *out = *(const int64_t *)duck_lib.vector_get_data(v);
        duck_lib.destroy_data_chunk(&chunk);
    }
    duck_lib.destroy_result(&result);
    return r;
}

/* ---- watching ---- */

static int control_says(const struct store_control *control)
{
    if (control && control->cancel && atomic_load(control->cancel))
        return -ECANCELED;
    if (control && control->deadline_ns && clock_ns(CLOCK_MONOTONIC) >= control->deadline_ns)
        return -ETIMEDOUT;
    return 0;
}

/* What was interrupted before its query began would run on, so it is repeated until the
 * connection comes back. */
static void watch(struct duck_conn *c)
{
    if (!atomic_load(&c->stopped))
        atomic_store(&c->stopped, control_says(c->control));
    if (atomic_load(&c->stopped)) {
        duck_lib.interrupt(c->handle);
        return;
    }
    double percent = duck_lib.query_progress(c->handle).percentage;
    if (c->control->progress && percent > 0)
        atomic_store(c->control->progress, (unsigned)(percent * 10));
}

static void wait_a_moment(struct duck_pool *p)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WATCH_MS * NS_PER_MS;
    if (until.tv_nsec >= NS_PER_SEC) {
        until.tv_nsec -= NS_PER_SEC;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&p->changed, &p->lock, &until);
}

static void *watcher(void *ctx)
{
    struct duck *d = ctx;
    struct duck_pool *p = &d->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->ending) {
        bool any = false;
        for (struct duck_conn *c = p->borrowed; c; c = c->next) {
            if (!c->control && !atomic_load(&c->stopped))
                continue;
            any = true;
            watch(c);
        }
        if (any)
            wait_a_moment(p);
        else
            pthread_cond_wait(&p->changed, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- the pool ---- */

int duck_pool_init(struct duck *d)
{
    struct duck_pool *p = &d->pool;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&p->lock, NULL);
    p->closed = true;
    int r = pthread_create(&p->watcher, NULL, watcher, d);
    p->watching = r == 0;
    return r ? -r : duck_helpers_init(d);
}

static void conn_free(struct duck_conn *c)
{
    duck_lib.disconnect(&c->handle);
    free(c);
}

static struct duck_conn *conn_new(struct duck *d)
{
    struct duck_conn *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->duck = d;
    if (duck_lib.connect(d->database, &c->handle) == DuckDBError) {
        free(c);
        return NULL;
    }
    if (duck_query(c, DUCK_USE, NULL) == 0)
        return c;
    conn_free(c);
    return NULL;
}

int duck_borrow(struct duck *d, const struct store_control *control, struct duck_conn **out)
{
    struct duck_pool *p = &d->pool;
    int r = control_says(control);
    *out = NULL;
    pthread_mutex_lock(&p->lock);
    while (!r && p->closed && !p->down) {
        wait_a_moment(p);
        r = control_says(control);
    }
    struct duck_conn *c = NULL;
    if (!r && p->closed) {
        r = -EIO;
    } else if (!r) {
        c = p->idle;
        if (c)
            p->idle = c->next;
        else
            c = conn_new(d);
        r = c ? 0 : -ENOMEM;
    }
    if (c) {
        if (!p->borrowed)
            duck_helpers_begin(d);
        c->control = control;
        c->error[0] = '\0';
        atomic_store(&c->stopped, 0);
        c->next = p->borrowed;
        p->borrowed = c;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    *out = c;
    return r;
}

void duck_return(struct duck_conn *c)
{
    if (!c)
        return;
    struct duck_pool *p = &c->duck->pool;
    pthread_mutex_lock(&p->lock);
    struct duck_conn **at = &p->borrowed;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    if (!p->borrowed)
        duck_helpers_end(c->duck);
    c->control = NULL;
    c->next = p->idle;
    p->idle = c;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

void duck_pool_close(struct duck *d)
{
    struct duck_pool *p = &d->pool;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    p->down = false;
    while (p->borrowed || p->helpers.working) {
        for (struct duck_conn *c = p->borrowed; c; c = c->next)
            atomic_store(&c->stopped, -ECANCELED);
        wait_a_moment(p);
    }
    while (p->idle) {
        struct duck_conn *c = p->idle;
        p->idle = c->next;
        conn_free(c);
    }
    pthread_mutex_unlock(&p->lock);
}

void duck_pool_open(struct duck *d, bool works)
{
    pthread_mutex_lock(&d->pool.lock);
    d->pool.closed = d->pool.down = !works;
    pthread_cond_broadcast(&d->pool.changed);
    pthread_mutex_unlock(&d->pool.lock);
}

void duck_pool_done(struct duck *d)
{
    struct duck_pool *p = &d->pool;
    duck_pool_close(d);
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    if (p->watching)
        pthread_join(p->watcher, NULL);
    duck_helpers_done(d);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
}
