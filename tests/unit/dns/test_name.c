/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define READ(bytes, pos, out, next)                                                                \
    dns_name_read((const uint8_t *)(bytes), sizeof(bytes) - 1, pos, out, next)

static void reads_plain_and_compressed_names(void **state)
{
    (void)state;
    static const char msg[] = "\3www\7Example\3com\0\4mail\xc0\x04\xc0\x11";
    uint8_t out[255];
    char text[1025];
    size_t next;
    assert_int_equal(READ(msg, 0, out, &next), 17);
    assert_int_equal(next, 17);
    assert_int_equal(dns_name_to_text(out, 17, text), 15);
    assert_string_equal(text, "www.Example.com");
    assert_int_equal(READ(msg, 17, out, &next), 18);
    assert_int_equal(next, 24);
    dns_name_to_text(out, 18, text);
    assert_string_equal(text, "mail.Example.com");
    /* A pointer to a name that ends in a pointer. */
    assert_int_equal(READ(msg, 24, out, &next), 18);
    assert_int_equal(next, 26);
    assert_int_equal(READ(msg, 16, out, NULL), 1);
}

static void refuses_bad_pointers(void **state)
{
    (void)state;
    uint8_t out[255];
    size_t next;
    assert_int_equal(READ("\xc0\x00", 0, out, &next), -EBADMSG);    /* itself */
    assert_int_equal(READ("\xc0\x02\0", 0, out, &next), -EBADMSG);  /* forward */
    assert_int_equal(READ("\1a\xc0\x00", 0, out, &next), -EBADMSG); /* its own labels */
    /* Into its own label, where a name would even end. */
    assert_int_equal(READ("\3\1a\0\xc0\x01", 0, out, &next), -EBADMSG);
    assert_int_equal(READ("\xc0\x02\xc0\x00", 2, out, &next), -EBADMSG); /* two in a circle */
    assert_int_equal(READ("\0\xc0", 1, out, &next), -EBADMSG);           /* half */
    assert_int_equal(dns_name_check((const uint8_t *)"\xc0\x02\0", 3, 0, &next), -ELOOP);
    assert_int_equal(dns_name_check((const uint8_t *)"\0\xc0", 2, 1, &next), -EAGAIN);
    assert_int_equal(dns_name_skip((const uint8_t *)"\xc0\x02\0", 3, 0, &next), -EBADMSG);
    assert_int_equal(dns_name_skip((const uint8_t *)"\1a\xc0\x00", 4, 0, &next), -EBADMSG);
}

static void refuses_long_chains_of_pointers(void **state)
{
    (void)state;
    /* 0: root; then pointers, each to the one before it. */
    uint8_t msg[1 + 2 * 200], out[255];
    size_t next;
    msg[0] = 0;
    for (unsigned i = 0; i < 200; i++) {
        msg[1 + 2 * i] = (uint8_t)(0xc0 | (i ? 2 * i - 1 : 0) >> 8);
        msg[2 + 2 * i] = (uint8_t)(i ? 2 * i - 1 : 0);
    }
    assert_int_equal(dns_name_read(msg, sizeof(msg), 1 + 2 * 125, out, &next), 1);
    assert_int_equal(dns_name_read(msg, sizeof(msg), 1 + 2 * 126, out, &next), -EBADMSG);
    assert_int_equal(dns_name_check(msg, sizeof(msg), 1 + 2 * 126, &next), -ELOOP);
}

static void refuses_other_label_types(void **state)
{
    (void)state;
    uint8_t out[255];
    size_t next;
    assert_int_equal(READ("\x41 a\0", 0, out, &next), -EBADMSG);
    assert_int_equal(READ("\x80\x01\0", 0, out, &next), -EBADMSG);
    assert_int_equal(dns_name_skip((const uint8_t *)"\x80\x01\0", 3, 0, &next), -EBADMSG);
    assert_int_equal(dns_name_check((const uint8_t *)"\x41 a\0", 4, 0, &next), -EBADMSG);
}

static void stops_at_the_end(void **state)
{
    (void)state;
    static const char whole[] = "\3www\7example\3com";
    uint8_t out[255];
    size_t next = 77;
    for (size_t len = 0; len < sizeof(whole); len++) {
        assert_int_equal(dns_name_read((const uint8_t *)whole, len, 0, out, &next), -EBADMSG);
        assert_int_equal(dns_name_skip((const uint8_t *)whole, len, 0, &next), -EBADMSG);
        assert_int_equal(dns_name_check((const uint8_t *)whole, len, 0, &next), -EAGAIN);
    }
    assert_int_equal(next, 77);
    assert_int_equal(dns_name_read((const uint8_t *)whole, sizeof(whole), 99, out, &next),
                     -EBADMSG);
}

