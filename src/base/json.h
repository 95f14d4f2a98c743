/* SPDX-License-Identifier: Apache-2.0 */
/* Compact JSON (RFC 8259) written straight into a buf: the caller orders begin, key, value and
 * end; commas are set from what stands before. */
#pragma once

#include "base/buf.h"

static inline void json_comma(struct buf *b)
{
    if (b->len && b->data[b->len - 1] != '{' && b->data[b->len - 1] != '[' &&
        b->data[b->len - 1] != ':' && b->data[b->len - 1] != '\n')
        buf_putc(b, ',');
}

static inline void json_open(struct buf *b, char bracket)
{
    json_comma(b);
    buf_putc(b, bracket);
}

static inline void json_close(struct buf *b, char bracket)
{
    buf_putc(b, bracket);
}

/* The key must need no escaping. */
static inline void json_key(struct buf *b, const char *key)
{
    json_comma(b);
    size_t n = strlen(key);
    char *p = buf_room(b, n + 3);
    if (!p)
        return;
    *p++ = '"';
    memcpy(p, key, n);
    p[n] = '"';
    p[n + 1] = ':';
    b->len += n + 3;
}

/* How many bytes from the start are printable ASCII that JSON takes as it stands. */
size_t json_plain_len(const char *text, size_t len);

/* Bytes that are not UTF-8 come out as U+FFFD; control bytes are escaped. Hidden, because
 * libjansson (which some modules read JSON with) has a function of this name for its own use; a
 * file includes this header or jansson.h, not both. */
__attribute__((visibility("hidden"))) void json_string(struct buf *b, const char *text, size_t len);
void json_cstring(struct buf *b, const char *text);
/* RFC 3339 in UTC with nanoseconds. */
void json_utc(struct buf *b, int64_t epoch_ns);

static inline void json_u64(struct buf *b, uint64_t v)
{
    json_comma(b);
    buf_u64(b, v);
}

static inline void json_i64(struct buf *b, int64_t v)
{
    json_comma(b);
    buf_i64(b, v);
}

static inline void json_bool(struct buf *b, bool v)
{
    json_comma(b);
    buf_puts(b, v ? "true" : "false");
}
