/* SPDX-License-Identifier: Apache-2.0 */
/* Where the answer to a question for groups comes from. */
#include "store/duck_rollup.h"

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

int duck_groups(void *b, const struct store_groups_query *q, struct store_control *control,
                store_part_sink *sink, void *ctx, const char **source, bool *approximate)
{
    struct duck_asked a;
    enum rollup_dimension dimension;
    int64_t first, until;
    duck_asked_init(&a, q);
    *source = "transactions";
    *approximate = false;
    int r = duck_borrow(b, control, &a.conn);
    if (!r && duck_rollup_serves(q, &dimension) && minutes_of(b, &q->range, &first, &until)) {
        bool all = first * ROLLUP_MINUTE_NS == q->range.from_ns &&
                   until * ROLLUP_MINUTE_NS == q->range.until_ns;
        *source = all ? "rollup" : "transactions+rollup";
        r = ask_both(&a, dimension, first, until, sink, ctx, approximate);
    } else if (!r) {
        r = duck_ask_transactions(&a, sink, ctx);
    }
    duck_asked_done(&a);
    return r;
}
