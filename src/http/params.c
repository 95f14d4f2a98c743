/* SPDX-License-Identifier: Apache-2.0 */
#include "http/params.h"

#include "base/clock.h"
#include "filter/nearest.h"
#include "filter/scalar.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define DEFAULT_SPAN_NS (15 * 60 * NS_PER_SEC)

static const char *const names[PARAM_COUNT] = {
    [PARAM_FROM] = "from",     [PARAM_UNTIL] = "until", [PARAM_FILTER] = "filter",
    [PARAM_LIMIT] = "limit",   [PARAM_ORDER] = "order", [PARAM_AFTER] = "after",
    [PARAM_FORMAT] = "format", [PARAM_BY] = "by",       [PARAM_METRICS] = "metrics",
    [PARAM_LEAST] = "least",   [PARAM_STEP] = "step",   [PARAM_FIELD] = "field",
    [PARAM_PREFIX] = "prefix", [PARAM_ALL] = "all",
};

const char *http_param_name(enum http_param param)
{
    return names[param];
}

void http_params_init(struct http_params *p, int64_t now_ns)
{
    *p = (struct http_params){
        .range = {now_ns - DEFAULT_SPAN_NS, now_ns},
        .metrics = 1u << METRIC_COUNT | 1u << METRIC_SHARE,
        .order_metric = METRIC_COUNT,
    };
}

void http_params_done(struct http_params *p)
{
    filter_free(p->filter);
    p->filter = NULL;
}

/* What came in, for a message: not too long, and controls made harmless. */
struct shown {
    char text[64];
};

static struct shown shown(const char *text, size_t len)
{
    struct shown s;
    struct buf b = {0};
    buf_put_visible(&b, text, len, 40);
    snprintf(s.text, sizeof(s.text), "%s", buf_cstr(&b));
    buf_done(&b);
    return s;
}

static int fail_value(struct http_problem *problem, const char *value, size_t len, const char *want)
{
    return http_fail(problem, 400, "'%s' is not %s", shown(value, len).text, want);
}

/* ---- single values ---- */

static int take_time(int64_t *out, const char *value, size_t len, int64_t now_ns,
                     struct http_problem *problem)
{
    int64_t last;
    if (!scalar_time(value, len, now_ns, out, &last))
        return fail_value(problem, value, len,
                          "a time: RFC 3339 such as 2026-11-24T03:12:00Z, seconds since 1970, "
                          "-15m, or now");
    return 0;
}

static int take_filter(struct http_params *p, const char *value, size_t len, int64_t now_ns,
                       struct http_problem *problem)
{
    struct filter_error error = {0};
    int r = filter_parse(value, len, now_ns, &p->filter, &error);
    if (r == -ENOMEM)
        return http_fail(problem, 503, "out of memory");
    if (r < 0) {
        http_fail(problem, 400, "%s", error.message);
        problem->column = error.column;
        problem->width = error.width;
    }
    return r < 0 ? -EINVAL : 0;
}

static int take_number(uint64_t *out, const char *value, size_t len, uint64_t min, uint64_t max,
                       struct http_problem *problem)
{
    int64_t n;
    if (!scalar_number(value, len, &n) || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
        return http_fail(problem, 400, "'%s' is not a number from %llu to %llu",
                         shown(value, len).text, (unsigned long long)min, (unsigned long long)max);
    *out = (uint64_t)n;
    return 0;
}

static const struct field *find_field(const char *name, size_t len, struct http_problem *problem)
{
    const struct field *f = field_find(name, len);
    if (f)
        return f;
    const char *near = len ? field_nearest(name, len) : NULL;
    if (near)
        http_fail(problem, 400, "there is no field '%s'; did you mean '%s'?", shown(name, len).text,
                  near);
    else
        http_fail(problem, 400, "there is no field '%s'; /api/v1/fields lists them",
                  shown(name, len).text);
    return NULL;
}

static int fail_metric(const char *name, size_t len, struct http_problem *problem)
{
    struct buf list = {0};
    struct nearest near = nearest_to(name, len);
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++) {
        buf_printf(&list, "%s%s", m ? ", " : "", store_metric_name((enum store_metric)m));
        nearest_offer(&near, store_metric_name((enum store_metric)m));
    }
    if (near.best && len)
        http_fail(problem, 400, "there is no metric '%s'; did you mean '%s'?",
                  shown(name, len).text, near.best);
    else
        http_fail(problem, 400, "there is no metric '%s'; there are %s", shown(name, len).text,
                  buf_cstr(&list));
    buf_done(&list);
    return -EINVAL;
}

