/* SPDX-License-Identifier: Apache-2.0 */
/* The agent: watches this host, keeps its transactions, and answers questions about them.
 *
 * The main thread reads the rings and runs the pipeline. What it hands on (store, live readers,
 * metrics) never makes it wait: the store has its writer behind a queue, the API its own threads.
 */
#pragma once

#include "agent/config.h"

struct serve_settings {
    const struct config *config;
    /* Reads the configuration anew, for SIGHUP. As config_load; config_done ends what it gives. */
    int (*reload)(void *ctx, struct config *out, struct buf *text);
    void *ctx;
};

/* Runs until SIGINT or SIGTERM. Returns the exit code. */
int serve_run(const struct serve_settings *settings);
