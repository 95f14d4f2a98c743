/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/live.h"

#include "base/clock.h"
#include "tap/live_bpf.h"
#include "tap/live_ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    POLL_MAX_MS = 20,                /* how long a record may wait in a ring that nothing fills */
    RETRY_MS = 1,                    /* when a program was not ready */
    RINGS_BYTES = 8 << 20,           /* all together, by default */
    RING_BYTES_MIN = 1 << 20,        /* each, by default */
    CPUS_A_RING = 8,                 /* one ring's lock is shared by all who write it */
    CLOCK_TRIES = 4,                 /* to read two clocks at one moment */
    CLOCK_STEP_NS = 10 * NS_PER_US,  /* what counts as a step of the wall clock */
    CLOCK_BRACKET_NS = 2 * NS_PER_US /* how exact such a reading must be */
};

struct tap_live {
    struct live_bpf *bpf;
    struct live_merge *merge;
    size_t cpu_count;
    int epoll_fd;
    int64_t offset_ns; /* from CLOCK_MONOTONIC to the epoch */
    bool offset_known;
    int64_t safe_ns;
    uint64_t lost;
    int64_t loss_ns;
};

/* Both clocks run at one rate; only steps of the wall clock move them apart. So the offset is kept
 * until it differs by more than reading it does, and latencies are differences of one clock. */
static void offset_refresh(struct tap_live *t)
{
    int64_t best = INT64_MAX, offset = 0;
    for (int i = 0; i < CLOCK_TRIES && best > CLOCK_BRACKET_NS; i++) {
        int64_t before = clock_ns(CLOCK_MONOTONIC);
        int64_t real = clock_ns(CLOCK_REALTIME);
        int64_t after = clock_ns(CLOCK_MONOTONIC);
        if (after - before < best) {
            best = after - before;
            offset = real - before - (after - before) / 2;
        }
    }
    int64_t change = offset > t->offset_ns ? offset - t->offset_ns : t->offset_ns - offset;
    if (!t->offset_known || change > CLOCK_STEP_NS + best) {
        t->offset_ns = offset;
        t->offset_known = true;
    }
}

static int sizes_choose(struct live_bpf_sizes *s, const struct tap_live_options *o, char *err,
                        size_t err_len)
{
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    if (o->ring_bytes && (o->ring_bytes < page || (o->ring_bytes & (o->ring_bytes - 1)))) {
        snprintf(err, err_len, "ring size %u: it must be a power of two and at least %u bytes",
                 o->ring_bytes, page);
        return -EINVAL;
    }
    if (o->port_count > TAP_PORTS_MAX) {
        snprintf(err, err_len, "%u ports: at most %d", o->port_count, TAP_PORTS_MAX);
        return -EINVAL;
    }
    int possible = libbpf_num_possible_cpus();
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    s->cpu_count = possible > 0 ? (uint32_t)possible : 1;
    s->ring_count = 1;
    while (s->ring_count * CPUS_A_RING < online && s->ring_count < LIVE_RINGS_MAX)
        s->ring_count *= 2;
    s->ring_bytes = o->ring_bytes;
    if (!s->ring_bytes) {
        s->ring_bytes = RINGS_BYTES / s->ring_count;
        if (s->ring_bytes < RING_BYTES_MIN)
            s->ring_bytes = RING_BYTES_MIN;
    }
    return 0;
}

/* Edge-triggered: the kernel reports a ring as readable as long as it holds anything, and only its
 * wake-ups are to count. */
static int epoll_open(const int *rings, size_t count)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (size_t i = 0; i < count; i++) {
        struct epoll_event e = {.events = EPOLLIN | EPOLLET};
        if (epoll_ctl(fd, EPOLL_CTL_ADD, rings[i], &e)) {
            int err = -errno;
            close(fd);
            return err;
        }
    }
    return fd;
}

int tap_live_open(struct tap_live **out, const struct tap_live_options *o, char *err,
                  size_t err_len)
{
    struct live_bpf_sizes sizes;
    int e = sizes_choose(&sizes, o, err, err_len);
    if (e)
        return e;
    struct tap_live *t = calloc(1, sizeof *t);
    if (!t) {
        snprintf(err, err_len, "out of memory");
        return -ENOMEM;
    }
    t->epoll_fd = -1;
    t->cpu_count = sizes.cpu_count;
    e = live_bpf_open(&t->bpf, o, &sizes, err, err_len);
    if (e)
        goto fail;
    e = live_merge_new(&t->merge, live_bpf_rings(t->bpf), sizes.ring_count, sizes.ring_bytes,
                       live_bpf_cpus(t->bpf), t->cpu_count);
    if (e) {
        snprintf(err, err_len, "mapping the ring buffers: %s", strerror(-e));
        goto fail;
    }
    t->epoll_fd = epoll_open(live_bpf_rings(t->bpf), sizes.ring_count);
    if (t->epoll_fd < 0) {
        e = t->epoll_fd;
        snprintf(err, err_len, "waiting for the ring buffers: %s", strerror(-e));
        goto fail;
    }
    offset_refresh(t);
    *out = t;
    return 0;
fail:
    tap_live_close(t);
    return e;
}

const char *tap_live_missing(const struct tap_live *t, size_t i)
{
    return live_bpf_missing(t->bpf, i);
}

static void loss_check(struct tap_live *t)
{
    const struct ring_cpu *cpus = live_bpf_cpus(t->bpf);
    uint64_t lost = 0;
    for (size_t i = 0; i < t->cpu_count; i++)
        lost += __atomic_load_n(&cpus[i].counters.lost, __ATOMIC_RELAXED);
    lost += live_merge_bad(t->merge);
    if (lost == t->lost)
        return;
    t->lost = lost;
    t->loss_ns = clock_ns(CLOCK_MONOTONIC) + t->offset_ns;
}

int tap_live_poll(struct tap_live *t, int timeout_ms, frame_block_sink *sink, void *ctx,
                  int64_t *safe_ns)
{
    int wait = timeout_ms < 0 || timeout_ms > POLL_MAX_MS ? POLL_MAX_MS : timeout_ms;
    if (live_merge_retry(t->merge) && wait > RETRY_MS)
        wait = RETRY_MS;
    struct epoll_event events[LIVE_RINGS_MAX];
    if (wait && epoll_wait(t->epoll_fd, events, LIVE_RINGS_MAX, wait) < 0)
        return -errno;
    offset_refresh(t);
    int n = live_merge_read(t->merge, t->offset_ns, sink, ctx, &t->safe_ns);
    loss_check(t);
    *safe_ns = t->safe_ns;
    return n;
}

int64_t tap_live_take_loss(struct tap_live *t)
{
    int64_t at = t->loss_ns;
    t->loss_ns = 0;
    return at;
}

void tap_live_detach(struct tap_live *t)
{
    live_bpf_detach(t->bpf);
}

void tap_live_counters(const struct tap_live *t, struct ring_counters *sum)
{
    const struct ring_cpu *cpus = live_bpf_cpus(t->bpf);
    uint64_t *to = (uint64_t *)sum;
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < t->cpu_count; i++) {
        const uint64_t *from = (const uint64_t *)&cpus[i].counters;
        for (size_t k = 0; k < sizeof *sum / sizeof *to; k++)
            to[k] += __atomic_load_n(from + k, __ATOMIC_RELAXED);
    }
}

void tap_live_close(struct tap_live *t)
{
    if (!t)
        return;
    if (t->epoll_fd >= 0)
        close(t->epoll_fd);
    live_merge_free(t->merge);
    live_bpf_close(t->bpf);
    free(t);
}
