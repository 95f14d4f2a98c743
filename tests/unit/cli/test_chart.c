/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chart.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MINUTE_NS 60000000000ll

static const char *const keys[] = {"NOERROR", "NXDOMAIN", "SERVFAIL", NULL};

/* An hour of which the groups have 1000, 100, 1 and 0.5 of each step. */
static struct answer *answer(const char *metric, size_t groups, size_t steps)
{
    static const double levels[] = {1000, 100, 1, 0.5};
    struct answer *a = answer_new(groups ? 1 : 0, 1, groups, steps);
    assert_non_null(a);
    a->by[0] = "rcode";
    a->metrics[0] = metric;
    a->from_ns = a->first_step_ns = 1795492800ll * 1000000000;
    a->step_ns = MINUTE_NS;
    a->until_ns = a->from_ns + (int64_t)(steps ? steps : 60) * MINUTE_NS;
    for (size_t s = 0; s < (steps ? steps : 1); s++) {
        for (size_t i = 0; i < groups; i++)
            *answer_value(a, &a->groups[i], 0, s) =
                levels[i] * (s % 7 ? 1 : 0.5) / (strstr(metric, "share") ? 2000 : 1);
        *answer_value(a, &a->overall, 0, s) = strstr(metric, "share") ? 0.5 : 1101.5;
    }
    for (size_t i = 0; i < groups; i++)
        a->groups[i].key[0] = keys[i];
    return a;
}

static struct buf draw(const char *metric, size_t groups, size_t steps,
                       const struct answer_style *style)
{
    struct buf b = {0};
    struct answer *series = answer(metric, groups, steps), *totals = answer(metric, groups, 0);
    chart_series(series, totals, style, &b);
    answer_free(series);
    answer_free(totals);
    assert_false(b.failed);
    buf_cstr(&b);
    return b;
}

/* Columns of a line, escapes of colour left out. */
static size_t columns_of(const char *line, size_t len)
{
    struct buf plain = {0}, out = {0};
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\033')
            while (line[i] != 'm')
                i++;
        else
            buf_putc(&plain, line[i]);
    }
    size_t n = plain.len ? buf_put_visible(&out, plain.data, plain.len, SIZE_MAX) : 0;
    buf_done(&plain);
    buf_done(&out);
    return n;
}

static void assert_fits(const struct buf *b, const struct answer_style *style)
{
    unsigned lines = 0;
    for (const char *p = b->data; *p; lines++) {
        size_t n = strcspn(p, "\n");
        if (columns_of(p, n) > style->width)
            fail_msg("wider than %u:\n%s", style->width, b->data);
        assert_int_equal(p[n], '\n');
        p += n + 1;
    }
    if (lines > style->height)
        fail_msg("%u lines, higher than %u:\n%s", lines, style->height, b->data);
}

static void charts_fit_every_terminal(void **state)
{
    (void)state;
    static const char *const metrics[] = {"count", "p99", "error_share"};
    for (unsigned width = 20; width <= 200; width += 9)
        for (unsigned height = 8; height <= 60; height += 13)
            for (unsigned i = 0; i < 36; i++) {
                const struct answer_style style = {
                    .width = width, .height = height, .color = i & 1, .utf8 = i & 2};
                static const size_t steps[] = {1, 60, 700};
                struct buf b = draw(metrics[i / 12], i / 4 % 2 ? 4 : 0, steps[i % 3], &style);
                assert_fits(&b, &style);
                buf_done(&b);
            }
}

/* The smallest group is a thousandth of a cell high, and shows: it may be what matters. */
static void small_groups_show(void **state)
{
    (void)state;
    const struct answer_style style = {.width = 80, .height = 24, .color = true, .utf8 = true};
    struct buf b = draw("count", 3, 60, &style);
    const char *bottom = b.data;
    for (int i = 0; i < 24 - 5; i++)
        bottom = strchr(bottom, '\n') + 1;
    /* Red on what is above it. */
    if (!strstr(bottom, "\033[0;31;43m\xe2\x96\x81"))
        fail_msg("no red in the bottom line:\n%s", b.data);
    buf_done(&b);
}

