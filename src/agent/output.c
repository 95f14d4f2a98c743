/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/output.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MUCH_BYTES = 256 * 1024,
    WAITING_MAX_BYTES = 8 << 20, /* a quarter of a second of JSON at 60,000 transactions a second */
};

struct piece {
    struct piece *next;
    struct buf text;
};

struct writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work, progress;
    struct piece *first, **last;
    struct buf spare;     /* a written buffer, for the next piece */
    size_t waiting_bytes; /* handed over and not yet written */
    int fd;
    int error;
    bool started, stop;
};

void output_init(struct output *o, int fd)
{
    *o = (struct output){.writer = calloc(1, sizeof(*o->writer))};
    struct writer *w = o->writer;
    if (!w)
        return;
    w->fd = fd;
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->progress, NULL);
}

static int write_all(int fd, const struct buf *text)
{
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            /* Somebody else's O_NONBLOCK on a shared terminal or pipe. */
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, 1000);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

static void *write_pieces(void *arg)
{
    struct writer *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->first && !w->stop)
            pthread_cond_wait(&w->work, &w->lock);
        struct piece *p = w->first;
        if (!p)
            break;
        w->first = p->next;
        if (!w->first)
            w->last = &w->first;
        int error = w->error;
        pthread_mutex_unlock(&w->lock);
        if (!error)
            error = write_all(w->fd, &p->text);
        pthread_mutex_lock(&w->lock);
        w->error = error;
        w->waiting_bytes -= p->text.len;
        buf_clear(&p->text);
        struct buf text = w->spare;
        w->spare = p->text;
        buf_done(&text);
        free(p);
        pthread_cond_signal(&w->progress);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Signals stay with the main thread, whose waiting they are to end. */
static int start(struct writer *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&w->thread, NULL, write_pieces, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->started = r == 0;
    return r;
}

static void hand_over(struct output *o)
{
    struct writer *w = o->writer;
    struct piece *p = malloc(sizeof(*p));
    pthread_mutex_lock(&w->lock);
    while (w->waiting_bytes > WAITING_MAX_BYTES)
        pthread_cond_wait(&w->progress, &w->lock);
    if (!p || o->buf.failed || (!w->started && start(w) != 0)) {
        w->error = w->error ? w->error : ENOMEM;
        free(p);
        buf_clear(&o->buf);
    } else {
        *p = (struct piece){.text = o->buf};
        *w->last = p;
        w->last = &p->next;
        w->waiting_bytes += p->text.len;
        o->buf = w->spare;
        w->spare = (struct buf){0};
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    /* At once, since growing copies what is there. Pages not written cost nothing. */
    if (!o->buf.data)
        buf_room(&o->buf, 2 * MUCH_BYTES);
}

void output_flush(struct output *o, bool all)
{
    if (o->writer && (o->buf.failed || o->buf.len >= (all ? 1 : MUCH_BYTES)))
        hand_over(o);
}

int output_finish(struct output *o)
{
    struct writer *w = o->writer;
    if (!w)
        return ENOMEM;
    output_flush(o, true);
    pthread_mutex_lock(&w->lock);
    while (w->waiting_bytes)
        pthread_cond_wait(&w->progress, &w->lock);
    pthread_mutex_unlock(&w->lock);
    return output_error(o);
}

int output_error(const struct output *o)
{
    if (!o->writer)
        return ENOMEM;
    pthread_mutex_lock(&o->writer->lock);
    int error = o->writer->error;
    pthread_mutex_unlock(&o->writer->lock);
    return error;
}

void output_done(struct output *o)
{
    struct writer *w = o->writer;
    buf_done(&o->buf);
    if (!w)
        return;
    if (w->started) {
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_signal(&w->work);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    buf_done(&w->spare);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->progress);
    pthread_mutex_destroy(&w->lock);
    free(w);
    o->writer = NULL;
}
