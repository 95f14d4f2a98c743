/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions in order. By time, the range is walked in windows from where the page begins, so
 * that a stream of all of them needs no sort of all of them. A page through a filter is looked for
 * by the filter's columns first, and read whole between the times at which it lies. */
#include "store/duck_query.h"
#include "store/order.h"

#include <errno.h>

enum {
    WINDOW_ROWS = 16384, /* about so many in the first window, by the mean rate */
    FEW_ROWS = 8192,     /* a window of a stream grows below, and shrinks above */
    MANY_ROWS = 65536,
};

struct question {
    const struct store_rows_query *q;
    struct duck_conn *conn;
    struct duck_reader reader;
    store_row_sink *sink;
    void *ctx;
    uint32_t sent, in_window;
    bool ended; /* the sink has had enough */
};

static void put_order_key(struct sql *s, const struct field *f)
{
    if (f->type == FIELD_INET)
        sql_puts(s, "nf_inet_key");
    duck_put_key(s, f);
}

static void put_page_value(struct sql *s, const struct store_rows_query *q)
{
    const struct field *f = store_rows_order(q);
    if (f->type == FIELD_INET)
        sql_bytes(s, q->after.text, q->after.text_len);
    else if (f->type == FIELD_TEXT)
        sql_text(s, q->after.text, q->after.text_len);
    else
        sql_number(s, q->after.number);
}

/* What comes after the page: a greater key (in the order's direction), the same key and a greater
 * seq, or, last of all, no key. */
static void put_page(struct sql *s, const struct store_rows_query *q)
{
    const struct field *f = store_rows_order(q);
    const char *after = q->ascending ? " > " : " < ";
    sql_puts(s, " AND (");
    if (!q->after.null) {
        put_order_key(s, f);
        sql_puts(s, after);
        put_page_value(s, q);
        sql_puts(s, " OR ");
    }
    sql_puts(s, "(");
    put_order_key(s, f);
    if (q->after.null) {
        sql_puts(s, " IS NULL");
    } else {
        sql_puts(s, " = ");
        put_page_value(s, q);
    }
    sql_puts(s, " AND CAST(\"seq\" AS BIGINT)");
    sql_puts(s, after);
    sql_number(s, (int64_t)q->after.seq);
    sql_puts(s, ")");
    if (!q->after.null) {
        sql_puts(s, " OR ");
        put_order_key(s, f);
        sql_puts(s, " IS NULL");
    }
    sql_puts(s, ")");
}

static int take_chunk(void *ctx, duckdb_data_chunk chunk)
{
    struct question *w = ctx;
    duck_reader_chunk(&w->reader, chunk);
    for (size_t i = 0; i < w->reader.count && !w->ended; i++) {
        struct row row;
        int r = duck_reader_row(&w->reader, i, &row);
        if (r)
            return r;
        w->sent++;
        w->in_window++;
        w->ended = !w->sink(w->ctx, &row) || w->sent == w->q->limit;
    }
    return 0;
}

static void put_order(struct sql *s, const struct store_rows_query *q)
{
    const char *direction = q->ascending ? "" : " DESC";
    sql_puts(s, " ORDER BY ");
    put_order_key(s, store_rows_order(q));
    sql_puts(s, direction);
    sql_puts(s, " NULLS LAST, \"seq\"");
    sql_puts(s, direction);
}

/* A page is found first, and only its rows are put together with what they refer to. */
static int ask(struct question *w, struct store_range range)
{
    const struct store_rows_query *q = w->q;
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "SELECT ");
    duck_put_columns(&s.text);
    if (q->limit)
        sql_puts(&s, " FROM (SELECT " DUCK_ROWS_NAME ".*");
    duck_put_from(&s, q->limit ? store_rows_order(q) : NULL, NULL);
    if (!q->limit)
        duck_put_joins(&s.text);
    duck_put_where(&s, &range, q->filter);
    if (q->after.valid)
        put_page(&s, q);
    put_order(&s, q);
    if (q->limit) {
        buf_printf(&s.text, " LIMIT %u)", q->limit - w->sent);
        duck_put_joins(&s.text);
        put_order(&s, q);
    }
    w->in_window = 0;
    int r = duck_ask(w->conn, &s, !q->limit, take_chunk, w);
    sql_done(&s);
    return r;
}

static int take_times(void *ctx, duckdb_data_chunk chunk)
{
    struct store_range *found = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    if (c.count && !duck_is_null(&c, 0, 0))
        *found =
            (struct store_range){*(int64_t *)duck_data(&c, 0), *(int64_t *)duck_data(&c, 1) + 1};
    return 0;
}

/* The times between which what is wanted of the window lies, by the filter's columns only: reading
 * whole transactions costs several times as much. An empty range: there is nothing. */
