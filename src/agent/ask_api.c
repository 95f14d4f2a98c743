/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to an agent. */
#include "agent/ask_private.h"
#include "agent/commands.h"
#include "agent/stop_signal.h"
#include "base/clock.h"
#include "cli/row_read.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TIME_NS_MAX = 60, /* seconds for an answer that is read whole */
};

/* ---- errors ---- */

int ask_api_failed(const struct ask *a, int error, const struct client_error *e,
                   const char *filter_text)
{
    struct buf shown = {0};
    /* Ctrl-C says so itself. */
    if (error == -ECANCELED)
        return EXIT_FAILED;
    if (e->column && filter_text) {
        struct filter_error at = {.column = e->column, .width = e->width ? e->width : 1};
        snprintf(at.message, sizeof(at.message), "%.250s", e->message);
        filter_error_show(filter_text, strlen(filter_text), &at, &shown);
        fprintf(stderr, "nameflow: the agent says that the filter is not right at column %zu:\n%s",
                e->column, buf_cstr(&shown));
        buf_done(&shown);
        return EXIT_USAGE;
    }
    bool absent = !e->status && (error == -ENOENT || error == -ECONNREFUSED);
    fprintf(stderr, "nameflow %s: %s%s\n", a->command, e->message,
            absent && strcmp(a->command, "top") != 0 ? ", or name a store's folder with --store"
                                                     : "");
    return error == -EINVAL ? EXIT_USAGE : error == -EACCES ? EXIT_NOT_ALLOWED : EXIT_FAILED;
}

static int not_understood(const struct ask *a, const char *why)
{
    fprintf(stderr, "nameflow %s: the agent's answer cannot be read: %s\n", a->command, why);
    return EXIT_FAILED;
}

/* ---- parameters ---- */

/* A request whose values live as long as it does. */
struct request {
    struct client_request request;
    char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
    char number[CLIENT_PARAMS_MAX][32];
    struct buf by, metrics, order;
    size_t count;
};

static void add(struct request *r, const char *name, const char *value)
{
    if (r->count < CLIENT_PARAMS_MAX)
        r->request.params[r->count++] = (struct client_param){name, value};
}

static void add_number(struct request *r, const char *name, uint64_t v, const char *unit)
{
    if (r->count >= CLIENT_PARAMS_MAX)
        return;
    snprintf(r->number[r->count], sizeof(r->number[0]), "%llu%s", (unsigned long long)v, unit);
    add(r, name, r->number[r->count]);
}

static void begin(struct request *r, const char *path, const struct store_range *range,
                  const char *filter_text)
{
    *r = (struct request){.request = {.path = path}};
    clock_format_utc(range->from_ns, r->from);
    clock_format_utc(range->until_ns, r->until);
    add(r, "from", r->from);
    add(r, "until", r->until);
    if (filter_text && filter_text[0])
        add(r, "filter", filter_text);
}

static void end(struct request *r)
{
    buf_done(&r->by);
    buf_done(&r->metrics);
    buf_done(&r->order);
}

static void add_order(struct request *r, bool ascending, const char *name)
{
    buf_printf(&r->order, "%s%s", ascending ? "" : "-", name);
    add(r, "order", buf_cstr(&r->order));
}

/* ---- transactions ---- */

struct rows {
    store_row_sink *sink;
    void *ctx;
    struct arena arena;
    bool bad;
    char err[256];
};

static bool on_line(void *ctx, const char *line, size_t len)
{
    struct rows *rows = ctx;
    struct row row;
    if (!len)
        return true;
    arena_reset(&rows->arena);
    if (row_from_json(&row, line, len, false, &rows->arena, rows->err, sizeof(rows->err)) < 0) {
        rows->bad = true;
        return false;
    }
    return rows->sink(rows->ctx, &row);
}

int ask_api_rows(struct ask *a, const struct ask_rows *q, store_row_sink *sink, void *ctx)
{
    struct request r;
    struct client_error error;
    struct rows rows = {.sink = sink, .ctx = ctx};
    struct client_lines lines = {.line = on_line, .ctx = &rows};
    begin(&r, "/api/v1/transactions", &q->query.range, q->filter_text);
    add(&r, "format", "ndjson");
    add_order(&r, q->query.ascending, q->query.order ? q->query.order->name : "time");
    if (q->query.limit)
        add_number(&r, "limit", q->query.limit, "");
    arena_init(&rows.arena, 0);
    int e = client_get(a->client, &r.request, client_lines_push, &lines, &error);
    end(&r);
    arena_done(&rows.arena);
    client_lines_done(&lines);
    if (e < 0)
        return ask_api_failed(a, e, &error, q->filter_text);
    if (rows.bad || lines.too_long)
        return not_understood(a, rows.bad ? rows.err : "a line is too long");
    return -1;
}

