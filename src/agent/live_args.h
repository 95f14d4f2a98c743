/* SPDX-License-Identifier: Apache-2.0 */
/* The options that trace and demo share. */
#pragma once

#include "agent/trace.h"
#include "cli/options.h"

struct live_arguments {
    bool json, quiet, no_color;
    uint64_t count, ring_bytes, sample;
    int64_t duration_ns, timeout_ns;
    struct option_numbers ports;
    const char *socket; /* of an agent; only with live_args_parse(.., true, ..) */
    struct filter *filter;
    struct buf filter_text;
};

/* Parses into *a and *s, which then refers to *a. `may_ask`: what is to be seen may come from an
 * agent. -1 to go on, else the exit code. */
int live_args_parse(struct live_arguments *a, struct trace_settings *s, bool may_ask,
                    const struct command_spec *command, int argc, char **argv);
void live_args_done(struct live_arguments *a);
