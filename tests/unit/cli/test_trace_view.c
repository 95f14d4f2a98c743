/* SPDX-License-Identifier: Apache-2.0 */
#include "../record/sample.h"
#include "base/clock.h"
#include "cli/human.h"
#include "cli/trace_view.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* All samples at one width; the text is the caller's to release. */
static struct buf render(const struct trace_view_options *o)
{
    struct buf b = {0};
    struct trace_view *v = trace_view_new(&b, o);
    assert_non_null(v);
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct sample *s = sample_new((enum sample_kind)i);
        trace_view_push(v, &s->record);
        sample_free(s);
    }
    trace_view_done(v);
    trace_view_free(v);
    buf_putc(&b, '\0');
    return b;
}

/* A row made from a record shows as the record does. */
static void rows_look_like_their_records(void **state)
{
    (void)state;
    for (unsigned width = 0; width < 200; width += 8) {
        const struct trace_view_options o = {.terminal = width != 0, .color = true, .width = width};
        struct buf b = render(&o), again = {0};
        struct trace_view *v = trace_view_new(&again, &o);
        for (int i = 0; i < SAMPLE_COUNT; i++) {
            struct sample *s = sample_new((enum sample_kind)i);
            struct row row;
            assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
            trace_view_push_row(v, &row);
            sample_free(s);
        }
        trace_view_free(v);
        assert_string_equal(buf_cstr(&again), b.data);
        buf_done(&again);
        buf_done(&b);
    }
}

static void dates_are_shown_when_asked_for(void **state)
{
    (void)state;
    for (unsigned width = 72; width < 180; width += 4) {
        struct trace_view_options o = {.terminal = true, .date = true, .width = width};
        struct buf b = render(&o);
        assert_non_null(strstr(b.data, "\n11-24 04:00:00"));
        buf_done(&b);
    }
}

static size_t columns_of(const char *line, size_t len)
{
    struct buf b = {0};
    size_t n = buf_put_visible(&b, line, len, SIZE_MAX);
    buf_done(&b);
    return n;
}

static void lines_fit_every_width(void **state)
{
    (void)state;
    for (unsigned width = 20; width < 260; width++) {
        for (int i = 0; i < 4; i++) {
            struct trace_view_options o = {
                .terminal = true, .utf8 = i & 1, .date = i & 2, .width = width};
            struct buf b = render(&o);
            unsigned lines = 0;
            for (const char *p = b.data; *p; lines++) {
                size_t n = strcspn(p, "\n");
                assert_true(columns_of(p, n) <= width);
                assert_int_equal(p[n], '\n');
                p += n + 1;
            }
            assert_int_equal(lines, SAMPLE_COUNT + 1);
            assert_non_null(strstr(b.data, "NXDOMAIN"));
            buf_done(&b);
        }
    }
}

static void columns_are_aligned(void **state)
{
    (void)state;
    struct trace_view_options o = {.terminal = true, .width = 140};
    struct buf b = render(&o);
    const char *header = b.data;
    size_t result = (size_t)(strstr(header, "RESULT") - header);
    size_t name = (size_t)(strstr(header, "NAME") - header);
    for (const char *p = strchr(header, '\n') + 1; *p; p = strchr(p, '\n') + 1) {
        assert_true(p[result - 1] == ' ' && p[result] != ' ');
        assert_true(p[name - 1] == ' ' && p[name] != ' ');
    }
    buf_done(&b);
}

