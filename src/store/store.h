/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps transactions and answers questions about them.
 *
 * One writer thread stands behind a bounded queue: store_push never blocks the taps, and what does
 * not fit is counted. Queries run in the thread that asks, several at once, and never stall the
 * writer. All functions may be called from any thread but store_close. */
#pragma once

#include "store/query.h"

struct store;

enum store_kind {
    STORE_DUCKDB, /* a folder with a DuckDB file */
    STORE_MEMORY, /* the newest transactions, gone at the end */
};

struct store_options {
    enum store_kind kind;
    const char *folder;    /* DUCKDB: made when missing, 0700 */
    bool read_only;        /* DUCKDB: neither writer nor retention; no agent may have it open */
    uint64_t max_bytes;    /* on disk; 0: 2 GiB. MEMORY: of memory; 0: 64 MiB */
    int64_t max_age_ns;    /* 0: 7 days */
    int64_t rollup_age_ns; /* 0: 90 days */
    uint32_t queue_rows;   /* 0: 262144 */
    uint64_t queue_bytes;  /* 0: 64 MiB */
    unsigned threads;      /* of the engine; 0: 2 */
    uint64_t memory_bytes; /* of the engine; 0: 128 MiB */
    /* Told once when something happens that a person should know: the file was corrupt and set
     * aside, the disk is full, it has room again. From the writer's thread. */
    void (*notice)(void *ctx, const char *text);
    void *notice_ctx;
};

/* How much is kept; 0: as it is. */
struct store_limits {
    uint64_t max_bytes; /* DUCKDB only */
    int64_t max_age_ns, rollup_age_ns;
};

struct store_stats {
    uint64_t pushed, written; /* transactions */
    uint64_t dropped_queue;   /* the queue was full */
    uint64_t dropped_failed;  /* could not be written: disk full, engine refused */
    uint64_t dropped_memory;
    uint64_t expired_age, expired_size; /* transactions deleted by retention */
    uint64_t queued, queued_bytes;      /* now */
    uint64_t commits, commit_ns_total, commit_ns_max;
    uint64_t queries, queries_failed, query_ns_total;
    uint64_t rows; /* in the store now */
    uint64_t disk_bytes;
    int64_t oldest_ns, newest_ns; /* of the transactions kept; 0: none */
    int64_t rollup_oldest_ns;
    uint64_t reopened; /* times the engine had to be opened anew */
    bool failing;      /* the last write did not succeed */
};

/* 0 or negative errno with one sentence in err: -ENOENT no such folder (read_only), -ELIBACC the
 * engine's library is missing or of another version, -EPROTO a store of a newer version, -EBUSY
 * another process has it open, ... */
int store_open(struct store **out, const struct store_options *o, char *err, size_t err_size);
/* Writes what is queued, at most `wait_ns` long, and ends. */
void store_close(struct store *s, int64_t wait_ns);

/* From now on; what is too much or too old goes soon after. */
void store_set_limits(struct store *s, const struct store_limits *limits);

/* Copies the record into the queue. False when it had to be dropped (and counted). */
bool store_push(struct store *s, struct record *r);
/* For imports: waits for room instead of dropping. 0, or negative errno when writing fails. */
int store_push_row(struct store *s, const struct row *r);
/* Returns when all that was pushed before is written and can be asked for; -EIO when it could not
 * be. */
int store_flush(struct store *s);

/* 0 or negative errno: -ECANCELED, -ETIMEDOUT, -EINVAL (a field that cannot be ordered or grouped
 * by, more steps than STORE_STEPS_MAX), -E2BIG (cost limit), -EIO. One sentence in err.
 * *next: where the following page starts; not valid when there is none. */
int store_rows(struct store *s, const struct store_rows_query *q, struct store_control *control,
               store_row_sink *sink, void *ctx, struct store_page *next, char *err,
               size_t err_size);
/* -ENOENT when there is none (any more). */
int store_row(struct store *s, uint64_t seq, store_row_sink *sink, void *ctx, char *err,
              size_t err_size);
/* *out is the caller's, store_groups_free ends it. */
int store_groups(struct store *s, const struct store_groups_query *q, struct store_control *control,
                 struct store_groups **out, char *err, size_t err_size);

/* Pages as the API hands them out. */
void store_page_to_text(const struct store_page *p, struct buf *out);
bool store_page_from_text(struct store_page *p, const char *text, size_t len);

struct store_stats store_stats(struct store *s);
/* "DuckDB 1.5.0", "memory" */
const char *store_engine(const struct store *s);
