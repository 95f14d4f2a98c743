/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "base/clock.h"
#include "http/metrics_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    NONE = METRICS_RCODES - 1, /* rcode of records without a response */
};

static void push(struct metrics *m, unsigned server, int64_t latency_ns, unsigned times)
{
    uint8_t address[4] = {10, 0, (uint8_t)(server >> 8), (uint8_t)server};
    struct record r = {
        .latency_ns = latency_ns,
        .outcome = OUTCOME_ICMP_REFUSED,
        .transport = TRANSPORT_UDP,
        .server = inet_addr_v4(address),
    };
    while (times--)
        metrics_push(m, &r);
}

struct found {
    unsigned servers;
    uint64_t total, other;
    bool wanted;
    const char *want;
};

static void find(void *ctx, const char *server, const struct metrics_histogram *h)
{
    struct found *f = ctx;
    uint64_t n = 0;
    for (unsigned i = 0; i <= METRICS_BOUNDS; i++)
        n += atomic_load(&h->buckets[i]);
    f->servers++;
    f->total += n;
    if (strcmp(server, "other") == 0)
        f->other = n;
    if (f->want && strcmp(server, f->want) == 0)
        f->wanted = true;
}

static struct found look(struct metrics *m, const char *want)
{
    struct found f = {.want = want};
    metrics_each_server(m, find, &f);
    return f;
}

static void bounds_belong_to_the_bucket_below(void **state)
{
    static const struct {
        int64_t ns;
        unsigned bucket;
    } cases[] = {
        {0, 0},
        {100000, 0},
        {100001, 1},
        {1000000, 3},
        {1000001, 4},
        {10 * NS_PER_SEC, 15},
        {10 * NS_PER_SEC + 1, 16},
        {3600 * NS_PER_SEC, 16},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct metrics *m = metrics_new();
        push(m, 1, cases[i].ns, 3);
        push(m, 1, -1, 1); /* no latency: counted, but not observed */
        const struct metrics_histogram *h = metrics_of_rcode(m, NONE);
        for (unsigned b = 0; b <= METRICS_BOUNDS; b++)
            assert_int_equal(atomic_load(&h->buckets[b]), b == cases[i].bucket ? 3 : 0);
        assert_int_equal(atomic_load(&h->sum_ns), 3 * cases[i].ns);
        assert_int_equal(metrics_transactions(m, OUTCOME_ICMP_REFUSED, TRANSPORT_UDP, NONE), 4);
        metrics_free(m);
    }
}

static void servers_are_bounded_and_nothing_is_lost(void **state)
{
    struct metrics *m = metrics_new();
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        push(m, i, NS_PER_MS, 2);
    struct found f = look(m, NULL);
    assert_int_equal(f.servers, METRICS_SERVERS + 1);
    assert_int_equal(f.total, 2000);
    assert_int_equal(f.other, 2 * (1000 - METRICS_SERVERS));
    metrics_free(m);
}

/* A server that is asked most gets figures of its own though it came late; no total goes back. */
static void late_servers_that_are_asked_much(void **state)
{
    struct metrics *m = metrics_new();
    (void)state;
    for (unsigned i = 0; i < METRICS_SERVERS; i++)
        push(m, i, NS_PER_MS, 10 + i);
    uint64_t before = look(m, NULL).other;
    push(m, 777, NS_PER_MS, 70000);
    struct found f = look(m, "10.0.3.9");
    assert_true(f.wanted);
    assert_false(look(m, "10.0.0.0").wanted);
    assert_true(look(m, "10.0.0.1").wanted);
    assert_true(f.other > before);
    assert_int_equal(f.servers, METRICS_SERVERS + 1);
    assert_int_equal(f.total,
                     70000 + METRICS_SERVERS * 10 + (METRICS_SERVERS - 1) * METRICS_SERVERS / 2);
    metrics_free(m);
}

static void names_of_rcodes(void **state)
{
    (void)state;
    assert_string_equal(metrics_rcode_name(0), "NOERROR");
    assert_string_equal(metrics_rcode_name(11), "DSOTYPENI");
    assert_string_equal(metrics_rcode_name(12), "BADVERS");
    assert_string_equal(metrics_rcode_name(19), "BADCOOKIE");
    assert_string_equal(metrics_rcode_name(20), "other");
    assert_string_equal(metrics_rcode_name(NONE), "none");
}

static void assert_text(bool open_metrics, const char *expected)
{
    struct buf b = {0};
    struct metrics_text t = {.out = &b, .open_metrics = open_metrics};
    text_family(&t, TEXT_COUNTER, "a", "What.");
    text_sample(&t, NULL);
    text_label(&t, "one", "q\"b\\n\nend");
    text_label(&t, "two", "");
    text_u64(&t, UINT64_MAX);
    text_family(&t, TEXT_HISTOGRAM, "h_seconds", "How long.");
    text_sample(&t, "_sum");
    text_ns(&t, 1000000001);
    text_single(&t, TEXT_GAUGE, "g", "How much.", 3);
    text_end(&t);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void texts(void **state)
{
    (void)state;
    assert_text(false, "# HELP a_total What.\n# TYPE a_total counter\n"
                       "a_total{one=\"q\\\"b\\\\n\\nend\",two=\"\"} 18446744073709551615\n"
                       "# HELP h_seconds How long.\n# TYPE h_seconds histogram\n"
                       "h_seconds_sum 1.000000001\n"
                       "# HELP g How much.\n# TYPE g gauge\ng 3\n");
    assert_text(true, "# HELP a What.\n# TYPE a counter\n"
                      "a_total{one=\"q\\\"b\\\\n\\nend\",two=\"\"} 18446744073709551615\n"
                      "# HELP h_seconds How long.\n# TYPE h_seconds histogram\n"
                      "h_seconds_sum 1.000000001\n"
                      "# HELP g How much.\n# TYPE g gauge\ng 3\n# EOF\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_belong_to_the_bucket_below),
        cmocka_unit_test(servers_are_bounded_and_nothing_is_lost),
        cmocka_unit_test(late_servers_that_are_asked_much),
        cmocka_unit_test(names_of_rcodes),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
