/* SPDX-License-Identifier: Apache-2.0 */
/* Durations counted in buckets of equal relative width: 64 to each power of two, so that a quantile
 * is off by at most 0.8 %. Fixed size; nothing is allocated. */
#pragma once

#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 6,
    HISTOGRAM_MAX_BITS = 42, /* 73 minutes in ns; what is longer counts as that */
    HISTOGRAM_BUCKETS = (HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};

struct histogram {
    uint64_t count;
    int64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

static inline void histogram_add(struct histogram *h, int64_t ns)
{
    uint64_t v = ns < 0 ? 0 : (uint64_t)ns;
    if (v >> HISTOGRAM_MAX_BITS)
        v = (1ull << HISTOGRAM_MAX_BITS) - 1;
    /* Values below 2^SUB_BITS have a bucket each; above, the bits after the leading one choose. */
    unsigned shift = 63u - (unsigned)__builtin_clzll(v | (1u << HISTOGRAM_SUB_BITS));
    shift -= HISTOGRAM_SUB_BITS;
    uint64_t sub = v >> shift;
    h->buckets[((uint64_t)shift << HISTOGRAM_SUB_BITS) + sub]++;
    h->count++;
    if (ns > h->max)
        h->max = ns;
}

/* The value below which the share q (0..1) of all lies, at the middle of its bucket; -1: none. */
int64_t histogram_quantile(const struct histogram *h, double q);
