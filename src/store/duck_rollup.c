/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_rollup.h"

#include "base/hash.h"
#include "store/buckets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FIRST_SLOTS = 1024,
    ENTRIES_MAX = 100000, /* sums in memory; values beyond are added up as one */
    SIZE_PART = 8,        /* of the store's limit that the sums may take */
    ROW_BYTES = 64,       /* about what one takes on disk */
    OPEN_MINUTES = 2,     /* kept in memory: the newest and the one before */
};

/* What a row of the table is about. */
struct key {
    int64_t minute;
    int32_t rcode;      /* -1: none */
    int32_t code;       /* of ROLLUP_QTYPE and ROLLUP_TRANSPORT; -1: none */
    uint32_t value_len; /* of ROLLUP_SERVER and ROLLUP_COMM */
    uint8_t dimension, outcome;
    bool has_value;
};

struct sums {
    struct key key;
    uint64_t hash, transactions, with_latency, latency_sum_us;
    int64_t min_us, max_us;
    struct buckets buckets;
    char value[];
};

/* Sums by key. */
struct table {
    struct sums **slots;
    size_t slot_count, count;
};

struct rollup {
    struct table open;  /* of minutes from `until` on */
    struct table batch; /* of the rows being appended */
    int64_t newest_minute, batch_until;
    /* For questions, from other threads. */
    atomic_int_least64_t first, until, oldest;
    atomic_bool failed; /* memory ran out: the sums cannot be trusted until the next open */
};

/* ---- sums by key ---- */

static void table_done(struct table *t)
{
    for (size_t i = 0; i < t->slot_count; i++) {
        if (!t->slots[i])
            continue;
        buckets_done(&t->slots[i]->buckets);
        free(t->slots[i]);
    }
    free(t->slots);
    *t = (struct table){0};
}

static void place(struct table *t, struct sums *s)
{
    size_t at = s->hash & (t->slot_count - 1);
    while (t->slots[at])
        at = (at + 1) & (t->slot_count - 1);
    t->slots[at] = s;
}

static bool grow(struct table *t)
{
    struct table larger = {.slot_count = t->slot_count ? 2 * t->slot_count : FIRST_SLOTS,
                           .count = t->count};
    larger.slots = calloc(larger.slot_count, sizeof(struct sums *));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < t->slot_count; i++)
        if (t->slots[i])
            place(&larger, t->slots[i]);
    free(t->slots);
    *t = larger;
    return true;
}

static uint64_t hash_of(const struct key *k, const char *value)
{
    uint64_t fixed[3] = {(uint64_t)k->minute,
                         (uint64_t)(uint32_t)k->rcode << 32 | (uint32_t)k->code,
                         (uint64_t)k->dimension << 16 | (uint64_t)k->outcome << 8 | k->has_value};
    uint64_t h = hash_bytes(fixed, sizeof(fixed), hash_seed());
    return k->value_len ? hash_bytes(value, k->value_len, h) : h;
}

static bool same_key(const struct sums *s, const struct key *k, const char *value)
{
    const struct key *a = &s->key;
    return a->minute == k->minute && a->rcode == k->rcode && a->code == k->code &&
           a->dimension == k->dimension && a->outcome == k->outcome &&
           a->has_value == k->has_value && a->value_len == k->value_len &&
           (!k->value_len || memcmp(s->value, value, k->value_len) == 0);
}

/* NULL without memory. */
static struct sums *find(struct table *t, struct key k, const char *value)
{
    if (t->count >= ENTRIES_MAX && k.dimension < ROLLUP_OVERFLOW) {
        k.dimension += ROLLUP_OVERFLOW;
        k.has_value = false;
        k.value_len = 0;
        k.code = -1;
    }
    uint64_t hash = hash_of(&k, value);
    if (t->count * 2 >= t->slot_count && !grow(t))
        return NULL;
    for (size_t at = hash & (t->slot_count - 1); t->slots[at]; at = (at + 1) & (t->slot_count - 1))
        if (t->slots[at]->hash == hash && same_key(t->slots[at], &k, value))
            return t->slots[at];
    struct sums *s = calloc(1, sizeof(*s) + k.value_len);
    if (!s)
        return NULL;
    s->key = k;
    s->hash = hash;
    if (k.value_len)
        memcpy(s->value, value, k.value_len);
    place(t, s);
    t->count++;
    return s;
}

