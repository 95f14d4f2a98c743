/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_names.h"

#include "base/clock.h"
#include "store/frequent.h"

#include <errno.h>
#include <stdlib.h>

enum {
    OPEN_MAX = 3,   /* slots in memory */
    SIZE_PART = 16, /* of the store's limit that the table may take */
    ROW_BYTES = 48, /* about what a row takes on disk */
};

#define LATE_NS (30 * NS_PER_SEC) /* what comes later than that opens its slot again */

struct duck_names_limits duck_names_limits = {
    .names = 32768,
    .listed = 1000,
    .rebuilt_rows = 250000,
};

struct open_slot {
    int64_t number;
    struct frequent frequent;
    uint64_t touched; /* the batch that added to it last */
    bool broken;      /* memory ran out: it is not known what it holds */
};

/* Numbers of slots. */
struct marks {
    int64_t *numbers;
    size_t count, cap;
};

struct names {
    struct duck_conn *writer;
    bool there, read_only;
    struct open_slot open[OPEN_MAX];
    size_t open_count;
    struct marks marked;     /* the table names_open; those that are not in memory are not known */
    struct marks marked_now; /* as it will be when the transaction is committed */
    uint64_t batch;
    int64_t batch_oldest_ns, batch_newest_ns;
    int64_t first, gone_ns, oldest_ns, newest_ns;
};

/* ---- marks ---- */

static bool is_marked(const struct marks *m, int64_t number)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->numbers[i] == number)
            return true;
    return false;
}

static int mark(struct marks *m, int64_t number)
{
    if (m->count == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 8;
        int64_t *numbers = realloc(m->numbers, cap * sizeof(*numbers));
        if (!numbers)
            return -ENOMEM;
        m->numbers = numbers;
        m->cap = cap;
    }
    m->numbers[m->count++] = number;
    return 0;
}

static void unmark(struct marks *m, int64_t number)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->numbers[i] != number)
            m->numbers[n++] = m->numbers[i];
    m->count = n;
}

static int copy_marks(struct marks *to, const struct marks *from)
{
    int r = 0;
    to->count = 0;
    for (size_t i = 0; !r && i < from->count; i++)
        r = mark(to, from->numbers[i]);
    return r;
}

static int write_marks(struct names *n)
{
    int r = 0;
    for (size_t i = 0; !r && i < n->marked_now.count; i++)
        if (!is_marked(&n->marked, n->marked_now.numbers[i]))
            r = duck_run_number(n->writer, "INSERT INTO names_open SELECT ",
                                n->marked_now.numbers[i]);
    for (size_t i = 0; !r && i < n->marked.count; i++)
        if (!is_marked(&n->marked_now, n->marked.numbers[i]))
            r = duck_run_number(n->writer,
                                "DELETE FROM names_open WHERE slot = ", n->marked.numbers[i]);
    return r;
}

/* ---- writing a part ---- */

#define NAMES_COLUMNS                                                                              \
    "slot BIGINT, kind UTINYINT, qname VARCHAR, transactions BIGINT, errors BIGINT, "              \
    "unanswered BIGINT, with_latency BIGINT, latency_sum BIGINT, latency_min BIGINT, "             \
    "latency_max BIGINT, rest_max BIGINT, sketch BLOB"

static bool put_number(duckdb_appender a, bool there, uint64_t v)
{
    return (there ? duck_lib.append_int64(a, (int64_t)v) : duck_lib.append_null(a)) != DuckDBError;
}

static bool put_sums(duckdb_appender a, const struct frequent_sums *s, uint64_t rest_max)
{
    bool timed = s->with_latency != 0;
    return put_number(a, true, s->transactions) && put_number(a, true, s->errors) &&
           put_number(a, true, s->unanswered) && put_number(a, true, s->with_latency) &&
           put_number(a, true, s->latency_sum_us) &&
           put_number(a, timed, (uint64_t)s->latency_min_us) &&
           put_number(a, timed, (uint64_t)s->latency_max_us) && put_number(a, true, rest_max);
}

