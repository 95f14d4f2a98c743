/* SPDX-License-Identifier: Apache-2.0 */
/* The most frequent of any number of keys in fixed memory (Misra and Gries): a counter for each of
 * up to `capacity` keys; when they are all in use, about the smaller half is given up at once and
 * what they had in common is taken from all. A key's true count lies between its count and count +
 * `missing`, which is at most a few times total / capacity. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEAVY_KEY_MAX = 80, /* longer keys are told apart, but only this much of them is kept */
};

struct heavy_item {
    uint64_t hash;
    uint64_t count;
    uint16_t key_len; /* of the whole key */
    char key[HEAVY_KEY_MAX];
};

struct heavy;

/* NULL when memory runs out. */
struct heavy *heavy_new(uint32_t capacity);
void heavy_free(struct heavy *h);
/* `len` is at least 1. */
void heavy_add(struct heavy *h, const void *key, size_t len);
/* How much too low a count may be; 0 while everything is exact. */
uint64_t heavy_missing(struct heavy *h);
/* Fills out with the up to `max` most frequent, in order, and returns how many. */
size_t heavy_top(struct heavy *h, const struct heavy_item **out, size_t max);