static void a_line_says_what_happened(void **state)
{
    (void)state;
    struct trace_view_options o = {.terminal = true, .width = 140};
    struct buf b = render(&o);
    assert_non_null(strstr(b.data, "TIME (UTC)    CLIENT"));
    assert_non_null(strstr(b.data, "04:00:00.123  dig[4242]               192.0.2.53          A   "
                                   "    www.example.com             NOERROR        0.34 ms  "
                                   "192.0.2.1\n"));
    assert_non_null(strstr(b.data, "timeout              -  2 retransmits\n"));
    assert_non_null(strstr(b.data, "icmp_refused  0.050 ms  port_unreachable\n"));
    assert_non_null(strstr(b.data, "SERVFAIL        1.20 s  DNSSEC Bogus: bad"));
    assert_non_null(strstr(b.data, "192.0.2.53/tcp"));
    assert_non_null(strstr(b.data, "2001:db8::10  "));
    assert_non_null(strstr(b.data, "systemd-resolve[900]"));
    buf_done(&b);
}

static void a_narrow_line_keeps_the_pid_and_the_domain(void **state)
{
    (void)state;
    struct trace_view_options o = {.terminal = true, .width = 72};
    struct buf b = render(&o);
    assert_non_null(strstr(b.data, "systemd-re[900]"));
    assert_null(strstr(b.data, "ANSWERS"));
    buf_done(&b);
    o.width = 30;
    b = render(&o);
    assert_non_null(strstr(b.data, "broken.example.org"));
    assert_null(strstr(b.data, "LATENCY"));
    buf_done(&b);
    o.width = 22;
    b = render(&o);
    assert_non_null(strstr(b.data, "brok..ple.org SERVFAIL\n"));
    buf_done(&b);
}

static void a_file_gets_whole_values(void **state)
{
    (void)state;
    struct trace_view_options o = {0};
    struct buf b = render(&o);
    assert_non_null(strstr(b.data, "10.0.0.1, 10.0.0.2, 2001:db8::1\n"));
    assert_non_null(strstr(b.data, "duplicate_response, reassembled, response: "));
    assert_null(strchr(b.data, '\033'));
    buf_done(&b);
}

static void nothing_raw_reaches_the_terminal(void **state)
{
    (void)state;
    for (unsigned width = 0; width < 200; width += 20) {
        struct trace_view_options o = {.terminal = width != 0, .width = width};
        struct buf b = render(&o);
        for (const char *p = b.data; *p; p++)
            assert_true(*p == '\n' || (unsigned char)*p >= 0x20);
        buf_done(&b);
    }
    struct trace_view_options o = {.width = 0};
    struct buf b = render(&o);
    assert_non_null(strstr(b.data, "py?[31mthon[5]"));
    buf_done(&b);
}

static void colour_follows_the_outcome(void **state)
{
    (void)state;
    struct trace_view_options o = {.terminal = true, .color = true, .width = 140};
    struct buf b = render(&o);
    assert_non_null(strstr(b.data, "\033[32mNOERROR\033[0m"));
    assert_non_null(strstr(b.data, "\033[33mNXDOMAIN\033[0m"));
    assert_non_null(strstr(b.data, "\033[1;31mSERVFAIL\033[0m"));
    assert_non_null(strstr(b.data, "\033[1;31mtimeout\033[0m"));
    assert_non_null(strstr(b.data, "\033[1;35munsolicited\033[0m"));
    assert_non_null(strstr(b.data, "\033[1;35mNOERROR\033[0m")); /* the malformed one */
    buf_done(&b);
}

static const struct summary_figures figures = {
    .transactions = 12345, .errors = 12, .timeouts = 3, .p50_ns = 340000, .p99_ns = 12300000};

