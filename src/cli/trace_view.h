/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions as lines of a table, and below them on a terminal a footer that is redrawn in place.
 * Everything is appended to a buffer, which the caller writes out and clears; a batch of lines and
 * the footer should go out in one write, so that nothing flickers. Knows neither clock nor
 * terminal: both are told to it. */
#pragma once

#include "cli/summary.h"
#include "record/row.h"

struct trace_view;

struct trace_view_options {
    bool terminal;  /* header once, footer, lines cut to the width */
    bool color;     /* only with `terminal` or when asked for */
    bool utf8;      /* cut texts end in one character instead of two dots */
    bool date;      /* times with month and day */
    unsigned width; /* columns; not a terminal: 0, lines are not cut */
};

/* `out` stays the caller's. NULL when memory runs out. */
struct trace_view *trace_view_new(struct buf *out, const struct trace_view_options *o);
void trace_view_free(struct trace_view *v);
/* One line; takes the footer away first if it is shown. */
void trace_view_push(struct trace_view *v, struct record *r);
void trace_view_push_row(struct trace_view *v, const struct row *r);
/* To be called after each batch: puts the footer back, with new figures at most four times a
 * second of now_ns (any monotonic clock). `lost` counts what was seen by no record. Does nothing
 * when not on a terminal. */
void trace_view_footer(struct trace_view *v, const struct summary_figures *figures, uint64_t lost,
                       int64_t now_ns);
/* After SIGWINCH. The header is shown again, as columns may have come or gone. */
void trace_view_resize(struct trace_view *v, unsigned width);
/* Takes the footer away; the cursor is at the start of an empty line. */
void trace_view_done(struct trace_view *v);

/* Columns of the terminal on fd, or of $COLUMNS; 0: neither is known. */
unsigned trace_view_terminal_width(int fd);
/* Lines of the terminal on fd; 0: not known. */
unsigned trace_view_terminal_height(int fd);
/* Whether the locale's characters are UTF-8; sets the locale of characters from the environment. */
bool trace_view_speaks_utf8(void);
/* Whether to use colour on fd: a terminal that is not dumb, and no NO_COLOR (no-color.org). */
bool trace_view_wants_color(int fd);
