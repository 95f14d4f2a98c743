/* SPDX-License-Identifier: Apache-2.0 */
/* Watching this host: the live tap and the pipeline behind it, and what was lost on the way. What
 * the commands that watch have in common. */
#pragma once

#include "agent/pipeline.h"
#include "tap/live.h"

struct watch_options {
    struct tap_live_options tap;
    struct txn_limits txn;
    const struct filter *filter; /* NULL: everything; stays the caller's */
    bool no_enrich;              /* nobody looks at the processes of the records */
};

struct watch;

/* Attaches. 0, or negative errno with a sentence in err; watch_exit_code tells what a command then
 * ends with. */
int watch_open(struct watch **out, const struct watch_options *o, record_sink *sink, void *ctx,
               char *err, size_t err_len);
int watch_exit_code(int error);
/* The i-th thing that had to be left out, one sentence; NULL past the end. */
const char *watch_missing(const struct watch *w, size_t i);

/* Waits up to timeout_ms and takes in what the rings hold. Returns the number of packets, or
 * negative errno; a signal is no error. */
int watch_take_in(struct watch *w, int timeout_ms);
/* The end: detaches, takes in what is still there, and ends every open transaction. */
void watch_drain(struct watch *w);
void watch_close(struct watch *w);

void watch_counters(const struct watch *w, struct ring_counters *sum);
struct pipeline_stats watch_pipeline_stats(const struct watch *w);
const struct enrich_stats *watch_enrich_stats(const struct watch *w);
/* Transactions whose every record was lost: the kernel counted their queries, which stays right
 * when a ring overflows, and no record of them arrived. */
uint64_t watch_lost(const struct watch *w);
