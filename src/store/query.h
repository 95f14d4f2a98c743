/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked of a store: typed requests; no text of a query language comes in from outside.
 *
 * Percentiles come from counts in logarithmic buckets and are off by at most 1 % (relative). Shares
 * are fractions of 1. An error is any outcome but answered, or an rcode that is neither NOERROR nor
 * NXDOMAIN: the same as "errors" of the summaries. */
#pragma once

#include "filter/filter.h"
#include "record/row.h"

#include <stdatomic.h>

struct store_range {
    int64_t from_ns, until_ns; /* since the epoch; [from, until) of `time` */
};

/* How a running query is watched and stopped. Zeroed: neither. */
struct store_control {
    const atomic_bool *cancel; /* set by another thread: the query ends with -ECANCELED */
    int64_t deadline_ns;       /* CLOCK_MONOTONIC; the query ends with -ETIMEDOUT. 0: none */
    atomic_uint *progress;     /* in thousandths */
};

/* ---- transactions ---- */

/* Where a page ended. Opaque; the text form is what the API hands out. `valid` false: from the
 * start. */
struct store_page {
    bool valid;
    bool null;      /* the order's value was absent: absent ones come last */
    int64_t number; /* the order's value; for texts 0 */
    char text[256]; /* likewise for texts, and the 16 bytes of addresses; longer ones cannot be
                       paged and are refused */
    uint16_t text_len;
    uint64_t seq; /* ties are in order of seq, in the direction of the page */
};

struct store_rows_query {
    struct store_range range;
    const struct filter *filter; /* NULL: all */
    const struct field *order;   /* NULL: time; any field with one value per transaction */
    bool ascending;
    uint32_t limit; /* 1..STORE_ROWS_MAX; 0: all, for streams */
    struct store_page after;
};

enum {
    STORE_ROWS_MAX = 10000,
    STORE_GROUPS_MAX = 1000, /* groups that one answer lists */
    STORE_GROUPS_DEFAULT = 10,
    STORE_STEPS_MAX = 2000, /* points of one series */
    STORE_KEYS_MAX = 2,     /* fields to group by */
};

/* Returns true to go on. The row lives until it returns. */
typedef bool store_row_sink(void *ctx, const struct row *row);

/* ---- groups: top, series, histogram, values ---- */

enum store_metric {
    METRIC_COUNT,
    METRIC_SHARE,   /* of all transactions of the range and filter */
    METRIC_AVERAGE, /* of latency, us; so for the next six */
    METRIC_P50,
    METRIC_P90,
    METRIC_P99,
    METRIC_MAX,
    METRIC_MIN,
    METRIC_ERROR_SHARE,
    METRIC_UNANSWERED_SHARE, /* outcome other than answered and unsolicited */
    METRIC_NAMES,            /* distinct qname; exact up to some thousands, then within 2 % */
    METRIC_COUNT_OF_METRICS,
};

const char *store_metric_name(enum store_metric m);  /* "count", "share", "average", "p50", ... */
int store_metric_find(const char *name, size_t len); /* or -EINVAL */

struct store_groups_query {
    struct store_range range;
    const struct filter *filter;            /* NULL: all */
    const struct field *by[STORE_KEYS_MAX]; /* NULL: not grouped */
    int64_t step_ns;                        /* 0: one figure for the range; else a series; steps
                                               begin at whole multiples since the epoch */
    uint32_t metrics;                       /* bits 1 << METRIC_...: what must be computed */
    enum store_metric order;                /* of the groups */
    bool ascending;
    uint32_t limit;     /* groups that are listed, the others are added up; 0: 10 */
    bool buckets;       /* also the latency's buckets (histogram) */
    const char *prefix; /* lists only groups whose first key's text begins so, without case; NULL */
    uint64_t least;     /* lists only groups with at least so many transactions */
};

struct store_bucket {
    int64_t low_us, high_us; /* [low, high) */
    uint64_t count;
};

/* What is known of a group, or of one step of it. Latencies in us; NAN where there is none. */
struct store_figures {
    uint64_t transactions;
    uint64_t errors, unanswered, with_latency; /* where a metric that was asked for needs them */
    double values[METRIC_COUNT_OF_METRICS];    /* those that were asked for; NAN: none */
    const struct store_bucket *buckets;        /* in order, empty ones left out */
    size_t bucket_count;
};

struct store_group {
    struct row_text key[STORE_KEYS_MAX]; /* as in JSON, without quotes; NULL: absent */
    struct store_figures figures;
    struct store_figures *steps; /* step_count of them; NULL without a step */
};

struct store_groups {
    struct store_group *groups;
    size_t count;
    size_t matched;             /* groups that could be listed, were the limit higher; of many, when
                                   not all were looked at, within some percent */
    struct store_group overall; /* all transactions of the range and filter */
    struct store_group others;  /* those of groups that are not listed */
    int64_t first_step_ns;      /* start of step 0 */
    int64_t step_ns;
    size_t step_count;
    bool approximate;    /* names of times whose transactions are gone: counts are lower bounds */
    const char *source;  /* "transactions", "rollup", "names" or of several "transactions+rollup" */
    struct arena *arena; /* holds all of the above */
};

void store_groups_free(struct store_groups *g);
