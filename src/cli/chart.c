/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chart.h"

#include "base/clock.h"
#include "cli/chart_axis.h"
#include "cli/chart_plot.h"
#include "cli/tone.h"
#include "filter/scalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WIDTH_DEFAULT = 80,
    HEIGHT_DEFAULT = 24,
    ROWS_MIN = 4,
    LINES_AROUND = 3, /* title, axis and times */
    KEY_MAX = 40,
    LABEL_MAX = 9, /* columns of the value axis, at most */
};

/* ---- steps ---- */

unsigned chart_plot_columns(const struct answer_style *style)
{
    unsigned width = style->width ? style->width : WIDTH_DEFAULT;
    unsigned columns = width > LABEL_MAX + 12 ? width - LABEL_MAX - 2 : 10;
    return columns < PLOT_COLUMNS_MAX ? columns : PLOT_COLUMNS_MAX;
}

int64_t chart_step_ns(int64_t range_ns, unsigned count)
{
    static const int64_t seconds[] = {1,   2,   5,    10,   15,   20,    30,    60,    120,  300,
                                      600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};
    size_t i = 0, last = sizeof(seconds) / sizeof(seconds[0]) - 1;
    /* A range that begins within a step touches one more. */
    int64_t least = count > 1 ? range_ns / (count - 1) : range_ns;
    while (i < last && seconds[i] * NS_PER_SEC < least)
        i++;
    int64_t step = seconds[i] * NS_PER_SEC;
    return step >= least ? step : (least + step - 1) / step * step;
}

/* ---- layers ---- */

struct layer {
    const struct answer_group *group;
    const char *key;
    const struct answer_group *total; /* of the legend; NULL: not known */
};

struct chart {
    const struct answer *series, *totals;
    const struct answer_style *style;
    struct buf *out;
    enum answer_unit unit;
    struct layer layers[PLOT_LAYERS_MAX];
    struct plot *plot;
    unsigned per_step; /* columns of one step; 0: several steps a column */
    unsigned label_width;
};

static const struct answer_group *total_of(const struct chart *c, const struct answer_group *g)
{
    const struct answer *t = c->totals;
    for (size_t i = 0; t && i < t->count; i++) {
        bool same = true;
        for (size_t k = 0; k < t->by_count; k++) {
            const char *a = g->key[k], *b = t->groups[i].key[k];
            same = same && (a && b ? strcmp(a, b) == 0 : a == b);
        }
        if (same)
            return &t->groups[i];
    }
    return NULL;
}

static const char *name_of(struct buf *b, const struct answer *a, const struct answer_group *g)
{
    buf_clear(b);
    for (size_t k = 0; k < a->by_count; k++) {
        buf_puts(b, k ? " " : "");
        buf_puts(b, g->key[k] ? g->key[k] : "(none)");
    }
    return buf_cstr(b);
}

/* Colours that differ as much as eight can; those of codes and outcomes follow what they mean. */
static void choose_colors(struct chart *c)
{
    static const uint8_t palette[] = {34, 32, 33, 35, 36, 31, 94, 92, 93, 95, 96, 91};
    static const uint8_t bad[] = {35, 36, 34, 91, 95, 96, 94};
    const struct answer *a = c->series;
    bool means =
        a->by_count == 1 && (strcmp(a->by[0], "rcode") == 0 || strcmp(a->by[0], "outcome") == 0);
    unsigned next_bad = 0;
    for (unsigned i = 0; i < c->plot->layers; i++) {
        const struct answer_group *g = c->layers[i].group;
        uint8_t color = palette[i % sizeof(palette)];
        if (g == &a->others)
            color = 90;
        else if (means) {
            enum human_tone tone = tone_of_key(a->by[0], g->key[0]);
            /* The two that are met most are always red. */
            const char *key = g->key[0] ? g->key[0] : "";
            color = tone == TONE_GOOD     ? 32
                    : tone == TONE_NOTICE ? 33
                    : tone == TONE_FAINT  ? 90
                    : strcmp(key, "SERVFAIL") == 0 || strcmp(key, "timeout") == 0
                        ? 31
                        : bad[next_bad++ % sizeof(bad)];
        }
        c->plot->colors[i] = c->style->color ? color : 0;
    }
}

static bool add_layers(struct chart *c)
{
    const struct answer *a = c->series;
    struct buf name = {0};
    unsigned n = 0;
    for (size_t i = 0; i < a->count && n < PLOT_LAYERS_MAX - 1; i++, n++)
        c->layers[n] = (struct layer){&a->groups[i], NULL, total_of(c, &a->groups[i])};
    if (answer_has_others(a))
        c->layers[n++] =
            (struct layer){&a->others, "(others)", c->totals ? &c->totals->others : NULL};
    if (!a->by_count)
        c->layers[n++] =
            (struct layer){&a->overall, "(all)", c->totals ? &c->totals->overall : NULL};
    for (unsigned i = 0; i < n; i++)
        if (!c->layers[i].key)
            c->layers[i].key = strdup(name_of(&name, a, c->layers[i].group));
        else
            c->layers[i].key = strdup(c->layers[i].key);
    c->plot->layers = n;
    buf_done(&name);
    bool ok = true;
    for (unsigned i = 0; i < n; i++)
        ok = ok && c->layers[i].key;
    return ok;
}

