/* SPDX-License-Identifier: Apache-2.0 */
#include "base/inet.h"

#include <arpa/inet.h>
#include <errno.h>

static inline char *put_octet(char *p, unsigned v)
{
    if (v >= 100) {
        unsigned hundreds = v >= 200 ? 2 : 1;
        *p++ = (char)('0' + hundreds);
        v -= hundreds * 100;
        *p++ = (char)('0' + v / 10);
        v %= 10;
    } else if (v >= 10) {
        *p++ = (char)('0' + v / 10);
        v %= 10;
    }
    *p++ = (char)('0' + v);
    return p;
}

static size_t format_v4(const uint8_t *bytes, char *out)
{
    char *p = out;
    for (int i = 0; i < 4; i++) {
        p = put_octet(p, bytes[i]);
        *p++ = '.';
    }
    p[-1] = '\0';
    return (size_t)(p - 1 - out);
}

/* RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::", the
 * first one among equals. By hand since inet_ntop goes through printf and costs ten times as much,
 * four times in every record. */
static size_t format_v6(const uint8_t *bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned groups[8];
    int run_at = -1, run_len = 1;
    for (int i = 0, zeros = 0; i < 8; i++) {
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
        zeros = groups[i] ? 0 : zeros + 1;
        if (zeros > run_len) {
            run_len = zeros;
            run_at = i - zeros + 1;
        }
    }
    char *p = out;
    for (int i = 0; i < 8; i++) {
        if (i == run_at) {
            *p++ = ':';
            *p++ = ':';
            i += run_len - 1;
            continue;
        }
        if (i > 0 && (run_at < 0 || i != run_at + run_len))
            *p++ = ':';
        bool started = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            unsigned digit = groups[i] >> shift & 15;
            if (digit || started || shift == 0)
                *p++ = digits[digit];
            started |= digit != 0;
        }
    }
    *p = '\0';
    return (size_t)(p - out);
}

size_t inet_addr_format(const struct inet_addr *a, char out[INET_TEXT_MAX])
{
    return inet_addr_is_v4(a) ? format_v4(a->bytes + 12, out) : format_v6(a->bytes, out);
}

int inet_addr_parse(const char *text, size_t len, struct inet_addr *out)
{
    char copy[INET_TEXT_MAX];
    uint8_t v4[4];
    if (len >= sizeof(copy))
        return -EINVAL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, v4) == 1) {
        *out = inet_addr_v4(v4);
        return 0;
    }
    return inet_pton(AF_INET6, copy, out->bytes) == 1 ? 0 : -EINVAL;
}

int inet_prefix_parse(const char *text, size_t len, struct inet_prefix *out)
{
    const char *slash = memchr(text, '/', len);
    size_t addr_len = slash ? (size_t)(slash - text) : len;
    int r = inet_addr_parse(text, addr_len, &out->addr);
    if (r < 0)
        return r;
    unsigned max = inet_addr_is_v4(&out->addr) && memchr(text, '.', addr_len) ? 32 : 128;
    unsigned bits = max;
    if (slash) {
        size_t digits = len - addr_len - 1;
        if (digits < 1 || digits > 3)
            return -EINVAL;
        bits = 0;
        for (size_t i = 0; i < digits; i++) {
            char c = slash[1 + i];
            if (c < '0' || c > '9')
                return -EINVAL;
            bits = bits * 10 + (unsigned)(c - '0');
        }
        if (bits > max)
            return -EINVAL;
    }
    out->bits = (uint8_t)(bits + 128 - max);
    return 0;
}

bool inet_prefix_contains(const struct inet_prefix *p, const struct inet_addr *a)
{
    size_t whole = p->bits / 8;
    if (memcmp(p->addr.bytes, a->bytes, whole) != 0)
        return false;
    unsigned rest = p->bits % 8;
    if (!rest)
        return true;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return ((p->addr.bytes[whole] ^ a->bytes[whole]) & mask) == 0;
}
