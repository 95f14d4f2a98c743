/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/glob.h"

#include <errno.h>
#include <string.h>

enum {
    ANY_RUN = 0x100,
    ANY_ONE = 0x101,
};

int glob_compile(struct glob *g, const char *pattern, size_t len, struct arena *arena)
{
    if (len > GLOB_MAX)
        return -E2BIG;
    uint16_t *ops = arena_alloc(arena, (len + 1) * sizeof(*ops));
    char *literal = arena_alloc(arena, len + 1);
    if (!ops || !literal)
        return -ENOMEM;
    size_t n = 0, literals = 0, inner_wildcards = 0;
    for (size_t i = 0; i < len; i++) {
        char c = pattern[i];
        if (c == '*') {
            if (!n || ops[n - 1] != ANY_RUN)
                ops[n++] = ANY_RUN;
            continue;
        }
        if (c == '?') {
            ops[n++] = ANY_ONE;
            inner_wildcards++;
            continue;
        }
        if (c == '\\' && i + 1 < len && strchr("*?\\", pattern[i + 1]) && pattern[i + 1])
            c = pattern[++i];
        literal[literals++] = glob_lower(c);
        ops[n++] = (uint8_t)glob_lower(c);
    }
    for (size_t i = 1; i + 1 < n; i++)
        inner_wildcards += ops[i] == ANY_RUN;
    bool first = n && ops[0] == ANY_RUN, last = n > 1 && ops[n - 1] == ANY_RUN;
    *g = (struct glob){.literal = literal, .literal_len = literals, .ops = ops, .op_count = n};
    g->shape = inner_wildcards ? GLOB_GENERAL
               : first && last ? GLOB_CONTAINS
               : first         ? GLOB_SUFFIX
               : last          ? GLOB_PREFIX
                               : GLOB_EXACT;
    return 0;
}

bool glob_same(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (glob_lower(a[i]) != b[i])
            return false;
    return true;
}

bool glob_contains(const char *text, size_t len, const char *word, size_t word_len, bool is_lower)
{
    if (word_len > len)
        return false;
    if (is_lower)
        return memmem(text, len, word, word_len);
    for (size_t i = 0; i + word_len <= len; i++)
        if (glob_same(text + i, word, word_len))
            return true;
    return false;
}

static bool equal(const char *text, const char *literal, size_t len, bool is_lower)
{
    return is_lower ? memcmp(text, literal, len) == 0 : glob_same(text, literal, len);
}

/* Only the last `*` passed needs to be gone back to: an earlier one could not do better. */
static bool match_general(const struct glob *g, const char *text, size_t len)
{
    size_t at = 0, op = 0, run_op = SIZE_MAX, run_at = 0;
    while (at < len) {
        if (op < g->op_count && g->ops[op] == ANY_RUN) {
            run_op = ++op;
            run_at = at;
        } else if (op < g->op_count &&
                   (g->ops[op] == ANY_ONE || g->ops[op] == (uint8_t)glob_lower(text[at]))) {
            op++;
            at++;
        } else if (run_op != SIZE_MAX) {
            op = run_op;
            at = ++run_at;
        } else {
            return false;
        }
    }
    while (op < g->op_count && g->ops[op] == ANY_RUN)
        op++;
    return op == g->op_count;
}

bool glob_match(const struct glob *g, const char *text, size_t len, bool is_lower)
{
    size_t n = g->literal_len;
    switch (g->shape) {
    case GLOB_EXACT:
        return len == n && equal(text, g->literal, n, is_lower);
    case GLOB_PREFIX:
        return len >= n && equal(text, g->literal, n, is_lower);
    case GLOB_SUFFIX:
        return len >= n && equal(text + len - n, g->literal, n, is_lower);
    case GLOB_CONTAINS:
        return glob_contains(text, len, g->literal, n, is_lower);
    default:
        return match_general(g, text, len);
    }
}
