/* SPDX-License-Identifier: Apache-2.0 */
#include "store/buckets.h"
#include "store/duck_rollup.h"
#include "store/order.h"

#include <errno.h>

/* The dimension's field, and its column as one of that name. */
static const struct {
    const char *field, *column;
} dimensions[] = {
    [ROLLUP_SERVER] = {"server", "\"value\" AS \"server\""},
    [ROLLUP_QTYPE] = {"qtype", "\"code\" AS \"qtype\""},
    [ROLLUP_COMM] = {"comm", "\"value\" AS \"comm\""},
    [ROLLUP_TRANSPORT] = {"transport", "\"code\" AS \"transport\""},
};

/* Takes a field that is named into account; false when the rollup does not have it, or not together
 * with another one. */
static bool take_field(void *ctx, const struct field *f)
{
    int *dimension = ctx;
    if (!strcmp(f->name, "outcome") || !strcmp(f->name, "rcode"))
        return true;
    for (int d = 0; d < ROLLUP_DIMENSIONS; d++) {
        if (strcmp(f->name, dimensions[d].field) != 0)
            continue;
        if (*dimension >= 0 && *dimension != d)
            return false;
        *dimension = d;
        return true;
    }
    return false;
}

bool duck_rollup_serves(const struct store_groups_query *q, enum rollup_dimension *out)
{
    int dimension = -1;
    if (q->step_ns % ROLLUP_MINUTE_NS || (q->metrics | 1u << q->order) & 1u << METRIC_NAMES)
        return false;
    for (int i = 0; i < STORE_KEYS_MAX; i++)
        if (q->by[i] && !take_field(&dimension, q->by[i]))
            return false;
    if (q->filter && !sql_filter_names_only(q->filter, take_field, &dimension))
        return false;
    *out = dimension < 0 ? ROLLUP_TRANSPORT : (enum rollup_dimension)dimension;
    return true;
}

/* ---- statements ---- */

static const char is_error[] = "\"outcome\" <> 0 OR \"rcode\" NOT IN (0, 3)";
static const char is_unanswered[] = "\"outcome\" NOT IN (0, 4)";
_Static_assert(OUTCOME_ANSWERED == 0 && OUTCOME_UNSOLICITED == 4 && DNS_RCODE_NOERROR == 0 &&
                   DNS_RCODE_NXDOMAIN == 3,
               "as is written above");

static void put_sum_where(struct sql *s, const char *condition, bool grouped)
{
    sql_puts(s, grouped ? ", CAST(coalesce(sum(transactions) FILTER (WHERE " : ", (CASE WHEN ");
    sql_puts(s, condition);
    sql_puts(s, grouped ? "), 0) AS BIGINT)" : " THEN transactions ELSE 0 END)");
}

/* In the order of duck_read_figures. */
static void put_figures(struct sql *s, bool grouped)
{
    sql_puts(s, grouped ? "CAST(sum(transactions) AS BIGINT)" : "transactions");
    put_sum_where(s, is_error, grouped);
    put_sum_where(s, is_unanswered, grouped);
    sql_puts(s, grouped ? ", CAST(sum(with_latency) AS BIGINT), CAST(sum(latency_sum) AS DOUBLE), "
                          "min(latency_min), max(latency_max)"
                        : ", with_latency, CAST(latency_sum AS DOUBLE), latency_min, latency_max, "
                          "buckets");
}

/* Rows of one dimension as a table with columns named as those of the transactions. */
static void put_from(struct sql *s, enum rollup_dimension d, int64_t first, int64_t until)
{
    sql_puts(s, " FROM (SELECT minute, \"outcome\", \"rcode\", transactions, with_latency, "
                "latency_sum, latency_min, latency_max, buckets, ");
    sql_puts(s, dimensions[d].column);
    sql_puts(s, " FROM rollup WHERE dimension = ");
    sql_number(s, d);
    sql_puts(s, " AND minute >= ");
    sql_number(s, first);
    sql_puts(s, " AND minute < ");
    sql_number(s, until);
    sql_puts(s, ")");
}

static void put_step(const struct store_groups_query *q, struct sql *s)
{
    sql_puts(s, "(minute - ");
    sql_number(s, store_first_step_ns(q) / ROLLUP_MINUTE_NS);
    sql_puts(s, ") // ");
    sql_number(s, q->step_ns / ROLLUP_MINUTE_NS);
}

