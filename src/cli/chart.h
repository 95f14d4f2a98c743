/* SPDX-License-Identifier: Apache-2.0 */
/* Charts on a terminal. */
#pragma once

#include "cli/answer.h"

/* How many columns the plot of a chart has at this style: the most steps that are worth asking for.
 */
unsigned chart_plot_columns(const struct answer_style *style);
/* The shortest round step (1 s, 2 s, 5 s, 10 s, ..., 1 d, ...) of which at most `count` fit. */
int64_t chart_step_ns(int64_t range_ns, unsigned count);

/* The first metric of a series over time: stacked columns when its groups add up to all, else
 * lines. `totals` holds the figures of the same question for the whole range, for the legend. */
void chart_series(const struct answer *series, const struct answer *totals,
                  const struct answer_style *style, struct buf *out);

/* How often each latency was seen over time: /api/v1/histogram. */
struct chart_heat {
    int64_t from_ns, until_ns;
    int64_t first_step_ns, step_ns;
    size_t step_count;
    size_t row_count; /* from short latencies to long ones */
    const struct chart_heat_row {
        int64_t low_us, high_us;
        const uint64_t *counts; /* step_count of them */
    } * rows;
};

void chart_heat(const struct chart_heat *heat, const struct answer_style *style, struct buf *out);
