/* SPDX-License-Identifier: Apache-2.0 */
/* Questions straight to a store's folder. */
#include "agent/ask_private.h"
#include "agent/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BUCKETS_PER_DECADE = 8,
};

static int failed(const struct ask *a, int error, const char *err)
{
    fprintf(stderr, "nameflow %s: %s\n", a->command, err[0] ? err : strerror(-error));
    return error == -EINVAL ? EXIT_USAGE : error == -EACCES ? EXIT_NOT_ALLOWED : EXIT_FAILED;
}

int ask_store_open(struct ask *a, const char *folder)
{
    const struct store_options o = {.kind = STORE_DUCKDB, .folder = folder, .read_only = true};
    char err[512] = "";
    int r = store_open(&a->store, &o, err, sizeof(err));
    if (r == -EBUSY) {
        fprintf(stderr,
                "nameflow %s: an agent has the store in %s open; ask the agent instead, without "
                "--store\n",
                a->command, folder);
        return EXIT_FAILED;
    }
    return r < 0 ? failed(a, r, err) : -1;
}

int ask_store_rows(struct ask *a, const struct ask_rows *q, store_row_sink *sink, void *ctx)
{
    struct store_page next;
    char err[512] = "";
    int r = store_rows(a->store, &q->query, NULL, sink, ctx, &next, err, sizeof(err));
    return r < 0 ? failed(a, r, err) : -1;
}

/* ---- groups ---- */

static bool copy_figures(struct answer *out, struct answer_group *to,
                         const struct store_group *from, const struct ask_groups *q)
{
    for (size_t m = 0; m < q->metric_count; m++) {
        if (!out->step_count)
            *answer_value(out, to, m, 0) = from->figures.values[q->metrics[m]];
        for (size_t s = 0; from->steps && s < out->step_count; s++)
            *answer_value(out, to, m, s) = from->steps[s].values[q->metrics[m]];
    }
    for (size_t k = 0; k < out->by_count; k++) {
        if (!from->key[k].text)
            continue;
        to->key[k] = answer_text(out, from->key[k].text, from->key[k].len);
        if (!to->key[k])
            return false;
    }
    return true;
}

static struct answer *to_answer(const struct store_groups *g, const struct ask_groups *q)
{
    size_t by = 0;
    while (by < STORE_KEYS_MAX && q->query.by[by])
        by++;
    /* Without a field the store has one group, which is everything: as overall. */
    size_t count = by ? g->count : 0;
    struct answer *a = answer_new(by, q->metric_count, count, g->step_count);
    if (!a)
        return NULL;
    for (size_t i = 0; i < by; i++)
        a->by[i] = q->query.by[i]->name;
    for (size_t i = 0; i < q->metric_count; i++)
        a->metrics[i] = store_metric_name(q->metrics[i]);
    a->from_ns = q->query.range.from_ns;
    a->until_ns = q->query.range.until_ns;
    a->first_step_ns = g->first_step_ns;
    a->step_ns = g->step_ns;
    a->matched = by ? g->matched : 0;
    a->approximate = g->approximate;
    bool ok =
        copy_figures(a, &a->overall, &g->overall, q) && copy_figures(a, &a->others, &g->others, q);
    for (size_t i = 0; ok && i < count; i++)
        ok = copy_figures(a, &a->groups[i], &g->groups[i], q);
    a->source = ok && g->source ? answer_text(a, g->source, strlen(g->source)) : "";
    /* Neither is a group with a key. */
    memset(a->overall.key, 0, sizeof(a->overall.key));
    memset(a->others.key, 0, sizeof(a->others.key));
    if (!ok) {
        answer_free(a);
        return NULL;
    }
    return a;
}

int ask_store_groups(struct ask *a, const struct ask_groups *q, struct answer **out)
{
    struct store_groups *g;
    char err[512] = "";
    int r = store_groups(a->store, &q->query, NULL, &g, err, sizeof(err));
    if (r < 0)
        return failed(a, r, err);
    *out = to_answer(g, q);
    store_groups_free(g);
    return *out ? -1 : failed(a, -ENOMEM, "out of memory");
}

/* ---- latency over time ---- */

/* The bounds 1, 1.33, 1.78, 2.37, 3.16, 4.22, 5.62, 7.5 of each power of ten, in us. */
static size_t row_of(int64_t us)
{
    double decade = 1;
    size_t row = 0;
    while ((double)us >= decade * 10) {
        decade *= 10;
        row += BUCKETS_PER_DECADE;
    }
    static const double parts[] = {1,       1.33352, 1.77828, 2.37137,
                                   3.16228, 4.21697, 5.62341, 7.49894};
    for (size_t i = BUCKETS_PER_DECADE - 1; i > 0; i--)
        if ((double)us >= decade * parts[i])
            return row + i;
    return row;
}

static int64_t low_of(size_t row)
{
    int64_t us = 1;
    /* The first value that row_of puts into this row or a later one. */
    for (size_t decade = 0; decade < row / BUCKETS_PER_DECADE; decade++)
        us *= 10;
    int64_t low = us, high = us * 10;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (row_of(middle) >= row)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static struct chart_heat *to_heat(const struct store_groups *g, const struct ask_groups *q)
{
    size_t rows = 0;
    struct chart_heat_row *row;
    uint64_t *counts;
    const struct store_figures *steps = g->overall.steps;
    for (size_t s = 0; s < g->step_count; s++)
        for (size_t i = 0; i < steps[s].bucket_count; i++)
            if (row_of(steps[s].buckets[i].low_us) + 1 > rows)
                rows = row_of(steps[s].buckets[i].low_us) + 1;
    struct chart_heat *h = ask_heat_new(rows, g->step_count, &row, &counts);
    if (!h)
        return NULL;
    for (size_t i = 0; i < rows; i++) {
        row[i].low_us = low_of(i);
        row[i].high_us = low_of(i + 1);
    }
    for (size_t s = 0; s < g->step_count; s++)
        for (size_t i = 0; i < steps[s].bucket_count; i++)
            counts[row_of(steps[s].buckets[i].low_us) * g->step_count + s] +=
                steps[s].buckets[i].count;
    h->from_ns = q->query.range.from_ns;
    h->until_ns = q->query.range.until_ns;
    h->first_step_ns = g->first_step_ns;
    h->step_ns = g->step_ns;
    return h;
}

int ask_store_heat(struct ask *a, const struct ask_groups *q, struct chart_heat **out)
{
    struct store_groups_query query = q->query;
    struct store_groups *g;
    char err[512] = "";
    query.buckets = true;
    query.metrics = 1u << METRIC_COUNT;
    int r = store_groups(a->store, &query, NULL, &g, err, sizeof(err));
    if (r < 0)
        return failed(a, r, err);
    *out = to_heat(g, q);
    store_groups_free(g);
    return *out ? -1 : failed(a, -ENOMEM, "out of memory");
}