static void put_statement(struct duck_asked *a, struct sql *s, enum rollup_dimension d,
                          int64_t first, int64_t until)
{
    const struct store_groups_query *q = a->q;
    unsigned columns = 0;
    sql_puts(s, "SELECT ");
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        if (!q->by[i])
            continue;
        duck_put_key(s, q->by[i]);
        sql_puts(s, ", ");
        columns++;
    }
    if (q->step_ns) {
        put_step(q, s);
        sql_puts(s, ", ");
        columns++;
    }
    put_figures(s, !a->with_buckets);
    put_from(s, d, first, until);
    if (q->filter) {
        sql_puts(s, " WHERE ");
        sql_filter_flat(s, q->filter);
    }
    for (unsigned i = 1; !a->with_buckets && i <= columns; i++)
        buf_printf(&s->text, i == 1 ? " GROUP BY %u" : ", %u", i);
}

/* ---- answers ---- */

struct taking {
    struct duck_asked *a;
    store_part_sink *sink;
    void *ctx;
    struct store_bucket_count buckets[STORE_BUCKETS_MAX];
    size_t bucket_count;
};

static int take_bucket(void *ctx, uint16_t bucket, uint64_t count)
{
    struct taking *t = ctx;
    if (t->bucket_count == STORE_BUCKETS_MAX)
        return -EBADMSG;
    t->buckets[t->bucket_count++] = (struct store_bucket_count){bucket, (uint32_t)count};
    return 0;
}

static int take_row(struct taking *t, const struct duck_columns *c, size_t i)
{
    struct duck_asked *a = t->a;
    struct store_part p = {0};
    unsigned column = 0;
    int r = 0;
    for (int k = 0; !r && k < STORE_KEYS_MAX; k++)
        if (a->q->by[k])
            r = duck_read_key(c, column++, i, a->q->by[k], &a->texts[k], &p.key[k]);
    if (a->q->step_ns)
        p.step = ((int64_t *)duck_data(c, column++))[i];
    if (r || duck_is_null(c, column, i)) /* a sum over nothing */
        return r;
    duck_read_figures(c, column, i, &p);
    if (a->with_buckets) {
        struct row_text bytes = duck_text_at((duckdb_string_t *)duck_data(c, column + 7) + i);
        t->bucket_count = 0;
        r = rollup_get_buckets(bytes.text, bytes.len, take_bucket, t);
        p.buckets = t->buckets;
        p.bucket_count = t->bucket_count;
    }
    return r ? r : t->sink(t->ctx, &p);
}

static int take_chunk(void *ctx, duckdb_data_chunk chunk)
{
    struct duck_columns c = duck_columns_of(chunk);
    int r = 0;
    for (size_t i = 0; !r && i < c.count; i++)
        r = take_row(ctx, &c, i);
    return r;
}

/* Values that were too many at their time are added up as one, which no filter can look into. */
static int ask_overflow(struct duck_asked *a, enum rollup_dimension d, int64_t first, int64_t until,
                        bool *approximate)
{
    struct sql s;
    int64_t rows = 0;
    sql_init(&s);
    sql_puts(&s, "SELECT count(*) FROM rollup WHERE dimension = ");
    sql_number(&s, ROLLUP_OVERFLOW + (int)d);
    sql_puts(&s, " AND minute >= ");
    sql_number(&s, first);
    sql_puts(&s, " AND minute < ");
    sql_number(&s, until);
    int r = duck_ask(a->conn, &s, false, duck_take_i64, &rows);
    sql_done(&s);
    *approximate |= rows != 0;
    return r;
}

int duck_ask_rollup(struct duck_asked *a, enum rollup_dimension d, int64_t first, int64_t until,
                    store_part_sink *sink, void *ctx, bool *approximate)
{
    struct taking t = {.a = a, .sink = sink, .ctx = ctx};
    struct sql s;
    sql_init(&s);
    put_statement(a, &s, d, first, until);
    int r = duck_ask(a->conn, &s, true, take_chunk, &t);
    sql_done(&s);
    return r ? r : ask_overflow(a, d, first, until, approximate);
}
