/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "http/params.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_NS  (1795492800 * NS_PER_SEC) /* 2026-11-24T04:00:00Z */
#define ALL     (~0u)
#define BIT(p)  (1u << PARAM_##p)
#define ROWS    (BIT(FROM) | BIT(UNTIL) | BIT(FILTER) | BIT(LIMIT) | BIT(ORDER))
#define GROUPED (ROWS | BIT(BY) | BIT(METRICS) | BIT(LEAST) | BIT(STEP))

static int take(struct http_params *p, uint32_t allowed, const char *name, const char *value,
                struct http_problem *problem)
{
    *problem = (struct http_problem){0};
    return http_params_take(p, allowed, name, strlen(name), value, strlen(value), NOW_NS, problem);
}

/* One parameter on its own, and what follows from it. */
static int one(struct http_params *p, uint32_t allowed, const char *name, const char *value,
               struct http_problem *problem)
{
    http_params_init(p, NOW_NS);
    int r = take(p, allowed, name, value, problem);
    return r ? r : http_params_finish(p, allowed, problem);
}

static void assert_good(uint32_t allowed, const char *name, const char *value)
{
    struct http_params p;
    struct http_problem problem;
    if (one(&p, allowed, name, value, &problem) != 0)
        fail_msg("%s=%s: %s", name, value, problem.detail);
    http_params_done(&p);
}

/* That it is refused with words that hold `words`, and which parameter it was. */
static void assert_refused(uint32_t allowed, const char *name, const char *value, const char *words)
{
    struct http_params p;
    struct http_problem problem;
    assert_int_not_equal(one(&p, allowed, name, value, &problem), 0);
    assert_int_equal(problem.status, 400);
    if (!strstr(problem.detail, words))
        fail_msg("%s=%s: '%s' is not in '%s'", name, value, words, problem.detail);
    if (problem.parameter)
        assert_string_equal(problem.parameter, name);
    http_params_done(&p);
}

static void ranges(void **state)
{
    struct http_params p;
    struct http_problem problem;
    (void)state;
    http_params_init(&p, NOW_NS);
    assert_int_equal(http_params_finish(&p, ROWS, &problem), 0);
    assert_true(p.range.until_ns == NOW_NS);
    assert_true(p.range.from_ns == NOW_NS - 15 * 60 * NS_PER_SEC);
    assert_int_equal(take(&p, ROWS, "from", "-1h", &problem), 0);
    assert_int_equal(take(&p, ROWS, "until", "2026-11-24T03:12:00Z", &problem), 0);
    assert_int_equal(http_params_finish(&p, ROWS, &problem), 0);
    assert_true(p.range.from_ns == NOW_NS - 3600 * NS_PER_SEC);
    assert_true(p.range.until_ns == NOW_NS - 48 * 60 * NS_PER_SEC);
    assert_good(ROWS, "from", "1795490000");
    assert_refused(ROWS, "from", "yesterday", "is not a time");
    assert_refused(ROWS, "from", "", "is not a time");
    assert_refused(ROWS, "from", "now", "the range is empty");
    assert_refused(ROWS, "until", "-1h", "the range is empty");
}

static void unknown_ones_and_those_of_other_routes(void **state)
{
    (void)state;
    assert_refused(ROWS, "form", "-1h", "did you mean 'from'?");
    assert_refused(ROWS, "fliter", "x", "did you mean 'filter'?");
    assert_refused(ROWS, "step", "1m", "there is no parameter 'step' here");
    assert_refused(ROWS, "zzzzzzz", "1m", "there are from, until, filter, limit, order");
    assert_refused(ROWS, "", "", "there is no parameter '' here");
    assert_refused(0, "from", "", "there are no parameters here");
    assert_refused(ROWS, "FROM", "-1h", "did you mean 'from'?");
    assert_refused(ROWS, "\x1b[31m", "", "'?[31m'");
}

static void twice_and_with_a_nul(void **state)
{
    struct http_params p;
    struct http_problem problem;
    (void)state;
    http_params_init(&p, NOW_NS);
    assert_int_equal(take(&p, ROWS, "filter", "rcode=NXDOMAIN", &problem), 0);
    assert_int_not_equal(take(&p, ROWS, "filter", "rcode=NOERROR", &problem), 0);
    assert_string_equal(problem.detail, "it is there twice");
    assert_string_equal(problem.parameter, "filter");
    http_params_done(&p);
    http_params_init(&p, NOW_NS);
    assert_int_not_equal(http_params_take(&p, ROWS, "filter", 6, "a\0b", 3, NOW_NS, &problem), 0);
    assert_string_equal(problem.detail, "there is a NUL in it");
    http_params_done(&p);
}

