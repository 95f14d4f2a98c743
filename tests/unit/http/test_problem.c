/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_json(const struct http_problem *p, const char *expected)
{
    struct buf b = {0};
    http_problem_to_json(p, &b);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void documents(void **state)
{
    struct http_problem p;
    (void)state;
    assert_int_equal(http_fail(&p, 404, "there is no transaction %d", 7), -EINVAL);
    assert_json(&p, "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
                    "\"detail\":\"there is no transaction 7\"}");
    http_fail(&p, 400, "\"quoted\"");
    p.parameter = "filter";
    p.column = 3;
    p.width = 5;
    assert_json(&p, "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
                    "\"detail\":\"\\\"quoted\\\"\",\"parameter\":\"filter\",\"column\":3,"
                    "\"width\":5}");
}

static void errors_of_the_store(void **state)
{
    static const struct {
        int error, status;
    } cases[] = {
        {-EINVAL, 400}, {-E2BIG, 400}, {-ENOENT, 404},    {-ECANCELED, 503},
        {-ENOMEM, 503}, {-EIO, 500},   {-ETIMEDOUT, 504}, {-EBADMSG, 500},
    };
    struct http_problem p;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(http_fail_store(&p, cases[i].error, "why"), cases[i].error);
        assert_int_equal(p.status, cases[i].status);
        assert_string_equal(p.detail, "why");
        http_fail_store(&p, cases[i].error, "");
        assert_true(*p.detail);
        assert_string_not_equal(http_status_title(p.status), "Error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(errors_of_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
