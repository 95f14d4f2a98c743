/* SPDX-License-Identifier: Apache-2.0 */
#include "http/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    TICK_MS = 50,
};

struct watch {
    bool (*tick)(void *ctx);
    void *ctx;
    int wake_fd;
    pthread_t thread;
    pthread_mutex_t lock;
    struct watched *first;
    size_t count;
    bool ending;
    struct pollfd *polled; /* of the thread */
    size_t polled_max;
};

static void unlist(struct watch *w, struct watched *it)
{
    if (it->prev)
        it->prev->next = it->next;
    else
        w->first = it->next;
    if (it->next)
        it->next->prev = it->prev;
    it->listed = false;
    w->count--;
}

/* What to poll; returns how many, 0 at the end. */
static size_t gather(struct watch *w)
{
    size_t n = 0;
    pthread_mutex_lock(&w->lock);
    if (!w->ending && w->count + 1 > w->polled_max) {
        size_t max = 2 * (w->count + 1);
        struct pollfd *more = realloc(w->polled, max * sizeof(*more));
        if (more) {
            w->polled = more;
            w->polled_max = max;
        }
    }
    if (!w->ending) {
        w->polled[n++] = (struct pollfd){.fd = w->wake_fd, .events = POLLIN};
        for (struct watched *it = w->first; it && n < w->polled_max; it = it->next)
            w->polled[n++] = (struct pollfd){.fd = it->fd, .events = POLLRDHUP};
    }
    pthread_mutex_unlock(&w->lock);
    return n;
}

/* A number may stand for another socket by now: then this one is asked again. */
static bool is_gone(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};
    return poll(&p, 1, 0) == 1 && p.revents;
}

static void tell(struct watch *w, int fd)
{
    pthread_mutex_lock(&w->lock);
    struct watched *it = w->first;
    while (it && it->fd != fd)
        it = it->next;
    if (it && is_gone(fd)) {
        unlist(w, it);
        it->gone(it);
    }
    pthread_mutex_unlock(&w->lock);
}

static void *run(void *ctx)
{
    struct watch *w = ctx;
    bool ticking = false;
    size_t n;
    while ((n = gather(w))) {
        int found = poll(w->polled, n, ticking ? TICK_MS : -1);
        uint64_t count;
        if (found > 0 && w->polled[0].revents && read(w->wake_fd, &count, sizeof(count)) < 0 &&
            errno != EAGAIN)
            break;
        for (size_t i = 1; found > 0 && i < n; i++)
            if (w->polled[i].revents)
                tell(w, w->polled[i].fd);
        ticking = w->tick(w->ctx);
    }
    return NULL;
}

struct watch *watch_new(bool (*tick)(void *ctx), void *ctx)
{
    struct watch *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    *w =
        (struct watch){.tick = tick, .ctx = ctx, .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    w->polled = calloc(1, sizeof(*w->polled));
    w->polled_max = 1;
    pthread_mutex_init(&w->lock, NULL);
    if (w->wake_fd >= 0 && w->polled && !pthread_create(&w->thread, NULL, run, w)) {
        pthread_setname_np(w->thread, "http-watch");
        return w;
    }
    if (w->wake_fd >= 0)
        close(w->wake_fd);
    pthread_mutex_destroy(&w->lock);
    free(w->polled);
    free(w);
    return NULL;
}

void watch_wake(struct watch *w)
{
    uint64_t one = 1;
    /* A full counter wakes as well. */
    if (write(w->wake_fd, &one, sizeof(one)) < 0)
        return;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_mutex_unlock(&w->lock);
    watch_wake(w);
    pthread_join(w->thread, NULL);
    close(w->wake_fd);
    pthread_mutex_destroy(&w->lock);
    free(w->polled);
    free(w);
}

void watch_add(struct watch *w, struct watched *it)
{
    pthread_mutex_lock(&w->lock);
    it->prev = NULL;
    it->next = w->first;
    if (w->first)
        w->first->prev = it;
    w->first = it;
    it->listed = true;
    w->count++;
    pthread_mutex_unlock(&w->lock);
    watch_wake(w);
}

void watch_remove(struct watch *w, struct watched *it)
{
    pthread_mutex_lock(&w->lock);
    if (it->listed)
        unlist(w, it);
    pthread_mutex_unlock(&w->lock);
}