/* ---- groups ---- */

static void add_step(struct request *r, int64_t step_ns)
{
    bool whole = step_ns % NS_PER_SEC == 0;
    add_number(r, "step", (uint64_t)(whole ? step_ns / NS_PER_SEC : step_ns), whole ? "s" : "ns");
}

static int get_json(struct ask *a, struct request *r, const char *filter_text, json_t **out)
{
    struct client_error error;
    r->request.timeout_ns = TIME_NS_MAX * NS_PER_SEC;
    int e = client_get_json(a->client, &r->request, out, &error);
    end(r);
    return e < 0 ? ask_api_failed(a, e, &error, filter_text) : -1;
}

int ask_api_groups(struct ask *a, const struct ask_groups *q, struct answer **out)
{
    struct request r;
    json_t *json;
    const struct store_groups_query *query = &q->query;
    begin(&r, query->step_ns ? "/api/v1/series" : "/api/v1/top", &query->range, q->filter_text);
    for (int i = 0; i < STORE_KEYS_MAX && query->by[i]; i++)
        buf_printf(&r.by, "%s%s", i ? "," : "", query->by[i]->name);
    if (r.by.len)
        add(&r, "by", buf_cstr(&r.by));
    for (size_t i = 0; i < q->metric_count; i++)
        buf_printf(&r.metrics, "%s%s", i ? "," : "", store_metric_name(q->metrics[i]));
    add(&r, "metrics", buf_cstr(&r.metrics));
    add_order(&r, query->ascending, store_metric_name(query->order));
    if (query->limit)
        add_number(&r, "limit", query->limit, "");
    if (query->least)
        add_number(&r, "least", query->least, "");
    if (query->step_ns)
        add_step(&r, query->step_ns);
    int e = get_json(a, &r, q->filter_text, &json);
    if (e >= 0)
        return e;
    e = answer_from_json(out, json);
    json_decref(json);
    if (e == -ENOMEM)
        return not_understood(a, "out of memory");
    return e < 0 ? not_understood(a, "it has not the form of groups") : -1;
}

/* ---- latency over time ---- */

static struct chart_heat *heat_from_json(const json_t *json)
{
    const json_t *buckets = json_object_get(json, "buckets");
    size_t rows = json_array_size(buckets);
    size_t steps = json_array_size(json_object_get(json_array_get(buckets, 0), "counts"));
    struct chart_heat_row *row;
    uint64_t *counts;
    if (!json_is_array(buckets) || steps > ANSWER_STEPS_MAX || rows > ANSWER_GROUPS_MAX)
        return NULL;
    struct chart_heat *h = ask_heat_new(rows, steps, &row, &counts);
    for (size_t i = 0; h && i < rows; i++) {
        const json_t *bucket = json_array_get(buckets, i),
                     *list = json_object_get(bucket, "counts");
        row[i].low_us = json_integer_value(json_object_get(bucket, "low_us"));
        row[i].high_us = json_integer_value(json_object_get(bucket, "high_us"));
        for (size_t s = 0; s < steps; s++)
            counts[i * steps + s] = (uint64_t)json_integer_value(json_array_get(list, s));
    }
    return h;
}

int ask_api_heat(struct ask *a, const struct ask_groups *q, struct chart_heat **out)
{
    struct request r;
    json_t *json;
    begin(&r, "/api/v1/histogram", &q->query.range, q->filter_text);
    add_step(&r, q->query.step_ns);
    int e = get_json(a, &r, q->filter_text, &json);
    if (e >= 0)
        return e;
    *out = heat_from_json(json);
    if (*out)
        answer_read_range(json, &(*out)->from_ns, &(*out)->until_ns, &(*out)->first_step_ns,
                          &(*out)->step_ns);
    json_decref(json);
    return *out ? -1 : not_understood(a, "it has not the form of a histogram");
}
