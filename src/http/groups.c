/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/top, series, histogram and values: groups of transactions and their figures. */
#include "http/server.h"

#include "base/clock.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

static struct store_groups *ask(struct request *r, const struct store_groups_query *q)
{
    char err[256] = "";
    struct store_groups *g = NULL;
    struct store_control control = request_control(r);
    if (!request_needs_store(r))
        return NULL;
    int error = store_groups(r->http->o.store, q, &control, &g, err, sizeof(err));
    if (error)
        http_fail_store(&r->problem, error, err);
    return error ? NULL : g;
}

static struct store_groups_query query_of(const struct http_params *p)
{
    return (struct store_groups_query){
        .range = p->range,
        .filter = p->filter,
        .by = {p->by[0], p->by[1]},
        .metrics = p->metrics | 1u << p->order_metric,
        .order = p->order_metric,
        .ascending = p->ascending,
        .limit = p->limit,
        .least = p->least,
    };
}

static void put_double(struct buf *out, double v)
{
    json_comma(out);
    if (isfinite(v))
        buf_printf(out, "%.10g", v);
    else
        buf_puts(out, "null");
}

static void put_value(struct buf *out, const struct store_figures *f, enum store_metric m)
{
    if (m == METRIC_COUNT)
        json_u64(out, f->transactions);
    else
        put_double(out, f->values[m]);
}

static void put_text(struct buf *out, const struct row_text *t)
{
    if (t->text) {
        json_string(out, t->text, t->len);
        return;
    }
    json_comma(out);
    buf_puts(out, "null");
}

/* The figures as one object: with steps, each metric is an array. `keys` of the group come first.
 */
static void put_group(struct buf *out, const struct store_groups *g,
                      const struct store_group *group, unsigned keys, uint32_t metrics)
{
    json_open(out, '{');
    if (keys) {
        json_key(out, "key");
        json_open(out, '[');
        for (unsigned i = 0; i < keys; i++)
            put_text(out, &group->key[i]);
        json_close(out, ']');
    }
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++) {
        if (!(metrics & 1u << m))
            continue;
        json_key(out, store_metric_name((enum store_metric)m));
        if (!g->step_ns) {
            put_value(out, &group->figures, (enum store_metric)m);
            continue;
        }
        json_open(out, '[');
        for (size_t i = 0; group->steps && i < g->step_count; i++)
            put_value(out, &group->steps[i], (enum store_metric)m);
        json_close(out, ']');
    }
    json_close(out, '}');
}

static void put_source(struct buf *out, const struct store_groups *g)
{
    json_key(out, "source");
    json_cstring(out, g->source ? g->source : "transactions");
    json_key(out, "approximate");
    json_bool(out, g->approximate);
}

static void put_steps(struct buf *out, const struct store_groups *g)
{
    json_key(out, "step_seconds");
    put_double(out, (double)g->step_ns / NS_PER_SEC);
    json_key(out, "start");
    json_utc(out, g->first_step_ns);
}

static void put_asked(struct buf *out, const struct http_params *p)
{
    json_key(out, "by");
    json_open(out, '[');
    for (unsigned i = 0; i < p->by_count; i++)
        json_cstring(out, p->by[i]->name);
    json_close(out, ']');
    json_key(out, "metrics");
    json_open(out, '[');
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++)
        if (p->metrics & 1u << m)
            json_cstring(out, store_metric_name((enum store_metric)m));
    json_close(out, ']');
}

static void put_groups(struct request *r, const struct store_groups *g)
{
    const struct http_params *p = &r->params;
    struct buf *out = &r->body;
    r->type = "application/json";
    request_open_range(r, out);
    put_asked(out, p);
    if (g->step_ns)
        put_steps(out, g);
    json_key(out, "groups");
    json_open(out, '[');
    for (size_t i = 0; p->by_count && i < g->count; i++)
        put_group(out, g, &g->groups[i], p->by_count, p->metrics);
    json_close(out, ']');
    json_key(out, "others");
    put_group(out, g, &g->others, 0, p->metrics);
    json_key(out, "overall");
    put_group(out, g, &g->overall, 0, p->metrics);
    json_key(out, "matched");
    json_u64(out, p->by_count ? g->matched : 0);
    put_source(out, g);
    json_close(out, '}');
}

void get_top(struct request *r)
{
    struct store_groups_query q = query_of(&r->params);
    struct store_groups *g = ask(r, &q);
    if (!g)
        return;
    put_groups(r, g);
    store_groups_free(g);
}

void get_series(struct request *r)
{
    struct store_groups_query q = query_of(&r->params);
    q.step_ns = r->params.step_ns;
    struct store_groups *g = ask(r, &q);
    if (!g)
        return;
    put_groups(r, g);
    store_groups_free(g);
}

/* ---- latency x time ---- */

enum {
    PER_DECADE = 8,
    DECADES = 10, /* from 1 us */
    COARSE = PER_DECADE * DECADES + 1,
};

/* The lower bound of a coarse bucket in us: 0, then the powers of 10^(1/8) from 1 upwards, rounded
 * up to whole numbers. Below 5 us some are equal: those buckets stay empty. */
static int64_t coarse_low(unsigned i)
{
    static const int64_t mantissas[PER_DECADE] = {10000, 13336, 17783, 23714,
                                                  31623, 42170, 56235, 74990};
    if (!i)
        return 0;
    int64_t power = 1;
    for (unsigned k = (i - 1) / PER_DECADE; k; k--)
        power *= 10;
    return (mantissas[(i - 1) % PER_DECADE] * power + 9999) / 10000;
}

