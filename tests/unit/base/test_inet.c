/* SPDX-License-Identifier: Apache-2.0 */
#include "base/inet.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct inet_addr addr(const char *text)
{
    struct inet_addr a;
    assert_int_equal(inet_addr_parse(text, strlen(text), &a), 0);
    return a;
}

static void text_is_canonical(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"10.20.30.4", "10.20.30.4"},
        {"100.99.9.10", "100.99.9.10"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[INET_TEXT_MAX];
        struct inet_addr a = addr(cases[i][0]);
        size_t n = inet_addr_format(&a, text);
        assert_string_equal(text, cases[i][1]);
        assert_int_equal(n, strlen(text));
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",      "1.2.3", "1.2.3.256", "1.2.3.4.5",   "x",
                                        "::1::", "1:2",   "1.2.3.4 ",  "fe80::1%eth0"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct inet_addr a;
        assert_int_equal(inet_addr_parse(cases[i], strlen(cases[i]), &a), -EINVAL);
    }
    char longer[200];
    struct inet_addr a;
    memset(longer, '1', sizeof(longer));
    assert_int_equal(inet_addr_parse(longer, sizeof(longer), &a), -EINVAL);
    /* The length counts, not a NUL. */
    assert_int_equal(inet_addr_parse("1.2.3.45", 7, &a), 0);
    struct inet_addr b = addr("1.2.3.4");
    assert_int_equal(inet_addr_cmp(&a, &b), 0);
}

static bool contains(const char *prefix, const char *address)
{
    struct inet_prefix p;
    struct inet_addr a = addr(address);
    assert_int_equal(inet_prefix_parse(prefix, strlen(prefix), &p), 0);
    return inet_prefix_contains(&p, &a);
}

static void prefixes(void **state)
{
    (void)state;
    assert_true(contains("10.0.0.0/8", "10.255.1.2"));
    assert_false(contains("10.0.0.0/8", "11.0.0.0"));
    assert_true(contains("10.1.2.3/8", "10.0.0.0"));
    assert_true(contains("192.0.2.128/25", "192.0.2.255"));
    assert_false(contains("192.0.2.128/25", "192.0.2.127"));
    assert_true(contains("192.0.2.1", "192.0.2.1"));
    assert_true(contains("0.0.0.0/0", "8.8.8.8"));
    assert_false(contains("0.0.0.0/0", "2001:db8::1"));
    assert_true(contains("2001:db8::/33", "2001:db8:7fff::"));
    assert_false(contains("2001:db8::/33", "2001:db8:8000::"));
    static const char *const wrong[] = {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x",
                                        "/8",          "::/-1",  "::/1280",   "10.0.0.0/8 "};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct inet_prefix p;
        assert_int_equal(inet_prefix_parse(wrong[i], strlen(wrong[i]), &p), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_canonical),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
