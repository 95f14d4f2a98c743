/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

/* Length of the UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates), 0 if none. */
static size_t utf8_len(const uint8_t *p, size_t left)
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

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_string(struct buf *b, const char *text, size_t len)
{
    json_comma(b);
    buf_putc(b, '"');
    const uint8_t *p = (const uint8_t *)text, *end = p + len;
    while (p < end) {
        const uint8_t *start = p;
        while (p < end && is_plain(*p))
            p++;
        buf_put(b, start, (size_t)(p - start));
        if (p == end)
            break;
        size_t n = utf8_len(p, (size_t)(end - p));
        if (n > 1) {
            buf_put(b, p, n);
        } else if (n == 0) {
            buf_puts(b, "\xef\xbf\xbd");
            n = 1;
        } else if (*p == '"' || *p == '\\') {
            buf_putc(b, '\\');
            buf_putc(b, (char)*p);
        } else {
            buf_puts(b, "\\u00");
            buf_hex(b, p, 1);
        }
        p += n;
    }
    buf_putc(b, '"');
}

void json_cstring(struct buf *b, const char *text)
{
    json_string(b, text, strlen(text));
}
