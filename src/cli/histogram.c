/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/histogram.h"

/* Index i = shift * 64 + sub with sub in 64..127 for shift > 0, and 0..127 for shift 0. */
static int64_t middle_of(unsigned i)
{
    unsigned shift = i >> HISTOGRAM_SUB_BITS, sub = i & ((1u << HISTOGRAM_SUB_BITS) - 1);
    if (shift <= 1)
        return (int64_t)i;
    shift--;
    uint64_t low = ((uint64_t)sub | 1u << HISTOGRAM_SUB_BITS) << shift;
    return (int64_t)(low + (1ull << shift) / 2);
}

int64_t histogram_quantile(const struct histogram *h, double q)
{
    if (!h->count)
        return -1;
    double wanted = q * (double)h->count;
    uint64_t rank = wanted < 1 ? 1 : (uint64_t)wanted + ((double)(uint64_t)wanted < wanted);
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen >= rank) {
            int64_t v = middle_of(i);
            return v > h->max ? h->max : v;
        }
    }
    return h->max;
}
