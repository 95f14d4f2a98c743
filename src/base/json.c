/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* A bit at the top of each byte of v that equals the byte repeated in `pattern`; a byte above one
 * that matches may be flagged too, which only costs a second look. */
static uint64_t bytes_equal(uint64_t v, uint64_t pattern)
{
    uint64_t x = v ^ pattern;
    return (x - 0x0101010101010101) & ~x & 0x8080808080808080;
}

static bool are_plain(const char *text)
{
    uint64_t v;
    memcpy(&v, text, 8);
    uint64_t low = (v - 0x2020202020202020) & ~v & 0x8080808080808080;
    return !(low | (v & 0x8080808080808080) | bytes_equal(v, 0x2222222222222222) |
             bytes_equal(v, 0x5c5c5c5c5c5c5c5c) | bytes_equal(v, 0x7f7f7f7f7f7f7f7f));
}

size_t json_plain_len(const char *text, size_t len)
{
    size_t i = 0;
    while (i + 8 <= len && are_plain(text + i))
        i += 8;
    /* The last eight once more rather than what is left one by one. */
    if (len >= 8 && len - i < 8 && are_plain(text + len - 8))
        return len;
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
