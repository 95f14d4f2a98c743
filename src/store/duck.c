/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck.h"

#include "store/duck_dictionary.h"
#include "store/duck_rollup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- sides ---- */

static int sides_open(struct duck *d)
{
    for (size_t i = 0; i < DUCK_SIDES_MAX && duck_sides[i]; i++) {
        const struct duck_side *s = duck_sides[i];
        int r = s->open ? s->open(&d->writer, d->options.read_only, &d->side_states[i]) : 0;
        if (r)
            return r;
    }
    return 0;
}

static void sides_close(struct duck *d)
{
    for (size_t i = 0; i < DUCK_SIDES_MAX && duck_sides[i]; i++)
        if (duck_sides[i]->close && d->side_states[i])
            duck_sides[i]->close(d->side_states[i]);
}

static int sides_append(struct duck *d, const struct row *const *rows, size_t count)
{
    int r = 0;
    for (size_t i = 0; !r && i < DUCK_SIDES_MAX && duck_sides[i]; i++)
        if (duck_sides[i]->append)
            r = duck_sides[i]->append(d->side_states[i], &d->writer, rows, count);
    return r;
}

static void sides_appended(struct duck *d, bool committed)
{
    for (size_t i = 0; i < DUCK_SIDES_MAX && duck_sides[i]; i++)
        if (duck_sides[i]->appended)
            duck_sides[i]->appended(d->side_states[i], committed);
}

void *duck_side_state(const struct duck *d, const struct duck_side *side)
{
    for (size_t i = 0; i < DUCK_SIDES_MAX && duck_sides[i]; i++)
        if (duck_sides[i] == side)
            return d->side_states[i];
    return NULL;
}

/* ---- writing ---- */

int duck_count(struct duck *d)
{
    static const char *const asked[] = {
        "SELECT count(*) FROM " DUCK_ROWS_NAME,
        "SELECT max(seq) FROM " DUCK_ROWS_NAME,
        "SELECT min(\"time\") FROM " DUCK_ROWS_NAME,
        "SELECT max(\"time\") FROM " DUCK_ROWS_NAME,
    };
    int64_t told[4];
    for (size_t i = 0; i < 4; i++) {
        int r = duck_query_i64(&d->writer, asked[i], 0, &told[i]);
        if (r)
            return r;
    }
    atomic_store(&d->rows, (uint64_t)told[0]);
    d->open_group_rows = (uint64_t)told[0] % DUCK_ROW_GROUP;
    if ((uint64_t)told[1] > atomic_load(&d->last_seq))
        atomic_store(&d->last_seq, (uint64_t)told[1]);
    atomic_store(&d->oldest_ns, told[2]);
    atomic_store(&d->newest_ns, told[3]);
    return 0;
}

static int dictionaries_open(struct duck *d)
{
    int r = 0;
    for (int t = DUCK_ROWS + 1; !r && t < DUCK_TABLES; t++)
        r = duck_dictionary_open(d->dictionaries[t], &d->writer);
    return r;
}

static int open_engine(struct duck *d, bool first, char *err, size_t err_size)
{
    int r = duck_file_open(d, first, err, err_size);
    if (r)
        return r;
    d->writer.duck = d;
    atomic_store(&d->broken, false);
    atomic_store(&d->last_seq, 0);
    r = duck_schema(d, err, err_size);
    if (!r) {
        r = duck_count(d);
        if (!r)
            r = dictionaries_open(d);
        if (!r)
            r = sides_open(d);
        if (!r)
            r = duck_query(&d->writer, "SET lock_configuration = true", NULL);
        if (r)
            snprintf(err, err_size, "%s: %s", d->path, d->writer.error);
    }
    if (r)
        duck_file_close(d);
    return r;
}

