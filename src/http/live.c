/* SPDX-License-Identifier: Apache-2.0 */
#include "http/live.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    RING_BYTES = 1 << 20,
    BLOCK_BYTES = 65536, /* what is handed to the socket at once */
    MISSED_BYTES = 64,   /* of the event that tells of missed ones */
};

#define COMMENT_NS (15 * NS_PER_SEC)

/* Whose a slot is. The pipeline takes an ACTIVE one for as long as it writes; when the reader left
 * meanwhile, it is the pipeline that clears up. So neither ever waits for the other. */
enum slot_state {
    SLOT_EMPTY,
    SLOT_ACTIVE,
    SLOT_PUSHING,
    SLOT_CLOSING,
};

struct reader {
    struct live *live;
    struct filter *filter; /* of the pipeline's thread; NULL: all */
    atomic_size_t head;    /* written so far, by the pipeline */
    atomic_size_t tail;    /* read so far, by the listener */
    atomic_uint_fast64_t missed;
    /* of the listener, under live->lock */
    struct watched watched;
    struct watch *watch;
    atomic_bool gone;
    bool waiting;
    int64_t comment_ns; /* CLOCK_MONOTONIC: when a comment is due */
    struct MHD_Connection *connection;
    struct slot *slot;
    struct reader *prev, *next;
    char ring[RING_BYTES];
};

struct slot {
    atomic_int state;
    struct reader *reader;
};

struct live {
    atomic_uint count;
    struct slot slots[HTTP_LIVE_READERS_MAX];
    struct buf event; /* of the pipeline's thread */
    atomic_uint_fast64_t sent, missed;
    pthread_mutex_t lock;
    struct reader *readers;
    bool stopped;
};

struct live *live_new(void)
{
    struct live *l = calloc(1, sizeof(*l));
    if (l)
        pthread_mutex_init(&l->lock, NULL);
    return l;
}

static void reader_free(struct reader *d)
{
    filter_free(d->filter);
    free(d);
}

void live_free(struct live *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < HTTP_LIVE_READERS_MAX; i++)
        if (atomic_load(&l->slots[i].state) != SLOT_EMPTY)
            reader_free(l->slots[i].reader);
    pthread_mutex_destroy(&l->lock);
    buf_done(&l->event);
    free(l);
}

/* ---- the pipeline's side ---- */

static void ring_write(struct reader *d, const char *data, size_t len)
{
    size_t head = atomic_load_explicit(&d->head, memory_order_relaxed);
    size_t at = head % RING_BYTES, first = RING_BYTES - at < len ? RING_BYTES - at : len;
    memcpy(d->ring + at, data, first);
    memcpy(d->ring, data + first, len - first);
    atomic_store_explicit(&d->head, head + len, memory_order_release);
}

static size_t ring_room(struct reader *d)
{
    return RING_BYTES - (atomic_load_explicit(&d->head, memory_order_relaxed) -
                         atomic_load_explicit(&d->tail, memory_order_acquire));
}

static size_t format_missed(char out[MISSED_BYTES], uint64_t count)
{
    return (size_t)snprintf(out, MISSED_BYTES, "event: missed\ndata: {\"count\":%llu}\n\n",
                            (unsigned long long)count);
}

/* Whole events only: what the listener finds ends with one. */
static void offer(struct live *l, struct reader *d)
{
    char text[MISSED_BYTES];
    uint64_t missed = atomic_exchange(&d->missed, 0);
    size_t len = missed ? format_missed(text, missed) : 0;
    if (ring_room(d) < len + l->event.len) {
        atomic_fetch_add(&d->missed, missed + 1);
        atomic_fetch_add_explicit(&l->missed, 1, memory_order_relaxed);
        return;
    }
    if (len)
        ring_write(d, text, len);
    ring_write(d, l->event.data, l->event.len);
    atomic_fetch_add_explicit(&l->sent, 1, memory_order_relaxed);
}

static bool make_event(struct live *l, struct record *record)
{
    if (l->event.len)
        return true;
    buf_puts(&l->event, "event: transaction\ndata: ");
    record_to_json(record, &l->event);
    buf_puts(&l->event, "\n\n");
    return !l->event.failed;
}

static void push_to(struct live *l, struct slot *slot, struct record *record)
{
    int active = SLOT_ACTIVE, pushing = SLOT_PUSHING;
    if (!atomic_compare_exchange_strong(&slot->state, &active, SLOT_PUSHING))
        return;
    struct reader *d = slot->reader;
    if ((!d->filter || filter_match(d->filter, record)) && make_event(l, record))
        offer(l, d);
    if (atomic_compare_exchange_strong(&slot->state, &pushing, SLOT_ACTIVE))
        return;
    reader_free(d);
    atomic_store(&slot->state, SLOT_EMPTY);
}

void live_push(struct live *l, struct record *record)
{
    if (!atomic_load_explicit(&l->count, memory_order_relaxed))
        return;
    buf_clear(&l->event);
    for (size_t i = 0; i < HTTP_LIVE_READERS_MAX; i++)
        if (atomic_load_explicit(&l->slots[i].state, memory_order_relaxed) == SLOT_ACTIVE)
            push_to(l, &l->slots[i], record);
}

/* ---- the listener's side ---- */

static bool ring_has(struct reader *d)
{
    return atomic_load_explicit(&d->head, memory_order_acquire) !=
           atomic_load_explicit(&d->tail, memory_order_relaxed);
}

