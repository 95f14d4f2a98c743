/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options as they stand in arguments and in files. */
#include "cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const kinds[] = {"duckdb", "memory", "none", NULL};

static bool flag;
static const char *name;
static uint64_t size;
static int64_t duration;
static struct option_numbers ports;
static int kind;
static struct option_address listen_on;

static const struct option_spec flag_option = {
    .name = "metrics-public", .type = OPTION_FLAG, .value = &flag};
static const struct option_spec name_option = {
    .name = "state", .type = OPTION_TEXT, .value = &name};
static const struct option_spec size_option = {
    .name = "ring-bytes", .type = OPTION_SIZE, .value = &size, .power_of_two = true};
static const struct option_spec duration_option = {.name = "timeout",
                                                   .type = OPTION_DURATION,
                                                   .value = &duration,
                                                   .min = 1000000,
                                                   .max = 1000000000};
static const struct option_spec ports_option = {.name = "port",
                                                .type = OPTION_NUMBERS,
                                                .value = &ports,
                                                .min = 1,
                                                .max = 65535,
                                                .max_items = 3};
static const struct option_spec kind_option = {
    .name = "store", .type = OPTION_CHOICE, .value = &kind, .choices = kinds};
static const struct option_spec listen_option = {
    .name = "listen", .type = OPTION_ADDRESS, .value = &listen_on};

static struct buf text;

static void good(const struct option_spec *o, const char *value)
{
    buf_clear(&text);
    assert_int_equal(option_value(o, value, OPTION_IN_FILE, &text), 0);
    assert_int_equal(text.len, 0);
}

static void bad(const struct option_spec *o, const char *value, const char *in_file,
                const char *in_arguments)
{
    buf_clear(&text);
    assert_int_equal(option_value(o, value, OPTION_IN_FILE, &text), -EINVAL);
    assert_string_equal(buf_cstr(&text), in_file);
    buf_clear(&text);
    assert_int_equal(option_value(o, value, OPTION_IN_ARGUMENTS, &text), -EINVAL);
    assert_string_equal(buf_cstr(&text), in_arguments);
}

static void flags(void **state)
{
    (void)state;
    good(&flag_option, "true");
    assert_true(flag);
    good(&flag_option, "false");
    assert_false(flag);
    bad(&flag_option, "yes",
        "metrics_public: 'yes' is neither true nor false; give for example metrics_public: true\n",
        "--metrics-public: 'yes' is neither true nor false; give for example --metrics-public "
        "true\n");
}

static void numbers(void **state)
{
    (void)state;
    good(&size_option, "4MiB");
    assert_int_equal(size, 4 << 20);
    bad(&size_option, "5000",
        "ring_bytes: '5000' is not a power of two; give for example "
        "ring_bytes: 8MiB\n",
        "--ring-bytes: '5000' is not a power of two; give for example --ring-bytes 8MiB\n");
    good(&duration_option, "20ms");
    assert_int_equal(duration, 20000000);
    bad(&duration_option, "1m", "timeout: 1m is out of range; it must be from 1ms to 1s\n",
        "--timeout: 1m is out of range; it must be from 1ms to 1s\n");
    good(&ports_option, "53,54");
    good(&ports_option, "55");
    assert_int_equal(ports.count, 3);
    bad(&ports_option, "56", "port: more than 3 values\n", "--port: more than 3 values\n");
}

static void choices(void **state)
{
    (void)state;
    good(&kind_option, "memory");
    assert_int_equal(kind, 1);
    bad(&kind_option, "duckbd",
        "store: 'duckbd' is none of duckdb, memory, none; did you mean duckdb?\n",
        "--store: 'duckbd' is none of duckdb, memory, none; did you mean duckdb?\n");
    bad(&kind_option, "", "store: '' is none of duckdb, memory, none\n",
        "--store: '' is none of duckdb, memory, none\n");
    assert_int_equal(kind, 1);
}

static void assert_address(const char *value, const char *address, uint16_t port)
{
    char out[INET_TEXT_MAX];
    good(&listen_option, value);
    inet_addr_format(&listen_on.address, out);
    assert_string_equal(out, address);
    assert_int_equal(listen_on.port, port);
    assert_false(listen_on.none);
}

static void addresses(void **state)
{
    (void)state;
    assert_address("127.0.0.1:8053", "127.0.0.1", 8053);
    assert_address("[::1]:80", "::1", 80);
    assert_address("0.0.0.0:0", "0.0.0.0", 0);
    assert_address("localhost:8053", "127.0.0.1", 8053);
    good(&listen_option, "none");
    assert_true(listen_on.none);
    static const char *const wrong[] = {
        "127.0.0.1", ":8053",   "example.com:8053", "::1:8053", "1.2.3.4:x", "1.2.3.4:-1",
        "[::1]",     "[::1:80", "1.2.3.4:65536",    "",         "[]:80",     ":"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct buf expected = {0}, other = {0};
        buf_printf(&expected,
                   "listen: '%s' is not an address and port; give for example listen: "
                   "127.0.0.1:8053\n",
                   wrong[i]);
        buf_printf(&other,
                   "--listen: '%s' is not an address and port; give for example --listen "
                   "127.0.0.1:8053\n",
                   wrong[i]);
        bad(&listen_option, wrong[i], buf_cstr(&expected), buf_cstr(&other));
        buf_done(&expected);
        buf_done(&other);
    }
}

static void equality(void **state)
{
    (void)state;
    const char *a = "x", *null = NULL;
    char same[] = "x";
    const char *b = same;
    assert_true(option_equal(&name_option, &a, &b));
    assert_false(option_equal(&name_option, &a, &null));
    assert_true(option_equal(&name_option, &null, &null));
    struct option_numbers one = {1, {53}}, two = {2, {53, 54}};
    assert_true(option_equal(&ports_option, &one, &one));
    assert_false(option_equal(&ports_option, &one, &two));
    struct option_address here = {.port = 1}, there = {.port = 2};
    assert_true(option_equal(&listen_option, &here, &here));
    assert_false(option_equal(&listen_option, &here, &there));
}

static int done(void **state)
{
    (void)state;
    buf_done(&text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags),     cmocka_unit_test(numbers),  cmocka_unit_test(choices),
        cmocka_unit_test(addresses), cmocka_unit_test(equality),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
