/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck.h"

#include <errno.h>
#include <stdlib.h>

/* From the first connection that is borrowed until none is. */
struct duck_task {
    duckdb_task_state state;
    unsigned users;
};

static void task_free(struct duck_task *t)
{
    duck_lib.destroy_task_state(t->state);
    free(t);
}

static void *help(void *ctx)
{
    struct duck *d = ctx;
    struct duck_pool *p = &d->pool;
    struct duck_helpers *h = &p->helpers;
    pthread_mutex_lock(&p->lock);
    while (!p->ending) {
        struct duck_task *t = h->task;
        if (!t) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        t->users++;
        h->working++;
        pthread_mutex_unlock(&p->lock);
        duck_lib.execute_tasks_state(t->state);
        pthread_mutex_lock(&p->lock);
        h->working--;
        if (--t->users == 0 && t != h->task)
            task_free(t);
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

int duck_helpers_init(struct duck *d)
{
    struct duck_helpers *h = &d->pool.helpers;
    unsigned wanted = d->options.threads - 1;
    if (wanted > DUCK_HELPERS_MAX)
        wanted = DUCK_HELPERS_MAX;
    for (; h->count < wanted; h->count++) {
        int r = pthread_create(&h->threads[h->count], NULL, help, d);
        if (r)
            return -r;
    }
    return 0;
}

/* Without memory the questions are answered all the same, by who asks. */
void duck_helpers_begin(struct duck *d)
{
    struct duck_helpers *h = &d->pool.helpers;
    if (!h->count)
        return;
    h->task = calloc(1, sizeof(*h->task));
    if (h->task)
        h->task->state = duck_lib.create_task_state(d->database);
}

void duck_helpers_end(struct duck *d)
{
    struct duck_helpers *h = &d->pool.helpers;
    struct duck_task *t = h->task;
    h->task = NULL;
    if (!t)
        return;
    duck_lib.finish_execution(t->state);
    if (!t->users)
        task_free(t);
}

void duck_helpers_done(struct duck *d)
{
    struct duck_helpers *h = &d->pool.helpers;
    for (unsigned i = 0; i < h->count; i++)
        pthread_join(h->threads[i], NULL);
    h->count = 0;
}
