/* SPDX-License-Identifier: Apache-2.0 */
#include "store/frequent.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SLOTS = 256,
    LISTED_PART = 8192, /* of the transactions, a listed name has more */
    KEPT_EXACT = 256,   /* names counted exactly */
};

void frequent_sums_add(struct frequent_sums *to, const struct frequent_sums *from)
{
    to->transactions += from->transactions;
    to->errors += from->errors;
    to->unanswered += from->unanswered;
    if (!from->with_latency)
        return;
    if (!to->with_latency || from->latency_min_us < to->latency_min_us)
        to->latency_min_us = from->latency_min_us;
    if (!to->with_latency || from->latency_max_us > to->latency_max_us)
        to->latency_max_us = from->latency_max_us;
    to->with_latency += from->with_latency;
    to->latency_sum_us += from->latency_sum_us;
}

void frequent_done(struct frequent *h)
{
    for (size_t i = 0; i < h->slot_count; i++)
        free(h->slots[i]);
    free(h->slots);
    distinct_done(&h->names);
    *h = (struct frequent){.limit = h->limit};
}

static void place(struct frequent *h, struct frequent_name *n)
{
    size_t at = n->hash & (h->slot_count - 1);
    while (h->slots[at])
        at = (at + 1) & (h->slot_count - 1);
    h->slots[at] = n;
}

static int resize(struct frequent *h, size_t slot_count)
{
    struct frequent_name **old = h->slots;
    size_t old_count = h->slot_count;
    struct frequent_name **slots = calloc(slot_count, sizeof(struct frequent_name *));
    if (!slots)
        return -ENOMEM;
    h->slots = slots;
    h->slot_count = slot_count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i])
            place(h, old[i]);
    free(old);
    return 0;
}

/* ---- giving up ---- */

static uint64_t most_of(const struct frequent_name *n)
{
    return n->sums.transactions + n->missed;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* So many transactions has the name in the middle. */
static int find_middle(const struct frequent *h, uint64_t *out)
{
    uint64_t *counts = malloc(h->count * sizeof(*counts));
    size_t n = 0;
    if (!counts)
        return -ENOMEM;
    for (size_t i = 0; i < h->slot_count; i++)
        if (h->slots[i])
            counts[n++] = h->slots[i]->sums.transactions;
    qsort(counts, n, sizeof(*counts), by_number);
    *out = counts[n / 2];
    free(counts);
    return 0;
}

static int give_up_half(struct frequent *h)
{
    uint64_t middle;
    if (find_middle(h, &middle) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < h->slot_count; i++) {
        struct frequent_name *n = h->slots[i];
        if (!n || n->sums.transactions > middle)
            continue;
        if (most_of(n) > h->dropped)
            h->dropped = most_of(n);
        frequent_sums_add(&h->rest, &n->sums);
        free(n);
        h->slots[i] = NULL;
        h->count--;
    }
    return resize(h, h->slot_count);
}

/* ---- adding ---- */

static bool is_name(const struct frequent_name *n, uint64_t hash, const struct row_text *t)
{
    return n->hash == hash && n->len == t->len && n->absent == !t->text &&
           (!t->len || memcmp(n->text, t->text, t->len) == 0);
}

/* NULL without memory. */
static struct frequent_name *find(struct frequent *h, const struct row_text *t)
{
    uint64_t hash = t->text ? hash_bytes(t->text, t->len, hash_seed()) : hash_seed();
    if (h->count >= h->limit && give_up_half(h) < 0)
        return NULL;
    if (h->count * 2 >= h->slot_count &&
        resize(h, h->slot_count ? h->slot_count * 2 : FIRST_SLOTS) < 0)
        return NULL;
    for (size_t at = hash & (h->slot_count - 1); h->slots[at]; at = (at + 1) & (h->slot_count - 1))
        if (is_name(h->slots[at], hash, t))
            return h->slots[at];
    struct frequent_name *n = calloc(1, sizeof(*n) + t->len);
    if (!n)
        return NULL;
    n->hash = hash;
    n->missed = h->dropped;
    n->absent = !t->text;
    n->len = t->len;
    if (t->len)
        memcpy(n->text, t->text, t->len);
    place(h, n);
    h->count++;
    if (!h->names.bits)
        h->names = (struct distinct){.bits = DISTINCT_BITS_KEPT, .exact = KEPT_EXACT};
    if (distinct_add_kept(&h->names, t->text, t->len) < 0)
        return NULL;
    return n;
}

int frequent_add(struct frequent *h, const struct row *row)
{
    struct frequent_name *n = find(h, &row->qname);
    struct frequent_sums one = {
        .transactions = 1, .errors = row_is_error(row), .unanswered = row_is_unanswered(row)};
    if (!n)
        return -ENOMEM;
    if (row->latency_us >= 0) {
        one.with_latency = 1;
        one.latency_sum_us = (uint64_t)row->latency_us;
        one.latency_min_us = one.latency_max_us = row->latency_us;
    }
    frequent_sums_add(&n->sums, &one);
    h->transactions++;
    return 0;
}

/* ---- listing ---- */

static bool can_be_listed(const struct frequent *h, const struct frequent_name *n)
{
    return !n->missed && n->sums.transactions > h->transactions / LISTED_PART;
}

static int by_transactions(const void *a, const void *b)
{
    const struct frequent_name *x = *(struct frequent_name *const *)a;
    const struct frequent_name *y = *(struct frequent_name *const *)b;
    return (x->sums.transactions < y->sums.transactions) -
           (x->sums.transactions > y->sums.transactions);
}

/* The table becomes the list: no memory is needed for it. */
void frequent_list(struct frequent *h, size_t most, struct frequent_list *out)
{
    size_t n = 0;
    *out = (struct frequent_list){.names = h->slots, .rest = h->rest, .rest_max = h->dropped};
    for (size_t i = 0; i < h->slot_count; i++) {
        struct frequent_name *name = h->slots[i];
        if (!name)
            continue;
        h->slots[i] = h->slots[n];
        h->slots[n++] = name;
    }
    for (size_t i = 0; i < n; i++) {
        struct frequent_name *name = h->slots[i];
        if (!can_be_listed(h, name))
            continue;
        h->slots[i] = h->slots[out->count];
        h->slots[out->count++] = name;
    }
    if (out->count)
        qsort(h->slots, out->count, sizeof(struct frequent_name *), by_transactions);
    if (out->count > most)
        out->count = most;
    for (size_t i = out->count; i < n; i++) {
        frequent_sums_add(&out->rest, &h->slots[i]->sums);
        if (most_of(h->slots[i]) > out->rest_max)
            out->rest_max = most_of(h->slots[i]);
    }
}
