/* SPDX-License-Identifier: Apache-2.0 */
/* Clock, cursor and hash. */
#include "base/clock.h"
#include "base/cursor.h"
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_time(int64_t ns, const char *expected)
{
    char text[CLOCK_TEXT_MAX];
    size_t n = clock_format_utc(ns, text);
    assert_string_equal(text, expected);
    assert_int_equal(n, strlen(expected));
}

static void times(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000000000Z");
    assert_time(1, "1970-01-01T00:00:00.000000001Z");
    assert_time(-1, "1969-12-31T23:59:59.999999999Z");
    assert_time(1795492800123456789, "2026-11-24T04:00:00.123456789Z");
    assert_time(1709164800 * NS_PER_SEC, "2024-02-29T00:00:00.000000000Z");
    assert_time(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
    assert_time(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
    /* The second is kept from call to call, the fraction is not. */
    assert_time(5, "1970-01-01T00:00:00.000000005Z");
    assert_time(6, "1970-01-01T00:00:00.000000006Z");
}

static void a_cursor_reads_network_order(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    struct cursor c = cursor_of(data, sizeof(data));
    assert_int_equal(cursor_u8(&c), 1);
    assert_int_equal(cursor_u16(&c), 0x0203);
    assert_int_equal(cursor_u32(&c), 0x04050607);
    assert_int_equal(cursor_u48(&c), 0x08090a0b0c0d);
    assert_int_equal(cursor_left(&c), 0);
    assert_false(c.failed);
}

static void a_cursor_never_passes_the_end(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3};
    struct cursor c = cursor_of(data, sizeof(data));
    assert_int_equal(cursor_u32(&c), 0);
    assert_true(c.failed);
    /* The error stays, even where there would be enough. */
    assert_int_equal(cursor_u8(&c), 0);
    c = cursor_of(data, sizeof(data));
    assert_null(cursor_bytes(&c, SIZE_MAX));
    assert_true(c.failed);
    c = cursor_of(NULL, 0);
    assert_null(cursor_bytes(&c, 1));
}

static void hashes_depend_on_the_seed(void **state)
{
    (void)state;
    assert_true(hash_seed() != 0);
    assert_true(hash_seed() == hash_seed());
    assert_true(hash_bytes("abc", 3, 1) == hash_bytes("abc", 3, 1));
    assert_true(hash_bytes("abc", 3, 1) != hash_bytes("abc", 3, 2));
    assert_true(hash_bytes("abc", 3, 1) != hash_bytes("abd", 3, 1));
    assert_true(hash_bytes("", 0, 1) == hash_bytes("", 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(a_cursor_reads_network_order),
        cmocka_unit_test(a_cursor_never_passes_the_end),
        cmocka_unit_test(hashes_depend_on_the_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
