/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the DuckDB engine: what its questions have in common. */
#pragma once

#include "store/duck.h"
#include "store/sql.h"

/* Ends the text of s. */
int duck_prepare_sql(struct duck_conn *c, struct sql *s, duckdb_prepared_statement *out);

/* 0 to go on; anything else ends the question with that. */
typedef int duck_chunk_sink(void *ctx, duckdb_data_chunk chunk);
/* Asks and hands on the chunks of the answer; streamed: while it is being made. */
int duck_ask(struct duck_conn *c, struct sql *s, bool streamed, duck_chunk_sink *sink, void *ctx);

/* For statements without an answer. Neither ends s. */
int duck_run_sql(struct duck_conn *c, struct sql *s);
/* One whose text ends in the number. */
int duck_run_number(struct duck_conn *c, const char *text, int64_t number);
/* A question whose text ends in the number and whose answer is one; *out is left alone when that is
 * NULL. */
int duck_ask_number(struct duck_conn *c, const char *text, int64_t number, int64_t *out);

/* " FROM " the rows, with the dictionaries that have the fields (NULL: none). */
void duck_put_from(struct sql *s, const struct field *a, const struct field *b);
/* " WHERE " range and filter (NULL: all). */
void duck_put_where(struct sql *s, const struct store_range *range, const struct filter *filter);
/* A field as VARCHAR (texts, addresses) or BIGINT. */
void duck_put_key(struct sql *s, const struct field *f);

/* Columns of a chunk as arrays. */
struct duck_columns {
    duckdb_data_chunk chunk;
    size_t count;
};

struct duck_columns duck_columns_of(duckdb_data_chunk chunk);
bool duck_is_null(const struct duck_columns *c, unsigned column, size_t i);
void *duck_data(const struct duck_columns *c, unsigned column);

/* A duck_chunk_sink for one number: ctx is an int64_t, left alone when it is NULL. */
int duck_take_i64(void *ctx, duckdb_data_chunk chunk);
