/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: what an engine does. The front (store.c) owns the queue, the writer's
 * thread, pages and the putting together of groups (groups.c); an engine writes batches, finds
 * transactions in order, and adds up parts. */
#pragma once

#include "store/store.h"

/* A part of a group's figures. Parts with equal keys and steps are added up by groups.c, so an
 * engine may hand on a group in as many parts as it likes (one per file, rollup and bucket). */
struct store_part {
    struct row_text key[STORE_KEYS_MAX]; /* NULL: absent */
    int64_t step;                        /* index of the step; 0 without */
    uint64_t transactions, errors, unanswered, with_latency;
    double latency_sum_us;
    int64_t latency_min_us, latency_max_us; /* when with_latency */
    /* Latencies by bucket (store/buckets.h), when percentiles or buckets are asked for. */
    const struct store_bucket_count {
        uint16_t bucket;
        uint32_t count;
    } * buckets;
    size_t bucket_count;
    const struct row_text *names; /* distinct qname, when METRIC_NAMES is asked for */
    size_t name_count;
    /* The sum of groups that will not be listed, `groups` of which could be but for the limit; the
     * key means nothing. For engines that find the groups to list themselves. */
    bool rest;
    uint64_t groups;
    bool whole; /* nothing more of this group comes: it need not be kept when others come first */
};

typedef int store_part_sink(void *ctx, const struct store_part *part); /* 0 or negative errno */

struct store_backend {
    const char *(*engine)(const void *b);
    /* One commit. Rows have their seq. All or none. -ENOSPC: the disk is full. */
    int (*append)(void *b, const struct row *const *rows, size_t count);
    /* Deletes what is older than the limits say; called about once a minute and after -ENOSPC
     * (then `urgent`). Fills the counts of what went. */
    int (*retain)(void *b, int64_t now_ns, bool urgent, uint64_t *by_age, uint64_t *by_size);
    int (*rows)(void *b, const struct store_rows_query *q, struct store_control *control,
                store_row_sink *sink, void *ctx);
    int (*row)(void *b, uint64_t seq, store_row_sink *sink, void *ctx);
    int (*groups)(void *b, const struct store_groups_query *q, struct store_control *control,
                  store_part_sink *sink, void *ctx, const char **source, bool *approximate);
    /* From the thread that appends and retains. */
    void (*set_limits)(void *b, const struct store_limits *limits);
    /* rows, disk_bytes, oldest_ns, newest_ns, rollup_oldest_ns, reopened only. */
    void (*stats)(void *b, struct store_stats *out);
    uint64_t (*last_seq)(void *b);
    void (*close)(void *b);
};

int store_duck_open(void **out, const struct store_backend **ops, const struct store_options *o,
                    char *err, size_t err_size);
int store_memory_open(void **out, const struct store_backend **ops, const struct store_options *o,
                      char *err, size_t err_size);
