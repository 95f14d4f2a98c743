/* SPDX-License-Identifier: Apache-2.0 */
/* Groups out of the transactions. Figures that are sums come from one grouping by the keys. What
 * has many parts in a group (steps, buckets of latency, names) is only asked for the groups that
 * can be listed, everything else being one more group, so that neither the engine nor groups.c has
 * to hold it for a million names. */
#include "store/duck_groups.h"

#include "store/order.h"

#include <errno.h>
#include <math.h>

enum {
    LOOK_AT = 250,      /* groups whose percentiles are looked at first */
    SLOW_PER_GROUP = 8, /* slow transactions to find them among */
};

/* ---- statements ---- */

static void put_keys(struct duck_asked *a, struct sql *s, unsigned *column)
{
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        if (!a->q->by[i])
            continue;
        sql_puts(s, *column ? ", " : "");
        duck_put_key(s, a->q->by[i]);
        buf_printf(&s->text, " AS k%d", i + 1);
        ++*column;
    }
}

void duck_put_step(const struct store_groups_query *q, struct sql *s)
{
    sql_puts(s, "(\"time\" - ");
    sql_number(s, store_first_step_ns(q));
    sql_puts(s, ") // ");
    sql_number(s, q->step_ns);
}

enum figures {
    COUNTED = 1,
    LATENCY = 2,
    ALL = 3,
};

/* The figures of struct store_part, in its order; nothing in place of those that are not needed:
 * for a million groups each of them counts. */
static void put_figures(struct sql *s, unsigned needed)
{
    sql_puts(s, "count(*)");
    if (needed & COUNTED)
        buf_printf(&s->text,
                   ", count(*) FILTER (WHERE \"outcome\" <> %d OR \"rcode\" NOT IN (%d, %d)), "
                   "count(*) FILTER (WHERE \"outcome\" NOT IN (%d, %d))",
                   OUTCOME_ANSWERED, DNS_RCODE_NOERROR, DNS_RCODE_NXDOMAIN, OUTCOME_ANSWERED,
                   OUTCOME_UNSOLICITED);
    else
        sql_puts(s, ", CAST(0 AS BIGINT), CAST(0 AS BIGINT)");
    sql_puts(s, needed & LATENCY
                    ? ", count(\"latency_us\"), CAST(sum(\"latency_us\") AS DOUBLE), "
                      "min(\"latency_us\"), max(\"latency_us\")"
                    : ", CAST(0 AS BIGINT), CAST(0 AS DOUBLE), CAST(0 AS BIGINT), CAST(0 AS "
                      "BIGINT)");
}

void duck_put_figures(struct sql *s)
{
    put_figures(s, ALL);
}

static unsigned needed_by(enum store_metric m)
{
    switch (m) {
    case METRIC_COUNT:
    case METRIC_SHARE:
    case METRIC_NAMES:
        return 0;
    case METRIC_ERROR_SHARE:
    case METRIC_UNANSWERED_SHARE:
        return COUNTED;
    default:
        return LATENCY;
    }
}

/* For all metrics that are asked for. */
static unsigned needed(const struct duck_asked *a)
{
    unsigned figures = needed_by(a->q->order) | (a->with_buckets ? LATENCY : 0);
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++)
        if (a->q->metrics & 1u << m)
            figures |= needed_by((enum store_metric)m);
    return figures;
}

/* " GROUP BY 1, 2, ..." of the columns before the figures. */
static void put_group_by(struct sql *s, unsigned columns)
{
    for (unsigned i = 1; i <= columns; i++)
        buf_printf(&s->text, i == 1 ? " GROUP BY %u" : ", %u", i);
}

/* ---- answers ---- */

void duck_read_figures(const struct duck_columns *c, unsigned column, size_t i,
                       struct store_part *p)
{
    p->transactions = (uint64_t)((int64_t *)duck_data(c, column))[i];
    p->errors = (uint64_t)((int64_t *)duck_data(c, column + 1))[i];
    p->unanswered = (uint64_t)((int64_t *)duck_data(c, column + 2))[i];
    p->with_latency = (uint64_t)((int64_t *)duck_data(c, column + 3))[i];
    if (!p->with_latency)
        return;
    p->latency_sum_us = ((double *)duck_data(c, column + 4))[i];
    p->latency_min_us = ((int64_t *)duck_data(c, column + 5))[i];
    p->latency_max_us = ((int64_t *)duck_data(c, column + 6))[i];
}

