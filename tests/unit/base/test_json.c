/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_string(const char *text, size_t len, const char *expected)
{
    struct buf b = {0};
    json_string(&b, text, len);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_string("", 0, "\"\"");
    assert_string("plain", 5, "\"plain\"");
    assert_string("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
    assert_string("\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
    assert_string("caf\xc3\xa9", 5, "\"caf\xc3\xa9\"");
    assert_string("\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"");
    assert_string("\xc2\x9b", 2, "\"\\u009b\"");
}

static void what_is_not_utf8_is_replaced(void **state)
{
    (void)state;
    assert_string("\xff", 1, "\"\xef\xbf\xbd\"");
    assert_string("a\xc3", 2, "\"a\xef\xbf\xbd\"");
    assert_string("\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");                 /* overlong */
    assert_string("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* surrogate */
    assert_string("\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Eight bytes are looked at together, and fewer are put together to eight: every byte at every
 * place of a text of any length must be found, and nothing behind its end. */
static void every_byte_is_found_at_every_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
        for (size_t len = 0; len <= 20; len++)
            for (size_t at = 0; at < 20; at++) {
                char text[20];
                memset(text, 'x', sizeof(text));
                text[at] = (char)c;
                assert_int_equal(json_plain_len(text, len), plain || at >= len ? len : at);
            }
    }
}

static void commas_come_by_themselves(void **state)
{
    (void)state;
    struct buf b = {0};
    json_open(&b, '{');
    json_key(&b, "a");
    json_u64(&b, 1);
    json_key(&b, "b");
    json_open(&b, '[');
    json_bool(&b, true);
    json_cstring(&b, "x");
    json_i64(&b, -2);
    json_open(&b, '{');
    json_close(&b, '}');
    json_close(&b, ']');
    json_close(&b, '}');
    buf_putc(&b, '\n');
    json_open(&b, '{');
    json_close(&b, '}');
    assert_string_equal(buf_cstr(&b), "{\"a\":1,\"b\":[true,\"x\",-2,{}]}\n{}");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(every_byte_is_found_at_every_place),
        cmocka_unit_test(commas_come_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
