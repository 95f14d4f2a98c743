/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of the running host: loads and attaches the BPF programs, reads their rings in time
 * order, and knows what was lost. Knows no DNS beyond the ports to select. */
#pragma once

#include "abi/ring.h"
#include "base/frame.h"

#include <stddef.h>

enum {
    TAP_PORTS_MAX = 16,
};

struct tap_live_options {
    uint16_t ports[TAP_PORTS_MAX]; /* none: 53 */
    uint32_t port_count;
    uint32_t ring_bytes; /* of each ring, power of two, >= a page; 0: 8 MiB in all */
    uint32_t sample;     /* 1 in so many transactions; 0 and 1: all */
    bool no_owner;       /* leave out cgroup hooks and iterators */
    bool no_repeats;     /* tests: every packet in full at every place */
    bool no_dynptr;      /* tests: do as on kernels without bpf_dynptr_from_skb in tracing */
};

struct tap_live;

/* 0, or negative errno with a sentence in err that names the remedy. -EPERM, -ENOTSUP and
 * -ENOENT mean that privileges or the kernel do not allow it (exit code 77). What is not essential
 * (cgroup v2 for process names) is left out and listed by tap_live_missing. */
int tap_live_open(struct tap_live **out, const struct tap_live_options *o, char *err,
                  size_t err_len);
/* The i-th thing that had to be left out, one sentence; NULL past the end. */
const char *tap_live_missing(const struct tap_live *t, size_t i);

/* Waits up to timeout_ms (less when a ring passes its wake-up threshold), then delivers what the
 * rings hold, merged by time. Returns the number of packets or negative errno (-EINTR: signal).
 * *safe_ns is set to the time up to which everything has been delivered: nothing older will come,
 * so it may drive ticks. */
int tap_live_poll(struct tap_live *t, int timeout_ms, frame_block_sink *sink, void *ctx,
                  int64_t *safe_ns);
/* When > 0: records were lost, the last of them at or before this time (ns since the epoch).
 * Cleared by the call. To be asked after each poll and before ticking. */
int64_t tap_live_take_loss(struct tap_live *t);
/* Stops taking in packets; what is in the rings can still be polled, and counters stay readable. */
void tap_live_detach(struct tap_live *t);
void tap_live_counters(const struct tap_live *t, struct ring_counters *sum);
void tap_live_close(struct tap_live *t);

/* Where what libbpf has to say goes, a line at a time, from the thread that uses the tap. To be
 * called before the tap is opened; without it there is nothing. */
typedef void tap_log_sink(bool warning, const char *line);
void tap_log_to(tap_log_sink *sink);

/* What `nameflow doctor` shows: each probe tries the thing itself. */
struct tap_probe {
    const char *name; /* "BPF ring buffer" */
    int status;       /* 0 works; negative errno; 1 works with restrictions */
    char detail[160]; /* what was found */
    char remedy[200]; /* what to do, "" when it works */
    bool essential;   /* without it there is no live capture */
};

/* Fills up to max probes and returns how many there are. */
size_t tap_probe_all(struct tap_probe *out, size_t max);
/* The cgroup v2 mount point; 0 or -ENOENT. */
int tap_cgroup2_mount(char *out, size_t out_len);
