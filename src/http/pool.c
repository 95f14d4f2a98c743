/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct pool_job *first, **last;
    unsigned queued, queue_max, running;
    bool stopped;
    unsigned threads;
    pthread_t thread[];
};

/* The next job, NULL at the end. `was_running`: the thread is done with one. */
static struct pool_job *take(struct pool *p, bool was_running)
{
    pthread_mutex_lock(&p->lock);
    p->running -= was_running;
    while (!p->first && !p->stopped)
        pthread_cond_wait(&p->wake, &p->lock);
    struct pool_job *job = p->first;
    if (job) {
        p->first = job->next;
        if (!p->first)
            p->last = &p->first;
        p->queued--;
        p->running++;
    }
    pthread_mutex_unlock(&p->lock);
    return job;
}

static void *work(void *ctx)
{
    struct pool *p = ctx;
    struct pool_job *job = take(p, false);
    while (job) {
        job->run(job);
        job = take(p, true);
    }
    return NULL;
}

struct pool *pool_new(const char *name, unsigned threads, unsigned queue_max)
{
    struct pool *p = calloc(1, sizeof(*p) + threads * sizeof(p->thread[0]));
    if (!p)
        return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    p->last = &p->first;
    p->queue_max = queue_max;
    for (; p->threads < threads; p->threads++) {
        if (pthread_create(&p->thread[p->threads], NULL, work, p)) {
            pool_free(p);
            return NULL;
        }
        pthread_setname_np(p->thread[p->threads], name);
    }
    return p;
}

void pool_stop(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopped = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (; p->threads; p->threads--)
        pthread_join(p->thread[p->threads - 1], NULL);
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pool_stop(p);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

bool pool_push(struct pool *p, struct pool_job *job, bool sure)
{
    pthread_mutex_lock(&p->lock);
    bool room = !p->stopped && (sure || p->queued < p->queue_max);
    if (room) {
        job->next = NULL;
        *p->last = job;
        p->last = &job->next;
        p->queued++;
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

void pool_count(struct pool *p, unsigned *queued, unsigned *running)
{
    pthread_mutex_lock(&p->lock);
    *queued = p->queued;
    *running = p->running;
    pthread_mutex_unlock(&p->lock);
}
