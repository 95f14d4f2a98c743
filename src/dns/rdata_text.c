/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as text, in the ways zone files write them. */
#include "base/inet.h"
#include "dns/rdata.h"

void dns_text_octets(struct buf *out, const uint8_t *data, size_t len)
{
    char *room = buf_room(out, len * 4);
    if (!room)
        return;
    char *p = room;
    for (size_t i = 0; i < len; i++) {
        uint8_t b = data[i];
        if (b < ' ' || b >= 0x7f) {
            *p++ = '\\';
            *p++ = (char)('0' + b / 100);
            *p++ = (char)('0' + b / 10 % 10);
            *p++ = (char)('0' + b % 10);
            continue;
        }
        if (b == '"' || b == '\\')
            *p++ = '\\';
        *p++ = (char)b;
    }
    out->len += (size_t)(p - room);
}

void dns_text_quoted(struct buf *out, const uint8_t *data, size_t len)
{
    buf_putc(out, '"');
    dns_text_octets(out, data, len);
    buf_putc(out, '"');
}

void dns_text_hex(struct buf *out, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    char *p = buf_room(out, len * 2);
    if (!p)
        return;
    for (size_t i = 0; i < len; i++) {
        *p++ = digits[data[i] >> 4];
        *p++ = digits[data[i] & 15];
    }
    out->len += len * 2;
}

void dns_text_base64(struct buf *out, const uint8_t *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *p = buf_room(out, (len + 2) / 3 * 4);
    if (!p)
        return;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)data[i] << 16;
        if (i + 1 < len)
            bits |= (uint32_t)data[i + 1] << 8;
        if (i + 2 < len)
            bits |= data[i + 2];
        *p++ = digits[bits >> 18];
        *p++ = digits[bits >> 12 & 63];
        *p++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        *p++ = i + 2 < len ? digits[bits & 63] : '=';
    }
    out->len += (len + 2) / 3 * 4;
}

void dns_text_ip(struct buf *out, const uint8_t *bytes, size_t len)
{
    struct inet_addr a = len == 4 ? inet_addr_v4(bytes) : inet_addr_v6(bytes);
    char text[INET_TEXT_MAX];
    /* A mapped IPv6 address is not the IPv4 address here: the record's type tells them apart. */
    if (len == 16 && inet_addr_is_v4(&a)) {
        a = inet_addr_v4(bytes + 12);
        buf_puts(out, "::ffff:");
    }
    buf_put(out, text, inet_addr_format(&a, text));
}
