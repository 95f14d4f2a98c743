/* SPDX-License-Identifier: Apache-2.0 */
/* Builds DNS messages byte by byte for the tests. */
#pragma once

#include "dns/name.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct wire {
    size_t len;
    uint8_t bytes[70000];
};

static inline void put8(struct wire *w, unsigned v)
{
    assert(w->len < sizeof(w->bytes));
    w->bytes[w->len++] = (uint8_t)v;
}

static inline void put16(struct wire *w, unsigned v)
{
    put8(w, v >> 8 & 255);
    put8(w, v & 255);
}

static inline void put32(struct wire *w, uint32_t v)
{
    put16(w, v >> 16);
    put16(w, v & 0xffff);
}

static inline void put(struct wire *w, const void *data, size_t len)
{
    assert(len <= sizeof(w->bytes) - w->len);
    if (len)
        memcpy(w->bytes + w->len, data, len);
    w->len += len;
}

static inline void put_name(struct wire *w, const char *text)
{
    uint8_t name[DNS_NAME_WIRE_MAX];
    int n = dns_name_from_text(text, strlen(text), name);
    assert(n > 0);
    put(w, name, (size_t)n);
}

static inline void put_header(struct wire *w, unsigned id, unsigned flags, unsigned qd, unsigned an,
                              unsigned ns, unsigned ar)
{
    w->len = 0;
    put16(w, id);
    put16(w, flags);
    put16(w, qd);
    put16(w, an);
    put16(w, ns);
    put16(w, ar);
}

static inline void put_question(struct wire *w, const char *name, unsigned type)
{
    put_name(w, name);
    put16(w, type);
    put16(w, 1);
}

/* A record whose owner is a pointer to offset 12. */
static inline void put_rr(struct wire *w, unsigned type, uint32_t ttl, const void *data, size_t len)
{
    put16(w, 0xc00c);
    put16(w, type);
    put16(w, 1);
    put32(w, ttl);
    put16(w, (unsigned)len);
    put(w, data, len);
}

/* OPT, class is the UDP size. */
static inline void put_opt(struct wire *w, unsigned size, uint32_t ttl, const void *data,
                           size_t len)
{
    put8(w, 0);
    put16(w, 41);
    put16(w, size);
    put32(w, ttl);
    put16(w, (unsigned)len);
    put(w, data, len);
}

/* Hex digits, spaces ignored, to bytes in a block of exactly their size, so that the sanitizer sees
 * every read past the end. The caller frees. */
static inline uint8_t *from_hex(const char *hex, size_t *len)
{
    uint8_t *out = malloc(strlen(hex) / 2 + 1);
    assert(out);
    *len = 0;
    for (const char *p = hex; *p; p++) {
        if (*p == ' ')
            continue;
        char pair[3] = {p[0], p[1], 0};
        out[(*len)++] = (uint8_t)strtoul(pair, NULL, 16);
        p++;
    }
    uint8_t *exact = realloc(out, *len ? *len : 1);
    assert(exact);
    return exact;
}
