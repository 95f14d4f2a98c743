/* SPDX-License-Identifier: Apache-2.0 */
#include "store/distinct.h"

#include "base/buf.h"
#include "base/hash.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAP = 8,
    KEPT_SEED = 0x6e66, /* never to be changed: it is in files */
};

static unsigned bits_of(const struct distinct *d)
{
    return d->bits ? d->bits : DISTINCT_BITS;
}

static size_t registers_of(const struct distinct *d)
{
    return (size_t)1 << bits_of(d);
}

void distinct_done(struct distinct *d)
{
    free(d->hashes);
    free(d->registers);
    *d = (struct distinct){0};
}

static void note(struct distinct *d, uint64_t hash)
{
    unsigned bits = bits_of(d);
    uint64_t rest = hash << bits;
    unsigned rank = rest ? (unsigned)__builtin_clzll(rest) + 1 : 64 - bits + 1;
    uint8_t *r = &d->registers[hash >> (64 - bits)];
    if (*r < rank)
        *r = (uint8_t)rank;
}

static int become_registers(struct distinct *d)
{
    d->registers = calloc(registers_of(d), 1);
    if (!d->registers)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->cap; i++)
        if (d->hashes[i])
            note(d, d->hashes[i]);
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
        note(d, hash);
        return 0;
    }
    if (d->len * 4 >= d->cap * 3 && grow(d) < 0)
        return -ENOMEM;
    d->len += insert(d->hashes, d->cap, hash ? hash : 1);
    return d->len > (d->exact ? d->exact : DISTINCT_EXACT) ? become_registers(d) : 0;
}

int distinct_add(struct distinct *d, const char *text, size_t len)
{
    return add_hash(d, hash_bytes(text, len, hash_seed()));
}

int distinct_add_kept(struct distinct *d, const char *text, size_t len)
{
    return add_hash(d, text ? hash_bytes(text, len, KEPT_SEED) : KEPT_SEED);
}

static int merge_registers(struct distinct *to, const uint8_t *registers)
{
    if (!to->registers && become_registers(to) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < registers_of(to); i++)
        if (to->registers[i] < registers[i])
            to->registers[i] = registers[i];
    return 0;
}

int distinct_merge(struct distinct *to, const struct distinct *from)
{
    for (uint32_t i = 0; i < from->cap; i++)
        if (from->hashes[i] && add_hash(to, from->hashes[i]) < 0)
            return -ENOMEM;
    return from->registers ? merge_registers(to, from->registers) : 0;
}

/* The number of bits, 0: hashes follow, in no order; else registers. */
void distinct_put(const struct distinct *d, struct buf *out)
{
    buf_putc(out, (char)(d->registers ? bits_of(d) : 0));
    if (d->registers)
        buf_put(out, d->registers, registers_of(d));
    for (uint32_t i = 0; i < d->cap; i++)
        if (d->hashes[i])
            buf_put(out, &d->hashes[i], sizeof(d->hashes[i]));
}

int distinct_merge_bytes(struct distinct *to, const void *data, size_t len)
{
    const uint8_t *p = data;
    if (!len || (p[0] ? p[0] != bits_of(to) || len != 1 + registers_of(to)
                      : (len - 1) % sizeof(uint64_t) != 0))
        return -EBADMSG;
    if (p[0])
        return merge_registers(to, p + 1);
    for (size_t i = 1; i < len; i += sizeof(uint64_t)) {
        uint64_t hash;
        memcpy(&hash, p + i, sizeof(hash));
        if (add_hash(to, hash) < 0)
            return -ENOMEM;
    }
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
    unsigned bits = bits_of(d), ranks = 64 - bits;
    double m = (double)registers_of(d);
    uint32_t count[64 + 2] = {0};
    for (size_t i = 0; i < registers_of(d); i++)
        count[d->registers[i]]++;
    double z = m * tau(1 - (double)count[ranks + 1] / m);
    for (unsigned k = ranks; k >= 1; k--)
        z = 0.5 * (z + count[k]);
    z += m * sigma((double)count[0] / m);
    return round(m * m / (2 * M_LN2) / z);
}
