/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands' arguments have in common. */
#pragma once

#include "base/clock.h"
#include "cli/options.h"
#include "filter/filter.h"
#include "tap/live.h"

/* Options that several commands have. */
#define ARGS_PORT(numbers)                                                                         \
    {                                                                                              \
        .name = "port", .letter = 'p', .type = OPTION_NUMBERS, .value_name = "LIST",               \
        .value = &(numbers), .min = 1, .max = 65535, .max_items = TAP_PORTS_MAX,                   \
        .example = "53,5353", .help = "the ports that carry DNS (default 53)"                      \
    }
#define ARGS_TIMEOUT(ns)                                                                           \
    {                                                                                              \
        .name = "timeout", .type = OPTION_DURATION, .value_name = "DURATION", .value = &(ns),      \
        .min = NS_PER_MS, .max = 3600 * NS_PER_SEC, .example = "5s",                               \
        .help = "how long a query may wait for its answer (default 5s)"                            \
    }
#define ARGS_NO_COLOR(flag)                                                                        \
    {                                                                                              \
        .name = "no-color", .type = OPTION_FLAG, .value = &(flag),                                 \
        .help = "no colours, even on a terminal (so does NO_COLOR in the environment)"             \
    }

/* Parses; returns -1 to go on (other arguments from argv[*first]), else the exit code, with help or
 * error printed. */
int args_parse(const struct command_spec *spec, int argc, char **argv, int *first);

/* The arguments from argv[first] on, joined by spaces. */
void args_join(int argc, char **argv, int first, struct buf *out);
/* The same text as a filter; *out is NULL when there are
 * none. -1 to go on, else the exit code with the error printed. */
int args_filter(int argc, char **argv, int first, struct filter **out);

/* What ARGS_PORT took, into an array of TAP_PORTS_MAX. */
void args_ports(const struct option_numbers *numbers, uint16_t *ports, uint32_t *count);

/* Errors of a command line: the message, then where help is. Returns EXIT_USAGE. */
int args_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
