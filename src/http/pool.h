/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads that take jobs from a bounded queue. */
#pragma once

#include <stdbool.h>

struct pool;

/* Part of what is to be done; must stay until `run` is called. */
struct pool_job {
    void (*run)(struct pool_job *job);
    struct pool_job *next; /* private */
};

/* NULL when threads or memory run out. `name` is that of the threads, at most 15 bytes. */
struct pool *pool_new(const char *name, unsigned threads, unsigned queue_max);
/* After pool_stop. */
void pool_free(struct pool *p);
/* False after pool_stop, and when the queue is full; of the latter what is `sure` is free. */
bool pool_push(struct pool *p, struct pool_job *job, bool sure);
/* Takes nothing more from here on, and waits for what is queued. */
void pool_stop(struct pool *p);
void pool_count(struct pool *p, unsigned *queued, unsigned *running);