static void add_latency(struct sums *s, uint64_t count, uint64_t sum_us, int64_t min_us,
                        int64_t max_us)
{
    if (!s->with_latency || min_us < s->min_us)
        s->min_us = min_us;
    if (!s->with_latency || max_us > s->max_us)
        s->max_us = max_us;
    s->with_latency += count;
    s->latency_sum_us += sum_us;
}

/* What a row of the store contributes; texts stay the caller's. */
struct seen {
    int64_t time_ns, latency_us;
    int32_t rcode, qtype;
    uint8_t outcome, transport;
    struct row_text server, comm;
};

static bool add(struct table *t, const struct seen *x, enum rollup_dimension d)
{
    const struct row_text *value = d == ROLLUP_SERVER ? &x->server
                                   : d == ROLLUP_COMM ? &x->comm
                                                      : &(struct row_text){0};
    struct key k = {
        .minute = x->time_ns / ROLLUP_MINUTE_NS,
        .rcode = x->rcode,
        .code = d == ROLLUP_QTYPE       ? x->qtype
                : d == ROLLUP_TRANSPORT ? x->transport
                                        : -1,
        .value_len = value->len,
        .dimension = (uint8_t)d,
        .outcome = x->outcome,
        .has_value = value->text != NULL,
    };
    struct sums *s = find(t, k, value->text);
    if (!s)
        return false;
    s->transactions++;
    if (x->latency_us < 0)
        return true;
    add_latency(s, 1, (uint64_t)x->latency_us, x->latency_us, x->latency_us);
    return buckets_add(&s->buckets, store_bucket_of(x->latency_us), 1) == 0;
}

static void add_all(struct rollup *r, struct table *t, const struct seen *x)
{
    for (int d = 0; d < ROLLUP_DIMENSIONS; d++)
        if (!add(t, x, (enum rollup_dimension)d))
            r->failed = true;
    if (x->time_ns / ROLLUP_MINUTE_NS > r->newest_minute)
        r->newest_minute = x->time_ns / ROLLUP_MINUTE_NS;
}

static bool merge(struct table *to, const struct sums *from)
{
    struct sums *s = find(to, from->key, from->value);
    if (!s)
        return false;
    s->transactions += from->transactions;
    if (from->with_latency)
        add_latency(s, from->with_latency, from->latency_sum_us, from->min_us, from->max_us);
    return buckets_merge(&s->buckets, &from->buckets) == 0;
}

/* ---- buckets as bytes ---- */

static void put_leb128(struct buf *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_putc(out, (char)(v | 0x80));
    buf_putc(out, (char)v);
}

void rollup_put_buckets(struct buckets *b, struct buf *out)
{
    uint16_t before = 0;
    buckets_compact(b);
    for (size_t i = 0; i < b->len; i++) {
        uint16_t bucket = buckets_bucket(b->entries[i]);
        put_leb128(out, (uint64_t)(bucket - before));
        put_leb128(out, buckets_count(b->entries[i]));
        before = bucket;
    }
}

