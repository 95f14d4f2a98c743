/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and attaches the BPF programs. Everything hangs on file descriptors of this process, so
 * that the kernel removes it when the process ends, however it ends. */
#pragma once

#include "abi/ring.h"
#include "tap/live.h"

struct live_bpf;

enum {
    LIVE_RINGS_MAX = 16,
    LIVE_MISSING_MAX = 4,
};

struct live_bpf_sizes {
    uint32_t ring_count; /* power of two */
    uint32_t ring_bytes;
    uint32_t cpu_count; /* possible CPUs */
};

/* 0, or negative errno with a sentence in err; see tap_live_open. */
int live_bpf_open(struct live_bpf **out, const struct tap_live_options *o,
                  const struct live_bpf_sizes *sizes, char *err, size_t err_len);
const char *live_bpf_missing(const struct live_bpf *b, size_t i);
const int *live_bpf_rings(const struct live_bpf *b);
const struct ring_cpu *live_bpf_cpus(const struct live_bpf *b);
void live_bpf_detach(struct live_bpf *b);
void live_bpf_close(struct live_bpf *b);

/* libbpf's messages go nowhere but into this text, the latest warning since it was taken. */
void live_libbpf_quiet(void);
const char *live_libbpf_warning(void);

/* Why BPF programs were refused: fills err with a sentence that names the remedy, and returns the
 * negative errno to report. */
int live_explain(int error, const char *what, char *err, size_t err_len);
/* Which of the capabilities needed are missing, as words; "" when none. CAP_NET_ADMIN, which only
 * the cgroup hooks need, counts when `all`. */
void live_missing_capabilities(bool all, char *out, size_t out_len);
/* The running kernel as major * 1000 + minor. */
int live_kernel_version(void);
