/* SPDX-License-Identifier: Apache-2.0 */
#include "http/token.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/nameflow-token-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/token", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void write_file(const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static void made_when_missing_and_then_kept(void **state)
{
    char first[TOKEN_MAX], second[TOKEN_MAX], err[256];
    struct stat st;
    mode_t before = umask(0);
    (void)state;
    assert_int_equal(token_load(path, first, err, sizeof(err)), 0);
    umask(before);
    assert_int_equal(strlen(first), 43);
    assert_int_equal(
        strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(token_load(path, second, err, sizeof(err)), 0);
    assert_string_equal(first, second);
    unlink(path);
    assert_int_equal(token_load(path, second, err, sizeof(err)), 0);
    assert_string_not_equal(first, second);
}

static void refused_when_others_can_read_it(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0601, 0666};
    char token[TOKEN_MAX], err[256];
    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        write_file("0123456789012345678901234567890123456789\n", modes[i]);
        assert_int_equal(token_load(path, token, err, sizeof(err)), -EPERM);
        assert_non_null(strstr(err, "others than its owner may use"));
    }
    write_file("0123456789012345678901234567890123456789\n", 0600);
    assert_int_equal(token_load(path, token, err, sizeof(err)), 0);
    assert_string_equal(token, "0123456789012345678901234567890123456789");
}

static void refused_when_it_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "short\n",
        "01234567890123456789 1234567890123456789\n",
        "0123456789012345678901234567890123456789\nmore\n",
        "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x80\x81"
        "\x82"
        "\x83\x84\x85\x86\x87\x88\x89\x80\x81\x82",
    };
    char token[TOKEN_MAX], err[256], longer[TOKEN_MAX + 8];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_file(texts[i], 0600);
        assert_int_equal(token_load(path, token, err, sizeof(err)), -EINVAL);
        assert_non_null(strstr(err, "holds no token"));
    }
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = 0;
    write_file(longer, 0600);
    assert_int_equal(token_load(path, token, err, sizeof(err)), -EINVAL);
}

static void neither_links_nor_pipes_nor_missing_folders(void **state)
{
    char token[TOKEN_MAX], err[256];
    (void)state;
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(token_load(path, token, err, sizeof(err)), -ELOOP);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(token_load(path, token, err, sizeof(err)), -EINVAL);
    unlink(path);
    assert_int_equal(token_load("/nonexistent/folder/token", token, err, sizeof(err)), -ENOENT);
    assert_true(*err);
}

static void compared(void **state)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
    (void)state;
    assert_true(token_matches(token, "Bearer abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"));
    assert_true(token_matches(token, "bearer  abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"));
    assert_false(token_matches(token, NULL));
    assert_false(token_matches(token, ""));
    assert_false(token_matches(token, "Bearer "));
    assert_false(token_matches(token, "Bearer abcdefghijklmnopqrstuvwxyzABCDEFGHI"));
    assert_false(token_matches(token, "Bearer abcdefghijklmnopqrstuvwxyzABCDEFGHIJK"));
    assert_false(token_matches(token, "Bearer abcdefghijklmnopqrstuvwxyzABCDEFGHIJ "));
    assert_false(token_matches(token, "Bearer Abcdefghijklmnopqrstuvwxyzabcdefghij"));
    assert_false(token_matches(token, "Bearer abcdefghijklmnopqrstuvwxyzABCDEFGHIJabcdefghijklmnop"
                                      "qrstuvwxyzABCDEFGHIJ"));
    assert_false(token_matches(token, "Basic abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"));
    assert_false(token_matches(token, token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(made_when_missing_and_then_kept, remove_file),
        cmocka_unit_test_teardown(refused_when_others_can_read_it, remove_file),
        cmocka_unit_test_teardown(refused_when_it_is_none, remove_file),
        cmocka_unit_test_teardown(neither_links_nor_pipes_nor_missing_folders, remove_file),
        cmocka_unit_test(compared),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
