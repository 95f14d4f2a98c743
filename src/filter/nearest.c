/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/nearest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum {
    WORD_MAX = 40,
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment distance; both at most WORD_MAX long. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *two_ago = rows[0], *previous = rows[1], *row = rows[2];
    for (size_t k = 0; k <= b_len; k++)
        previous[k] = k;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t k = 1; k <= b_len; k++) {
            char x = lower(a[i - 1]), y = lower(b[k - 1]);
            row[k] = min3(previous[k] + 1, row[k - 1] + 1, previous[k - 1] + (x != y));
            if (i > 1 && k > 1 && x == lower(b[k - 2]) && lower(a[i - 2]) == y &&
                two_ago[k - 2] + 1 < row[k])
                row[k] = two_ago[k - 2] + 1;
        }
        size_t *oldest = two_ago;
        two_ago = previous;
        previous = row;
        row = oldest;
    }
    return previous[b_len];
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    size_t len = strlen(candidate);
    if (!n->len || n->len > WORD_MAX || len > WORD_MAX)
        return;
    size_t d = distance(n->word, n->len, candidate, len);
    size_t allowed = n->len < 3 ? 1 : (n->len + 2) / 3;
    /* A word cut short is near, though less so than a slip. */
    bool begins = n->len >= 3 && len > n->len && strncasecmp(n->word, candidate, n->len) == 0;
    if (d > allowed && begins)
        d = allowed;
    if (d > allowed || d >= len || (n->best && d >= n->best_distance))
        return;
    n->best = candidate;
    n->best_distance = d;
}
