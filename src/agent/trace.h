/* SPDX-License-Identifier: Apache-2.0 */
/* The live trace: taps and pipeline in one loop, shared by the commands that show it. */
#pragma once

#include "agent/pipeline.h"
#include "agent/report.h"
#include "tap/live.h"

struct trace_settings {
    struct tap_live_options tap;
    struct txn_limits txn;
    const struct filter *filter; /* NULL: everything */
    const char *filter_text;     /* the same, for an agent; NULL: everything */
    const char *agent_socket;    /* where there may be an agent; NULL: there is none */
    enum report_format format;
    bool color_off;
    uint64_t count;      /* end after so many records; 0: never */
    int64_t duration_ns; /* end after so long; 0: never */
    /* For the demo; may be NULL. `ready` is called once when everything is attached, `check` a few
     * times a second: a negative errno from it, with a sentence in err, ends the trace. */
    void (*ready)(void *ctx);
    int (*check)(void *ctx, char *err, size_t err_len);
    void *ctx;
};

/* Runs until the count, the duration, SIGINT, SIGTERM or SIGHUP. Returns the exit code. */
int trace_run(const struct trace_settings *settings);
