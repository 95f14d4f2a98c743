/* SPDX-License-Identifier: Apache-2.0 */
#include "txn/entry.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>

enum {
    BLOCK_ENTRIES = 64,
};

struct entry_block {
    struct entry_block *next;
    struct entry entries[BLOCK_ENTRIES];
};

int entry_table_init(struct entry_table *t, uint32_t limit, uint64_t bytes_limit)
{
    uint32_t buckets = 1024;
    while (buckets < limit && buckets < 1u << 24)
        buckets *= 2;
    *t = (struct entry_table){
        .buckets = calloc(buckets, sizeof(*t->buckets)),
        .mask = buckets - 1,
        .seed = hash_seed(),
        .limit = limit,
        .bytes_limit = bytes_limit,
    };
    return t->buckets ? 0 : -ENOMEM;
}

static bool is_inline(const struct entry *e, const uint8_t *p)
{
    return p >= e->inline_bytes && p < e->inline_bytes + sizeof(e->inline_bytes);
}

static void drop_message(struct entry_table *t, struct entry *e, uint8_t **message, uint32_t len)
{
    if (*message && !is_inline(e, *message)) {
        free(*message);
        t->bytes -= len;
    }
    *message = NULL;
}

static void drop_memory(struct entry_table *t, struct entry *e)
{
    drop_message(t, e, &e->query, e->query_len);
    drop_message(t, e, &e->response, e->response_len);
    if (e->hops != e->inline_hops)
        free(e->hops);
    e->hops = e->inline_hops;
}

void entry_table_done(struct entry_table *t)
{
    for (int s = 0; s < ENTRY_STATES; s++)
        for (struct entry *e = t->lists[s].first; e; e = e->next)
            drop_memory(t, e);
    while (t->blocks) {
        struct entry_block *next = t->blocks->next;
        free(t->blocks);
        t->blocks = next;
    }
    free(t->buckets);
    *t = (struct entry_table){0};
}

uint64_t entry_hash(const struct entry_table *t, const struct entry_key *key)
{
    _Static_assert(sizeof(*key) == 40, "the key is hashed as bytes and must have no padding");
    return hash_bytes(key, sizeof(*key), t->seed);
}

struct entry *entry_bucket(const struct entry_table *t, uint64_t hash)
{
    return t->buckets[hash & t->mask];
}

bool entry_has_key(const struct entry *e, uint64_t hash, const struct entry_key *key)
{
    return e->hash == hash && memcmp(&e->key, key, sizeof(*key)) == 0;
}

bool entry_table_full(const struct entry_table *t)
{
    return t->used >= t->limit;
}

static bool add_block(struct entry_table *t)
{
    struct entry_block *block = malloc(sizeof(*block));
    if (!block)
        return false;
    block->next = t->blocks;
    t->blocks = block;
    for (int i = BLOCK_ENTRIES - 1; i >= 0; i--) {
        block->entries[i].chain = t->spare;
        t->spare = &block->entries[i];
    }
    return true;
}

struct entry *entry_new(struct entry_table *t, uint64_t hash, const struct entry_key *key)
{
    if (entry_table_full(t) || (!t->spare && !add_block(t)))
        return NULL;
    struct entry *e = t->spare;
    t->spare = e->chain;
    /* The inline arrays behind `seen` are written before they are read. */
    memset(e, 0, offsetof(struct entry, inline_hops));
    e->hash = hash;
    e->key = *key;
    e->state = ENTRY_STATES;
    e->hops = e->inline_hops;
    struct entry **bucket = &t->buckets[hash & t->mask];
    e->chain = *bucket;
    *bucket = e;
    t->used++;
    return e;
}

static void unlink_list(struct entry_table *t, struct entry *e)
{
    if (e->state == ENTRY_STATES)
        return;
    struct entry_list *list = &t->lists[e->state];
    *(e->prev ? &e->prev->next : &list->first) = e->next;
    *(e->next ? &e->next->prev : &list->last) = e->prev;
    e->prev = e->next = NULL;
    list->count--;
}

void entry_move(struct entry_table *t, struct entry *e, enum entry_state state)
{
    unlink_list(t, e);
    struct entry_list *list = &t->lists[state];
    e->state = (uint8_t)state;
    e->prev = list->last;
    *(list->last ? &list->last->next : &list->first) = e;
    list->last = e;
    list->count++;
}

void entry_free(struct entry_table *t, struct entry *e)
{
    unlink_list(t, e);
    struct entry **at = &t->buckets[e->hash & t->mask];
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    drop_memory(t, e);
    e->chain = t->spare;
    t->spare = e;
    t->used--;
}

/* Inline when there is room behind what the other message takes, else from the heap. */
static uint8_t *message_memory(struct entry_table *t, struct entry *e, const uint8_t *other,
                               uint32_t other_len, uint32_t len)
{
    uint32_t used =
        other && is_inline(e, other) ? (uint32_t)(other - e->inline_bytes) + other_len : 0;
    if (len <= ENTRY_INLINE_BYTES - used)
        return e->inline_bytes + used;
    if (t->bytes + len > t->bytes_limit)
        return NULL;
    uint8_t *p = malloc(len);
    if (p)
        t->bytes += len;
    return p;
}

static int set_message(struct entry_table *t, struct entry *e, const uint8_t *other,
                       uint32_t other_len, const struct txn_message *m, uint8_t **out,
                       uint32_t *out_len, bool *cut)
{
    int r = 0;
    uint32_t len = m->len;
    uint8_t *p = message_memory(t, e, other, other_len, len);
    *cut = m->cut;
    if (!p) {
        r = -ENOBUFS;
        *cut = true;
        len = DNS_HEADER_BYTES;
        p = message_memory(t, e, other, other_len, len);
        if (!p)
            len = 0;
    }
    if (p)
        memcpy(p, m->wire, len);
    *out = p;
    *out_len = len;
    return r;
}

int entry_set_query(struct entry_table *t, struct entry *e, const struct txn_message *m)
{
    e->query_bytes = m->full_len;
    return set_message(t, e, e->response, e->response_len, m, &e->query, &e->query_len,
                       &e->query_cut);
}

int entry_set_response(struct entry_table *t, struct entry *e, const struct txn_message *m)
{
    e->response_bytes = m->full_len;
    return set_message(t, e, e->query, e->query_len, m, &e->response, &e->response_len,
                       &e->response_cut);
}

int entry_hop(struct entry *e, const struct frame *frame)
{
    for (int i = 0; i < e->hop_count; i++)
        if (e->hops[i].ifindex == frame->ifindex && e->hops[i].netns == frame->netns)
            return i;
    if (e->hop_count == ENTRY_INLINE_HOPS) {
        struct record_hop *more = malloc(RECORD_HOPS_MAX * sizeof(*more));
        if (!more)
            return -1;
        memcpy(more, e->hops, ENTRY_INLINE_HOPS * sizeof(*more));
        e->hops = more;
    }
    if (e->hop_count == RECORD_HOPS_MAX)
        return -1;
    struct record_hop *hop = &e->hops[e->hop_count];
    *hop = (struct record_hop){.ifindex = frame->ifindex, .netns = frame->netns};
    strncpy(hop->interface, frame->interface ? frame->interface : "", sizeof(hop->interface) - 1);
    e->seen[e->hop_count] = (struct entry_seen){0};
    return e->hop_count++;
}
