/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the DuckDB engine: transactions summed up by the minute, in the table `rollup`.
 *
 * A row of it holds the sums of one minute for one outcome, rcode and value of one of the
 * dimensions below; each transaction is in one row of every dimension. So questions about one
 * dimension, outcome and rcode are answered by a few rows a minute. More dimensions together would
 * be nearly as many rows as transactions.
 *
 * Sums of the newest two minutes are kept in memory and written when the minute is closed; what
 * comes later is written along with its transaction. Which minutes are written is in the table
 * `rollup_state`, so that the others are summed up again after a crash. */
#pragma once

#include "store/duck_groups.h"

#define ROLLUP_MINUTE_NS (60 * INT64_C(1000000000))

enum rollup_dimension {
    ROLLUP_SERVER,
    ROLLUP_QTYPE,
    ROLLUP_COMM,
    ROLLUP_TRANSPORT, /* the one with the fewest rows: also for questions about none */
    ROLLUP_DIMENSIONS,
    ROLLUP_OVERFLOW = 16, /* plus the dimension: of values that were too many */
};

extern const struct duck_side duck_rollup_side;

/* Whether the question names outcome, rcode and at most one dimension only, and wants no more than
 * the rollup has. */
bool duck_rollup_serves(const struct store_groups_query *q, enum rollup_dimension *dimension);
/* The minutes that are written: since the epoch, [first, until). False: none. */
bool duck_rollup_minutes(const struct duck *d, int64_t *first, int64_t *until);
/* Groups of these minutes. */
int duck_ask_rollup(struct duck_asked *a, enum rollup_dimension dimension, int64_t first,
                    int64_t until, store_part_sink *sink, void *ctx, bool *approximate);
/* 0: none. */
int64_t duck_rollup_oldest_ns(const struct duck *d);

/* Counts by bucket as bytes: pairs of LEB128 numbers, the step from the bucket before and the
 * count. */
struct buckets;
void rollup_put_buckets(struct buckets *b, struct buf *out);
/* Calls `each` with every pair; -EBADMSG when the bytes are not sound. */
int rollup_get_buckets(const void *data, size_t len,
                       int (*each)(void *ctx, uint16_t bucket, uint64_t count), void *ctx);
