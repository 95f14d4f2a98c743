/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: the DuckDB engine. What writes, opens and deletes is in duck.c,
 * duck_file.c and duck_retain.c; connections in duck_pool.c and duck_help.c; rows to and from
 * vectors in duck_columns.c and duck_reader.c; questions in duck_query.c. */
#pragma once

#include "store/backend.h"
#include "store/duck_lib.h"

#include <pthread.h>

/* ---- connections (duck_pool.c) ---- */

struct duck;

/* Borrowed for one question, by one thread. */
struct duck_conn {
    duckdb_connection handle;
    struct duck *duck;
    char error[256]; /* of the last call that failed */
    /* Private to duck_pool.c. */
    const struct store_control *control;
    _Atomic int stopped; /* -ECANCELED or -ETIMEDOUT when the watcher interrupted */
    struct duck_conn *next;
};

/* Until it is returned the control (NULL: none) is watched: what runs on the connection is
 * interrupted when it says so, and the progress is handed on. Waits while the engine is opened
 * anew. 0, -EIO, -ENOMEM, or what the control says already. */
int duck_borrow(struct duck *d, const struct store_control *control, struct duck_conn **out);
void duck_return(struct duck_conn *c); /* NULL is fine */

/* 0 or negative errno: -ECANCELED, -ETIMEDOUT, -ENOSPC, -ENOMEM (over the memory limit), -EIO.
 * What the engine said is in c->error. SQL is made of constants only: values are bound. */
int duck_prepare(struct duck_conn *c, const char *sql, duckdb_prepared_statement *out);
int duck_execute(struct duck_conn *c, duckdb_prepared_statement statement, duckdb_result *out);
/* Like duck_execute, but the result is made while its chunks are fetched. */
int duck_stream(struct duck_conn *c, duckdb_prepared_statement statement, duckdb_result *out);
/* *out: the next chunk, NULL after the last one; destroy_data_chunk ends it. */
int duck_fetch(struct duck_conn *c, duckdb_result *result, duckdb_data_chunk *out);
/* Without values. out NULL: the result does not matter. */
int duck_query(struct duck_conn *c, const char *sql, duckdb_result *out);
/* Keeps what the engine said (NULL: nothing) in c->error; the errno for it. */
int duck_failed(struct duck_conn *c, const char *text);
/* The first column of the first row, of a BIGINT or UBIGINT; `otherwise` when it is NULL. */
int duck_query_i64(struct duck_conn *c, const char *sql, int64_t otherwise, int64_t *out);

/* ---- rows (duck_columns.c) ---- */

/* A transaction is a row of the table `transaction_rows`. What many have in common they refer to by
 * `origin_id`, `extra_id` and `answer_set_id`, never NULL: entries of the dictionaries `origins`
 * (where they were seen and whose they are) `extras` (what most of them lack) and `answer_sets`. So
 * the rows are narrow, without lists in the common case. The view `transactions` puts all together
 * for people.
 *
 * Each field that has one value has a column of its name in one of the three. Absent values are
 * NULL.
 *
 *   time                    BIGINT, ns since the epoch
 *   codes                   outcome, protocol, transport UTINYINT; opcode UTINYINT; rcode, qtype,
 *                           qclass USMALLINT: as in struct row
 *   flags, marks            bits as in struct row; 0, not NULL, when there are none
 *   client, server          VARCHAR, canonical text
 *   answers                 of the answer set: LIST(STRUCT(name, type, data)); NULL when empty. The
 *                           name is NULL when it is the name that was asked for, as it was sent
 *                           (qname_wire, else qname), and "" when there is none
 *   ttls                    UINTEGER[], of each answer; NULL when all are min_ttl
 *   edns                    STRUCT(version, udp_size, do, ecs, nsid, cookie, keepalive, padding,
 *                           ede LIST(STRUCT(code, extra)))
 *   path                    of the origin: LIST(STRUCT(interface, netns)), the hops; NULL when
 *                           there are none
 *   lag                     INTEGER, of two hops: how much latency_us is greater than the second
 *                           one's; NULL when that is absent. The first one has latency_us then
 *   hop_latencies           BIGINT[], of each hop, when they are not as `lag` says; else NULL
 */