static void keeps_to_255_octets(void **state)
{
    (void)state;
    uint8_t msg[300] = {0}, out[255];
    char text[1025];
    size_t next;
    /* Three labels of 63 and one of 61: 192 + 62 + 1 = 255. */
    for (int i = 0; i < 3; i++)
        msg[64 * i] = 63;
    msg[192] = 61;
    assert_int_equal(dns_name_read(msg, sizeof(msg), 0, out, &next), 255);
    assert_int_equal(next, 255);
    /* The longest text there is: every octet as \DDD. */
    assert_int_equal(dns_name_to_text(out, 255, text), 250 * 4 + 3);
    assert_int_equal(dns_name_from_text(text, 250 * 4 + 3, out), 255);
    assert_memory_equal(out, msg, 255);
    msg[192] = 62;
    assert_int_equal(dns_name_read(msg, sizeof(msg), 0, out, &next), -EBADMSG);
    assert_int_equal(dns_name_skip(msg, sizeof(msg), 0, &next), -EBADMSG);
    assert_int_equal(dns_name_check(msg, sizeof(msg), 0, &next), -ENAMETOOLONG);
    /* The same by a pointer: 255 octets and one label more. */
    msg[192] = 61;
    memcpy(msg + 255, "\1x\xc0\0", 4);
    assert_int_equal(dns_name_read(msg, sizeof(msg), 255, out, &next), -EBADMSG);
    assert_int_equal(dns_name_skip(msg, sizeof(msg), 255, &next), 0);
    assert_int_equal(next, 259);
}

static void check_text(const char *wire, size_t wire_len, const char *expected)
{
    char text[1025];
    uint8_t back[255];
    size_t n = dns_name_to_text((const uint8_t *)wire, wire_len, text);
    assert_string_equal(text, expected);
    assert_int_equal(n, strlen(expected));
    assert_int_equal(dns_name_from_text(text, n, back), wire_len);
    assert_memory_equal(back, wire, wire_len);
}

#define TEXT(wire, expected) check_text(wire, sizeof(wire), expected)

static void escapes_what_is_special(void **state)
{
    (void)state;
    TEXT("", ".");
    TEXT("\1a", "a");
    TEXT("\3a.b\1c", "a\\.b.c");
    TEXT("\10\"$();@\\.", "\\\"\\$\\(\\)\\;\\@\\\\\\.");
    TEXT("\4 \t\177\377", "\\032\\009\\127\\255");
    TEXT("\22-_/+*:!#%&'=?^`{|}", "-_/+*:!#%&'=?^`{|}");
    check_text("\1\0\0", 3, "\\000");
}

static int parse(const char *text, uint8_t out[255])
{
    return dns_name_from_text(text, strlen(text), out);
}

static void parses_text(void **state)
{
    (void)state;
    uint8_t out[255];
    assert_int_equal(parse("www.example.", out), 13);
    assert_memory_equal(out, "\3www\7example", 13);
    assert_int_equal(parse("www.example", out), 13);
    assert_int_equal(parse("\\119\\w\\w", out), 5);
    assert_memory_equal(out, "\3www", 5);
    assert_int_equal(parse("", out), -EINVAL);
    assert_int_equal(parse("..", out), -EINVAL);
    assert_int_equal(parse(".a", out), -EINVAL);
    assert_int_equal(parse("a..b", out), -EINVAL);
    assert_int_equal(parse("a\\", out), -EINVAL);
    assert_int_equal(parse("a\\25", out), -EINVAL);
    assert_int_equal(parse("a\\2x5", out), -EINVAL);
    assert_int_equal(parse("a\\256", out), -EINVAL);
    char label[70];
    memset(label, 'x', sizeof(label));
    assert_int_equal(dns_name_from_text(label, 63, out), 65);
    assert_int_equal(dns_name_from_text(label, 64, out), -EINVAL);
}

static void text_keeps_to_255_octets(void **state)
{
    (void)state;
    uint8_t out[255];
    char text[300];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 2 ? '.' : 'a';
    assert_int_equal(dns_name_from_text(text, 253, out), 255); /* 127 labels */
    assert_int_equal(dns_name_from_text(text, 254, out), 255);
    assert_int_equal(dns_name_from_text(text, 255, out), -EINVAL);
    assert_int_equal(dns_name_from_text(text, 256, out), -EINVAL);
    assert_int_equal(dns_name_from_text(text, 300, out), -EINVAL);
}

static void lowers_ascii_only(void **state)
{
    (void)state;
    uint8_t name[] = "\5AZaz@\4[`{\377";
    dns_name_lower(name, sizeof(name) - 1);
    assert_memory_equal(name, "\5azaz@\4[`{\377", sizeof(name) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_and_compressed_names),
        cmocka_unit_test(refuses_bad_pointers),
        cmocka_unit_test(refuses_long_chains_of_pointers),
        cmocka_unit_test(refuses_other_label_types),
        cmocka_unit_test(stops_at_the_end),
        cmocka_unit_test(keeps_to_255_octets),
        cmocka_unit_test(escapes_what_is_special),
        cmocka_unit_test(parses_text),
        cmocka_unit_test(text_keeps_to_255_octets),
        cmocka_unit_test(lowers_ascii_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
