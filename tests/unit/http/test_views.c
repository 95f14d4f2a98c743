/* SPDX-License-Identifier: Apache-2.0 */
#include "http/views.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], token[96], file[96];
static struct views views;

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/nameflow-views-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(token, sizeof(token), "%s/token", folder);
    snprintf(file, sizeof(file), "%s/views.json", folder);
    return views_init(&views, token, "views.json");
}

static int remove_folder(void **state)
{
    (void)state;
    views_done(&views);
    unlink(file);
    return rmdir(folder);
}

static int put(const char *name, const char *body)
{
    struct http_problem p = {0};
    struct buf b = {0};
    buf_puts(&b, body);
    int r = views_put(&views, name, &b, &p);
    buf_done(&b);
    assert_int_equal(r < 0, p.status != 0);
    return p.status;
}

static void assert_list(const char *expected)
{
    struct http_problem p = {0};
    struct buf out = {0};
    assert_int_equal(views_list(&views, &out, &p), 0);
    assert_string_equal(buf_cstr(&out), expected);
    buf_done(&out);
}

static void saved_replaced_and_removed(void **state)
{
    struct http_problem p = {0};
    struct stat st;
    (void)state;
    assert_list("{\"views\":[]}");
    assert_int_equal(put("b", "{\"query\":\"?from=-1h\"}"), 0);
    assert_int_equal(put("a \"<ü>", "{\"query\":\"\"}"), 0);
    assert_int_equal(put("b", "{\"query\":\"?view=traffic\"}"), 0);
    assert_list("{\"views\":[{\"name\":\"a \\\"<ü>\",\"query\":\"\"},"
                "{\"name\":\"b\",\"query\":\"?view=traffic\"}]}");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(views_remove(&views, "b", &p), 0);
    assert_int_equal(views_remove(&views, "b", &p), -EINVAL);
    assert_int_equal(p.status, 404);
    assert_list("{\"views\":[{\"name\":\"a \\\"<ü>\",\"query\":\"\"}]}");
}

static void what_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"query\":1}",
                                        "{\"query\":\"javascript:alert(1)\"}",
                                        "{\"query\":\"?a\"",
                                        "\0",
                                        "nul",
                                        "{\"query\":\"?\xff\"}"};
    char body[VIEW_BODY_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(put("x", wrong[i]), 400);
    assert_int_equal(put("\xff", "{\"query\":\"?a\"}"), 400);
    snprintf(body, sizeof(body), "{\"query\":\"?%0*d\"}", VIEW_QUERY_MAX, 1);
    assert_int_equal(put("x", body), 400);
    assert_list("{\"views\":[]}");
    assert_int_not_equal(access(file, F_OK), 0);
}

static void not_more_than_so_many(void **state)
{
    char name[16];
    (void)state;
    for (int i = 0; i < VIEWS_MAX; i++) {
        snprintf(name, sizeof(name), "v%d", i);
        assert_int_equal(put(name, "{\"query\":\"?\"}"), 0);
    }
    assert_int_equal(put("one more", "{\"query\":\"?\"}"), 400);
    assert_int_equal(put("v7", "{\"query\":\"?x\"}"), 0);
}

static void a_broken_file_stays(void **state)
{
    struct http_problem p = {0};
    struct buf out = {0};
    char seen[16] = "";
    (void)state;
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs("{\"vie", f);
    fclose(f);
    assert_int_equal(put("x", "{\"query\":\"?\"}"), 503);
    assert_int_equal(views_list(&views, &out, &p), -EINVAL);
    assert_int_equal(p.status, 503);
    f = fopen(file, "r");
    assert_non_null(f);
    assert_non_null(fgets(seen, sizeof(seen), f));
    fclose(f);
    assert_string_equal(seen, "{\"vie");
    buf_done(&out);
}

static void nowhere_to_keep_them(void **state)
{
    struct views none;
    struct http_problem p = {0};
    struct buf out = {0};
    (void)state;
    assert_int_equal(views_init(&none, NULL, "views.json"), 0);
    assert_int_equal(views_list(&none, &out, &p), -EINVAL);
    assert_int_equal(p.status, 503);
    views_done(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(saved_replaced_and_removed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(not_more_than_so_many, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_broken_file_stays, make_folder, remove_folder),
        cmocka_unit_test(nowhere_to_keep_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
