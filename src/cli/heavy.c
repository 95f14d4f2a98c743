/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/heavy.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE = 127,
    LAST_BYTES = 16,
    PENDING = 4, /* keys whose slots are being fetched */
};

/* Keys are known by their keyed 64-bit hash: that two of a few thousand share one is out of reach
 * for chance and, without the seed, for intent. */
struct slot {
    uint64_t hash;
    uint64_t count; /* here, so that a known key costs one cache line */
    uint32_t item;  /* from 1; 0: free */
};

/* A key to be counted once its slot is here. */
struct pending {
    uint64_t hash;
    uint16_t len; /* of the whole key; 0: none */
    uint8_t key[HEAVY_KEY_MAX];
};

struct heavy {
    uint64_t seed;
    uint64_t missing;
    uint32_t capacity;
    uint32_t used;
    uint32_t mask; /* of the slots, at least twice as many as items */
    struct slot *slots;
    /* The last key of LAST_BYTES, an address, and its slot; NULL: none. */
    uint8_t last_key[LAST_BYTES];
    struct slot *last;
    struct heavy_item *items;
    struct pending pending[PENDING];
    uint32_t turn; /* of the next pending one */
};

struct heavy *heavy_new(uint32_t capacity)
{
    struct heavy *h = calloc(1, sizeof(*h));
    uint32_t slots = 64;
    while (slots < 2 * capacity)
        slots *= 2;
    if (!h)
        return NULL;
    h->seed = hash_seed();
    h->capacity = capacity;
    h->mask = slots - 1;
    h->slots = calloc(slots, sizeof(*h->slots));
    h->items = calloc(capacity, sizeof(*h->items));
    if (!h->slots || !h->items) {
        heavy_free(h);
        return NULL;
    }
    return h;
}

void heavy_free(struct heavy *h)
{
    if (!h)
        return;
    free(h->slots);
    free(h->items);
    free(h);
}

static struct slot *find(const struct heavy *h, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & h->mask;
    while (h->slots[at].item && h->slots[at].hash != hash)
        at = (at + 1) & h->mask;
    return &h->slots[at];
}

/* Brings the items' counts up to date. */
static void collect_counts(const struct heavy *h)
{
    for (uint32_t i = 0; i <= h->mask; i++)
        if (h->slots[i].item)
            h->items[h->slots[i].item - 1].count = h->slots[i].count;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The median of an evenly spread sample: near enough, and far cheaper than that of all. */
static uint64_t sampled_median(const struct heavy *h)
{
    uint64_t counts[SAMPLE] = {0};
    uint32_t n = h->used < SAMPLE ? h->used : SAMPLE;
    for (uint32_t i = 0; i < n; i++)
        counts[i] = h->items[(uint64_t)i * h->used / n].count;
    qsort(counts, n, sizeof(*counts), by_value);
    return counts[n / 2];
}

/* Runs once in about capacity / 2 new keys, so its work costs each of them little. */
static void purge(struct heavy *h)
{
    collect_counts(h);
    uint64_t median = sampled_median(h);
    uint32_t kept = 0;
    memset(h->slots, 0, ((size_t)h->mask + 1) * sizeof(*h->slots));
    for (uint32_t i = 0; i < h->used; i++) {
        if (h->items[i].count <= median)
            continue;
        if (kept != i)
            h->items[kept] = h->items[i];
        h->items[kept].count -= median;
        *find(h, h->items[kept].hash) =
            (struct slot){h->items[kept].hash, h->items[kept].count, kept + 1};
        kept++;
    }
    h->used = kept;
    h->missing += median;
    h->last = NULL;
}

static struct slot *find_or_add(struct heavy *h, uint64_t hash, const void *key, size_t len)
{
    struct slot *s = find(h, hash);
    if (s->item)
        return s;
    if (h->used == h->capacity) {
        purge(h);
        s = find(h, hash);
    }
    struct heavy_item *item = &h->items[h->used++];
    *s = (struct slot){hash, 0, h->used};
    item->hash = hash;
    item->key_len = (uint16_t)len;
    memcpy(item->key, key, len < HEAVY_KEY_MAX ? len : HEAVY_KEY_MAX);
    return s;
}

/* Many transactions in a row have the same client or server. */
static void add_address(struct heavy *h, const void *key)
{
    if (!h->last || memcmp(h->last_key, key, LAST_BYTES) != 0) {
        h->last = find_or_add(h, hash_bytes(key, LAST_BYTES, h->seed), key, LAST_BYTES);
        memcpy(h->last_key, key, LAST_BYTES);
    }
    h->last->count++;
}

static void settle(struct heavy *h, struct pending *p)
{
    if (p->len)
        find_or_add(h, p->hash, p->key, p->len)->count++;
    p->len = 0;
}

static void settle_all(struct heavy *h)
{
    for (int i = 0; i < PENDING; i++)
        settle(h, &h->pending[i]);
}

void heavy_add(struct heavy *h, const void *key, size_t len)
{
    if (len == LAST_BYTES) {
        add_address(h, key);
        return;
    }
    struct pending *p = &h->pending[h->turn++ % PENDING];
    settle(h, p);
    p->hash = hash_bytes(key, len, h->seed);
    p->len = (uint16_t)(len > UINT16_MAX ? UINT16_MAX : len);
    memcpy(p->key, key, len < HEAVY_KEY_MAX ? len : HEAVY_KEY_MAX);
    __builtin_prefetch(&h->slots[(uint32_t)p->hash & h->mask], 1);
}

uint64_t heavy_missing(struct heavy *h)
{
    settle_all(h);
    return h->missing;
}

/* More frequent first; equal ones by key, so that the same input gives the same output. */
static bool before(const struct heavy_item *a, const struct heavy_item *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    size_t n = a->key_len < b->key_len ? a->key_len : b->key_len;
    int c = memcmp(a->key, b->key, n < HEAVY_KEY_MAX ? n : HEAVY_KEY_MAX);
    return c < 0 || (c == 0 && a->key_len < b->key_len);
}

size_t heavy_top(struct heavy *h, const struct heavy_item **out, size_t max)
{
    size_t n = 0;
    settle_all(h);
    collect_counts(h);
    for (uint32_t i = 0; max && i < h->used; i++) {
        const struct heavy_item *item = &h->items[i];
        if (n == max && !before(item, out[n - 1]))
            continue;
        size_t at = n < max ? n++ : n - 1;
        for (; at > 0 && before(item, out[at - 1]); at--)
            out[at] = out[at - 1];
        out[at] = item;
    }
    return n;
}
