/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_query.h"

#include "store/duck_names.h"
#include "store/duck_rollup.h"

#include <errno.h>
#include <stdio.h>

static int functions_open(struct duck_conn *writer, bool read_only, void **state)
{
    (void)read_only, (void)state;
    return duck_define_functions(writer);
}

static const struct duck_side functions_side = {.open = functions_open};

const struct duck_side *const duck_sides[DUCK_SIDES_MAX] = {&functions_side, &duck_rollup_side,
                                                            &duck_names_side};

static duckdb_state bind(duckdb_prepared_statement p, idx_t i, const struct sql_value *v)
{
    switch (v->kind) {
    case SQL_NUMBER:
        return duck_lib.bind_int64(p, i, v->number);
    case SQL_TEXT:
        return duck_lib.bind_varchar_length(p, i, v->data, v->len);
    case SQL_BYTES:
        return duck_lib.bind_blob(p, i, v->data, v->len);
    default:
        return duck_lib.bind_value(p, i, (duckdb_value)(uintptr_t)v->data);
    }
}

int duck_prepare_sql(struct duck_conn *c, struct sql *s, duckdb_prepared_statement *out)
{
    buf_putc(&s->text, '\0');
    if (s->failed || s->text.failed)
        return -ENOMEM;
    int r = duck_prepare(c, s->text.data, out);
    if (r)
        return r;
    for (size_t i = 0; i < s->count; i++) {
        if (bind(*out, i + 1, &s->values[i]) != DuckDBError)
            continue;
        snprintf(c->error, sizeof(c->error), "the engine does not take a value");
        duck_lib.destroy_prepare(out);
        return -EIO;
    }
    return 0;
}

int duck_ask(struct duck_conn *c, struct sql *s, bool streamed, duck_chunk_sink *sink, void *ctx)
{
    duckdb_prepared_statement p;
    duckdb_result result;
    duckdb_data_chunk chunk;
    int r = duck_prepare_sql(c, s, &p);
    if (r)
        return r;
    r = streamed ? duck_stream(c, p, &result) : duck_execute(c, p, &result);
    if (!r) {
        while (!(r = duck_fetch(c, &result, &chunk)) && chunk) {
            r = sink(ctx, chunk);
            duck_lib.destroy_data_chunk(&chunk);
            if (r)
                break;
        }
        duck_lib.destroy_result(&result);
    }
    duck_lib.destroy_prepare(&p);
    return r;
}

int duck_run_sql(struct duck_conn *c, struct sql *s)
{
    duckdb_prepared_statement p;
    duckdb_result result;
    int r = duck_prepare_sql(c, s, &p);
    if (r)
        return r;
    r = duck_execute(c, p, &result);
    if (!r)
        duck_lib.destroy_result(&result);
    duck_lib.destroy_prepare(&p);
    return r;
}

int duck_run_number(struct duck_conn *c, const char *text, int64_t number)
{
    struct sql s;
    sql_init(&s);
    sql_puts(&s, text);
    sql_number(&s, number);
    int r = duck_run_sql(c, &s);
    sql_done(&s);
    return r;
}

int duck_ask_number(struct duck_conn *c, const char *text, int64_t number, int64_t *out)
{
    struct sql s;
    sql_init(&s);
    sql_puts(&s, text);
    sql_number(&s, number);
    int r = duck_ask(c, &s, false, duck_take_i64, out);
    sql_done(&s);
    return r;
}

void duck_put_from(struct sql *s, const struct field *a, const struct field *b)
{
    const struct field *fields[] = {a, b};
    bool joined[DUCK_TABLES] = {false};
    sql_puts(s, " FROM " DUCK_ROWS_NAME);
    for (int i = 0; i < 2; i++) {
        enum sql_place place = fields[i] ? sql_place_of(fields[i]) : SQL_IN_ROW;
        enum duck_table t = place == SQL_IN_ORIGIN  ? DUCK_ORIGINS
                            : place == SQL_IN_EXTRA ? DUCK_EXTRAS
                                                    : DUCK_ROWS;
        if (t != DUCK_ROWS && !joined[t])
            buf_printf(&s->text, " JOIN %s USING (\"%s\")", duck_table_name(t), duck_table_id(t));
        joined[t] = true;
    }
}

void duck_put_where(struct sql *s, const struct store_range *range, const struct filter *filter)
{
    sql_puts(s, " WHERE \"time\" >= ");
    sql_number(s, range->from_ns);
    sql_puts(s, " AND \"time\" < ");
    sql_number(s, range->until_ns);
    if (!filter)
        return;
    sql_puts(s, " AND ");
    sql_filter(s, filter);
}

void duck_put_key(struct sql *s, const struct field *f)
{
    bool text = f->type == FIELD_TEXT || f->type == FIELD_INET;
    sql_puts(s, text ? "(" : "CAST(");
    sql_column(s, f);
    sql_puts(s, text ? ")" : " AS BIGINT)");
}

struct duck_columns duck_columns_of(duckdb_data_chunk chunk)
{
    return (struct duck_columns){.chunk = chunk, .count = duck_lib.data_chunk_get_size(chunk)};
}

bool duck_is_null(const struct duck_columns *c, unsigned column, size_t i)
{
    duckdb_vector v = duck_lib.data_chunk_get_vector(c->chunk, column);
    return !duck_valid(duck_lib.vector_get_validity(v), i);
}

void *duck_data(const struct duck_columns *c, unsigned column)
{
    return duck_lib.vector_get_data(duck_lib.data_chunk_get_vector(c->chunk, column));
}

int duck_take_i64(void *ctx, duckdb_data_chunk chunk)
{
    struct duck_columns c = duck_columns_of(chunk);
    if (c.count && !duck_is_null(&c, 0, 0))
        *(int64_t *)ctx = *(int64_t *)duck_data(&c, 0);
    return 0;
}