static void filters_say_where_the_mistake_is(void **state)
{
    struct http_params p;
    struct http_problem problem;
    (void)state;
    assert_good(ROWS, "filter", "qname~*.example.com latency>100ms");
    assert_good(ROWS, "filter", "");
    assert_int_not_equal(one(&p, ROWS, "filter", "rcode=NOERROR quame=x", &problem), 0);
    assert_int_equal(problem.column, 15);
    assert_int_equal(problem.width, 5);
    assert_non_null(strstr(problem.detail, "qname"));
    http_params_done(&p);
}

static void orders(void **state)
{
    struct http_params p;
    struct http_problem problem;
    (void)state;
    assert_int_equal(one(&p, ROWS, "order", "-latency", &problem), 0);
    assert_string_equal(p.order->name, "latency_us");
    assert_false(p.ascending);
    assert_int_equal(one(&p, ROWS, "order", "qname", &problem), 0);
    assert_true(p.ascending);
    assert_int_equal(one(&p, GROUPED, "order", "-p99", &problem), 0);
    assert_int_equal(p.order_metric, METRIC_P99);
    assert_refused(ROWS, "order", "-flags", "may have several values");
    assert_refused(ROWS, "order", "answers.ttl", "may have several values");
    assert_refused(ROWS, "order", "qnam", "did you mean 'qname'?");
    assert_refused(ROWS, "order", "", "there is no field ''");
    assert_refused(GROUPED, "order", "-p95", "there is no metric 'p95'");
}

static void lists(void **state)
{
    struct http_params p;
    struct http_problem problem;
    (void)state;
    assert_int_equal(one(&p, GROUPED, "by", "qname,qtype", &problem), 0);
    assert_int_equal(p.by_count, 2);
    assert_string_equal(p.by[1]->name, "qtype");
    assert_int_equal(one(&p, GROUPED, "metrics", "p99,count", &problem), 0);
    assert_int_equal(p.metrics, 1u << METRIC_P99 | 1u << METRIC_COUNT);
    assert_refused(GROUPED, "by", "qname,qtype,rcode", "at most 2 fields");
    assert_refused(GROUPED, "by", "qname,qname", "is there twice");
    assert_refused(GROUPED, "by", "qname,", "there is no field ''");
    assert_refused(GROUPED, "metrics", "count,avrage", "did you mean 'average'?");
    assert_int_not_equal(one(&p, GROUPED, "by", "qname,qtipe", &problem), 0);
    assert_int_equal(problem.column, 7);
    assert_int_equal(problem.width, 5);
}

static void numbers_and_words(void **state)
{
    (void)state;
    assert_good(ALL & ~BIT(METRICS), "limit", "1");
    assert_refused(ROWS, "limit", "0", "is not a number from 1 to");
    assert_refused(ROWS, "limit", "-1", "is not a number");
    assert_refused(ROWS, "limit", "ten", "is not a number");
    assert_refused(ROWS, "limit", "99999999999", "is not a number");
    assert_refused(ALL, "format", "xml", "is not json, ndjson or csv");
    assert_refused(ALL, "all", "yes", "is not true or false");
    assert_refused(ALL, "after", "no-page", "not the 'next' of an earlier answer");
    assert_refused(ALL, "field", "nothing", "there is no field 'nothing'");
}

static void steps(void **state)
{
    struct http_params p;
    struct http_problem problem;
    (void)state;
    assert_int_equal(http_step_for(60 * NS_PER_SEC), NS_PER_SEC);
    assert_int_equal(http_step_for(15 * 60 * NS_PER_SEC), 10 * NS_PER_SEC);
    assert_int_equal(http_step_for(3600 * NS_PER_SEC), 30 * NS_PER_SEC);
    assert_int_equal(http_step_for(86400 * NS_PER_SEC), 900 * NS_PER_SEC);
    for (int64_t span = 1; span < INT64_MAX / 2; span *= 2)
        assert_true(span / http_step_for(span) <= HTTP_STEP_POINTS);
    assert_int_equal(one(&p, GROUPED, "step", "auto", &problem), 0);
    assert_int_equal(p.step_ns, 10 * NS_PER_SEC);
    assert_int_equal(one(&p, GROUPED, "step", "1m", &problem), 0);
    assert_int_equal(p.step_ns, 60 * NS_PER_SEC);
    assert_int_equal(one(&p, GROUPED, "step", "30", &problem), 0);
    assert_int_equal(p.step_ns, 30 * NS_PER_SEC);
    assert_refused(GROUPED, "step", "1ms", "more than 2000 steps; from 1s on");
    assert_refused(GROUPED, "step", "1us", "a millisecond at least");
    assert_refused(GROUPED, "step", "0", "is not a duration");
    assert_refused(GROUPED, "step", "-5m", "is not a duration");
    assert_refused(GROUPED, "step", "weekly", "is not a duration");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),
        cmocka_unit_test(unknown_ones_and_those_of_other_routes),
        cmocka_unit_test(twice_and_with_a_nul),
        cmocka_unit_test(filters_say_where_the_mistake_is),
        cmocka_unit_test(orders),
        cmocka_unit_test(lists),
        cmocka_unit_test(numbers_and_words),
        cmocka_unit_test(steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
