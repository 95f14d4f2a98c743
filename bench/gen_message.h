/* SPDX-License-Identifier: Apache-2.0 */
/* Private to gen_capture: a world of names and the DNS messages about them. Everything follows from
 * seeds, so that the query, its copies and its response agree without being stored. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MESSAGE_MAX = 4096,

    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_OPT = 41,
    TYPE_HTTPS = 65,
};

struct lookup {
    uint64_t seed; /* what is particular to this lookup: EDNS, the address of a PTR, failures */
    uint32_t name; /* index into the world */
    uint16_t type;
    uint16_t id;
    bool large; /* the answer does not fit UDP: TC there, all of it over TCP */
};

struct world;

uint64_t gen_random(uint64_t *state);
/* 0 <= result < limit */
uint32_t gen_below(uint64_t *state, uint32_t limit);

/* NULL when memory runs out. */
struct world *world_new(uint32_t names, uint64_t seed);
void world_free(struct world *w);
/* The n-th most popular with probability ~ 1/n. */
uint32_t world_pick(const struct world *w, uint64_t *state);

/* Both write at most MESSAGE_MAX bytes and return how many. */
size_t gen_query(const struct world *w, const struct lookup *l, uint8_t *out);
size_t gen_response(const struct world *w, const struct lookup *l, bool truncated, uint8_t *out);
