/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: the bounded queue, and the thread that writes what is in it. */
#pragma once

#include "store/backend.h"

struct writer;

/* Starts the thread. The engine must outlive the writer. 0 or negative errno. */
int writer_new(struct writer **out, void *backend, const struct store_backend *ops,
               const struct store_options *o);
/* Writes what is queued, at most so long, and ends the thread. */
void writer_free(struct writer *w, int64_t wait_ns);

/* Whether a row would be taken now; counts it as dropped when not. */
bool writer_has_room(struct writer *w);
/* The copy (row_copy) becomes the writer's. False: there is no room, and it was freed and counted.
 * With `wait` instead of that: waits for room; false when writing fails meanwhile. */
bool writer_push(struct writer *w, struct row *copy, size_t bytes, bool wait);
/* 0, or -EIO when something pushed before could not be written. */
int writer_flush(struct writer *w);
/* Limits for the engine, and a look at once whether something must go. */
void writer_set_limits(struct writer *w, const struct store_limits *limits);
/* A row was lost before it came here: no memory. */
void writer_count_no_memory(struct writer *w);
/* What stats know of writing. */
void writer_stats(struct writer *w, struct store_stats *out);
