/* SPDX-License-Identifier: Apache-2.0 */
#include "store/groups.h"

#include "base/hash.h"
#include "store/buckets.h"
#include "store/distinct.h"
#include "store/order.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum {
    MEMORY_LIMIT_BYTES = 192 * 1024 * 1024, /* of one answer while it is made */
    FIRST_SLOTS = 256,
    PRUNE_AT = 4096, /* whole groups kept before those that come last are given up */
};

/* Sums of one group, or of one step of it. */
struct sums {
    uint64_t transactions, errors, unanswered, with_latency;
    double latency_sum_us;
    int64_t min_us, max_us;
    struct buckets buckets;
    struct distinct names;
};

struct group {
    uint64_t hash;
    struct row_text key[STORE_KEYS_MAX];
    struct sums total;
    struct sums *steps; /* NULL without a step */
    double rank;        /* the value of the order's metric */
};

struct groups {
    const struct store_groups_query *q;
    struct arena *arena; /* becomes the answer's */
    struct group **slots;
    size_t slot_count;
    struct group **list;
    size_t count, cap;
    struct group rest, overall;
    uint64_t rest_groups;
    struct group **spare; /* given up, to be used again */
    size_t spare_count;
    bool pruned;
    double threshold; /* when pruned: the rank of the last group that was kept */
    size_t step_count;
    bool with_buckets, with_names;
};

static void sums_done(struct sums *s)
{
    buckets_done(&s->buckets);
    distinct_done(&s->names);
}

static void group_done(struct groups *g, struct group *group)
{
    sums_done(&group->total);
    for (size_t i = 0; group->steps && i < g->step_count; i++)
        sums_done(&group->steps[i]);
}

void groups_free(struct groups *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->count; i++)
        group_done(g, g->list[i]);
    group_done(g, &g->rest);
    group_done(g, &g->overall);
    free(g->slots);
    free(g->list);
    free(g->spare);
    if (g->arena) {
        arena_done(g->arena);
        free(g->arena);
    }
    free(g);
}

static int group_init(struct groups *g, struct group *group)
{
    *group = (struct group){0};
    if (!g->q->step_ns)
        return 0;
    group->steps = arena_alloc(g->arena, g->step_count * sizeof(*group->steps));
    if (!group->steps)
        return -E2BIG;
    memset(group->steps, 0, g->step_count * sizeof(*group->steps));
    return 0;
}

struct groups *groups_new(const struct store_groups_query *q)
{
    const uint32_t percentiles = 1u << METRIC_P50 | 1u << METRIC_P90 | 1u << METRIC_P99;
    uint32_t metrics = q->metrics | 1u << q->order;
    struct groups *g = calloc(1, sizeof(*g));
    if (!g)
        return NULL;
    g->q = q;
    g->step_count = q->step_ns ? store_step_count(q) : 0;
    g->with_buckets = metrics & percentiles || q->buckets;
    g->with_names = metrics & 1u << METRIC_NAMES;
    g->slot_count = FIRST_SLOTS;
    g->slots = calloc(g->slot_count, sizeof(*g->slots));
    g->arena = calloc(1, sizeof(*g->arena));
    if (g->arena)
        arena_init(g->arena, MEMORY_LIMIT_BYTES);
    if (!g->slots || !g->arena || group_init(g, &g->rest) < 0 || group_init(g, &g->overall) < 0) {
        groups_free(g);
        return NULL;
    }
    return g;
}

/* ---- finding the group of a part ---- */

static uint64_t hash_key(const struct row_text key[STORE_KEYS_MAX])
{
    uint64_t h = hash_seed();
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        h = hash_bytes(key[i].text ? key[i].text : "", key[i].len, h + !key[i].text);
    return h;
}

static bool same_text(const struct row_text *a, const struct row_text *b)
{
    return !a->text == !b->text && a->len == b->len &&
           (!a->len || memcmp(a->text, b->text, a->len) == 0);
}

static bool same_key(const struct row_text a[STORE_KEYS_MAX],
                     const struct row_text b[STORE_KEYS_MAX])
{
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        if (!same_text(&a[i], &b[i]))
            return false;
    return true;
}

static void place(struct groups *g, struct group *group)
{
    size_t at = group->hash & (g->slot_count - 1);
    while (g->slots[at])
        at = (at + 1) & (g->slot_count - 1);
    g->slots[at] = group;
}

