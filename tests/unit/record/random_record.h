/* SPDX-License-Identifier: Apache-2.0 */
/* Random records for property tests: samples with bytes of their messages changed or cut off, and
 * other addresses, names and times. Seeded. */
#pragma once

#include "sample.h"

static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1d >> 11;
}

static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)(random_next(state) % limit);
}

static inline void random_bytes(uint64_t *state, uint8_t *bytes, uint32_t *len)
{
    for (uint32_t n = *len ? random_below(state, 4) : 0; n; n--)
        bytes[random_below(state, *len)] = (uint8_t)random_next(state);
    if (*len && random_below(state, 8) == 0)
        *len -= random_below(state, *len);
}

static inline struct inet_addr random_address(uint64_t *state)
{
    uint8_t v4[4] = {10, 0, (uint8_t)random_below(state, 3), (uint8_t)random_below(state, 5)};
    uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = (uint8_t)random_below(state, 4)};
    return random_below(state, 4) ? inet_addr_v4(v4) : inet_addr_v6(v6);
}

/* `damage`: messages may be broken; without it only what stands around them changes. */
static inline struct sample *random_sample(uint64_t *state, bool damage)
{
    struct sample *s = sample_new((enum sample_kind)random_below(state, SAMPLE_COUNT));
    struct record *r = &s->record;
    uint32_t comm_len = sizeof(r->process.comm);
    if (damage) {
        random_bytes(state, s->query.bytes, &r->query_len);
        random_bytes(state, s->response.bytes, &r->response_len);
        if (random_below(state, 4) == 0)
            random_bytes(state, (uint8_t *)r->process.comm, &comm_len);
    }
    r->time_ns += (int64_t)random_below(state, 2000000000) * 60;
    r->client = random_address(state);
    r->server = random_address(state);
    if (r->latency_ns >= 0)
        r->latency_ns = (int64_t)(random_next(state) >> (random_below(state, 30) + 20));
    /* A single hop that says what the record says already, or something else. */
    if (r->hop_count == 1 && r->latency_ns >= 0 && random_below(state, 2))
        s->hops[0].response_ns = s->hops[0].query_ns + r->latency_ns;
    if (random_below(state, 3) == 0)
        r->outcome = (uint8_t)random_below(state, OUTCOME_COUNT);
    r->transport = (uint8_t)random_below(state, TRANSPORT_COUNT);
    r->marks |= (uint8_t)random_below(state, 16);
    return s;
}
