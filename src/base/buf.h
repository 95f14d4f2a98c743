/* SPDX-License-Identifier: Apache-2.0 */
/* A growing buffer of text or bytes. When memory runs out `failed` is set and further writes are
 * ignored, so that a writer may check once at its end. Not NUL-terminated. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    char *data;
    size_t len;
    size_t cap;
    bool failed;
};

void buf_done(struct buf *b);
bool buf_grow(struct buf *b, size_t more);

static inline void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

/* Room for n bytes at the returned place; the caller adds what it wrote to b->len. */
static inline char *buf_room(struct buf *b, size_t n)
{
    /* Nothing may be added to a null pointer, not even nothing. */
    if ((b->cap - b->len < n || !b->data) && !buf_grow(b, n))
        return NULL;
    return b->data + b->len;
}

static inline void buf_put(struct buf *b, const void *data, size_t n)
{
    char *p = buf_room(b, n);
    if (p && n) {
        memcpy(p, data, n);
        b->len += n;
    }
}

static inline void buf_puts(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

static inline void buf_putc(struct buf *b, char c)
{
    char *p = buf_room(b, 1);
    if (p) {
        *p = c;
        b->len++;
    }
}

/* The decimal digits of v, at most 20, without a NUL; returns how many. */
size_t buf_digits(char *out, uint64_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, const void *data, size_t n); /* lower case, no separators */
/* Length of the UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates); 0 if there is
 * none within `left` > 0 bytes. */
size_t utf8_len(const uint8_t *p, size_t left);
/* How long text is when each byte that is not part of a UTF-8 sequence is replaced by U+FFFD: `len`
 * when it is UTF-8 as it stands. */
size_t utf8_clean_len(const char *text, size_t len);
/* Writes that, utf8_clean_len bytes. */
void utf8_clean(char *out, const char *text, size_t len);
/* For terminals: text of any origin, where controls, bytes that are not UTF-8 and characters that
 * change the direction of writing come out as '?'. Stops before `max_columns` would be passed and
 * returns the columns taken (wide characters take two, combining ones none). */
size_t buf_put_visible(struct buf *b, const char *text, size_t len, size_t max_columns);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* NUL-terminates without counting the NUL and returns the text, "" after a failure. */
const char *buf_cstr(struct buf *b);
