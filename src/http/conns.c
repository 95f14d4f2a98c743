/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conns.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

/* An answer that takes longer than this to be read may have to make room as well. */
#define ANSWER_NS (60 * NS_PER_SEC)

struct conn {
    int fd;
    bool busy, lasting, evicted;
    int64_t since_ns; /* CLOCK_MONOTONIC: of idleness, or of the request */
    struct conn *prev, *next;
};

struct conns {
    pthread_mutex_t lock;
    struct conn *first;
    unsigned max;
    unsigned leaving; /* shut down, and not closed yet */
    struct conns_stats stats;
};

struct conns *conns_new(unsigned max)
{
    struct conns *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->max = max;
    return c;
}

void conns_free(struct conns *c)
{
    if (!c)
        return;
    while (c->first) {
        struct conn *next = c->first->next;
        free(c->first);
        c->first = next;
    }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* The one that was idle longest; failing that, the one whose answer takes longest. */
static struct conn *victim(struct conns *c, int64_t now_ns)
{
    struct conn *idle = NULL, *slow = NULL;
    for (struct conn *i = c->first; i; i = i->next) {
        if (i->evicted)
            continue;
        if (!i->busy && (!idle || i->since_ns < idle->since_ns))
            idle = i;
        if (i->busy && !i->lasting && now_ns - i->since_ns > ANSWER_NS &&
            (!slow || i->since_ns < slow->since_ns))
            slow = i;
    }
    return idle ? idle : slow;
}

static void evict(struct conns *c, struct conn *conn)
{
    conn->evicted = true;
    c->leaving++;
    /* Its thread sees the end of the stream and closes it. */
    shutdown(conn->fd, SHUT_RDWR);
}

struct conn *conns_add(struct conns *c, int fd)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return NULL;
    conn->fd = fd;
    conn->since_ns = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_lock(&c->lock);
    c->stats.accepted++;
    if (c->stats.open - c->leaving >= c->max) {
        struct conn *old = victim(c, conn->since_ns);
        if (old)
            c->stats.evicted++;
        else
            c->stats.refused++;
        evict(c, old ? old : conn);
    }
    conn->next = c->first;
    if (c->first)
        c->first->prev = conn;
    c->first = conn;
    c->stats.open++;
    pthread_mutex_unlock(&c->lock);
    return conn;
}

void conns_remove(struct conns *c, struct conn *conn)
{
    pthread_mutex_lock(&c->lock);
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        c->first = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    c->stats.open--;
    c->stats.busy -= conn->busy;
    c->leaving -= conn->evicted;
    pthread_mutex_unlock(&c->lock);
    free(conn);
}

void conns_set_busy(struct conns *c, struct conn *conn, bool busy, bool lasting)
{
    pthread_mutex_lock(&c->lock);
    c->stats.busy += (unsigned)busy - (unsigned)conn->busy;
    conn->busy = busy;
    conn->lasting = lasting;
    conn->since_ns = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_unlock(&c->lock);
}

struct conns_stats conns_stats(struct conns *c)
{
    pthread_mutex_lock(&c->lock);
    struct conns_stats stats = c->stats;
    pthread_mutex_unlock(&c->lock);
    return stats;
}
