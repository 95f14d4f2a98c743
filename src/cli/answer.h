/* SPDX-License-Identifier: Apache-2.0 */
/* What was answered about groups of transactions, whoever answered: figures by key, and with a step
 * also over time. Latencies are in us, shares fractions of 1. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

struct json_t; /* of jansson.h */

enum {
    ANSWER_KEYS_MAX = 2,
    ANSWER_METRICS_MAX = 16,
    ANSWER_GROUPS_MAX = 10000,
    ANSWER_STEPS_MAX = 10000,
};

enum answer_unit {
    UNIT_COUNT,
    UNIT_SHARE,
    UNIT_LATENCY,
};

struct answer_group {
    const char *key[ANSWER_KEYS_MAX]; /* NULL: absent */
    double *values;                   /* see answer_value; NAN: none */
};

struct answer {
    int64_t from_ns, until_ns;
    int64_t first_step_ns, step_ns;
    size_t step_count; /* 0: figures for the whole range */
    size_t by_count, metric_count;
    const char *by[ANSWER_KEYS_MAX], *metrics[ANSWER_METRICS_MAX];
    struct answer_group *groups;
    size_t count;
    struct answer_group others, overall;
    uint64_t matched; /* groups there are, listed or not */
    const char *source;
    bool approximate;
    struct arena arena; /* holds all of the above */
};

/* All keys absent, all values NAN, `by` and `metrics` to be filled. NULL when memory runs out. */
struct answer *answer_new(size_t by_count, size_t metric_count, size_t group_count,
                          size_t step_count);
void answer_free(struct answer *a);
/* A copy that lives as long as the answer; NULL when memory runs out. */
const char *answer_text(struct answer *a, const char *text, size_t len);

static inline double *answer_value(const struct answer *a, const struct answer_group *g,
                                   size_t metric, size_t step)
{
    return &g->values[metric * (a->step_count ? a->step_count : 1) + step];
}

/* Whether groups were left out, so that `others` says something. */
static inline bool answer_has_others(const struct answer *a)
{
    return a->by_count && a->matched > a->count;
}

enum answer_unit answer_unit_of(const char *metric);
/* Whether the figures of groups add up to that of all: then a chart may stack them. */
bool answer_is_additive(const char *metric);

/* The answer of /api/v1/top or /api/v1/series. 0, -ENOMEM, or -EPROTO when it is none. */
int answer_from_json(struct answer **out, const struct json_t *json);
/* The times of such an answer; 0: there is no such key. */
void answer_read_range(const struct json_t *json, int64_t *from_ns, int64_t *until_ns,
                       int64_t *start_ns, int64_t *step_ns);
/* Leaves these metrics, in this order; -ENOENT when one is missing. */
int answer_arrange(struct answer *a, const char *const *metrics, size_t count);
/* The same form again, on one line with a newline. */
void answer_to_json(const struct answer *a, struct buf *out);
/* RFC 4180: a line for each group (and step), with a header line of the fields' and metrics' names;
 * lines for others and all are left out. */
void answer_to_csv(const struct answer *a, struct buf *out);

struct answer_style {
    unsigned width;  /* columns; 0: not limited */
    unsigned height; /* lines, for charts */
    bool color, utf8;
};

/* A table for people. */
void answer_to_table(const struct answer *a, const struct answer_style *style, struct buf *out);

/* A value as people read it: "1,234", "97.2 %", "0.34 ms", "-". */
void answer_put_value(struct buf *b, enum answer_unit unit, double value);
