/* SPDX-License-Identifier: Apache-2.0 */
/* How many different texts there are: exact up to DISTINCT_EXACT, then by HyperLogLog (Flajolet et
 * al. 2007) with the estimator of Ertl (arXiv:1702.01284): the standard error is 0.4 %. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    DISTINCT_EXACT = 4096,
    DISTINCT_BITS = 16,
};

/* Zeroed: empty. */
struct distinct {
    uint64_t *hashes;   /* open addressing, 0 free; NULL once they are too many */
    uint8_t *registers; /* 1 << DISTINCT_BITS */
    uint32_t len, cap;
};

void distinct_done(struct distinct *d);
int distinct_add(struct distinct *d, const char *text, size_t len); /* 0 or -ENOMEM */
int distinct_merge(struct distinct *to, const struct distinct *from);
double distinct_count(const struct distinct *d);