int duck_read_key(const struct duck_columns *c, unsigned column, size_t i, const struct field *f,
                  struct buf *text, struct row_text *out)
{
    *out = (struct row_text){0};
    if (duck_is_null(c, column, i))
        return 0;
    if (f->type == FIELD_TEXT || f->type == FIELD_INET) {
        *out = duck_text_at((duckdb_string_t *)duck_data(c, column) + i);
        return 0;
    }
    struct field_value v = {.present = true, .number = ((int64_t *)duck_data(c, column))[i]};
    buf_clear(text);
    field_value_text(f, &v, text);
    *out = (struct row_text){buf_cstr(text), (uint32_t)text->len};
    return text->failed ? -ENOMEM : 0;
}

static int read_keys(struct duck_asked *a, const struct duck_columns *c, size_t i,
                     struct store_part *p, unsigned *column)
{
    int r = 0;
    for (int k = 0; !r && k < STORE_KEYS_MAX; k++)
        if (a->q->by[k])
            r = duck_read_key(c, (*column)++, i, a->q->by[k], &a->texts[k], &p->key[k]);
    return r;
}

/* Which columns come before the figures. */
struct shape {
    struct duck_asked *a;
    const struct store_groups *chosen; /* the first column is the number of one of these */
    bool keys, step, bucket, names, whole;
    unsigned figures;
    store_part_sink *sink;
    void *ctx;
};

static int read_chosen(const struct shape *sh, const struct duck_columns *c, size_t i,
                       struct store_part *p)
{
    p->rest = duck_is_null(c, 0, i);
    if (p->rest)
        return 0;
    int64_t number = ((int64_t *)duck_data(c, 0))[i];
    if (number < 0 || (size_t)number >= sh->chosen->count)
        return -EIO;
    memcpy(p->key, sh->chosen->groups[number].key, sizeof(p->key));
    return 0;
}

static int take_part(const struct shape *sh, const struct duck_columns *c, size_t i)
{
    struct store_bucket_count bucket = {0};
    struct store_part p = {.whole = sh->whole};
    struct row_text name;
    unsigned column = 0;
    int r = sh->chosen ? read_chosen(sh, c, i, &p) : 0;
    column += sh->chosen != NULL;
    if (!r && sh->keys)
        r = read_keys(sh->a, c, i, &p, &column);
    if (r)
        return r;
    if (sh->step)
        p.step = ((int64_t *)duck_data(c, column++))[i];
    if (sh->names) {
        name = duck_text_at((duckdb_string_t *)duck_data(c, column) + i);
        p.names = &name;
        p.name_count = 1;
        return sh->sink(sh->ctx, &p);
    }
    unsigned bucket_column = column;
    column += sh->bucket;
    duck_read_figures(c, column, i, &p);
    if (!p.transactions)
        return 0; /* sums without keys have a row, also of nothing */
    if (sh->bucket && p.with_latency) {
        bucket.bucket = ((uint16_t *)duck_data(c, bucket_column))[i];
        bucket.count = (uint32_t)p.with_latency;
        p.buckets = &bucket;
        p.bucket_count = 1;
    }
    return sh->sink(sh->ctx, &p);
}

static int take_chunk(void *ctx, duckdb_data_chunk chunk)
{
    const struct shape *sh = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    int r = 0;
    for (size_t i = 0; !r && i < c.count; i++)
        r = take_part(sh, &c, i);
    return r;
}

/* ---- one grouping ---- */

/* The groups that were chosen, as a table of their keys and numbers. */
static void put_chosen_table(struct sql *s, const struct duck_asked *a,
                             const struct duck_lists *lists)
{
    sql_puts(s, "WITH chosen AS (SELECT unnest(");
    sql_value(s, "BIGINT[]", lists->numbers);
    sql_puts(s, ") AS chosen_number");
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        if (!a->q->by[i])
            continue;
        sql_puts(s, ", unnest(");
        sql_value(s, lists->is_text[i] ? "VARCHAR[]" : "BIGINT[]", lists->keys[i]);
        buf_printf(&s->text, ") AS chosen_key%d", i + 1);
    }
    sql_puts(s, ") ");
}

static void put_chosen_join(struct sql *s, const struct duck_asked *a)
{
    const char *before = " LEFT JOIN chosen ON ";
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        if (!a->q->by[i])
            continue;
        sql_puts(s, before);
        duck_put_key(s, a->q->by[i]);
        buf_printf(&s->text, " IS NOT DISTINCT FROM chosen_key%d", i + 1);
        before = " AND ";
    }
}

