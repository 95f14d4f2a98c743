/* SPDX-License-Identifier: Apache-2.0 */
/* The BPF ring buffer's layout (kernel Documentation/bpf/ringbuf.rst): a page with the consumer
 * position, a page with the producer position, then the data. The kernel maps the data twice in a
 * row so that no record wraps; here it is mapped once, since every mapped page counts as resident,
 * and the record that wraps is copied together. */
#include "tap/live_ring.h"

#include "base/clock.h"
#include "tap/ring_record.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    RECORD_MIN = BPF_RINGBUF_HDR_SZ + sizeof(struct ring_repeat),
    SPIN_MAX = 200,
    AHEAD_BYTES = 1024,
    RELEASE_PARTS = 64, /* of a ring; room is given back in pieces of this size */
};

/* A program that has not finished after this long never will: its slot's two counts do not fit
 * together (PREEMPT_RT lets two programs of one CPU meet). From then on their difference is taken
 * as it is. */
#define STUCK_NS (100 * NS_PER_MS)

/* A record found in a ring. */
struct found {
    uint64_t time_ns;
    uint64_t index; /* into pos */
};

struct live_ring {
    volatile unsigned long *consumer;
    const unsigned long *producer;
    const uint8_t *data;
    uint32_t bytes;
    uint32_t found_cap;
    uint32_t found_count;
    uint32_t next;    /* into sorted */
    uint64_t last;    /* the highest index taken */
    uint64_t fetched; /* the position up to which lines have been fetched for their turn */
    uint64_t release; /* the position up to which all records have been taken */
    struct found *sorted;
    uint64_t *pos; /* in the ring's order, one more than found_count: where the next one starts */
};

/* Records younger than the last safe time, copied out of the rings until the next read. */
struct held {
    uint64_t time_ns;
    size_t offset;
    uint32_t len;
};

struct held_list {
    struct held *items;
    size_t count, cap;
    uint8_t *bytes;
    size_t used, room;
};

struct live_merge {
    struct live_ring *rings;
    size_t ring_count;
    size_t page_bytes;
    const struct ring_cpu *cpus;
    size_t cpu_count;
    uint64_t *seen; /* by CPU: `started` when the cut was made */
    uint64_t *skew; /* by CPU: started - done of a CPU at rest */
    int64_t stuck_since_ns;
    bool retry;
    uint64_t bad;
    struct held_list held[2]; /* [0] of the last read, [1] filled by this one */
    uint8_t *scratch;         /* for a record that wraps */
    size_t scratch_bytes;
};

/* What is handed on together. */
struct delivery {
    int64_t offset_ns;
    frame_block_sink *sink;
    void *ctx;
    int count; /* handed on so far */
    uint32_t filled;
    bool scratch_used; /* one of the frames is in the scratch */
    struct frame frames[FRAME_BLOCK_MAX];
    struct frame_owner owners[FRAME_BLOCK_MAX];
};

static void ring_unmap(struct live_ring *r, size_t page)
{
    if (r->consumer)
        munmap((void *)r->consumer, page);
    if (r->producer)
        munmap((void *)r->producer, page + r->bytes);
    free(r->sorted);
    free(r->pos);
}

static int ring_map(struct live_ring *r, int fd, uint32_t bytes, size_t page)
{
    r->bytes = bytes;
    void *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return -errno;
    r->consumer = p;
    p = mmap(NULL, page + bytes, PROT_READ, MAP_SHARED, fd, (off_t)page);
    if (p == MAP_FAILED)
        return -errno;
    r->producer = p;
    r->data = (const uint8_t *)p + page;
    r->found_cap = bytes / RECORD_MIN + 1;
    r->sorted = malloc(r->found_cap * sizeof *r->sorted);
    r->pos = malloc((r->found_cap + 1) * sizeof *r->pos);
    return r->sorted && r->pos ? 0 : -ENOMEM;
}

int live_merge_new(struct live_merge **out, const int *fds, size_t count, uint32_t ring_bytes,
                   const struct ring_cpu *cpus, size_t cpu_count)
{
    struct live_merge *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    m->cpus = cpus;
    m->cpu_count = cpu_count;
    m->rings = calloc(count, sizeof *m->rings);
    m->seen = calloc(cpu_count, sizeof *m->seen);
    m->skew = calloc(cpu_count, sizeof *m->skew);
    m->scratch_bytes = sizeof(struct ring_packet) + 65536;
    m->scratch = malloc(m->scratch_bytes);
    int err = m->rings && m->seen && m->skew && m->scratch ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < count; i++) {
        m->ring_count = i + 1;
        err = ring_map(&m->rings[i], fds[i], ring_bytes, m->page_bytes);
    }
    if (err) {
        live_merge_free(m);
        return err;
    }
    *out = m;
    return 0;
}

