/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chart_axis.h"

#include "base/clock.h"
#include "cli/human.h"

#include <math.h>
#include <stdio.h>

enum {
    ROWS_PER_TICK = 3,
    COLUMNS_MAX = 512,
};

#define DAY_NS (86400 * NS_PER_SEC)

/* ---- values ---- */

void axis_choose_ticks(struct axis_ticks *t, enum answer_unit unit, double highest, unsigned rows)
{
    unsigned wanted = rows / ROWS_PER_TICK;
    double least = highest / (wanted > 2 ? wanted : 2);
    double step = pow(10, floor(log10(least > 1e-9 ? least : 1e-9)));
    step *= step * 1 >= least ? 1 : step * 2 >= least ? 2 : step * 5 >= least ? 5 : 10;
    if (unit == UNIT_COUNT && step < 1)
        step = 1;
    double top = ceil(highest / step - 1e-9) * step;
    *t = (struct axis_ticks){.unit = unit, .step = step, .top = top > 0 ? top : step};
}

static void put_value(struct buf *b, const struct axis_ticks *t, double v)
{
    if (t->unit == UNIT_SHARE)
        buf_printf(b, "%.4g %%", v * 100);
    else if (t->unit == UNIT_LATENCY && t->top >= 1e6)
        buf_printf(b, "%.4g s", v / 1e6);
    else if (t->unit == UNIT_LATENCY)
        buf_printf(b, "%.4g ms", v / 1e3);
    else if (t->top >= 1e9)
        buf_printf(b, "%.4gG", v / 1e9);
    else if (t->top >= 1e6)
        buf_printf(b, "%.4gM", v / 1e6);
    else
        human_count(b, (uint64_t)(v + 0.5));
}

static void put_spaces(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_putc(b, ' ');
}

void axis_put_label(struct buf *b, const struct axis_ticks *t, unsigned rows, unsigned height,
                    unsigned width, bool utf8)
{
    struct buf label = {0};
    bool found = false;
    for (double v = 0; v <= t->top * 1.0001; v += t->step) {
        if (lround(v / t->top * rows) != (long)height)
            continue;
        buf_clear(&label);
        put_value(&label, t, v);
        found = true;
        break;
    }
    put_spaces(b, label.len + 1 < width ? width - 1 - label.len : 0);
    buf_put(b, buf_cstr(&label), label.len);
    buf_putc(b, ' ');
    if (height == 0)
        buf_puts(b, utf8 ? "\xe2\x94\x94" : "+");
    else if (found)
        buf_puts(b, utf8 ? "\xe2\x94\xa4" : "+");
    else
        buf_puts(b, utf8 ? "\xe2\x94\x82" : "|");
    buf_done(&label);
}

/* ---- times ---- */

/* The form of a label by the distance of the labels: days, minutes or seconds. */
static size_t time_label(char out[16], int64_t ns, int64_t every_ns)
{
    char text[CLOCK_TEXT_MAX];
    clock_format_utc(ns, text);
    bool midnight = ns % DAY_NS == 0;
    const char *from = midnight ? text + 5 : text + 11;
    size_t n = midnight || every_ns >= 60 * NS_PER_SEC ? 5 : 8;
    memcpy(out, from, n);
    out[n] = '\0';
    return n;
}

static int64_t choose_distance(const struct axis_time *t)
{
    static const int64_t seconds[] = {1,     2,     5,     10,    15,     30,     60,
                                      120,   300,   600,   900,   1800,   3600,   7200,
                                      10800, 21600, 43200, 86400, 172800, 604800, 2592000};
    size_t i = 0, last = sizeof(seconds) / sizeof(seconds[0]) - 1;
    for (; i < last; i++) {
        double columns = (double)seconds[i] * 1e9 / (double)t->span_ns * t->columns;
        if (columns >= (seconds[i] < 60 ? 12 : 10))
            break;
    }
    return seconds[i] * NS_PER_SEC;
}

void axis_put_time(struct buf *b, const struct axis_time *t, unsigned indent, bool utf8)
{
    char line[COLUMNS_MAX + 16];
    bool ticks[COLUMNS_MAX] = {false};
    int64_t every = t->span_ns > 0 ? choose_distance(t) : NS_PER_SEC;
    size_t used = 0;
    memset(line, ' ', sizeof(line));
    for (int64_t ns = (t->first_ns + every - 1) / every * every;
         t->span_ns > 0 && ns < t->first_ns + t->span_ns; ns += every) {
        char label[16];
        size_t n = time_label(label, ns, every);
        size_t column = (size_t)((double)(ns - t->first_ns) / (double)t->span_ns * t->columns);
        if (column >= t->columns || column >= COLUMNS_MAX)
            break;
        size_t start = column > n / 2 ? column - n / 2 : 0;
        if (start + n > t->columns || (used && start < used + 1))
            continue;
        memcpy(line + start, label, n);
        used = start + n;
        ticks[column] = true;
    }
    for (unsigned c = 0; c < t->columns && c < COLUMNS_MAX; c++)
        buf_puts(b, ticks[c] ? (utf8 ? "\xe2\x94\xac" : "+") : (utf8 ? "\xe2\x94\x80" : "-"));
    buf_putc(b, '\n');
    put_spaces(b, indent + 1);
    buf_put(b, line, used);
    buf_putc(b, '\n');
}

void axis_put_range(struct buf *b, int64_t from_ns, int64_t until_ns)
{
    char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
    clock_format_utc(from_ns, from);
    clock_format_utc(until_ns, until);
    from[10] = until[10] = ' ';
    size_t n = until_ns - from_ns < 600 * NS_PER_SEC ? 19 : 16;
    size_t start = memcmp(from, until, 10) == 0 ? 11 : 0;
    buf_put(b, from, n);
    buf_puts(b, " to ");
    buf_put(b, until + start, n - start);
    buf_puts(b, " UTC");
}