int duck_repair(struct duck *d)
{
    char err[sizeof(d->writer.error)];
    if (d->database && !atomic_load(&d->broken))
        return 0;
    duck_pool_close(d);
    duck_file_close(d);
    int r = open_engine(d, false, err, sizeof(err));
    if (r)
        snprintf(d->writer.error, sizeof(d->writer.error), "%s", err);
    else
        atomic_fetch_add(&d->reopened, 1);
    duck_pool_open(d, r == 0);
    return r;
}

/* After a failure the engine may or may not have kept the rows: a batch is whole, so its last
 * number tells. */
static bool has_already(const struct duck *d, const struct row *const *rows, size_t count)
{
    return rows[count - 1]->seq && rows[count - 1]->seq <= atomic_load(&d->last_seq);
}

static void note_appended(struct duck *d, const struct row *const *rows, size_t count)
{
    int64_t oldest = atomic_load(&d->oldest_ns), newest = atomic_load(&d->newest_ns);
    for (size_t i = 0; i < count; i++) {
        if (!oldest || rows[i]->time_ns < oldest)
            oldest = rows[i]->time_ns;
        if (rows[i]->time_ns > newest)
            newest = rows[i]->time_ns;
    }
    atomic_store(&d->oldest_ns, oldest);
    atomic_store(&d->newest_ns, newest);
    atomic_store(&d->last_seq, rows[count - 1]->seq);
    atomic_fetch_add(&d->rows, count);
}

/* A checkpoint compresses the last row group as a whole, however often it did so before: only a
 * full one is worth it. It may fail, while a long question reads: then the next one does it. */
static void checkpoint_when_full(struct duck *d, size_t count)
{
    d->open_group_rows += count;
    if (d->open_group_rows < DUCK_ROW_GROUP)
        return;
    if (duck_query(&d->writer, "CHECKPOINT nameflow", NULL) == 0)
        d->open_group_rows %= DUCK_ROW_GROUP;
}

static int append(void *b, const struct row *const *rows, size_t count)
{
    struct duck *d = b;
    int r = duck_repair(d);
    if (r || !count || has_already(d, rows, count))
        return r;
    r = duck_query(&d->writer, "BEGIN", NULL);
    if (r)
        return r;
    r = duck_append_rows(&d->writer, rows, count);
    if (!r)
        r = sides_append(d, rows, count);
    if (!r)
        r = duck_query(&d->writer, "COMMIT", NULL);
    if (!r)
        note_appended(d, rows, count);
    else if (duck_lib.query(d->writer.handle, "ROLLBACK", NULL) == DuckDBError)
        atomic_store(&d->broken, true);
    for (int t = DUCK_ROWS + 1; r && t < DUCK_TABLES; t++)
        duck_dictionary_forget(d->dictionaries[t]);
    sides_appended(d, r == 0);
    if (!r)
        checkpoint_when_full(d, count);
    return r;
}

/* ---- one row, what there is ---- */

static int sink_one(struct duck_conn *c, duckdb_result *result, store_row_sink *sink, void *ctx)
{
    struct duck_reader reader;
    struct row row;
    duckdb_data_chunk chunk;
    int r = duck_fetch(c, result, &chunk);
    if (r || !chunk)
        return r ? r : -ENOENT;
    duck_reader_init(&reader);
    duck_reader_chunk(&reader, chunk);
    r = reader.count ? duck_reader_row(&reader, 0, &row) : -ENOENT;
    if (!r)
        sink(ctx, &row);
    duck_reader_done(&reader);
    duck_lib.destroy_data_chunk(&chunk);
    return r;
}

/* Numbers are made of digits here, so that the engine sees a constant and skips what cannot hold
 * it. */
static int one_row(void *b, uint64_t seq, store_row_sink *sink, void *ctx)
{
    struct duck_conn *c;
    duckdb_result result;
    struct buf sql = {0};
    int r = duck_borrow(b, NULL, &c);
    if (r)
        return r;
    buf_puts(&sql, "SELECT ");
    duck_put_columns(&sql);
    buf_puts(&sql, " FROM (SELECT * FROM " DUCK_ROWS_NAME " WHERE seq = ");
    buf_u64(&sql, seq);
    buf_putc(&sql, ')');
    duck_put_joins(&sql);
    r = sql.failed ? -ENOMEM : duck_query(c, buf_cstr(&sql), &result);
    if (!r) {
        r = sink_one(c, &result, sink, ctx);
        duck_lib.destroy_result(&result);
    }
    buf_done(&sql);
    duck_return(c);
    return r;
}

