/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator for what lives as long as one packet or one batch. Nothing is freed singly;
 * arena_reset keeps the largest block, so that a steady stream allocates nothing. */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block;
    size_t used;        /* of the newest block */
    size_t total_bytes; /* of all blocks */
    size_t limit_bytes; /* 0: none */
};

void arena_init(struct arena *a, size_t limit_bytes);
void arena_done(struct arena *a);
void arena_reset(struct arena *a);

/* Uninitialised memory aligned for any type; NULL when the limit or the memory is reached. */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_copy(struct arena *a, const void *data, size_t bytes);
