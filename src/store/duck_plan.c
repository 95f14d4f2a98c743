/* SPDX-License-Identifier: Apache-2.0 */
/* Where the answer to a question for groups comes from. */
#include "store/duck_names.h"
#include "store/duck_rollup.h"

#include <errno.h>

enum {
    WORTH_PART = 20,
};

/* The part of the range that the rollup has, in whole minutes: [first, until). */
static bool minutes_of(const struct duck *d, const struct store_range *r, int64_t *first,
                       int64_t *until)
{
    if (!duck_rollup_minutes(d, first, until) || r->until_ns <= 0)
        return false;
    int64_t from = r->from_ns > 0 ? r->from_ns : 0;
    int64_t wanted = from / ROLLUP_MINUTE_NS + (from % ROLLUP_MINUTE_NS != 0);
    if (*first < wanted)
        *first = wanted;
    if (*until > r->until_ns / ROLLUP_MINUTE_NS)
        *until = r->until_ns / ROLLUP_MINUTE_NS;
    return *first < *until;
}

/* The rollup, and the transactions before and after its minutes. */
static int ask_both(struct duck_asked *a, enum rollup_dimension d, int64_t first, int64_t until,
                    store_part_sink *sink, void *ctx, bool *approximate)
{
    struct store_range before = {a->q->range.from_ns, first * ROLLUP_MINUTE_NS};
    struct store_range after = {until * ROLLUP_MINUTE_NS, a->q->range.until_ns};
    int r = duck_ask_rollup(a, d, first, until, sink, ctx, approximate);
    a->range = before;
    if (!r && before.from_ns < before.until_ns)
        r = duck_ask_all(a, false, sink, ctx);
    a->range = after;
    if (!r && after.from_ns < after.until_ns)
        r = duck_ask_all(a, false, sink, ctx);
    return r;
}

/* By the buckets of all transactions, when the rollup has them. */
static int find_latency(struct duck_asked *a, uint64_t transactions, int64_t *latency_us)
{
    struct store_groups_query q = {.range = a->q->range, .filter = a->q->filter, .buckets = true};
    struct duck_asked all = *a;
    struct store_groups *answer = NULL;
    enum rollup_dimension dimension;
    int64_t first, until;
    bool approximate = false;
    *latency_us = 0;
    if (!duck_rollup_serves(&q, &dimension) || !minutes_of(a->conn->duck, &q.range, &first, &until))
        return 0;
    struct groups *g = groups_new(&q);
    all.q = &q;
    all.with_buckets = true;
    all.with_names = false;
    int r = g ? ask_both(&all, dimension, first, until, groups_add, g, &approximate) : -ENOMEM;
    if (!r)
        r = groups_finish(g, "", false, &answer);
    groups_free(g);
    if (r)
        return r;
    const struct store_figures *f = &answer->overall.figures;
    uint64_t passed = 0;
    /* It is worth it when that is a small part of them. */
    for (size_t i = f->bucket_count; i && passed < transactions; i--) {
        passed += f->buckets[i - 1].count;
        *latency_us = f->buckets[i - 1].low_us;
    }
    if (passed < transactions || passed > f->with_latency / WORTH_PART)
        *latency_us = 0;
    store_groups_free(answer);
    return 0;
}

int duck_groups(void *b, const struct store_groups_query *q, struct store_control *control,
                store_part_sink *sink, void *ctx, const char **source, bool *approximate)
{
    struct duck_asked a;
    enum rollup_dimension dimension;
    int64_t first, until;
    duck_asked_init(&a, q);
    a.find_latency = find_latency;
    *source = "transactions";
    *approximate = false;
    int r = duck_borrow(b, control, &a.conn);
    if (!r && duck_rollup_serves(q, &dimension) && minutes_of(b, &q->range, &first, &until)) {
        bool all = first * ROLLUP_MINUTE_NS == q->range.from_ns &&
                   until * ROLLUP_MINUTE_NS == q->range.until_ns;
        *source = all ? "rollup" : "transactions+rollup";
        r = ask_both(&a, dimension, first, until, sink, ctx, approximate);
    } else if (!r) {
        r = duck_names_serves(q) ? duck_ask_names(&a, sink, ctx, source, approximate) : -EAGAIN;
        if (r == -EAGAIN)
            r = duck_ask_transactions(&a, sink, ctx);
    }
    duck_asked_done(&a);
    return r;
}
