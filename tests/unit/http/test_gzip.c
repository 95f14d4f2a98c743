/* SPDX-License-Identifier: Apache-2.0 */
#include "http/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

static void what_is_accepted(void **state)
{
    static const char *const yes[] = {"gzip",         "deflate, gzip", "br;q=1.0, gzip;q=0.8",
                                      "GZIP",         "x-gzip",        "*",
                                      "gzip;q=0.001", " gzip ",        "identity,gzip"};
    static const char *const no[] = {"",           "identity", "gzip;q=0",    "gzip; q=0.000",
                                     "br,deflate", "gzipped",  "*, gzip;q=0", "gzi",
                                     ",,"};
    (void)state;
    assert_false(gzip_accepted(NULL));
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        if (!gzip_accepted(yes[i]))
            fail_msg("'%s' takes gzip", yes[i]);
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        if (gzip_accepted(no[i]))
            fail_msg("'%s' does not take gzip", no[i]);
}

/* Returns how many bytes can be read from what is there so far. */
static size_t unpack(const struct buf *packed, char *out, size_t size, int *result)
{
    z_stream z = {.next_in = (Bytef *)packed->data, .avail_in = (uInt)packed->len};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)size;
    *result = inflate(&z, Z_SYNC_FLUSH);
    size_t n = size - z.avail_out;
    inflateEnd(&z);
    return n;
}

static void at_once(void **state)
{
    enum {
        BYTES = 1000000,
    };
    char *data = malloc(BYTES), *seen = malloc(BYTES + 1);
    struct buf packed = {0};
    unsigned random = 1;
    int result;
    (void)state;
    for (size_t i = 0; i < BYTES; i++) {
        random = random * 1103515245 + 12345;
        data[i] = (char)(random >> 16);
    }
    assert_true(gzip_put(&packed, data, BYTES));
    assert_int_equal(unpack(&packed, seen, BYTES + 1, &result), BYTES);
    assert_int_equal(result, Z_STREAM_END);
    assert_memory_equal(data, seen, BYTES);
    buf_done(&packed);
    free(data);
    free(seen);
}

static void a_reader_sees_each_piece_when_it_was_pushed(void **state)
{
    struct gzip *g = gzip_new();
    struct buf packed = {0};
    char seen[64];
    int result;
    (void)state;
    assert_true(gzip_push(g, &packed, "one\n", 4, false));
    assert_int_equal(unpack(&packed, seen, sizeof(seen), &result), 4);
    assert_true(gzip_push(g, &packed, "two\n", 4, false));
    assert_int_equal(unpack(&packed, seen, sizeof(seen), &result), 8);
    assert_int_equal(result, Z_OK);
    assert_true(gzip_push(g, &packed, NULL, 0, true));
    assert_int_equal(unpack(&packed, seen, sizeof(seen), &result), 8);
    assert_int_equal(result, Z_STREAM_END);
    assert_memory_equal(seen, "one\ntwo\n", 8);
    buf_done(&packed);
    gzip_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_accepted),
        cmocka_unit_test(at_once),
        cmocka_unit_test(a_reader_sees_each_piece_when_it_was_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
