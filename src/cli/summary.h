/* SPDX-License-Identifier: Apache-2.0 */
/* What many records come to: counts, latency, the most frequent names, clients and servers. Memory
 * is fixed (about 4 MiB), whatever the records hold. */
#pragma once

#include "record/row.h"

struct summary;

/* NULL when memory runs out. */
struct summary *summary_new(void);
void summary_free(struct summary *s);
void summary_push(struct summary *s, struct record *r);
void summary_push_row(struct summary *s, const struct row *r);

struct summary_figures {
    uint64_t transactions;
    uint64_t errors; /* any outcome but answered, and SERVFAIL, REFUSED, FORMERR, ... */
    uint64_t timeouts;
    int64_t p50_ns, p99_ns; /* -1: no latency yet */
};
struct summary_figures summary_figures(const struct summary *s);

/* A line of the caller's at the end, such as what was lost; left out when the count is 0 and
 * `always` is not set. */
struct summary_note {
    const char *label;
    uint64_t count;
    bool always;
};

struct summary_style {
    unsigned width; /* columns; 0: 100 */
    bool color;
    unsigned top; /* lines of each "top" table; 0: 10 */
};

void summary_print(const struct summary *s, const struct summary_note *notes, size_t note_count,
                   const struct summary_style *style, struct buf *out);
