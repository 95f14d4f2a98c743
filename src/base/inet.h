/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 and IPv6 addresses in 16 bytes: IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    INET_TEXT_MAX = 46, /* with the NUL */
};

struct inet_addr {
    uint8_t bytes[16];
};

static inline struct inet_addr inet_addr_v4(const uint8_t bytes[4])
{
    struct inet_addr a = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    memcpy(a.bytes + 12, bytes, 4);
    return a;
}

static inline struct inet_addr inet_addr_v6(const uint8_t bytes[16])
{
    struct inet_addr a;
    memcpy(a.bytes, bytes, 16);
    return a;
}

static inline bool inet_addr_is_v4(const struct inet_addr *a)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(a->bytes, prefix, 12) == 0;
}

static inline int inet_addr_cmp(const struct inet_addr *a, const struct inet_addr *b)
{
    return memcmp(a->bytes, b->bytes, 16);
}

/* Canonical text (RFC 5952 for IPv6), NUL-terminated; returns its length. */
size_t inet_addr_format(const struct inet_addr *a, char out[INET_TEXT_MAX]);
/* 0, or -EINVAL when the text (len bytes, no NUL needed) is neither an IPv4 nor IPv6 address. */
int inet_addr_parse(const char *text, size_t len, struct inet_addr *out);

struct inet_prefix {
    struct inet_addr addr;
    uint8_t bits; /* of the 128, so an IPv4 /8 is 104 */
};

/* An address or CIDR prefix; 0 or -EINVAL. Host bits may be set and are ignored. */
int inet_prefix_parse(const char *text, size_t len, struct inet_prefix *out);
bool inet_prefix_contains(const struct inet_prefix *p, const struct inet_addr *a);