static bool get_leb128(const uint8_t **p, const uint8_t *end, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; *p < end && shift < 63; shift += 7) {
        uint8_t byte = *(*p)++;
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

int rollup_get_buckets(const void *data, size_t len,
                       int (*each)(void *ctx, uint16_t bucket, uint64_t count), void *ctx)
{
    const uint8_t *p = data, *end = p + len;
    uint64_t bucket = 0, step, count;
    int r = 0;
    while (!r && p < end) {
        if (!get_leb128(&p, end, &step) || !get_leb128(&p, end, &count) ||
            (bucket += step) >= STORE_BUCKETS_MAX)
            return -EBADMSG;
        r = each(ctx, (uint16_t)bucket, count);
    }
    return r;
}

/* ---- writing ---- */

#define ROLLUP_COLUMNS                                                                             \
    "minute BIGINT, dimension UTINYINT, value VARCHAR, code USMALLINT, outcome UTINYINT, "         \
    "rcode USMALLINT, transactions BIGINT, with_latency BIGINT, latency_sum BIGINT, "              \
    "latency_min BIGINT, latency_max BIGINT, buckets BLOB"

static bool put_text(duckdb_appender a, bool there, const char *text, size_t len)
{
    return (there ? duck_lib.append_varchar_length(a, text ? text : "", len)
                  : duck_lib.append_null(a)) != DuckDBError;
}

static bool put_code(duckdb_appender a, int32_t code)
{
    return (code < 0 ? duck_lib.append_null(a) : duck_lib.append_uint16(a, (uint16_t)code)) !=
           DuckDBError;
}

static bool put_number(duckdb_appender a, bool there, int64_t n)
{
    return (there ? duck_lib.append_int64(a, n) : duck_lib.append_null(a)) != DuckDBError;
}

static bool put_sums(duckdb_appender a, struct sums *s, struct buf *scratch)
{
    const struct key *k = &s->key;
    bool timed = s->with_latency != 0;
    buf_clear(scratch);
    rollup_put_buckets(&s->buckets, scratch);
    return put_number(a, true, k->minute) &&
           duck_lib.append_uint8(a, k->dimension) != DuckDBError &&
           put_text(a, k->has_value, s->value, k->value_len) && put_code(a, k->code) &&
           duck_lib.append_uint8(a, k->outcome) != DuckDBError && put_code(a, k->rcode) &&
           put_number(a, true, (int64_t)s->transactions) &&
           put_number(a, true, (int64_t)s->with_latency) &&
           put_number(a, true, (int64_t)s->latency_sum_us) && put_number(a, timed, s->min_us) &&
           put_number(a, timed, s->max_us) && !scratch->failed &&
           duck_lib.append_blob(a, buf_cstr(scratch), scratch->len) != DuckDBError &&
           duck_lib.appender_end_row(a) != DuckDBError;
}

/* Appends the sums of minutes before `until`; how many in *written. */
static bool put_table(duckdb_appender a, const struct table *t, int64_t until, struct buf *scratch)
{
    for (size_t i = 0; i < t->slot_count; i++)
        if (t->slots[i] && t->slots[i]->key.minute < until && !put_sums(a, t->slots[i], scratch))
            return false;
    return true;
}

static bool has_before(const struct table *t, int64_t until)
{
    for (size_t i = 0; i < t->slot_count; i++)
        if (t->slots[i] && t->slots[i]->key.minute < until)
            return true;
    return false;
}

static int write_sums(struct rollup *r, struct duck_conn *writer)
{
    duckdb_appender a = NULL;
    struct buf scratch = {0};
    bool good = duck_lib.appender_create(writer->handle, NULL, "rollup", &a) != DuckDBError &&
                put_table(a, &r->open, r->batch_until, &scratch) &&
                put_table(a, &r->batch, r->batch_until, &scratch) &&
                duck_lib.appender_flush(a) != DuckDBError;
    int failed = good ? 0 : duck_failed(writer, a ? duck_lib.appender_error(a) : NULL);
    duck_lib.appender_destroy(&a);
    buf_done(&scratch);
    return failed;
}

static int write_state(struct duck_conn *c, int64_t first, int64_t until)
{
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "UPDATE rollup_state SET first = ");
    sql_number(&s, first);
    sql_puts(&s, ", until = ");
    sql_number(&s, until);
    int r = duck_run_sql(c, &s);
    sql_done(&s);
    return r;
}

static struct seen seen_of(const struct row *row, char server[INET_TEXT_MAX])
{
    return (struct seen){
        .time_ns = row->time_ns,
        .latency_us = row->latency_us,
        .rcode = row->rcode,
        .qtype = row->qtype,
        .outcome = row->outcome,
        .transport = row->transport,
        .server = {server, (uint32_t)inet_addr_format(&row->server, server)},
        .comm = row->comm,
    };
}