static int ask(struct duck_asked *a, struct shape *sh, const struct duck_lists *lists)
{
    struct sql s;
    unsigned column = 0;
    sql_init(&s);
    if (sh->chosen && lists)
        put_chosen_table(&s, a, lists);
    sql_puts(&s, sh->names ? "SELECT DISTINCT " : "SELECT ");
    if (sh->chosen) {
        sql_puts(&s, "chosen_number");
        column++;
    }
    if (sh->keys)
        put_keys(a, &s, &column);
    if (sh->step) {
        sql_puts(&s, column++ ? ", " : "");
        duck_put_step(a->q, &s);
    }
    if (sh->bucket) {
        sql_puts(&s, column++ ? ", " : "");
        sql_puts(&s, "nf_bucket(\"latency_us\")");
    }
    sql_puts(&s, column ? ", " : "");
    if (sh->names)
        sql_puts(&s, "\"qname\"");
    else
        put_figures(&s, sh->figures);
    duck_put_from(&s, a->q->by[0], a->q->by[1]);
    if (sh->chosen)
        put_chosen_join(&s, a);
    duck_put_where(&s, &a->range, a->q->filter);
    if (a->least_latency_us) {
        sql_puts(&s, " AND \"latency_us\" >= ");
        sql_number(&s, a->least_latency_us);
    }
    if (sh->names)
        sql_puts(&s, " AND \"qname\" IS NOT NULL");
    else
        put_group_by(&s, column);
    int r = duck_ask(a->conn, &s, true, take_chunk, sh);
    sql_done(&s);
    return r;
}

/* ---- choosing ---- */

/* A few groups at most, whatever the traffic: they need not be chosen. */
static bool is_small(const struct field *f)
{
    return !f || (f->type == FIELD_ENUM && f->row.list == FIELD_IN_ROW) || f->type == FIELD_BOOL;
}

/* Keys that come back as they were from their text, for the table of those chosen. */
static bool can_choose(const struct duck_asked *a)
{
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        if (a->q->by[i] && a->q->by[i]->type == FIELD_TIME)
            return false;
    return !(is_small(a->q->by[0]) && is_small(a->q->by[1])) && a->q->order != METRIC_NAMES;
}

/* As many values as there may be transactions: summing up all figures of each would fill the memory
 * that the engine is given. */
static bool has_many(const struct duck_asked *a)
{
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        const struct field *f = a->q->by[i];
        if (f && (f->type == FIELD_NUMBER || f->fold ||
                  f->row.offset == offsetof(struct row, qname_wire)))
            return true;
    }
    return false;
}

static bool is_percentile(enum store_metric m)
{
    return m == METRIC_P50 || m == METRIC_P90 || m == METRIC_P99;
}

/* Sums by the keys, of all groups: the first `limit` by an order that sums give. */
static int choose_by(struct duck_asked *a, enum store_metric order, uint32_t limit,
                     struct store_groups **out)
{
    struct store_groups_query q = *a->q;
    q.step_ns = 0;
    q.metrics = 0;
    q.buckets = false;
    q.order = order;
    q.limit = limit;
    struct groups *g = groups_new(&q);
    if (!g)
        return -ENOMEM;
    struct shape sh = {.a = a,
                       .keys = true,
                       .whole = true,
                       .figures = needed_by(order),
                       .sink = groups_add,
                       .ctx = g};
    int r = ask(a, &sh, NULL);
    if (!r)
        r = groups_finish(g, "", false, out);
    groups_free(g);
    return r;
}

/* The details of the chosen groups and of all others together. */
static int ask_details(struct duck_asked *a, const struct store_groups *chosen, bool with_step,
                       store_part_sink *sink, void *ctx)
{
    struct duck_lists lists;
    struct shape sh = {.a = a,
                       .chosen = chosen,
                       .step = with_step,
                       .bucket = a->with_buckets,
                       .figures = needed(a),
                       .sink = sink,
                       .ctx = ctx};
    int r = duck_lists_init(&lists, a->q, chosen);
    if (!r)
        r = ask(a, &sh, &lists);
    if (!r && a->with_names) {
        sh.names = true;
        sh.bucket = false;
        r = ask(a, &sh, &lists);
    }
    duck_lists_done(&lists);
    return r;
}

/* Parts kept until it is known that they are wanted. */
struct kept_part {
    struct store_part part;
    struct store_bucket_count bucket;
};

struct kept_parts {
    struct buf parts;
    struct groups *groups; /* to which they are added as well */
};

