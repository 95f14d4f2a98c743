/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/answer.h"

#include "base/clock.h"
#include "base/json.h"
#include "cli/human.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- life ---- */

static bool make_values(struct answer *a, struct answer_group *g)
{
    size_t n = a->metric_count * (a->step_count ? a->step_count : 1);
    *g = (struct answer_group){.values = arena_alloc(&a->arena, n * sizeof(double) + 1)};
    for (size_t i = 0; g->values && i < n; i++)
        g->values[i] = NAN;
    return g->values != NULL;
}

struct answer *answer_new(size_t by_count, size_t metric_count, size_t group_count,
                          size_t step_count)
{
    struct answer *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    arena_init(&a->arena, 0);
    a->by_count = by_count;
    a->metric_count = metric_count;
    a->count = group_count;
    a->matched = group_count;
    a->step_count = step_count;
    a->groups = arena_alloc(&a->arena, (group_count + 1) * sizeof(*a->groups));
    bool ok = a->groups && make_values(a, &a->others) && make_values(a, &a->overall);
    for (size_t i = 0; ok && i < group_count; i++)
        ok = make_values(a, &a->groups[i]);
    if (!ok) {
        answer_free(a);
        return NULL;
    }
    return a;
}

void answer_free(struct answer *a)
{
    if (!a)
        return;
    arena_done(&a->arena);
    free(a);
}

