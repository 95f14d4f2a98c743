/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as tables: a line for each group, or for each step with the groups side by side. */
#include "base/clock.h"
#include "cli/answer.h"
#include "cli/human.h"
#include "cli/tone.h"

#include <math.h>
#include <stdlib.h>

enum {
    KEY_MIN = 16, /* of those that are longer */
    CELL_MAX = 24,
    COLUMNS_MAX = 32,
};

/* ---- cells ---- */

struct table {
    const struct answer *answer;
    const struct answer_style *style;
    struct buf *out;
    unsigned key_width[ANSWER_KEYS_MAX];
    unsigned value_width[ANSWER_METRICS_MAX];
    size_t metrics; /* those that fit */
    struct buf cell;
};

static void put_spaces(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_putc(b, ' ');
}

static const char *title_of(const char *metric)
{
    static const char *const titles[][2] = {
        {"count", "COUNT"},
        {"share", "SHARE"},
        {"average", "AVERAGE"},
        {"p50", "P50"},
        {"p90", "P90"},
        {"p99", "P99"},
        {"max", "MAX"},
        {"min", "MIN"},
        {"error_share", "ERRORS"},
        {"unanswered_share", "NO ANSWER"},
        {"names", "NAMES"},
    };
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (strcmp(titles[i][0], metric) == 0)
            return titles[i][1];
    return metric;
}

static void put_upper(struct buf *b, const char *text)
{
    for (; *text; text++)
        buf_putc(b, *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text);
}

static const char *key_text(const struct answer_group *g, size_t k)
{
    return g->key[k] ? g->key[k] : "(none)";
}

static size_t columns_of(const char *text)
{
    struct buf b = {0};
    size_t n = buf_put_visible(&b, text, strlen(text), SIZE_MAX);
    buf_done(&b);
    return n;
}

/* Text cut in its middle to `width`, filled up to it unless it is the last of the line. */
static void put_key(struct table *t, const char *text, unsigned width, enum human_tone tone)
{
    const char *escape = t->style->color ? human_escape(tone) : "";
    buf_puts(t->out, escape);
    size_t n = tone_put_cut(t->out, text, width, t->style->utf8);
    if (escape[0])
        buf_puts(t->out, HUMAN_RESET);
    put_spaces(t->out, width - n);
}

static void put_right(struct table *t, unsigned width, bool header)
{
    put_spaces(t->out, t->cell.len < width ? width - t->cell.len : 0);
    if (header && t->style->color)
        buf_puts(t->out, human_escape(TONE_HEADER));
    buf_put(t->out, t->cell.len ? t->cell.data : "", t->cell.len);
    if (header && t->style->color)
        buf_puts(t->out, HUMAN_RESET);
}

/* ---- a line a group ---- */

static void fill_value(struct table *t, const struct answer_group *g, size_t m)
{
    buf_clear(&t->cell);
    answer_put_value(&t->cell, answer_unit_of(t->answer->metrics[m]),
                     *answer_value(t->answer, g, m, 0));
}

static void measure_group(struct table *t, const struct answer_group *g)
{
    for (size_t m = 0; m < t->answer->metric_count; m++) {
        fill_value(t, g, m);
        if (t->cell.len > t->value_width[m])
            t->value_width[m] = (unsigned)t->cell.len;
    }
}

static void measure(struct table *t)
{
    const struct answer *a = t->answer;
    unsigned keys = 0;
    for (size_t k = 0; k < a->by_count; k++) {
        t->key_width[k] = (unsigned)strlen(a->by[k]);
        if (k == 0 && t->key_width[k] < 8)
            t->key_width[k] = 8; /* "(others)" */
        for (size_t i = 0; i < a->count; i++) {
            size_t n = columns_of(key_text(&a->groups[i], k));
            if (n > t->key_width[k])
                t->key_width[k] = (unsigned)n;
        }
        keys += t->key_width[k] + 2;
    }
    for (size_t m = 0; m < a->metric_count; m++)
        t->value_width[m] = (unsigned)strlen(title_of(a->metrics[m]));
    for (size_t i = 0; i < a->count; i++)
        measure_group(t, &a->groups[i]);
    measure_group(t, &a->overall);
    if (answer_has_others(a))
        measure_group(t, &a->others);

    unsigned width = t->style->width, values = 0;
    t->metrics = a->metric_count;
    for (size_t m = 0; m < a->metric_count; m++)
        values += t->value_width[m] + 2;
    if (!width)
        return;
    /* Keys give way first, down to a readable length; then the last metrics. */
    unsigned least = 0;
    for (size_t k = 0; k < a->by_count; k++)
        least += (t->key_width[k] < KEY_MIN ? t->key_width[k] : KEY_MIN) + 2;
    while (t->metrics > 1 && values > width + 2 - (least < width ? least : width))
        values -= t->value_width[--t->metrics] + 2;
    unsigned room = width + 2 > values ? width + 2 - values : 0;
    while (keys > room) {
        size_t widest = a->by_count == 2 && t->key_width[1] > t->key_width[0];
        if (!a->by_count || t->key_width[widest] <= 1)
            break;
        t->key_width[widest]--;
        keys--;
    }
}

