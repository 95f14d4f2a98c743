/* SPDX-License-Identifier: Apache-2.0 */
/* Case-insensitive patterns: `*` any run of bytes, `?` one byte, a backslash before `*`, `?` or a
 * backslash takes it as it is (before anything else it stands for itself: names hold escapes). */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GLOB_MAX = 1024, /* bytes of a pattern: bounds the work of one match */
};

enum glob_shape {
    GLOB_EXACT,
    GLOB_PREFIX,   /* text* */
    GLOB_SUFFIX,   /* *text */
    GLOB_CONTAINS, /* *text* */
    GLOB_GENERAL,
};

struct glob {
    enum glob_shape shape;
    const char *literal; /* of the shapes other than GENERAL; lower case */
    size_t literal_len;
    const uint16_t *ops; /* GENERAL: bytes, or one of the wildcards */
    size_t op_count;
};

/* 0, -E2BIG or -ENOMEM. */
int glob_compile(struct glob *g, const char *pattern, size_t len, struct arena *arena);
/* `is_lower`: the text is known to be in lower case. */
bool glob_match(const struct glob *g, const char *text, size_t len, bool is_lower);
/* Whether text holds word, which is in lower case. */
bool glob_contains(const char *text, size_t len, const char *word, size_t word_len, bool is_lower);
/* Whether both are the same but for case; b is in lower case. */
bool glob_same(const char *a, const char *b, size_t len);

static inline char glob_lower(char c)
{
    return (unsigned char)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}
