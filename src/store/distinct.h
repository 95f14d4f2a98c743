/* SPDX-License-Identifier: Apache-2.0 */
/* How many different texts there are: exact up to DISTINCT_EXACT, then by HyperLogLog (Flajolet et
 * al. 2007) with the estimator of Ertl (arXiv:1702.01284): the standard error is 0.4 %. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
    DISTINCT_EXACT = 4096,
    DISTINCT_BITS = 16,
    DISTINCT_BITS_KEPT = 12, /* of those that are stored: the standard error is 1.6 % */
};

/* Zeroed: empty. */
struct distinct {
    uint64_t *hashes;   /* open addressing, 0 free; NULL once they are too many */
    uint8_t *registers; /* 1 << bits */
    uint32_t len, cap;
    /* Set at the beginning; what is merged must have the same bits. */
    uint8_t bits;   /* 0: DISTINCT_BITS */
    uint16_t exact; /* 0: DISTINCT_EXACT */
};

void distinct_done(struct distinct *d);
int distinct_add(struct distinct *d, const char *text, size_t len); /* 0 or -ENOMEM */
/* The hash is the same in every process: for those that are stored. A stranger can make it collide,
 * and so the number too small. NULL: a text that is absent, which counts as one. */
int distinct_add_kept(struct distinct *d, const char *text, size_t len);
int distinct_merge(struct distinct *to, const struct distinct *from);
double distinct_count(const struct distinct *d);

/* As bytes. */
void distinct_put(const struct distinct *d, struct buf *out);
/* Merges what distinct_put wrote. -EBADMSG when that is not sound or has other bits. */
int distinct_merge_bytes(struct distinct *to, const void *data, size_t len);