/* The value of a column: its step's, or of several steps the mean (what adds up) or the highest. */
static double column_value(const struct chart *c, const struct answer_group *g, unsigned column)
{
    size_t n = c->series->step_count, first, end;
    double sum = 0, highest = NAN;
    if (c->per_step) {
        size_t step = column / c->per_step;
        return *answer_value(c->series, g, 0, step);
    }
    first = (size_t)column * n / c->plot->columns;
    end = (size_t)(column + 1) * n / c->plot->columns;
    for (size_t s = first; s < end; s++) {
        double v = *answer_value(c->series, g, 0, s);
        if (!isfinite(v))
            continue;
        sum += v;
        highest = !(highest >= v) ? v : highest;
    }
    return c->plot->stacked ? sum / (double)(end - first) : highest;
}

static void fill_plot(struct chart *c)
{
    struct plot *p = c->plot;
    unsigned room = chart_plot_columns(c->style);
    size_t steps = c->series->step_count;
    c->per_step = steps <= room && steps ? room / (unsigned)steps : 0;
    p->columns = c->per_step ? c->per_step * (unsigned)steps : steps ? room : 0;
    p->top = 0;
    for (unsigned col = 0; col < p->columns; col++) {
        double sum = 0, highest = 0;
        for (unsigned i = 0; i < p->layers; i++) {
            double v = column_value(c, c->layers[i].group, col);
            p->values[i][col] = v;
            sum += v > 0 ? v : 0;
            highest = v > highest ? v : highest;
        }
        double v = p->stacked ? sum : highest;
        p->top = v > p->top ? v : p->top;
    }
}

/* ---- around the plot ---- */

static void put_spaces(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_putc(b, ' ');
}

static void put_title(struct chart *c)
{
    const struct answer *a = c->series;
    struct buf left = {0}, range = {0};
    const char *metric = a->metrics[0];
    unsigned width = c->style->width ? c->style->width : WIDTH_DEFAULT;
    if (strcmp(metric, "count") == 0)
        buf_puts(&left, "transactions per ");
    else
        buf_printf(&left, "%s%s each ", metric,
                   answer_unit_of(metric) == UNIT_LATENCY ? " latency" : "");
    scalar_put_duration(&left, a->step_ns);
    for (size_t k = 0; k < a->by_count; k++)
        buf_printf(&left, "%s%s", k ? ", " : " by ", a->by[k]);
    axis_put_range(&range, a->from_ns, a->until_ns);
    if (c->style->color)
        buf_puts(c->out, human_escape(TONE_HEADER));
    size_t n = buf_put_visible(c->out, left.data, left.len, width);
    if (c->style->color)
        buf_puts(c->out, HUMAN_RESET);
    if (n + 2 + range.len <= width) {
        put_spaces(c->out, width - n - range.len);
        buf_put(c->out, range.data, range.len);
    }
    buf_putc(c->out, '\n');
    buf_done(&left);
    buf_done(&range);
}

static void put_rows(struct chart *c, const struct axis_ticks *ticks)
{
    struct plot *p = c->plot;
    for (unsigned row = p->rows; row-- > 0;) {
        axis_put_label(c->out, ticks, p->rows, row + 1, c->label_width, c->style->utf8);
        plot_put_row(p, row, c->out);
        while (c->out->len && c->out->data[c->out->len - 1] == ' ')
            c->out->len--;
        buf_putc(c->out, '\n');
    }
    axis_put_label(c->out, ticks, p->rows, 0, c->label_width, c->style->utf8);
    struct axis_time time = {
        .first_ns = c->series->first_step_ns,
        .span_ns = c->series->step_ns * (int64_t)c->series->step_count,
        .columns = p->columns,
    };
    axis_put_time(c->out, &time, c->label_width, c->style->utf8);
}

/* ---- legend ---- */

struct legend {
    unsigned key_width, value_width, share_width;
    unsigned across; /* items side by side */
    unsigned lines;
    unsigned shown; /* items; what is left out is counted in one more */
};

static void put_total(struct buf *b, const struct chart *c, const struct answer_group *g, size_t m)
{
    buf_clear(b);
    if (g && m < c->totals->metric_count)
        answer_put_value(b, answer_unit_of(c->totals->metrics[m]),
                         *answer_value(c->totals, g, m, 0));
}

/* The second metric of the totals is shown when it is the share. */
static bool has_share(const struct chart *c)
{
    return c->totals && c->totals->metric_count > 1 && strcmp(c->totals->metrics[1], "share") == 0;
}