static bool put_rest(duckdb_appender a, int64_t slot, const struct frequent_list *l,
                     const struct buf *sketch)
{
    return put_number(a, true, (uint64_t)slot) && duck_lib.append_uint8(a, 0) != DuckDBError &&
           duck_lib.append_null(a) != DuckDBError && put_sums(a, &l->rest, l->rest_max) &&
           duck_lib.append_blob(a, sketch->data, sketch->len) != DuckDBError &&
           duck_lib.appender_end_row(a) != DuckDBError;
}

static bool put_name(duckdb_appender a, int64_t slot, const struct frequent_name *n,
                     uint64_t rest_max)
{
    return put_number(a, true, (uint64_t)slot) && duck_lib.append_uint8(a, 1) != DuckDBError &&
           (n->absent ? duck_lib.append_null(a)
                      : duck_lib.append_varchar_length(a, n->text, n->len)) != DuckDBError &&
           put_sums(a, &n->sums, rest_max) && duck_lib.append_null(a) != DuckDBError &&
           duck_lib.appender_end_row(a) != DuckDBError;
}

static int write_part(struct duck_conn *c, int64_t slot, struct frequent *h)
{
    duckdb_appender a = NULL;
    struct frequent_list list;
    struct buf sketch = {0};
    distinct_put(&h->names, &sketch);
    if (sketch.failed)
        return -ENOMEM;
    frequent_list(h, duck_names_limits.listed, &list);
    bool good = duck_lib.appender_create(c->handle, NULL, "names", &a) != DuckDBError &&
                put_rest(a, slot, &list, &sketch);
    for (size_t i = 0; good && i < list.count; i++)
        good = put_name(a, slot, list.names[i], list.rest_max);
    good = good && duck_lib.appender_flush(a) != DuckDBError;
    int r = good ? 0 : duck_failed(c, a ? duck_lib.appender_error(a) : NULL);
    duck_lib.appender_destroy(&a);
    buf_done(&sketch);
    return r;
}

static void drop_slot(struct names *n, size_t i)
{
    frequent_done(&n->open[i].frequent);
    n->open[i] = n->open[--n->open_count];
}

static void drop_slots(struct names *n)
{
    while (n->open_count)
        drop_slot(n, n->open_count - 1);
}

static int close_slot(struct names *n, size_t i)
{
    struct open_slot *s = &n->open[i];
    int r = s->broken ? 0 : write_part(n->writer, s->number, &s->frequent);
    if (!r && !s->broken)
        unmark(&n->marked_now, s->number);
    if (!r)
        drop_slot(n, i);
    return r;
}

/* ---- adding up ---- */

static size_t least_touched(const struct names *n)
{
    size_t best = 0;
    for (size_t i = 1; i < n->open_count; i++) {
        const struct open_slot *a = &n->open[i], *b = &n->open[best];
        if (a->touched < b->touched || (a->touched == b->touched && a->number < b->number))
            best = i;
    }
    return best;
}

/* *out NULL: its transactions are not added up. */
static int find_slot(struct names *n, int64_t number, struct open_slot **out)
{
    *out = NULL;
    if (number < n->first)
        return 0;
    for (size_t i = 0; !*out && i < n->open_count; i++)
        if (n->open[i].number == number)
            *out = &n->open[i];
    if (!*out && is_marked(&n->marked_now, number))
        return 0;
    if (!*out) {
        int r = n->open_count == OPEN_MAX ? close_slot(n, least_touched(n)) : 0;
        if (!r)
            r = mark(&n->marked_now, number);
        if (r)
            return r;
        *out = &n->open[n->open_count++];
        **out = (struct open_slot){.number = number, .frequent.limit = duck_names_limits.names};
    }
    (*out)->touched = n->batch;
    return 0;
}

static int64_t slot_of(const struct row *r)
{
    return r->time_ns < 0 ? -1 : r->time_ns / NAMES_SLOT_NS;
}