static int grow_slots(struct groups *g)
{
    struct group **slots = calloc(g->slot_count * 2, sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    free(g->slots);
    g->slots = slots;
    g->slot_count *= 2;
    for (size_t i = 0; i < g->count; i++)
        place(g, g->list[i]);
    return 0;
}

static int append_group(struct groups *g, struct group *group)
{
    if (g->count == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : FIRST_SLOTS;
        struct group **list = realloc(g->list, cap * sizeof(struct group *));
        if (!list)
            return -ENOMEM;
        g->list = list;
        g->cap = cap;
    }
    g->list[g->count++] = group;
    return 0;
}

static int find_group(struct groups *g, const struct row_text key[STORE_KEYS_MAX],
                      struct group **out)
{
    if (g->count * 2 >= g->slot_count && grow_slots(g) < 0)
        return -ENOMEM;
    uint64_t hash = hash_key(key);
    size_t at = hash & (g->slot_count - 1);
    for (; g->slots[at]; at = (at + 1) & (g->slot_count - 1)) {
        *out = g->slots[at];
        if ((*out)->hash == hash && same_key((*out)->key, key))
            return 0;
    }
    struct group *group =
        g->spare_count ? g->spare[--g->spare_count] : arena_alloc(g->arena, sizeof(*group));
    if (!group || group_init(g, group) < 0)
        return -E2BIG;
    group->hash = hash;
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        if (!key[i].text)
            continue;
        group->key[i] =
            (struct row_text){arena_copy(g->arena, key[i].text, key[i].len), key[i].len};
        if (!group->key[i].text)
            return -E2BIG;
    }
    if (append_group(g, group) < 0)
        return -ENOMEM;
    *out = g->slots[at] = group;
    return 0;
}

/* ---- adding ---- */

static void add_latency(struct sums *s, uint64_t count, double sum_us, int64_t min_us,
                        int64_t max_us)
{
    if (!count)
        return;
    if (!s->with_latency || min_us < s->min_us)
        s->min_us = min_us;
    if (!s->with_latency || max_us > s->max_us)
        s->max_us = max_us;
    s->with_latency += count;
    s->latency_sum_us += sum_us;
}

static int add_part(struct groups *g, struct sums *s, const struct store_part *part)
{
    s->transactions += part->transactions;
    s->errors += part->errors;
    s->unanswered += part->unanswered;
    add_latency(s, part->with_latency, part->latency_sum_us, part->latency_min_us,
                part->latency_max_us);
    for (size_t i = 0; g->with_buckets && i < part->bucket_count; i++)
        if (buckets_add(&s->buckets, part->buckets[i].bucket, part->buckets[i].count) < 0)
            return -ENOMEM;
    for (size_t i = 0; g->with_names && i < part->name_count; i++)
        if (distinct_add(&s->names, part->names[i].text, part->names[i].len) < 0)
            return -ENOMEM;
    return 0;
}

static int merge_sums(struct sums *to, const struct sums *from)
{
    to->transactions += from->transactions;
    to->errors += from->errors;
    to->unanswered += from->unanswered;
    add_latency(to, from->with_latency, from->latency_sum_us, from->min_us, from->max_us);
    if (buckets_merge(&to->buckets, &from->buckets) < 0 ||
        distinct_merge(&to->names, &from->names) < 0)
        return -ENOMEM;
    return 0;
}

static int merge_group(struct groups *g, struct group *to, const struct group *from)
{
    if (merge_sums(&to->total, &from->total) < 0)
        return -ENOMEM;
    for (size_t i = 0; to->steps && i < g->step_count; i++)
        if (merge_sums(&to->steps[i], &from->steps[i]) < 0)
            return -ENOMEM;
    return 0;
}

