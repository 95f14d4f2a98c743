/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void grows_and_keeps_what_is_there(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 10000; i++)
        buf_putc(&b, (char)('a' + i % 26));
    assert_int_equal(b.len, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(b.data[i], 'a' + i % 26);
    buf_clear(&b);
    assert_string_equal(buf_cstr(&b), "");
    buf_done(&b);
    assert_null(b.data);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        uint64_t v;
        const char *text;
    } cases[] = {
        {0, "0"},     {9, "9"},         {10, "10"},           {99, "99"},
        {100, "100"}, {12345, "12345"}, {1000000, "1000000"}, {UINT64_MAX, "18446744073709551615"},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&b);
        buf_u64(&b, cases[i].v);
        assert_string_equal(buf_cstr(&b), cases[i].text);
    }
    uint64_t power = 1;
    for (size_t digits = 1; digits <= 20; digits++, power *= 10) {
        char text[24];
        for (int step = digits > 1 ? -1 : 0; step <= 1; step++) {
            snprintf(text, sizeof(text), "%" PRIu64, power + (uint64_t)(int64_t)step);
            buf_clear(&b);
            buf_u64(&b, power + (uint64_t)(int64_t)step);
            assert_string_equal(buf_cstr(&b), text);
        }
    }
    buf_clear(&b);
    buf_i64(&b, INT64_MIN);
    buf_putc(&b, ' ');
    buf_i64(&b, -7);
    buf_putc(&b, ' ');
    buf_i64(&b, 7);
    assert_string_equal(buf_cstr(&b), "-9223372036854775808 -7 7");
    buf_done(&b);
}

static void formats(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_hex(&b, "\x00\xff\x1a", 3);
    buf_printf(&b, " %s %d", "x", 5);
    buf_puts(&b, "!");
    assert_string_equal(buf_cstr(&b), "00ff1a x 5!");
    buf_done(&b);
}

static void a_failure_is_remembered(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_puts(&b, "x");
    assert_null(buf_room(&b, SIZE_MAX / 2));
    assert_true(b.failed);
    buf_puts(&b, "more");
    assert_int_equal(b.len, 1);
    buf_clear(&b);
    buf_puts(&b, "y");
    assert_string_equal(buf_cstr(&b), "y");
    buf_done(&b);
}

static void assert_visible(const char *text, size_t max, const char *expected, size_t columns)
{
    struct buf b = {0};
    assert_int_equal(buf_put_visible(&b, text, strlen(text), max), columns);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void only_what_is_harmless_is_visible(void **state)
{
    (void)state;
    assert_visible("plain", 10, "plain", 5);
    assert_visible("plain", 3, "pla", 3);
    assert_visible("\033[31mred\a", 20, "?[31mred?", 9);
    assert_visible("a\tb\nc\x7f", 20, "a?b?c?", 6);
    assert_visible("\xc2\x9b"
                   "31m",
                   20, "?31m", 4);                    /* C1 control sequence introducer */
    assert_visible("a\xff\xc3", 20, "a??", 3);        /* not UTF-8 */
    assert_visible("\xe2\x80\xaetxt", 20, "?txt", 4); /* right-to-left override */
    assert_visible("\xc3\xa9", 20, "\xc3\xa9", 1);
    assert_visible("e\xcc\x81x", 2, "e\xcc\x81x", 2); /* combining acute */
    assert_visible("\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_what_is_there),
        cmocka_unit_test(numbers),
        cmocka_unit_test(formats),
        cmocka_unit_test(a_failure_is_remembered),
        cmocka_unit_test(only_what_is_harmless_is_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