static int add_rows(struct names *n, const struct row *const *rows, size_t count)
{
    struct open_slot *slot = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!i || slot_of(rows[i]) != slot_of(rows[i - 1])) {
            int r = find_slot(n, slot_of(rows[i]), &slot);
            if (r)
                return r;
        }
        if (slot && !slot->broken && frequent_add(&slot->frequent, rows[i]) < 0)
            slot->broken = true;
    }
    return 0;
}

static int by_slot(const void *a, const void *b)
{
    const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
    return (slot_of(x) > slot_of(y)) - (slot_of(x) < slot_of(y));
}

/* Slot by slot: else the rows of an import, in no order, would open one for each of them. */
static int add_sorted(struct names *n, const struct row *const *rows, size_t count)
{
    const struct row **sorted = malloc(count * sizeof(*sorted));
    if (!sorted)
        return -ENOMEM;
    memcpy(sorted, rows, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_slot);
    int r = add_rows(n, sorted, count);
    free(sorted);
    return r;
}

static bool look_over(struct names *n, const struct row *const *rows, size_t count)
{
    bool sorted = true;
    n->batch_oldest_ns = n->batch_newest_ns = rows[0]->time_ns;
    for (size_t i = 1; i < count; i++) {
        sorted &= slot_of(rows[i - 1]) <= slot_of(rows[i]);
        if (rows[i]->time_ns < n->batch_oldest_ns)
            n->batch_oldest_ns = rows[i]->time_ns;
        if (rows[i]->time_ns > n->batch_newest_ns)
            n->batch_newest_ns = rows[i]->time_ns;
    }
    return sorted;
}

static int close_old(struct names *n)
{
    int r = 0;
    for (size_t i = n->open_count; !r && i-- > 0;) {
        const struct open_slot *s = &n->open[i];
        if (s->touched != n->batch &&
            (s->number + 1) * NAMES_SLOT_NS + LATE_NS <= n->batch_newest_ns)
            r = close_slot(n, i);
    }
    return r;
}

static int names_append(void *state, struct duck_conn *writer, const struct row *const *rows,
                        size_t count)
{
    struct names *n = state;
    (void)writer;
    n->batch++;
    bool sorted = look_over(n, rows, count);
    int r = copy_marks(&n->marked_now, &n->marked);
    if (!r)
        r = sorted ? add_rows(n, rows, count) : add_sorted(n, rows, count);
    if (!r)
        r = close_old(n);
    return r ? r : write_marks(n);
}

/* What was added up is only good when the rows are there: otherwise the slots that are marked are
 * not known any more. */
static void names_appended(void *state, bool committed)
{
    struct names *n = state;
    if (!committed) {
        drop_slots(n);
        return;
    }
    struct marks m = n->marked;
    n->marked = n->marked_now;
    n->marked_now = m;
    if (!n->oldest_ns || n->batch_oldest_ns < n->oldest_ns)
        n->oldest_ns = n->batch_oldest_ns;
    if (n->batch_newest_ns > n->newest_ns)
        n->newest_ns = n->batch_newest_ns;
}

/* ---- opening ---- */

/* In a store that has transactions already the slots begin after them. */
static int make_tables(struct duck_conn *c)
{
    int64_t states = 0;
    int r = duck_query(c, "CREATE TABLE IF NOT EXISTS names (" NAMES_COLUMNS ")", NULL);
    if (!r)
        r = duck_query(c, "CREATE TABLE IF NOT EXISTS names_open (slot BIGINT)", NULL);
    if (!r)
        r = duck_query(c, "CREATE TABLE IF NOT EXISTS names_state (first BIGINT, gone BIGINT)",
                       NULL);
    if (!r)
        r = duck_query_i64(c, "SELECT count(*) FROM names_state", 0, &states);
    if (r || states)
        return r;
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "INSERT INTO names_state SELECT greatest(coalesce(max(\"time\") // ");
    sql_number(&s, NAMES_SLOT_NS);
    sql_puts(&s, " + 1, 0), 0), 0 FROM " DUCK_ROWS_NAME);
    r = duck_run_sql(c, &s);
    sql_done(&s);
    return r;
}

