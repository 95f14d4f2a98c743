/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

/* The room that is left is given up too: a later and smaller write must not leave a hole. */
static bool fail(struct buf *b)
{
    b->failed = true;
    b->cap = b->len;
    return false;
}

bool buf_grow(struct buf *b, size_t more)
{
    if (b->failed || more > SIZE_MAX / 4 - b->len)
        return fail(b);
    size_t cap = b->cap > 256 ? b->cap : 256;
    while (cap < b->len + more)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data)
        return fail(b);
    b->data = data;
    b->cap = cap;
    return true;
}

static size_t count_digits(uint64_t v)
{
    size_t n = 1;
    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

size_t buf_digits(char *out, uint64_t v)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    size_t n = count_digits(v), at = n;
    for (; v >= 100; v /= 100) {
        at -= 2;
        memcpy(out + at, pairs + v % 100 * 2, 2);
    }
    if (v >= 10)
        memcpy(out, pairs + v * 2, 2);
    else
        out[0] = (char)('0' + v);
    return n;
}

void buf_u64(struct buf *b, uint64_t v)
{
    char *p = buf_room(b, 20);
    if (p)
        b->len += buf_digits(p, v);
}

void buf_i64(struct buf *b, int64_t v)
{
    if (v < 0) {
        buf_putc(b, '-');
        buf_u64(b, 0 - (uint64_t)v);
    } else {
        buf_u64(b, (uint64_t)v);
    }
}

void buf_hex(struct buf *b, const void *data, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    char *p = buf_room(b, 2 * n);
    if (!p)
        return;
    for (size_t i = 0; i < n; i++) {
        *p++ = digits[bytes[i] >> 4];
        *p++ = digits[bytes[i] & 15];
    }
    b->len += 2 * n;
}

size_t utf8_len(const uint8_t *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

size_t utf8_clean_len(const char *text, size_t len)
{
    size_t wrong = 0, n;
    for (size_t i = 0; i < len; i += n ? n : 1) {
        n = utf8_len((const uint8_t *)text + i, len - i);
        wrong += !n;
    }
    return len + 2 * wrong;
}

void utf8_clean(char *out, const char *text, size_t len)
{
    size_t n;
    for (size_t i = 0; i < len; i += n ? n : 1) {
        n = utf8_len((const uint8_t *)text + i, len - i);
        size_t bytes = n ? n : 3;
        memcpy(out, n ? text + i : "\xef\xbf\xbd", bytes);
        out += bytes;
    }
}

static uint32_t code_point(const uint8_t *p, size_t n)
{
    if (n == 1)
        return p[0];
    uint32_t c = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    return c;
}

struct range {
    uint32_t first, last;
};

static bool within(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* Columns of a character; -1: must not reach a terminal. The ranges are those that matter in
 * practice of Unicode's Cc, Cf (bidirectional controls), Mn and East Asian Width. */
static int columns_of(uint32_t c)
{
    static const struct range hidden[] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0x200e, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    static const struct range combining[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
        {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
        {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    };
    static const struct range wide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };
#define WITHIN(ranges) within(ranges, sizeof(ranges) / sizeof((ranges)[0]), c)
    if (c >= 0x20 && c < 0x7f)
        return 1;
    return WITHIN(hidden) ? -1 : WITHIN(combining) ? 0 : WITHIN(wide) ? 2 : 1;
#undef WITHIN
}

size_t buf_put_visible(struct buf *b, const char *text, size_t len, size_t max_columns)
{
    const uint8_t *p = (const uint8_t *)text, *end = p + len;
    size_t columns = 0;
    while (p < end) {
        size_t n = utf8_len(p, (size_t)(end - p));
        int width = n ? columns_of(code_point(p, n)) : -1;
        size_t takes = width < 0 ? 1 : (size_t)width;
        if (columns + takes > max_columns)
            break;
        if (width < 0)
            buf_putc(b, '?');
        else
            buf_put(b, p, n);
        columns += takes;
        p += n ? n : 1;
    }
    return columns;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n >= 0) {
        char *p = buf_room(b, (size_t)n + 1);
        if (p) {
            vsnprintf(p, (size_t)n + 1, fmt, again);
            b->len += (size_t)n;
        }
    }
    va_end(again);
}

const char *buf_cstr(struct buf *b)
{
    char *p = buf_room(b, 1);
    if (!p)
        return "";
    *p = '\0';
    return b->data;
}