/* Calls `each` for the parts between commas. */
static int each_part(struct http_params *p, const char *value, size_t len,
                     int (*each)(struct http_params *, const char *, size_t, size_t,
                                 struct http_problem *),
                     struct http_problem *problem)
{
    for (size_t start = 0; start <= len;) {
        const char *comma = memchr(value + start, ',', len - start);
        size_t end = comma ? (size_t)(comma - value) : len;
        int r = each(p, value + start, end - start, start + 1, problem);
        if (r < 0) {
            problem->column = start + 1;
            problem->width = end > start ? end - start : 1;
            return r;
        }
        start = end + 1;
    }
    return 0;
}

static int take_by(struct http_params *p, const char *name, size_t len, size_t column,
                   struct http_problem *problem)
{
    (void)column;
    const struct field *f = find_field(name, len, problem);
    if (!f)
        return -EINVAL;
    if (p->by_count == STORE_KEYS_MAX)
        return http_fail(problem, 400, "at most %d fields to group by", (int)STORE_KEYS_MAX);
    if (p->by_count && p->by[0] == f)
        return http_fail(problem, 400, "'%s' is there twice", f->name);
    p->by[p->by_count++] = f;
    return 0;
}

static int take_metric(struct http_params *p, const char *name, size_t len, size_t column,
                       struct http_problem *problem)
{
    (void)column;
    int m = store_metric_find(name, len);
    if (m < 0)
        return fail_metric(name, len, problem);
    p->metrics |= 1u << m;
    return 0;
}

static int take_step(struct http_params *p, const char *value, size_t len,
                     struct http_problem *problem)
{
    if (len == 4 && memcmp(value, "auto", 4) == 0) {
        p->step_ns = 0;
        return 0;
    }
    if (!scalar_duration(value, len, NS_PER_SEC, &p->step_ns) || p->step_ns <= 0)
        return fail_value(problem, value, len, "a duration such as 30s, 5m or 1h, or auto");
    if (p->step_ns < NS_PER_MS)
        return http_fail(problem, 400, "a step is a millisecond at least");
    return 0;
}

static int take_format(struct http_params *p, const char *value, size_t len,
                       struct http_problem *problem)
{
    static const char *const formats[] = {"json", "ndjson", "csv"};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strlen(formats[i]) == len && memcmp(formats[i], value, len) == 0) {
            p->format = (enum http_format)i;
            p->has_format = true;
            return 0;
        }
    }
    return fail_value(problem, value, len, "json, ndjson or csv");
}

static int take_bool(bool *out, const char *value, size_t len, struct http_problem *problem)
{
    *out = len == 4 && memcmp(value, "true", 4) == 0;
    if (!*out && !(len == 5 && memcmp(value, "false", 5) == 0))
        return fail_value(problem, value, len, "true or false");
    return 0;
}

static int take_text(char *out, size_t size, const char *value, size_t len,
                     struct http_problem *problem)
{
    if (len >= size)
        return http_fail(problem, 400, "at most %zu bytes", size - 1);
    memcpy(out, value, len);
    out[len] = 0;
    return 0;
}

static int take_value(struct http_params *p, enum http_param param, const char *value, size_t len,
                      int64_t now_ns, struct http_problem *problem)
{
    uint64_t n = 0;
    int r = 0;
    switch (param) {
    case PARAM_FROM:
        return take_time(&p->range.from_ns, value, len, now_ns, problem);
    case PARAM_UNTIL:
        return take_time(&p->range.until_ns, value, len, now_ns, problem);
    case PARAM_FILTER:
        return take_filter(p, value, len, now_ns, problem);
    case PARAM_LIMIT:
        r = take_number(&n, value, len, 1, UINT32_MAX, problem);
        p->limit = (uint32_t)n;
        return r;
    case PARAM_ORDER:
        return take_text(p->order_text, sizeof(p->order_text), value, len, problem);
    case PARAM_AFTER:
        if (!store_page_from_text(&p->after, value, len))
            return http_fail(problem, 400, "this is not the 'next' of an earlier answer");
        return 0;
    case PARAM_FORMAT:
        return take_format(p, value, len, problem);
    case PARAM_BY:
        return each_part(p, value, len, take_by, problem);
    case PARAM_METRICS:
        p->metrics = 0;
        return each_part(p, value, len, take_metric, problem);
    case PARAM_LEAST:
        return take_number(&p->least, value, len, 0, INT64_MAX, problem);
    case PARAM_STEP:
        return take_step(p, value, len, problem);
    case PARAM_FIELD:
        p->field = find_field(value, len, problem);
        return p->field ? 0 : -EINVAL;
    case PARAM_PREFIX:
        return take_text(p->prefix, sizeof(p->prefix), value, len, problem);
    case PARAM_ALL:
        return take_bool(&p->all, value, len, problem);
    default:
        return 0;
    }
}

/* ---- all of them ---- */

