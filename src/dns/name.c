/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/name.h"

#include <errno.h>
#include <string.h>

/* Walks the name at `pos`; with `out` it also copies. Every pointer must lead before the run of
 * labels it ends, so runs only move backwards and the walk ends; the cap on pointers keeps a
 * message full of pointers to pointers from costing quadratic time. Returns the wire length, or
 * the errors of dns_name_check. */
static inline int walk(const uint8_t *msg, size_t len, size_t pos, uint8_t *out, size_t *next)
{
    size_t run = pos, after = 0, total = 0;
    unsigned pointers = 0;
    for (;;) {
        if (pos >= len)
            return -EAGAIN;
        uint8_t b = msg[pos];
        if (b == 0) {
            if (out)
                out[total] = 0;
            *next = pointers ? after : pos + 1;
            return (int)total + 1;
        }
        if (b < 0x40) {
            if (total + b + 2 > DNS_NAME_WIRE_MAX)
                return -ENAMETOOLONG;
            if (len - pos <= b)
                return -EAGAIN;
            if (out)
                memcpy(out + total, msg + pos, b + 1U);
            total += b + 1U;
            pos += b + 1U;
        } else if (b >= 0xc0) {
            if (len - pos < 2)
                return -EAGAIN;
            size_t target = (size_t)(b & 0x3f) << 8 | msg[pos + 1];
            if (target >= run || ++pointers > DNS_NAME_POINTERS_MAX)
                return -ELOOP;
            if (pointers == 1)
                after = pos + 2;
            run = pos = target;
        } else {
            return -EBADMSG;
        }
    }
}

int dns_name_read(const uint8_t *msg, size_t len, size_t pos, uint8_t out[DNS_NAME_WIRE_MAX],
                  size_t *next)
{
    size_t after;
    int n = walk(msg, len, pos, out, &after);
    if (n < 0)
        return -EBADMSG;
    if (next)
        *next = after;
    return n;
}

int dns_name_check(const uint8_t *msg, size_t len, size_t pos, size_t *next)
{
    size_t after;
    int n = walk(msg, len, pos, NULL, &after);
    if (n < 0)
        return n;
    *next = after;
    return 0;
}

int dns_name_skip(const uint8_t *msg, size_t len, size_t pos, size_t *next)
{
    size_t start = pos;
    for (;;) {
        if (pos >= len)
            return -EBADMSG;
        uint8_t b = msg[pos];
        if (b == 0) {
            pos += 1;
            break;
        }
        if (b >= 0xc0) {
            if (len - pos < 2 || ((size_t)(b & 0x3f) << 8 | msg[pos + 1]) >= start)
                return -EBADMSG;
            pos += 2;
            break;
        }
        if (b >= 0x40 || len - pos <= b || pos - start + b + 2 > DNS_NAME_WIRE_MAX)
            return -EBADMSG;
        pos += b + 1U;
    }
    *next = pos;
    return 0;
}

/* How an octet is written: as it stands, after a backslash, or as \DDD. */
enum {
    PLAIN,
    ESCAPED,
    DECIMAL,
};

static const uint8_t octet_forms[256] = {
    [0 ... ' '] = DECIMAL, ['"'] = ESCAPED,           ['$'] = ESCAPED, ['('] = ESCAPED,
    [')'] = ESCAPED,       ['.'] = ESCAPED,           [';'] = ESCAPED, ['@'] = ESCAPED,
    ['\\'] = ESCAPED,      [0x7f ... 0xff] = DECIMAL,
};

size_t dns_name_to_text(const uint8_t *wire, size_t wire_len, char out[DNS_NAME_TEXT_MAX])
{
    char *p = out;
    size_t pos = 0;
    while (pos < wire_len && wire[pos] != 0) {
        size_t end = pos + 1 + wire[pos];
        if (end > wire_len || end >= DNS_NAME_WIRE_MAX)
            break;
        if (pos)
            *p++ = '.';
        for (pos++; pos < end; pos++) {
            while (pos < end && octet_forms[wire[pos]] == PLAIN)
                *p++ = (char)wire[pos++];
            if (pos == end)
                break;
            uint8_t b = wire[pos];
            *p++ = '\\';
            if (octet_forms[b] == DECIMAL) {
                *p++ = (char)('0' + b / 100);
                *p++ = (char)('0' + b / 10 % 10);
                b = '0' + b % 10;
            }
            *p++ = (char)b;
        }
    }
    if (p == out)
        *p++ = '.';
    *p = '\0';
    return (size_t)(p - out);
}

/* The octet at text[*pos], escapes resolved; -1 when the escape is not one. */
static int text_octet(const char *text, size_t len, size_t *pos)
{
    uint8_t c = (uint8_t)text[(*pos)++];
    if (c != '\\')
        return c;
    if (*pos >= len)
        return -1;
    c = (uint8_t)text[(*pos)++];
    if (c < '0' || c > '9')
        return c;
    if (len - *pos < 2)
        return -1;
    int value = c - '0';
    for (int i = 0; i < 2; i++) {
        c = (uint8_t)text[(*pos)++];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value <= 255 ? value : -1;
}

int dns_name_from_text(const char *text, size_t len, uint8_t out[DNS_NAME_WIRE_MAX])
{
    if (len == 1 && text[0] == '.') {
        out[0] = 0;
        return 1;
    }
    size_t label = 0, total = 1, pos = 0;
    while (pos < len) {
        if (text[pos] == '.') {
            if (total == label + 1)
                return -EINVAL;
            out[label] = (uint8_t)(total - label - 1);
            label = total++;
            pos++;
            if (total > DNS_NAME_WIRE_MAX)
                return -EINVAL;
            continue;
        }
        int octet = text_octet(text, len, &pos);
        if (octet < 0 || total - label > 63 || total >= DNS_NAME_WIRE_MAX)
            return -EINVAL;
        out[total++] = (uint8_t)octet;
    }
    if (total == label + 1) {
        /* Nothing after the last dot: it was the trailing one, unless there was no text at all. */
        if (label == 0)
            return -EINVAL;
        out[label] = 0;
        return (int)total;
    }
    if (total >= DNS_NAME_WIRE_MAX)
        return -EINVAL;
    out[label] = (uint8_t)(total - label - 1);
    out[total++] = 0;
    return (int)total;
}

void dns_name_lower(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] |= (uint8_t)((bytes[i] >= 'A' && bytes[i] <= 'Z') << 5);
}