static int rollup_append(void *state, struct duck_conn *writer, const struct row *const *rows,
                         size_t count)
{
    struct rollup *r = state;
    char server[INET_TEXT_MAX];
    table_done(&r->batch);
    for (size_t i = 0; i < count; i++) {
        struct seen x = seen_of(rows[i], server);
        add_all(r, &r->batch, &x);
    }
    int64_t until = atomic_load(&r->until);
    r->batch_until = r->newest_minute + 1 - OPEN_MINUTES;
    if (r->batch_until < until)
        r->batch_until = until;
    int failed = 0;
    if (has_before(&r->open, r->batch_until) || has_before(&r->batch, r->batch_until))
        failed = write_sums(r, writer);
    if (!failed && r->batch_until != until)
        failed = write_state(writer, atomic_load(&r->first), r->batch_until);
    return failed;
}

static void note_merge(struct rollup *r, bool good)
{
    if (!good)
        r->failed = true;
}

static void rollup_appended(void *state, bool committed)
{
    struct rollup *r = state;
    struct table left = {0};
    const struct table *both[] = {&r->open, &r->batch};
    bool closed = r->batch_until != atomic_load(&r->until);
    if (committed && !closed) {
        for (size_t i = 0; i < r->batch.slot_count; i++)
            if (r->batch.slots[i] && r->batch.slots[i]->key.minute >= r->batch_until)
                note_merge(r, merge(&r->open, r->batch.slots[i]));
    } else if (committed) {
        for (int t = 0; t < 2; t++)
            for (size_t i = 0; i < both[t]->slot_count; i++)
                if (both[t]->slots[i] && both[t]->slots[i]->key.minute >= r->batch_until)
                    note_merge(r, merge(&left, both[t]->slots[i]));
        table_done(&r->open);
        r->open = left;
        atomic_store(&r->until, r->batch_until);
    }
    table_done(&r->batch);
}

/* ---- opening ---- */

static int take_seen(void *ctx, duckdb_data_chunk chunk)
{
    struct rollup *r = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    for (size_t i = 0; i < c.count; i++) {
        struct seen x = {
            .time_ns = ((int64_t *)duck_data(&c, 0))[i],
            .latency_us = duck_is_null(&c, 1, i) ? -1 : ((int64_t *)duck_data(&c, 1))[i],
            .rcode = duck_is_null(&c, 2, i) ? -1 : ((uint16_t *)duck_data(&c, 2))[i],
            .qtype = duck_is_null(&c, 3, i) ? -1 : ((uint16_t *)duck_data(&c, 3))[i],
            .outcome = ((uint8_t *)duck_data(&c, 4))[i],
            .transport = ((uint8_t *)duck_data(&c, 5))[i],
            .server = duck_text_at((duckdb_string_t *)duck_data(&c, 6) + i),
        };
        if (!duck_is_null(&c, 7, i))
            x.comm = duck_text_at((duckdb_string_t *)duck_data(&c, 7) + i);
        add_all(r, &r->open, &x);
    }
    return 0;
}

/* The transactions of minutes that were not written. */
static int sum_up_again(struct rollup *r, struct duck_conn *c)
{
    struct sql s;
    sql_init(&s);
    sql_puts(&s,
             "SELECT \"time\", \"latency_us\", \"rcode\", \"qtype\", \"outcome\", \"transport\", "
             "\"server\", \"comm\" FROM " DUCK_ROWS_NAME
             " JOIN origins USING (\"origin_id\") WHERE \"time\" >= ");
    sql_number(&s, atomic_load(&r->until) * ROLLUP_MINUTE_NS);
    int failed = duck_ask(c, &s, true, take_seen, r);
    sql_done(&s);
    return failed;
}

/* In a store that has transactions already the rollup begins with the minute after them. */
static int make_tables(struct duck_conn *c)
{
    int64_t states = 0;
    int r = duck_query(c, "CREATE TABLE IF NOT EXISTS rollup (" ROLLUP_COLUMNS ")", NULL);
    if (!r)
        r = duck_query(c, "CREATE TABLE IF NOT EXISTS rollup_state (first BIGINT, until BIGINT)",
                       NULL);
    if (!r)
        r = duck_query_i64(c, "SELECT count(*) FROM rollup_state", 0, &states);
    if (r || states)
        return r;
    r = duck_query(c,
                   "INSERT INTO rollup_state SELECT coalesce(max(\"time\") // 60000000000 + 1, 0) "
                   "AS m, m FROM " DUCK_ROWS_NAME,
                   NULL);
    return r;
}