#define DUCK_ROWS_NAME "transaction_rows"

enum duck_table {
    DUCK_ROWS,
    DUCK_ORIGINS,
    DUCK_EXTRAS,
    DUCK_ANSWER_SETS,
    DUCK_TABLES,
};

const char *duck_table_name(enum duck_table which);
/* The column that has an entry's number; NULL: of DUCK_ROWS. */
const char *duck_table_id(enum duck_table which);

/* The columns that a duck_reader reads, in its order, of all tables joined: for the list after
 * SELECT. */
void duck_put_columns(struct buf *out);
/* " JOIN ..." of all dictionaries to the rows. */
void duck_put_joins(struct buf *out);
/* CREATE TABLE ... */
void duck_put_schema(struct buf *out);

enum {
    DUCK_COLUMNS_MAX = 64,
};

struct duck_place {
    void *data;
    uint64_t *validity;
};

/* Makes rows of a chunk. Texts point into the chunk, lists into the reader. */
struct duck_reader {
    size_t count; /* rows of the chunk */
    /* The rest is private. */
    struct duck_place columns[DUCK_COLUMNS_MAX], answers[3], path[2], edns[9], ede[2];
    struct duck_place ttls, ttl, lag, hop_latencies, hop_latency;
    struct arena arena;
};

void duck_reader_init(struct duck_reader *r);
void duck_reader_done(struct duck_reader *r);
/* The chunk stays the caller's and must live as long as its rows. */
void duck_reader_chunk(struct duck_reader *r, duckdb_data_chunk chunk);
/* i < r->count. The row lives until the next call. 0, -ENOMEM, or -EINVAL when an address is none.
 */
int duck_reader_row(struct duck_reader *r, size_t i, struct row *out);

/* Appends rows and what they refer to within the transaction of the connection. */
int duck_append_rows(struct duck_conn *c, const struct row *const *rows, size_t count);
/* Entries of a dictionary: what the rows have of it, under these numbers. */
int duck_append_entries(struct duck_conn *c, enum duck_table which, const struct row *const *rows,
                        const int64_t *ids, size_t count);
/* What the row has of the dictionary as bytes, for comparison: equal if and only if the entries
 * would be. */
void duck_put_content(struct buf *out, enum duck_table which, const struct row *row);

/* For tables beside it: text as a vector's element; longer ones are pointed to, not copied, so
 * they must live until the chunk has been appended. */
static inline duckdb_string_t duck_text(struct row_text t)
{
    duckdb_string_t s = {0};
    s.value.inlined.length = t.len;
    if (t.len <= sizeof(s.value.inlined.inlined)) {
        if (t.len)
            memcpy(s.value.inlined.inlined, t.text, t.len);
    } else {
        memcpy(s.value.pointer.prefix, t.text, sizeof(s.value.pointer.prefix));
        s.value.pointer.ptr = (char *)t.text;
    }
    return s;
}

static inline struct row_text duck_text_at(duckdb_string_t *s)
{
    uint32_t len = s->value.inlined.length;
    return (struct row_text){len <= sizeof(s->value.inlined.inlined) ? s->value.inlined.inlined
                                                                     : s->value.pointer.ptr,
                             len};
}

static inline bool duck_valid(const uint64_t *validity, size_t i)
{
    return !validity || (validity[i / 64] >> (i % 64) & 1);
}

/* ---- what is kept beside the transactions ---- */

/* Tables that are written along with the transactions, such as rollups. Each function runs in the
 * writer's thread, may be NULL, and returns 0 or a negative errno. `state` is what open made. */
struct duck_side {
    /* After the schema is there, also when the engine was opened anew (*state is then that of
     * before). In no transaction. */
    int (*open)(struct duck_conn *writer, bool read_only, void **state);
    /* In the transaction of the rows, after them. */
    int (*append)(void *state, struct duck_conn *writer, const struct row *const *rows,
                  size_t count);
    /* How that transaction ended. */
    void (*appended)(void *state, bool committed);
    /* About once a minute, in no transaction; transactions before oldest_ns are gone. */
    int (*retain)(void *state, struct duck_conn *writer, int64_t now_ns, int64_t oldest_ns);
    void (*close)(void *state);
};