static int keep_part(void *ctx, const struct store_part *part)
{
    struct kept_parts *k = ctx;
    struct kept_part kept = {.part = *part};
    if (part->bucket_count)
        kept.bucket = *part->buckets;
    buf_put(&k->parts, &kept, sizeof(kept));
    return k->parts.failed ? -ENOMEM : groups_add(k->groups, part);
}

static int hand_on(const struct kept_parts *k, store_part_sink *sink, void *ctx)
{
    const struct kept_part *parts = (const void *)k->parts.data;
    int r = 0;
    for (size_t i = 0; !r && i < k->parts.len / sizeof(*parts); i++) {
        struct store_part p = parts[i].part;
        p.buckets = &parts[i].bucket;
        r = sink(ctx, &p);
    }
    return r;
}

/* Groups to look at, by the bound of their percentiles, and the bound of all others. */
struct candidates {
    struct store_groups *groups;
    double bound; /* NAN: there are no others */
    uint64_t matched;
};

/* Whether no group that was not looked at can be among those listed: percentiles lie between the
 * least and the greatest latency. */
static bool is_settled(const struct duck_asked *a, const struct candidates *c,
                       const struct store_groups *listed, uint32_t limit)
{
    if (isnan(c->bound))
        return true;
    if (listed->count < limit)
        return false;
    double worst = listed->groups[limit - 1].figures.values[a->q->order];
    return a->q->ascending ? worst <= c->bound : worst >= c->bound;
}

static int candidates_of_all(struct duck_asked *a, uint32_t looked, struct candidates *c)
{
    enum store_metric by = a->q->ascending ? METRIC_MIN : METRIC_MAX;
    int r = choose_by(a, by, looked, &c->groups);
    if (r)
        return r;
    const struct store_groups *g = c->groups;
    c->matched = g->matched;
    c->bound = g->count < g->matched ? g->groups[g->count - 1].figures.values[by] : NAN;
    return 0;
}

/* How many groups there are, within a few percent. */
static int count_groups(struct duck_asked *a, uint64_t *out)
{
    struct sql s;
    int64_t count = 0;
    sql_init(&s);
    sql_puts(&s, "SELECT approx_count_distinct(");
    duck_put_key(&s, a->q->by[0]);
    sql_puts(&s, ")");
    duck_put_from(&s, a->q->by[0], NULL);
    duck_put_where(&s, &a->range, a->q->filter);
    int r = duck_ask(a->conn, &s, false, duck_take_i64, &count);
    sql_done(&s);
    *out = (uint64_t)count;
    return r;
}

/* Of the slowest transactions only: a group that is not among theirs has no latency as high.
 * -ENOENT when that is no help. */
static int candidates_of_slow(struct duck_asked *a, uint32_t looked, struct candidates *c)
{
    const struct store_groups_query *q = a->q;
    int64_t latency_us = 0;
    if (q->ascending || q->by[1] || q->least > 1 || q->prefix || !a->find_latency)
        return -ENOENT;
    int r = a->find_latency(a, (uint64_t)looked * SLOW_PER_GROUP, &latency_us);
    if (r || latency_us <= 0)
        return r ? r : -ENOENT;
    a->least_latency_us = latency_us;
    r = choose_by(a, METRIC_MAX, looked, &c->groups);
    a->least_latency_us = 0;
    if (r)
        return r;
    const struct store_groups *g = c->groups;
    c->bound = (double)latency_us;
    if (g->count && g->count < g->matched)
        c->bound = g->groups[g->count - 1].figures.values[METRIC_MAX];
    r = count_groups(a, &c->matched);
    if (c->matched < g->matched)
        c->matched = g->matched;
    return r;
}

/* The details of groups by their bounds, and who comes first among them. */
static int look_at(struct duck_asked *a, const struct store_groups *by_bound, uint32_t limit,
                   struct kept_parts *kept, struct store_groups **listed)
{
    struct store_groups_query q = *a->q;
    q.step_ns = 0;
    q.metrics = 0;
    q.buckets = false;
    q.limit = limit;
    kept->groups = groups_new(&q);
    if (!kept->groups)
        return -ENOMEM;
    bool names = a->with_names;
    a->with_names = false;
    int r = ask_details(a, by_bound, false, keep_part, kept);
    a->with_names = names;
    if (!r)
        r = groups_finish(kept->groups, "", false, listed);
    groups_free(kept->groups);
    return r;
}