static int take_marks(void *ctx, duckdb_data_chunk chunk)
{
    struct duck_columns c = duck_columns_of(chunk);
    int r = 0;
    for (size_t i = 0; !r && i < c.count; i++)
        r = mark(ctx, ((int64_t *)duck_data(&c, 0))[i]);
    return r;
}

static int load(struct names *n, struct duck_conn *c)
{
    struct sql s;
    n->marked.count = 0;
    int r = duck_query_i64(c, "SELECT max(first) FROM names_state", 0, &n->first);
    if (!r)
        r = duck_query_i64(c, "SELECT max(gone) FROM names_state", 0, &n->gone_ns);
    sql_init(&s);
    sql_puts(&s, "SELECT slot FROM names_open");
    if (!r)
        r = duck_ask(c, &s, false, take_marks, &n->marked);
    sql_done(&s);
    return r;
}

static void put_slot_where(struct sql *s, int64_t slot)
{
    sql_puts(s, " FROM " DUCK_ROWS_NAME " WHERE \"time\" >= ");
    sql_number(s, slot * NAMES_SLOT_NS);
    sql_puts(s, " AND \"time\" < ");
    sql_number(s, (slot + 1) * NAMES_SLOT_NS);
}

static int count_rows(struct names *n, int64_t *out)
{
    int r = 0;
    *out = 0;
    for (size_t i = 0; !r && i < n->marked.count; i++) {
        struct sql s;
        int64_t rows = 0;
        sql_init(&s);
        sql_puts(&s, "SELECT count(*)");
        put_slot_where(&s, n->marked.numbers[i]);
        r = duck_ask(n->writer, &s, false, duck_take_i64, &rows);
        sql_done(&s);
        *out += rows;
    }
    return r;
}