/* Adds one step's buckets, which are in order; each goes where its lower bound lies. */
static void merge(uint64_t counts[COARSE], const struct store_figures *f)
{
    unsigned at = 0;
    for (size_t i = 0; i < f->bucket_count; i++) {
        while (at + 1 < COARSE && coarse_low(at + 1) <= f->buckets[i].low_us)
            at++;
        counts[at] += f->buckets[i].count;
    }
}

static bool is_used(const uint64_t (*counts)[COARSE], size_t steps, unsigned bucket)
{
    for (size_t i = 0; i < steps; i++)
        if (counts[i][bucket])
            return true;
    return false;
}

static void put_bucket(struct buf *out, const uint64_t (*counts)[COARSE], size_t steps,
                       unsigned bucket)
{
    json_open(out, '{');
    json_key(out, "low_us");
    json_i64(out, coarse_low(bucket));
    json_key(out, "high_us");
    json_i64(out, coarse_low(bucket + 1));
    json_key(out, "counts");
    json_open(out, '[');
    for (size_t i = 0; i < steps; i++)
        json_u64(out, counts[i][bucket]);
    json_close(out, ']');
    json_close(out, '}');
}

static void put_histogram(struct request *r, const struct store_groups *g,
                          const uint64_t (*counts)[COARSE])
{
    struct buf *out = &r->body;
    unsigned first = 0, last = COARSE;
    while (first < COARSE && !is_used(counts, g->step_count, first))
        first++;
    while (last > first && !is_used(counts, g->step_count, last - 1))
        last--;
    r->type = "application/json";
    request_open_range(r, out);
    put_steps(out, g);
    json_key(out, "buckets");
    json_open(out, '[');
    /* Empty ones between are there: a chart draws rows of equal height. */
    for (unsigned i = first; i < last; i++)
        if (coarse_low(i) < coarse_low(i + 1))
            put_bucket(out, counts, g->step_count, i);
    json_close(out, ']');
    put_source(out, g);
    json_close(out, '}');
}

void get_histogram(struct request *r)
{
    struct store_groups_query q = {
        .range = r->params.range,
        .filter = r->params.filter,
        .step_ns = r->params.step_ns,
        .metrics = 1u << METRIC_COUNT,
        .buckets = true,
    };
    struct store_groups *g = ask(r, &q);
    if (!g)
        return;
    uint64_t(*counts)[COARSE] = calloc(g->step_count + 1, sizeof(*counts));
    if (!counts) {
        http_fail(&r->problem, 503, "out of memory");
    } else {
        for (size_t i = 0; g->overall.steps && i < g->step_count; i++)
            merge(counts[i], &g->overall.steps[i]);
        put_histogram(r, g, (const uint64_t(*)[COARSE])counts);
    }
    free(counts);
    store_groups_free(g);
}

/* ---- suggestions ---- */

static void put_suggestion(struct buf *out, const char *text, size_t len, uint64_t count)
{
    json_open(out, '{');
    json_key(out, "value");
    json_string(out, text, len);
    json_key(out, "count");
    json_u64(out, count);
    json_close(out, '}');
}

static bool is_listed(const struct store_groups *g, const char *name)
{
    for (size_t i = 0; g && i < g->count; i++) {
        const struct row_text *key = &g->groups[i].key[0];
        if (key->text && key->len == strlen(name) && memcmp(key->text, name, key->len) == 0)
            return true;
    }
    return false;
}

/* Those mnemonics that were not seen. */
static void put_unseen(struct request *r, const struct store_groups *g)
{
    const struct http_params *p = &r->params;
    const char *name;
    for (size_t i = 0; p->field->enum_at && (name = p->field->enum_at(i)); i++)
        if (strncasecmp(name, p->prefix, strlen(p->prefix)) == 0 && !is_listed(g, name))
            put_suggestion(&r->body, name, strlen(name), 0);
}

static void put_values(struct request *r, const struct store_groups *g)
{
    struct buf *out = &r->body;
    r->type = "application/json";
    request_open_range(r, out);
    json_key(out, "field");
    json_cstring(out, r->params.field->name);
    json_key(out, "values");
    json_open(out, '[');
    for (size_t i = 0; g && i < g->count; i++) {
        const struct store_group *group = &g->groups[i];
        if (group->key[0].text)
            put_suggestion(out, group->key[0].text, group->key[0].len, group->figures.transactions);
    }
    if (r->params.all)
        put_unseen(r, g);
    json_close(out, ']');
    json_close(out, '}');
}

void get_values(struct request *r)
{
    const struct http_params *p = &r->params;
    if (!p->field) {
        http_fail(&r->problem, 400, "which field? 'field=qname' for example");
        r->problem.parameter = http_param_name(PARAM_FIELD);
        return;
    }
    /* Sets cannot be grouped by, but all that they may hold is known. */
    if (p->all && !field_is_single(p->field)) {
        put_values(r, NULL);
        return;
    }
    struct store_groups_query q = {
        .range = p->range,
        .filter = p->filter,
        .by = {p->field},
        .metrics = 1u << METRIC_COUNT,
        .order = METRIC_COUNT,
        .limit = p->limit,
        .prefix = *p->prefix ? p->prefix : NULL,
    };
    struct store_groups *g = ask(r, &q);
    if (!g)
        return;
    put_values(r, g);
    store_groups_free(g);
}
