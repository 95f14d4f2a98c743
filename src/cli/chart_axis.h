/* SPDX-License-Identifier: Apache-2.0 */
/* Private to charts: the axes. */
#pragma once

#include "cli/answer.h"

struct axis_ticks {
    enum answer_unit unit;
    double step, top; /* from 0 to top, which is a multiple of step */
};

/* Round values up to at least `highest`, for so many rows. */
void axis_choose_ticks(struct axis_ticks *t, enum answer_unit unit, double highest, unsigned rows);
/* The label, if there is one at this height (0: the bottom line), and the axis, which takes one
 * column; width + 1 columns in all. */
void axis_put_label(struct buf *b, const struct axis_ticks *t, unsigned rows, unsigned height,
                    unsigned width, bool utf8);

struct axis_time {
    int64_t first_ns, span_ns;
    unsigned columns;
};

/* The line below the plot with its ticks, and the line of times below that. */
void axis_put_time(struct buf *b, const struct axis_time *t, unsigned indent, bool utf8);
/* "2026-11-24 04:00 to 05:00 UTC" */
void axis_put_range(struct buf *b, int64_t from_ns, int64_t until_ns);
