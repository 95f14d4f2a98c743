/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef bool part_of(const char *text, size_t len, size_t *begin);

/* NULL: there is none. Bytes after the name are not looked at. */
static void expect(part_of *part, const char *name, const char *expected)
{
    char text[2048];
    size_t len = strlen(name), begin = SIZE_MAX;
    memset(text, '.', sizeof(text));
    memcpy(text, name, len);
    bool there = part(text, len, &begin);
    if (there != (expected != NULL))
        fail_msg("%s: %s", name, there ? name + begin : "none");
    if (expected)
        assert_string_equal(name + begin, expected);
}

static void registered_domains(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"www.example.com", "example.com"},
        {"example.com", "example.com"},
        {"com", NULL},
        {"a.b.example.co.uk", "example.co.uk"},
        {"co.uk", NULL},
        /* wildcard and exception */
        {"a.b.c.kawasaki.jp", "b.c.kawasaki.jp"},
        {"c.kawasaki.jp", NULL},
        {"x.city.kawasaki.jp", "city.kawasaki.jp"},
        /* in Punycode, as on the wire */
        {"www.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"},
        /* no rule fits */
        {"web.svc.cluster.local", "cluster.local"},
        {"printer.local", "printer.local"},
        {"localhost", NULL},
        {"4.3.2.1.in-addr.arpa", "1.in-addr.arpa"},
        {".", NULL},
        {"", NULL},
        /* a dot within a label is none between labels */
        {"www.a\\.b.com", "a\\.b.com"},
        {"a\\.com", NULL},
        {"\\046.www.example.com", "example.com"},
        {"\\\\.example.com", "example.com"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect(dns_name_domain, names[i][0], names[i][1]);
}

static void parents(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"www.example.com", "example.com"},
        {"example.com", "com"},
        {"com", NULL},
        {".", NULL},
        {"", NULL},
        {"a\\.b.com", "com"},
        {"a\\.b", NULL},
        {"a\\\\.b", "b"},
        {"a\\", NULL},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect(dns_name_parent, names[i][0], names[i][1]);
}

static void a_text_too_long_for_a_name_has_no_domain(void **state)
{
    (void)state;
    char text[1500];
    size_t begin;
    memset(text, 'a', sizeof(text));
    memcpy(text + sizeof(text) - 4, ".com", 4);
    assert_false(dns_name_domain(text, sizeof(text), &begin));
    assert_true(dns_name_domain(text + 500, sizeof(text) - 500, &begin));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registered_domains),
        cmocka_unit_test(parents),
        cmocka_unit_test(a_text_too_long_for_a_name_has_no_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