static int groups_there_are(uint64_t matched, uint64_t known, store_part_sink *sink, void *ctx)
{
    struct store_part p = {.rest = true, .groups = matched > known ? matched - known : 0};
    return sink(ctx, &p);
}

/* What was kept is the answer, unless steps or names are asked for as well. */
static int tell_percentiles(struct duck_asked *a, const struct candidates *c,
                            const struct store_groups *listed, const struct kept_parts *kept,
                            store_part_sink *sink, void *ctx)
{
    bool as_kept = !a->q->step_ns && !a->with_names;
    int r =
        as_kept ? hand_on(kept, sink, ctx) : ask_details(a, listed, a->q->step_ns != 0, sink, ctx);
    return r ? r
             : groups_there_are(c->matched, as_kept ? c->groups->count : listed->count, sink, ctx);
}

/* -EAGAIN: others may come before those that were looked at. */
static int try_candidates(struct duck_asked *a, const struct candidates *c, uint32_t limit,
                          store_part_sink *sink, void *ctx)
{
    struct store_groups *listed = NULL;
    struct kept_parts kept = {0};
    int r = look_at(a, c->groups, limit, &kept, &listed);
    if (!r)
        r = is_settled(a, c, listed, limit) ? tell_percentiles(a, c, listed, &kept, sink, ctx)
                                            : -EAGAIN;
    buf_done(&kept.parts);
    store_groups_free(listed);
    return r;
}

static int ask_by_percentile(struct duck_asked *a, uint32_t limit, store_part_sink *sink, void *ctx)
{
    uint32_t looked = limit < LOOK_AT / 4 ? LOOK_AT : 4 * limit;
    struct candidates c = {0};
    int r = candidates_of_slow(a, looked, &c);
    if (!r)
        r = try_candidates(a, &c, limit, sink, ctx);
    store_groups_free(c.groups);
    if (r != -ENOENT && r != -EAGAIN)
        return r;
    for (r = -EAGAIN; r == -EAGAIN; looked *= 8) {
        c = (struct candidates){0};
        r = candidates_of_all(a, looked, &c);
        if (!r)
            r = try_candidates(a, &c, limit, sink, ctx);
        store_groups_free(c.groups);
    }
    return r;
}

static int ask_chosen(struct duck_asked *a, store_part_sink *sink, void *ctx)
{
    uint32_t limit = a->q->limit ? a->q->limit : STORE_GROUPS_DEFAULT;
    struct store_groups *chosen = NULL;
    if (is_percentile(a->q->order))
        return ask_by_percentile(a, limit, sink, ctx);
    int r = choose_by(a, a->q->order, limit, &chosen);
    if (!r)
        r = ask_details(a, chosen, a->q->step_ns != 0, sink, ctx);
    if (!r)
        r = groups_there_are(chosen->matched, chosen->count, sink, ctx);
    store_groups_free(chosen);
    return r;
}

int duck_ask_all(struct duck_asked *a, bool whole, store_part_sink *sink, void *ctx)
{
    struct shape sh = {
        .a = a,
        .keys = a->q->by[0] != NULL,
        .step = a->q->step_ns != 0,
        .bucket = a->with_buckets,
        .figures = needed(a),
        .sink = sink,
        .ctx = ctx,
    };
    sh.whole = whole && !sh.step && !sh.bucket && !a->with_names;
    int r = ask(a, &sh, NULL);
    if (!r && a->with_names) {
        sh.names = true;
        sh.bucket = false;
        r = ask(a, &sh, NULL);
    }
    return r;
}

int duck_ask_transactions(struct duck_asked *a, store_part_sink *sink, void *ctx)
{
    bool details =
        a->q->step_ns || a->with_buckets || a->with_names || (!a->q->filter && has_many(a));
    return details && can_choose(a) ? ask_chosen(a, sink, ctx) : duck_ask_all(a, true, sink, ctx);
}

void duck_asked_init(struct duck_asked *a, const struct store_groups_query *q)
{
    const uint32_t percentiles = 1u << METRIC_P50 | 1u << METRIC_P90 | 1u << METRIC_P99;
    uint32_t metrics = q->metrics | 1u << q->order;
    *a = (struct duck_asked){
        .q = q,
        .range = q->range,
        .with_buckets = metrics & percentiles || q->buckets,
        .with_names = metrics & 1u << METRIC_NAMES,
    };
}

void duck_asked_done(struct duck_asked *a)
{
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        buf_done(&a->texts[i]);
    duck_return(a->conn);
}
