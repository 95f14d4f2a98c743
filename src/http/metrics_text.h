/* SPDX-License-Identifier: Apache-2.0 */
/* The text formats of metrics: Prometheus 0.0.4 and OpenMetrics 1.0. */
#pragma once

#include "base/buf.h"

enum text_kind {
    TEXT_COUNTER,
    TEXT_GAUGE,
    TEXT_HISTOGRAM,
};

struct metrics_text {
    struct buf *out;
    bool open_metrics;
    const char *name; /* of the family that is being written, without _total */
    enum text_kind kind;
    const char *suffix; /* of the sample that is being written; NULL: none */
    bool labelled;
};

/* Samples follow, each text_sample, text_label..., and a value. Counters' names are given without
 * their _total. */
void text_family(struct metrics_text *t, enum text_kind kind, const char *name, const char *help);
void text_sample(struct metrics_text *t, const char *suffix); /* "_bucket"; NULL: the plain one */
void text_label(struct metrics_text *t, const char *name, const char *value);
void text_u64(struct metrics_text *t, uint64_t value);
void text_ns(struct metrics_text *t, uint64_t ns); /* in seconds */
void text_seconds(struct metrics_text *t, double seconds);
/* A family of one sample without labels. */
void text_single(struct metrics_text *t, enum text_kind kind, const char *name, const char *help,
                 uint64_t value);
void text_end(struct metrics_text *t);