static int fail_unknown(uint32_t allowed, const char *name, size_t len,
                        struct http_problem *problem)
{
    struct nearest near = nearest_to(name, len);
    struct buf list = {0};
    for (int i = 0; i < PARAM_COUNT; i++) {
        if (!(allowed & 1u << i))
            continue;
        nearest_offer(&near, names[i]);
        buf_printf(&list, "%s%s", list.len ? ", " : "", names[i]);
    }
    if (!allowed)
        http_fail(problem, 400, "there are no parameters here, not '%s' either",
                  shown(name, len).text);
    else if (near.best && len)
        http_fail(problem, 400, "there is no parameter '%s' here; did you mean '%s'?",
                  shown(name, len).text, near.best);
    else
        http_fail(problem, 400, "there is no parameter '%s' here; there are %s",
                  shown(name, len).text, buf_cstr(&list));
    buf_done(&list);
    return -EINVAL;
}

int http_params_take(struct http_params *p, uint32_t allowed, const char *name, size_t name_len,
                     const char *value, size_t len, int64_t now_ns, struct http_problem *problem)
{
    int param = 0;
    while (param < PARAM_COUNT &&
           !(strlen(names[param]) == name_len && memcmp(names[param], name, name_len) == 0))
        param++;
    if (param == PARAM_COUNT || !(allowed & 1u << param))
        return fail_unknown(allowed, name, name_len, problem);
    int r;
    if (p->given & 1u << param)
        r = http_fail(problem, 400, "it is there twice");
    else if (memchr(value, 0, len))
        r = http_fail(problem, 400, "there is a NUL in it");
    else
        r = take_value(p, (enum http_param)param, value, len, now_ns, problem);
    if (r < 0)
        problem->parameter = names[param];
    p->given |= 1u << param;
    return r;
}

int64_t http_step_for(int64_t span_ns)
{
    static const int seconds[] = {1,   2,    5,    10,   15,    30,    60,    120,   300,   600,
                                  900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800};
    enum {
        COUNT = sizeof(seconds) / sizeof(seconds[0])
    };
    for (int i = 0; i < COUNT; i++)
        if (span_ns / (seconds[i] * NS_PER_SEC) <= HTTP_STEP_POINTS)
            return seconds[i] * NS_PER_SEC;
    int64_t week_ns = seconds[COUNT - 1] * NS_PER_SEC;
    return week_ns * (span_ns / (week_ns * HTTP_STEP_POINTS) + 1);
}

static int finish_order(struct http_params *p, uint32_t allowed, struct http_problem *problem)
{
    const char *name = p->order_text;
    if (!(p->given & 1u << PARAM_ORDER))
        return 0;
    p->ascending = *name != '-';
    name += !p->ascending;
    if (allowed & 1u << PARAM_METRICS) {
        int m = store_metric_find(name, strlen(name));
        if (m < 0)
            return fail_metric(name, strlen(name), problem);
        p->order_metric = (enum store_metric)m;
        return 0;
    }
    p->order = find_field(name, strlen(name), problem);
    if (!p->order)
        return -EINVAL;
    if (!field_is_single(p->order))
        return http_fail(problem, 400,
                         "'%s' may have several values, so nothing can be in order "
                         "of it",
                         p->order->name);
    return 0;
}

static int finish_step(struct http_params *p, struct http_problem *problem)
{
    int64_t span = p->range.until_ns - p->range.from_ns;
    if (!p->step_ns)
        p->step_ns = http_step_for(span);
    /* A step at either end may be there in part. */
    if (span / p->step_ns + 2 <= STORE_STEPS_MAX)
        return 0;
    int64_t least_ns = span / (STORE_STEPS_MAX - 2) + 1;
    return http_fail(problem, 400, "more than %d steps; from %llds on the range is short enough",
                     (int)STORE_STEPS_MAX, (long long)((least_ns + NS_PER_SEC - 1) / NS_PER_SEC));
}

int http_params_finish(struct http_params *p, uint32_t allowed, struct http_problem *problem)
{
    const char *wrong = NULL;
    int r = 0;
    if (allowed & 1u << PARAM_FROM && p->range.from_ns >= p->range.until_ns) {
        wrong = names[p->given & 1u << PARAM_FROM ? PARAM_FROM : PARAM_UNTIL];
        r = http_fail(problem, 400, "the range is empty: 'until' is not after 'from'");
    }
    if (!r && (r = finish_order(p, allowed, problem)) < 0)
        wrong = names[PARAM_ORDER];
    if (!r && allowed & 1u << PARAM_STEP && (r = finish_step(p, problem)) < 0)
        wrong = names[PARAM_STEP];
    if (r < 0)
        problem->parameter = wrong;
    return r;
}