static int find_oldest(struct rollup *r, struct duck_conn *c)
{
    int64_t oldest;
    int failed = duck_query_i64(c, "SELECT min(minute) FROM rollup", 0, &oldest);
    if (!failed)
        atomic_store(&r->oldest, oldest);
    return failed;
}

static int rollup_open(struct duck_conn *writer, bool read_only, void **state)
{
    struct rollup *r = *state ? *state : calloc(1, sizeof(*r));
    int64_t first = 0, until = 0;
    if (!r)
        return -ENOMEM;
    *state = r;
    table_done(&r->open);
    table_done(&r->batch);
    r->newest_minute = 0;
    r->failed = false;
    int failed = read_only ? 0 : make_tables(writer);
    if (!failed)
        failed = duck_query_i64(writer, "SELECT max(first) FROM rollup_state", 0, &first);
    if (!failed)
        failed = duck_query_i64(writer, "SELECT max(until) FROM rollup_state", 0, &until);
    atomic_store(&r->first, first);
    atomic_store(&r->until, until);
    r->batch_until = until;
    if (!failed)
        failed = find_oldest(r, writer);
    return failed || read_only ? failed : sum_up_again(r, writer);
}

/* The first minute that may stay so that the sums take no more than their part of the store: where
 * every transaction has a server or a process of its own they are as many as transactions. */
static int first_by_size(struct duck_conn *c, int64_t *first)
{
    int64_t rows, most = (int64_t)(c->duck->options.max_bytes / SIZE_PART / ROW_BYTES);
    int r = duck_query_i64(c, "SELECT count(*) FROM rollup", 0, &rows);
    *first = 0;
    if (r || !most || rows <= most)
        return r;
    r = duck_ask_number(c, "SELECT minute + 1 FROM rollup ORDER BY minute LIMIT 1 OFFSET ",
                        rows - most, first);
    return r;
}

static int rollup_retain(void *state, struct duck_conn *writer, int64_t now_ns, int64_t oldest_ns)
{
    struct rollup *r = state;
    int64_t age_ns = writer->duck->options.rollup_age_ns;
    int64_t first = age_ns > 0 ? (now_ns - age_ns) / ROLLUP_MINUTE_NS : 0, by_size;
    int failed = first_by_size(writer, &by_size);
    if (failed)
        return failed;
    if (first < by_size)
        first = by_size;
    (void)oldest_ns;
    if (first <= atomic_load(&r->first) || first <= atomic_load(&r->oldest))
        return atomic_load(&r->oldest) ? 0 : find_oldest(r, writer);
    atomic_store(&r->first, first);
    failed = duck_run_number(writer, "DELETE FROM rollup WHERE minute < ", first);
    if (!failed)
        failed = write_state(writer, first, atomic_load(&r->until));
    return failed ? failed : find_oldest(r, writer);
}

static void rollup_close(void *state)
{
    struct rollup *r = state;
    table_done(&r->open);
    table_done(&r->batch);
    free(r);
}

const struct duck_side duck_rollup_side = {
    .open = rollup_open,
    .append = rollup_append,
    .appended = rollup_appended,
    .retain = rollup_retain,
    .close = rollup_close,
};

bool duck_rollup_minutes(const struct duck *d, int64_t *first, int64_t *until)
{
    struct rollup *r = duck_side_state(d, &duck_rollup_side);
    if (!r || r->failed)
        return false;
    *until = atomic_load(&r->until);
    *first = atomic_load(&r->first);
    return *first < *until;
}

int64_t duck_rollup_oldest_ns(const struct duck *d)
{
    struct rollup *r = duck_side_state(d, &duck_rollup_side);
    return r ? atomic_load(&r->oldest) * ROLLUP_MINUTE_NS : 0;
}
