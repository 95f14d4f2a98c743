/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chart_plot.h"

#include <math.h>

enum {
    EIGHTHS = 8, /* of a cell's height, which block elements can show */
    BRAILLE_ROWS = 4,
};

/* Lower one eighth to full block. */
static const char *const blocks[] = {" ",
                                     "\xe2\x96\x81",
                                     "\xe2\x96\x82",
                                     "\xe2\x96\x83",
                                     "\xe2\x96\x84",
                                     "\xe2\x96\x85",
                                     "\xe2\x96\x86",
                                     "\xe2\x96\x87",
                                     "\xe2\x96\x88"};

struct cell {
    const char *glyph;
    uint8_t front, back; /* SGR codes; 0: the default */
};

const char *plot_glyph(const struct plot *p, unsigned layer)
{
    /* Without colours the layers must differ by their shape. */
    static const char *const shades[] = {"\xe2\x96\x88", "\xe2\x96\x92", "\xe2\x96\x91",
                                         "\xe2\x96\x93"};
    static const char *const plain[] = {"#", "+", ".", "o", "=", "x", "-", "%", "*", ":", "@", "~"};
    static const char *const letters[] = {"A", "B", "C", "D", "E", "F", "G", "H",
                                          "I", "J", "K", "L", "M", "N", "O", "P",
                                          "Q", "R", "S", "T", "U", "V", "W", "X"};
    if (!p->stacked && p->color && p->utf8)
        return "\xe2\x94\x81";
    if (!p->stacked)
        return p->layers == 1 ? "*" : letters[layer % PLOT_LAYERS_MAX];
    if (p->utf8 && (p->color || p->layers == 1))
        return blocks[EIGHTHS];
    if (p->utf8 && layer < sizeof(shades) / sizeof(shades[0]))
        return shades[layer];
    return plain[layer % (sizeof(plain) / sizeof(plain[0]))];
}

/* ---- stacked columns ---- */

/* How many eighths of the column each layer is high, the last layer at the bottom: the small ones,
 * which are the errors more often than not, stand on the axis, where they can be compared. What is
 * there at all shows. */
static unsigned stack(const struct plot *p, unsigned column, unsigned heights[PLOT_LAYERS_MAX])
{
    double sum = 0;
    unsigned at = 0;
    for (unsigned i = p->layers; i-- > 0;) {
        double v = p->values[i][column];
        heights[i] = 0;
        if (!(v > 0))
            continue;
        sum += v;
        long edge = lround(sum / p->top * p->rows * EIGHTHS);
        unsigned end = edge > (long)at ? (unsigned)edge : at + 1;
        end = end > p->rows * EIGHTHS ? p->rows * EIGHTHS : end;
        heights[i] = end - at;
        at = end;
    }
    return at;
}

static struct cell stacked_cell(const struct plot *p, unsigned column, unsigned row)
{
    unsigned heights[PLOT_LAYERS_MAX], overlap[PLOT_LAYERS_MAX] = {0};
    unsigned low = row * EIGHTHS, at = 0, total = 0, lowest = 0, most = p->layers;
    unsigned height = stack(p, column, heights);
    for (unsigned i = p->layers; i-- > 0; at += heights[i]) {
        unsigned from = at > low ? at : low, end = at + heights[i];
        end = end < low + EIGHTHS ? end : low + EIGHTHS;
        overlap[i] = end > from ? end - from : 0;
        if (overlap[i] && !total)
            lowest = i;
        total += overlap[i];
    }
    if (!total)
        return (struct cell){" ", 0, 0};
    for (unsigned i = 0; i < p->layers; i++)
        if (overlap[i] && i != lowest && (most == p->layers || overlap[i] > overlap[most]))
            most = i;
    if (!p->utf8 || (!p->color && p->layers > 1)) {
        /* Whole cells: the layer with the most of it, if it is half full or all there is. */
        bool shown = total * 2 >= EIGHTHS || (row == 0 && height < EIGHTHS);
        if (most != p->layers && overlap[most] > overlap[lowest])
            lowest = most;
        return (struct cell){shown ? plot_glyph(p, lowest) : " ", shown ? p->colors[lowest] : 0, 0};
    }
    if (most == p->layers)
        return (struct cell){blocks[overlap[lowest]], p->colors[lowest], 0};
    if (total * 2 < EIGHTHS) {
        unsigned one = overlap[most] > overlap[lowest] ? most : lowest;
        return (struct cell){blocks[total], p->colors[one], 0};
    }
    return (struct cell){blocks[overlap[lowest]], p->colors[lowest], p->colors[most]};
}

