/* SPDX-License-Identifier: Apache-2.0 */
#include "http/assets.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void need_console(void)
{
    if (!asset_count)
        skip();
}

static void only_what_is_there(void **state)
{
    static const char *const none[] = {"",        "/index.html", "/assets",          "/assets/",
                                       "/../",    "//",          "/assets/../index", "/etc/passwd",
                                       "assets/", "/?",          "/favicon.svg/"};
    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (asset_find(none[i]))
            fail_msg("'%s' is no file of the console", none[i]);
}

static void the_page(void **state)
{
    struct buf page = {0};
    (void)state;
    need_console();
    const struct asset *a = asset_find("/");
    assert_non_null(a);
    assert_string_equal(a->type, "text/html; charset=utf-8");
    assert_false(a->immutable);
    assert_true(a->packed);
    assert_true(asset_unpack(a, &page));
    assert_memory_equal(page.data, "<!doctype html>", 15);
    /* No script but files: the policy would not let it run. */
    assert_non_null(memmem(page.data, page.len, "<script type=\"module\"", 21));
    assert_null(memmem(page.data, page.len, "<style", 6));
    buf_done(&page);
}

static void every_file_unpacks(void **state)
{
    (void)state;
    need_console();
    for (size_t i = 0; i < asset_count; i++) {
        struct buf plain = {0};
        assert_true(asset_unpack(&assets[i], &plain));
        assert_int_equal(plain.len, assets[i].plain);
        assert_int_equal(assets[i].immutable, strncmp(assets[i].path, "/assets/", 8) == 0);
        assert_int_equal(strlen(assets[i].etag), 18);
        assert_ptr_equal(asset_find(assets[i].path), &assets[i]);
        buf_done(&plain);
    }
}

static void the_policy_allows_nothing_inline(void **state)
{
    (void)state;
    assert_null(strstr(ASSET_POLICY, "unsafe"));
    assert_non_null(strstr(ASSET_POLICY, "default-src 'none'"));
    assert_non_null(strstr(ASSET_POLICY, "frame-ancestors 'none'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_there),
        cmocka_unit_test(the_page),
        cmocka_unit_test(every_file_unpacks),
        cmocka_unit_test(the_policy_allows_nothing_inline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