/* Ends with NULL. In duck_query.c. */
extern const struct duck_side *const duck_sides[];
enum {
    DUCK_SIDES_MAX = 4,
    DUCK_HELPERS_MAX = 15,
};

/* ---- the engine ---- */

/* Rows are compressed when a group of them is full. With the engine's own 122,880 the log would be
 * twice as long, and opening after a crash take twice as long. */
#define DUCK_ROW_GROUP 61440
/* For each new connection: the tables are those of the attached file. */
#define DUCK_USE "USE nameflow"

/* The engine's own worker threads double what it costs to write: whoever waits for one of them
 * spins. So it has none, and threads of ours work for it as long as a question is asked. */
struct duck_task;

struct duck_helpers {
    pthread_t threads[DUCK_HELPERS_MAX];
    unsigned count;
    unsigned working;
    struct duck_task *task; /* what they work on now; NULL: nothing */
};

struct duck_pool {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a connection came back, or is to be watched; the engine was opened */
    struct duck_conn *idle, *borrowed;
    bool closed; /* the engine is being opened: wait */
    bool down;   /* it cannot be opened: do not wait */
    bool ending;
    bool watching; /* the thread runs */
    pthread_t watcher;
    struct duck_helpers helpers;
};

struct duck {
    struct store_options options; /* the defaults filled in */
    char *folder, *path, *reserve_path;
    int lock_fd;
    duckdb_database database; /* NULL: has to be opened anew */
    char engine[40];
    struct duck_conn writer; /* of the writer's thread */
    struct duck_pool pool;
    struct duck_dictionary *dictionaries[DUCK_TABLES]; /* NULL: of DUCK_ROWS */
    void *side_states[DUCK_SIDES_MAX];
    atomic_bool broken;       /* the engine invalidated its handle */
    uint64_t open_group_rows; /* in the last row group: they are compressed when it is full */
    /* What stats tell. */
    atomic_uint_least64_t rows, last_seq, reopened;
    atomic_int_least64_t oldest_ns, newest_ns;
};

/* duck_help.c; with the pool's lock held but for the first and last. */
int duck_helpers_init(struct duck *d); /* as many as the options say, but for who asks */
void duck_helpers_begin(struct duck *d);
void duck_helpers_end(struct duck *d);
void duck_helpers_done(struct duck *d); /* the pool is ending */

int duck_pool_init(struct duck *d);
/* Interrupts what runs, waits until all came back and closes them; who borrows waits until
 * duck_pool_open tells whether the engine works. */
void duck_pool_close(struct duck *d);
void duck_pool_open(struct duck *d, bool works);
void duck_pool_done(struct duck *d);

/* For the writer's thread: opens the engine anew when it is broken. 0 or negative errno. */
int duck_repair(struct duck *d);
/* Reads what stats tell from the table. */
int duck_count(struct duck *d);
uint64_t duck_disk_bytes(const struct duck *d);

/* duck_file.c: the folder and the engine's file. */
int duck_folder_open(struct duck *d, char *err, size_t err_size);
void duck_folder_close(struct duck *d);
/* Opens the file; if allowed sets it aside when it is corrupt. Fills database and writer. */
int duck_file_open(struct duck *d, bool may_set_aside, char *err, size_t err_size);
void duck_file_close(struct duck *d);
/* Makes the tables or brings them to this version. */
int duck_schema(struct duck *d, char *err, size_t err_size);

void duck_set_limits(void *b, const struct store_limits *limits);
int duck_retain(void *b, int64_t now_ns, bool urgent, uint64_t *by_age, uint64_t *by_size);

/* The state of a side, for questions; they come from other threads. NULL: it is not there. */
void *duck_side_state(const struct duck *d, const struct duck_side *side);

/* ---- questions: see backend.h ---- */

/* The functions of sql.h, for all connections of the engine. */
int duck_define_functions(struct duck_conn *c);

int duck_rows(void *b, const struct store_rows_query *q, struct store_control *control,
              store_row_sink *sink, void *ctx);
int duck_groups(void *b, const struct store_groups_query *q, struct store_control *control,
                store_part_sink *sink, void *ctx, const char **source, bool *approximate);