static size_t ring_read(struct reader *d, char *to, size_t max)
{
    size_t tail = atomic_load_explicit(&d->tail, memory_order_relaxed);
    size_t len = atomic_load_explicit(&d->head, memory_order_acquire) - tail;
    if (len > max)
        len = max;
    size_t at = tail % RING_BYTES, first = RING_BYTES - at < len ? RING_BYTES - at : len;
    memcpy(to, d->ring + at, first);
    memcpy(to + first, d->ring, len - first);
    atomic_store_explicit(&d->tail, tail + len, memory_order_release);
    return len;
}

/* What there is to send now; 0: nothing. Comments keep the connection, and what is between, awake.
 */
static size_t take(struct reader *d, char *to, size_t max)
{
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    size_t n = ring_read(d, to, max);
    if (!n) {
        uint64_t missed = atomic_exchange(&d->missed, 0);
        if (missed)
            n = format_missed(to, missed);
    }
    if (!n && now_ns >= d->comment_ns) {
        memcpy(to, ":\n\n", 3);
        n = 3;
    }
    if (n)
        d->comment_ns = now_ns + COMMENT_NS;
    return n;
}

static bool is_due(struct reader *d, int64_t now_ns)
{
    return ring_has(d) || atomic_load(&d->missed) || now_ns >= d->comment_ns ||
           atomic_load(&d->gone) || d->live->stopped;
}

static ssize_t live_read(void *cls, uint64_t pos, char *to, size_t max)
{
    struct reader *d = cls;
    struct live *l = d->live;
    (void)pos;
    if (max < MISSED_BYTES)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    pthread_mutex_lock(&l->lock);
    bool ended = l->stopped || atomic_load(&d->gone);
    size_t n = ended ? 0 : take(d, to, max);
    if (!ended && !n) {
        d->waiting = true;
        mhd_lib.suspend_connection(d->connection);
    }
    pthread_mutex_unlock(&l->lock);
    return ended ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

bool live_tick(struct live *l)
{
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_lock(&l->lock);
    for (struct reader *d = l->readers; d; d = d->next) {
        if (d->waiting && is_due(d, now_ns)) {
            d->waiting = false;
            mhd_lib.resume_connection(d->connection);
        }
    }
    bool any = l->readers;
    pthread_mutex_unlock(&l->lock);
    return any;
}

void live_stop(struct live *l)
{
    pthread_mutex_lock(&l->lock);
    l->stopped = true;
    pthread_mutex_unlock(&l->lock);
    live_tick(l);
}

static void reader_gone(struct watched *w)
{
    struct reader *d = (struct reader *)(void *)((char *)w - offsetof(struct reader, watched));
    atomic_store(&d->gone, true);
}

/* MHD_ContentReaderFreeCallback */
static void live_close(void *cls)
{
    struct reader *d = cls;
    struct live *l = d->live;
    struct slot *slot = d->slot;
    watch_remove(d->watch, &d->watched);
    pthread_mutex_lock(&l->lock);
    if (d->prev)
        d->prev->next = d->next;
    else
        l->readers = d->next;
    if (d->next)
        d->next->prev = d->prev;
    atomic_fetch_sub(&l->count, 1);
    pthread_mutex_unlock(&l->lock);
    if (atomic_exchange(&slot->state, SLOT_CLOSING) != SLOT_ACTIVE)
        return; /* the pipeline is at it, and clears up */
    reader_free(d);
    atomic_store(&slot->state, SLOT_EMPTY);
}

/* False when there are too many. Under the lock. */
static bool take_slot(struct live *l, struct reader *d)
{
    for (size_t i = 0; i < HTTP_LIVE_READERS_MAX; i++) {
        if (atomic_load(&l->slots[i].state) != SLOT_EMPTY)
            continue;
        d->slot = &l->slots[i];
        d->slot->reader = d;
        d->next = l->readers;
        if (l->readers)
            l->readers->prev = d;
        l->readers = d;
        atomic_fetch_add(&l->count, 1);
        atomic_store(&d->slot->state, SLOT_ACTIVE);
        return true;
    }
    return false;
}

static struct reader *live_open(struct request *r)
{
    struct live *l = r->http->live;
    /* The ring is not touched here, nor its memory taken, before there is something in it. */
    struct reader *d = malloc(sizeof(*d));
    if (!d) {
        http_fail(&r->problem, 503, "out of memory");
        return NULL;
    }
    memset(d, 0, offsetof(struct reader, ring));
    d->live = l;
    d->filter = r->params.filter;
    d->connection = r->connection;
    d->watch = r->http->watch;
    d->watched = (struct watched){.fd = r->watched.fd, .gone = reader_gone};
    pthread_mutex_lock(&l->lock);
    bool taken = take_slot(l, d);
    pthread_mutex_unlock(&l->lock);
    if (!taken) {
        http_fail(&r->problem, 503, "%d readers are there already", (int)HTTP_LIVE_READERS_MAX);
        free(d);
        return NULL;
    }
    r->params.filter = NULL;
    watch_add(d->watch, &d->watched);
    return d;
}

struct MHD_Response *live_response(struct request *r)
{
    static char nothing[1];
    if (r->head)
        return mhd_lib.create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    struct reader *d = live_open(r);
    if (!d)
        return NULL;
    struct MHD_Response *response = mhd_lib.create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, live_read, d, live_close);
    if (!response) {
        http_fail(&r->problem, 503, "out of memory");
        live_close(d);
    }
    return response;
}

struct live_stats live_stats(struct live *l)
{
    return (struct live_stats){
        .readers = atomic_load(&l->count),
        .sent = atomic_load_explicit(&l->sent, memory_order_relaxed),
        .missed = atomic_load_explicit(&l->missed, memory_order_relaxed),
    };
}