static int find_times(struct question *w, struct store_range window, struct store_range *found)
{
    const struct store_rows_query *q = w->q;
    const char *direction = q->ascending ? "" : " DESC";
    struct sql s;
    *found = (struct store_range){0};
    sql_init(&s);
    sql_puts(&s, "SELECT min(t), max(t) FROM (SELECT \"time\" AS t FROM " DUCK_ROWS_NAME);
    duck_put_where(&s, &window, q->filter);
    if (q->after.valid)
        put_page(&s, q);
    sql_puts(&s, " ORDER BY \"time\"");
    sql_puts(&s, direction);
    sql_puts(&s, ", \"seq\"");
    sql_puts(&s, direction);
    buf_printf(&s.text, " LIMIT %u)", q->limit - w->sent);
    int r = duck_ask(w->conn, &s, false, take_times, found);
    sql_done(&s);
    return r;
}

static int ask_window(struct question *w, struct store_range window)
{
    if (w->q->filter && w->q->limit) {
        int r = find_times(w, window, &window);
        if (r || window.from_ns >= window.until_ns)
            return r;
    }
    return ask(w, window);
}

/* Time in which about that many transactions come, by what is kept now. */
static int64_t window_ns(struct duck *d, uint64_t rows)
{
    int64_t oldest = atomic_load(&d->oldest_ns), newest = atomic_load(&d->newest_ns);
    uint64_t kept = atomic_load(&d->rows);
    if (kept <= rows || newest <= oldest)
        return INT64_MAX;
    double ns = (double)(newest - oldest) / (double)kept * (double)rows;
    return ns < 1 ? 1 : (int64_t)ns;
}

/* Where windows begin: ranges reach far beyond what is kept. The last window takes in all that is
 * left of the range, so that nothing depends on what else arrives meanwhile. */
static struct store_range narrowed(struct question *w)
{
    struct store_range r = w->q->range;
    const struct store_page *after = &w->q->after;
    if (r.from_ns < 0)
        r.from_ns = 0;
    if (after->valid && w->q->ascending && after->number > r.from_ns)
        r.from_ns = after->number;
    if (after->valid && !w->q->ascending && after->number < r.until_ns - 1)
        r.until_ns = after->number + 1;
    return r;
}

static int64_t next_width(const struct question *w, int64_t width)
{
    if (w->q->limit || w->in_window < FEW_ROWS)
        return width > INT64_MAX / 4 ? INT64_MAX : width * 4;
    return w->in_window > MANY_ROWS && width > 1 ? width / 2 : width;
}

static int ask_by_time(struct question *w)
{
    struct duck *d = w->conn->duck;
    struct store_range left = narrowed(w);
    int64_t oldest = atomic_load(&d->oldest_ns), newest = atomic_load(&d->newest_ns);
    /* With a filter nobody knows how far it is to the last one wanted; the engine looks at the
     * nearest row groups first. */
    bool at_once = w->q->filter && w->q->limit;
    int64_t width = at_once ? INT64_MAX : window_ns(d, WINDOW_ROWS + 4u * w->q->limit);
    int64_t edge = w->q->ascending ? oldest : newest;
    int r = 0;
    while (!r && !w->ended && left.from_ns < left.until_ns) {
        struct store_range window = left;
        bool up = w->q->ascending;
        if (up && edge < left.from_ns)
            edge = left.from_ns;
        if (!up && edge > left.until_ns)
            edge = left.until_ns;
        /* Beyond what is kept there is nothing to walk through. */
        if (up && edge < newest && left.until_ns - edge > width)
            edge = window.until_ns = edge + width;
        if (!up && edge > oldest && edge - left.from_ns > width)
            edge = window.from_ns = edge - width;
        r = ask_window(w, window);
        if (up)
            left.from_ns = window.until_ns;
        else
            left.until_ns = window.from_ns;
        width = next_width(w, width);
    }
    return r;
}

static bool page_is_sound(const struct store_rows_query *q)
{
    const struct store_page *p = &q->after;
    enum field_type type = store_rows_order(q)->type;
    if (!p->valid || p->null)
        return true;
    if (type == FIELD_INET)
        return p->text_len == sizeof(struct inet_addr);
    return type != FIELD_TEXT || utf8_clean_len(p->text, p->text_len) == p->text_len;
}

int duck_rows(void *b, const struct store_rows_query *q, struct store_control *control,
              store_row_sink *sink, void *ctx)
{
    struct question w = {.q = q, .sink = sink, .ctx = ctx};
    if (!page_is_sound(q))
        return -EINVAL;
    int r = duck_borrow(b, control, &w.conn);
    if (r)
        return r;
    duck_reader_init(&w.reader);
    r = store_rows_order(q)->type == FIELD_TIME ? ask_by_time(&w) : ask(&w, q->range);
    duck_reader_done(&w.reader);
    duck_return(w.conn);
    return r;
}
