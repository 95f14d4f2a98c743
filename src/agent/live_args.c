/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/live_args.h"
#include "agent/args.h"
#include "agent/commands.h"
#include "base/clock.h"
#include "cli/client.h"

#include <string.h>

/* How the last of the options is there for `trace` only. */
static int parse(struct live_arguments *a, bool may_ask, const struct command_spec *command,
                 int argc, char **argv, int *first)
{
    const struct option_spec options[] = {
        {.name = "json",
         .type = OPTION_FLAG,
         .value = &a->json,
         .help = "one JSON object a line; the totals at the end go to standard error"},
        {.name = "quiet",
         .letter = 'q',
         .type = OPTION_FLAG,
         .value = &a->quiet,
         .help = "no lines, only the summary at the end"},
        {.name = "count",
         .letter = 'n',
         .type = OPTION_NUMBER,
         .value_name = "N",
         .value = &a->count,
         .min = 1,
         .max = INT64_MAX,
         .help = "end after N transactions"},
        {.name = "for",
         .type = OPTION_DURATION,
         .value_name = "DURATION",
         .value = &a->duration_ns,
         .min = NS_PER_MS,
         .max = 366 * 86400 * NS_PER_SEC,
         .example = "30s",
         .help = "end after this time"},
        ARGS_PORT(a->ports),
        ARGS_TIMEOUT(a->timeout_ns),
        {.name = "sample",
         .type = OPTION_NUMBER,
         .value_name = "N",
         .value = &a->sample,
         .min = 1,
         .max = 1000000,
         .example = "10",
         .help = "one in N transactions: both halves or neither (default all)"},
        {.name = "ring-bytes",
         .type = OPTION_SIZE,
         .value_name = "SIZE",
         .value = &a->ring_bytes,
         .min = 4096,
         .max = 1 << 30,
         .power_of_two = true,
         .example = "16MiB",
         .help = "size of each ring buffer, a power of two (default 8MiB in all)"},
        ARGS_NO_COLOR(a->no_color),
        {.name = "socket",
         .type = OPTION_TEXT,
         .value_name = "FILE",
         .value = &a->socket,
         .help = "follow the agent at this socket, or none (default " CLIENT_SOCKET
                 " where one runs; not with --port, --timeout, --sample and --ring-bytes)"},
    };
    struct command_spec spec = *command;
    spec.options = options;
    spec.option_count = sizeof(options) / sizeof(options[0]) - !may_ask;
    return args_parse(&spec, argc, argv, first);
}

/* The agent's taps are as the agent was told, so who wants others has their own. */
static const char *agent_socket(const struct live_arguments *a)
{
    if (a->socket)
        return strcmp(a->socket, "none") == 0 ? NULL : a->socket;
    bool own = a->ports.count || a->timeout_ns || a->sample || a->ring_bytes;
    return own ? NULL : CLIENT_SOCKET;
}

int live_args_parse(struct live_arguments *a, struct trace_settings *s, bool may_ask,
                    const struct command_spec *command, int argc, char **argv)
{
    int first;
    int r = parse(a, may_ask, command, argc, argv, &first);
    if (r >= 0)
        return r;
    if (a->json && a->quiet)
        return args_usage(command->name, "--json and --quiet exclude each other");
    r = args_filter(argc, argv, first, &a->filter);
    if (r >= 0)
        return r;
    args_ports(&a->ports, s->tap.ports, &s->tap.port_count);
    s->tap.ring_bytes = (uint32_t)a->ring_bytes;
    s->tap.sample = (uint32_t)a->sample;
    s->txn.timeout_ns = a->timeout_ns;
    s->filter = a->filter;
    args_join(argc, argv, first, &a->filter_text);
    s->filter_text = a->filter ? buf_cstr(&a->filter_text) : NULL;
    s->agent_socket = may_ask ? agent_socket(a) : NULL;
    s->format = a->json ? REPORT_JSON : a->quiet ? REPORT_SUMMARY : REPORT_TABLE;
    s->color_off = a->no_color;
    s->count = a->count;
    s->duration_ns = a->duration_ns;
    return -1;
}

void live_args_done(struct live_arguments *a)
{
    filter_free(a->filter);
    a->filter = NULL;
    buf_done(&a->filter_text);
}
