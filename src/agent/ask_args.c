/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ask_args.h"

#include "agent/args.h"
#include "filter/nearest.h"
#include "filter/scalar.h"

#include <stdio.h>

/* ---- time ---- */

/* A time, or a duration that is meant as so long ago. */
static bool read_time(const char *text, int64_t now_ns, int64_t *first, int64_t *last)
{
    int64_t ago_ns;
    size_t len = strlen(text);
    /* "15m" first: of digits alone is seconds since the epoch. */
    if (scalar_duration(text, len, 0, &ago_ns)) {
        *first = *last = now_ns - ago_ns;
        return true;
    }
    return scalar_time(text, len, now_ns, first, last);
}

static int no_time(const char *command, const char *option, const char *text)
{
    struct buf shown = {0};
    buf_put_visible(&shown, text, strlen(text), 60);
    int r = args_usage(command,
                       "--%s: '%s' is not a time; give for example --%s 1h (so long ago), "
                       "--%s 2026-11-24T03:12 (UTC) or --%s now",
                       option, buf_cstr(&shown), option, option, option);
    buf_done(&shown);
    return r;
}

int ask_range(const char *command, const char *since, const char *until, int64_t since_default_ns,
              struct store_range *out)
{
    int64_t now_ns = clock_ns(CLOCK_REALTIME), first, last;
    *out = (struct store_range){now_ns - since_default_ns, now_ns};
    if (until && !read_time(until, now_ns, &first, &last))
        return no_time(command, "until", until);
    /* A day or a minute is meant with all of it. */
    if (until)
        out->until_ns = last > first ? last + 1 : first;
    if (until && !since)
        out->from_ns = out->until_ns - since_default_ns;
    if (since && !read_time(since, now_ns, &first, &last))
        return no_time(command, "since", since);
    if (since)
        out->from_ns = first;
    if (out->from_ns >= out->until_ns) {
        char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
        clock_format_utc(out->from_ns, from);
        clock_format_utc(out->until_ns, to);
        return args_usage(command, "the time begins at %.19s and ends at %.19s, which is not later",
                          from, to);
    }
    return -1;
}

/* ---- fields and metrics ---- */

static int no_such(const char *command, const char *option, const char *what, const char *text,
                   size_t len, const char *best)
{
    struct buf shown = {0};
    buf_put_visible(&shown, text, len, 60);
    int r = args_usage(command, "--%s: there is no %s '%s'%s%s%s", option, what, buf_cstr(&shown),
                       best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
    buf_done(&shown);
    return r;
}

int ask_by(const char *command, const struct option_texts *names, const struct field **by)
{
    if (names->count > STORE_KEYS_MAX)
        return args_usage(command, "--by: at most %d fields", STORE_KEYS_MAX);
    for (size_t i = 0; i < names->count; i++) {
        const char *text = names->items[i].text;
        size_t len = names->items[i].len;
        by[i] = field_find(text, len);
        if (!by[i])
            return no_such(command, "by", "field", text, len, field_nearest(text, len));
    }
    if (names->count == 2 && by[0] == by[1])
        return args_usage(command, "--by: %s is there twice", by[0]->name);
    return -1;
}

static const char *nearest_metric(const char *text, size_t len)
{
    struct nearest n = nearest_to(text, len);
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++)
        nearest_offer(&n, store_metric_name((enum store_metric)m));
    return n.best;
}

int ask_metrics(const char *command, const struct option_texts *names, struct ask_groups *q)
{
    for (size_t i = 0; i < names->count; i++) {
        int m = store_metric_find(names->items[i].text, names->items[i].len);
        if (m < 0)
            return no_such(command, "metrics", "metric", names->items[i].text, names->items[i].len,
                           nearest_metric(names->items[i].text, names->items[i].len));
        if (q->query.metrics & 1u << m)
            return args_usage(command, "--metrics: %s is there twice",
                              store_metric_name((enum store_metric)m));
        q->query.metrics |= 1u << m;
        q->metrics[q->metric_count++] = (enum store_metric)m;
    }
    return -1;
}

int ask_group_order(const char *command, const char *text, struct store_groups_query *q)
{
    q->ascending = text[0] != '-';
    const char *name = text + !q->ascending;
    int m = store_metric_find(name, strlen(name));
    if (m < 0)
        return no_such(command, "order", "metric", name, strlen(name),
                       nearest_metric(name, strlen(name)));
    q->order = (enum store_metric)m;
    return -1;
}

int ask_row_order(const char *command, const char *text, struct store_rows_query *q)
{
    q->ascending = text[0] != '-';
    const char *name = text + !q->ascending;
    q->order = field_find(name, strlen(name));
    if (!q->order)
        return no_such(command, "order", "field", name, strlen(name),
                       field_nearest(name, strlen(name)));
    return -1;
}
