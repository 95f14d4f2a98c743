/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/watch.h"

#include "agent/commands.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DRAIN_ROUNDS = 100, /* polls after detaching; each finds less */
};

struct watch {
    struct tap_live *tap;
    struct enrich *enrich;
    struct pipeline *pipeline;
};

static void on_frames(void *ctx, const struct frame *frames, uint32_t count)
{
    struct watch *w = ctx;
    pipeline_push_block(w->pipeline, frames, count);
}

static bool make_pipeline(struct watch *w, const struct watch_options *o, record_sink *sink,
                          void *ctx)
{
    _Static_assert((int)PIPELINE_PORTS_MAX == (int)TAP_PORTS_MAX, "one list of ports for both");
    char cgroup_root[256];
    bool has_cgroup = tap_cgroup2_mount(cgroup_root, sizeof(cgroup_root)) == 0;
    w->enrich = enrich_new(has_cgroup ? cgroup_root : NULL);
    struct pipeline_options options = {
        .port_count = o->tap.port_count,
        .txn = o->txn,
        .enrich = o->no_enrich ? NULL : w->enrich,
        .filter = o->filter,
    };
    memcpy(options.ports, o->tap.ports, sizeof(options.ports));
    w->pipeline = w->enrich ? pipeline_new(&options, sink, ctx) : NULL;
    return w->pipeline != NULL;
}

int watch_open(struct watch **out, const struct watch_options *o, record_sink *sink, void *ctx,
               char *err, size_t err_len)
{
    struct watch *w = calloc(1, sizeof(*w));
    int r = w ? tap_live_open(&w->tap, &o->tap, err, err_len) : -ENOMEM;
    if (r == 0 && !make_pipeline(w, o, sink, ctx))
        r = -ENOMEM;
    if (r == -ENOMEM && (!w || w->tap))
        snprintf(err, err_len, "out of memory");
    if (r < 0) {
        watch_close(w);
        return r;
    }
    /* Answers to queries from before the start are not unsolicited. */
    pipeline_note_loss(w->pipeline, clock_ns(CLOCK_REALTIME));
    *out = w;
    return 0;
}

int watch_exit_code(int error)
{
    switch (error) {
    case 0:
        return EXIT_DONE;
    case -EPERM:
    case -EACCES:
    case -ENOTSUP:
    case -ENOENT:
        return EXIT_NOT_ALLOWED;
    case -EINVAL:
        return EXIT_USAGE;
    default:
        return EXIT_FAILED;
    }
}

const char *watch_missing(const struct watch *w, size_t i)
{
    return tap_live_missing(w->tap, i);
}

int watch_take_in(struct watch *w, int timeout_ms)
{
    int64_t safe_ns = 0;
    int n = tap_live_poll(w->tap, timeout_ms, on_frames, w, &safe_ns);
    if (n < 0)
        return n == -EINTR ? 0 : n;
    /* Losses are told before the tick, which decides about timeouts. */
    int64_t loss_ns = tap_live_take_loss(w->tap);
    if (loss_ns > 0)
        pipeline_note_loss(w->pipeline, loss_ns);
    pipeline_tick(w->pipeline, safe_ns);
    return n;
}

void watch_drain(struct watch *w)
{
    tap_live_detach(w->tap);
    for (int i = 0; i < DRAIN_ROUNDS && watch_take_in(w, 0) > 0; i++)
        ;
    pipeline_flush(w->pipeline);
}

void watch_close(struct watch *w)
{
    if (!w)
        return;
    pipeline_free(w->pipeline);
    enrich_free(w->enrich);
    tap_live_close(w->tap);
    free(w);
}

void watch_counters(const struct watch *w, struct ring_counters *sum)
{
    tap_live_counters(w->tap, sum);
}

struct pipeline_stats watch_pipeline_stats(const struct watch *w)
{
    return pipeline_stats(w->pipeline);
}

const struct enrich_stats *watch_enrich_stats(const struct watch *w)
{
    return enrich_stats(w->enrich);
}

uint64_t watch_lost(const struct watch *w)
{
    struct ring_counters c;
    tap_live_counters(w->tap, &c);
    const struct txn_stats *txn = pipeline_stats(w->pipeline).txn;
    uint64_t known = txn->counted_queries + txn->at_risk + c.queries_sampled_out;
    return c.lost && c.queries > known ? c.queries - known : 0;
}
