/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_seed(void)
{
    static uint64_t seed;
    if (!seed) {
        /* A failing getrandom leaves the address of a stack slot: still not known from outside. */
        uint64_t drawn = (uint64_t)(uintptr_t)&drawn;
        ssize_t got = getrandom(&drawn, sizeof(drawn), 0);
        (void)got;
        seed = drawn | 1;
    }
    return seed;
}

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
    /* With a known length the compiler leaves a dozen instructions of it: these are the addresses
     * and the keys of transactions. */
    switch (len) {
    case 16:
        return XXH3_64bits_withSeed(data, 16, seed);
    case 40:
        return XXH3_64bits_withSeed(data, 40, seed);
    default:
        return XXH3_64bits_withSeed(data, len, seed);
    }
}

void hash_bytes_wide(const void *data, size_t len, uint64_t seed, uint64_t out[2])
{
    XXH128_hash_t h = XXH3_128bits_withSeed(data, len, seed);
    out[0] = h.low64;
    out[1] = h.high64;
}