static void the_footer_is_redrawn_below_the_lines(void **state)
{
    (void)state;
    struct buf b = {0};
    struct trace_view_options o = {.terminal = true, .width = 100};
    struct trace_view *v = trace_view_new(&b, &o);
    struct sample *s = sample_new(SAMPLE_A);
    trace_view_push(v, &s->record);
    buf_clear(&b);
    trace_view_footer(v, &figures, 0, NS_PER_SEC);
    assert_string_equal(buf_cstr(&b), "\r 0/s   0 lost   12 errors (<0.1 %)   p50 0.34 ms  p99 "
                                      "12.3 ms   12,345 in all\033[K");
    /* Not again too soon; a line takes it away and the next call puts it back. */
    buf_clear(&b);
    trace_view_footer(v, &figures, 0, NS_PER_SEC + 1000);
    assert_int_equal(b.len, 0);
    trace_view_push(v, &s->record);
    assert_memory_equal(b.data, "\r\033[J04:00:00.123", 16);
    trace_view_footer(v, &figures, 0, NS_PER_SEC + 2000);
    assert_non_null(strstr(buf_cstr(&b), "\n\r 0/s "));
    struct summary_figures later = figures;
    later.transactions += 3000;
    buf_clear(&b);
    trace_view_footer(v, &later, 7, 3 * NS_PER_SEC);
    assert_non_null(strstr(buf_cstr(&b), "\r 1,500/s   7 lost "));
    buf_clear(&b);
    trace_view_done(v);
    assert_string_equal(buf_cstr(&b), "\r\033[J");
    buf_clear(&b);
    trace_view_done(v);
    assert_int_equal(b.len, 0);
    trace_view_free(v);
    sample_free(s);
    buf_done(&b);
}

static void a_file_gets_no_footer(void **state)
{
    (void)state;
    struct buf b = {0};
    struct trace_view_options o = {0};
    struct trace_view *v = trace_view_new(&b, &o);
    trace_view_footer(v, &figures, 0, NS_PER_SEC);
    trace_view_done(v);
    assert_int_equal(b.len, 0);
    trace_view_free(v);
    buf_done(&b);
}

static void a_new_width_counts_at_once(void **state)
{
    (void)state;
    struct buf b = {0};
    struct trace_view_options o = {.terminal = true, .width = 140};
    struct trace_view *v = trace_view_new(&b, &o);
    struct sample *s = sample_new(SAMPLE_A);
    trace_view_push(v, &s->record);
    trace_view_footer(v, &figures, 0, NS_PER_SEC);
    trace_view_resize(v, 60);
    buf_clear(&b);
    trace_view_push(v, &s->record);
    trace_view_footer(v, &figures, 0, NS_PER_SEC + 1);
    assert_memory_equal(buf_cstr(&b), "UTC      TYPE  NAME", 19);
    const char *footer = strrchr(buf_cstr(&b), '\r');
    assert_true(strlen(footer) - 1 - strlen("\033[K") < 60);
    trace_view_free(v);
    sample_free(s);
    buf_done(&b);
}

static void assert_duration(int64_t ns, const char *expected)
{
    struct buf b = {0};
    human_duration(&b, ns);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void durations_have_three_digits(void **state)
{
    (void)state;
    assert_duration(-1, "-");
    assert_duration(0, "0.000 ms");
    assert_duration(34000, "0.034 ms");
    assert_duration(340000, "0.34 ms");
    assert_duration(9994000, "9.99 ms");
    assert_duration(9996000, "10.0 ms");
    assert_duration(12340000, "12.3 ms");
    assert_duration(99960000, "100 ms");
    assert_duration(340000000, "340 ms");
    assert_duration(999499999, "999 ms");
    assert_duration(999500000, "1.00 s");
    assert_duration(1200000000, "1.20 s");
    assert_duration(61000000000, "61.0 s");
    assert_duration(3661000000000, "3661 s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_fit_every_width),
        cmocka_unit_test(rows_look_like_their_records),
        cmocka_unit_test(dates_are_shown_when_asked_for),
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(a_line_says_what_happened),
        cmocka_unit_test(a_narrow_line_keeps_the_pid_and_the_domain),
        cmocka_unit_test(a_file_gets_whole_values),
        cmocka_unit_test(nothing_raw_reaches_the_terminal),
        cmocka_unit_test(colour_follows_the_outcome),
        cmocka_unit_test(the_footer_is_redrawn_below_the_lines),
        cmocka_unit_test(a_file_gets_no_footer),
        cmocka_unit_test(a_new_width_counts_at_once),
        cmocka_unit_test(durations_have_three_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
