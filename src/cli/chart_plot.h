/* SPDX-License-Identifier: Apache-2.0 */
/* Private to charts: the cells of a plot. */
#pragma once

#include "base/buf.h"
#include "cli/answer.h"

enum {
    PLOT_LAYERS_MAX = 24,
    PLOT_COLUMNS_MAX = 512,
    PLOT_ROWS_MAX = 128,
};

struct plot {
    unsigned columns, rows;
    unsigned layers;
    double top;                                       /* value at the upper edge */
    double values[PLOT_LAYERS_MAX][PLOT_COLUMNS_MAX]; /* NAN: none */
    uint8_t colors[PLOT_LAYERS_MAX];                  /* SGR foreground codes; 0: the default */
    bool stacked;
    bool color, utf8;
};

/* The character that stands for a layer, in the plot and in the legend. */
const char *plot_glyph(const struct plot *p, unsigned layer);
/* One row of cells, counted from the bottom; nothing follows the last that is not empty. */
void plot_put_row(struct plot *p, unsigned row, struct buf *out);
/* To be called once when all values are there, before the rows. */
void plot_prepare(struct plot *p);
