/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the record: pieces of JSON that records have in common, such as all that is written of
 * a process, kept as they were written last. */
#pragma once

#include "base/buf.h"

enum {
    JSON_PART_KEY_MAX = 64,
    JSON_PART_TEXT_MAX = 512, /* longer ones are not kept */
};

struct json_part {
    uint32_t text_len; /* 0: nothing is kept */
    uint8_t key[JSON_PART_KEY_MAX];
    char text[JSON_PART_TEXT_MAX];
};

/* Writes the text kept for this key; false: there is none. All keys of a part are of one length and
 * without padding, and say all that the text depends on. */
static inline bool json_part_put(const struct json_part *p, const void *key, size_t key_len,
                                 struct buf *b)
{
    if (!p->text_len || memcmp(p->key, key, key_len) != 0)
        return false;
    buf_put(b, p->text, p->text_len);
    return true;
}

/* Keeps what has been written to the buffer since `start`. */
static inline void json_part_keep(struct json_part *p, const void *key, size_t key_len,
                                  const struct buf *b, size_t start)
{
    size_t len = b->len - start;
    if (b->failed || len > sizeof(p->text))
        return;
    memcpy(p->key, key, key_len);
    memcpy(p->text, b->data + start, len);
    p->text_len = (uint32_t)len;
}