static void stats(void *b, struct store_stats *out)
{
    struct duck *d = b;
    out->rows = atomic_load(&d->rows);
    out->disk_bytes = duck_disk_bytes(d);
    out->oldest_ns = atomic_load(&d->oldest_ns);
    out->newest_ns = atomic_load(&d->newest_ns);
    out->reopened = atomic_load(&d->reopened);
    out->rollup_oldest_ns = duck_rollup_oldest_ns(d);
}

static const char *engine(const void *b)
{
    return ((const struct duck *)b)->engine;
}

static uint64_t last_seq(void *b)
{
    return atomic_load(&((struct duck *)b)->last_seq);
}

/* ---- life ---- */

static void duck_free(struct duck *d)
{
    for (int t = 0; t < DUCK_TABLES; t++)
        duck_dictionary_free(d->dictionaries[t]);
    free(d->folder);
    free(d->path);
    free(d->reserve_path);
    free(d);
}

static void close_engine(void *b)
{
    struct duck *d = b;
    duck_pool_done(d);
    sides_close(d);
    duck_file_close(d);
    duck_folder_close(d);
    duck_free(d);
}

static const struct store_backend backend = {
    .engine = engine,
    .append = append,
    .retain = duck_retain,
    .set_limits = duck_set_limits,
    .rows = duck_rows,
    .row = one_row,
    .groups = duck_groups,
    .stats = stats,
    .last_seq = last_seq,
    .close = close_engine,
};

enum {
    DICTIONARY_PART = 16, /* of the store's limit, before a dictionary begins anew */
};

static bool make_dictionaries(struct duck *d)
{
    uint64_t bytes = d->options.max_bytes / DICTIONARY_PART;
    for (int t = DUCK_ROWS + 1; t < DUCK_TABLES; t++) {
        d->dictionaries[t] = duck_dictionary_new(t, bytes ? bytes : UINT64_MAX);
        if (!d->dictionaries[t])
            return false;
    }
    return true;
}

static struct duck *duck_new(const struct store_options *o)
{
    struct duck *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->options = *o;
    if (!d->options.threads)
        d->options.threads = 2;
    if (!d->options.memory_bytes)
        d->options.memory_bytes = 128 << 20;
    d->lock_fd = -1;
    d->folder = strdup(o->folder);
    if (asprintf(&d->path, "%s/transactions.duckdb", o->folder) < 0)
        d->path = NULL;
    if (asprintf(&d->reserve_path, "%s/reserve", o->folder) < 0)
        d->reserve_path = NULL;
    if (!make_dictionaries(d) || !d->folder || !d->path || !d->reserve_path) {
        duck_free(d);
        return NULL;
    }
    d->options.folder = d->folder;
    snprintf(d->engine, sizeof(d->engine), "DuckDB %s", duck_lib.library_version() + 1);
    return d;
}

int store_duck_open(void **out, const struct store_backend **ops, const struct store_options *o,
                    char *err, size_t err_size)
{
    int r = duck_lib_load(err, err_size);
    if (r)
        return r;
    struct duck *d = duck_new(o);
    if (!d) {
        snprintf(err, err_size, "no memory");
        return -ENOMEM;
    }
    r = duck_pool_init(d);
    if (!r)
        r = duck_folder_open(d, err, err_size);
    if (!r)
        r = open_engine(d, true, err, err_size);
    if (r) {
        close_engine(d);
        return r;
    }
    duck_pool_open(d, true);
    *out = d;
    *ops = &backend;
    return 0;
}
