/* SPDX-License-Identifier: Apache-2.0 */
/* What a command shows of its records: lines for a person, JSON lines, or only a summary. */
#pragma once

#include "agent/output.h"
#include "cli/summary.h"
#include "record/row.h"

#include <stdio.h>

enum report_format {
    REPORT_TABLE,
    REPORT_JSON,    /* one object a line */
    REPORT_SUMMARY, /* nothing but the summary at the end */
};

struct report;

/* Writes to standard output. NULL when memory runs out. */
struct report *report_new(enum report_format format, bool color_off);
void report_free(struct report *r);
/* record_sink; ctx is the report */
void report_record(void *ctx, struct record *record);
/* The same for what comes from an agent; `json` is the object it came as. */
void report_row(struct report *r, const struct row *row, const char *json, size_t len);
/* After a batch: shows what has gathered, and on a terminal the footer from time to time.
 * `lost` is how many transactions were lost so far. */
void report_batch(struct report *r, uint64_t lost);
/* The end: removes the footer and prints the summary with the caller's notes, to standard output
 * when the summary is what was asked for, else to standard error; no summary with JSON. Returns 0
 * or the errno of the first write that failed (EPIPE: the reader had enough). */
int report_end(struct report *r, const struct summary_note *notes, size_t note_count);
bool report_failed(const struct report *r);
uint64_t report_count(const struct report *r);
bool report_is_json(const struct report *r);