static void put_group(struct table *t, const struct answer_group *g, const char *name)
{
    const struct answer *a = t->answer;
    for (size_t k = 0; k < a->by_count; k++) {
        const char *text = name ? (k ? "" : name) : key_text(g, k);
        put_key(t, text, t->key_width[k], name ? TONE_NORMAL : tone_of_key(a->by[k], g->key[k]));
        if (t->metrics || k + 1 < a->by_count)
            put_spaces(t->out, 2);
    }
    for (size_t m = 0; m < t->metrics; m++) {
        fill_value(t, g, m);
        put_spaces(t->out, m ? 2 : 0);
        put_right(t, t->value_width[m], false);
    }
    buf_putc(t->out, '\n');
}

static void put_header(struct table *t)
{
    const struct answer *a = t->answer;
    for (size_t k = 0; k < a->by_count; k++) {
        struct buf title = {0};
        put_upper(&title, a->by[k]);
        put_key(t, buf_cstr(&title), t->key_width[k], TONE_HEADER);
        buf_done(&title);
        put_spaces(t->out, 2);
    }
    for (size_t m = 0; m < t->metrics; m++) {
        buf_clear(&t->cell);
        buf_puts(&t->cell, title_of(a->metrics[m]));
        put_spaces(t->out, m ? 2 : 0);
        put_right(t, t->value_width[m], true);
    }
    buf_putc(t->out, '\n');
}

static void put_groups(struct table *t)
{
    measure(t);
    put_header(t);
    for (size_t i = 0; i < t->answer->count; i++)
        put_group(t, &t->answer->groups[i], NULL);
    if (answer_has_others(t->answer))
        put_group(t, &t->answer->others, "(others)");
    put_group(t, &t->answer->overall, "(all)");
}

/* ---- a line a step ---- */

/* The columns of a series: one metric of every group, or every metric of all. */
struct column {
    const struct answer_group *group;
    const char *title;
    size_t metric;
    unsigned width;
};

static size_t add_columns(const struct answer *a, struct column *columns)
{
    size_t n = 0;
    if (!a->by_count) {
        for (size_t m = 0; m < a->metric_count; m++)
            columns[n++] = (struct column){&a->overall, title_of(a->metrics[m]), m, 0};
        return n;
    }
    for (size_t i = 0; i < a->count && n < COLUMNS_MAX - 2; i++)
        columns[n++] = (struct column){&a->groups[i], key_text(&a->groups[i], 0), 0, 0};
    if (answer_has_others(a))
        columns[n++] = (struct column){&a->others, "(others)", 0, 0};
    columns[n++] = (struct column){&a->overall, "(all)", 0, 0};
    return n;
}

static void fill_step(struct table *t, const struct column *c, size_t step)
{
    const struct answer *a = t->answer;
    buf_clear(&t->cell);
    answer_put_value(&t->cell, answer_unit_of(a->metrics[c->metric]),
                     *answer_value(a, c->group, c->metric, step));
}

static void put_time(struct table *t, int64_t ns, bool date)
{
    char text[CLOCK_TEXT_MAX];
    clock_format_utc(ns, text);
    if (date)
        text[10] = ' ';
    buf_put(t->out, date ? text : text + 11, date ? 19 : 8);
}

static void put_steps(struct table *t)
{
    const struct answer *a = t->answer;
    struct column columns[COLUMNS_MAX];
    size_t count = add_columns(a, columns), fit = 0;
    bool date = a->until_ns - a->from_ns > 86400 * NS_PER_SEC;
    unsigned used = date ? 19 : 8;
    for (; fit < count; fit++) {
        struct column *c = &columns[fit];
        c->width = (unsigned)columns_of(c->title);
        c->width = c->width > CELL_MAX ? CELL_MAX : c->width;
        for (size_t s = 0; s < a->step_count; s++) {
            fill_step(t, c, s);
            c->width = t->cell.len > c->width ? (unsigned)t->cell.len : c->width;
        }
        if (t->style->width && used + 2 + c->width > t->style->width)
            break;
        used += 2 + c->width;
    }
    put_key(t, date ? "TIME (UTC)" : "UTC", date ? 19 : 8, TONE_HEADER);
    for (size_t i = 0; i < fit; i++) {
        buf_clear(&t->cell);
        size_t n = tone_put_cut(&t->cell, columns[i].title, columns[i].width, t->style->utf8);
        put_spaces(t->out, 2 + columns[i].width - n);
        put_right(t, 0, true);
    }
    buf_putc(t->out, '\n');
    for (size_t s = 0; s < a->step_count; s++) {
        put_time(t, a->first_step_ns + (int64_t)s * a->step_ns, date);
        for (size_t i = 0; i < fit; i++) {
            fill_step(t, &columns[i], s);
            put_spaces(t->out, 2);
            put_right(t, columns[i].width, false);
        }
        buf_putc(t->out, '\n');
    }
}

void answer_to_table(const struct answer *a, const struct answer_style *style, struct buf *out)
{
    struct table t = {.answer = a, .style = style, .out = out};
    if (a->step_count)
        put_steps(&t);
    else
        put_groups(&t);
    buf_done(&t.cell);
}