static void widen(unsigned *width, size_t n)
{
    *width = n > *width ? (unsigned)n : *width;
}

static void measure_legend(const struct chart *c, struct legend *l)
{
    struct buf b = {0};
    unsigned width = c->style->width ? c->style->width : WIDTH_DEFAULT;
    *l = (struct legend){0};
    for (unsigned i = 0; i < c->plot->layers; i++) {
        buf_clear(&b);
        widen(&l->key_width,
              buf_put_visible(&b, c->layers[i].key, strlen(c->layers[i].key), SIZE_MAX));
        put_total(&b, c, c->layers[i].total, 0);
        widen(&l->value_width, b.len);
        if (has_share(c)) {
            put_total(&b, c, c->layers[i].total, 1);
            widen(&l->share_width, b.len);
        }
    }
    unsigned rest =
        2 + (l->value_width ? 2 + l->value_width : 0) + (l->share_width ? 2 + l->share_width : 0);
    unsigned most = width > rest + 8 ? width - rest : 8;
    most = most > KEY_MAX ? KEY_MAX : most;
    l->key_width = l->key_width > most ? most : l->key_width;
    l->across = (width + 4) / (rest + l->key_width + 4);
    l->across = l->across ? l->across : 1;
    unsigned height = c->style->height ? c->style->height : HEIGHT_DEFAULT;
    unsigned room = height > LINES_AROUND + ROWS_MIN + 1 ? height - LINES_AROUND - ROWS_MIN : 1;
    l->shown = c->plot->layers;
    l->lines = (l->shown + l->across - 1) / l->across;
    if (l->lines > room) {
        l->lines = room;
        l->shown = room * l->across - 1;
    }
    buf_done(&b);
}

static void put_item(struct chart *c, const struct legend *l, unsigned i)
{
    struct buf b = {0};
    uint8_t color = c->plot->colors[i];
    if (color)
        buf_printf(c->out, "\033[%um", color);
    buf_puts(c->out, plot_glyph(c->plot, i));
    if (color)
        buf_puts(c->out, HUMAN_RESET);
    buf_putc(c->out, ' ');
    size_t n = tone_put_cut(c->out, c->layers[i].key, l->key_width, c->style->utf8);
    put_spaces(c->out, l->key_width - n);
    if (l->value_width) {
        put_total(&b, c, c->layers[i].total, 0);
        put_spaces(c->out, 2 + l->value_width - b.len);
        buf_put(c->out, buf_cstr(&b), b.len);
    }
    if (l->share_width) {
        put_total(&b, c, c->layers[i].total, 1);
        put_spaces(c->out, 2 + l->share_width - b.len);
        buf_put(c->out, buf_cstr(&b), b.len);
    }
    buf_done(&b);
}

/* In columns, read from top to bottom. */
static void put_legend(struct chart *c, const struct legend *l)
{
    unsigned items = l->shown + (l->shown < c->plot->layers);
    for (unsigned line = 0; line < l->lines; line++) {
        for (unsigned i = line; i < items; i += l->lines) {
            put_spaces(c->out, i == line ? 0 : 4);
            if (i < l->shown)
                put_item(c, l, i);
            else
                buf_printf(c->out, "  %u more", c->plot->layers - l->shown);
        }
        buf_putc(c->out, '\n');
    }
}

/* ---- all of it ---- */

static void draw(struct chart *c)
{
    struct legend legend;
    struct axis_ticks ticks;
    struct plot *p = c->plot;
    unsigned height = c->style->height ? c->style->height : HEIGHT_DEFAULT;
    measure_legend(c, &legend);
    unsigned around = LINES_AROUND + legend.lines;
    p->rows = height > around + ROWS_MIN ? height - around : ROWS_MIN;
    fill_plot(c);
    plot_prepare(p);
    axis_choose_ticks(&ticks, c->unit, p->top, p->rows);
    p->top = ticks.top;
    c->label_width = LABEL_MAX;
    choose_colors(c);
    put_title(c);
    if (!p->columns)
        buf_puts(c->out, "nothing in this time\n");
    else
        put_rows(c, &ticks);
    put_legend(c, &legend);
}

void chart_series(const struct answer *series, const struct answer *totals,
                  const struct answer_style *style, struct buf *out)
{
    struct chart c = {
        .series = series,
        .totals = totals,
        .style = style,
        .out = out,
        .unit = answer_unit_of(series->metrics[0]),
        .plot = calloc(1, sizeof(*c.plot)),
    };
    if (!c.plot) {
        out->failed = true;
        return;
    }
    c.plot->color = style->color;
    c.plot->utf8 = style->utf8;
    c.plot->stacked = answer_is_additive(series->metrics[0]);
    if (add_layers(&c))
        draw(&c);
    else
        out->failed = true;
    for (unsigned i = 0; i < c.plot->layers; i++)
        free((void *)(uintptr_t)c.layers[i].key);
    free(c.plot);
}
