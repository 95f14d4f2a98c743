/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the BPF ring buffers, merged by time. */
#pragma once

#include "abi/ring.h"
#include "base/frame.h"

#include <stdbool.h>
#include <stddef.h>

struct live_ring;
struct live_merge;

/* `fds` are BPF ring buffer maps of `ring_bytes` each; `cpus` is the mapped array of `cpu_count`
 * slots, which outlives the merge. 0 or negative errno. */
int live_merge_new(struct live_merge **out, const int *fds, size_t count, uint32_t ring_bytes,
                   const struct ring_cpu *cpus, size_t cpu_count);
void live_merge_free(struct live_merge *m);

/* Delivers every record that is in a ring and not younger than the moment that *safe_ns tells
 * (epoch); younger ones stay for the next call. Nothing older comes later: the call waits for
 * programs that have taken their time but not yet submitted. When one does not get ready within
 * microseconds (its virtual CPU does not run), nothing is delivered and *safe_ns stays as it was;
 * live_merge_retry then tells to ask again soon. Returns the number of packets delivered. */
int live_merge_read(struct live_merge *m, int64_t offset_ns, frame_block_sink *sink, void *ctx,
                    int64_t *safe_ns);
bool live_merge_retry(const struct live_merge *m);
/* Records that were not understood: of another version, or with impossible lengths. */
uint64_t live_merge_bad(const struct live_merge *m);
