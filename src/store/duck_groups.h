/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the DuckDB engine: questions for groups. */
#pragma once

#include "store/duck_query.h"
#include "store/groups.h"

struct duck_asked {
    const struct store_groups_query *q;
    struct store_range range; /* of it, what is asked for here */
    struct duck_conn *conn;
    bool with_buckets, with_names;
    int64_t least_latency_us; /* only transactions with at least that; 0: all */
    /* Finds a latency that about so many transactions reach; 0 when that would cost as much as what
     * is asked for. NULL: cannot. */
    int (*find_latency)(struct duck_asked *a, uint64_t transactions, int64_t *latency_us);
    struct buf texts[STORE_KEYS_MAX];
};

void duck_asked_init(struct duck_asked *a, const struct store_groups_query *q);
void duck_asked_done(struct duck_asked *a);
/* Groups of a->range out of the transactions: those that can be listed, and the rest as one. */
int duck_ask_transactions(struct duck_asked *a, store_part_sink *sink, void *ctx);
/* All of them. `whole`: no other parts of them will come. */
int duck_ask_all(struct duck_asked *a, bool whole, store_part_sink *sink, void *ctx);

/* The expression for the number of a row's step. */
void duck_put_step(const struct store_groups_query *q, struct sql *s);
/* The figures of struct store_part out of the transactions, seven columns in its order. */
void duck_put_figures(struct sql *s);
/* The figures of a part in seven columns from `column` on, as duck_put_figures writes them. */
void duck_read_figures(const struct duck_columns *c, unsigned column, size_t i,
                       struct store_part *p);
/* A key as in JSON; *out points into the chunk or `text`. */
int duck_read_key(const struct duck_columns *c, unsigned column, size_t i, const struct field *f,
                  struct buf *text, struct row_text *out);

/* Keys of groups as lists of the engine's, to be bound. */
struct duck_lists {
    duckdb_value numbers; /* 0, 1, 2, ... */
    duckdb_value keys[STORE_KEYS_MAX];
    bool is_text[STORE_KEYS_MAX];
};

/* 0 or -ENOMEM. */
int duck_lists_init(struct duck_lists *l, const struct store_groups_query *q,
                    const struct store_groups *groups);
void duck_lists_done(struct duck_lists *l);
