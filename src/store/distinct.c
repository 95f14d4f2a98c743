/* SPDX-License-Identifier: Apache-2.0 */
#include "store/distinct.h"

#include "base/hash.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    REGISTERS = 1 << DISTINCT_BITS,
    RANKS = 64 - DISTINCT_BITS,
    FIRST_CAP = 8,
};

void distinct_done(struct distinct *d)
{
    free(d->hashes);
    free(d->registers);
    *d = (struct distinct){0};
}

static void note(uint8_t *registers, uint64_t hash)
{
    uint64_t rest = hash << DISTINCT_BITS;
    unsigned rank = rest ? (unsigned)__builtin_clzll(rest) + 1 : RANKS + 1;
    uint8_t *r = &registers[hash >> (64 - DISTINCT_BITS)];
    if (*r < rank)
        *r = (uint8_t)rank;
}

static int become_registers(struct distinct *d)
{
    d->registers = calloc(REGISTERS, 1);
    if (!d->registers)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->cap; i++)
        if (d->hashes[i])
            note(d->registers, d->hashes[i]);
    free(d->hashes);
    d->hashes = NULL;
    d->len = d->cap = 0;
    return 0;
}

/* Whether the hash is new to the table, which has a free place. */
static bool insert(uint64_t *hashes, uint32_t cap, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & (cap - 1);
    while (hashes[i] && hashes[i] != hash)
        i = (i + 1) & (cap - 1);
    if (hashes[i])
        return false;
    hashes[i] = hash;
    return true;
}

static int grow(struct distinct *d)
{
    uint32_t cap = d->cap ? d->cap * 2 : FIRST_CAP;
    uint64_t *hashes = calloc(cap, sizeof(*hashes));
    if (!hashes)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->cap; i++)
        if (d->hashes[i])
            insert(hashes, cap, d->hashes[i]);
    free(d->hashes);
    d->hashes = hashes;
    d->cap = cap;
    return 0;
}

static int add_hash(struct distinct *d, uint64_t hash)
{
    if (d->registers) {
        note(d->registers, hash);
        return 0;
    }
    if (d->len * 4 >= d->cap * 3 && grow(d) < 0)
        return -ENOMEM;
    d->len += insert(d->hashes, d->cap, hash ? hash : 1);
    return d->len > DISTINCT_EXACT ? become_registers(d) : 0;
}

int distinct_add(struct distinct *d, const char *text, size_t len)
{
    return add_hash(d, hash_bytes(text, len, hash_seed()));
}

int distinct_merge(struct distinct *to, const struct distinct *from)
{
    for (uint32_t i = 0; i < from->cap; i++)
        if (from->hashes[i] && add_hash(to, from->hashes[i]) < 0)
            return -ENOMEM;
    if (!from->registers)
        return 0;
    if (!to->registers && become_registers(to) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < REGISTERS; i++)
        if (to->registers[i] < from->registers[i])
            to->registers[i] = from->registers[i];
    return 0;
}

static double sigma(double x)
{
    double y = 1, z = x, before;
    if (x >= 1)
        return INFINITY;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z > before);
    return z;
}

static double tau(double x)
{
    double y = 1, z = 1 - x, before;
    if (x <= 0 || x >= 1)
        return 0;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z < before);
    return z / 3;
}

double distinct_count(const struct distinct *d)
{
    if (!d->registers)
        return d->len;
    uint32_t count[RANKS + 2] = {0};
    for (size_t i = 0; i < REGISTERS; i++)
        count[d->registers[i]]++;
    double z = REGISTERS * tau(1 - (double)count[RANKS + 1] / REGISTERS);
    for (int k = RANKS; k >= 1; k--)
        z = 0.5 * (z + count[k]);
    z += REGISTERS * sigma((double)count[0] / REGISTERS);
    return round((double)REGISTERS * REGISTERS / (2 * M_LN2) / z);
}
