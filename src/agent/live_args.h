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
    struct filter *filter;
};

/* Parses into *a and *s, which then refers to *a. -1 to go on, else the exit code. */
int live_args_parse(struct live_arguments *a, struct trace_settings *s,
                    const struct command_spec *command, int argc, char **argv);
void live_args_done(struct live_arguments *a);
