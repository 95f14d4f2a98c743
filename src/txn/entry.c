/* SPDX-License-Identifier: Apache-2.0 */
#include "txn/entry.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    /* Entries are visited in an order that no TLB can follow, so a block lies in one huge page. */
    HUGE_PAGE_BYTES = 2 << 20,
    BLOCK_SHIFT = 11, /* entries in a block, as a power of two; fewer in a small table */
    SLOTS_MIN = 1024,
};
_Static_assert(sizeof(struct entry) << BLOCK_SHIFT <= HUGE_PAGE_BYTES, "a block fits a huge page");

int entry_table_init(struct entry_table *t, uint32_t limit, uint64_t bytes_limit)
{
    *t = (struct entry_table){
        .slots = calloc(SLOTS_MIN, sizeof(*t->slots)),
        .mask = SLOTS_MIN - 1,
        .seed = hash_seed(),
        .limit = limit,
        .bytes_limit = bytes_limit,
    };
    while (t->block_shift < BLOCK_SHIFT && 1u << t->block_shift < limit)
        t->block_shift++;
    t->blocks_max = (limit >> t->block_shift) + 1;
    t->blocks = calloc(t->blocks_max, sizeof(*t->blocks));
    return t->slots && t->blocks ? 0 : -ENOMEM;
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
    for (uint32_t i = 0; i < t->block_count; i++)
        free(t->blocks[i]);
    free(t->blocks);
    free(t->slots);
    *t = (struct entry_table){0};
}