const char *answer_text(struct answer *a, const char *text, size_t len)
{
    char *copy = arena_alloc(&a->arena, len + 1);
    if (copy) {
        if (len)
            memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

enum answer_unit answer_unit_of(const char *metric)
{
    if (strcmp(metric, "count") == 0 || strcmp(metric, "names") == 0)
        return UNIT_COUNT;
    return strstr(metric, "share") ? UNIT_SHARE : UNIT_LATENCY;
}

bool answer_is_additive(const char *metric)
{
    return strcmp(metric, "count") == 0 || strcmp(metric, "share") == 0;
}

static int arrange_group(struct answer *a, struct answer_group *g, const size_t *from, size_t count)
{
    size_t steps = a->step_count ? a->step_count : 1;
    double *values = arena_alloc(&a->arena, count * steps * sizeof(*values) + 1);
    if (!values)
        return -ENOMEM;
    for (size_t m = 0; m < count; m++)
        memcpy(values + m * steps, g->values + from[m] * steps, steps * sizeof(*values));
    g->values = values;
    return 0;
}

int answer_arrange(struct answer *a, const char *const *metrics, size_t count)
{
    size_t from[ANSWER_METRICS_MAX];
    const char *names[ANSWER_METRICS_MAX];
    if (count > ANSWER_METRICS_MAX)
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        for (from[i] = 0; from[i] < a->metric_count; from[i]++)
            if (strcmp(a->metrics[from[i]], metrics[i]) == 0)
                break;
        if (from[i] == a->metric_count)
            return -ENOENT;
        names[i] = a->metrics[from[i]];
    }
    int r = arrange_group(a, &a->overall, from, count);
    if (!r)
        r = arrange_group(a, &a->others, from, count);
    for (size_t i = 0; !r && i < a->count; i++)
        r = arrange_group(a, &a->groups[i], from, count);
    memcpy(a->metrics, names, count * sizeof(names[0]));
    a->metric_count = count;
    return r;
}

/* ---- to JSON and CSV ---- */

/* As the API writes them, so that it does not matter who answers. */
static void put_number(struct buf *b, double v)
{
    if (isnan(v))
        return;
    if (v == floor(v) && fabs(v) < 1e15)
        buf_i64(b, (int64_t)v);
    else
        buf_printf(b, "%.10g", v);
}

static void put_json_number(struct buf *b, double v)
{
    json_comma(b);
    if (isfinite(v))
        put_number(b, v);
    else
        buf_puts(b, "null");
}

static void put_figures(const struct answer *a, const struct answer_group *g, struct buf *b)
{
    for (size_t m = 0; m < a->metric_count; m++) {
        json_key(b, a->metrics[m]);
        if (!a->step_count) {
            put_json_number(b, *answer_value(a, g, m, 0));
            continue;
        }
        json_open(b, '[');
        for (size_t s = 0; s < a->step_count; s++)
            put_json_number(b, *answer_value(a, g, m, s));
        json_close(b, ']');
    }
}

static void put_texts(struct buf *b, const char *key, const char *const *texts, size_t count)
{
    json_key(b, key);
    json_open(b, '[');
    for (size_t i = 0; i < count; i++)
        json_cstring(b, texts[i]);
    json_close(b, ']');
}

static void put_json_time(struct buf *b, const char *key, int64_t ns)
{
    json_key(b, key);
    json_utc(b, ns);
}

static void put_json_group(const struct answer *a, const struct answer_group *g, struct buf *b)
{
    json_open(b, '{');
    json_key(b, "key");
    json_open(b, '[');
    for (size_t k = 0; k < a->by_count; k++) {
        if (g->key[k]) {
            json_cstring(b, g->key[k]);
        } else {
            json_comma(b);
            buf_puts(b, "null");
        }
    }
    json_close(b, ']');
    put_figures(a, g, b);
    json_close(b, '}');
}

void answer_to_json(const struct answer *a, struct buf *out)
{
    json_open(out, '{');
    put_json_time(out, "from", a->from_ns);
    put_json_time(out, "until", a->until_ns);
    put_texts(out, "by", a->by, a->by_count);
    put_texts(out, "metrics", a->metrics, a->metric_count);
    if (a->step_count) {
        json_key(out, "step_seconds");
        put_json_number(out, (double)a->step_ns / (double)NS_PER_SEC);
        put_json_time(out, "start", a->first_step_ns);
    }
    json_key(out, "groups");
    json_open(out, '[');
    for (size_t i = 0; i < a->count; i++)
        put_json_group(a, &a->groups[i], out);
    json_close(out, ']');
    json_key(out, "others");
    json_open(out, '{');
    put_figures(a, &a->others, out);
    json_close(out, '}');
    json_key(out, "overall");
    json_open(out, '{');
    put_figures(a, &a->overall, out);
    json_close(out, '}');
    json_key(out, "matched");
    json_u64(out, a->matched);
    json_key(out, "source");
    json_cstring(out, a->source ? a->source : "");
    json_key(out, "approximate");
    json_bool(out, a->approximate);
    json_close(out, '}');
    buf_putc(out, '\n');
}

static void put_csv_text(struct buf *b, const char *text)
{
    if (!text)
        return;
    /* An empty text is not the same as an absent one. */
    if (text[0] && !strpbrk(text, ",\"\r\n")) {
        buf_puts(b, text);
        return;
    }
    buf_putc(b, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(b, '"');
        buf_putc(b, *text);
    }
    buf_putc(b, '"');
}

static void put_csv_line(const struct answer *a, const struct answer_group *g, size_t step,
                         struct buf *b)
{
    char time[CLOCK_TEXT_MAX];
    const char *comma = "";
    if (a->step_count) {
        clock_format_utc(a->first_step_ns + (int64_t)step * a->step_ns, time);
        buf_puts(b, time);
        comma = ",";
    }
    for (size_t k = 0; k < a->by_count; k++, comma = ",") {
        buf_puts(b, comma);
        put_csv_text(b, g->key[k]);
    }
    for (size_t m = 0; m < a->metric_count; m++, comma = ",") {
        buf_puts(b, comma);
        put_number(b, *answer_value(a, g, m, step));
    }
    buf_puts(b, "\r\n");
}

void answer_to_csv(const struct answer *a, struct buf *out)
{
    const char *comma = "";
    if (a->step_count) {
        buf_puts(out, "time");
        comma = ",";
    }
    for (size_t i = 0; i < a->by_count + a->metric_count; i++, comma = ",") {
        buf_puts(out, comma);
        buf_puts(out, i < a->by_count ? a->by[i] : a->metrics[i - a->by_count]);
    }
    buf_puts(out, "\r\n");
    for (size_t s = 0; s < (a->step_count ? a->step_count : 1); s++) {
        for (size_t i = 0; i < a->count; i++)
            put_csv_line(a, &a->groups[i], s, out);
        if (!a->by_count)
            put_csv_line(a, &a->overall, s, out);
    }
}

void answer_put_value(struct buf *b, enum answer_unit unit, double value)
{
    if (!isfinite(value))
        buf_putc(b, '-');
    else if (unit == UNIT_COUNT)
        human_count(b, (uint64_t)(value < 0 ? 0 : value + 0.5));
    else if (unit == UNIT_SHARE)
        human_share(b, (uint64_t)(value * 1e9 + 0.5), 1000000000);
    else
        human_duration(b, (int64_t)(value * 1000));
}