/* ---- lines ---- */

/* Where a value lies among `dots` dots of height; -1: none. */
static int dot_of(const struct plot *p, unsigned layer, unsigned column, unsigned dots)
{
    double v = p->values[layer][column];
    if (!isfinite(v) || v < 0)
        return -1;
    long dot = lround(v / p->top * (dots - 1));
    return dot < (long)dots ? (int)dot : (int)dots - 1;
}

/* The dots of one layer in a cell: the value's own, and in its left column the way from the value
 * before. */
static unsigned dots_of(const struct plot *p, unsigned layer, unsigned column, unsigned row)
{
    static const uint8_t left[] = {0x40, 0x04, 0x02, 0x01}, right[] = {0x80, 0x20, 0x10, 0x08};
    unsigned dots = 0;
    int low = (int)(row * BRAILLE_ROWS);
    int here = dot_of(p, layer, column, p->rows * BRAILLE_ROWS);
    int before = column ? dot_of(p, layer, column - 1, p->rows * BRAILLE_ROWS) : -1;
    if (here < 0)
        return 0;
    int from = before < 0 ? here : before < here ? before : here;
    int to = before > here ? before : here;
    for (int i = 0; i < BRAILLE_ROWS; i++) {
        if (low + i >= from && low + i <= to)
            dots |= left[i];
        if (low + i == here)
            dots |= right[i];
    }
    return dots;
}

static const char *braille(unsigned dots)
{
    static char text[4];
    text[0] = (char)0xe2;
    text[1] = (char)(0xa0 | dots >> 6);
    text[2] = (char)(0x80 | (dots & 0x3f));
    return text;
}

static struct cell line_cell(const struct plot *p, unsigned column, unsigned row)
{
    /* The first layers are the ones that were asked for first: they lie on top. */
    for (unsigned i = 0; i < p->layers; i++) {
        if (p->utf8 && (p->color || p->layers == 1)) {
            unsigned dots = dots_of(p, i, column, row);
            if (dots)
                return (struct cell){braille(dots), p->colors[i], 0};
        } else if (dot_of(p, i, column, p->rows) == (int)row) {
            return (struct cell){plot_glyph(p, i), p->colors[i], 0};
        }
    }
    return (struct cell){" ", 0, 0};
}

/* ---- rows ---- */

void plot_prepare(struct plot *p)
{
    p->columns = p->columns < PLOT_COLUMNS_MAX ? p->columns : PLOT_COLUMNS_MAX;
    p->rows = p->rows < 1 ? 1 : p->rows < PLOT_ROWS_MAX ? p->rows : PLOT_ROWS_MAX;
    if (!(p->top > 0))
        p->top = 1;
}

static void put_color(struct buf *out, unsigned front, unsigned back)
{
    buf_puts(out, "\033[0");
    if (front)
        buf_printf(out, ";%u", front);
    if (back)
        buf_printf(out, ";%u", back + 10);
    buf_putc(out, 'm');
}

void plot_put_row(struct plot *p, unsigned row, struct buf *out)
{
    unsigned front = 0, back = 0, spaces = 0;
    for (unsigned c = 0; c < p->columns; c++) {
        struct cell cell = p->stacked ? stacked_cell(p, c, row) : line_cell(p, c, row);
        if (cell.glyph[0] == ' ') {
            /* What is empty must not be filled with a colour. */
            if (back)
                put_color(out, front = 0, back = 0);
            spaces++;
            continue;
        }
        for (; spaces; spaces--)
            buf_putc(out, ' ');
        if (p->color && (cell.front != front || cell.back != back))
            put_color(out, front = cell.front, back = cell.back);
        buf_puts(out, cell.glyph);
    }
    if (front || back)
        put_color(out, 0, 0);
}