static void what_is_there_says_so(void **state)
{
    (void)state;
    const struct answer_style style = {.width = 80, .height = 24};
    struct buf b = draw("count", 4, 60, &style);
    static const char *const words[] = {
        "transactions per 1m by rcode",
        "2026-11-24 04:00 to 05:00 UTC",
        "04:10",
        "04:50",
        "1,000 +",
        "# NOERROR",
        "+ NXDOMAIN",
        ". SERVFAIL",
        "o (none)",
        "####",
        "++++",
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strstr(b.data, words[i]))
            fail_msg("no '%s' in\n%s", words[i], b.data);
    for (const char *p = b.data; *p; p++)
        assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
    buf_done(&b);
}

static void lines_are_drawn_for_what_does_not_add_up(void **state)
{
    (void)state;
    const struct answer_style plain = {.width = 80, .height = 24};
    const struct answer_style braille = {.width = 80, .height = 24, .utf8 = true};
    struct buf b = draw("p99", 3, 60, &plain);
    assert_non_null(strstr(b.data, "p99 latency each 1m by rcode"));
    assert_non_null(strstr(b.data, "AAAAAA"));
    assert_non_null(strstr(b.data, "BBBBBB"));
    assert_non_null(strstr(b.data, " ms "));
    buf_done(&b);
    b = draw("p99", 0, 60, &braille);
    assert_non_null(strstr(b.data, "\xe2\xa0"));
    buf_done(&b);
}

static void nothing_is_no_mistake(void **state)
{
    (void)state;
    const struct answer_style style = {.width = 80, .height = 24};
    struct buf b = {0};
    struct answer *a = answer("count", 2, 60);
    for (size_t s = 0; s < 60; s++)
        for (size_t i = 0; i < 2; i++)
            *answer_value(a, &a->groups[i], 0, s) = i ? NAN : 0;
    chart_series(a, NULL, &style, &b);
    buf_cstr(&b);
    assert_fits(&b, &style);
    assert_null(strchr(b.data, '#') == strrchr(b.data, '#') ? NULL : "bars of nothing");
    buf_done(&b);
    answer_free(a);
}

static void steps_are_round_and_fit(void **state)
{
    (void)state;
    const int64_t second = 1000000000;
    assert_int_equal(chart_step_ns(3600 * second, 69), 60 * second);
    assert_int_equal(chart_step_ns(60 * second, 69), second);
    assert_int_equal(chart_step_ns(86400 * second, 69), 1800 * second);
    for (int64_t range = second; range < 1000000000ll * second; range += range / 2 + 1)
        for (unsigned count = 2; count < 300; count += 7) {
            int64_t step = chart_step_ns(range, count);
            assert_true(step >= second);
            /* The worst case: it begins just before the end of a step. */
            assert_true((range + step - 1 + step - 1) / step <= count || step == second);
        }
}

static void heat_fits_every_terminal(void **state)
{
    (void)state;
    uint64_t counts[60 * 40];
    struct chart_heat_row rows[40];
    for (int i = 0; i < 60 * 40; i++)
        counts[i] = i / 60 > 4 && i / 60 < 30 ? (uint64_t)i : 0;
    for (int i = 0; i < 40; i++)
        rows[i] = (struct chart_heat_row){i * 100 + 1, i * 100 + 101, counts + i * 60};
    for (unsigned width = 40; width <= 200; width += 11)
        for (unsigned height = 8; height < 60; height += 7)
            for (int utf8 = 0; utf8 < 2; utf8++) {
                const struct answer_style style = {.width = width, .height = height, .utf8 = utf8};
                const struct chart_heat heat = {
                    .from_ns = 1795492800ll * 1000000000,
                    .until_ns = 1795492800ll * 1000000000 + 60 * MINUTE_NS,
                    .first_step_ns = 1795492800ll * 1000000000,
                    .step_ns = MINUTE_NS,
                    .step_count = 60,
                    .row_count = 40,
                    .rows = rows,
                };
                struct buf b = {0};
                chart_heat(&heat, &style, &b);
                buf_cstr(&b);
                assert_fits(&b, &style);
                assert_non_null(strstr(b.data, utf8 ? "\xe2\x96\x93" : "*"));
                buf_done(&b);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_fit_every_terminal),
        cmocka_unit_test(small_groups_show),
        cmocka_unit_test(what_is_there_says_so),
        cmocka_unit_test(lines_are_drawn_for_what_does_not_add_up),
        cmocka_unit_test(nothing_is_no_mistake),
        cmocka_unit_test(steps_are_round_and_fit),
        cmocka_unit_test(heat_fits_every_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
