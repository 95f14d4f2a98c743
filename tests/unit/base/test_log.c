/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t some_time_ns = 1795492800123456789;

static void assert_line(struct log_line line, const char *expected)
{
    struct buf out = {0};
    line.time_ns = some_time_ns;
    log_format(&line, &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_done(&out);
}

static void lines(void **state)
{
    (void)state;
    const struct log_field fields[] = {
        log_text("folder", "/var/lib/nameflow"),
        log_text("engine", "DuckDB 1.5.0"),
        log_text("absent", NULL),
        log_text("empty", ""),
        log_u64("rows", UINT64_MAX),
        log_i64("change", -5),
        log_errno(-ENOSPC),
    };
    struct log_line line = {.level = LOG_LEVEL_WARNING,
                            .message = "disk full",
                            .fields = fields,
                            .count = sizeof(fields) / sizeof(fields[0])};
    assert_line(line, "time=2026-11-24T04:00:00.123Z level=warning msg=\"disk full\" "
                      "folder=/var/lib/nameflow engine=\"DuckDB 1.5.0\" empty=\"\" "
                      "rows=18446744073709551615 change=-5 error=\"No space left on device\"\n");
    line.journal = true;
    line.count = 1;
    line.suppressed = 7;
    assert_line(line, "<4>msg=\"disk full\" folder=/var/lib/nameflow suppressed=7\n");
    line = (struct log_line){.level = LOG_LEVEL_DEBUG, .journal = true, .message = "idle"};
    assert_line(line, "<7>msg=idle\n");
}

/* What comes from elsewhere can neither end a line nor look like another field. */
static void hostile_values(void **state)
{
    (void)state;
    const struct log_field fields[] = {
        log_text("a", "x\nlevel=error msg=lie"),
        log_text("b", "say \"hi\""),
        log_text("c", "x=1"),
        log_text("d", "\033[31m\\"),
        log_text("e", "\xff\xc3\xa4"),
    };
    struct log_line line = {.level = LOG_LEVEL_INFO,
                            .journal = true,
                            .message = "m",
                            .fields = fields,
                            .count = sizeof(fields) / sizeof(fields[0])};
    assert_line(line, "<6>msg=m a=\"x\\u000alevel=error msg=lie\" b=\"say \\\"hi\\\"\" c=\"x=1\" "
                      "d=\"\\u001b[31m\\\\\" e=\"\xef\xbf\xbd\xc3\xa4\"\n");
}

static void a_site_is_limited(void **state)
{
    (void)state;
    struct log_site site = {0};
    uint64_t suppressed = 99;
    int64_t start_ns = 12345, window_ns = LOG_WINDOW_S * NS_PER_SEC;
    for (int i = 0; i < LOG_BURST; i++) {
        assert_true(log_site_allow(&site, start_ns + i, &suppressed));
        assert_int_equal(suppressed, 0);
    }
    for (int i = 0; i < 5; i++)
        assert_false(log_site_allow(&site, start_ns + window_ns - 1, &suppressed));
    assert_true(log_site_allow(&site, start_ns + window_ns, &suppressed));
    assert_int_equal(suppressed, 5);
    assert_true(log_site_allow(&site, start_ns + window_ns, &suppressed));
    assert_int_equal(suppressed, 0);
}

/* What the macros write to standard error meanwhile, `run` being given to it. */
static char *written(void (*run)(void))
{
    static char text[8192];
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(file);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    run();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

static void log_some(void)
{
    unsetenv("JOURNAL_STREAM");
    log_init(LOG_LEVEL_NOTICE);
    log_error("one");
    log_notice("two", log_u64("n", 2));
    log_info("three");
    log_set_level(LOG_LEVEL_INFO);
    log_info("four");
}

static void levels(void **state)
{
    (void)state;
    const char *text = written(log_some);
    assert_non_null(strstr(text, "level=error msg=one\n"));
    assert_non_null(strstr(text, "level=notice msg=two n=2\n"));
    assert_null(strstr(text, "three"));
    assert_non_null(strstr(text, "level=info msg=four\n"));
}

static void log_to_a_journal(void)
{
    struct stat st;
    char stream[64];
    fstat(STDERR_FILENO, &st);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init(LOG_LEVEL_INFO);
    assert_true(log_to_journal());
    log_error("one");
    setenv("JOURNAL_STREAM", "1:1", 1);
    log_init(LOG_LEVEL_INFO);
    assert_false(log_to_journal());
    log_error("two");
    unsetenv("JOURNAL_STREAM");
}

static void the_journal_is_known(void **state)
{
    (void)state;
    const char *text = written(log_to_a_journal);
    assert_int_equal(strncmp(text, "<3>msg=one\ntime=", 16), 0);
}

static void log_much(void)
{
    log_init(LOG_LEVEL_INFO);
    for (int i = 0; i < 50; i++)
        log_warning("again", log_i64("i", i));
    log_warning("another place");
}

static void each_place_is_limited_by_itself(void **state)
{
    (void)state;
    const char *text = written(log_much);
    assert_non_null(strstr(text, "msg=again i=9\n"));
    assert_null(strstr(text, "msg=again i=10\n"));
    assert_non_null(strstr(text, "another place"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(hostile_values),
        cmocka_unit_test(a_site_is_limited),
        cmocka_unit_test(levels),
        cmocka_unit_test(the_journal_is_known),
        cmocka_unit_test(each_place_is_limited_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
