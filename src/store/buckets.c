/* SPDX-License-Identifier: Apache-2.0 */
#include "store/buckets.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    FIRST_ENTRIES = 16,
    FEW_ENTRIES = 48,
    MANY_ENTRIES = 512,
};

int64_t store_bucket_low(uint16_t bucket)
{
    unsigned shift = bucket >> STORE_BUCKET_BITS;
    if (shift < 2)
        return bucket;
    uint64_t top = (bucket & ((1u << STORE_BUCKET_BITS) - 1)) | 1u << STORE_BUCKET_BITS;
    return (int64_t)(top << (shift - 1));
}

int64_t store_bucket_high(uint16_t bucket)
{
    return bucket + 1 < STORE_BUCKETS_MAX ? store_bucket_low((uint16_t)(bucket + 1)) : INT64_MAX;
}

void buckets_done(struct buckets *b)
{
    free(b->entries);
    *b = (struct buckets){0};
}

static int compare(const void *a, const void *b)
{
    uint16_t x = buckets_bucket(*(const uint64_t *)a), y = buckets_bucket(*(const uint64_t *)b);
    return (x > y) - (x < y);
}

/* By insertion: most keys of a second have few entries, and for them a call per comparison is what
 * sorting costs. */
static void sort_few(uint64_t *entries, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        uint64_t moved = entries[i];
        size_t to = i;
        for (; to && entries[to - 1] > moved; to--)
            entries[to] = entries[to - 1];
        entries[to] = moved;
    }
}

/* By counting: many entries of few buckets. */
static void compact_many(struct buckets *b)
{
    uint64_t counts[STORE_BUCKETS_MAX] = {0};
    for (size_t i = 0; i < b->len; i++)
        counts[buckets_bucket(b->entries[i])] += buckets_count(b->entries[i]);
    size_t n = 0;
    for (size_t i = 0; i < STORE_BUCKETS_MAX; i++)
        if (counts[i])
            b->entries[n++] = (uint64_t)i << 48 | counts[i];
    b->len = b->sorted = n;
}

void buckets_compact(struct buckets *b)
{
    if (b->sorted == b->len)
        return;
    if (b->len >= MANY_ENTRIES) {
        compact_many(b);
        return;
    }
    if (b->len <= FEW_ENTRIES)
        sort_few(b->entries, b->len);
    else
        qsort(b->entries, b->len, sizeof(b->entries[0]), compare);
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++) {
        if (n && buckets_bucket(b->entries[n - 1]) == buckets_bucket(b->entries[i]))
            b->entries[n - 1] += buckets_count(b->entries[i]);
        else
            b->entries[n++] = b->entries[i];
    }
    b->len = b->sorted = n;
}

/* Entries are put at the end and made one per bucket when the room is full, so that adding costs
 * the same on average in whatever order they come. */
static int make_room(struct buckets *b)
{
    buckets_compact(b);
    if (b->len * 2 <= b->cap && b->cap)
        return 0;
    size_t cap = b->cap ? b->cap * 2 : FIRST_ENTRIES;
    uint64_t *entries = realloc(b->entries, cap * sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    b->entries = entries;
    b->cap = cap;
    return 0;
}

int buckets_add(struct buckets *b, uint16_t bucket, uint64_t count)
{
    if (!count)
        return 0;
    if (b->len && buckets_bucket(b->entries[b->len - 1]) == bucket) {
        b->entries[b->len - 1] += count;
        return 0;
    }
    if (b->len == b->cap && make_room(b) < 0)
        return -ENOMEM;
    bool in_order =
        b->sorted == b->len && (!b->len || buckets_bucket(b->entries[b->len - 1]) < bucket);
    b->entries[b->len++] = (uint64_t)bucket << 48 | count;
    if (in_order)
        b->sorted = b->len;
    return 0;
}

int buckets_merge(struct buckets *to, const struct buckets *from)
{
    for (size_t i = 0; i < from->len; i++)
        if (buckets_add(to, buckets_bucket(from->entries[i]), buckets_count(from->entries[i])) < 0)
            return -ENOMEM;
    return 0;
}

int64_t buckets_at(const struct buckets *b, double share)
{
    uint64_t total = 0, passed = 0;
    for (size_t i = 0; i < b->len; i++)
        total += buckets_count(b->entries[i]);
    if (!total)
        return -1;
    /* A share like 0.9 of 10 must not become 9.000000000000002 and so the tenth. */
    uint64_t rank = (uint64_t)ceil(share * (double)total - 1e-9 * (double)total);
    if (rank < 1)
        rank = 1;
    for (size_t i = 0; i < b->len; i++) {
        passed += buckets_count(b->entries[i]);
        if (passed >= rank) {
            uint16_t bucket = buckets_bucket(b->entries[i]);
            int64_t low = store_bucket_low(bucket);
            return low + (store_bucket_high(bucket) - 1 - low) / 2;
        }
    }
    return -1;
}
