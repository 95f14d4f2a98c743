/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands' arguments have in common. */
#pragma once

#include "cli/options.h"
#include "filter/filter.h"
#include "tap/live.h"

/* Parses; returns -1 to go on (other arguments from argv[*first]), else the exit code, with help or
 * error printed. */
int args_parse(const struct command_spec *spec, int argc, char **argv, int *first);

/* The arguments from argv[first] on, joined by spaces, as a filter; *out is NULL when there are
 * none. -1 to go on, else the exit code with the error printed. */
int args_filter(int argc, char **argv, int first, struct filter **out);

/* At most TAP_PORTS_MAX ports; -1 to go on, else the exit code with the error printed. */
int args_ports(const struct option_numbers *numbers, uint16_t *ports, uint32_t *count);

/* Errors of a command line: the message, then where help is. Returns EXIT_USAGE. */
int args_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
