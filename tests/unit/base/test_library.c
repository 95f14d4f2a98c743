/* SPDX-License-Identifier: Apache-2.0 */
#include "base/library.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct table {
    double (*cos)(double);
    double (*sin)(double);
};

static const struct library_function functions[] = {
    {"cos", offsetof(struct table, cos)},
    {"sin", offsetof(struct table, sin)},
};

static struct library library_of(struct table *table, const char *name, const char *second)
{
    return (struct library){
        .names = {name, second},
        .package = "libmath6",
        .functions = functions,
        .function_count = 2,
        .table = table,
    };
}

static void fills_the_table(void **state)
{
    (void)state;
    struct table table = {0};
    struct library l = library_of(&table, "libm.so.6", NULL);
    char err[256] = "";
    assert_int_equal(library_load(&l, err, sizeof(err)), 0);
    assert_string_equal(err, "");
    assert_true(table.cos(0) == 1 && table.sin(0) == 0);
    table.cos = NULL;
    assert_int_equal(library_load(&l, err, sizeof(err)), 0);
    assert_null(table.cos);
}

static void takes_the_first_that_is_there(void **state)
{
    (void)state;
    struct table table = {0};
    struct library l = library_of(&table, "libnot-there.so.1", "libm.so.6");
    char err[256] = "";
    assert_int_equal(library_load(&l, err, sizeof(err)), 0);
    assert_string_equal(err, "");
    assert_true(table.cos(0) == 1);
}

static void says_which_package_is_missing(void **state)
{
    (void)state;
    struct table table = {0};
    struct library l = library_of(&table, "libnot-there.so.1", NULL);
    char err[256] = "";
    for (int i = 0; i < 2; i++) {
        assert_int_equal(library_load(&l, err, sizeof(err)), -ELIBACC);
        assert_non_null(strstr(err, "libnot-there.so.1 cannot be loaded"));
        assert_non_null(strstr(err, "package libmath6"));
    }
}

static void says_which_function_is_missing(void **state)
{
    (void)state;
    struct table table = {0};
    struct library l = library_of(&table, "libm.so.6", NULL);
    const struct library_function more[] = {functions[0], {"cosine", functions[1].offset}};
    l.functions = more;
    char err[256] = "";
    assert_int_equal(library_load(&l, err, sizeof(err)), -ELIBACC);
    assert_string_equal(err, "libm.so.6 is of another version: it has no cosine");
    assert_null(l.handle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_table),
        cmocka_unit_test(takes_the_first_that_is_there),
        cmocka_unit_test(says_which_package_is_missing),
        cmocka_unit_test(says_which_function_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
