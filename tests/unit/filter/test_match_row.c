/* SPDX-License-Identifier: Apache-2.0 */
/* The live filter and the filter over rows give the same answers. */
#include "random_filter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_NS 1795492800000000000

enum {
    RECORDS = 400,
    FILTERS = 25, /* per record */
};

static void rows_match_as_their_records(void **state)
{
    (void)state;
    uint64_t random = 4101842887655102017;
    unsigned parsed = 0, matched = 0;
    struct buf text = {0};
    for (int i = 0; i < RECORDS; i++) {
        struct sample *s = random_sample(&random, i % 2), *like = random_sample(&random, false);
        struct row row, other;
        assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
        assert_int_equal(row_from_record(&other, &like->record, &like->arena), 0);
        for (int k = 0; k < FILTERS; k++) {
            struct filter *f = random_filter(&random, k % 4 ? &row : &other, NOW_NS, &text);
            if (!f)
                continue;
            bool live = filter_match(f, &s->record);
            if (live != filter_match_row(f, &row))
                fail_msg("%s: the record %s", buf_cstr(&text), live ? "matches" : "does not");
            parsed++;
            matched += live;
            filter_free(f);
        }
        sample_free(s);
        sample_free(like);
    }
    buf_done(&text);
    /* The generator makes filters of both kinds. */
    assert_true(parsed > RECORDS * FILTERS / 2);
    assert_true(matched > parsed / 5);
    assert_true(matched < parsed * 4 / 5);
}

static void expect_text(const char *name, const struct row *row, const char *expected)
{
    const struct field *f = field_find(name, strlen(name));
    char scratch[DNS_MNEMONIC_MAX];
    struct field_value v;
    struct buf b = {0};
    assert_non_null(f);
    assert_true(field_is_single(f));
    if (field_row_value(f, row, scratch, &v))
        field_value_text(f, &v, &b);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void values_as_in_json(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_A);
    struct row row;
    assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
    expect_text("time", &row, "2026-11-24T04:00:00.123456789Z");
    expect_text("latency", &row, "341");
    expect_text("outcome", &row, "answered");
    expect_text("client", &row, "10.0.0.7");
    expect_text("rcode", &row, "NOERROR");
    expect_text("qtype", &row, "A");
    expect_text("qname", &row, "www.example.com");
    expect_text("domain", &row, "example.com");
    expect_text("suffix", &row, "example.com");
    expect_text("edns", &row, "true");
    expect_text("edns.do", &row, "true");
    expect_text("edns.ecs", &row, "192.0.2.0/24/20");
    expect_text("hops", &row, "1");
    expect_text("pod", &row, "");
    expect_text("edns.padding", &row, "");
    sample_free(s);
}

static void lists_and_sets_are_not_single(void **state)
{
    (void)state;
    static const char *const names[] = {"flags",    "marks",      "answers.data",
                                        "edns.ede", "hops.netns", "edns.ede.extra"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_false(field_is_single(field_find(names[i], strlen(names[i]))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_match_as_their_records),
        cmocka_unit_test(values_as_in_json),
        cmocka_unit_test(lists_and_sets_are_not_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