static int total_of_steps(struct groups *g, struct group *group)
{
    for (size_t i = 0; group->steps && i < g->step_count; i++) {
        buckets_compact(&group->steps[i].buckets);
        if (merge_sums(&group->total, &group->steps[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- figures ---- */

/* Buckets are off by a little; what is known of the ends is not. */
static double percentile(const struct sums *s, double share)
{
    int64_t us = buckets_at(&s->buckets, share);
    if (us < 0)
        return NAN;
    return (double)(us < s->min_us ? s->min_us : us > s->max_us ? s->max_us : us);
}

static double share_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

/* `whole`: what shares are of. */
static double metric_of(struct sums *s, enum store_metric m, uint64_t whole)
{
    buckets_compact(&s->buckets);
    switch (m) {
    case METRIC_COUNT:
        return (double)s->transactions;
    case METRIC_SHARE:
        return share_of(s->transactions, whole);
    case METRIC_AVERAGE:
        return s->with_latency ? s->latency_sum_us / (double)s->with_latency : NAN;
    case METRIC_P50:
        return percentile(s, 0.5);
    case METRIC_P90:
        return percentile(s, 0.9);
    case METRIC_P99:
        return percentile(s, 0.99);
    case METRIC_MAX:
        return s->with_latency ? (double)s->max_us : NAN;
    case METRIC_MIN:
        return s->with_latency ? (double)s->min_us : NAN;
    case METRIC_ERROR_SHARE:
        return share_of(s->errors, s->transactions);
    case METRIC_UNANSWERED_SHARE:
        return share_of(s->unanswered, s->transactions);
    case METRIC_NAMES:
        return distinct_count(&s->names);
    default:
        return NAN;
    }
}

static int put_buckets(struct groups *g, const struct buckets *from, struct store_figures *out)
{
    struct store_bucket *b = arena_alloc(g->arena, from->len * sizeof(*b));
    if (!b)
        return -ENOMEM;
    for (size_t i = 0; i < from->len; i++) {
        uint16_t bucket = buckets_bucket(from->entries[i]);
        b[i] = (struct store_bucket){store_bucket_low(bucket), store_bucket_high(bucket),
                                     buckets_count(from->entries[i])};
    }
    out->buckets = b;
    out->bucket_count = from->len;
    return 0;
}

static int put_figures(struct groups *g, struct sums *s, uint64_t whole, struct store_figures *out)
{
    *out = (struct store_figures){
        .transactions = s->transactions,
        .errors = s->errors,
        .unanswered = s->unanswered,
        .with_latency = s->with_latency,
    };
    uint32_t metrics = g->q->metrics | 1u << g->q->order;
    for (unsigned m = 0; m < METRIC_COUNT_OF_METRICS; m++)
        out->values[m] = metrics & 1u << m ? metric_of(s, (enum store_metric)m, whole) : NAN;
    return g->q->buckets ? put_buckets(g, &s->buckets, out) : 0;
}

static int put_group(struct groups *g, struct group *from, struct store_group *out)
{
    *out = (struct store_group){0};
    memcpy(out->key, from->key, sizeof(out->key));
    if (put_figures(g, &from->total, g->overall.total.transactions, &out->figures) < 0)
        return -ENOMEM;
    if (!from->steps)
        return 0;
    out->steps = arena_alloc(g->arena, g->step_count * sizeof(*out->steps));
    if (!out->steps)
        return -ENOMEM;
    for (size_t i = 0; i < g->step_count; i++)
        if (put_figures(g, &from->steps[i], g->overall.steps[i].transactions, &out->steps[i]) < 0)
            return -ENOMEM;
    return 0;
}

/* ---- which groups are listed ---- */

static bool can_be_listed(const struct store_groups_query *q, const struct group *group)
{
    size_t n = q->prefix ? strlen(q->prefix) : 0;
    if (group->total.transactions < q->least)
        return false;
    return !n || (group->key[0].text && group->key[0].len >= n &&
                  strncasecmp(group->key[0].text, q->prefix, n) == 0);
}

int groups_compare_names(const struct row_text *a, const struct row_text *b)
{
    if (!a->text != !b->text)
        return a->text ? -1 : 1;
    size_t common = a->len < b->len ? a->len : b->len;
    int r = common ? memcmp(a->text, b->text, common) : 0;
    return r ? r : (a->len > b->len) - (a->len < b->len);
}

/* By the metric, groups without one last; then the larger; then by name. */
static int compare_groups(const void *x, const void *y, void *ctx)
{
    const struct groups *g = ctx;
    const struct group *a = *(struct group *const *)x, *b = *(struct group *const *)y;
    if (isnan(a->rank) != isnan(b->rank))
        return isnan(a->rank) ? 1 : -1;
    if (!isnan(a->rank) && a->rank != b->rank)
        return (a->rank < b->rank) == g->q->ascending ? -1 : 1;
    if (a->total.transactions != b->total.transactions)
        return a->total.transactions > b->total.transactions ? -1 : 1;
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        int r = groups_compare_names(&a->key[i], &b->key[i]);
        if (r)
            return r;
    }
    return 0;
}

/* Shares are ordered as counts are. */
static double rank_of(struct groups *g, struct sums *s)
{
    return metric_of(s, g->q->order, 1);
}

/* Puts those that can be listed in front, in order; returns how many they are. */
static size_t order_groups(struct groups *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++) {
        struct group *group = g->list[i];
        if (!can_be_listed(g->q, group))
            continue;
        group->rank = rank_of(g, &group->total);
        g->list[i] = g->list[n];
        g->list[n++] = group;
    }
    if (n)
        qsort_r(g->list, n, sizeof(struct group *), compare_groups, g);
    return n;
}

/* ---- whole groups ---- */

static bool is_beaten(const struct groups *g, double rank)
{
    if (isnan(rank) || isnan(g->threshold))
        return isnan(rank) && !isnan(g->threshold);
    return g->q->ascending ? rank > g->threshold : rank < g->threshold;
}

/* Gives up all but the first `limit` groups. */
static int prune(struct groups *g)
{
    uint32_t limit = g->q->limit ? g->q->limit : STORE_GROUPS_DEFAULT;
    size_t n = order_groups(g), kept = n < limit ? n : limit;
    if (!g->spare && !(g->spare = malloc(g->cap * sizeof(struct group *))))
        return -ENOMEM;
    g->spare_count = 0;
    for (size_t i = kept; i < g->count; i++) {
        if (merge_group(g, &g->rest, g->list[i]) < 0)
            return -ENOMEM;
        g->rest_groups += i < n;
        group_done(g, g->list[i]);
        g->spare[g->spare_count++] = g->list[i];
    }
    g->count = kept;
    memset(g->slots, 0, g->slot_count * sizeof(*g->slots));
    for (size_t i = 0; i < kept; i++)
        place(g, g->list[i]);
    g->pruned = kept == limit;
    if (g->pruned)
        g->threshold = rank_of(g, &g->list[kept - 1]->total);
    return 0;
}

/* Whether the group cannot be listed, or comes after all that were kept: it is only added up. */
static bool is_only_added(struct groups *g, const struct store_part *part, bool *listable)
{
    struct group alone = {0};
    memcpy(alone.key, part->key, sizeof(alone.key));
    alone.total = (struct sums){
        .transactions = part->transactions,
        .errors = part->errors,
        .unanswered = part->unanswered,
        .with_latency = part->with_latency,
        .latency_sum_us = part->latency_sum_us,
        .min_us = part->latency_min_us,
        .max_us = part->latency_max_us,
    };
    *listable = can_be_listed(g->q, &alone);
    return !*listable || (g->pruned && is_beaten(g, rank_of(g, &alone.total)));
}

static int add_whole(struct groups *g, const struct store_part *part)
{
    struct group *group;
    bool listable;
    if (is_only_added(g, part, &listable)) {
        g->rest_groups += listable;
        return add_part(g, &g->rest.total, part);
    }
    uint32_t limit = g->q->limit ? g->q->limit : STORE_GROUPS_DEFAULT;
    int r = g->count >= PRUNE_AT + (size_t)limit ? prune(g) : 0;
    if (!r)
        r = find_group(g, part->key, &group);
    return r ? r : add_part(g, &group->total, part);
}

int groups_add(void *ctx, const struct store_part *part)
{
    struct groups *g = ctx;
    struct group *group = &g->rest;
    if (part->whole && !g->step_count && !g->with_buckets && !g->with_names)
        return add_whole(g, part);
    if (part->rest) {
        g->rest_groups += part->groups;
    } else {
        int r = find_group(g, part->key, &group);
        if (r < 0)
            return r;
    }
    if (!group->steps)
        return add_part(g, &group->total, part);
    if (part->step < 0 || (size_t)part->step >= g->step_count)
        return -EINVAL;
    return add_part(g, &group->steps[part->step], part);
}

static int add_totals(struct groups *g)
{
    int r = total_of_steps(g, &g->rest);
    for (size_t i = 0; !r && i < g->count; i++) {
        r = total_of_steps(g, g->list[i]);
        if (!r)
            r = merge_group(g, &g->overall, g->list[i]);
    }
    return r ? r : merge_group(g, &g->overall, &g->rest);
}

static int put_listed(struct groups *g, struct store_groups *out)
{
    uint32_t limit = g->q->limit ? g->q->limit : STORE_GROUPS_DEFAULT;
    size_t n = order_groups(g);
    out->matched = n + g->rest_groups;
    out->count = n < limit ? n : limit;
    out->groups = arena_alloc(g->arena, (out->count + 1) * sizeof(*out->groups));
    if (!out->groups)
        return -ENOMEM;
    for (size_t i = 0; i < g->count; i++)
        if (i < out->count ? put_group(g, g->list[i], &out->groups[i]) < 0
                           : merge_group(g, &g->rest, g->list[i]) < 0)
            return -ENOMEM;
    return 0;
}

int groups_finish(struct groups *g, const char *source, bool approximate,
                  struct store_groups **result)
{
    g->arena->limit_bytes = 0;
    struct store_groups *out = arena_alloc(g->arena, sizeof(*out));
    if (!out)
        return -ENOMEM;
    *out = (struct store_groups){
        .first_step_ns = g->q->step_ns ? store_first_step_ns(g->q) : 0,
        .step_ns = g->q->step_ns,
        .step_count = g->step_count,
        .approximate = approximate,
        .source = source,
        .arena = g->arena,
    };
    if (add_totals(g) < 0 || put_listed(g, out) < 0 ||
        put_group(g, &g->overall, &out->overall) < 0 || put_group(g, &g->rest, &out->others) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < g->count; i++)
        group_done(g, g->list[i]);
    g->count = 0;
    /* Steps of these are in the arena that goes away with the answer. */
    group_done(g, &g->rest);
    group_done(g, &g->overall);
    g->rest.steps = g->overall.steps = NULL;
    g->arena = NULL;
    *result = out;
    return 0;
}

void store_groups_free(struct store_groups *g)
{
    if (!g)
        return;
    struct arena *arena = g->arena;
    arena_done(arena);
    free(arena);
}