static struct entry *entry_at(const struct entry_table *t, uint32_t index)
{
    index--;
    return &t->blocks[index >> t->block_shift][index & ((1u << t->block_shift) - 1)];
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* The slot of this key, or the free one where it belongs. */
static struct entry_slot *find_slot(const struct entry_table *t, uint64_t hash,
                                    const struct txn_key *key)
{
    for (uint32_t i = tag_of(hash) & t->mask;; i = (i + 1) & t->mask) {
        struct entry_slot *slot = &t->slots[i];
        if (!slot->index)
            return slot;
        if (slot->tag != tag_of(hash))
            continue;
        const struct entry *e = entry_at(t, slot->index);
        if (e->hash == hash && memcmp(&e->key, key, sizeof(*key)) == 0)
            return slot;
    }
}

/* At most three quarters of the slots are in use. */
static bool grow_slots(struct entry_table *t)
{
    if (t->slots_used < (t->mask + 1) / 4 * 3)
        return true;
    uint32_t mask = t->mask * 2 + 1;
    struct entry_slot *slots = calloc((size_t)mask + 1, sizeof(*slots));
    if (!slots)
        return false;
    for (uint32_t i = 0; i <= t->mask; i++) {
        if (!t->slots[i].index)
            continue;
        uint32_t at = t->slots[i].tag & mask;
        while (slots[at].index)
            at = (at + 1) & mask;
        slots[at] = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->mask = mask;
    return true;
}

/* Later slots of the same run move back, so that probing never meets a hole. */
static void free_slot(struct entry_table *t, struct entry_slot *slot)
{
    uint32_t hole = (uint32_t)(slot - t->slots);
    for (uint32_t i = (hole + 1) & t->mask; t->slots[i].index; i = (i + 1) & t->mask) {
        uint32_t home = t->slots[i].tag & t->mask;
        if (((i - home) & t->mask) < ((i - hole) & t->mask))
            continue;
        t->slots[hole] = t->slots[i];
        hole = i;
    }
    t->slots[hole].index = 0;
    t->slots_used--;
}

static uint64_t ports_and_id(const struct txn_key *key)
{
    _Static_assert(sizeof(*key) - offsetof(struct txn_key, client_port) == 8, "one word");
    uint64_t word;
    memcpy(&word, &key->client_port, sizeof(word));
    return word;
}

static struct entry_recent *recent_of(struct entry_table *t, const struct txn_key *key)
{
    return &t->recent[key->id % ENTRY_RECENT];
}

static void remember(struct entry_table *t, struct entry *e)
{
    *recent_of(t, &e->key) = (struct entry_recent){ports_and_id(&e->key), e};
}

/* A message is seen at several places within microseconds, and its answer soon after. */
struct entry *entry_find(struct entry_table *t, const struct txn_key *key, uint64_t *hash)
{
    _Static_assert(sizeof(*key) == 40, "the key is hashed as bytes and must have no padding");
    const struct entry_recent *recent = recent_of(t, key);
    if (recent->newest && recent->ports_and_id == ports_and_id(key) &&
        memcmp(&recent->newest->key, key, sizeof(*key)) == 0) {
        *hash = recent->newest->hash;
        return recent->newest;
    }
    if (!*hash)
        *hash = hash_bytes(key, sizeof(*key), t->seed);
    const struct entry_slot *slot = find_slot(t, *hash, key);
    if (!slot->index)
        return NULL;
    remember(t, entry_at(t, slot->index));
    return entry_at(t, slot->index);
}

static void fetch(const void *p, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch((const char *)p + at);
}

uint64_t entry_expect(struct entry_table *t, const struct txn_key *key)
{
    const struct entry_recent *recent = recent_of(t, key);
    if (recent->newest && recent->ports_and_id == ports_and_id(key)) {
        fetch(recent->newest, offsetof(struct entry, inline_hops));
        return 0;
    }
    uint64_t hash = hash_bytes(key, sizeof(*key), t->seed);
    __builtin_prefetch(&t->slots[tag_of(hash) & t->mask]);
    return hash;
}

void entry_prefetch(const struct entry_table *t, const struct entry *e)
{
    const struct entry *next = e->next;
    if (!next)
        return;
    /* Its first line has been fetched by the call before. */
    __builtin_prefetch(&t->slots[tag_of(next->hash) & t->mask]);
    if (!next->next)
        return;
    fetch(next->next, offsetof(struct entry, inline_bytes) + 128);
}

bool entry_table_full(const struct entry_table *t)
{
    return t->used >= t->limit;
}

static bool add_block(struct entry_table *t)
{
    if (t->block_count == t->blocks_max)
        return false;
    bool huge = t->block_shift == BLOCK_SHIFT;
    struct entry *block = huge ? aligned_alloc(HUGE_PAGE_BYTES, HUGE_PAGE_BYTES)
                               : malloc(sizeof(*block) << t->block_shift);
    if (!block)
        return false;
    if (huge)
        madvise(block, HUGE_PAGE_BYTES, MADV_HUGEPAGE);
    for (uint32_t i = 1u << t->block_shift; i-- > 0;) {
        block[i].index = (t->block_count << t->block_shift) + i + 1;
        block[i].generation = 0;
        block[i].chain = t->spare;
        t->spare = &block[i];
    }
    t->blocks[t->block_count++] = block;
    return true;
}

struct entry *entry_new(struct entry_table *t, uint64_t hash, const struct txn_key *key)
{
    if (entry_table_full(t) || (!t->spare && !add_block(t)) || !grow_slots(t))
        return NULL;
    struct entry *e = t->spare;
    uint32_t index = e->index, generation = e->generation;
    t->spare = e->chain;
    if (t->spare) /* the next one's turn comes in a microsecond */
        fetch(t->spare, offsetof(struct entry, inline_bytes));
    /* The inline arrays behind `seen` are written before they are read. */
    memset(e, 0, offsetof(struct entry, inline_hops));
    e->hash = hash;
    e->index = index;
    e->generation = generation;
    e->key = *key;
    e->state = ENTRY_STATES;
    e->hops = e->inline_hops;
    struct entry_slot *slot = find_slot(t, hash, key);
    if (slot->index)
        e->chain = entry_at(t, slot->index);
    else
        t->slots_used++;
    *slot = (struct entry_slot){.tag = tag_of(hash), .index = index};
    remember(t, e);
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
    struct entry_slot *slot = find_slot(t, e->hash, &e->key);
    if (slot->index != e->index) {
        struct entry *newer = entry_at(t, slot->index);
        while (newer->chain != e)
            newer = newer->chain;
        newer->chain = e->chain;
    } else if (e->chain) {
        slot->index = e->chain->index;
    } else {
        free_slot(t, slot);
    }
    if (recent_of(t, &e->key)->newest == e)
        recent_of(t, &e->key)->newest = NULL;
    drop_memory(t, e);
    e->generation++;
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
