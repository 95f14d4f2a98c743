/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of a set of names to a word that is none of them. */
#pragma once

#include <stddef.h>

struct nearest {
    const char *word;
    size_t len;
    const char *best; /* NULL: nothing is near enough */
    size_t best_distance;
};

static inline struct nearest nearest_to(const char *word, size_t len)
{
    return (struct nearest){.word = word, .len = len};
}

/* Offers a candidate; best is the first of those at the least distance: insertions, deletions,
 * changes and swaps of neighbours, without regard to case; a third of the word at most, or the
 * candidate begins with the word. */
void nearest_offer(struct nearest *n, const char *candidate);