static int take_rows(void *ctx, duckdb_data_chunk chunk)
{
    struct duck_columns c = duck_columns_of(chunk);
    for (size_t i = 0; i < c.count; i++) {
        struct row row = {
            .outcome = ((uint8_t *)duck_data(&c, 1))[i],
            .rcode = duck_is_null(&c, 2, i) ? -1 : ((uint16_t *)duck_data(&c, 2))[i],
            .latency_us = duck_is_null(&c, 3, i) ? -1 : ((int64_t *)duck_data(&c, 3))[i],
        };
        if (!duck_is_null(&c, 0, i))
            row.qname = duck_text_at((duckdb_string_t *)duck_data(&c, 0) + i);
        if (frequent_add(ctx, &row) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int rebuild(struct names *n, int64_t slot)
{
    struct frequent frequent = {.limit = duck_names_limits.names};
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "SELECT \"qname\", \"outcome\", \"rcode\", \"latency_us\"");
    put_slot_where(&s, slot);
    int r = duck_run_number(n->writer, "DELETE FROM names WHERE slot = ", slot);
    if (!r)
        r = duck_ask(n->writer, &s, true, take_rows, &frequent);
    if (!r && frequent.transactions)
        r = write_part(n->writer, slot, &frequent);
    if (!r)
        r = duck_run_number(n->writer, "DELETE FROM names_open WHERE slot = ", slot);
    sql_done(&s);
    frequent_done(&frequent);
    return r;
}

/* Slots that a crash left open. */
static int rebuild_all(struct names *n)
{
    int64_t rows;
    int r = count_rows(n, &rows);
    if (r || !n->marked.count || rows > duck_names_limits.rebuilt_rows)
        return r;
    r = duck_query(n->writer, "BEGIN", NULL);
    for (size_t i = 0; !r && i < n->marked.count; i++)
        r = rebuild(n, n->marked.numbers[i]);
    int ended = duck_query(n->writer, r ? "ROLLBACK" : "COMMIT", NULL);
    if (!r && !ended)
        n->marked.count = 0;
    return r ? r : ended;
}

static int find_tables(struct duck_conn *c, bool *there)
{
    int64_t tables;
    int r = duck_query_i64(c,
                           "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'nameflow' "
                           "AND table_name = 'names_state'",
                           0, &tables);
    *there = !r && tables;
    return r;
}

static int names_open(struct duck_conn *writer, bool read_only, void **state)
{
    struct names *n = *state ? *state : calloc(1, sizeof(*n));
    if (!n)
        return -ENOMEM;
    *state = n;
    drop_slots(n);
    n->writer = writer;
    n->read_only = read_only;
    n->oldest_ns = atomic_load(&writer->duck->oldest_ns);
    n->newest_ns = atomic_load(&writer->duck->newest_ns);
    int r = read_only ? 0 : make_tables(writer);
    if (!r)
        r = find_tables(writer, &n->there);
    if (r || !n->there)
        return r;
    r = load(n, writer);
    return r || read_only ? r : rebuild_all(n);
}

/* ---- retention ---- */

/* The first slot that may stay so that the table takes no more than its part of the store. */
static int first_by_size(struct duck_conn *c, int64_t *first)
{
    int64_t rows, most = (int64_t)(c->duck->options.max_bytes / SIZE_PART / ROW_BYTES);
    *first = 0;
    int r = duck_query_i64(c, "SELECT count(*) FROM names", 0, &rows);
    if (r || !most || rows <= most)
        return r;
    return duck_ask_number(c, "SELECT slot + 1 FROM names ORDER BY slot LIMIT 1 OFFSET ",
                           rows - most, first);
}

static int write_gone(struct names *n, int64_t oldest_ns)
{
    /* Without any left those that there were are gone. */
    int64_t gone = oldest_ns ? oldest_ns : n->newest_ns + 1;
    if (!n->oldest_ns || gone <= n->oldest_ns || gone <= n->gone_ns)
        return 0;
    int r = duck_run_number(n->writer, "UPDATE names_state SET gone = ", gone);
    if (!r)
        n->gone_ns = gone;
    return r;
}

static int names_retain(void *state, struct duck_conn *writer, int64_t now_ns, int64_t oldest_ns)
{
    struct names *n = state;
    int64_t age_ns = writer->duck->options.rollup_age_ns, by_size, oldest;
    int64_t first = age_ns > 0 && age_ns < now_ns ? (now_ns - age_ns) / NAMES_SLOT_NS : 0;
    int r = write_gone(n, oldest_ns);
    if (!r)
        n->oldest_ns = oldest_ns;
    if (!r)
        r = first_by_size(writer, &by_size);
    if (r)
        return r;
    if (first < by_size)
        first = by_size;
    if (first <= n->first)
        return 0;
    r = duck_query_i64(writer, "SELECT min(slot) FROM names", INT64_MAX, &oldest);
    if (r || first <= oldest)
        return r;
    r = duck_run_number(writer, "UPDATE names_state SET first = ", first);
    if (r)
        return r;
    n->first = first;
    return duck_run_number(writer, "DELETE FROM names WHERE slot < ", first);
}

/* ---- closing ---- */

/* So that the next one to open the store need not add them up again. */
static void close_all(struct names *n)
{
    if (!n->open_count || duck_query(n->writer, "BEGIN", NULL))
        return;
    int r = copy_marks(&n->marked_now, &n->marked);
    while (!r && n->open_count)
        r = close_slot(n, n->open_count - 1);
    if (!r)
        r = write_marks(n);
    duck_query(n->writer, r ? "ROLLBACK" : "COMMIT", NULL);
}

static void names_close(void *state)
{
    struct names *n = state;
    const struct duck *d = n->writer->duck;
    if (!n->read_only && d->database && !atomic_load(&d->broken))
        close_all(n);
    drop_slots(n);
    free(n->marked.numbers);
    free(n->marked_now.numbers);
    free(n);
}

const struct duck_side duck_names_side = {
    .open = names_open,
    .append = names_append,
    .appended = names_appended,
    .retain = names_retain,
    .close = names_close,
};

bool duck_names_there(const struct duck *d)
{
    const struct names *n = duck_side_state(d, &duck_names_side);
    return n && n->there;
}
