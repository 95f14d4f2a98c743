/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) unsigned char data[];
};

enum {
    ARENA_FIRST_BYTES = 16 * 1024,
};

void arena_init(struct arena *a, size_t limit_bytes)
{
    *a = (struct arena){.limit_bytes = limit_bytes};
}

static void free_after(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_done(struct arena *a)
{
    free_after(a->block);
    arena_init(a, a->limit_bytes);
}

void arena_reset(struct arena *a)
{
    a->used = 0;
    if (!a->block || !a->block->next)
        return;
    /* Each block is larger than the one before it, so the newest is the one to keep. */
    free_after(a->block->next);
    a->block->next = NULL;
    a->total_bytes = a->block->size;
}

static int grow(struct arena *a, size_t bytes)
{
    size_t size = a->block ? a->block->size * 2 : ARENA_FIRST_BYTES;
    while (size < bytes)
        size *= 2;
    if (a->limit_bytes && a->total_bytes + size > a->limit_bytes) {
        if (a->total_bytes + bytes > a->limit_bytes)
            return -1;
        size = bytes;
    }
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (!block)
        return -1;
    block->next = a->block;
    block->size = size;
    a->block = block;
    a->used = 0;
    a->total_bytes += size;
    return 0;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > (size_t)1 << 40)
        return NULL;
    bytes = (bytes + align - 1) & ~(align - 1);
    if ((!a->block || a->block->size - a->used < bytes) && grow(a, bytes) < 0)
        return NULL;
    void *p = a->block->data + a->used;
    a->used += bytes;
    return p;
}

void *arena_copy(struct arena *a, const void *data, size_t bytes)
{
    void *p = arena_alloc(a, bytes);
    if (p && bytes)
        memcpy(p, data, bytes);
    return p;
}
