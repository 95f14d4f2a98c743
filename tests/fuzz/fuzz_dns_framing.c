/* SPDX-License-Identifier: Apache-2.0 */
/* How a stream is cut into pushes changes neither the messages nor the counters. The first byte
 * says whether the stream is joined in the middle and where its gap is; the next four are the
 * sizes of the pushes, in turn. */
#include "dns/framing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The messages folded to a number. */
struct digest {
    uint64_t value;
    uint64_t messages;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void fold(struct digest *d, uint64_t v)
{
    d->value = (d->value ^ v) * 0x100000001b3ULL + 1;
}

static void sink(void *ctx, const uint8_t *message, size_t len, size_t full)
{
    struct digest *d = ctx;
    require(len >= 1 && len <= full && full <= UINT16_MAX);
    fold(d, len << 16 | full);
    for (size_t i = 0; i < len; i++)
        fold(d, message[i]);
    d->messages++;
}

static void push(struct dns_framing *f, const uint8_t *data, size_t len, struct digest *d)
{
    uint8_t *copy = malloc(len ? len : 1);
    require(copy != NULL);
    if (len)
        memcpy(copy, data, len);
    dns_framing_push(f, copy, len, sink, d);
    free(copy);
    require(dns_framing_held(f) <= 65537);
}

static struct dns_framing_stats run(const uint8_t *data, size_t size, uint8_t mode,
                                    const uint8_t *sizes, struct digest *d)
{
    struct dns_framing_stats stats = {0};
    struct dns_framing *f = dns_framing_new(mode & 1, &stats);
    require(f != NULL);
    size_t gap = mode & 2 ? size * (mode >> 2) / 64 : size;
    for (size_t pos = 0, i = 0; pos < size; i++) {
        size_t end = pos < gap ? gap : size;
        size_t n = sizes ? 1U + sizes[i % 4] : end - pos;
        n = n < end - pos ? n : end - pos;
        push(f, data + pos, n, d);
        pos += n;
        if (pos == gap && gap < size)
            dns_framing_gap(f, sink, d);
    }
    dns_framing_end(f, sink, d);
    require(dns_framing_held(f) == 0);
    dns_framing_free(f);
    require(stats.messages == d->messages);
    return stats;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 5)
        return 0;
    struct digest whole = {0}, pieces = {0}, bytes = {0};
    static const uint8_t ones[4];
    uint8_t mode = data[0];
    const uint8_t *sizes = data + 1;
    data += 5;
    size -= 5;
    struct dns_framing_stats a = run(data, size, mode, NULL, &whole);
    struct dns_framing_stats b = run(data, size, mode, sizes, &pieces);
    struct dns_framing_stats c = run(data, size, mode, ones, &bytes);
    require(memcmp(&whole, &pieces, sizeof(whole)) == 0);
    require(memcmp(&whole, &bytes, sizeof(whole)) == 0);
    require(memcmp(&a, &b, sizeof(a)) == 0);
    require(memcmp(&a, &c, sizeof(a)) == 0);
    return 0;
}
