/* SPDX-License-Identifier: Apache-2.0 */
/* Latency over time as shades: a row a range of latencies, the longest at the top. */
#include "base/clock.h"
#include "cli/chart.h"
#include "cli/chart_axis.h"
#include "cli/human.h"
#include "filter/scalar.h"

#include <math.h>
#include <stdlib.h>

enum {
    WIDTH_DEFAULT = 80,
    HEIGHT_DEFAULT = 24,
    ROWS_MIN = 4,
    AROUND = 4, /* title, axis, times, legend */
    LABEL_WIDTH = 9,
    LEVELS = 4,
};

struct heat {
    const struct chart_heat *of;
    const struct answer_style *style;
    struct buf *out;
    size_t first, count; /* rows of the histogram that are not empty */
    size_t merged;       /* of them in a line */
    size_t lines;
    unsigned per_step, columns;
    uint64_t highest;
};

static uint64_t row_total(const struct chart_heat *h, size_t row)
{
    uint64_t n = 0;
    for (size_t s = 0; s < h->step_count; s++)
        n += h->rows[row].counts[s];
    return n;
}

static void find_rows(struct heat *h, unsigned room)
{
    size_t end = h->of->row_count;
    while (h->first < end && !row_total(h->of, h->first))
        h->first++;
    while (end > h->first && !row_total(h->of, end - 1))
        end--;
    h->count = end - h->first;
    h->merged = (h->count + room - 1) / room;
    h->lines = h->merged ? (h->count + h->merged - 1) / h->merged : 0;
}

/* Counts of a line's rows and a column's steps. */
static uint64_t cell_count(const struct heat *h, size_t line, unsigned column)
{
    size_t steps = h->of->step_count;
    size_t from = h->per_step ? column / h->per_step : (size_t)column * steps / h->columns;
    size_t to = h->per_step ? from + 1 : (size_t)(column + 1) * steps / h->columns;
    uint64_t n = 0;
    for (size_t i = 0; i < h->merged && line * h->merged + i < h->count; i++)
        for (size_t s = from; s < to; s++)
            n += h->of->rows[h->first + line * h->merged + i].counts[s];
    return n;
}

static void put_cell(const struct heat *h, uint64_t count)
{
    static const char *const shades[] = {" ", "\xe2\x96\x91", "\xe2\x96\x92", "\xe2\x96\x93",
                                         "\xe2\x96\x88"};
    static const char plain[] = " .+*#";
    /* By the logarithm: a few slow answers among thousands must show. */
    double level = count ? log1p((double)count) / log1p((double)h->highest) * LEVELS : 0;
    unsigned i = (unsigned)ceil(level - 1e-9);
    i = i > LEVELS ? LEVELS : i;
    if (h->style->utf8)
        buf_puts(h->out, shades[i]);
    else
        buf_putc(h->out, plain[i]);
}

static void put_line(const struct heat *h, size_t line)
{
    struct buf label = {0};
    human_duration(&label, h->of->rows[h->first + line * h->merged].low_us * NS_PER_US);
    for (size_t n = label.len; n + 1 < LABEL_WIDTH; n++)
        buf_putc(h->out, ' ');
    buf_put(h->out, label.data, label.len);
    buf_puts(h->out, h->style->utf8 ? " \xe2\x94\x82" : " |");
    for (unsigned c = 0; c < h->columns; c++)
        put_cell(h, cell_count(h, line, c));
    while (h->out->data[h->out->len - 1] == ' ')
        h->out->len--;
    buf_putc(h->out, '\n');
    buf_done(&label);
}

static void put_title(const struct heat *h)
{
    struct buf left = {0}, range = {0};
    unsigned width = h->style->width ? h->style->width : WIDTH_DEFAULT;
    buf_puts(&left, "latency, each ");
    scalar_put_duration(&left, h->of->step_ns);
    axis_put_range(&range, h->of->from_ns, h->of->until_ns);
    if (h->style->color)
        buf_puts(h->out, human_escape(TONE_HEADER));
    size_t n = buf_put_visible(h->out, left.data, left.len, width);
    if (h->style->color)
        buf_puts(h->out, HUMAN_RESET);
    for (size_t i = n; n + 2 + range.len <= width && i < width - range.len; i++)
        buf_putc(h->out, ' ');
    if (n + 2 + range.len <= width)
        buf_put(h->out, range.data, range.len);
    buf_putc(h->out, '\n');
    buf_done(&left);
    buf_done(&range);
}

static void put_legend(const struct heat *h)
{
    buf_puts(h->out, "from 1 ");
    for (unsigned level = 1; level <= LEVELS; level++)
        put_cell(h, (uint64_t)expm1(log1p((double)h->highest) * level / LEVELS));
    buf_puts(h->out, " to ");
    human_count(h->out, h->highest);
    buf_puts(h->out, " transactions\n");
}

void chart_heat(const struct chart_heat *heat, const struct answer_style *style, struct buf *out)
{
    struct heat h = {.of = heat, .style = style, .out = out};
    unsigned height = style->height ? style->height : HEIGHT_DEFAULT;
    unsigned room = chart_plot_columns(style);
    find_rows(&h, height > AROUND + ROWS_MIN ? height - AROUND : ROWS_MIN);
    put_title(&h);
    if (!h.lines || !heat->step_count) {
        buf_puts(out, "nothing in this time\n");
        return;
    }
    h.per_step = heat->step_count <= room ? room / (unsigned)heat->step_count : 0;
    h.columns = h.per_step ? h.per_step * (unsigned)heat->step_count : room;
    for (size_t line = 0; line < h.lines; line++)
        for (unsigned c = 0; c < h.columns; c++) {
            uint64_t n = cell_count(&h, line, c);
            h.highest = n > h.highest ? n : h.highest;
        }
    for (size_t line = h.lines; line-- > 0;)
        put_line(&h, line);
    for (int i = 0; i < LABEL_WIDTH; i++)
        buf_putc(out, ' ');
    buf_puts(out, style->utf8 ? "\xe2\x94\x94" : "+");
    struct axis_time time = {
        .first_ns = heat->first_step_ns,
        .span_ns = heat->step_ns * (int64_t)heat->step_count,
        .columns = h.columns,
    };
    axis_put_time(out, &time, LABEL_WIDTH, style->utf8);
    put_legend(&h);
}
