/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/clock.h"

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Whether eight bytes are all plain: each sum has its top bit set when its byte passes, and no sum
 * carries into the next byte unless one is above 0x7f, which fails by itself. */
static bool are_plain(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101, top = 0x80 * ones;
    uint64_t not_control = v + 0x60 * ones;
    uint64_t not_quote = (v ^ '"' * ones) + 0x7f * ones;
    uint64_t not_backslash = (v ^ '\\' * ones) + 0x7f * ones;
    uint64_t high_or_del = v | (v + ones);
    return (not_control & not_quote & not_backslash & ~high_or_del & top) == top;
}

static uint64_t load(const char *text, size_t bytes)
{
    uint64_t v = 0;
    memcpy(&v, text, bytes);
    return v;
}

/* All of 1 to 7 bytes, some of them twice. */
static uint64_t load_short(const char *text, size_t len)
{
    if (len >= 4)
        return load(text, 4) | load(text + len - 4, 4) << 32;
    uint64_t first = (uint8_t)text[0], middle = (uint8_t)text[len / 2],
             last = (uint8_t)text[len - 1];
    return first * 0x0101010101010000 | middle << 8 | last;
}

size_t json_plain_len(const char *text, size_t len)
{
    size_t i = 0;
    if (len < 8) {
        if (len == 0 || are_plain(load_short(text, len)))
            return len;
    } else {
        while (i + 8 <= len && are_plain(load(text + i, 8)))
            i += 8;
        if (len - i < 8 && are_plain(load(text + len - 8, 8)))
            return len;
    }
    while (i < len && is_plain((uint8_t)text[i]))
        i++;
    return i;
}

static void put_escaped(struct buf *b, const uint8_t *p, const uint8_t *end)
{
    while (p < end) {
        size_t plain = json_plain_len((const char *)p, (size_t)(end - p));
        buf_put(b, p, plain);
        p += plain;
        if (p == end)
            break;
        size_t n = utf8_len(p, (size_t)(end - p));
        if (n == 0) {
            buf_puts(b, "\xef\xbf\xbd");
            n = 1;
        } else if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) {
            /* C1 controls: some terminals obey them. */
            buf_puts(b, "\\u00");
            buf_hex(b, p + 1, 1);
        } else if (n > 1) {
            buf_put(b, p, n);
        } else if (*p == '"' || *p == '\\') {
            buf_putc(b, '\\');
            buf_putc(b, (char)*p);
        } else {
            buf_puts(b, "\\u00");
            buf_hex(b, p, 1);
        }
        p += n;
    }
}

void json_string(struct buf *b, const char *text, size_t len)
{
    json_comma(b);
    size_t plain = json_plain_len(text, len);
    char *p = buf_room(b, plain + 2);
    if (!p)
        return;
    *p++ = '"';
    memcpy(p, text, plain);
    b->len += plain + 1;
    if (plain < len) {
        put_escaped(b, (const uint8_t *)text + plain, (const uint8_t *)text + len);
        buf_putc(b, '"');
    } else {
        p[plain] = '"';
        b->len++;
    }
}

void json_cstring(struct buf *b, const char *text)
{
    json_string(b, text, strlen(text));
}

void json_utc(struct buf *b, int64_t epoch_ns)
{
    char text[CLOCK_TEXT_MAX];
    json_string(b, text, clock_format_utc(epoch_ns, text));
}
