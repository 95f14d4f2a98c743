/* SPDX-License-Identifier: Apache-2.0 */
/* The full screen of `nameflow top`: what is shown, and what keys do to it. The caller asks for the
 * figures; all drawing goes through ncurses, between top_view_open and top_view_close. */
#pragma once

#include "cli/answer.h"
#include "filter/filter.h"

enum {
    TOP_FILTER_MAX = 1024,
    TOP_FIELDS_MAX = 8,
};

enum top_column {
    TOP_RATE,
    TOP_SHARE,
    TOP_ERRORS,
    TOP_NO_ANSWER,
    TOP_P50,
    TOP_P99,
    TOP_COLUMNS,
};

/* The metrics that an answer must have, in this order. */
extern const char *const top_metrics[TOP_COLUMNS];

struct top_field {
    const struct field *field;
    const char *title;
    char key; /* 0: none */
};

struct top_view {
    struct top_field fields[TOP_FIELDS_MAX];
    size_t field_count, field; /* the one that is shown */
    enum top_column sort;
    bool ascending;
    int64_t window_ns;
    char filter[TOP_FILTER_MAX]; /* what is asked for */
    bool paused, help, quit;

    bool editing;
    char edited[TOP_FILTER_MAX]; /* the filter while it is typed */
    struct filter_error mistake; /* in it; column 0: none */

    const struct answer *answer;  /* NULL: none yet; the caller's */
    const struct field *answered; /* the field that it is about */
    char message[512];            /* why there is nothing new; empty: all is well */
    bool changed;                 /* the question is another one: ask now */
    bool color, utf8;
};

/* Names, servers, clients, processes, types and rcodes, and `extra` if it is none of them, which is
 * then the one shown; NULL: names. */
void top_view_init(struct top_view *v, const struct field *extra);

/* Takes the terminal over. 0 or -ENOTTY when ncurses cannot use it. */
int top_view_open(struct top_view *v);
/* Gives the terminal back as it was; may be called at any time, more than once. */
void top_view_close(void);
void top_view_draw(const struct top_view *v);
/* After SIGCONT: the terminal's modes may be others, its contents gone. */
void top_view_again(void);
/* Takes the keys that are there, without waiting. Returns whether anything is to be drawn. */
bool top_view_keys(struct top_view *v);
/* Lines that there is room for: as many groups are worth asking for. */
unsigned top_view_lines(void);
