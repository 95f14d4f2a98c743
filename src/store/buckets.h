/* SPDX-License-Identifier: Apache-2.0 */
/* Latencies by logarithmic buckets: single microseconds below 128, then 64 to each power of two.
 * The middle of a bucket is off by at most 0.8 % from any latency in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STORE_BUCKET_BITS = 6, /* sub-buckets of a power of two */
    STORE_BUCKETS_MAX = (64 - STORE_BUCKET_BITS) << STORE_BUCKET_BITS,
};

static inline uint16_t store_bucket_of(int64_t latency_us)
{
    uint64_t v = latency_us > 0 ? (uint64_t)latency_us : 0;
    unsigned shift =
        v >> (STORE_BUCKET_BITS + 1) ? 63u - STORE_BUCKET_BITS - (unsigned)__builtin_clzll(v) : 0;
    return (uint16_t)((shift << STORE_BUCKET_BITS) + (v >> shift));
}

/* [low, high) in us; the last one ends at INT64_MAX. */
int64_t store_bucket_low(uint16_t bucket);
int64_t store_bucket_high(uint16_t bucket);

/* Counts by bucket, sparse; zeroed: empty. */
struct buckets {
    uint64_t *entries; /* bucket << 48 | count */
    size_t len, cap;
    size_t sorted; /* that many are in order, each bucket once */
};

void buckets_done(struct buckets *b);
/* 0 or -ENOMEM. Counts stay below 2^48. */
int buckets_add(struct buckets *b, uint16_t bucket, uint64_t count);
int buckets_merge(struct buckets *to, const struct buckets *from);
/* Puts the entries in order, each bucket once. */
void buckets_compact(struct buckets *b);
static inline uint16_t buckets_bucket(uint64_t entry)
{
    return (uint16_t)(entry >> 48);
}
static inline uint64_t buckets_count(uint64_t entry)
{
    return entry & 0xffffffffffff;
}
/* The latency at a share of the counts (nearest rank: 0.99 of 50 is the 50th), in us; -1 when there
 * are none. Compacted buckets only. */
int64_t buckets_at(const struct buckets *b, double share);