void live_merge_free(struct live_merge *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->ring_count; i++)
        ring_unmap(&m->rings[i], m->page_bytes);
    for (int i = 0; i < 2; i++) {
        free(m->held[i].items);
        free(m->held[i].bytes);
    }
    free(m->rings);
    free(m->seen);
    free(m->skew);
    free(m->scratch);
    free(m);
}

bool live_merge_retry(const struct live_merge *m)
{
    return m->retry;
}

uint64_t live_merge_bad(const struct live_merge *m)
{
    return m->bad;
}

static uint32_t ring_record_header(const struct live_ring *r, uint64_t pos)
{
    const uint32_t *p = (const uint32_t *)(const void *)(r->data + (pos & (r->bytes - 1)));
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static uint64_t ring_record_time(const struct live_ring *r, uint64_t pos)
{
    uint64_t at = pos + BPF_RINGBUF_HDR_SZ + offsetof(struct ring_packet, time_ns);
    _Static_assert(offsetof(struct ring_packet, time_ns) == offsetof(struct ring_repeat, time_ns),
                   "records are ordered before they are told apart");
    uint64_t time_ns;
    memcpy(&time_ns, r->data + (at & (r->bytes - 1)), sizeof time_ns);
    return time_ns;
}

/* Other CPUs wrote what is read now, so that each line has to come from their caches; and where the
 * next record begins is known only when this one's first line is there. So the lines are fetched in
 * their order, whatever begins in them. Returns up to where. */
static uint64_t ring_fetch(const struct live_ring *r, uint64_t at, uint64_t end)
{
    for (; at < end; at += 64)
        __builtin_prefetch(r->data + (at & (r->bytes - 1)));
    return at;
}

/* Lists the records between the consumer's and the producer's position, in the order of their
 * times. CPUs that share a ring get out of order only by what they did between taking the time and
 * reserving, so that moving single records back is cheap. */
static void ring_scan(struct live_ring *r)
{
    uint64_t pos = *r->consumer;
    uint64_t end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
    uint64_t fetched = pos;
    r->found_count = r->next = 0;
    r->last = 0;
    r->fetched = r->release = pos;
    while (pos < end && r->found_count < r->found_cap) {
        fetched = ring_fetch(r, fetched, pos + AHEAD_BYTES < end ? pos + AHEAD_BYTES : end);
        uint32_t header = ring_record_header(r, pos);
        if (header & BPF_RINGBUF_BUSY_BIT)
            break;
        uint32_t n = r->found_count;
        uint64_t time_ns = ring_record_time(r, pos);
        uint32_t i = n;
        while (i > 0 && r->sorted[i - 1].time_ns > time_ns)
            i--;
        if (i < n)
            memmove(r->sorted + i + 1, r->sorted + i, (n - i) * sizeof *r->sorted);
        r->sorted[i] = (struct found){.time_ns = time_ns, .index = n};
        r->pos[n] = pos;
        r->found_count++;
        uint32_t len = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        pos += (len + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
    }
    r->pos[r->found_count] = pos;
}

/* Gives the room of all leading records that have been handed on back to the programs: not for each
 * record, since the programs read the position as often as they write and would wait for its cache
 * line. */
static void ring_release(struct live_ring *r)
{
    uint64_t room = r->release - *r->consumer;
    if (room >= r->bytes / RELEASE_PARTS || (room && r->next == r->found_count))
        __atomic_store_n(r->consumer, r->release, __ATOMIC_RELEASE);
}

static bool held_add(struct held_list *h, const uint8_t *data, uint32_t len, uint64_t time_ns)
{
    if (h->count == h->cap) {
        size_t cap = h->cap ? h->cap * 2 : 64;
        struct held *items = realloc(h->items, cap * sizeof *items);
        if (!items)
            return false;
        h->items = items;
        h->cap = cap;
    }
    size_t need = (len + 7) / 8 * 8;
    if (h->room - h->used < need) {
        size_t room = h->room * 2 + need + 4096;
        uint8_t *bytes = realloc(h->bytes, room);
        if (!bytes)
            return false;
        h->bytes = bytes;
        h->room = room;
    }
    memcpy(h->bytes + h->used, data, len);
    size_t i = h->count++;
    for (; i > 0 && h->items[i - 1].time_ns > time_ns; i--)
        h->items[i] = h->items[i - 1];
    h->items[i] = (struct held){.time_ns = time_ns, .offset = h->used, .len = len};
    h->used += need;
    return true;
}

/* Have all programs that took their time before now submitted their records? On return true,
 * *now_ns is that moment. */
static bool programs_ready(struct live_merge *m, uint64_t *now_ns)
{
    *now_ns = (uint64_t)clock_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < m->cpu_count; i++)
        m->seen[i] = __atomic_load_n(&m->cpus[i].started, __ATOMIC_ACQUIRE) - m->skew[i];
    for (size_t i = 0; i < m->cpu_count; i++) {
        uint64_t done = __atomic_load_n(&m->cpus[i].done, __ATOMIC_ACQUIRE);
        for (int spin = 0; (int64_t)(done - m->seen[i]) < 0 && spin < SPIN_MAX; spin++)
            done = __atomic_load_n(&m->cpus[i].done, __ATOMIC_ACQUIRE);
        if ((int64_t)(done - m->seen[i]) >= 0)
            continue;
        if (!m->stuck_since_ns)
            m->stuck_since_ns = (int64_t)*now_ns;
        if ((int64_t)*now_ns - m->stuck_since_ns < STUCK_NS)
            return false;
        m->skew[i] += m->seen[i] - done;
    }
    m->stuck_since_ns = 0;
    return true;
}

static void hand_on(struct live_merge *m, struct delivery *d)
{
    if (d->filled)
        d->sink(d->ctx, d->frames, d->filled);
    d->count += (int)d->filled;
    d->filled = 0;
    d->scratch_used = false;
    for (size_t i = 0; i < m->ring_count; i++)
        ring_release(&m->rings[i]);
}

static void deliver(struct live_merge *m, struct delivery *d, const uint8_t *data, uint32_t len)
{
    uint32_t i = d->filled;
    if (!data || ring_record_to_frame(data, len, d->offset_ns, &d->frames[i], &d->owners[i])) {
        m->bad++;
        return;
    }
    if (++d->filled == FRAME_BLOCK_MAX)
        hand_on(m, d);
}

/* The record's bytes; copied when they wrap. NULL when it is larger than any of ours. */
static const uint8_t *ring_record_bytes(struct live_merge *m, const struct live_ring *r,
                                        struct delivery *d, uint64_t pos, uint32_t len)
{
    size_t at = (size_t)((pos + BPF_RINGBUF_HDR_SZ) & (r->bytes - 1));
    if (at + len <= r->bytes)
        return r->data + at;
    if (len > m->scratch_bytes)
        return NULL;
    if (d->scratch_used)
        hand_on(m, d);
    d->scratch_used = true;
    size_t first = r->bytes - at;
    memcpy(m->scratch, r->data + at, first);
    memcpy(m->scratch + first, r->data, len - first);
    return m->scratch;
}

static struct live_ring *ring_with_oldest(struct live_merge *m)
{
    struct live_ring *oldest = NULL;
    for (size_t i = 0; i < m->ring_count; i++) {
        struct live_ring *r = &m->rings[i];
        if (r->next < r->found_count &&
            (!oldest || r->sorted[r->next].time_ns < oldest->sorted[oldest->next].time_ns))
            oldest = r;
    }
    return oldest;
}

/* Takes the oldest record of a ring: delivers it, or holds it back when it is younger than the
 * cut. */
static void ring_take(struct live_merge *m, struct live_ring *r, struct delivery *d, uint64_t cut)
{
    const struct found *f = &r->sorted[r->next++];
    uint64_t pos = r->pos[f->index];
    uint64_t ahead = pos + AHEAD_BYTES, end = r->pos[r->found_count];
    r->fetched = ring_fetch(r, r->fetched, ahead < end ? ahead : end);
    /* In the order of time the first n are the ring's first n when none of a higher index is among
     * them. */
    if (f->index > r->last)
        r->last = f->index;
    uint64_t release = r->last + 1 == r->next ? r->pos[r->next] : r->release;
    uint32_t header = ring_record_header(r, pos);
    uint32_t len = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
        const uint8_t *data = ring_record_bytes(m, r, d, pos, len);
        if (f->time_ns <= cut || !data || !held_add(&m->held[1], data, len, f->time_ns))
            deliver(m, d, data, len);
    }
    r->release = release;
}

int live_merge_read(struct live_merge *m, int64_t offset_ns, frame_block_sink *sink, void *ctx,
                    int64_t *safe_ns)
{
    struct delivery d = {.offset_ns = offset_ns, .sink = sink, .ctx = ctx};
    uint64_t cut;
    m->retry = !programs_ready(m, &cut);
    if (m->retry)
        return 0;
    for (size_t i = 0; i < m->ring_count; i++)
        ring_scan(&m->rings[i]);
    struct held_list *last = &m->held[0];
    size_t h = 0;
    struct live_ring *r;
    while ((r = ring_with_oldest(m)) || h < last->count) {
        if (h < last->count && (!r || last->items[h].time_ns <= r->sorted[r->next].time_ns)) {
            const struct held *item = &last->items[h++];
            deliver(m, &d, last->bytes + item->offset, item->len);
        } else {
            ring_take(m, r, &d, cut);
        }
    }
    hand_on(m, &d);
    last->count = last->used = 0;
    struct held_list swap = m->held[0];
    m->held[0] = m->held[1];
    m->held[1] = swap;
    *safe_ns = (int64_t)cut + offset_ns;
    return d.count;
}
