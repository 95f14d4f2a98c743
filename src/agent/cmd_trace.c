/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "agent/live_args.h"
#include "agent/trace_agent.h"

int cmd_trace(int argc, char **argv)
{
    static const char *const examples[] = {
        "nameflow trace  every lookup of this host",
        "nameflow trace 'rcode!=NOERROR or outcome!=answered'  what fails",
        "nameflow trace 'latency>100ms' --json  what is slow, for other programs",
        "nameflow trace comm=nginx --for 1m --quiet  what one program does in a minute",
        NULL,
    };
    const struct command_spec command = {
        .name = "trace",
        .arguments = "[FILTER]",
        .summary = "Shows the DNS transactions of this host as they end: of every process, network "
                   "namespace and interface, loopback included. Ctrl-C ends with a summary. Where "
                   "an agent runs (nameflow serve) it tells of them; else this needs root, or "
                   "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.",
        .examples = examples,
    };
    struct live_arguments arguments = {0};
    struct trace_settings settings = {0};
    int r = live_args_parse(&arguments, &settings, true, &command, argc, argv);
    if (r < 0 && arguments.socket && settings.agent_socket)
        r = trace_agent_run(&settings); /* this one or none */
    else if (r < 0 && settings.agent_socket && trace_agent_there(settings.agent_socket))
        r = trace_agent_run(&settings);
    else if (r < 0)
        r = trace_run(&settings);
    live_args_done(&arguments);
    return r;
}
