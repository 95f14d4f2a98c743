/* SPDX-License-Identifier: Apache-2.0 */
/* What has been seen since the start, for /metrics. The pipeline's thread counts; a scrape reads
 * without stopping it. Cardinality is bounded: a fixed number of servers, those most asked, have
 * figures of their own. */
#pragma once

#include "record/record.h"

#include <stdatomic.h>

enum {
    METRICS_BOUNDS = 16, /* upper bounds of latency, 0.1 ms to 10 s, then what is more */
    METRICS_RCODES = 22, /* those that IANA names, "other" and "none" */
    METRICS_SERVERS = 32,
};

extern const struct metrics_bound {
    int64_t ns;
    const char *text; /* in seconds */
} metrics_bounds[METRICS_BOUNDS];

struct metrics_histogram {
    atomic_uint_fast64_t buckets[METRICS_BOUNDS + 1]; /* not cumulated */
    atomic_uint_fast64_t sum_ns;
};

struct metrics;

struct metrics *metrics_new(void); /* NULL without memory */
void metrics_free(struct metrics *m);
void metrics_push(struct metrics *m, struct record *r);

uint64_t metrics_transactions(const struct metrics *m, enum record_outcome outcome,
                              enum record_transport transport, unsigned rcode);
const char *metrics_rcode_name(unsigned rcode);
const struct metrics_histogram *metrics_of_rcode(const struct metrics *m, unsigned rcode);
/* Calls `each` for every server that has a histogram of its own, and last for the "other" ones. */
void metrics_each_server(struct metrics *m,
                         void (*each)(void *ctx, const char *server,
                                      const struct metrics_histogram *h),
                         void *ctx);
